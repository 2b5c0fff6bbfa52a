//! Files and other descriptors that are not sockets; working and root directories.

use super::super::facts::{Changed, put};
use super::super::fd::{Fd, FdFlags, FdKind};
use super::super::path;
use super::super::text::Text;
use super::super::thread::Pending;
use super::super::{Current, State};
use crate::event::view::EventView;

/// `dirfd` that stands for the working directory.
const AT_FDCWD: i64 = -100;
/// What stands for a directory that is not known.
pub(crate) const UNKNOWN_DIR: &[u8] = b"<UNKNOWN>";

const O_DIRECTORY: u32 = 1 << 10;
const O_CLOEXEC: u32 = 1 << 12;
/// The first of the flags that only the exit event has.
const O_F_CREATED: u32 = 1 << 14;
const FD_UPPER_LAYER: u32 = 1 << 15;
const FD_LOWER_LAYER: u32 = 1 << 16;

/// A working directory as it is kept: with a slash at its end.
pub(in super::super) fn directory(cwd: &[u8]) -> Text {
    if cwd.is_empty() || cwd.ends_with(b"/") {
        return Text::from(cwd);
    }
    let mut path = cwd.to_vec();
    path.push(b'/');
    Text::from(path)
}

/// Takes properties over from the open flags.
pub(in super::super) fn file_flags(fd: &mut Fd) {
    for (open, flag) in [
        (O_CLOEXEC, FdFlags::CLOEXEC),
        (FD_UPPER_LAYER, FdFlags::UPPER_LAYER),
        (FD_LOWER_LAYER, FdFlags::LOWER_LAYER),
    ] {
        if fd.open_flags & open != 0 {
            fd.flags.set(flag);
        }
    }
}

impl State {
    /// The directory that a relative path starts from.
    pub(crate) fn base_dir(&self, current: &Current, dirfd: i64, name: &[u8]) -> &[u8] {
        let Some(thread) = self.thread(current) else { return UNKNOWN_DIR };
        if name.first() == Some(&b'/') {
            return b"";
        }
        if dirfd == AT_FDCWD {
            return &self.threads.main_of(thread).unwrap_or(thread).cwd;
        }
        match self.threads.fds_of(thread).and_then(|t| t.get(dirfd)) {
            Some(fd) if !fd.name.is_empty() => &fd.name,
            _ => UNKNOWN_DIR,
        }
    }

    /// Working directory of the event's process.
    pub(crate) fn cwd(&self, current: &Current) -> &[u8] {
        self.thread(current).map_or(b"", |t| &self.threads.main_of(t).unwrap_or(t).cwd)
    }
}

/// Positions of an open event's parameters behind the descriptor.
struct OpenParams {
    dirfd: Option<usize>,
    name: usize,
    flags: Option<usize>,
    dev: usize,
    ino: usize,
}

fn open_params(code: u16) -> OpenParams {
    match code {
        307 => OpenParams { dirfd: Some(1), name: 2, flags: Some(3), dev: 5, ino: 6 },
        327 => OpenParams { dirfd: Some(1), name: 2, flags: Some(3), dev: 6, ino: 7 },
        59 => OpenParams { dirfd: None, name: 1, flags: None, dev: 3, ino: 4 },
        337 => OpenParams { dirfd: None, name: 3, flags: Some(2), dev: 4, ino: 5 },
        _ => OpenParams { dirfd: None, name: 1, flags: Some(2), dev: 4, ino: 5 },
    }
}

/// What is to be opened, before another thread can change the memory it was read from.
pub(super) fn open_enter(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let (dirfd, name, flags) = match event.code.0 {
        306 | 326 => (Some(0), 1, Some(2)),
        2 => (None, 0, Some(1)),
        _ => (None, 0, None),
    };
    let bytes = event.text(name).unwrap_or_default();
    if matches!(bytes, b"" | b"<NA>" | b"(NULL)") {
        return; // it could not be read; the exit event has it
    }
    let pending = Pending {
        code: event.code.0,
        fd: dirfd.map_or(AT_FDCWD, |p| event.int(p).unwrap_or(AT_FDCWD)),
        flags: flags.map_or(0, |p| event.uint32(p).unwrap_or(0)),
        bytes: bytes.to_vec(),
    };
    state.set_pending(current, pending);
}

/// open, openat, openat2, creat, `open_by_handle_at`
pub(super) fn open(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let pending = state.take_pending(current);
    let Some(number) = event.int(0).filter(|&fd| fd >= 0) else { return };
    let at = open_params(event.code.0);
    let mut name = event.text(at.name).unwrap_or_default();
    let mut dirfd = at.dirfd.map_or(AT_FDCWD, |p| event.int(p).unwrap_or(AT_FDCWD));
    let mut fd = Fd::new(FdKind::File);
    fd.open_flags = match at.flags {
        Some(p) => event.uint32(p).unwrap_or(0),
        None => creat_flags(event.uint32(5).unwrap_or(0)),
    };
    if let Some(entered) = pending.as_deref() {
        name = &entered.bytes;
        dirfd = entered.fd;
        if at.flags.is_some() {
            // what the kernel adds is known at the end only
            fd.open_flags = entered.flags | (fd.open_flags & !(O_F_CREATED - 1));
        }
    }
    if fd.open_flags & O_DIRECTORY != 0 {
        fd.kind = FdKind::Directory;
    }
    file_flags(&mut fd);
    fd.dev = event.uint32(at.dev).unwrap_or(0);
    fd.ino = event.uint(at.ino).unwrap_or(0);
    fd.name_raw = Text::from(name);
    fd.name = if path::is_resolved(name) {
        fd.name_raw.clone()
    } else {
        let base = state.base_dir(current, dirfd, name);
        Text::from(path::resolve(base, name))
    };
    state.store(current, number, fd);
}

