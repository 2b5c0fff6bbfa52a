//! Events of the YAML crate to the arena. Iterative, so that no input can exhaust the stack.

use granit_parser::{Event, Parser, ScalarStyle as Style, Span as CrateSpan, options};

use super::{Limits, Node, NodeId, NodeKind, Scalar, ScalarStyle, Yaml, YamlError, YamlErrorKind};
use crate::source::{FileId, MAX_FILE_BYTES, Span};

/// Reads all documents of a text.
///
/// # Errors
/// The first problem: a text that is not YAML, or one beyond `limits`.
pub fn parse(file: FileId, text: &str, limits: &Limits) -> Result<Yaml, YamlError> {
    if text.len() > MAX_FILE_BYTES {
        let message = format!("the text is larger than {MAX_FILE_BYTES} bytes");
        return Err(YamlError::new(YamlErrorKind::TooLarge, Span::new(file, 0, 0), message));
    }
    let options = options! {
        emit_comments: false,
        flow_nesting_limit: limits.depth as usize,
        block_nesting_limit: limits.depth as usize,
        // COMPAT(falco): yaml-cpp skips a byte order mark only at the start, and adds no line feed
        // to a block scalar that ends without one at the end of the text.
        bom_inside_document_as_content: true,
        block_scalar_eof_without_line_feed: true,
    };
    let mut builder = Builder::new(file, text, limits);
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|e| YamlError::from_scan(file, text, limits.depth, &e))?;
        builder.event(event, &span)?;
    }
    Ok(Yaml { nodes: builder.nodes, documents: builder.documents })
}

/// A collection that is not closed yet.
struct Frame {
    id: NodeId,
    anchor: usize,
    /// Written with brackets. `a: b` in `[a: b]` is a flow mapping without.
    bracketed: bool,
    children: Children,
    extent: Extent,
    /// End of the last child in the text.
    end: u32,
}

enum Children {
    Sequence(Vec<NodeId>),
    Mapping { entries: Vec<(NodeId, NodeId)>, key: Option<NodeId> },
}

/// Size of a subtree with aliases written out.
#[derive(Copy, Clone)]
struct Extent {
    nodes: u64,
    /// Collections from here to the deepest leaf; 0 for a leaf.
    height: u32,
}

impl Extent {
    const LEAF: Self = Self { nodes: 1, height: 0 };
    const COLLECTION: Self = Self { nodes: 1, height: 1 };

    fn add_child(&mut self, child: Self) {
        self.nodes = self.nodes.saturating_add(child.nodes);
        self.height = self.height.max(child.height + 1);
    }
}

/// What an anchor stands for; indexed by the crate's anchor ids, which count from 1.
#[derive(Copy, Clone)]
enum Anchor {
    Open,
    Closed(NodeId, Extent),
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    limits: &'a Limits,
    nodes: Vec<Node>,
    documents: Vec<NodeId>,
    stack: Vec<Frame>,
    anchors: Vec<Anchor>,
    /// Expanded size of the documents before this one.
    finished_nodes: u64,
}

impl<'a> Builder<'a> {
    fn new(file: FileId, text: &'a str, limits: &'a Limits) -> Self {
        Self {
            file,
            text,
            limits,
            // Upstream rule files have a node for every 16 bytes or so.
            nodes: Vec::with_capacity((text.len() / 16).min(1 << 16)),
            documents: Vec::new(),
            stack: Vec::new(),
            anchors: Vec::new(),
            finished_nodes: 0,
        }
    }

