//! The thread table: threads by number, their processes and parents.

use super::facts::Stamps;
use super::fd::FdTable;
use super::thread::{Thread, ThreadFlags};
use std::collections::HashMap;

/// Numbers below this are found by position in pages; Linux allows no larger ones.
const PAGED: i64 = 1 << 22;
const PAGE: usize = 1 << 10;

/// Ancestors that are looked at: captures of others can have parents in a loop. It is no number that changes,
/// such as that of the threads, because the facts about a process do not.
const MAX_ANCESTORS: u64 = 4096;

/// Place of a thread in the table, valid until the thread is removed.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct ThreadId(u32);

impl ThreadId {
    /// Number of the place, from 0.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// Threads of one process.
#[derive(Clone, Debug, Default)]
struct Group {
    threads: Vec<i64>,
    alive: usize,
    /// It takes orphans: the first of a pid namespace.
    reaper: bool,
}

/// All threads, bounded.
#[derive(Debug, Default)]
pub struct ThreadTable {
    slots: Vec<Option<Box<Thread>>>,
    free: Vec<u32>,
    /// Slot + 1 by number, in pages.
    pages: Vec<Option<Box<[u32]>>>,
    /// Slots of numbers that no page has: other systems, forged captures.
    others: HashMap<i64, u32, foldhash::fast::RandomState>,
    groups: HashMap<i64, Group, foldhash::fast::RandomState>,
    count: usize,
    stamps: Stamps,
    /// A thread refers to others by number without being tied to them, so that nobody can find it from there.
    loose: bool,
    /// Room for [`ThreadTable::touch`].
    open: Vec<i64>,
}

impl ThreadTable {
    /// The next stamp, for a descriptor that changes.
    pub(super) fn stamp(&mut self) -> u64 {
        self.stamps.next()
    }

    /// As many stamps; gives the first one.
    pub(super) fn stamps(&mut self, count: usize) -> u64 {
        self.stamps.reserve(count)
    }

    /// See [`super::State::facts_generation`].
    pub(super) fn generation(&self) -> u64 {
        self.stamps.generation()
    }

    /// Facts of many threads may have changed.
    pub(super) fn touch_all(&mut self) {
        self.stamps.new_generation();
    }

    /// Threads may refer to others without being tied to them.
    pub(super) fn set_loose(&mut self) {
        self.loose = true;
        self.touch_all();
    }

    /// Facts of the thread with this number changed, or another thread has it now: it gets a new version, and
    /// so do all whose facts follow from its own, the other threads of its process and its descendants.
    pub(super) fn touch(&mut self, tid: i64) {
        // threads without a parent refer to 0, those of which nothing is known to -1
        if tid <= 0 || self.loose {
            self.touch_all();
        }
        let version = self.stamps.next();
        if let Some(thread) = self.get_mut(tid) {
            thread.version = version;
        }
        let mut open = std::mem::take(&mut self.open);
        self.followers(tid, &mut open);
        while let Some(next) = open.pop() {
            // INVARIANT: a thread is followed once, so loops of parents end
            if let Some(thread) = self.get_mut(next).filter(|t| t.version != version) {
                thread.version = version;
                self.followers(next, &mut open);
            }
        }
        self.open = open;
    }

    /// Threads that look at the one with this number: its children, and the threads of its process.
    fn followers(&self, tid: i64, open: &mut Vec<i64>) {
        if let Some(thread) = self.get(tid) {
            open.extend(&thread.children);
        }
        if let Some(group) = self.groups.get(&tid) {
            open.extend(group.threads.iter().filter(|&&t| t != tid));
        }
    }

    /// Place of the thread with this number.
    pub fn find(&self, tid: i64) -> Option<ThreadId> {
        if (0..PAGED).contains(&tid) {
            let page = self.pages.get(tid as usize / PAGE)?.as_deref()?;
            let slot = *page.get(tid as usize % PAGE)?;
            return slot.checked_sub(1).map(ThreadId);
        }
        self.others.get(&tid).copied().map(ThreadId)
    }

