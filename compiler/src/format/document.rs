//! Documents as blocks of lines: items whose layout is understood, and all else.
//!
//! Invariant: blocks ascend and do not overlap; lines between them are blank, comments or markers.

use super::text::{LineKind, Text, indentation, is_blank};
use crate::yaml::{NodeId, NodeKind, ScalarStyle};
use std::ops::Range;

/// A run of lines.
pub(super) struct Block {
    pub(super) lines: Range<usize>,
    pub(super) content: Content,
    /// Has a block scalar that keeps the blank lines behind it.
    pub(super) keeps_blanks: bool,
}

pub(super) enum Content {
    Item(Item),
    /// An item at this column, left as it is.
    OtherItem(usize),
    /// A document that is left as it is.
    Other,
}

impl Block {
    /// Column of the dash, if the block is an item.
    pub(super) fn dash(&self) -> Option<usize> {
        match &self.content {
            Content::Item(item) => Some(item.dash),
            Content::OtherItem(dash) => Some(*dash),
            Content::Other => None,
        }
    }
}

/// An item of a rule file: a block mapping behind a dash.
pub(super) struct Item {
    /// Column of the dash.
    pub(super) dash: usize,
    /// Column of the keys.
    pub(super) column: usize,
    pub(super) node: NodeId,
    pub(super) entries: Vec<Entry>,
}

/// A key with its value, and the lines that belong to both.
pub(super) struct Entry {
    pub(super) key: NodeId,
    pub(super) value: NodeId,
    pub(super) lines: Range<usize>,
}

/// The blocks of all documents.
pub(super) fn blocks(text: &Text<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    for &root in text.yaml.documents() {
        match items(text, root) {
            Some(items) => blocks.extend(items),
            None => blocks.extend(verbatim(text, root, blocks.last().map_or(0, |b: &Block| b.lines.end))),
        }
    }
    blocks
}

/// A document that is left as it is; nothing for an empty one.
fn verbatim(text: &Text<'_>, root: NodeId, from: usize) -> Option<Block> {
    let node = text.yaml.node(root);
    if node.span.start == node.span.end && matches!(node.kind, NodeKind::Null) {
        return None;
    }
    // From the marker on, which may have a tag or a header of a block scalar beside it.
    let first = text.line_of(node.span.start as usize);
    let first = (from..=first).rev().find(|&l| text.kind(l) == LineKind::Marker).unwrap_or(from.min(first));
    let end = document_end(text, first.max(text.line_of(node.span.end as usize)) + 1);
    let keeps_blanks = keeps_blanks(text, root);
    let end = if keeps_blanks { end } else { content_end(text, first..end) };
    Some(Block { lines: first..end, content: Content::Other, keeps_blanks })
}

/// The line of the next marker.
fn document_end(text: &Text<'_>, from: usize) -> usize {
    (from..text.line_count()).find(|&line| text.kind(line) == LineKind::Marker).unwrap_or(text.line_count())
}

/// Where the lines end that are not blank and no comments.
fn content_end(text: &Text<'_>, lines: Range<usize>) -> usize {
    let mut end = lines.end;
    while end > lines.start + 1 && text.kind(end - 1) != LineKind::Content {
        end -= 1;
    }
    end
}

/// The items of a document, if it is a block sequence.
fn items(text: &Text<'_>, root: NodeId) -> Option<Vec<Block>> {
    let yaml = text.yaml;
    let NodeKind::Sequence(nodes) = &yaml.node(root).kind else { return None };
    let start = yaml.node(root).span.start as usize;
    if nodes.is_empty() || !text.source.get(start..)?.starts_with('-') {
        return None;
    }
    let column = text.column(start);
    let mut firsts: Vec<usize> = Vec::with_capacity(nodes.len());
    for &node in nodes {
        let line = dash_line(text, node, column)?;
        // Not so for an alias, whose place is that of its anchor.
        if firsts.last().is_some_and(|&before| before >= line) {
            return None;
        }
        firsts.push(line);
    }
    let mut blocks = Vec::with_capacity(nodes.len());
    for (index, (&node, &first)) in nodes.iter().zip(&firsts).enumerate() {
        let limit = firsts.get(index + 1).copied().unwrap_or_else(|| document_end(text, first + 1));
        let keeps_blanks = keeps_blanks(text, node);
        blocks.push(match item(text, node, column, first..limit) {
            Some(item) => {
                let end = item.entries.last().map_or(first + 1, |entry| entry.lines.end);
                Block { lines: first..end, content: Content::Item(item), keeps_blanks }
            }
            // It would have to be moved.
            None if column > 0 => return None,
            None => {
                let end = content_end(text, first..limit);
                Block { lines: first..end, content: Content::OtherItem(column), keeps_blanks }
            }
        });
    }
    Some(blocks)
}

