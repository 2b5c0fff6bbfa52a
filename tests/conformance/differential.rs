//! Every way to evaluate rules against the reference evaluator, for every event of every capture.

use crate::Tally;
use peregrine_compiler::rulefile::{Loader, Options, Rule};
use peregrine_compiler::schema::Schema;
use peregrine_runtime::config::RuleMatching;
use peregrine_runtime::engine::{Engine, Matcher, Way, reference_matches};
use peregrine_runtime::fields::extract::{Extractors, FieldOptions};
use peregrine_runtime::fields::syscall_schema;
use peregrine_runtime::source::capture::{Capture, Item};
use peregrine_runtime::state::Limits;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Captures above these sizes take too long for the reference evaluator.
const MOST_BYTES: u64 = if cfg!(debug_assertions) { 300 << 10 } else { 3 << 20 };

/// Given the directory of captures.
pub(crate) fn run(directory: &Path) -> Vec<(String, Tally)> {
    let schema = syscall_schema();
    let rules = rules(&schema, &directory.parent().unwrap().join("rules"));
    let mut captures: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|e| e.unwrap().path()).collect();
    captures.sort();
    let mut tally = Tally::default();
    for path in captures {
        let bytes = path.metadata().unwrap().len();
        if bytes > MOST_BYTES {
            let name = path.file_name().unwrap().to_string_lossy();
            tally.not_comparable.push(format!("{name}: {bytes} bytes are too many for this build"));
            continue;
        }
        compare(&schema, &rules, &path, &mut tally);
    }
    vec![("every way = reference".to_owned(), tally)]
}

/// All rules of the upstream files and the broad ones.
fn rules(schema: &Schema, directory: &Path) -> Vec<Rule> {
    let mut loader = Loader::new(Options::new(vec![schema]));
    let files = ["falco_rules", "falco-incubating_rules", "falco-sandbox_rules", "oracle_rules"];
    for name in files {
        let report = loader.load(name, fs::read(directory.join(format!("{name}.yaml"))).unwrap());
        assert!(report.successful(), "{name}");
    }
    loader.into_rules().unwrap()
}

fn compare(schema: &Schema, rules: &[Rule], path: &Path, tally: &mut Tally) {
    let enabled = vec![true; rules.len()];
    let extractors = Extractors::new(schema);
    let mut matchers = Way::ALL.map(|way| {
        [RuleMatching::All, RuleMatching::First]
            .map(|matching| Matcher::evaluated(schema, rules, &enabled, matching, way))
    });
    let mut engine = Engine::new(Limits::default(), FieldOptions::default());
    let mut capture = Capture::new(File::open(path).unwrap()).unwrap();
    while let Ok(Some(item)) = capture.next_item() {
        let Item::Event { cpu, state_only, event } = item else {
            engine.learn(item);
            continue;
        };
        let Some(context) = engine.take(event, cpu, state_only) else { continue };
        let all = reference_matches(schema, &extractors, rules, &enabled, RuleMatching::All, &context);
        let mut agreed = true;
        for (way, [of_all, of_first]) in Way::ALL.iter().zip(&mut matchers) {
            let (mut found, mut first) = (Vec::new(), Vec::new());
            of_all.matches(&extractors, &context, |id| found.push(id));
            of_first.matches(&extractors, &context, |id| first.push(id));
            if found != all || first.first() != all.first() || first.len() > 1 {
                agreed = false;
                tally.failures.push(format!(
                    "{} event {} {}: {way:?} {found:?}, first {first:?}; reference {all:?}",
                    path.display(),
                    context.num,
                    context.info.name
                ));
            }
        }
        tally.agreed += usize::from(agreed);
    }
}