    fn index(&mut self, tid: i64, slot: Option<u32>) {
        if (0..PAGED).contains(&tid) {
            let page = tid as usize / PAGE;
            if self.pages.len() <= page {
                self.pages.resize_with(page + 1, || None);
            }
            if let Some(entry) = self.pages.get_mut(page) {
                let page = entry.get_or_insert_with(|| vec![0; PAGE].into_boxed_slice());
                if let Some(at) = page.get_mut(tid as usize % PAGE) {
                    *at = slot.map_or(0, |s| s + 1);
                }
            }
        } else if let Some(slot) = slot {
            self.others.insert(tid, slot);
        } else {
            self.others.remove(&tid);
        }
    }

    /// The thread at a place.
    pub fn at(&self, id: ThreadId) -> Option<&Thread> {
        self.slots.get(id.0 as usize)?.as_deref()
    }

    /// The thread at a place.
    pub(super) fn at_mut(&mut self, id: ThreadId) -> Option<&mut Thread> {
        self.slots.get_mut(id.0 as usize)?.as_deref_mut()
    }

    /// The thread with this number.
    pub fn get(&self, tid: i64) -> Option<&Thread> {
        self.at(self.find(tid)?)
    }

    /// The thread with this number.
    pub(super) fn get_mut(&mut self, tid: i64) -> Option<&mut Thread> {
        let id = self.find(tid)?;
        self.at_mut(id)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Thread> {
        self.slots.iter().filter_map(Option::as_deref)
    }

    /// All, in no order.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Thread> {
        self.slots.iter_mut().filter_map(Option::as_deref_mut)
    }

    /// Stores a thread, in place of one with the same number, without ties to others.
    pub(super) fn insert(&mut self, thread: Thread) -> ThreadId {
        let tid = thread.tid;
        if let Some(id) = self.find(tid) {
            let place = self.slots.get_mut(id.0 as usize);
            let old = place.and_then(|slot| slot.replace(Box::new(thread)));
            self.orphan(tid, old.map(|t| t.children).unwrap_or_default());
            self.touch(tid);
            return id;
        }
        let slot = self.free.pop().unwrap_or(self.slots.len() as u32);
        if slot as usize == self.slots.len() {
            self.slots.push(None);
        }
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Some(Box::new(thread));
        }
        self.count += 1;
        self.index(tid, Some(slot));
        self.touch(tid);
        ThreadId(slot)
    }

    /// Children of a thread that is no longer there have no parent, rather than the next thread with its
    /// number.
    fn orphan(&mut self, parent: i64, children: Vec<i64>) {
        for child in children {
            if let Some(thread) = self.get_mut(child).filter(|t| t.ptid == parent) {
                thread.ptid = 0;
                self.touch(child);
            }
        }
    }

    /// Takes a thread out, without regard to its ties.
    fn take(&mut self, tid: i64) -> Option<Box<Thread>> {
        let id = self.find(tid)?;
        let thread = self.slots.get_mut(id.0 as usize)?.take()?;
        self.free.push(id.0);
        self.count -= 1;
        self.index(tid, None);
        Some(thread)
    }

    /// Ties a thread to its process and its parent. A parent that is not known is forgotten.
    pub(super) fn tie(&mut self, tid: i64) {
        let Some(thread) = self.get(tid) else { return };
        let (pid, ptid) = (thread.pid, thread.ptid);
        if thread.is_invalid() {
            if ptid > 0 || (pid > 0 && pid != tid) {
                self.set_loose();
            }
            return;
        }
        let reaper = pid == 1 || thread.vpid == 1;
        let group = self.groups.entry(pid).or_default();
        if !group.threads.contains(&tid) {
            group.threads.push(tid);
            group.alive += 1;
        }
        group.reaper |= reaper;
        if ptid == 0 {
            return;
        }
        match self.get_mut(ptid) {
            Some(parent) if !parent.is_invalid() => parent.children.push(tid),
            _ => {
                if let Some(thread) = self.get_mut(tid) {
                    thread.ptid = 0;
                }
            }
        }
    }

