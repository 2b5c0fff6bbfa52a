//! Which predicates of a slot hold, as a number.
//!
//! In: a slot's values. Out: its *class*: values have the same class exactly when the same predicates of the
//! slot hold for them. However many predicates there are, finding the class takes one look-up for equalities,
//! one walk for prefixes and one for suffixes, one pass for substrings; only patterns and orders are asked one
//! by one. This is the required-literal index, and what a process keeps as facts.
//!
//! Nothing is allocated for a class that was seen before.

use super::memory::Memory;
use crate::ir::ready::{Ready, substrings};
use crate::ir::test::Test;
use crate::ir::trie::Trie;
use crate::ir::{Graph, PredId};
use crate::syntax::ast::Op;
use crate::value::{FieldValue, Found};
use aho_corasick::AhoCorasick;
use std::collections::HashMap;
use std::net::IpAddr;

/// Seeded, because its keys may come from an attacker.
type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A class of a slot's values; 0 is that for which nothing holds, that of no value too.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Class(pub(crate) u32);

/// Predicates from which on it pays to remember texts, if looking them up is all there is to do.
const MANY_PREDS: usize = 8;

/// Position of a predicate among those of its slot.
type Place = u32;

/// Finds the class of a slot's values.
#[derive(Debug, Default)]
pub(crate) struct Classifier {
    preds: Vec<PredId>,
    /// The look-ups below are made: most slots of a large ruleset are never looked up.
    made: bool,
    /// Lengths of the texts in `equal`: a bit each, the last one for all from 63 on.
    lengths: u64,
    equal: Map<Box<[u8]>, Vec<Place>>,
    /// Integers by their bits.
    numbers: Map<u64, Vec<Place>>,
    addresses: Map<IpAddr, Vec<Place>>,
    prefixes: Trie,
    suffixes: Trie,
    contains: Option<Substrings>,
    contains_folded: Option<Substrings>,
    /// There is a value.
    exists: Vec<Place>,
    /// Asked one by one.
    others: Vec<Place>,
    /// Class by what holds.
    classes: Map<Box<[Place]>, Class>,
    /// What holds, by class; sorted.
    members: Vec<Box<[Place]>>,
    holding: Vec<Place>,
    /// Classes of texts seen lately, if finding them costs more than remembering.
    memory: Memory,
    is_dear: bool,
    asked: u64,
    found: u64,
}

/// Searches for all substrings at once.
#[derive(Debug)]
struct Substrings {
    all: AhoCorasick,
    /// Predicates of each substring.
    places: Vec<Vec<Place>>,
}

/// Texts and the predicates that ask for them.
#[derive(Default)]
struct Needles {
    texts: Vec<Box<[u8]>>,
    places: Vec<Vec<Place>>,
    known: HashMap<Box<[u8]>, usize>,
}

impl Needles {
    fn add(&mut self, text: &[u8], place: Place) {
        let at = *self.known.entry(text.into()).or_insert(self.texts.len());
        if at == self.texts.len() {
            self.texts.push(text.into());
            self.places.push(Vec::new());
        }
        if let Some(places) = self.places.get_mut(at) {
            places.push(place);
        }
    }

    /// The searcher; the predicates themselves if there are too many texts for one.
    fn finish(self, fold: bool, others: &mut Vec<Place>) -> Option<Substrings> {
        if self.texts.is_empty() {
            return None;
        }
        if let Some(all) = substrings(&self.texts, fold) {
            return Some(Substrings { all, places: self.places });
        }
        others.extend(self.places.into_iter().flatten());
        None
    }
}

fn length_bit(len: usize) -> u64 {
    1 << len.min(63)
}

impl Classifier {
    /// For the predicates of a slot.
    pub(crate) fn new(preds: Vec<PredId>) -> Self {
        let mut new = Self { preds, ..Self::default() };
        new.class_of_holding();
        new
    }

    #[cold]
    fn make(&mut self, graph: &Graph) {
        self.made = true;
        let new = self;
        let (mut contains, mut folded) = (Needles::default(), Needles::default());
        for (place, id) in (0..).zip(new.preds.clone()) {
            let pred = graph.pred(id);
            match &pred.test {
                _ if pred.every => new.others.push(place),
                Test::Exists => new.exists.push(place),
                Test::Text(op, text) => new.text(*op, text, place, &mut contains, &mut folded),
                Test::Texts(op, all) => {
                    all.iter().for_each(|t| new.text(*op, t, place, &mut contains, &mut folded));
                }
                Test::Int(Op::Eq, n) => new.number(n.cast_unsigned(), place),
                Test::Uint(Op::Eq, n) => new.number(*n, place),
                Test::Ints(all) => all.iter().for_each(|n| new.number(n.cast_unsigned(), place)),
                Test::Uints(all) => all.iter().for_each(|n| new.number(*n, place)),
                Test::Ip(Op::Eq, ip) => new.addresses.entry(*ip).or_default().push(place),
                _ => new.others.push(place),
            }
        }
        new.contains = contains.finish(false, &mut new.others);
        new.contains_folded = folded.finish(true, &mut new.others);
        new.others.sort_unstable();
        new.others.dedup();
        let searched = new.contains.is_some() || new.contains_folded.is_some() || !new.others.is_empty();
        new.is_dear = searched || new.preds.len() >= MANY_PREDS;
    }

