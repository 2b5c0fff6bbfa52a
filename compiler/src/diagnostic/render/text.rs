//! Terminal text, laid out by `annotate-snippets`.

use std::ops::Range;

use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};

use super::super::{Diagnostic, Label, Severity};
use crate::source::{SourceFile, SourceMap, Span};

/// Largest piece of a file that is laid out for one diagnostic; above, only the place is printed.
/// It keeps thousands of diagnostics about one endless line affordable.
const MAX_SNIPPET_BYTES: usize = 256 << 10;

/// How to print.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextOptions {
    /// Whether to use ANSI colours.
    pub color: bool,
    /// Columns of the terminal; longer source lines are trimmed around what is marked.
    pub width: usize,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { color: false, width: 120 }
    }
}

/// All diagnostics in the given order, with an empty line between two.
///
/// The header names the code and, for a warning, the name that silences it. Places are marked with
/// `^` (primary) and `-`; files other than that of the primary place follow after `:::`. A diagnostic
/// without a place has only its header, notes and help.
pub fn text(diags: &[Diagnostic], sources: &SourceMap, options: &TextOptions) -> String {
    let renderer = if options.color { Renderer::styled().hyperlink(false) } else { Renderer::plain() };
    let renderer = renderer.term_width(options.width);
    let mut out = String::new();
    for diag in diags {
        if !out.is_empty() {
            out.push('\n');
        }
        let report = renderer.render(&[group(diag, sources)]);
        // An empty line at the end of a source text leaves blanks.
        for line in report.lines() {
            // `annotate-snippets` replaces the control characters below U+0020 only
            out.extend(
                line.trim_end()
                    .chars()
                    .map(|c| if ('\u{80}'..='\u{9f}').contains(&c) { '\u{fffd}' } else { c }),
            );
            out.push('\n');
        }
    }
    out
}

fn group<'a>(diag: &'a Diagnostic, sources: &'a SourceMap) -> Group<'a> {
    let info = diag.code.info();
    let title = match diag.severity {
        Severity::Error => Level::ERROR.primary_title(&diag.message).id(info.id),
        Severity::Warning => {
            Level::WARNING.primary_title(&diag.message).id(format!("{} {}", info.id, info.name))
        }
    };
    let mut group = Group::with_title(title).elements(snippets(diag, sources));
    for note in &diag.notes {
        group = group.element(Level::NOTE.message(plain_lines(note)));
    }
    for help in &diag.help {
        group = group.element(Level::HELP.message(plain_lines(help)));
    }
    group
}

/// Line breaks are ours; everything else that moves the cursor is not.
fn plain_lines(text: &str) -> String {
    text.lines().map(normalize_untrusted_str).collect::<Vec<_>>().join("\n")
}

/// One snippet for each file, that of the primary place first.
fn snippets<'a>(diag: &'a Diagnostic, sources: &'a SourceMap) -> Vec<Element<'a>> {
    let mut labels: Vec<&Label> = diag.labels.iter().collect();
    labels.sort_by_key(|label| !label.primary);
    let mut files = Vec::new();
    for label in &labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    let of_file = |id| {
        let labels: Vec<&Label> = labels.iter().copied().filter(|l| l.span.file == id).collect();
        element(sources.file(id), &labels)
    };
    files.into_iter().map(of_file).collect()
}

fn element<'a>(file: &'a SourceFile, labels: &[&'a Label]) -> Element<'a> {
    let text = file.text();
    let spans: Vec<Range<usize>> = labels.iter().map(|label| visible(text, label.span)).collect();
    let first = spans.iter().map(|s| s.start).min().unwrap_or(0);
    let last = spans.iter().map(|s| s.end).max().unwrap_or(0);
    let start = text.get(..first).and_then(|t| t.rfind('\n')).map_or(0, |at| at + 1);
    let end = text.get(last..).and_then(|t| t.find('\n')).map_or(text.len(), |at| last + at);
    let (line, column) = file.line_col(spans.first().map_or(0, |s| s.start) as u32);
    let window = text.get(start..end).unwrap_or("");
    let window = window.strip_suffix('\r').filter(|w| start + w.len() >= last).unwrap_or(window);
    let path = normalize_untrusted_str(file.name());
    if window.len() > MAX_SNIPPET_BYTES {
        return Origin::path(path).line(line as usize).char_column(column as usize).into();
    }
    let mut snippet = Snippet::source(window).path(path).line_start(file.line_col(start as u32).0 as usize);
    for (label, span) in labels.iter().zip(spans) {
        let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let text = Some(normalize_untrusted_str(&label.text)).filter(|text| !text.is_empty());
        snippet = snippet.annotation(kind.span(span.start - start..span.end - start).label(text));
    }
    snippet.into()
}

/// The span on character limits inside the text. White space at its end is left out, so that the
/// mark does not run into the next line; an empty place behind the last line is moved before it.
fn visible(text: &str, span: Span) -> Range<usize> {
    let start = text.floor_char_boundary(span.start as usize);
    let end = text.ceil_char_boundary(span.end as usize).max(start);
    let trimmed = start + text.get(start..end).unwrap_or("").trim_end().len();
    if trimmed > start {
        return start..trimmed;
    }
    if start == text.len() {
        let content = text.trim_end_matches(['\n', '\r']).len();
        return content..content;
    }
    // nothing but white space: its first character
    start..end.min(text.ceil_char_boundary(start + 1)).max(start)
}
