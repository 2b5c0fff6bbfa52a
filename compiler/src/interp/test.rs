//! A field's values against constants.

use crate::hir::{Constant, Right};
use crate::ops::glob::Glob;
use crate::ops::net::{self, IpNet};
use crate::ops::pmatch::PathPrefixes;
use crate::ops::regex::Regex;
use crate::schema::Multi;
use crate::syntax::ast::Op;
use crate::value::{FieldValue, Found};
use memchr::memmem::Finder;
use std::net::IpAddr;
use std::sync::Arc;

/// A check made ready.
#[derive(Clone, Debug)]
pub(super) struct Test {
    what: What,
    /// Every value must hold, not just one.
    every: bool,
}

#[derive(Clone, Debug)]
enum What {
    Exists,
    Text(Op, Box<[u8]>),
    Contains(Box<Finder<'static>>),
    IContains(Box<[u8]>),
    Texts(TextSet),
    Paths(Arc<PathPrefixes>),
    Glob(Arc<Glob>),
    Regex(Arc<Regex>),
    Int(Op, i64),
    Uint(Op, u64),
    Ints(Box<[i64]>),
    Uints(Box<[u64]>),
    Bool(Op, bool),
    Double(Op, f64),
    Ip(Op, IpAddr),
    Net(Op, IpNet),
    /// One of several, compared one after the other.
    OneOf(Box<[What]>),
}

/// Texts sorted by length, then by their bytes.
#[derive(Clone, Debug)]
struct TextSet {
    /// A bit for each length that occurs; the last one for all from 63 on.
    lengths: u64,
    sorted: Box<[Box<[u8]>]>,
}

impl TextSet {
    fn new(mut texts: Vec<Box<[u8]>>) -> Self {
        texts.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        texts.dedup();
        let lengths = texts.iter().fold(0, |bits, t| bits | Self::bit(t.len()));
        Self { lengths, sorted: texts.into() }
    }

    fn bit(len: usize) -> u64 {
        1 << len.min(63)
    }

    fn contains(&self, text: &[u8]) -> bool {
        self.lengths & Self::bit(text.len()) != 0
            && self
                .sorted
                .binary_search_by(|t| t.len().cmp(&text.len()).then_with(|| (**t).cmp(text)))
                .is_ok()
    }
}

impl Test {
    /// `None` if the check needs more than one field's values and constants.
    pub(super) fn new(op: Op, right: &Right, multi: Multi, list: bool) -> Option<Self> {
        let what = match right {
            Right::None => What::Exists,
            Right::Paths(paths) => What::Paths(Arc::new(paths.clone())),
            Right::One(constant) => one(op, constant)?,
            Right::Many(constants) => set(constants)?,
            Right::Operand(_) => return None,
        };
        let every = match right {
            Right::Many(_) => list && op == Op::In,
            Right::One(_) => multi == Multi::EitherEnd && op == Op::Ne,
            _ => false,
        };
        Some(Self { what, every })
    }

