//! The check for unknown, gone and missing keys, and the JSON Schema, both from the key table.

use super::error::Place;
use super::keys::{GONE, Key, Object, ROOT, Shape};
use super::node::{Kind, Node};
use peregrine_compiler::diagnostic::did_you_mean;
use serde_json::{Map, Value, json};

/// A key that does not belong, or one that is missing. Nothing but a warning, as in Falco.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Mismatch {
    pub(super) place: Place,
    /// For people: which key, and what to do.
    pub(super) message: String,
    /// As Falco's schema check says it.
    pub(super) falco: String,
}

/// Everything that is wrong with the keys of a file.
pub(super) fn validate(root: &Node) -> Vec<Mismatch> {
    let mut found = Vec::new();
    object(root, &ROOT, "", "<root>", &mut found);
    found
}

fn object(node: &Node, object: &Object, path: &str, falco: &str, found: &mut Vec<Mismatch>) {
    let Kind::Mapping(entries) = &node.kind else { return };
    let full = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (name, value) in entries {
        if let Some(key) = object.key(name) {
            inside(value, key.shape, &full(name), &format!("{falco}[{name}]"), found);
        }
    }
    for name in object.required {
        if node.get(name).is_none() {
            found.push(Mismatch {
                place: node.place.clone(),
                message: format!("{path}: the key `{name}` is missing"),
                falco: format!("failed for {falco}: Missing required property '{name}'."),
            });
        }
    }
    for (name, value) in entries.iter().filter(|(name, _)| object.key(name).is_none()) {
        found.push(Mismatch {
            place: value.place.clone(),
            message: format!("{}: {}", full(name), advice(name, &full(name), object)),
            falco: format!(
                "failed for {falco}: Object contains a property that could not be validated using \
                 'properties' or 'additionalProperties' constraints: '{name}'."
            ),
        });
    }
}

fn advice(name: &str, full: &str, object: &Object) -> String {
    if let Some((_, what)) = GONE.iter().find(|(gone, _)| *gone == full) {
        return format!("this key is of an older version: {what}");
    }
    match did_you_mean(name, object.keys.iter().map(|k| k.name)) {
        Some(near) => format!("unknown key; did you mean `{near}`?"),
        None => "unknown key".to_owned(),
    }
}

fn inside(node: &Node, shape: Shape, path: &str, falco: &str, found: &mut Vec<Mismatch>) {
    match (shape, &node.kind) {
        (Shape::Object(def), _) => object(node, def, path, falco, found),
        (Shape::Objects(def) | Shape::TextsOrObjects(def), Kind::Sequence(items)) => {
            for (i, item) in items.iter().enumerate() {
                object(item, def, &format!("{path}[{i}]"), &format!("{falco}[{i}]"), found);
            }
        }
        _ => {}
    }
}

/// A JSON Schema (draft-07) of the configuration.
pub fn json_schema() -> Value {
    let mut schema = object_schema(&ROOT);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".into(), "http://json-schema.org/draft-07/schema#".into());
        schema.insert("title".into(), "Falco configuration".into());
    }
    schema
}

fn object_schema(object: &Object) -> Value {
    let properties: Map<String, Value> =
        object.keys.iter().map(|key| (key.name.to_owned(), key_schema(key))).collect();
    let mut schema = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if let (false, Some(schema)) = (object.required.is_empty(), schema.as_object_mut()) {
        schema.insert("required".into(), json!(object.required));
    }
    schema
}

fn key_schema(key: &Key) -> Value {
    let mut schema = match key.shape {
        Shape::Bool(default) => json!({ "type": "boolean", "default": default }),
        Shape::Int { default, min, max: u64::MAX } => {
            json!({ "type": "integer", "minimum": min, "default": default })
        }
        Shape::Int { default, min, max } => {
            json!({ "type": "integer", "minimum": min, "maximum": max, "default": default })
        }
        Shape::Float(default) => json!({ "type": "number", "default": default }),
        Shape::Text(default) | Shape::Path(default) => json!({ "type": "string", "default": default }),
        Shape::Choice(default, words) => json!({ "type": "string", "enum": words, "default": default }),
        Shape::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Shape::TextsOrObjects(object) => {
            json!({ "type": "array", "items": { "oneOf": [{ "type": "string" }, object_schema(object)] } })
        }
        Shape::Object(object) => object_schema(object),
        Shape::Objects(object) => json!({ "type": "array", "items": object_schema(object) }),
        Shape::TextMap => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Shape::Any => json!({}),
    };
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".into(), key.doc.into());
    }
    schema
}
