//! What a predicate asks of its field's values, as plain data.
//!
//! In: a typed check. Out: a [`Test`], equal exactly for equal questions, so that predicates can be interned.
//! [`Test::holds`] is its meaning in the plainest way; [`super::ready`] makes the same quick.

use crate::hir::{Check, Constant, Right};
use crate::ops::glob::Glob;
use crate::ops::net::{self, IpNet};
use crate::ops::ordered;
use crate::ops::pmatch::PathPrefixes;
use crate::ops::regex::Regex;
use crate::syntax::ast::{Modifier, Op};
use crate::value::FieldValue;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

/// A question about one value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Test {
    /// There is a value.
    Exists,
    /// `value op text`, for texts and buffers. `==`, `bcontains` and `bstartswith` are `=`, `contains` and
    /// `startswith`; for `icontains` the text is in lower case.
    Text(Op, Box<[u8]>),
    /// `value op text` for any of two or more texts, sorted, each once. `=` is membership.
    Texts(Op, Arc<[Box<[u8]>]>),
    /// `value op number`
    Int(Op, i64),
    /// Membership; sorted.
    Ints(Box<[i64]>),
    /// `value op number`
    Uint(Op, u64),
    /// Membership; sorted.
    Uints(Box<[u64]>),
    /// Any of these bits is set.
    Bits(u64),
    /// `value op boolean`
    Bool(Op, bool),
    /// `value op number`, as its bits.
    Double(Op, u64),
    /// `value op address`
    Ip(Op, IpAddr),
    /// The address lies in the network, or for `!=` does not.
    Net(Op, Net),
    /// Any of several.
    Any(Box<[Test]>),
    /// A pattern.
    Pattern(Pattern),
    /// The check is evaluated by the reference evaluator: its operands are more than one field and constants.
    Reference,
}

/// A network, ordered.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct Net(pub IpNet);

impl PartialOrd for Net {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Net {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.addr, self.0.prefix).cmp(&(other.0.addr, other.0.prefix))
    }
}

/// `glob`, `iglob`, `regex` or `pmatch` with its constants. The check's text identifies it.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Canonical text of the operator and its right side.
    pub text: Arc<str>,
    /// Made ready.
    pub matcher: Matcher,
}

/// A pattern made ready.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// `glob`, `iglob`
    Glob(Arc<Glob>),
    /// `regex`
    Regex(Arc<Regex>),
    /// `pmatch`
    Paths(Arc<PathPrefixes>),
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl PartialOrd for Pattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pattern {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// A check in terms of tests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// One test; `true` if every value must pass, not just one.
    One(Test, bool),
    /// All of several tests (`allof`).
    All(Vec<Test>),
    /// It needs more than one field's values and constants.
    Reference,
    /// Types come with the event: evaluating it can fail.
    Untyped,
}

impl Test {
    /// What a check of a field asks. `every_ne`: `!=` must hold for every value; `list`: the field's value is
    /// a list. `text` gives the check's canonical text.
    pub fn of(check: &Check, every_ne: bool, list: bool, text: impl Fn() -> String) -> Asked {
        let named = |matcher| Self::Pattern(Pattern { text: text().into(), matcher });
        match &check.right {
            Right::None => Asked::One(Self::Exists, false),
            Right::Paths(paths) => Asked::One(named(Matcher::Paths(Arc::new(paths.clone()))), false),
            Right::One(constant) => match one(check.op, constant, &named) {
                Some(test) => Asked::One(test, every_ne && check.op == Op::Ne),
                None => Asked::Untyped,
            },
            // each item must differ from every value, which one test over all items cannot say
            Right::Many(_) if check.modifier.is_some() && check.op == Op::Ne && every_ne => Asked::Reference,
            Right::Many(constants) => many(check, constants, list, &text),
            Right::Operand(_) => Asked::Reference,
        }
    }

    /// Whether one value passes.
    pub fn holds(&self, value: &FieldValue<'_>) -> bool {
        match (self, value) {
            (Self::Exists, _) => true,
            (Self::Text(op, b), FieldValue::Text(a) | FieldValue::Bytes(a)) => text_holds(*op, a, b),
            (Self::Texts(op, all), FieldValue::Text(a) | FieldValue::Bytes(a)) => {
                all.iter().any(|b| text_holds(*op, a, b))
            }
            (Self::Int(op, b), FieldValue::Int(a)) => ordered(*op, a, b),
            (Self::Ints(all), FieldValue::Int(a)) => all.contains(a),
            (Self::Uint(op, b), FieldValue::Uint(a)) => ordered(*op, a, b),
            (Self::Uints(all), FieldValue::Uint(a)) => all.contains(a),
            (Self::Bits(bits), FieldValue::Uint(a)) => a & bits != 0,
            (Self::Bool(op, b), FieldValue::Bool(a)) => ordered(*op, a, b),
            (Self::Double(op, b), FieldValue::Double(a)) => ordered(*op, a, &f64::from_bits(*b)),
            (Self::Ip(op, b), FieldValue::Ip(a)) => ordered(*op, a, b),
            (Self::Net(op, b), FieldValue::Ip(a)) => net::contains(&b.0, *a) == (*op != Op::Ne),
            (Self::Any(all), value) => all.iter().any(|t| t.holds(value)),
            (Self::Pattern(pattern), FieldValue::Text(a) | FieldValue::Bytes(a)) => {
                pattern.matcher.matches(a)
            }
            _ => false,
        }
    }
}

