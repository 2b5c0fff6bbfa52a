//! `rules/`: the rule files of real users load without errors, alone and together.

use crate::{Outcome, Tally};
use peregrine_compiler::rulefile::{Loader, Options};
use peregrine_runtime::fields::syscall_schema;
use std::path::Path;

/// Rules that the upstream files have, by file name.
const COUNTS: &[(&str, usize)] =
    &[("falco_rules.yaml", 25), ("falco-incubating_rules.yaml", 31), ("falco-sandbox_rules.yaml", 37)];

pub(crate) fn run(path: &Path) -> Vec<(String, Tally)> {
    let schema = syscall_schema();
    let mut tally = Tally::default();
    let mut files: Vec<_> = std::fs::read_dir(path)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "yaml" || e == "yml"))
        .collect();
    files.sort();
    let mut total = 0;
    let mut together = Loader::new(Options::new(vec![&schema]));
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let mut alone = Loader::new(Options::new(vec![&schema]));
        let report = alone.load(&name, bytes.clone());
        let (rules, macros, lists) = alone.counts();
        println!(
            "{name}: {rules} rules, {macros} macros, {lists} lists, {} findings",
            report.diagnostics.len()
        );
        let first = report.diagnostics.iter().find(|d| d.is_error());
        let expected = COUNTS.iter().find(|(n, _)| *n == name);
        tally.add(match (first, expected) {
            (Some(error), _) => Outcome::Failed(format!("{name}: {}", error.message)),
            (None, Some(&(_, count))) if count != rules => {
                Outcome::Failed(format!("{name}: {count} rules expected, {rules} found"))
            }
            _ => Outcome::Agreed,
        });
        if let Some(&(_, count)) = expected {
            total += count;
            let report = together.load(&name, bytes);
            tally.add(match report.diagnostics.iter().find(|d| d.is_error()) {
                Some(error) => Outcome::Failed(format!("{name} after the others: {}", error.message)),
                None => Outcome::Agreed,
            });
        }
    }
    let (rules, macros, lists) = together.counts();
    println!("together: {rules} rules, {macros} macros, {lists} lists");
    tally.add(if rules == total {
        Outcome::Agreed
    } else {
        Outcome::Failed(format!("together: {total} rules expected, {rules} found"))
    });
    vec![("rule files".to_owned(), tally)]
}
