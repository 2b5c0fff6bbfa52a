//! Proofs over the formulas of [`super::logic`]: that some exclude each other, that some imply another.
//!
//! Invariant: a "yes" is true for every event; "no" says nothing.

use super::logic::{Atom, AtomId, Form, FormId, Left, LeftId, Logic, Placeholder};
use crate::hir::eval::{Value, holds};
use crate::hir::events::CodeSet;
use crate::hir::types::Family;
use crate::hir::{Check, Constant, Right};
use crate::ops::number::int_type;
use crate::schema::Type;
use crate::syntax::ast::Op;
use std::collections::{BTreeMap, HashMap};

/// Positions of formulas that cannot be true together; one if it is refuted by itself.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Conflict {
    pub(super) first: usize,
    pub(super) second: Option<usize>,
}

/// Steps that one question may take.
const BUDGET: u32 = 20_000;
/// Alternatives inside alternatives that are looked into.
const DEPTH: u32 = 3;

impl Logic<'_> {
    /// Why these formulas cannot all be true, if that can be shown.
    pub(super) fn conflict(&self, forms: &[FormId]) -> Option<Conflict> {
        let mut budget = BUDGET;
        self.conflict_within(forms, DEPTH, &mut budget)
    }

    fn conflict_within(&self, forms: &[FormId], depth: u32, budget: &mut u32) -> Option<Conflict> {
        *budget = budget.checked_sub(1)?;
        self.opposites(forms)
            .or_else(|| self.values_conflict(forms))
            .or_else(|| self.events_conflict(forms))
            .or_else(|| self.alternatives_conflict(forms, depth, budget))
    }

    fn opposites(&self, forms: &[FormId]) -> Option<Conflict> {
        let mut seen: HashMap<FormId, usize, foldhash::fast::FixedState> = HashMap::default();
        for (i, &form) in forms.iter().enumerate() {
            if let Some(&first) = seen.get(&self.opposite(form))
                && !self.placeholder(form)
            {
                return Some(Conflict { first, second: Some(i) });
            }
            seen.entry(form).or_insert(i);
        }
        None
    }

    /// Literals of each left side, with their positions.
    fn by_left(&self, forms: &[FormId]) -> BTreeMap<LeftId, Vec<(usize, AtomId, bool)>> {
        let mut groups: BTreeMap<LeftId, Vec<_>> = BTreeMap::new();
        for (i, &form) in forms.iter().enumerate() {
            if let Some(&Form::Literal(atom, positive)) = self.form(form)
                && let Some(info) = self.atom(atom).filter(|a| a.placeholder.is_none())
            {
                groups.entry(info.left).or_default().push((i, atom, positive));
            }
        }
        groups
    }

    fn values_conflict(&self, forms: &[FormId]) -> Option<Conflict> {
        for (left, group) in self.by_left(forms) {
            let refuted = |members: &[(usize, AtomId, bool)]| self.refuted(left, members);
            if !refuted(&group) {
                continue;
            }
            for (i, member) in group.iter().enumerate() {
                if refuted(std::slice::from_ref(member)) {
                    return Some(Conflict { first: member.0, second: None });
                }
                for before in group.iter().take(i) {
                    if refuted(&[*before, *member]) {
                        return Some(Conflict { first: before.0, second: Some(member.0) });
                    }
                }
            }
            let (first, last) = (group.first()?.0, group.last()?.0);
            return Some(Conflict { first, second: Some(last) });
        }
        None
    }

    /// Whether no value of a left side satisfies these literals, and its absence does not either.
    fn refuted(&self, left: LeftId, literals: &[(usize, AtomId, bool)]) -> bool {
        let Some(info) = self.left_info(left) else { return false };
        let literals: Vec<(&Atom, bool)> =
            literals.iter().filter_map(|&(_, atom, positive)| Some((self.atom(atom)?, positive))).collect();
        if literals.iter().any(|(atom, positive)| atom.never && *positive) {
            return true;
        }
        let absent = !info.always && literals.iter().all(|(_, positive)| !positive);
        info.plain && !absent && !satisfiable(info, &literals)
    }

    fn events_conflict(&self, forms: &[FormId]) -> Option<Conflict> {
        let mut left = CodeSet::all(self.schema.events().len());
        for (i, &form) in forms.iter().enumerate() {
            let Some(info) = self.info(form) else { continue };
            left = left.intersection(&info.events);
            if !left.is_empty() {
                continue;
            }
            let apart = |other: &&FormId| {
                self.info(**other).is_some_and(|o| o.events.intersection(&info.events).is_empty())
            };
            let first = forms.iter().take(i).position(|f| apart(&f)).unwrap_or(0);
            return Some(Conflict { first, second: (first != i).then_some(i) });
        }
        None
    }

    /// Alternatives that all conflict with the rest.
    fn alternatives_conflict(&self, forms: &[FormId], depth: u32, budget: &mut u32) -> Option<Conflict> {
        let depth = depth.checked_sub(1)?;
        let literals: Vec<FormId> = forms.iter().copied().filter(|&f| self.is_literal(f)).collect();
        for (i, &form) in forms.iter().enumerate() {
            let Some(Form::Any(alternatives)) = self.form(form) else { continue };
            let impossible = |alternative: &FormId, with: &[FormId], budget: &mut u32| {
                let mut together = with.to_vec();
                together.extend_from_slice(self.parts(alternative));
                self.conflict_within(&together, depth, budget).is_some()
            };
            if !alternatives.iter().all(|a| impossible(a, &literals, budget)) {
                continue;
            }
            let culprit = forms.iter().position(|f| {
                self.is_literal(*f)
                    && alternatives.iter().all(|a| impossible(a, std::slice::from_ref(f), budget))
            });
            let (first, second) = (culprit.unwrap_or(i).min(i), culprit.unwrap_or(i).max(i));
            return Some(Conflict { first, second: (first != second).then_some(second) });
        }
        None
    }

    /// Whether a formula is true whenever all of `given` are.
    pub(super) fn implies(&self, given: &[FormId], goal: FormId) -> bool {
        let mut budget = BUDGET;
        self.implies_within(given, goal, DEPTH, &mut budget)
    }

    fn implies_within(&self, given: &[FormId], goal: FormId, depth: u32, budget: &mut u32) -> bool {
        if *budget == 0 {
            return false;
        }
        *budget -= 1;
        if given.contains(&goal) {
            return true;
        }
        let by_parts = match self.form(goal) {
            Some(Form::All(parts)) => parts.iter().all(|&p| self.implies_within(given, p, depth, budget)),
            Some(Form::Any(parts)) => parts.iter().any(|&p| self.implies_within(given, p, depth, budget)),
            Some(&Form::Literal(atom, positive)) => self.implies_literal(given, atom, positive),
            None => false,
        };
        let Some(depth) = depth.checked_sub(1).filter(|_| !by_parts) else { return by_parts };
        given.iter().any(|form| {
            let Some(Form::Any(alternatives)) = self.form(*form) else { return false };
            self.lefts(goal) & self.lefts(*form) != 0
                && alternatives.iter().all(|a| {
                    let mut given: Vec<FormId> = given.iter().copied().filter(|g| g != form).collect();
                    given.extend_from_slice(self.parts(a));
                    self.implies_within(&given, goal, depth, budget)
                })
        })
    }

    fn implies_literal(&self, given: &[FormId], atom: AtomId, positive: bool) -> bool {
        let Some(goal) = self.atom(atom) else { return false };
        if let Some(Placeholder::Constant(constant)) = goal.placeholder {
            return constant == positive;
        }
        let Some(info) = self.left_info(goal.left).filter(|l| l.plain) else { return false };
        let given = given.iter().filter_map(|&f| match self.form(f) {
            Some(&Form::Literal(atom, positive)) => Some((self.atom(atom)?, positive)),
            _ => None,
        });
        let given: Vec<(&Atom, bool)> = given
            .filter(|(a, _)| a.left == goal.left && !matches!(a.placeholder, Some(Placeholder::Constant(_))))
            .collect();
        // its opposite must be refuted, also for a field without a value
        if positive && !info.always && !given.iter().any(|(_, positive)| *positive) {
            return false;
        }
        if positive && matches!(goal.check.right, Right::None) {
            return true;
        }
        let mut all = given;
        all.push((goal, !positive));
        !satisfiable(info, &all)
    }
}

