//! Constants go, nested nodes are flattened, doubled ones are one, a node and its opposite decide.

use super::super::{Graph, Node, NodeId, Program};

pub(super) fn run(program: &mut Program) {
    super::rebuild(program, make);
}

fn make(graph: &mut Graph, node: Node) -> NodeId {
    match node {
        Node::Not(child) => graph.not(child),
        Node::And(children) => graph.join(true, &children),
        Node::Or(children) => graph.join(false, &children),
        other => graph.add(other),
    }
}
