//! What must hold for every input, as functions that panic when it does not.
//!
//! Each takes raw input and gives back what share of it was meaningful.

use super::choices::Choices;
use super::conditions;
use super::files;
use super::stats::Stats;
use super::table::Table;
use peregrine_compiler::diagnostic::{Diagnostic, render};
use peregrine_compiler::format;
use peregrine_compiler::hir::Condition;
use peregrine_compiler::hir::check::{Quirks, check};
use peregrine_compiler::hir::eval::{TypeMismatch, Value, eval};
use peregrine_compiler::hir::events::{event_codes, syscall_codes};
use peregrine_compiler::hir::field::{FieldArg, FieldRef};
use peregrine_compiler::hir::template::parse_template;
use peregrine_compiler::interp::{Go, Interpreter, Scratch};
use peregrine_compiler::ir::{self, Known, Program, Rules, passes};
use peregrine_compiler::rulefile::{Loader, Options, Rule, condition_warns};
use peregrine_compiler::schema::{EventCode, Schema};
use peregrine_compiler::source::SourceMap;
use peregrine_compiler::staged::{self, Staged, Staging, Subject};
use peregrine_compiler::syntax::ast::{Ast, TextRange};
use peregrine_compiler::syntax::{MAX_DEPTH, parse_condition, print};
use std::sync::Arc;

/// Events that each condition is evaluated for.
const EVENTS: u64 = 4;

/// Bytes as a rule file: loading does not panic and finds the same twice; findings lie inside the file
/// and can be rendered; a ruleset exists only without errors, and its conditions keep their meaning
/// when they are printed and parsed; formatting changes nothing but the layout.
pub fn rulefile_bytes(schema: &Schema, bytes: &[u8]) -> Stats {
    let mut stats = Stats { inputs: 1, ..Stats::default() };
    let mut loader = Loader::new(Options::new(vec![schema]));
    let report = loader.load("rules.yaml", bytes.to_vec());
    let mut again = Loader::new(Options::new(vec![schema]));
    let second = again.load("rules.yaml", bytes.to_vec());
    assert_eq!(report.diagnostics, second.diagnostics, "two loads of one file differ");
    assert_eq!(
        report.successful(),
        loader.rules().is_some(),
        "a ruleset exists exactly when there is no error"
    );
    findings(&report.diagnostics, loader.sources());
    let rules = loader.rules().unwrap_or_default();
    if report.successful() {
        stats.parsed = 1;
        stats.typed = u64::from(!rules.is_empty());
    }
    for rule in rules {
        round_trip(rule.ast());
        stats.add(&evaluations(schema, rule.ast(), &rule.condition));
        let _ = loader.describe_rule(rule);
    }
    let _ = (loader.describe_macros(), loader.describe_lists());
    findings(&loader.lint(), loader.sources());
    if let Some(file) = report.file {
        let _ = loader.schema_warnings(file);
        formatted(schema, loader.sources().file(file).text(), loader.rules());
    }
    // a file after itself: everything is defined twice
    let third = loader.load("again.yaml", bytes.to_vec());
    findings(&third.diagnostics, loader.sources());
    stats
}

/// Choices as a rule file: what holds for bytes, and lists substituted in one pass give the text that
/// substituting them one after the other gives.
pub fn rulefile_tree(schema: &Schema, bytes: &[u8]) -> Stats {
    let file = files::file(&mut Choices::new(bytes), schema);
    let stats = rulefile_bytes(schema, file.yaml.as_bytes());
    let mut loader = Loader::new(Options::new(vec![schema]));
    loader.load("rules.yaml", file.yaml.clone().into_bytes());
    for rule in loader.rules().unwrap_or_default() {
        let Some((_, written)) = file.rules.iter().find(|(name, _)| **name == *rule.name) else { continue };
        assert_eq!(files::collapse(rule.condition_text()), file.substituted(written), "{}", file.yaml);
    }
    stats
}

/// Formatting gives a text that loads to the same rules and stays as it is when formatted again.
fn formatted(schema: &Schema, text: &str, rules: Option<&[Rule]>) {
    let options = format::Options::default();
    let result = match format::format("rules.yaml", text, &options) {
        Ok(result) => result,
        Err(format::FormatError::Invalid(_)) => return,
        Err(e @ format::FormatError::Internal { .. }) => panic!("{e}\n{text}"),
    };
    match format::format("rules.yaml", &result, &options) {
        Ok(again) => assert_eq!(again, result, "formatted twice, from:\n{text}"),
        Err(e) => panic!("the formatted text is refused: {e}\n{text}"),
    }
    let Some(rules) = rules else { return };
    let mut loader = Loader::new(Options::new(vec![schema]));
    loader.load("rules.yaml", result.clone().into_bytes());
    let again = loader.rules().unwrap_or_default();
    assert_eq!(again.len(), rules.len(), "formatting changes the rules\n{text}\n{result}");
    for (a, b) in rules.iter().zip(again) {
        assert!(a.ast().same_tree(b.ast()), "formatting changes a condition\n{text}\n{result}");
        assert_eq!((&a.name, &a.output, &a.tags, a.priority), (&b.name, &b.output, &b.tags, b.priority));
    }
}

