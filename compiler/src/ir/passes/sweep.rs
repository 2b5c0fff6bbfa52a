//! Predicates and slots that no rule needs go: those of other event types, those that were merged.

use super::super::{Graph, Pred, PredId, Program, SlotId};
use std::cell::RefCell;
use std::collections::HashMap;

pub(super) fn run(program: &mut Program) {
    let old = std::mem::take(&mut program.graph);
    let new = Graph::new(old.sharing());
    let slots: RefCell<HashMap<SlotId, SlotId, foldhash::fast::FixedState>> = RefCell::default();
    let pred = |new: &mut Graph, id: PredId| {
        let Pred { slot, every, test } = old.pred(id).clone();
        let slot = *slots.borrow_mut().entry(slot).or_insert_with(|| new.push_slot(old.slot(slot).clone()));
        new.add_pred(Pred { slot, every, test })
    };
    super::replace(program, &old, new, &pred, super::plain);
}