/// The line of the dash before an item.
fn dash_line(text: &Text<'_>, node: NodeId, column: usize) -> Option<usize> {
    let from = text.line_of(text.yaml.node(node).span.start as usize);
    (0..=from).rev().find(|&line| {
        let line = text.line(line);
        let behind = line.get(column..).and_then(|rest| rest.strip_prefix('-'));
        indentation(line) == column
            && behind.is_some_and(|rest| rest.is_empty() || rest.starts_with(is_blank))
    })
}

/// Column of the keys of an item, if the first one stands behind the dash.
fn key_column(text: &Text<'_>, node: NodeId, dash: usize, line: usize) -> Option<usize> {
    let yaml = text.yaml;
    let NodeKind::Mapping(entries) = &yaml.node(node).kind else { return None };
    let key = yaml.node(entries.first()?.0).span.start as usize;
    // A brace begins a flow mapping, and `?` a complex key.
    if yaml.node(node).span.start as usize != key || text.line_of(key) != line {
        return None;
    }
    let column = text.column(key);
    let blanks = text.line(line).get(dash + 1..column)?;
    (!blanks.is_empty() && blanks.bytes().all(|b| b == b' ')).then_some(column)
}

fn item(text: &Text<'_>, node: NodeId, dash: usize, lines: Range<usize>) -> Option<Item> {
    let yaml = text.yaml;
    let pairs = yaml.entries(node);
    let column = key_column(text, node, dash, lines.start)?;
    let mut firsts = Vec::with_capacity(pairs.len());
    for &(key, _) in pairs {
        let span = yaml.node(key).span;
        let line = text.line_of(span.start as usize);
        let alone = firsts.last().is_none_or(|&before| before < line);
        let scalar = yaml.as_str(key).is_some() && text.line_of(span.end as usize) == line;
        if !alone || !scalar || text.column(span.start as usize) != column || !lines.contains(&line) {
            return None;
        }
        firsts.push(line);
    }
    let mut entries = Vec::with_capacity(pairs.len());
    for (index, (&(key, value), &first)) in pairs.iter().zip(&firsts).enumerate() {
        let limit = firsts.get(index + 1).copied().unwrap_or(lines.end);
        entries.push(Entry { key, value, lines: first..entry_end(text, value, column, first..limit) });
    }
    Some(Item { dash, column, node, entries })
}

/// Where the lines of an entry end; behind it are blank lines and comments.
fn entry_end(text: &Text<'_>, value: NodeId, column: usize, lines: Range<usize>) -> usize {
    let mut end = content_end(text, lines.clone());
    // Comments that are indented like the elements of a block collection belong to it.
    let node = text.yaml.node(value);
    let collection = matches!(node.kind, NodeKind::Sequence(_) | NodeKind::Mapping(_));
    if collection && !text.slice(value).starts_with(['[', '{']) {
        let mut line = end;
        while line < lines.end {
            match text.kind(line) {
                LineKind::Comment if indentation(text.line(line)) > column => end = line + 1,
                LineKind::Blank => {}
                _ => break,
            }
            line += 1;
        }
    }
    end
}

/// Whether a node has a block scalar with `+`.
fn keeps_blanks(text: &Text<'_>, node: NodeId) -> bool {
    match &text.yaml.node(node).kind {
        NodeKind::Null => false,
        NodeKind::Scalar(scalar) => {
            matches!(scalar.style, ScalarStyle::Literal | ScalarStyle::Folded)
                && text.block_header(node).contains('+')
        }
        NodeKind::Sequence(items) => items.iter().any(|&item| keeps_blanks(text, item)),
        NodeKind::Mapping(entries) => entries.iter().any(|&(_, value)| keeps_blanks(text, value)),
    }
}
