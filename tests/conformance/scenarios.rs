//! `sinsp-scenarios.jsonl`: initial threads and raw events, then values of fields and results of filters.

use crate::{Outcome, Tally, bytes_of, choices, json_lines};
use peregrine_compiler::hir::check::{Quirks, check};
use peregrine_compiler::hir::eval::eval;
use peregrine_compiler::hir::field::{FieldRef, resolve_field};
use peregrine_compiler::schema::{EventCode, Schema};
use peregrine_compiler::syntax::{MAX_DEPTH, parse_condition};
use peregrine_runtime::alert::render;
use peregrine_runtime::engine::Engine;
use peregrine_runtime::event::build::width_of;
use peregrine_runtime::event::view::EventView;
use peregrine_runtime::fields::extract::{Clock, EventContext, Extractors, FieldOptions};
use peregrine_runtime::fields::syscall_schema;
use peregrine_runtime::source::capture::{FdDetail, FdEntry, Process};
use peregrine_runtime::state::Limits;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// What steps are held against.
struct Bench {
    schema: Schema,
    extractors: Extractors,
    /// Recorded values by what was done up to then and by field.
    recorded: HashMap<(Vec<u8>, String), BTreeSet<String>>,
}

type Tallies = BTreeMap<&'static str, Tally>;

pub(crate) fn run(path: &Path) -> Vec<(String, Tally)> {
    let schema = syscall_schema();
    let extractors = Extractors::new(&schema);
    let cases = json_lines(path);
    let bench = Bench { schema, extractors, recorded: recorded(&cases) };
    let mut tallies = Tallies::new();
    for case in &cases {
        bench.scenario(case, &mut tallies);
    }
    tallies.into_iter().map(|(kind, tally)| (format!("scenarios {kind}"), tally)).collect()
}

/// The processor that all events were recorded on.
const CPU: u16 = 1;

/// Values that the tests got after they had changed the engine behind its back, which no step tells: they
/// took the process of a thread away.
const CHANGED: &[(&str, &str, &str)] = &[
    ("sinsp_with_test_input.PROC_FILTER_nthreads", "proc.nthreads", "0"),
    ("sinsp_with_test_input.PROC_FILTER_nchilds", "proc.nchilds", "0"),
];

/// The steps before `at` that do something.
fn done(steps: &[Json], at: usize) -> Vec<u8> {
    let acts = steps.iter().take(at).filter(|s| s["kind"] == "thread" || s["kind"] == "event");
    acts.flat_map(|s| s.to_string().into_bytes()).collect()
}

fn recorded(cases: &[Json]) -> HashMap<(Vec<u8>, String), BTreeSet<String>> {
    let mut found: HashMap<_, BTreeSet<String>> = HashMap::new();
    for case in cases {
        let steps = case["steps"].as_array().unwrap();
        for (at, step) in steps.iter().enumerate().filter(|(_, s)| s["kind"] == "field") {
            let key = (done(steps, at), step["field"].as_str().unwrap().to_owned());
            found.entry(key).or_default().insert(step["value"].to_string());
        }
    }
    found
}

impl Bench {
    fn scenario(&self, case: &Json, tallies: &mut Tallies) {
        let test = case["test"].as_str().unwrap();
        let options = FieldOptions { clock: Clock::utc(), ..FieldOptions::default() };
        let mut engine = Engine::new(Limits::default(), options);
        engine.state.begin();
        let steps = case["steps"].as_array().unwrap();
        let mut next = 0;
        while let Some(step) = steps.get(next) {
            next += 1;
            match step["kind"].as_str().unwrap() {
                "thread" => add_thread(&mut engine, step),
                "open" => {}
                "event" => {
                    let bytes = bytes_of_hex(step["hex"].as_str().unwrap());
                    let code = EventCode(u16::try_from(step["type"].as_u64().unwrap()).unwrap());
                    let event = EventView::parse(&bytes, width_of(code)).unwrap();
                    assert_eq!(event.code, code, "{test}");
                    let context = engine.take(event, CPU, false);
                    let before = done(steps, next);
                    // what follows, up to the next event, is about this one
                    while let Some(asked) = steps.get(next).filter(|s| s["kind"] != "event") {
                        next += 1;
                        self.ask(test, asked, &before, context.as_ref(), tallies);
                    }
                }
                other => panic!("{test}: unknown kind of step `{other}`"),
            }
        }
    }

