//! Conditions as formulas that can be compared and refuted.
//!
//! In: typed conditions of one event source. Out: for each node the formula that it is and the one that
//! its opposite is, in negation normal form and interned, so that equal formulas have equal ids, over
//! all rules. [`Logic::conflict`] tells why formulas cannot all be true, [`Logic::implies`] whether
//! others make one true.
//!
//! Both answers are sound and incomplete: "yes" is a proof, "no" says nothing. Proofs are by equal
//! formulas, by event types, and by trying values: if the checks of a field leave only some values (its
//! constants, the neighbours of numbers), each is put to all checks of the field by the reference
//! evaluator's own comparison. A field without a value makes its check false; that counts as one more
//! value, unless a check that must be true excludes it.
//!
//! Checks that are left open on purpose are placeholders and conflict with nothing: `evt.num = 0` and
//! its kind, a list that is empty until someone fills it, a macro that is nothing but `field exists`.

use super::super::resolve::Resolved;
use super::proof::numbers;
use crate::hir::eval::{Value, holds};
use crate::hir::events::CodeSet;
use crate::hir::field::FieldArg;
use crate::hir::types::Family;
use crate::hir::{Check, Condition, Constant, HirKind, OperandId, OperandKind, Right};
use crate::schema::{EventCode, Multi, Schema, Type};
use crate::syntax::ast::{Literal, Modifier, NodeId, NodeKind, Op};
use crate::syntax::print;
use std::collections::HashMap;

/// A formula.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct FormId(u32);

#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct AtomId(u32);

#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct LeftId(u32);

/// What a formula is. Lists are sorted, without repetitions, and have two items or more.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Form {
    /// A check, or the opposite of one.
    Literal(AtomId, bool),
    All(Vec<FormId>),
    Any(Vec<FormId>),
}

/// A formula and its opposite.
#[derive(Copy, Clone, Debug)]
pub(super) struct Pair {
    pub(super) yes: FormId,
    pub(super) no: FormId,
}

#[derive(Debug)]
pub(super) struct FormInfo {
    form: Form,
    opposite: FormId,
    /// Event types for which it can be true.
    pub(super) events: CodeSet,
    /// Has a placeholder in it.
    placeholder: bool,
    /// A bit for each left side, modulo 64.
    lefts: u64,
}

#[derive(PartialEq, Eq, Hash)]
struct AtomKey {
    left: LeftId,
    op: Op,
    modifier: Option<Modifier>,
    right: RightKey,
    placeholder: Option<Placeholder>,
}

/// A check that is to be replaced.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Placeholder {
    /// Until then it is this constant.
    Constant(bool),
    /// Until then it says what it says.
    Check,
}

#[derive(PartialEq, Eq, Hash)]
enum RightKey {
    Literals(Vec<Box<[u8]>>),
    Other(String),
}

#[derive(Debug)]
pub(super) struct Atom {
    pub(super) left: LeftId,
    pub(super) check: Check,
    /// An empty list, which nothing is in.
    pub(super) never: bool,
    pub(super) placeholder: Option<Placeholder>,
}

/// The left side of checks.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) ty: Type,
    /// Whether it has at most one value that is compared plainly.
    pub(super) plain: bool,
    /// Whether it always has a value.
    pub(super) always: bool,
}

pub(super) struct Logic<'a> {
    pub(super) schema: &'a Schema,
    lefts: Vec<Left>,
    left_ids: HashMap<String, LeftId, foldhash::fast::FixedState>,
    atoms: Vec<Atom>,
    atom_ids: HashMap<AtomKey, AtomId, foldhash::fast::FixedState>,
    forms: Vec<FormInfo>,
    form_ids: HashMap<Form, FormId, foldhash::fast::FixedState>,
}

