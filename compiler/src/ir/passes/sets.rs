//! Questions of equality about one slot become one of membership: `f = a or f in (b, c)`.
//!
//! Only where one value that passes is enough: a list whose every value must be a member stays as it is.

use super::super::test::Test;
use super::super::{Graph, Node, NodeId, Program};
use super::merge::merged;
use crate::syntax::ast::Op;

pub(super) fn run(program: &mut Program) {
    super::rebuild(program, make);
}

fn make(graph: &mut Graph, node: Node) -> NodeId {
    merged(graph, node, &|test| match test {
        Test::Text(Op::Eq, _) | Test::Texts(Op::Eq, _) => Some(0),
        Test::Int(Op::Eq, _) | Test::Ints(_) => Some(1),
        Test::Uint(Op::Eq, _) | Test::Uints(_) => Some(2),
        _ => None,
    })
}
