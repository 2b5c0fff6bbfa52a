//! `-L` and `-l`: rules, macros and lists, as a table or with all details as JSON.

use super::plugins::CONTAINER;
use super::{App, Failure};
use peregrine_compiler::rulefile::{Loader, Rule};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Whether the arguments ask for descriptions.
pub(super) fn is_asked(app: &App) -> bool {
    app.args.describe_all || app.args.describe.is_some()
}

/// The rules that the arguments ask for.
fn chosen<'l>(app: &App, loader: &'l Loader<'_>) -> Result<Vec<&'l Rule>, Failure> {
    let rules = loader.rules().unwrap_or_default();
    let Some(name) = &app.args.describe else { return Ok(rules.iter().collect()) };
    match rules.iter().find(|r| *r.name == **name) {
        Some(rule) => Ok(vec![rule]),
        None => Err(Failure::Runtime(format!("Rule \"{name}\" is not loaded"))),
    }
}

/// Column of descriptions, and of the end of lines.
const DESCRIPTION_AT: usize = 51;
const WIDTH: usize = 110;

/// Names and descriptions.
pub(super) fn text(app: &App, loader: &Loader<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let rules = chosen(app, loader)?;
    row("Rule", "Description", out)?;
    row("----", "-----------", out)?;
    for rule in rules {
        row(&rule.name, &wrapped(&rule.desc), out)?;
        writeln!(out)?;
    }
    Ok(())
}

fn row(name: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{name:<width$} {text}", width = DESCRIPTION_AT - 1)
}

/// Words with a blank behind each, in lines that fit behind the name.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let needed = word.chars().count() + 1;
        if length + needed > WIDTH - DESCRIPTION_AT {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', DESCRIPTION_AT));
            length = 0;
        }
        out.push_str(word);
        out.push(' ');
        length += needed;
    }
    out
}

/// The JSON form, if the arguments ask for descriptions.
pub(super) fn json_if_asked(app: &App, loader: &Loader<'_>) -> Result<Option<Value>, Failure> {
    if is_asked(app) { Ok(Some(json(app, loader)?)) } else { Ok(None) }
}

/// All details; of one rule only that rule.
pub(super) fn json(app: &App, loader: &Loader<'_>) -> Result<Value, Failure> {
    let rules: Vec<Value> = chosen(app, loader)?.into_iter().filter_map(|r| rule(loader, r)).collect();
    if app.args.describe.is_some() {
        return Ok(json!({ "rules": rules }));
    }
    let required: Vec<Value> = loader
        .required_plugin_versions()
        .iter()
        .filter_map(|group| {
            let one = |p: &peregrine_compiler::rulefile::PluginVersion| {
                json!({ "name": p.name, "version": p.version })
            };
            let (first, others) = group.split_first()?;
            let others: Vec<Value> = others.iter().map(one).collect();
            Some(json!({ "name": first.name, "version": first.version, "alternatives": others }))
        })
        .collect();
    Ok(json!({
        "required_engine_version": loader.required_engine_version().to_string(),
        "required_plugin_versions": required,
        "rules": rules,
        "macros": macros(loader),
        "lists": lists(loader),
    }))
}

fn rule(loader: &Loader<'_>, rule: &Rule) -> Option<Value> {
    let d = loader.describe_rule(rule)?;
    let extra: Map<String, Value> =
        rule.extra_fields.iter().map(|(key, field)| (key.clone(), field.format.clone().into())).collect();
    let used = d.condition_fields.iter().chain(&d.output_fields).chain(&d.exception_fields);
    Some(json!({
        "info": {
            "name": &*rule.name,
            "condition": d.condition,
            "priority": rule.priority.as_str(),
            "output": d.output,
            "description": rule.desc,
            "enabled": rule.enabled,
            "source": rule.source,
            "capture": rule.capture,
            "capture_duration": rule.capture_duration_ms,
            "tags": rule.tags,
        },
        "details": {
            "macros": d.macros,
            "lists": d.lists,
            "condition_operators": d.condition_operators,
            "condition_fields": d.condition_fields,
            "output_fields": d.output_fields,
            "exception_fields": d.exception_fields,
            "exception_names": d.exception_names,
            "exception_operators": d.exception_operators,
            "events": d.events,
            "condition_compiled": String::from_utf8_lossy(&d.condition_compiled),
            "output_compiled": d.output_compiled,
            "plugins": plugins(used),
            "extra_output_formatted_fields": extra,
        },
    }))
}

/// The plugins that the fields come from.
fn plugins<'f>(mut fields: impl Iterator<Item = &'f String>) -> Vec<&'static str> {
    let of_container = |field: &String| field.starts_with("container.") || field.starts_with("k8s.");
    if fields.any(of_container) { vec![CONTAINER] } else { Vec::new() }
}

fn macros(loader: &Loader<'_>) -> Vec<Value> {
    let one = |m: &peregrine_compiler::rulefile::MacroDescription| {
        json!({
            "info": { "name": m.name, "condition": m.condition },
            "details": {
                "used": m.used,
                "macros": m.macros,
                "lists": m.lists,
                "condition_operators": m.condition_operators,
                "condition_fields": m.condition_fields,
                "events": m.events,
                "condition_compiled": String::from_utf8_lossy(&m.condition_compiled),
                "plugins": plugins(m.condition_fields.iter()),
            },
        })
    };
    loader.describe_macros().iter().map(one).collect()
}

fn lists(loader: &Loader<'_>) -> Vec<Value> {
    let lists = loader.describe_lists();
    let is_list = |item: &String| lists.iter().any(|l| l.name == *item);
    let one = |l: &peregrine_compiler::rulefile::ListDescription| {
        let (inner, items): (Vec<&String>, Vec<&String>) = l.items.iter().partition(|item| is_list(item));
        json!({
            "info": { "name": l.name, "items": items },
            "details": { "used": l.used, "lists": inner, "items_compiled": l.items_compiled, "plugins": [] },
        })
    };
    lists.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_wrapped() {
        assert_eq!(wrapped(""), "");
        assert_eq!(wrapped("a  b\nc"), "a b c ");
        let text = wrapped(&"word ".repeat(30));
        let lines: Vec<&str> = text.split('\n').collect();
        assert_eq!(lines.iter().map(|l| l.trim().split(' ').count()).collect::<Vec<_>>(), [11, 11, 8]);
        assert!(lines[1].starts_with(&" ".repeat(DESCRIPTION_AT)) && lines[1].chars().count() <= WIDTH);
    }
}
