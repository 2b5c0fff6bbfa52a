//! Values of fields as evaluators see them.
//!
//! They are plain data that borrows: from the event and the state where their bytes are there as they are,
//! else from an arena that lasts as long as the event. Nothing is freed one by one.

use crate::hir::eval::Value;
use crate::schema::{PrintFormat, Type};
use std::net::IpAddr;

/// One value of a field.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum FieldValue<'a> {
    /// Signed integer types.
    Int(i64),
    /// Unsigned integer types, flags, ports, times.
    Uint(u64),
    /// Booleans.
    Bool(bool),
    /// Doubles.
    Double(f64),
    /// Texts and paths.
    Text(&'a [u8]),
    /// Byte buffers.
    Bytes(&'a [u8]),
    /// Addresses.
    Ip(IpAddr),
    /// Structures that can only be tested for existence.
    Opaque,
}

impl<'a> FieldValue<'a> {
    /// A constant word.
    pub fn word(word: &'static str) -> Self {
        Self::Text(word.as_bytes())
    }

    /// A text of the event, the state or the arena.
    pub fn text(bytes: &'a [u8]) -> Self {
        Self::Text(bytes)
    }

    /// The value on its own.
    pub fn into_owned(self) -> Value {
        match self {
            Self::Int(n) => Value::Int(n),
            Self::Uint(n) => Value::Uint(n),
            Self::Bool(b) => Value::Bool(b),
            Self::Double(d) => Value::Double(d),
            Self::Text(t) => Value::Text(t.to_vec()),
            Self::Bytes(b) => Value::Bytes(b.to_vec()),
            Self::Ip(ip) => Value::Ip(ip),
            Self::Opaque => Value::Opaque,
        }
    }
}

/// What a field has for an event.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum Found<'a> {
    /// No value.
    Nothing,
    /// A value of the field's type.
    One(FieldValue<'a>),
    /// A value of the parameter's type, printed as that is.
    Typed(Type, PrintFormat, FieldValue<'a>),
    /// No value, printed as the zero of the parameter's type.
    Zero(Type, PrintFormat),
    /// The values of a list, of all ancestors, or of both ends.
    Many(&'a [FieldValue<'a>]),
}

impl<'a> Found<'a> {
    /// A value if there is one.
    pub fn of(value: Option<FieldValue<'a>>) -> Self {
        value.map_or(Self::Nothing, Self::One)
    }

    /// A constant word if there is one.
    pub fn word(word: Option<&'static str>) -> Self {
        Self::of(word.map(FieldValue::word))
    }

    /// A text if there is one.
    pub fn text(text: Option<&'a [u8]>) -> Self {
        Self::of(text.map(FieldValue::text))
    }

    /// A signed number if there is one.
    pub fn int(n: Option<i64>) -> Self {
        Self::of(n.map(FieldValue::Int))
    }

    /// An unsigned number if there is one.
    pub fn uint(n: Option<u64>) -> Self {
        Self::of(n.map(FieldValue::Uint))
    }

    /// A boolean.
    pub fn bool(b: bool) -> Self {
        Self::One(FieldValue::Bool(b))
    }
}
