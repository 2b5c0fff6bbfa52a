//! Prefixes of one slot become one question, and so do suffixes: each is one walk through a trie.

use super::super::test::Test;
use super::super::{Graph, Node, NodeId, Program};
use super::merge::merged;
use crate::syntax::ast::Op;

pub(super) fn run(program: &mut Program) {
    super::rebuild(program, make);
}

fn make(graph: &mut Graph, node: Node) -> NodeId {
    merged(graph, node, &|test| match test {
        Test::Text(Op::StartsWith, _) | Test::Texts(Op::StartsWith, _) => Some(0),
        Test::Text(Op::EndsWith, _) | Test::Texts(Op::EndsWith, _) => Some(1),
        _ => None,
    })
}
