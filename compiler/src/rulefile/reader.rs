//! From a file's YAML to items in the collector.
//!
//! The order of checks is Falco's, so that the first error of a file is the one that Falco stops at;
//! the reader goes on with the next item, to report the others too.
//!
//! Longer than the house limit allows: one function per item kind, which read best side by side.

use super::collector::{Collector, FieldExists};
use super::context::{Ctx, Findings};
use super::items::{
    ENGINE_VERSION, Entry, ExceptionInfo, ListInfo, MacroInfo, Place, PluginVersion, Priority, RuleInfo,
    RuleUpdate, Version,
};
use super::text::Text;
use crate::diagnostic::falco::{ItemType, LoadCode};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use crate::yaml::{NodeId, NodeKind, Yaml};
use std::collections::BTreeSet;
use std::sync::Arc;

const APPEND_DEPRECATED: &str =
    "'append' key is deprecated. Add an 'append' entry (e.g. 'condition: append') under 'override' instead.";
const ENABLED_DEPRECATED: &str = "The standalone 'enabled' key usage is deprecated. The correct approach requires also a 'replace' entry under the 'override' key (i.e. 'enabled: replace').";
const OVERRIDE_AND_APPEND: &str = "Keys 'override' and 'append: true' cannot be used together. Add an 'append' entry (e.g. 'condition: append') under 'override' instead.";

