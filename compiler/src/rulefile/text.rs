//! Texts that were put together from several places, and the way back to those places.
//!
//! Falco joins appended conditions with a blank, writes exceptions as text and substitutes lists as
//! text, before it parses. [`Assembled`] does the same and remembers for every piece where it came
//! from, so that an error in the middle of a substituted list still points at the list's item.
//!
//! Invariant: pieces are sorted by `start` and cover the text without gaps.

use crate::source::{SourceMap, Span};
use crate::syntax::ast::TextRange;
use crate::yaml::{NodeId, OffsetMap, Yaml};
use std::sync::Arc;

/// A scalar of a rule file.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// Its value.
    pub value: Arc<str>,
    /// The whole scalar in its file.
    pub span: Span,
    /// Its node in the file's YAML.
    pub(crate) node: NodeId,
}

impl Text {
    /// The scalar's value.
    pub(super) fn as_str(&self) -> &str {
        &self.value
    }
}

/// Where a piece came from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// From `offset` of a scalar's value on.
    Scalar { text: Text, offset: u32 },
    /// An item of a list, from `offset` of its value on.
    Item { text: Text, offset: u32, list: Arc<ListUse> },
    /// Written by the loader, about this place.
    Glue(Span),
}

/// A place where a list's name was replaced by its items.
#[derive(Clone, Debug)]
pub(crate) struct ListUse {
    /// The list's name.
    pub(crate) name: Arc<str>,
    /// The scalar that has the name.
    pub(crate) text: Text,
    /// Where in the scalar's value.
    pub(crate) range: TextRange,
}

#[derive(Clone, Debug)]
struct Piece {
    start: u32,
    origin: Origin,
}

/// A text and the origins of its pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Assembled {
    text: String,
    pieces: Vec<Piece>,
}

/// A place found by [`Assembled::locate`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Located {
    /// The place in a file.
    pub span: Span,
    /// When it lies in a list's item: the list's name and where it is used.
    pub list: Option<(Arc<str>, Span)>,
}

