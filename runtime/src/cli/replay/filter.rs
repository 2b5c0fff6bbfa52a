//! The condition of `--filter`, and how errors of arguments are shown.

use crate::cli::colour;
use crate::fields::extract::{EventContext, Extractors};
use peregrine_compiler::diagnostic::{Diagnostic, render};
use peregrine_compiler::hir::Condition;
use peregrine_compiler::hir::check::{Quirks, check};
use peregrine_compiler::hir::eval::eval;
use peregrine_compiler::hir::events::{CodeSet, event_codes};
use peregrine_compiler::schema::Schema;
use peregrine_compiler::source::{FileId, SourceMap, Span};
use peregrine_compiler::syntax::ast::TextRange;
use peregrine_compiler::syntax::{MAX_DEPTH, parse_condition};

/// A condition without macros and lists.
#[derive(Debug)]
pub(in crate::cli) struct Filter {
    condition: Condition,
    /// Event types that it can be true for.
    events: CodeSet,
}

impl Filter {
    /// Reads a condition; an error is what to show to the user.
    pub(in crate::cli) fn new(schema: &Schema, text: &str) -> Result<Self, String> {
        let argument = Argument::new("--filter", text)?;
        let parsed = parse_condition(text, MAX_DEPTH);
        let mut found = Vec::new();
        for e in &parsed.errors {
            let mut diagnostic = Diagnostic::new(e.code, argument.span(e.range), e.message.clone());
            for (range, text) in &e.also {
                diagnostic = diagnostic.also(argument.span(*range), text.clone());
            }
            diagnostic.help.clone_from(&e.help);
            found.push(diagnostic);
        }
        if !found.is_empty() {
            return Err(argument.show(&found));
        }
        let (condition, report) = check(schema, &parsed.ast, Quirks::Off);
        for e in &report.errors {
            let mut diagnostic = Diagnostic::new(e.code, argument.span(e.range), e.message.clone());
            diagnostic.help.clone_from(&e.help);
            found.push(diagnostic);
        }
        match condition {
            Some(condition) => {
                let all = || CodeSet::all(schema.events().len());
                let events = event_codes(schema, &parsed.ast).unwrap_or_else(|_| all());
                Ok(Self { condition, events })
            }
            None => Err(argument.show(&found)),
        }
    }

    /// Whether it is true for an event; `None` if it compares a value of another type than the event's.
    pub(in crate::cli) fn accepts(
        &self,
        schema: &Schema,
        extractors: &Extractors,
        context: &EventContext<'_>,
    ) -> Option<bool> {
        if !self.events.contains(context.event.code.0) {
            return Some(false);
        }
        eval(schema, &self.condition, &extractors.source(context)).ok()
    }
}

/// The text of an argument, for messages that point into it.
pub(in crate::cli) struct Argument {
    sources: SourceMap,
    file: FileId,
}

impl Argument {
    pub(in crate::cli) fn new(name: &str, text: &str) -> Result<Self, String> {
        let mut sources = SourceMap::new();
        let file =
            sources.add(name, text.into()).map_err(|e| format!("{name}: {} bytes are too many", e.bytes))?;
        Ok(Self { sources, file })
    }

    pub(in crate::cli) fn span(&self, range: TextRange) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    pub(in crate::cli) fn show(&self, found: &[Diagnostic]) -> String {
        let options = render::TextOptions { color: colour::on_stderr(), ..render::TextOptions::default() };
        render::text(found, &self.sources, &options)
    }
}
