//! Events at the source: a program makes known system calls, and the events must be these, with their arguments
//! and results.
//!
//! The test starts itself as the program. For each call the program prints the event that is expected: its type
//! and parameters as it knows them. Only this process's children are recorded. Where eBPF cannot be had the tests
//! are counted as ignored, and why is said.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, reason = "tests panic")]

use libtest_mimic::{Arguments, Failed, Trial};
use peregrine_probe::{Filter, Interest, Options, PROC_EXIT, Probe, recipes};
use std::collections::BTreeSet;
use std::process::{Command, ExitCode};

mod common;
mod program;

use common::{Event, PROGRAM, Program, marked};

fn main() -> ExitCode {
    if std::env::var_os(PROGRAM).is_some() {
        program::run();
        return ExitCode::SUCCESS;
    }
    let mut arguments = Arguments::from_args();
    // each records this process's children, so one at a time
    arguments.test_threads = Some(1);
    let why_not = Probe::start(&options(Interest::default(), 1 << 16)).err();
    if let Some(why) = &why_not {
        println!("SKIPPED, eBPF cannot be had here: {why}");
    }
    let trial = |name: &str, test: fn() -> Result<(), Failed>| {
        Trial::test(name, test).with_ignored_flag(why_not.is_some())
    };
    let tests = vec![
        trial("events_are_the_calls_that_were_made", events_are_the_calls_that_were_made),
        trial("rarer_events_are_the_calls_that_were_made", rarer_events_are_the_calls_that_were_made),
        trial("calls_of_32_bit_programs_are_told_alike", calls_of_32_bit_programs_are_told_alike),
        trial("a_process_begins_executes_and_ends", a_process_begins_executes_and_ends),
        trial("what_is_not_asked_for_is_not_recorded", what_is_not_asked_for_is_not_recorded),
        trial(
            "what_changes_while_a_call_runs_is_told_as_it_was",
            what_changes_while_a_call_runs_is_told_as_it_was,
        ),
        trial("threads_and_files_that_are_there_are_told", threads_and_files_that_are_there_are_told),
        trial("a_full_ring_is_counted", a_full_ring_is_counted),
        trial("other_processes_are_not_recorded", other_processes_are_not_recorded),
    ];
    libtest_mimic::run(&arguments, tests).exit_code()
}

fn options(interest: Interest, ring_bytes: u32) -> Options {
    let mut options = Options::new(Filter::Tree(std::process::id()), interest);
    options.ring_bytes = ring_bytes;
    options
}

fn everything() -> Interest {
    Interest { codes: recipes().iter().map(|r| r.code).chain([PROC_EXIT]).collect(), generic: Vec::new() }
}

