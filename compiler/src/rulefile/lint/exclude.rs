//! Exclusions by `!=` that do something else: of ancestors (W0713), and of fields that can be absent
//! (W0714).
//!
//! A check of a field without a value is false, `!=` included, so that an exclusion by `!=` keeps the
//! rule from firing when there is no value. That is only said of fields of containers, Kubernetes, files
//! and ancestors, whose absence is a matter of course, and not when another check of the same condition
//! already needs a value of the same kind.

use super::{Linted, shown};
use crate::diagnostic::{Code, Diagnostic};
use crate::hir::field::{FieldArg, FieldRef};
use crate::hir::{Check, HirId, HirKind, OperandKind};
use crate::schema::{EventCode, Multi};
use crate::syntax::ast::{NodeKind, Op};
use crate::syntax::print::canonical_node;

pub(super) fn lint(rule: &Linted<'_>, out: &mut Vec<Diagnostic>) {
    for node in &rule.rule.condition.nodes {
        if let HirKind::Check(check) = &node.kind
            && check.op == Op::Ne
            && let Some(field) = field(rule, check)
            && field.arg == FieldArg::None
            && rule.schema.field(field.id).multi == Multi::AnyAncestor
        {
            out.extend(ancestor(rule, node.ast));
        }
    }
    if let Some(root) = rule.rule.condition.root() {
        walk(rule, root, true, &mut Vec::new(), out);
    }
}

fn field<'r>(rule: &Linted<'r>, check: &Check) -> Option<&'r FieldRef> {
    match &rule.rule.condition.operand(check.left).kind {
        OperandKind::Field(field) => Some(field),
        _ => None,
    }
}

/// `field = value` for a check `field != value`.
fn as_equal(rule: &Linted<'_>, node: crate::syntax::ast::NodeId) -> Option<String> {
    let ast = &rule.tree().ast;
    let NodeKind::Check { left, right, .. } = &ast.node(node).kind else { return None };
    Some(shown(&format!("{} = {}", canonical_node(ast, *left), canonical_node(ast, (*right)?))))
}

fn ancestor(rule: &Linted<'_>, node: crate::syntax::ast::NodeId) -> Option<Diagnostic> {
    let located = rule.locate(node, rule.range(node))?;
    let equal = as_equal(rule, node)?;
    let message = "`!=` of ancestors is true as soon as one of them differs";
    let diagnostic = Diagnostic::new(Code::AncestorNotEqual, located.span, message)
        .primary_text("true for nearly every process")
        .help(format!("write `not {equal}` to say that it is none of them"));
    Some(rule.with_chain(diagnostic, node, &located))
}

/// Fields whose presence goes together.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Kind {
    Container,
    Kubernetes,
    Fd,
    Ancestor,
}

const ANCESTORS: [&str; 9] = [
    "proc.pname",
    "proc.pexe",
    "proc.pexepath",
    "proc.pcmdline",
    "proc.aname",
    "proc.aexe",
    "proc.aexepath",
    "proc.acmdline",
    "proc.aargs",
];

/// The kind of a field that can be absent.
fn kind(name: &str) -> Option<Kind> {
    if name.starts_with("container.") {
        // it is `host` outside of containers, not absent
        return (name != "container.id").then_some(Kind::Container);
    }
    if name.starts_with("k8s.") {
        return Some(Kind::Kubernetes);
    }
    if name.starts_with("fd.") {
        return (!matches!(name, "fd.num" | "fd.l4proto" | "fd.uid")).then_some(Kind::Fd);
    }
    ANCESTORS.contains(&name).then_some(Kind::Ancestor)
}

/// Whether a check that is true means that fields of a kind have a value.
fn guards(name: &str, op: Op, kind_of: Kind) -> bool {
    match kind_of {
        Kind::Container if name == "container.id" => true,
        Kind::Fd if name.starts_with("evt.is_open") || name.starts_with("fd.") => op != Op::Ne,
        Kind::Container if name.starts_with("k8s.") => op != Op::Ne,
        _ => op != Op::Ne && kind(name) == Some(kind_of),
    }
}

/// `with` are the checks that must be true for this node to count.
fn walk(rule: &Linted<'_>, id: HirId, positive: bool, with: &mut Vec<HirId>, out: &mut Vec<Diagnostic>) {
    match (&rule.rule.condition.node(id).kind, positive) {
        (HirKind::Not(child), _) => walk(rule, *child, !positive, with, out),
        (HirKind::And(children), true) | (HirKind::Or(children), false) => {
            let before = with.len();
            for &c in children {
                checks_of(rule, c, positive, with);
            }
            for &c in children {
                walk(rule, c, positive, with, out);
            }
            with.truncate(before);
        }
        (HirKind::And(children) | HirKind::Or(children), _) => {
            for &c in children {
                walk(rule, c, positive, with, out);
            }
        }
        (HirKind::Check(check), true) if check.op == Op::Ne => out.extend(exclusion(rule, id, check, with)),
        (HirKind::Check(_), _) => {}
    }
}

/// Checks that are true whenever a node is.
fn checks_of(rule: &Linted<'_>, id: HirId, positive: bool, out: &mut Vec<HirId>) {
    match (&rule.rule.condition.node(id).kind, positive) {
        (HirKind::Check(_), true) => out.push(id),
        (HirKind::Not(child), _) => checks_of(rule, *child, !positive, out),
        (HirKind::And(children), true) | (HirKind::Or(children), false) => {
            for &c in children {
                checks_of(rule, c, positive, out);
            }
        }
        _ => {}
    }
}

fn exclusion(rule: &Linted<'_>, id: HirId, check: &Check, with: &[HirId]) -> Option<Diagnostic> {
    let name_of = |check: &Check| field(rule, check).map(|f| &*rule.schema.field(f.id).name);
    let name = name_of(check)?;
    let kind = kind(name)?;
    if field(rule, check)?.arg == FieldArg::None
        && rule.schema.field(field(rule, check)?.id).multi == Multi::AnyAncestor
    {
        return None;
    }
    let guarded = with.iter().any(|&other| match &rule.rule.condition.node(other).kind {
        HirKind::Check(other) => name_of(other).is_some_and(|name| guards(name, other.op, kind)),
        _ => false,
    });
    if guarded || kind == Kind::Fd && always_has_fd(rule) {
        return None;
    }
    let node = rule.rule.condition.node(id).ast;
    let located = rule.locate(node, rule.range(node))?;
    let equal = as_equal(rule, node)?;
    let message = format!("`{name}` can be absent, and `!=` is false then");
    let diagnostic = Diagnostic::new(Code::AbsentExclusion, located.span, message)
        .primary_text("keeps the rule from firing when there is no value")
        .help(format!(
            "write `not {equal}` to let absent values pass, or add `{name} exists` to say that they shall not"
        ));
    Some(rule.with_chain(diagnostic, node, &located))
}

/// Whether all events of a rule are about a file descriptor.
fn always_has_fd(rule: &Linted<'_>) -> bool {
    rule.rule.events.iter().filter_map(|c| rule.schema.event(EventCode(c))).filter(|e| !e.enter).all(
        |event| {
            ["EF_USES_FD", "EF_CREATES_FD", "EF_DESTROYS_FD"].iter().any(|flag| event.flags.contains(flag))
        },
    )
}
