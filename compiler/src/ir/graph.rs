//! Slots, predicates and nodes of a program, interned on demand.
//!
//! INVARIANT: a node's children have smaller numbers than itself; the first two nodes are `true` and `false`.

use super::test::Test;
use super::{Node, NodeId, Pred, PredId, Slot, SlotId, SlotKind};
use crate::hir::field::FieldRef;
use crate::schema::Scope;
use std::collections::HashMap;

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// Which scopes a node's predicates have, and roughly which slots.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Uses {
    /// A bit for each slot, by its number modulo 64.
    pub slots: u64,
    /// A bit for each [`Scope`].
    pub scopes: u8,
}

impl Uses {
    fn join(self, other: Self) -> Self {
        Self { slots: self.slots | other.slots, scopes: self.scopes | other.scopes }
    }

    /// The bit of a scope.
    pub fn scope_bit(scope: Scope) -> u8 {
        1 << scope as u8
    }

    /// The bit of a slot.
    pub fn slot_bit(slot: SlotId) -> u64 {
        1 << (slot.0 % 64)
    }

    /// Whether some predicate may be of a slot.
    pub fn may_use(self, slot: SlotId) -> bool {
        self.slots & Self::slot_bit(slot) != 0
    }
}

/// Whether equal predicates and nodes are one.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Sharing {
    /// Each is added anew.
    #[default]
    Off,
    /// Equal ones are one.
    On,
}

/// Slots, predicates and nodes.
#[derive(Clone, Debug)]
pub struct Graph {
    slots: Vec<Slot>,
    preds: Vec<Pred>,
    nodes: Vec<Node>,
    uses: Vec<Uses>,
    sharing: Sharing,
    slot_of: Map<FieldRef, SlotId>,
    slot_named: Map<std::sync::Arc<str>, SlotId>,
    pred_of: Map<Pred, PredId>,
    node_of: Map<Node, NodeId>,
}

impl Default for Graph {
    fn default() -> Self {
        Self::new(Sharing::Off)
    }
}

#[expect(clippy::indexing_slicing, reason = "ids come from this graph")]
impl Graph {
    /// A graph with `true` and `false`.
    pub fn new(sharing: Sharing) -> Self {
        Self {
            slots: Vec::new(),
            preds: Vec::new(),
            nodes: vec![Node::True, Node::False],
            uses: vec![Uses::default(); 2],
            sharing,
            slot_of: Map::default(),
            slot_named: Map::default(),
            pred_of: Map::default(),
            node_of: Map::default(),
        }
    }

    /// The same slots, and nothing else.
    #[must_use]
    pub fn with_slots(&self, sharing: Sharing) -> Self {
        Self {
            slots: self.slots.clone(),
            slot_of: self.slot_of.clone(),
            slot_named: self.slot_named.clone(),
            ..Self::new(sharing)
        }
    }

    /// Takes the slots and predicates out, into a graph without nodes.
    #[must_use]
    pub fn take_preds(&mut self) -> Self {
        Self {
            slots: std::mem::take(&mut self.slots),
            preds: std::mem::take(&mut self.preds),
            slot_of: std::mem::take(&mut self.slot_of),
            slot_named: std::mem::take(&mut self.slot_named),
            pred_of: std::mem::take(&mut self.pred_of),
            ..Self::new(self.sharing)
        }
    }

    /// Whether equal predicates and nodes are one.
    pub fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// All slots.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// All predicates.
    pub fn preds(&self) -> &[Pred] {
        &self.preds
    }

    /// All nodes.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A slot of this graph.
    pub fn slot(&self, id: SlotId) -> &Slot {
        &self.slots[id.index()]
    }

    /// A predicate of this graph.
    pub fn pred(&self, id: PredId) -> &Pred {
        &self.preds[id.index()]
    }

    /// A node of this graph.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// What a node's predicates use.
    pub fn uses(&self, id: NodeId) -> Uses {
        self.uses[id.index()]
    }

    /// The scope of a predicate.
    pub fn scope(&self, id: PredId) -> Scope {
        self.slot(self.pred(id).slot).scope
    }

    /// The slot of a field.
    pub fn field_slot(&mut self, field: &FieldRef, make: impl FnOnce() -> Slot) -> SlotId {
        if let Some(&slot) = self.slot_of.get(field) {
            return slot;
        }
        let slot = self.push_slot(make());
        self.slot_of.insert(field.clone(), slot);
        slot
    }

    /// The slot with this name.
    pub fn named_slot(&mut self, slot: Slot) -> SlotId {
        if let Some(&known) = self.slot_named.get(&slot.name) {
            return known;
        }
        let name = slot.name.clone();
        let id = self.push_slot(slot);
        self.slot_named.insert(name, id);
        id
    }

