//! Output texts: literal text and fields.
//!
//! `%field`, `%field[arg]`, `%transformer(...)`, each with an optional width (`%20proc.name`); the
//! longest name that is a field is taken. There is no escape for `%`.

use super::check;
use super::field::{FieldRef, resolve_prefix};
use super::{Condition, OperandId};
use crate::diagnostic::Code;
use crate::schema::Schema;
use crate::syntax::ast::{TextRange, Transformer};
use crate::syntax::parse_condition;

/// A parsed output.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// Its parts in order.
    pub pieces: Vec<Piece>,
}

/// A part of an output.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Text to print as it is.
    Text(String),
    /// A field.
    Field {
        /// As written, without `%` and width: the key in JSON.
        name: String,
        /// The field.
        field: FieldRef,
        /// Columns to pad or cut to.
        width: Option<u32>,
        /// Where it stands in the text.
        range: TextRange,
    },
    /// A transformer call.
    Call {
        /// As written, without `%` and width.
        text: String,
        /// Holds the operand.
        condition: Box<Condition>,
        /// The call.
        operand: OperandId,
        /// Columns to pad or cut to.
        width: Option<u32>,
        /// Where it stands in the text.
        range: TextRange,
    },
}

/// A place where an output is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateError {
    /// Registered code.
    pub code: Code,
    /// Where in the text.
    pub range: TextRange,
    /// What was expected and found.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Parses an output text; all errors are given.
///
/// # Errors
/// Unknown fields, a `%` or a width at the end, malformed transformer calls.
pub fn parse_template(schema: &Schema, text: &str) -> Result<Template, Vec<TemplateError>> {
    let mut pieces = Vec::new();
    let mut errors = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(offset) = text.get(at..).and_then(|rest| rest.find('%')) {
        literal.push_str(text.get(at..at + offset).unwrap_or(""));
        let start = at + offset;
        match piece(schema, text, start) {
            Ok((found, end)) => {
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                }
                pieces.push(found);
                at = end;
            }
            Err(error) => {
                at = (error.range.end as usize).max(start + 1);
                errors.push(error);
            }
        }
    }
    literal.push_str(text.get(at..).unwrap_or(""));
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    if errors.is_empty() { Ok(Template { pieces }) } else { Err(errors) }
}

fn piece(schema: &Schema, text: &str, start: usize) -> Result<(Piece, usize), TemplateError> {
    let error = |code, from: usize, to: usize, message: String| TemplateError {
        code,
        range: TextRange::new(from as u32, to as u32),
        message,
        help: None,
    };
    let after = text.get(start + 1..).unwrap_or("");
    if after.is_empty() {
        return Err(error(Code::BadOutput, start, start + 1, "the output ends in `%`".to_owned()));
    }
    let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let width = after.get(..digits).and_then(|d| d.parse().ok());
    let name_at = start + 1 + digits;
    let rest = text.get(name_at..).unwrap_or("");
    if rest.is_empty() {
        return Err(error(Code::BadOutput, start, name_at, "the output ends in a width".to_owned()));
    }
    let transformer = Transformer::ALL.iter().find(|t| {
        **t != Transformer::Val && rest.strip_prefix(t.as_str()).is_some_and(|r| r.starts_with('('))
    });
    if transformer.is_some() {
        return call(schema, text, start, name_at, width);
    }
    match resolve_prefix(schema, rest) {
        Ok((field, len)) => {
            let end = name_at + len;
            let name = rest.get(..len).unwrap_or("").to_owned();
            Ok((Piece::Field { name, field, width, range: TextRange::new(start as u32, end as u32) }, end))
        }
        Err(e) => {
            let run =
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
            let end = (name_at + run).max(start + 1);
            let (code, message) = if run == 0 {
                (Code::BadOutput, "expected a field after `%`; there is no escape for `%`".to_owned())
            } else {
                (e.code, e.message)
            };
            Err(TemplateError { help: e.help.filter(|_| run > 0), ..error(code, start, end, message) })
        }
    }
}

/// `name(...)` with balanced parentheses, checked as the left side of a condition.
fn call(
    schema: &Schema,
    text: &str,
    start: usize,
    name_at: usize,
    width: Option<u32>,
) -> Result<(Piece, usize), TemplateError> {
    let rest = text.get(name_at..).unwrap_or("");
    let mut depth = 0_u32;
    let mut end = None;
    for (i, c) in rest.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    end = Some(i + 1);
                    break;
                }
            }
            _ => {}
        }
    }
    let whole = |message: String, code| TemplateError {
        code,
        range: TextRange::new(start as u32, (name_at + end.unwrap_or(rest.len())) as u32),
        message,
        help: None,
    };
    let Some(mut len) = end else {
        return Err(whole("the transformer is never closed".to_owned(), Code::BadOutput));
    };
    if let Some(bracket) = rest.get(len..).filter(|r| r.starts_with('[')) {
        len += bracket.find(']').map_or(0, |i| i + 1);
    }
    let call = rest.get(..len).unwrap_or("");
    let parsed = parse_condition(&format!("{call} exists"), crate::syntax::MAX_DEPTH);
    if let Some(e) = parsed.errors.first() {
        return Err(whole(e.message.clone(), e.code));
    }
    let (condition, report) = check::check(schema, &parsed.ast, check::Quirks::Off);
    let operand = condition.as_ref().and_then(|c| c.checks().next().map(|c| c.left));
    if let (Some(condition), Some(operand)) = (condition, operand) {
        let end = name_at + len;
        let range = TextRange::new(start as u32, end as u32);
        Ok((
            Piece::Call { text: call.to_owned(), condition: Box::new(condition), operand, width, range },
            end,
        ))
    } else {
        let e = report.errors.into_iter().next();
        Err(e.map_or_else(
            || whole("the transformer cannot be read".to_owned(), Code::BadOutput),
            |e| whole(e.message, e.code),
        ))
    }
}
