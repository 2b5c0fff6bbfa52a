//! Substrings of one slot become one question, answered in one pass over the value.

use super::super::test::Test;
use super::super::{Graph, Node, NodeId, Program};
use super::merge::merged;
use crate::syntax::ast::Op;

pub(super) fn run(program: &mut Program) {
    super::rebuild(program, make);
}

fn make(graph: &mut Graph, node: Node) -> NodeId {
    merged(graph, node, &|test| match test {
        Test::Text(Op::Contains, _) | Test::Texts(Op::Contains, _) => Some(0),
        Test::Text(Op::IContains, _) | Test::Texts(Op::IContains, _) => Some(1),
        _ => None,
    })
}
