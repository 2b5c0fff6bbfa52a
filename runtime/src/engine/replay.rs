//! A capture from its beginning to its end.

use super::{Engine, Matcher, RuleId};
use crate::alert::{Alert, AlertOptions};
use crate::fields::extract::Extractors;
use crate::source::capture::{Capture, CaptureError, Item};
use peregrine_compiler::rulefile::Rule;
use peregrine_compiler::schema::Schema;
use std::time::Instant;

/// Events between two looks at the clock.
const CLOCK_EVERY: u64 = 1024;

/// Why a replay ended early.
pub type ReplayError = CaptureError;

/// What a replay has seen.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Events that the capture delivered.
    pub events: u64,
    /// Events that could not be read, or of unknown types.
    pub skipped: u64,
    /// Alerts by rule.
    pub by_rule: Vec<u64>,
}

/// Replays a capture with a ruleset.
#[derive(Debug)]
pub struct Replay<'r> {
    /// State and position.
    pub engine: Engine,
    /// Rules by event type.
    pub matcher: Matcher,
    /// Schema of the rules.
    pub schema: &'r Schema,
    /// The rules.
    pub rules: &'r [Rule],
    /// Field values.
    pub extractors: Extractors,
    /// How alerts are made.
    pub alerts: AlertOptions,
    /// When to stop.
    pub deadline: Option<Instant>,
}

impl Replay<'_> {
    /// Reads to the end; every alert goes to `sink`.
    ///
    /// # Errors
    /// The capture cannot be read on; everything before that was processed.
    pub fn run(
        &mut self,
        capture: &mut Capture,
        summary: &mut Summary,
        sink: &mut dyn FnMut(RuleId, Alert),
    ) -> Result<(), ReplayError> {
        summary.by_rule.resize(self.rules.len(), 0);
        while let Some(item) = capture.next_item()? {
            match item {
                Item::Event { cpu, state_only, event } => {
                    let Some(context) = self.engine.take(event, cpu, state_only) else { continue };
                    let Self { matcher, schema, rules, extractors, alerts, .. } = self;
                    matcher.matches(extractors, &context, |id| {
                        let Some(rule) = rules.get(id.0 as usize) else { return };
                        if let Some(count) = summary.by_rule.get_mut(id.0 as usize) {
                            *count += 1;
                        }
                        sink(id, Alert::new(schema, extractors, &context, rule, alerts));
                    });
                }
                Item::Skipped(_) => summary.skipped += 1,
                other => self.engine.learn(other),
            }
            summary.events = self.engine.events();
            if summary.events.is_multiple_of(CLOCK_EVERY)
                && self.deadline.is_some_and(|d| Instant::now() >= d)
            {
                break;
            }
        }
        Ok(())
    }
}
