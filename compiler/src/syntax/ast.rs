//! The tree of one condition, as written: macros and lists are still names.
//!
//! Nodes live in an arena and are referred to by [`NodeId`]; every node knows its range in the text
//! that was parsed. The tree has the shape of Falco's own (`a and b and c` is one node with three
//! children, parentheses leave no trace), so that both print alike.

use std::fmt;

/// A byte range of the text that was parsed.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Default)]
pub struct TextRange {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl TextRange {
    /// The range `start..end`.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest range that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}

impl fmt::Debug for TextRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        #[allow(missing_docs, reason = "the words are the language's own")]
        pub enum $name { $($variant),* }

        impl $name {
            /// All of them, in the order of the reference.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The word as written in a condition.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// The one that is written so.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|w| w.as_str() == word)
            }
        }
    };
}

words! {
    /// A comparison operator. `=` and `==` mean the same and print as written.
    Op {
        Exists = "exists", Le = "<=", Lt = "<", Ge = ">=", Gt = ">", EqEq = "==", Eq = "=", Ne = "!=",
        Glob = "glob", IGlob = "iglob", Contains = "contains", IContains = "icontains",
        BContains = "bcontains", StartsWith = "startswith", BStartsWith = "bstartswith",
        EndsWith = "endswith", Regex = "regex", Intersects = "intersects", In = "in", PMatch = "pmatch",
    }
}

words! {
    /// How a string operator is spread over a list: exactly one item, at least one, all.
    Modifier { OneOf = "oneof", AnyOf = "anyof", AllOf = "allof" }
}

words! {
    /// A transformer. `Val` stands on right sides only.
    Transformer {
        Val = "val", ToLower = "tolower", ToUpper = "toupper", B64 = "b64", Basename = "basename",
        Len = "len", Join = "join", Concat = "concat", GetOpt = "getopt",
    }
}

impl Op {
    /// Whether the operator takes a list.
    pub fn takes_list(self) -> bool {
        matches!(self, Self::Intersects | Self::In | Self::PMatch)
    }

    /// Whether the operator takes a number.
    pub fn takes_number(self) -> bool {
        matches!(self, Self::Le | Self::Lt | Self::Ge | Self::Gt)
    }

    /// Whether the operator takes one value and can have a modifier.
    pub fn takes_string(self) -> bool {
        self != Self::Exists && !self.takes_list() && !self.takes_number()
    }
}

/// A node of an [`Ast`].
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeId(pub u32);

/// How a value was written.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// Without quotes.
    Bare,
    /// In quotes, `'` or `"`.
    Quoted,
    /// As a number after `<`, `<=`, `>`, `>=` or among a transformer's arguments.
    Number,
}

/// A literal: its bytes after unescaping.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Literal {
    /// Bytes; UTF-8 unless written with `\xHH`.
    pub bytes: Box<[u8]>,
    /// How it was written.
    pub form: Form,
    /// Where.
    pub range: TextRange,
}

/// What a node is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NodeKind {
    /// All of two or more.
    And(Vec<NodeId>),
    /// Any of two or more.
    Or(Vec<NodeId>),
    /// The opposite.
    Not(NodeId),
    /// A macro's name.
    Macro(Box<str>),
    /// `left op right`; `exists` has no right side.
    Check {
        /// A field or transformer.
        left: NodeId,
        /// Operator.
        op: Op,
        /// `oneof`, `anyof` or `allof`.
        modifier: Option<Modifier>,
        /// A value, list, field in `val()`, or transformer.
        right: Option<NodeId>,
    },
    /// A field with its argument in brackets.
    Field {
        /// Name with dots, e.g. `evt.arg.flags`.
        name: Box<str>,
        /// Argument, unescaped.
        arg: Option<Literal>,
    },
    /// A transformer call.
    Transformer {
        /// Which.
        name: Transformer,
        /// `getopt(...)[c]`.
        selector: Option<Literal>,
        /// Arguments.
        args: Vec<NodeId>,
    },
    /// A list among a transformer's arguments.
    ArgList(Vec<NodeId>),
    /// One literal; after a list operator it is the name of a list that was not substituted.
    Value(Literal),
    /// A list of literals.
    List(Vec<Literal>),
    /// Something that could not be parsed; an error was reported.
    Error,
}

/// A node and its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands in the parsed text.
    pub range: TextRange,
}

/// A parsed condition.
#[derive(Clone, Debug, Default)]
pub struct Ast {
    nodes: Vec<Node>,
    root: Option<NodeId>,
}

impl Ast {
    /// An empty arena, to be filled with [`Ast::add`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node.
    pub fn add(&mut self, kind: NodeKind, range: TextRange) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node { kind, range });
        id
    }

    /// Makes a node the root.
    pub fn set_root(&mut self, root: NodeId) {
        self.root = Some(root);
    }

    /// The root; an [`Ast`] from the parser has one.
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// The node of an id of this arena.
    ///
    /// # Panics
    /// If the id comes from another arena.
    #[expect(clippy::indexing_slicing, reason = "ids come from `add` of the same arena")]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// All nodes, children before parents.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Whether two trees are the same apart from places and from how literals were written.
    pub fn same_tree(&self, other: &Ast) -> bool {
        match (self.root, other.root) {
            (Some(a), Some(b)) => same(self, a, other, b),
            (None, None) => true,
            _ => false,
        }
    }
}

fn same(a: &Ast, x: NodeId, b: &Ast, y: NodeId) -> bool {
    let all = |xs: &[NodeId], ys: &[NodeId]| {
        xs.len() == ys.len() && xs.iter().zip(ys).all(|(&x, &y)| same(a, x, b, y))
    };
    let bytes = |literal: &Option<Literal>| literal.as_ref().map(|l| l.bytes.clone());
    match (&a.node(x).kind, &b.node(y).kind) {
        (NodeKind::And(one), NodeKind::And(other))
        | (NodeKind::Or(one), NodeKind::Or(other))
        | (NodeKind::ArgList(one), NodeKind::ArgList(other)) => all(one, other),
        (&NodeKind::Not(one), &NodeKind::Not(other)) => same(a, one, b, other),
        (NodeKind::Macro(one), NodeKind::Macro(other)) => one == other,
        (
            NodeKind::Check { left, op, modifier, right },
            NodeKind::Check { left: left2, op: op2, modifier: modifier2, right: right2 },
        ) => {
            op == op2
                && modifier == modifier2
                && same(a, *left, b, *left2)
                && match (*right, *right2) {
                    (Some(right), Some(right2)) => same(a, right, b, right2),
                    (None, None) => true,
                    _ => false,
                }
        }
        (NodeKind::Field { name, arg }, NodeKind::Field { name: name2, arg: arg2 }) => {
            name == name2 && bytes(arg) == bytes(arg2)
        }
        (
            NodeKind::Transformer { name, selector, args },
            NodeKind::Transformer { name: name2, selector: selector2, args: args2 },
        ) => name == name2 && bytes(selector) == bytes(selector2) && all(args, args2),
        (NodeKind::Value(one), NodeKind::Value(other)) => one.bytes == other.bytes,
        (NodeKind::List(one), NodeKind::List(other)) => {
            one.iter().map(|l| &l.bytes).eq(other.iter().map(|l| &l.bytes))
        }
        (NodeKind::Error, NodeKind::Error) => true,
        _ => false,
    }
}
