//! `peregrine falco` on captures: what happens beside rules, how a run ends.
#![expect(clippy::unwrap_used, reason = "tests panic")]

use peregrine_compiler::schema::EventCode;
use peregrine_runtime::event::build::EventBuilder;
use peregrine_runtime::source::capture::metadata::Machine;
use peregrine_runtime::source::capture::{Compression, Writer};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

const CONFIG: &str = "config_files: []\nlog_syslog: false\nlog_stderr: true\nlog_level: debug\n\
                      stdout_output: {enabled: true}\nrules_files: [rules.yaml]\n\
                      engine: {kind: replay, replay: {capture_file: x.scap}}\n";
const RULES: &str = "- rule: A write\n  desc: d\n  condition: evt.type = write\n  \
                     output: '%evt.rawtime.s %evt.buffer %evt.arg.data'\n  priority: INFO\n";
const SECOND_NS: u64 = 1_000_000_000;
const CLOSE: EventCode = EventCode(5);
const WRITE: EventCode = EventCode(9);

/// A directory of its own for each test, with a configuration and a rule file.
struct Dir(PathBuf);

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Dir {
    fn new(test: &str) -> Self {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("falco_replay").join(test);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("falco.yaml"), CONFIG).unwrap();
        fs::write(dir.join("rules.yaml"), RULES).unwrap();
        Self(dir)
    }

    /// With a capture that has a write at each of these times.
    fn with_writes(test: &str, times_ms: &[u64]) -> Self {
        let dir = Self::new(test);
        let mut feed = Feed::new(File::create(dir.0.join("x.scap")).unwrap());
        for ms in times_ms {
            feed.write(1_600_000_000 * SECOND_NS + ms * 1_000_000).unwrap();
        }
        feed.writer.finish().unwrap();
        dir
    }

    fn command(&self, options: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_peregrine"));
        command.args(["falco", "-c", "falco.yaml"]).current_dir(&self.0).env("FALCO_HOSTNAME", "vm");
        command.env("TZ", "UTC").args(options.iter().flat_map(|o| ["-o", o]));
        command
    }

    fn run(&self, options: &[&str]) -> Run {
        ended(&mut self.command(options))
    }

    fn lines(&self, name: &str) -> Vec<String> {
        fs::read_to_string(self.0.join(name)).unwrap().lines().map(str::to_owned).collect()
    }
}

