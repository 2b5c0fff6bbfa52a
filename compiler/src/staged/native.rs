//! Which states become native code, and when.
//!
//! Events that come to a state and have to go on from there are counted. When there are enough, what they walk is
//! taken out as a [`Unit`] of plain data: known states that a fair share of them reaches. A [`Job`] can be
//! compiled on any thread; its result is put in at an event boundary, or dropped if the states have been
//! forgotten since.

use super::Staged;
use super::evaluate::class_of;
use super::states::{State, StateId, States, Step};
use crate::codegen::unit::{Block, Target, Unit};
use crate::codegen::{Call, Code, CompileError, Compiler};
use crate::interp::Fields;
use std::collections::{HashMap, HashSet};

/// Blocks of one unit.
const MOST_BLOCKS: usize = 128;
/// A state is part of a unit if at least one of so many events of the first state comes to it.
const SHARE: u32 = 256;

/// What there is of a state as native code.
#[derive(Debug, Default)]
pub(crate) enum Native {
    /// Nothing.
    #[default]
    Not,
    /// It is being compiled, or cannot be.
    Asked,
    /// The code.
    Code(Box<Code>),
}

/// States to be compiled.
#[derive(Debug)]
pub struct Job {
    pub(super) epoch: u64,
    pub(super) state: StateId,
    unit: Unit,
}

/// A compiled job.
#[derive(Debug)]
pub struct Compiled {
    pub(super) epoch: u64,
    pub(super) state: StateId,
    pub(super) code: Result<Code, CompileError>,
}

impl Job {
    pub(super) fn new(states: &States, epoch: u64, state: StateId) -> Self {
        Self { epoch, state, unit: unit(states, state) }
    }

    /// Makes the code.
    pub fn compile(self, compiler: &Compiler) -> Compiled {
        Compiled { epoch: self.epoch, state: self.state, code: compiler.compile(&self.unit) }
    }
}

impl Staged {
    /// The state after all answers.
    pub(super) fn event_stage<'a>(&mut self, from: StateId, fields: &impl Fields<'a>) -> StateId {
        let mut at = from;
        loop {
            let Some(state) = self.states.get(at) else { return at };
            if matches!(state.step, Step::Done) {
                return at;
            }
            let Native::Code(code) = &state.code else {
                self.ask_for_code(at);
                return self.interpret(at, fields);
            };
            let Self { schema, program, ready, classifiers, values, .. } = self;
            let graph = &program.graph;
            let call = Call {
                fields,
                schema,
                slots: graph.slots(),
                slot_of: &|pred| graph.pred(pred).slot,
                ready,
                classify: &mut |slot| class_of(classifiers, schema, graph, ready, slot, fields).0,
            };
            let Some(to) = call.run(code, values) else { return self.interpret(at, fields) };
            let to = StateId(to);
            if matches!(self.states.get(to), Some(State { step: Step::Done, .. })) {
                return to;
            }
            self.counters.exits += 1;
            if to == at {
                return self.interpret(at, fields);
            }
            at = to;
        }
    }

    /// Asks for native code of a state that events go on from, if there have been enough of them.
    fn ask_for_code(&mut self, at: StateId) {
        let (Some(after), Some(state)) = (self.options.native_after, self.states.get_mut(at)) else { return };
        if state.visits < after || !matches!(state.code, Native::Not) {
            return;
        }
        state.code = Native::Asked;
        let job = Job::new(&self.states, self.epoch, at);
        self.jobs.push(job);
    }

    /// States that are to be compiled. Each job is given out once.
    pub fn take_jobs(&mut self) -> Vec<Job> {
        std::mem::take(&mut self.jobs)
    }

    /// Whether there are states to be compiled.
    pub fn has_jobs(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// Puts compiled code in its place. Call it between events.
    pub fn install(&mut self, compiled: Compiled) {
        let Ok(code) = compiled.code else {
            self.counters.refused += 1;
            return;
        };
        self.counters.functions += 1;
        self.counters.code_bytes += code.bytes() as u64;
        if compiled.epoch == self.epoch
            && let Some(state) = self.states.get_mut(compiled.state)
        {
            state.code = Native::Code(Box::new(code));
        }
    }
}

/// The states that are reached from a first one often enough.
fn unit(states: &States, first: StateId) -> Unit {
    let visits = states.get(first).map_or(0, |s| s.visits);
    let least = (visits / SHARE).max(1);
    let mut order = Vec::new();
    let mut seen = HashSet::new();
    walk(states, first, least, &mut seen, &mut order);
    order.reverse();
    let number: HashMap<StateId, u32> = order.iter().copied().zip(0..).collect();
    let target = |id: StateId, from: StateId| match number.get(&id) {
        Some(&block) => Target::Block(block),
        // an answer that was never seen: the state that asks, where it is asked again
        None => Target::Exit(id.known().unwrap_or(from).0),
    };
    let blocks = order.iter().filter_map(|&id| {
        Some(match &states.get(id)?.step {
            Step::Pred(pred, next) => Block::Pred {
                id: *pred,
                pred: states.graph.pred(*pred).clone(),
                next: next.map(|n| target(n, id)),
            },
            Step::Class(slot, next) => Block::Class {
                slot: *slot,
                arms: next.iter().map(|(class, n)| (class.0, target(*n, id))).collect(),
                other: id.0,
            },
            Step::Unknown | Step::Done => return None,
        })
    });
    Unit { blocks: blocks.collect() }
}

/// States in post-order.
fn walk(states: &States, id: StateId, least: u32, seen: &mut HashSet<StateId>, order: &mut Vec<StateId>) {
    let Some(state) = states.get(id) else { return };
    if seen.len() >= MOST_BLOCKS || state.visits < least || seen.contains(&id) {
        return;
    }
    let next: Vec<StateId> = match &state.step {
        Step::Unknown | Step::Done => return,
        Step::Pred(_, next) => next.to_vec(),
        Step::Class(_, next) => next.iter().map(|(_, n)| *n).collect(),
    };
    seen.insert(id);
    for next in next {
        walk(states, next, least, seen, order);
    }
    order.push(id);
}
