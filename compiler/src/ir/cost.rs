//! What a predicate costs, and how often it is expected to hold.
//!
//! Costs are in loads and matter relative to each other only; expectations are guesses by the kind of test
//! until hit rates have been sampled. The figures follow the measured prototypes: a comparison of a word
//! costs about 3 instructions, a set of texts 20 to 30, a search of a text 12 ns a needle.

use super::test::{Matcher, Test};
use super::{Graph, PredId};
use crate::syntax::ast::Op;

/// Cost of asking, without finding the value.
pub fn test_cost(test: &Test) -> u32 {
    match test {
        Test::Exists
        | Test::Int(..)
        | Test::Uint(..)
        | Test::Bits(_)
        | Test::Bool(..)
        | Test::Double(..)
        | Test::Ip(..)
        | Test::Net(..) => 1,
        Test::Text(Op::Contains, _) => 10,
        Test::Text(Op::IContains, _) => 30,
        Test::Text(..) => 2,
        Test::Texts(Op::Eq, _) | Test::Ints(_) | Test::Uints(_) => 4,
        Test::Texts(Op::StartsWith | Op::EndsWith, _) => 6,
        Test::Texts(..) => 40,
        Test::Any(all) => all.iter().map(test_cost).sum(),
        Test::Pattern(pattern) => match pattern.matcher {
            Matcher::Glob(_) => 15,
            Matcher::Paths(_) => 20,
            Matcher::Regex(_) => 60,
        },
        Test::Reference => 100,
    }
}

/// Cost of a predicate with finding its value.
pub fn pred_cost(graph: &Graph, id: PredId) -> u32 {
    let pred = graph.pred(id);
    u32::from(graph.slot(pred.slot).cost) + test_cost(&pred.test)
}

/// Expected share of events for which a test holds, in percent.
pub fn expected_percent(test: &Test) -> u32 {
    match test {
        Test::Exists => 80,
        Test::Text(Op::Ne, _) | Test::Int(Op::Ne, _) | Test::Uint(Op::Ne, _) | Test::Net(Op::Ne, _) => 90,
        Test::Text(Op::Eq, _) | Test::Int(Op::Eq, _) | Test::Uint(Op::Eq, _) | Test::Ip(..) => 3,
        Test::Text(..) | Test::Net(..) | Test::Pattern(_) => 5,
        Test::Texts(_, all) => (3 + all.len() as u32 / 8).min(20),
        Test::Ints(_) | Test::Uints(_) | Test::Bits(_) => 10,
        Test::Int(..) | Test::Uint(..) | Test::Double(..) => 50,
        Test::Bool(..) => 30,
        Test::Any(all) => all.iter().map(expected_percent).sum::<u32>().min(60),
        Test::Reference => 30,
    }
}
