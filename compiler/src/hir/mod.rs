//! Conditions with every name resolved and every literal typed.
//!
//! In: a tree without macros and lists, and a [`crate::schema::Schema`]. Out: a [`Condition`] whose
//! checks hold fields by id and constants ready to compare; all type errors with their places. [`eval`]
//! is the reference evaluator: what it says is what the language means. [`events`] derives the event
//! types that a condition can be true for.
//!
//! Invariants: a [`Condition`] has only operators that its fields' types allow; constants have the
//! type of the left side; evaluating it cannot fail except for [`crate::schema::Type::Dyn`] fields,
//! whose type is known with the event only.

pub mod check;
pub mod eval;
pub mod events;
pub mod field;
pub mod template;
pub mod types;

use crate::ops::glob::Glob;
use crate::ops::net::IpNet;
use crate::ops::pmatch::PathPrefixes;
use crate::ops::regex::Regex;
use crate::schema::Type;
use crate::syntax::ast::{self, Modifier, Op, Transformer};
use field::FieldRef;
use std::net::IpAddr;
use std::sync::Arc;

/// A node of a [`Condition`].
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct HirId(pub u32);

/// An operand of a [`Condition`].
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct OperandId(pub u32);

/// A typed condition.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    pub(crate) nodes: Vec<HirNode>,
    pub(crate) operands: Vec<Operand>,
    pub(crate) root: Option<HirId>,
}

impl Condition {
    /// The root; a condition from [`check::check`] has one.
    pub fn root(&self) -> Option<HirId> {
        self.root
    }

    /// The node of an id of this condition.
    ///
    /// # Panics
    /// If the id comes from another condition.
    #[expect(clippy::indexing_slicing, reason = "ids come from this condition's own arena")]
    pub fn node(&self, id: HirId) -> &HirNode {
        &self.nodes[id.0 as usize]
    }

    /// The operand of an id of this condition.
    ///
    /// # Panics
    /// If the id comes from another condition.
    #[expect(clippy::indexing_slicing, reason = "ids come from this condition's own arena")]
    pub fn operand(&self, id: OperandId) -> &Operand {
        &self.operands[id.0 as usize]
    }

    /// All checks, in order.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.nodes.iter().filter_map(|n| match &n.kind {
            HirKind::Check(check) => Some(check),
            _ => None,
        })
    }

    /// All fields, on both sides, in order and with repetitions.
    pub fn fields(&self) -> impl Iterator<Item = &FieldRef> {
        self.operands.iter().filter_map(|o| match &o.kind {
            OperandKind::Field(field) => Some(field),
            _ => None,
        })
    }
}

/// A node and the tree node that it was made of.
#[derive(Clone, Debug)]
pub struct HirNode {
    /// What it is.
    pub kind: HirKind,
    /// Its node in the untyped tree.
    pub ast: ast::NodeId,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum HirKind {
    /// All of two or more.
    And(Vec<HirId>),
    /// Any of two or more.
    Or(Vec<HirId>),
    /// The opposite.
    Not(HirId),
    /// A comparison.
    Check(Check),
}

/// A comparison.
#[derive(Clone, Debug)]
pub struct Check {
    /// Left side.
    pub left: OperandId,
    /// Operator.
    pub op: Op,
    /// How a string operator is spread over a list.
    pub modifier: Option<Modifier>,
    /// Right side.
    pub right: Right,
}

/// The right side of a comparison.
#[derive(Clone, Debug)]
pub enum Right {
    /// `exists`
    None,
    /// One constant.
    One(Constant),
    /// The constants of a list, or of a modifier.
    Many(Vec<Constant>),
    /// The paths of `pmatch`.
    Paths(PathPrefixes),
    /// A field in `val()`, or a transformer.
    Operand(OperandId),
}

/// A constant, with what its operator needs made ready.
#[derive(Clone, Debug)]
pub enum Constant {
    /// Signed integer types.
    Int(i64),
    /// Unsigned integer types, flags, ports, times.
    Uint(u64),
    /// Booleans.
    Bool(bool),
    /// Doubles.
    Double(f64),
    /// Texts and paths; for `icontains` in lower case.
    Text(Box<[u8]>),
    /// Buffers.
    Bytes(Box<[u8]>),
    /// Addresses.
    Ip(IpAddr),
    /// Networks.
    Net(IpNet),
    /// `glob` and `iglob`.
    Glob(Arc<Glob>),
    /// `regex`.
    Regex(Arc<Regex>),
    /// Compared with a field whose type is known with the event only.
    Untyped(Box<[u8]>),
}

/// An operand and its type.
#[derive(Clone, Debug)]
pub struct Operand {
    /// What it is.
    pub kind: OperandKind,
    /// Type of its value or of each of its values.
    pub ty: Type,
    /// Whether its value is a list.
    pub list: bool,
}

/// What an operand is.
#[derive(Clone, Debug)]
pub enum OperandKind {
    /// A field.
    Field(FieldRef),
    /// A transformer call.
    Call {
        /// Which.
        name: Transformer,
        /// The option letter of `getopt(...)[c]`.
        selector: Option<u8>,
        /// Arguments.
        args: Vec<OperandId>,
    },
    /// A text among a transformer's arguments.
    Literal(Box<[u8]>),
    /// A list among a transformer's arguments.
    List(Vec<OperandId>),
}
