//! A rule file as lines, each with what it is and what stands around it.

use crate::source::Span;
use crate::yaml::{NodeId, NodeKind, ScalarStyle, Yaml};

/// What a line is when nothing else is known. A blank line can be part of a text.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum LineKind {
    Blank,
    /// Nothing but a comment.
    Comment,
    /// `---` or `...`.
    Marker,
    Content,
}

/// Whether a line's end or begin is part of a value.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Inside {
    Nothing,
    /// Goes on in the next line.
    Quoted,
    /// Part of a block scalar, whose content stands at this column.
    Block(usize),
}

/// A text with its nodes, comments and lines. Lines are counted from 0, columns in bytes.
pub(super) struct Text<'a> {
    pub(super) source: &'a str,
    pub(super) yaml: &'a Yaml,
    comments: &'a [Span],
    starts: Vec<usize>,
    inside: Vec<Inside>,
}

impl<'a> Text<'a> {
    pub(super) fn new(text: &'a str, yaml: &'a Yaml, comments: &'a [Span]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|i| i + 1));
        if starts.last() == Some(&text.len()) {
            starts.pop(); // the last line break ends a line, it does not begin one
        }
        let inside = vec![Inside::Nothing; starts.len()];
        let mut result = Self { source: text, yaml, comments, starts, inside };
        for id in (0..yaml.len() as u32).map(NodeId) {
            result.mark(id);
        }
        result
    }

    /// Notes for each line of a scalar that it is inside.
    fn mark(&mut self, id: NodeId) {
        let node = self.yaml.node(id);
        let NodeKind::Scalar(scalar) = &node.kind else { return };
        let first = self.line_of(node.span.start as usize);
        let last = self.line_of(node.span.end as usize);
        let (lines, inside) = match scalar.style {
            ScalarStyle::Plain => return,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => (first..last, Inside::Quoted),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                // With an indicator, the first line may be indented more than the content is, and
                // blanks before it may be content.
                if self.block_header(id).contains(|c: char| c.is_ascii_digit()) {
                    let blank = |line: &usize| self.line(*line).trim_start_matches(is_blank).is_empty();
                    let first = first - (0..first).rev().take_while(blank).count();
                    (first..self.block_end(last, 0), Inside::Block(0))
                } else {
                    let column = self.column(node.span.start as usize);
                    (first..self.block_end(last, column), Inside::Block(column))
                }
            }
        };
        if let Some(lines) = self.inside.get_mut(lines) {
            lines.fill(inside);
        }
    }

    /// The line behind a block scalar. Blanks beyond its column are content, also on lines at its end.
    fn block_end(&self, last: usize, column: usize) -> usize {
        let from = last + 1;
        let mut end = from;
        for line in from..self.line_count() {
            let text = self.line(line);
            if !text.trim_start_matches(is_blank).is_empty() {
                break;
            }
            if text.len() > column {
                end = line + 1;
            }
        }
        end
    }

    pub(super) fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// The line of an offset.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// A line without its line break.
    pub(super) fn line(&self, line: usize) -> &'a str {
        let end = self.starts.get(line + 1).map_or(self.source.len(), |&next| next - 1);
        let start = self.starts.get(line).copied().unwrap_or(end);
        let text = self.source.get(start..end).unwrap_or("");
        text.strip_suffix('\n').unwrap_or(text)
    }

    pub(super) fn inside(&self, line: usize) -> Inside {
        self.inside.get(line).copied().unwrap_or(Inside::Nothing)
    }

    pub(super) fn kind(&self, line: usize) -> LineKind {
        let text = self.line(line);
        let content = text.trim_start_matches(is_blank);
        if content.is_empty() {
            return match self.inside(line) {
                Inside::Block(column) if text.len() > column => LineKind::Content,
                _ => LineKind::Blank,
            };
        }
        let offset = self.starts.get(line).copied().unwrap_or(0) + text.len() - content.len();
        if content.starts_with('#') && self.comment_at(offset) {
            return LineKind::Comment;
        }
        let marker = text.strip_prefix("---").or_else(|| text.strip_prefix("..."));
        match marker {
            Some(rest) if rest.is_empty() || rest.starts_with(is_blank) => LineKind::Marker,
            _ => LineKind::Content,
        }
    }

    fn comment_at(&self, offset: usize) -> bool {
        self.comments.binary_search_by_key(&(offset as u32), |span| span.start).is_ok()
    }

    /// The rest of the line behind an offset, without surrounding blanks.
    pub(super) fn rest_of_line(&self, offset: usize) -> &'a str {
        let rest = self.source.get(offset..).unwrap_or("");
        rest.split('\n').next().unwrap_or("").trim_matches(is_blank)
    }

    /// The text of a node's span.
    pub(super) fn slice(&self, id: NodeId) -> &'a str {
        let span = self.yaml.node(id).span;
        self.source.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Column of an offset.
    pub(super) fn column(&self, offset: usize) -> usize {
        offset - self.starts.get(self.line_of(offset)).copied().unwrap_or(0)
    }

    /// The header of a block scalar, such as `>-`.
    pub(super) fn block_header(&self, id: NodeId) -> &'a str {
        let start = self.yaml.node(id).span.start as usize;
        let mut before = self.source.get(..start).unwrap_or("").trim_end();
        let index = self.comments.partition_point(|span| (span.start as usize) < before.len());
        if let Some(comment) = index.checked_sub(1).and_then(|i| self.comments.get(i))
            && comment.end as usize >= before.len()
        {
            before = before.get(..comment.start as usize).unwrap_or("").trim_end();
        }
        let rest = before.trim_end_matches(|c: char| c.is_ascii_digit() || "+->|".contains(c));
        before.get(rest.len()..).unwrap_or("")
    }
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// Leading blanks of a line, not counting tabs.
pub(super) fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}
