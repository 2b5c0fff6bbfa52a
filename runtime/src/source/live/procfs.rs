//! What is there before the first event, from the kernel's iterators, /proc, /etc and the network interfaces.
//!
//! The iterators tell numbers of threads and all descriptors, also those of processes that may not be traced; /proc
//! has what lies in a process's memory and its directories, and everything where there are no iterators. A process
//! that ends while it is read is left out, or known without its texts; what may not be read stays unknown.

use super::sockets::{self, Sockets};
use crate::source::capture::Item;
use crate::source::capture::metadata::{FdDetail, FdEntry, Interface, Machine, Process, UserOrGroup};
use peregrine_probe::{OpenFile, Task};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Longest texts that are kept, as the probe does.
const MAX_TEXT: usize = 4096;
/// Descriptors of a process.
const MAX_FDS: usize = 4096;
const THREAD: u32 = 1 | 8192 | 32768;
const CGROUPS: [&str; 5] = ["cpuset", "cpu", "cpuacct", "io", "memory"];

/// Reads /proc.
#[derive(Debug)]
pub struct Procfs {
    root: PathBuf,
    boot_ns: u64,
}

impl Default for Procfs {
    fn default() -> Self {
        Self::new()
    }
}

impl Procfs {
    /// That of this machine, or of the one that `HOST_ROOT` names.
    pub fn new() -> Self {
        let root = std::env::var_os("HOST_ROOT").unwrap_or_default();
        let root = Path::new(&root).join("proc");
        let root = if root.is_absolute() { root } else { PathBuf::from("/proc") };
        let stat = fs::read_to_string(root.join("stat")).unwrap_or_default();
        let boot =
            stat.lines().find_map(|l| l.strip_prefix("btime ")).and_then(|n| n.trim().parse::<u64>().ok());
        Self { root, boot_ns: boot.unwrap_or(0) * 1_000_000_000 }
    }

