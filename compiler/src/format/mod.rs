//! Rule files in one layout, without a change of meaning.
//!
//! In: the text of a rule file. Out: the text in the house layout of rule files:
//!
//! - `- rule:` at column 0 and keys at column 2; keys in the order of [`crate::itemschema`];
//! - one blank line between items, comments stay with what they are about;
//! - conditions on one line up to [`Options::width`] columns, else folded and broken at `and` and
//!   `or`, two columns deeper for each parenthesis; a block that was broken stays broken;
//! - `items` and `tags` in brackets fill lines; no trailing blanks, no carriage returns.
//!
//! Stages: `text` (lines and what they are) -> `document` (items and their keys) -> `render`
//! with `gap` between items, `layout` for conditions, `list` for lists -> `verify`.
//!
//! Invariants: values, comments and quotes are kept, only conditions may differ, in white space
//! between tokens; formatting a formatted text changes nothing. What is not understood, for example
//! an item in braces, is left as it is. `verify` reads the result again before it is given out.
//!
//! ```
//! use peregrine_compiler::format::{Options, format};
//! let text = "- macro:   m\n  condition: (  a  and b )\n- list: l\n  items: [a,b]";
//! assert_eq!(
//!     format("rules.yaml", text, &Options::default()).unwrap(),
//!     "- macro: m\n  condition: (a and b)\n\n- list: l\n  items: [a, b]\n"
//! );
//! ```

mod condition;
mod document;
mod gap;
mod layout;
mod list;
mod render;
#[cfg(test)]
mod tests;
mod text;
mod verify;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, SourceMap};
use crate::yaml::{self, Limits, Yaml, YamlError, YamlErrorKind};
use condition::Conditions;
use std::fmt;
use text::Text;

/// What can be chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// Columns of a line; a text that cannot be broken may be longer.
    pub width: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 100 }
    }
}

/// Why a text is not formatted.
#[derive(Debug)]
pub enum FormatError {
    /// The text is not a rule file that can be read.
    Invalid(Box<Invalid>),
    /// The result would not have meant the same: a mistake of the formatter.
    Internal {
        /// The file's name.
        file: String,
        /// What would have changed.
        reason: String,
    },
}

/// What is wrong with a text.
#[derive(Debug)]
pub struct Invalid {
    /// The text.
    pub sources: SourceMap,
    /// Errors with places in it, at least one.
    pub diagnostics: Vec<Diagnostic>,
}

/// A line for each problem: `file:line: message`.
impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(invalid) => {
                for (i, diagnostic) in invalid.diagnostics.iter().enumerate() {
                    if i > 0 {
                        f.write_str("\n")?;
                    }
                    if let Some(span) = diagnostic.span() {
                        let file = invalid.sources.file(span.file);
                        write!(f, "{}:{}: ", file.name(), file.line_col(span.start).0)?;
                    }
                    f.write_str(&diagnostic.message)?;
                }
                Ok(())
            }
            Self::Internal { file, reason } => {
                write!(f, "{file}: internal error of the formatter, the text is left as it is: {reason}")
            }
        }
    }
}

impl std::error::Error for FormatError {}

/// The text in the house layout.
///
/// # Errors
/// [`FormatError::Invalid`] when the text is not YAML or a condition cannot be read.
pub fn format(file_name: &str, text: &str, options: &Options) -> Result<String, FormatError> {
    let mut sources = SourceMap::new();
    let file = match sources.add(file_name, text.as_bytes().to_vec()) {
        Ok(file) => file,
        Err(e) => {
            let message = format!("{}: the text is larger than can be read", e.name);
            return Err(invalid(sources, vec![Diagnostic::without_span(Code::YamlLimit, message)]));
        }
    };
    let before = match parse(file, text) {
        Ok(yaml) => yaml,
        Err(e) => return Err(invalid(sources, vec![yaml_diagnostic(&e)])),
    };
    let diagnostics = Conditions::read(&before).diagnostics(text, &before);
    if !diagnostics.is_empty() {
        return Err(invalid(sources, diagnostics));
    }
    let internal = |reason: String| FormatError::Internal { file: file_name.to_owned(), reason };
    let result = rewrite(text, options).map_err(|e| internal(format!("without carriage returns, {e}")))?;
    let after = parse(file, &result).map_err(|e| internal(format!("the result cannot be read: {e}")))?;
    verify::same_meaning((text, &before), (&result, &after)).map_err(internal)?;
    Ok(result)
}

fn invalid(sources: SourceMap, diagnostics: Vec<Diagnostic>) -> FormatError {
    FormatError::Invalid(Box::new(Invalid { sources, diagnostics }))
}

fn parse(file: FileId, text: &str) -> Result<Yaml, YamlError> {
    yaml::parse(file, text, &Limits::default())
}

fn yaml_diagnostic(error: &YamlError) -> Diagnostic {
    let code = match error.kind {
        YamlErrorKind::Syntax | YamlErrorKind::RecursiveAlias => Code::YamlSyntax,
        YamlErrorKind::TooDeep | YamlErrorKind::TooLarge => Code::YamlLimit,
    };
    Diagnostic::new(code, error.span, error.message.clone())
}

fn rewrite(text: &str, options: &Options) -> Result<String, YamlError> {
    let text = text.replace("\r\n", "\n");
    if text.contains('\r') {
        // A line break to YAML that nobody writes by intent; columns and lines would be wrong.
        return Ok(text);
    }
    let (mark, text) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text.as_str()),
    };
    let file = FileId(0);
    let yaml = parse(file, text)?;
    let comments = yaml::comments(file, text);
    let conditions = Conditions::read(&yaml);
    let text = Text::new(text, &yaml, &comments);
    let blocks = document::blocks(&text);
    Ok(format!("{mark}{}", render::render(&text, &conditions, &blocks, options.width)))
}