/// Whether a value of a left side, which has one, may satisfy all of these literals: by trying such that if
/// any value does, one of these does.
fn satisfiable(left: &Left, literals: &[(&Atom, bool)]) -> bool {
    let fits =
        |v: &Value| literals.iter().all(|(a, positive)| holds(&a.check, v).is_none_or(|h| h == *positive));
    let finite = literals.iter().filter_map(|(atom, positive)| equal_to(&atom.check, *positive));
    if let Some(constants) = finite.min_by_key(|constants| constants.len()) {
        return constants.iter().any(|c| value(c).is_none_or(|v| fits(&v)));
    }
    let numbers = || numbers(left.ty, &mut literals.iter().map(|(a, _)| &a.check));
    match Family::of(left.ty) {
        Family::Bool => [false, true].into_iter().any(|b| fits(&Value::Bool(b))),
        Family::Int | Family::Uint if let Some(numbers) = numbers() => numbers.iter().any(fits),
        // whatever the value is, it exists
        _ => !literals.iter().any(|(a, positive)| !positive && matches!(a.check.right, Right::None)),
    }
}

/// The values that a field can have if it has one and the check is true, or false, of it.
fn equal_to(check: &Check, positive: bool) -> Option<&[Constant]> {
    match (&check.right, check.op, positive) {
        (Right::One(one), Op::Eq | Op::EqEq, true) | (Right::One(one), Op::Ne, false) => {
            Some(std::slice::from_ref(one))
        }
        (Right::Many(many), Op::In | Op::Intersects, true) if check.modifier.is_none() => Some(many),
        _ => None,
    }
}

