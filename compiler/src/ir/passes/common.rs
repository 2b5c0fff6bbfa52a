//! Equal predicates and nodes become one, over all rules.

use super::super::Program;
use super::super::graph::Sharing;

pub(super) fn run(program: &mut Program) {
    let graph = program.graph.with_slots(Sharing::On);
    super::rebuild(program, graph, super::plain);
}
