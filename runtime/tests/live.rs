//! `peregrine run`, `peregrine falco` and `peregrine selftest` on this machine's own events.
//!
//! Only children of these tests are recorded. Where eBPF cannot be had the tests are counted as ignored, and why is
//! said.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, reason = "tests panic")]

use libtest_mimic::{Arguments, Failed, Trial};
use peregrine_probe::{Filter, Interest, Options, Probe};
use serde_json::Value as Json;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitCode, Output, Stdio};

const RULES: &str = "
- rule: Marked file opened
  desc: d
  condition: evt.type in (open, openat) and fd.name endswith /marked
  output: '%evt.type %fd.name by %proc.cmdline of %proc.pname uid %user.uid result %evt.rawres'
  priority: WARNING
- rule: Marked program
  desc: d
  condition: evt.type = execve and evt.rawres = 0 and proc.args = marked-argument
  output: '%proc.exepath %proc.args of %proc.pname in %proc.cwd'
  priority: ERROR
- rule: Marked end
  desc: d
  condition: evt.type = procexit and evt.arg.ret = 42
  output: 'end of %proc.name'
  priority: INFO
";

const WORK: &str = "echo x > marked; cat marked > /dev/null; cat missing/marked 2> /dev/null; \
                    /bin/true marked-argument; sh -c 'exit 42'; true";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let none = Options::new(Filter::Tree(std::process::id()), Interest::default());
    let why_not = Probe::start(&none).err();
    if let Some(why) = &why_not {
        println!("SKIPPED, eBPF cannot be had here: {why}");
    }
    let trial = |name: &str, test: fn() -> Result<(), Failed>| {
        Trial::test(name, test).with_ignored_flag(why_not.is_some())
    };
    let tests = vec![
        trial("alerts_of_a_command_and_of_its_recording", alerts_of_a_command_and_of_its_recording),
        trial("falco_with_the_modern_probe", falco_with_the_modern_probe),
        trial("lost_events_raise_falcos_alert", lost_events_raise_falcos_alert),
        trial("selftest_alerts_everything", selftest_alerts_everything),
        trial("nothing_is_left_behind", nothing_is_left_behind),
        trial("a_run_ends_in_time", a_run_ends_in_time),
        trial("a_run_ends_as_its_command_does", a_run_ends_as_its_command_does),
        trial("threads_are_told_alike_by_iterators_and_proc", threads_are_told_alike_by_iterators_and_proc),
        trial(
            "calls_without_a_type_of_their_own_are_recorded",
            calls_without_a_type_of_their_own_are_recorded,
        ),
        trial(
            "lost_events_are_counted_and_the_state_is_read_anew",
            lost_events_are_counted_and_the_state_is_read_anew,
        ),
    ];
    libtest_mimic::run(&arguments, tests).exit_code()
}

/// A program that is ended with the test, however that goes: it would watch on.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = (self.0.kill(), self.0.wait());
    }
}

impl std::ops::Deref for Ended {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl std::ops::DerefMut for Ended {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

fn peregrine(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peregrine"));
    command.args(args).current_dir(dir).env("TZ", "UTC").stdin(Stdio::null());
    command
}

fn output(dir: &Path, args: &[&str]) -> Output {
    peregrine(dir, args).output().unwrap()
}

fn alerts(output: &Output) -> Vec<Json> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn alerts_of_a_command_and_of_its_recording() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    fs::write(dir.path().join("rules.yaml"), RULES)?;
    let run =
        output(dir.path(), &["run", "-r", "rules.yaml", "--json", "-w", "out.scap", "--", "sh", "-c", WORK]);
    let error = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(0), "{error}");
    let live = alerts(&run);
    let texts: Vec<&str> = live.iter().map(|a| a["output"].as_str().unwrap()).collect();
    let place = dir.path().canonicalize()?;
    let place = place.display();
    let expect = [
        format!("openat {place}/marked by sh -c {WORK} of peregrine uid 0 result 3"),
        format!("openat {place}/marked by cat marked of sh uid 0 result 3"),
        format!("openat {place}/missing/marked by cat missing/marked of sh uid 0 result -2"),
        format!("marked-argument of sh in {place}/"),
        "end of sh".to_owned(),
    ];
    assert_eq!(texts.len(), expect.len(), "{texts:#?}\n{error}");
    for (text, expect) in texts.iter().zip(&expect) {
        assert!(text.contains(expect), "{text}\nis not\n{expect}");
    }
    assert!(!error.contains("losses:"), "{error}");
    let replay = output(dir.path(), &["replay", "out.scap", "-r", "rules.yaml", "--json"]);
    assert_eq!(alerts(&replay), live, "a recording gives the same alerts");
    Ok(())
}

