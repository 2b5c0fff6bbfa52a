//! The decision IR: all rules of a ruleset as one graph of shared predicates.
//!
//! In: typed conditions, and what is constant for an event type ([`Rules`]). Out: a [`Program`]: *slots*
//! (where values come from), *predicates* over them, *nodes* (`and`, `or`, `not`) and, for each *bucket* of
//! event types, the rules that can be true for them with their roots. [`passes`] rewrite a program, one
//! change each; [`verify`] checks it between them; [`mod@print`] and [`parse`] are its text form. [`crate::interp`]
//! evaluates a program as it is; [`crate::staged`] decides it in stages.
//!
//! Invariants (checked by [`verify::verify`]): ids are of this program; children come before their parents, so
//! there is no cycle; rules of a bucket are in order of definition; an event type is in one bucket at most.
//!
//! ```
//! use peregrine_compiler::ir;
//! let text = "slot s0 = \"proc.name\" process 1\n\
//!             pred p0 = s0 = \"sh\"\n\
//!             node n2 = p0\n\
//!             bucket 3\n  rule 0 = n2\n";
//! let program = ir::parse::parse(text).unwrap();
//! assert_eq!(ir::print::print(&program), text);
//! ```

pub mod access;
pub mod build;
pub mod cost;
pub mod graph;
pub mod parse;
pub mod passes;
pub mod print;
pub mod ready;
pub mod test;
pub mod trie;
pub mod verify;

use crate::hir::field::FieldRef;
use crate::hir::{Condition, HirId};
use crate::schema::{EventCode, Scope};
pub use build::{Bits, BitsOf, Known, Rules};
pub use graph::Graph;
use std::fmt;
use std::sync::Arc;
use test::Test;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $letter:literal),* $(,)?) => {
        $($(#[$doc])*
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// Position in its table.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        })*
    };
}

ids! {
    /// A source of values.
    SlotId "s",
    /// A predicate.
    PredId "p",
    /// A node.
    NodeId "n",
}

/// Where values come from.
#[derive(Clone, Debug)]
pub enum SlotKind {
    /// A field.
    Field(FieldRef),
    /// A check that the reference evaluator decides.
    Check(Arc<Condition>, HirId),
    /// Only its name is known: the program was parsed from text.
    Named,
}

/// A source of values.
#[derive(Clone, Debug)]
pub struct Slot {
    /// What it is.
    pub kind: SlotKind,
    /// The field as written, or the check's canonical text: what identifies it.
    pub name: Arc<str>,
    /// When its value changes.
    pub scope: Scope,
    /// Relative cost of finding its value.
    pub cost: u16,
}

/// A question about a slot's values.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Pred {
    /// Whose values.
    pub slot: SlotId,
    /// Every value must pass, not just one.
    pub every: bool,
    /// What is asked.
    pub test: Test,
}

/// A node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Node {
    /// Always.
    True,
    /// Never.
    False,
    /// If a predicate holds.
    Pred(PredId),
    /// The opposite.
    Not(NodeId),
    /// All of two or more.
    And(Box<[NodeId]>),
    /// Any of two or more.
    Or(Box<[NodeId]>),
}

impl NodeId {
    /// The node of [`Node::True`].
    pub const TRUE: Self = Self(0);
    /// The node of [`Node::False`].
    pub const FALSE: Self = Self(1);

    /// Whether it is `true` or `false`.
    pub fn is_constant(self) -> bool {
        self == Self::TRUE || self == Self::FALSE
    }
}

/// A rule and the root of its condition.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct RuleRoot {
    /// Number of the rule; the order of definition.
    pub rule: u32,
    /// Its condition.
    pub root: NodeId,
}

/// A rule whose evaluation can fail, because a type comes with the event: it is evaluated by the reference
/// evaluator, in its own order.
#[derive(Clone, Debug)]
pub struct StrictRule {
    /// Number of the rule.
    pub rule: u32,
    /// Its condition.
    pub condition: Arc<Condition>,
}

/// Event types with the same rules.
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    /// The types, ascending.
    pub codes: Vec<EventCode>,
    /// Rules that can be true, in order of definition.
    pub rules: Vec<RuleRoot>,
    /// Rules that can fail, in order of definition.
    pub strict: Vec<StrictRule>,
}

/// A rule before it is put into buckets.
#[derive(Clone, Debug)]
pub struct WholeRule {
    /// Number of the rule.
    pub rule: u32,
    /// Its condition; `None` if its evaluation can fail.
    pub root: Option<NodeId>,
    /// The condition as it came.
    pub condition: Arc<Condition>,
}

/// A ruleset in decision IR.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Slots, predicates and nodes.
    pub graph: Graph,
    /// Rules before the pass [`passes::Pass::Buckets`], which moves them to `buckets`.
    pub whole: Vec<WholeRule>,
    /// Buckets by their first event type.
    pub buckets: Vec<Bucket>,
}

impl Program {
    /// For each event type of `events` the position of its bucket.
    pub fn by_event(&self, events: usize) -> Vec<Option<u32>> {
        let mut by_event = vec![None; events];
        for (at, bucket) in (0..).zip(&self.buckets) {
            for code in &bucket.codes {
                if let Some(slot) = by_event.get_mut(usize::from(code.0)) {
                    *slot = Some(at);
                }
            }
        }
        by_event
    }
}
