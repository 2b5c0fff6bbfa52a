//! Fields of processes and threads.

use super::made::{self, TextWriter, joined};
use super::{EventContext, Extract, FieldValue, Found};
use crate::state::{FdTable, Thread, text_items};
use peregrine_compiler::hir::field::FieldArg;

type Ctx<'a> = EventContext<'a>;

#[rustfmt::skip]
pub(super) fn of_name(name: &str) -> Option<Extract> {
    Some(match name {
        "proc.exe" => |c, _| Found::text(c.thread().map(|t| &*t.exe)),
        "proc.pexe" => |c, _| Found::text(parent(c).map(|t| &*t.exe)),
        "proc.aexe" => |c, arg| ancestors(c, arg, |t| FieldValue::text(&t.exe)),
        "proc.exepath" => |c, _| Found::text(c.thread().map(|t| &*t.exepath)),
        "proc.pexepath" => |c, _| Found::text(parent(c).map(|t| &*t.exepath)),
        "proc.aexepath" => |c, arg| ancestors(c, arg, |t| FieldValue::text(&t.exepath)),
        "proc.name" => |c, _| Found::text(c.thread().map(|t| &*t.comm)),
        "proc.pname" => |c, _| Found::text(parent(c).map(|t| &*t.comm)),
        "proc.aname" => |c, arg| ancestors(c, arg, |t| FieldValue::text(&t.comm)),
        "proc.args" => args,
        "proc.aargs" => |c, arg| ancestors(c, arg, |t| FieldValue::text(joined(c.arena, &t.args))),
        "proc.cmdline" => |c, _| Found::text(c.thread().map(|t| &*t.cmdline)),
        "proc.pcmdline" => |c, _| Found::text(parent(c).map(|t| &*t.cmdline)),
        "proc.acmdline" => |c, arg| ancestors(c, arg, |t| FieldValue::text(&t.cmdline)),
        "proc.cmdnargs" => |c, _| Found::uint(c.thread().map(|t| text_items(&t.args).count() as u64)),
        "proc.cmdlenargs" => |c, _| Found::uint(c.thread().map(|t| text_items(&t.args).map(<[u8]>::len).sum::<usize>() as u64)),
        "proc.exeline" => |c, _| Found::text(c.thread().map(|t| exeline(c, t))),
        "proc.env" => env,
        "proc.aenv" => aenv,
        "proc.cwd" => |c, _| Found::text(c.thread().map(|t| &*main(c, t).cwd)),
        "proc.loginshellid" => |c, _| Found::int(login_shell(c)),
        "proc.tty" => |c, _| Found::uint(c.thread().map(|t| u64::from(t.tty))),
        "proc.pid" => |c, _| Found::int(c.thread().and_then(|t| id(t.pid))),
        "proc.ppid" => |c, _| Found::int(parent(c).and_then(|t| id(t.pid))),
        "proc.apid" => apid,
        "proc.vpid" => |c, _| Found::int(c.thread().map(|t| t.vpid)),
        "proc.pvpid" => |c, _| Found::int(parent(c).map(|t| t.vpid)),
        "proc.sid" => |c, _| Found::int(c.thread().map(|t| t.sid)),
        "proc.sname" => |c, _| Found::text(leader(c, |t| t.sid).map(|t| &*t.comm)),
        "proc.sid.exe" => |c, _| Found::text(leader(c, |t| t.sid).map(|t| &*t.exe)),
        "proc.sid.exepath" => |c, _| Found::text(leader(c, |t| t.sid).map(|t| &*t.exepath)),
        "proc.vpgid" => |c, _| Found::int(c.thread().map(|t| t.vpgid)),
        "proc.vpgid.name" => |c, _| Found::text(leader(c, |t| t.vpgid).map(|t| &*t.comm)),
        "proc.vpgid.exe" => |c, _| Found::text(leader(c, |t| t.vpgid).map(|t| &*t.exe)),
        "proc.vpgid.exepath" => |c, _| Found::text(leader(c, |t| t.vpgid).map(|t| &*t.exepath)),
        "proc.pgid" => |c, _| Found::int(c.thread().map(|t| t.pgid)),
        "proc.pgid.name" => |c, _| Found::text(leader(c, |t| t.pgid).map(|t| &*t.comm)),
        "proc.pgid.exe" => |c, _| Found::text(leader(c, |t| t.pgid).map(|t| &*t.exe)),
        "proc.pgid.exepath" => |c, _| Found::text(leader(c, |t| t.pgid).map(|t| &*t.exepath)),
        "proc.duration" => |c, _| Found::uint(c.thread().and_then(|t| age(c, t))),
        "proc.ppid.duration" => |c, _| Found::uint(parent(c).and_then(|t| age(c, t))),
        "proc.pid.ts" => |c, _| Found::uint(c.thread().map(|t| t.clone_ns).filter(|&ns| ns != 0)),
        "proc.ppid.ts" => |c, _| Found::uint(parent(c).map(|t| t.clone_ns).filter(|&ns| ns != 0)),
        "proc.is_exe_writable" => |c, _| c.thread().map_or(Found::Nothing, |t| Found::bool(t.exe_writable)),
        "proc.is_exe_upper_layer" => |c, _| c.thread().map_or(Found::Nothing, |t| Found::bool(t.exe_upper_layer)),
        "proc.is_exe_lower_layer" => |c, _| c.thread().map_or(Found::Nothing, |t| Found::bool(t.exe_lower_layer)),
        "proc.is_exe_from_memfd" => |c, _| c.thread().map_or(Found::Nothing, |t| Found::bool(t.exe_from_memfd)),
        "proc.is_sid_leader" => |c, _| c.thread().map_or(Found::Nothing, |t| Found::bool(t.sid == t.vpid)),
        "proc.is_vpgid_leader" => |c, _| c.thread().map_or(Found::Nothing, |t| Found::bool(t.vpgid == t.vpid)),
        "proc.is_pgid_leader" => |c, _| c.thread().map_or(Found::Nothing, |t| Found::bool(t.pgid == t.pid)),
        "proc.exe_ino" => |c, _| Found::int(c.thread().map(|t| t.exe_ino[0].cast_signed()).filter(|&n| n != 0)),
        "proc.exe_ino.ctime" => |c, _| Found::uint(c.thread().map(|t| t.exe_ino[1]).filter(|&n| n != 0)),
        "proc.exe_ino.mtime" => |c, _| Found::uint(c.thread().map(|t| t.exe_ino[2]).filter(|&n| n != 0)),
        "proc.exe_ino.ctime_duration_proc_start" => |c, _| Found::uint(c.thread().and_then(|t| after(t.clone_ns, t.exe_ino[1]))),
        "proc.exe_ino.ctime_duration_pidns_start" => |c, _| Found::uint(c.thread().and_then(|t| after(t.exe_ino[1], t.pidns_init_start_ns))),
        "proc.pidns_init_start_ts" => |c, _| Found::uint(c.thread().map(|t| t.pidns_init_start_ns).filter(|&n| n != 0)),
        "thread.cap_inheritable" => |c, _| Found::text(c.thread().map(|t| caps(c, t.caps[0]))),
        "thread.cap_permitted" => |c, _| Found::text(c.thread().map(|t| caps(c, t.caps[1]))),
        "thread.cap_effective" => |c, _| Found::text(c.thread().map(|t| caps(c, t.caps[2]))),
        "proc.fdopencount" => |c, _| Found::uint(fds(c).map(|f| f.len() as u64)),
        "proc.fdlimit" => |c, _| Found::int(c.thread().map(|t| main(c, t).fdlimit)),
        "proc.fdusage" => fd_usage,
        "proc.vmsize" => |c, _| Found::uint(c.thread().map(|t| u64::from(main(c, t).memory_kb[0]))),
        "proc.vmrss" => |c, _| Found::uint(c.thread().map(|t| u64::from(main(c, t).memory_kb[1]))),
        "proc.vmswap" => |c, _| Found::uint(c.thread().map(|t| u64::from(main(c, t).memory_kb[2]))),
        "thread.vmsize" => |c, _| Found::uint(own_memory(c, 0)),
        "thread.vmrss" => |c, _| Found::uint(own_memory(c, 1)),
        "thread.vmsize.b" => |c, _| Found::uint(own_memory(c, 0).map(|kb| kb * 1024)),
        "thread.vmrss.b" => |c, _| Found::uint(own_memory(c, 1).map(|kb| kb * 1024)),
        "thread.pfmajor" => |c, _| Found::uint(c.thread().map(|t| t.faults[0])),
        "thread.pfminor" => |c, _| Found::uint(c.thread().map(|t| t.faults[1])),
        "thread.tid" => |c, _| Found::int(id(c.event.tid)),
        "thread.ismain" => |c, _| c.thread().map_or(Found::Nothing, |t| Found::bool(t.is_main())),
        "thread.vtid" => |c, _| Found::int(c.thread().map(|t| t.vtid)),
        "thread.nametid" => |c, _| Found::text(c.thread().map(|t| name_tid(c, t))),
        "thread.exectime" | "thread.totexectime" => |c, _| Found::uint(c.thread().map(|_| 0)),
        "thread.cgroups" => |c, _| Found::text(c.thread().map(|t| cgroups(c, t))),
        "thread.cgroup" => cgroup,
        "proc.nthreads" => |c, _| Found::uint(c.thread().map(|t| alive(c, t))),
        "proc.nchilds" => |c, _| Found::uint(c.thread().map(|t| others(c, t))),
        "proc.stdin.type" => |c, _| stream_type(c, 0),
        "proc.stdout.type" => |c, _| stream_type(c, 1),
        "proc.stderr.type" => |c, _| stream_type(c, 2),
        "proc.stdin.name" => |c, _| stream_name(c, 0),
        "proc.stdout.name" => |c, _| stream_name(c, 1),
        "proc.stderr.name" => |c, _| stream_name(c, 2),
        _ => return None,
    })
}