impl<'a> Logic<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Self {
            schema,
            lefts: Vec::new(),
            left_ids: HashMap::default(),
            atoms: Vec::new(),
            atom_ids: HashMap::default(),
            forms: Vec::new(),
            form_ids: HashMap::default(),
        }
    }

    /// The formulas of all nodes of a condition, by [`crate::hir::HirId`]. `is_open` tells whether a
    /// check was left to be filled in by others, as far as that depends on where it is written.
    pub(super) fn condition(
        &mut self,
        condition: &Condition,
        tree: &Resolved,
        is_open: &dyn Fn(NodeId) -> bool,
    ) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = Vec::with_capacity(condition.nodes.len());
        for node in &condition.nodes {
            let child = |id: &crate::hir::HirId| pairs.get(id.0 as usize).copied();
            let pair = match &node.kind {
                HirKind::And(children) => {
                    let (yes, no): (Vec<_>, Vec<_>) =
                        children.iter().filter_map(child).map(|p| (p.yes, p.no)).unzip();
                    self.all(&yes, &no)
                }
                HirKind::Or(children) => {
                    let (yes, no): (Vec<_>, Vec<_>) =
                        children.iter().filter_map(child).map(|p| (p.yes, p.no)).unzip();
                    self.all(&no, &yes).swapped()
                }
                HirKind::Not(id) => match child(id) {
                    Some(pair) => pair.swapped(),
                    None => self.all(&[], &[]),
                },
                HirKind::Check(check) => self.check(condition, check, tree, node.ast, is_open),
            };
            pairs.push(pair);
        }
        pairs
    }

    fn check(
        &mut self,
        condition: &Condition,
        check: &Check,
        tree: &Resolved,
        node: NodeId,
        is_open: &dyn Fn(NodeId) -> bool,
    ) -> Pair {
        let (left, right) = match &tree.ast.node(node).kind {
            NodeKind::Check { left, right, .. } => (*left, *right),
            _ => (node, None),
        };
        let left = self.left(condition, check.left, print::canonical_node(&tree.ast, left));
        let literals = right.and_then(|r| literals(&tree.ast, r));
        let plain = self.left_info(left).is_some_and(|l| l.plain);
        let list = condition.operand(check.left).list;
        let never = literals.is_some_and(<[_]>::is_empty) && !(list && check.op == Op::In);
        let placeholder = match (self.counts_events(condition, check), is_open(node)) {
            (Some(constant), _) => Some(Placeholder::Constant(constant)),
            (None, true) => Some(if never { Placeholder::Constant(false) } else { Placeholder::Check }),
            (None, false) => None,
        };
        let written =
            || RightKey::Other(right.map_or_else(String::new, |r| print::canonical_node(&tree.ast, r)));
        let key = AtomKey {
            left,
            op: if check.op == Op::EqEq { Op::Eq } else { check.op },
            modifier: check.modifier,
            right: literals.map_or_else(written, |items| {
                let mut items: Vec<Box<[u8]>> = items.iter().map(|l| l.bytes.clone()).collect();
                // an item that is there twice counts twice for `oneof`
                if plain && check.modifier != Some(Modifier::OneOf) {
                    items.sort_unstable();
                    items.dedup();
                }
                RightKey::Literals(items)
            }),
            placeholder,
        };
        let next = AtomId(self.atoms.len() as u32);
        let atom = *self.atom_ids.entry(key).or_insert(next);
        if atom == next {
            self.atoms.push(Atom { left, check: check.clone(), never, placeholder });
        }
        let (yes, no) = (Form::Literal(atom, true), Form::Literal(atom, false));
        self.pair(yes, no)
    }

    fn left(&mut self, condition: &Condition, operand: OperandId, name: String) -> LeftId {
        if let Some(&id) = self.left_ids.get(&name) {
            return id;
        }
        let operand = condition.operand(operand);
        let mut plain = !operand.list
            && !matches!(Family::of(operand.ty), Family::Dyn | Family::Net | Family::Opaque | Family::Double);
        let mut always = false;
        if let OperandKind::Field(field) = &operand.kind {
            let def = self.schema.field(field.id);
            // names of addresses are compared by lookups
            plain &= !matches!(field.arg, FieldArg::Time(_))
                && (def.multi == Multi::No || field.arg != FieldArg::None)
                && !def.name.ends_with("ip.name");
            always = def.name == "evt.type";
        }
        let id = LeftId(self.lefts.len() as u32);
        self.lefts.push(Left { ty: operand.ty, plain, always });
        self.left_ids.insert(name, id);
        id
    }

    /// `evt.num` compared so that the answer is always the same: what rule files call `never_true` and
    /// `always_true`. Numbers begin at 1.
    fn counts_events(&self, condition: &Condition, check: &Check) -> Option<bool> {
        let operand = condition.operand(check.left);
        let OperandKind::Field(field) = &operand.kind else { return None };
        if self.schema.field(field.id).name != "evt.num" {
            return None;
        }
        let mut points = numbers(operand.ty, &mut std::iter::once(check))?;
        points.retain(|v| *v != Value::Uint(0));
        points.push(Value::Uint(1));
        let first = holds(check, points.first()?)?;
        points.iter().all(|v| holds(check, v) == Some(first)).then_some(first)
    }

    /// `yes` are all true, or one of `no`.
    fn all(&mut self, yes: &[FormId], no: &[FormId]) -> Pair {
        let flat = |forms: &[FormId], all: bool| {
            let mut out = Vec::with_capacity(forms.len());
            for &id in forms {
                match (self.form(id), all) {
                    (Some(Form::All(inner)), true) | (Some(Form::Any(inner)), false) => {
                        out.extend_from_slice(inner);
                    }
                    _ => out.push(id),
                }
            }
            out.sort_unstable();
            out.dedup();
            out
        };
        let (yes, no) = (flat(yes, true), flat(no, false));
        if let ([yes], [no]) = (yes.as_slice(), no.as_slice()) {
            return Pair { yes: *yes, no: *no };
        }
        self.pair(Form::All(yes), Form::Any(no))
    }

    fn pair(&mut self, yes: Form, no: Form) -> Pair {
        if let Some(&id) = self.form_ids.get(&yes) {
            return Pair { yes: id, no: self.opposite(id) };
        }
        let (yes_id, no_id) = (FormId(self.forms.len() as u32), FormId(self.forms.len() as u32 + 1));
        for (id, opposite, form) in [(yes_id, no_id, yes), (no_id, yes_id, no)] {
            let info = FormInfo {
                events: self.events_of(&form),
                placeholder: self.has_placeholder(&form),
                lefts: self.lefts_of(&form),
                opposite,
                form: form.clone(),
            };
            self.forms.push(info);
            self.form_ids.insert(form, id);
        }
        Pair { yes: yes_id, no: no_id }
    }

    pub(super) fn info(&self, id: FormId) -> Option<&FormInfo> {
        self.forms.get(id.0 as usize)
    }

    pub(super) fn form(&self, id: FormId) -> Option<&Form> {
        self.info(id).map(|i| &i.form)
    }

    pub(super) fn opposite(&self, id: FormId) -> FormId {
        self.info(id).map_or(id, |i| i.opposite)
    }

    /// Whether there is a placeholder in a formula.
    pub(super) fn placeholder(&self, id: FormId) -> bool {
        self.info(id).is_some_and(|i| i.placeholder)
    }

    /// Whether a formula is a check, or the opposite of one.
    pub(super) fn is_literal(&self, id: FormId) -> bool {
        matches!(self.form(id), Some(Form::Literal(..)))
    }

    /// Whether a formula is a placeholder that is never true.
    pub(super) fn switched_off(&self, id: FormId) -> bool {
        match self.form(id) {
            Some(&Form::Literal(atom, positive)) => {
                self.atom(atom).and_then(|a| a.placeholder) == Some(Placeholder::Constant(!positive))
            }
            _ => false,
        }
    }

    pub(super) fn atom(&self, id: AtomId) -> Option<&Atom> {
        self.atoms.get(id.0 as usize)
    }

    pub(super) fn left_info(&self, id: LeftId) -> Option<&Left> {
        self.lefts.get(id.0 as usize)
    }

    fn has_placeholder(&self, form: &Form) -> bool {
        match form {
            Form::Literal(atom, _) => self.atom(*atom).is_some_and(|a| a.placeholder.is_some()),
            Form::All(children) | Form::Any(children) => children.iter().any(|&c| self.placeholder(c)),
        }
    }

    fn lefts_of(&self, form: &Form) -> u64 {
        match form {
            Form::Literal(atom, _) => self.atom(*atom).map_or(0, |a| 1 << (a.left.0 % 64)),
            Form::All(children) | Form::Any(children) => {
                children.iter().filter_map(|&c| self.info(c)).fold(0, |mask, i| mask | i.lefts)
            }
        }
    }

    /// Bits of the left sides that a formula speaks of.
    pub(super) fn lefts(&self, id: FormId) -> u64 {
        self.info(id).map_or(0, |i| i.lefts)
    }

    fn events_of(&self, form: &Form) -> CodeSet {
        let all = || CodeSet::all(self.schema.events().len());
        match form {
            Form::Literal(atom, positive) => self.events_of_atom(*atom, *positive).unwrap_or_else(all),
            Form::All(children) => children
                .iter()
                .filter_map(|&c| self.info(c))
                .fold(all(), |set, i| set.intersection(&i.events)),
            Form::Any(children) => children
                .iter()
                .filter_map(|&c| self.info(c))
                .fold(CodeSet::none(self.schema.events().len()), |set, i| set.union(&i.events)),
        }
    }

    /// Event types for which `evt.type` compared with names can be true. Generic and asynchronous
    /// events have several names each, so that no name rules them out.
    fn events_of_atom(&self, atom: AtomId, positive: bool) -> Option<CodeSet> {
        let atom = self.atom(atom)?;
        if !self.left_info(atom.left)?.always || atom.check.modifier.is_some() || atom.placeholder.is_some() {
            return None;
        }
        let constants: &[Constant] = match (&atom.check.right, atom.check.op) {
            (Right::One(one), Op::Eq | Op::EqEq | Op::Ne) => std::slice::from_ref(one),
            (Right::Many(many), Op::In) => many,
            _ => return None,
        };
        let mut named = CodeSet::none(self.schema.events().len());
        for constant in constants {
            let Constant::Text(name) = constant else { return None };
            self.schema
                .events_of_name(&String::from_utf8_lossy(name))
                .for_each(|EventCode(c)| named.insert(c));
        }
        if positive != (atom.check.op == Op::Ne) {
            return Some(named);
        }
        let mut others = named.complement();
        for event in self.schema.events() {
            if self.schema.is_generic(event.code) || event.name == "asyncevent" {
                others.insert(event.code.0);
            }
        }
        Some(others)
    }

    /// The formulas that must all be true for this one to be true.
    pub(super) fn parts<'f>(&'f self, id: &'f FormId) -> &'f [FormId] {
        match self.form(*id) {
            Some(Form::All(children)) => children,
            _ => std::slice::from_ref(id),
        }
    }
}

impl Pair {
    fn swapped(self) -> Self {
        Self { yes: self.no, no: self.yes }
    }
}

/// The literals on the right side of a check.
pub(super) fn literals(ast: &crate::syntax::ast::Ast, right: NodeId) -> Option<&[Literal]> {
    match &ast.node(right).kind {
        NodeKind::Value(literal) => Some(std::slice::from_ref(literal)),
        NodeKind::List(literals) => Some(literals),
        _ => None,
    }
}
