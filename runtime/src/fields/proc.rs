//! Fields of the process and thread that the event is about, and of its ancestors.
//!
//! Process scope means "changes by exec, clone, a change of ids, of the working directory or of an ancestor";
//! what grows while a process runs (times, memory, descriptor and thread counts) has event scope, and so has
//! what is looked up at the leader of a session or group, which is any other process. Thread ids
//! and capabilities belong to the thread: facts about them hold for one thread, not for its group.

use super::Spec;
use peregrine_compiler::schema::{
    ArgKind::{Index, IndexOrKey, Key, Subsystem},
    ArgSpec::{Optional, Required},
    FieldFlags as F,
    Multi::AnyAncestor,
    PrintFormat::Id,
    Scope,
    Type::{self, AbsTime, Bool, CharBuf, Double, Int64, RelTime, Uint32, Uint64},
};

/// A field that changes with the process unless it says otherwise.
const fn f(name: &'static str, ty: Type, doc: &'static str) -> Spec {
    Spec::new("process", Scope::Process, name, ty, doc)
}

/// In lookup order.
#[rustfmt::skip]
pub(super) const FIELDS: &[Spec] = &[
    f("proc.exe", CharBuf, "First command line argument, argv[0], usually the name or path that was typed."),
    f("proc.pexe", CharBuf, "The parent's argv[0].").cost(2),
    f("proc.aexe", CharBuf,
        "argv[0] of an ancestor: [0] the process itself, [1] its parent, and so on; without index any \
         ancestor.").arg(Optional(Index)).left_only().multi(AnyAncestor).cost(10),
    f("proc.exepath", CharBuf, "Path of the executable as the kernel resolved it."),
    f("proc.pexepath", CharBuf, "Path of the parent's executable.").cost(2),
    f("proc.aexepath", CharBuf, "Path of an ancestor's executable; indexes as for proc.aexe.")
        .arg(Optional(Index)).left_only().multi(AnyAncestor).cost(10),
    f("proc.name", CharBuf, "Name of the process, at most 15 characters."),
    f("proc.pname", CharBuf, "Name of the parent process.").cost(2),
    f("proc.aname", CharBuf,
        "Name of an ancestor: [0] the process itself, [1] its parent, and so on; without index any \
         ancestor.").arg(Optional(Index)).left_only().multi(AnyAncestor).cost(10),
    f("proc.args", CharBuf,
        "Command line arguments after argv[0], joined by blanks; [n] one of them, empty if there are \
         fewer.").arg(Optional(Index)).cost(8),
    f("proc.aargs", CharBuf,
        "Command line arguments of an ancestor; without index those of all ancestors, joined.")
        .arg(Optional(Index)).cost(40),
    f("proc.cmdline", CharBuf, "Process name and arguments, joined by blanks.").cost(8),
    f("proc.pcmdline", CharBuf, "The parent's name and arguments.").cost(8),
    f("proc.acmdline", CharBuf, "Name and arguments of an ancestor; indexes as for proc.aname.")
        .arg(Optional(Index)).left_only().multi(AnyAncestor).cost(40),
    f("proc.cmdnargs", Uint64, "Number of arguments after argv[0].").cost(2),
    f("proc.cmdlenargs", Uint64,
        "Number of characters of all arguments after argv[0], without the blanks between them.").cost(2),
    f("proc.exeline", CharBuf, "argv[0] and arguments, joined by blanks.").cost(8),
    f("proc.env", CharBuf,
        "Environment as NAME=value, joined by blanks; [NAME] the value of one variable, empty if it is \
         not set.").arg(Optional(Key)).cost(16),
    f("proc.aenv", CharBuf,
        "Environment of ancestors: [n] of one ancestor, [NAME] the value in the first ancestor that has \
         it, without argument any ancestor.")
        .arg(Optional(IndexOrKey)).left_only().multi(AnyAncestor).cost(40),
    f("proc.cwd", CharBuf, "Current working directory, always with / at the end."),
    f("proc.loginshellid", Int64,
        "Process id of the eldest ancestor that is a shell (its name ends in sh).").cost(8).print(Id),
    f("proc.tty", Uint32, "Device number of the controlling terminal, 0 if there is none.").print(Id),
    f("proc.pid", Int64, "Process id.").print(Id),
    f("proc.ppid", Int64, "Process id of the parent.").cost(2).print(Id),
    f("proc.apid", Int64, "Process id of an ancestor; indexes as for proc.aname.")
        .arg(Optional(Index)).left_only().multi(AnyAncestor).cost(10).print(Id),
    f("proc.vpid", Int64, "Process id as seen inside its pid namespace.").print(Id),
    f("proc.pvpid", Int64, "Parent's process id as seen inside its pid namespace.").cost(2).print(Id),
    f("proc.sid", Int64, "Session id.").print(Id),
    f("proc.sname", CharBuf,
        "Name of the session leader, or of the eldest ancestor in the same session.").scope(Scope::Event).cost(8),
    f("proc.sid.exe", CharBuf, "argv[0] of the session leader.").scope(Scope::Event).cost(8),
    f("proc.sid.exepath", CharBuf, "Path of the session leader's executable.").scope(Scope::Event).cost(8),
    f("proc.vpgid", Int64, "Process group id as seen inside the pid namespace.").print(Id),
    f("proc.vpgid.name", CharBuf, "Name of the process group leader, found by proc.vpgid.").scope(Scope::Event).cost(8),
    f("proc.vpgid.exe", CharBuf, "argv[0] of the process group leader, found by proc.vpgid.").scope(Scope::Event).cost(8),
    f("proc.vpgid.exepath", CharBuf,
        "Path of the process group leader's executable, found by proc.vpgid.").scope(Scope::Event).cost(8),
    f("proc.pgid", Int64, "Process group id in the host pid namespace.").print(Id),
    f("proc.pgid.name", CharBuf, "Name of the process group leader, found by proc.pgid.").scope(Scope::Event).cost(8),
    f("proc.pgid.exe", CharBuf, "argv[0] of the process group leader, found by proc.pgid.").scope(Scope::Event).cost(8),
    f("proc.pgid.exepath", CharBuf, "Path of the process group leader's executable, found by proc.pgid.")
        .scope(Scope::Event).cost(8),
    f("proc.duration", RelTime,
        "Nanoseconds since the process started; no value if the start is not known.")
        .scope(Scope::Event).cost(2),
    f("proc.ppid.duration", RelTime, "Nanoseconds since the parent process started.")
        .scope(Scope::Event).cost(2),
    f("proc.pid.ts", RelTime, "Start time of the process in nanoseconds since the epoch."),
    f("proc.ppid.ts", RelTime, "Start time of the parent process in nanoseconds since the epoch.").cost(2),
    f("proc.is_exe_writable", Bool, "Whether the user who started it may write to the executable."),
    f("proc.is_exe_upper_layer", Bool,
        "Whether the executable is in the container's own upper layer, so not part of its image."),
    f("proc.is_exe_lower_layer", Bool,
        "Whether the executable is in a lower layer, so part of the container's image."),
    f("proc.is_exe_from_memfd", Bool, "Whether the executable is an anonymous file in memory (memfd)."),
    f("proc.is_sid_leader", Bool, "Whether the process leads its session."),
    f("proc.is_vpgid_leader", Bool, "Whether the process leads its process group, by proc.vpgid."),
    f("proc.is_pgid_leader", Bool, "Whether the process leads its process group, by proc.pgid.").cost(2),
    f("proc.exe_ino", Int64, "Inode number of the executable; no value if not known."),
    f("proc.exe_ino.ctime", AbsTime,
        "Time of the last change to the executable's inode, in nanoseconds since the epoch."),
    f("proc.exe_ino.mtime", AbsTime,
        "Time of the last change to the executable's content, in nanoseconds since the epoch."),
    f("proc.exe_ino.ctime_duration_proc_start", AbsTime,
        "Nanoseconds from the last change of the executable's inode to the start of the process; no value \
         if negative."),
    f("proc.exe_ino.ctime_duration_pidns_start", AbsTime,
        "Nanoseconds from the start of the pid namespace to the last change of the executable's inode; no \
         value if negative."),
    f("proc.pidns_init_start_ts", Uint64,
        "Start time of the first process of the pid namespace, in nanoseconds since the epoch."),
    f("thread.cap_permitted", CharBuf,
        "Capabilities that the thread may take, as names joined by blanks.").cost(12),
    f("thread.cap_inheritable", CharBuf, "Capabilities that survive an exec, as names joined by blanks.")
        .cost(12),
    f("thread.cap_effective", CharBuf, "Capabilities in force, as names joined by blanks.").cost(12),
    f("proc.fdopencount", Uint64, "Number of open file descriptors that are known.").scope(Scope::Event),
    f("proc.fdlimit", Int64, "Largest number of file descriptors that the process may open.")
        .scope(Scope::Event),
    f("proc.fdusage", Double, "Open file descriptors as a percentage of the limit.")
        .scope(Scope::Event).cost(4),
    f("proc.vmsize", Uint64, "Virtual memory in kB.").scope(Scope::Event),
    f("proc.vmrss", Uint64, "Resident memory in kB.").scope(Scope::Event),
    f("proc.vmswap", Uint64, "Swapped memory in kB.").scope(Scope::Event),
    f("thread.pfmajor", Uint64, "Number of major page faults since the start.").scope(Scope::Event),
    f("thread.pfminor", Uint64, "Number of minor page faults since the start.").scope(Scope::Event),
    f("thread.tid", Int64, "Thread id.").print(Id),
    f("thread.ismain", Bool, "Whether the thread is the main thread of its process."),
    f("thread.vtid", Int64, "Thread id as seen inside its pid namespace.").print(Id),
    f("thread.nametid", CharBuf, "Process name and thread id as one text.").flag(F::TABLE_ONLY).cost(8),
    f("thread.exectime", RelTime,
        "Nanoseconds of CPU time of the last slice; context switch events only.").scope(Scope::Event),
    f("thread.totexectime", RelTime,
        "Nanoseconds of CPU time since the start of the capture; context switch events only.")
        .scope(Scope::Event),
    f("thread.cgroups", CharBuf, "All control groups as subsystem=path, joined by blanks.").cost(16),
    f("thread.cgroup", CharBuf,
        "Path of the thread's control group in one subsystem: thread.cgroup.cpuset.")
        .arg(Required(Subsystem)).cost(10),
    f("proc.nthreads", Uint64, "Number of live threads of the process, the main thread included.")
        .scope(Scope::Event).cost(4),
    f("proc.nchilds", Uint64, "Number of live threads of the process besides the main thread.")
        .scope(Scope::Event).cost(4),
    f("thread.cpu", Double, "CPU use of the thread over the last second, in percent.").scope(Scope::Event),
    f("thread.cpu.user", Double, "CPU use in user mode over the last second, in percent.")
        .scope(Scope::Event),
    f("thread.cpu.system", Double, "CPU use in the kernel over the last second, in percent.")
        .scope(Scope::Event),
    f("thread.vmsize", Uint64,
        "Virtual memory in kB for the main thread, 0 for others, so that sums are right.")
        .scope(Scope::Event),
    f("thread.vmrss", Uint64,
        "Resident memory in kB for the main thread, 0 for others, so that sums are right.")
        .scope(Scope::Event),
    f("thread.vmsize.b", Uint64, "Same as thread.vmsize in bytes.").flag(F::TABLE_ONLY).scope(Scope::Event),
    f("thread.vmrss.b", Uint64, "Same as thread.vmrss in bytes.").flag(F::TABLE_ONLY).scope(Scope::Event),
    f("proc.stdin.type", CharBuf, "Type of file descriptor 0, standard input.").scope(Scope::Event).cost(4),
    f("proc.stdout.type", CharBuf, "Type of file descriptor 1, standard output.").scope(Scope::Event).cost(4),
    f("proc.stderr.type", CharBuf, "Type of file descriptor 2, standard error.").scope(Scope::Event).cost(4),
    f("proc.stdin.name", CharBuf, "Name of file descriptor 0, standard input.").scope(Scope::Event).cost(4),
    f("proc.stdout.name", CharBuf, "Name of file descriptor 1, standard output.").scope(Scope::Event).cost(4),
    f("proc.stderr.name", CharBuf, "Name of file descriptor 2, standard error.").scope(Scope::Event).cost(4),
];