fn parent<'a>(c: &Ctx<'a>) -> Option<&'a Thread> {
    c.state.threads.parent_of(c.thread()?)
}

/// The first thread of a thread's process, or the thread itself if that is not known.
fn main<'a>(c: &Ctx<'a>, thread: &'a Thread) -> &'a Thread {
    c.state.threads.main_of(thread).unwrap_or(thread)
}

fn fds<'a>(c: &Ctx<'a>) -> Option<&'a FdTable> {
    c.state.threads.fds_of(c.thread()?)
}

/// A field of one ancestor, or of all.
fn ancestors<'a>(c: &Ctx<'a>, arg: &FieldArg, value: impl Fn(&'a Thread) -> FieldValue<'a>) -> Found<'a> {
    let Some(thread) = c.thread() else { return Found::Nothing };
    if let FieldArg::Index(generation) = arg {
        let generation = u64::try_from(*generation).unwrap_or(u64::MAX);
        return Found::of(c.state.threads.ancestor_of(thread, generation).map(value));
    }
    let values = made::list(c.arena, c.state.threads.ancestors_of(thread).map(value));
    if values.is_empty() { Found::Nothing } else { Found::Many(values) }
}

/// A number of a thread or process, if it can be one of Linux. COMPAT(falco): sources without real ones use
/// larger numbers, which are not shown.
fn id(number: i64) -> Option<i64> {
    (-1..=i64::from(u32::MAX)).contains(&number).then_some(number)
}

