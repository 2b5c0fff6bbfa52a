//! A capture from its beginning to its end.

use super::ruleset::{Incoming, Ruleset};
use super::{Engine, RuleId, Tick, Ticker};
use crate::alert::{Alert, AlertOptions};
use crate::source::capture::{Capture, CaptureError, Item};
use peregrine_compiler::rulefile::Rule;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

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
    /// Names of all rules that there were, in the order in which they came.
    pub rules: Vec<Arc<str>>,
    /// Alerts of each.
    pub by_rule: Vec<u64>,
    /// Times that the rules were changed.
    pub swaps: u64,
}

impl Summary {
    /// For each rule its place in the summary; new ones get one.
    fn places(&mut self, rules: &[Rule]) -> Vec<usize> {
        let mut known: HashMap<Arc<str>, usize> = self.rules.iter().cloned().zip(0..).collect();
        let place = |rule: &Rule| {
            *known.entry(Arc::clone(&rule.name)).or_insert_with(|| {
                self.rules.push(Arc::clone(&rule.name));
                self.rules.len() - 1
            })
        };
        let places = rules.iter().map(place).collect();
        self.by_rule.resize(self.rules.len(), 0);
        places
    }
}

/// Replays a capture with a ruleset.
#[derive(Debug)]
pub struct Replay {
    /// State and position.
    pub engine: Engine,
    /// Rules.
    pub ruleset: Box<Ruleset>,
    /// Where other rules arrive.
    pub incoming: Incoming,
    /// How alerts are made.
    pub alerts: AlertOptions,
}

/// An alert on its way out.
#[derive(Debug)]
pub struct Raised<'r> {
    /// Its rule.
    pub rule: &'r Rule,
    /// The rule's place in the summary.
    pub place: usize,
    /// The alert.
    pub alert: Alert,
}

impl Replay {
    /// Reads to the end, or until `ticker` says so; every alert goes to `sink`.
    ///
    /// # Errors
    /// The capture cannot be read on; everything before that was processed.
    pub fn run(
        &mut self,
        capture: &mut Capture,
        summary: &mut Summary,
        ticker: &mut dyn Ticker,
        sink: &mut dyn FnMut(Raised<'_>),
    ) -> Result<(), ReplayError> {
        let mut places = summary.places(&self.ruleset.rules);
        let (mut items, mut due_ns) = (0_u64, 0);
        while let Some(item) = capture.next_item()? {
            items += 1;
            if items.is_multiple_of(TICK_EVERY) {
                due_ns = 0;
            }
            if self.incoming.is_ready() {
                self.swap(summary, &mut places);
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
                    let Ruleset { schema, rules, matcher, extractors } = &mut *self.ruleset;
                    matcher.matches(extractors, &context, |RuleId(id)| {
                        let at = id as usize;
                        let (Some(rule), Some(&place)) = (rules.get(at), places.get(at)) else { return };
                        if let Some(count) = summary.by_rule.get_mut(place) {
                            *count += 1;
                        }
                        let alert = Alert::new(schema, extractors, &context, rule, &self.alerts);
                        sink(Raised { rule, place, alert });
                    });
                }
                Item::Skipped(_) => summary.skipped += 1,
                other => self.engine.learn(other),
            }
        }
        Ok(())
    }

    /// Takes the rules that have arrived, between two events.
    #[cold]
    fn swap(&mut self, summary: &mut Summary, places: &mut Vec<usize>) {
        if let Some(next) = self.incoming.take() {
            *places = summary.places(&next.rules);
            self.ruleset = next;
            summary.swaps += 1;
        }
    }
}
