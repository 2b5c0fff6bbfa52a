//! What to ask next in a state.
//!
//! The question that is expected to close the most rules for its cost: for each rule the parts of its `and`
//! that decide it alone count, with the chance that they do. Chances are sampled hit rates where there are
//! enough samples, else guesses by the kind of test. While answers are kept for the process (or the
//! descriptor) only questions about it are asked, a whole slot at a time. For the event itself, a slot that
//! many open rules ask about is looked up at once; below [`INDEX_FROM`] predicates inline comparisons win.

use super::states::StateId;
use super::states::{Caching, PROCESS_SCOPES, State, Step};
use crate::ir::cost::{expected_percent, pred_cost, test_cost};
use crate::ir::graph::Uses;
use crate::ir::{Graph, Node, NodeId, PredId, SlotId};
use crate::schema::Scope;
use std::collections::HashMap;

/// Predicates of one slot from which on one look-up costs less than asking them; the prototypes measured
/// five to six rules.
const INDEX_FROM: usize = 8;
/// What a look-up costs beyond finding the value.
const INDEX_COST: u64 = 30;
/// Samples from which on a hit rate counts.
const ENOUGH: u32 = 256;

/// How often a predicate was asked, and how often it held.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Rate {
    pub(crate) asked: u32,
    pub(crate) held: u32,
}

impl Rate {
    fn percent(self) -> Option<u32> {
        (self.asked >= ENOUGH).then(|| (u64::from(self.held) * 100 / u64::from(self.asked)) as u32)
    }
}

/// What speaks for a predicate.
#[derive(Copy, Clone, Default)]
struct Gain {
    /// Rules that its answer `false` closes, times [`UNIT`].
    when_false: u64,
    /// Rules that its answer `true` closes.
    when_true: u64,
}

/// Weight of one rule.
const UNIT: u64 = 64;

/// The next step of a state that has open rules.
pub(crate) fn step(graph: &Graph, state: &State, rates: &[Rate]) -> Step {
    let stage = match state.caching {
        Caching::Nothing => u8::MAX,
        _ if state.scopes & PROCESS_SCOPES != 0 => PROCESS_SCOPES,
        Caching::ProcessAndFd if state.scopes & Uses::scope_bit(Scope::Fd) != 0 => Uses::scope_bit(Scope::Fd),
        _ => u8::MAX,
    };
    let mut gains: HashMap<PredId, Gain, foldhash::fast::FixedState> = HashMap::default();
    for rule in &state.open {
        parts(graph, rule.root, true, UNIT, stage, &mut gains);
    }
    if stage != u8::MAX {
        let mut by_slot: HashMap<SlotId, u64, foldhash::fast::FixedState> = HashMap::default();
        for (&pred, &gain) in &gains {
            let slot = graph.pred(pred).slot;
            *by_slot.entry(slot).or_default() += score(graph, pred, gain, rates, 1);
        }
        let best = by_slot.iter().max_by_key(|&(&slot, &gain)| {
            (gain / u64::from(graph.slot(slot).cost.max(1)), std::cmp::Reverse(slot))
        });
        let slot = best.map(|(&slot, _)| slot).or_else(|| any_slot(graph, state, stage));
        return slot.map_or(Step::Done, |slot| Step::Class(slot, Vec::new()));
    }
    let mut by_slot: HashMap<SlotId, (usize, u64), foldhash::fast::FixedState> = HashMap::default();
    let mut best: Option<(u64, PredId)> = None;
    for (&pred, &gain) in &gains {
        let slot = graph.pred(pred).slot;
        let (count, sum) = by_slot.entry(slot).or_default();
        *count += 1;
        *sum += score(graph, pred, gain, rates, 1);
        let scored = score(graph, pred, gain, rates, u64::from(pred_cost(graph, pred)));
        if best.is_none_or(|(s, p)| (scored, std::cmp::Reverse(pred)) > (s, std::cmp::Reverse(p))) {
            best = Some((scored, pred));
        }
    }
    let index = by_slot.iter().filter(|(_, (count, _))| *count >= INDEX_FROM).map(|(&slot, &(_, sum))| {
        (sum / (u64::from(graph.slot(slot).cost) + INDEX_COST), std::cmp::Reverse(slot))
    });
    if let Some((scored, std::cmp::Reverse(slot))) = index.max()
        && best.is_none_or(|(s, _)| scored >= s || graph_asks_slot(graph, best, slot))
    {
        return Step::Class(slot, Vec::new());
    }
    let pred = best.map(|(_, pred)| pred).or_else(|| any_pred(graph, state));
    pred.map_or(Step::Done, |pred| Step::Pred(pred, [StateId::UNKNOWN; 2]))
}

