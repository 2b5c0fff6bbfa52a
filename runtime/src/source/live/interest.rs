//! Which events a ruleset needs.
//!
//! In: rules and `base_syscalls` of the configuration. Out: event types to record: those that rules look at, and
//! those that the state needs to tell who did it.

use crate::config::BaseSyscalls;
use crate::event::syscalls::{SYSCALLS, to_x86_64};
use crate::event::{Category, EVENTS, EventFlags};
use peregrine_compiler::rulefile::Rule;
use peregrine_compiler::schema::ScCode;
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

/// Event types of a system call; some have another name than their events, and both are understood.
fn codes_of(name: &str) -> impl Iterator<Item = u16> {
    let by_event = move |codes: &[u16]| {
        codes.iter().any(|&code| EVENTS.get(usize::from(code)).is_some_and(|info| info.name == name))
    };
    let found = SYSCALLS.iter().filter(move |(other, codes)| *other == name || by_event(codes));
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
    let of_rules = rules.iter().zip(enabled).filter(|(rule, on)| **on && rule.source == "syscall");
    let asked: BTreeSet<u16> = of_rules.flat_map(|(rule, _)| rule.syscalls.iter()).collect();
    let is_named = |name: &str, prefix: &str| {
        base.custom_set.iter().any(|n| n.strip_prefix(prefix).is_some_and(|n| n == name))
    };
    let generic = generic(|sc, name| (asked.contains(&sc) || is_named(name, "")) && !is_named(name, "!"));
    Interest { codes: set, generic }
}

/// System calls without an event type of their own that `wanted` says: number of the machine, number in the format.
fn generic(wanted: impl Fn(u16, &str) -> bool) -> Vec<(u32, u16)> {
    let without = (0..).zip(&SYSCALLS).filter(|(_, (_, codes))| codes.is_empty());
    without
        .filter(|(sc, (name, _))| wanted(*sc, name))
        .filter_map(|(sc, _)| Some((u32::from(to_x86_64(ScCode(sc))?), sc)))
        .collect()
}