    /// Ties all threads; for a table that was filled from a snapshot.
    pub(super) fn tie_all(&mut self) {
        let mut tids: Vec<i64> = self.iter().map(|t| t.tid).collect();
        tids.sort_unstable();
        self.groups.clear();
        for &tid in &tids {
            if let Some(thread) = self.get_mut(tid) {
                thread.children.clear();
            }
        }
        for tid in tids {
            self.tie(tid);
        }
        self.touch_all();
    }

    /// The first thread of a thread's process.
    pub fn main_of<'a>(&'a self, thread: &'a Thread) -> Option<&'a Thread> {
        if thread.is_main() { Some(thread) } else { self.get(thread.pid) }
    }

    /// The parent of a thread.
    pub fn parent_of(&self, thread: &Thread) -> Option<&Thread> {
        self.get(thread.ptid)
    }

    /// The process `generation` steps up; 0 is the thread's own.
    pub fn ancestor_of<'a>(&'a self, thread: &'a Thread, generation: u64) -> Option<&'a Thread> {
        let mut at = self.main_of(thread)?;
        for _ in 0..generation.min(MAX_ANCESTORS) {
            at = self.main_of(self.parent_of(at)?)?;
        }
        Some(at)
    }

    /// All ancestors from the parent on, each once.
    pub fn ancestors_of<'a>(&'a self, thread: &'a Thread) -> impl Iterator<Item = &'a Thread> {
        let start = self.main_of(thread);
        let mut left = MAX_ANCESTORS;
        std::iter::successors(start.and_then(|t| self.parent_main(t)), move |t| {
            left = left.checked_sub(1)?;
            self.parent_main(t).filter(|p| Some(p.tid) != start.map(|s| s.tid))
        })
    }

    fn parent_main<'a>(&'a self, thread: &'a Thread) -> Option<&'a Thread> {
        self.main_of(self.parent_of(thread)?)
    }

    /// The thread that owns the descriptors of a thread.
    pub fn fd_owner(&self, thread: &Thread) -> Option<i64> {
        if !thread.flags.has(ThreadFlags::CLONE_FILES) || thread.is_main() {
            return Some(thread.tid);
        }
        self.find(thread.pid).map(|_| thread.pid)
    }

    /// The place of the thread that owns the descriptors of the one at `id`.
    pub(super) fn fd_owner_at(&self, id: ThreadId) -> Option<ThreadId> {
        let thread = self.at(id)?;
        if !thread.flags.has(ThreadFlags::CLONE_FILES) || thread.is_main() {
            return Some(id);
        }
        self.find(thread.pid)
    }

    /// Descriptors of a thread.
    pub fn fds_of<'a>(&'a self, thread: &'a Thread) -> Option<&'a FdTable> {
        if !thread.flags.has(ThreadFlags::CLONE_FILES) || thread.is_main() {
            return Some(&thread.fds);
        }
        self.get(thread.pid).map(|t| &t.fds)
    }

    /// Threads of a process that have not ended; `None` when its ties are not known.
    pub fn alive_threads(&self, thread: &Thread) -> Option<usize> {
        if thread.is_invalid() {
            return None;
        }
        self.groups.get(&thread.pid).map(|g| g.alive)
    }

    /// Marks a thread as ended.
    pub(super) fn set_dead(&mut self, tid: i64) {
        let Some(thread) = self.get_mut(tid) else { return };
        if thread.is_dead() {
            return;
        }
        thread.flags.0 |= ThreadFlags::CLOSED;
        let pid = thread.pid;
        if let Some(group) = self.groups.get_mut(&pid).filter(|g| g.threads.contains(&tid)) {
            group.alive = group.alive.saturating_sub(1);
        }
    }

