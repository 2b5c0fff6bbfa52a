//! A plain interpreter of the decision IR.
//!
//! In: a [`Program`]. Out: for an event, the rules that match, in order of definition. Each predicate and node is
//! evaluated at most once for an event, each field found at most once; nothing is kept from one event to the
//! next, and nothing is reordered beyond what the passes did. It is the oracle of [`crate::staged`] and of the
//! generated code.
//!
//! INVARIANT: for every rule and event the result is that of [`crate::hir::eval::eval`]. Tests compare them.

use crate::found::{EventValues, FoundCache};
use crate::hir::eval::{FieldSource, eval, eval_node};
use crate::hir::field::FieldRef;
use crate::ir::ready::Ready;
use crate::ir::{Bucket, Node, NodeId, PredId, Program, SlotKind, StrictRule};
use crate::schema::{EventCode, Schema};
use crate::value::Found;
use std::sync::Arc;

/// Where evaluators get values from.
pub trait Fields<'a>: FieldSource {
    /// The values of a field for the current event.
    fn find(&self, field: &FieldRef) -> Found<'a>;
}

/// Whether to look at further rules.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Go {
    /// Look at them.
    On,
    /// Don't.
    Stop,
}

/// A program made ready.
#[derive(Debug)]
pub struct Interpreter {
    schema: Arc<Schema>,
    program: Arc<Program>,
    ready: Vec<Ready>,
    by_event: Vec<Option<u32>>,
}

/// What is known of the current event. Reused from event to event.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Number of the event that results are of.
    stamp: u32,
    /// Result of each node: its stamp, shifted by one, and the result.
    results: Vec<u32>,
    found: FoundCache,
}

impl Scratch {
    fn next(&mut self, nodes: usize) {
        if self.results.len() != nodes || self.stamp >= u32::MAX >> 1 {
            self.results = vec![0; nodes];
            self.stamp = 0;
        }
        self.stamp += 1;
    }
}

impl Interpreter {
    /// For a program of a schema.
    pub fn new(schema: Arc<Schema>, program: Arc<Program>) -> Self {
        let ready = Ready::all(&program.graph);
        let by_event = program.by_event(schema.events().len());
        Self { schema, program, ready, by_event }
    }

    fn bucket(&self, code: EventCode) -> Option<&Bucket> {
        let at = (*self.by_event.get(usize::from(code.0))?)?;
        self.program.buckets.get(at as usize)
    }

    /// Number of rules that look at an event type.
    pub fn rules_for(&self, code: EventCode) -> usize {
        self.bucket(code).map_or(0, |b| b.rules.len() + b.strict.len())
    }

    /// Calls `hit` with each rule that matches, in order of definition, until it says to stop. Rules with a
    /// check whose type does not go with the event's are counted and do not match.
    pub fn matches<'a>(
        &self,
        scratch: &mut Scratch,
        code: EventCode,
        fields: &impl Fields<'a>,
        mut hit: impl FnMut(u32) -> Go,
    ) -> u64 {
        let Some(bucket) = self.bucket(code) else { return 0 };
        scratch.next(self.program.graph.nodes().len());
        let Scratch { stamp, results, found } = scratch;
        let values = found.event(self.program.graph.slots().len());
        let mut run = Run { interpreter: self, stamp: *stamp, results, fields, values };
        let mut strict = Strict::new(&self.schema, &bucket.strict);
        let mut go = Go::On;
        for rule in &bucket.rules {
            go = strict.before(rule.rule, fields, &mut hit);
            if go == Go::On && run.node(rule.root) {
                go = hit(rule.rule);
            }
            if go == Go::Stop {
                break;
            }
        }
        if go == Go::On {
            strict.before(u32::MAX, fields, &mut hit);
        }
        strict.mismatches
    }
}

/// Rules whose evaluation can fail, in the midst of others.
pub(crate) struct Strict<'s> {
    schema: &'s Schema,
    rest: &'s [StrictRule],
    /// How many failed.
    pub(crate) mismatches: u64,
}

impl<'s> Strict<'s> {
    pub(crate) fn new(schema: &'s Schema, rules: &'s [StrictRule]) -> Self {
        Self { schema, rest: rules, mismatches: 0 }
    }

    /// Evaluates those that come before a rule.
    pub(crate) fn before(
        &mut self,
        rule: u32,
        fields: &dyn FieldSource,
        hit: &mut impl FnMut(u32) -> Go,
    ) -> Go {
        while let Some((first, rest)) = self.rest.split_first().filter(|(first, _)| first.rule < rule) {
            self.rest = rest;
            match eval(self.schema, &first.condition, fields) {
                Ok(true) if hit(first.rule) == Go::Stop => return Go::Stop,
                Ok(_) => {}
                Err(_) => self.mismatches += 1,
            }
        }
        Go::On
    }
}

/// What the reference evaluator says of a check that cannot fail.
pub(crate) fn reference(schema: &Schema, kind: &SlotKind, fields: &dyn FieldSource) -> bool {
    match kind {
        SlotKind::Check(condition, node) => eval_node(schema, condition, *node, fields) == Ok(true),
        SlotKind::Field(_) | SlotKind::Named => false,
    }
}

/// The evaluation of one event.
struct Run<'s, 'a, F> {
    interpreter: &'s Interpreter,
    stamp: u32,
    results: &'s mut [u32],
    fields: &'s F,
    values: EventValues<'s, 'a>,
}

impl<'a, F: Fields<'a>> Run<'_, 'a, F> {
    fn node(&mut self, id: NodeId) -> bool {
        if let Some(&known) = self.results.get(id.index())
            && known >> 1 == self.stamp
        {
            return known & 1 == 1;
        }
        let interpreter = self.interpreter;
        let result = match interpreter.program.graph.node(id) {
            Node::True => return true,
            Node::False => return false,
            Node::And(children) => children.iter().all(|&c| self.node(c)),
            Node::Or(children) => children.iter().any(|&c| self.node(c)),
            Node::Not(child) => !self.node(*child),
            Node::Pred(pred) => self.pred(*pred),
        };
        if let Some(slot) = self.results.get_mut(id.index()) {
            *slot = self.stamp << 1 | u32::from(result);
        }
        result
    }

    fn pred(&mut self, id: PredId) -> bool {
        let interpreter = self.interpreter;
        let graph = &interpreter.program.graph;
        let slot = graph.pred(id).slot;
        let kind = &graph.slot(slot).kind;
        let SlotKind::Field(field) = kind else {
            return reference(&interpreter.schema, kind, self.fields);
        };
        let found = self.values.get(slot, || self.fields.find(field));
        interpreter.ready.get(id.index()).is_some_and(|ready| ready.holds(&found))
    }
}
