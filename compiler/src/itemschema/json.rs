//! The tables as a JSON Schema (draft-07), for editors.

use super::{ItemDef, KeyDef, ObjectDef, PRIORITIES, Shape, items};
use serde_json::{Map, Value, json};

/// A JSON Schema (draft-07) of rule files. It is stricter than [`super::validate`]: each kind of item
/// has its own keys, and those that a kind needs are required.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    for item in items() {
        let mut schema = object_schema(&item.object, &mut definitions);
        if let (Some(any_of), Some(schema)) = (one_of(item), schema.as_object_mut()) {
            schema.insert("anyOf".into(), any_of);
        }
        definitions.insert(item.object.name.into(), schema);
    }
    let kinds: Vec<Value> = items().iter().map(|item| reference(&item.object)).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Falco rules",
        "description": "A rule file: required versions, lists, macros and rules.",
        "type": "array",
        "items": { "oneOf": kinds },
        "definitions": definitions,
    })
}

fn one_of(item: &ItemDef) -> Option<Value> {
    let sets: Vec<Value> = item.one_of.iter().map(|keys| json!({ "required": keys })).collect();
    (!sets.is_empty()).then_some(Value::Array(sets))
}

fn reference(object: &ObjectDef) -> Value {
    json!({ "$ref": format!("#/definitions/{}", object.name) })
}

fn object_schema(object: &ObjectDef, definitions: &mut Map<String, Value>) -> Value {
    let properties: Map<String, Value> =
        object.keys.iter().map(|key| (key.name.to_owned(), key_schema(key, definitions))).collect();
    let mut schema = Map::new();
    schema.insert("description".into(), object.description.into());
    schema.insert("type".into(), "object".into());
    schema.insert("additionalProperties".into(), false.into());
    if !object.required.is_empty() {
        schema.insert("required".into(), json!(object.required));
    }
    if object.min_keys > 0 {
        schema.insert("minProperties".into(), json!(object.min_keys));
    }
    schema.insert("properties".into(), properties.into());
    schema.into()
}

fn key_schema(key: &KeyDef, definitions: &mut Map<String, Value>) -> Value {
    let mut schema = shape_schema(key.shape, definitions);
    if let Some(schema) = schema.as_object_mut() {
        // Draft-07 ignores what stands beside a `$ref`.
        if let Some(reference) = schema.remove("$ref") {
            schema.insert("allOf".into(), json!([{ "$ref": reference }]));
        }
        schema.insert("description".into(), key.description.into());
    }
    schema
}

fn shape_schema(shape: Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        // A plain `desc: 123` is a number to a reader of JSON, and a text to Falco.
        Shape::Text | Shape::Version => json!({ "type": ["string", "number"] }),
        Shape::Condition => json!({ "type": "string", "minLength": 1 }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Integer => json!({ "type": "integer", "minimum": 0 }),
        Shape::Priority => json!({ "type": "string", "enum": PRIORITIES }),
        Shape::Texts => json!({ "type": "array", "items": { "type": ["string", "number"] } }),
        Shape::Items => json!({ "type": "array", "items": { "type": ["string", "number", "boolean"] } }),
        Shape::Any => json!({}),
        Shape::OverrideMode => json!({ "type": "string", "enum": ["append", "replace"] }),
        Shape::ReplaceMode => json!({ "type": "string", "enum": ["replace"] }),
        Shape::Object(object) => define(object, definitions),
        Shape::Objects(object) => json!({ "type": "array", "items": define(object, definitions) }),
    }
}

fn define(object: &ObjectDef, definitions: &mut Map<String, Value>) -> Value {
    let schema = object_schema(object, definitions);
    definitions.insert(object.name.into(), schema);
    reference(object)
}
