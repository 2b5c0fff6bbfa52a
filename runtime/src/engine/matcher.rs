//! Rules by event type.

use crate::config::RuleMatching;
use crate::event::EVENTS;
use crate::fields::extract::{EventContext, Extractors, constant};
use peregrine_compiler::hir::eval::eval;
use peregrine_compiler::interp::{Go, Interpreter, Rules, Scratch};
use peregrine_compiler::rulefile::Rule;
use peregrine_compiler::schema::{EventCode, Schema};
use peregrine_compiler::syntax::print;
use std::sync::Arc;

/// A rule of a ruleset, in the order of their definition.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleId(pub u32);

/// The rules that can match, by event type.
#[derive(Debug)]
pub struct Matcher {
    interpreter: Interpreter,
    scratch: Scratch,
    matching: RuleMatching,
    /// Checks whose type came with the event and did not go with their operator.
    pub type_mismatches: u64,
}

/// Whether a rule is looked at: it is on and of this engine's source.
fn counts(rule: &Rule, on: bool) -> bool {
    on && rule.source == "syscall"
}

impl Matcher {
    /// For the rules of the source `syscall` that `enabled` says are on.
    pub fn new(schema: &Schema, rules: &[Rule], enabled: &[bool], matching: RuleMatching) -> Self {
        let schema = Arc::new(schema.clone());
        let conditions = (0..)
            .zip(rules)
            .zip(enabled)
            .filter(|((_, rule), on)| counts(rule, **on))
            .map(|((id, rule), _)| (id, Arc::new(rule.condition.clone())));
        let rule = |id: u32| rules.get(id as usize);
        let prepared = Rules {
            conditions: conditions.collect(),
            text: &|id, check| {
                rule(id)
                    .map_or(String::new(), |r| print::canonical_node(r.ast(), r.condition.node(check).ast))
            },
            looks_at: &|id, code| rule(id).is_some_and(|r| r.events.contains(code.0)),
            constant: &|code, field| constant(&schema, code, field),
        };
        let interpreter = Interpreter::new(&schema, EVENTS.len(), &prepared);
        Self { interpreter, scratch: Scratch::default(), matching, type_mismatches: 0 }
    }

    /// Number of rules that look at an event type.
    pub fn rules_for(&self, code: EventCode) -> usize {
        self.interpreter.rules_for(code)
    }

    /// Calls `hit` for each rule that matches.
    pub fn matches(
        &mut self,
        extractors: &Extractors,
        context: &EventContext<'_>,
        mut hit: impl FnMut(RuleId),
    ) {
        let go = match self.matching {
            RuleMatching::First => Go::Stop,
            RuleMatching::All => Go::On,
        };
        let source = extractors.source(context);
        self.type_mismatches +=
            self.interpreter.matches(&mut self.scratch, context.event.code, &source, |id| {
                hit(RuleId(id));
                go
            });
    }
}

/// The rules that match an event, by the reference evaluator: what [`Matcher`] must find.
pub fn reference_matches(
    schema: &Schema,
    extractors: &Extractors,
    rules: &[Rule],
    enabled: &[bool],
    matching: RuleMatching,
    context: &EventContext<'_>,
) -> Vec<RuleId> {
    let mut hits = Vec::new();
    for ((id, rule), on) in (0..).zip(rules).zip(enabled) {
        let looks = counts(rule, *on) && rule.events.contains(context.event.code.0);
        if looks && eval(schema, &rule.condition, &extractors.source(context)) == Ok(true) {
            hits.push(RuleId(id));
            if matching == RuleMatching::First {
                break;
            }
        }
    }
    hits
}