fn findings(diagnostics: &[Diagnostic], sources: &SourceMap) {
    for diagnostic in diagnostics {
        let context = diagnostic.falco.iter().flat_map(|f| f.context.iter().map(|c| c.span));
        for span in diagnostic.labels.iter().map(|l| l.span).chain(context) {
            let text = sources.file(span.file).text();
            let inside = text.get(span.start as usize..span.end as usize).is_some();
            assert!(inside, "{span:?} is not in the text of {} bytes: {diagnostic:?}", text.len());
        }
        assert_eq!(
            diagnostic.labels.iter().filter(|l| l.primary).count(),
            usize::from(!diagnostic.labels.is_empty())
        );
    }
    let text = render::text(diagnostics, sources, &render::TextOptions::default());
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "control characters reach the terminal");
    let json = serde_json::to_string(&render::json(diagnostics, sources)).expect("findings serialise");
    let values: Vec<serde_json::Value> = serde_json::from_str(&json).expect("findings are JSON");
    assert_eq!(values.len(), diagnostics.len());
}

/// A text as a condition: nothing panics, errors lie inside the text; without errors, the canonical
/// print parses to the same tree.
pub fn condition_text(schema: &Schema, text: &str) -> Stats {
    let mut stats = Stats { inputs: 1, ..Stats::default() };
    let parsed = parse_condition(text, MAX_DEPTH);
    for error in &parsed.errors {
        for range in std::iter::once(error.range).chain(error.also.iter().map(|a| a.0)) {
            inside(text, range);
        }
    }
    let _ = (print::falco(&parsed.ast), print::canonical(&parsed.ast), condition_warns(text));
    for error in parse_template(schema, text).err().unwrap_or_default() {
        inside(text, error.range);
    }
    if parsed.errors.is_empty() {
        stats.parsed = 1;
        parsed.ast.nodes().iter().for_each(|node| inside(text, node.range));
        round_trip(&parsed.ast);
    }
    let typed = check(schema, &parsed.ast, Quirks::Off);
    for range in typed.1.errors.iter().map(|e| e.range).chain(typed.1.warnings.iter().map(|w| w.range)) {
        inside(text, range);
    }
    if let (true, Some(condition)) = (parsed.errors.is_empty(), typed.0) {
        stats.typed = 1;
        stats.add(&evaluations(schema, &parsed.ast, &condition));
    }
    stats
}

/// Choices as a condition and events: printing and parsing gives the same tree, which evaluates alike;
/// `not c` is the opposite of `c`; `c and c` and `c or c` are `c`; event sets are sound.
pub fn condition_tree(schema: &Schema, bytes: &[u8]) -> Stats {
    let ast = conditions::condition(&mut Choices::new(bytes), schema);
    let mut stats = Stats { inputs: 1, parsed: 1, ..Stats::default() };
    round_trip(&ast);
    let _ = print::falco(&ast);
    if let (Some(condition), report) = check(schema, &ast, Quirks::Off) {
        assert!(report.errors.is_empty());
        stats.typed = 1;
        stats.add(&evaluations(schema, &ast, &condition));
    }
    stats
}

/// A range of a text, on character limits.
fn inside(text: &str, range: TextRange) {
    assert!(text.get(range.start as usize..range.end as usize).is_some(), "{range:?} is not in {text:?}");
}

fn parse(text: &str) -> Ast {
    // a canonical print can be nested a little deeper than what it was made of: `not (not x)`
    let parsed = parse_condition(text, 4 * MAX_DEPTH);
    assert!(parsed.errors.is_empty(), "the canonical print has errors: {:?}\n{text}", parsed.errors);
    parsed.ast
}

fn round_trip(ast: &Ast) {
    let text = print::canonical(ast);
    let again = parse(&text);
    assert!(
        again.same_tree(ast),
        "printed and parsed, the tree is another:\n{text}\n{}",
        print::canonical(&again)
    );
}

