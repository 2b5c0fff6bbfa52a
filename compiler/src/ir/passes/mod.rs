//! Rewrites of a program, one change each.
//!
//! In: a program. Out: a program that gives the same rules for every event. [`optimize`] runs them in the order
//! of [`Pass::ALL`]; in debug builds the verifier runs after each.

mod buckets;
mod common;
mod fold;
mod merge;
mod order;
mod scope;
mod sets;
mod substrings;
mod sweep;
mod tries;

use super::build::{Bits, BitsOf, Known, slot_of};
use super::{Graph, Node, NodeId, PredId, Program, Rules, Slot, verify};
use crate::hir::field::FieldRef;
use crate::schema::{EventCode, Schema};

/// A rewrite.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pass {
    /// Equal predicates and nodes become one.
    Common,
    /// `f = a or f in (b, c)` becomes `f in (a, b, c)`.
    Sets,
    /// `f startswith a or f startswith b` becomes one question, asked of a trie; `endswith` likewise.
    Tries,
    /// `f contains a or f contains b` becomes one question, asked in one pass.
    Substrings,
    /// Rules are put into buckets of event types, with what is constant for those in place and names of flags
    /// asked for as bits.
    Buckets,
    /// Constants go, nested nodes are flattened, doubled ones are one.
    Fold,
    /// Parts of a node are grouped by when their values change, the earliest first.
    Scope,
    /// Within a scope, cheap parts that decide often come first.
    Order,
    /// Predicates and slots that no rule needs go.
    Sweep,
}

impl Pass {
    /// All, in the order in which they run.
    pub const ALL: &'static [Self] = &[
        Self::Common,
        Self::Sets,
        Self::Tries,
        Self::Substrings,
        Self::Buckets,
        Self::Fold,
        Self::Scope,
        Self::Order,
        Self::Sweep,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::Sets => "sets",
            Self::Tries => "tries",
            Self::Substrings => "substrings",
            Self::Buckets => "buckets",
            Self::Fold => "fold",
            Self::Scope => "scope",
            Self::Order => "order",
            Self::Sweep => "sweep",
        }
    }

    /// The pass with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.name() == name)
    }
}

/// What passes know of event types.
pub struct Types<'t> {
    /// How many there are.
    pub count: usize,
    /// Whether a rule looks at an event type.
    pub looks_at: &'t dyn Fn(u32, EventCode) -> bool,
    /// What is constant for an event type.
    pub constant: &'t dyn Fn(EventCode, &FieldRef) -> Known,
    /// What a text of flag names says of their bits.
    bits: &'t BitsOf<'t>,
    /// For the slot of those.
    schema: Option<&'t Schema>,
}

impl<'t> Types<'t> {
    /// Those of a schema, for some rules.
    pub fn new(schema: &'t Schema, rules: &'t Rules<'_>) -> Self {
        let count = schema.events().len();
        let Rules { looks_at, constant, bits, .. } = rules;
        Self { count, looks_at, constant, bits, schema: Some(schema) }
    }

    /// Types of which nothing is known but who looks at them.
    pub fn plain(count: usize, looks_at: &'t dyn Fn(u32, EventCode) -> bool) -> Self {
        Self { count, looks_at, constant: &|_, _| Known::Varies, bits: &|_, _, _| None, schema: None }
    }

    /// What a text of flag names says of their bits, and the slot of those.
    fn bits(&self, code: EventCode, field: &FieldRef, text: &[u8]) -> Option<(Bits, Slot)> {
        let bits = (self.bits)(code, field, text)?;
        let slot = slot_of(self.schema?, &bits.field);
        Some((bits, slot))
    }
}

/// Runs one pass.
///
/// # Panics
/// In debug builds, if the pass gives a program that is not well made.
pub fn run(pass: Pass, program: &mut Program, types: &Types<'_>) {
    match pass {
        Pass::Common => common::run(program),
        Pass::Sets => sets::run(program),
        Pass::Tries => tries::run(program),
        Pass::Substrings => substrings::run(program),
        Pass::Buckets => buckets::run(program, types),
        Pass::Fold => fold::run(program),
        Pass::Scope => scope::run(program),
        Pass::Order => order::run(program),
        Pass::Sweep => sweep::run(program),
    }
    if cfg!(debug_assertions)
        && let Err(error) = verify::verify(program)
    {
        // INVARIANT: a pass gives a valid program; this is how a bug of one shows in tests
        panic!("after the pass {}: {error}", pass.name());
    }
}

/// Runs all passes.
pub fn optimize(program: &mut Program, types: &Types<'_>) {
    for &pass in Pass::ALL {
        run(pass, program, types);
    }
}

/// Puts nodes that are made by `make` from their kind, with children that are already made, in place of a
/// program's. Predicates keep their numbers.
fn rebuild(program: &mut Program, make: impl Fn(&mut Graph, Node) -> NodeId) {
    let mut old = std::mem::take(&mut program.graph);
    let new = old.take_preds();
    replace(program, &old, new, &|_, pred| pred, make);
}

/// The same into a graph whose predicates are numbered anew by `pred`.
fn replace(
    program: &mut Program,
    old: &Graph,
    new: Graph,
    pred: &dyn Fn(&mut Graph, PredId) -> PredId,
    make: impl Fn(&mut Graph, Node) -> NodeId,
) {
    program.graph = new;
    let made = vec![None; old.nodes().len()];
    let mut copier = Copier { old, new: &mut program.graph, made, pred, make };
    for rule in &mut program.whole {
        rule.root = rule.root.map(|root| copier.copy(root));
    }
    for bucket in &mut program.buckets {
        for rule in &mut bucket.rules {
            rule.root = copier.copy(rule.root);
        }
        bucket.rules.retain(|rule| rule.root != NodeId::FALSE);
    }
    program.buckets.retain(|bucket| !bucket.rules.is_empty() || !bucket.strict.is_empty());
}

struct Copier<'c, F> {
    old: &'c Graph,
    new: &'c mut Graph,
    made: Vec<Option<NodeId>>,
    pred: &'c dyn Fn(&mut Graph, PredId) -> PredId,
    make: F,
}

impl<F: Fn(&mut Graph, Node) -> NodeId> Copier<'_, F> {
    fn copy(&mut self, id: NodeId) -> NodeId {
        if id.is_constant() {
            return id;
        }
        if self.new.sharing() == super::graph::Sharing::On
            && let Some(Some(made)) = self.made.get(id.index())
        {
            return *made;
        }
        let node = match self.old.node(id) {
            Node::True | Node::False => return id,
            Node::Pred(pred) => Node::Pred((self.pred)(self.new, *pred)),
            Node::Not(child) => Node::Not(self.copy(*child)),
            Node::And(children) => Node::And(children.iter().map(|&c| self.copy(c)).collect()),
            Node::Or(children) => Node::Or(children.iter().map(|&c| self.copy(c)).collect()),
        };
        let made = (self.make)(self.new, node);
        if let Some(slot) = self.made.get_mut(id.index()) {
            *slot = Some(made);
        }
        made
    }
}

/// A node as it is.
fn plain(graph: &mut Graph, node: Node) -> NodeId {
    graph.add(node)
}
