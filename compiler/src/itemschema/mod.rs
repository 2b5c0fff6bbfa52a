//! What the items of a rule file look like: kinds, keys, shapes of values.
//!
//! In: nothing but the tables of this module. Out: a JSON Schema for editors ([`json_schema`]), the
//! check that Falco makes with its own schema ([`validate`]), and the order in which a formatter
//! writes keys ([`ItemDef::keys`]).
//!
//! Invariants: a key that several kinds have has the same shape in each; the first key of a kind is
//! its name, which tells the kind.
//!
//! ```
//! use peregrine_compiler::{itemschema, source::FileId, yaml};
//! let text = "- list: x\n  item: [a]\n";
//! let yaml = yaml::parse(FileId(0), text, &yaml::Limits::default()).unwrap();
//! let warnings = itemschema::validate(&yaml);
//! assert_eq!(warnings[0].path, "<root>[0]");
//! assert!(warnings[0].message.ends_with("'item'."));
//! ```

mod json;
mod table;
#[cfg(test)]
mod tests;
mod validate;

pub use json::json_schema;
pub use validate::{SchemaWarning, validate};

/// What stands as value of a key.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Shape {
    /// A text; Falco takes any scalar.
    Text,
    /// A version: a semantic version, or a plain number.
    Version,
    /// A condition.
    Condition,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// One of [`PRIORITIES`].
    Priority,
    /// A list of texts.
    Texts,
    /// The items of a list: texts and numbers.
    Items,
    /// Anything.
    Any,
    /// A list of objects.
    Objects(&'static ObjectDef),
    /// One object.
    Object(&'static ObjectDef),
    /// `append` or `replace`.
    OverrideMode,
    /// `replace`; Falco's schema lets `append` pass, its reader does not.
    ReplaceMode,
}

/// A key of an object.
#[derive(PartialEq, Eq, Debug)]
pub struct KeyDef {
    /// As written.
    pub name: &'static str,
    /// What its value is.
    pub shape: Shape,
    /// For people, one or two sentences.
    pub description: &'static str,
}

/// An object with a closed set of keys.
#[derive(PartialEq, Eq, Debug)]
pub struct ObjectDef {
    /// Its name among the definitions of a schema.
    pub name: &'static str,
    /// For people.
    pub description: &'static str,
    /// All keys, in canonical order.
    pub keys: &'static [KeyDef],
    /// Keys that must be there.
    pub required: &'static [&'static str],
    /// Least number of keys.
    pub min_keys: usize,
}

/// A kind of item.
#[derive(PartialEq, Eq, Debug)]
pub struct ItemDef {
    /// The item as an object; the first key is the one that tells the kind.
    pub object: ObjectDef,
    /// Sets of keys of which one must be complete; empty when the required keys are all.
    pub one_of: &'static [&'static [&'static str]],
}

impl ItemDef {
    /// The key that tells the kind: `rule`, `macro`, `list`, ...
    pub fn kind(&self) -> &'static str {
        self.object.keys.first().map_or("", |key| key.name)
    }

    /// All keys, in canonical order.
    pub fn keys(&self) -> &'static [KeyDef] {
        self.object.keys
    }
}

/// All kinds of items, in the order in which Falco looks for their keys.
pub fn items() -> &'static [ItemDef] {
    table::ITEMS
}

/// Names of priorities as Falco's schema wants them; its reader takes any case.
pub const PRIORITIES: &[&str] =
    &["EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "INFORMATIONAL", "DEBUG"];