    fn event(&mut self, event: Event<'_>, at: &CrateSpan) -> Result<(), YamlError> {
        let span = self.span(at);
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let null = style == Style::Plain && tag.is_none() && is_null(&value);
                let (span, kind) = if null {
                    (self.null_span(span), NodeKind::Null)
                } else {
                    let style = scalar_style(style);
                    (self.scalar_span(span, &value, style), scalar(value.into(), style))
                };
                let id = self.push(span, kind)?;
                self.close_anchor(anchor, id, Extent::LEAF);
                self.attach(id, span, Extent::LEAF)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.open(self.sequence_span(span), anchor, Children::Sequence(Vec::new()))
            }
            Event::MappingStart(_, anchor, _) => {
                self.open(span, anchor, Children::Mapping { entries: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            // Unresolved aliases, anchors and comments are not asked for; the rest carries nothing.
            _ => Ok(()),
        }
    }

    fn span(&self, at: &CrateSpan) -> Span {
        let range = at.byte_range().unwrap_or(0..0);
        Span::new(self.file, range.start as u32, range.end.max(range.start) as u32)
    }

    fn byte(&self, offset: u32) -> Option<u8> {
        self.text.as_bytes().get(offset as usize).copied()
    }

    fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// An empty value is reported at its key's end: put it behind the colon.
    fn null_span(&self, span: Span) -> Span {
        let is_value =
            matches!(self.stack.last(), Some(Frame { children: Children::Mapping { key: Some(_), .. }, .. }));
        if span.start != span.end || !is_value {
            return span;
        }
        let mut at = span.start;
        while matches!(self.byte(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        // A colon that begins a line belongs to another key, or to a key in the form `? key`.
        let before = self.text.get(..at as usize).unwrap_or("").trim_end_matches([' ', '\t']);
        let begins_line = before.is_empty() || before.ends_with(['\n', '\r']);
        if self.byte(at) == Some(b':') && !begins_line { Span::new(self.file, at + 1, at + 1) } else { span }
    }

    /// A sequence that is not indented below its key is reported behind its first dash.
    fn sequence_span(&self, span: Span) -> Span {
        let in_mapping = matches!(self.stack.last(), Some(Frame { children: Children::Mapping { .. }, .. }));
        if !in_mapping || span.start != span.end {
            return span;
        }
        let before = self.text.get(..span.start as usize).unwrap_or("");
        let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let Some(after_indent) = before.get(line..).map(|l| l.trim_start_matches(is_blank)) else {
            return span;
        };
        let behind_dash = after_indent.strip_prefix('-').map(|rest| rest.trim_start_matches(is_blank));
        if behind_dash.is_some_and(|rest| rest.is_empty() || rest.starts_with('#')) {
            let start = (before.len() - after_indent.len()) as u32;
            return Span::new(self.file, start, start);
        }
        span
    }

    /// Block scalars are reported with surrounding blank lines: keep the content only.
    fn scalar_span(&self, span: Span, value: &str, style: ScalarStyle) -> Span {
        if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return span;
        }
        if value.chars().all(is_blank) {
            let before = self.text.get(..span.end as usize).unwrap_or("").trim_end_matches(is_blank);
            return Span::new(self.file, before.len() as u32, before.len() as u32);
        }
        let raw = self.slice(span);
        let start = span.start + (raw.len() - raw.trim_start_matches(is_blank).len()) as u32;
        let end = span.start + raw.trim_end_matches(is_blank).len() as u32;
        Span::new(self.file, start, end.max(start))
    }

    fn push(&mut self, span: Span, kind: NodeKind) -> Result<NodeId, YamlError> {
        if self.nodes.len() >= self.limits.nodes as usize {
            let message = format!("more than {} nodes", self.limits.nodes);
            return Err(YamlError::new(YamlErrorKind::TooLarge, span, message));
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node { span, kind });
        Ok(id)
    }

    fn open(&mut self, span: Span, anchor: usize, children: Children) -> Result<(), YamlError> {
        if self.stack.len() >= self.limits.depth as usize {
            return Err(YamlError::too_deep(span, self.limits.depth));
        }
        let id = self.push(span, NodeKind::Null)?;
        if let Some(slot) = self.anchor_slot(anchor) {
            *slot = Anchor::Open;
        }
        let bracketed = matches!(self.slice(span), "[" | "{");
        let extent = Extent::COLLECTION;
        self.stack.push(Frame { id, anchor, bracketed, children, extent, end: span.start });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), YamlError> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let Some(node) = self.nodes.get_mut(frame.id.0 as usize) else { return Ok(()) };
        // Without brackets, the end is reported where the next token begins.
        let end = if frame.bracketed { end.end } else { frame.end };
        node.span.end = end.max(node.span.start);
        node.kind = match frame.children {
            Children::Sequence(items) => NodeKind::Sequence(items),
            Children::Mapping { entries, .. } => NodeKind::Mapping(entries),
        };
        let span = node.span;
        self.close_anchor(frame.anchor, frame.id, frame.extent);
        self.attach(frame.id, span, frame.extent)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), YamlError> {
        let Some(Anchor::Closed(id, extent)) = self.anchors.get(anchor).copied() else {
            let message = format!("alias `{}` stands inside the node that it refers to", self.slice(span));
            return Err(YamlError::new(YamlErrorKind::RecursiveAlias, span, message));
        };
        if self.stack.len() as u64 + u64::from(extent.height) > u64::from(self.limits.depth) {
            return Err(YamlError::too_deep(span, self.limits.depth));
        }
        self.attach(id, span, extent)
    }

    fn anchor_slot(&mut self, anchor: usize) -> Option<&mut Anchor> {
        if anchor == 0 {
            return None;
        }
        if self.anchors.len() <= anchor {
            self.anchors.resize(anchor + 1, Anchor::Open);
        }
        self.anchors.get_mut(anchor)
    }

    fn close_anchor(&mut self, anchor: usize, id: NodeId, extent: Extent) {
        if let Some(slot) = self.anchor_slot(anchor) {
            *slot = Anchor::Closed(id, extent);
        }
    }

    /// Makes a complete node the next child of the innermost collection, or a document.
    fn attach(&mut self, id: NodeId, span: Span, extent: Extent) -> Result<(), YamlError> {
        let nodes = if let Some(frame) = self.stack.last_mut() {
            frame.extent.add_child(extent);
            frame.end = frame.end.max(span.end);
            match &mut frame.children {
                Children::Sequence(items) => items.push(id),
                Children::Mapping { entries, key } => match key.take() {
                    Some(key) => entries.push((key, id)),
                    None => *key = Some(id),
                },
            }
            self.finished_nodes.saturating_add(frame.extent.nodes)
        } else {
            self.documents.push(id);
            self.finished_nodes = self.finished_nodes.saturating_add(extent.nodes);
            self.finished_nodes
        };
        if nodes > self.limits.expanded {
            let message = format!("more than {} nodes when aliases are written out", self.limits.expanded);
            return Err(YamlError::new(YamlErrorKind::TooLarge, span, message));
        }
        Ok(())
    }
}

/// White space of YAML; other Unicode blanks are content.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// COMPAT(falco): yaml-cpp's nulls; with an explicit tag, the same texts are scalars.
fn is_null(value: &str) -> bool {
    matches!(value, "" | "~" | "null" | "Null" | "NULL")
}

fn scalar(value: Box<str>, style: ScalarStyle) -> NodeKind {
    NodeKind::Scalar(Scalar { value, style })
}

fn scalar_style(style: Style) -> ScalarStyle {
    match style {
        Style::Plain => ScalarStyle::Plain,
        Style::SingleQuoted => ScalarStyle::SingleQuoted,
        Style::DoubleQuoted => ScalarStyle::DoubleQuoted,
        Style::Literal => ScalarStyle::Literal,
        Style::Folded => ScalarStyle::Folded,
    }
}
