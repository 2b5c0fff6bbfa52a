//! Users, groups, sessions, capabilities and limits of a thread.

use super::super::facts::{Changed, put};
use super::super::{Current, State};
use crate::event::view::EventView;

/// All capabilities of the format.
const ALL_CAPS: u64 = (1 << 41) - 1;
/// `CLONE_NEWUSER` in the format's numbers.
const NEWUSER: u32 = 1 << 20;
/// Value of an id that is left as it is.
const KEEP: u32 = u32::MAX;

fn ok(event: &EventView<'_>) -> bool {
    event.int(0).is_some_and(|res| res >= 0)
}

fn set_uid(state: &mut State, event: &EventView<'_>, current: &Current, param: usize) -> Changed {
    match (event.uint32(param).filter(|&id| id != KEEP), state.current_thread(current)) {
        (Some(uid), Some(thread)) if ok(event) => Changed::thread_if(put(&mut thread.uid, uid)),
        _ => Changed::Nothing,
    }
}

fn set_gid(state: &mut State, event: &EventView<'_>, current: &Current, param: usize) -> Changed {
    match (event.uint32(param).filter(|&id| id != KEEP), state.current_thread(current)) {
        (Some(gid), Some(thread)) if ok(event) => Changed::thread_if(put(&mut thread.gid, gid)),
        _ => Changed::Nothing,
    }
}

pub(super) fn setuid(state: &mut State, event: &EventView<'_>, current: &mut Current) -> Changed {
    set_uid(state, event, current, 1)
}

pub(super) fn setgid(state: &mut State, event: &EventView<'_>, current: &mut Current) -> Changed {
    set_gid(state, event, current, 1)
}

/// setresuid, setreuid: the effective one counts.
pub(super) fn seteuid(state: &mut State, event: &EventView<'_>, current: &mut Current) -> Changed {
    set_uid(state, event, current, 2)
}

/// setresgid, setregid
pub(super) fn setegid(state: &mut State, event: &EventView<'_>, current: &mut Current) -> Changed {
    set_gid(state, event, current, 2)
}

pub(super) fn setsid(state: &mut State, event: &EventView<'_>, current: &mut Current) -> Changed {
    match (event.int(0).filter(|&sid| sid >= 0), state.current_thread(current)) {
        (Some(sid), Some(thread)) => Changed::thread_if(put(&mut thread.sid, sid)),
        _ => Changed::Nothing,
    }
}

pub(super) fn capset(state: &mut State, event: &EventView<'_>, current: &mut Current) -> Changed {
    let Some(thread) = state.current_thread(current).filter(|_| ok(event)) else { return Changed::Nothing };
    let mut caps = thread.caps;
    for (slot, param) in caps.iter_mut().zip([1, 2, 3]) {
        *slot = event.uint(param).unwrap_or(*slot);
    }
    Changed::thread_if(put(&mut thread.caps, caps))
}

/// setns, unshare: a thread has all capabilities in a user namespace that it enters.
pub(super) fn namespaces(state: &mut State, event: &EventView<'_>, current: &mut Current) -> Changed {
    let param = if event.code.0 == 241 { 2 } else { 1 };
    if !ok(event) || event.uint32(param).unwrap_or(0) & NEWUSER == 0 {
        return Changed::Nothing;
    }
    let thread = state.current_thread(current);
    thread.map_or(Changed::Nothing, |t| Changed::thread_if(put(&mut t.caps, [ALL_CAPS; 3])))
}

pub(super) fn prctl(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    const SET_CHILD_SUBREAPER: u32 = 36;
    if !ok(event) || event.uint32(1) != Some(SET_CHILD_SUBREAPER) {
        return;
    }
    let on = event.int(3).unwrap_or(0) != 0;
    if let Some(pid) = state.thread(current).map(|t| t.pid) {
        state.threads.set_reaper(pid, on);
    }
}

const NOFILE: u64 = 7;

/// getrlimit, setrlimit
pub(super) fn rlimit(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    if ok(event)
        && event.uint(3) == Some(NOFILE)
        && let (Some(limit), Some(thread)) =
            (event.int(1).filter(|&n| n != -1), state.current_thread(current))
    {
        thread.fdlimit = limit;
    }
}

pub(super) fn prlimit(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    if !ok(event) || event.uint(6) != Some(NOFILE) {
        return;
    }
    let Some(limit) = event.int(1).filter(|&n| n != -1) else { return };
    let pid = event.int(5).unwrap_or(0);
    let thread = if pid == 0 { state.current_thread(current) } else { state.threads.get_mut(pid) };
    if let Some(thread) = thread {
        thread.fdlimit = limit;
    }
}

/// brk, mmap, munmap
pub(super) fn memory(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let sizes = [1, 2, 3].map(|param| event.uint32(param));
    let Some(pid) = state.thread(current).and_then(|t| state.threads.main_of(t)).map(|t| t.tid) else {
        return;
    };
    if let Some(thread) = state.threads.get_mut(pid) {
        for (slot, value) in thread.memory_kb.iter_mut().zip(sizes) {
            *slot = value.unwrap_or(*slot);
        }
    }
}
