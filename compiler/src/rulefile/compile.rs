//! From collected items to a ruleset: lists, macros, rules, in Falco's order.

use super::collector::Collector;
use super::context::{Ctx, Findings};
use super::expand::{CompiledList, Lists, Uses, expand};
use super::items::RuleInfo;
use super::resolve::{CompiledMacro, Home, Macros, Resolved, resolve};
use super::text::{Assembled, Files, Text};
use super::{Options, Rule};
use crate::diagnostic::falco::{ItemType, LoadCode};
use crate::diagnostic::{Code, Diagnostic};
use crate::hir::check::{CheckError, check};
use crate::hir::events::{CodeSet, event_codes, syscall_codes};
use crate::schema::Schema;
use crate::source::Span;
use crate::syntax::{MAX_DEPTH, parse_condition};
use std::sync::Arc;

/// Event types above which a rule is said to match too many.
const TOO_MANY_EVENTS: usize = 100;

/// What a compilation gives.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) lists: Lists,
    pub(crate) macros: Macros,
    pub(crate) rules: Vec<Rule>,
    pub(crate) used_lists: Vec<bool>,
    pub(crate) used_macros: Vec<bool>,
}

pub(crate) struct Compiler<'a> {
    pub(crate) options: &'a Options<'a>,
    pub(crate) collector: &'a Collector,
    pub(crate) files: Files<'a>,
    pub(crate) findings: &'a mut Findings,
    pub(crate) out: Compiled,
}