/// The flags that `creat` stands for, with where the file lies.
fn creat_flags(layers: u32) -> u32 {
    const O_CREAT_TRUNC_WRONLY: u32 = 4 | 256 | 2;
    let upper = if layers & 1 != 0 { FD_UPPER_LAYER } else { 0 };
    let lower = if layers & 2 != 0 { FD_LOWER_LAYER } else { 0 };
    O_CREAT_TRUNC_WRONLY | upper | lower
}

pub(super) fn close(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    if event.int(0).is_some_and(|res| res < 0) {
        return;
    }
    // rules still see it
    if let Some(owner) = state.fd_owner(current) {
        state.closed = Some((owner, current.fd));
    }
}

pub(super) fn close_range(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    const CLOEXEC: u32 = 1 << 2;
    if event.int(0).is_some_and(|res| res < 0) {
        return;
    }
    let range = i64::from(event.uint32(1).unwrap_or(0))..=i64::from(event.uint32(2).unwrap_or(0));
    let cloexec = event.uint32(3).unwrap_or(0) & CLOEXEC != 0;
    let Some(owner) = state.fd_owner(current) else { return };
    let count = state.threads.at(owner).map_or(0, |t| t.fds.len());
    let first = state.threads.stamps(count);
    let Some(thread) = state.threads.at_mut(owner) else { return };
    if cloexec {
        let numbers: Vec<i64> = thread.fds.iter().map(|(n, _)| n).filter(|n| range.contains(n)).collect();
        for (number, version) in numbers.into_iter().zip(first..) {
            thread.fds.set_cloexec(number, version, true);
        }
    } else {
        thread.fds.remove_where(|number, _| range.contains(&number));
    }
}

/// dup, dup2, dup3
pub(super) fn dup(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let Some(number) = event.int(0).filter(|&fd| fd >= 0) else { return };
    let cloexec = event.code.0 == 365 && event.uint32(3).unwrap_or(0) & O_CLOEXEC != 0;
    duplicate(state, current, number, cloexec);
}

fn duplicate(state: &mut State, current: &mut Current, number: i64, cloexec: bool) {
    let Some(fd) = state.fd(current) else {
        state.counters.fds_unknown += 1;
        return;
    };
    let mut copy = fd.clone();
    copy.flags.clear(FdFlags::CLOEXEC);
    if cloexec {
        copy.flags.set(FdFlags::CLOEXEC);
    }
    state.store(current, number, copy);
    current.name_changed = false;
}

pub(super) fn fcntl(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    const DUPFD: u64 = 1;
    const SETFD: u64 = 3;
    const DUPFD_CLOEXEC: u64 = 26;
    let Some(result) = event.int(0).filter(|&res| res >= 0) else { return };
    match event.uint(2) {
        Some(DUPFD) => duplicate(state, current, result, false),
        Some(DUPFD_CLOEXEC) => duplicate(state, current, result, true),
        Some(SETFD) => {
            let cloexec = event.uint(3).unwrap_or(0) & 1 != 0;
            let version = state.threads.stamp();
            if let Some(thread) = state.fd_owner(current).and_then(|owner| state.threads.at_mut(owner)) {
                thread.fds.set_cloexec(current.fd, version, cloexec);
            }
        }
        _ => {}
    }
}

/// pipe, pipe2
pub(super) fn pipe(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    if event.int(0).is_none_or(|res| res < 0) {
        return;
    }
    let mut fd = Fd::new(FdKind::Fifo);
    fd.ino = event.uint(3).unwrap_or(0);
    if event.code.0 == 393 {
        fd.open_flags = event.uint32(4).unwrap_or(0);
        file_flags(&mut fd);
    }
    for param in [1, 2] {
        if let Some(number) = event.int(param) {
            state.store(current, number, fd.clone());
        }
    }
}

/// A descriptor of a kind without a name, whose number is the result.
fn plain(
    state: &mut State,
    event: &EventView<'_>,
    current: &mut Current,
    kind: FdKind,
    flags: Option<usize>,
) {
    let Some(number) = event.int(0).filter(|&fd| fd >= 0) else { return };
    let mut fd = Fd::new(kind);
    if let Some(flags) = flags {
        fd.open_flags = event.uint32(flags).unwrap_or(0);
        file_flags(&mut fd);
    }
    state.store(current, number, fd);
}

