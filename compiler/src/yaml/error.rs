//! Why a text is refused, in our own terms.

use std::fmt;

use granit_parser::{ErrorKind, ScanError};

use crate::source::{FileId, Span};

/// What is wrong.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum YamlErrorKind {
    /// Not YAML.
    Syntax,
    /// Nested deeper than [`super::Limits::depth`].
    TooDeep,
    /// More nodes than [`super::Limits::nodes`] or [`super::Limits::expanded`], or too many bytes.
    TooLarge,
    /// An alias inside the node that it refers to.
    RecursiveAlias,
}

/// Why a text is refused. The message is lower case without a full stop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct YamlError {
    /// What is wrong.
    pub kind: YamlErrorKind,
    /// Where it was noticed.
    pub span: Span,
    /// What was found or expected.
    pub message: String,
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for YamlError {}

impl YamlError {
    pub(super) fn new(kind: YamlErrorKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, span, message: message.into() }
    }

    /// The YAML crate's error; its span is the character at which scanning stopped.
    pub(super) fn from_scan(file: FileId, text: &str, depth: u32, error: &ScanError) -> Self {
        let start = error.marker().byte_offset().unwrap_or(0).min(text.len());
        let rest = text.get(start..).unwrap_or("");
        let width = rest.chars().next().filter(|c| !matches!(c, '\n' | '\r')).map_or(0, char::len_utf8);
        let span = Span::new(file, start as u32, (start + width) as u32);
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => Self::too_deep(span, depth),
            kind => Self::new(YamlErrorKind::Syntax, span, message(kind, error, rest)),
        }
    }

    pub(super) fn too_deep(span: Span, limit: u32) -> Self {
        Self::new(YamlErrorKind::TooDeep, span, format!("nested deeper than {limit} levels"))
    }
}

/// Our wording for what people run into, the crate's for the rest.
fn message(kind: &ErrorKind, error: &ScanError, rest: &str) -> String {
    match kind {
        ErrorKind::MappingValueNotAllowed => {
            "`:` is not allowed here; check the indentation, or put a text that contains `: ` in quotes"
                .into()
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => "a tab is not allowed here; indent with blanks".into(),
        ErrorKind::UnclosedQuotedScalar => "the text that begins here has no closing quote".into(),
        ErrorKind::UnclosedFlowCollection { open } => format!("this `{open}` is never closed"),
        ErrorKind::UnknownAnchor => {
            let name: String =
                rest.chars().take(64).take_while(|c| !c.is_whitespace() && !",]}".contains(*c)).collect();
            format!("alias `{name}` refers to no anchor above it")
        }
        ErrorKind::UnexpectedCharacter { character } => format!("unexpected character {character:?}"),
        _ => error.info().trim_end_matches('.').to_owned(),
    }
}
