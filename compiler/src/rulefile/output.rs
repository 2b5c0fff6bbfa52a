//! Outputs: what the configuration appends, parsing, deprecated fields.

use super::compile::{Compiler, unknown_name};
use super::context::Ctx;
use super::items::RuleInfo;
use super::text::Assembled;
use super::{ExtraField, ExtraOutput};
use crate::diagnostic::falco::{ItemType, LoadCode};
use crate::diagnostic::{Code, Diagnostic};
use crate::hir::template::{Template, parse_template};
use crate::schema::{FieldFlags, Schema};
use crate::source::Span;
use crate::syntax::ast::TextRange;
use std::collections::BTreeMap;

impl Compiler<'_> {
    /// The output with what the configuration appends to it, parsed, and the additional fields.
    #[expect(clippy::type_complexity, reason = "one caller")]
    pub(super) fn output(
        &mut self,
        schema: &Schema,
        info: &RuleInfo,
        item: &Ctx<'_>,
    ) -> (String, Option<(Template, BTreeMap<String, ExtraField>)>) {
        let mut text = Assembled::default();
        for (i, part) in info.output.iter().enumerate() {
            if i > 0 {
                text.push_glue(" ", part.span);
            }
            text.push_text(part);
        }
        text.trim_end(&[' ', '\t', '\n', '\r', '\x0B', '\x0C']);
        let first = info.output.first().map_or(info.place.span, |t| t.span);
        let ctx = item.child(ItemType::RuleOutput, "", first);
        for extra in self.options.extra_output.iter().filter(|e| e.applies(info)) {
            text.push_glue(" ", first);
            text.push_glue(&extra.format, first);
        }
        let container_info = "%container.info";
        if let Some(at) = text.as_str().find(container_info) {
            let message = "%container.info is deprecated and no more useful, and will be dropped by Falco 1.0.0. The container plugin will automatically add required fields to the output message.";
            let range = TextRange::new(at as u32, (at + container_info.len()) as u32);
            let span = text.locate(range, &self.files).map_or(first, |l| l.span);
            let diagnostic = Diagnostic::new(
                Code::DeprecatedItem,
                span,
                "`%container.info` is deprecated and removed from the output",
            );
            self.findings.falco(item, LoadCode::DeprecatedItem, message, diagnostic);
        }
        let trimmed = text.as_str().trim_start();
        let shift = (text.as_str().len() - trimmed.len()) as u32;
        let output = trimmed.replace(container_info, "");
        let mut ok = true;
        let template = match parse_template(schema, trimmed_for_parse(trimmed, &output)) {
            Ok(template) => template,
            Err(errors) => {
                let skip = info.skip_if_unknown_filter && errors.iter().all(|e| unknown_name(e.code));
                for e in errors {
                    let range = TextRange::new(e.range.start + shift, e.range.end + shift);
                    let span = text.locate(range, &self.files).map_or(first, |l| l.span);
                    let (code, load) = if skip {
                        (Code::UnknownFilter, LoadCode::UnknownFilter)
                    } else {
                        (e.code, LoadCode::CompileOutput)
                    };
                    let mut diagnostic = Diagnostic::new(code, span, e.message.clone());
                    diagnostic.help.extend(e.help.clone());
                    self.findings.falco(&ctx, load, &e.message, diagnostic);
                }
                ok = false;
                Template::default()
            }
        };
        self.deprecated_in_output(schema, &output, &text, first, &ctx);
        let mut extra_fields = BTreeMap::new();
        for extra in self.options.extra_fields.iter().filter(|e| e.applies(info)) {
            match parse_template(schema, &extra.format) {
                Ok(template) => {
                    let field = ExtraField { format: extra.format.clone(), template, raw: extra.raw };
                    extra_fields.insert(extra.key.clone().unwrap_or_default(), field);
                }
                Err(errors) => {
                    for e in errors {
                        let diagnostic = Diagnostic::new(
                            e.code,
                            first,
                            format!("appended field `{}`: {}", extra.format, e.message),
                        );
                        self.findings.falco(&ctx, LoadCode::CompileOutput, &e.message, diagnostic);
                    }
                    ok = false;
                }
            }
        }
        (output, ok.then_some((template, extra_fields)))
    }

    pub(super) fn deprecated_in_output(
        &mut self,
        schema: &Schema,
        output: &str,
        text: &Assembled,
        first: Span,
        ctx: &Ctx<'_>,
    ) {
        for field in schema.fields().iter().filter(|f| f.flags.contains(FieldFlags::DEPRECATED)) {
            // COMPAT(falco): a plain search, so that %evt.latency.ns reports evt.latency too
            if !output.contains(&*field.name) {
                continue;
            }
            let at = text.as_str().find(&*field.name).unwrap_or(0);
            let range = TextRange::new(at as u32, (at + field.name.len()) as u32);
            let span = text.locate(range, &self.files).map_or(first, |l| l.span);
            let message =
                format!("usage of deprecated field '{}' has been detected in the rule output", field.name);
            let diagnostic =
                Diagnostic::new(Code::DeprecatedItem, span, format!("field `{}` is deprecated", field.name));
            self.findings.falco(ctx, LoadCode::DeprecatedItem, &message, diagnostic);
        }
    }
}

/// The removed `%container.info` would make `%` places wrong only where it was used.
fn trimmed_for_parse<'t>(trimmed: &'t str, output: &'t str) -> &'t str {
    if trimmed.len() == output.len() { trimmed } else { output }
}

impl ExtraOutput {
    pub(super) fn applies(&self, info: &RuleInfo) -> bool {
        self.source.as_ref().is_none_or(|s| *s == info.source)
            && self.rule.as_ref().is_none_or(|r| **r == *info.name)
            && self.tags.iter().all(|t| info.tags.contains(t))
    }
}
