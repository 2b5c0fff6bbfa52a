//! Rules that never fire because an earlier one always matches first (W0712).

use super::Linted;
use super::logic::{FormId, Logic};
use crate::diagnostic::{Code, Diagnostic};
use std::collections::HashMap;

/// A rule's condition as parts that must all be true.
struct Condition {
    parts: Vec<FormId>,
    /// The same, what few rules have first: most pairs of rules differ there.
    rare_first: Vec<FormId>,
    /// Bits of the left sides of all its checks.
    lefts: u64,
    /// Those of the checks that must be true.
    needed: u64,
    possible: bool,
}

/// The rules are those of one event source, in load order.
pub(super) fn lint(rules: &[Linted<'_>], logic: &Logic<'_>, out: &mut Vec<Diagnostic>) {
    let mut enabled: Vec<(&Linted<'_>, Condition)> =
        rules.iter().filter(|r| r.rule.enabled).filter_map(|r| Some((r, condition(r, logic)?))).collect();
    let mut uses: HashMap<FormId, u32> = HashMap::new();
    for part in enabled.iter().flat_map(|(_, c)| &c.parts) {
        *uses.entry(*part).or_default() += 1;
    }
    for (_, condition) in &mut enabled {
        condition.rare_first.sort_by_key(|part| (uses.get(part).copied(), !logic.is_literal(*part)));
    }
    for (i, (later, inner)) in enabled.iter().enumerate() {
        if !inner.possible {
            continue;
        }
        let first = enabled.iter().take(i).find(|(earlier, outer)| {
            outer.needed & !inner.lefts == 0
                && outer.rare_first.iter().all(|&p| logic.implies(&inner.parts, p))
                && later.rule.events.iter().all(|code| earlier.rule.events.contains(code))
        });
        if let Some((earlier, outer)) = first {
            let mut diagnostic = diagnostic(later, earlier, outer.parts == inner.parts);
            if outer.parts.iter().any(|&p| logic.placeholder(p)) {
                let name = &earlier.rule.name;
                diagnostic =
                    diagnostic.note(format!("rule `{name}` has placeholders that restrict nothing yet"));
            }
            out.push(diagnostic);
        }
    }
}

fn condition(rule: &Linted<'_>, logic: &Logic<'_>) -> Option<Condition> {
    let root = rule.rule.condition.root()?;
    let form = rule.forms.get(root.0 as usize)?.yes;
    let parts = logic.parts(&form).to_vec();
    let needed = parts.iter().filter(|&&p| logic.is_literal(p) && !logic.placeholder(p));
    let needed = needed.fold(0, |mask, &p| mask | logic.lefts(p));
    // what can never be true implies everything
    let possible = !rule.rule.events.is_empty()
        && logic.conflict(&parts).is_none()
        && !parts.iter().any(|&p| logic.switched_off(p));
    Some(Condition { lefts: logic.lefts(form), needed, rare_first: parts.clone(), parts, possible })
}

fn diagnostic(later: &Linted<'_>, earlier: &Linted<'_>, same: bool) -> Diagnostic {
    let (name, by) = (&later.rule.name, &earlier.rule.name);
    let message = if same {
        format!("rule `{name}` has the same condition as rule `{by}`, which comes first")
    } else {
        format!("rule `{by}` matches whenever rule `{name}` does, and comes first")
    };
    Diagnostic::new(Code::ShadowedRule, later.rule.name_span, message)
        .primary_text("never fires with `rule_matching: first`")
        .also(earlier.rule.name_span, "matches first")
        .help("put the narrower rule first, or exclude its events from the broader one")
}
