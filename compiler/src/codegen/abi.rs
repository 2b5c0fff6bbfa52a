//! Layout shared with generated code.
//!
//! ```text
//! Frame   0 stamp u32     number of the event; values with another stamp are of earlier events
//!         8 values *      one Value for each slot
//!        16 env *         what helpers need; generated code passes it on with the frame
//! Value   0 stamp u32
//!         4 tag   u32     NOTHING, TEXT (a: bytes, b: length), NUMBER (a), OTHER (ask a helper)
//!         8 a     u64
//!        16 b     u64
//!        24 found         the whole value, for helpers
//! ```

use crate::interp::Fields;
use crate::ir::ready::Ready;
use crate::ir::{PredId, Slot, SlotId};
use crate::schema::Schema;
use crate::value::{FieldValue, Found};
use std::mem::{MaybeUninit, offset_of, size_of};

/// No value.
pub(super) const NOTHING: u32 = 0;
/// A text or buffer.
pub(super) const TEXT: u32 = 1;
/// An integer or boolean.
pub(super) const NUMBER: u32 = 2;
/// Anything else.
pub(super) const OTHER: u32 = 3;

/// A slot's value for the current event.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Value {
    stamp: u32,
    tag: u32,
    a: u64,
    b: u64,
    /// INVARIANT: written in the event whose number `stamp` is, and read in that event only.
    found: MaybeUninit<Found<'static>>,
}

pub(super) const VALUE_STAMP: i32 = offset_of!(Value, stamp) as i32;
pub(super) const VALUE_TAG: i32 = offset_of!(Value, tag) as i32;
pub(super) const VALUE_A: i32 = offset_of!(Value, a) as i32;
pub(super) const VALUE_B: i32 = offset_of!(Value, b) as i32;
pub(super) const VALUE_SIZE: usize = size_of::<Value>();
pub(super) const FRAME_STAMP: i32 = offset_of!(Frame<'static, 'static, 'static>, stamp) as i32;
pub(super) const FRAME_VALUES: i32 = offset_of!(Frame<'static, 'static, 'static>, values) as i32;

const _: () = assert!(VALUE_STAMP == 0 && VALUE_TAG == 4 && VALUE_A == 8 && VALUE_B == 16);
const _: () = assert!(FRAME_STAMP == 0 && FRAME_VALUES == 8);

/// Values of all slots, kept for their room.
#[derive(Debug, Default)]
pub(crate) struct Values {
    stamp: u32,
    all: Vec<Value>,
}

impl Values {
    /// Room for the slots of a program.
    pub(crate) fn new(slots: usize) -> Self {
        Self { stamp: 0, all: std::iter::repeat_with(Value::empty).take(slots).collect() }
    }

    /// Begins an event: nothing is known.
    pub(super) fn begin(&mut self) -> u32 {
        if self.stamp == u32::MAX {
            self.all.iter_mut().for_each(|v| *v = Value::empty());
            self.stamp = 0;
        }
        self.stamp += 1;
        self.stamp
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut Value {
        self.all.as_mut_ptr()
    }
}

impl Value {
    fn empty() -> Self {
        Self { stamp: 0, tag: NOTHING, a: 0, b: 0, found: MaybeUninit::uninit() }
    }
}

/// What a call of generated code works on.
#[repr(C)]
pub(super) struct Frame<'e, 'f, 'a> {
    /// Number of the event.
    pub(super) stamp: u32,
    /// Values by slot.
    pub(super) values: *mut Value,
    /// What helpers need.
    pub(super) env: &'e mut Env<'f, 'a>,
}

/// What a call of generated code works on.
pub(crate) struct Call<'f, 'a> {
    /// The event's fields.
    pub(crate) fields: &'f dyn Fields<'a>,
    /// For checks of the reference evaluator.
    pub(crate) schema: &'f Schema,
    /// Slots of the program.
    pub(crate) slots: &'f [Slot],
    /// Slot of a predicate.
    pub(crate) slot_of: &'f dyn Fn(PredId) -> SlotId,
    /// Predicates of the program.
    pub(crate) ready: &'f [Ready],
    /// Finds classes.
    pub(crate) classify: &'f mut dyn FnMut(SlotId) -> u32,
}

/// What helpers need.
pub(super) struct Env<'f, 'a> {
    pub(super) call: Call<'f, 'a>,
    /// How many there are.
    pub(super) values: usize,
}

impl Frame<'_, '_, '_> {
    /// The value of a slot, if the slot is one.
    pub(super) fn value(&mut self, slot: SlotId) -> Option<&mut Value> {
        if slot.index() >= self.env.values {
            return None;
        }
        // SAFETY: `values` points to `env.values` values that nothing else refers to during the call, see
        // `Call::run`
        Some(unsafe { &mut *self.values.add(slot.index()) })
    }
}

impl Value {
    /// Whether it is of this event.
    pub(super) fn is_of(&self, stamp: u32) -> bool {
        self.stamp == stamp
    }

    /// Its tag.
    pub(super) fn tag(&self) -> u32 {
        self.tag
    }

    /// Takes what was found in the event `stamp`.
    pub(super) fn set(&mut self, stamp: u32, found: Found<'_>) {
        (self.tag, self.a, self.b) = match found {
            Found::Nothing | Found::Zero(..) => (NOTHING, 0, 0),
            Found::One(value) | Found::Typed(_, _, value) => match value {
                FieldValue::Text(t) | FieldValue::Bytes(t) => (TEXT, t.as_ptr() as u64, t.len() as u64),
                FieldValue::Int(n) => (NUMBER, n.cast_unsigned(), 0),
                FieldValue::Uint(n) => (NUMBER, n, 0),
                FieldValue::Bool(b) => (NUMBER, u64::from(b), 0),
                FieldValue::Double(_) | FieldValue::Ip(_) | FieldValue::Opaque => (OTHER, 0, 0),
            },
            Found::Many(_) => (OTHER, 0, 0),
        };
        self.stamp = stamp;
        // SAFETY: lifetimes do not change the layout; by the invariant of `found` the value is read only while
        // the event, which it borrows from, lasts
        self.found = MaybeUninit::new(unsafe { std::mem::transmute::<Found<'_>, Found<'static>>(found) });
    }

    /// What was found, if it was found in the event `stamp`.
    pub(super) fn found(&self, stamp: u32) -> Option<Found<'_>> {
        if !self.is_of(stamp) || stamp == 0 {
            return None;
        }
        // SAFETY: `stamp` is set together with `found`, and is of the event at hand
        Some(unsafe { self.found.assume_init() })
    }
}
