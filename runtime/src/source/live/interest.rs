//! Which events a ruleset needs.
//!
//! In: rules and `base_syscalls` of the configuration. Out: event types to record: those that rules look at, and
//! those that the state needs to tell who did it.

use crate::config::BaseSyscalls;
use crate::event::syscalls::SYSCALLS;
use crate::event::{Category, EVENTS, EventFlags};
use peregrine_compiler::rulefile::Rule;
use peregrine_probe::{Interest, PROC_EXIT, recipes};
use std::collections::BTreeSet;

/// COMPAT(falco): what `base_syscalls.repair` keeps of the state's system calls whatever rules look at.
const REPAIR: [&str; 19] = [
    "clone",
    "clone3",
    "fork",
    "vfork",
    "execve",
    "execveat",
    "fchdir",
    "chdir",
    "chroot",
    "capset",
    "setgid",
    "setpgid",
    "setresgid",
    "setresuid",
    "setsid",
    "setuid",
    "prctl",
    "setreuid",
    "setregid",
];
/// Calls that change limits, which no flag of their event types says.
const LIMITS: [u16; 2] = [143, 145];

/// Event types of a system call.
fn codes_of(name: &str) -> impl Iterator<Item = u16> {
    let found = SYSCALLS.iter().filter(move |(other, _)| *other == name);
    found.flat_map(|(_, codes)| codes.iter().copied())
}

fn has(code: u16, flags: u16) -> bool {
    EVENTS.get(usize::from(code)).is_some_and(|info| info.flags.0 & flags != 0)
}

/// What keeps the state whole.
fn state_set(known: &BTreeSet<u16>) -> BTreeSet<u16> {
    const STATE: u16 = EventFlags::MODIFIES_STATE.0 | EventFlags::CREATES_FD.0 | EventFlags::DESTROYS_FD.0;
    known.iter().copied().filter(|&code| has(code, STATE) || LIMITS.contains(&code)).collect()
}

/// COMPAT(falco): frequent input and output, which is recorded only with `base_syscalls.all`.
fn is_ignored(code: u16) -> bool {
    const IO: u16 = EventFlags::READS_FD.0 | EventFlags::WRITES_FD.0;
    const MEMORY: [u16; 4] = [159, 161, 163, 165];
    !has(code, EventFlags::MODIFIES_STATE.0) && (has(code, IO) && code != 413 || MEMORY.contains(&code))
}

/// The least that tells who did what rules look at.
fn repair(rules: &BTreeSet<u16>) -> BTreeSet<u16> {
    let mut set: BTreeSet<u16> = REPAIR.into_iter().flat_map(codes_of).collect();
    let category = |code: u16| EVENTS.get(usize::from(code)).map(|info| info.category);
    let any =
        |wanted: &[Category]| rules.iter().any(|&code| category(code).is_some_and(|c| wanted.contains(&c)));
    if any(&[Category::Net]) {
        set.extend(["socket", "getsockopt"].into_iter().flat_map(codes_of));
    }
    if ["accept", "accept4", "listen"].into_iter().flat_map(codes_of).any(|code| rules.contains(&code)) {
        set.extend(codes_of("bind"));
    }
    if any(&[Category::Net, Category::File, Category::IoRead, Category::IoWrite]) {
        set.extend(codes_of("close"));
    }
    set
}

/// What to record for the rules that `enabled` says are on.
pub fn of_rules(rules: &[Rule], enabled: &[bool], base: &BaseSyscalls) -> Interest {
    let known: BTreeSet<u16> = recipes().iter().map(|r| r.code).chain([PROC_EXIT]).collect();
    let on = rules.iter().zip(enabled).filter(|(rule, on)| **on && rule.source == "syscall");
    let wanted: BTreeSet<u16> =
        on.flat_map(|(rule, _)| rule.events.iter()).filter(|c| known.contains(c)).collect();
    let named = |prefix: bool| {
        let names = base.custom_set.iter();
        let chosen = names.filter(move |n| n.starts_with('!') == prefix);
        chosen.flat_map(|n| codes_of(n.trim_start_matches('!'))).collect::<BTreeSet<u16>>()
    };
    let (added, removed) = (named(false), named(true));
    let mut set = match (base.repair, added.is_empty()) {
        (true, true) => &wanted | &repair(&wanted),
        (true, false) => &(&wanted | &added) | &repair(&wanted),
        (false, true) => &wanted | &state_set(&known),
        (false, false) => &wanted | &added,
    };
    set = &set - &removed;
    if !base.all {
        set.retain(|&code| !is_ignored(code));
    }
    set.retain(|code| known.contains(code));
    set.insert(PROC_EXIT);
    Interest { codes: set, generic: Vec::new() }
}

/// Everything that the probe can record.
pub fn everything() -> Interest {
    Interest { codes: recipes().iter().map(|r| r.code).chain([PROC_EXIT]).collect(), generic: Vec::new() }
}