const LIST_KEYS: &[&str] = &["list", "items", "append", "override"];
const MACRO_KEYS: &[&str] = &["macro", "condition", "append", "override"];
const RULE_KEYS: &[&str] = &[
    "rule",
    "condition",
    "output",
    "desc",
    "priority",
    "source",
    "enabled",
    "capture",
    "capture_duration",
    "warn_evttypes",
    "skip-if-unknown-filter",
    "tags",
    "exceptions",
    "append",
    "override",
];
const EXCEPTION_KEYS: &[&str] = &["name", "fields", "comps", "values"];
const APPENDABLE: &[&str] = &["condition", "output", "desc", "tags", "exceptions"];
const REPLACEABLE: &[&str] = &[
    "condition",
    "output",
    "desc",
    "priority",
    "tags",
    "exceptions",
    "enabled",
    "warn_evttypes",
    "skip-if-unknown-filter",
    "capture",
    "capture_duration",
];

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
        match self.yaml.get(map, key) {
            Some(value) => self.scalar(value, key, ctx),
            None => {
                let message = format!("Item has no mapping for key '{key}'");
                let diagnostic =
                    Diagnostic::new(Code::MissingKey, self.head(map), format!("key `{key}` is missing"))
                        .help(format!("add `{key}: ...`"));
                self.error(ctx, &message, diagnostic)
            }
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

    fn engine_version(&mut self, item: NodeId, root: &Ctx<'_>) -> Read<()> {
        let ctx = root.child(ItemType::RequiredEngineVersion, "", self.span(item));
        let text = self.required(item, "required_engine_version", &ctx)?;
        let version = match crate::yaml::to_u32(&text.value) {
            Some(minor) => Version::new(0, minor, 0),
            None => match Version::parse(&text.value) {
                Some(version) => version,
                None => {
                    let message = format!(
                        "Unable to parse engine version '{}' as a semver string. Expected \"x.y.z\" semver format.",
                        text.value
                    );
                    let diagnostic = Diagnostic::new(
                        Code::EngineVersion,
                        text.span,
                        format!("`{}` is not a version", text.value),
                    )
                    .help("write a number or `x.y.z`");
                    return self.error(&ctx, &message, diagnostic);
                }
            },
        };
        if !ENGINE_VERSION.satisfies(version) {
            let message =
                format!("Rules require engine version {version}, but engine version is {ENGINE_VERSION}");
            let diagnostic = Diagnostic::new(
                Code::EngineVersion,
                text.span,
                format!("the rules need engine version {version}, this engine is {ENGINE_VERSION}"),
            );
            self.findings.falco(&ctx, LoadCode::Validate, &message, diagnostic);
            return Err(Reported);
        }
        self.collector.engine_version = self.collector.engine_version.max(version);
        Ok(())
    }

    fn plugin_versions(&mut self, value: NodeId, root: &Ctx<'_>) -> Read<()> {
        let ctx = root.child(ItemType::RequiredPluginVersions, "", self.span(value));
        let NodeKind::Sequence(entries) = &self.yaml.node(value).kind else {
            let diagnostic = Diagnostic::new(
                Code::WrongKind,
                self.head_of(value),
                "`required_plugin_versions` takes a sequence",
            );
            return self.error(&ctx, "Value of required_plugin_versions must be a sequence", diagnostic);
        };
        for &entry in entries {
            let main = self.plugin_version(
                entry,
                ItemType::RequiredPluginVersionsEntry,
                "Plugin version must be a mapping",
                &ctx,
            )?;
            let own = ctx.child(ItemType::RequiredPluginVersionsEntry, &main.name, self.span(entry));
            let mut all = vec![main.clone()];
            if let Some(alternatives) = self.yaml.get(entry, "alternatives") {
                let NodeKind::Sequence(items) = &self.yaml.node(alternatives).kind else {
                    let diagnostic = Diagnostic::new(
                        Code::WrongKind,
                        self.head_of(alternatives),
                        "`alternatives` takes a sequence",
                    );
                    return self.error(
                        &own,
                        "Value of plugin version alternatives must be a sequence",
                        diagnostic,
                    );
                };
                for &item in items {
                    let kind = ItemType::RequiredPluginVersionsAlternative;
                    all.push(self.plugin_version(
                        item,
                        kind,
                        "Plugin version alternative must be a mapping",
                        &own,
                    )?);
                }
            }
            for (i, plugin) in all.iter().enumerate() {
                let problem = if Version::parse(&plugin.version).is_none() {
                    Some(format!(
                        "Invalid required version '{}' for plugin '{}'",
                        plugin.version, plugin.name
                    ))
                } else if all.iter().take(i).any(|p| p.name == plugin.name) {
                    Some(format!(
                        "Defined multiple alternative version requirements for plugin '{}'",
                        plugin.name
                    ))
                } else {
                    None
                };
                if let Some(message) = problem {
                    let diagnostic =
                        Diagnostic::new(Code::PluginVersion, self.head(entry), lower_first(&message));
                    self.findings.falco(&own, LoadCode::Validate, &message, diagnostic);
                    return Err(Reported);
                }
            }
            self.collector.plugin_versions.push(all);
        }
        Ok(())
    }

    fn plugin_version(
        &mut self,
        entry: NodeId,
        kind: ItemType,
        not_a_map: &str,
        parent: &Ctx<'_>,
    ) -> Read<PluginVersion> {
        let span = self.span(entry);
        let unnamed = parent.child(kind, "", span);
        if !matches!(self.yaml.node(entry).kind, NodeKind::Mapping(_)) {
            let diagnostic =
                Diagnostic::new(Code::NotAMapping, span, "expected a mapping with `name` and `version`");
            return self.error(&unnamed, not_a_map, diagnostic);
        }
        let name = self.required(entry, "name", &unnamed)?;
        let named = parent.child(kind, &name.value, span);
        let version = self.required(entry, "version", &named)?;
        Ok(PluginVersion { name: name.value.to_string(), version: version.value.to_string() })
    }

    fn place(&self, item: NodeId) -> Place {
        Place { span: self.span(item), index: 0, visibility: 0 }
    }

    fn list(&mut self, item: NodeId, root: &Ctx<'_>) -> Read<()> {
        let span = self.span(item);
        let name = self.required(item, "list", &root.child(ItemType::List, "", span))?;
        let ctx = root.child(ItemType::List, &name.value, span);
        let result = self.list_body(item, &name, &ctx);
        match result {
            Ok(()) => self.unknown_keys(item, LIST_KEYS, &ctx),
            Err(_) => drop(self.collector.broken.insert(name.value.to_string())),
        }
        result
    }

    fn list_body(&mut self, item: NodeId, name: &Text, ctx: &Ctx<'_>) -> Read<()> {
        if !name.value.chars().all(is_list_name_char) {
            let message = "List has an invalid name. List names should match a regular expression: ([^()\"'[:space:]=,]+)";
            let diagnostic = Diagnostic::new(
                Code::InvalidName,
                name.span,
                format!("the list name `{}` cannot be written in a condition", name.value),
            );
            self.findings.falco(ctx, LoadCode::InvalidListName, message, diagnostic);
        }
        let items = match self.yaml.get(item, "items") {
            Some(items) => self.texts(items, "items", ctx)?,
            None => self.required(item, "items", ctx).map(|t| vec![t])?,
        };
        let append = self.append_flag(item, ctx)?;
        let overrides = self.overrides(item, &["items"], &["items"], ctx)?;
        self.not_both(item, append, &overrides, ctx)?;
        let info =
            ListInfo { name: Arc::clone(&name.value), name_span: name.span, items, place: self.place(item) };
        if append || overrides.append.contains("items") {
            self.collector.append_list(info, ctx, self.findings);
        } else {
            self.collector.define_list(info);
        }
        Ok(())
    }

    fn macro_(&mut self, item: NodeId, root: &Ctx<'_>) -> Read<()> {
        let span = self.span(item);
        let name = self.required(item, "macro", &root.child(ItemType::Macro, "", span))?;
        let ctx = root.child(ItemType::Macro, &name.value, span);
        let result = self.macro_body(item, &name, &ctx);
        match result {
            Ok(()) => self.unknown_keys(item, MACRO_KEYS, &ctx),
            Err(_) => drop(self.collector.broken.insert(name.value.to_string())),
        }
        result
    }

    fn macro_body(&mut self, item: NodeId, name: &Text, ctx: &Ctx<'_>) -> Read<()> {
        if !is_identifier(&name.value) {
            let message = "Macro has an invalid name. Macro names should match a regular expression: ([a-zA-Z]+[a-zA-Z0-9_]*)";
            let diagnostic = Diagnostic::new(
                Code::InvalidName,
                name.span,
                format!("the macro name `{}` cannot be written in a condition", name.value),
            );
            self.findings.falco(ctx, LoadCode::InvalidMacroName, message, diagnostic);
        }
        let condition = self.required(item, "condition", ctx)?;
        let append = self.append_flag(item, ctx)?;
        let overrides = self.overrides(item, &["condition"], &["condition"], ctx)?;
        self.not_both(item, append, &overrides, ctx)?;
        let info = MacroInfo {
            name: Arc::clone(&name.value),
            name_span: name.span,
            condition: vec![condition],
            place: self.place(item),
        };
        if append || overrides.append.contains("condition") {
            self.collector.append_macro(info, ctx, self.findings);
        } else {
            self.collector.define_macro(info);
        }
        Ok(())
    }

    fn append_flag(&mut self, item: NodeId, ctx: &Ctx<'_>) -> Read<bool> {
        let append = self.boolean(item, "append", ctx)?.unwrap_or(false);
        if append {
            let span = self.yaml.entries(item).iter().find(|(k, _)| self.yaml.as_str(*k) == Some("append"));
            let span = span.map_or(ctx.span, |&(k, v)| self.span(k).to(self.span(v)));
            let diagnostic = Diagnostic::new(Code::DeprecatedItem, span, "`append: true` is deprecated")
                .help("write `override:` with `condition: append` (or `items: append`) in its place");
            self.findings.falco(ctx, LoadCode::DeprecatedItem, APPEND_DEPRECATED, diagnostic);
        }
        Ok(append)
    }

    fn not_both(&mut self, item: NodeId, append: bool, overrides: &Overrides, ctx: &Ctx<'_>) -> Read<()> {
        if append && !overrides.is_empty() {
            let span = self.yaml.get(item, "override").map_or(ctx.span, |o| self.span(o));
            let diagnostic = Diagnostic::new(
                Code::BadOverride,
                span,
                "`override` and `append: true` cannot be used together",
            )
            .help("remove `append` and name the appended keys under `override`");
            return self.error(ctx, OVERRIDE_AND_APPEND, diagnostic);
        }
        Ok(())
    }

    fn overrides(
        &mut self,
        item: NodeId,
        appendable: &[&str],
        replaceable: &[&str],
        ctx: &Ctx<'_>,
    ) -> Read<Overrides> {
        let mut overrides = Overrides::default();
        let Some(value) = self.yaml.get(item, "override") else { return Ok(overrides) };
        if !matches!(self.yaml.node(value).kind, NodeKind::Mapping(_)) {
            // COMPAT(falco): anything but a mapping is taken for no override at all
            let mut diagnostic = Diagnostic::new(
                Code::BadOverride,
                self.span(value),
                "`override` takes a mapping and is ignored",
            );
            diagnostic.severity = crate::diagnostic::Severity::Warning;
            self.findings.push(diagnostic);
            return Ok(overrides);
        }
        let own = ctx.child(ItemType::Override, "", ctx.span);
        for &(key_node, op_node) in self.yaml.entries(value) {
            let (Some(key), Some(op)) = (self.yaml.as_str(key_node), self.yaml.as_str(op_node)) else {
                let diagnostic =
                    Diagnostic::new(Code::BadOverride, self.span(op_node), "expected `append` or `replace`");
                self.findings.falco(ctx, LoadCode::Validate, "bad conversion", diagnostic);
                return Err(Reported);
            };
            let (can_append, can_replace) = (appendable.contains(&key), replaceable.contains(&key));
            let key_ctx = own.child(ItemType::Override, key, self.span(key_node));
            let span = self.span(key_node);
            match op {
                "append" if can_append => overrides.append.insert(key.to_owned()),
                "replace" if can_replace => overrides.replace.insert(key.to_owned()),
                "append" => {
                    let message = format!("Key '{key}' cannot be appended to, use 'replace' instead");
                    let diagnostic = Diagnostic::new(
                        Code::BadOverride,
                        span,
                        format!("key `{key}` cannot be appended to"),
                    );
                    let diagnostic = if can_replace {
                        diagnostic.help(format!("write `{key}: replace`"))
                    } else {
                        diagnostic.suggest(key, replaceable)
                    };
                    return self.error(&key_ctx, &message, diagnostic);
                }
                "replace" => {
                    let message = format!("Key '{key}' cannot be replaced");
                    let diagnostic =
                        Diagnostic::new(Code::BadOverride, span, format!("key `{key}` cannot be replaced"))
                            .suggest(key, replaceable);
                    return self.error(&key_ctx, &message, diagnostic);
                }
                _ => {
                    let mut message =
                        format!("Invalid override operation for key '{key}': '{op}'. Allowed values are: ");
                    message.push_str(if can_append { "append " } else { "" });
                    message.push_str(if can_replace { "replace " } else { "" });
                    let value_ctx = own.child(ItemType::ValueFor, key, self.span(op_node));
                    let diagnostic = Diagnostic::new(
                        Code::BadOverride,
                        self.span(op_node),
                        format!("expected `append` or `replace`, found `{op}`"),
                    )
                    .suggest(op, ["append", "replace"]);
                    return self.error(&value_ctx, &message, diagnostic);
                }
            };
        }
        Ok(overrides)
    }

    fn rule(&mut self, item: NodeId, root: &Ctx<'_>) -> Read<()> {
        let span = self.span(item);
        let name = self.required(item, "rule", &root.child(ItemType::Rule, "", span))?;
        let ctx = root.child(ItemType::Rule, &name.value, span);
        // COMPAT(falco): unknown keys of an item with an error are not reported
        let result = self.rule_body(item, &name, &ctx);
        if result.is_ok() {
            self.unknown_keys(item, RULE_KEYS, &ctx);
        }
        result
    }

    fn rule_body(&mut self, item: NodeId, name: &Text, ctx: &Ctx<'_>) -> Read<()> {
        let append = self.append_flag(item, ctx)?;
        let overrides = self.overrides(item, APPENDABLE, REPLACEABLE, ctx)?;
        self.not_both(item, append, &overrides, ctx)?;
        if !overrides.is_empty() {
            return self.override_rule(item, name, &overrides, ctx);
        }
        if append {
            self.same_source(item, name, ctx)?;
            let mut update = RuleUpdate::default();
            if self.yaml.get(item, "condition").is_some() {
                update.condition = Some(self.required(item, "condition", ctx)?);
            }
            if self.yaml.get(item, "exceptions").is_some() {
                update.exceptions = Some(self.exceptions(item, ctx, true)?);
            }
            self.collector.append_rule(&name.value, name.span, update, self.known.field, ctx, self.findings);
            return Ok(());
        }
        if ["condition", "output", "desc", "priority"].iter().all(|k| self.yaml.get(item, k).is_none()) {
            let Some(enabled) = self.boolean(item, "enabled", ctx)? else {
                return self.required(item, "enabled", ctx).map(drop);
            };
            let diagnostic =
                Diagnostic::new(Code::DeprecatedItem, name.span, "`enabled` alone is deprecated")
                    .help("add `override:` with `enabled: replace`");
            self.findings.falco(ctx, LoadCode::DeprecatedItem, ENABLED_DEPRECATED, diagnostic);
            self.collector.enable_rule(&name.value, name.span, enabled, ctx, self.findings);
            return Ok(());
        }
        self.new_rule(item, name, ctx)
    }

    /// An append can name the source, but not another one.
    fn same_source(&mut self, item: NodeId, name: &Text, ctx: &Ctx<'_>) -> Read<()> {
        let Some(value) = self.yaml.get(item, "source") else { return Ok(()) };
        let source = self.scalar(value, "source", ctx)?;
        let Some(prev) = self.collector.rules.get(&name.value).filter(|prev| prev.source != *source.value)
        else {
            return Ok(());
        };
        let diagnostic = Diagnostic::new(
            Code::SourceChanged,
            source.span,
            format!("rule `{}` has source `{}`, not `{}`", name.value, prev.source, source.value),
        )
        .also(prev.name_span, "defined here");
        self.findings.falco(
            ctx,
            LoadCode::Validate,
            "Rule has been re-defined with a different source",
            diagnostic,
        );
        Err(Reported)
    }

    fn new_rule(&mut self, item: NodeId, name: &Text, ctx: &Ctx<'_>) -> Read<()> {
        let condition = self.required(item, "condition", ctx)?;
        let output = self.required(item, "output", ctx)?;
        let desc = self.required(item, "desc", ctx)?;
        let priority = self.priority(item, ctx)?;
        let source = match self.yaml.get(item, "source") {
            Some(value) => self.scalar(value, "source", ctx)?.value.to_string(),
            None => "syscall".to_owned(),
        };
        let enabled = self.boolean(item, "enabled", ctx)?.unwrap_or(true);
        let capture = self.boolean(item, "capture", ctx)?.unwrap_or(false);
        let capture_duration_ms = self.number(item, "capture_duration", ctx)?.unwrap_or(0);
        let warn_evttypes = self.boolean(item, "warn_evttypes", ctx)?.unwrap_or(true);
        let skip_if_unknown_filter = self.boolean(item, "skip-if-unknown-filter", ctx)?.unwrap_or(false);
        let tags = self.tags(item, ctx)?;
        let exceptions = self.exceptions(item, ctx, false)?;
        let known_source = (self.known.source)(&source);
        let info = RuleInfo {
            name: Arc::clone(&name.value),
            name_span: name.span,
            condition: vec![condition],
            output: vec![output],
            desc: vec![desc],
            priority,
            source,
            unknown_source: false,
            enabled,
            warn_evttypes,
            skip_if_unknown_filter,
            capture,
            capture_duration_ms,
            tags,
            exceptions,
            place: self.place(item),
        };
        self.collector.define_rule(info, known_source, self.known.field, ctx, self.findings);
        Ok(())
    }

    fn priority(&mut self, item: NodeId, ctx: &Ctx<'_>) -> Read<Priority> {
        let text = self.required(item, "priority", ctx)?;
        if let Some(priority) = Priority::from_name(&text.value) {
            return Ok(priority);
        }
        let own = ctx.child(ItemType::RulePriority, "", text.span);
        let names = Priority::ALL.map(Priority::as_str);
        let diagnostic =
            Diagnostic::new(Code::BadPriority, text.span, format!("unknown priority `{}`", text.value))
                .suggest(&text.value, names)
                .help(format!("priorities are {}", names.join(", ")));
        self.error(&own, "Invalid priority", diagnostic)
    }

    fn override_rule(&mut self, item: NodeId, name: &Text, overrides: &Overrides, ctx: &Ctx<'_>) -> Read<()> {
        let mut expected: BTreeSet<&str> = APPENDABLE
            .iter()
            .chain(REPLACEABLE)
            .copied()
            .filter(|k| self.yaml.get(item, k).is_some())
            .collect();
        if !overrides.append.is_empty() {
            let update = self.update(item, &overrides.append, "append", &mut expected, ctx)?;
            self.collector.append_rule(&name.value, name.span, update, self.known.field, ctx, self.findings);
        }
        if !overrides.replace.is_empty() {
            let update = self.update(item, &overrides.replace, "replace", &mut expected, ctx)?;
            self.collector.replace_in_rule(
                &name.value,
                name.span,
                update,
                self.known.field,
                ctx,
                self.findings,
            );
        }
        if let Some(key) = expected.first() {
            let span = self.yaml.get(item, key).map_or(ctx.span, |v| self.span(v));
            let own = ctx.child(ItemType::Override, key, span);
            let message =
                format!("Unexpected key '{key}': no corresponding entry under 'override' is defined.");
            let diagnostic = Diagnostic::new(
                Code::BadOverride,
                self.head_of_key(item, key),
                format!("key `{key}` is given but not named under `override`"),
            )
            .help(format!("add `{key}: append` or `{key}: replace` under `override`"));
            return self.error(&own, &message, diagnostic);
        }
        Ok(())
    }

    fn head_of_key(&self, map: NodeId, key: &str) -> Span {
        let entry = self.yaml.entries(map).iter().find(|(k, _)| self.yaml.as_str(*k) == Some(key));
        entry.map_or(self.span(map), |&(k, _)| self.span(k))
    }

    /// The values of all keys that are overridden in one way.
    fn update(
        &mut self,
        item: NodeId,
        keys: &BTreeSet<String>,
        how: &str,
        expected: &mut BTreeSet<&str>,
        ctx: &Ctx<'_>,
    ) -> Read<RuleUpdate> {
        let mut update = RuleUpdate::default();
        // in Falco's order, so that the first error is the same
        for key in [
            "condition",
            "exceptions",
            "output",
            "desc",
            "tags",
            "priority",
            "enabled",
            "warn_evttypes",
            "skip-if-unknown-filter",
            "capture",
            "capture_duration",
        ] {
            if !keys.contains(key) {
                continue;
            }
            if !expected.remove(key) {
                let article = if how == "append" { "An append" } else { "An replace" };
                let message =
                    format!("{article} override for '{key}' was specified but '{key}' is not defined");
                let span = self.yaml.get(item, "override").map_or(ctx.span, |o| self.head_of_key(o, key));
                let diagnostic = Diagnostic::new(
                    Code::BadOverride,
                    span,
                    format!("`override` names `{key}`, but the item does not give it"),
                );
                return self.error(ctx, &message, diagnostic);
            }
            match key {
                "condition" => update.condition = Some(self.required(item, key, ctx)?),
                "exceptions" => update.exceptions = Some(self.exceptions(item, ctx, how == "append")?),
                "output" => update.output = Some(self.required(item, key, ctx)?),
                "desc" => update.desc = Some(self.required(item, key, ctx)?),
                "tags" => update.tags = Some(self.tags(item, ctx)?),
                "priority" => update.priority = Some(self.priority(item, ctx)?),
                "enabled" => update.enabled = self.boolean(item, key, ctx)?,
                "warn_evttypes" => update.warn_evttypes = self.boolean(item, key, ctx)?,
                "skip-if-unknown-filter" => update.skip_if_unknown_filter = self.boolean(item, key, ctx)?,
                "capture" => update.capture = self.boolean(item, key, ctx)?,
                _ => update.capture_duration_ms = self.number(item, key, ctx)?,
            }
        }
        Ok(update)
    }

    fn exceptions(&mut self, item: NodeId, ctx: &Ctx<'_>, append: bool) -> Read<Vec<ExceptionInfo>> {
        let Some(value) = self.yaml.get(item, "exceptions") else { return Ok(Vec::new()) };
        let all = ctx.child(ItemType::Exceptions, "", self.span(value));
        let entries = match &self.yaml.node(value).kind {
            NodeKind::Null => return Ok(Vec::new()),
            NodeKind::Sequence(entries) => entries,
            _ => {
                let diagnostic =
                    Diagnostic::new(Code::WrongKind, self.head_of(value), "`exceptions` takes a sequence");
                return self.error(&all, "Rule exceptions must be a sequence", diagnostic);
            }
        };
        let mut exceptions: Vec<ExceptionInfo> = Vec::new();
        for &entry in entries {
            let span = self.span(entry);
            let unnamed = all.child(ItemType::Exception, "", span);
            if !matches!(self.yaml.node(entry).kind, NodeKind::Mapping(_)) {
                let diagnostic =
                    Diagnostic::new(Code::NotAMapping, span, "an exception is a mapping with a `name`");
                return self.error(&unnamed, "Rule exception must be a mapping", diagnostic);
            }
            let name = self.required(entry, "name", &unnamed)?;
            let own = ctx.child(ItemType::Exception, &name.value, span);
            if exceptions.iter().any(|e| e.name == *name.value) {
                let message = format!("Multiple definitions of exception '{}' in the same rule", name.value);
                let diagnostic = Diagnostic::new(
                    Code::DuplicateException,
                    name.span,
                    format!("exception `{}` is defined twice", name.value),
                );
                self.findings.falco(&own, LoadCode::ExceptionNameNotUnique, &message, diagnostic);
            }
            exceptions.push(self.exception(entry, &name, &own, append)?);
        }
        Ok(exceptions)
    }

    fn exception(&mut self, entry: NodeId, name: &Text, ctx: &Ctx<'_>, append: bool) -> Read<ExceptionInfo> {
        for &(key, _) in self.yaml.entries(entry) {
            // Falco is silent here, so there is no code of its
            let Some(key_name) = self.yaml.as_str(key).filter(|k| !EXCEPTION_KEYS.contains(k)) else {
                continue;
            };
            let diagnostic = Diagnostic::new(
                Code::UnknownKey,
                self.span(key),
                format!("unknown key `{key_name}`, which is ignored"),
            )
            .suggest(key_name, EXCEPTION_KEYS);
            self.findings.push(diagnostic);
        }
        let fields = match self.yaml.get(entry, "fields") {
            Some(value) => self.entry(value, "fields", ctx)?,
            None if append => Entry::None,
            None => self.required(entry, "fields", ctx).map(Entry::One)?,
        };
        let comps = match self.yaml.get(entry, "comps") {
            Some(value) => self.entry(value, "comps", ctx)?,
            None => Entry::None,
        };
        let mut values = Vec::new();
        if let Some(rows) = self.yaml.get(entry, "values") {
            let rows_ctx = ctx.child(ItemType::ExceptionValues, "", self.span(rows));
            let NodeKind::Sequence(items) = &self.yaml.node(rows).kind else {
                let diagnostic =
                    Diagnostic::new(Code::WrongKind, self.head_of(rows), "`values` takes a sequence");
                return self.error(&rows_ctx, "Rule exception values must be a sequence", diagnostic);
            };
            for &row in items {
                let row_ctx = rows_ctx.child(ItemType::ExceptionValue, "", self.span(row));
                values.push(self.entry(row, "", &row_ctx)?);
            }
        } else if append {
            let diagnostic = Diagnostic::new(
                Code::AppendNoValues,
                name.span,
                format!("exception `{}` is appended without values", name.value),
            );
            self.findings.falco(
                ctx,
                LoadCode::AppendNoValues,
                "Overriding/appending exception with no values",
                diagnostic,
            );
        }
        let mut info =
            ExceptionInfo { name: name.value.to_string(), fields, comps, values, span: self.span(entry) };
        default_comps(&mut info);
        Ok(info)
    }

    /// A scalar or a sequence of entries.
    fn entry(&mut self, value: NodeId, key: &str, ctx: &Ctx<'_>) -> Read<Entry> {
        let node = self.yaml.node(value);
        let own = ctx.child(ItemType::ValueFor, key, node.span);
        match &node.kind {
            NodeKind::Scalar(scalar) if scalar.value.is_empty() => {
                let diagnostic = Diagnostic::new(Code::EmptyValue, node.span, "the value is empty");
                self.error(&own, "Value must be non-empty", diagnostic)
            }
            NodeKind::Scalar(scalar) => {
                Ok(Entry::One(Text { value: Arc::from(&*scalar.value), span: node.span, node: value }))
            }
            NodeKind::Sequence(items) => {
                let mut entries = Vec::with_capacity(items.len());
                for &item in items {
                    let item_ctx = own.child(ItemType::Exception, "", self.span(item));
                    entries.push(self.entry(item, "", &item_ctx)?);
                }
                Ok(Entry::Many(entries, node.span))
            }
            NodeKind::Null | NodeKind::Mapping(_) => Ok(Entry::None),
        }
    }
}

#[derive(Debug, Default)]
struct Overrides {
    append: BTreeSet<String>,
    replace: BTreeSet<String>,
}

impl Overrides {
    fn is_empty(&self) -> bool {
        self.append.is_empty() && self.replace.is_empty()
    }
}

/// An empty sequence of operators counts as not given.
fn default_comps(info: &mut ExceptionInfo) {
    if matches!(&info.comps, Entry::Many(items, _) if items.is_empty()) {
        info.comps = Entry::None;
    }
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

pub(crate) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_list_name_char(c: char) -> bool {
    !matches!(c, '(' | ')' | '"' | '\'' | ' ' | '\t' | '\n' | '\r' | '\x0B' | '\x0C' | '=' | ',')
}