    fn text(&mut self, op: Op, text: &[u8], place: Place, contains: &mut Needles, folded: &mut Needles) {
        match op {
            Op::Eq => {
                self.lengths |= length_bit(text.len());
                self.equal.entry(text.into()).or_default().push(place);
            }
            Op::StartsWith => self.prefixes.insert(text.iter().copied(), place),
            Op::EndsWith => self.suffixes.insert(text.iter().rev().copied(), place),
            Op::Contains => contains.add(text, place),
            Op::IContains => folded.add(text, place),
            _ => self.others.push(place),
        }
    }

    fn number(&mut self, bits: u64, place: Place) {
        self.numbers.entry(bits).or_default().push(place);
    }

    /// Times that a class was asked for.
    pub(crate) fn asked(&self) -> u64 {
        self.asked
    }

    /// Times that something held.
    pub(crate) fn found(&self) -> u64 {
        self.found
    }

    /// Number of classes seen.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// The class of some values. A text that was seen lately is not searched again.
    pub(crate) fn class(&mut self, graph: &Graph, found: &Found<'_>, ready: &[Ready]) -> Class {
        if !self.made {
            self.make(graph);
        }
        self.asked += 1;
        if self.is_dear
            && let Found::One(FieldValue::Text(text)) = *found
        {
            if let Some(class) = self.memory.get(text) {
                self.found += u64::from(class != Class(0));
                return class;
            }
            let class = self.search(found, ready);
            self.memory.put(text, class);
            return class;
        }
        self.search(found, ready)
    }

    fn search(&mut self, found: &Found<'_>, ready: &[Ready]) -> Class {
        self.holding.clear();
        match found {
            Found::Nothing | Found::Zero(..) => return Class(0),
            Found::One(value) | Found::Typed(_, _, value) => self.value(value),
            Found::Many(values) => values.iter().for_each(|v| self.value(v)),
        }
        self.holding.extend_from_slice(&self.exists);
        for &place in &self.others {
            let pred = self.preds.get(place as usize).and_then(|p| ready.get(p.index()));
            if pred.is_some_and(|p| p.holds(found)) {
                self.holding.push(place);
            }
        }
        self.found += u64::from(!self.holding.is_empty());
        self.class_of_holding()
    }

    /// The class of a single predicate's answer, for slots of checks.
    pub(crate) fn class_of(&mut self, holds: bool) -> Class {
        self.holding.clear();
        if holds {
            self.holding.extend(0..self.preds.len() as u32);
        }
        self.class_of_holding()
    }

    fn class_of_holding(&mut self) -> Class {
        if self.holding.is_empty() && !self.members.is_empty() {
            return Class(0);
        }
        if self.holding.len() > 1 {
            self.holding.sort_unstable();
            self.holding.dedup();
        }
        if let Some(&class) = self.classes.get(self.holding.as_slice()) {
            return class;
        }
        let class = Class(self.members.len() as u32);
        self.classes.insert(self.holding.as_slice().into(), class);
        self.members.push(self.holding.as_slice().into());
        class
    }

    fn value(&mut self, value: &FieldValue<'_>) {
        let holding = &mut self.holding;
        match value {
            FieldValue::Text(text) | FieldValue::Bytes(text) => {
                let text: &[u8] = text;
                if self.lengths & length_bit(text.len()) != 0
                    && let Some(places) = self.equal.get(text)
                {
                    holding.extend_from_slice(places);
                }
                self.prefixes.walk(text.iter().copied(), |place| holding.push(place));
                self.suffixes.walk(text.iter().rev().copied(), |place| holding.push(place));
                for search in [&self.contains, &self.contains_folded].into_iter().flatten() {
                    let Ok(matches) = search.all.try_find_overlapping_iter(text) else { continue };
                    for found in matches {
                        let places = search.places.get(found.pattern().as_usize());
                        holding.extend_from_slice(places.map_or(&[], Vec::as_slice));
                    }
                }
            }
            FieldValue::Int(n) => holding.extend(self.numbers.get(&n.cast_unsigned()).into_iter().flatten()),
            FieldValue::Uint(n) => holding.extend(self.numbers.get(n).into_iter().flatten()),
            FieldValue::Ip(ip) => holding.extend(self.addresses.get(ip).into_iter().flatten()),
            FieldValue::Bool(_) | FieldValue::Double(_) | FieldValue::Opaque => {}
        }
    }

    /// Whether a predicate of this slot holds for values of a class.
    pub(crate) fn holds(&self, class: Class, pred: PredId) -> bool {
        let Ok(place) = self.preds.binary_search(&pred) else { return false };
        let members = self.members.get(class.0 as usize);
        members.is_some_and(|m| m.binary_search(&(place as u32)).is_ok())
    }

    /// Forgets the classes seen.
    pub(crate) fn forget(&mut self) {
        self.classes.clear();
        self.members.clear();
        self.holding.clear();
        self.memory.clear();
        self.class_of_holding();
    }
}

/// One for each slot.
pub(crate) fn all(graph: &Graph) -> Vec<Classifier> {
    graph.preds_by_slot().into_iter().map(Classifier::new).collect()
}