fn ended(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl Run {
    /// Lines of stdout before the summary.
    fn alerts(&self) -> Vec<&str> {
        self.out.lines().take_while(|l| !l.starts_with("Events detected: ")).collect()
    }

    fn has_summary(&self, alerts: u64, occurrences: u64, actions: u64) -> bool {
        self.out.contains(&format!("Events detected: {alerts}\nRule counts by severity:\n"))
            && self.err.contains(&format!("event drop detected: {occurrences} occurrences"))
            && self.err.contains(&format!("num times actions taken: {actions}\n"))
    }
}

/// Writes a capture.
struct Feed<W: Write> {
    writer: Writer<W>,
    builder: EventBuilder,
}

impl<W: Write> Feed<W> {
    fn new(out: W) -> Self {
        let mut writer = Writer::new(out, Compression::Plain).unwrap();
        let machine = Machine { cpus: 3, hostname: "recorded".to_owned(), ..Machine::default() };
        writer.machine(&machine).unwrap();
        Self { writer, builder: EventBuilder::default() }
    }

    fn write(&mut self, ts_ns: u64) -> Result<(), Box<dyn std::error::Error>> {
        let params: [&[u8]; 4] =
            [&4_i64.to_le_bytes(), b"a\0b\xff", &1_i64.to_le_bytes(), &4_u32.to_le_bytes()];
        Ok(self.writer.event(0, false, &self.builder.build(ts_ns, 7, WRITE, &params)?)?)
    }

    fn close(&mut self, ts_ns: u64) -> Result<(), Box<dyn std::error::Error>> {
        let params: [&[u8]; 2] = [&0_i64.to_le_bytes(), &1_i64.to_le_bytes()];
        Ok(self.writer.event(0, false, &self.builder.build(ts_ns, 7, CLOSE, &params)?)?)
    }
}

#[test]
fn lost_events() {
    let dir = Dir::with_writes("lost", &[0, 1500, 3000, 4500]);
    let drops =
        |actions| format!("syscall_event_drops={{actions: [{actions}], simulate_drops: true, rate: 0}}");
    let message = "Falco internal: syscall event drop. 1 system calls dropped in last second.";

    let run = dir.run(&["syscall_event_drops={actions: [exit]}"]);
    assert!(run.code == Some(0) && run.has_summary(4, 0, 0), "a capture tells of no losses: {}", run.err);

    let run = dir.run(&[&drops("ignore"), "json_output=true"]);
    assert!(run.code == Some(0) && run.has_summary(4, 3, 1), "{} {}", run.out, run.err);
    assert_eq!(run.alerts().len(), 4);
    assert!(!run.err.contains(message));

    let run = dir.run(&[&drops("log")]);
    assert!(run.code == Some(0) && run.has_summary(4, 3, 1), "{} {}", run.out, run.err);
    assert_eq!(run.err.matches(message).count(), 1);
    assert_eq!(run.err.matches("token bucket depleted").count(), 2);

    // before the alert for the event that ends the second
    let run = dir.run(&[&drops("alert"), "json_output=true"]);
    assert!(run.code == Some(0) && run.has_summary(4, 3, 1), "{} {}", run.out, run.err);
    let alerts: Vec<Value> = run.alerts().iter().map(|l| serde_json::from_str(l).unwrap()).collect();
    let rules: Vec<&str> = alerts.iter().map(|a| a["rule"].as_str().unwrap()).collect();
    let internal = "Falco internal: syscall event drop";
    assert_eq!(rules, ["A write", internal, "A write", "A write", "A write"]);
    assert_eq!(alerts[1]["output"], message);
    assert_eq!(alerts[1]["time"], "2020-09-13T12:26:41.500000000Z");
    assert_eq!(alerts[1]["output_fields"]["n_drops"], "1");

    let run = dir.run(&[&drops("exit, alert")]);
    assert!(run.code == Some(1) && run.has_summary(1, 1, 1), "{} {}", run.out, run.err);
    assert_eq!(run.alerts().len(), 2);
    assert!(run.err.contains(message) && run.err.contains(": Exiting.\n") && run.err.contains("\nError: "));
}

#[test]
fn the_time_limit_is_about_events() {
    let dir = Dir::with_writes("limit", &[500, 1500, 2499, 2500, 9000]);
    for (seconds, expect) in [("1", 1), ("2", 3), ("3", 4), ("100", 5), ("0", 5)] {
        let run = ended(dir.command(&[]).args(["-M", seconds]));
        assert!(run.code == Some(0) && run.has_summary(expect, 0, 0), "-M {seconds}: {}", run.out);
    }
}

#[test]
fn captures_that_cannot_be_read() {
    let dir = Dir::with_writes("damaged", &[0, 1, 2]);
    let path = dir.0.join("x.scap");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    let run = dir.run(&[]);
    assert_eq!((run.code, run.alerts().len()), (Some(1), 2), "{}", run.out);
    assert!(run.has_summary(2, 0, 0), "what comes before the damage counts: {} {}", run.out, run.err);
    assert!(run.err.contains("\nError: x.scap: "), "{}", run.err);

    fs::write(dir.0.join("empty.scap"), "").unwrap();
    fs::write(dir.0.join("text.scap"), "# not a capture").unwrap();
    for (name, expect) in [
        ("none.scap", "Error: cannot open the capture `none.scap`: "),
        ("empty.scap", "Error: empty.scap: "),
        ("text.scap", "Error: text.scap: "),
    ] {
        let run = dir.run(&[&format!("engine.replay.capture_file={name}")]);
        assert_eq!((run.code, run.alerts().len()), (Some(1), 0), "{name}");
        assert!(run.err.contains(expect), "{}", run.err);
    }
}

#[test]
fn buffers_as_text_and_as_base64() {
    let dir = Dir::with_writes("base64", &[0]);
    for (option, expect) in [("false", "a.b. a.b."), ("true", "YQBi/w== YQBi/w==")] {
        let option = format!("buffer_format_base64={option}");
        let run = dir.run(&[&option]);
        assert_eq!(run.alerts(), [format!("12:26:40.000000000: Informational 1600000000 {expect}")]);
        let run = dir.run(&[&option, "json_output=true"]);
        let alert: Value = serde_json::from_str(run.alerts()[0]).unwrap();
        assert_eq!(alert["output_fields"]["evt.buffer"], expect.split(' ').next().unwrap());
    }
}

#[test]
fn snapshots_of_metrics() {
    let dir = Dir::with_writes("metrics", &[0, 1, 2]);
    let metrics = |rest| format!("metrics={{enabled: true, interval: 1h, {rest}}}");
    for option in [&metrics("output_rule: false"), "metrics={output_rule: true, output_file: m.jsonl}"] {
        assert_eq!(dir.run(&[option]).alerts().len(), 3, "{option}");
    }
    assert!(!dir.0.join("m.jsonl").exists());

    let both = metrics("output_rule: true, output_file: m.jsonl, include_empty_values: true");
    let run = dir.run(&[&both, "json_output=true"]);
    assert!(run.code == Some(0) && run.has_summary(3, 0, 0), "not counted: {}", run.out);
    let alert: Value = serde_json::from_str(run.alerts()[0]).unwrap();
    assert_eq!(alert["rule"], "Falco internal: metrics snapshot");
    assert_eq!((&alert["priority"], &alert["hostname"]), (&json!("Informational"), &json!("vm")));
    let fields = &alert["output_fields"];
    for (key, expect) in [
        ("evt.hostname", json!("recorded")),
        ("falco.host_num_cpus", json!(3)),
        ("falco.num_evts", json!(0)),
        ("falco.rules.A_write", json!(0)),
    ] {
        assert_eq!(fields[key], expect, "{key}");
    }
    let digest = ended(Command::new("sha256sum").arg(dir.0.join("rules.yaml"))).out;
    assert_eq!(fields["falco.sha256_rules_file.rules_yaml"], digest[..64]);
    assert!(fields.get("falco.sha256_config_file.falco_yaml").is_some());
    assert!(fields["falco.memory_rss_mb"].as_f64().unwrap() > 1.0);
    assert!(fields["falco.start_ts"].as_u64() <= fields["evt.time"].as_u64());
    assert_eq!(
        serde_json::from_str::<Value>(&dir.lines("m.jsonl")[0]).unwrap(),
        json!({"sample": 1, "output_fields": fields})
    );

    // the file is appended to
    let run = dir.run(&[&metrics("output_file: m.jsonl")]);
    assert_eq!((run.alerts().len(), dir.lines("m.jsonl").len()), (3, 2));
    let run = dir.run(&[&metrics("output_file: none/m.jsonl")]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert!(run.err.contains("Error: metrics.output_file: cannot open `none/m.jsonl`: "), "{}", run.err);
}

/// A run on a pipe that does not end.
struct Endless {
    child: Child,
    /// Always read, so that the program never waits for this test.
    out: JoinHandle<String>,
    err: BufReader<ChildStderr>,
}

impl Endless {
    /// The first alert is there when this returns.
    fn start(dir: &Dir, options: &[&str]) -> Self {
        let path = dir.0.join("x.scap");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let mut command = dir.command(options);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        thread::spawn(move || {
            let mut feed = Feed::new(File::create(path).unwrap());
            let write = |n, feed: &mut Feed<File>| if n % 256 == 0 { feed.write(n) } else { feed.close(n) };
            // until the reader is gone
            let mut times = SECOND_NS..u64::MAX;
            while times.next().is_some_and(|n| write(n, &mut feed).is_ok()) {}
        });
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let err = BufReader::new(child.stderr.take().unwrap());
        let (sender, first) = mpsc::channel();
        let out = thread::spawn(move || {
            let mut text = String::new();
            out.read_line(&mut text).unwrap();
            sender.send(text.clone()).unwrap();
            out.read_to_string(&mut text).unwrap();
            text
        });
        let line = first.recv().unwrap();
        assert!(line.contains(": Informational "), "{line}");
        Self { child, out, err }
    }

    fn wait_for_log(&mut self, part: &str) {
        let found = (&mut self.err).lines().map_while(Result::ok).any(|line| line.contains(part));
        assert!(found, "{part} is not logged");
    }

    /// Waits until a file has something in it: alerts go on, and the next one is written to it.
    fn wait_for_file(&mut self, path: &Path) {
        while fs::metadata(path).map_or(0, |m| m.len()) == 0 {
            assert!(
                self.child.try_wait().unwrap().is_none(),
                "the run ended before it wrote {}",
                path.display()
            );
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    fn end(mut self) -> Run {
        let mut err = String::new();
        self.err.read_to_string(&mut err).unwrap();
        Run { code: self.child.wait().unwrap().code(), out: self.out.join().unwrap(), err }
    }
}

#[test]
fn signals_end_a_run_with_its_summary() {
    for signal in ["INT", "TERM"] {
        let dir = Dir::new(&format!("signal_{signal}"));
        let run = Endless::start(&dir, &[]);
        run.signal(signal);
        let run = run.end();
        assert_eq!(run.code, Some(0), "{}", run.err);
        assert!(run.err.contains(&format!("SIG{signal} received, exiting...")), "{}", run.err);
        let alerts = run.alerts().len() as u64;
        assert!(run.has_summary(alerts, 0, 0), "{alerts}: {}", run.err);
    }
}

#[test]
fn a_signal_reopens_outputs() {
    let dir = Dir::new("reopen");
    let file = "file_output={enabled: true, keep_alive: true, filename: alerts}";
    let mut run = Endless::start(&dir, &[file]);
    fs::rename(dir.0.join("alerts"), dir.0.join("moved")).unwrap();
    run.signal("USR1");
    run.wait_for_log("SIGUSR1 received, reopening outputs");
    run.wait_for_file(&dir.0.join("alerts"));
    run.signal("TERM");
    let ended = run.end();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(!dir.lines("moved").is_empty() && !dir.lines("alerts").is_empty());
}

#[test]
fn rules_are_read_again_while_events_go_by() {
    let dir = Dir::new("reload");
    let mut run = Endless::start(&dir, &["file_output={enabled: true, filename: alerts}"]);
    let other = RULES.replace("A write", "Another").replace("output: '", "output: 'new ");
    fs::write(dir.0.join("rules.yaml"), &other).unwrap();
    run.signal("HUP");
    run.wait_for_log("1 rules were loaded");
    fs::write(dir.0.join("rules.yaml"), other.replace("evt.type = write", "evt.type = = write")).unwrap();
    run.signal("HUP");
    run.wait_for_log("the rules before stay in effect");
    run.signal("TERM");
    let ended = run.end();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let lines = dir.lines("alerts");
    let first_new = lines.iter().position(|l| l.contains("new ")).unwrap();
    let internal = |l: &str| l.contains("Hot restart failed");
    assert!(lines.iter().any(|l| internal(l)), "the failure is told");
    let (old, new): (Vec<&String>, Vec<&String>) =
        lines.iter().filter(|l| !internal(l)).partition(|l| !l.contains("new "));
    assert!(!old.is_empty() && lines[..first_new].iter().all(|l| !l.contains("new ")));
    assert!(
        lines[first_new..].iter().all(|l| l.contains("new ") || internal(l)),
        "no old rule after the new one"
    );
    // every event has its alert, by the one rule or the other
    let counts = [("A write", old.len()), ("Another", new.len())];
    for (name, count) in counts {
        assert!(ended.out.contains(&format!("   {name}: {count}\n")), "{name} {count}: {}", ended.out);
    }
    assert!(ended.out.contains(&format!("Events detected: {}\n", old.len() + new.len())));
}
