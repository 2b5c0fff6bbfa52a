//! `filter-cases.jsonl`: one condition a line.

use crate::table::Table;
use crate::{Outcome, Tally, bytes_of, choices, json_lines, names};
use peregrine_compiler::hir::check::{Quirks, check};
use peregrine_compiler::hir::eval::{Extracted, FieldSource, Value, eval};
use peregrine_compiler::hir::events::{event_codes, syscall_codes};
use peregrine_compiler::hir::field::FieldRef;
use peregrine_compiler::ops::escape::{falco_escape, unescape};
use peregrine_compiler::rulefile::condition_warns;
use peregrine_compiler::schema::{
    ArgSpec, EventCode, FieldDef, FieldFlags, Multi, PrintFormat, Schema, Scope, Type,
};
use peregrine_compiler::syntax::ast::{Ast, NodeId, NodeKind};
use peregrine_compiler::syntax::{parse_condition, print};
use peregrine_runtime::event;
use peregrine_runtime::fields::{static_field, syscall_fields, syscall_schema};
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::path::Path;

/// The nesting limit of Falco's parser where nothing raises it.
const PARSER_DEPTH: u32 = 100;

pub(crate) fn run(path: &Path) -> Vec<(String, Tally)> {
    let cases = json_lines(path);
    let schema = test_schema(&cases);
    let scenarios = Scenarios::beside(path, &cases);
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for case in &cases {
        let kind = case["kind"].as_str().unwrap_or("?").to_owned();
        let outcome = match kind.as_str() {
            "parse" => parse(case),
            "compile" => compile(case, &schema),
            "eval" => evaluate(case, &schema, &scenarios),
            "mock_eval" => mock_eval(case, &schema),
            "ppm_sc" | "ppm_events" => codes(case, &schema),
            "escape" => escape(case),
            "unescape" => unescape_case(case),
            "rule_filter_warns" => warns(case),
            other => Outcome::Failed(format!("unknown kind of case `{other}`")),
        };
        tallies.entry(format!("filter {kind}")).or_default().add(outcome);
    }
    tallies.into_iter().collect()
}

/// The syscall schema with the fields of the mock checks and of the test plugin that cases use.
fn test_schema(cases: &[Json]) -> Schema {
    let base = syscall_schema();
    let field = |name: &'static str, ty| FieldDef {
        name: name.into(),
        ty,
        list: false,
        arg: ArgSpec::None,
        flags: FieldFlags::NONE,
        print: PrintFormat::Na,
        multi: Multi::No,
        scope: Scope::Event,
        cost: 1,
        class: "test".into(),
        doc: "a field of the cases".into(),
    };
    let mut fields = syscall_fields();
    fields.extend([
        // the mock checks take every operator and any literal
        field("c.true", Type::Dyn),
        field("c.false", Type::Dyn),
        field("c.buffer", Type::ByteBuf),
        field("c.doublequote", Type::CharBuf),
        field("c.singlequote", Type::CharBuf),
        field("sample.is_open", Type::Uint64),
        field("sample.open_count", Type::Uint64),
        field("sample.evt_count", Type::Uint64),
        field("sample.proc_name", Type::CharBuf),
        field("sample.tick", Type::CharBuf),
    ]);
    // static fields are configuration, which the cases do not tell: those that they use
    for case in cases {
        let text = case["filter"].as_str().unwrap_or("");
        for (at, _) in text.match_indices("static.") {
            let key: String =
                text[at + 7..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            fields.push(static_field(&key));
        }
    }
    Schema::new("syscall", fields, base.events().to_vec(), base.syscalls().to_vec())
}

fn text_of(case: &Json) -> String {
    String::from_utf8(bytes_of(&case["filter"]).expect("a filter")).expect("a filter in UTF-8")
}

