//! Which states become native code, and when.
//!
//! Events that come to a state and have to go on from there are counted. When there are enough, what they walk is
//! taken out as a [`Unit`] of plain data: known states that a fair share of them reaches. A [`Job`] can be
//! compiled on any thread; its result is put in at an event boundary, or dropped if the states have been
//! forgotten since.

use super::states::{StateId, States, Step};
use crate::codegen::unit::{Block, Target, Unit};
use crate::codegen::{Code, CompileError, Compiler};
use std::collections::HashMap;

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

/// The states that are reached from a first one often enough.
fn unit(states: &States, first: StateId) -> Unit {
    let visits = states.get(first).map_or(0, |s| s.visits);
    let least = (visits / SHARE).max(1);
    let mut order = Vec::new();
    let mut seen: HashMap<StateId, bool> = HashMap::new();
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
fn walk(
    states: &States,
    id: StateId,
    least: u32,
    seen: &mut HashMap<StateId, bool>,
    order: &mut Vec<StateId>,
) {
    let Some(state) = states.get(id) else { return };
    if seen.len() >= MOST_BLOCKS || state.visits < least || seen.contains_key(&id) {
        return;
    }
    let next: Vec<StateId> = match &state.step {
        Step::Unknown | Step::Done => return,
        Step::Pred(_, next) => next.to_vec(),
        Step::Class(_, next) => next.iter().map(|(_, n)| *n).collect(),
    };
    seen.insert(id, true);
    for next in next {
        walk(states, next, least, seen, order);
    }
    order.push(id);
}
