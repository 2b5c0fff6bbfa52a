//! Children of an `or` that ask one slot for the same kind of thing become one.

use super::super::test::{Test, any};
use super::super::{Graph, Node, NodeId, Pred, SlotId};

/// Slot and group of a predicate that can be merged.
type Kind = (SlotId, u8);

/// The node, with the predicates among the children of an `or` merged that are of one slot and of one
/// group. The merged one takes the first one's place.
pub(super) fn merged(graph: &mut Graph, node: Node, group: &dyn Fn(&Test) -> Option<u8>) -> NodeId {
    let Node::Or(children) = node else { return graph.add(node) };
    let key = |graph: &Graph, child: NodeId| -> Option<Kind> {
        let Node::Pred(pred) = graph.node(child) else { return None };
        let pred = graph.pred(*pred);
        if pred.every { None } else { Some((pred.slot, group(&pred.test)?)) }
    };
    let mut kept: Vec<(Option<Kind>, Vec<NodeId>)> = Vec::with_capacity(children.len());
    for &child in &children {
        let of = key(graph, child);
        match kept.iter_mut().find(|(k, _)| of.is_some() && *k == of) {
            Some((_, same)) => same.push(child),
            None => kept.push((of, vec![child])),
        }
    }
    if kept.len() == children.len() {
        return graph.add(Node::Or(children));
    }
    let mut out = Vec::with_capacity(kept.len());
    for (of, same) in kept {
        match (of, same.as_slice()) {
            (_, [only]) => out.push(*only),
            (Some((slot, _)), _) => {
                let tests = same.iter().filter_map(|&child| match graph.node(child) {
                    Node::Pred(pred) => Some(graph.pred(*pred).test.clone()),
                    _ => None,
                });
                let test = any(tests.collect());
                out.push(graph.add_check(Pred { slot, every: false, test }));
            }
            (None, _) => out.extend(same),
        }
    }
    match out.as_slice() {
        [only] => *only,
        _ => graph.add(Node::Or(out.into())),
    }
}
