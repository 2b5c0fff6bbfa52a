//! Programs as text, one slot, predicate, node or bucket a line. [`super::parse`] reads it.

use super::test::{Pattern, Test};
use super::{Graph, Node, Pred, Program};
use crate::ops::escape::quote_always;
use crate::schema::Scope;
use std::fmt::Write;

/// A program as text.
pub fn print(program: &Program) -> String {
    let mut out = String::new();
    let graph = &program.graph;
    for (at, slot) in graph.slots().iter().enumerate() {
        let name = quoted(slot.name.as_bytes());
        let _ = writeln!(out, "slot s{at} = {name} {} {}", scope_word(slot.scope), slot.cost);
    }
    for (at, pred) in graph.preds().iter().enumerate() {
        let _ = writeln!(out, "pred p{at} = {}", pred_text(pred));
    }
    for (at, node) in graph.nodes().iter().enumerate().skip(2) {
        let _ = writeln!(out, "node n{at} = {}", node_text(node));
    }
    for rule in &program.whole {
        if let Some(root) = rule.root {
            let _ = writeln!(out, "whole {} = {root}", rule.rule);
        }
    }
    for bucket in &program.buckets {
        let codes: Vec<String> = bucket.codes.iter().map(|c| c.0.to_string()).collect();
        let _ = writeln!(out, "bucket {}", codes.join(" "));
        for rule in &bucket.rules {
            let _ = writeln!(out, "  rule {} = {}", rule.rule, rule.root);
        }
    }
    out
}

/// A scope's word.
pub fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Ruleset => "ruleset",
        Scope::Container => "container",
        Scope::Process => "process",
        Scope::Fd => "fd",
        Scope::Event => "event",
    }
}

fn node_text(node: &Node) -> String {
    let joined = |word: &str, children: &[super::NodeId]| {
        children.iter().fold(word.to_owned(), |text, c| format!("{text} {c}"))
    };
    match node {
        Node::True => "true".to_owned(),
        Node::False => "false".to_owned(),
        Node::Pred(pred) => pred.to_string(),
        Node::Not(child) => format!("not {child}"),
        Node::And(children) => joined("and", children),
        Node::Or(children) => joined("or", children),
    }
}

/// A predicate as text, its slot by number.
pub fn pred_text(pred: &Pred) -> String {
    format!("{}{} {}", if pred.every { "every " } else { "" }, pred.slot, test_text(&pred.test))
}

/// A predicate as people read it: with its slot's name.
pub fn readable(graph: &Graph, pred: &Pred) -> String {
    match &pred.test {
        Test::Reference => graph.slot(pred.slot).name.to_string(),
        test => format!("{} {}", graph.slot(pred.slot).name, test_text(test)),
    }
}

fn quoted(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&quote_always(bytes)).into_owned()
}

fn list<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    items.iter().map(text).collect::<Vec<_>>().join(" ")
}

/// A test as text.
pub fn test_text(test: &Test) -> String {
    match test {
        Test::Exists => "exists".to_owned(),
        Test::Text(op, t) => format!("{} {}", op.as_str(), quoted(t)),
        Test::Texts(op, all) => format!("{} ({})", op.as_str(), list(all, |t| quoted(t))),
        Test::Int(op, n) => format!("{} int {n}", op.as_str()),
        Test::Ints(all) => format!("in int ({})", list(all, ToString::to_string)),
        Test::Uint(op, n) => format!("{} uint {n}", op.as_str()),
        Test::Bits(bits) => format!("bits {bits}"),
        Test::Uints(all) => format!("in uint ({})", list(all, ToString::to_string)),
        Test::Bool(op, b) => format!("{} bool {b}", op.as_str()),
        Test::Double(op, bits) => format!("{} double {bits:#x}", op.as_str()),
        Test::Ip(op, ip) => format!("{} ip {ip}", op.as_str()),
        Test::Net(op, net) => format!("{} net {}/{}", op.as_str(), net.0.addr, net.0.prefix),
        Test::Any(all) => format!("any [{}]", all.iter().map(test_text).collect::<Vec<_>>().join("; ")),
        Test::Pattern(Pattern { text, .. }) => format!("pattern {}", quoted(text.as_bytes())),
        Test::Reference => "reference".to_owned(),
    }
}