    fn ask(
        &self,
        test: &str,
        step: &Json,
        before: &[u8],
        context: Option<&EventContext<'_>>,
        tallies: &mut Tallies,
    ) {
        let mut add = |kind, outcome| tallies.entry(kind).or_default().add(outcome);
        let Some(context) = context else {
            return add("field", Outcome::Failed(format!("{test}: the event is not delivered: {step}")));
        };
        assert_eq!(step["evt"]["type"], context.info.ident, "{test}");
        match step["kind"].as_str().unwrap() {
            "field" => {
                let name = step["field"].as_str().unwrap();
                let recorded = self.recorded.get(&(before.to_vec(), name.to_owned()));
                add(
                    "field",
                    match untold(test, name, &step["value"], recorded) {
                        Some(why) => Outcome::NotComparable(format!("{test}: {name}: {why}")),
                        None => self.value(test, context, name, &step["value"]),
                    },
                );
            }
            "has_value" => {
                let name = step["field"].as_str().unwrap();
                add("has_value", self.has_value(test, context, name, step["value"].as_bool().unwrap()));
            }
            "eval" => {
                for (name, value) in step["fields"].as_object().into_iter().flatten() {
                    add("field", self.value(test, context, name, value));
                }
                add("eval", self.result(test, context, step));
            }
            other => panic!("{test}: unknown kind of step `{other}`"),
        }
    }

    fn resolve(&self, name: &str) -> Option<FieldRef> {
        let (base, arg) = match name.split_once('[') {
            Some((base, arg)) => (base, Some(arg.trim_end_matches(']').as_bytes())),
            None => (name, None),
        };
        resolve_field(&self.schema, base, arg).ok()
    }

    fn value(&self, test: &str, context: &EventContext<'_>, name: &str, expected: &Json) -> Outcome {
        if *expected == "<unknown field>" || *expected == "<error>" {
            return Outcome::NotComparable(format!("{test}: {name}: recorded as {expected}"));
        }
        let field = self.resolve(name);
        let found = field.and_then(|f| render(&self.schema, &self.extractors, context, &f));
        if found.is_none() && expected.is_null() {
            return Outcome::Agreed;
        }
        let found = found.unwrap_or_else(|| b"<NA>".to_vec());
        if Some(&found) == bytes_of(expected).as_ref() {
            return Outcome::Agreed;
        }
        Outcome::Failed(format!(
            "{test}: {name} of {}: Falco {expected}, we {:?}",
            context.info.ident,
            String::from_utf8_lossy(&found)
        ))
    }

    fn has_value(&self, test: &str, context: &EventContext<'_>, name: &str, expected: bool) -> Outcome {
        let Some(field) = self.resolve(name) else {
            return Outcome::Failed(format!("{test}: unknown field {name}"));
        };
        let found = render(&self.schema, &self.extractors, context, &field);
        if found.is_some() == expected {
            return Outcome::Agreed;
        }
        Outcome::Failed(format!(
            "{test}: {name} of {}: Falco has a value: {expected}, we {:?}",
            context.info.ident,
            found.map(|f| String::from_utf8_lossy(&f).into_owned())
        ))
    }

