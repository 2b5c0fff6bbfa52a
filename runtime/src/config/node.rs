//! The configuration as a tree: what files and options say, with the place of every value.

use super::error::{ConfigError, Place};
use peregrine_compiler::source::SourceMap;
use peregrine_compiler::yaml::{self, Limits, NodeKind, ScalarStyle, Yaml};
use serde_json::Value as Json;
use std::sync::Arc;

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) place: Place,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Null,
    /// A text; `plain` if it was written without quotes, so that it may mean a number or a boolean.
    Scalar {
        text: String,
        plain: bool,
    },
    Sequence(Vec<Node>),
    /// Keys in order, each once.
    Mapping(Vec<(String, Node)>),
}

/// Configurations are small and nest little.
fn limits() -> Limits {
    Limits { depth: 64, nodes: 1_000_000, expanded: 1_000_000 }
}

impl Node {
    pub(super) fn null(place: Place) -> Self {
        Self { kind: Kind::Null, place }
    }

    /// Reads a file's text: its first document, as Falco does. A repeated key is an error.
    pub(super) fn parse(name: &str, bytes: Vec<u8>) -> Result<Self, ConfigError> {
        let mut sources = SourceMap::new();
        let file = sources.add(name, bytes).map_err(|e| {
            ConfigError::general(format!("{name}: has {} bytes, more than can be read", e.bytes))
        })?;
        let source = sources.file(file);
        let text_name: Arc<str> = name.into();
        let place =
            |offset| Place { source: Arc::clone(&text_name), position: Some(source.line_col(offset)) };
        if let Some(at) = source.invalid_utf8_at() {
            return Err(ConfigError::at(&place(at), "", "there are bytes that are not UTF-8"));
        }
        let yaml = yaml::parse(file, source.text(), &limits())
            .map_err(|e| ConfigError::at(&place(e.span.start), "", e.message))?;
        match yaml.documents().first() {
            Some(&root) => convert(&yaml, root, &place),
            None => Ok(Self::null(place(0))),
        }
    }

    /// The value of an option: YAML in `{}` or `[]`, else a text.
    pub(super) fn of_option(value: &str, place: &Place) -> Result<Self, ConfigError> {
        if !value.starts_with(['{', '[']) {
            let kind = Kind::Scalar { text: value.to_owned(), plain: true };
            return Ok(Self { kind, place: place.clone() });
        }
        let mut node = Self::parse(&place.source, value.as_bytes().to_vec())
            .map_err(|e| ConfigError::at(place, "", e.message))?;
        node.relocate(place);
        Ok(node)
    }

    fn relocate(&mut self, place: &Place) {
        self.place = place.clone();
        match &mut self.kind {
            Kind::Sequence(items) => items.iter_mut().for_each(|n| n.relocate(place)),
            Kind::Mapping(entries) => entries.iter_mut().for_each(|(_, n)| n.relocate(place)),
            _ => {}
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    pub(super) fn entries(&self) -> &[(String, Self)] {
        match &self.kind {
            Kind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// What it is, for messages.
    pub(super) fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::Scalar { text, .. } if text.chars().count() > 60 => {
                format!("`{}…`", text.chars().take(60).collect::<String>())
            }
            Kind::Scalar { text, .. } => format!("`{text}`"),
            Kind::Sequence(_) => "a list".to_owned(),
            Kind::Mapping(_) => "a mapping".to_owned(),
        }
    }

    /// The value as JSON; scalars without quotes become numbers and booleans where they can.
    pub(super) fn to_json(&self, text_of: &dyn Fn(&str) -> String) -> Json {
        match &self.kind {
            Kind::Null => Json::Null,
            Kind::Scalar { text, plain: false } => Json::String(text_of(text)),
            Kind::Scalar { text, plain: true } => {
                let text = text_of(text);
                match text.as_str() {
                    "true" => Json::Bool(true),
                    "false" => Json::Bool(false),
                    other => match serde_json::from_str::<serde_json::Number>(other) {
                        Ok(number) => Json::Number(number),
                        Err(_) => Json::String(text),
                    },
                }
            }
            Kind::Sequence(items) => Json::Array(items.iter().map(|n| n.to_json(text_of)).collect()),
            Kind::Mapping(entries) => {
                Json::Object(entries.iter().map(|(k, v)| (k.clone(), v.to_json(text_of))).collect())
            }
        }
    }
}

/// Recursion is bounded by the parser's limit on depth.
fn convert(yaml: &Yaml, id: yaml::NodeId, place: &dyn Fn(u32) -> Place) -> Result<Node, ConfigError> {
    let node = yaml.node(id);
    let kind = match &node.kind {
        NodeKind::Null => Kind::Null,
        NodeKind::Scalar(scalar) => {
            Kind::Scalar { text: scalar.value.to_string(), plain: scalar.style == ScalarStyle::Plain }
        }
        NodeKind::Sequence(items) => {
            Kind::Sequence(items.iter().map(|&item| convert(yaml, item, place)).collect::<Result<_, _>>()?)
        }
        NodeKind::Mapping(pairs) => {
            let mut entries: Vec<(String, Node)> = Vec::with_capacity(pairs.len());
            for &(key, value) in pairs {
                let at = place(yaml.node(key).span.start);
                let Some(name) = yaml.as_str(key) else {
                    return Err(ConfigError::at(&at, "", "a key must be a text"));
                };
                if entries.iter().any(|(k, _)| k == name) {
                    return Err(ConfigError::at(&at, name, "this key stands here a second time"));
                }
                let mut value = convert(yaml, value, place)?;
                if value.is_null() {
                    value.place = at;
                }
                entries.push((name.to_owned(), value));
            }
            Kind::Mapping(entries)
        }
    };
    Ok(Node { kind, place: place(node.span.start) })
}
