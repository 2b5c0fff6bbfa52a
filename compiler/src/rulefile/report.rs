//! Findings in the form of `falco -V`, as text and as JSON.
//!
//! Falco stops at the first error of a file, so its report has at most one, and only the warnings made
//! before. Lines and columns count from 0, as Falco's do.

use super::FileReport;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::falco::{ContextItem, Finding};
use crate::source::{SourceMap, Span};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What Falco would report of a file.
struct View<'a> {
    error: Option<(&'a Diagnostic, &'a Finding)>,
    warnings: Vec<(&'a Diagnostic, &'a Finding)>,
}

fn view(report: &FileReport) -> View<'_> {
    let mut view = View { error: None, warnings: Vec::new() };
    for diagnostic in &report.diagnostics {
        let Some(finding) = &diagnostic.falco else { continue };
        if diagnostic.is_error() {
            view.error = Some((diagnostic, finding));
            break;
        }
        view.warnings.push((diagnostic, finding));
    }
    view
}

/// The object that `falco -V` prints with `json_output`: one result per file. `schema` has the
/// warnings of the rule file schema check for each file, empty when it is valid.
pub fn json(reports: &[FileReport], schema: &[Vec<String>], sources: &SourceMap) -> Value {
    let results: Vec<Value> = reports
        .iter()
        .enumerate()
        .map(|(i, report)| {
            let view = view(report);
            let warnings = schema.get(i).cloned().unwrap_or_default();
            json!({
                "name": report.name,
                "successful": report.successful(),
                "schema_valid": warnings.is_empty(),
                "schema_warnings": warnings,
                "errors": view.error.iter().map(|(d, f)| finding(d, f, sources)).collect::<Vec<_>>(),
                "warnings": view.warnings.iter().map(|(d, f)| finding(d, f, sources)).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "falco_load_results": results })
}

fn finding(diagnostic: &Diagnostic, finding: &Finding, sources: &SourceMap) -> Value {
    let locations: Vec<Value> = finding
        .context
        .iter()
        .map(|item| {
            let (line, column) = position(item, sources);
            json!({
                "item_type": item.item.as_str(),
                "item_name": item.name,
                "position": {
                    "name": sources.file(item.span.file).name(),
                    "line": line,
                    "column": column,
                    "offset": item.span.start,
                },
            })
        })
        .collect();
    let description =
        if diagnostic.is_error() { finding.code.description() } else { diagnostic.code.info().explanation };
    json!({
        "context": { "locations": locations, "snippet": snippet(finding, sources) },
        "code": finding.code.as_str(),
        "codedesc": description,
        "message": finding.message,
    })
}

fn position(item: &ContextItem, sources: &SourceMap) -> (u32, u32) {
    let (line, column) = sources.file(item.span.file).line_col(item.span.start);
    (line - 1, column - 1)
}

/// The line of the innermost item with a caret below its start.
fn snippet(finding: &Finding, sources: &SourceMap) -> String {
    let Some(item) = finding.context.last() else { return String::new() };
    let (_, column) = position(item, sources);
    let line = line_at(item.span, sources);
    let indent: String =
        line.chars().take(column as usize).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    format!("{line}\n{indent}^\n")
}

fn line_at(span: Span, sources: &SourceMap) -> &str {
    let text = sources.file(span.file).text();
    let start = text.get(..span.start as usize).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
    text.get(start..).unwrap_or("").lines().next().unwrap_or("")
}

/// Whether the details of warnings are printed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Detail {
    /// The first line only, unless there is an error.
    Brief,
    /// Everything.
    Full,
}

/// The text that `falco -V` prints about one file.
pub fn text(report: &FileReport, schema: &[String], sources: &SourceMap, detail: Detail) -> String {
    let view = view(report);
    let verdict = match (&view.error, view.warnings.is_empty()) {
        (Some(_), _) => "Invalid",
        (None, true) => "Ok",
        (None, false) => "Ok, with warnings",
    };
    let mut out = format!("{}: {verdict}", report.name);
    if view.error.is_none() && (view.warnings.is_empty() || detail == Detail::Brief) {
        return out;
    }
    out.push('\n');
    if !schema.is_empty() {
        let _ = writeln!(out, "{} Schema warnings:\n------", schema.len());
        for warning in schema {
            let _ = writeln!(out, "{warning}\n------");
        }
        out.push('\n');
    }
    if let Some((_, finding)) = &view.error {
        out.push_str("1 Errors:\n");
        block(&mut out, finding, sources);
        out.push('\n');
    }
    if !view.warnings.is_empty() {
        let _ = writeln!(out, "{} Warnings:", view.warnings.len());
        for (_, finding) in &view.warnings {
            block(&mut out, finding, sources);
        }
        out.push('\n');
    }
    out.pop();
    out
}

fn block(out: &mut String, finding: &Finding, sources: &SourceMap) {
    for (i, item) in finding.context.iter().enumerate() {
        let (line, column) = position(item, sources);
        let lead = if i == 0 { "In " } else { "    " };
        let name = if item.name.is_empty() { String::new() } else { format!(" '{}'", item.name) };
        let file = sources.file(item.span.file).name();
        let _ = writeln!(out, "{lead}{}{name}: ({file}:{line}:{column})", item.item.as_str());
    }
    let _ = writeln!(out, "------\n{}------", snippet(finding, sources));
    let _ = writeln!(out, "{} ({}): {}", finding.code.as_str(), finding.code.description(), finding.message);
}
