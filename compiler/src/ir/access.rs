//! Whether a rule can be found by looking up a literal, and what it costs otherwise.
//!
//! A rule is *indexed* by a slot if, whatever else holds, it needs one of some literals there: a text that is
//! equal, begins, ends or contains, or a number that is equal. Looking up the slot's value then finds all rules
//! that can match, however many there are. A rule without that is looked at for every event of its types that
//! other answers do not close.

use super::cost::pred_cost;
use super::test::Test;
use super::{Graph, Node, NodeId, SlotId};
use crate::syntax::ast::Op;

/// The slot whose literals a node needs to be true.
pub fn required(graph: &Graph, id: NodeId) -> Option<SlotId> {
    match graph.node(id) {
        Node::True | Node::False | Node::Not(_) => None,
        Node::Pred(pred) => {
            let pred = graph.pred(*pred);
            is_literal(&pred.test).then_some(pred.slot).filter(|_| !pred.every)
        }
        Node::And(children) => children.iter().find_map(|&c| required(graph, c)),
        Node::Or(children) => {
            let mut slots = children.iter().map(|&c| required(graph, c));
            let first = slots.next()??;
            // alternatives on several slots need a look-up of each
            slots.all(|slot| slot.is_some()).then_some(first)
        }
    }
}

/// Whether a test can be answered by looking up its literals.
pub fn is_literal(test: &Test) -> bool {
    match test {
        Test::Text(op, _) | Test::Texts(op, _) => {
            matches!(op, Op::Eq | Op::StartsWith | Op::EndsWith | Op::Contains | Op::IContains)
        }
        Test::Int(op, _) | Test::Uint(op, _) => *op == Op::Eq,
        Test::Ip(op, _) => *op == Op::Eq,
        Test::Ints(_) | Test::Uints(_) => true,
        Test::Any(all) => all.iter().all(is_literal),
        _ => false,
    }
}

/// What evaluating a node costs at most, in loads.
pub fn price(graph: &Graph, id: NodeId) -> u64 {
    match graph.node(id) {
        Node::True | Node::False => 0,
        Node::Pred(pred) => u64::from(pred_cost(graph, *pred)),
        Node::Not(child) => price(graph, *child),
        Node::And(children) | Node::Or(children) => children.iter().map(|&c| price(graph, c)).sum(),
    }
}
