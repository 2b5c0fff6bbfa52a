//! Parts of a node are grouped by when their values change, the earliest first.
//!
//! `and(event, process, process)` becomes `and(and(process, process), event)`: what depends on the process
//! alone is a node of its own, decided once for the process.

use super::super::graph::Uses;
use super::super::{Graph, Node, NodeId, Program};
use crate::schema::Scope;

pub(super) fn run(program: &mut Program) {
    super::rebuild(program, make);
}

/// Stage at which all of a node's values are known.
pub(super) fn stage(graph: &Graph, node: NodeId) -> u8 {
    let scopes = graph.uses(node).scopes;
    if scopes & Uses::scope_bit(Scope::Event) != 0 {
        2
    } else {
        u8::from(scopes & Uses::scope_bit(Scope::Fd) != 0)
    }
}

fn make(graph: &mut Graph, node: Node) -> NodeId {
    let (all, children) = match node {
        Node::And(children) => (true, children),
        Node::Or(children) => (false, children),
        other => return graph.add(other),
    };
    let mut groups: [Vec<NodeId>; 3] = Default::default();
    for &child in &children {
        if let Some(group) = groups.get_mut(usize::from(stage(graph, child))) {
            group.push(child);
        }
    }
    let kind = |children: Vec<NodeId>| {
        if all { Node::And(children.into()) } else { Node::Or(children.into()) }
    };
    if groups.iter().filter(|g| !g.is_empty()).count() < 2 {
        return graph.add(kind(children.into()));
    }
    let [process, fd, event] = groups;
    let mut parts = Vec::with_capacity(2 + event.len());
    for group in [process, fd] {
        match group.as_slice() {
            [] => {}
            [only] => parts.push(*only),
            _ => parts.push(graph.add(kind(group))),
        }
    }
    parts.extend(event);
    graph.add(kind(parts))
}
