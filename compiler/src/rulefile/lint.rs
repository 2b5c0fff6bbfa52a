//! Warnings about rules that load but hardly do what was meant.
//!
//! In: a loaded ruleset. Out: diagnostics W0710 to W0718 in order of the files. Every one is meant to be
//! true: what cannot be proven is not said.
//!
//! Files: [`logic`] makes formulas of conditions, [`proof`] compares and refutes them, [`constant`] finds those that are always true or
//! false, [`shadow`] rules that an earlier one makes pointless, [`exclude`] misleading `!=`, [`value`]
//! constants that no field ever equals, [`item`] lists.

mod constant;
mod exclude;
mod item;
mod logic;
mod proof;
mod shadow;
#[cfg(test)]
mod tests;
mod value;

use super::resolve::{Home, Macros, Resolved, Via};
use super::text::{Assembled, Files, Located, Origin};
use super::{Loader, Rule};
use crate::diagnostic::Diagnostic;
use crate::schema::Schema;
use crate::source::Span;
use crate::syntax::ast::{NodeId, NodeKind, Op, TextRange};
use logic::{Logic, Pair};
use std::collections::HashSet;

impl Loader<'_> {
    /// Warnings beyond Falco's. While there is an error, only those that need no compiled rules.
    pub fn lint(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        item::duplicates_in_lists(self, &mut found);
        if let Some(compiled) = &self.compiled {
            let files = Files { sources: &self.sources, yamls: &self.yamls };
            item::duplicates_in_macros(compiled, files, &mut found);
            for &schema in &self.options.schemas {
                let rules = compiled.rules.iter().filter(|r| r.source == schema.source());
                let mut logic = Logic::new(schema);
                let linted: Vec<Linted<'_>> = rules
                    .map(|rule| Linted::new(rule, schema, &compiled.macros, files, &mut logic))
                    .collect();
                for rule in &linted {
                    constant::lint(rule, &logic, &mut found);
                    exclude::lint(rule, &mut found);
                    value::lint(rule, &mut found);
                    item::lint(rule, &compiled.lists, &self.collector, &mut found);
                }
                shadow::lint(&linted, &logic, &mut found);
            }
        }
        let key = |d: &Diagnostic| d.span().map(|s| (s.file, s.start, s.end, d.code));
        found.sort_by_key(key);
        let mut seen = HashSet::new();
        found.retain(|d| seen.insert((key(d), d.message.clone())));
        found
    }
}

/// A rule with what is needed to reason about it and to point into its text.
struct Linted<'a> {
    rule: &'a Rule,
    schema: &'a Schema,
    macros: &'a Macros,
    files: Files<'a>,
    /// By [`crate::hir::HirId`].
    forms: Vec<Pair>,
}

impl<'a> Linted<'a> {
    fn new(
        rule: &'a Rule,
        schema: &'a Schema,
        macros: &'a Macros,
        files: Files<'a>,
        logic: &mut Logic<'_>,
    ) -> Self {
        let mut linted = Self { rule, schema, macros, files, forms: Vec::new() };
        linted.forms = logic.condition(&rule.condition, &rule.tree, &|check| linted.is_open(check));
        linted
    }

    fn tree(&self) -> &'a Resolved {
        &self.rule.tree
    }

    fn home(&self, node: NodeId) -> (Home, Option<u32>) {
        self.tree().origins.get(node.0 as usize).map_or((Home::Own, None), |o| (o.home, o.via))
    }

    fn text(&self, home: Home) -> Option<&'a Assembled> {
        match home {
            Home::Own => Some(&self.rule.text),
            Home::Macro(i) => self.macros.macros.get(i).map(|m| &m.text),
        }
    }

    /// The place of a range of a node's text.
    fn locate(&self, node: NodeId, range: TextRange) -> Option<Located> {
        self.text(self.home(node).0)?.locate(range, &self.files)
    }

    fn origin(&self, node: NodeId, offset: u32) -> Option<Origin> {
        self.text(self.home(node).0)?.origin_at(offset)
    }

    fn range(&self, node: NodeId) -> TextRange {
        self.tree().ast.node(node).range
    }

    /// Whether a check was left to be filled in: it has an empty list that was not written so, or it is
    /// the whole of a macro and says no more than that a field exists.
    fn is_open(&self, check: NodeId) -> bool {
        let NodeKind::Check { op, right, .. } = &self.tree().ast.node(check).kind else { return false };
        if let Some(right) = *right {
            let range = self.range(right);
            let inserted = |at| !matches!(self.origin(right, at), Some(Origin::Scalar { .. }));
            return matches!(&self.tree().ast.node(right).kind, NodeKind::List(items) if items.is_empty())
                && (range.start..range.end).any(inserted);
        }
        let Home::Macro(home) = self.home(check).0 else { return false };
        let root =
            self.macros.macros.get(home).and_then(|m| Some(&m.parsed.ast.node(m.parsed.ast.root()?).kind));
        *op == Op::Exists && matches!(root, Some(NodeKind::Check { .. }))
    }

    /// Uses of macros that lead to a node, the one in the rule itself first.
    fn uses(&self, node: NodeId) -> Vec<(u32, Via)> {
        let mut uses = Vec::new();
        let mut at = self.home(node).1;
        while let Some((id, via)) = at.and_then(|id| Some((id, *self.tree().vias.get(id as usize)?))) {
            uses.push((id, via));
            at = via.parent;
        }
        uses.reverse();
        uses
    }

    fn use_span(&self, via: &Via) -> Option<Span> {
        self.text(via.home)?.locate(via.range, &self.files).map(|l| l.span)
    }

    fn macro_name(&self, index: usize) -> &'a str {
        self.macros.macros.get(index).map_or("", |m| &m.name)
    }

    /// Adds labels for a list and for macros that lead to a place.
    fn with_chain(&self, mut diagnostic: Diagnostic, node: NodeId, located: &Located) -> Diagnostic {
        if let Some((list, used_at)) = &located.list {
            diagnostic = diagnostic.also(*used_at, format!("list `{list}` is substituted here"));
        }
        for (_, via) in self.uses(node).iter().rev() {
            if let Some(span) = self.use_span(via) {
                diagnostic =
                    diagnostic.also(span, format!("macro `{}` is used here", self.macro_name(via.used)));
            }
        }
        diagnostic
    }
}

/// A text of a rule in a message: on one line, shortened.
fn shown(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > 60 { format!("{}...", line.chars().take(57).collect::<String>()) } else { line }
}
