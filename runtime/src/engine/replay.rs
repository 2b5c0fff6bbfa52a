//! A capture from its beginning to its end.

use super::drops::LossCounters;
use super::ruleset::{Incoming, Ruleset};
use super::{Engine, RuleId, Tick, Ticker};
use crate::alert::{Alert, AlertOptions};
use crate::config::BaseSyscalls;
use crate::source::capture::{Capture, CaptureError, Captured, Item};
use crate::source::live::{Live, interest};
use peregrine_compiler::rulefile::Rule;
use peregrine_probe::ProbeError;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Events after which the ticker is asked at the next event, whatever its time.
const TICK_EVERY: u64 = 1024;
/// How often the source is asked what it lost.
const LOSSES_EVERY_NS: u64 = 1_000_000_000;

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
        let places = summary.places(&self.ruleset.rules);
        let losses = LossCounters::default();
        let mut run = Run { replay: self, summary, ticker, sink, places, items: 0, due_ns: 0, losses };
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

impl Replay {
    /// Follows this machine until `ticker` says so; every alert goes to `sink`. What is recorded follows the rules
    /// when they change.
    ///
    /// # Errors
    /// The probe's data cannot be reached.
    pub fn follow(
        &mut self,
        live: &mut Live,
        base: &BaseSyscalls,
        summary: &mut Summary,
        ticker: &mut dyn Ticker,
        sink: &mut dyn FnMut(Raised<'_>),
    ) -> Result<(), ProbeError> {
        live.introduce(&mut self.engine, |_| {});
        Live::prefer_this_thread();
        let places = summary.places(&self.ruleset.rules);
        let losses = LossCounters::default();
        let mut run = Run { replay: self, summary, ticker, sink, places, items: 0, due_ns: 0, losses };
        let mut losses_due_ns = 0;
        loop {
            let (swaps, mut flow) = (run.summary.swaps, ControlFlow::Continue(()));
            let count = live.drain(|captured| {
                if flow.is_continue() {
                    flow = run.event(captured);
                }
            })?;
            let now_ns = live.now_ns()?;
            if now_ns >= losses_due_ns {
                run.losses = live.losses()?;
                if let Some(lost) = live.repair(&mut run.replay.engine)? {
                    run.ticker.repaired(lost);
                }
                losses_due_ns = now_ns + LOSSES_EVERY_NS;
            }
            if flow.is_break() || (count == 0 && run.idle(now_ns).is_break()) {
                break;
            }
            if run.summary.swaps != swaps {
                let Ruleset { rules, enabled, .. } = &*run.replay.ruleset;
                live.set_interest(&interest::of_rules(rules, enabled, base))?;
            }
            if count == 0 {
                std::thread::sleep(live.pause());
            }
        }
        run.summary.skipped += live.skipped();
        Ok(())
    }
}

/// A replay under way.
struct Run<'r> {
    replay: &'r mut Replay,
    summary: &'r mut Summary,
    ticker: &'r mut dyn Ticker,
    sink: &'r mut dyn FnMut(Raised<'_>),
    /// For each rule its place in the summary.
    places: Vec<usize>,
    items: u64,
    /// Time after which the ticker is asked.
    due_ns: u64,
    losses: LossCounters,
}

impl Run<'_> {
    /// Does what is due while nothing happens.
    fn idle(&mut self, now_ns: u64) -> ControlFlow<()> {
        if self.replay.incoming.is_ready() {
            self.swap();
        }
        let tick = Tick::new(now_ns, self.summary, &self.replay.engine.state, self.losses);
        self.due_ns = self.ticker.tick(&tick)?;
        ControlFlow::Continue(())
    }

    #[inline]
    fn event(&mut self, captured: &Captured<'_>) -> ControlFlow<()> {
        self.items += 1;
        if self.items.is_multiple_of(TICK_EVERY) {
            self.due_ns = 0;
        }
        if self.replay.incoming.is_ready() {
            self.swap();
        }
        self.summary.events += 1;
        let Captured { cpu, state_only, event } = captured;
        let Replay { engine, ruleset, alerts, .. } = &mut *self.replay;
        let Ruleset { schema, rules, matcher, extractors, .. } = &mut **ruleset;
        let mut flow = ControlFlow::Continue(());
        let context = engine.take_if(event, *cpu, *state_only, |event, state| {
            if event.ts_ns > self.due_ns {
                match self.ticker.tick(&Tick::new(event.ts_ns, self.summary, state, self.losses)) {
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
        let (by_rule, sink, places) = (&mut self.summary.by_rule, &mut *self.sink, &self.places);
        matcher.matches(extractors, &context, |RuleId(id)| {
            let at = id as usize;
            let (Some(rule), Some(&place)) = (rules.get(at), places.get(at)) else { return };
            if let Some(count) = by_rule.get_mut(place) {
                *count += 1;
            }
            sink(Raised { rule, place, alert: Alert::new(schema, extractors, &context, rule, alerts) });
        });
        flow
    }

    /// Takes the rules that have arrived, between two events.
    #[cold]
    fn swap(&mut self) {
        if let Some(next) = self.replay.incoming.take() {
            self.places = self.summary.places(&next.rules);
            let old = std::mem::replace(&mut self.replay.ruleset, next);
            // its code generator may be busy, and nobody here waits for that
            let _ = std::thread::Builder::new().name("peregrine-drop".to_owned()).spawn(move || drop(old));
            self.summary.swaps += 1;
        }
    }
}
