//! States of the decision of an event: the rules that can still match, and what is to be asked next.
//!
//! A state is made of the rules that are known to match and of the open ones with what is left of their
//! conditions. An answer leads to the state in which that answer is put into all of them. Equal states are one,
//! so the states of a bucket are its decision DAG; only what events reach is made.
//!
//! INVARIANT: a state's successor for an answer is the fold of its open rules with that answer; so whatever is
//! asked in whatever order, the last state has the rules that match.

use super::classify::{Class, Classifier};
use crate::ir::graph::Uses;
use crate::ir::{Graph, Node, NodeId, PredId, Program, RuleRoot, SlotId};
use crate::schema::Scope;
use std::collections::HashMap;

/// A state.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct StateId(pub(crate) u32);

impl StateId {
    /// Not known yet.
    pub(crate) const UNKNOWN: Self = Self(u32::MAX);

    pub(crate) fn known(self) -> Option<Self> {
        (self != Self::UNKNOWN).then_some(self)
    }
}

/// What comes next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// To be chosen.
    Unknown,
    /// Nothing: every rule is decided.
    Done,
    /// Whether a predicate holds.
    Pred(PredId, [StateId; 2]),
    /// The class of a slot's values.
    Class(SlotId, Vec<(Class, StateId)>),
}

/// Which answers of a state are kept, and where.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Caching {
    /// None: everything is asked for each event.
    Nothing,
    /// What depends on the process is asked first.
    Process,
    /// What depends on the process, then what depends on the descriptor.
    ProcessAndFd,
}

/// Scopes of what a process keeps.
pub(crate) const PROCESS_SCOPES: u8 =
    1 << Scope::Ruleset as u8 | 1 << Scope::Container as u8 | 1 << Scope::Process as u8;

/// A state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) step: Step,
    pub(crate) caching: Caching,
    /// Scopes of what is left.
    pub(crate) scopes: u8,
    /// Rules that match, in order of definition.
    pub(crate) matched: Box<[u32]>,
    /// Rules that may match, with what is left of them.
    pub(crate) open: Box<[RuleRoot]>,
    /// Events that came here.
    pub(crate) visits: u32,
    /// The state and what follows as native code.
    #[cfg(feature = "jit")]
    pub(crate) code: super::native::Native,
}

impl State {
    /// Whether no rule can match any more, and none does.
    pub(crate) fn is_dead(&self) -> bool {
        self.open.is_empty() && self.matched.is_empty()
    }
}

/// All states.
#[derive(Debug)]
pub(crate) struct States {
    pub(crate) graph: Graph,
    /// Nodes of the program; those from here on were made by folding.
    own_nodes: usize,
    all: Vec<State>,
    known: HashMap<Box<[u32]>, StateId, foldhash::fast::RandomState>,
    memo: HashMap<NodeId, NodeId, foldhash::fast::FixedState>,
    key: Vec<u32>,
    /// Only the first rule that matches counts.
    first_only: bool,
    /// First states, as they were asked for.
    planted: Vec<(Caching, Vec<RuleRoot>)>,
    /// States made in all.
    made: u64,
}

