//! A plain interpreter over the rules of each event type.
//!
//! In: the conditions of a ruleset, and what is constant for an event type. Out: for an event, the rules that
//! match, in order of definition.
//!
//! What it does beyond the reference evaluator, and no more: conditions are folded with what is constant for
//! each event type (its name, fields that such events never have); equal checks and equal subtrees of all
//! rules are one node, evaluated at most once for an event; a field is extracted at most once for an event;
//! sets of texts are searched by length and bytes. Nothing is reordered, and nothing is kept from one event
//! to the next.
//!
//! INVARIANT: for every rule and event the result is that of [`crate::hir::eval::eval`]. Tests compare them.

mod build;
mod test;

use crate::hir::Condition;
use crate::hir::eval::{FieldSource, TypeMismatch, eval_node};
use crate::hir::field::FieldRef;
use crate::hir::{HirId, eval};
use crate::schema::{EventCode, Schema};
use crate::value::Found;
use std::sync::Arc;
use test::Test;

pub use build::{Constant, Rules};

/// Place of a field in the per-event cache.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct SlotId(u32);

/// A node of the shared graph.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct NodeId(u32);

/// What a node does.
#[derive(Clone, Debug)]
enum Node {
    True,
    False,
    And(Box<[NodeId]>),
    Or(Box<[NodeId]>),
    Not(NodeId),
    /// A field against constants.
    Check(SlotId, Test),
    /// A check with transformers, another field, or a type that comes with the event.
    Reference(Arc<Condition>, HirId),
}

/// Where an interpreter gets values from.
pub trait Fields<'a>: FieldSource {
    /// The values of a field for the current event.
    fn find(&self, field: &FieldRef) -> Found<'a>;
}

/// A rule and the root of its condition for an event type.
#[derive(Copy, Clone, Debug)]
struct Entry {
    rule: u32,
    root: NodeId,
}

/// The conditions of a ruleset.
#[derive(Debug)]
pub struct Interpreter {
    schema: Arc<Schema>,
    fields: Vec<FieldRef>,
    nodes: Vec<Node>,
    by_event: Vec<Box<[Entry]>>,
}

/// What is known of the current event. Reused from event to event.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Number of the event that entries below are of.
    stamp: u32,
    /// Result of each node: its stamp, shifted by one, and the result.
    results: Vec<u32>,
    /// Place of each field's value: its stamp and position.
    places: Vec<(u32, u32)>,
    /// Room for values; empty between events.
    values: Vec<Found<'static>>,
}

/// An empty vector with the room of another one.
fn emptied<'b>(mut values: Vec<Found<'_>>) -> Vec<Found<'b>> {
    values.clear();
    // nothing is left to convert: this keeps the allocation under another lifetime, since both types have
    // one layout; `runtime/tests/allocations.rs` fails if the library should stop to do so
    values.into_iter().map(|_| Found::Nothing).collect()
}

impl Scratch {
    fn next(&mut self, nodes: usize, fields: usize) {
        if self.results.len() != nodes || self.places.len() != fields || self.stamp >= u32::MAX >> 1 {
            self.results = vec![0; nodes];
            self.places = vec![(0, 0); fields];
            self.stamp = 0;
        }
        self.stamp += 1;
    }
}

impl Interpreter {
    /// Number of rules that look at an event type.
    pub fn rules_for(&self, code: EventCode) -> usize {
        self.by_event.get(usize::from(code.0)).map_or(0, |entries| entries.len())
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
        let Some(entries) = self.by_event.get(usize::from(code.0)).filter(|e| !e.is_empty()) else {
            return 0;
        };
        scratch.next(self.nodes.len(), self.fields.len());
        let values = emptied(std::mem::take(&mut scratch.values));
        let mut run = Run { interpreter: self, scratch, fields, values };
        let mut mismatches = 0;
        for entry in entries {
            match run.node(entry.root) {
                Ok(true) => {
                    if hit(entry.rule) == Go::Stop {
                        break;
                    }
                }
                Ok(false) => {}
                Err(_) => mismatches += 1,
            }
        }
        let Run { scratch, values, .. } = run;
        scratch.values = emptied(values);
        mismatches
    }
}

/// Whether to look at further rules.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Go {
    /// Look at them.
    On,
    /// Don't.
    Stop,
}

/// The evaluation of one event.
struct Run<'s, 'a, F> {
    interpreter: &'s Interpreter,
    scratch: &'s mut Scratch,
    fields: &'s F,
    values: Vec<Found<'a>>,
}

impl<'a, F: Fields<'a>> Run<'_, 'a, F> {
    fn node(&mut self, id: NodeId) -> Result<bool, TypeMismatch> {
        let at = id.0 as usize;
        if let Some(&known) = self.scratch.results.get(at)
            && known >> 1 == self.scratch.stamp
        {
            return Ok(known & 1 == 1);
        }
        let interpreter = self.interpreter;
        let Some(node) = interpreter.nodes.get(at) else { return Ok(false) };
        let result = match node {
            Node::True => return Ok(true),
            Node::False => return Ok(false),
            Node::And(children) => self.all(children)?,
            Node::Or(children) => self.any(children)?,
            Node::Not(child) => !self.node(*child)?,
            Node::Check(slot, test) => self.check(*slot, test),
            Node::Reference(condition, check) => {
                eval_node(&interpreter.schema, condition, *check, self.fields as &dyn eval::FieldSource)?
            }
        };
        if let Some(slot) = self.scratch.results.get_mut(at) {
            *slot = self.scratch.stamp << 1 | u32::from(result);
        }
        Ok(result)
    }

    fn all(&mut self, children: &[NodeId]) -> Result<bool, TypeMismatch> {
        for &child in children {
            if !self.node(child)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn any(&mut self, children: &[NodeId]) -> Result<bool, TypeMismatch> {
        for &child in children {
            if self.node(child)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn check(&mut self, slot: SlotId, test: &Test) -> bool {
        let at = slot.0 as usize;
        let Some(&(stamp, place)) = self.scratch.places.get(at) else { return false };
        if stamp == self.scratch.stamp
            && let Some(found) = self.values.get(place as usize)
        {
            return test.holds(found);
        }
        let Some(field) = self.interpreter.fields.get(at) else { return false };
        let found = self.fields.find(field);
        let result = test.holds(&found);
        if let Some(known) = self.scratch.places.get_mut(at) {
            *known = (self.scratch.stamp, self.values.len() as u32);
        }
        self.values.push(found);
        result
    }
}
