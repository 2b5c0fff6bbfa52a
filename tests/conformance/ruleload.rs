//! `ruleload-cases.jsonl`: rule files as text and what Falco made of them.

use crate::{Outcome, Tally, bytes_of, filter, json_lines, names};
use peregrine_compiler::rulefile::{Loader, Options, PluginVersion, Rule};
use peregrine_compiler::schema::Schema;
use peregrine_runtime::fields::syscall_schema;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(crate) fn run(path: &Path) -> Vec<(String, Tally)> {
    let schema = syscall_schema();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for case in &json_lines(path) {
        let kind = case["kind"].as_str().unwrap_or("?").to_owned();
        let outcome = match kind.as_str() {
            "load_rules" => load(case, &schema),
            "plugin_requirements" => plugins(case, &schema),
            "filter_warns" => filter::warns(case),
            "sanitize_rule_name" => sanitize(case),
            other => Outcome::Failed(format!("unknown kind of case `{other}`")),
        };
        tallies.entry(format!("ruleload {kind}")).or_default().add(outcome);
    }
    tallies.into_iter().collect()
}

/// The codes of findings with the items that they name, outermost first.
fn expected_findings(list: &Json) -> Vec<(String, Vec<(String, String)>)> {
    let items = |finding: &Json| -> Vec<(String, String)> {
        let locations = finding["locations"].as_array().or(finding["context"]["locations"].as_array());
        let item = |l: &Json| {
            (
                l["item_type"].as_str().unwrap_or("").to_owned(),
                l["item_name"].as_str().unwrap_or("").to_owned(),
            )
        };
        locations.into_iter().flatten().map(item).collect()
    };
    list.as_array()
        .into_iter()
        .flatten()
        .map(|f| (f["code"].as_str().unwrap_or("").to_owned(), items(f)))
        .collect()
}

fn load(case: &Json, schema: &Schema) -> Outcome {
    let test = case["test"].as_str().unwrap_or("");
    let mut loader = Loader::new(Options::new(vec![schema]));
    let report = loader
        .load(case["file"].as_str().unwrap_or("rules.yaml"), bytes_of(&case["yaml"]).unwrap_or_default());
    let ok = report.successful();
    let mut wrong = Vec::new();
    if Some(ok) != case["ok"].as_bool() {
        wrong.push(format!("Falco {}, we {ok}", case["ok"]));
    }
    let schema_warnings = report.file.map_or_else(Vec::new, |f| loader.schema_warnings(f));
    let validation = schema_warnings.first().map_or("ok", String::as_str);
    if case["schema_validation"].as_str().is_some_and(|theirs| theirs != validation) {
        wrong.push(format!("schema: Falco {}, we {validation}", case["schema_validation"]));
    }
    // what Falco reports ends with the first error
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    for diagnostic in &report.diagnostics {
        let Some(finding) = &diagnostic.falco else { continue };
        let items = finding.context.iter().map(|c| (c.item.as_str().to_owned(), c.name.clone())).collect();
        let found = (finding.code.as_str().to_owned(), items);
        if diagnostic.is_error() {
            errors.push(found);
            break;
        }
        warnings.push(found);
    }
    for (what, expected, found) in [
        ("errors", expected_findings(&case["errors"]), errors),
        ("warnings", expected_findings(&case["warnings"]), warnings),
    ] {
        if expected != found {
            wrong.push(format!("{what}: Falco {expected:?}, we {found:?}"));
        }
    }
    // formats that the test passes to the loader itself are not in the case
    let appended = test.contains("extra_");
    if ok && wrong.is_empty() {
        compare_items(case, &loader, appended, &mut wrong);
    }
    if wrong.is_empty() {
        return Outcome::Agreed;
    }
    Outcome::Failed(format!("{test}: {}", wrong.join("; ")))
}