/// Everything that the probe can record.
pub fn everything() -> Interest {
    let codes = recipes().iter().map(|r| r.code).chain([PROC_EXIT]).collect();
    Interest { codes, generic: generic(|_, _| true) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::syscall_schema;
    use peregrine_compiler::rulefile::{Loader, Options};
    use peregrine_compiler::schema::Type;
    use peregrine_probe::{Kind, Run};

    /// Bytes that values of a type have; `None` for any number.
    fn width(ty: Type) -> Option<u16> {
        Some(match ty {
            Type::Int8 | Type::Uint8 | Type::Flags8 | Type::EnumFlags8 | Type::SigType => 1,
            Type::Int16 | Type::Uint16 | Type::Flags16 | Type::EnumFlags16 | Type::SyscallId => 2,
            Type::Int32 | Type::Uint32 | Type::Flags32 | Type::EnumFlags32 | Type::Mode => 4,
            Type::Uid | Type::Gid | Type::SigSet => 4,
            Type::Int64
            | Type::Uint64
            | Type::Errno
            | Type::Fd
            | Type::Pid
            | Type::RelTime
            | Type::AbsTime => 8,
            _ => return None,
        })
    }

    #[test]
    fn recipes_have_the_parameters_of_their_types() {
        let mut plain = 0;
        for recipe in recipes() {
            let info = &EVENTS[usize::from(recipe.code)];
            if matches!(recipe.run, Run::Clone | Run::Exec) {
                continue; // programs of their own, which live tests compare
            }
            assert_eq!(recipe.ops.len(), info.params.len(), "{}", info.name);
            for (op, param) in recipe.ops.iter().zip(info.params) {
                let what = format!("{} {} {:?} {:?}", info.name, param.name, param.ty, op.kind);
                let bytes = match op.kind {
                    Kind::Int | Kind::Zero => op.extra,
                    Kind::Facts16 | Kind::Flags16 | Kind::Nr | Kind::Syscall | Kind::SemOp => 2,
                    Kind::Quota => match op.extra {
                        0..=8 => 8,
                        11 => 2,
                        13 => 4,
                        15 => continue,
                        _ => 1,
                    },
                    Kind::Offset => 8,
                    Kind::Ret32 | Kind::At32 | Kind::Vm | Kind::RetDev | Kind::FlagsFacts => 4,
                    Kind::IovSize | Kind::MsgSize | Kind::QueueLen | Kind::QueueMax | Kind::SigSet => 4,
                    Kind::RetSize | Kind::SemValue => 4,
                    Kind::QueuePercent => 1,
                    Kind::Ret | Kind::Fd | Kind::At64 | Kind::At32Signed | Kind::RetIno | Kind::PipeIno => 8,
                    Kind::TimeSpec | Kind::Cap | Kind::Peers | Kind::PrctlInt | Kind::IntOrAbsent => 8,
                    _ => {
                        assert_eq!(width(param.ty), None, "{what}");
                        continue;
                    }
                };
                assert_eq!(Some(bytes), width(param.ty), "{what}");
                plain += 1;
            }
        }
        assert!(plain > 300, "{plain}");
    }

    fn interest(condition: &str, base: &BaseSyscalls) -> Interest {
        let schema = syscall_schema();
        let rule = format!("- {{rule: r, desc: d, condition: '{condition}', output: o, priority: INFO}}");
        let mut loader = Loader::new(Options::new(vec![&schema]));
        assert!(loader.load("rules", rule.into_bytes()).successful());
        let rules = loader.into_rules().unwrap();
        of_rules(&rules, &[true], base)
    }

    fn names(condition: &str, base: &BaseSyscalls) -> BTreeSet<&'static str> {
        interest(condition, base).codes.iter().map(|&code| EVENTS[usize::from(code)].name).collect()
    }

    #[test]
    fn calls_without_a_type_of_their_own_are_recorded_if_asked_for() {
        // x86-64's number, and the format's
        let getppid = (110, 41);
        assert_eq!(SYSCALLS[41].0, "getppid");
        let base = BaseSyscalls::default();
        assert_eq!(interest("evt.type = mkdir", &base).generic, []);
        assert_eq!(interest("evt.type in (mkdir, getppid)", &base).generic, [getppid]);
        let custom = BaseSyscalls { custom_set: vec!["getppid".into()], ..base.clone() };
        assert_eq!(interest("evt.type = mkdir", &custom).generic, [getppid]);
        let removed = BaseSyscalls { custom_set: vec!["!getppid".into()], ..base };
        assert_eq!(interest("evt.type in (mkdir, getppid)", &removed).generic, []);
    }

    #[test]
    fn rules_and_the_state_say_what_is_recorded() {
        let base = BaseSyscalls::default();
        let of_state = names("evt.type = mkdir", &base);
        for name in ["mkdir", "openat", "close", "execve", "clone", "setuid", "procexit", "connect"] {
            assert!(of_state.contains(name), "{name}");
        }
        for name in ["read", "write", "rmdir", "mmap", "futex"] {
            assert!(!of_state.contains(name), "{name}");
        }
        assert!(!names("evt.type = read", &base).contains("read"), "frequent calls are not recorded");
        let all = BaseSyscalls { all: true, ..base.clone() };
        assert!(names("evt.type = read", &all).contains("read"));
        let repair = BaseSyscalls { repair: true, ..base.clone() };
        let least = names("evt.type = mkdir", &repair);
        assert!(
            least.contains("execve") && least.contains("close") && !least.contains("openat"),
            "{least:?}"
        );
        let custom = BaseSyscalls { custom_set: vec!["rmdir".into(), "!mkdir".into()], ..base };
        let custom = names("evt.type = mkdir", &custom);
        assert_eq!(custom, ["procexit", "rmdir"].into());
    }

    #[test]
    fn what_falco_selects_is_recorded() {
        let Ok(text) = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/conformance/falco-set-all.txt"
        )) else {
            println!("SKIPPED: no list of the system calls that Falco selects");
            return;
        };
        let known: BTreeSet<u16> = recipes().iter().map(|r| r.code).chain([PROC_EXIT]).collect();
        let missing: Vec<&str> = text
            .split_whitespace()
            .filter(|name| *name != "umount" && !codes_of(name).any(|c| known.contains(&c)))
            .filter(|name| *name != "procexit")
            .collect();
        assert_eq!(missing, [""; 0], "system calls without a recipe");
    }
}
