//! What evaluating rules costs, evaluators side by side, and what making them ready costs.
//!
//! `match/CAPTURE/EVALUATOR`: the events of a recorded capture, state included; `none` is without matching.
//! `type/EVENT/EVALUATOR`: the events of one type, again and again, on the state at the end of the capture.
//! `compile/RULES/STAGE`: rules to a ruleset that protects.

#[allow(dead_code, unreachable_pub, clippy::indexing_slicing, reason = "shared by benches; each uses a part")]
mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use peregrine_compiler::schema::Schema;
use peregrine_runtime::engine::{Engine, program};
use peregrine_runtime::fields::extract::{Extractors, FieldOptions};
use peregrine_runtime::fields::syscall_schema;
use peregrine_runtime::source::capture::{Capture, Item};
use peregrine_runtime::state::Limits;
use std::hint::black_box;
use std::io::Cursor;
use std::sync::Arc;
use support::engines;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc; // as the binary

/// Events of a capture, from its begin; what `each` returns is added up.
fn replay(
    bytes: &Arc<[u8]>,
    mut each: impl FnMut(&peregrine_runtime::fields::extract::EventContext<'_>) -> u64,
) -> u64 {
    let mut engine = Engine::new(Limits::default(), FieldOptions::default());
    let Ok(mut capture) = Capture::new(Cursor::new(Arc::clone(bytes))) else { return 0 };
    let mut sum = 0;
    while let Ok(Some(item)) = capture.next_item() {
        match item {
            Item::Event { cpu, state_only, event } => {
                sum += engine.take(event, cpu, state_only).map_or(0, |context| each(&context));
            }
            other => engine.learn(other),
        }
    }
    sum
}

fn matching(c: &mut Criterion) {
    let schema = syscall_schema();
    let Some(files) = support::upstream() else {
        println!("skipped: matching (upstream's rule files are not at hand; set PEREGRINE_CONFORMANCE)");
        return;
    };
    let rules = engines::rules(&schema, files);
    let extractors = Extractors::new(&schema);
    for name in ["attack", "shell-fset", "mix"] {
        let Some(bytes) = engines::capture(name) else {
            println!("skipped: {name} (the capture is not at hand)");
            continue;
        };
        let events = replay(&bytes, |_| 1);
        let mut group = c.benchmark_group(format!("match/{name}"));
        group.sample_size(10).throughput(Throughput::Elements(events));
        for evaluator in ["none"].into_iter().chain(engines::NAMES) {
            group.bench_function(BenchmarkId::from_parameter(evaluator), |b| {
                b.iter(|| {
                    let Some(mut of) = engines::Engine::new(evaluator, &schema, &rules) else { return 0 };
                    replay(&bytes, |context| of.matches(&extractors, context, &rules))
                });
            });
        }
        group.finish();
    }
    by_type(c, &schema, &rules, &extractors);
}

/// One event of each type again and again: what is kept of its process is kept.
fn by_type(
    c: &mut Criterion,
    schema: &Schema,
    rules: &[peregrine_compiler::rulefile::Rule],
    extractors: &Extractors,
) {
    const AGAIN: u64 = 64;
    let Some(bytes) = engines::capture("attack") else { return };
    for name in ["openat", "execve", "connect", "close", "mmap", "unlinkat"] {
        let events = replay(&bytes, |context| u64::from(context.info.name == name));
        let mut group = c.benchmark_group(format!("type/{name}"));
        group.sample_size(10).throughput(Throughput::Elements(events * AGAIN));
        for evaluator in ["none", "closures", "interpreter", "staged", "staged-jit"] {
            group.bench_function(BenchmarkId::from_parameter(evaluator), |b| {
                let Some(mut of) = engines::Engine::new(evaluator, schema, rules) else { return };
                b.iter(|| {
                    replay(&bytes, |context| {
                        if context.info.name != name {
                            return 0;
                        }
                        (0..AGAIN).map(|_| of.matches(extractors, black_box(context), rules)).sum()
                    })
                });
            });
        }
        group.finish();
    }
}

fn compile(c: &mut Criterion) {
    let schema = syscall_schema();
    let dir = support::upstream_dir();
    for copies in [1, 10] {
        let files = support::upstream_copies(&dir, copies);
        if files.is_empty() {
            println!("skipped: compile (upstream's rule files are not at hand)");
            return;
        }
        let rules = engines::rules(&schema, files);
        let enabled: Vec<bool> = rules.iter().map(|r| r.enabled).collect();
        let mut group = c.benchmark_group(format!("compile/upstream-x{copies}"));
        group.sample_size(10).throughput(Throughput::Elements(rules.len() as u64));
        group.bench_function("ir", |b| b.iter(|| program(&schema, &rules, &enabled)));
        group.bench_function("ready", |b| b.iter(|| engines::Engine::new("staged", &schema, &rules)));
        group.finish();
    }
}

criterion_group!(benches, matching, compile);
criterion_main!(benches);
