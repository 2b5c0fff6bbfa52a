//! Field values for evaluating conditions: a table that is made up from a seed.
//!
//! The same seed gives the same value for the same field, with a type that the field can have; about
//! one in five has no value. `evt.type`, `syscall.type` and `evt.num` are always those of one real
//! event, as in the engine.

use super::choices::Choices;
use super::pools;
use bumpalo::Bump;
use peregrine_compiler::hir::eval::{Extracted, FieldSource, Value};
use peregrine_compiler::hir::field::{FieldArg, FieldRef};
use peregrine_compiler::hir::types::Family;
use peregrine_compiler::interp::Fields;
use peregrine_compiler::ops::net;
use peregrine_compiler::schema::{EventDef, Multi, Schema, Type};
use peregrine_compiler::value::{FieldValue, Found};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// The values of one made-up event.
pub struct Table<'s> {
    schema: &'s Schema,
    seed: u64,
    event: Option<&'s EventDef>,
    arena: Bump,
}

impl<'s> Table<'s> {
    /// The event of a seed.
    pub fn new(schema: &'s Schema, seed: u64) -> Self {
        // The first two codes stand for every system call without a type of its own; see `event_sets`.
        let own = schema.events().get(2..).unwrap_or_default();
        let event = if own.is_empty() { None } else { own.get(seed as usize % own.len()) };
        Self { schema, seed, event, arena: Bump::new() }
    }

    /// The event.
    pub fn event(&self) -> Option<&'s EventDef> {
        self.event
    }
}

impl FieldSource for Table<'_> {
    fn extract(&self, field: &FieldRef) -> Option<Extracted> {
        let def = self.schema.field(field.id);
        let one = |value| Some(Extracted { ty: def.ty, values: vec![value] });
        if let (FieldArg::None, "evt.type" | "syscall.type", Some(event)) =
            (&field.arg, &*def.name, self.event)
        {
            return one(Value::Text(event.name.as_bytes().to_vec()));
        }
        if def.name == "evt.num" {
            return one(Value::Uint(1 + self.seed % 100));
        }
        let bytes = noise(self.seed, field);
        let mut choices = Choices::new(&bytes);
        if choices.chance(20) {
            return None;
        }
        let ty = if def.ty == Type::Dyn { *choices.pick(pools::PARAM_TYPES) } else { def.ty };
        let count = match def.multi {
            _ if def.list && field.arg == FieldArg::None => choices.below(4),
            Multi::AnyAncestor if field.arg == FieldArg::None => 1 + choices.below(3),
            Multi::EitherEnd => 2,
            _ => 1,
        };
        Some(Extracted { ty, values: (0..count).map(|_| value(&mut choices, ty)).collect() })
    }
}

fn noise(seed: u64, field: &FieldRef) -> Vec<u8> {
    let word = |i: u64| {
        let mut hasher = DefaultHasher::new();
        (seed, field, i).hash(&mut hasher);
        hasher.finish().to_le_bytes()
    };
    (0..6).flat_map(word).collect()
}

fn value(choices: &mut Choices<'_>, ty: Type) -> Value {
    let number = |choices: &mut Choices<'_>| [0, 1, 3, 80, 2, 127][choices.below(6)];
    match Family::of(ty) {
        Family::Int if choices.chance(10) => Value::Int(-1),
        Family::Int => Value::Int(number(choices)),
        Family::Uint => Value::Uint(number(choices).unsigned_abs()),
        Family::Bool => Value::Bool(choices.chance(50)),
        Family::Double => Value::Double(if choices.chance(10) { f64::NAN } else { number(choices) as f64 }),
        Family::Text => Value::Text(pools::text(choices)),
        Family::Buffer => Value::Bytes(choices.pick(pools::BUFFERS).to_vec()),
        Family::Ip | Family::Net => {
            net::parse_ip(choices.pick(pools::IPS).as_bytes()).map_or(Value::Opaque, Value::Ip)
        }
        Family::Dyn | Family::Opaque => Value::Opaque,
    }
}

impl FieldSource for &Table<'_> {
    fn extract(&self, field: &FieldRef) -> Option<Extracted> {
        (**self).extract(field)
    }
}

impl<'a> Fields<'a> for &'a Table<'_> {
    fn find(&self, field: &FieldRef) -> Found<'a> {
        let table: &'a Table<'_> = self;
        let Some(Extracted { ty, values }) = table.extract(field) else { return Found::Nothing };
        let def = table.schema.field(field.id);
        let values: Vec<FieldValue<'a>> = values.iter().map(|v| borrowed(&table.arena, v)).collect();
        match values.as_slice() {
            &[only] if !def.list && def.multi == Multi::No => {
                if def.ty == Type::Dyn {
                    Found::Typed(ty, def.print, only)
                } else {
                    Found::One(only)
                }
            }
            values => Found::Many(table.arena.alloc_slice_copy(values)),
        }
    }
}

fn borrowed<'a>(arena: &'a Bump, value: &Value) -> FieldValue<'a> {
    match value {
        Value::Int(n) => FieldValue::Int(*n),
        Value::Uint(n) => FieldValue::Uint(*n),
        Value::Bool(b) => FieldValue::Bool(*b),
        Value::Double(d) => FieldValue::Double(*d),
        Value::Text(t) => FieldValue::Text(arena.alloc_slice_copy(t)),
        Value::Bytes(b) => FieldValue::Bytes(arena.alloc_slice_copy(b)),
        Value::Ip(ip) => FieldValue::Ip(*ip),
        Value::Opaque => FieldValue::Opaque,
    }
}