/// `peregrine falco` that watches this process's children, and the rest of its stderr.
fn falco(dir: &Path) -> (Ended, BufReader<ChildStderr>) {
    let mut command = peregrine(dir, &["falco", "-c", "falco.yaml"]);
    command.env("PEREGRINE_ONLY_TREE", std::process::id().to_string());
    let mut child = Ended(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let opened = (&mut log).lines().map_while(Result::ok).any(|l| l.contains("Opening 'syscall' source"));
    assert!(opened, "the probe did not come up");
    (child, log)
}

fn falco_with_the_modern_probe() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    fs::write(dir.path().join("rules.yaml"), RULES)?;
    fs::write(
        dir.path().join("falco.yaml"),
        "{engine: {kind: modern_ebpf}, rules_files: [rules.yaml], stdout_output: {enabled: true}, json_output: true, log_stderr: true, log_level: info}",
    )?;
    let (mut child, _log) = falco(dir.path());
    assert!(Command::new("sh").args(["-c", WORK]).current_dir(dir.path()).status()?.success());
    // other tests of this program may run beside: the last alert of this one's files tells that all are there
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.lines().any(|l| l.contains("Marked program") && l.contains(&*dir.path().to_string_lossy())) {
        assert!(out.read_line(&mut text)? > 0, "{text}");
    }
    Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status()?;
    out.read_to_string(&mut text)?;
    assert!(child.wait()?.success());
    let place = dir.path().canonicalize()?.display().to_string();
    let own = text.lines().filter(|l| l.starts_with('{') && l.contains(&place)).count();
    assert_eq!(own, 4, "{text}");
    assert!(text.contains("Events detected: "), "{text}");
    Ok(())
}

fn lost_events_raise_falcos_alert() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    fs::write(dir.path().join("rules.yaml"), RULES)?;
    let config = "{engine: {kind: modern_ebpf, modern_ebpf: {buf_size_preset: 1, drop_failed_exit: true}}, \
                   rules_files: [rules.yaml], stdout_output: {enabled: true}, json_output: true, log_level: info, \
                   log_stderr: true, syscall_event_drops: {threshold: 0.01, actions: [log, alert]}}";
    fs::write(dir.path().join("falco.yaml"), config)?;
    let (mut child, mut log) = falco(dir.path());
    // the reader is there when it tells an alert
    let mark = || {
        Command::new("sh")
            .args(["-c", "cat missing/marked; echo x > marked"])
            .current_dir(dir.path())
            .output()
    };
    mark()?;
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let own = dir.path().to_string_lossy().into_owned();
    let mut next = |what: &str| lines.find(|l| l.contains(what)).expect(what);
    next(&own);
    let signal = |name: &str| Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
    signal("STOP")?;
    let storm = "i=0; while [ $i -lt 20000 ]; do : > /dev/null; i=$((i+1)); done";
    assert!(Command::new("sh").args(["-c", storm]).status()?.success());
    signal("CONT")?;
    let alert: Json = serde_json::from_str(&next("Falco internal: syscall event drop"))?;
    let field = |name: &str| alert["output_fields"][name].as_str().and_then(|n| n.parse::<u64>().ok());
    assert_eq!(alert["priority"], "Debug", "{alert:#}");
    assert!(field("n_drops").is_some_and(|n| n > 1000), "{alert:#}");
    assert!(field("n_drops_buffer_total").is_some_and(|n| n > 1000), "{alert:#}");
    mark()?;
    let again = next(&own);
    assert!(again.contains("result 3"), "calls that fail are not recorded: {again}");
    signal("TERM")?;
    let mut rest = String::new();
    log.read_to_string(&mut rest)?;
    assert!(child.wait()?.success());
    assert!(rest.contains("system calls dropped in last second"), "{rest}");
    Ok(())
}

fn selftest_alerts_everything() -> Result<(), Failed> {
    let run = output(Path::new("/"), &["selftest", "--json"]);
    let report: Json = serde_json::from_slice(&run.stdout)?;
    assert_eq!(run.status.code(), Some(0), "{report:#}");
    assert!(report["tests"].as_array().unwrap().len() >= 12);
    assert_eq!(report["missed"], 0, "{report:#}");
    Ok(())
}

/// Programs and maps of eBPF that a process holds.
fn held(pid: u32) -> usize {
    let Ok(fds) = fs::read_dir(format!("/proc/{pid}/fd")) else { return 0 };
    let links = fds.filter_map(|fd| fs::read_link(fd.ok()?.path()).ok());
    links.filter(|l| l.to_string_lossy().contains("bpf")).count()
}

