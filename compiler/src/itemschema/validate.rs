//! The check of a rule file against Falco's own schema, with its messages in its order.
//!
//! Falco has one object for all kinds of items with all their keys. It goes depth first: what is wrong
//! with a value comes before the words that its parent could not be validated. Keys are visited by
//! name, not as written.

use super::{KeyDef, ObjectDef, PRIORITIES, Shape, items};
use crate::yaml::{NodeId, NodeKind, Yaml};
use std::collections::BTreeMap;
use std::fmt;

const TYPE: &str = "Value type not permitted by 'type' constraint.";
const ENUM: &str = "Failed to match against any enum values.";

/// Something that Falco's schema does not allow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SchemaWarning {
    /// Where, e.g. `<root>[1][exceptions][0]`.
    pub path: String,
    /// What, in Falco's words.
    pub message: String,
}

/// As in `schema_warnings` of `falco -V`.
impl fmt::Display for SchemaWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed for {}: {}", self.path, self.message)
    }
}

/// What is wrong with the documents of a rule file; nothing if they are valid.
///
/// Falco only warns about it. The file is loaded as far as its reader can.
pub fn validate(yaml: &Yaml) -> Vec<SchemaWarning> {
    // COMPAT(falco): one set of keys for all kinds of items.
    let item_keys: Keys = items().iter().flat_map(|item| object_keys(&item.object)).collect();
    let mut validator = Validator { yaml, item_keys, path: "<root>".into(), warnings: Vec::new() };
    for &document in yaml.documents() {
        validator.list(document, Validator::item);
    }
    validator.warnings
}

/// Shapes of the keys of an object, by name. Override objects of all kinds are one.
type Keys = BTreeMap<&'static str, Shape>;

fn object_keys(object: &'static ObjectDef) -> impl Iterator<Item = (&'static str, Shape)> {
    object.keys.iter().map(|key: &KeyDef| (key.name, key.shape))
}

struct Validator<'y> {
    yaml: &'y Yaml,
    item_keys: Keys,
    path: String,
    warnings: Vec<SchemaWarning>,
}