    pub(super) fn holds(&self, found: &Found<'_>) -> bool {
        match found {
            Found::Nothing | Found::Zero(..) => false,
            Found::One(value) | Found::Typed(_, _, value) => self.what.holds(value),
            Found::Many(_) if matches!(self.what, What::Exists) => true,
            Found::Many(values) if self.every => values.iter().all(|v| self.what.holds(v)),
            Found::Many(values) => values.iter().any(|v| self.what.holds(v)),
        }
    }
}

fn one(op: Op, constant: &Constant) -> Option<What> {
    Some(match constant {
        Constant::Int(n) => What::Int(op, *n),
        Constant::Uint(n) => What::Uint(op, *n),
        Constant::Bool(b) => What::Bool(op, *b),
        Constant::Double(d) => What::Double(op, *d),
        Constant::Text(t) | Constant::Bytes(t) => match op {
            Op::Contains | Op::BContains => What::Contains(Box::new(Finder::new(t).into_owned())),
            Op::IContains => What::IContains(t.to_ascii_lowercase().into()),
            Op::PMatch => What::Paths(Arc::new(PathPrefixes::new([t]))),
            _ => What::Text(op, t.clone()),
        },
        Constant::Ip(ip) => What::Ip(op, *ip),
        Constant::Net(net) => What::Net(op, *net),
        Constant::Glob(glob) => What::Glob(Arc::clone(glob)),
        Constant::Regex(regex) => What::Regex(Arc::clone(regex)),
        Constant::Untyped(_) => return None,
    })
}

/// Members are equal to one of the constants, whatever the operator of the check.
fn set(constants: &[Constant]) -> Option<What> {
    let texts = constants.iter().map(|c| match c {
        Constant::Text(t) => Some(t.clone()),
        _ => None,
    });
    if let Some(texts) = texts.collect::<Option<Vec<_>>>() {
        return Some(What::Texts(TextSet::new(texts)));
    }
    let uints = constants.iter().map(|c| if let Constant::Uint(n) = c { Some(*n) } else { None });
    if let Some(mut uints) = uints.collect::<Option<Vec<_>>>() {
        uints.sort_unstable();
        return Some(What::Uints(uints.into()));
    }
    let ints = constants.iter().map(|c| if let Constant::Int(n) = c { Some(*n) } else { None });
    if let Some(mut ints) = ints.collect::<Option<Vec<_>>>() {
        ints.sort_unstable();
        return Some(What::Ints(ints.into()));
    }
    let each: Option<Vec<What>> = constants.iter().map(|c| one(Op::Eq, c)).collect();
    Some(What::OneOf(each?.into()))
}

fn ordered<T: PartialOrd + ?Sized>(op: Op, a: &T, b: &T) -> bool {
    match op {
        Op::Eq | Op::EqEq => a == b,
        Op::Ne => a != b,
        Op::Lt => a < b,
        Op::Le => a <= b,
        Op::Gt => a > b,
        Op::Ge => a >= b,
        _ => false,
    }
}

fn bytes<'v>(value: &'v FieldValue<'_>) -> Option<&'v [u8]> {
    match value {
        FieldValue::Text(b) | FieldValue::Bytes(b) => Some(b),
        _ => None,
    }
}

impl What {
    fn holds(&self, value: &FieldValue<'_>) -> bool {
        match (self, value) {
            (Self::Exists, _) => true,
            (Self::Text(op, b), FieldValue::Text(a) | FieldValue::Bytes(a)) => match op {
                Op::StartsWith | Op::BStartsWith => a.starts_with(b),
                Op::EndsWith => a.ends_with(b),
                op => ordered(*op, &**a, &**b),
            },
            (Self::Texts(set), FieldValue::Text(a) | FieldValue::Bytes(a)) => set.contains(a),
            (Self::Contains(finder), value) => bytes(value).is_some_and(|a| finder.find(a).is_some()),
            (Self::IContains(b), value) => bytes(value).is_some_and(|a| contains_folded(a, b)),
            (Self::Paths(paths), value) => bytes(value).is_some_and(|a| paths.matches(a)),
            (Self::Glob(glob), FieldValue::Text(a)) => glob.matches(a),
            (Self::Regex(regex), FieldValue::Text(a)) => regex.matches(a),
            (Self::Int(op, b), FieldValue::Int(a)) => ordered(*op, a, b),
            (Self::Uint(op, b), FieldValue::Uint(a)) => ordered(*op, a, b),
            (Self::Ints(set), FieldValue::Int(a)) => set.binary_search(a).is_ok(),
            (Self::Uints(set), FieldValue::Uint(a)) => set.binary_search(a).is_ok(),
            (Self::Bool(op, b), FieldValue::Bool(a)) => ordered(*op, a, b),
            (Self::Double(op, b), FieldValue::Double(a)) => ordered(*op, a, b),
            (Self::Ip(op, b), FieldValue::Ip(a)) => ordered(*op, a, b),
            (Self::Net(op, b), FieldValue::Ip(a)) => net::contains(b, *a) == (*op != Op::Ne),
            (Self::OneOf(each), value) => each.iter().any(|what| what.holds(value)),
            _ => false,
        }
    }
}

/// Whether `needle`, which is in lower case, is in a text, whatever the case of that.
fn contains_folded(text: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || text.windows(needle.len()).any(|w| w.eq_ignore_ascii_case(needle))
}