    /// Everything, as the beginning of a capture has it. What the iterators leave out is read from here.
    pub(super) fn snapshot(&self, tasks: Vec<Task>, files: Vec<OpenFile>) -> Vec<Item<'static>> {
        let mut items = vec![Item::Section, Item::Machine(self.machine()), Item::Interfaces(interfaces())];
        items.push(Item::Users(users()));
        let mut fds: HashMap<i64, Vec<FdEntry>> = HashMap::new();
        for file in files {
            if let Some(entry) = from_iterator(&file) {
                fds.entry(file.pid).or_default().push(entry);
            }
        }
        let told: HashSet<i64> = tasks.iter().map(|t| t.pid).collect();
        let mut texts: HashMap<i64, Texts> = HashMap::new();
        let mut processes: Vec<Process> = tasks
            .into_iter()
            .map(|task| {
                let dir = self.root.join(task.pid.to_string());
                let of_process = texts.entry(task.pid).or_insert_with(|| Texts::read(&dir));
                self.of_task(task, of_process)
            })
            .collect();
        let mut sockets = Sockets::default();
        for pid in numbers(&self.root).into_iter().filter(|pid| !told.contains(pid)) {
            let threads = numbers(&self.root.join(pid.to_string()).join("task"));
            processes.extend(threads.into_iter().filter_map(|tid| self.process(pid, tid)));
            fds.entry(pid).or_insert_with(|| self.fds(pid, &mut sockets));
        }
        let mut fds: Vec<(i64, Vec<FdEntry>)> = fds.into_iter().collect();
        fds.sort_unstable_by_key(|(pid, _)| *pid);
        items.push(Item::Processes(processes));
        items.extend(fds.into_iter().map(|(pid, fds)| Item::Fds(pid, fds)));
        items
    }

    /// A thread that an iterator told, with its process's texts.
    fn of_task(&self, task: Task, texts: &Texts) -> Process {
        let [vtid, vpid, vpgid] = task.own;
        let [vmsize_kb, vmrss_kb, vmswap_kb] = task.vm_kb;
        let is = |flag: u32| task.exe_flags & flag != 0;
        Process {
            tid: task.tid,
            pid: task.pid,
            ptid: task.parent,
            sid: task.session,
            vpgid,
            pgid: task.group,
            exe: texts.first_or(&task.comm),
            comm: task.comm,
            exepath: texts.exepath.clone(),
            args: texts.args.clone(),
            cwd: texts.cwd.clone(),
            fdlimit: task.fdlimit,
            flags: if task.tid == task.pid { 0 } else { THREAD },
            uid: task.uid,
            gid: task.gid,
            vmsize_kb,
            vmrss_kb,
            vmswap_kb,
            pfmajor: task.faults[0],
            pfminor: task.faults[1],
            env: texts.env.clone(),
            vtid,
            vpid,
            cgroups: texts.cgroups.clone(),
            root: texts.root.clone(),
            pidns_init_start_ns: self.boot_ns + task.namespace_start_ns,
            tty: task.tty,
            loginuid: task.loginuid,
            exe_writable: is(1),
            caps: task.caps,
            exe_upper_layer: is(2),
            exe_ino: task.exe,
            exe_from_memfd: is(4),
            exe_lower_layer: is(8),
        }
    }

    fn machine(&self) -> Machine {
        let read = |name: &str| fs::read_to_string(self.root.join(name)).unwrap_or_default();
        let memory = read("meminfo");
        let kb = memory
            .lines()
            .find_map(|l| l.strip_prefix("MemTotal:"))
            .and_then(|l| l.split_whitespace().next());
        Machine {
            cpus: std::thread::available_parallelism().map_or(1, |n| n.get() as u32),
            memory_bytes: kb.and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) * 1024,
            max_pid: read("sys/kernel/pid_max").trim().parse().unwrap_or(0),
            hostname: read("sys/kernel/hostname").trim_end().to_owned(),
            boot_ns: self.boot_ns,
        }
    }

    /// A thread by its number alone.
    pub fn thread(&self, tid: i64) -> Option<Process> {
        let status = fs::read_to_string(self.root.join(tid.to_string()).join("status")).ok()?;
        let pid = field(&status, "Tgid:")?.trim().parse().ok()?;
        self.process(pid, tid)
    }

    fn process(&self, pid: i64, tid: i64) -> Option<Process> {
        let dir = self.root.join(pid.to_string()).join("task").join(tid.to_string());
        let texts = Texts::read(&dir);
        let status = fs::read_to_string(dir.join("status")).ok()?;
        let stat = fs::read_to_string(dir.join("stat")).ok()?;
        // the name in parentheses may hold anything
        let (_, rest) = stat.rsplit_once(") ")?;
        let stat: Vec<&str> = rest.split_whitespace().collect();
        let number = |at: usize| stat.get(at).and_then(|n| n.parse::<i64>().ok()).unwrap_or(0);
        let words = |name| field(&status, name).unwrap_or_default().split_whitespace();
        let last = |name| words(name).last().and_then(|n| n.parse::<i64>().ok());
        let id = |name, at: usize| words(name).nth(at).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
        let caps = |name| words(name).next().and_then(|n| u64::from_str_radix(n, 16).ok()).unwrap_or(0);
        let kb = |name| id(name, 0);
        let comm = fs::read(dir.join("comm")).unwrap_or_default();
        let comm = comm.strip_suffix(b"\n").unwrap_or(&comm).to_vec();
        let meta = fs::metadata(dir.join("exe")).ok();
        let fdlimit = fs::read_to_string(dir.join("limits")).ok().and_then(|limits| {
            let line = limits.lines().find(|l| l.starts_with("Max open files"))?;
            line.split_whitespace().nth(3)?.parse().ok()
        });
        let ns = |secs: i64, nsec: i64| secs.cast_unsigned() * 1_000_000_000 + nsec.cast_unsigned();
        Some(Process {
            tid,
            pid,
            ptid: number(1),
            sid: number(3),
            vpgid: last("NSpgid:").unwrap_or_else(|| number(2)),
            pgid: number(2),
            exe: texts.first_or(&comm),
            comm,
            exepath: texts.exepath,
            args: texts.args,
            cwd: texts.cwd,
            fdlimit: fdlimit.unwrap_or(-1),
            flags: if tid == pid { 0 } else { THREAD },
            uid: id("Uid:", 1),
            gid: id("Gid:", 1),
            vmsize_kb: kb("VmSize:"),
            vmrss_kb: kb("VmRSS:"),
            vmswap_kb: kb("VmSwap:"),
            pfmajor: number(9).cast_unsigned(),
            pfminor: number(7).cast_unsigned(),
            env: texts.env,
            vtid: last("NSpid:").unwrap_or(tid),
            vpid: last("NStgid:").unwrap_or(pid),
            cgroups: texts.cgroups,
            root: texts.root,
            pidns_init_start_ns: self.boot_ns,
            tty: number(4) as u32,
            loginuid: fs::read_to_string(dir.join("loginuid"))
                .ok()
                .and_then(|n| n.trim().parse().ok())
                .unwrap_or(u32::MAX),
            exe_writable: meta
                .as_ref()
                .is_some_and(|m| may_write(m, id("Uid:", 3), id("Gid:", 3), caps("CapEff:"))),
            caps: [caps("CapInh:"), caps("CapPrm:"), caps("CapEff:")],
            exe_upper_layer: false,
            exe_ino: meta
                .as_ref()
                .map_or([0; 3], |m| [m.ino(), ns(m.ctime(), m.ctime_nsec()), ns(m.mtime(), m.mtime_nsec())]),
            exe_from_memfd: texts.from_memfd,
            exe_lower_layer: false,
        })
    }

    /// Descriptors of a process.
    fn fds(&self, pid: i64, sockets: &mut Sockets) -> Vec<FdEntry> {
        let dir = self.root.join(pid.to_string());
        let mut all = Vec::new();
        for fd in numbers(&dir.join("fd")).into_iter().take(MAX_FDS) {
            let path = dir.join("fd").join(fd.to_string());
            let Ok(target) = fs::read_link(&path) else { continue };
            let target = target.as_os_str().as_bytes();
            if let Some(entry) = entry(&dir, fd, &path, target, sockets) {
                all.push(entry);
            }
        }
        all
    }
}

