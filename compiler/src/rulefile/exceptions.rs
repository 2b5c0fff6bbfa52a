//! Exceptions into conditions, as text, the way Falco writes them.

use super::collector::bad_exception;
use super::compile::{Compiler, joined, push_joined};
use super::context::Ctx;
use super::expand::needs_quotes;
use super::items::{Entry, ExceptionInfo, RuleInfo};
use super::text::{Assembled, Text};
use crate::source::Span;

impl Compiler<'_> {
    /// The condition's text with its exceptions behind it, written as Falco writes them.
    pub(super) fn with_exceptions(&mut self, info: &RuleInfo, ctx: &Ctx<'_>) -> Result<Assembled, ()> {
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

    pub(super) fn exception(
        &mut self,
        out: &mut Assembled,
        ex: &ExceptionInfo,
        ctx: &Ctx<'_>,
    ) -> Result<(), ()> {
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