impl Matcher {
    /// Whether a text matches.
    pub fn matches(&self, text: &[u8]) -> bool {
        match self {
            Self::Glob(glob) => glob.matches(text),
            Self::Regex(regex) => regex.matches(text),
            Self::Paths(paths) => paths.matches(text),
        }
    }
}

fn one(op: Op, constant: &Constant, named: &dyn Fn(Matcher) -> Test) -> Option<Test> {
    let same = if op == Op::EqEq { Op::Eq } else { op };
    Some(match constant {
        Constant::Int(n) => Test::Int(same, *n),
        Constant::Uint(n) => Test::Uint(same, *n),
        Constant::Bool(b) => Test::Bool(same, *b),
        Constant::Double(d) => Test::Double(same, d.to_bits()),
        Constant::Text(t) | Constant::Bytes(t) => match op {
            Op::EqEq => Test::Text(Op::Eq, t.clone()),
            Op::BContains => Test::Text(Op::Contains, t.clone()),
            Op::BStartsWith => Test::Text(Op::StartsWith, t.clone()),
            Op::IContains => Test::Text(Op::IContains, t.to_ascii_lowercase().into()),
            Op::PMatch => named(Matcher::Paths(Arc::new(PathPrefixes::new([t])))),
            op => Test::Text(op, t.clone()),
        },
        Constant::Ip(ip) => Test::Ip(same, *ip),
        Constant::Net(net) => Test::Net(same, Net(*net)),
        Constant::Glob(glob) => named(Matcher::Glob(Arc::clone(glob))),
        Constant::Regex(regex) => named(Matcher::Regex(Arc::clone(regex))),
        Constant::Untyped(_) => return None,
    })
}

fn many(check: &Check, constants: &[Constant], list: bool, text: &dyn Fn() -> String) -> Asked {
    if constants.iter().any(|c| matches!(c, Constant::Untyped(_))) {
        return Asked::Untyped;
    }
    let op = if check.modifier.is_some() { check.op } else { Op::Eq };
    // each pattern of a modifier is named by the whole check and its place in the list
    let tests = constants.iter().enumerate().filter_map(|(i, c)| {
        one(op, c, &|matcher| Test::Pattern(Pattern { text: format!("{} #{i}", text()).into(), matcher }))
    });
    let tests: Vec<Test> = tests.collect();
    match check.modifier {
        None => Asked::One(any(tests), list && check.op == Op::In),
        Some(Modifier::AnyOf) => Asked::One(any(tests), false),
        // no item at all is no match, whatever the modifier
        Some(Modifier::AllOf) if !tests.is_empty() => Asked::All(tests),
        Some(_) => Asked::Reference,
    }
}

/// Any of some tests, as one.
pub fn any(tests: Vec<Test>) -> Test {
    let mut texts: Vec<(Op, Box<[u8]>)> = Vec::new();
    let (mut ints, mut uints, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for test in tests {
        match test {
            Test::Text(op, t) if spreads(op) => texts.push((op, t)),
            Test::Texts(op, all) => texts.extend(all.iter().map(|t| (op, t.clone()))),
            Test::Int(Op::Eq, n) => ints.push(n),
            Test::Ints(all) => ints.extend(all),
            Test::Uint(Op::Eq, n) => uints.push(n),
            Test::Uints(all) => uints.extend(all),
            Test::Any(all) => rest.extend(all),
            other => rest.push(other),
        }
    }
    texts.sort();
    texts.dedup();
    for group in texts.chunk_by(|a, b| a.0 == b.0) {
        match group {
            [(op, only)] => rest.push(Test::Text(*op, only.clone())),
            [(op, _), ..] => rest.push(Test::Texts(*op, group.iter().map(|(_, t)| t.clone()).collect())),
            [] => {}
        }
    }
    ints.sort_unstable();
    ints.dedup();
    match ints.as_slice() {
        [] => {}
        [only] => rest.push(Test::Int(Op::Eq, *only)),
        _ => rest.push(Test::Ints(ints.into())),
    }
    uints.sort_unstable();
    uints.dedup();
    match uints.as_slice() {
        [] => {}
        [only] => rest.push(Test::Uint(Op::Eq, *only)),
        _ => rest.push(Test::Uints(uints.into())),
    }
    rest.sort();
    rest.dedup();
    match rest.pop() {
        Some(only) if rest.is_empty() => only,
        last => {
            rest.extend(last);
            Test::Any(rest.into())
        }
    }
}

/// Whether an operator can be asked of several texts at once.
pub fn spreads(op: Op) -> bool {
    matches!(op, Op::Eq | Op::StartsWith | Op::EndsWith | Op::Contains | Op::IContains)
}

fn text_holds(op: Op, a: &[u8], b: &[u8]) -> bool {
    match op {
        Op::StartsWith => a.starts_with(b),
        Op::EndsWith => a.ends_with(b),
        Op::Contains => memchr::memmem::find(a, b).is_some(),
        Op::IContains => contains_folded(a, b),
        op => ordered(op, a, b),
    }
}

/// Whether `needle`, which is in lower case, is in a text, whatever the case of that.
pub fn contains_folded(text: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || text.windows(needle.len()).any(|w| w.eq_ignore_ascii_case(needle))
}
