//! Predicates made ready to be asked many times.
//!
//! In: a [`Pred`]. Out: [`Ready`], with the same answers as [`Test::holds`] for each value: sets are searched by
//! length and bytes, prefixes and suffixes are tries, substrings are searched in one pass. Asking allocates
//! nothing.

use super::test::Test;
use super::trie::Trie;
use super::{Graph, Pred};
use crate::syntax::ast::Op;
use crate::value::{FieldValue, Found};
use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;
use std::sync::OnceLock;

/// A predicate made ready.
#[derive(Debug)]
pub struct Ready {
    test: Test,
    /// Made when it is first asked for: most predicates of a large ruleset never are.
    what: OnceLock<What>,
    /// Every value must pass, not just one.
    every: bool,
}

#[derive(Debug)]
enum What {
    Exists,
    Contains(Box<Finder<'static>>),
    Set(TextSet),
    Prefixes(Trie),
    Suffixes(Trie),
    Substrings(AhoCorasick),
    Any(Vec<What>),
    Plain(Test),
}

impl What {
    fn new(test: &Test) -> Self {
        match test {
            Test::Exists => Self::Exists,
            Test::Text(Op::Contains, text) => Self::Contains(Box::new(Finder::new(text).into_owned())),
            Test::Texts(Op::Eq, all) => Self::Set(TextSet::new(all)),
            Test::Texts(Op::StartsWith, all) => Self::Prefixes(Trie::new(all.iter().map(|t| (&**t, 0)))),
            Test::Texts(Op::EndsWith, all) => {
                let mut trie = Trie::default();
                all.iter().for_each(|t| trie.insert(t.iter().rev().copied(), 0));
                Self::Suffixes(trie)
            }
            Test::Texts(op @ (Op::Contains | Op::IContains), all) => substrings(all, *op == Op::IContains)
                .map_or_else(|| Self::Plain(test.clone()), Self::Substrings),
            Test::Any(all) => Self::Any(all.iter().map(Self::new).collect()),
            other => Self::Plain(other.clone()),
        }
    }

    fn holds(&self, value: &FieldValue<'_>) -> bool {
        let text = match value {
            FieldValue::Text(t) | FieldValue::Bytes(t) => Some(t),
            _ => None,
        };
        match (self, text) {
            (Self::Exists, _) => true,
            (Self::Contains(finder), Some(t)) => finder.find(t).is_some(),
            (Self::Set(set), Some(t)) => set.contains(t),
            (Self::Prefixes(trie), Some(t)) => trie.has_prefix_of(t.iter().copied()),
            (Self::Suffixes(trie), Some(t)) => trie.has_prefix_of(t.iter().rev().copied()),
            (Self::Substrings(all), Some(t)) => all.is_match(&**t),
            (Self::Any(all), _) => all.iter().any(|w| w.holds(value)),
            (Self::Plain(test), _) => test.holds(value),
            _ => false,
        }
    }
}

/// A search for any of some texts; `None` if they are too many to be searched for at once.
pub(crate) fn substrings<T: AsRef<[u8]>>(all: &[T], fold: bool) -> Option<AhoCorasick> {
    AhoCorasick::builder().ascii_case_insensitive(fold).build(all).ok()
}

impl Ready {
    /// Makes a predicate ready.
    pub fn new(pred: &Pred) -> Self {
        Self { test: pred.test.clone(), what: OnceLock::new(), every: pred.every }
    }

    #[inline]
    fn what(&self) -> &What {
        self.what.get_or_init(|| What::new(&self.test))
    }

    /// All predicates of a graph, by number.
    pub fn all(graph: &Graph) -> Vec<Self> {
        graph.preds().iter().map(Self::new).collect()
    }

    /// Whether a field's values pass. Never without a value.
    pub fn holds(&self, found: &Found<'_>) -> bool {
        match found {
            Found::Nothing | Found::Zero(..) => false,
            Found::One(value) | Found::Typed(_, _, value) => self.what().holds(value),
            Found::Many(_) if self.test == Test::Exists => true,
            Found::Many(values) if self.every => values.iter().all(|v| self.what().holds(v)),
            Found::Many(values) => values.iter().any(|v| self.what().holds(v)),
        }
    }
}

/// Texts sorted by length, then by their bytes.
#[derive(Clone, Debug)]
pub struct TextSet {
    /// A bit for each length that occurs; the last one for all from 63 on.
    lengths: u64,
    sorted: Box<[Box<[u8]>]>,
}

impl TextSet {
    /// A set of texts.
    pub fn new(texts: &[Box<[u8]>]) -> Self {
        let mut sorted = texts.to_vec();
        sorted.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        sorted.dedup();
        let lengths = sorted.iter().fold(0, |bits, t| bits | Self::bit(t.len()));
        Self { lengths, sorted: sorted.into() }
    }

    fn bit(len: usize) -> u64 {
        1 << len.min(63)
    }

    /// Whether a text is in the set.
    pub fn contains(&self, text: &[u8]) -> bool {
        self.lengths & Self::bit(text.len()) != 0
            && self
                .sorted
                .binary_search_by(|t| t.len().cmp(&text.len()).then_with(|| (**t).cmp(text)))
                .is_ok()
    }
}