    fn result(&self, test: &str, context: &EventContext<'_>, step: &Json) -> Outcome {
        let filter = step["filter"].as_str().unwrap();
        if filter.contains("sample.") {
            return Outcome::NotComparable(format!("{test}: {filter}: a field of the test plugin"));
        }
        let expected = step["result"].as_bool();
        let parsed = parse_condition(filter, MAX_DEPTH);
        let (condition, report) = check(&self.schema, &parsed.ast, Quirks::Off);
        let Some(condition) = condition.filter(|_| parsed.errors.is_empty()) else {
            return match expected {
                None => Outcome::Agreed,
                Some(_) => Outcome::Failed(format!(
                    "{test}: {filter}: refused: {:?} {:?}",
                    parsed.errors.first(),
                    report.errors.first()
                )),
            };
        };
        let source = self.extractors.source(context);
        let found = eval(&self.schema, &condition, &source).ok();
        if found == expected {
            return Outcome::Agreed;
        }
        if let (Some(_), Some(theirs)) = (found, expected)
            && choices::agrees_with_quirks(&self.schema, &parsed.ast, &source, theirs)
        {
            return Outcome::Chosen;
        }
        Outcome::Failed(format!(
            "{test}: {filter}: Falco {} {}, we {found:?}; {}",
            step["result"], step["error"], step["fields"]
        ))
    }
}

/// Why a value cannot follow from the steps.
fn untold(test: &str, name: &str, value: &Json, recorded: Option<&BTreeSet<String>>) -> Option<&'static str> {
    if recorded.is_some_and(|values| values.len() > 1) {
        return Some("the same steps gave different values: the test did something that they do not tell");
    }
    let changed = CHANGED.iter().any(|&(t, f, v)| t == test && f == name && value == v);
    changed.then_some("the test changed the engine behind its back")
}

fn bytes_of_hex(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "an odd number of digits");
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// Texts with a NUL at the end of each.
fn joined(list: &Json) -> Vec<u8> {
    list.as_array()
        .into_iter()
        .flatten()
        .flat_map(|item| [bytes_of(item).unwrap(), vec![0]].concat())
        .collect()
}

fn add_thread(engine: &mut Engine, step: &Json) {
    let int = |key: &str| step[key].as_i64().unwrap_or_else(|| panic!("no {key}: {step}"));
    // numbers of 32 bits are written with a sign
    let unsigned = |key: &str| i32::try_from(int(key)).unwrap().cast_unsigned();
    let bytes = |key: &str| bytes_of(&step[key]).unwrap();
    let process = Process {
        tid: int("tid"),
        pid: int("pid"),
        ptid: int("ptid"),
        sid: int("sid"),
        vpgid: int("vpgid"),
        pgid: int("pgid"),
        vtid: int("vtid"),
        vpid: int("vpid"),
        comm: bytes("comm"),
        exe: bytes("exe"),
        exepath: bytes("exepath"),
        args: joined(&step["args"]),
        env: joined(&step["env"]),
        cwd: bytes("cwd"),
        root: bytes("root"),
        fdlimit: int("fdlimit"),
        flags: unsigned("flags"),
        uid: unsigned("uid"),
        gid: unsigned("gid"),
        tty: unsigned("tty"),
        loginuid: unsigned("loginuid"),
        ..Process::default()
    };
    engine.state.add_process(&process);
    let clone_ns = step["clone_ts"].as_u64().unwrap();
    engine.state.change_thread(process.tid, |thread| thread.clone_ns = clone_ns);
    let fds: Vec<FdEntry> = step["fds"].as_array().unwrap().iter().map(descriptor).collect();
    engine.state.add_fds(process.tid, &fds);
}

fn descriptor(entry: &Json) -> FdEntry {
    const FILE: u64 = 16;
    let kind = entry["type"].as_u64().unwrap();
    let name = bytes_of(&entry["name"]).unwrap();
    let detail = if kind == FILE { FdDetail::File(0, name, 0) } else { FdDetail::Named(name) };
    FdEntry { fd: entry["fd"].as_i64().unwrap(), ino: 0, kind: u8::try_from(kind).unwrap(), detail }
}
