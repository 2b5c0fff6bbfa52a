//! `oracle/compile.tsv`: verdict, whether there was a warning, condition.

use crate::{Outcome, Tally};
use peregrine_compiler::hir::check::{Quirks, check};
use peregrine_compiler::schema::Schema;
use peregrine_compiler::syntax::{MAX_DEPTH, parse_condition};
use peregrine_runtime::fields::{syscall_fields, syscall_schema};
use std::path::Path;

pub(crate) fn run_compile(path: &Path) -> Vec<(String, Tally)> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    // the verdicts are of the library alone, which has no container plugin
    let all = syscall_schema();
    let own = syscall_fields().into_iter().filter(|f| f.class != "container" && f.class != "k8s").collect();
    let schema = Schema::new("syscall", own, all.events().to_vec(), all.syscalls().to_vec());
    let mut tally = Tally::default();
    for line in text.lines().filter(|l| !l.starts_with('#') && !l.starts_with("verdict\t")) {
        let mut cells = line.splitn(3, '\t');
        let (Some(verdict), Some(warn), Some(condition)) = (cells.next(), cells.next(), cells.next()) else {
            tally.add(Outcome::Failed(format!("malformed line {line:?}")));
            continue;
        };
        let parsed = parse_condition(condition, MAX_DEPTH);
        let (typed, report) = check(&schema, &parsed.ast, Quirks::Off);
        let accepted = parsed.errors.is_empty() && typed.is_some();
        let warned = report.warnings.iter().any(|w| w.falco.is_some());
        tally.add(if accepted != (verdict == "OK") {
            Outcome::Failed(format!(
                "{condition:?}: Falco {verdict}, we {accepted} {:?} {:?}",
                parsed.errors.first(),
                report.errors.first()
            ))
        } else if accepted && warned != (warn == "yes") {
            Outcome::Failed(format!("{condition:?}: warning: Falco {warn}, we {warned}"))
        } else {
            Outcome::Agreed
        });
    }
    vec![("oracle compile".to_owned(), tally)]
}
