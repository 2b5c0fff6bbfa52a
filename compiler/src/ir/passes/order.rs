//! Within a scope, cheap parts that decide often come first.
//!
//! The order of least expected cost for independent parts: ascending cost divided by the chance to decide
//! (to be false in an `and`, true in an `or`).

use super::super::cost::{expected_percent, pred_cost};
use super::super::{Graph, Node, NodeId, Program};
use super::scope::stage;
use std::cmp::Ordering;

pub(super) fn run(program: &mut Program) {
    super::rebuild(program, make);
}

/// Expected cost, and expected percentage of being true.
fn estimate(graph: &Graph, id: NodeId, depth: u8) -> (u64, u64) {
    if depth == 0 {
        return (50, 50);
    }
    match graph.node(id) {
        Node::True => (0, 100),
        Node::False => (0, 0),
        Node::Pred(pred) => {
            (u64::from(pred_cost(graph, *pred)), u64::from(expected_percent(&graph.pred(*pred).test)))
        }
        Node::Not(child) => {
            let (cost, percent) = estimate(graph, *child, depth);
            (cost, 100 - percent)
        }
        Node::And(children) => children.iter().fold((0, 100), |(cost, reached), &c| {
            let (more, percent) = estimate(graph, c, depth - 1);
            (cost + more * reached / 100, reached * percent / 100)
        }),
        Node::Or(children) => {
            let (cost, none) = children.iter().fold((0, 100), |(cost, reached), &c| {
                let (more, percent) = estimate(graph, c, depth - 1);
                (cost + more * reached / 100, reached * (100 - percent) / 100)
            });
            (cost, 100 - none)
        }
    }
}

fn make(graph: &mut Graph, node: Node) -> NodeId {
    const DEPTH: u8 = 4;
    let (all, children) = match &node {
        Node::And(children) => (true, children),
        Node::Or(children) => (false, children),
        _ => return graph.add(node),
    };
    let mut keyed: Vec<(u8, u64, u64, NodeId)> = children
        .iter()
        .map(|&c| {
            let (cost, percent) = estimate(graph, c, DEPTH);
            (stage(graph, c), cost, if all { 100 - percent } else { percent }, c)
        })
        .collect();
    // cost / chance, without division
    keyed.sort_by(|a, b| {
        let by_ratio = (a.1 * b.2.max(1)).cmp(&(b.1 * a.2.max(1)));
        a.0.cmp(&b.0).then(by_ratio).then(Ordering::Equal)
    });
    let children = keyed.into_iter().map(|k| k.3).collect();
    graph.add(if all { Node::And(children) } else { Node::Or(children) })
}
