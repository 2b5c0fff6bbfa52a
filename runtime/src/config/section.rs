//! Typed reading of one mapping with the shapes and defaults of the key table.

use super::env::{Lookup, substitute};
use super::error::{ConfigError, Place};
use super::keys::{Object, Shape};
use super::node::{Kind, Node};
use peregrine_compiler::diagnostic::did_you_mean;
use peregrine_compiler::yaml::{to_bool, to_u64};
use std::cell::RefCell;
use std::path::PathBuf;

/// What all sections share.
pub(super) struct Reading<'a> {
    pub(super) env: Lookup<'a>,
    errors: RefCell<Vec<ConfigError>>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(env: Lookup<'a>) -> Self {
        Self { env, errors: RefCell::default() }
    }

    pub(super) fn error(&self, place: &Place, key: &str, message: impl Into<String>) {
        self.errors.borrow_mut().push(ConfigError::at(place, key, message));
    }

    pub(super) fn into_errors(self) -> Vec<ConfigError> {
        self.errors.into_inner()
    }

    /// The text of a scalar.
    pub(super) fn text(&self, node: &Node, key: &str) -> Option<String> {
        if let Kind::Scalar { text, .. } = &node.kind {
            return Some(substitute(text, self.env));
        }
        if !node.is_null() {
            self.error(&node.place, key, format!("expected a text, found {}", node.describe()));
        }
        None
    }

    /// The texts of a list; a single text is a list of one, as in Falco.
    pub(super) fn texts(&self, node: &Node, key: &str) -> Vec<String> {
        match &node.kind {
            Kind::Sequence(items) => items
                .iter()
                .enumerate()
                .filter_map(|(i, item)| self.text(item, &format!("{key}[{i}]")))
                .collect(),
            Kind::Scalar { .. } => self.text(node, key).into_iter().collect(),
            Kind::Null => Vec::new(),
            Kind::Mapping(_) => {
                self.error(&node.place, key, "expected a list of texts, found a mapping");
                Vec::new()
            }
        }
    }
}

/// One mapping, or its absence.
pub(super) struct Section<'r> {
    reading: &'r Reading<'r>,
    node: Option<&'r Node>,
    object: &'static Object,
    path: String,
}

impl<'r> Section<'r> {
    pub(super) fn new(
        reading: &'r Reading<'r>,
        node: Option<&'r Node>,
        object: &'static Object,
        path: String,
    ) -> Self {
        let node = node.filter(|n| !n.is_null());
        if let Some(node) = node
            && !matches!(node.kind, Kind::Mapping(_))
        {
            reading.error(&node.place, &path, format!("expected a mapping, found {}", node.describe()));
        }
        Self { reading, node, object, path }
    }

    /// The full name of a key.
    pub(super) fn path_of(&self, key: &str) -> String {
        match (self.path.as_str(), key) {
            (path, "") => path.to_owned(),
            ("", key) => key.to_owned(),
            (path, key) => format!("{path}.{key}"),
        }
    }

    pub(super) fn node(&self, key: &str) -> Option<&'r Node> {
        self.node.and_then(|n| n.get(key)).filter(|n| !n.is_null())
    }

    pub(super) fn error(&self, key: &str, message: impl Into<String>) {
        let place = self.node(key).or(self.node).map(|n| n.place.clone());
        let error = ConfigError { place, key: self.path_of(key), message: message.into() };
        self.reading.errors.borrow_mut().push(error);
    }

    fn shape(&self, key: &str) -> Option<Shape> {
        let shape = self.object.key(key).map(|k| k.shape);
        debug_assert!(shape.is_some(), "{} is in no table", self.path_of(key));
        shape
    }

    /// The key's text, unless it is absent.
    fn scalar(&self, key: &str) -> Option<String> {
        self.node(key).and_then(|n| self.reading.text(n, &self.path_of(key)))
    }

    pub(super) fn bool(&self, key: &str) -> bool {
        let default = matches!(self.shape(key), Some(Shape::Bool(true)));
        let Some(text) = self.scalar(key) else { return default };
        to_bool(&text).unwrap_or_else(|| {
            self.error(key, format!("expected true or false, found `{text}`"));
            default
        })
    }

    /// A whole number within the bounds of the table, which fit the type.
    pub(super) fn int<T: TryFrom<u64> + Default>(&self, key: &str) -> T {
        let Some(Shape::Int { default, min, max }) = self.shape(key) else { return T::default() };
        let value = self.scalar(key).map(|text| match to_u64(&text) {
            Some(value) if (min..=max).contains(&value) => value,
            _ if max == u64::MAX => {
                self.error(key, format!("expected a whole number, found `{text}`"));
                default
            }
            _ => {
                self.error(key, format!("expected a whole number from {min} to {max}, found `{text}`"));
                default
            }
        });
        T::try_from(value.unwrap_or(default)).unwrap_or_default()
    }

    pub(super) fn float(&self, key: &str) -> f64 {
        let Some(Shape::Float(default)) = self.shape(key) else { return 0.0 };
        let Some(text) = self.scalar(key) else { return default };
        text.trim().parse().ok().filter(|v: &f64| v.is_finite()).unwrap_or_else(|| {
            self.error(key, format!("expected a number, found `{text}`"));
            default
        })
    }

    pub(super) fn text(&self, key: &str) -> String {
        let Some(Shape::Text(default) | Shape::Path(default)) = self.shape(key) else {
            return self.scalar(key).unwrap_or_default();
        };
        self.scalar(key).unwrap_or_else(|| default.to_owned())
    }

    pub(super) fn path(&self, key: &str) -> PathBuf {
        self.text(key).into()
    }

    /// One of the table's words, in lower case.
    pub(super) fn choice(&self, key: &str) -> String {
        let Some(Shape::Choice(default, words)) = self.shape(key) else { return String::new() };
        let Some(text) = self.scalar(key) else { return default.to_owned() };
        let lower = text.to_ascii_lowercase();
        if words.contains(&lower.as_str()) {
            return lower;
        }
        let near = did_you_mean(&lower, words).map_or(String::new(), |w| format!("; did you mean `{w}`?"));
        self.error(key, format!("expected one of {}, found `{text}`{near}", words.join(", ")));
        default.to_owned()
    }

    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        self.node(key).map(|n| self.reading.texts(n, &self.path_of(key))).unwrap_or_default()
    }

    pub(super) fn section(&self, key: &str) -> Section<'r> {
        let object = match self.shape(key) {
            Some(Shape::Object(object)) => object,
            _ => self.object,
        };
        Section::new(self.reading, self.node(key), object, self.path_of(key))
    }

    /// The sections of a list of objects.
    pub(super) fn sections(&self, key: &str) -> Vec<Section<'r>> {
        let (Some(Shape::Objects(object) | Shape::TextsOrObjects(object)), Some(node)) =
            (self.shape(key), self.node(key))
        else {
            return Vec::new();
        };
        let Kind::Sequence(items) = &node.kind else {
            self.error(key, format!("expected a list, found {}", node.describe()));
            return Vec::new();
        };
        let of =
            |(i, item)| Section::new(self.reading, Some(item), object, format!("{}[{i}]", self.path_of(key)));
        items.iter().enumerate().map(of).collect()
    }
}
