//! Values and output texts.

use crate::fields::extract::{
    EventContext, Extractors, FieldOptions, FieldValue, Found, buffer_text, bytes_text,
};
use peregrine_compiler::hir::eval::{Value, operand_values};
use peregrine_compiler::hir::field::FieldRef;
use peregrine_compiler::hir::template::{Piece, Template};
use peregrine_compiler::schema::{Multi, PrintFormat, Schema, Type};

/// What stands for a field without a value.
pub(crate) const ABSENT: &[u8] = b"<NA>";

/// The values that a field has, as text; `None` for a field without one.
pub fn render(
    schema: &Schema,
    extractors: &Extractors,
    context: &EventContext<'_>,
    field: &FieldRef,
) -> Option<Vec<u8>> {
    let def = schema.field(field.id);
    match extractors.find(context, field) {
        Found::Nothing | Found::One(FieldValue::Opaque) | Found::Typed(_, _, FieldValue::Opaque) => None,
        Found::One(value) => Some(shown(value, def.ty, def.print, context.options)),
        Found::Typed(ty, print, value) => Some(shown(value, ty, print, context.options)),
        Found::Zero(ty, print) => Some(render_value(zero(ty), ty, print)),
        Found::Many(values) => {
            let texts = values.iter().map(|v| render_value(*v, def.ty, def.print));
            Some(match def.multi {
                Multi::No => list_text(texts),
                Multi::AnyAncestor => ancestors_text(texts),
                Multi::EitherEnd => return None,
            })
        }
    }
}

/// What stands for a number that an event has no bytes for.
pub(super) fn zero(ty: Type) -> FieldValue<'static> {
    if ty == Type::Bool { FieldValue::Bool(false) } else { FieldValue::Uint(0) }
}

/// `(a,b)`
fn list_text(texts: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let texts: Vec<Vec<u8>> = texts.collect();
    let mut out = vec![b'('];
    out.extend(texts.join(&b','));
    out.push(b')');
    out
}

/// The parent first.
fn ancestors_text(texts: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let texts: Vec<Vec<u8>> = texts.collect();
    texts.join(&b' ')
}

/// A value as text in the configured form.
pub(super) fn shown(value: FieldValue<'_>, ty: Type, print: PrintFormat, options: &FieldOptions) -> Vec<u8> {
    match value {
        FieldValue::Bytes(bytes) => buffer_text(options, bytes),
        other => render_value(other, ty, print),
    }
}

/// A value as text; buffers have dots for what cannot be printed.
pub fn render_value(value: FieldValue<'_>, ty: Type, print: PrintFormat) -> Vec<u8> {
    match value {
        FieldValue::Text(text) => text.to_vec(),
        FieldValue::Bytes(bytes) => bytes_text(bytes),
        FieldValue::Bool(b) => b.to_string().into(),
        FieldValue::Double(d) => format!("{d:.1}").into(),
        FieldValue::Ip(ip) => crate::event::socket::ip_text(ip).into(),
        FieldValue::Opaque => Vec::new(),
        FieldValue::Int(n) => match print {
            PrintFormat::Hex if ty == Type::Int32 => format!("{:X}", n as i32),
            PrintFormat::Hex => format!("{n:X}"),
            PrintFormat::Oct => format!("0{n:o}"),
            _ => n.to_string(),
        }
        .into(),
        FieldValue::Uint(n) => match print {
            PrintFormat::Hex => format!("{n:X}"),
            PrintFormat::Oct => format!("0{n:o}"),
            PrintFormat::PaddedDec10 => format!("{n:09}"),
            _ => n.to_string(),
        }
        .into(),
    }
}

/// An output text for an event.
pub(crate) fn expand(
    schema: &Schema,
    extractors: &Extractors,
    context: &EventContext<'_>,
    template: &Template,
    out: &mut Vec<u8>,
) {
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
            Piece::Field { field, width, .. } => {
                let text = render(schema, extractors, context, field);
                push_padded(out, text.as_deref().unwrap_or(ABSENT), *width);
            }
            Piece::Call { condition, operand, width, .. } => {
                let source = extractors.source(context);
                let found = operand_values(schema, condition, *operand, &source);
                let text = found.map(|e| {
                    let texts = e.values.iter().map(owned_text);
                    if e.values.len() == 1 { texts.collect::<Vec<_>>().concat() } else { list_text(texts) }
                });
                push_padded(out, text.as_deref().unwrap_or(ABSENT), *width);
            }
        }
    }
}

fn owned_text(value: &Value) -> Vec<u8> {
    match value {
        Value::Text(t) => t.clone(),
        Value::Bytes(b) => bytes_text(b),
        Value::Int(n) => n.to_string().into(),
        Value::Uint(n) => n.to_string().into(),
        Value::Bool(b) => b.to_string().into(),
        Value::Double(d) => format!("{d:.1}").into(),
        Value::Ip(ip) => crate::event::socket::ip_text(*ip).into(),
        Value::Opaque => Vec::new(),
    }
}

/// Pads or cuts to `width` columns.
fn push_padded(out: &mut Vec<u8>, text: &[u8], width: Option<u32>) {
    match width {
        None => out.extend_from_slice(text),
        Some(width) => {
            let width = width as usize;
            let shown = text.get(..width).unwrap_or(text);
            out.extend_from_slice(shown);
            out.resize(out.len() + (width - shown.len()), b' ');
        }
    }
}
