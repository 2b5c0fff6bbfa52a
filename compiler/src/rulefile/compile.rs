//! From collected items to a ruleset: lists, macros, rules, in Falco's order.

use super::collector::{Collector, bad_exception};
use super::context::{Ctx, Findings};
use super::expand::{CompiledList, Lists, Uses, expand, needs_quotes};
use super::items::{Entry, ExceptionInfo, RuleInfo};
use super::resolve::{CompiledMacro, Home, Macros, Problem, ProblemKind, Resolved, resolve};
use super::text::{Assembled, Files, Located, Text};
use super::{ExtraField, ExtraOutput, Options, Rule};
use crate::diagnostic::falco::{Finding, ItemType, LoadCode};
use crate::diagnostic::{Code, Diagnostic};
use crate::hir::check::{CheckError, CheckWarning, check};
use crate::hir::events::{CodeSet, event_codes, syscall_codes};
use crate::hir::template::parse_template;
use crate::schema::{FieldFlags, Schema};
use crate::source::Span;
use crate::syntax::ast::{Literal, NodeId, NodeKind, TextRange};
use crate::syntax::{MAX_DEPTH, SyntaxError, parse_condition};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Event types above which a rule is said to match too many.
const TOO_MANY_EVENTS: usize = 100;

const EVT_DIR: &str = "due to the drop of enter events, 'evt.dir = <' always evaluates to true, and 'evt.dir = >' always evaluates to false. The rule expression can be simplified by removing the condition on 'evt.dir'";

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
    fn lists(&mut self) {
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

    fn macros(&mut self) {
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
    fn substitute(&mut self, text: &Assembled, ctx: &Ctx<'_>) -> Assembled {
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

    /// Adds labels for the list and macros that lead to a place.
    fn with_chain(
        &self,
        mut diagnostic: Diagnostic,
        located: &Located,
        home: Home,
        via: Option<u32>,
        resolved: Option<&Resolved>,
        own: &Assembled,
    ) -> Diagnostic {
        if let Some((list, used_at)) = &located.list {
            diagnostic = diagnostic.also(*used_at, format!("list `{list}` is substituted here"));
        }
        let (mut via, mut home) = (via, home);
        while let (Some(id), Some(resolved)) = (via, resolved) {
            let Some(step) = resolved.vias.get(id as usize) else { break };
            let name = self.out.macros.macros.get(step.used).map_or("", |m| &*m.name);
            if let Some(place) = self.text_of(step.home, own).and_then(|t| t.locate(step.range, &self.files))
            {
                diagnostic = diagnostic.also(place.span, format!("macro `{name}` is used here"));
            }
            home = step.home;
            via = step.parent;
        }
        let _ = home;
        diagnostic
    }

    fn text_of<'t>(&'t self, home: Home, own: &'t Assembled) -> Option<&'t Assembled> {
        match home {
            Home::Own => Some(own),
            Home::Macro(i) => self.out.macros.macros.get(i).map(|m| &m.text),
        }
    }

    fn syntax_errors(&mut self, errors: &[SyntaxError], text: &Assembled, ctx: &Ctx<'_>) {
        for error in errors {
            let own = ctx.child(ItemType::ConditionExpression, "", ctx.span);
            let Some(located) = text.locate(error.range, &self.files) else {
                let diagnostic = Diagnostic::new(error.code, ctx.span, error.message.clone());
                self.findings.falco(&own, LoadCode::CompileConditionError, &error.message, diagnostic);
                continue;
            };
            let mut diagnostic = Diagnostic::new(error.code, located.span, error.message.clone());
            for (range, label) in &error.also {
                if let Some(place) = text.locate(*range, &self.files) {
                    diagnostic = diagnostic.also(place.span, label.clone());
                }
            }
            for help in &error.help {
                diagnostic = diagnostic.help(help.clone());
            }
            let diagnostic = self.with_chain(diagnostic, &located, Home::Own, None, None, text);
            self.findings.falco(&own, LoadCode::CompileConditionError, &error.message, diagnostic);
        }
    }

    fn problems(&mut self, problems: &[Problem], text: &Assembled, resolved: &Resolved, ctx: &Ctx<'_>) {
        for problem in problems {
            let (code, message, falco) = match &problem.kind {
                ProblemKind::Silent => continue,
                ProblemKind::Unknown(name) => {
                    if self.collector.broken.contains(&**name) {
                        continue;
                    }
                    let below = self.collector.macros.get(name).is_some();
                    let message = if below {
                        format!("macro `{name}` is defined below its use")
                    } else {
                        format!("unknown macro `{name}`")
                    };
                    (Code::UnknownMacro, message, format!("Undefined macro '{name}' used in filter."))
                }
                ProblemKind::Loop(name) => (
                    Code::MacroLoop,
                    format!("macro `{name}` refers to itself"),
                    format!("reference loop in macro '{name}'"),
                ),
                ProblemKind::TooLarge => (
                    Code::SizeLimit,
                    "the condition is too large after its macros are replaced".to_owned(),
                    "condition too large".to_owned(),
                ),
                ProblemKind::TooDeep => (
                    Code::NestingLimit,
                    "the condition is nested too deeply after its macros are replaced".to_owned(),
                    "condition nested too deeply".to_owned(),
                ),
            };
            let place = self.text_of(problem.home, text).and_then(|t| t.locate(problem.range, &self.files));
            let located = place.unwrap_or(Located { span: ctx.span, list: None });
            let mut diagnostic = Diagnostic::new(code, located.span, message);
            if let ProblemKind::Unknown(name) = &problem.kind {
                diagnostic = self.unknown_macro_help(diagnostic, name);
            }
            let diagnostic =
                self.with_chain(diagnostic, &located, problem.home, problem.via, Some(resolved), text);
            let own = ctx.child(ItemType::ConditionExpression, "", located.span);
            self.findings.falco(&own, LoadCode::Validate, &falco, diagnostic);
        }
    }

    fn unknown_macro_help(&self, diagnostic: Diagnostic, name: &str) -> Diagnostic {
        if let Some(info) = self.collector.macros.get(name) {
            return diagnostic
                .also(info.name_span, "defined here")
                .help("move the definition above its first use");
        }
        if self.collector.lists.get(name).is_some() {
            return diagnostic.help(format!("`{name}` is a list: write `field in ({name})`"));
        }
        diagnostic.suggest(name, self.collector.macros.names())
    }

    fn rule(&mut self, info: &RuleInfo) {
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
        let Some((events, syscalls)) = self.event_sets(schema, info, &resolved, &text, &ctx) else { return };
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

    fn event_sets(
        &mut self,
        schema: &Schema,
        info: &RuleInfo,
        resolved: &Resolved,
        text: &Assembled,
        ctx: &Ctx<'_>,
    ) -> Option<(CodeSet, CodeSet)> {
        match (event_codes(schema, &resolved.ast), syscall_codes(schema, &resolved.ast)) {
            (Ok(events), Ok(syscalls)) => Some((events, syscalls)),
            (Err(e), _) | (_, Err(e)) => {
                let message = "right-hand field comparisons on `evt.type` checks are not supported by event code search";
                let error = CheckError {
                    code: Code::NotAllowedHere,
                    node: e.0,
                    range: resolved.ast.node(e.0).range,
                    message: "`evt.type` cannot be compared with a field or used in a transformer in a rule"
                        .to_owned(),
                    help: vec!["the rule could not be indexed by event type".to_owned()],
                };
                let _ = (message, info);
                self.check_error(&error, resolved, text, ctx, false);
                None
            }
        }
    }

    fn located(
        &self,
        node: NodeId,
        range: TextRange,
        resolved: &Resolved,
        text: &Assembled,
        fallback: Span,
    ) -> (Located, Home, Option<u32>) {
        let origin = resolved.origins.get(node.0 as usize).copied();
        let (home, via) = origin.map_or((Home::Own, None), |o| (o.home, o.via));
        let place = self.text_of(home, text).and_then(|t| t.locate(range, &self.files));
        (place.unwrap_or(Located { span: fallback, list: None }), home, via)
    }

    fn check_error(
        &mut self,
        error: &CheckError,
        resolved: &Resolved,
        text: &Assembled,
        ctx: &Ctx<'_>,
        skip: bool,
    ) {
        let (located, home, via) = self.located(error.node, error.range, resolved, text, ctx.span);
        let own = ctx.child(ItemType::ConditionExpression, "", located.span);
        let (code, load, message) = if skip {
            (Code::UnknownFilter, LoadCode::UnknownFilter, format!("{}: the rule is left out", error.message))
        } else {
            (error.code, LoadCode::CompileConditionError, error.message.clone())
        };
        let mut diagnostic = Diagnostic::new(code, located.span, message);
        for help in &error.help {
            diagnostic = diagnostic.help(help.clone());
        }
        let diagnostic = self.with_chain(diagnostic, &located, home, via, Some(resolved), text);
        self.findings.falco(&own, load, &error.message, diagnostic);
    }

    fn check_warning(
        &mut self,
        warning: &CheckWarning,
        resolved: &Resolved,
        text: &Assembled,
        ctx: &Ctx<'_>,
    ) {
        let (located, home, via) = self.located(warning.node, warning.range, resolved, text, ctx.span);
        let mut diagnostic = Diagnostic::new(warning.code, located.span, warning.message.clone());
        for help in &warning.help {
            diagnostic = diagnostic.help(help.clone());
        }
        let mut diagnostic = self.with_chain(diagnostic, &located, home, via, Some(resolved), text);
        if let Some(message) = &warning.falco {
            let own = ctx.child(ItemType::ConditionExpression, "", located.span);
            diagnostic.falco = Some(Finding {
                code: LoadCode::CompileCondition,
                message: message.clone(),
                context: own.chain(),
            });
        }
        self.findings.push(diagnostic);
    }

    /// Warnings that need no types: deprecated fields, comparisons with `<NA>`.
    fn tree_warnings(&mut self, resolved: &Resolved, text: &Assembled, ctx: &Ctx<'_>) {
        let found: Vec<(TreeWarning, NodeId)> = tree_warnings(&resolved.ast);
        for (warning, node) in found {
            let range = resolved.ast.node(node).range;
            let (located, home, via) = self.located(node, range, resolved, text, ctx.span);
            let own = ctx.child(ItemType::ConditionExpression, "", located.span);
            let (code, load, falco, message, help) = match warning {
                TreeWarning::EvtDir => (
                    Code::DeprecatedItem,
                    LoadCode::DeprecatedItem,
                    EVT_DIR,
                    "`evt.dir` is deprecated: only exit events are delivered".to_owned(),
                    "remove the check: `evt.dir = <` is always true, `evt.dir = >` always false",
                ),
                TreeWarning::UnsafeNa => (
                    Code::UnsafeNaCheck,
                    LoadCode::UnsafeNaCheck,
                    "comparing a field value with <NA> is unsafe and can lead to unpredictable behavior of the rule condition. If you need to check for the existence of a field, consider using the 'exists' operator instead.",
                    "a comparison with `<NA>` does not find absent values".to_owned(),
                    "use `exists`",
                ),
            };
            let diagnostic = Diagnostic::new(code, located.span, message).help(help);
            let diagnostic = self.with_chain(diagnostic, &located, home, via, Some(resolved), text);
            self.findings.falco(&own, load, falco, diagnostic);
        }
    }

    /// The condition's text with its exceptions behind it, written as Falco writes them.
    fn with_exceptions(&mut self, info: &RuleInfo, ctx: &Ctx<'_>) -> Result<Assembled, ()> {
        let span = info.place.span;
        if info.exceptions.is_empty() {
            return Ok(joined(&info.condition));
        }
        let mut out = Assembled::default();
        out.push_glue("(", span);
        push_joined(&mut out, &info.condition);
        out.push_glue(")", span);
        for ex in &info.exceptions {
            self.exception(&mut out, ex, ctx)?;
        }
        Ok(out)
    }

    fn exception(&mut self, out: &mut Assembled, ex: &ExceptionInfo, ctx: &Ctx<'_>) -> Result<(), ()> {
        let mut problem = |span: Span, message: &str| {
            bad_exception(self.findings, ctx, ex, span, message);
            Err(())
        };
        match &ex.fields {
            Entry::One(field) => {
                let mut first = true;
                for value in &ex.values {
                    let value = match value {
                        Entry::One(value) => value,
                        Entry::Many(_, span) => {
                            return problem(*span, "Expected values array to contain a list of strings");
                        }
                        Entry::None => continue,
                    };
                    out.push_glue(if first { " and not (" } else { ", " }, ex.span);
                    if first {
                        out.push_text(field);
                        out.push_glue(" ", ex.span);
                        match &ex.comps {
                            Entry::One(op) => out.push_text(op),
                            _ => out.push_glue("in", ex.span),
                        }
                        out.push_glue(" (", ex.span);
                    }
                    first = false;
                    push_quoted(out, value);
                }
                if !first {
                    out.push_glue("))", ex.span);
                }
            }
            Entry::Many(fields, _) => {
                for (row, values) in ex.values.iter().enumerate() {
                    let (cells, span) = match values {
                        Entry::Many(cells, span) => (cells.as_slice(), *span),
                        Entry::One(text) => (&[][..], text.span),
                        Entry::None => (&[][..], ex.span),
                    };
                    if cells.len() != fields.len() {
                        return problem(span, "Fields and values lists must have equal length");
                    }
                    out.push_glue(if row == 0 { " and not ((" } else { " or (" }, ex.span);
                    for (k, (field, cell)) in fields.iter().zip(cells).enumerate() {
                        if k > 0 {
                            out.push_glue(" and", ex.span);
                        }
                        push_cell(out, ex, k, field, cell);
                    }
                    out.push_glue(")", ex.span);
                }
                if !ex.values.is_empty() {
                    out.push_glue(")", ex.span);
                }
            }
            Entry::None => {}
        }
        Ok(())
    }

    /// The output with what the configuration appends to it, parsed, and the additional fields.
    #[expect(clippy::type_complexity, reason = "one caller")]
    fn output(
        &mut self,
        schema: &Schema,
        info: &RuleInfo,
        item: &Ctx<'_>,
    ) -> (String, Option<(crate::hir::template::Template, BTreeMap<String, ExtraField>)>) {
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
                crate::hir::template::Template::default()
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

    fn deprecated_in_output(
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

    fn unused(&mut self) {
        let collector = self.collector;
        for (info, used) in collector.macros.items.iter().zip(self.out.used_macros.clone()) {
            if !used {
                let root = Ctx::root(file_start(info.place.span));
                let ctx = root.child(ItemType::Macro, &info.name, info.place.span);
                let diagnostic = Diagnostic::new(
                    Code::UnusedMacro,
                    info.name_span,
                    format!("macro `{}` is never used", info.name),
                );
                self.findings.falco(
                    &ctx,
                    LoadCode::UnusedMacro,
                    "Macro not referred to by any other rule/macro",
                    diagnostic,
                );
            }
        }
        for (info, used) in collector.lists.items.iter().zip(self.out.used_lists.clone()) {
            if !used {
                let root = Ctx::root(file_start(info.place.span));
                let ctx = root.child(ItemType::List, &info.name, info.place.span);
                let diagnostic = Diagnostic::new(
                    Code::UnusedList,
                    info.name_span,
                    format!("list `{}` is never used", info.name),
                );
                self.findings.falco(
                    &ctx,
                    LoadCode::UnusedList,
                    "List not referred to by any other rule/macro",
                    diagnostic,
                );
            }
        }
    }
}

/// The removed `%container.info` would make `%` places wrong only where it was used.
fn trimmed_for_parse<'t>(trimmed: &'t str, output: &'t str) -> &'t str {
    if trimmed.len() == output.len() { trimmed } else { output }
}

fn mark(used: &mut [bool], index: usize) {
    if let Some(slot) = used.get_mut(index) {
        *slot = true;
    }
}

fn file_start(span: Span) -> Span {
    Span::new(span.file, 0, 0)
}

fn joined(parts: &[Text]) -> Assembled {
    let mut out = Assembled::default();
    push_joined(&mut out, parts);
    out
}

fn push_joined(out: &mut Assembled, parts: &[Text]) {
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

fn push_quoted(out: &mut Assembled, value: &Text) {
    let quotes = needs_quotes(&value.value);
    if quotes {
        out.push_glue("\"", value.span);
    }
    out.push_text(value);
    if quotes {
        out.push_glue("\"", value.span);
    }
}

/// `field op value` of one cell in a row of an exception.
fn push_cell(out: &mut Assembled, ex: &ExceptionInfo, k: usize, field: &Entry, cell: &Entry) {
    let op = match &ex.comps {
        Entry::Many(ops, _) => match ops.get(k) {
            Some(Entry::One(op)) => Some(op),
            _ => None,
        },
        _ => None,
    };
    out.push_glue(" ", ex.span);
    if let Entry::One(field) = field {
        out.push_text(field);
    }
    out.push_glue(" ", ex.span);
    match op {
        Some(op) => out.push_text(op),
        None => out.push_glue("=", ex.span),
    }
    out.push_glue(" ", ex.span);
    match cell {
        Entry::Many(values, span) => {
            out.push_glue("(", *span);
            let mut first = true;
            for value in values {
                if let Entry::One(value) = value {
                    if !first {
                        out.push_glue(", ", *span);
                    }
                    first = false;
                    push_quoted(out, value);
                }
            }
            out.push_glue(")", *span);
        }
        Entry::One(value) => {
            let takes_list = op.is_some_and(|op| {
                matches!(&*op.value, "in" | "pmatch" | "intersects") || op.value.contains(' ')
            });
            let parens = takes_list && !value.value.starts_with('(');
            if parens {
                out.push_glue("(", value.span);
                out.push_text(value);
                out.push_glue(")", value.span);
            } else if takes_list {
                out.push_text(value);
            } else {
                push_quoted(out, value);
            }
        }
        Entry::None => {}
    }
}

fn unknown_name(code: Code) -> bool {
    matches!(code, Code::UnknownField | Code::UnknownEventType)
}

enum TreeWarning {
    EvtDir,
    UnsafeNa,
}

/// Checks of fields that JSON plugins give, compared with the text `<NA>`, and checks of `evt.dir`.
fn tree_warnings(ast: &crate::syntax::ast::Ast) -> Vec<(TreeWarning, NodeId)> {
    let mut found = Vec::new();
    for (i, node) in ast.nodes().iter().enumerate() {
        let NodeKind::Check { left, right, .. } = &node.kind else { continue };
        let NodeKind::Field { name, .. } = &ast.node(*left).kind else { continue };
        let id = NodeId(i as u32);
        if &**name == "evt.dir" {
            found.push((TreeWarning::EvtDir, id));
        }
        let na = |l: &Literal| &*l.bytes == b"<NA>";
        let compared = right.is_some_and(|r| match &ast.node(r).kind {
            NodeKind::Value(l) => na(l),
            NodeKind::List(items) => items.iter().any(na),
            _ => false,
        });
        if compared && (name.starts_with("ka.") || name.starts_with("jevt.")) {
            found.push((TreeWarning::UnsafeNa, id));
        }
    }
    found
}

/// Whether Falco warns about a condition before it knows its fields' types.
pub fn condition_warns(condition: &str) -> bool {
    !tree_warnings(&parse_condition(condition, MAX_DEPTH).ast).is_empty()
}

impl ExtraOutput {
    fn applies(&self, info: &RuleInfo) -> bool {
        self.source.as_ref().is_none_or(|s| *s == info.source)
            && self.rule.as_ref().is_none_or(|r| **r == *info.name)
            && self.tags.iter().all(|t| info.tags.contains(t))
    }
}
