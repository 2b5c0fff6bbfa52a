//! Findings of a compilation, placed in the files that their texts came from.

use super::compile::{Compiler, file_start};
use super::context::Ctx;
use super::resolve::{Home, Problem, ProblemKind, Resolved};
use super::text::{Assembled, Located};
use crate::diagnostic::falco::{Finding, ItemType, LoadCode};
use crate::diagnostic::{Code, Diagnostic};
use crate::hir::check::{CheckError, CheckWarning};
use crate::source::Span;
use crate::syntax::ast::{Ast, Literal, NodeId, NodeKind, TextRange};
use crate::syntax::{MAX_DEPTH, SyntaxError, parse_condition};

const EVT_DIR: &str = "due to the drop of enter events, 'evt.dir = <' always evaluates to true, and 'evt.dir = >' always evaluates to false. The rule expression can be simplified by removing the condition on 'evt.dir'";

impl Compiler<'_> {
    /// Adds labels for the list and macros that lead to a place.
    pub(super) fn with_chain(
        &self,
        mut diagnostic: Diagnostic,
        located: &Located,
        via: Option<u32>,
        resolved: Option<&Resolved>,
        own: &Assembled,
    ) -> Diagnostic {
        if let Some((list, used_at)) = &located.list {
            diagnostic = diagnostic.also(*used_at, format!("list `{list}` is substituted here"));
        }
        let mut via = via;
        while let (Some(id), Some(resolved)) = (via, resolved) {
            let Some(step) = resolved.vias.get(id as usize) else { break };
            let name = self.out.macros.macros.get(step.used).map_or("", |m| &*m.name);
            if let Some(place) = self.text_of(step.home, own).and_then(|t| t.locate(step.range, &self.files))
            {
                diagnostic = diagnostic.also(place.span, format!("macro `{name}` is used here"));
            }
            via = step.parent;
        }
        diagnostic
    }

    pub(super) fn syntax_errors(&mut self, errors: &[SyntaxError], text: &Assembled, ctx: &Ctx<'_>) {
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
            let diagnostic = self.with_chain(diagnostic, &located, None, None, text);
            let message = falco_wording(error.code, &error.message, text.as_str(), error.range.start);
            self.findings.falco(&own, LoadCode::CompileConditionError, &message, diagnostic);
        }
    }

    pub(super) fn problems(
        &mut self,
        problems: &[Problem],
        text: &Assembled,
        resolved: &Resolved,
        ctx: &Ctx<'_>,
    ) {
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
            let diagnostic = self.with_chain(diagnostic, &located, problem.via, Some(resolved), text);
            let own = ctx.child(ItemType::ConditionExpression, "", located.span);
            self.findings.falco(&own, LoadCode::Validate, &falco, diagnostic);
        }
    }

    pub(super) fn unknown_macro_help(&self, diagnostic: Diagnostic, name: &str) -> Diagnostic {
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

    pub(super) fn located(
        &self,
        node: NodeId,
        range: TextRange,
        resolved: &Resolved,
        text: &Assembled,
        fallback: Span,
    ) -> (Located, Option<u32>) {
        let origin = resolved.origins.get(node.0 as usize).copied();
        let (home, via) = origin.map_or((Home::Own, None), |o| (o.home, o.via));
        let place = self.text_of(home, text).and_then(|t| t.locate(range, &self.files));
        (place.unwrap_or(Located { span: fallback, list: None }), via)
    }

    pub(super) fn check_error(
        &mut self,
        error: &CheckError,
        resolved: &Resolved,
        text: &Assembled,
        ctx: &Ctx<'_>,
        skip: bool,
    ) {
        let (located, via) = self.located(error.node, error.range, resolved, text, ctx.span);
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
        let diagnostic = self.with_chain(diagnostic, &located, via, Some(resolved), text);
        let message = falco_wording(error.code, &error.message, "", 0);
        self.findings.falco(&own, load, &message, diagnostic);
    }

    pub(super) fn check_warning(
        &mut self,
        warning: &CheckWarning,
        resolved: &Resolved,
        text: &Assembled,
        ctx: &Ctx<'_>,
    ) {
        let (located, via) = self.located(warning.node, warning.range, resolved, text, ctx.span);
        let mut diagnostic = Diagnostic::new(warning.code, located.span, warning.message.clone());
        for help in &warning.help {
            diagnostic = diagnostic.help(help.clone());
        }
        let mut diagnostic = self.with_chain(diagnostic, &located, via, Some(resolved), text);
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
    pub(super) fn tree_warnings(&mut self, resolved: &Resolved, text: &Assembled, ctx: &Ctx<'_>) {
        let found: Vec<(TreeWarning, NodeId)> = tree_warnings(&resolved.ast);
        for (warning, node) in found {
            let range = resolved.ast.node(node).range;
            let (located, via) = self.located(node, range, resolved, text, ctx.span);
            let own = ctx.child(ItemType::ConditionExpression, "", located.span);
            let (code, load, falco, message, help) = match warning {
                TreeWarning::Deprecated(name) if &*name == "evt.dir" => (
                    Code::DeprecatedItem,
                    LoadCode::DeprecatedItem,
                    EVT_DIR.to_owned(),
                    "`evt.dir` is deprecated: only exit events are delivered".to_owned(),
                    "remove the check: `evt.dir = <` is always true, `evt.dir = >` always false",
                ),
                TreeWarning::Deprecated(name) => (
                    Code::DeprecatedItem,
                    LoadCode::DeprecatedItem,
                    format!("usage of deprecated field '{name}' has been detected in the rule condition"),
                    format!("`{name}` is deprecated: it is always 0"),
                    "remove the check",
                ),
                TreeWarning::UnsafeNa => (
                    Code::UnsafeNaCheck,
                    LoadCode::UnsafeNaCheck,
                    "comparing a field value with <NA> is unsafe and can lead to unpredictable behavior of the rule condition. If you need to check for the existence of a field, consider using the 'exists' operator instead."
                        .to_owned(),
                    "a comparison with `<NA>` does not find absent values".to_owned(),
                    "use `exists`",
                ),
            };
            let diagnostic = Diagnostic::new(code, located.span, message).help(help);
            let diagnostic = self.with_chain(diagnostic, &located, via, Some(resolved), text);
            self.findings.falco(&own, load, &falco, diagnostic);
        }
    }

    pub(super) fn unused(&mut self) {
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

enum TreeWarning {
    Deprecated(Box<str>),
    UnsafeNa,
}

/// Fields that Falco calls deprecated wherever a condition uses them.
const DEPRECATED: &[&str] = &[
    "evt.dir",
    "evt.latency",
    "evt.latency.s",
    "evt.latency.ns",
    "evt.latency.quantized",
    "evt.latency.human",
    "evt.wait_latency",
];

/// Deprecated fields, each once, and the first comparison with the text `<NA>` of a field that JSON
/// plugins give.
fn tree_warnings(ast: &Ast) -> Vec<(TreeWarning, NodeId)> {
    let mut found = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (i, node) in ast.nodes().iter().enumerate() {
        let id = NodeId(i as u32);
        match &node.kind {
            NodeKind::Field { name, .. } if DEPRECATED.contains(&&**name) && !seen.contains(&&**name) => {
                seen.push(name);
                found.push((TreeWarning::Deprecated(name.clone()), id));
            }
            NodeKind::Check { left, right: Some(right), .. } => {
                let NodeKind::Field { name, .. } = &ast.node(*left).kind else { continue };
                let na = |l: &Literal| &*l.bytes == b"<NA>";
                let compared = match &ast.node(*right).kind {
                    NodeKind::Value(l) => na(l),
                    NodeKind::List(items) => items.iter().any(na),
                    _ => false,
                };
                let json = name.starts_with("ka.") || name.starts_with("jevt.");
                if compared && json && !seen.contains(&"<NA>") {
                    seen.push("<NA>");
                    found.push((TreeWarning::UnsafeNa, id));
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether Falco warns about a condition before it knows its fields' types.
pub fn condition_warns(condition: &str) -> bool {
    !tree_warnings(&parse_condition(condition, MAX_DEPTH).ast).is_empty()
}

/// Falco's wording of the two mistakes that its users meet, and look for, most; else our own.
fn falco_wording(code: Code, message: &str, text: &str, at: u32) -> String {
    let quoted = |message: &str| message.split('`').nth(1).map(str::to_owned);
    if code == Code::UnknownField
        && let Some(name) = quoted(message)
    {
        return format!("filter_check called with nonexistent field {name}");
    }
    let before = text.get(..at as usize).unwrap_or("").trim_end();
    let word = before.rsplit([' ', '\t', '\n', '(', ')', ',', '=', '"', '\'']).next().unwrap_or("");
    if code == Code::UnexpectedToken && message.starts_with("expected `and`, `or`") && !word.is_empty() {
        return format!("unexpected token after '{word}', expecting 'or', 'and'");
    }
    message.to_owned()
}
