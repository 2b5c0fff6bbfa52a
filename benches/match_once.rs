//! One evaluator on one capture, for figures and for profilers:
//!
//! ```text
//! match_once EVALUATOR CAPTURE RULES [ROUNDS]
//! ```
//!
//! Evaluators are those of `support/engines.rs`, and `none`; several are separated by commas and take turns.
//! RULES is `stable`, `upstream`, `upstream-xN`, or the path of a file. Prints nanoseconds an event beyond
//! `none`, the best of all rounds; what an evaluator keeps beyond processes lasts for all rounds. Instructions
//! under callgrind: those with two rounds less those with one, less the same of `none`.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "wrong arguments end the program")]

#[allow(dead_code, unreachable_pub, clippy::indexing_slicing, reason = "shared by benches; each uses a part")]
mod support;

use peregrine_runtime::engine::Engine;
use peregrine_runtime::fields::extract::{Extractors, FieldOptions};
use peregrine_runtime::fields::syscall_schema;
use peregrine_runtime::source::capture::{Capture, Item};
use peregrine_runtime::state::Limits;
use std::io::Cursor;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::engines;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc; // as the binary

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [names, capture, rules, rest @ ..] = args.as_slice() else {
        eprintln!("usage: match_once EVALUATOR[,EVALUATOR...] CAPTURE RULES [ROUNDS]");
        return;
    };
    let rounds: u32 = rest.first().map_or(1, |n| n.parse().expect("a number of rounds"));
    let Some(bytes) = engines::capture(capture) else {
        println!("skipped: {capture} (captures are not at hand; set PEREGRINE_CONFORMANCE)");
        return;
    };
    let dir = support::upstream_dir();
    let files = match rules.as_str() {
        "stable" => support::upstream_copies(&dir, 1).into_iter().take(1).collect(),
        "upstream" => support::upstream_copies(&dir, 1),
        name if name.starts_with("upstream-x") => {
            let copies = name.trim_start_matches("upstream-x").parse().expect("a number of copies");
            support::upstream_copies(&dir, copies)
        }
        path => vec![(path.to_owned(), std::fs::read(path).expect("the file can be read"))],
    };
    let schema = syscall_schema();
    let start = Instant::now();
    let rules = engines::rules(&schema, files);
    let loaded = start.elapsed();
    let extractors = Extractors::new(&schema);
    let names: Vec<&str> = names.split(',').collect();
    let mut best = vec![(Duration::MAX, 0_u64, 0_u64); names.len()];
    let mut evaluators: Vec<engines::Engine> = names
        .iter()
        .map(|name| {
            let start = Instant::now();
            let evaluator = engines::Engine::new(name, &schema, &rules).expect("an evaluator");
            println!(
                "{name}: {} rules, loaded in {loaded:.2?}, made ready in {:.2?}",
                rules.len(),
                start.elapsed()
            );
            evaluator
        })
        .collect();
    for _ in 0..rounds {
        for (evaluator, best) in evaluators.iter_mut().zip(&mut best) {
            let mut engine = Engine::new(Limits::default(), FieldOptions::default());
            let start = Instant::now();
            let mut capture = Capture::new(Cursor::new(Arc::clone(&bytes))).expect("a capture");
            let (mut events, mut alerts) = (0, 0);
            while let Some(item) = capture.next_item().expect("the capture is whole") {
                let Item::Event { cpu, state_only, event } = item else {
                    engine.learn(item);
                    continue;
                };
                events += 1;
                let Some(context) = engine.take(event, cpu, state_only) else { continue };
                alerts += evaluator.matches(&extractors, &context, &rules);
            }
            *best = (start.elapsed().min(best.0), events, alerts);
        }
    }
    let none = names.iter().position(|n| *n == "none").map(|at| best[at].0);
    for (name, (took, events, alerts)) in names.iter().zip(best) {
        let per_event = |took: Duration| took.as_secs_f64() * 1e9 / events.max(1) as f64;
        let beyond = none.map_or(String::new(), |none| {
            format!(", {:.1} beyond none", per_event(took.saturating_sub(none)))
        });
        println!("{name}: {events} events, {alerts} alerts, {:.1} ns/event{beyond}", per_event(took));
    }
}
