//! Diagnostics for people ([`text`]) and for programs ([`json`]).
//!
//! In: [`Diagnostic`]s and the [`SourceMap`](crate::source::SourceMap) that their spans point into.
//! Out: terminal text, or values that serialise to a documented shape. No diagnostic is dropped,
//! merged or reordered, and control characters in rule files never reach the terminal.
//!
//! ```
//! use peregrine_compiler::diagnostic::{Code, Diagnostic, render};
//! use peregrine_compiler::source::{SourceMap, Span};
//! let mut sources = SourceMap::new();
//! let file = sources.add("my.yaml", b"- rule: x\n  prority: INFO\n".to_vec()).unwrap();
//! let diags = [Diagnostic::new(Code::UnknownKey, Span::new(file, 12, 19), "unknown key `prority`")
//!     .primary_text("ignored")
//!     .help("did you mean `priority`?")];
//! assert_eq!(render::text(&diags, &sources, &render::TextOptions::default()), "\
//! warning[W0116 unknown-key]: unknown key `prority`
//!  --> my.yaml:2:3
//!   |
//! 2 |   prority: INFO
//!   |   ^^^^^^^ ignored
//!   |
//!   = help: did you mean `priority`?
//! ");
//! assert_eq!(render::summary(&diags), "1 warning");
//! ```

mod json;
#[cfg(test)]
mod tests;
mod text;

pub use json::{JsonDiagnostic, JsonFalco, JsonItem, JsonLabel, JsonPosition, json};
pub use text::{TextOptions, text};

use super::Diagnostic;

/// How many errors and warnings there are: `2 errors, 1 warning`; empty when there are none.
pub fn summary(diags: &[Diagnostic]) -> String {
    let errors = diags.iter().filter(|d| d.is_error()).count();
    let counts = [(errors, "error"), (diags.len() - errors, "warning")];
    let parts = counts.iter().filter(|(n, _)| *n > 0);
    let parts = parts.map(|(n, word)| format!("{n} {word}{}", if *n == 1 { "" } else { "s" }));
    parts.collect::<Vec<_>>().join(", ")
}