fn value(constant: &Constant) -> Option<Value> {
    Some(match constant {
        Constant::Int(n) => Value::Int(*n),
        Constant::Uint(n) => Value::Uint(*n),
        Constant::Bool(b) => Value::Bool(*b),
        Constant::Text(t) => Value::Text(t.to_vec()),
        Constant::Bytes(b) => Value::Bytes(b.to_vec()),
        Constant::Ip(ip) => Value::Ip(*ip),
        _ => return None,
    })
}

/// Limits of a type, and all constants of checks with their neighbours: between two of these numbers no
/// comparison changes.
pub(super) fn numbers(ty: Type, checks: &mut dyn Iterator<Item = &Check>) -> Option<Vec<Value>> {
    let int = int_type(ty)?;
    let (min, max) = if int.signed {
        (-(1_i128 << (int.bits - 1)), (1_i128 << (int.bits - 1)) - 1)
    } else {
        (0, (1_i128 << int.bits) - 1)
    };
    let mut points = vec![min, max];
    for check in checks {
        let constants: &[Constant] = match &check.right {
            Right::One(one) => std::slice::from_ref(one),
            Right::Many(many) => many,
            _ => &[],
        };
        for constant in constants {
            let n = match constant {
                Constant::Int(n) => i128::from(*n),
                Constant::Uint(n) => i128::from(*n),
                _ => continue,
            };
            points.extend([n - 1, n, n + 1]);
        }
    }
    points.retain(|n| (min..=max).contains(n));
    points.sort_unstable();
    points.dedup();
    let value = |n: i128| {
        if int.signed {
            i64::try_from(n).ok().map(Value::Int)
        } else {
            u64::try_from(n).ok().map(Value::Uint)
        }
    };
    Some(points.into_iter().filter_map(value).collect())
}