fn compare_items(case: &Json, loader: &Loader<'_>, appended: bool, wrong: &mut Vec<String>) {
    let rules = loader.rules().unwrap_or_default();
    let expected = case["rules"].as_array().cloned().unwrap_or_default();
    let listed: Vec<&str> = expected.iter().filter_map(|r| r["name"].as_str()).collect();
    let found: Vec<&str> = rules.iter().map(|r| &*r.name).collect();
    if listed != found {
        wrong.push(format!("rules: Falco {listed:?}, we {found:?}"));
        return;
    }
    for (rule, expected) in rules.iter().zip(&expected) {
        compare_rule(rule, expected, loader, appended, wrong);
    }
    for (found, expected) in
        loader.describe_macros().iter().zip(case["macros"].as_array().into_iter().flatten())
    {
        let compiled = bytes_of(&expected["condition_compiled"]).unwrap_or_default();
        if found.name != expected["name"]
            || found.condition_compiled != compiled
            || expected["used"] != found.used
            || found.events != names(&expected["events"])
        {
            wrong.push(format!("macro {expected}: we {found:?}"));
        }
    }
    for (found, expected) in
        loader.describe_lists().iter().zip(case["lists"].as_array().into_iter().flatten())
    {
        let items: Vec<&str> =
            expected["items_compiled"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        if found.name != expected["name"] || found.items_compiled != items || expected["used"] != found.used {
            wrong.push(format!("list {expected}: we {found:?}"));
        }
    }
}

fn compare_rule(rule: &Rule, expected: &Json, loader: &Loader<'_>, appended: bool, wrong: &mut Vec<String>) {
    let Some(found) = loader.describe_rule(rule) else {
        wrong.push(format!("rule {} is not described", rule.name));
        return;
    };
    let mut texts = vec![
        ("condition_compiled", String::from_utf8_lossy(&found.condition_compiled).into_owned()),
        ("condition", found.condition.clone()),
        ("output", found.output.clone()),
        ("priority", rule.priority.to_string()),
        ("source", rule.source.clone()),
    ];
    let mut sets = vec![
        ("events", &found.events),
        ("condition_fields", &found.condition_fields),
        ("exception_names", &found.exception_names),
        ("exception_fields", &found.exception_fields),
        ("exception_operators", &found.exception_operators),
        ("lists", &found.lists),
        ("macros", &found.macros),
    ];
    if !appended {
        texts.push(("output_compiled", found.output_compiled.clone()));
        sets.push(("output_fields", &found.output_fields));
    }
    for (key, value) in texts {
        if expected[key] != *value {
            wrong.push(format!("{key} of {}: Falco {}, we {value:?}", rule.name, expected[key]));
        }
    }
    for (key, value) in sets {
        let theirs: BTreeSet<String> = names(&expected[key]);
        if theirs != *value {
            wrong.push(format!(
                "{key} of {}: only Falco {:?}, only we {:?}",
                rule.name,
                theirs.difference(value).collect::<Vec<_>>(),
                value.difference(&theirs).collect::<Vec<_>>()
            ));
        }
    }
    let tags: BTreeSet<String> = rule.tags.iter().cloned().collect();
    if Some(rule.enabled) != expected["enabled"].as_bool() || names(&expected["tags"]) != tags {
        wrong.push(format!("enabled or tags of {}", rule.name));
    }
}

fn plugins(case: &Json, schema: &Schema) -> Outcome {
    let mut loader = Loader::new(Options::new(vec![schema]));
    let report = loader.load("rules.yaml", bytes_of(&case["yaml"]).unwrap_or_default());
    let plugin = |p: &Json| PluginVersion {
        name: p["name"].as_str().unwrap_or("").to_owned(),
        version: p["version"].as_str().unwrap_or("").to_owned(),
    };
    let present: Vec<PluginVersion> = case["plugins"].as_array().into_iter().flatten().map(plugin).collect();
    let met = if report.successful() { loader.check_plugins(&present) } else { Err(String::new()) };
    let message = case["err"].as_str();
    let right = Some(report.successful()) == case["loaded"].as_bool()
        && Some(met.is_ok()) == case["requirements_met"].as_bool()
        && message.is_none_or(|m| met.as_ref().err().map(String::as_str) == Some(m));
    if right {
        Outcome::Agreed
    } else {
        Outcome::Failed(format!(
            "plugins {}: we loaded {}, {met:?}; Falco {} {message:?}",
            case["test"],
            report.successful(),
            case["requirements_met"]
        ))
    }
}

fn sanitize(case: &Json) -> Outcome {
    let found = peregrine_compiler::rulefile::metric_name(case["in"].as_str().unwrap_or(""));
    if case["out"] == *found {
        Outcome::Agreed
    } else {
        Outcome::Failed(format!("sanitize {}: Falco {}, we {found}", case["in"], case["out"]))
    }
}
