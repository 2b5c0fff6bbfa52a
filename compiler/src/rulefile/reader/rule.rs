//! Rules: new ones, appended and overridden ones, lone `enabled`.

use super::named::Overrides;
use super::{Read, Reader, Reported};
use crate::diagnostic::falco::{ItemType, LoadCode};
use crate::diagnostic::{Code, Diagnostic};
use crate::rulefile::context::Ctx;
use crate::rulefile::items::{Priority, RuleInfo, RuleUpdate};
use crate::rulefile::text::Text;
use crate::source::Span;
use crate::yaml::NodeId;
use std::collections::BTreeSet;
use std::sync::Arc;

const ENABLED_DEPRECATED: &str = "The standalone 'enabled' key usage is deprecated. The correct approach requires also a 'replace' entry under the 'override' key (i.e. 'enabled: replace').";
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

impl Reader<'_> {
    pub(super) fn rule(&mut self, item: NodeId, root: &Ctx<'_>) -> Read<()> {
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

    pub(super) fn rule_body(&mut self, item: NodeId, name: &Text, ctx: &Ctx<'_>) -> Read<()> {
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
    pub(super) fn same_source(&mut self, item: NodeId, name: &Text, ctx: &Ctx<'_>) -> Read<()> {
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

    pub(super) fn new_rule(&mut self, item: NodeId, name: &Text, ctx: &Ctx<'_>) -> Read<()> {
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

    pub(super) fn priority(&mut self, item: NodeId, ctx: &Ctx<'_>) -> Read<Priority> {
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

    pub(super) fn override_rule(
        &mut self,
        item: NodeId,
        name: &Text,
        overrides: &Overrides,
        ctx: &Ctx<'_>,
    ) -> Read<()> {
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

    pub(super) fn head_of_key(&self, map: NodeId, key: &str) -> Span {
        let entry = self.yaml.entries(map).iter().find(|(k, _)| self.yaml.as_str(*k) == Some(key));
        entry.map_or(self.span(map), |&(k, _)| self.span(k))
    }

    /// The values of all keys that are overridden in one way.
    pub(super) fn update(
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
}
