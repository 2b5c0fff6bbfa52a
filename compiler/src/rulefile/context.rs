//! The chain of items around the place being read, as Falco reports it, and the findings so far.

use crate::diagnostic::falco::{ContextItem, Finding, ItemType, LoadCode};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// One link of the chain; lives on the stack of the reader.
#[derive(Copy, Clone)]
pub(crate) struct Ctx<'a> {
    parent: Option<&'a Ctx<'a>>,
    item: ItemType,
    name: &'a str,
    pub(crate) span: Span,
}

impl<'a> Ctx<'a> {
    pub(crate) fn root(span: Span) -> Self {
        Self { parent: None, item: ItemType::RulesContent, name: "", span }
    }

    pub(crate) fn child(&'a self, item: ItemType, name: &'a str, span: Span) -> Ctx<'a> {
        Ctx { parent: Some(self), item, name, span }
    }

    pub(crate) fn chain(&self) -> Vec<ContextItem> {
        let mut chain = Vec::new();
        let mut at = Some(self);
        while let Some(ctx) = at {
            chain.push(ContextItem { item: ctx.item, name: ctx.name.to_owned(), span: ctx.span });
            at = ctx.parent;
        }
        chain.reverse();
        chain
    }
}

/// Findings of one load, in the order in which Falco would make them.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) list: Vec<Diagnostic>,
    errors: usize,
    cut: usize,
}

/// Errors kept; more are counted only.
const MAX_ERRORS: usize = 500;
/// Warnings kept.
const MAX_WARNINGS: usize = 5_000;

impl Findings {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if diagnostic.is_error() {
            self.errors += 1;
        }
        if self.errors > MAX_ERRORS || self.list.len() > MAX_ERRORS + MAX_WARNINGS {
            self.cut += 1;
            return;
        }
        self.list.push(diagnostic);
    }

    /// Adds a finding that Falco has too.
    pub(crate) fn falco(&mut self, ctx: &Ctx<'_>, code: LoadCode, message: &str, diagnostic: Diagnostic) {
        let mut diagnostic = diagnostic;
        diagnostic.falco = Some(Finding { code, message: message.to_owned(), context: ctx.chain() });
        self.push(diagnostic);
    }

    pub(crate) fn error_count(&self) -> usize {
        self.errors
    }

    /// Says how many findings were left out.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        if self.cut > 0 {
            let message = format!("{} further findings are left out", self.cut);
            self.list.push(Diagnostic::without_span(Code::TooManyErrors, message));
        }
        self.list
    }
}
