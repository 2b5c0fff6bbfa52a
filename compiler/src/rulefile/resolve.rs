//! Macros into conditions, on the tree.
//!
//! Each use of a macro becomes a copy of its tree; every copied node knows the text that it was parsed
//! from and the chain of uses that brought it here, so that an error inside a macro can be shown with
//! all the places that lead to it.

use super::text::Assembled;
use crate::syntax::Parsed;
use crate::syntax::ast::{Ast, NodeId, NodeKind, TextRange};
use std::collections::HashMap;
use std::sync::Arc;

/// Nodes that one condition may have after its macros are replaced.
pub(crate) const MAX_NODES: usize = 500_000;
/// Depth of the same tree.
pub(crate) const MAX_TREE_DEPTH: usize = 1_000;

/// A macro ready for use.
#[derive(Debug)]
pub(crate) struct CompiledMacro {
    pub(crate) name: Arc<str>,
    /// Order of first definition.
    pub(crate) index: u32,
    /// The condition with lists substituted.
    pub(crate) text: Assembled,
    pub(crate) parsed: Parsed,
    /// An error was reported for it: uses of it are no further errors.
    pub(crate) broken: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Macros {
    pub(crate) macros: Vec<CompiledMacro>,
    pub(crate) by_name: HashMap<Arc<str>, usize, foldhash::fast::FixedState>,
}

/// The text that a node was parsed from.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Home {
    /// The condition that is being resolved.
    Own,
    /// The macro of this number.
    Macro(usize),
}

/// A use of a macro.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Via {
    pub(crate) used: usize,
    pub(crate) home: Home,
    pub(crate) range: TextRange,
    pub(crate) parent: Option<u32>,
}

#[derive(Copy, Clone, Debug)]
pub(crate) struct NodeOrigin {
    pub(crate) home: Home,
    pub(crate) via: Option<u32>,
}

/// A tree without macros.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    pub(crate) ast: Ast,
    pub(crate) origins: Vec<NodeOrigin>,
    pub(crate) vias: Vec<Via>,
    /// Macros that were used, directly or not.
    pub(crate) used: Vec<usize>,
}

/// Why a use of a macro cannot be replaced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ProblemKind {
    Unknown(Box<str>),
    Loop(Box<str>),
    TooLarge,
    TooDeep,
    /// Reported elsewhere.
    Silent,
}

#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) kind: ProblemKind,
    pub(crate) home: Home,
    pub(crate) range: TextRange,
    pub(crate) via: Option<u32>,
}

/// Replaces all macros of a tree. `visible` limits the macros that the tree itself can use to those
/// first defined before that position.
pub(crate) fn resolve(
    parsed: &Parsed,
    macros: &Macros,
    own: Option<usize>,
    visible: Option<u32>,
) -> (Resolved, Vec<Problem>) {
    let mut resolver =
        Resolver { macros, visible, out: Resolved::default(), problems: Vec::new(), path: Vec::new() };
    resolver.path.extend(own);
    if let Some(root) = parsed.ast.root() {
        let root = resolver.copy(&parsed.ast, root, Home::Own, None, 0);
        resolver.out.ast.set_root(root);
    }
    (resolver.out, resolver.problems)
}

struct Resolver<'a> {
    macros: &'a Macros,
    visible: Option<u32>,
    out: Resolved,
    problems: Vec<Problem>,
    path: Vec<usize>,
}

impl Resolver<'_> {
    fn add(&mut self, kind: NodeKind, range: TextRange, home: Home, via: Option<u32>) -> NodeId {
        self.out.origins.push(NodeOrigin { home, via });
        self.out.ast.add(kind, range)
    }

    fn problem(&mut self, kind: ProblemKind, range: TextRange, home: Home, via: Option<u32>) -> NodeId {
        if kind != ProblemKind::Silent && self.problems.len() < 8 {
            self.problems.push(Problem { kind, home, range, via });
        } else if self.problems.is_empty() {
            self.problems.push(Problem { kind: ProblemKind::Silent, home, range, via });
        }
        self.add(NodeKind::Error, range, home, via)
    }

    fn copy(&mut self, ast: &Ast, id: NodeId, home: Home, via: Option<u32>, depth: usize) -> NodeId {
        let node = ast.node(id);
        let range = node.range;
        if self.out.origins.len() >= MAX_NODES {
            return self.stop(ProblemKind::TooLarge, range, home, via);
        }
        if depth >= MAX_TREE_DEPTH {
            return self.stop(ProblemKind::TooDeep, range, home, via);
        }
        let kind = match &node.kind {
            NodeKind::And(children) => NodeKind::And(self.children(ast, children, home, via, depth)),
            NodeKind::Or(children) => NodeKind::Or(self.children(ast, children, home, via, depth)),
            &NodeKind::Not(child) => NodeKind::Not(self.copy(ast, child, home, via, depth + 1)),
            NodeKind::Macro(name) => return self.use_macro(name, range, home, via, depth),
            NodeKind::Check { left, op, modifier, right } => NodeKind::Check {
                left: self.copy(ast, *left, home, via, depth + 1),
                op: *op,
                modifier: *modifier,
                right: right.map(|r| self.copy(ast, r, home, via, depth + 1)),
            },
            NodeKind::Transformer { name, selector, args } => NodeKind::Transformer {
                name: *name,
                selector: selector.clone(),
                args: self.children(ast, args, home, via, depth),
            },
            NodeKind::ArgList(items) => NodeKind::ArgList(self.children(ast, items, home, via, depth)),
            other => other.clone(),
        };
        self.add(kind, range, home, via)
    }

    fn children(
        &mut self,
        ast: &Ast,
        children: &[NodeId],
        home: Home,
        via: Option<u32>,
        depth: usize,
    ) -> Vec<NodeId> {
        let mut copies = Vec::with_capacity(children.len().min(MAX_NODES));
        for &child in children {
            copies.push(self.copy(ast, child, home, via, depth + 1));
            if self.problems.iter().any(|p| p.kind == ProblemKind::TooLarge) {
                break;
            }
        }
        copies
    }

    /// A limit: reported once.
    fn stop(&mut self, kind: ProblemKind, range: TextRange, home: Home, via: Option<u32>) -> NodeId {
        if self.problems.iter().any(|p| p.kind == kind) {
            return self.add(NodeKind::Error, range, home, via);
        }
        self.problem(kind, range, home, via)
    }

    fn use_macro(
        &mut self,
        name: &str,
        range: TextRange,
        home: Home,
        via: Option<u32>,
        depth: usize,
    ) -> NodeId {
        let macros = self.macros;
        let found = macros.by_name.get(name).and_then(|&i| Some((i, macros.macros.get(i)?)));
        let Some((index, definition)) =
            found.filter(|(_, m)| home != Home::Own || self.visible.is_none_or(|v| m.index < v))
        else {
            return self.problem(ProblemKind::Unknown(name.into()), range, home, via);
        };
        if self.path.contains(&index) {
            return self.problem(ProblemKind::Loop(name.into()), range, home, via);
        }
        if definition.broken {
            return self.problem(ProblemKind::Silent, range, home, via);
        }
        let Some(root) = definition.parsed.ast.root() else {
            return self.problem(ProblemKind::Silent, range, home, via);
        };
        self.out.used.push(index);
        let use_id = self.out.vias.len() as u32;
        self.out.vias.push(Via { used: index, home, range, parent: via });
        self.path.push(index);
        let copy = self.copy(&definition.parsed.ast, root, Home::Macro(index), Some(use_id), depth);
        self.path.pop();
        copy
    }
}
