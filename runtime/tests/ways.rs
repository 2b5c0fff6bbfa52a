//! Every way to evaluate rules gives what the reference evaluator gives: on made-up rulesets and sequences of
//! events that change the state in every way, with the rules changed in mid-stream; one ruleset on several
//! captures; and memory of dropped rulesets.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests panic")]

#[path = "support/rulesets.rs"]
mod rulesets;
#[path = "support/sequences.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod sequences;

#[path = "support/ways.rs"]
mod ways;

use peregrine_compiler::schema::Schema;
use peregrine_runtime::config::RuleMatching;
use peregrine_runtime::engine::{Engine, Jit, Matcher, Way};
use peregrine_runtime::fields::extract::{Extractors, FieldOptions};
use peregrine_runtime::fields::syscall_schema;
use peregrine_runtime::rules::{SAMPLE, STARTER};
use peregrine_runtime::source::capture::{Capture, Item};
use peregrine_runtime::state::Limits;
use sequences::{Random, TIDS};
use std::fs;
use ways::{Stats, compare, load};

#[test]
fn all_ways_agree_on_made_up_rules_and_events() {
    let schema = syscall_schema();
    let mut stats = Stats::default();
    for seed in 1..=if cfg!(debug_assertions) { 12 } else { 60 } {
        let tids = if seed % 4 == 0 { &TIDS[..] } else { &TIDS[..8] };
        stats.add(&compare(&schema, &mut Random::new(seed, tids), 400));
    }
    println!("{stats:?}");
    assert!(stats.rules > 100 && stats.events > 1000, "{stats:?}");
    // a rule that never matches compares nothing
    assert!(stats.matches * 10 > stats.events, "{stats:?}");
    assert!(stats.swaps > 10 && stats.functions > 50 && stats.process_kept > 500, "{stats:?}");
}

/// Alerts of the sample by rule name, with the same matcher for all replays.
fn replays(schema: &Schema, way: Way, rounds: usize) -> Vec<Vec<u32>> {
    let rules = load(schema, STARTER);
    let enabled = vec![true; rules.len()];
    let extractors = Extractors::new(schema);
    let mut matcher = Matcher::evaluated(schema, &rules, &enabled, RuleMatching::All, way);
    let mut all = Vec::new();
    for _ in 0..rounds {
        let mut engine = Engine::new(Limits::default(), FieldOptions::default());
        let mut capture = Capture::new(SAMPLE).unwrap();
        let mut hits = Vec::new();
        while let Some(item) = capture.next_item().unwrap() {
            match item {
                Item::Event { cpu, state_only, event } => {
                    let Some(context) = engine.take(event, cpu, state_only) else { continue };
                    matcher.matches(&extractors, &context, |id| hits.push(id.0));
                }
                other => engine.learn(other),
            }
        }
        all.push(hits);
    }
    all
}

#[test]
fn one_ruleset_sees_several_captures() {
    let schema = syscall_schema();
    let expect = replays(&schema, Way::Interpreter, 1).remove(0);
    assert!(expect.len() > 50, "{}", expect.len());
    for way in [Way::Staged(Jit::Off), Way::Staged(Jit::Eager), Way::Staged(Jit::Tiered)] {
        for (round, hits) in replays(&schema, way, 3).into_iter().enumerate() {
            assert_eq!(hits, expect, "{way:?}, replay {round}");
        }
    }
}

/// Resident memory in KiB, and the number of executable mappings.
fn memory() -> (u64, usize) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let rss = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let code = maps.lines().filter(|l| l.contains("r-xp") && !l.contains('/')).count();
    (rss.trim().trim_end_matches(" kB").parse().unwrap(), code)
}

/// `RELOADS=10000 cargo test --release --test ways -- memory --nocapture` for the figure in the records.
#[test]
fn memory_of_dropped_rulesets_is_freed() {
    let reloads: usize = std::env::var("RELOADS").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let schema = syscall_schema();
    let rules = load(&schema, STARTER);
    let enabled = vec![true; rules.len()];
    let extractors = Extractors::new(&schema);
    let mut after_tenth = None;
    let mut functions = 0;
    for reload in 0..reloads {
        let way = Way::Staged(Jit::Eager);
        let mut matcher = Matcher::evaluated(&schema, &rules, &enabled, RuleMatching::All, way);
        let mut engine = Engine::new(Limits::default(), FieldOptions::default());
        let mut capture = Capture::new(SAMPLE).unwrap();
        while let Some(item) = capture.next_item().unwrap() {
            match item {
                Item::Event { cpu, state_only, event } => {
                    let Some(context) = engine.take(event, cpu, state_only) else { continue };
                    // often enough that it is compiled
                    for _ in 0..20 {
                        matcher.matches(&extractors, &context, |_| ());
                    }
                }
                other => engine.learn(other),
            }
        }
        functions += matcher.counters().unwrap().functions;
        drop(matcher);
        if reload == 9 {
            after_tenth = Some(memory());
        }
        if reload % 1000 == 999 {
            println!("{} reloads: {:?}", reload + 1, memory());
        }
    }
    let (before, now) = (after_tenth.unwrap(), memory());
    println!(
        "{functions} functions; after 10 reloads {before:?}, after {reloads} {now:?} (RSS KiB, code maps)"
    );
    assert!(functions as usize > reloads, "no code was made: {functions}");
    assert!(now.1 <= before.1, "mappings of code are left: {before:?}, {now:?}");
    assert!(now.0 < before.0 + 16 * 1024, "memory grows: {before:?}, {now:?}");
}