    /// Adds a slot.
    pub fn push_slot(&mut self, slot: Slot) -> SlotId {
        let id = SlotId(self.slots.len() as u32);
        self.slots.push(slot);
        id
    }

    /// Adds a predicate.
    pub fn add_pred(&mut self, pred: Pred) -> PredId {
        let id = PredId(self.preds.len() as u32);
        if self.sharing == Sharing::On {
            if let Some(&known) = self.pred_of.get(&pred) {
                return known;
            }
            self.pred_of.insert(pred.clone(), id);
        }
        self.preds.push(pred);
        id
    }

    /// Adds a node as it is.
    pub fn add(&mut self, node: Node) -> NodeId {
        match node {
            Node::True => return NodeId::TRUE,
            Node::False => return NodeId::FALSE,
            _ => {}
        }
        if self.sharing == Sharing::On
            && let Some(&known) = self.node_of.get(&node)
        {
            return known;
        }
        let uses = match &node {
            Node::True | Node::False => Uses::default(),
            Node::Pred(pred) => {
                let slot = self.pred(*pred).slot;
                Uses { slots: Uses::slot_bit(slot), scopes: Uses::scope_bit(self.slot(slot).scope) }
            }
            Node::Not(child) => self.uses(*child),
            Node::And(children) | Node::Or(children) => {
                children.iter().fold(Uses::default(), |all, &c| all.join(self.uses(c)))
            }
        };
        let id = NodeId(self.nodes.len() as u32);
        if self.sharing == Sharing::On {
            self.node_of.insert(node.clone(), id);
        }
        self.nodes.push(node);
        self.uses.push(uses);
        id
    }

    /// The node of a predicate.
    pub fn add_check(&mut self, pred: Pred) -> NodeId {
        let pred = self.add_pred(pred);
        self.add(Node::Pred(pred))
    }

    /// The opposite of a node, simplified.
    pub fn not(&mut self, node: NodeId) -> NodeId {
        match (node, self.node(node)) {
            (NodeId::TRUE, _) => NodeId::FALSE,
            (NodeId::FALSE, _) => NodeId::TRUE,
            (_, Node::Not(inner)) => *inner,
            _ => self.add(Node::Not(node)),
        }
    }

    /// `and` (`all`) or `or` of nodes, simplified: constants go, nested ones of the same kind are taken in,
    /// each child counts once, a child and its opposite decide.
    pub fn join(&mut self, all: bool, children: &[NodeId]) -> NodeId {
        let (decides, neutral) =
            if all { (NodeId::FALSE, NodeId::TRUE) } else { (NodeId::TRUE, NodeId::FALSE) };
        let mut kept: Vec<NodeId> = Vec::with_capacity(children.len());
        for &child in children {
            if child == decides {
                return decides;
            }
            if child == neutral {
                continue;
            }
            match self.node(child) {
                Node::And(inner) if all => push_new(&mut kept, inner),
                Node::Or(inner) if !all => push_new(&mut kept, inner),
                _ => push_new(&mut kept, &[child]),
            }
        }
        if kept.iter().any(|&k| matches!(self.node(k), Node::Not(inner) if kept.contains(inner))) {
            return decides;
        }
        match kept.as_slice() {
            [] => neutral,
            [only] => *only,
            _ if all => self.add(Node::And(kept.into())),
            _ => self.add(Node::Or(kept.into())),
        }
    }

    /// Forgets nodes from a number on.
    pub fn truncate(&mut self, nodes: usize) {
        self.nodes.truncate(nodes.max(2));
        self.uses.truncate(nodes.max(2));
        self.node_of.retain(|_, id| id.index() < nodes);
    }

    /// Whether a slot's values can be found: its kind is known.
    pub fn is_bound(&self) -> bool {
        self.slots.iter().all(|s| !matches!(s.kind, SlotKind::Named))
    }

    /// Predicates of each slot.
    pub fn preds_by_slot(&self) -> Vec<Vec<PredId>> {
        let mut by_slot = vec![Vec::new(); self.slots.len()];
        for (at, pred) in (0..).zip(&self.preds) {
            by_slot[pred.slot.index()].push(PredId(at));
        }
        by_slot
    }

    /// Whether a predicate is decided by the reference evaluator.
    pub fn is_reference(&self, id: PredId) -> bool {
        self.pred(id).test == Test::Reference
    }
}

fn push_new(kept: &mut Vec<NodeId>, nodes: &[NodeId]) {
    for &node in nodes {
        if !kept.contains(&node) {
            kept.push(node);
        }
    }
}
