//! Lists in brackets.

use super::text::{Text, is_blank};
use crate::yaml::{NodeId, NodeKind};

/// The elements of a list in brackets as they are written. None if it has anything else than scalars
/// on one line each: comments, anchors, further lists.
pub(super) fn elements<'a>(text: &Text<'a>, list: NodeId) -> Option<Vec<&'a str>> {
    let yaml = text.yaml;
    let NodeKind::Sequence(ids) = &yaml.node(list).kind else { return None };
    let span = yaml.node(list).span;
    let inner = text.slice(list).strip_prefix('[')?.strip_suffix(']')?;
    let mut at = span.start as usize + 1;
    let end = at + inner.len();
    let mut elements = Vec::with_capacity(ids.len());
    for &id in ids {
        let node = yaml.node(id);
        let raw = text.slice(id);
        let scalar = matches!(node.kind, NodeKind::Null | NodeKind::Scalar(_));
        if !scalar || raw.is_empty() || raw.contains('\n') {
            return None;
        }
        let separator = text.source.get(at..node.span.start as usize)?;
        if trim(separator) != if elements.is_empty() { "" } else { "," } {
            return None;
        }
        elements.push(raw);
        at = node.span.end as usize;
    }
    // A comma may stand behind the last element.
    let rest = trim(text.source.get(at..end)?);
    (rest.is_empty() || rest == "," && !elements.is_empty()).then_some(elements)
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c| is_blank(c) || c == '\n')
}

/// `head[a, b]`, on lines of `width` columns; elements of further lines stand below the first one.
/// The first line begins at column `indent`, without blanks.
pub(super) fn lines(head: &str, elements: &[&str], indent: usize, width: usize) -> Vec<String> {
    let column = indent + head.chars().count() + 1;
    let mut lines = Vec::new();
    let mut line = format!("{head}[");
    let mut used = column;
    for (i, element) in elements.iter().enumerate() {
        let last = i + 1 == elements.len();
        // With the comma or bracket behind it.
        let len = element.chars().count() + 1;
        if i > 0 {
            if used + 1 + len <= width {
                line.push(' ');
                used += 1;
            } else {
                lines.push(std::mem::replace(&mut line, " ".repeat(column)));
                used = column;
            }
        }
        line.push_str(element);
        used += len;
        if !last {
            line.push(',');
        }
    }
    line.push(']');
    lines.push(line);
    lines
}
