//! `docs/events.md` says which event types the probe records: it is made from the probe's table and its live test.
//!
//! `UPDATE_DOCS=1 cargo test -p peregrine-runtime --test events_md` rewrites the file.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests panic")]

use peregrine_probe::{PROC_EXIT, Run, recipes};
use peregrine_runtime::event::EVENTS;
use peregrine_runtime::event::syscalls::SYSCALLS;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What an event of this machine does not tell, or why there is none.
const NOTES: &[(u16, &str)] = &[
    (29, "32-bit programs"),
    (33, "32-bit programs"),
    (51, "an event for each message, the first 16"),
    (55, "an event for each message, the first 16"),
    (89, "32-bit programs"),
    (163, "32-bit programs"),
    (327, "no flag for a file that was created"),
    (331, "a program that was executed is told as execve, with whatever call"),
    (373, "texts, not buffers"),
    (387, "32-bit programs"),
    (421, "the caller's own memory"),
    (423, "the caller's own memory"),
];

const PAGE: &str = "# Events of this machine

Which event types the probe records, with the parameters of Falco's schema. *Known call* means that
`kernel-probe/tests/live.rs` makes such a system call and compares type, arguments and result. This page is generated:
`UPDATE_DOCS=1 cargo test -p peregrine-runtime --test events_md`.

Beside system calls there are two places in the kernel: a program that was executed is told where it begins
(`sched_process_exec`), the end of a thread where it exits. Other things to know:

* System calls of 32-bit programs appear as the same event types, those of the table in `kernel-probe/src/table.rs`;
  operations of `socketcall` as what they do. Their calls without an event type of their own are not told.
* Paths and addresses are read when a call ends. Those of `open`, `openat`, `openat2`, `creat` and `connect` are also
  kept when it begins; if another thread has changed the memory meanwhile, an enter event with the first ones goes
  before the exit event. Of paths with 256 bytes and more there always is one.
* What a process does through an `io_uring` is told as the event of the system call that does the same, at the time at
  which it completes and as of the thread that asked for it; `evt.is_io_uring` tells them apart. Which operations:
  `kernel-probe/src/uring.rs`; known ones are made by `kernel-probe/tests/uring.rs`. `bind` and `listen` by a ring exist
  from 6.11 on, descriptors out of a ring's table from 6.8 on. Not seen: `splice`, `tee`, extended attributes, `statx`,
  `ftruncate`, `pipe`, sending a descriptor to another ring, socket commands; data in a buffer that the kernel chose;
  requests that were under way before the probe.
* What is there before the first event comes from the kernel's iterators over threads and open files, texts in a
  process's memory and its directories from /proc. Where the kernel has no iterators all comes from /proc, and
  descriptors of processes that may not be traced are not known.
* A vector's first 16 parts, 16 descriptors to poll, 64 arguments of an exec that fails, 4096 bytes of arguments,
  environment and groups, 32 parts of a path are told.

";

/// Event types of `it("name", code, ...)` in the program of the probe's test.
fn tested() -> BTreeSet<u16> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kernel-probe/tests/program");
    // the test of processes, and of calls without a type of their own
    let mut codes = BTreeSet::from([PROC_EXIT, 293, 1]);
    for file in fs::read_dir(dir).unwrap() {
        let source = fs::read_to_string(file.unwrap().path()).unwrap();
        for call in source.split(" it(").chain(source.split(".it(")).skip(1) {
            let behind_name = call.trim_start().strip_prefix('"').and_then(|c| c.split_once("\","));
            let code = behind_name.and_then(|(_, rest)| rest.split(',').next()?.trim().parse::<u16>().ok());
            codes.extend(code);
        }
    }
    codes
}

fn page() -> String {
    let recipes = recipes();
    let recorded: BTreeSet<u16> = recipes.iter().map(|r| r.code).chain([PROC_EXIT, 1]).collect();
    let tested = tested();
    let current = |code: &u16| {
        let info = &EVENTS[usize::from(*code)];
        let delivered = !info.is_old() && !info.is_unused();
        delivered
            && (*code == PROC_EXIT
                || (!info.is_syscall_enter() && SYSCALLS.iter().any(|s| s.1.contains(code))))
    };
    let all: Vec<u16> = (0..EVENTS.len() as u16).filter(current).chain([1]).collect();
    let done = all.iter().filter(|c| recorded.contains(c)).count();
    let mut text = PAGE.to_owned();
    let _ = writeln!(
        text,
        "{done} of {} event types are recorded, {} with a known call.\n",
        all.len(),
        tested.len()
    );
    text.push_str("| code | event | recorded | known call | note |\n|---|---|---|---|---|\n");
    for code in all {
        let yes = |is: bool| if is { "yes" } else { "no" };
        let note = NOTES.iter().find(|(c, _)| *c == code).map_or("", |(_, note)| note);
        let made = recipes.iter().any(|r| r.code == code && r.run == Run::Clone);
        let known = if made { "the test of processes" } else { yes(tested.contains(&code)) };
        let name = EVENTS[usize::from(code)].name;
        let _ = writeln!(text, "| {code} | {name} | {} | {known} | {note} |", yes(recorded.contains(&code)));
    }
    text
}

#[test]
fn events_md_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events.md");
    let text = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == text,
        "docs/events.md is not current: see {}",
        file!()
    );
}
