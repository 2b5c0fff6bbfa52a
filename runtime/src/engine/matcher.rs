//! Rules by event type.

use crate::config::RuleMatching;
use crate::event::EVENTS;
use crate::fields::extract::{EventContext, Extractors};
use peregrine_compiler::hir::eval::eval;
use peregrine_compiler::rulefile::Rule;
use peregrine_compiler::schema::{EventCode, Schema};

/// A rule of a ruleset, in the order of their definition.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleId(pub u32);

/// The rules that can match, by event type.
#[derive(Debug)]
pub struct Matcher {
    by_event: Vec<Vec<RuleId>>,
    matching: RuleMatching,
    /// Checks whose type came with the event and did not go with their operator.
    pub type_mismatches: u64,
}

impl Matcher {
    /// For the rules of the source `syscall` that `enabled` says are on.
    pub fn new(rules: &[Rule], enabled: &[bool], matching: RuleMatching) -> Self {
        let mut by_event = vec![Vec::new(); EVENTS.len()];
        for ((id, rule), on) in (0..).map(RuleId).zip(rules).zip(enabled) {
            if !on || rule.source != "syscall" {
                continue;
            }
            for (code, list) in (0..).zip(&mut by_event) {
                if rule.events.contains(code) {
                    list.push(id);
                }
            }
        }
        Self { by_event, matching, type_mismatches: 0 }
    }

    /// Rules that look at an event type.
    pub fn rules_for(&self, code: EventCode) -> &[RuleId] {
        self.by_event.get(usize::from(code.0)).map_or(&[], Vec::as_slice)
    }

    /// Calls `hit` for each rule that matches, by the reference evaluator.
    pub fn matches(
        &mut self,
        schema: &Schema,
        extractors: &Extractors,
        rules: &[Rule],
        context: &EventContext<'_>,
        mut hit: impl FnMut(RuleId, &Rule),
    ) {
        let Some(list) = self.by_event.get(usize::from(context.event.code.0)) else { return };
        for &id in list {
            let Some(rule) = rules.get(id.0 as usize) else { continue };
            let source = extractors.source(context);
            match eval(schema, &rule.condition, &source) {
                Ok(true) => {
                    hit(id, rule);
                    if self.matching == RuleMatching::First {
                        return;
                    }
                }
                Ok(false) => {}
                Err(_) => self.type_mismatches += 1,
            }
        }
    }
}