/// What /proc alone tells of a process.
#[derive(Default)]
struct Texts {
    /// First argument; empty for threads of the kernel.
    first: Vec<u8>,
    args: Vec<u8>,
    env: Vec<u8>,
    exepath: Vec<u8>,
    from_memfd: bool,
    cwd: Vec<u8>,
    root: Vec<u8>,
    cgroups: Vec<u8>,
}

impl Texts {
    /// Empty ones for what cannot be read.
    fn read(dir: &Path) -> Self {
        let bytes = |name: &str| fs::read(dir.join(name)).unwrap_or_default();
        let link =
            |name: &str| fs::read_link(dir.join(name)).map_or(Vec::new(), |p| p.into_os_string().into_vec());
        let cmdline = bytes("cmdline");
        let split = cmdline.iter().position(|&b| b == 0).map_or(cmdline.len(), |at| at + 1);
        let (first, args) = cmdline.split_at(split);
        let exe = link("exe");
        let exepath = exe.strip_suffix(b" (deleted)").unwrap_or(&exe).to_vec();
        Self {
            first: first.strip_suffix(&[0]).unwrap_or(first).to_vec(),
            args: capped(args),
            env: capped(&bytes("environ")),
            from_memfd: exepath.starts_with(b"/memfd:"),
            exepath,
            cwd: link("cwd"),
            root: link("root"),
            cgroups: cgroups(&String::from_utf8_lossy(&bytes("cgroup"))),
        }
    }

    fn first_or(&self, comm: &[u8]) -> Vec<u8> {
        if self.first.is_empty() { comm.to_vec() } else { self.first.clone() }
    }
}

/// Numbers that are names in a directory, in order.
fn numbers(dir: &Path) -> Vec<i64> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut all: Vec<i64> = entries.filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok()).collect();
    all.sort_unstable();
    all
}

fn field<'s>(status: &'s str, name: &str) -> Option<&'s str> {
    status.lines().find_map(|line| line.strip_prefix(name))
}

