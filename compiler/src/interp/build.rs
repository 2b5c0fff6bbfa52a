//! From conditions to the shared graph.

use super::{Entry, Interpreter, Node, NodeId, SlotId};
use crate::hir::eval::{Value, holds};
use crate::hir::field::{FieldArg, FieldRef};
use crate::hir::{Check, Condition, HirId, HirKind, OperandKind};
use crate::interp::test::Test;
use crate::schema::{EventCode, Multi, Schema};
use std::collections::HashMap;
use std::sync::Arc;

/// What is known of a field for all events of a type.
#[derive(Clone, PartialEq, Debug)]
pub enum Constant {
    /// Nothing.
    Varies,
    /// It never has a value.
    Absent,
    /// It always has this one.
    Is(Value),
}

/// A rule's condition, a text for each of its checks that is equal for equal checks, and its event types.
pub struct Rules<'r> {
    /// Conditions in order of definition.
    pub conditions: Vec<(u32, Arc<Condition>)>,
    /// A check's canonical text.
    pub text: &'r dyn Fn(u32, HirId) -> String,
    /// Whether a rule looks at an event type.
    pub looks_at: &'r dyn Fn(u32, EventCode) -> bool,
    /// What is constant for an event type.
    pub constant: &'r dyn Fn(EventCode, &FieldRef) -> Constant,
}

/// What makes two nodes one.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    And(Vec<NodeId>),
    Or(Vec<NodeId>),
    Not(NodeId),
    Check(String),
}

const TRUE: NodeId = NodeId(0);
const FALSE: NodeId = NodeId(1);

struct Builder<'r> {
    schema: &'r Schema,
    rules: &'r Rules<'r>,
    fields: Vec<FieldRef>,
    slots: HashMap<FieldRef, SlotId, foldhash::fast::FixedState>,
    nodes: Vec<Node>,
    interned: HashMap<Key, NodeId, foldhash::fast::FixedState>,
    /// Node of a check that nothing is constant of, by rule and check.
    made: HashMap<(u32, u32), NodeId, foldhash::fast::FixedState>,
}

impl Interpreter {
    /// Makes an interpreter for `rules`; `events` is the number of event types.
    pub fn new(schema: &Arc<Schema>, events: usize, rules: &Rules<'_>) -> Self {
        let mut builder = Builder {
            schema,
            rules,
            fields: Vec::new(),
            slots: HashMap::default(),
            nodes: vec![Node::True, Node::False],
            interned: HashMap::default(),
            made: HashMap::default(),
        };
        let by_event = (0..events as u16).map(|code| builder.entries(EventCode(code))).collect();
        let Builder { fields, nodes, .. } = builder;
        Self { schema: Arc::clone(schema), fields, nodes, by_event }
    }
}

impl Builder<'_> {
    fn entries(&mut self, code: EventCode) -> Box<[Entry]> {
        let rules = self.rules;
        let mut entries = Vec::new();
        for (rule, condition) in &rules.conditions {
            if !(rules.looks_at)(*rule, code) {
                continue;
            }
            let Some(root) = condition.root() else { continue };
            let root = self.node(*rule, condition, code, root);
            if root != FALSE {
                entries.push(Entry { rule: *rule, root });
            }
        }
        entries.into()
    }

    fn node(&mut self, rule: u32, condition: &Arc<Condition>, code: EventCode, id: HirId) -> NodeId {
        match &condition.node(id).kind {
            HirKind::And(children) => self.joined(rule, condition, code, children, FALSE),
            HirKind::Or(children) => self.joined(rule, condition, code, children, TRUE),
            HirKind::Not(child) => match self.node(rule, condition, code, *child) {
                TRUE => FALSE,
                FALSE => TRUE,
                node => self.intern(Key::Not(node), || Node::Not(node)),
            },
            HirKind::Check(check) => self.check(rule, condition, code, id, check),
        }
    }

    /// `and` and `or`: `decides` is the constant that decides them, the other one goes.
    fn joined(
        &mut self,
        rule: u32,
        condition: &Arc<Condition>,
        code: EventCode,
        children: &[HirId],
        decides: NodeId,
    ) -> NodeId {
        let neutral = if decides == TRUE { FALSE } else { TRUE };
        let mut kept = Vec::new();
        for &child in children {
            let node = self.node(rule, condition, code, child);
            if node == decides && !kept.iter().any(|&k| self.can_fail(k)) {
                return decides;
            }
            if node != neutral && !kept.contains(&node) {
                kept.push(node);
            }
            if node == decides {
                break;
            }
        }
        match (kept.as_slice(), decides) {
            ([], _) => neutral,
            ([one], _) => *one,
            (_, FALSE) => self.intern(Key::And(kept.clone()), || Node::And(kept.into())),
            (_, _) => self.intern(Key::Or(kept.clone()), || Node::Or(kept.into())),
        }
    }

    /// Whether a node can end the evaluation of its rule because of a type that comes with the event.
    fn can_fail(&self, id: NodeId) -> bool {
        match self.nodes.get(id.0 as usize) {
            Some(Node::Reference(..)) => true,
            Some(Node::And(children) | Node::Or(children)) => children.iter().any(|&c| self.can_fail(c)),
            Some(Node::Not(child)) => self.can_fail(*child),
            _ => false,
        }
    }

    fn intern(&mut self, key: Key, make: impl FnOnce() -> Node) -> NodeId {
        if let Some(&id) = self.interned.get(&key) {
            return id;
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(make());
        self.interned.insert(key, id);
        id
    }

    fn check(
        &mut self,
        rule: u32,
        condition: &Arc<Condition>,
        code: EventCode,
        id: HirId,
        check: &Check,
    ) -> NodeId {
        let operand = condition.operand(check.left);
        if let OperandKind::Field(field) = &operand.kind {
            let constant = (self.rules.constant)(code, field);
            match constant {
                Constant::Absent => return FALSE,
                Constant::Is(value) => match holds(check, &value) {
                    Some(true) => return TRUE,
                    Some(false) => return FALSE,
                    None => {}
                },
                Constant::Varies => {}
            }
        }
        if let Some(&made) = self.made.get(&(rule, id.0)) {
            return made;
        }
        let node = if let Some((field, test)) = self.test(condition, check) {
            let text = (self.rules.text)(rule, id);
            let slot = self.slot(&field);
            self.intern(Key::Check(text), || Node::Check(slot, test))
        } else {
            let node = NodeId(self.nodes.len() as u32);
            self.nodes.push(Node::Reference(Arc::clone(condition), id));
            node
        };
        self.made.insert((rule, id.0), node);
        node
    }

    /// The check as a field against constants; `None` if it is more than that.
    fn test(&self, condition: &Condition, check: &Check) -> Option<(FieldRef, Test)> {
        let operand = condition.operand(check.left);
        let OperandKind::Field(field) = &operand.kind else { return None };
        if check.modifier.is_some() || matches!(field.arg, FieldArg::Time(_)) {
            return None;
        }
        let multi = if field.arg == FieldArg::None { self.schema.field(field.id).multi } else { Multi::No };
        let test = Test::new(check.op, &check.right, multi, operand.list)?;
        Some((field.clone(), test))
    }

    fn slot(&mut self, field: &FieldRef) -> SlotId {
        let new = SlotId(self.fields.len() as u32);
        let slot = *self.slots.entry(field.clone()).or_insert(new);
        if slot == new {
            self.fields.push(field.clone());
        }
        slot
    }
}