fn apid<'a>(c: &Ctx<'a>, arg: &FieldArg) -> Found<'a> {
    let is_shown = |value: &FieldValue<'_>| matches!(value, FieldValue::Int(n) if id(*n).is_some());
    match ancestors(c, arg, |t| FieldValue::Int(t.pid)) {
        Found::One(value) if !is_shown(&value) => Found::Nothing,
        Found::Many(values) => Found::Many(made::list(c.arena, values.iter().copied().filter(is_shown))),
        found => found,
    }
}

fn exeline<'a>(c: &Ctx<'a>, thread: &'a Thread) -> &'a [u8] {
    let mut text = TextWriter::new(c.arena, thread.exe.len() + 1 + thread.args.len());
    text.put(&thread.exe);
    text.byte(b' ');
    text.joined(&thread.args);
    text.done()
}

fn name_tid<'a>(c: &Ctx<'a>, thread: &Thread) -> &'a [u8] {
    const DIGITS: usize = 20;
    let mut text = TextWriter::new(c.arena, thread.comm.len() + DIGITS);
    text.put(&thread.comm);
    text.signed(thread.tid);
    text.done()
}

fn args<'a>(c: &Ctx<'a>, arg: &FieldArg) -> Found<'a> {
    let Some(thread) = c.thread() else { return Found::Nothing };
    match arg {
        FieldArg::Index(index) => {
            let item = usize::try_from(*index).ok().and_then(|i| text_items(&thread.args).nth(i));
            Found::text(Some(item.unwrap_or_default()))
        }
        _ => Found::text(Some(joined(c.arena, &thread.args))),
    }
}

/// Value of a variable.
fn variable<'a>(env: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    text_items(env).find_map(|item| item.strip_prefix(key)?.strip_prefix(b"=")).map(<[u8]>::trim_ascii)
}

fn env<'a>(c: &Ctx<'a>, arg: &FieldArg) -> Found<'a> {
    let Some(thread) = c.thread().map(|t| main(c, t)) else { return Found::Nothing };
    match arg {
        FieldArg::Key(key) => Found::text(Some(variable(&thread.env, key).unwrap_or_default())),
        _ => Found::text(Some(joined(c.arena, &thread.env))),
    }
}

/// How many ancestors are searched for a variable.
const SEARCHED: usize = 20;

fn aenv<'a>(c: &Ctx<'a>, arg: &FieldArg) -> Found<'a> {
    let FieldArg::Key(key) = arg else {
        return ancestors(c, arg, |t| FieldValue::text(joined(c.arena, &t.env)));
    };
    let Some(thread) = c.thread() else { return Found::Nothing };
    let found = c.state.threads.ancestors_of(thread).take(SEARCHED).find_map(|t| variable(&t.env, key));
    Found::text(Some(found.unwrap_or_default()))
}