fn parse(case: &Json) -> Outcome {
    let text = text_of(case);
    let parsed = parse_condition(&text, PARSER_DEPTH);
    let accepted = parsed.errors.is_empty();
    let shown: String = text.chars().take(200).collect();
    if accepted != case["parses"].as_bool().unwrap() {
        return Outcome::Failed(format!(
            "parse {shown:?}: Falco says {}, we {accepted}: {:?}",
            case["parses"],
            parsed.errors.first()
        ));
    }
    if !accepted {
        return Outcome::Agreed;
    }
    let printed = print::falco(&parsed.ast);
    if let Some(expected) = bytes_of(&case["as_string"])
        && printed != expected
    {
        return Outcome::Failed(format!(
            "print {shown:?}: Falco {:?}, we {:?}",
            String::from_utf8_lossy(&expected),
            String::from_utf8_lossy(&printed)
        ));
    }
    match same_tree(&parsed.ast, parsed.ast.root().unwrap(), &case["ast"]) {
        Ok(()) => Outcome::Agreed,
        Err(what) => Outcome::Failed(format!("tree of {shown:?}: {what}")),
    }
}

/// Whether our tree is the one that Falco built.
fn same_tree(ast: &Ast, id: NodeId, expected: &Json) -> Result<(), String> {
    let want = |what: &str| {
        if expected["t"] == what { Ok(()) } else { Err(format!("{} expected, {what} found", expected["t"])) }
    };
    let children = |ids: &[NodeId]| -> Result<(), String> {
        let wanted = expected["c"].as_array().cloned().unwrap_or_default();
        if wanted.len() != ids.len() {
            return Err(format!("{} children expected, {} found", wanted.len(), ids.len()));
        }
        ids.iter().zip(&wanted).try_for_each(|(&c, w)| same_tree(ast, c, w))
    };
    let value = |bytes: &[u8]| {
        if bytes_of(&expected["v"]).as_deref() == Some(bytes) {
            Ok(())
        } else {
            Err(format!("value {} expected, {:?} found", expected["v"], String::from_utf8_lossy(bytes)))
        }
    };
    let argument = |arg: Option<&[u8]>| {
        if bytes_of(&expected["arg"]).as_deref() == arg {
            Ok(())
        } else {
            Err(format!("argument {} expected, {arg:?} found", expected["arg"]))
        }
    };
    match &ast.node(id).kind {
        NodeKind::And(ids) => want("and").and_then(|()| children(ids)),
        NodeKind::Or(ids) => want("or").and_then(|()| children(ids)),
        &NodeKind::Not(child) => want("not").and_then(|()| children(&[child])),
        NodeKind::Macro(name) => want("id").and_then(|()| value(name.as_bytes())),
        NodeKind::Check { left, op, modifier, right } => {
            let op = modifier
                .map_or_else(|| op.as_str().to_owned(), |m| format!("{} {}", op.as_str(), m.as_str()));
            if expected["op"] != *op {
                return Err(format!("operator {} expected, {op} found", expected["op"]));
            }
            match right {
                Some(right) => want("binary").and_then(|()| children(&[*left, *right])),
                None => want("unary").and_then(|()| children(&[*left])),
            }
        }
        NodeKind::Field { name, arg } => {
            want("field")?;
            value(name.as_bytes())?;
            argument(arg.as_ref().map(|a| &*a.bytes))
        }
        NodeKind::Transformer { name, selector, args } => {
            want("transformer")?;
            value(name.as_str().as_bytes())?;
            argument(selector.as_ref().map(|a| &*a.bytes))?;
            children(args)
        }
        NodeKind::ArgList(items) => want("transformer_list").and_then(|()| children(items)),
        NodeKind::Value(literal) => want("value").and_then(|()| value(&literal.bytes)),
        NodeKind::List(items) => {
            want("list")?;
            let wanted: Vec<_> = expected["v"].as_array().into_iter().flatten().map(bytes_of).collect();
            let found: Vec<_> = items.iter().map(|l| Some(l.bytes.to_vec())).collect();
            if wanted == found { Ok(()) } else { Err(format!("items {wanted:?} expected, {found:?} found")) }
        }
        NodeKind::Error => Err("an error node".to_owned()),
    }
}

