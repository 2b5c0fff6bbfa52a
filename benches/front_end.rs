//! How long rules take from text to typed ruleset: `load` as a whole, then its stages.
//!
//! `yaml` is text to nodes, `parse` condition texts (with their lists) to trees, `check` trees without
//! macros to typed conditions. What `load` takes beyond them is reading items, substituting lists and
//! macros, outputs, event sets and warnings.

#[allow(dead_code, unreachable_pub, clippy::indexing_slicing, reason = "shared by benches; each uses a part")]
mod support;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use peregrine_compiler::hir::check::{Quirks, check};
use peregrine_compiler::rulefile::{Loader, Options, Rule};
use peregrine_compiler::schema::Schema;
use peregrine_compiler::source::FileId;
use peregrine_compiler::syntax::{MAX_DEPTH, parse_condition};
use peregrine_compiler::yaml;
use peregrine_runtime::fields::syscall_schema;
use std::hint::black_box;
use support::Named;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc; // as the binary

fn load(schema: &Schema, files: Vec<Named>) -> Loader<'_> {
    let mut loader = Loader::new(Options::new(vec![schema]));
    for (name, bytes) in files {
        let report = loader.load(&name, bytes);
        assert!(
            report.successful(),
            "{name} does not load: {:?}",
            report.diagnostics.iter().find(|d| d.is_error())
        );
    }
    loader
}

/// The corpora by name.
fn corpora() -> Vec<(String, Vec<Named>)> {
    let mut all = Vec::new();
    match support::upstream() {
        Some(files) => {
            all.push(("upstream/three-files".to_owned(), files));
            for copies in [10, 100] {
                let files = support::upstream_copies(&support::upstream_dir(), copies);
                all.push((format!("upstream/x{copies}"), files));
            }
        }
        None => println!("skipped: upstream (its rule files are not at hand; set PEREGRINE_CONFORMANCE)"),
    }
    for rules in [100, 1_000, 10_000] {
        let name = format!("generated/{rules}");
        all.push((name, vec![("generated.yaml".to_owned(), support::generated(rules))]));
    }
    all
}

fn front_end(c: &mut Criterion) {
    let schema = syscall_schema();
    for (corpus, files) in corpora() {
        let bytes: usize = files.iter().map(|f| f.1.len()).sum();
        let loader = load(&schema, files.clone());
        let rules = loader.rules().unwrap_or_default();
        println!("{corpus}: {bytes} bytes, {:?} rules, macros and lists", loader.counts());

        let mut group = c.benchmark_group("load");
        group
            .sample_size(if rules.len() > 2_000 { 10 } else { 40 })
            .throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::from_parameter(&corpus), |b| {
            b.iter_batched(|| files.clone(), |files| load(&schema, files), BatchSize::LargeInput);
        });
        group.finish();

        let mut group = c.benchmark_group("yaml");
        group.sample_size(20).throughput(Throughput::Bytes(bytes as u64));
        let texts: Vec<&str> = files.iter().filter_map(|f| std::str::from_utf8(&f.1).ok()).collect();
        group.bench_function(BenchmarkId::from_parameter(&corpus), |b| {
            b.iter(|| {
                texts.iter().all(|t| yaml::parse(FileId(0), black_box(t), &yaml::Limits::default()).is_ok())
            });
        });
        group.finish();

        let conditions: Vec<&str> = rules.iter().map(Rule::condition_text).collect();
        let mut group = c.benchmark_group("parse");
        group.sample_size(20).throughput(Throughput::Bytes(conditions.iter().map(|t| t.len() as u64).sum()));
        group.bench_function(BenchmarkId::from_parameter(&corpus), |b| {
            b.iter(|| conditions.iter().all(|t| parse_condition(black_box(t), MAX_DEPTH).errors.is_empty()));
        });
        group.finish();

        let mut group = c.benchmark_group("check");
        group.sample_size(20).throughput(Throughput::Elements(rules.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(&corpus), |b| {
            b.iter(|| rules.iter().all(|r| check(&schema, black_box(r.ast()), Quirks::Off).0.is_some()));
        });
        group.finish();
    }
}

criterion_group!(benches, front_end);
criterion_main!(benches);
