//! A stable shape for programs.
//!
//! An array of objects:
//!
//! ```text
//! { "code": "E0301", "name": "unknown-field", "severity": "error" | "warning", "message": text,
//!   "labels": [ { "file": text, "start": {"offset": n, "line": n, "column": n}, "end": {..},
//!                 "text": text, "primary": bool } ],
//!   "notes": [text], "help": [text],
//!   "falco": { "code": "LOAD_..", "message": text, "items": [ {"type": text, "name": text} ] } | null }
//! ```
//!
//! Offsets count bytes from 0, lines and columns from 1; a column is a character. The end is
//! exclusive. Labels are in the order of the diagnostic. Keys are only ever added.

use serde::Serialize;

use super::super::{Diagnostic, Label, Severity, falco};
use crate::source::{SourceFile, SourceMap};

/// One diagnostic.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct JsonDiagnostic {
    /// Number, as in `E0301`.
    pub code: &'static str,
    /// Name of the code.
    pub name: &'static str,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// What was found and what was expected.
    pub message: String,
    /// Places.
    pub labels: Vec<JsonLabel>,
    /// Facts that help to understand.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// The same in Falco's terms.
    pub falco: Option<JsonFalco>,
}

/// A place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct JsonLabel {
    /// Name of the file.
    pub file: String,
    /// First character.
    pub start: JsonPosition,
    /// Behind the last character.
    pub end: JsonPosition,
    /// What is to be said about it; may be empty.
    pub text: String,
    /// Whether the message is about this place.
    pub primary: bool,
}

/// A position in a file.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize)]
pub struct JsonPosition {
    /// Bytes from the start of the file.
    pub offset: u32,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

/// A finding in Falco's terms.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct JsonFalco {
    /// `LOAD_...`.
    pub code: &'static str,
    /// Falco's message.
    pub message: String,
    /// Enclosing items, outermost first.
    pub items: Vec<JsonItem>,
}

/// An item around a finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct JsonItem {
    /// Falco's word for its kind.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name; may be empty.
    pub name: String,
}

/// All diagnostics in the given order, ready to be serialised.
pub fn json(diags: &[Diagnostic], sources: &SourceMap) -> Vec<JsonDiagnostic> {
    diags.iter().map(|diag| diagnostic(diag, sources)).collect()
}

fn diagnostic(diag: &Diagnostic, sources: &SourceMap) -> JsonDiagnostic {
    let info = diag.code.info();
    JsonDiagnostic {
        code: info.id,
        name: info.name,
        severity: match diag.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: diag.message.clone(),
        labels: diag.labels.iter().map(|label| json_label(label, sources)).collect(),
        notes: diag.notes.clone(),
        help: diag.help.clone(),
        falco: diag.falco.as_ref().map(finding),
    }
}

fn json_label(label: &Label, sources: &SourceMap) -> JsonLabel {
    let file = sources.file(label.span.file);
    JsonLabel {
        file: file.name().to_owned(),
        start: position(file, label.span.start),
        end: position(file, label.span.end),
        text: label.text.clone(),
        primary: label.primary,
    }
}

fn position(file: &SourceFile, offset: u32) -> JsonPosition {
    let (line, column) = file.line_col(offset);
    JsonPosition { offset, line, column }
}

fn finding(finding: &falco::Finding) -> JsonFalco {
    let items = finding.context.iter();
    JsonFalco {
        code: finding.code.as_str(),
        message: finding.message.clone(),
        items: items.map(|c| JsonItem { kind: c.item.as_str(), name: c.name.clone() }).collect(),
    }
}
