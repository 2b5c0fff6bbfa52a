//! From a file's YAML to items in the collector.
//!
//! The order of checks is Falco's, so that the first error of a file is the one that Falco stops at;
//! the reader goes on with the next item, to report the others too. Here are the walk over a file and
//! the decoding of values; each kind of item has its own file.

mod exceptions;
mod named;
mod rule;
mod versions;

use crate::diagnostic::falco::{ItemType, LoadCode};
use crate::diagnostic::{Code, Diagnostic};
use crate::rulefile::collector::{Collector, FieldExists};
use crate::rulefile::context::{Ctx, Findings};
use crate::rulefile::items::Place;
use crate::rulefile::text::Text;
use crate::source::{FileId, Span};
use crate::yaml::{NodeId, NodeKind, Yaml};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Something was wrong and was reported.
pub(crate) struct Reported;

type Read<T> = Result<T, Reported>;

/// What the reader knows of event sources.
pub(crate) struct Known<'a> {
    pub(crate) source: &'a dyn Fn(&str) -> bool,
    pub(crate) field: FieldExists<'a>,
}

pub(crate) struct Reader<'a> {
    pub(crate) file: FileId,
    pub(crate) yaml: &'a Yaml,
    pub(crate) known: Known<'a>,
    pub(crate) collector: &'a mut Collector,
    pub(crate) findings: &'a mut Findings,
}

