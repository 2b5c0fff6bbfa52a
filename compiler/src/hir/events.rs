//! The event types that a condition can be true for, derived as Falco derives them.
//!
//! `evt.type` compared by `=`, `==`, `!=`, `in` gives the event types of its names, `exists` all of
//! them, `evt.num` compared so that only 0 fits gives none (no event has that number); every other
//! check says nothing. `and` intersects, `or` unites, `not` is pushed down to the checks.

use crate::ops::number::{Number, parse_literal};
use crate::schema::{EventCode, ScCode, Schema, Type};
use crate::syntax::ast::{Ast, Literal, NodeId, NodeKind, Op};

/// A set of small codes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Hash)]
pub struct CodeSet {
    words: Vec<u64>,
    universe: u32,
}

impl CodeSet {
    /// No code out of `universe`.
    pub fn none(universe: usize) -> Self {
        Self { words: vec![0; universe.div_ceil(64)], universe: universe as u32 }
    }

    /// All codes below `universe`.
    pub fn all(universe: usize) -> Self {
        Self::none(universe).complement()
    }

    /// Adds a code; codes outside of the universe are ignored.
    pub fn insert(&mut self, code: u16) {
        if u32::from(code) < self.universe
            && let Some(word) = self.words.get_mut(usize::from(code) / 64)
        {
            *word |= 1 << (code % 64);
        }
    }

    /// Whether a code is in the set.
    pub fn contains(&self, code: u16) -> bool {
        self.words.get(usize::from(code) / 64).is_some_and(|w| w >> (code % 64) & 1 == 1)
    }

    /// Number of codes.
    pub fn len(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether no code is in the set.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&w| w == 0)
    }

    /// All codes of the universe that are not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut words: Vec<u64> = self.words.iter().map(|w| !w).collect();
        if let Some(last) = words.last_mut()
            && !self.universe.is_multiple_of(64)
        {
            *last &= (1 << (self.universe % 64)) - 1;
        }
        Self { words, universe: self.universe }
    }

    /// Codes in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let words = self.words.iter().zip(&other.words).map(|(a, b)| a & b).collect();
        Self { words, universe: self.universe }
    }

    /// Codes in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let words = self.words.iter().zip(&other.words).map(|(a, b)| a | b).collect();
        Self { words, universe: self.universe }
    }

    /// The codes in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        (0..self.universe as u16).filter(|&c| self.contains(c))
    }
}

/// `evt.type` was compared with a field or used in a transformer, which cannot be indexed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct NotIndexable(pub NodeId);

/// The event types (by [`EventCode`]) for which the condition can be true.
///
/// # Errors
/// `evt.type` inside a transformer or compared with a field.
pub fn event_codes(schema: &Schema, ast: &Ast) -> Result<CodeSet, NotIndexable> {
    let names = |name: &str| -> CodeSet {
        let mut set = CodeSet::none(schema.events().len());
        schema.events_of_name(name).for_each(|EventCode(c)| set.insert(c));
        set
    };
    derive(ast, CodeSet::all(schema.events().len()), &names)
}

/// The system calls (by [`ScCode`]) for which the condition can be true.
///
/// # Errors
/// `evt.type` inside a transformer or compared with a field.
pub fn syscall_codes(schema: &Schema, ast: &Ast) -> Result<CodeSet, NotIndexable> {
    let mut all = CodeSet::none(schema.syscalls().len());
    schema.selectable_syscalls().for_each(|ScCode(c)| all.insert(c));
    let names = |name: &str| -> CodeSet {
        let mut set = CodeSet::none(schema.syscalls().len());
        schema.syscalls_of_name(name).for_each(|ScCode(c)| set.insert(c));
        set
    };
    derive(ast, all, &names)
}

fn derive(ast: &Ast, all: CodeSet, names: &dyn Fn(&str) -> CodeSet) -> Result<CodeSet, NotIndexable> {
    let mut deriver = Deriver { ast, all, names, error: None };
    let set = match ast.root() {
        Some(root) => deriver.node(root, false),
        None => deriver.all.clone(),
    };
    match deriver.error {
        Some(node) => Err(NotIndexable(node)),
        None => Ok(set),
    }
}

struct Deriver<'a> {
    ast: &'a Ast,
    all: CodeSet,
    names: &'a dyn Fn(&str) -> CodeSet,
    error: Option<NodeId>,
}

