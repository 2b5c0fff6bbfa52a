//! `oracle/compile.tsv`: verdict, whether there was a warning, condition; `oracle/eval.tsv`: how many events
//! of a capture a condition matches.

use crate::choices::FIELDS;
use crate::{Outcome, Tally};
use peregrine_compiler::hir::Condition;
use peregrine_compiler::hir::check::{Quirks, check};
use peregrine_compiler::hir::eval::eval;
use peregrine_compiler::schema::Schema;
use peregrine_compiler::syntax::{MAX_DEPTH, parse_condition};
use peregrine_runtime::engine::Engine;
use peregrine_runtime::fields::extract::{Clock, Extractors, FieldOptions};
use peregrine_runtime::fields::{syscall_fields, syscall_schema};
use peregrine_runtime::source::capture::{Capture, Item};
use peregrine_runtime::state::Limits;
use std::fs::File;
use std::path::{Path, PathBuf};

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

/// A line of `eval.tsv`: capture, its events, how many of them match, condition.
struct Count {
    capture: PathBuf,
    events: u64,
    matches: u64,
    condition: String,
}

fn count(line: &str, directory: &Path) -> Option<Count> {
    let mut cells = line.splitn(4, '\t');
    let name = cells.next()?;
    let capture = match name.split_once(' ') {
        // those of upstream's tests stand with the other captures
        Some((project, rest)) => {
            let file = rest.rsplit(' ').next()?;
            directory.join("captures").join(format!("upstream-{project}-{file}"))
        }
        None => directory.join(name),
    };
    let mut number = || cells.next()?.parse().ok();
    Some(Count { capture, events: number()?, matches: number()?, condition: cells.next()?.to_owned() })
}

pub(crate) fn run_eval(path: &Path) -> Vec<(String, Tally)> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let directory = path.parent().and_then(Path::parent).unwrap();
    let schema = syscall_schema();
    let extractors = Extractors::new(&schema);
    let mut tally = Tally::default();
    for line in text.lines().filter(|l| !l.starts_with('#') && !l.starts_with("capture\t")) {
        let Some(case) = count(line, directory) else {
            tally.add(Outcome::Failed(format!("malformed line {line:?}")));
            continue;
        };
        tally.add(matches(&schema, &extractors, &case));
    }
    vec![("oracle eval".to_owned(), tally)]
}

fn matches(schema: &Schema, extractors: &Extractors, case: &Count) -> Outcome {
    let parsed = parse_condition(&case.condition, MAX_DEPTH);
    let typed = |quirks| check(schema, &parsed.ast, quirks).0.filter(|_| parsed.errors.is_empty());
    let Some(condition) = typed(Quirks::Off) else {
        return Outcome::Failed(format!("{}: refused: {:?}", case.condition, parsed.errors.first()));
    };
    let expected = (case.events, case.matches);
    let found = matching(schema, extractors, case, &condition);
    if found == expected {
        return Outcome::Agreed;
    }
    let chosen = FIELDS.iter().any(|name| case.condition.contains(name));
    if chosen || typed(Quirks::Falco).is_some_and(|c| matching(schema, extractors, case, &c) == expected) {
        return Outcome::Chosen;
    }
    let name = case.capture.file_name().unwrap().display();
    Outcome::Failed(format!("{name}: {}: (events, matches) Falco {expected:?}, we {found:?}", case.condition))
}

/// Events that rules may see, and how many of them match.
fn matching(schema: &Schema, extractors: &Extractors, case: &Count, condition: &Condition) -> (u64, u64) {
    let file = File::open(&case.capture).unwrap_or_else(|e| panic!("{}: {e}", case.capture.display()));
    let mut capture = Capture::new(file).unwrap();
    let options = FieldOptions { clock: Clock::utc(), ..FieldOptions::default() };
    let mut engine = Engine::new(Limits::default(), options);
    let (mut events, mut matches) = (0, 0);
    while let Some(item) = capture.next_item().unwrap() {
        let Item::Event { cpu, state_only, event } = item else {
            engine.learn(item);
            continue;
        };
        let Some(context) = engine.take(event, cpu, state_only) else { continue };
        events += 1;
        matches += u64::from(eval(schema, condition, &extractors.source(&context)) == Ok(true));
    }
    (events, matches)
}
