//! Enter events that wait for their exit events, one for each thread.
//!
//! Bounded in number and in bytes, because captures are made by others: a thread whose exit event never
//! comes would keep its enter event for ever. The one that was stored first goes first. The buffers are
//! kept, so that in the long run nothing is allocated.

use std::collections::HashMap;

/// Capacity that a buffer may keep beyond twice what it holds.
const SPARE_BYTES: usize = 512;

#[derive(Debug, Default)]
struct Slot {
    tid: i64,
    /// Empty: nobody's.
    event: Vec<u8>,
}

/// Stored enter events by thread.
#[derive(Debug)]
pub(super) struct Enters {
    by_tid: HashMap<i64, u32, foldhash::fast::RandomState>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Slot to be evicted next.
    hand: usize,
    /// Capacity of all buffers.
    held_bytes: usize,
    max_events: usize,
    max_bytes: usize,
}

impl Enters {
    pub(super) fn new(max_events: usize, max_bytes: usize) -> Self {
        Self {
            by_tid: HashMap::default(),
            slots: Vec::new(),
            free: Vec::new(),
            hand: 0,
            held_bytes: 0,
            max_events: max_events.clamp(1, u32::MAX as usize),
            max_bytes,
        }
    }

    /// The enter event of a thread.
    pub(super) fn of(&self, tid: i64) -> Option<&[u8]> {
        let slot = *self.by_tid.get(&tid)?;
        self.slots.get(slot as usize).map(|s| &*s.event)
    }

    /// Forgets the enter event of a thread.
    pub(super) fn clear(&mut self, tid: i64) {
        if let Some(at) = self.by_tid.remove(&tid) {
            if let Some(slot) = self.slots.get_mut(at as usize) {
                slot.event.clear();
            }
            self.free.push(at);
        }
    }

    /// Stores the enter event of a thread in place of the one it had; gives the number of events of other
    /// threads that had to go.
    pub(super) fn store(&mut self, tid: i64, event: &[u8]) -> u64 {
        let mut evicted = 0;
        if event.len() > self.max_bytes {
            self.clear(tid);
            return 1; // this one
        }
        let at = if let Some(&at) = self.by_tid.get(&tid) {
            at
        } else {
            if self.free.is_empty() && self.slots.len() >= self.max_events {
                evicted += self.evict(None);
            }
            let at = self.free.pop().unwrap_or_else(|| {
                self.slots.push(Slot::default());
                (self.slots.len() - 1) as u32
            });
            self.by_tid.insert(tid, at);
            at
        };
        if let Some(slot) = self.slots.get_mut(at as usize) {
            slot.tid = tid;
            let before = slot.event.capacity();
            slot.event.clear();
            if before > 2 * event.len() + SPARE_BYTES {
                slot.event = Vec::with_capacity(event.len());
            }
            slot.event.extend_from_slice(event);
            self.held_bytes = self.held_bytes + slot.event.capacity() - before;
        }
        let mut tries = self.slots.len();
        while self.held_bytes > self.max_bytes && tries > 0 {
            evicted += self.evict(Some(at));
            tries -= 1;
        }
        evicted
    }

    /// Frees the slot at the hand, unless it is `except`, and its buffer; whether there was an event in it.
    fn evict(&mut self, except: Option<u32>) -> u64 {
        let at = self.hand;
        self.hand = if at + 1 < self.slots.len() { at + 1 } else { 0 };
        if except == Some(at as u32) {
            return 0;
        }
        let Some(slot) = self.slots.get_mut(at) else { return 0 };
        let event = std::mem::take(&mut slot.event);
        self.held_bytes -= event.capacity();
        if event.is_empty() {
            return 0;
        }
        self.by_tid.remove(&slot.tid);
        self.free.push(at as u32);
        1
    }

    /// Forgets all.
    pub(super) fn clear_all(&mut self) {
        *self = Self::new(self.max_events, self.max_bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_replaced_and_cleared() {
        let mut enters = Enters::new(4, 1 << 20);
        assert_eq!(enters.store(1, b"one"), 0);
        assert_eq!(enters.store(2, b"two"), 0);
        assert_eq!(enters.store(1, b"again"), 0);
        assert_eq!(
            (enters.of(1), enters.of(2), enters.of(3)),
            (Some(&b"again"[..]), Some(&b"two"[..]), None)
        );
        enters.clear(1);
        enters.clear(1);
        assert_eq!((enters.of(1), enters.of(2)), (None, Some(&b"two"[..])));
        enters.clear_all();
        assert_eq!(enters.of(2), None);
    }

    #[test]
    fn the_first_goes_when_there_are_too_many() {
        let mut enters = Enters::new(3, 1 << 20);
        let evicted: u64 = (1..=5).map(|tid| enters.store(tid, b"event")).sum();
        assert_eq!(evicted, 2);
        let there: Vec<i64> = (1..=5).filter(|&tid| enters.of(tid).is_some()).collect();
        assert_eq!(there, [3, 4, 5]);
        // a place that became free is used before anything is evicted
        enters.clear(4);
        assert_eq!(enters.store(6, b"event"), 0);
    }

    #[test]
    fn bytes_are_bounded() {
        let mut enters = Enters::new(1_000, 10_000);
        let event = [7; 3_000];
        let mut evicted = 0;
        for tid in 0..100 {
            evicted += enters.store(tid, &event);
            assert!(enters.held_bytes <= 10_000 && enters.of(tid) == Some(&event[..]));
            let held: usize = enters.slots.iter().map(|s| s.event.capacity()).sum();
            assert_eq!(held, enters.held_bytes);
        }
        assert_eq!(evicted, 97);
        assert_eq!(enters.store(5, &[0; 10_001]), 1);
        assert_eq!(enters.of(5), None);
        // a buffer does not stay large for a small event
        let small = Enters::new(10, 10_000);
        let mut enters = small;
        enters.store(1, &[1; 9_000]);
        enters.store(1, &[1; 10]);
        assert!(enters.held_bytes < 1_000);
    }
}