/// Whether the best single question is about a slot that is worth a look-up.
fn graph_asks_slot(graph: &Graph, best: Option<(u64, PredId)>, slot: SlotId) -> bool {
    best.is_some_and(|(_, pred)| graph.pred(pred).slot == slot)
}

/// Expected rules closed, divided by a cost.
fn score(graph: &Graph, pred: PredId, gain: Gain, rates: &[Rate], cost: u64) -> u64 {
    let sampled = rates.get(pred.index()).and_then(|r| r.percent());
    let percent = u64::from(sampled.unwrap_or_else(|| expected_percent(&graph.pred(pred).test)).min(100));
    (gain.when_false * (100 - percent) + gain.when_true * percent) * 16 / cost.max(1)
}

/// Counts the predicates that decide a node. `kills`: the value of the node that closes its rule is `false`.
fn parts(
    graph: &Graph,
    id: NodeId,
    positive: bool,
    weight: u64,
    stage: u8,
    gains: &mut HashMap<PredId, Gain, foldhash::fast::FixedState>,
) {
    if weight == 0 || graph.uses(id).scopes & stage == 0 {
        return;
    }
    match graph.node(id) {
        Node::True | Node::False => {}
        Node::Pred(pred) => {
            if Uses::scope_bit(graph.scope(*pred)) & stage == 0 {
                return;
            }
            let gain = gains.entry(*pred).or_default();
            if positive {
                gain.when_false += weight;
            } else {
                gain.when_true += weight;
            }
        }
        Node::Not(child) => parts(graph, *child, !positive, weight, stage, gains),
        // each part of an `and` decides it; an `or` is decided when all its parts are
        Node::And(children) | Node::Or(children) => {
            let decides = matches!(graph.node(id), Node::And(_)) == positive;
            let share = if decides { weight } else { weight / (2 * children.len() as u64).max(1) };
            for &child in children {
                parts(graph, child, positive, share, stage, gains);
            }
        }
    }
}

/// Some slot of a stage that the open rules ask about.
fn any_slot(graph: &Graph, state: &State, stage: u8) -> Option<SlotId> {
    let wanted = |pred: PredId| Uses::scope_bit(graph.scope(pred)) & stage != 0;
    state.open.iter().find_map(|rule| find(graph, rule.root, &wanted)).map(|pred| graph.pred(pred).slot)
}

/// The cheapest of some predicates that the first open rule asks about.
fn any_pred(graph: &Graph, state: &State) -> Option<PredId> {
    state.open.iter().find_map(|rule| find(graph, rule.root, &|_| true))
}

fn find(graph: &Graph, id: NodeId, wanted: &dyn Fn(PredId) -> bool) -> Option<PredId> {
    match graph.node(id) {
        Node::True | Node::False => None,
        Node::Pred(pred) => Some(*pred).filter(|p| wanted(*p)),
        Node::Not(child) => find(graph, *child, wanted),
        Node::And(children) | Node::Or(children) => {
            let found = children.iter().filter_map(|&c| find(graph, c, wanted));
            found.min_by_key(|p| (test_cost(&graph.pred(*p).test), *p))
        }
    }
}
