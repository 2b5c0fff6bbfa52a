//! Everything that the compiler has to say to the author of a rule, as data.
//!
//! In: findings of every stage. Out: [`Diagnostic`]s in source order per stage, each with a registered
//! [`Code`], spans with labels and help; [`render`] turns them into terminal text or JSON.
//!
//! Invariants: a diagnostic has exactly one primary label unless it is about a whole file that could
//! not be read; messages are lower case without a full stop; a code's number is never reused.

mod codes;
pub mod docs;
pub mod falco;
pub mod render;
mod suggest;

pub use codes::{Code, CodeInfo};
pub use suggest::did_you_mean;

use crate::source::Span;

/// How bad it is.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The item is not usable.
    Error,
    /// It works, but probably not as meant.
    Warning,
}

/// A place in a source text, with what is to be said about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there; may be empty.
    pub text: String,
    /// Whether this is the place that the message is about.
    pub primary: bool,
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Registered code.
    pub code: Code,
    /// Usually the code's own severity.
    pub severity: Severity,
    /// What was found and what was expected.
    pub message: String,
    /// Places, the primary one first.
    pub labels: Vec<Label>,
    /// Facts that help to understand.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// The same finding in Falco's terms, when Falco has one.
    pub falco: Option<falco::Finding>,
}

impl Diagnostic {
    /// A finding at a place, with the code's own severity.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::without_span(code, message).label(span, "", true)
    }

    /// A finding about something that has no text, such as an unreadable file.
    pub fn without_span(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.info().severity,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            falco: None,
        }
    }

    fn label(mut self, span: Span, text: impl Into<String>, primary: bool) -> Self {
        self.labels.push(Label { span, text: text.into(), primary });
        self
    }

    /// Says something about the primary place.
    #[must_use]
    pub fn primary_text(mut self, text: impl Into<String>) -> Self {
        if let Some(label) = self.labels.iter_mut().find(|l| l.primary) {
            label.text = text.into();
        }
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn also(self, span: Span, text: impl Into<String>) -> Self {
        self.label(span, text, false)
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds "did you mean" advice when there is a near name.
    #[must_use]
    pub fn suggest(self, found: &str, candidates: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        match did_you_mean(found, candidates) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// The primary place.
    pub fn span(&self) -> Option<Span> {
        self.labels.iter().find(|l| l.primary).map(|l| l.span)
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
