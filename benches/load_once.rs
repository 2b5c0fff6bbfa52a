//! One load in a process of its own, for peak memory and for profilers: files as arguments, `upstream`,
//! `upstream-xN` for upstream's items N times over, or a number of generated rules. `--write FILE` writes the
//! rules instead.

#![allow(clippy::expect_used, reason = "wrong arguments end the program")]

#[allow(dead_code, unreachable_pub, clippy::indexing_slicing, reason = "shared by benches; each uses a part")]
mod support;

use peregrine_compiler::rulefile::{Loader, Options};
use peregrine_runtime::fields::syscall_schema;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc; // as the binary

/// A line of this process's status in /proc, in KiB.
fn status_kib(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix(key));
    line.and_then(|l| l.trim_matches([':', '\t', ' ', 'k', 'B']).parse().ok()).unwrap_or(0)
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut files = Vec::new();
    for arg in &args {
        match (arg.as_str(), arg.parse::<usize>()) {
            ("--write", _) => break,
            (name, _) if name == "upstream" || name.starts_with("upstream-x") => {
                let copies =
                    name.strip_prefix("upstream-x").map_or(1, |n| n.parse().expect("a number of copies"));
                let copied = support::upstream_copies(&support::upstream_dir(), copies);
                if copied.is_empty() {
                    println!("skipped: {name} (upstream's files are not at hand; set PEREGRINE_CONFORMANCE)");
                }
                files.extend(copied);
            }
            (_, Ok(rules)) => files.push(("generated.yaml".to_owned(), support::generated(rules))),
            (path, _) => files.push((path.to_owned(), std::fs::read(path).expect("the file can be read"))),
        }
    }
    if let [.., write, path] = args.as_slice()
        && write == "--write"
    {
        let all: Vec<u8> = files.into_iter().flat_map(|f| f.1).collect();
        std::fs::write(path, all).expect("the file can be written");
        return;
    }
    let before_kib = status_kib("VmHWM");
    let start = Instant::now();
    let schema = syscall_schema();
    let schema_ready = start.elapsed();
    let mut loader = Loader::new(Options::new(vec![&schema]));
    let bytes: usize = files.iter().map(|f| f.1.len()).sum();
    let start = Instant::now();
    for (name, text) in files {
        let report = loader.load(&name, text);
        let errors = report.diagnostics.iter().filter(|d| d.is_error()).count();
        println!("{name}: {errors} errors, {} warnings", report.diagnostics.len() - errors);
    }
    let rules = loader.rules().map_or(0, <[_]>::len);
    let counts = loader.counts();
    let rules_kept = loader.into_rules();
    let took = start.elapsed();
    assert_eq!(rules_kept.map_or(0, |r| r.len()), rules);
    println!(
        "{bytes} bytes, {:?} rules, macros and lists: schema {schema_ready:.2?}, load {took:.2?}, peak RSS {} KiB ({before_kib} KiB before), RSS {} KiB after",
        counts,
        status_kib("VmHWM"),
        status_kib("VmRSS"),
    );
}
