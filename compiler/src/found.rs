//! Values of slots for the current event, each found at most once.
//!
//! The room for them lasts; the values do not outlive the event, so nothing is allocated after the first events.

use crate::ir::SlotId;
use crate::value::Found;

/// Room for the values of an event. Reused from event to event.
#[derive(Debug, Default)]
pub(crate) struct FoundCache {
    /// Number of the event that places below are of.
    stamp: u32,
    /// Place of each slot's value: its stamp and position.
    places: Vec<(u32, u32)>,
    /// Empty between events.
    values: Vec<Found<'static>>,
}

/// Values of one event.
#[derive(Debug)]
pub(crate) struct EventValues<'c, 'a> {
    cache: &'c mut FoundCache,
    values: Vec<Found<'a>>,
}

impl FoundCache {
    /// Begins an event of a program with so many slots.
    pub(crate) fn event<'a>(&mut self, slots: usize) -> EventValues<'_, 'a> {
        if self.places.len() != slots || self.stamp == u32::MAX {
            self.places = vec![(0, 0); slots];
            self.stamp = 0;
        }
        self.stamp += 1;
        let values = emptied(std::mem::take(&mut self.values));
        EventValues { cache: self, values }
    }
}

impl<'a> EventValues<'_, 'a> {
    /// The values of a slot.
    pub(crate) fn get(&mut self, slot: SlotId, find: impl FnOnce() -> Found<'a>) -> Found<'a> {
        let stamp = self.cache.stamp;
        let Some(place) = self.cache.places.get_mut(slot.index()) else { return find() };
        if place.0 == stamp
            && let Some(&found) = self.values.get(place.1 as usize)
        {
            return found;
        }
        *place = (stamp, self.values.len() as u32);
        let found = find();
        self.values.push(found);
        found
    }
}

impl Drop for EventValues<'_, '_> {
    fn drop(&mut self) {
        self.cache.values = emptied(std::mem::take(&mut self.values));
    }
}

/// An empty vector with the room of another one.
fn emptied<'b>(mut values: Vec<Found<'_>>) -> Vec<Found<'b>> {
    values.clear();
    // nothing is left to convert: this keeps the allocation under another lifetime, since both types have
    // one layout; `runtime/tests/allocations.rs` fails if the library should stop to do so
    values.into_iter().map(|_| Found::Nothing).collect()
}
