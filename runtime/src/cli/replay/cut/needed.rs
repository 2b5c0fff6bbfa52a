//! Processes whose changes of state matter to the events that stay in a cut.
//!
//! Those are the processes of these events, their ancestors, the leaders of their sessions and process groups,
//! and others that the events name; and for each of them whoever it got its state from: the process that made
//! it, and those whose descriptors it took. A process is needed up to an event; what it does behind that is of
//! no consequence. How processes begin and end is always kept.

use crate::fields::extract::EventContext;
use peregrine_compiler::schema::Type;
use std::collections::HashMap;

/// When an event of a cut is written.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    /// In any case; rules see it.
    Shown,
    /// In any case, for the state.
    Always,
    /// For the state, if this process is needed.
    Of(i64),
}

/// Codes of events that tell how processes begin and end: clone, fork, vfork, clone3, their end, prctl.
const LIFE: [u16; 6] = [223, 225, 227, 335, 186, 401];
const CLONES: [u16; 4] = [223, 225, 227, 335];
/// Their parameters of type PID are those of the process itself.
const EXECS: [u16; 2] = [293, 331];

/// What is needed, and by whom. Numbers that were used again count for all processes that had them.
#[derive(Debug, Default)]
pub(super) struct Needed {
    /// Up to which event, by process.
    wanted: HashMap<i64, Place>,
    /// By process, others and the last event by which it came to depend on them.
    depends_on: HashMap<i64, HashMap<i64, Place>>,
}

/// Which event of the draft, from 0.
pub(super) type Place = usize;

impl Needed {
    /// Notes on whom the event's process comes to depend; tells when the event is to be written.
    pub(super) fn note(&mut self, context: &EventContext<'_>, place: Place) -> Mark {
        let code = context.event.code.0;
        let Some(thread) = context.thread().filter(|t| t.pid > 0) else { return Mark::Always };
        if CLONES.contains(&code) {
            let maker = context.state.threads.parent_of(thread).map_or(thread.ptid, |p| p.pid);
            match context.event.int(0) {
                Some(0) => self.add(thread.pid, maker, place),
                Some(child) if child > 0 => {
                    self.add(child, thread.pid, place);
                    self.add(child, maker, place);
                }
                _ => {}
            }
        } else if !LIFE.contains(&code) && !EXECS.contains(&code) {
            for other in named(context) {
                self.add(thread.pid, other, place);
            }
        }
        let owner = context.state.threads.fd_owner(thread);
        if LIFE.contains(&code) || owner != Some(thread.pid) { Mark::Always } else { Mark::Of(thread.pid) }
    }

    /// Notes that rules are to see an event as it is.
    pub(super) fn want(&mut self, context: &EventContext<'_>, place: Place) {
        // places come in ascending order
        self.wanted.extend(named(context).map(|pid| (pid, place)));
        let Some(thread) = context.thread() else { return };
        let ancestors = context.state.threads.ancestors_of(thread);
        let related = std::iter::once(thread).chain(ancestors).flat_map(|t| [t.pid, t.sid, t.pgid]);
        self.wanted.extend(related.map(|pid| (pid, place)));
    }

    fn add(&mut self, process: i64, other: i64, place: Place) {
        if process != other {
            self.depends_on.entry(process).or_default().insert(other, place);
        }
    }

    /// Up to which event processes are needed, for all that are.
    pub(super) fn resolve(self) -> HashMap<i64, Place> {
        let mut all = self.wanted;
        let mut open: Vec<i64> = all.keys().copied().collect();
        while let Some(process) = open.pop() {
            for (&other, &place) in self.depends_on.get(&process).into_iter().flatten() {
                let known = all.get(&other).copied();
                if known.is_none_or(|k| k < place) {
                    all.insert(other, place);
                    open.push(other);
                }
            }
        }
        all
    }
}

/// Processes that an event's parameters name.
fn named(context: &EventContext<'_>) -> impl Iterator<Item = i64> {
    let params = context.info.params.iter().enumerate();
    let pids = params.filter(|(_, p)| matches!(p.ty, Type::Pid | Type::Pid32));
    pids.filter_map(|(i, _)| context.event.int(i)).filter(|&n| n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_needs_others_up_to_an_event() {
        let mut needed = Needed::default();
        for (place, (process, other)) in
            [(4, 3), (3, 2), (2, 3), (9, 4), (8, 7), (4, 5)].into_iter().enumerate()
        {
            needed.add(process, other, place);
        }
        needed.wanted.extend([(4, 10), (5, 20)]);
        assert_eq!(needed.resolve(), HashMap::from([(4, 10), (3, 2), (2, 1), (5, 20)]));
    }
}
