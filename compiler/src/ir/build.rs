//! From typed conditions to a program with one root for each rule, nothing shared.

use super::test::{Asked, Test};
use super::{Graph, Node, NodeId, Pred, Program, Slot, SlotKind, WholeRule};
use crate::hir::eval::Value;
use crate::hir::field::{FieldArg, FieldRef};
use crate::hir::{Check, Condition, HirId, HirKind, Operand, OperandId, OperandKind, Right};
use crate::schema::{EventCode, Multi, Schema, Scope};
use crate::syntax::ast::Op;
use std::sync::Arc;

/// What is known of a field for all events of a type.
#[derive(Clone, PartialEq, Debug)]
pub enum Known {
    /// Nothing.
    Varies,
    /// It never has a value.
    Absent,
    /// It always has this one.
    Is(Value),
}

/// The rules of a program.
pub struct Rules<'r> {
    /// Fields and event types.
    pub schema: &'r Schema,
    /// Conditions in order of definition.
    pub conditions: Vec<(u32, Arc<Condition>)>,
    /// A check's canonical text, equal for equal checks.
    pub text: &'r dyn Fn(u32, HirId) -> String,
    /// Whether a rule looks at an event type.
    pub looks_at: &'r dyn Fn(u32, EventCode) -> bool,
    /// What is constant for an event type.
    pub constant: &'r dyn Fn(EventCode, &FieldRef) -> Known,
    /// What a text of flag names says of their bits.
    pub bits: &'r BitsOf<'r>,
}

/// Finds the bits of a field that a text names, for an event type.
pub type BitsOf<'r> = dyn Fn(EventCode, &FieldRef, &[u8]) -> Option<Bits> + 'r;

/// A text is in a field's value exactly when any of some bits of another field's value is set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bits {
    /// The field with the bits, an unsigned number.
    pub field: FieldRef,
    /// The bits.
    pub mask: u64,
}

/// The slot of a field.
pub(super) fn slot_of(schema: &Schema, field: &FieldRef) -> Slot {
    let def = schema.field(field.id);
    Slot {
        kind: SlotKind::Field(field.clone()),
        name: field_text(&def.name, &field.arg).into(),
        scope: def.scope,
        cost: def.cost,
    }
}

/// A program of the rules as they are.
pub fn build(rules: &Rules<'_>) -> Program {
    let mut program = Program::default();
    for (rule, condition) in &rules.conditions {
        let mut builder = Builder { rules, graph: &mut program.graph, rule: *rule, condition, strict: false };
        let root = condition.root().map_or(NodeId::FALSE, |root| builder.node(root));
        let root = (!builder.strict).then_some(root);
        program.whole.push(WholeRule { rule: *rule, root, condition: Arc::clone(condition) });
    }
    program
}

struct Builder<'b, 'r> {
    rules: &'b Rules<'r>,
    graph: &'b mut Graph,
    rule: u32,
    condition: &'b Arc<Condition>,
    /// Some check can fail.
    strict: bool,
}

impl Builder<'_, '_> {
    fn node(&mut self, id: HirId) -> NodeId {
        let condition = Arc::clone(self.condition);
        match &condition.node(id).kind {
            HirKind::And(children) => {
                let children = children.iter().map(|&c| self.node(c)).collect();
                self.graph.add(Node::And(children))
            }
            HirKind::Or(children) => {
                let children = children.iter().map(|&c| self.node(c)).collect();
                self.graph.add(Node::Or(children))
            }
            HirKind::Not(child) => {
                let child = self.node(*child);
                self.graph.add(Node::Not(child))
            }
            HirKind::Check(check) => self.check(id, check),
        }
    }

    fn check(&mut self, id: HirId, check: &Check) -> NodeId {
        let operand = self.condition.operand(check.left);
        let OperandKind::Field(field) = &operand.kind else { return self.reference(id, check) };
        if matches!(field.arg, FieldArg::Time(_)) {
            return self.reference(id, check);
        }
        let multi =
            if field.arg == FieldArg::None { self.rules.schema.field(field.id).multi } else { Multi::No };
        let every_ne = multi == Multi::EitherEnd;
        let text = || (self.rules.text)(self.rule, id);
        match Test::of(check, every_ne, operand.list, text) {
            Asked::One(test, every) => {
                let slot = self.slot(field);
                self.graph.add_check(Pred { slot, every, test })
            }
            Asked::All(tests) => {
                let every = every_ne && check.op == Op::Ne;
                let slot = self.slot(field);
                let all: Vec<NodeId> =
                    tests.into_iter().map(|test| self.graph.add_check(Pred { slot, every, test })).collect();
                match all.as_slice() {
                    [only] => *only,
                    _ => self.graph.add(Node::And(all.into())),
                }
            }
            Asked::Reference => self.reference(id, check),
            Asked::Untyped => {
                self.strict = true;
                NodeId::FALSE
            }
        }
    }

    fn slot(&mut self, field: &FieldRef) -> super::SlotId {
        let schema = self.rules.schema;
        self.graph.field_slot(field, || slot_of(schema, field))
    }

    /// A check with transformers, a field on its right side, or a modifier that counts.
    fn reference(&mut self, id: HirId, check: &Check) -> NodeId {
        let mut scope = Scope::Ruleset;
        let mut cost = 0_u32;
        let mut operands = vec![check.left];
        if let Right::Operand(right) = check.right {
            operands.push(right);
        }
        while let Some(operand) = operands.pop() {
            self.use_of(operand, &mut operands, &mut scope, &mut cost);
        }
        let untyped = matches!(&check.right, Right::One(c) if is_untyped(c))
            || matches!(&check.right, Right::Many(all) if all.iter().any(is_untyped));
        self.strict |= untyped;
        let kind = SlotKind::Check(Arc::clone(self.condition), id);
        let name: Arc<str> = (self.rules.text)(self.rule, id).into();
        // values are made anew, on the heap
        let cost = cost.saturating_add(100).min(u32::from(u16::MAX)) as u16;
        let slot = self.graph.named_slot(Slot { kind, name, scope, cost });
        self.graph.add_check(Pred { slot, every: false, test: Test::Reference })
    }

    fn use_of(&self, id: OperandId, rest: &mut Vec<OperandId>, scope: &mut Scope, cost: &mut u32) {
        let Operand { kind, .. } = self.condition.operand(id);
        match kind {
            OperandKind::Field(field) => {
                let def = self.rules.schema.field(field.id);
                *scope = (*scope).max(def.scope);
                *cost += u32::from(def.cost);
            }
            OperandKind::Call { args, .. } => rest.extend(args),
            OperandKind::List(items) => rest.extend(items),
            OperandKind::Literal(_) => {}
        }
    }
}

fn is_untyped(constant: &crate::hir::Constant) -> bool {
    matches!(constant, crate::hir::Constant::Untyped(_))
}

/// A field as it is written.
fn field_text(name: &str, arg: &FieldArg) -> String {
    use crate::hir::field::Side;
    match arg {
        FieldArg::None | FieldArg::Side(Side::Default) => name.to_owned(),
        FieldArg::Index(i) => format!("{name}[{i}]"),
        FieldArg::Key(key) => format!("{name}[{}]", String::from_utf8_lossy(key)),
        FieldArg::Param(word) | FieldArg::Event(word) | FieldArg::Subsystem(word) => {
            format!("{name}.{word}")
        }
        FieldArg::Side(Side::Source) => format!("{name}.src"),
        FieldArg::Side(Side::Destination) => format!("{name}.dst"),
        FieldArg::Time(ns) => format!("{name}[{ns}]"),
    }
}
