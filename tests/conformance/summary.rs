//! `golden/*.stats.txt`: the summary that Falco prints at the end, and the configuration of those runs.

use crate::{Outcome, Tally};
use peregrine_compiler::rulefile::{Loader, Options};
use peregrine_runtime::cli::{RuleCount, Stats};
use peregrine_runtime::{config, fields};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

const STABLE: &[&str] = &["falco_rules.yaml"];
const ALL: &[&str] = &["falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"];

/// Given `golden/replay.yaml`.
pub(crate) fn run(path: &Path) -> Vec<(String, Tally)> {
    let mut settings = Tally::default();
    settings.add(match config::load(path, &[] as &[&str], &|_| None) {
        Ok(loaded) => match loaded.files.iter().flat_map(|f| &f.warnings).chain(&loaded.warnings).next() {
            None => Outcome::Agreed,
            Some(warning) => Outcome::Failed(warning.clone()),
        },
        Err(failed) => Outcome::Failed(failed.errors.to_string()),
    });
    let rules = path.ancestors().nth(2).unwrap().join("rules");
    let (stable, all) = (counts(&rules, STABLE), counts(&rules, ALL));
    let mut summaries = Tally::default();
    let mut files: Vec<_> =
        fs::read_dir(path.parent().unwrap()).unwrap().filter_map(|e| Some(e.ok()?.path())).collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".stats.txt") else { continue };
        let ruleset = if name.ends_with(".stable") { &stable } else { &all };
        summaries.add(compare(name, &fs::read_to_string(&file).unwrap(), ruleset));
    }
    vec![("golden configuration".to_owned(), settings), ("golden summaries".to_owned(), summaries)]
}

/// All rules of some files, in order, without alerts.
fn counts(directory: &Path, files: &[&str]) -> Vec<RuleCount> {
    let schema = fields::syscall_schema();
    let mut loader = Loader::new(Options::new(vec![&schema]));
    for name in files {
        let report = loader.load(name, fs::read(directory.join(name)).unwrap());
        assert!(report.successful(), "{name}");
    }
    let count = |r: &peregrine_compiler::rulefile::Rule| RuleCount {
        name: r.name.to_string(),
        priority: r.priority,
        alerts: 0,
    };
    loader.rules().unwrap_or_default().iter().map(count).collect()
}

/// Counts by rule, taken from the text in any order, must bring back the text.
fn compare(name: &str, expected: &str, rules: &[RuleCount]) -> Outcome {
    let by_rule = expected.split_once("by rule name:\n").map_or("", |(_, list)| list);
    let counts: HashMap<&str, u64> = by_rule
        .lines()
        .filter_map(|l| l.trim().rsplit_once(": "))
        .filter_map(|(rule, count)| Some((rule, count.parse().ok()?)))
        .collect();
    let mut stats = Stats { rules: rules.to_vec(), ..Stats::default() };
    for rule in &mut stats.rules {
        rule.alerts = counts.get(rule.name.as_str()).copied().unwrap_or(0);
    }
    let mut text = Vec::new();
    stats.write(&mut text).unwrap();
    if text == expected.as_bytes() {
        Outcome::Agreed
    } else {
        Outcome::Failed(format!("{name}: Falco {expected}\nwe {}", String::from_utf8_lossy(&text)))
    }
}
