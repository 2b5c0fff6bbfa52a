//! Rules that are ready to be applied, and their change while events go by.
//!
//! A ruleset is made beside the event path, by whoever has new rules, and offered; the engine takes it between
//! two events. State, position and counts stay; what the old ruleset kept of processes and its native code go
//! with it. Rules that cannot be loaded never get here, so the old ones stay.

use super::matcher::{Matcher, Way};
use crate::config::RuleMatching;
use crate::fields::extract::Extractors;
use peregrine_compiler::rulefile::Rule;
use peregrine_compiler::schema::Schema;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Rules that are ready to be applied.
#[derive(Debug)]
pub struct Ruleset {
    /// Schema of the rules.
    pub schema: Arc<Schema>,
    /// All rules, in order of definition.
    pub rules: Arc<Vec<Rule>>,
    /// For each whether it is on.
    pub enabled: Vec<bool>,
    /// Those that are on, by event type.
    pub matcher: Matcher,
    /// Field values.
    pub extractors: Extractors,
}

impl Ruleset {
    /// Makes rules ready; those that `enabled` says are on are applied.
    pub fn new(
        schema: Arc<Schema>,
        rules: Arc<Vec<Rule>>,
        enabled: &[bool],
        matching: RuleMatching,
        way: Way,
    ) -> Self {
        let matcher = Matcher::evaluated(&schema, &rules, enabled, matching, way);
        let extractors = Extractors::new(&schema);
        let enabled = enabled.to_vec();
        Self { schema, rules, enabled, matcher, extractors }
    }
}

/// Where the next ruleset arrives. Copies are of the same place.
#[derive(Clone, Debug, Default)]
pub struct Incoming(Arc<Place>);

#[derive(Debug, Default)]
struct Place {
    ready: AtomicBool,
    next: Mutex<Option<Box<Ruleset>>>,
}

impl Incoming {
    /// Offers a ruleset; one that was not taken yet is replaced.
    pub fn offer(&self, ruleset: Ruleset) {
        // a ruleset is put in place in one step, so one that another thread left behind is whole
        let mut next = self.0.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = Some(Box::new(ruleset));
        self.0.ready.store(true, Ordering::Release);
    }

    /// Whether one is there. For every event: a load.
    #[inline]
    pub fn is_ready(&self) -> bool {
        self.0.ready.load(Ordering::Relaxed)
    }

    /// Takes it.
    pub fn take(&self) -> Option<Box<Ruleset>> {
        let mut next = self.0.next.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.ready.store(false, Ordering::Release);
        next.take()
    }
}
