//! Field dumps: every event of a capture with tens of fields, cell by cell.

use crate::Tally;
use crate::choices::FIELDS;
use flate2::read::GzDecoder;
use peregrine_compiler::hir::field::{FieldRef, resolve_field};
use peregrine_runtime::alert::render;
use peregrine_runtime::engine::Engine;
use peregrine_runtime::fields::extract::{Clock, Extractors, FieldOptions};
use peregrine_runtime::fields::syscall_schema;
use peregrine_runtime::source::capture::{Capture, Item};
use peregrine_runtime::state::Limits;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Cells that must agree.
const TARGET: f64 = 0.999;
/// Differences shown for a field.
const SHOWN: usize = 3;

/// Every dump in the directory.
pub fn run(directory: &Path) -> Vec<(String, Tally)> {
    let mut results = Vec::new();
    let mut names: Vec<_> = std::fs::read_dir(directory).unwrap().map(|e| e.unwrap().path()).collect();
    names.sort();
    for path in names {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(capture) = name.strip_suffix(".fields.tsv.gz") else { continue };
        let captures = directory.parent().unwrap().join("captures");
        results.push((format!("fields {capture}"), dump(&path, &captures.join(format!("{capture}.scap")))));
    }
    results
}

#[derive(Default)]
struct Differences {
    count: usize,
    examples: Vec<String>,
}

fn dump(expected: &Path, capture: &Path) -> Tally {
    let mut lines = BufReader::new(GzDecoder::new(File::open(expected).unwrap()));
    let mut line = Vec::new();
    lines.read_until(b'\n', &mut line).unwrap();
    let header: Vec<String> =
        String::from_utf8(line.clone()).unwrap().trim_end().split('\t').map(str::to_owned).collect();
    let schema = syscall_schema();
    let extractors = Extractors::new(&schema);
    let fields: Vec<FieldRef> = header.iter().map(|name| resolve(&schema, name)).collect();
    let options = FieldOptions { clock: Clock::utc(), ..FieldOptions::default() };
    let mut engine = Engine::new(Limits::default(), options);
    let mut capture = Capture::new(File::open(capture).unwrap()).unwrap();
    let mut next = |line: &mut Vec<u8>| {
        line.clear();
        lines.read_until(b'\n', line).unwrap() > 0
    };
    let mut more = next(&mut line);
    let mut by_field: BTreeMap<&str, Differences> = BTreeMap::new();
    let (mut cells, mut unexpected) = (0, 0);
    while let Some(item) = capture.next_item().unwrap() {
        let Item::Event { cpu, state_only, event } = item else {
            engine.learn(item);
            continue;
        };
        let Some(context) = engine.take(event, cpu, state_only) else { continue };
        let trimmed = line.strip_suffix(b"\n").unwrap_or(&line);
        let num = trimmed.split(|&b| b == b'\t').next().unwrap();
        if !more || num != context.num.to_string().as_bytes() {
            unexpected += usize::from(
                context.thread().is_some() && context.info.origin != peregrine_runtime::event::Origin::Meta,
            );
            continue;
        }
        for ((name, field), want) in header.iter().zip(&fields).zip(trimmed.split(|&b| b == b'\t')) {
            cells += 1;
            let got = render(&schema, &extractors, &context, field).unwrap_or_else(|| b"<NA>".to_vec());
            let got = escaped(&got);
            if got != want {
                let entry = by_field.entry(name).or_default();
                entry.count += 1;
                if entry.examples.len() < SHOWN {
                    entry.examples.push(format!(
                        "event {} {}: {} instead of {}",
                        context.num,
                        context.info.name,
                        String::from_utf8_lossy(&got),
                        String::from_utf8_lossy(want)
                    ));
                }
            }
        }
        more = next(&mut line);
    }
    let mut tally = Tally::default();
    let chosen: usize = by_field.iter().filter(|(n, _)| FIELDS.contains(*n)).map(|(_, d)| d.count).sum();
    let different: usize = by_field.values().map(|d| d.count).sum::<usize>() - chosen;
    tally.agreed = cells - different - chosen;
    tally.chosen = chosen;
    for (name, d) in &by_field {
        println!("  {name}: {} of {} differ", d.count, cells / header.len());
        for example in &d.examples {
            println!("    {example}");
        }
    }
    if more || unexpected > 0 {
        tally.failures.push(format!("{unexpected} events are not in the dump; rows left: {more}"));
    }
    if (different as f64) > (1.0 - TARGET) * cells as f64 {
        tally.failures.push(format!("{different} of {cells} cells differ"));
    }
    tally
}

fn resolve(schema: &peregrine_compiler::schema::Schema, name: &str) -> FieldRef {
    match name.split_once('[') {
        Some((base, arg)) => resolve_field(schema, base, Some(arg.trim_end_matches(']').as_bytes())),
        None => resolve_field(schema, name, None),
    }
    .unwrap_or_else(|e| panic!("{name}: {e:?}"))
}

/// A value as the dumps have it.
fn escaped(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for &b in value {
        match b {
            b'\n' => out.extend(b"\\n"),
            b'\t' => out.extend(b"\\t"),
            b'\\' => out.extend(b"\\\\"),
            0x80.. => out.extend(format!("\\x{b:02x}").into_bytes()),
            b => out.push(b),
        }
    }
    out
}
