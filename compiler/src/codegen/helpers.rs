//! What generated code calls. Nothing here unwinds: evaluating a predicate does not panic, and if it did the
//! process would end here, not unwind through generated code.

use super::abi::{Frame, NOTHING};
use crate::interp::reference;
use crate::ir::{PredId, SlotId, SlotKind};

/// Finds a slot's value; gives its tag.
pub(super) extern "C" fn find(frame: &mut Frame<'_, '_, '_>, slot: u32) -> u32 {
    let slot = SlotId(slot);
    let stamp = frame.stamp;
    let Some(SlotKind::Field(field)) = frame.env.call.slots.get(slot.index()).map(|s| &s.kind) else {
        return NOTHING;
    };
    let found = frame.env.call.fields.find(field);
    frame.value(slot).map_or(NOTHING, |value| {
        value.set(stamp, found);
        value.tag()
    })
}

/// Whether a predicate holds.
pub(super) extern "C" fn ask(frame: &mut Frame<'_, '_, '_>, pred: u32) -> u32 {
    let pred = PredId(pred);
    let slot = (frame.env.call.slot_of)(pred);
    let stamp = frame.stamp;
    match frame.env.call.slots.get(slot.index()).map(|s| &s.kind) {
        Some(SlotKind::Field(_)) => {}
        Some(kind) => return u32::from(reference(frame.env.call.schema, kind, frame.env.call.fields)),
        None => return 0,
    }
    if frame.value(slot).is_some_and(|v| !v.is_of(stamp)) {
        find(frame, slot.0);
    }
    let ready = frame.env.call.ready.get(pred.index());
    let found = frame.value(slot).and_then(|v| v.found(stamp));
    u32::from(ready.zip(found).is_some_and(|(ready, found)| ready.holds(&found)))
}

/// The class of a slot's values.
pub(super) extern "C" fn classify(frame: &mut Frame<'_, '_, '_>, slot: u32) -> u32 {
    (frame.env.call.classify)(SlotId(slot))
}
