//! The conditions of a rule file, parsed.

use crate::diagnostic::Diagnostic;
use crate::syntax::ast::Ast;
use crate::syntax::{MAX_DEPTH, SyntaxError, parse_condition};
use crate::yaml::{self, NodeId, OffsetMap, Yaml};
use std::collections::BTreeMap;

/// Conditions by the node of their text.
pub(super) struct Conditions {
    read: BTreeMap<NodeId, Condition>,
    failed: Vec<(NodeId, Vec<SyntaxError>)>,
}

/// A condition that could be read.
pub(super) struct Condition {
    /// The tree, of the text behind `prefix`.
    pub(super) ast: Ast,
    /// Stands for what the text will be appended to; empty for a whole condition.
    pub(super) prefix: &'static str,
}

/// What an appended condition is appended to.
const BASE: &str = "x ";

impl Conditions {
    /// Reads the conditions of all rules and macros.
    pub(super) fn read(yaml: &Yaml) -> Self {
        let mut conditions = Self { read: BTreeMap::new(), failed: Vec::new() };
        for &item in yaml.documents().iter().flat_map(|&root| yaml.items(root)) {
            let named = yaml.get(item, "rule").or_else(|| yaml.get(item, "macro"));
            let node = yaml.get(item, "condition").filter(|_| named.is_some());
            let Some((node, text)) = node.and_then(|node| Some((node, yaml.as_str(node)?))) else { continue };
            let kind = if appends(yaml, item) { Kind::Appended } else { Kind::Whole };
            match Condition::parse(text, kind) {
                Ok(condition) => {
                    conditions.read.insert(node, condition);
                }
                // It may fit what it is appended to.
                Err(_) if kind == Kind::Appended => {}
                Err(errors) => conditions.failed.push((node, errors)),
            }
        }
        conditions
    }

    /// The condition of a node; none if the node is something else or could not be read.
    pub(super) fn get(&self, node: NodeId) -> Option<&Condition> {
        self.read.get(&node)
    }

    /// Errors of all conditions that could not be read.
    pub(super) fn diagnostics(&self, text: &str, yaml: &Yaml) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        for (node, errors) in &self.failed {
            let offsets = OffsetMap::new(text, yaml.node(*node));
            for error in errors {
                let span = offsets.span(error.range.start, error.range.end);
                let mut diagnostic = Diagnostic::new(error.code, span, error.message.clone());
                for (range, label) in &error.also {
                    diagnostic = diagnostic.also(offsets.span(range.start, range.end), label.clone());
                }
                for help in &error.help {
                    diagnostic = diagnostic.help(help.clone());
                }
                diagnostics.push(diagnostic);
            }
        }
        diagnostics
    }
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Kind {
    Whole,
    /// Added to another one, as in `and not x`.
    Appended,
}

impl Condition {
    fn parse(text: &str, kind: Kind) -> Result<Self, Vec<SyntaxError>> {
        let first =
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').find(|word| !word.is_empty());
        if kind == Kind::Appended && matches!(first, Some("and" | "or")) {
            return Self::parse_behind(BASE, text);
        }
        Self::parse_behind("", text)
    }

    fn parse_behind(prefix: &'static str, text: &str) -> Result<Self, Vec<SyntaxError>> {
        let parsed = parse_condition(&format!("{prefix}{text}"), MAX_DEPTH);
        if parsed.errors.is_empty() { Ok(Self { ast: parsed.ast, prefix }) } else { Err(parsed.errors) }
    }

    /// Whether a text reads as the same condition.
    pub(super) fn same_as(&self, text: &str) -> bool {
        Self::parse_behind(self.prefix, text).is_ok_and(|other| self.ast.same_tree(&other.ast))
    }
}

/// Whether an item adds to the condition of an earlier one.
fn appends(yaml: &Yaml, item: NodeId) -> bool {
    let text = |id: Option<NodeId>| id.and_then(|id| yaml.as_str(id));
    text(yaml.get(item, "append")).and_then(yaml::to_bool) == Some(true)
        || text(yaml.get(item, "override").and_then(|o| yaml.get(o, "condition"))) == Some("append")
}