/// Everything that is recorded until nothing more comes.
fn all(probe: &mut Probe) -> Vec<Event> {
    marked(probe).into_iter().map(|(_, event)| event).collect()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

fn events_are_the_calls_that_were_made() -> Result<(), Failed> {
    known_calls("calls")
}

fn rarer_events_are_the_calls_that_were_made() -> Result<(), Failed> {
    known_calls("more")
}

fn calls_of_32_bit_programs_are_told_alike() -> Result<(), Failed> {
    known_calls("compat")
}

/// Compares the events of a part of the program with what it says it did.
fn known_calls(part: &str) -> Result<(), Failed> {
    let program = Program::start(part);
    let tid = u64::from(program.child.id());
    let mut probe = Probe::start(&options(everything(), 1 << 20))?;
    probe.add_to_tree(program.child.id())?;
    let expected = program.finish();
    let events = all(&mut probe);
    let codes: BTreeSet<u16> =
        expected.iter().map(|line| line.split(' ').nth(1).unwrap().parse().unwrap()).collect();
    // the program's own output and the loader's calls are of types that are expected, too: calls are looked for
    // in order, and what lies between them is passed over
    let mut events = events.iter().filter(|e| e.tid == tid && codes.contains(&e.code));
    let mut wrong = Vec::new();
    for line in &expected {
        let mut words = line.split_whitespace();
        let (name, code) = (words.next().unwrap(), words.next().unwrap().parse::<u16>().unwrap());
        let params: Vec<&str> = words.collect();
        let same = |event: &&Event| {
            event.code == code
                && event.params.len() == params.len()
                && event.params.iter().zip(&params).all(|(found, text)| match *text {
                    "*" => true,
                    "." => found.is_empty(),
                    text => *found == bytes_of(text),
                })
        };
        let rest = events.clone();
        if events.find(same).is_none() {
            let near: Vec<&Event> = rest.clone().filter(|e| e.code == code).take(3).collect();
            wrong.push(format!("{name}: expected {code} {params:?}\n    found {near:02x?}"));
            events = rest;
        }
    }
    println!("{} calls of {} event types", expected.len(), codes.len());
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn text(param: &[u8]) -> String {
    String::from_utf8_lossy(param).replace('\0', "|")
}

fn a_process_begins_executes_and_ends() -> Result<(), Failed> {
    let mut probe = Probe::start(&options(everything(), 1 << 20))?;
    let status = Command::new("/bin/sh").args(["-c", "/bin/true one two; exit 3"]).status()?;
    assert_eq!(status.code(), Some(3));
    let events = all(&mut probe);
    let execs: Vec<&Event> = events.iter().filter(|e| e.code == 293 && e.params[0] == [0; 8]).collect();
    let seen: Vec<(String, String)> =
        execs.iter().map(|e| (text(&e.params[1]), text(&e.params[2]))).collect();
    let expect = [("/bin/sh|", "-c|/bin/true one two; exit 3|"), ("/bin/true|", "one|two|")];
    assert_eq!(seen, expect.map(|(a, b)| (a.to_owned(), b.to_owned())));
    let run = execs[1];
    assert_eq!(text(&run.params[13]), "true|", "comm");
    assert!(text(&run.params[14]).starts_with("cpuset=/"), "cgroups: {}", text(&run.params[14]));
    assert!(text(&run.params[15]).contains("PATH="), "environment");
    let path = std::fs::canonicalize("/bin/true")?;
    assert_eq!(text(&run.params[27]), format!("{}|", path.display()), "path of the file");
    assert_eq!(text(&run.params[30]), "/bin/true|", "as it was named");
    let (shell, child) = (execs[0].tid, run.tid);
    let ends: Vec<(u64, u64)> = events
        .iter()
        .filter(|e| e.code == PROC_EXIT)
        .map(|e| (e.tid, u64::from_le_bytes(e.params[1][..].try_into().unwrap())))
        .collect();
    assert_eq!(ends, [(child, 0), (shell, 3)]);
    let begun =
        |e: &&Event| matches!(e.code, 223 | 225 | 227 | 335) && e.tid == child && e.params[0] == [0; 8];
    let begin = events.iter().find(begun).expect("the child's own event");
    assert_eq!(u64::from_le_bytes(begin.params[5][..].try_into().unwrap()), shell, "its parent");
    let order: Vec<usize> = [begun(&begin), true]
        .iter()
        .enumerate()
        .map(|(i, _)| events.iter().position(|e| if i == 0 { e == begin } else { e == run }).unwrap())
        .collect();
    assert!(order[0] < order[1], "a process begins before it executes");
    Ok(())
}

fn what_is_not_asked_for_is_not_recorded() -> Result<(), Failed> {
    let interest = Interest { codes: [277].into(), generic: Vec::new() };
    let mut probe = Probe::start(&options(interest.clone(), 1 << 16))?;
    assert!(Command::new("/bin/true").status()?.success());
    assert_eq!(all(&mut probe), []);
    probe.set_interest(&Interest { codes: [PROC_EXIT].into(), ..interest })?;
    assert!(Command::new("/bin/true").status()?.success());
    let codes: Vec<u16> = all(&mut probe).iter().map(|e| e.code).collect();
    assert_eq!(codes, [PROC_EXIT], "the change takes effect while the programs run");
    Ok(())
}

fn what_changes_while_a_call_runs_is_told_as_it_was() -> Result<(), Failed> {
    let mut probe = Probe::start(&options(everything(), 1 << 20))?;
    Program::start("race").finish();
    let events = all(&mut probe);
    let enters: Vec<&Event> = events.iter().filter(|e| matches!(e.code, 2 | 22 | 58 | 306 | 326)).collect();
    let number = |param: &[u8]| param.iter().rev().fold(0_u64, |n, b| n << 8 | u64::from(*b)) as i64;
    // where the path or address is in the enter event; one further in the exit event
    let seen: Vec<(u16, String, String)> = enters
        .iter()
        .map(|enter| {
            let at = usize::from(enter.code != 2);
            let behind = events.iter().skip_while(|e| !std::ptr::eq(*e, *enter));
            let exit = behind.clone().find(|e| e.code == enter.code + 1 && e.tid == enter.tid);
            let exit = exit.expect("the end of the call is behind its begin");
            let exit_at = if enter.code == 22 { 3 } else { at + 1 };
            (enter.code, text(&enter.params[at]), text(&exit.params[exit_at]))
        })
        .collect();
    let long = format!("{}pipe|", "./".repeat(200));
    let own = |code, before: &str, after: &str| (code, before.to_owned(), after.to_owned());
    assert_eq!(
        seen,
        [
            own(2, "pipe|", "safe|"),
            own(306, "pipe|", "safe|"),
            own(326, "pipe|", "safe|"),
            own(22, "\u{1}one|", "\u{1}two|"),
            own(306, &long, &long),
        ]
    );
    let of = |code| enters.iter().find(|e| e.code == code).unwrap();
    assert_eq!((of(2).params[1].clone(), number(&of(2).params[2])), (vec![1, 0, 0, 0], 0), "flags and mode");
    assert_eq!((number(&of(306).params[0]), of(306).params.len()), (-100, 4));
    assert_eq!((number(&of(326).params[0]), of(326).params.len()), (-100, 5));
    Ok(())
}

fn threads_and_files_that_are_there_are_told() -> Result<(), Failed> {
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::MetadataExt;
    let own = i64::from(std::process::id());
    let path = std::env::temp_dir().join(format!("peregrine-start-{own}"));
    let file = std::fs::File::create(&path)?;
    let ino = file.metadata()?.ino();
    let server = std::net::TcpListener::bind("127.0.0.1:0")?;
    let client = std::net::TcpStream::connect(server.local_addr()?)?;
    let socket_path = path.with_extension("socket");
    let unix = std::os::unix::net::UnixListener::bind(&socket_path)?;
    let mut probe = Probe::start(&options(everything(), 1 << 16))?;
    let (tasks, files) = (probe.tasks()?, probe.files()?);
    let _ = (std::fs::remove_file(&path), std::fs::remove_file(&socket_path));

    let task = tasks.iter().find(|t| t.tid == own).expect("this thread");
    let status = std::fs::read_to_string("/proc/self/status")?;
    let field = |name: &str, at: usize| {
        let line = status.lines().find_map(|l| l.strip_prefix(name)).unwrap();
        line.split_whitespace().nth(at).unwrap().to_owned()
    };
    let exe = std::fs::metadata("/proc/self/exe")?;
    assert_eq!((task.pid, task.parent), (own, field("PPid:", 0).parse()?));
    assert_eq!((task.uid, task.gid), (field("Uid:", 1).parse()?, field("Gid:", 1).parse()?));
    assert_eq!(
        task.own,
        [field("NSpid:", 0), field("NStgid:", 0), field("NSpgid:", 0)].map(|n| n.parse().unwrap())
    );
    assert_eq!(task.session, field("NSsid:", 0).parse()?);
    assert_eq!(task.caps[2], u64::from_str_radix(&field("CapEff:", 0), 16)?);
    assert_eq!(String::from_utf8_lossy(&task.comm), field("Name:", 0));
    let changed = |s: i64, ns: i64| (s * 1_000_000_000 + ns) as u64;
    let times = [changed(exe.ctime(), exe.ctime_nsec()), changed(exe.mtime(), exe.mtime_nsec())];
    assert_eq!(task.exe, [exe.ino(), times[0], times[1]]);
    let near = |kb: u32, name: &str| {
        let read: f64 = field(name, 0).parse().unwrap();
        assert!((f64::from(kb) / read - 1.0).abs() < 0.3, "{name} {kb} is not {read}");
    };
    near(task.vm_kb[0], "VmSize:");
    near(task.vm_kb[1], "VmRSS:");

    let of = |fd: i32| files.iter().find(|f| (f.pid, f.fd) == (own, i64::from(fd))).expect("a descriptor");
    let told = of(file.as_raw_fd());
    assert_eq!((told.ino, String::from_utf8_lossy(&told.path)), (ino, path.to_string_lossy()));
    assert_eq!(told.flags & 3, 2, "opened for writing");
    let (listening, connected) = (of(server.as_raw_fd()), of(client.as_raw_fd()));
    let socket = connected.socket.as_ref().unwrap();
    let port = |address: std::net::SocketAddr| address.port();
    assert_eq!(socket.ports, [port(client.local_addr()?), port(client.peer_addr()?)]);
    assert_eq!((socket.family, socket.kind, socket.protocol), (2, 1, 6));
    assert_eq!(socket.addresses.map(|a| [a[0], a[1], a[2], a[3]]), [[127, 0, 0, 1]; 2]);
    assert_eq!(listening.socket.as_ref().unwrap().ports, [port(server.local_addr()?), 0]);
    let unix = of(unix.as_raw_fd());
    assert_eq!(String::from_utf8_lossy(&unix.path), socket_path.to_string_lossy());
    assert!(unix.socket.as_ref().unwrap().ends[0] != 0);
    Ok(())
}

fn a_full_ring_is_counted() -> Result<(), Failed> {
    let mut probe = Probe::start(&options(everything(), 1 << 16))?;
    let program = Program::start("many");
    let tid = u64::from(program.child.id());
    let lines = program.finish();
    let made: u64 = lines[0].parse()?;
    let got = all(&mut probe).iter().filter(|e| e.code == 205 && e.tid == tid).count() as u64;
    let losses = probe.ledger()?.of_type(205);
    let lost = losses.of(peregrine_probe::Loss::RingFull);
    assert!(lost > 0, "the ring was large enough: {losses:?}");
    assert_eq!((got + lost, losses.sent), (made, got), "every event is delivered or counted");
    Ok(())
}

fn other_processes_are_not_recorded() -> Result<(), Failed> {
    // a process that is there already does not belong to the tree until it is added
    let program = Program::start("calls");
    let tid = u64::from(program.child.id());
    let mut probe = Probe::start(&options(everything(), 1 << 16))?;
    program.finish();
    assert!(all(&mut probe).iter().all(|e| e.tid != tid));
    Ok(())
}
