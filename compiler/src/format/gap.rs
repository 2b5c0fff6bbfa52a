//! What stands between items: blank lines, comments, markers of documents.
//!
//! A comment that is indented deeper than the dash and follows its item without a blank line belongs to
//! the item. A blank line separates an item from all else; markers stay as close as they are.

use super::document::Block;
use super::text::{LineKind, Text, indentation, is_blank};
use std::ops::Range;

/// Column of the keys of an item.
pub(super) const KEYS: usize = 2;

/// A line that is not blank.
struct Line<'a> {
    text: &'a str,
    kind: LineKind,
    column: usize,
    /// There are blank lines before it.
    spaced: bool,
}

/// The lines between two blocks, or before the first or behind the last one.
pub(super) fn lines(
    text: &Text<'_>,
    before: Option<&Block>,
    lines: Range<usize>,
    next: Option<&Block>,
) -> Vec<String> {
    let dash = before.and_then(Block::dash);
    let next_dash = next.and_then(Block::dash);
    let root = dash.or(next_dash).unwrap_or(0);
    if before.is_some_and(|block| block.keeps_blanks) {
        return lines.map(|line| unspaced(text, line, root)).collect();
    }
    let mut out = Vec::new();
    let (gap, spaced_end) = split(text, lines);
    // All lines so far belong to the item before.
    let mut attached = dash.is_some();
    let mut root = root;
    for (i, line) in gap.iter().enumerate() {
        let comment = line.kind == LineKind::Comment;
        let first = attached;
        attached &= comment && !line.spaced && line.column > root;
        let blank = match before {
            None if i == 0 => false,
            _ => line.spaced || comment && first && !attached,
        };
        if blank {
            out.push(String::new());
        }
        let column = if attached { KEYS } else { line.column.saturating_sub(root).min(KEYS) };
        out.push(format!("{:column$}{}", "", line.text));
        if line.kind == LineKind::Marker {
            root = next_dash.unwrap_or(root);
        }
    }
    let between_items = attached && next_dash.is_some();
    if next.is_some() && (between_items || spaced_end && (before.is_some() || !gap.is_empty())) {
        out.push(String::new());
    }
    out
}

/// A line behind a block scalar that keeps blank lines. A comment that is not moved with its item could
/// become part of the scalar.
fn unspaced(text: &Text<'_>, line: usize, root: usize) -> String {
    let raw = text.line(line);
    let column = match text.kind(line) {
        LineKind::Comment => indentation(raw).saturating_sub(root).min(KEYS),
        _ => 0,
    };
    format!("{:column$}{}", "", raw.trim_matches(is_blank))
}

/// The lines that are not blank, and whether there are blank ones at the end.
fn split<'a>(text: &Text<'a>, lines: Range<usize>) -> (Vec<Line<'a>>, bool) {
    let mut gap = Vec::new();
    let mut spaced = false;
    for line in lines {
        let kind = text.kind(line);
        if kind == LineKind::Blank {
            spaced = true;
            continue;
        }
        let raw = text.line(line);
        let column = if kind == LineKind::Comment { indentation(raw) } else { 0 };
        gap.push(Line { text: raw.trim_matches(is_blank), kind, column, spaced });
        spaced = false;
    }
    (gap, spaced)
}
