//! Conditions and parts of them that are always true or always false (W0710, W0711).

use super::Linted;
use super::logic::{FormId, Logic};
use super::proof::Conflict;
use crate::diagnostic::{Code, Diagnostic};
use crate::hir::{HirId, HirKind};
use crate::rulefile::resolve::Via;
use crate::source::Span;
use crate::syntax::ast::NodeId;

/// A part that is constant.
struct Found {
    value: bool,
    /// Where it becomes so: the checks that exclude each other, or one that is constant by itself.
    first: HirId,
    second: Option<HirId>,
}

struct Walk<'w> {
    rule: &'w Linted<'w>,
    logic: &'w Logic<'w>,
    found: Vec<Found>,
}

pub(super) fn lint(rule: &Linted<'_>, logic: &Logic<'_>, out: &mut Vec<Diagnostic>) {
    let Some(root) = rule.rule.condition.root() else { return };
    let mut walk = Walk { rule, logic, found: Vec::new() };
    let whole = walk.visit(root);
    match (whole, walk.found.pop()) {
        // the last one found is nearest to the root
        (Some(value), Some(found)) => {
            let name = &rule.rule.name;
            let message = if value {
                format!("the condition of rule `{name}` is true for every event")
            } else {
                format!("the condition of rule `{name}` can never be true")
            };
            let note = if value { "the rule fires for every event" } else { "the rule never fires" };
            out.extend(diagnostic(rule, value, message, &found).map(|d| d.note(note)));
        }
        (_, last) => {
            for found in walk.found.iter().chain(&last) {
                let what = if found.value { "is always true" } else { "can never be true" };
                out.extend(diagnostic(
                    rule,
                    found.value,
                    format!("this part of the condition {what}"),
                    found,
                ));
            }
        }
    }
}

impl Walk<'_> {
    /// The constant that a node is, if it is one.
    fn visit(&mut self, id: HirId) -> Option<bool> {
        let condition = &self.rule.rule.condition;
        match &condition.node(id).kind {
            HirKind::And(children) => self.joined(id, children, false),
            HirKind::Or(children) => self.joined(id, children, true),
            &HirKind::Not(child) => self.visit(child).map(|value| !value),
            HirKind::Check(_) => {
                [false, true].into_iter().find(|&value| self.conflict(&[(id, !value)], value))
            }
        }
    }

    /// `and` is decided by a child that is false, `or` by one that is true.
    fn joined(&mut self, id: HirId, children: &[HirId], decisive: bool) -> Option<bool> {
        let values: Vec<Option<bool>> = children.iter().map(|&c| self.visit(c)).collect();
        if values.contains(&Some(decisive)) {
            return Some(decisive);
        }
        if values.iter().all(|v| *v == Some(!decisive)) {
            return Some(!decisive);
        }
        let mut parts = Vec::new();
        self.parts(id, !decisive, &mut parts);
        self.conflict(&parts, decisive).then_some(decisive)
    }

    /// The parts that must all be true (`true`) or false for a node to be true (`positive`) or false.
    fn parts(&self, id: HirId, positive: bool, out: &mut Vec<(HirId, bool)>) {
        match (&self.rule.rule.condition.node(id).kind, positive) {
            (HirKind::And(children), true) | (HirKind::Or(children), false) => {
                for &c in children {
                    self.parts(c, positive, out);
                }
            }
            (&HirKind::Not(child), _) if self.is_joined(child, !positive) => {
                self.parts(child, !positive, out);
            }
            _ => out.push((id, positive)),
        }
    }

    fn is_joined(&self, id: HirId, positive: bool) -> bool {
        match (&self.rule.rule.condition.node(id).kind, positive) {
            (HirKind::And(_), true) | (HirKind::Or(_), false) => true,
            (&HirKind::Not(child), _) => self.is_joined(child, !positive),
            _ => false,
        }
    }

    /// Whether parts exclude each other, which makes the node above them `value`. Keeps which.
    fn conflict(&mut self, parts: &[(HirId, bool)], value: bool) -> bool {
        let form = |&(id, positive): &(HirId, bool)| {
            self.rule.forms.get(id.0 as usize).map(|pair| if positive { pair.yes } else { pair.no })
        };
        let forms: Vec<FormId> = parts.iter().filter_map(form).collect();
        let Some(Conflict { first, second }) = self.logic.conflict(&forms) else { return false };
        let node = |i: usize| parts.get(i).map(|&(id, _)| id);
        let Some(first) = node(first) else { return false };
        self.found.push(Found { value, first, second: second.and_then(node) });
        true
    }
}

/// `value` is what is constant because of what was found.
fn diagnostic(rule: &Linted<'_>, value: bool, message: String, found: &Found) -> Option<Diagnostic> {
    let code = if value { Code::AlwaysTrue } else { Code::AlwaysFalse };
    let node = |id: HirId| rule.rule.condition.node(id).ast;
    let first = node(found.first);
    let Some(second) = found.second.map(node) else {
        let located = rule.locate(first, rule.range(first))?;
        let label = if found.value { "always true" } else { "never true" };
        let diagnostic = Diagnostic::new(code, located.span, message).primary_text(label);
        return Some(rule.with_chain(diagnostic, first, &located));
    };
    let (uses_first, uses_second) = (rule.uses(first), rule.uses(second));
    let common = uses_first.iter().zip(&uses_second).take_while(|(a, b)| a.0 == b.0).count();
    let label = if found.value {
        "true whenever the other is false"
    } else {
        "cannot be true together with the other"
    };
    let place = |node: NodeId, uses: &[(u32, Via)]| -> Option<(Span, Option<Span>)> {
        let own = rule.locate(node, rule.range(node))?.span;
        let used = uses.get(common).and_then(|(_, via)| rule.use_span(via));
        Some(used.map_or((own, None), |used| (used, Some(own))))
    };
    let (at, inner) = place(second, &uses_second)?;
    let (other_at, other_inner) = place(first, &uses_first)?;
    let mut diagnostic = Diagnostic::new(code, at, message).primary_text(label).also(other_at, "the other");
    for span in other_inner.into_iter().chain(inner) {
        diagnostic = diagnostic.also(span, "by this check");
    }
    for (_, via) in uses_first.iter().take(common).rev() {
        if let Some(span) = rule.use_span(via) {
            diagnostic = diagnostic.also(span, format!("macro `{}` is used here", rule.macro_name(via.used)));
        }
    }
    Some(diagnostic)
}
