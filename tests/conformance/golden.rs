//! `golden/` and `golden-upstream/`: the alerts of real Falco for each capture and ruleset.
//!
//! Runs the program as a user would, with the configuration that the goldens were made with, and holds its
//! alerts against Falco's: same order, equal JSON objects.

use crate::cases::program;
use crate::{Tally, json_lines};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Captures above this size are run by optimised builds only.
const DEBUG_BYTES: u64 = 1 << 20;
/// Differences shown for a run.
const SHOWN: usize = 3;

/// A ruleset of the goldens.
struct Ruleset {
    name: &'static str,
    files: &'static [&'static str],
    options: &'static [&'static str],
}

const ALL_FILES: &[&str] = &["falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"];
const EVERY_RULE: &str = "rules[]={enable: {rule: '*'}}";

const RULESETS: &[Ruleset] = &[
    Ruleset { name: "stable", files: &["falco_rules.yaml"], options: &[] },
    Ruleset { name: "all", files: ALL_FILES, options: &[] },
    Ruleset { name: "allon", files: ALL_FILES, options: &[EVERY_RULE] },
    Ruleset { name: "allon-matchall", files: ALL_FILES, options: &[EVERY_RULE, "rule_matching=all"] },
];

/// Nothing behind the rules' own outputs.
const PLAIN: &[&str] = &["append_output[0].suggested_output=false"];

/// Rulesets of the upstream captures.
const UPSTREAM: &[Ruleset] = &[
    Ruleset { name: "all", files: &["oracle_all.yaml"], options: PLAIN },
    Ruleset { name: "oracle", files: &["oracle_rules.yaml"], options: PLAIN },
];

pub(crate) fn run(directory: &Path) -> Vec<(String, Tally)> {
    run_all(directory, RULESETS)
}

pub(crate) fn run_upstream(directory: &Path) -> Vec<(String, Tally)> {
    run_all(directory, UPSTREAM)
}

fn run_all(directory: &Path, rulesets: &[Ruleset]) -> Vec<(String, Tally)> {
    let root = directory.parent().unwrap();
    let mut goldens: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    goldens.sort();
    let mut results = Vec::new();
    println!("{:<34} {:<16} {:>8} {:>8} {:>8}", "capture", "ruleset", "expected", "produced", "equal");
    for golden in goldens {
        let name = golden.file_stem().unwrap().to_str().unwrap().to_owned();
        let (capture, ruleset) = name.rsplit_once('.').unwrap();
        let capture = capture.strip_suffix(".scap").unwrap_or(capture);
        let ruleset = rulesets.iter().find(|r| r.name == ruleset).unwrap_or_else(|| panic!("{name}"));
        let tally = compare(root, capture, ruleset, &golden);
        results.push((format!("alerts {name}"), tally));
    }
    results
}

fn compare(root: &Path, capture: &str, ruleset: &Ruleset, golden: &Path) -> Tally {
    let mut tally = Tally::default();
    let file = root.join("captures").join(format!("{capture}.scap"));
    if cfg!(debug_assertions) && file.metadata().unwrap().len() > DEBUG_BYTES {
        tally.not_comparable.push(format!("{capture}: too large for a build without optimisation"));
        return tally;
    }
    let expected = json_lines(golden);
    let produced = match alerts(root, &file, ruleset) {
        Ok(alerts) => alerts,
        Err(why) => {
            tally.failures.push(format!("{capture} {}: {why}", ruleset.name));
            return tally;
        }
    };
    let equal = expected.iter().zip(&produced).filter(|(want, got)| same(want, got)).count();
    println!("{capture:<34} {:<16} {:>8} {:>8} {equal:>8}", ruleset.name, expected.len(), produced.len());
    tally.agreed = equal;
    for i in 0..expected.len().max(produced.len()) {
        let (want, got) = (expected.get(i), produced.get(i));
        if want.zip(got).is_some_and(|(want, got)| same(want, got)) {
            continue;
        }
        let shown = tally.failures.len() < SHOWN;
        let what = if shown { difference(want, got) } else { String::new() };
        tally.failures.push(format!("{capture} {} alert {i}: {what}", ruleset.name));
    }
    tally
}

/// Whether an alert has all that the golden has; those of the upstream captures keep a few keys only.
fn same(want: &Json, got: &Json) -> bool {
    match (want.as_object(), got.as_object()) {
        (Some(want), Some(_)) => want.iter().all(|(key, value)| got[key] == *value),
        _ => false,
    }
}

fn difference(want: Option<&Json>, got: Option<&Json>) -> String {
    let (Some(want), Some(got)) = (want, got) else {
        let text = |json: Option<&Json>| json.map_or("nothing".to_owned(), |j| j["output"].to_string());
        return format!("expected {}, got {}", text(want), text(got));
    };
    let mut parts = Vec::new();
    for (key, value) in want.as_object().into_iter().flatten() {
        if got[key] != *value {
            parts.push(format!("{key}: expected {value}, got {}", got[key]));
        }
    }
    parts.join("; ")
}

fn alerts(root: &Path, capture: &Path, ruleset: &Ruleset) -> Result<Vec<Json>, String> {
    let mut command = Command::new(program()?);
    command.arg("falco").arg("-c").arg(root.join("golden/replay.yaml")).env("FALCO_HOSTNAME", "vm");
    command.args(["-o", "log_stderr=false", "-o"]);
    command.arg(format!("engine.replay.capture_file={}", capture.display()));
    for option in ruleset.options {
        command.args(["-o", option]);
    }
    for file in ruleset.files {
        command.arg("-r").arg(root.join("rules").join(file));
    }
    let output = command.output().map_err(|e| e.to_string())?;
    if !output.status.success() {
        return Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    let text = String::from_utf8(output.stdout).map_err(|e| e.to_string())?;
    text.lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).map_err(|e| format!("{e}: {line}")))
        .collect()
}
