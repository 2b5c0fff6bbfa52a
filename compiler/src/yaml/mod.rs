//! YAML text to spanned nodes: the only place that knows the YAML crate.
//!
//! In: the text of one rule file. Out: a [`Yaml`] arena with one root [`NodeId`] per document, or the
//! first [`YamlError`]. Beside it, [`OffsetMap`] leads from a scalar's value back to the source text,
//! [`comments`] lists the comments for a formatter, and [`to_bool`] and its siblings read scalars the
//! way Falco's YAML library does.
//!
//! Invariants: spans are byte offsets on character limits of the text that was parsed; ids ascend in
//! source order and a child's id is larger than its parent's, except that an alias is the id of the
//! node that it refers to; the arena has no cycle, and a walk from a root that follows aliases is at
//! most [`Limits::depth`] deep and meets at most [`Limits::expanded`] nodes, so that plain recursion
//! over a [`Yaml`] is safe.
//!
//! ```
//! use peregrine_compiler::source::FileId;
//! use peregrine_compiler::yaml::{self, Limits};
//! let text = "- rule: x\n  enabled: yes\n";
//! let yaml = yaml::parse(FileId(0), text, &Limits::default()).unwrap();
//! let item = yaml.items(yaml.documents()[0])[0];
//! let enabled = yaml.get(item, "enabled").unwrap();
//! assert_eq!(yaml.as_str(enabled).and_then(yaml::to_bool), Some(true));
//! assert_eq!(yaml.node(enabled).span.start, 21);
//! ```

mod comments;
mod convert;
mod error;
mod offset;
mod parse;
#[cfg(test)]
mod tests;

pub use comments::comments;
pub use convert::{to_bool, to_i64, to_u32, to_u64};
pub use error::{YamlError, YamlErrorKind};
pub use offset::{OffsetMap, source_offset};
pub use parse::parse;

use crate::source::Span;

/// A node of a [`Yaml`].
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeId(pub u32);

/// How a scalar is written.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// In `'`.
    SingleQuoted,
    /// In `"`.
    DoubleQuoted,
    /// A block after `|`.
    Literal,
    /// A block after `>`.
    Folded,
}

/// A text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scalar {
    /// The text after folding and escapes.
    pub value: Box<str>,
    /// How it is written.
    pub style: ScalarStyle,
}

/// What a node is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NodeKind {
    /// Nothing, or one of the plain texts `~`, `null`, `Null` and `NULL`.
    Null,
    /// A text.
    Scalar(Scalar),
    /// Items in order.
    Sequence(Vec<NodeId>),
    /// Keys and values in order; keys may be of any kind and may be repeated.
    Mapping(Vec<(NodeId, NodeId)>),
}

/// A node with its place.
///
/// The span of a scalar is the raw text with its quotes; that of a block scalar is its content from
/// the first to the last character that is not blank, without the header. The span of a collection
/// ends with its last node or its closing bracket. An empty node has an empty span where its value
/// would be. Tags and anchors are not part of a span.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// The place where the node is written; for an aliased node, that of the anchor.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// Bounds on what is accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Collections inside each other, counting those behind aliases.
    pub depth: u32,
    /// Nodes that are written in the text.
    pub nodes: u32,
    /// Nodes of all documents if every alias were written out.
    pub expanded: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, nodes: 4_000_000, expanded: 10_000_000 }
    }
}

/// The nodes of one text.
#[derive(Clone, Debug)]
pub struct Yaml {
    nodes: Vec<Node>,
    documents: Vec<NodeId>,
}

impl Yaml {
    /// The root of each document, in order. A text without any document (empty, or only comments)
    /// has none.
    pub fn documents(&self) -> &[NodeId] {
        &self.documents
    }

    /// The node of an id given out by this value.
    ///
    /// # Panics
    /// If the id comes from another [`Yaml`].
    #[expect(clippy::indexing_slicing, reason = "ids come from the same arena")]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The value of a key, the first one if the key is repeated. None if the node is no mapping.
    pub fn get(&self, map: NodeId, key: &str) -> Option<NodeId> {
        self.entries(map).iter().find(|(k, _)| self.as_str(*k) == Some(key)).map(|&(_, v)| v)
    }

    /// Keys and values of a mapping; empty for any other node.
    pub fn entries(&self, map: NodeId) -> &[(NodeId, NodeId)] {
        match &self.node(map).kind {
            NodeKind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// Items of a sequence; empty for any other node.
    pub fn items(&self, sequence: NodeId) -> &[NodeId] {
        match &self.node(sequence).kind {
            NodeKind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar; none for any other node, null included.
    pub fn as_str(&self, id: NodeId) -> Option<&str> {
        match &self.node(id).kind {
            NodeKind::Scalar(scalar) => Some(&scalar.value),
            _ => None,
        }
    }
}
