//! Field values for the evaluator from the printed values that the cases give.

use peregrine_compiler::hir::eval::{Extracted, FieldSource, Value};
use peregrine_compiler::hir::field::{FieldArg, FieldRef, Side};
use peregrine_compiler::hir::types::Family;
use peregrine_compiler::ops::net;
use peregrine_compiler::ops::number::{Number, parse_literal};
use peregrine_compiler::schema::{Multi, PrintFormat, Schema, Type};
use std::collections::HashMap;

/// Values by the field's name with its argument, as printed.
pub(crate) struct Table<'a> {
    pub schema: &'a Schema,
    pub values: HashMap<String, Option<Vec<u8>>>,
    /// Fields whose printed value hides that there is none.
    pub absent: Vec<String>,
    /// Types of this event's parameters, by name.
    pub params: HashMap<String, (Type, PrintFormat)>,
}

/// A field as conditions write it.
pub(crate) fn name_of(schema: &Schema, field: &FieldRef) -> String {
    let name = &schema.field(field.id).name;
    match &field.arg {
        FieldArg::None | FieldArg::Side(Side::Default) => name.to_string(),
        FieldArg::Index(i) => format!("{name}[{i}]"),
        FieldArg::Key(key) => format!("{name}[{}]", String::from_utf8_lossy(key)),
        FieldArg::Param(p) | FieldArg::Event(p) | FieldArg::Subsystem(p) => format!("{name}.{p}"),
        FieldArg::Side(Side::Source) => format!("{name}.src"),
        FieldArg::Side(Side::Destination) => format!("{name}.dst"),
        FieldArg::Time(t) => format!("{name}[{t}]"),
    }
}

impl FieldSource for Table<'_> {
    fn extract(&self, field: &FieldRef) -> Option<Extracted> {
        let def = self.schema.field(field.id);
        let name = name_of(self.schema, field);
        if self.absent.contains(&name) {
            return None;
        }
        let text = self.values.get(&name)?.as_ref()?;
        let (mut ty, mut print) = (def.ty, def.print);
        if let (Type::Dyn, FieldArg::Param(param)) = (def.ty, &field.arg) {
            (ty, print) = *self.params.get(&**param)?;
        }
        let texts: Vec<&[u8]> = if def.list && field.arg == FieldArg::None {
            let inner = text.strip_prefix(b"(").and_then(|t| t.strip_suffix(b")")).unwrap_or(text);
            if inner.is_empty() { Vec::new() } else { inner.split(|&b| b == b',').collect() }
        } else if def.multi != Multi::No && field.arg == FieldArg::None {
            text.split(|&b| b == b' ').collect()
        } else {
            vec![text]
        };
        let values = texts.iter().map(|t| typed(t, ty, print)).collect::<Option<Vec<_>>>()?;
        Some(Extracted { ty, values })
    }
}

/// A printed value as a value of a type.
fn typed(text: &[u8], ty: Type, print: PrintFormat) -> Option<Value> {
    let decimal;
    let text = if print == PrintFormat::Hex && !matches!(Family::of(ty), Family::Text | Family::Buffer) {
        let digits = std::str::from_utf8(text).ok()?.trim_start_matches("0x");
        decimal = u64::from_str_radix(digits, 16).ok()?.to_string();
        decimal.as_bytes()
    } else {
        text
    };
    Some(match Family::of(ty) {
        Family::Text | Family::Dyn => Value::Text(text.to_vec()),
        Family::Buffer => Value::Bytes(text.to_vec()),
        Family::Ip | Family::Net => Value::Ip(net::parse_ip(text)?),
        Family::Opaque => Value::Opaque,
        Family::Double => Value::Double(std::str::from_utf8(text).ok()?.parse().ok()?),
        Family::Bool => Value::Bool(text == b"true"),
        Family::Int | Family::Uint => match parse_literal(text, ty).ok()? {
            Number::I64(n) => Value::Int(n),
            Number::U64(n) => Value::Uint(n),
            Number::F64(_) => return None,
        },
    })
}