fn compile(case: &Json, schema: &Schema) -> Outcome {
    let text = text_of(case);
    let parsed = parse_condition(&text, PARSER_DEPTH);
    let (condition, report) = check(schema, &parsed.ast, Quirks::Off);
    let accepted = parsed.errors.is_empty() && condition.is_some();
    if accepted != case["compiles"].as_bool().unwrap() {
        return Outcome::Failed(format!(
            "compile {text:?}: Falco says {} ({}), we {accepted}: {:?} {:?}",
            case["compiles"],
            case["error"],
            parsed.errors.first().map(|e| &e.message),
            report.errors.first().map(|e| &e.message)
        ));
    }
    let expected: Vec<&str> =
        case["warnings"].as_array().into_iter().flatten().filter_map(|w| w["msg"].as_str()).collect();
    let found: Vec<&str> = report.warnings.iter().filter_map(|w| w.falco.as_deref()).collect();
    if accepted && expected != found {
        return Outcome::Failed(format!("warnings of {text:?}: Falco {expected:?}, we {found:?}"));
    }
    Outcome::Agreed
}

/// What the scenarios beside the cases tell of their events: the bytes of every parameter; and the
/// printed values of the same event in other cases.
struct Scenarios {
    params: HashMap<(String, u64), Vec<Vec<u8>>>,
    printed: HashMap<(String, u64), HashMap<String, String>>,
}

/// A test and a time name an event; the tests of one parametrised group have the same events.
fn event_key(test: &str, ts: u64) -> (String, u64) {
    (test.split('/').nth(1).unwrap_or(test).to_owned(), ts)
}

impl Scenarios {
    fn beside(path: &Path, cases: &[Json]) -> Self {
        let path = path.with_file_name("sinsp-scenarios.jsonl");
        let mut params = HashMap::new();
        let scenarios = if path.exists() { json_lines(&path) } else { Vec::new() };
        for scenario in &scenarios {
            let test = scenario["test"].as_str().unwrap_or("");
            for step in scenario["steps"].as_array().into_iter().flatten().filter(|s| s["kind"] == "event") {
                let Some(ts) = step["ts"].as_u64() else { continue };
                let found =
                    event_params(step["hex"].as_str().unwrap_or(""), step["nparams"].as_u64().unwrap_or(0));
                params.insert(event_key(test, ts), found);
            }
        }
        let mut printed: HashMap<_, HashMap<String, String>> = HashMap::new();
        for case in cases.iter().filter(|c| c["kind"] == "eval") {
            let key = event_key(case["test"].as_str().unwrap_or(""), case["evt"]["ts"].as_u64().unwrap_or(0));
            let values = case["fields"].as_object().into_iter().flatten();
            printed
                .entry(key)
                .or_default()
                .extend(values.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned()))));
        }
        Self { params, printed }
    }
}

/// The parameters of an event in the capture format: u16 lengths behind a header of 26 bytes.
fn event_params(hex: &str, nparams: u64) -> Vec<Vec<u8>> {
    let bytes: Vec<u8> =
        (0..hex.len() / 2).filter_map(|i| u8::from_str_radix(hex.get(2 * i..2 * i + 2)?, 16).ok()).collect();
    let count = usize::try_from(nparams).unwrap_or(0);
    let mut at = 26 + 2 * count;
    let mut params = Vec::new();
    for i in 0..count {
        let Some(&[low, high]) = bytes.get(26 + 2 * i..28 + 2 * i) else { break };
        let len = usize::from(u16::from_le_bytes([low, high]));
        params.push(bytes.get(at..at + len).unwrap_or_default().to_vec());
        at += len;
    }
    params
}

/// The two addresses of a connection parameter: family, then address and port of each end.
fn ends_of_tuple(tuple: &[u8]) -> Option<Vec<IpAddr>> {
    let ip4 = |at: usize| Some(IpAddr::from(<[u8; 4]>::try_from(tuple.get(at..at + 4)?).ok()?));
    let ip6 = |at: usize| Some(IpAddr::from(<[u8; 16]>::try_from(tuple.get(at..at + 16)?).ok()?));
    match tuple.first()? {
        2 => Some(vec![ip4(1)?, ip4(7)?]),
        10 => Some(vec![ip6(1)?, ip6(19)?]),
        _ => None,
    }
}

