//! What processes and descriptors keep between events: the state that their answers lead to.
//!
//! INVARIANT: an entry is used only under the versions that it was made under. Versions are never used twice,
//! so a thread that takes another one's place does not take over its answers.

use super::classify::Class;
use super::states::StateId;

/// One row for each thread: a state for each bucket, a class for each slot that is asked about processes.
#[derive(Debug)]
pub(crate) struct Rows {
    versions: Vec<u64>,
    cells: Vec<u32>,
    stride: usize,
    buckets: usize,
}

/// Not known.
const NONE: u32 = 0;
/// Threads beyond these share the row of threads that are not known.
const MAX_ROWS: u32 = 1 << 22;

/// The row of a thread.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Row(usize);

impl Rows {
    pub(crate) fn new(buckets: usize, slots: usize) -> Self {
        Self { versions: Vec::new(), cells: Vec::new(), stride: buckets + slots, buckets }
    }

    /// The row of a thread, empty if it is of another version; that of nobody is always empty.
    #[inline]
    pub(crate) fn of(&mut self, thread: Option<(u32, u64)>) -> Row {
        let (at, version) = match thread {
            Some((slot, version)) if slot < MAX_ROWS => (slot as usize + 1, version),
            _ => (0, 0),
        };
        if self.versions.get(at) != Some(&version) || version == 0 {
            self.reset(at, version);
        }
        Row(at * self.stride)
    }

    #[cold]
    fn reset(&mut self, at: usize, version: u64) {
        if at >= self.versions.len() {
            self.versions.resize(at + 1, 0);
            self.cells.resize((at + 1) * self.stride, NONE);
        }
        if let Some(slot) = self.versions.get_mut(at) {
            *slot = version;
        }
        let start = at * self.stride;
        if let Some(row) = self.cells.get_mut(start..start + self.stride) {
            row.fill(NONE);
        }
    }

    /// Forgets everything.
    pub(crate) fn forget(&mut self) {
        self.versions.fill(0);
    }

    #[inline]
    pub(crate) fn state(&self, row: Row, bucket: u32) -> Option<StateId> {
        self.cells.get(row.0 + bucket as usize)?.checked_sub(1).map(StateId)
    }

    pub(crate) fn set_state(&mut self, row: Row, bucket: u32, state: StateId) {
        if let Some(cell) = self.cells.get_mut(row.0 + bucket as usize) {
            *cell = state.0 + 1;
        }
    }

    pub(crate) fn class(&self, row: Row, slot: usize) -> Option<Class> {
        self.cells.get(row.0 + self.buckets + slot)?.checked_sub(1).map(Class)
    }

    pub(crate) fn set_class(&mut self, row: Row, slot: usize, class: Class) {
        if let Some(cell) = self.cells.get_mut(row.0 + self.buckets + slot) {
            *cell = class.0 + 1;
        }
    }
}

/// What the answers about a descriptor lead to, for the descriptors used last.
#[derive(Debug)]
pub(crate) struct FdCache {
    entries: Vec<FdEntry>,
}

/// Under which versions and from which state.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct FdKey {
    pub(crate) fd: u64,
    pub(crate) from: u32,
    pub(crate) code: u32,
}

#[derive(Copy, Clone, Debug, Default)]
struct FdEntry {
    key: FdKey,
    to: u32,
}

const FD_ENTRIES: usize = 1 << 12;

impl FdCache {
    pub(crate) fn new() -> Self {
        Self { entries: vec![FdEntry::default(); FD_ENTRIES] }
    }

    fn at(key: &FdKey) -> usize {
        let mixed = key.fd ^ (u64::from(key.from) << 5) ^ (u64::from(key.code) << 9);
        mixed as usize % FD_ENTRIES
    }

    #[inline]
    pub(crate) fn get(&self, key: &FdKey) -> Option<StateId> {
        self.entries.get(Self::at(key)).filter(|e| e.key == *key).map(|e| StateId(e.to))
    }

    pub(crate) fn set(&mut self, key: FdKey, to: StateId) {
        if let Some(entry) = self.entries.get_mut(Self::at(&key)) {
            *entry = FdEntry { key, to: to.0 };
        }
    }

    pub(crate) fn forget(&mut self) {
        self.entries.fill(FdEntry::default());
    }
}
