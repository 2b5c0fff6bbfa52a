//! What is done through `io_uring`, at the source: a program makes known operations, and the events must be these.
//!
//! The test starts itself as the program. For each operation the program prints the event that is expected: its
//! thread, type and parameters as it knows them. Only this process's children are recorded. Where eBPF or `io_uring`
//! cannot be had the tests are counted as ignored, and why is said.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, reason = "tests panic")]

use libtest_mimic::{Arguments, Failed, Trial};
use peregrine_probe::{Filter, Interest, Loss, Options, Probe, ProbeError, recipes};
use std::process::ExitCode;
use uring_program::ring::{Ring, SETUP_SQPOLL};

mod common;
mod uring_program;

use common::{Event, PROGRAM, Program, marked};

fn main() -> ExitCode {
    if let Some(part) = std::env::var_os(PROGRAM) {
        uring_program::run(part.to_str().unwrap());
        return ExitCode::SUCCESS;
    }
    let mut arguments = Arguments::from_args();
    // each records this process's children, so one at a time
    arguments.test_threads = Some(1);
    let why_not = match Probe::start(&options(Interest::default())) {
        Err(why @ ProbeError::Refused { .. }) => panic!("{why}"),
        Err(why) => Some(format!("eBPF cannot be had here: {why}")),
        Ok(probe) if probe.without_uring().is_some() => probe.without_uring().map(str::to_owned),
        Ok(_) => Ring::new(2, 0).err().map(|why| format!("io_uring cannot be had: {why}")),
    };
    if let Some(why) = &why_not {
        println!("SKIPPED, {why}");
    }
    let no_thread = Ring::new(2, SETUP_SQPOLL).err();
    if let Some(why) = &no_thread {
        println!("SKIPPED, the kernel's own thread cannot be had: {why}");
    }
    let trial = |name: &str, test: Box<dyn FnOnce() -> Result<(), Failed> + Send>| {
        Trial::test(name, test).with_ignored_flag(why_not.is_some())
    };
    let part = |name: &str, part: &'static str| trial(name, Box::new(move || check(part)));
    let tests = vec![
        part("operations_become_events_of_calls", "inline"),
        part("operations_of_workers_become_events_of_calls", "async"),
        part("operations_of_the_kernels_thread_become_events_of_calls", "sqpoll")
            .with_ignored_flag(why_not.is_some() || no_thread.is_some()),
        part("descriptors_of_the_ring_have_numbers", "slots"),
        part("a_request_has_several_results", "several"),
        part("a_full_queue_hides_nothing", "full"),
        part("what_has_no_completion_is_told_at_once", "silent"),
        part("events_are_of_the_thread_that_submitted", "threads"),
        trial("what_cannot_be_remembered_is_told_at_once", Box::new(too_many)),
        trial("alike_requests_do_not_hide_each_other", Box::new(alike)),
        trial("what_is_not_asked_for_is_not_recorded", Box::new(not_asked_for)),
    ];
    libtest_mimic::run(&arguments, tests).exit_code()
}

fn options(interest: Interest) -> Options {
    let mut options = Options::new(Filter::Tree(std::process::id()), interest);
    options.ring_bytes = 1 << 22;
    options
}

fn everything() -> Interest {
    Interest { codes: recipes().iter().map(|r| r.code).collect(), generic: Vec::new() }
}

/// Events that are marked; the last parameter is whether the result is not known.
fn by_uring(probe: &mut Probe) -> Vec<Event> {
    let marked = marked(probe).into_iter().filter(|(mark, _)| mark.io_uring);
    marked
        .map(|(mark, mut event)| {
            event.params.push(vec![u8::from(mark.result_unknown)]);
            event
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat()
}

fn matches(found: &[u8], expected: &str) -> bool {
    match expected {
        "*" => true,
        "+" => found.iter().any(|b| *b != 0),
        text => hex(found) == text,
    }
}

/// All events of a part of the program, and no others, in the order of the operations.
fn check(part: &str) -> Result<(), Failed> {
    let program = Program::start(part);
    let mut probe = Probe::start(&options(everything()))?;
    probe.add_to_tree(program.child.id())?;
    let expected = program.finish();
    let events = by_uring(&mut probe);
    let mut wrong = Vec::new();
    for (i, line) in expected.iter().enumerate() {
        let words: Vec<&str> = line.split(' ').collect();
        let (tid, code): (u64, u16) = (words[1].parse()?, words[2].parse()?);
        let same = |event: &Event| {
            (event.tid, event.code, event.params.len()) == (tid, code, words.len() - 3)
                && event.params.iter().zip(&words[3..]).all(|(found, text)| matches(found, text))
        };
        if !events.get(i).is_some_and(same) {
            let found = events.get(i).map(|e| {
                let params: Vec<String> = e.params.iter().map(|p| hex(p)).collect();
                format!("{} {} {}", e.tid, e.code, params.join(" "))
            });
            wrong.push(format!("expected {line}\n    found {found:?}"));
        }
    }
    if events.len() != expected.len() {
        wrong.push(format!("expected {} events\n    found {}", expected.len(), events.len()));
    }
    println!("{part}: {} operations, {} events", expected.len(), events.len());
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn too_many() -> Result<(), Failed> {
    let program = Program::start("many");
    let mut probe = Probe::start(&options(Interest { codes: [307].into(), generic: Vec::new() }))?;
    probe.add_to_tree(program.child.id())?;
    program.finish();
    let events = by_uring(&mut probe);
    let unknown = events.iter().filter(|e| e.params[7] == [1]).count();
    assert_eq!(events.len(), uring_program::MANY as usize - 1, "each is told once");
    assert!(unknown > 0 && unknown < events.len(), "{unknown} were told at once");
    assert!(events.iter().all(|e| e.params[2] == b"missing\0"));
    assert_eq!(probe.ledger()?.of_type(307).of(Loss::TableFull), unknown as u64, "they are counted");
    Ok(())
}

fn alike() -> Result<(), Failed> {
    let program = Program::start("alike");
    let mut probe = Probe::start(&options(everything()))?;
    probe.add_to_tree(program.child.id())?;
    program.finish();
    let events = by_uring(&mut probe);
    let of = |code: u16| events.iter().filter(|e| e.code == code).count();
    assert_eq!((of(307), of(7)), (6, 1), "each is told once");
    // which of them meet at the full queue is a matter of time; 6.1 tells completions in any case
    let unknown = events.iter().filter(|e| e.params.last().is_some_and(|p| p[0] == 1)).count();
    println!("alike: {unknown} results are not known");
    Ok(())
}

fn not_asked_for() -> Result<(), Failed> {
    let program = Program::start("inline");
    let interest = Interest { codes: [305, 3].into(), generic: Vec::new() };
    let mut probe = Probe::start(&options(interest))?;
    probe.add_to_tree(program.child.id())?;
    program.finish();
    let codes: Vec<u16> = by_uring(&mut probe).iter().map(|e| e.code).collect();
    assert_eq!(codes, [305, 305], "of all operations those alone");
    probe.set_interest(&Interest { codes: [3].into(), generic: Vec::new() })?;
    let program = Program::start("inline");
    probe.add_to_tree(program.child.id())?;
    program.finish();
    assert_eq!(by_uring(&mut probe), []);
    // recording begins and ends while the probe runs
    probe.set_interest(&everything())?;
    let program = Program::start("threads");
    probe.add_to_tree(program.child.id())?;
    program.finish();
    assert_eq!(by_uring(&mut probe).len(), 4);
    Ok(())
}
