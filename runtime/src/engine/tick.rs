//! What happens beside rules while events go by.

use super::Summary;
use super::drops::LossCounters;
use crate::state::State;
use std::ops::ControlFlow;

/// Where a run is.
#[derive(Copy, Clone, Debug)]
pub struct Tick<'a> {
    /// Time of the event at hand.
    pub now_ns: u64,
    /// Events and alerts before it.
    pub summary: &'a Summary,
    /// State after it.
    pub state: &'a State,
    /// Events and losses of the source, as of the last second or so; none for a capture.
    pub losses: LossCounters,
}

impl<'a> Tick<'a> {
    pub(super) fn new(now_ns: u64, summary: &'a Summary, state: &'a State, losses: LossCounters) -> Self {
        Self { now_ns, summary, state, losses }
    }
}

/// What happens beside rules while events go by.
///
/// It is asked before rules see the first event, then before the first event that is later than its last
/// answer, and beside that now and then, so that it can look at clocks and flags. An event for which nothing is
/// due costs one comparison.
pub trait Ticker {
    /// Does what is due; gives the event time after which it wants to be asked again, or ends the run before
    /// rules see this event.
    fn tick(&mut self, tick: &Tick<'_>) -> ControlFlow<(), u64>;

    /// Events were lost, and the state has been read anew from the machine.
    fn repaired(&mut self, lost: u64) {
        let _ = lost;
    }
}