/// A condition and its double as a ruleset in decision IR: once with nothing constant, once with what is
/// constant for the type of each event; by the interpreter, and by states with and without keeping answers.
struct Decided {
    interpreters: Vec<(&'static str, Interpreter)>,
    staged: Vec<(&'static str, Staged)>,
}

impl Decided {
    fn new(schema: &Schema, ast: &Ast, condition: &Condition) -> Self {
        let shared = Arc::new(schema.clone());
        let of_type = |code: EventCode, field: &FieldRef| {
            let name = &*schema.field(field.id).name;
            match schema.event(code) {
                Some(event) if field.arg == FieldArg::None && matches!(name, "evt.type" | "syscall.type") => {
                    Known::Is(Value::Text(event.name.as_bytes().to_vec()))
                }
                _ => Known::Varies,
            }
        };
        let plain = Arc::new(program(schema, ast, condition, &|_, _| Known::Varies));
        let folded = Arc::new(program(schema, ast, condition, &of_type));
        let staged = |program: &Arc<Program>, staging| {
            let options = staged::Options { staging, ..staged::Options::default() };
            Staged::new(Arc::clone(&shared), Arc::clone(program), options, &|_| true)
        };
        Self {
            staged: vec![
                ("unstaged", staged(&plain, Staging::Off)),
                ("staged", staged(&folded, Staging::On)),
            ],
            interpreters: vec![
                ("plain", Interpreter::new(Arc::clone(&shared), plain)),
                ("folded", Interpreter::new(shared, folded)),
            ],
        }
    }

    fn compare(
        &mut self,
        table: &Table<'_>,
        version: u64,
        expected: Result<bool, TypeMismatch>,
        text: &dyn Fn() -> String,
    ) {
        let Some(event) = table.event() else { return };
        let hits: &[u32] = if expected == Ok(true) { &[0, 1] } else { &[] };
        let mismatches = if expected.is_err() { 2 } else { 0 };
        let mut scratch = Scratch::default();
        for (name, interpreter) in &self.interpreters {
            let (mut found, go) = (Vec::new(), Go::On);
            let hit = |rule| {
                found.push(rule);
                go
            };
            let wrong = interpreter.matches(&mut scratch, event.code, &table, hit);
            assert_eq!((found.as_slice(), wrong), (hits, mismatches), "{name} interpreter: {}", text());
        }
        // one thread and descriptor that change from table to table
        let subject = Versioned(version);
        for (name, staged) in &mut self.staged {
            for _ in 0..2 {
                let mut found = Vec::new();
                let wrong = staged.matches(&subject, event.code, &table, |rule| {
                    found.push(rule);
                    Go::On
                });
                assert_eq!((found.as_slice(), wrong), (hits, mismatches), "{name}: {}", text());
            }
        }
    }
}

/// One thread and one descriptor, in some version.
struct Versioned(u64);

impl Subject for Versioned {
    fn thread(&self) -> Option<(u32, u64)> {
        Some((1, self.0))
    }

    fn fd(&self) -> Option<u64> {
        Some(self.0)
    }

    fn generation(&self) -> u64 {
        1
    }
}

/// A condition and its double in decision IR; its text form gives the same program again.
fn program(
    schema: &Schema,
    ast: &Ast,
    condition: &Condition,
    constant: &dyn Fn(EventCode, &FieldRef) -> Known,
) -> Program {
    let condition = Arc::new(condition.clone());
    let rules = Rules {
        schema,
        conditions: vec![(0, Arc::clone(&condition)), (1, Arc::clone(&condition))],
        text: &|_, check| print::canonical_node(ast, condition.node(check).ast),
        looks_at: &|_, _| true,
        constant,
        bits: &|_, _, _| None,
    };
    let mut program = ir::build::build(&rules);
    passes::optimize(&mut program, &passes::Types::new(schema, &rules));
    ir::verify::verify(&program).unwrap_or_else(|e| panic!("{e}"));
    program
}

/// Evaluates for some events and checks what evaluation promises.
fn evaluations(schema: &Schema, ast: &Ast, condition: &Condition) -> Stats {
    let mut stats = Stats::default();
    let typed = |ast: &Ast| {
        let (condition, report) = check(schema, ast, Quirks::Off);
        condition.unwrap_or_else(|| panic!("{:?}\n{}", report.errors, print::canonical(ast)))
    };
    let reparsed = typed(&parse(&print::canonical(ast)));
    let opposite = typed(&conditions::negated(ast));
    let both = typed(&conditions::doubled(ast, false));
    let either = typed(&conditions::doubled(ast, true));
    let (quirky, _) = check(schema, ast, Quirks::Falco);
    let quirky = quirky.unwrap_or_else(|| panic!("quirks change what fits: {}", print::canonical(ast)));
    let events = event_codes(schema, ast).ok();
    let mut decided = Decided::new(schema, ast, condition);
    let _ = syscall_codes(schema, ast);
    for seed in 0..EVENTS {
        let table = Table::new(schema, seed);
        let run = |condition: &Condition| eval(schema, condition, &table);
        let result: Result<bool, TypeMismatch> = run(condition);
        match result {
            Ok(true) => stats.yes += 1,
            Ok(false) => stats.no += 1,
            Err(_) => stats.mismatch += 1,
        }
        let text = || print::canonical(ast);
        assert_eq!(result, run(condition), "evaluated twice: {}", text());
        assert_eq!(result, run(&reparsed), "printed and parsed: {}", text());
        assert_eq!(result.map(|b| !b), run(&opposite), "`not c` is not the opposite: {}", text());
        assert_eq!(result, run(&both), "`c and c` is not `c`: {}", text());
        assert_eq!(result, run(&either), "`c or c` is not `c`: {}", text());
        decided.compare(&table, seed + 1, result, &text);
        let _ = run(&quirky);
        if let (Ok(true), Some(events), Some(event)) = (result, &events, table.event()) {
            assert!(
                events.contains(event.code.0),
                "true for {}, which is not in its event set: {}",
                event.ident,
                text()
            );
        }
    }
    stats
}
