//! Equal predicates and nodes become one, over all rules.

use super::super::Program;
use super::super::graph::Sharing;

pub(super) fn run(program: &mut Program) {
    let old = std::mem::take(&mut program.graph);
    let new = old.with_slots(Sharing::On);
    let pred = |new: &mut super::Graph, id| new.add_pred(old.pred(id).clone());
    super::replace(program, &old, new, &pred, super::plain);
}
