//! All ways to evaluate rules, side by side.

use super::rulesets::ruleset;
use super::sequences::{Random, Sequence, described};
use peregrine_compiler::rulefile::{Loader, Options, Rule};
use peregrine_compiler::schema::Schema;
use peregrine_runtime::config::RuleMatching;
use peregrine_runtime::engine::{Engine, Matcher, RuleId, Way, reference_matches};
use peregrine_runtime::fields::extract::{Extractors, FieldOptions};
use peregrine_runtime::source::capture::Item;
use peregrine_runtime::state::Limits;

/// What a comparison was good for.
#[derive(Copy, Clone, Default, Debug)]
pub(crate) struct Stats {
    pub(crate) rules: usize,
    /// Events that rules saw.
    pub(crate) events: usize,
    pub(crate) matches: usize,
    /// Checks whose type did not go with the event's.
    pub(crate) mismatches: u64,
    pub(crate) swaps: usize,
    pub(crate) functions: u64,
    /// Events decided by what was kept of their process.
    pub(crate) process_kept: u64,
}

impl Stats {
    pub(crate) fn add(&mut self, other: &Self) {
        self.rules += other.rules;
        self.events += other.events;
        self.matches += other.matches;
        self.mismatches += other.mismatches;
        self.swaps += other.swaps;
        self.functions += other.functions;
        self.process_kept += other.process_kept;
    }
}

/// The rules of a file without errors.
pub(crate) fn load(schema: &Schema, text: &str) -> Vec<Rule> {
    let mut loader = Loader::new(Options::new(vec![schema]));
    let report = loader.load("rules.yaml", text.as_bytes().to_vec());
    let error = report.diagnostics.iter().find(|d| d.is_error());
    assert!(report.successful(), "{error:?}\n{text}");
    loader.into_rules().unwrap()
}

/// For each way a matcher for all rules that match, and one for the first.
type Matchers = Vec<(Way, [Matcher; 2])>;
/// Rules, which of them are on, and their matchers.
type Current = (Vec<Rule>, Vec<bool>, Matchers);

fn matchers(schema: &Schema, rules: &[Rule], enabled: &[bool]) -> Matchers {
    let both = |way| {
        [RuleMatching::All, RuleMatching::First]
            .map(|matching| Matcher::evaluated(schema, rules, enabled, matching, way))
    };
    Way::ALL.iter().map(|&way| (way, both(way))).collect()
}

/// Made-up rules on a made-up sequence: for each event every way gives the rules that the reference evaluator
/// gives. Now and then the rules are other ones from an event on.
pub(crate) fn compare(schema: &Schema, random: &mut Random, events: usize) -> Stats {
    let mut stats = Stats::default();
    let extractors = Extractors::new(schema);
    let limits = Limits { threads: random.of(&[8, 100]), fds: random.of(&[3, 100]), users: 4 };
    let mut engine = Engine::new(limits, FieldOptions::default());
    engine.learn(Item::Section);
    for _ in 0..random.below(12) {
        engine.learn(described(random));
    }
    let mut text = String::new();
    let mut current: Option<Current> = None;
    let mut sequence = Sequence::new();
    for step in 0..events {
        if current.is_none() || random.below(150) == 0 {
            let rules = 1 + random.below(24);
            text = ruleset(random, rules);
            let rules = load(schema, &text);
            let enabled: Vec<bool> = (0..rules.len()).map(|_| random.below(10) != 9).collect();
            let matchers = matchers(schema, &rules, &enabled);
            stats.rules += rules.len();
            stats.swaps += usize::from(current.is_some());
            if let Some((_, _, old)) = current.replace((rules, enabled, matchers)) {
                stats.count(&old);
            }
        }
        let Some((rules, enabled, matchers)) = &mut current else { continue };
        if random.below(200) == 0 {
            engine.learn(described(random));
        }
        let event = sequence.next(random);
        let Some(context) = engine.take(event, 0, false) else { continue };
        stats.events += 1;
        let reference = reference_matches(schema, &extractors, rules, enabled, RuleMatching::All, &context);
        stats.matches += usize::from(!reference.is_empty());
        for (way, [all, first]) in &mut *matchers {
            let (mut of_all, mut of_first) = (Vec::new(), Vec::new());
            all.matches(&extractors, &context, |id| of_all.push(id));
            first.matches(&extractors, &context, |id| of_first.push(id));
            let expect: Vec<RuleId> = reference.first().copied().into_iter().collect();
            assert_eq!(
                (&of_all, &of_first),
                (&reference, &expect),
                "{way:?} step {step}: {} of thread {}\n{text}",
                context.info.ident,
                context.event.tid
            );
        }
        let wrong: Vec<u64> = matchers.iter().map(|(_, [all, _])| all.type_mismatches).collect();
        assert!(wrong.windows(2).all(|w| w.first() == w.last()), "mismatches: {wrong:?}\n{text}");
    }
    if let Some((_, _, last)) = &current {
        stats.count(last);
    }
    stats
}

impl Stats {
    fn count(&mut self, matchers: &[(Way, [Matcher; 2])]) {
        self.mismatches += matchers.first().map_or(0, |(_, [all, _])| all.type_mismatches);
        for counters in matchers.iter().filter_map(|(_, [all, _])| all.counters()) {
            self.functions += counters.functions;
            self.process_kept += counters.by_process;
        }
    }
}
