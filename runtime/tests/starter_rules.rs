//! The starter rules, each with a case that it tells of and cases that it does not: `rules/tests/starter.txt`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests panic")]

use peregrine_compiler::hir::eval::{Extracted, FieldSource, Value, eval};
use peregrine_compiler::hir::field::{FieldArg, FieldRef};
use peregrine_compiler::rulefile::{Loader, Options};
use peregrine_compiler::schema::{Schema, Type};
use peregrine_runtime::fields::syscall_schema;
use peregrine_runtime::rules::{STARTER, STARTER_NAME};
use std::collections::{BTreeMap, BTreeSet};

const CASES: &str = include_str!("../../rules/tests/starter.txt");

type Values = BTreeMap<String, String>;

/// A rule, the values of its positive case, and what is different in each negative one.
struct Case {
    rule: String,
    values: Values,
    but: Vec<(String, Option<String>)>,
}

fn assignment(text: &str) -> (String, Option<String>) {
    match text.split_once(" = ") {
        Some((field, value)) => (field.to_owned(), Some(value.to_owned())),
        None => (text.to_owned(), None),
    }
}

fn cases() -> Vec<Case> {
    let mut all: Vec<Case> = Vec::new();
    for line in CASES.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if let Some(rule) = line.strip_prefix("rule ") {
            all.push(Case { rule: rule.to_owned(), values: Values::new(), but: Vec::new() });
        } else if let Some(other) = line.strip_prefix("but ") {
            all.last_mut().unwrap().but.push(assignment(other));
        } else {
            let (field, value) = assignment(line.trim_start());
            all.last_mut().unwrap().values.insert(field, value.unwrap());
        }
    }
    all
}

/// An event of which only some fields are known.
struct Event<'e> {
    schema: &'e Schema,
    values: &'e Values,
}

impl FieldSource for Event<'_> {
    fn extract(&self, field: &FieldRef) -> Option<Extracted> {
        let def = self.schema.field(field.id);
        let name = match &field.arg {
            FieldArg::Index(index) => format!("{}[{index}]", def.name),
            FieldArg::Param(word) => format!("{}.{word}", def.name),
            _ => def.name.to_string(),
        };
        let text = self.values.get(&name)?;
        let number = || text.parse::<i64>().unwrap_or_else(|_| panic!("{name}: `{text}` is no number"));
        let (ty, value) = match def.ty {
            Type::Dyn if text == "opaque" => (Type::SockAddr, Value::Opaque),
            Type::Dyn => (Type::Uint32, Value::Uint(number().cast_unsigned())),
            Type::Bool => (def.ty, Value::Bool(text == "true")),
            Type::Int8 | Type::Int16 | Type::Int32 | Type::Int64 | Type::Errno | Type::Fd | Type::Pid => {
                (def.ty, Value::Int(number()))
            }
            Type::IpAddr | Type::Ipv4Addr | Type::IpNet => (def.ty, Value::Ip(text.parse().unwrap())),
            Type::CharBuf | Type::FsPath => (def.ty, Value::Text(text.clone().into_bytes())),
            _ => (def.ty, Value::Uint(number().cast_unsigned())),
        };
        Some(Extracted { ty, values: vec![value] })
    }
}

#[test]
fn each_rule_tells_of_its_case_and_of_no_other() {
    let schema = syscall_schema();
    let mut loader = Loader::new(Options::new(vec![&schema]));
    assert!(loader.load(STARTER_NAME, STARTER.into()).successful());
    let rules = loader.into_rules().unwrap();
    let mut wrong = Vec::new();
    let mut negatives = 0;
    let cases = cases();
    for case in &cases {
        let rule =
            rules.iter().find(|r| *r.name == *case.rule).unwrap_or_else(|| panic!("no rule `{}`", case.rule));
        let holds =
            |values: &Values| eval(&schema, &rule.condition, &Event { schema: &schema, values }) == Ok(true);
        if !holds(&case.values) {
            wrong.push(format!("`{}` does not tell of its case", case.rule));
        }
        assert!(!case.but.is_empty(), "`{}` has no negative case", case.rule);
        for (field, value) in &case.but {
            let mut values = case.values.clone();
            match value {
                Some(value) => values.insert(field.clone(), value.clone()),
                None => values.remove(field),
            };
            assert!(values != case.values, "`{}`: `{field}` changes nothing", case.rule);
            negatives += 1;
            if holds(&values) {
                wrong.push(format!("`{}` tells of {field} = {value:?}, too", case.rule));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    let names: BTreeSet<&str> = rules.iter().map(|r| &*r.name).collect();
    let tested: BTreeSet<&str> = cases.iter().map(|c| &*c.rule).collect();
    assert_eq!(tested, names, "every rule has a case");
    println!("{} rules, {negatives} negative cases", cases.len());
}
