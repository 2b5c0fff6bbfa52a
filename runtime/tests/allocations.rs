//! The event path does not allocate.
//!
//! Recorded captures are replayed twice with the upstream rules. The first time warms up what keeps its memory:
//! the arena's chunk, caches of regular expressions, the matcher's scratch. The second time neither matching
//! an event that no rule matches nor the extraction of any field may ask the heap for anything. State updates
//! and alerts store things, and are not measured.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]

#[path = "support/captures.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod captures;

use peregrine_compiler::hir::OperandKind;
use peregrine_compiler::hir::field::{FieldArg, FieldRef, resolve_field};
use peregrine_compiler::rulefile::{Loader, Options, Rule};
use peregrine_compiler::schema::Schema;
use peregrine_runtime::config::RuleMatching;
use peregrine_runtime::engine::{Engine, Jit, Matcher, Way};
use peregrine_runtime::event::EVENTS;
use peregrine_runtime::fields::extract::{EventContext, Extractors, FieldOptions};
use peregrine_runtime::fields::syscall_schema;
use peregrine_runtime::source::capture::Item;
use peregrine_runtime::state::Limits;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;

const CAPTURES: [&str; 3] = ["attack.scap", "mix.scap", "shell-fset.scap"];
const RULES: [&str; 3] = ["falco_rules", "falco-incubating_rules", "falco-sandbox_rules"];

/// Calls `each` with every event that rules see, of the capture's first and second replay.
fn replay(directory: &Path, name: &str, mut each: impl FnMut(Pass, &EventContext<'_>)) {
    let mut engine = Engine::new(Limits::default(), FieldOptions::default());
    for pass in [Pass::WarmUp, Pass::Measured] {
        let error = captures::for_each(File::open(directory.join(name)).unwrap(), |item| match item {
            Item::Event { cpu, state_only, event } => {
                if let Some(context) = engine.take(event, cpu, state_only) {
                    each(pass, &context);
                }
            }
            other => engine.learn(other),
        });
        assert!(error.is_none(), "{name}: {error:?}");
    }
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Pass {
    WarmUp,
    Measured,
}

fn allocations(run: impl FnOnce()) -> u64 {
    allocation_counter::measure(run).count_total
}

#[test]
fn allocations_are_counted() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![1_u8]))), 1);
    assert_eq!(allocations(|| ()), 0);
}

fn rules(schema: &Schema, directory: &Path) -> Vec<Rule> {
    let mut loader = Loader::new(Options::new(vec![schema]));
    for name in RULES {
        let report = loader.load(name, fs::read(directory.join(format!("{name}.yaml"))).unwrap());
        assert!(report.successful(), "{name}");
    }
    loader.into_rules().unwrap()
}

/// Whether the interpreter leaves a check of this rule to the reference evaluator, whose values are owned.
fn needs_reference(rule: &Rule) -> bool {
    rule.condition.checks().any(|check| {
        let left = &rule.condition.operand(check.left).kind;
        let plain = matches!(left, OperandKind::Field(field) if !matches!(field.arg, FieldArg::Time(_)));
        !plain || check.modifier.is_some()
    })
}

#[test]
fn events_that_no_rule_matches_allocate_nothing() {
    let (Some(captures), Some(directory)) =
        (captures::conformance("captures"), captures::conformance("rules"))
    else {
        return;
    };
    let schema = syscall_schema();
    let rules = rules(&schema, &directory);
    let enabled = vec![true; rules.len()];
    let owned: Vec<&str> = rules.iter().filter(|r| needs_reference(r)).map(|r| &*r.name).collect();
    println!("rules that need the reference evaluator: {owned:?}");
    let ways = [Way::Interpreter, Way::Unstaged(Jit::Off), Way::Staged(Jit::Off), Way::Staged(Jit::Eager)];
    for (name, way) in CAPTURES.into_iter().flat_map(|name| ways.map(|way| (name, way))) {
        let extractors = Extractors::new(&schema);
        let mut matcher = Matcher::evaluated(&schema, &rules, &enabled, RuleMatching::All, way);
        let (mut quiet, mut new, mut loud) = (0_u64, 0_u64, BTreeMap::<&str, u64>::new());
        // what is made for the first time is stored: a state, code, the class of a process's text
        let made = |m: &Matcher| m.counters().map_or([0; 3], |c| [c.states, c.functions, c.process_misses]);
        replay(&captures, name, |pass, context| {
            let (mut hits, before) = (0, made(&matcher));
            let count = allocations(|| matcher.matches(&extractors, context, |_| hits += 1));
            if pass == Pass::Measured && hits == 0 {
                if made(&matcher) != before {
                    new += 1;
                    return;
                }
                quiet += 1;
                if count > 0 {
                    *loud.entry(context.info.name).or_default() += 1;
                }
            }
        });
        println!("{name}, {way:?}: {quiet} events without a match, {new} that made something new");
        assert!(quiet > 1000 && new * 5 < quiet, "{name}, {way:?}: {quiet}, {new}");
        assert!(loud.is_empty(), "{name}, {way:?}: {quiet} events, of which these allocated: {loud:?}");
    }
}

/// Every field, with arguments that have values.
fn all_fields(schema: &Schema) -> Vec<(String, FieldRef)> {
    let names = schema.fields().iter().map(|f| f.name.to_string());
    let params: BTreeSet<&str> = EVENTS.iter().flat_map(|e| e.params.iter().map(|p| p.name)).collect();
    let raw = params.iter().map(|name| format!("evt.rawarg.{name}"));
    let args = params.iter().map(|name| format!("evt.arg.{name}"));
    let plain = names.chain(raw).chain(args).map(|name| (name, None));
    let with_argument = [
        ("evt.arg", "0"),
        ("evt.arg", "1"),
        ("proc.args", "1"),
        ("proc.env", "PATH"),
        ("proc.aenv", "PATH"),
        ("proc.aname", "2"),
        ("proc.apid", "1"),
        ("proc.aargs", "1"),
        ("fd.types", "1"),
        ("evt.around", "1"),
        ("container.mount", "0"),
    ];
    let all = plain.chain(with_argument.map(|(name, arg)| (name.to_owned(), Some(arg))));
    all.filter_map(|(name, arg)| {
        let field = resolve_field(schema, &name, arg.map(str::as_bytes)).ok()?;
        Some((format!("{name} {arg:?}"), field))
    })
    .collect()
}

#[test]
fn extraction_allocates_nothing() {
    let Some(captures) = captures::conformance("captures") else { return };
    let schema = syscall_schema();
    let extractors = Extractors::new(&schema);
    let fields = all_fields(&schema);
    // all fields of all events take minutes without optimisation
    let is_chosen = |context: &EventContext<'_>| context.num % 7 == 1;
    assert!(fields.len() > 300, "{}", fields.len());
    for name in CAPTURES {
        let mut loud = BTreeMap::<&str, u64>::new();
        replay(&captures, name, |pass, context| {
            for (shown, field) in fields.iter().filter(|_| is_chosen(context)) {
                let count = allocations(|| {
                    std::hint::black_box(extractors.find(context, field));
                });
                if pass == Pass::Measured && count > 0 {
                    *loud.entry(shown).or_default() += 1;
                }
            }
        });
        assert!(loud.is_empty(), "{name}: fields that allocated, and how often: {loud:?}");
    }
}
