//! The reference evaluator: the meaning of a condition, in the plainest way.
//!
//! In: a typed condition and a [`FieldSource`]. Out: whether it is true. No caching, no reordering, no
//! preparation beyond the typed constants: every other evaluator is checked against this one.
//!
//! A field without a value makes its check false whatever the operator, `!=` included; `not` makes that
//! true. A field with several values (ancestors, ends of a connection) is combined as its
//! [`Multi`] says.

use super::field::FieldArg;
use super::types::Family;
use super::{Check, Condition, Constant, HirId, HirKind, OperandId, OperandKind, Right};
use crate::ops::number::{Number, parse_literal};
use crate::ops::{base64, getopt, glob, hex, net, ordered, path, pmatch, regex};
use crate::schema::{Multi, Schema, Type};
use crate::syntax::ast::{Modifier, Op, Transformer};
use memchr::memmem;
use std::net::IpAddr;
use std::sync::Arc;

/// One value of a field.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// Signed integer types.
    Int(i64),
    /// Unsigned integer types, flags, ports, times.
    Uint(u64),
    /// Booleans.
    Bool(bool),
    /// Doubles.
    Double(f64),
    /// Texts and paths, without their final NUL.
    Text(Vec<u8>),
    /// Byte buffers.
    Bytes(Vec<u8>),
    /// Addresses.
    Ip(IpAddr),
    /// Structures that can only be tested for existence.
    Opaque,
}

/// The value of a field for one event: none, one, or the values of a list or of all ancestors.
#[derive(Clone, PartialEq, Debug)]
pub struct Extracted {
    /// Type of each value; for [`Type::Dyn`] fields that of the event's parameter.
    pub ty: Type,
    /// The values.
    pub values: Vec<Value>,
}

/// Where field values come from.
pub trait FieldSource {
    /// The value of a field for the current event; `None` when it has none.
    fn extract(&self, field: &super::field::FieldRef) -> Option<Extracted>;
}

/// A parameter of this event does not go with the check's operator or literal.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct TypeMismatch {
    /// The parameter's type in this event.
    pub ty: Type,
    /// The operator.
    pub op: Op,
}

/// Whether a condition is true for the source's current event.
///
/// # Errors
/// Only for checks of [`Type::Dyn`] fields, whose type comes with the event. Falco stops with an error
/// then; the engine counts the event and takes the condition for false.
pub fn eval(schema: &Schema, condition: &Condition, source: &dyn FieldSource) -> Result<bool, TypeMismatch> {
    let evaluator = Evaluator { schema, condition, source };
    condition.root().map_or(Ok(false), |root| evaluator.node(root))
}

/// Whether a part of a condition is true for the source's current event.
///
/// # Errors
/// As [`eval`].
pub fn eval_node(
    schema: &Schema,
    condition: &Condition,
    node: HirId,
    source: &dyn FieldSource,
) -> Result<bool, TypeMismatch> {
    Evaluator { schema, condition, source }.node(node)
}

/// The values of one side of a comparison, or of a transformer call in an output text.
pub fn operand_values(
    schema: &Schema,
    condition: &Condition,
    operand: OperandId,
    source: &dyn FieldSource,
) -> Option<Extracted> {
    Evaluator { schema, condition, source }.operand(operand)
}

struct Evaluator<'a> {
    schema: &'a Schema,
    condition: &'a Condition,
    source: &'a dyn FieldSource,
}

