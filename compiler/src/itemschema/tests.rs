use super::*;
use crate::source::FileId;
use crate::yaml::{Limits, parse};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn check(text: &str, expect: &[&str]) {
    let yaml = parse(FileId(0), text, &Limits::default()).unwrap_or_else(|e| panic!("{e}: {text:?}"));
    let found: Vec<String> = validate(&yaml).iter().map(ToString::to_string).collect();
    let expect: Vec<String> = expect.iter().map(|line| format!("failed for <root>{line}")).collect();
    assert_eq!(found, expect, "{text}");
}

fn unknown(name: &str) -> String {
    format!(
        "Object contains a property that could not be validated using 'properties' or \
         'additionalProperties' constraints: '{name}'."
    )
}

#[test]
fn a_text_without_documents_is_valid() {
    check("", &[]);
    check("# nothing\n", &[]);
}

#[test]
fn all_kinds_are_valid() {
    check(
        "- required_engine_version: 0.57.0\n- required_engine_version: 15\n\
         - required_plugin_versions:\n  - {name: a, version: 1.0.0, alternatives: [{name: b, version: 2}]}\n\
         - {list: l, items: [a, 1, x y]}\n- {list: l, items: [], override: {items: append}}\n\
         - {macro: m, condition: x}\n\
         - {rule: r, enabled: false}\n",
        &[],
    );
}

#[test]
fn a_root_that_is_no_list() {
    check("foo: bar\n", &[": Value type not permitted by 'type' constraint."]);
    check("---\n---\n[]\n", &[": Value type not permitted by 'type' constraint."]);
}

#[test]
fn an_item_that_is_no_object() {
    check(
        "- foo\n",
        &["[0]: Value type not permitted by 'type' constraint.", ": Failed to validate item #0 in array."],
    );
}

#[test]
fn an_unknown_key_is_named_after_bad_values() {
    check(
        "- rule: r\n  nope: 1\n  append: yes\n",
        &[
            "[0][append]: Value type not permitted by 'type' constraint.",
            "[0]: Failed to validate against schema associated with property name 'append'.",
            &format!("[0]: {}", unknown("nope")),
            ": Failed to validate item #0 in array.",
        ],
    );
}

#[test]
fn a_repeated_key_has_no_name() {
    check(
        "- macro: m\n  condition: a\n  condition: b\n",
        &[&format!("[0]: {}", unknown("")), ": Failed to validate item #0 in array."],
    );
}

#[test]
fn a_null_priority_fails_twice() {
    check(
        "- rule: r\n  priority:\n",
        &[
            "[0][priority]: Failed to match against any enum values.",
            "[0][priority]: Value type not permitted by 'type' constraint.",
            "[0]: Failed to validate against schema associated with property name 'priority'.",
            ": Failed to validate item #0 in array.",
        ],
    );
}

#[test]
fn an_empty_override() {
    check(
        "- rule: r\n  override: {}\n",
        &[
            "[0][override]: Object should have no fewer than 1 properties.",
            "[0]: Failed to validate against schema associated with property name 'override'.",
            ": Failed to validate item #0 in array.",
        ],
    );
}

#[test]
fn integers_are_decimal() {
    let bad = [
        "[0][capture_duration]: Value type not permitted by 'type' constraint.",
        "[0]: Failed to validate against schema associated with property name 'capture_duration'.",
        ": Failed to validate item #0 in array.",
    ];
    for text in ["5", "+5", "-5", "'5'", "' 5'", "05"] {
        check(&format!("- rule: r\n  capture_duration: {text}\n"), &[]);
    }
    for text in ["0x5", "5.0", "'5 '", "five", "9223372036854775808", "[]", "~"] {
        check(&format!("- rule: r\n  capture_duration: {text}\n"), &bad);
    }
}

#[test]
fn an_exception_needs_a_name() {
    check(
        "- rule: r\n  exceptions:\n  - values: [a]\n",
        &[
            "[0][exceptions][0]: Missing required property 'name'.",
            "[0][exceptions]: Failed to validate item #0 in array.",
            "[0]: Failed to validate against schema associated with property name 'exceptions'.",
            ": Failed to validate item #0 in array.",
        ],
    );
}

#[test]
fn keys_have_one_shape_each() {
    let mut shapes = std::collections::BTreeMap::new();
    for key in items().iter().flat_map(ItemDef::keys) {
        let shape = std::mem::discriminant(&key.shape);
        assert_eq!(*shapes.entry(key.name).or_insert(shape), shape, "{}", key.name);
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// To bring the file up to date: `peregrine schema rules > docs/rules-schema.json`.
#[test]
fn the_published_schema_is_up_to_date() {
    let path = repository().join("docs/rules-schema.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let current = format!("{}\n", serde_json::to_string_pretty(&json_schema()).unwrap());
    assert!(text == current, "{} is not up to date", path.display());
}

#[test]
fn references_of_the_json_schema_lead_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|v| references(v, found));
            }
            Value::Array(items) => items.iter().for_each(|v| references(v, found)),
            _ => {}
        }
    }
    let schema = json_schema();
    let mut found = Vec::new();
    references(&schema, &mut found);
    assert!(found.len() > 8);
    for reference in found {
        assert!(schema.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

fn conformance() -> Option<PathBuf> {
    let path = std::env::var_os("PEREGRINE_CONFORMANCE")
        .map_or_else(|| repository().join("../shared/conformance"), PathBuf::from);
    let found = path.join("ruleload-cases.jsonl").exists();
    if !found {
        eprintln!("skipped: no conformance data at {}", path.display());
    }
    found.then_some(path)
}

fn warnings_of(text: &str) -> Vec<String> {
    let yaml = parse(FileId(0), text, &Limits::default()).unwrap();
    validate(&yaml).iter().map(ToString::to_string).collect()
}

#[test]
fn conformance_of_loaded_files() {
    let Some(path) = conformance() else { return };
    let cases = std::fs::read_to_string(path.join("ruleload-cases.jsonl")).unwrap();
    let mut checked = 0;
    for case in cases.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()) {
        let (Some(expect), Some(yaml)) = (case["schema_validation"].as_str(), case["yaml"].as_str()) else {
            continue;
        };
        let found = warnings_of(yaml);
        assert_eq!(found.first().map_or("ok", String::as_str), expect, "{yaml}");
        // The text form has all of them.
        for warning in &found {
            assert!(case["text"].as_str().unwrap().contains(warning.as_str()), "{warning}");
        }
        checked += 1;
    }
    assert!(checked > 0);
    eprintln!("{checked} files agree");
}

#[test]
fn conformance_of_validated_files() {
    let Some(path) = conformance() else { return };
    let mut checked = 0;
    for golden in std::fs::read_dir(path.join("suite-golden")).unwrap() {
        let golden: Value = serde_json::from_str(&std::fs::read_to_string(golden.unwrap().path()).unwrap())
            .unwrap_or_default();
        let output: Value =
            golden["stdout"].as_str().and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default();
        for result in output["falco_load_results"].as_array().into_iter().flatten() {
            let Some(valid) = result["schema_valid"].as_bool() else { continue };
            let name = result["name"].as_str().unwrap();
            let Ok(text) = std::fs::read_to_string(path.join("suite-data/rules").join(name)) else {
                continue;
            };
            let found = warnings_of(&text);
            let expect: Vec<&str> =
                result["schema_warnings"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
            assert_eq!(found.is_empty(), valid, "{name}");
            assert_eq!(found, expect, "{name}");
            checked += 1;
        }
    }
    assert!(checked > 0);
    eprintln!("{checked} files agree");
}
