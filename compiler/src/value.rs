//! Values of fields as evaluators see them: borrowed from the event and the state where possible.

use crate::hir::eval::Value;
use crate::schema::{PrintFormat, Type};
use std::borrow::Cow;
use std::net::IpAddr;

/// One value of a field.
#[derive(Clone, PartialEq, Debug)]
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
    Text(Cow<'a, [u8]>),
    /// Byte buffers.
    Bytes(Cow<'a, [u8]>),
    /// Addresses.
    Ip(IpAddr),
    /// Structures that can only be tested for existence.
    Opaque,
}

impl<'a> FieldValue<'a> {
    /// A constant word.
    pub fn word(word: &'static str) -> Self {
        Self::Text(Cow::Borrowed(word.as_bytes()))
    }

    /// A text that lives as long as the event.
    pub fn text(bytes: &'a [u8]) -> Self {
        Self::Text(Cow::Borrowed(bytes))
    }

    /// A text made for the field.
    pub fn made(bytes: Vec<u8>) -> Self {
        Self::Text(Cow::Owned(bytes))
    }

    /// The value on its own.
    pub fn into_owned(self) -> Value {
        match self {
            Self::Int(n) => Value::Int(n),
            Self::Uint(n) => Value::Uint(n),
            Self::Bool(b) => Value::Bool(b),
            Self::Double(d) => Value::Double(d),
            Self::Text(t) => Value::Text(t.into_owned()),
            Self::Bytes(b) => Value::Bytes(b.into_owned()),
            Self::Ip(ip) => Value::Ip(ip),
            Self::Opaque => Value::Opaque,
        }
    }
}

/// What a field has for an event.
#[derive(Clone, PartialEq, Debug)]
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
    Many(Vec<FieldValue<'a>>),
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

    /// A text of the event or the state, if there is one.
    pub fn text(text: Option<&'a [u8]>) -> Self {
        Self::of(text.map(FieldValue::text))
    }

    /// A text made for the field.
    pub fn made(text: Vec<u8>) -> Self {
        Self::One(FieldValue::made(text))
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
