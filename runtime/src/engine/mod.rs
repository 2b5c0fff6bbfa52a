//! From items of a source to events with their state, and to alerts.
//!
//! In: items of a capture in order. Out: for each event that rules may see an [`EventContext`]. Events of old
//! schemas are converted first. Enter events of system calls, and events that are there for the state only,
//! change the state and are not given out.

mod arena;
pub mod drops;
mod matcher;
mod replay;
mod ruleset;
mod tick;
mod tier;

pub use matcher::{Matcher, RuleId, Way, program, program_with, reference_matches};
pub use replay::{Raised, Replay, ReplayError, Summary};
pub use ruleset::{Incoming, Ruleset};
pub use tick::{Tick, Ticker};
pub use tier::Jit;

use crate::event::view::EventView;
use crate::event::{EVENTS, EventInfo};
use crate::fields::extract::{EventContext, FieldOptions};
use crate::source::capture::{ConvertCounters, ConvertLimits, Converted, Converter, Item};
use crate::state::{Limits, State};
use arena::EventArena;

/// Whether an event tells the engine of users and containers, and rules nothing.
fn is_bookkeeping(info: &EventInfo) -> bool {
    matches!(info.name, "container" | "useradded" | "userdeleted" | "groupadded" | "groupdeleted")
}

/// State and position in a stream of events.
#[derive(Debug)]
pub struct Engine {
    /// What is known of the machine.
    pub state: State,
    converter: Converter,
    options: FieldOptions,
    arena: EventArena,
    /// By event code: rules do not see it.
    hidden: Vec<bool>,
    num: u64,
    first_ns: u64,
    previous_ns: u64,
}

impl Engine {
    /// At the beginning of a stream.
    pub fn new(limits: Limits, options: FieldOptions) -> Self {
        Self {
            state: State::new(limits),
            converter: Converter::new(ConvertLimits::default()),
            options,
            arena: EventArena::new(),
            hidden: EVENTS.iter().map(|e| e.is_syscall_enter() || is_bookkeeping(e)).collect(),
            num: 0,
            first_ns: 0,
            previous_ns: 0,
        }
    }

    /// Events so far, those that only change the state included.
    pub fn events(&self) -> u64 {
        self.num
    }

    /// What became of events of old schemas.
    pub fn converted(&self) -> &ConvertCounters {
        self.converter.counters()
    }

    /// Takes what a capture says beside events.
    pub fn learn(&mut self, item: Item<'_>) {
        match item {
            Item::Section => {
                self.state.begin();
                self.converter.begin_section();
            }
            Item::Machine(machine) => self.state.set_machine(machine),
            Item::Processes(all) => all.iter().for_each(|p| self.state.add_process(p)),
            Item::Fds(tid, fds) => self.state.add_fds(tid, &fds),
            Item::Interfaces(all) => self.state.add_interfaces(&all),
            Item::Users(all) => self.state.add_users(&all),
            Item::Event { .. } | Item::Skipped(_) => {}
        }
    }

    /// Takes an event; `None` if rules do not see it.
    pub fn take<'a>(
        &'a mut self,
        event: EventView<'a>,
        cpu: u16,
        state_only: bool,
    ) -> Option<EventContext<'a>> {
        self.take_if(&event, cpu, state_only, |_, _| true)
    }

    /// Takes an event; `None` if rules do not see it, or if nobody `wants` it.
    ///
    /// The event is handed on by reference and the context made last: copies of either, for events that no rule
    /// looks at, were a tenth of a replay.
    #[inline]
    pub(crate) fn take_if<'a>(
        &'a mut self,
        event: &EventView<'a>,
        cpu: u16,
        state_only: bool,
        wants: impl FnOnce(&EventView<'_>, &State) -> bool,
    ) -> Option<EventContext<'a>> {
        self.arena.begin();
        let converted;
        let event = if self.converter.keeps(event) {
            event
        } else {
            let Converted::Event(other) = self.converter.convert(*event) else { return None };
            converted = other;
            &converted
        };
        let code = usize::from(event.code.0);
        let (info, &hidden) = (EVENTS.get(code)?, self.hidden.get(code)?);
        let current = self.state.update(event);
        self.num += 1;
        if self.num == 1 {
            (self.first_ns, self.previous_ns) = (event.ts_ns, event.ts_ns);
        }
        let previous_ns = std::mem::replace(&mut self.previous_ns, event.ts_ns);
        if state_only || hidden || !wants(event, &self.state) {
            return None;
        }
        Some(EventContext {
            event: *event,
            info,
            num: self.num,
            cpu,
            first_ns: self.first_ns,
            previous_ns,
            current,
            state: &self.state,
            options: &self.options,
            arena: self.arena.bump(),
        })
    }
}
