//! What is to be compiled, as plain data.

use crate::ir::{Pred, PredId, SlotId};

/// Where an answer leads.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    /// To a block of the unit, which comes later in it.
    Block(u32),
    /// Out of the unit, to a state.
    Exit(u32),
}

/// A question.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    /// Whether a predicate holds.
    Pred {
        /// Its number, for the helper.
        id: PredId,
        /// What it asks.
        pred: Pred,
        /// If not, and if so.
        next: [Target; 2],
    },
    /// The class of a slot's values.
    Class {
        /// The slot.
        slot: SlotId,
        /// Known classes.
        arms: Vec<(u32, Target)>,
        /// The state to go to for all other classes: the one that asks.
        other: u32,
    },
}

/// A part of a decision DAG; the first block is its begin, and blocks come before those they lead to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unit {
    /// Questions.
    pub(crate) blocks: Vec<Block>,
}

impl Unit {
    /// Slots that it asks about lie below this.
    pub(crate) fn slots(&self) -> usize {
        let slot = |block: &Block| match block {
            Block::Pred { pred, .. } => pred.slot.index() + 1,
            Block::Class { slot, .. } => slot.index() + 1,
        };
        self.blocks.iter().map(slot).max().unwrap_or(0)
    }

    /// For each block the slots whose values are there on every way to it.
    pub(crate) fn found_before(&self) -> Vec<Vec<SlotId>> {
        let mut before: Vec<Option<Vec<SlotId>>> = vec![None; self.blocks.len()];
        if let Some(first) = before.first_mut() {
            *first = Some(Vec::new());
        }
        for (at, block) in self.blocks.iter().enumerate() {
            let mut after = before.get(at).cloned().flatten().unwrap_or_default();
            let targets: Vec<Target> = match block {
                Block::Pred { pred, next, .. } => {
                    if !after.contains(&pred.slot) {
                        after.push(pred.slot);
                    }
                    next.to_vec()
                }
                // the helper that classifies keeps no value
                Block::Class { arms, .. } => arms.iter().map(|(_, t)| *t).collect(),
            };
            for target in targets {
                let Target::Block(to) = target else { continue };
                let Some(slot) = before.get_mut(to as usize) else { continue };
                match slot {
                    Some(known) => known.retain(|s| after.contains(s)),
                    None => *slot = Some(after.clone()),
                }
            }
        }
        before.into_iter().map(Option::unwrap_or_default).collect()
    }
}