pub(super) fn eventfd(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let flags = (event.code.0 == 397).then_some(1);
    plain(state, event, current, FdKind::Event, flags);
}

pub(super) fn signalfd(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let flags = (event.code.0 == 399).then_some(1);
    plain(state, event, current, FdKind::Signal, flags);
}

pub(super) fn timerfd(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    plain(state, event, current, FdKind::Timer, None);
}

pub(super) fn inotify(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let flags = (event.code.0 == 395).then_some(1);
    plain(state, event, current, FdKind::Inotify, flags);
}

pub(super) fn epoll(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    const EPOLL_CLOEXEC: u32 = 1;
    let Some(number) = event.int(0).filter(|&fd| fd >= 0) else { return };
    let mut fd = Fd::new(FdKind::EventPoll);
    if event.code.0 == 377 && event.uint32(1).unwrap_or(0) & EPOLL_CLOEXEC != 0 {
        fd.flags.set(FdFlags::CLOEXEC);
    }
    state.store(current, number, fd);
}

/// Commands of `bpf` whose result is no descriptor have a result of 0 or an error.
pub(super) fn bpf(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    if event.int(0).is_some_and(|fd| fd > 0) {
        plain(state, event, current, FdKind::Bpf, None);
    }
}

pub(super) fn userfaultfd(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    plain(state, event, current, FdKind::Userfault, Some(1));
}

pub(super) fn io_uring(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    plain(state, event, current, FdKind::IoUring, None);
}

pub(super) fn memfd(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    const MFD_CLOEXEC: u32 = 1;
    let Some(number) = event.int(0).filter(|&fd| fd >= 0) else { return };
    let mut fd = Fd::new(FdKind::Memfd);
    fd.name = Text::from(event.text(1).unwrap_or_default());
    if event.uint32(2).unwrap_or(0) & MFD_CLOEXEC != 0 {
        fd.flags.set(FdFlags::CLOEXEC);
    }
    state.store(current, number, fd);
}

pub(super) fn pidfd_open(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let Some(number) = event.int(0).filter(|&fd| fd >= 0) else { return };
    let mut fd = Fd::new(FdKind::Pidfd);
    fd.pid = event.int(1).unwrap_or(-1);
    // the kernel closes them on exec, always
    fd.flags.set(FdFlags::CLOEXEC);
    state.store(current, number, fd);
}

/// The copy of another process's descriptor.
pub(super) fn pidfd_getfd(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let Some(number) = event.int(0).filter(|&fd| fd >= 0) else { return };
    let (pidfd, target) = (event.int(1).unwrap_or(-1), event.int(2).unwrap_or(-1));
    let copy = state.fd_owner(current).and_then(|owner| {
        let pid = state.threads.at(owner)?.fds.get(pidfd).filter(|fd| fd.kind == FdKind::Pidfd)?.pid;
        let mut copy = state.threads.get(pid)?.fds.get(target)?.clone();
        copy.flags.set(FdFlags::CLOEXEC);
        Some(copy)
    });
    if let Some(copy) = copy {
        state.store(current, number, copy);
    }
}

impl State {
    fn set_cwd(&mut self, current: &Current, path: &[u8]) -> Changed {
        let base = self.cwd(current);
        let resolved = path::resolve(base, path);
        let Some(pid) = self.thread(current).and_then(|t| self.threads.main_of(t)).map(|t| t.tid) else {
            return Changed::Nothing;
        };
        let main = self.threads.get_mut(pid);
        let changed = main.is_some_and(|t| put(&mut t.cwd, directory(&resolved)));
        if changed { Changed::Process } else { Changed::Nothing }
    }
}

pub(super) fn chdir(state: &mut State, event: &EventView<'_>, current: &mut Current) -> Changed {
    if event.int(0).is_none_or(|res| res < 0) {
        return Changed::Nothing;
    }
    state.set_cwd(current, event.text(1).unwrap_or_default())
}

pub(super) fn fchdir(state: &mut State, event: &EventView<'_>, current: &mut Current) -> Changed {
    let ok = event.int(0).is_some_and(|res| res >= 0);
    match state.fd(current).filter(|_| ok).map(|fd| fd.name.clone()) {
        Some(name) => state.set_cwd(current, &name),
        None => Changed::Nothing,
    }
}

pub(super) fn getcwd(state: &mut State, event: &EventView<'_>, current: &mut Current) -> Changed {
    // -1 .. -4095 are errors; the size of the path otherwise
    match event.text(1) {
        Some(path) if event.int(0).is_some_and(|res| res >= 0) => state.set_cwd(current, path),
        _ => Changed::Nothing,
    }
}

pub(super) fn chroot(state: &mut State, event: &EventView<'_>, current: &mut Current) -> Changed {
    if event.int(0) != Some(0) {
        return Changed::Nothing;
    }
    let base = state.cwd(current);
    let root = path::resolve(base, event.text(1).unwrap_or_default());
    let thread = state.current_thread(current);
    thread.map_or(Changed::Nothing, |t| Changed::thread_if(put(&mut t.root, Text::from(root))))
}