impl Assembled {
    /// The text.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn push(&mut self, text: &str, origin: Origin) {
        if !text.is_empty() {
            self.pieces.push(Piece { start: self.text.len() as u32, origin });
            self.text.push_str(text);
        }
    }

    /// Adds text to the last piece.
    pub(crate) fn extend(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Replaces a range of the text by another text.
    pub(crate) fn splice(&mut self, start: usize, end: usize, by: &Assembled) {
        let tail_origin = self.origin_at(end as u32);
        let tail_text = self.text.split_off(end);
        self.text.truncate(start);
        let (head, rest): (Vec<Piece>, Vec<Piece>) =
            std::mem::take(&mut self.pieces).into_iter().partition(|p| (p.start as usize) < start);
        self.pieces = head;
        let shift = |piece: &Piece, from: usize, to: usize| Piece {
            start: (piece.start as usize - from + to) as u32,
            origin: piece.origin.clone(),
        };
        let at = self.text.len();
        self.pieces.extend(by.pieces.iter().map(|p| shift(p, 0, at)));
        self.text.push_str(&by.text);
        let at = self.text.len();
        if let Some(origin) = tail_origin.filter(|_| !tail_text.is_empty()) {
            self.pieces.push(Piece { start: at as u32, origin });
            self.pieces.extend(rest.iter().filter(|p| p.start as usize > end).map(|p| shift(p, end, at)));
        }
        self.text.push_str(&tail_text);
    }

    pub(crate) fn pieces(&self) -> usize {
        self.pieces.len()
    }

    pub(crate) fn push_glue(&mut self, text: &str, about: Span) {
        self.push(text, Origin::Glue(about));
    }

    pub(crate) fn push_text(&mut self, text: &Text) {
        self.push(&text.value, Origin::Scalar { text: text.clone(), offset: 0 });
    }

    /// Removes blanks at the end.
    pub(crate) fn trim_end(&mut self, blanks: &[char]) {
        let len = self.text.trim_end_matches(blanks).len();
        self.text.truncate(len);
        while self.pieces.last().is_some_and(|p| p.start as usize >= len) {
            self.pieces.pop();
        }
    }

    /// Removes a comma at the end, if there is one.
    pub(crate) fn pop_comma(&mut self) -> bool {
        if !self.text.ends_with(',') {
            return false;
        }
        self.text.pop();
        let len = self.text.len();
        while self.pieces.last().is_some_and(|p| p.start as usize >= len) {
            self.pieces.pop();
        }
        true
    }

    /// The origin at an offset, moved to that offset.
    pub(crate) fn origin_at(&self, offset: u32) -> Option<Origin> {
        let index = self.pieces.partition_point(|p| p.start <= offset).checked_sub(1)?;
        let piece = self.pieces.get(index)?;
        let by = offset - piece.start;
        Some(match &piece.origin {
            Origin::Scalar { text, offset } => Origin::Scalar { text: text.clone(), offset: offset + by },
            Origin::Item { text, offset, list } => {
                Origin::Item { text: text.clone(), offset: offset + by, list: Arc::clone(list) }
            }
            Origin::Glue(span) => Origin::Glue(*span),
        })
    }

    /// Offsets at which a new piece starts, with the end of the text as the last one.
    pub(crate) fn limits(&self) -> impl Iterator<Item = u32> {
        self.pieces.iter().map(|p| p.start).chain(std::iter::once(self.text.len() as u32))
    }

    /// The place of a range, as good as it can be told.
    pub(super) fn locate(&self, range: TextRange, files: &Files<'_>) -> Option<Located> {
        let last = range.end.max(range.start + 1) - 1;
        let start = self.origin_at(range.start.min(self.text.len().saturating_sub(1) as u32))?;
        let end = self.origin_at(last.min(self.text.len().saturating_sub(1) as u32))?;
        let (from, list_use) = files.place(&start);
        let (to, _) = files.place(&end);
        // an empty range stays empty, behind the last character when it is the end of the text
        let empty = range.start == range.end;
        let at_end = range.start as usize >= self.text.len();
        let span = match (empty, at_end) {
            (true, true) => Span::new(to.file, to.end, to.end),
            (true, false) => Span::new(from.file, from.start, from.start),
            _ => from.to(to),
        };
        Some(Located { span, list: list_use })
    }
}

/// The texts and trees of all files, to find places in them.
#[derive(Copy, Clone)]
pub(super) struct Files<'a> {
    pub(crate) sources: &'a SourceMap,
    pub(crate) yamls: &'a [Option<Yaml>],
}

impl Files<'_> {
    /// The character of a scalar's value in its file.
    fn character(&self, text: &Text, offset: u32) -> Span {
        let file = text.span.file;
        let Some(Some(yaml)) = self.yamls.get(file.0 as usize) else { return text.span };
        let source = self.sources.file(file).text();
        // callers ask for the last byte of a range
        let offset = text.value.floor_char_boundary(offset as usize);
        let len = text.value.get(offset..).and_then(|s| s.chars().next()).map_or(0, char::len_utf8);
        OffsetMap::new(source, yaml.node(text.node)).span(offset as u32, (offset + len) as u32)
    }

    fn place(&self, origin: &Origin) -> (Span, Option<(Arc<str>, Span)>) {
        match origin {
            Origin::Scalar { text, offset } => (self.character(text, *offset), None),
            Origin::Item { text, offset, list } => {
                let used_at = self.in_text(&list.text, list.range);
                (self.character(text, *offset), Some((Arc::clone(&list.name), used_at)))
            }
            Origin::Glue(span) => (*span, None),
        }
    }

    /// The place of a range of a scalar's value.
    pub(crate) fn in_text(&self, text: &Text, range: TextRange) -> Span {
        let start = self.character(text, range.start);
        if range.end <= range.start {
            return Span::new(start.file, start.start, start.start);
        }
        start.to(self.character(text, range.end - 1))
    }
}
