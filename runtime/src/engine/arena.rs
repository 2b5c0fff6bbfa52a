//! Memory for the values of one event's fields.
//!
//! Values that an event does not have as they are (joined arguments, resolved paths, names of flags) are made
//! here and all go at the next event.
//!
//! INVARIANT: once one chunk holds what the largest event needs, no event allocates or frees. An event that
//! needs more than [`KEPT_BYTES`] gets it, but its memory goes with it.

use bumpalo::Bump;

/// Room at the beginning: few events need more.
const FIRST_BYTES: usize = 16 * 1024;
/// What a large event may leave to those after it.
const KEPT_BYTES: usize = 1024 * 1024;

/// An arena that begins anew at each event.
#[derive(Debug)]
pub(super) struct EventArena {
    bump: Bump,
    /// Room of the chunk when nothing is in it.
    empty_bytes: usize,
}

impl EventArena {
    /// With nothing in it.
    pub(super) fn new() -> Self {
        let bump = Bump::with_capacity(FIRST_BYTES);
        let empty_bytes = bump.chunk_capacity();
        Self { bump, empty_bytes }
    }

    /// Gives up what is in it, for the next event.
    pub(super) fn begin(&mut self) {
        // a second chunk could have just as much room left; then the event after this one begins anew
        if self.bump.chunk_capacity() != self.empty_bytes {
            self.clear();
        }
    }

    fn clear(&mut self) {
        if self.bump.allocated_bytes() > KEPT_BYTES {
            self.bump = Bump::with_capacity(FIRST_BYTES);
        } else {
            self.bump.reset();
        }
        self.empty_bytes = self.bump.chunk_capacity();
    }

    /// For values.
    pub(super) fn bump(&self) -> &Bump {
        &self.bump
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_what_events_need_and_no_further() {
        let mut arena = EventArena::new();
        let first = arena.empty_bytes;
        assert!(first >= FIRST_BYTES);
        for (needed, expect) in [
            (0, first),
            (1, first),
            (first, first),
            (first + 1, 2 * first),
            (1, 2 * first),
            (KEPT_BYTES / 2, KEPT_BYTES / 2),
            (2 * KEPT_BYTES, first),
            (1, first),
        ] {
            arena.bump().alloc_slice_fill_copy(needed, 0_u8);
            arena.begin();
            let room = arena.bump().chunk_capacity();
            assert!(room >= expect && room < expect + expect / 2 + 4096, "{needed} bytes: {room}, {expect}");
            assert_eq!(room, arena.empty_bytes);
        }
    }
}