fn login_shell(c: &Ctx<'_>) -> Option<i64> {
    let thread = main(c, c.thread()?);
    let is_shell = |t: &&Thread| t.comm.ends_with(b"sh");
    let eldest = c.state.threads.ancestors_of(thread).filter(is_shell).last();
    eldest.or_else(|| Some(thread).filter(is_shell)).map(|t| t.pid)
}

/// The leader of a session or group; when it is gone, the eldest ancestor in a row of the same one.
fn leader<'a>(c: &Ctx<'a>, id: impl Fn(&Thread) -> i64) -> Option<&'a Thread> {
    let thread = c.thread()?;
    let of = id(thread);
    if let Some(leader) = c.state.threads.get(of) {
        return Some(leader);
    }
    let start = main(c, thread);
    let same = c.state.threads.ancestors_of(start).take_while(|t| id(t) == of).last();
    same.or(Some(start))
}

fn age(c: &Ctx<'_>, thread: &Thread) -> Option<u64> {
    (thread.clone_ns != 0).then(|| c.event.ts_ns.saturating_sub(thread.clone_ns))
}

/// How much later `late` is, if both are known and it is.
fn after(late: u64, early: u64) -> Option<u64> {
    late.checked_sub(early).filter(|&d| d > 0 && early != 0)
}

/// Names of capabilities, by bit.
#[rustfmt::skip]
const CAPS: [&str; 41] = [
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
];

fn caps<'a>(c: &Ctx<'a>, bits: u64) -> &'a [u8] {
    const USUAL: usize = 20;
    let mut text = TextWriter::new(c.arena, bits.count_ones() as usize * USUAL);
    for (bit, name) in CAPS.iter().enumerate() {
        if bits & (1 << bit) != 0 {
            if !text.is_empty() {
                text.byte(b' ');
            }
            text.put(b"CAP_");
            text.put(name.as_bytes());
        }
    }
    text.done()
}

fn fd_usage<'a>(c: &Ctx<'a>, _: &FieldArg) -> Found<'a> {
    let (Some(table), Some(thread)) = (fds(c), c.thread()) else { return Found::Nothing };
    let limit = main(c, thread).fdlimit;
    let usage = if limit > 0 { 100.0 * table.len() as f64 / limit as f64 } else { 0.0 };
    Found::One(FieldValue::Double(usage))
}

/// Memory of a process at its first thread, 0 at the others.
fn own_memory(c: &Ctx<'_>, which: usize) -> Option<u64> {
    let thread = c.thread()?;
    let kb = thread.memory_kb.get(which).copied().filter(|_| thread.is_main());
    Some(u64::from(kb.unwrap_or(0)))
}

/// Cgroups with the names of version 1 of the hierarchy.
fn cgroup_items(thread: &Thread) -> impl Iterator<Item = (&[u8], &[u8])> {
    text_items(&thread.cgroups).filter_map(|item| {
        let at = memchr::memchr(b'=', item)?;
        let (subsystem, path) = item.split_at(at);
        let subsystem = if subsystem == b"io" { &b"blkio"[..] } else { subsystem };
        Some((subsystem, path.get(1..).unwrap_or_default()))
    })
}

fn cgroups<'a>(c: &Ctx<'a>, thread: &Thread) -> &'a [u8] {
    let mut text = TextWriter::new(c.arena, thread.cgroups.len());
    for (subsystem, path) in cgroup_items(thread) {
        if !text.is_empty() {
            text.byte(b' ');
        }
        text.put(subsystem);
        text.byte(b'=');
        text.put(path);
    }
    text.done()
}

fn cgroup<'a>(c: &Ctx<'a>, arg: &FieldArg) -> Found<'a> {
    let (FieldArg::Subsystem(wanted), Some(thread)) = (arg, c.thread()) else { return Found::Nothing };
    Found::text(cgroup_items(thread).find(|(s, _)| *s == wanted.as_bytes()).map(|(_, path)| path))
}

/// Threads of the process that have not ended.
fn alive(c: &Ctx<'_>, thread: &Thread) -> u64 {
    c.state.threads.alive_threads(thread).unwrap_or(0) as u64
}

/// Those of them that are not the first.
fn others(c: &Ctx<'_>, thread: &Thread) -> u64 {
    let alive = alive(c, thread);
    let leader = c.state.threads.main_of(thread).is_some_and(|t| !t.is_dead());
    alive.saturating_sub(u64::from(leader))
}

fn stream_type<'a>(c: &Ctx<'a>, number: i64) -> Found<'a> {
    Found::word(fds(c).and_then(|t| t.get(number)).map(|fd| fd.kind.word().unwrap_or("<NA>")))
}

fn stream_name<'a>(c: &Ctx<'a>, number: i64) -> Found<'a> {
    Found::text(fds(c).and_then(|t| t.get(number)).map(|fd| &*fd.name))
}