impl Reader<'_> {
    pub(crate) fn read(&mut self) {
        let start = Span::new(self.file, 0, 0);
        let root = Ctx::root(start);
        for &document in self.yaml.documents() {
            let node = self.yaml.node(document);
            let span = Span::new(self.file, node.span.start, node.span.start);
            match &node.kind {
                NodeKind::Null => {}
                NodeKind::Scalar(_) => {
                    let diagnostic = Diagnostic::new(
                        Code::NotASequence,
                        node.span,
                        "the file is a text, not a sequence of items",
                    );
                    self.findings.falco(
                        &root,
                        LoadCode::YamlValidate,
                        "Rules content is not yaml",
                        diagnostic,
                    );
                }
                NodeKind::Mapping(_) => {
                    let diagnostic = Diagnostic::new(
                        Code::NotASequence,
                        span,
                        "the file is a mapping, not a sequence of items",
                    )
                    .help("begin each item with `- `, as in `- rule: name`");
                    self.findings.falco(
                        &root,
                        LoadCode::YamlValidate,
                        "Rules content is not yaml array of objects",
                        diagnostic,
                    );
                }
                NodeKind::Sequence(items) => {
                    for &item in items {
                        if !matches!(self.yaml.node(item).kind, NodeKind::Null) {
                            // reported; the next item can still be read
                            let _ = self.item(item, &root);
                        }
                    }
                }
            }
        }
    }

    fn span(&self, node: NodeId) -> Span {
        self.yaml.node(node).span
    }

    fn error<T>(&mut self, ctx: &Ctx<'_>, message: &str, diagnostic: Diagnostic) -> Read<T> {
        self.findings.falco(ctx, LoadCode::YamlValidate, message, diagnostic);
        Err(Reported)
    }

    fn item(&mut self, item: NodeId, root: &Ctx<'_>) -> Read<()> {
        let span = self.span(item);
        let NodeKind::Mapping(_) = self.yaml.node(item).kind else {
            let ctx = root.child(ItemType::RulesContentItem, "", span);
            let message = "Unexpected element type. Each element should be a yaml associative array.";
            let diagnostic = Diagnostic::new(
                Code::NotAMapping,
                span,
                "expected an item such as `- rule: name`, found a plain value",
            );
            return self.error(&ctx, message, diagnostic);
        };
        self.duplicate_keys(item);
        if self.yaml.get(item, "required_engine_version").is_some() {
            self.engine_version(item, root)
        } else if let Some(value) = self.yaml.get(item, "required_plugin_versions") {
            self.plugin_versions(value, root)
        } else if self.yaml.get(item, "list").is_some() {
            self.list(item, root)
        } else if self.yaml.get(item, "macro").is_some() {
            self.macro_(item, root)
        } else if self.yaml.get(item, "rule").is_some() {
            self.rule(item, root)
        } else {
            let ctx = root.child(ItemType::RulesContentItem, "", span);
            let keys = self.yaml.entries(item);
            let key = keys.first().map_or(span, |&(k, _)| self.span(k));
            let name = keys.first().and_then(|&(k, _)| self.yaml.as_str(k)).unwrap_or("").to_owned();
            let diagnostic = Diagnostic::new(
                Code::UnknownItem,
                key,
                format!("unknown kind of item `{name}`, which is ignored"),
            )
            .suggest(&name, ["rule", "macro", "list", "required_engine_version", "required_plugin_versions"]);
            self.findings.falco(&ctx, LoadCode::UnknownItem, "Unknown top level item", diagnostic);
            Ok(())
        }
    }

    fn duplicate_keys(&mut self, map: NodeId) {
        let mut seen: Vec<(&str, NodeId)> = Vec::new();
        for &(key, _) in self.yaml.entries(map) {
            let Some(name) = self.yaml.as_str(key) else { continue };
            if let Some(&(_, first)) = seen.iter().find(|(n, _)| *n == name) {
                let diagnostic = Diagnostic::new(
                    Code::DuplicateKey,
                    self.span(key),
                    format!("key `{name}` stands twice; the first is used"),
                )
                .also(self.span(first), "first here");
                self.findings.push(diagnostic);
            } else {
                seen.push((name, key));
            }
        }
    }

    fn unknown_keys(&mut self, map: NodeId, known: &[&str], ctx: &Ctx<'_>) {
        for &(key, _) in self.yaml.entries(map) {
            let Some(name) = self.yaml.as_str(key) else { continue };
            if known.contains(&name) {
                continue;
            }
            let message = format!("Unknown key '{name}'. The key will be ignored.");
            let diagnostic = Diagnostic::new(
                Code::UnknownKey,
                self.span(key),
                format!("unknown key `{name}`, which is ignored"),
            )
            .suggest(name, known);
            self.findings.falco(ctx, LoadCode::UnknownKey, &message, diagnostic);
        }
    }

    /// A scalar under a key that must be there.
    fn required(&mut self, map: NodeId, key: &str, ctx: &Ctx<'_>) -> Read<Text> {
        if let Some(value) = self.yaml.get(map, key) {
            self.scalar(value, key, ctx)
        } else {
            let message = format!("Item has no mapping for key '{key}'");
            let diagnostic =
                Diagnostic::new(Code::MissingKey, self.head(map), format!("key `{key}` is missing"))
                    .help(format!("add `{key}: ...`"));
            self.error(ctx, &message, diagnostic)
        }
    }

    /// The first entry of a mapping: where to point for something that is missing.
    fn head(&self, map: NodeId) -> Span {
        match self.yaml.entries(map).first() {
            Some(&(key, value)) => self.span(key).to(match self.yaml.node(value).kind {
                NodeKind::Scalar(_) => self.span(value),
                _ => self.span(key),
            }),
            None => self.span(map),
        }
    }

    fn scalar(&mut self, value: NodeId, key: &str, ctx: &Ctx<'_>) -> Read<Text> {
        let node = self.yaml.node(value);
        match &node.kind {
            NodeKind::Null => {
                let message = format!("Mapping for key '{key}' is empty");
                let diagnostic =
                    Diagnostic::new(Code::EmptyValue, node.span, format!("key `{key}` has no value"));
                self.error(ctx, &message, diagnostic)
            }
            NodeKind::Scalar(scalar) if scalar.value.is_empty() => {
                let own = ctx.child(ItemType::ValueFor, key, node.span);
                let diagnostic =
                    Diagnostic::new(Code::EmptyValue, node.span, format!("the value of `{key}` is empty"));
                self.error(&own, "Value must be non-empty", diagnostic)
            }
            NodeKind::Scalar(scalar) => {
                Ok(Text { value: Arc::from(&*scalar.value), span: node.span, node: value })
            }
            _ => {
                let own = ctx.child(ItemType::ValueFor, key, node.span);
                let diagnostic = Diagnostic::new(
                    Code::WrongKind,
                    self.head_of(value),
                    format!("`{key}` takes one text, not a sequence or mapping"),
                );
                self.error(&own, "Value is not a scalar value", diagnostic)
            }
        }
    }

    /// The beginning of a sequence or mapping.
    fn head_of(&self, node: NodeId) -> Span {
        let span = self.span(node);
        Span::new(span.file, span.start, span.end.min(span.start + 1))
    }

    fn decoded<T>(
        &mut self,
        map: NodeId,
        key: &str,
        ctx: &Ctx<'_>,
        what: &str,
        decode: impl Fn(&str) -> Option<T>,
    ) -> Read<Option<T>> {
        let Some(value) = self.yaml.get(map, key) else { return Ok(None) };
        let text = self.scalar(value, key, ctx)?;
        if let Some(decoded) = decode(&text.value) {
            return Ok(Some(decoded));
        }
        let own = ctx.child(ItemType::ValueFor, key, text.span);
        let diagnostic = Diagnostic::new(
            Code::BadScalar,
            text.span,
            format!("`{key}` takes {what}, found `{}`", text.value),
        );
        self.error(&own, "Can't decode YAML scalar value", diagnostic)
    }

    fn boolean(&mut self, map: NodeId, key: &str, ctx: &Ctx<'_>) -> Read<Option<bool>> {
        self.decoded(map, key, ctx, "true or false", crate::yaml::to_bool)
    }

    fn number(&mut self, map: NodeId, key: &str, ctx: &Ctx<'_>) -> Read<Option<u32>> {
        self.decoded(map, key, ctx, "a number of milliseconds", crate::yaml::to_u32)
    }

    /// A sequence of scalars.
    fn texts(&mut self, value: NodeId, key: &str, ctx: &Ctx<'_>) -> Read<Vec<Text>> {
        let span = self.span(value);
        let own = ctx.child(ItemType::ValueFor, key, span);
        let NodeKind::Sequence(items) = &self.yaml.node(value).kind else {
            let diagnostic = Diagnostic::new(Code::WrongKind, span, format!("`{key}` takes a sequence"))
                .help(format!("write `{key}: [one, two]`"));
            return self.error(&own, "Value is not a sequence", diagnostic);
        };
        let mut texts = Vec::with_capacity(items.len());
        for &item in items {
            let node = self.yaml.node(item);
            if let NodeKind::Scalar(scalar) = &node.kind {
                texts.push(Text { value: Arc::from(&*scalar.value), span: node.span, node: item });
            } else {
                let item_ctx = own.child(ItemType::ListItem, "", node.span);
                let diagnostic = Diagnostic::new(
                    Code::WrongKind,
                    self.head_of(item),
                    format!("an item of `{key}` is not a text"),
                );
                return self.error(&item_ctx, "sequence value is not scalar", diagnostic);
            }
        }
        Ok(texts)
    }

    fn tags(&mut self, map: NodeId, ctx: &Ctx<'_>) -> Read<BTreeSet<String>> {
        match self.yaml.get(map, "tags") {
            Some(value) => Ok(self.texts(value, "tags", ctx)?.iter().map(|t| t.value.to_string()).collect()),
            None => Ok(BTreeSet::new()),
        }
    }

    fn place(&self, item: NodeId) -> Place {
        Place { span: self.span(item), index: 0, visibility: 0 }
    }
}