impl States {
    pub(crate) fn new(program: &Program, first_only: bool) -> Self {
        let graph = program.graph.clone();
        Self {
            own_nodes: graph.nodes().len(),
            graph,
            all: Vec::new(),
            known: HashMap::default(),
            memo: HashMap::default(),
            key: Vec::new(),
            first_only,
            planted: Vec::new(),
            made: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// States made in all, forgotten ones included.
    pub(crate) fn made(&self) -> u64 {
        self.made
    }

    /// Nodes made by folding.
    pub(crate) fn made_nodes(&self) -> usize {
        self.graph.nodes().len() - self.own_nodes
    }

    #[inline]
    pub(crate) fn get(&self, id: StateId) -> Option<&State> {
        self.all.get(id.0 as usize)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, id: StateId) -> Option<&mut State> {
        self.all.get_mut(id.0 as usize)
    }

    /// Whether no rule can match any more, and none does.
    #[inline]
    pub(crate) fn dead(&self, id: StateId) -> bool {
        self.get(id).is_none_or(State::is_dead)
    }

    /// The first state of a bucket.
    pub(crate) fn root(&mut self, caching: Caching, rules: &[RuleRoot]) -> StateId {
        self.planted.push((caching, rules.to_vec()));
        self.start(caching, rules)
    }

    fn start(&mut self, caching: Caching, rules: &[RuleRoot]) -> StateId {
        let (done, open): (Vec<RuleRoot>, Vec<RuleRoot>) = rules.iter().partition(|r| r.root == NodeId::TRUE);
        let mut matched: Vec<u32> = done.iter().map(|r| r.rule).collect();
        let mut open = open;
        open.retain(|r| r.root != NodeId::FALSE);
        self.prune(&mut matched, &mut open);
        self.intern(caching, &matched, &open)
    }

    /// The first states, made again after [`States::forget`].
    pub(crate) fn replant(&mut self) -> Vec<StateId> {
        let planted = std::mem::take(&mut self.planted);
        let roots = planted.iter().map(|(caching, rules)| self.start(*caching, rules)).collect();
        self.planted = planted;
        roots
    }

    /// Drops what does not count once a rule matches.
    fn prune(&self, matched: &mut Vec<u32>, open: &mut Vec<RuleRoot>) {
        matched.sort_unstable();
        if self.first_only
            && let Some(&first) = matched.first()
        {
            matched.truncate(1);
            open.retain(|rule| rule.rule < first);
        }
    }

    /// The known state after a class.
    #[inline]
    pub(crate) fn next_class(&self, at: StateId, class: Class) -> Option<StateId> {
        let Step::Class(_, next) = &self.get(at)?.step else { return None };
        if next.len() <= 8 {
            return next.iter().find(|(c, _)| *c == class).map(|(_, s)| *s);
        }
        next.binary_search_by_key(&class, |(c, _)| *c).ok().and_then(|i| next.get(i)).map(|(_, s)| *s)
    }

    /// Forgets all states.
    pub(crate) fn forget(&mut self) {
        self.all.clear();
        self.known.clear();
        self.graph.truncate(self.own_nodes);
    }

    /// The state of some rules.
    pub(crate) fn intern(&mut self, caching: Caching, matched: &[u32], open: &[RuleRoot]) -> StateId {
        self.key.clear();
        self.key.push(caching as u32);
        self.key.push(matched.len() as u32);
        self.key.extend_from_slice(matched);
        self.key.extend(open.iter().flat_map(|r| [r.rule, r.root.0]));
        if let Some(&known) = self.known.get(self.key.as_slice()) {
            return known;
        }
        let scopes = open.iter().fold(0, |bits, r| bits | self.graph.uses(r.root).scopes);
        let id = StateId(self.all.len() as u32);
        self.made += 1;
        self.all.push(State {
            step: if open.is_empty() { Step::Done } else { Step::Unknown },
            caching,
            scopes,
            matched: matched.into(),
            open: open.into(),
            visits: 0,
            #[cfg(feature = "jit")]
            code: super::native::Native::Not,
        });
        self.known.insert(self.key.as_slice().into(), id);
        id
    }

    /// The state after a predicate's answer.
    pub(crate) fn after_pred(&mut self, at: StateId, pred: PredId, holds: bool) -> StateId {
        let slot = self.graph.pred(pred).slot;
        let next = self.after(at, slot, &|p| (p == pred).then_some(holds));
        if let Some(State { step: Step::Pred(_, next_of), .. }) = self.get_mut(at)
            && let Some(place) = next_of.get_mut(usize::from(holds))
        {
            *place = next;
        }
        next
    }

    /// The state after the class of a slot's values is known.
    pub(crate) fn after_class(
        &mut self,
        at: StateId,
        slot: SlotId,
        class: Class,
        of: &Classifier,
    ) -> StateId {
        let next = self.after(at, slot, &|p| Some(of.holds(class, p)));
        if let Some(State { step: Step::Class(_, next_of), .. }) = self.get_mut(at) {
            let place = next_of.partition_point(|(c, _)| *c < class);
            next_of.insert(place, (class, next));
        }
        next
    }

    /// The state in which predicates of a slot have answers.
    fn after(&mut self, at: StateId, slot: SlotId, answer: &dyn Fn(PredId) -> Option<bool>) -> StateId {
        self.memo.clear();
        let Some(state) = self.all.get(at.0 as usize) else { return at };
        let (caching, mut matched) = (state.caching, state.matched.to_vec());
        let open = state.open.clone();
        let mut left = Vec::with_capacity(open.len());
        for rule in open {
            let root = fold(&mut self.graph, &mut self.memo, rule.root, slot, answer);
            match root {
                NodeId::FALSE => {}
                NodeId::TRUE => matched.push(rule.rule),
                root => left.push(RuleRoot { rule: rule.rule, root }),
            }
        }
        self.prune(&mut matched, &mut left);
        self.intern(caching, &matched, &left)
    }
}

/// What is left of a node when predicates of a slot have answers.
fn fold(
    graph: &mut Graph,
    memo: &mut HashMap<NodeId, NodeId, foldhash::fast::FixedState>,
    id: NodeId,
    slot: SlotId,
    answer: &dyn Fn(PredId) -> Option<bool>,
) -> NodeId {
    let uses: Uses = graph.uses(id);
    if !uses.may_use(slot) {
        return id;
    }
    if let Node::Pred(pred) = graph.node(id) {
        if graph.pred(*pred).slot != slot {
            return id;
        }
        return match answer(*pred) {
            Some(true) => NodeId::TRUE,
            Some(false) => NodeId::FALSE,
            None => id,
        };
    }
    if let Some(&known) = memo.get(&id) {
        return known;
    }
    let result = match graph.node(id) {
        Node::True | Node::False | Node::Pred(_) => id,
        Node::Not(child) => {
            let child = *child;
            let folded = fold(graph, memo, child, slot, answer);
            if folded == child { id } else { graph.not(folded) }
        }
        Node::And(children) => join(graph, memo, id, true, &children.clone(), slot, answer),
        Node::Or(children) => join(graph, memo, id, false, &children.clone(), slot, answer),
    };
    memo.insert(id, result);
    result
}

fn join(
    graph: &mut Graph,
    memo: &mut HashMap<NodeId, NodeId, foldhash::fast::FixedState>,
    id: NodeId,
    all: bool,
    children: &[NodeId],
    slot: SlotId,
    answer: &dyn Fn(PredId) -> Option<bool>,
) -> NodeId {
    let decides = if all { NodeId::FALSE } else { NodeId::TRUE };
    let mut folded = Vec::with_capacity(children.len());
    let mut changed = false;
    for &child in children {
        let new = fold(graph, memo, child, slot, answer);
        if new == decides {
            return decides;
        }
        changed |= new != child;
        folded.push(new);
    }
    if changed { graph.join(all, &folded) } else { id }
}
