//! `peregrine replay` as a program, on the capture that comes with it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests panic")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/sample/sample.scap");
const STARTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/peregrine_rules.yaml");

/// The program, in UTC and without colours.
fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peregrine"));
    command.arg("replay").args(args).env_clear().env("TZ", "UTC").current_dir("/");
    command
}

fn replay(args: &[&str]) -> Run {
    Run(program(args).stdin(Stdio::null()).output().unwrap())
}

struct Run(Output);

impl Run {
    fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    fn err(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    fn lines(&self) -> Vec<String> {
        self.out().lines().map(str::to_owned).collect()
    }

    fn json(&self) -> Vec<Value> {
        self.out().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    }
}

/// A directory of its own for each test.
fn dir(test: &str) -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("replay").join(test);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn file(test: &str, name: &str, bytes: &[u8]) -> String {
    let path = dir(test).join(name);
    fs::write(&path, bytes).unwrap();
    text(&path)
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// The sample without its compression.
fn plain_sample() -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(fs::File::open(SAMPLE).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Offsets of the blocks of an uncompressed capture.
fn blocks(bytes: &[u8]) -> Vec<usize> {
    let mut offsets = vec![0];
    while let Some(len) = bytes.get(offsets[offsets.len() - 1] + 4..).and_then(|b| b.first_chunk()) {
        offsets.push(offsets[offsets.len() - 1] + u32::from_le_bytes(*len) as usize);
    }
    offsets
}

/// A rule that each program start matches.
const STARTS: &str = "\
- rule: start
  desc: d
  condition: evt.type = execve
  output: start of %proc.name
  priority: NOTICE
- rule: bash
  desc: d
  condition: evt.type = execve and proc.name = bash
  output: a shell
  priority: ERROR
";

#[test]
fn the_sample_shows_alerts_of_many_rules() {
    let run = replay(&["--sample"]);
    assert_eq!(run.code(), 0, "{}", run.err());
    let alerts = run.lines();
    let rules: BTreeSet<&str> =
        alerts.iter().map(|l| l.rsplit_once(" [").unwrap().1.strip_suffix(']').unwrap()).collect();
    assert!(rules.len() >= 40, "{} rules: {rules:?}", rules.len());
    assert_eq!(
        alerts.last().unwrap(),
        "06:15:38.368283991 Error File with passwords read (file=/etc/shadow command=httpd lateopen 6 /etc/shadow \
         parent=bash user=root container=host) [Passwords read]"
    );
    let err = run.err();
    assert!(err.starts_with("using the 53 starter rules; -r FILE takes others\n"), "{err}");
    assert!(err.contains(&format!("\n{} alerts\n", alerts.len())), "{err}");
}

#[test]
fn the_starter_rules_have_no_findings_and_the_one_layout() {
    let run = |args: &[&str]| {
        Run(Command::new(env!("CARGO_BIN_EXE_peregrine")).args(args).arg(STARTER).output().unwrap())
    };
    let check = run(&["check", "--deny", "warnings"]);
    assert_eq!(check.code(), 0, "{}", check.out());
    assert!(
        check.out().ends_with("0 errors, 0 warnings\n") && check.out().lines().count() == 1,
        "{}",
        check.out()
    );
    assert_eq!(run(&["fmt", "--check"]).code(), 0);
}

#[test]
fn json_alerts_are_those_of_the_lines() {
    let (lines, json) = (replay(&["--sample"]).lines(), replay(&["--sample", "--json"]).json());
    assert_eq!(lines.len(), json.len());
    for (line, alert) in lines.iter().zip(&json) {
        let (rule, output) = (alert["rule"].as_str().unwrap(), alert["output"].as_str().unwrap());
        // Falco's form has a colon behind the time; control characters are shown in ours
        let (time, rest) = output.split_once(": ").unwrap();
        if !rest.contains('\n') {
            assert_eq!(line, &format!("{time} {rest} [{rule}]"));
        }
        let keys: Vec<&str> = alert.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            ["hostname", "output", "output_fields", "priority", "rule", "source", "tags", "time"]
        );
        assert!(alert["output_fields"]["evt.time"].is_u64());
        assert!(!alert["tags"].as_array().unwrap().is_empty());
    }
}

#[test]
fn the_summary_counts_every_alert() {
    let alerts = replay(&["--sample", "--json"]).json();
    let run = replay(&["--sample", "--summary", "--json"]);
    let summary = &run.json()[0];
    assert_eq!(summary["alerts"]["total"], alerts.len());
    let by_rule = summary["alerts"]["by_rule"].as_array().unwrap();
    for entry in by_rule {
        let of_rule = alerts.iter().filter(|a| a["rule"] == entry["rule"]).count();
        assert_eq!(entry["count"], of_rule, "{entry}");
    }
    let counts: Vec<u64> = by_rule.iter().map(|e| e["count"].as_u64().unwrap()).collect();
    assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
    let of_priorities = summary["alerts"]["by_priority"].as_array().unwrap().iter();
    assert_eq!(of_priorities.map(|e| e["count"].as_u64().unwrap()).sum::<u64>(), alerts.len() as u64);
    assert_eq!(summary["losses"], serde_json::json!({"threads_unknown": 1, "fds_unknown": 3}));
    assert!(summary["events"].as_u64().unwrap() > 3000);
    // as text, and on stdout alone
    let run = replay(&["--sample", "--summary"]);
    assert!(run.out().contains(&format!("\n{} alerts\n", alerts.len())), "{}", run.out());
    assert!(run.out().contains("        1  threads of which only the number is known\n"));
    assert_eq!(run.err().lines().count(), 1);
}

#[test]
fn what_comes_before_a_cut_is_processed() {
    let all = replay(&["--sample"]).lines();
    let plain = plain_sample();
    let offsets = blocks(&plain);
    let at = offsets[offsets.len() / 2];
    let path = file("cut", "cut.scap", &plain[..at + 13]);
    let run = replay(&[&path]);
    assert_eq!(run.code(), 1);
    let (err, lines) = (run.err(), run.lines());
    let expected =
        format!("peregrine: {path}: the capture is cut off at offset {at}, inside a block of kind event\n");
    assert!(err.ends_with(&expected), "{err}");
    assert!(lines.len() > 10 && lines.len() < all.len() && all.starts_with(&lines), "{}", lines.len());
    assert!(err.contains(&format!("\n{} alerts\n", lines.len())), "the summary is shown: {err}");
    // compressed
    let gzip = fs::read(SAMPLE).unwrap();
    let path = file("cut", "cut.scap.gz", &gzip[..gzip.len() / 2]);
    let run = replay(&[&path, "--summary", "--json"]);
    assert_eq!(run.code(), 1);
    let summary = &run.json()[0];
    assert!(summary["alerts"]["total"].as_u64().unwrap() > 10);
    let errors = summary["errors"].as_array().unwrap();
    assert!(errors[0].as_str().unwrap().contains("the capture is cut off at offset "), "{errors:?}");
}

#[test]
fn a_corrupt_block_is_named() {
    let mut plain = plain_sample();
    let offsets = blocks(&plain);
    let at = offsets[offsets.len() / 2];
    plain[at + 4] = 7; // its length
    let path = file("corrupt", "x.scap", &plain);
    let run = replay(&[&path]);
    assert_eq!(run.code(), 1);
    assert!(
        run.err().contains(&format!("the capture is corrupt at offset {at}, in a block of kind event: "))
    );
    assert!(run.lines().len() > 10);
}

#[test]
fn other_files_are_no_captures() {
    for (name, bytes) in [("text", &b"root:x:0:0"[..]), ("empty", b""), ("zeros", &[0; 9000])] {
        let path = file("garbage", name, bytes);
        let run = replay(&[&path]);
        assert_eq!((run.code(), run.out().as_str()), (1, ""), "{name}");
        assert!(run.err().contains("not a capture file"), "{}", run.err());
    }
}

#[test]
fn a_missing_file_is_told_and_others_are_replayed() {
    let run = replay(&["/nonexistent.scap", SAMPLE]);
    assert_eq!(run.code(), 2);
    assert!(run.err().contains("peregrine: /nonexistent.scap: No such file or directory"), "{}", run.err());
    assert_eq!(run.lines(), replay(&["--sample"]).lines());
    assert_eq!(replay(&["/nonexistent.scap"]).out(), "");
    assert_eq!(replay(&[env!("CARGO_TARGET_TMPDIR")]).code(), 2, "a directory");
    assert_eq!(replay(&[]).code(), 2, "no file");
    assert_eq!(replay(&["--sample", SAMPLE]).code(), 2, "both");
    assert_eq!(replay(&["--sample", "--write", "/nonexistent/x.scap"]).code(), 2, "no place to write");
}

#[test]
fn files_are_replayed_one_after_the_other() {
    let one = replay(&["--sample", "--json"]).json();
    let two = replay(&[SAMPLE, SAMPLE, "--json"]).json();
    assert_eq!(two, [one.clone(), one].concat());
}

#[test]
fn stdin_is_read() {
    let mut child =
        program(&["-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(SAMPLE).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), replay(&["--sample"]).out());
}

#[test]
fn events_are_listed() {
    let filter = "evt.type = connect and fd.sip = 169.254.169.254";
    let run = replay(&[SAMPLE, "--filter", filter, "--fields", "%proc.name\t%evt.type %6fd.sport|%fd.nmae"]);
    assert_eq!(run.code(), 2);
    let fields = "%proc.name\t%evt.type %6fd.sport|%toupper(proc.pname) %fd.name";
    let run = replay(&[SAMPLE, "--filter", filter, "--fields", fields]);
    assert_eq!(run.out(), "actor\tconnect 80    |BASH 169.254.169.254:48068->169.254.169.254:80\n");
    assert_eq!(run.code(), 0);
    assert!(
        run.err().contains("\n1 events for which the filter is true\n1 events listed\n"),
        "{}",
        run.err()
    );
    assert!(!run.err().contains("starter rules"));
    let run = replay(&[SAMPLE, "--filter", filter, "--fields", fields, "--json"]);
    let expected = serde_json::json!({"proc.name": "actor", "evt.type": "connect", "fd.sport": 80,
        "toupper(proc.pname)": "BASH", "fd.name": "169.254.169.254:48068->169.254.169.254:80"});
    assert_eq!(run.json(), [expected]);
    // without a format
    let run = replay(&[SAMPLE, "--filter", filter]);
    let line = run.out();
    assert!(line.contains(" actor (") && line.contains(") connect res=0 ") && line.ends_with('\n'), "{line}");
    // without a filter
    assert_eq!(replay(&["--sample", "--fields", "%evt.num"]).lines().len(), 97);
}

#[test]
fn events_that_a_filter_cannot_compare_are_counted() {
    // the type of a raw argument comes with the event: flags are numbers
    let run = replay(&[SAMPLE, "--filter", "evt.rawarg.flags = x", "--summary", "--json"]);
    let summary = &run.json()[0];
    assert_eq!(summary["listed"], 0);
    assert!(summary["losses"]["type_mismatches"].as_u64().unwrap() > 10, "{summary}");
}

#[test]
fn mistakes_in_arguments_are_pointed_at() {
    let run = replay(&[SAMPLE, "--filter", "proc.name = cat and fd.nmae = x"]);
    assert_eq!((run.code(), run.out().as_str()), (2, ""));
    let expected = "\
error[E0301]: unknown field `fd.nmae`
 --> --filter:1:21
  |
1 | proc.name = cat and fd.nmae = x
  |                     ^^^^^^^
  |
  = help: did you mean `fd.name`?
";
    assert_eq!(run.err(), expected);
    let run = replay(&[SAMPLE, "--filter", "proc.name = cat and (evt.type = open"]);
    assert!(run.code() == 2 && run.err().contains("--filter:1:"), "{}", run.err());
    let run = replay(&[SAMPLE, "--fields", "%evt.num %proc.nmae"]);
    assert!(run.err().contains(" --> --fields:1:10\n") && run.err().contains("`proc.name`"), "{}", run.err());
    let run = replay(&[SAMPLE, "--fields", "%evt.num", "-r", STARTER]);
    assert_eq!(run.code(), 2);
}

#[test]
fn rules_get_the_events_of_the_filter() {
    let all = replay(&["--sample", "--json"]).json();
    let run = replay(&["--sample", "--json", "--filter", "evt.type = connect"]);
    let expected: Vec<Value> = all.iter().filter(|a| connects(a)).cloned().collect();
    assert!(!expected.is_empty() && expected.len() < all.len());
    assert_eq!(run.json(), expected);
}

/// Whether an alert is of a rule about connections.
fn connects(alert: &Value) -> bool {
    let of_connect = ["Connection opened by the shell itself", "Cloud metadata asked for"];
    let rule = alert["rule"].as_str().unwrap();
    of_connect.contains(&rule)
        || rule.starts_with("Remote login")
        || rule.starts_with("Connection to a mining")
}

#[test]
fn rules_come_from_files_and_directories() {
    let path = file("rules", "a.yaml", STARTS.as_bytes());
    let run = replay(&[SAMPLE, "-r", &path]);
    assert!(!run.err().contains("starter rules"));
    let starts = run.lines().len();
    assert!(starts > 20 && run.lines().iter().all(|l| l.ends_with(" [start]")), "the first rule wins");
    let both = replay(&[SAMPLE, "-r", &path, "--rule-matching", "all"]);
    assert!(both.lines().len() > starts && both.out().contains(" Error a shell [bash]\n"));
    let grave = replay(&[SAMPLE, "-r", &path, "--priority", "error"]);
    assert!(!grave.lines().is_empty() && grave.lines().iter().all(|l| l.ends_with(" [bash]")));
    // a directory's files in order of their names, then another file
    let override_ = "- rule: start\n  enabled: false\n  override: {enabled: replace}\n";
    let directory = dir("rules_in_a_directory");
    fs::write(directory.join("a.yaml"), STARTS).unwrap();
    fs::write(directory.join("b.yml"), override_).unwrap();
    fs::write(directory.join("c.txt"), "not: [rules").unwrap();
    let run = replay(&[SAMPLE, "-r", &text(&directory)]);
    assert_eq!(run.lines(), grave.lines());
    let path = file("rules", "b.yaml", override_.as_bytes());
    let later = replay(&[SAMPLE, "-r", STARTER, "-r", &path]);
    assert_eq!((later.code(), later.out().as_str()), (1, ""), "overrides a rule that is not there");
}

#[test]
fn errors_in_rules_are_shown_as_check_shows_them() {
    let path =
        file("bad_rules", "bad.yaml", STARTS.replace("proc.name = bash", "proc.nmae = bash").as_bytes());
    let run = replay(&[SAMPLE, "-r", &path]);
    assert_eq!((run.code(), run.out().as_str()), (1, ""));
    let check = Command::new(env!("CARGO_BIN_EXE_peregrine")).args(["check", &path]).output().unwrap();
    let check = String::from_utf8(check.stdout).unwrap();
    assert!(run.err().contains("did you mean `proc.name`?"));
    assert!(check.starts_with(run.err().trim_end()), "{check}\n{}", run.err());
    assert_eq!(replay(&[SAMPLE, "-r", "/nonexistent.yaml"]).code(), 2);
    // warnings do not stop it
    let text = format!("{STARTS}  pirority: x\n");
    let path = file("bad_rules", "doubtful.yaml", text.as_bytes());
    let run = replay(&[SAMPLE, "-r", &path]);
    assert!(run.code() == 0 && run.err().starts_with("warning["), "{}", run.err());
    assert!(!run.lines().is_empty());
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let mut child = program(&["--sample"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(err.lines().count(), 1, "{err}");
}

#[test]
fn an_interrupt_ends_it_with_the_summary() {
    let mut child = program(&["-", "--summary"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // it listens to signals before it says this, and waits for its input for ever
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    err.read_line(&mut line).unwrap();
    assert!(line.contains("starter rules"), "{line}");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let stdin = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(output.status.code(), Some(130));
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("\nstopped before the end\n"), "{out}");
    line.clear();
    err.read_to_string(&mut line).unwrap();
    assert_eq!(line, "");
}

/// Fields that a cut keeps.
const KEPT: &str = "%evt.time %evt.type %evt.args %proc.name %proc.cmdline %proc.exepath %proc.pid %proc.pname \
    %proc.pcmdline %proc.aname[2] %proc.aname[3] %proc.sname %proc.cwd %proc.env %proc.nchilds %proc.nthreads \
    %proc.tty %proc.duration %user.name %user.loginuid %group.name %fd.name %fd.num %fd.typechar %fd.sip \
    %container.id %thread.tid %thread.cap_effective";

/// What is listed from a cut is what the filter lists from the whole.
fn cut_by(whole: &str, filter: &str, out: &str) -> (Vec<String>, Vec<String>) {
    let run = replay(&[whole, "--filter", filter, "--write", out]);
    assert_eq!((run.code(), run.out().as_str()), (0, ""), "{}", run.err());
    let listed = replay(&[whole, "--filter", filter, "--fields", KEPT, "--json"]).lines();
    assert!(
        run.err().contains(&format!("\n{} events written, and ", grouped(listed.len()))),
        "{}",
        run.err()
    );
    (listed, replay(&[out, "--fields", KEPT, "--json"]).lines())
}

fn grouped(n: usize) -> String {
    if n < 1000 { n.to_string() } else { format!("{},{:03}", n / 1000, n % 1000) }
}

#[test]
fn a_cut_has_the_same_alerts() {
    let out = text(&dir("cut_of_alerts").join("part.scap"));
    let plain = file("cut_of_alerts_whole", "whole.scap", &plain_sample());
    for filter in ["", "container.id != host", "fd.name contains /etc/ or evt.type = ptrace"] {
        let mut args = vec![plain.as_str(), "-r", STARTER, "--json"];
        if !filter.is_empty() {
            args.extend(["--filter", filter]);
        }
        let whole = replay(&args);
        args.extend(["--write", &out]);
        let cutting = replay(&args);
        assert_eq!(cutting.lines(), whole.lines(), "cutting changes nothing");
        let again = replay(&[&out, "-r", STARTER, "--json"]);
        assert!(!whole.lines().is_empty());
        assert_eq!(again.lines(), whole.lines(), "{filter}");
    }
}

#[test]
fn a_cut_by_a_filter_has_its_events_with_their_fields() {
    let out = text(&dir("cut_by_filter").join("part.scap"));
    let sample = fs::metadata(SAMPLE).unwrap().len();
    for (filter, smaller) in [
        ("proc.name = cat", true),
        ("evt.type in (dup2, accept, connect)", true),
        ("evt.type in (execve, openat)", false),
        ("user.uid = 65534", true),
    ] {
        let (whole, part) = cut_by(SAMPLE, filter, &out);
        assert!(!whole.is_empty() && whole == part, "{filter}: {} and {}", whole.len(), part.len());
        assert!(!smaller || fs::metadata(&out).unwrap().len() < sample, "{filter}");
    }
    // nothing is left of what is not needed
    let run = replay(&[SAMPLE, "--filter", "proc.name = nosuchprocess", "--write", &out]);
    assert!(run.err().contains("\n0 events written, and "), "{}", run.err());
    assert_eq!(replay(&[&out, "--fields", "%evt.num"]).out(), "");
}

#[test]
fn a_cut_can_take_the_place_of_the_whole() {
    let path = file("cut_in_place", "x.scap", &fs::read(SAMPLE).unwrap());
    let before = replay(&[&path, "--json"]).json();
    let run = replay(&[&path, "--priority", "error", "--json", "--write", &path]);
    let grave: Vec<Value> = run.json();
    assert!(grave.len() < before.len());
    assert_eq!(replay(&[&path, "--priority", "error", "--json"]).json(), grave);
    let entries: Vec<_> = fs::read_dir(Path::new(&path).parent().unwrap()).unwrap().collect();
    assert_eq!(entries.len(), 1, "no temporary file stays: {entries:?}");
}

#[test]
fn cuts_of_recorded_captures_have_the_same_events() {
    let root = std::env::var_os("PEREGRINE_CONFORMANCE").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance")),
        PathBuf::from,
    );
    let captures = root.join("captures");
    if !captures.is_dir() {
        eprintln!("skipped: no {}", captures.display());
        return;
    }
    let out = text(&dir("cut_of_recorded").join("part.scap"));
    let mut compared = 0;
    for (name, filter) in [
        ("attack-fset.scap", "fd.name startswith /tmp"),
        ("mix-fset.scap", "evt.type in (procexit, execve)"),
        ("mix.scap", "evt.type in (recvfrom, sendto, connect, accept4)"),
        ("build-fset.scap", "proc.name = sh"),
        // of old schemas
        ("upstream-libs-curl_google.scap", "evt.type in (connect, sendto, recvfrom, read)"),
        ("upstream-falco-connect_localhost.scap", "evt.type in (connect, open, openat)"),
        ("upstream-falco-cat_write.scap", "evt.type in (open, openat, write)"),
    ] {
        let (whole, part) = cut_by(&text(&captures.join(name)), filter, &out);
        assert!(whole == part, "{name}: {filter}: {} and {}", whole.len(), part.len());
        compared += whole.len();
    }
    assert!(compared > 1000, "{compared}");
}
