//! Exceptions of rules.

use super::{Read, Reader};
use crate::diagnostic::falco::{ItemType, LoadCode};
use crate::diagnostic::{Code, Diagnostic};
use crate::rulefile::context::Ctx;
use crate::rulefile::items::{Entry, ExceptionInfo};
use crate::rulefile::text::Text;
use crate::yaml::{NodeId, NodeKind};
use std::sync::Arc;

const EXCEPTION_KEYS: &[&str] = &["name", "fields", "comps", "values"];

impl Reader<'_> {
    pub(super) fn exceptions(
        &mut self,
        item: NodeId,
        ctx: &Ctx<'_>,
        append: bool,
    ) -> Read<Vec<ExceptionInfo>> {
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

    pub(super) fn exception(
        &mut self,
        entry: NodeId,
        name: &Text,
        ctx: &Ctx<'_>,
        append: bool,
    ) -> Read<ExceptionInfo> {
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
    pub(super) fn entry(&mut self, value: NodeId, key: &str, ctx: &Ctx<'_>) -> Read<Entry> {
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

/// An empty sequence of operators counts as not given.
fn default_comps(info: &mut ExceptionInfo) {
    if matches!(&info.comps, Entry::Many(items, _) if items.is_empty()) {
        info.comps = Entry::None;
    }
}
