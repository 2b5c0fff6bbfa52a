//! A capture from its beginning to its end.

use super::{Engine, Matcher, RuleId, Tick, Ticker};
use crate::alert::{Alert, AlertOptions};
use crate::fields::extract::Extractors;
use crate::source::capture::{Capture, CaptureError, Captured, Item};
use peregrine_compiler::rulefile::Rule;
use peregrine_compiler::schema::Schema;
use std::ops::ControlFlow;

/// Events after which the ticker is asked at the next event, whatever its time.
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
        let mut run = Run { replay: self, summary, ticker, sink, items: 0, due_ns: 0 };
        loop {
            if let Some(captured) = capture.next_event() {
                if run.event(&captured).is_break() {
                    break;
                }
                continue;
            }
            match capture.next_item()? {
                Some(Item::Event { cpu, state_only, event }) => {
                    if run.event(&Captured { cpu, state_only, event }).is_break() {
                        break;
                    }
                }
                Some(Item::Skipped(_)) => run.summary.skipped += 1,
                Some(other) => run.replay.engine.learn(other),
                None => break,
            }
        }
        Ok(())
    }
}

/// A replay under way.
struct Run<'r, 'a> {
    replay: &'r mut Replay<'a>,
    summary: &'r mut Summary,
    ticker: &'r mut dyn Ticker,
    sink: &'r mut dyn FnMut(RuleId, Alert),
    items: u64,
    /// Time after which the ticker is asked.
    due_ns: u64,
}

impl Run<'_, '_> {
    #[inline]
    fn event(&mut self, captured: &Captured<'_>) -> ControlFlow<()> {
        self.items += 1;
        if self.items.is_multiple_of(TICK_EVERY) {
            self.due_ns = 0;
        }
        self.summary.events += 1;
        let Captured { cpu, state_only, event } = captured;
        let Replay { engine, matcher, schema, rules, extractors, alerts } = &mut *self.replay;
        let mut flow = ControlFlow::Continue(());
        let context = engine.take_if(event, *cpu, *state_only, |event, state| {
            if event.ts_ns > self.due_ns {
                match self.ticker.tick(&Tick::new(event.ts_ns, self.summary, state)) {
                    ControlFlow::Continue(next_ns) => self.due_ns = next_ns,
                    ControlFlow::Break(()) => {
                        flow = ControlFlow::Break(());
                        return false;
                    }
                }
            }
            self.summary.offered += 1;
            matcher.rules_for(event.code) > 0
        });
        let Some(context) = context else { return flow };
        let (by_rule, sink) = (&mut self.summary.by_rule, &mut *self.sink);
        matcher.matches(extractors, &context, |id| {
            let Some(rule) = rules.get(id.0 as usize) else { return };
            if let Some(count) = by_rule.get_mut(id.0 as usize) {
                *count += 1;
            }
            sink(id, Alert::new(schema, extractors, &context, rule, alerts));
        });
        flow
    }
}