/// At most so much as the probe gives, with a NUL at its end.
fn capped(bytes: &[u8]) -> Vec<u8> {
    let mut kept = bytes.get(..MAX_TEXT).unwrap_or(bytes).to_vec();
    if let Some(last) = kept.last_mut() {
        *last = 0;
    }
    kept
}

/// `subsystem=path`, each with a NUL at its end; the second version's group stands for all that have none.
fn cgroups(text: &str) -> Vec<u8> {
    let rows: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| {
            let mut parts = line.splitn(3, ':').skip(1);
            Some((parts.next()?, parts.next()?))
        })
        .collect();
    let unified = rows.iter().find(|(names, _)| names.is_empty()).map(|(_, path)| *path);
    let mut out = Vec::new();
    for name in CGROUPS {
        let old = if name == "io" { "blkio" } else { name };
        let own = rows.iter().find(|(names, _)| names.split(',').any(|n| n == old)).map(|(_, path)| *path);
        if let Some(path) = own.or(unified) {
            out.extend_from_slice(name.as_bytes());
            out.push(b'=');
            out.extend_from_slice(path.as_bytes());
            out.push(0);
        }
    }
    out
}

/// Whether a user may write to a file, by its mode.
fn may_write(file: &fs::Metadata, uid: u32, gid: u32, caps: u64) -> bool {
    const DAC_OVERRIDE: u64 = 1 << 1;
    if caps & DAC_OVERRIDE != 0 {
        return true;
    }
    let bit = if file.uid() == uid {
        0o200
    } else if file.gid() == gid {
        0o020
    } else {
        0o002
    };
    file.mode() & bit != 0
}

/// A descriptor as /proc shows it.
fn entry(dir: &Path, fd: i64, path: &Path, target: &[u8], sockets: &mut Sockets) -> Option<FdEntry> {
    if let Some(ino) = target.strip_prefix(b"socket:[").and_then(|rest| rest.strip_suffix(b"]")) {
        let ino = std::str::from_utf8(ino).ok()?.parse().ok()?;
        return sockets.entry(dir, fd, ino);
    }
    let meta = fs::metadata(path).ok();
    let facts = Facts {
        ino: meta.as_ref().map_or(0, MetadataExt::ino),
        is_dir: meta.as_ref().is_some_and(fs::Metadata::is_dir),
        dev: meta.as_ref().map_or(0, |m| device(m.dev())),
    };
    Some(named(fd, target, facts, || {
        let info = fs::read_to_string(dir.join("fdinfo").join(fd.to_string())).unwrap_or_default();
        let flags = field(&info, "flags:").and_then(|f| u64::from_str_radix(f.trim(), 8).ok()).unwrap_or(0);
        peregrine_probe::open_flags(flags) as u32
    }))
}

/// A descriptor as an iterator told it.
fn from_iterator(file: &OpenFile) -> Option<FdEntry> {
    const DIRECTORY: u32 = 0o040_000;
    const TYPE: u32 = 0o170_000;
    if let Some(socket) = &file.socket {
        let (kind, detail) = sockets::from_iterator(socket, &file.path)?;
        return Some(FdEntry { fd: file.fd, ino: file.ino, kind, detail });
    }
    let facts = Facts { ino: file.ino, is_dir: file.mode & TYPE == DIRECTORY, dev: file.dev };
    Some(named(file.fd, &file.path, facts, || file.flags as u32))
}

/// What is known of the file behind a descriptor.
#[derive(Copy, Clone)]
struct Facts {
    ino: u64,
    is_dir: bool,
    dev: u32,
}