    /// Removes a thread that has ended: its children go to its reaper; the first thread of a process stays
    /// until the others have ended.
    pub(super) fn remove(&mut self, tid: i64) {
        self.set_dead(tid);
        let Some(thread) = self.get(tid) else { return };
        let (pid, invalid, main) = (thread.pid, thread.is_invalid(), thread.is_main());
        let tied = self.groups.get(&pid).is_some_and(|g| g.threads.contains(&tid));
        if invalid || !tied {
            self.drop_thread(tid);
            return;
        }
        if !thread.children.is_empty() {
            let reaper = self.reaper_for(thread);
            self.reparent(tid, reaper);
        }
        let alive = self.groups.get(&pid).map_or(0, |g| g.alive);
        if !main {
            self.drop_thread(tid);
        }
        if alive == 0 {
            let rest = self.groups.get(&pid).map(|g| g.threads.clone()).unwrap_or_default();
            for dead in rest {
                self.drop_thread(dead);
            }
        }
    }

    /// Removes a thread and its ties.
    fn drop_thread(&mut self, tid: i64) {
        let Some(thread) = self.take(tid) else { return };
        if let Some(parent) = self.get_mut(thread.ptid) {
            parent.children.retain(|&c| c != tid);
        }
        if let Some(group) = self.groups.get_mut(&thread.pid) {
            if group.threads.contains(&tid) {
                group.threads.retain(|&t| t != tid);
                if !thread.is_dead() {
                    group.alive = group.alive.saturating_sub(1);
                }
            }
            if group.threads.is_empty() {
                self.groups.remove(&thread.pid);
            }
        }
        self.orphan(tid, thread.children);
        self.touch(tid);
    }

    /// Who gets the children of a thread that ends: who the kernel named, else a living thread of its
    /// process, else the nearest ancestor that takes orphans.
    fn reaper_for(&self, thread: &Thread) -> Option<i64> {
        let usable = |t: &Thread| !t.is_dead() && !t.is_invalid() && t.tid != thread.tid;
        if thread.reaper > 0 {
            return self.get(thread.reaper).filter(|t| usable(t)).map(|t| t.tid);
        }
        let sibling = |pid: i64| {
            let group = self.groups.get(&pid)?;
            group.threads.iter().copied().find(|&t| self.get(t).is_some_and(usable))
        };
        if let Some(tid) = sibling(thread.pid) {
            return Some(tid);
        }
        // INVARIANT: `ancestors_of` ends on loops of parents
        self.ancestors_of(thread)
            .filter(|a| self.groups.get(&a.pid).is_some_and(|g| g.reaper))
            .find_map(|a| sibling(a.pid))
    }

    fn reparent(&mut self, tid: i64, reaper: Option<i64>) {
        let children = self.get_mut(tid).map(|t| std::mem::take(&mut t.children)).unwrap_or_default();
        for &child in &children {
            if let Some(thread) = self.get_mut(child) {
                thread.ptid = reaper.unwrap_or(0);
                self.touch(child);
            }
        }
        if let Some(reaper) = reaper.and_then(|r| self.get_mut(r)) {
            reaper.children.extend(children);
        }
    }

    /// Other threads of a process end without an event of their own when one of them executes a program.
    pub(super) fn remove_others(&mut self, pid: i64, survivor: i64) {
        let others = self.groups.get(&pid).map(|g| g.threads.clone()).unwrap_or_default();
        for tid in others.into_iter().filter(|&t| t != survivor) {
            self.set_dead(tid);
            if let Some(thread) = self.get(tid)
                && !thread.children.is_empty()
            {
                self.reparent(tid, Some(survivor));
            }
            self.drop_thread(tid);
        }
    }

    /// Sets that a process takes orphans, or no longer does.
    pub(super) fn set_reaper(&mut self, pid: i64, reaper: bool) {
        if let Some(group) = self.groups.get_mut(&pid) {
            group.reaper = reaper;
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self { stamps: self.stamps, ..Self::default() };
        self.touch_all();
    }
}
