//! Whether a program is well made.

use super::test::Test;
use super::{Graph, Node, NodeId, Program};
use crate::schema::EventCode;
use std::collections::HashSet;

/// What is wrong with a program.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Invalid {
    /// The node, predicate or bucket.
    pub place: String,
    /// What was found.
    pub what: String,
}

fn invalid(place: &str, what: impl Into<String>) -> Result<(), Invalid> {
    Err(Invalid { place: place.to_owned(), what: what.into() })
}

/// Checks the invariants of [`super`].
///
/// # Errors
/// The first one that does not hold.
pub fn verify(program: &Program) -> Result<(), Invalid> {
    let graph = &program.graph;
    preds(graph)?;
    nodes(graph)?;
    for rule in &program.whole {
        if let Some(root) = rule.root {
            known(graph, root, &format!("rule {}", rule.rule))?;
        }
    }
    let mut seen: HashSet<EventCode> = HashSet::new();
    for (at, bucket) in program.buckets.iter().enumerate() {
        let place = format!("bucket {at}");
        if bucket.codes.is_empty() {
            invalid(&place, "it has no event type")?;
        }
        for &code in &bucket.codes {
            if !seen.insert(code) {
                invalid(&place, format!("event type {} is in two buckets", code.0))?;
            }
        }
        if !bucket.rules.is_sorted_by(|a, b| a.rule < b.rule)
            || !bucket.strict.is_sorted_by(|a, b| a.rule < b.rule)
        {
            invalid(&place, "its rules are not in order of definition")?;
        }
        for rule in &bucket.rules {
            known(graph, rule.root, &place)?;
        }
    }
    Ok(())
}

fn known(graph: &Graph, node: NodeId, place: &str) -> Result<(), Invalid> {
    if node.index() >= graph.nodes().len() { invalid(place, format!("no node {node}")) } else { Ok(()) }
}

fn preds(graph: &Graph) -> Result<(), Invalid> {
    for (at, pred) in graph.preds().iter().enumerate() {
        let place = format!("p{at}");
        if pred.slot.index() >= graph.slots().len() {
            invalid(&place, format!("no slot {}", pred.slot))?;
        }
        let sorted = match &pred.test {
            Test::Texts(_, all) => all.len() > 1 && all.is_sorted_by(|a, b| a < b),
            Test::Ints(all) => all.len() > 1 && all.is_sorted_by(|a, b| a < b),
            Test::Bits(bits) => *bits != 0,
            Test::Uints(all) => all.len() > 1 && all.is_sorted_by(|a, b| a < b),
            _ => true,
        };
        if !sorted {
            invalid(&place, "its constants are not two or more in order, each once")?;
        }
    }
    Ok(())
}

fn nodes(graph: &Graph) -> Result<(), Invalid> {
    for (at, node) in graph.nodes().iter().enumerate() {
        let place = format!("n{at}");
        match node {
            Node::True | Node::False if at > 1 => invalid(&place, "a constant beside the first two nodes")?,
            Node::True | Node::False => {}
            Node::Pred(pred) if pred.index() >= graph.preds().len() => {
                invalid(&place, format!("no predicate {pred}"))?;
            }
            Node::Pred(_) => {}
            Node::Not(child) => earlier(&place, at, &[*child])?,
            Node::And(children) | Node::Or(children) => earlier(&place, at, children)?,
        }
    }
    Ok(())
}

fn earlier(place: &str, at: usize, children: &[NodeId]) -> Result<(), Invalid> {
    match children.iter().find(|c| c.index() >= at) {
        Some(child) => invalid(place, format!("its child {child} does not come before it")),
        None => Ok(()),
    }
}
