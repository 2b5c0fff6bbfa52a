//! A capture from its beginning to its end.

use super::{Engine, Matcher, RuleId, Tick, Ticker};
use crate::alert::{Alert, AlertOptions};
use crate::fields::extract::Extractors;
use crate::source::capture::{Capture, CaptureError, Item};
use peregrine_compiler::rulefile::Rule;
use peregrine_compiler::schema::Schema;
use std::ops::ControlFlow;

/// Items after which the ticker is asked at the next event, whatever its time.
const TICK_EVERY: u64 = 1024;

/// Why a replay ended early.
pub type ReplayError = CaptureError;

/// What a replay has seen.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Events that the capture delivered.
    pub events: u64,
    /// Those that rules saw.
    pub offered: u64,
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
}

impl Replay<'_> {
    /// Reads to the end, or until `ticker` says so; every alert goes to `sink`.
    ///
    /// # Errors
    /// The capture cannot be read on; everything before that was processed.
    pub fn run(
        &mut self,
        capture: &mut Capture,
        summary: &mut Summary,
        ticker: &mut dyn Ticker,
        sink: &mut dyn FnMut(RuleId, Alert),
    ) -> Result<(), ReplayError> {
        summary.by_rule.resize(self.rules.len(), 0);
        let (mut items, mut due_ns) = (0_u64, 0);
        while let Some(item) = capture.next_item()? {
            items += 1;
            if items.is_multiple_of(TICK_EVERY) {
                due_ns = 0;
            }
            match item {
                Item::Event { cpu, state_only, event } => {
                    summary.events += 1;
                    let Some(context) = self.engine.take(event, cpu, state_only) else { continue };
                    let ts_ns = context.event.ts_ns;
                    if ts_ns > due_ns {
                        match ticker.tick(&Tick::new(ts_ns, summary, context.state)) {
                            ControlFlow::Continue(next_ns) => due_ns = next_ns,
                            ControlFlow::Break(()) => break,
                        }
                    }
                    summary.offered += 1;
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
        }
        Ok(())
    }
}