impl Evaluator<'_> {
    fn node(&self, id: HirId) -> Result<bool, TypeMismatch> {
        match &self.condition.node(id).kind {
            HirKind::And(children) => {
                for &child in children {
                    if !self.node(child)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            HirKind::Or(children) => {
                for &child in children {
                    if self.node(child)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            &HirKind::Not(child) => Ok(!self.node(child)?),
            HirKind::Check(check) => self.check(check),
        }
    }

    fn check(&self, check: &Check) -> Result<bool, TypeMismatch> {
        let operand = self.condition.operand(check.left);
        let Some(left) = self.operand(check.left) else { return Ok(false) };
        let mut multi = Multi::No;
        if let OperandKind::Field(field) = &operand.kind {
            if let (&FieldArg::Time(around), Right::One(Constant::Uint(ms))) = (&field.arg, &check.right) {
                let near = |v: &Value| matches!(v, Value::Uint(t) if t.abs_diff(around) <= ms.saturating_mul(1_000_000));
                return Ok(left.values.iter().any(near));
            }
            if field.arg == FieldArg::None {
                multi = self.schema.field(field.id).multi;
            }
        }
        match &check.right {
            Right::None => Ok(true),
            Right::Paths(paths) => {
                Ok(spread(multi, Op::PMatch, &left, &|v| text(v).is_some_and(|t| paths.matches(t))))
            }
            Right::One(constant) => Self::item(multi, check.op, &left, constant),
            Right::Many(constants) => match check.modifier {
                Some(modifier) => {
                    let hits: Vec<bool> = constants
                        .iter()
                        .map(|c| Self::item(multi, check.op, &left, c))
                        .collect::<Result<_, _>>()?;
                    Ok(modified(modifier, &hits))
                }
                None => Self::set(multi, operand.list, check.op, &left, constants),
            },
            &Right::Operand(right) => {
                let Some(right) = self.operand(right) else { return Ok(false) };
                let right: Vec<Constant> = right.values.iter().filter_map(as_constant).collect();
                match (check.op, right.as_slice()) {
                    (Op::In | Op::Intersects, all) => Self::set(multi, operand.list, check.op, &left, all),
                    (_, [one]) => Self::item(multi, check.op, &left, one),
                    _ => Ok(false),
                }
            }
        }
    }

    /// `left op constant`, with the constant typed now if the field's type comes with the event.
    fn item(multi: Multi, op: Op, left: &Extracted, constant: &Constant) -> Result<bool, TypeMismatch> {
        let made;
        let constant = match constant {
            Constant::Untyped(bytes) => {
                made = typed(left.ty, op, bytes)?;
                &made
            }
            constant => constant,
        };
        Ok(spread(multi, op, left, &|v| compare(op, v, constant)))
    }

    /// `in` and `intersects`. Every item of a list must be in the set for `in`, one for `intersects`.
    fn set(
        multi: Multi,
        list: bool,
        op: Op,
        left: &Extracted,
        set: &[Constant],
    ) -> Result<bool, TypeMismatch> {
        let set: Vec<Constant> = set
            .iter()
            .map(|c| match c {
                Constant::Untyped(bytes) => typed(left.ty, op, bytes),
                other => Ok(other.clone()),
            })
            .collect::<Result<_, _>>()?;
        let member = |v: &Value| set.iter().any(|c| compare(Op::Eq, v, c));
        Ok(if list && op == Op::In {
            left.values.iter().all(member)
        } else {
            spread(multi, op, left, &member)
        })
    }

    fn operand(&self, id: OperandId) -> Option<Extracted> {
        let operand = self.condition.operand(id);
        match &operand.kind {
            OperandKind::Field(field) => self.source.extract(field),
            OperandKind::Literal(bytes) => Some(one(Type::CharBuf, Value::Text(bytes.to_vec()))),
            OperandKind::List(items) => {
                let mut values = Vec::new();
                for &item in items {
                    values.extend(self.operand(item)?.values);
                }
                Some(Extracted { ty: Type::CharBuf, values })
            }
            OperandKind::Call { name, selector, args } => self.call(operand.ty, *name, *selector, args),
        }
    }

    fn call(
        &self,
        ty: Type,
        name: Transformer,
        selector: Option<u8>,
        args: &[OperandId],
    ) -> Option<Extracted> {
        let list = args.first().is_some_and(|&a| self.condition.operand(a).list);
        let mut args = args.iter().map(|&a| self.operand(a));
        let first = args.next()??;
        let map = |f: &dyn Fn(&[u8]) -> Option<Vec<u8>>| -> Option<Extracted> {
            let values = first.values.iter().map(|v| match v {
                Value::Text(t) => f(t).map(Value::Text),
                Value::Bytes(b) => f(b).map(Value::Bytes),
                _ => None,
            });
            Some(Extracted { ty, values: values.collect::<Option<_>>()? })
        };
        match name {
            Transformer::Val => Some(first),
            Transformer::ToLower => map(&|t| Some(t.to_ascii_lowercase())),
            Transformer::ToUpper => map(&|t| Some(t.to_ascii_uppercase())),
            Transformer::Basename => map(&|t| Some(path::basename(t).to_vec())),
            Transformer::B64 => map(&base64::decode),
            Transformer::Len => {
                let len = match first.values.as_slice() {
                    [Value::Text(t) | Value::Bytes(t)] if !list => t.len(),
                    values => values.len(),
                };
                Some(one(Type::Uint64, Value::Uint(len as u64)))
            }
            Transformer::Join => {
                let separator = first.values.first().map(render)?;
                let texts: Vec<Vec<u8>> = args.next()??.values.iter().map(render).collect();
                Some(one(Type::CharBuf, Value::Text(texts.join(&separator[..]))))
            }
            Transformer::Concat => {
                let mut text = first.values.first().map(render)?;
                for arg in args {
                    text.extend(arg?.values.first().map(render)?);
                }
                Some(one(Type::CharBuf, Value::Text(text)))
            }
            Transformer::GetOpt => {
                let options = args.next()??.values.first().map(render)?;
                let texts: Vec<Vec<u8>> = first.values.iter().map(render).collect();
                let words: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
                let found: Vec<&[u8]> = match selector {
                    Some(letter) => vec![getopt::value_of(&words, &options, letter)?],
                    None => getopt::letters_and_values(&words, &options),
                };
                Some(Extracted {
                    ty: Type::CharBuf,
                    values: found.iter().map(|t| Value::Text(t.to_vec())).collect(),
                })
            }
        }
    }
}

/// Combines the values of a field.
fn spread(multi: Multi, op: Op, left: &Extracted, holds: &dyn Fn(&Value) -> bool) -> bool {
    match multi {
        Multi::EitherEnd if op == Op::Ne => left.values.iter().all(holds),
        _ => left.values.iter().any(holds),
    }
}

/// A literal of a field whose type comes with the event.
fn typed(ty: Type, op: Op, bytes: &[u8]) -> Result<Constant, TypeMismatch> {
    let mismatch = TypeMismatch { ty, op };
    let family = Family::of(ty);
    if !family.allows(op) {
        return Err(mismatch);
    }
    match family {
        Family::Text => Ok(match op {
            Op::Glob => Constant::Glob(Arc::new(glob::Glob::new(bytes, glob::Case::Sensitive))),
            Op::IGlob => Constant::Glob(Arc::new(glob::Glob::new(bytes, glob::Case::Insensitive))),
            Op::Regex => Constant::Regex(Arc::new(
                regex::Regex::new(bytes, super::check::REGEX_SIZE_LIMIT).map_err(|_| mismatch)?,
            )),
            Op::IContains => Constant::Text(bytes.to_ascii_lowercase().into()),
            _ => Constant::Text(bytes.into()),
        }),
        Family::Buffer if matches!(op, Op::BContains | Op::BStartsWith) => {
            hex::parse(bytes).map(|b| Constant::Bytes(b.into())).ok_or(mismatch)
        }
        Family::Buffer => Ok(Constant::Bytes(bytes.into())),
        Family::Ip => net::parse_ip(bytes).map(Constant::Ip).ok_or(mismatch),
        Family::Net => net::parse_net(bytes).map(Constant::Net).ok_or(mismatch),
        _ => match parse_literal(bytes, ty) {
            Ok(Number::I64(n)) => Ok(Constant::Int(n)),
            Ok(Number::U64(n)) if ty == Type::Bool => Ok(Constant::Bool(n != 0)),
            Ok(Number::U64(n)) => Ok(Constant::Uint(n)),
            Ok(Number::F64(n)) => Ok(Constant::Double(n)),
            Err(_) => Err(mismatch),
        },
    }
}

/// What a check says of a value of its left side, for fields that are neither lists nor several values
/// at once. `None` if that depends on another field, or on a type that comes with the event.
pub(crate) fn holds(check: &Check, value: &Value) -> Option<bool> {
    match (&check.right, check.modifier) {
        (Right::None, _) => Some(true),
        (Right::Paths(paths), _) => Some(text(value).is_some_and(|t| paths.matches(t))),
        (Right::One(Constant::Untyped(_)) | Right::Operand(_), _) => None,
        (Right::One(constant), _) => Some(compare(check.op, value, constant)),
        (Right::Many(constants), _) if constants.iter().any(|c| matches!(c, Constant::Untyped(_))) => None,
        (Right::Many(constants), Some(modifier)) => {
            let hits: Vec<bool> = constants.iter().map(|c| compare(check.op, value, c)).collect();
            Some(modified(modifier, &hits))
        }
        (Right::Many(constants), None) => Some(constants.iter().any(|c| compare(Op::Eq, value, c))),
    }
}

/// No item at all is no match, whatever the modifier.
fn modified(modifier: Modifier, hits: &[bool]) -> bool {
    let count = hits.iter().filter(|&&hit| hit).count();
    match modifier {
        Modifier::OneOf => count == 1,
        Modifier::AnyOf => count > 0,
        Modifier::AllOf => count == hits.len() && count > 0,
    }
}

fn one(ty: Type, value: Value) -> Extracted {
    Extracted { ty, values: vec![value] }
}

fn text(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Text(t) | Value::Bytes(t) => Some(t),
        _ => None,
    }
}

/// A value among a transformer's texts.
fn render(value: &Value) -> Vec<u8> {
    match value {
        Value::Text(t) | Value::Bytes(t) => t.clone(),
        Value::Int(n) => n.to_string().into_bytes(),
        Value::Uint(n) => n.to_string().into_bytes(),
        Value::Bool(b) => b.to_string().into_bytes(),
        Value::Double(d) => d.to_string().into_bytes(),
        Value::Ip(ip) => ip.to_string().into_bytes(),
        Value::Opaque => Vec::new(),
    }
}

fn as_constant(value: &Value) -> Option<Constant> {
    Some(match value {
        Value::Int(n) => Constant::Int(*n),
        Value::Uint(n) => Constant::Uint(*n),
        Value::Bool(b) => Constant::Bool(*b),
        Value::Double(d) => Constant::Double(*d),
        Value::Text(t) => Constant::Text(t.clone().into()),
        Value::Bytes(b) => Constant::Bytes(b.clone().into()),
        Value::Ip(ip) => Constant::Ip(*ip),
        Value::Opaque => return None,
    })
}

/// `value op constant` for one value and one constant.
fn compare(op: Op, value: &Value, constant: &Constant) -> bool {
    match (value, constant) {
        (Value::Int(a), Constant::Int(b)) => ordered(op, a, b),
        (Value::Uint(a), Constant::Uint(b)) => ordered(op, a, b),
        (Value::Bool(a), Constant::Bool(b)) => ordered(op, a, b),
        (Value::Double(a), Constant::Double(b)) => ordered(op, a, b),
        (Value::Ip(a), Constant::Ip(b)) => ordered(op, a, b),
        (Value::Ip(a), Constant::Net(net)) => net::contains(net, *a) == (op != Op::Ne),
        (Value::Text(t), Constant::Glob(glob)) => glob.matches(t),
        (Value::Text(t), Constant::Regex(regex)) => regex.matches(t),
        (Value::Text(a), Constant::Text(b)) | (Value::Bytes(a), Constant::Bytes(b)) => {
            compare_bytes(op, a, b)
        }
        _ => false,
    }
}

fn compare_bytes(op: Op, a: &[u8], b: &[u8]) -> bool {
    match op {
        Op::Contains | Op::BContains => memmem::find(a, b).is_some(),
        Op::IContains => memmem::find(&a.to_ascii_lowercase(), &b.to_ascii_lowercase()).is_some(),
        Op::StartsWith | Op::BStartsWith => a.starts_with(b),
        Op::EndsWith => a.ends_with(b),
        Op::PMatch => pmatch::PathPrefixes::new([b]).matches(a),
        _ => ordered(op, &a, &b),
    }
}