fn evaluate(case: &Json, schema: &Schema, scenarios: &Scenarios) -> Outcome {
    let text = text_of(case);
    let mut table = Table { schema, values: HashMap::new(), absent: Vec::new(), params: HashMap::new() };
    let mut errors = Vec::new();
    for (name, value) in case["fields"].as_object().into_iter().flatten() {
        if *value == "<error>" || *value == "<unknown field>" {
            errors.push(name.clone());
        } else {
            table.values.insert(name.clone(), bytes_of(value));
        }
    }
    let ident = case["evt"]["type"].as_str().unwrap_or("");
    let info = event::EVENTS.iter().find(|e| e.ident == ident);
    for param in info.into_iter().flat_map(|i| i.params) {
        table.params.insert(param.name.to_owned(), (param.ty, param.print));
    }
    let key = event_key(case["test"].as_str().unwrap_or(""), case["evt"]["ts"].as_u64().unwrap_or(0));
    let params = scenarios.params.get(&key);
    let mut ends: Vec<String> = Vec::new();
    for (i, param) in info.into_iter().flat_map(|info| info.params).enumerate() {
        let Some(bytes) = params.map(|p| p.get(i).map_or(&[][..], Vec::as_slice)) else { continue };
        match param.ty {
            Type::CharBuf | Type::FsPath | Type::FsRelPath => {}
            // printing replaces bytes that are not printable
            Type::ByteBuf => {
                table.values.insert("evt.buffer".to_owned(), Some(bytes.to_vec()));
            }
            Type::SockTuple => {
                ends = ends_of_tuple(bytes).into_iter().flatten().map(|ip| ip.to_string()).collect();
            }
            // a parameter without bytes prints as zero, but has no value
            _ if bytes.is_empty() => table.absent.push(format!("evt.rawarg.{}", param.name)),
            _ => {}
        }
    }
    if ends.is_empty() {
        let printed = scenarios.printed.get(&key);
        ends.extend(["fd.cip", "fd.sip"].iter().filter_map(|f| printed?.get(*f).cloned()));
    }
    let parsed = parse_condition(&text, PARSER_DEPTH);
    let (condition, report) = check(schema, &parsed.ast, Quirks::Off);
    let expected = case["expected"].as_bool();
    let Some(condition) = condition.filter(|_| parsed.errors.is_empty()) else {
        let first = report.errors.first().map(|e| e.message.clone());
        return if expected.is_none() {
            Outcome::Agreed
        } else {
            Outcome::Failed(format!("eval {text:?}: refused: {first:?} {:?}", parsed.errors))
        };
    };
    // both ends of a connection cannot be printed
    errors.retain(|name| {
        let known = matches!(name.as_str(), "fd.ip" | "fd.net") && !ends.is_empty();
        if known {
            table.values.insert(name.clone(), Some(ends.join(" ").into_bytes()));
        }
        !known
    });
    let result = eval(schema, &condition, &table);
    match (result, expected) {
        (Ok(ours), Some(theirs)) if ours == theirs => Outcome::Agreed,
        (Err(_), None) => Outcome::Agreed,
        (Ok(_), Some(theirs)) if choices::agrees_with_quirks(schema, &parsed.ast, &table, theirs) => {
            Outcome::Chosen
        }
        (result, _) if !errors.is_empty() => Outcome::NotComparable(format!(
            "eval {text:?} = {:?}: the case gives no value for {errors:?} (we say {result:?} without)",
            case["expected"]
        )),
        (result, _) => Outcome::Failed(format!(
            "eval {text:?}: Falco {}, we {result:?}; fields {}",
            case["expected"], case["fields"]
        )),
    }
}