/// A run that watches this process's children, and the rest of its stderr.
fn watching(args: &[&str]) -> (Ended, BufReader<ChildStderr>) {
    let own = std::process::id().to_string();
    let mut command = peregrine(Path::new("/"), &["run", "--pid", &own]);
    let mut child = Ended(command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut error = BufReader::new(child.stderr.take().unwrap());
    let watches = (&mut error).lines().map_while(Result::ok).any(|line| line.starts_with("watching"));
    assert!(watches, "the probe did not come up");
    (child, error)
}

fn nothing_is_left_behind() -> Result<(), Failed> {
    let pins = || fs::read_dir("/sys/fs/bpf").map_or(0, Iterator::count);
    let before = pins();
    let (mut child, _error) = watching(&[]);
    assert!(held(child.id()) >= 10, "programs and maps are held by the process");
    assert_eq!(pins(), before, "nothing is pinned, so that the process's end is the end of everything");
    child.kill()?;
    child.wait()?;
    let run = output(Path::new("/"), &["run", "--summary", "--", "true"]);
    assert!(run.status.success(), "it can be started again");
    Ok(())
}

fn a_run_ends_as_its_command_does() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    for (command, code) in [("exit 7", 7), ("kill -TERM $$", 128 + 15), ("true", 0)] {
        let output = output(dir.path(), &["run", "--summary", "--", "sh", "-c", command]);
        assert_eq!(output.status.code(), Some(code), "{command}");
    }
    Ok(())
}

fn threads_are_told_alike_by_iterators_and_proc() -> Result<(), Failed> {
    use peregrine_runtime::source::capture::Item;
    use peregrine_runtime::source::live::{Live, Procfs};
    let own = i64::from(std::process::id());
    let mut live = Live::start(&Options::new(Filter::Tree(std::process::id()), Interest::default()))?;
    assert_eq!(live.without_iterators(), None);
    let told = live.snapshot().into_iter().find_map(|item| match item {
        Item::Processes(all) => all.into_iter().find(|p| p.tid == own),
        _ => None,
    });
    let (mut told, mut read) = (told.unwrap(), Procfs::new().thread(own).unwrap());
    for process in [&mut told, &mut read] {
        // what changes while it is looked at, and the start of the namespace, which /proc says in seconds only
        (process.vmsize_kb, process.vmrss_kb, process.pfminor, process.pfmajor) = (0, 0, 0, 0);
        process.pidns_init_start_ns = 0;
    }
    assert_eq!(told, read);
    Ok(())
}

fn calls_without_a_type_of_their_own_are_recorded() -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let rule =
        "- {rule: yields, desc: d, condition: evt.type = sched_yield, output: '%evt.type', priority: INFO}";
    fs::write(dir.path().join("rules.yaml"), rule)?;
    // x86-64's number of the call
    let program = "syscall(24); syscall(24)";
    let output = output(dir.path(), &["run", "-r", "rules.yaml", "--", "perl", "-e", program]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.lines().filter(|l| l.ends_with("sched_yield [yields]")).count(), 2, "{text}");
    Ok(())
}

fn a_run_ends_in_time() -> Result<(), Failed> {
    let own = std::process::id().to_string();
    let run = output(Path::new("/"), &["run", "--pid", &own, "--seconds", "1", "--summary", "--json"]);
    assert!(run.status.success());
    let summary: Json = serde_json::from_slice(&run.stdout)?;
    assert_eq!(summary["stopped"], false);
    for (args, expect) in [
        (&["run", "--pid", "4194305"][..], "there is no process 4194305"),
        (&["run", "--cgroup", "/no/such/group"], "/no/such/group"),
        (&["run", "--ring", "3"], "not a power of two"),
    ] {
        let refused = output(Path::new("/"), args);
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{error}");
        assert!(error.contains(expect), "{error}");
    }
    Ok(())
}

fn lost_events_are_counted_and_the_state_is_read_anew() -> Result<(), Failed> {
    let (mut child, mut error) = watching(&["--ring", "1", "--summary", "--json"]);
    let id = child.id().to_string();
    let signal = |name: &str| Command::new("kill").args(["-s", name, &id]).status();
    signal("STOP")?;
    let storm = "i=0; while [ $i -lt 20000 ]; do : > /dev/null; i=$((i+1)); done";
    assert!(Command::new("sh").args(["-c", storm]).status()?.success());
    signal("CONT")?;
    let mut lines = (&mut error).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("processes and descriptors were read anew")));
    signal("TERM")?;
    let mut text = String::new();
    child.stdout.as_mut().unwrap().read_to_string(&mut text)?;
    child.wait()?;
    let summary: Json = serde_json::from_str(&text)?;
    assert!(summary["losses"]["ring_full"].as_u64().is_some_and(|n| n > 1000), "{summary:#}");
    Ok(())
}
