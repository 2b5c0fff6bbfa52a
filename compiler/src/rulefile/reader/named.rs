//! Macros, lists, and what all named items have in common: `append` and `override`.

use super::{Read, Reader, Reported};
use crate::diagnostic::falco::{ItemType, LoadCode};
use crate::diagnostic::{Code, Diagnostic};
use crate::rulefile::context::Ctx;
use crate::rulefile::items::{ListInfo, MacroInfo};
use crate::rulefile::text::Text;
use crate::yaml::{NodeId, NodeKind};
use std::collections::BTreeSet;
use std::sync::Arc;

const APPEND_DEPRECATED: &str =
    "'append' key is deprecated. Add an 'append' entry (e.g. 'condition: append') under 'override' instead.";
const OVERRIDE_AND_APPEND: &str = "Keys 'override' and 'append: true' cannot be used together. Add an 'append' entry (e.g. 'condition: append') under 'override' instead.";
const LIST_KEYS: &[&str] = &["list", "items", "append", "override"];
const MACRO_KEYS: &[&str] = &["macro", "condition", "append", "override"];

impl Reader<'_> {
    pub(super) fn list(&mut self, item: NodeId, root: &Ctx<'_>) -> Read<()> {
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

    pub(super) fn list_body(&mut self, item: NodeId, name: &Text, ctx: &Ctx<'_>) -> Read<()> {
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

    pub(super) fn macro_(&mut self, item: NodeId, root: &Ctx<'_>) -> Read<()> {
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

    pub(super) fn macro_body(&mut self, item: NodeId, name: &Text, ctx: &Ctx<'_>) -> Read<()> {
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

    pub(super) fn append_flag(&mut self, item: NodeId, ctx: &Ctx<'_>) -> Read<bool> {
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

    pub(super) fn not_both(
        &mut self,
        item: NodeId,
        append: bool,
        overrides: &Overrides,
        ctx: &Ctx<'_>,
    ) -> Read<()> {
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

    pub(super) fn overrides(
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
}

#[derive(Debug, Default)]
pub(super) struct Overrides {
    pub(super) append: BTreeSet<String>,
    pub(super) replace: BTreeSet<String>,
}

impl Overrides {
    pub(super) fn is_empty(&self) -> bool {
        self.append.is_empty() && self.replace.is_empty()
    }
}

pub(crate) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_list_name_char(c: char) -> bool {
    !matches!(c, '(' | ')' | '"' | '\'' | ' ' | '\t' | '\n' | '\r' | '\x0B' | '\x0C' | '=' | ',')
}