impl Compiler<'_> {
    pub(crate) fn run(mut self) -> Compiled {
        self.lists();
        self.macros();
        let collector = self.collector;
        for rule in &collector.rules.items {
            if !rule.unknown_source {
                self.rule(rule);
            }
        }
        self.unused();
        self.out
    }

    /// Items of each list, with the items of lists defined before in place of their names.
    pub(super) fn lists(&mut self) {
        let collector = self.collector;
        self.out.used_lists = vec![false; collector.lists.items.len()];
        for list in &collector.lists.items {
            let mut items = Vec::with_capacity(list.items.len());
            for item in &list.items {
                let inner = collector.lists.position(&item.value);
                match inner.and_then(|i| Some((i, collector.lists.items.get(i)?))) {
                    Some((i, inner)) if inner.place.index < list.place.visibility => {
                        items.extend(inner.items.iter().cloned());
                        mark(&mut self.out.used_lists, i);
                    }
                    _ => items.push(item.clone()),
                }
            }
            self.out.lists.push(CompiledList { name: Arc::clone(&list.name), items });
        }
    }

    pub(super) fn macros(&mut self) {
        let collector = self.collector;
        self.out.used_macros = vec![false; collector.macros.items.len()];
        for info in &collector.macros.items {
            let root = Ctx::root(file_start(info.place.span));
            let item = root.child(ItemType::Macro, &info.name, info.place.span);
            let first = info.condition.first().map_or(info.place.span, |t| t.span);
            let ctx = item.child(ItemType::MacroCondition, "", first);
            let joined = joined(&info.condition);
            let before = self.findings.error_count();
            let text = self.substitute(&joined, &ctx);
            let parsed = parse_condition(text.as_str(), MAX_DEPTH);
            self.syntax_errors(&parsed.errors, &text, &ctx);
            self.out.macros.by_name.insert(Arc::clone(&info.name), self.out.macros.macros.len());
            self.out.macros.macros.push(CompiledMacro {
                name: Arc::clone(&info.name),
                index: info.place.index,
                text,
                parsed,
                broken: self.findings.error_count() > before,
            });
        }
        for (i, info) in collector.macros.items.iter().enumerate() {
            let root = Ctx::root(file_start(info.place.span));
            let item = root.child(ItemType::Macro, &info.name, info.place.span);
            let Some(compiled) = self.out.macros.macros.get(i).filter(|m| !m.broken) else { continue };
            let (resolved, problems) =
                resolve(&compiled.parsed, &self.out.macros, Some(i), Some(info.place.visibility));
            for &used in &resolved.used {
                mark(&mut self.out.used_macros, used);
            }
            if !problems.is_empty() {
                let text = compiled.text.clone();
                self.problems(&problems, &text, &resolved, &item);
                if let Some(compiled) = self.out.macros.macros.get_mut(i) {
                    compiled.broken = true;
                }
            }
        }
    }

    /// Substitutes lists; a text that grows too large is an error.
    pub(super) fn substitute(&mut self, text: &Assembled, ctx: &Ctx<'_>) -> Assembled {
        let mut uses = Uses::default();
        if let Ok(expanded) = expand(text, &self.out.lists, &mut uses) {
            for &list in &uses.lists {
                mark(&mut self.out.used_lists, list);
            }
            for used in &uses.in_quotes {
                let span = self.files.in_text(&used.text, used.range);
                let message = format!("list `{}` is substituted inside a quoted text", used.name);
                self.findings.push(
                    Diagnostic::new(Code::ListInQuotes, span, message)
                        .help("rename the list, or put another character beside the word"),
                );
            }
            return expanded;
        }
        let message = "condition is too large after substitution of its lists";
        let diagnostic = Diagnostic::new(
            Code::SizeLimit,
            ctx.span,
            "the condition is too large after substitution of its lists",
        );
        self.findings.falco(ctx, LoadCode::CompileConditionError, message, diagnostic);
        Assembled::default()
    }

    pub(super) fn text_of<'t>(&'t self, home: Home, own: &'t Assembled) -> Option<&'t Assembled> {
        match home {
            Home::Own => Some(own),
            Home::Macro(i) => self.out.macros.macros.get(i).map(|m| &m.text),
        }
    }

    pub(super) fn rule(&mut self, info: &RuleInfo) {
        let Some(schema) = self.options.schema(&info.source) else { return };
        let root = Ctx::root(file_start(info.place.span));
        let item = root.child(ItemType::Rule, &info.name, info.place.span);
        let Ok(condition) = self.with_exceptions(info, &item) else { return };
        let (output, template) = self.output(schema, info, &item);
        let first = info.condition.first().map_or(info.place.span, |t| t.span);
        let ctx = item.child(ItemType::RuleCondition, "", first);
        let text = self.substitute(&condition, &ctx);
        let parsed = parse_condition(text.as_str(), MAX_DEPTH);
        self.syntax_errors(&parsed.errors, &text, &ctx);
        if !parsed.errors.is_empty() {
            return;
        }
        let (resolved, problems) = resolve(&parsed, &self.out.macros, None, None);
        for &used in &resolved.used {
            mark(&mut self.out.used_macros, used);
        }
        self.problems(&problems, &text, &resolved, &item);
        if !problems.is_empty() {
            return;
        }
        self.tree_warnings(&resolved, &text, &ctx);
        let (condition, report) = check(schema, &resolved.ast, self.options.quirks);
        let skip = info.skip_if_unknown_filter && report.errors.iter().any(|e| unknown_name(e.code));
        for error in &report.errors {
            self.check_error(error, &resolved, &text, &ctx, skip);
        }
        for warning in &report.warnings {
            if report.errors.is_empty() {
                self.check_warning(warning, &resolved, &text, &ctx);
            }
        }
        let (Some(condition), Some((output, template, extra_fields))) =
            (condition, template.map(|(t, e)| (output, t, e)))
        else {
            return;
        };
        let Some((events, syscalls)) = self.event_sets(schema, &resolved, &text, &ctx) else { return };
        if &*info.source == "syscall" && info.warn_evttypes && events.len() > TOO_MANY_EVENTS {
            let message =
                "Rule matches too many evt.type values. This has a significant performance penalty.";
            let diagnostic = Diagnostic::new(
                Code::NoEventType,
                info.name_span,
                format!(
                    "rule `{}` applies to {} event types and is evaluated for nearly every event",
                    info.name,
                    events.len()
                ),
            )
            .help("add an `evt.type` check to the condition, or set `warn_evttypes: false`");
            self.findings.falco(&item, LoadCode::NoEvttype, message, diagnostic);
        }
        self.out.rules.push(Rule {
            name: Arc::clone(&info.name),
            name_span: info.name_span,
            source: info.source.clone(),
            priority: info.priority,
            desc: join_text(&info.desc),
            tags: info.tags.iter().cloned().collect(),
            enabled: info.enabled,
            capture: info.capture,
            capture_duration_ms: info.capture_duration_ms,
            output,
            template,
            extra_fields,
            tree: resolved,
            text,
            condition,
            events,
            syscalls,
        });
    }

    pub(super) fn event_sets(
        &mut self,
        schema: &Schema,
        resolved: &Resolved,
        text: &Assembled,
        ctx: &Ctx<'_>,
    ) -> Option<(CodeSet, CodeSet)> {
        match (event_codes(schema, &resolved.ast), syscall_codes(schema, &resolved.ast)) {
            (Ok(events), Ok(syscalls)) => Some((events, syscalls)),
            (Err(e), _) | (_, Err(e)) => {
                let error = CheckError {
                    code: Code::NotAllowedHere,
                    node: e.0,
                    range: resolved.ast.node(e.0).range,
                    message: "`evt.type` cannot be compared with a field or used in a transformer in a rule"
                        .to_owned(),
                    help: vec!["the rule could not be indexed by event type".to_owned()],
                };
                self.check_error(&error, resolved, text, ctx, false);
                None
            }
        }
    }
}

fn mark(used: &mut [bool], index: usize) {
    if let Some(slot) = used.get_mut(index) {
        *slot = true;
    }
}

pub(super) fn file_start(span: Span) -> Span {
    Span::new(span.file, 0, 0)
}

pub(super) fn joined(parts: &[Text]) -> Assembled {
    let mut out = Assembled::default();
    push_joined(&mut out, parts);
    out
}

pub(super) fn push_joined(out: &mut Assembled, parts: &[Text]) {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            out.push_glue(" ", part.span);
        }
        out.push_text(part);
    }
}

pub(crate) fn join_text(parts: &[Text]) -> String {
    parts.iter().map(Text::as_str).collect::<Vec<_>>().join(" ")
}

pub(super) fn unknown_name(code: Code) -> bool {
    matches!(code, Code::UnknownField | Code::UnknownEventType)
}