impl Validator<'_> {
    fn fail(&mut self, message: impl Into<String>) -> bool {
        self.warnings.push(SchemaWarning { path: self.path.clone(), message: message.into() });
        false
    }

    /// Runs `check` on something inside the current place.
    fn inside(&mut self, step: &str, check: impl FnOnce(&mut Self) -> bool) -> bool {
        let length = self.path.len();
        self.path.push('[');
        self.path.push_str(step);
        self.path.push(']');
        let valid = check(self);
        self.path.truncate(length);
        valid
    }

    fn list(&mut self, id: NodeId, check: impl Fn(&mut Self, NodeId) -> bool) -> bool {
        let yaml = self.yaml;
        let NodeKind::Sequence(elements) = &yaml.node(id).kind else { return self.fail(TYPE) };
        let mut valid = true;
        for (index, &element) in elements.iter().enumerate() {
            if !self.inside(&index.to_string(), |v| check(v, element)) {
                valid = self.fail(format!("Failed to validate item #{index} in array."));
            }
        }
        valid
    }

    fn item(&mut self, id: NodeId) -> bool {
        let keys = std::mem::take(&mut self.item_keys);
        let valid = self.keys(id, &keys) & self.object_type(id);
        self.item_keys = keys;
        valid
    }

    fn object(&mut self, id: NodeId, object: &'static ObjectDef) -> bool {
        let yaml = self.yaml;
        let keys = object_keys(object).collect();
        self.keys(id, &keys) & self.required(id, object, yaml) & self.object_type(id)
    }

    fn overrides(&mut self, id: NodeId) -> bool {
        let mut keys = Keys::new();
        for key in items().iter().flat_map(super::ItemDef::keys) {
            if let Shape::Object(object) = key.shape {
                keys.extend(object_keys(object));
            }
        }
        let empty = match &self.yaml.node(id).kind {
            NodeKind::Mapping(entries) => entries.is_empty(),
            NodeKind::Sequence(elements) => elements.is_empty(),
            _ => false,
        };
        let enough = !empty || self.fail("Object should have no fewer than 1 properties.");
        enough & self.keys(id, &keys) & self.object_type(id)
    }

    fn object_type(&mut self, id: NodeId) -> bool {
        matches!(self.yaml.node(id).kind, NodeKind::Mapping(_)) || self.fail(TYPE)
    }

    fn required(&mut self, id: NodeId, object: &'static ObjectDef, yaml: &Yaml) -> bool {
        let mut valid = true;
        if let NodeKind::Mapping(_) = yaml.node(id).kind {
            for name in object.required {
                if yaml.get(id, name).is_none() {
                    valid = self.fail(format!("Missing required property '{name}'."));
                }
            }
        }
        valid
    }

    /// Values of known keys, then that there are no others.
    fn keys(&mut self, id: NodeId, keys: &Keys) -> bool {
        let yaml = self.yaml;
        let NodeKind::Mapping(entries) = &yaml.node(id).kind else { return true };
        let mut valid = true;
        let mut known = 0;
        for (name, &shape) in keys {
            let Some(value) = yaml.get(id, name) else { continue };
            known += 1;
            if !self.inside(name, |v| v.shape(value, shape)) {
                valid = self.fail(format!(
                    "Failed to validate against schema associated with property name '{name}'."
                ));
            }
        }
        // COMPAT(falco): a repeated key counts as an unknown one without a name.
        if known != entries.len() {
            let name = |key: NodeId| yaml.as_str(key).unwrap_or("null");
            let unknown = entries.iter().map(|&(key, _)| name(key)).find(|name| !keys.contains_key(name));
            let unknown = unknown.unwrap_or("");
            return self.fail(format!(
                "Object contains a property that could not be validated using 'properties' or \
                 'additionalProperties' constraints: '{unknown}'."
            ));
        }
        valid
    }

    fn shape(&mut self, id: NodeId, shape: Shape) -> bool {
        let text = self.yaml.as_str(id);
        match shape {
            Shape::Text | Shape::Version | Shape::Condition => text.is_some() || self.fail(TYPE),
            Shape::Boolean => {
                // COMPAT(falco): `yes` or `True` do for its reader, but not for its schema.
                matches!(text, Some("true" | "false")) || self.fail(TYPE)
            }
            Shape::Integer => text.is_some_and(is_integer) || self.fail(TYPE),
            Shape::Priority => self.choice(text, PRIORITIES),
            Shape::OverrideMode | Shape::ReplaceMode => self.choice(text, &["append", "replace"]),
            Shape::Texts => self.list(id, |v, id| v.shape(id, Shape::Text)),
            Shape::Items => self.list(id, Self::list_item),
            Shape::Any => true,
            Shape::Objects(object) => self.list(id, |v, id| v.object(id, object)),
            Shape::Object(_) => self.overrides(id),
        }
    }

    fn choice(&mut self, text: Option<&str>, choices: &[&str]) -> bool {
        let listed = text.is_some_and(|text| choices.contains(&text)) || self.fail(ENUM);
        listed & (text.is_some() || self.fail(TYPE))
    }

    /// A number or a text: any scalar.
    fn list_item(&mut self, id: NodeId) -> bool {
        if self.yaml.as_str(id).is_some() {
            return true;
        }
        for choice in 0..2 {
            self.fail(TYPE);
            self.fail(format!("Failed to validate against child schema #{choice}."));
        }
        self.fail("Failed to validate against any schemas allowed by anyOf constraint.")
    }
}

/// COMPAT(falco): a C++ stream reads the whole text as a decimal number; blanks may lead.
fn is_integer(text: &str) -> bool {
    text.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']).parse::<i64>().is_ok()
}