impl Deriver<'_> {
    fn node(&mut self, id: NodeId, negated: bool) -> CodeSet {
        match &self.ast.node(id).kind {
            NodeKind::And(children) if !negated => self.meet(children, negated),
            NodeKind::And(children) => self.join(children, negated),
            NodeKind::Or(children) if !negated => self.join(children, negated),
            NodeKind::Or(children) => self.meet(children, negated),
            &NodeKind::Not(child) => self.node(child, !negated),
            NodeKind::Check { left, op, modifier, right } => {
                match self.check(id, *left, *op, modifier.is_some(), *right) {
                    // a check that says nothing says nothing when negated
                    None => self.all.clone(),
                    Some(set) if negated => self.all.intersection(&set.complement()),
                    Some(set) => set,
                }
            }
            _ => self.all.clone(),
        }
    }

    fn meet(&mut self, children: &[NodeId], negated: bool) -> CodeSet {
        children.iter().fold(self.all.clone(), |set, &c| set.intersection(&self.node(c, negated)))
    }

    fn join(&mut self, children: &[NodeId], negated: bool) -> CodeSet {
        let none = CodeSet::none(self.all.universe as usize);
        children.iter().fold(none, |set, &c| set.union(&self.node(c, negated)))
    }

    fn check(
        &mut self,
        id: NodeId,
        left: NodeId,
        op: Op,
        modifier: bool,
        right: Option<NodeId>,
    ) -> Option<CodeSet> {
        match &self.ast.node(left).kind {
            NodeKind::Field { name, arg: None } => match &**name {
                "evt.type" | "syscall.type" => self.event_type(id, op, modifier, right),
                "evt.num" if !modifier => self.event_number(op, right?),
                _ => None,
            },
            NodeKind::Transformer { args, .. } => {
                if matches!(op, Op::Eq | Op::EqEq | Op::Ne | Op::In)
                    && args.iter().any(|&a| self.is_event_type(a))
                {
                    self.error.get_or_insert(id);
                }
                None
            }
            _ => None,
        }
    }

    fn is_event_type(&self, id: NodeId) -> bool {
        match &self.ast.node(id).kind {
            NodeKind::Field { name, .. } => &**name == "evt.type",
            NodeKind::Transformer { args, .. } | NodeKind::ArgList(args) => {
                args.iter().any(|&a| self.is_event_type(a))
            }
            _ => false,
        }
    }

    fn event_type(&mut self, id: NodeId, op: Op, modifier: bool, right: Option<NodeId>) -> Option<CodeSet> {
        if op == Op::Exists {
            return Some(self.all.clone());
        }
        if !matches!(op, Op::Eq | Op::EqEq | Op::Ne | Op::In) || modifier {
            return None;
        }
        let names = match &self.ast.node(right?).kind {
            NodeKind::Value(literal) => std::slice::from_ref(literal),
            NodeKind::List(literals) => literals,
            _ => {
                self.error.get_or_insert(id);
                return None;
            }
        };
        let mut set = CodeSet::none(self.all.universe as usize);
        for name in names {
            set = set.union(&(self.names)(&String::from_utf8_lossy(&name.bytes)));
        }
        Some(if op == Op::Ne { self.all.intersection(&set.complement()) } else { set })
    }

    /// Event numbers begin at 1: a comparison that only 0 can pass is never true.
    fn event_number(&self, op: Op, right: NodeId) -> Option<CodeSet> {
        let number = |l: &Literal| match parse_literal(&l.bytes, Type::Uint64) {
            Ok(Number::U64(n)) => Some(n),
            _ => None,
        };
        let none = CodeSet::none(self.all.universe as usize);
        match &self.ast.node(right).kind {
            NodeKind::Value(literal) => {
                let n = number(literal)?;
                let never = match op {
                    Op::Eq | Op::EqEq | Op::Le => n == 0,
                    Op::Lt => n <= 1,
                    _ => false,
                };
                let always = match op {
                    Op::Ne | Op::Gt => n == 0,
                    Op::Ge => n <= 1,
                    _ => false,
                };
                match (never, always) {
                    (true, _) => Some(none),
                    (_, true) => Some(self.all.clone()),
                    _ => None,
                }
            }
            NodeKind::List(items) if op == Op::In && items.iter().all(|l| number(l) == Some(0)) => Some(none),
            _ => None,
        }
    }
}