/// What a parameter would bring with the event: every mock value is a text.
struct Mock<'a>(&'a Schema, HashMap<&'static str, &'static str>);
impl FieldSource for Mock<'_> {
    fn extract(&self, field: &FieldRef) -> Option<Extracted> {
        let text = self.1.get(&*self.0.field(field.id).name)?;
        let value = Value::Text(text.as_bytes().to_vec());
        Some(Extracted { ty: Type::CharBuf, values: vec![value] })
    }
}

fn mock_eval(case: &Json, schema: &Schema) -> Outcome {
    let text = text_of(case);
    let parsed = parse_condition(&text, PARSER_DEPTH);
    let (Some(condition), _) = check(schema, &parsed.ast, Quirks::Off) else {
        return Outcome::Failed(format!("mock {text:?}: refused"));
    };
    let values = [
        ("c.true", "1"),
        ("c.false", "0"),
        ("c.doublequote", "hello \"quoted\""),
        ("c.singlequote", "hello 'quoted'"),
    ];
    let result = eval(schema, &condition, &Mock(schema, values.into_iter().collect()));
    if result.ok() == case["expected"].as_bool() {
        Outcome::Agreed
    } else {
        Outcome::Failed(format!("mock {text:?}: Falco {}, we {result:?}", case["expected"]))
    }
}

fn codes(case: &Json, schema: &Schema) -> Outcome {
    let text = text_of(case);
    let parsed = parse_condition(&text, PARSER_DEPTH);
    if !parsed.errors.is_empty() {
        return Outcome::Failed(format!("codes {text:?}: refused: {:?}", parsed.errors));
    }
    let syscalls = case["kind"] == "ppm_sc";
    let set = if syscalls { syscall_codes(schema, &parsed.ast) } else { event_codes(schema, &parsed.ast) };
    let Ok(set) = set else { return Outcome::Failed(format!("codes {text:?}: cannot be indexed")) };
    let name = |c: u16| -> String {
        if syscalls {
            schema.syscalls().get(usize::from(c)).map_or_else(String::new, |s| s.name.to_string())
        } else {
            schema.event(EventCode(c)).map_or_else(String::new, |e| e.ident.to_string())
        }
    };
    let found: std::collections::BTreeSet<String> = set.iter().map(name).collect();
    let listed = if syscalls { &case["sc"] } else { &case["events"] };
    let all: std::collections::BTreeSet<String> = if syscalls {
        schema.selectable_syscalls().map(|c| name(c.0)).collect()
    } else {
        schema.events().iter().map(|e| e.ident.to_string()).collect()
    };
    let missing: std::collections::BTreeSet<String> = all.difference(&found).cloned().collect();
    let right =
        if listed.is_array() { found == names(listed) } else { missing == names(&case["missing_from_all"]) };
    if right {
        Outcome::Agreed
    } else {
        Outcome::Failed(format!(
            "codes {text:?}: Falco {listed} less {}, we {} codes, missing {missing:?}",
            case["missing_from_all"],
            found.len()
        ))
    }
}

fn escape(case: &Json) -> Outcome {
    let (input, expected) = (bytes_of(&case["in"]).unwrap(), bytes_of(&case["out"]).unwrap());
    let found = falco_escape(&input);
    if found == expected {
        Outcome::Agreed
    } else {
        Outcome::Failed(format!("escape {input:?}: Falco {expected:?}, we {found:?}"))
    }
}

fn unescape_case(case: &Json) -> Outcome {
    let input = bytes_of(&case["in"]).unwrap();
    let found = unescape(&input).ok();
    if found == bytes_of(&case["out"]) {
        Outcome::Agreed
    } else {
        Outcome::Failed(format!("unescape {input:?}: Falco {}, we {found:?}", case["out"]))
    }
}

pub(crate) fn warns(case: &Json) -> Outcome {
    let text = text_of(case);
    let found = condition_warns(&text);
    if Some(found) == case["warns"].as_bool() {
        Outcome::Agreed
    } else {
        Outcome::Failed(format!("warning of {text:?}: Falco {}, we {found}", case["warns"]))
    }
}