/// A descriptor that is no socket, by the name that the kernel gives it.
fn named(fd: i64, target: &[u8], facts: Facts, flags: impl FnOnce() -> u32) -> FdEntry {
    let Facts { ino, is_dir, dev } = facts;
    let of = |kind, name: &[u8]| FdEntry { fd, ino, kind, detail: FdDetail::Named(name.to_vec()) };
    if target.starts_with(b"pipe:[") {
        return of(7, b"");
    }
    if let Some(name) = target.strip_prefix(b"anon_inode:") {
        let kind = match name {
            b"[eventfd]" => 9,
            b"[signalfd]" => 11,
            b"[eventpoll]" => 12,
            b"inotify" | b"[inotify]" => 13,
            b"[timerfd]" => 14,
            b"bpf-map" | b"bpf-prog" | b"bpf_link" => 17,
            b"[userfaultfd]" => 18,
            b"[io_uring]" => 19,
            b"[pidfd]" => 21,
            _ => 10,
        };
        return FdEntry { ino: 0, ..of(kind, b"") };
    }
    let name = target.strip_suffix(b" (deleted)").unwrap_or(target);
    if let Some(name) = name.strip_prefix(b"/memfd:") {
        return of(20, name);
    }
    if is_dir {
        return of(2, name);
    }
    FdEntry { fd, ino, kind: 16, detail: FdDetail::File(flags(), name.to_vec(), dev) }
}

/// A device's number as the format has it.
fn device(dev: u64) -> u32 {
    let (major, minor) = ((dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xf_ff00));
    ((minor & 0xff) | (major << 8) | ((minor & !0xff) << 12)) as u32
}

/// Users and groups of this machine.
fn users() -> Vec<UserOrGroup> {
    let lines = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let mut all = Vec::new();
    for line in lines("/etc/passwd").lines() {
        let parts: Vec<&str> = line.split(':').collect();
        if let [name, _, uid, gid, _, home, shell, ..] = parts.as_slice()
            && let (Ok(uid), Ok(gid)) = (uid.parse(), gid.parse())
        {
            all.push(UserOrGroup::User(uid, gid, [name, home, shell].map(|t| t.as_bytes().to_vec())));
        }
    }
    for line in lines("/etc/group").lines() {
        let mut parts = line.split(':');
        if let (Some(name), Some(gid)) = (parts.next(), parts.nth(1).and_then(|gid| gid.parse().ok())) {
            all.push(UserOrGroup::Group(gid, name.as_bytes().to_vec()));
        }
    }
    all
}

/// Addresses of this machine. Those of version 4 are in the routing table of local addresses, with their
/// networks in the table of routes; names of interfaces are those of the routes.
fn interfaces() -> Vec<Interface> {
    sockets::interfaces()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_both_versions() {
        let old = "5:cpu,cpuacct:/a\n4:blkio:/b\n0::/c\n";
        let text = cgroups(old);
        assert_eq!(text, b"cpuset=/c\0cpu=/a\0cpuacct=/a\0io=/b\0memory=/c\0");
        assert_eq!(cgroups("0::/x y\n"), b"cpuset=/x y\0cpu=/x y\0cpuacct=/x y\0io=/x y\0memory=/x y\0");
    }

    #[test]
    fn names_of_descriptors_tell_their_kind() {
        let kind = |target: &str| {
            let facts = Facts { ino: 1, is_dir: target == "/dir", dev: 0 };
            named(3, target.as_bytes(), facts, || 1).kind
        };
        let all = [("pipe:[12]", 7), ("anon_inode:[eventfd]", 9), ("anon_inode:[perf_event]", 10)];
        let more =
            [("/memfd:x (deleted)", 20), ("/dir", 2), ("/file (deleted)", 16), ("anon_inode:inotify", 13)];
        all.iter().chain(&more).for_each(|&(target, expect)| assert_eq!(kind(target), expect, "{target}"));
    }

    #[test]
    fn this_process_is_there() {
        let procfs = Procfs::new();
        let own = i64::from(std::process::id());
        let process = procfs.thread(own).unwrap();
        assert_eq!((process.tid, process.pid), (own, own));
        assert!(!process.comm.is_empty() && process.exepath.starts_with(b"/"), "{process:?}");
        let file = fs::File::open("/proc/self/status").unwrap();
        let fds = procfs.fds(own, &mut Sockets::default());
        let status = |e: &FdEntry| matches!(&e.detail, FdDetail::File(1 | 2049 | 4097 | 6145, name, _) if name.ends_with(b"/status"));
        assert!(fds.iter().any(status), "{fds:?}");
        drop(file);
    }
}
