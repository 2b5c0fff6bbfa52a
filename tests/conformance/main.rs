//! Agreement with real Falco, on recorded cases.
//!
//! The directory of cases is `PEREGRINE_CONFORMANCE`, by default `../shared/conformance` beside the
//! workspace. Every kind of file found there by its name is run: each case is held against what Falco
//! did. A difference that we choose is recognised by a rule in [`choices`], which names its place in
//! `docs/compat.md`. Where the directory is absent, that is said and counted as skipped.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    missing_docs,
    unreachable_pub,
    reason = "a test program: a case that cannot be read must stop it"
)]

mod cases;
mod choices;
mod differential;
mod expect;
mod fields;
mod filter;
mod golden;
mod oracle;
mod ruleload;
mod rules;
mod scenarios;
mod suite;
mod summary;
mod table;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// How the cases of one kind went.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub agreed: usize,
    pub chosen: usize,
    /// Cases that say too little to be run, with the reason.
    pub not_comparable: Vec<String>,
    pub failures: Vec<String>,
}

impl Tally {
    /// Counts a case by its outcome.
    pub fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Agreed => self.agreed += 1,
            Outcome::Chosen => self.chosen += 1,
            Outcome::NotComparable(why) => self.not_comparable.push(why),
            Outcome::Failed(what) => self.failures.push(what),
        }
    }

    fn ran(&self) -> usize {
        self.agreed + self.chosen + self.failures.len()
    }
}

/// What became of one case.
pub enum Outcome {
    Agreed,
    /// Differs as `docs/compat.md` says.
    Chosen,
    NotComparable(String),
    Failed(String),
}

type Run = fn(&Path) -> Vec<(String, Tally)>;

/// Kinds by the file or directory that holds their cases.
const KINDS: &[(&str, Run)] = &[
    ("filter-cases.jsonl", filter::run),
    ("ruleload-cases.jsonl", ruleload::run),
    ("oracle/compile.tsv", oracle::run_compile),
    ("oracle/eval.tsv", oracle::run_eval),
    ("sinsp-scenarios.jsonl", scenarios::run),
    ("rules", rules::run),
    ("suite-golden", suite::run_validate),
    ("fields", fields::run),
    ("suite-cases.jsonl", cases::run),
    ("golden/replay.yaml", summary::run),
    ("captures", differential::run),
    ("golden", golden::run),
    ("golden-upstream", golden::run_upstream),
];

/// Kinds that are not run yet.
const LATER: &[&str] = &[];

fn main() {
    let args = Arguments::from_args();
    let directory = std::env::var_os("PEREGRINE_CONFORMANCE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"), PathBuf::from);
    let results = Arc::new(Mutex::new(Vec::new()));
    let mut trials = Vec::new();
    for &(name, run) in KINDS {
        let path = directory.join(name);
        let absent = !path.exists();
        if absent {
            eprintln!("skipped: {name}: no such cases in {}", directory.display());
        }
        let results = Arc::clone(&results);
        let trial = Trial::test(name, move || {
            let tallies = run(&path);
            let failures: Vec<String> =
                tallies.iter().flat_map(|(_, t)| t.failures.iter().cloned()).collect();
            results.lock().unwrap().extend(tallies);
            if failures.is_empty() {
                return Ok(());
            }
            let shown = failures.iter().take(40).map(|f| format!("- {f}")).collect::<Vec<_>>().join("\n");
            Err(Failed::from(format!("{} cases differ\n{shown}", failures.len())))
        });
        trials.push(trial.with_ignored_flag(absent));
    }
    for name in LATER.iter().filter(|name| directory.join(name).exists()) {
        println!("not run yet: {name}");
    }
    let conclusion = libtest_mimic::run(&args, trials);
    println!(
        "{:<34} {:>6} {:>7} {:>9} {:>7} {:>14}",
        "kind", "ran", "agreed", "by choice", "failed", "not comparable"
    );
    for (kind, tally) in results.lock().unwrap().iter() {
        println!(
            "{kind:<34} {:>6} {:>7} {:>9} {:>7} {:>14}",
            tally.ran(),
            tally.agreed,
            tally.chosen,
            tally.failures.len(),
            tally.not_comparable.len()
        );
        for why in &tally.not_comparable {
            println!("    not comparable: {why}");
        }
    }
    conclusion.exit();
}

/// The lines of a file of JSON lines.
pub fn json_lines(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines()
        .enumerate()
        .map(|(i, line)| {
            serde_json::from_str(line).unwrap_or_else(|e| panic!("{}:{}: {e}", path.display(), i + 1))
        })
        .collect()
}

/// Bytes of a text that may be given as `{"latin1_bytes": ...}` or `{"repeat": ..., "count": ...}`.
pub fn bytes_of(value: &serde_json::Value) -> Option<Vec<u8>> {
    if let Some(text) = value.as_str() {
        return Some(text.as_bytes().to_vec());
    }
    if let Some(text) = value["latin1_bytes"].as_str() {
        return Some(text.chars().map(|c| c as u32 as u8).collect());
    }
    let repeat = value["repeat"].as_str()?;
    Some(repeat.repeat(usize::try_from(value["count"].as_u64()?).ok()?).into_bytes())
}

/// The names in an array of texts, sorted.
pub fn names(value: &serde_json::Value) -> std::collections::BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(|v| v.as_str()).map(str::to_owned).collect()
}
