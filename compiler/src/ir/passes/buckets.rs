//! Rules are put into buckets of event types, with what is constant for those in place.
//!
//! For each event type every predicate on a constant field becomes `true` or `false`, and what follows from
//! that is folded. Where a text of flag names is searched for names, their bits are asked for instead, which
//! costs a load and no text. Types that are left with the same rules share a bucket. A rule that can fail keeps its
//! condition.

use super::super::build::{Bits, Known};
use super::super::graph::Sharing;
use super::super::test::Test;
use super::super::{Bucket, Graph, Node, NodeId, Pred, PredId, Program, RuleRoot, SlotKind, StrictRule};
use super::Types;
use crate::hir::eval::Value;
use crate::schema::EventCode;
use crate::syntax::ast::Op;
use crate::value::FieldValue;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) fn run(program: &mut Program, types: &Types<'_>) {
    let whole = std::mem::take(&mut program.whole);
    // buckets share nodes of each other only if nodes are shared at all
    let mut old = std::mem::take(&mut program.graph);
    program.graph = old.take_preds();
    let sharing = old.sharing();
    let mut buckets: Vec<Bucket> = Vec::new();
    let mut same: HashMap<Vec<(u32, NodeId)>, usize, foldhash::fast::FixedState> = HashMap::default();
    for code in (0..types.count as u16).map(EventCode) {
        let looking: Vec<usize> = (0..whole.len())
            .filter(|&i| whole.get(i).is_some_and(|w| (types.looks_at)(w.rule, code)))
            .collect();
        if looking.is_empty() {
            continue;
        }
        let constants = constants(&program.graph, code, types);
        let made = HashMap::default();
        let mut special = Special { old: &old, new: &mut program.graph, code, types, constants, made };
        let mut bucket = Bucket { codes: vec![code], ..Bucket::default() };
        for rule in looking.into_iter().filter_map(|i| whole.get(i)) {
            match rule.root {
                Some(root) => {
                    let root = special.node(root);
                    if root != NodeId::FALSE {
                        bucket.rules.push(RuleRoot { rule: rule.rule, root });
                    }
                }
                None => {
                    bucket
                        .strict
                        .push(StrictRule { rule: rule.rule, condition: Arc::clone(&rule.condition) });
                }
            }
        }
        if bucket.rules.is_empty() && bucket.strict.is_empty() {
            continue;
        }
        let roots = bucket.rules.iter().map(|r| (r.rule, r.root));
        let key: Vec<_> = roots.chain(bucket.strict.iter().map(|s| (s.rule, NodeId(u32::MAX)))).collect();
        match same.get(&key).and_then(|&at| buckets.get_mut(at)) {
            Some(known) if sharing == Sharing::On => known.codes.push(code),
            _ => {
                same.insert(key, buckets.len());
                buckets.push(bucket);
            }
        }
    }
    program.buckets = buckets;
}

/// For each slot what is constant of its predicates for an event type.
fn constants(graph: &Graph, code: EventCode, types: &Types<'_>) -> Vec<Known> {
    graph
        .slots()
        .iter()
        .map(|slot| match &slot.kind {
            SlotKind::Field(field) => (types.constant)(code, field),
            SlotKind::Check(..) | SlotKind::Named => Known::Varies,
        })
        .collect()
}

struct Special<'s> {
    old: &'s Graph,
    new: &'s mut Graph,
    code: EventCode,
    types: &'s Types<'s>,
    constants: Vec<Known>,
    made: HashMap<NodeId, NodeId, foldhash::fast::FixedState>,
}

impl Special<'_> {
    fn node(&mut self, id: NodeId) -> NodeId {
        if id.is_constant() {
            return id;
        }
        if let Some(&made) = self.made.get(&id) {
            return made;
        }
        let made = match self.old.node(id) {
            Node::True | Node::False => id,
            Node::Pred(pred) => self.pred(*pred),
            Node::Not(child) => {
                let child = self.node(*child);
                self.new.not(child)
            }
            Node::And(children) => {
                let children: Vec<NodeId> = children.iter().map(|&c| self.node(c)).collect();
                self.new.join(true, &children)
            }
            Node::Or(children) => {
                let children: Vec<NodeId> = children.iter().map(|&c| self.node(c)).collect();
                self.new.join(false, &children)
            }
        };
        self.made.insert(id, made);
        made
    }

    fn pred(&mut self, id: PredId) -> NodeId {
        let pred = self.new.pred(id);
        let constant = self.constants.get(pred.slot.index()).unwrap_or(&Known::Varies);
        let known = match constant {
            Known::Varies => None,
            Known::Absent => Some(false),
            Known::Is(value) => borrowed(value).map(|value| pred.test.holds(&value)),
        };
        match known.filter(|_| pred.test != Test::Reference) {
            Some(true) => NodeId::TRUE,
            Some(false) => NodeId::FALSE,
            None => match self.bits(id) {
                Some(pred) => self.new.add_check(pred),
                None => self.new.add(Node::Pred(id)),
            },
        }
    }

    /// The question about bits that is the same as one about names of flags.
    fn bits(&mut self, id: PredId) -> Option<Pred> {
        let pred = self.new.pred(id);
        let texts = match &pred.test {
            Test::Text(Op::Contains, text) => std::slice::from_ref(text),
            Test::Texts(Op::Contains, all) => all,
            _ => return None,
        };
        let SlotKind::Field(field) = &self.new.slot(pred.slot).kind else { return None };
        let all = texts.iter().map(|text| self.types.bits(self.code, field, text));
        let all = all.collect::<Option<Vec<_>>>()?;
        let mask = all.iter().fold(0, |mask, (bits, _)| mask | bits.mask);
        let (Bits { field, .. }, slot) = all.into_iter().next()?;
        let slot = self.new.field_slot(&field, || slot);
        Some(Pred { slot, every: false, test: Test::Bits(mask) })
    }
}

fn borrowed(value: &Value) -> Option<FieldValue<'_>> {
    Some(match value {
        Value::Int(n) => FieldValue::Int(*n),
        Value::Uint(n) => FieldValue::Uint(*n),
        Value::Bool(b) => FieldValue::Bool(*b),
        Value::Double(d) => FieldValue::Double(*d),
        Value::Text(t) => FieldValue::text(t),
        Value::Bytes(_) => return None,
        Value::Ip(ip) => FieldValue::Ip(*ip),
        Value::Opaque => FieldValue::Opaque,
    })
}
