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
use std::collections::BTreeMap;
use std::path::Path;

/// What steps are held against.
struct Bench {
    schema: Schema,
    extractors: Extractors,
}

type Tallies = BTreeMap<&'static str, Tally>;

pub(crate) fn run(path: &Path) -> Vec<(String, Tally)> {
    let schema = syscall_schema();
    let extractors = Extractors::new(&schema);
    let bench = Bench { schema, extractors };
    let mut tallies = Tallies::new();
    for case in json_lines(path) {
        bench.scenario(&case, &mut tallies);
    }
    tallies.into_iter().map(|(kind, tally)| (format!("scenarios {kind}"), tally)).collect()
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
                    let context = engine.take(event, 0, false);
                    // what follows, up to the next event, is about this one
                    while let Some(asked) = steps.get(next).filter(|s| s["kind"] != "event") {
                        next += 1;
                        self.ask(test, asked, context.as_ref(), tallies);
                    }
                }
                other => panic!("{test}: unknown kind of step `{other}`"),
            }
        }
    }

    fn ask(&self, test: &str, step: &Json, context: Option<&EventContext<'_>>, tallies: &mut Tallies) {
        let mut add = |kind, outcome| tallies.entry(kind).or_default().add(outcome);
        let Some(context) = context else {
            return add("field", Outcome::Failed(format!("{test}: the event is not delivered: {step}")));
        };
        assert_eq!(step["evt"]["type"], context.info.ident, "{test}");
        match step["kind"].as_str().unwrap() {
            "field" => {
                let name = step["field"].as_str().unwrap();
                add("field", self.value(test, context, name, &step["value"]));
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
        let Some(field) = self.resolve(name) else {
            return Outcome::Failed(format!("{test}: unknown field {name}"));
        };
        let found = render(&self.schema, &self.extractors, context, &field);
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
        let text = step["filter"].as_str().unwrap();
        if text.contains("sample.") {
            return Outcome::NotComparable(format!("{test}: {text}: a field of the test plugin"));
        }
        let expected = step["result"].as_bool();
        let parsed = parse_condition(text, MAX_DEPTH);
        let (condition, report) = check(&self.schema, &parsed.ast, Quirks::Off);
        let Some(condition) = condition.filter(|_| parsed.errors.is_empty()) else {
            return match expected {
                None => Outcome::Agreed,
                Some(_) => Outcome::Failed(format!(
                    "{test}: {text}: refused: {:?} {:?}",
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
            "{test}: {text}: Falco {} {}, we {found:?}; {}",
            step["result"], step["error"], step["fields"]
        ))
    }
}

fn bytes_of_hex(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "an odd number of digits");
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// Texts with a NUL at the end of each.
fn joined(list: &Json) -> Vec<u8> {
    list.as_array().into_iter().flatten().flat_map(|item| [bytes_of(item).unwrap(), vec![0]].concat()).collect()
}

fn add_thread(engine: &mut Engine, step: &Json) {
    let int = |key: &str| step[key].as_i64().unwrap_or_else(|| panic!("no {key}: {step}"));
    // numbers of 32 bits are written with a sign
    let unsigned = |key: &str| int(key) as u32;
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
    let thread = engine.state.threads.get_mut(process.tid).unwrap();
    thread.clone_ns = step["clone_ts"].as_u64().unwrap();
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
