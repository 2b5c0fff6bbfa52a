//! Blocks as text.

use super::condition::{Condition, Conditions};
use super::document::{Block, Content, Entry, Item};
use super::gap::{self, KEYS};
use super::layout::{self, Break};
use super::list;
use super::text::{Inside, LineKind, Text, indentation, is_blank};
use crate::itemschema;
use crate::yaml::{NodeKind, ScalarStyle};
use std::ops::Range;

/// Column of the lines of a folded condition.
const FOLDED: usize = KEYS + 2;

/// The text of all blocks and of what stands between them.
pub(super) fn render(text: &Text<'_>, conditions: &Conditions, blocks: &[Block], width: usize) -> String {
    let mut writer = Writer { text, conditions, width, out: Vec::new() };
    let mut before: Option<&Block> = None;
    let mut next = 0;
    for block in blocks {
        writer.out.extend(gap::lines(text, before, next..block.lines.start, Some(block)));
        match &block.content {
            Content::Item(item) => writer.item(item, block),
            _ => writer.out.extend(block.lines.clone().map(|line| text.line(line).to_owned())),
        }
        next = block.lines.end;
        before = Some(block);
    }
    writer.out.extend(gap::lines(text, before, next..text.line_count(), None));
    let mut out = writer.out.join("\n");
    if !out.is_empty() && (text.source.ends_with('\n') || writer.may_end_line(before)) {
        out.push('\n');
    }
    out
}

struct Writer<'a> {
    text: &'a Text<'a>,
    conditions: &'a Conditions,
    width: usize,
    out: Vec<String>,
}

impl Writer<'_> {
    /// COMPAT(falco): a line break at the end of the text would be one more character of a block scalar.
    fn may_end_line(&self, last: Option<&Block>) -> bool {
        let line = self.text.line_count().saturating_sub(1);
        let Some(block) = last.filter(|_| matches!(self.text.inside(line), Inside::Block(_))) else {
            return true;
        };
        let Content::Item(item) = &block.content else { return false };
        item.entries.last().is_some_and(|entry| self.conditions.get(entry.value).is_some())
    }

    fn item(&mut self, item: &Item, block: &Block) {
        let mut entries = Vec::with_capacity(item.entries.len());
        let mut previous: Option<&Entry> = None;
        for entry in &item.entries {
            let gap = previous.map_or(entry.lines.start, |p| p.lines.end)..entry.lines.start;
            let leading = self.leading(item, block, gap.clone());
            let mut lines = self.entry(item, entry);
            // Blanks at the end of a block scalar with an indicator may be content, or not.
            while !block.keeps_blanks && lines.last().is_some_and(String::is_empty) {
                lines.pop();
            }
            entries.push((leading, lines, self.movable(item, gap)));
            previous = Some(entry);
        }
        let movable: Vec<Movable> = entries.iter().map(|(_, _, movable)| *movable).collect();
        let order = self.order(item, block, &movable);
        for (i, entry) in order.into_iter().filter_map(|i| entries.get(i)).enumerate() {
            let (leading, lines, _) = entry;
            self.out.extend(leading.iter().cloned());
            let mut lines = lines.iter();
            if let Some(first) = lines.next() {
                self.out.push(format!("{}{first}", if i == 0 { "- " } else { "  " }));
            }
            self.out.extend(lines.cloned());
        }
    }

    /// Comments before a key, with at most one blank line at a time.
    fn leading(&self, item: &Item, block: &Block, lines: Range<usize>) -> Vec<String> {
        let mut leading: Vec<String> = Vec::new();
        for line in lines {
            let text = self.text.line(line).trim_end_matches(is_blank);
            let column = (indentation(text) + KEYS).saturating_sub(item.column).min(KEYS);
            let content = text.trim_start_matches(is_blank);
            let blank = content.is_empty() && !block.keeps_blanks;
            if !blank || leading.last().is_none_or(|before| !before.is_empty()) {
                leading.push(if content.is_empty() {
                    String::new()
                } else {
                    format!("{:column$}{content}", "")
                });
            }
        }
        leading
    }

    /// Whether the lines before a key clearly belong to it.
    fn movable(&self, item: &Item, lines: Range<usize>) -> Movable {
        if lines.is_empty() {
            return Movable::Alone;
        }
        let mut comment = false;
        for line in lines {
            match self.text.kind(line) {
                LineKind::Blank if !comment => {}
                LineKind::Comment if indentation(self.text.line(line)) >= item.column => comment = true,
                _ => return Movable::No,
            }
        }
        Movable::WithLines
    }

    /// The entries in canonical order, if they can be moved.
    fn order(&self, item: &Item, block: &Block, movable: &[Movable]) -> Vec<usize> {
        let yaml = self.text.yaml;
        let written: Vec<usize> = (0..item.entries.len()).collect();
        let names: Vec<&str> = item.entries.iter().filter_map(|e| yaml.as_str(e.key)).collect();
        let Some(kind) = itemschema::items().iter().find(|kind| names.contains(&kind.kind())) else {
            return written;
        };
        // Unknown keys stand before `append` and `override`.
        let place = |name: &str| kind.keys().iter().position(|key| key.name == name);
        let unknown = place("append").unwrap_or(kind.keys().len());
        let rank = |i: &usize| match place(names.get(*i).copied().unwrap_or("")) {
            Some(place) => (place, 1),
            None => (unknown, 0),
        };
        let mut order = written.clone();
        order.sort_by_key(rank);
        let first_alone = order.first().and_then(|&i| movable.get(i)) == Some(&Movable::Alone);
        let mut sorted_names = names;
        sorted_names.sort_unstable();
        let repeated = sorted_names.windows(2).any(|pair| pair.first() == pair.get(1));
        if first_alone && !repeated && self.end_is_movable(item, block) && !movable.contains(&Movable::No) {
            order
        } else {
            written
        }
    }

    /// Whether another key can become the last one of an item.
    fn end_is_movable(&self, item: &Item, block: &Block) -> bool {
        let end = block.lines.end;
        let in_file = end < self.text.line_count();
        let comment = in_file
            && self.text.kind(end) == LineKind::Comment
            && indentation(self.text.line(end)) > item.dash;
        let unfinished = !in_file
            && !self.text.source.ends_with('\n')
            && self.text.inside(end.saturating_sub(1)) != Inside::Nothing;
        !(comment || unfinished || block.keeps_blanks || self.has_alias(item))
    }

    /// Whether an item has values that are written elsewhere, or that may be referred to.
    fn has_alias(&self, item: &Item) -> bool {
        let yaml = self.text.yaml;
        item.entries.iter().any(|entry| {
            let key_end = yaml.node(entry.key).span.end;
            let value = yaml.node(entry.value).span;
            let first = self.text.rest_of_line(key_end as usize).trim_start_matches(':').trim_start();
            value.start < key_end || first.starts_with(['&', '*'])
        }) || self.nested_alias(item)
    }

    fn nested_alias(&self, item: &Item) -> bool {
        // Ids ascend in source order, except those of aliases.
        let yaml = self.text.yaml;
        let mut pending = vec![item.node];
        while let Some(id) = pending.pop() {
            let children: Vec<_> = match &yaml.node(id).kind {
                NodeKind::Sequence(items) => items.clone(),
                NodeKind::Mapping(entries) => entries.iter().flat_map(|&(k, v)| [k, v]).collect(),
                _ => continue,
            };
            let mut before = id;
            for child in children {
                if child <= before {
                    return true;
                }
                before = child;
                pending.push(child);
            }
        }
        false
    }

    /// The lines of an entry; the first one without its indentation.
    fn entry(&self, item: &Item, entry: &Entry) -> Vec<String> {
        let rewritten = match self.conditions.get(entry.value) {
            Some(condition) => self.condition(entry, condition),
            None => self.list(entry),
        };
        rewritten.unwrap_or_else(|| self.verbatim(item, entry))
    }

    /// What stands between a key and its value, from the colon on; none for an alias.
    fn between(&self, entry: &Entry) -> Option<&str> {
        let yaml = self.text.yaml;
        let (from, to) = (yaml.node(entry.key).span.end as usize, yaml.node(entry.value).span.start as usize);
        Some(self.text.source.get(from..to)?.trim_start_matches(is_blank))
    }

    /// A comment behind a value, as it is to be added to a line. None if there is something else, or
    /// if the value does not end the entry.
    fn trailing(&self, entry: &Entry) -> Option<String> {
        let end = self.text.yaml.node(entry.value).span.end as usize;
        let rest = self.text.rest_of_line(end);
        if self.text.line_of(end) + 1 != entry.lines.end {
            return None;
        }
        match rest {
            "" => Some(String::new()),
            _ => rest.starts_with('#').then(|| format!(" {rest}")),
        }
    }

    fn condition(&self, entry: &Entry, condition: &Condition) -> Option<Vec<String>> {
        let yaml = self.text.yaml;
        let NodeKind::Scalar(scalar) = &yaml.node(entry.value).kind else { return None };
        let key = self.text.slice(entry.key);
        let between = self.between(entry)?;
        let tokens = layout::tokens(&scalar.value, condition);
        let (head, breaks) = match scalar.style {
            ScalarStyle::Plain => {
                if between.trim_end() != ":" {
                    return None;
                }
                let comment = self.trailing(entry)?;
                let line = format!("{key}: {}", layout::flat(&tokens));
                if KEYS + line.chars().count() <= self.width {
                    return Some(vec![line + &comment]);
                }
                (format!("{key}: >{comment}"), Break::Always)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let header = between.split('\n').next()?.strip_prefix(':')?.trim_matches(is_blank);
                let indicators = header.split(is_blank).next()?;
                let comment = header.strip_prefix(indicators)?.trim_matches(is_blank);
                let known = [">", ">-", "|", "|-"].contains(&indicators);
                if !known || !(comment.is_empty() || comment.starts_with('#')) {
                    return None;
                }
                self.trailing(entry).filter(String::is_empty)?;
                let blank = if comment.is_empty() { "" } else { " " };
                let broken = self.text.slice(entry.value).contains('\n');
                let breaks = if broken { Break::Always } else { Break::WhenLong };
                (format!("{key}: {indicators}{blank}{comment}"), breaks)
            }
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => return None,
        };
        let mut lines = vec![head];
        lines.extend(layout::lines(&tokens, FOLDED, self.width, breaks));
        Some(lines)
    }

    fn list(&self, entry: &Entry) -> Option<Vec<String>> {
        let key = self.text.slice(entry.key);
        if !matches!(self.text.yaml.as_str(entry.key), Some("items" | "tags"))
            || self.between(entry)?.trim_end() != ":"
        {
            return None;
        }
        let elements = list::elements(self.text, entry.value)?;
        let comment = self.trailing(entry)?;
        let mut lines = list::lines(&format!("{key}: "), &elements, KEYS, self.width);
        lines.last_mut()?.push_str(&comment);
        Some(lines)
    }

    /// The lines of an entry as they are, moved to the column of keys.
    fn verbatim(&self, item: &Item, entry: &Entry) -> Vec<String> {
        let left = item.column - KEYS.min(item.column);
        let mut lines = Vec::with_capacity(entry.lines.len());
        for line in entry.lines.clone() {
            let raw = self.text.line(line);
            let text = match self.text.inside(line) {
                Inside::Nothing => raw.trim_end_matches(is_blank),
                Inside::Block(column) if raw.len() <= column && raw.trim_matches(is_blank).is_empty() => "",
                Inside::Quoted | Inside::Block(_) => raw,
            };
            if line == entry.lines.start {
                lines.push(self.first_line(entry, text.get(item.column..).unwrap_or(text)));
            } else {
                lines.push(text.get(left.min(indentation(text))..).unwrap_or(text).to_owned());
            }
        }
        lines
    }

    /// A line from its key on, with one blank behind the colon.
    fn first_line(&self, entry: &Entry, line: &str) -> String {
        let key = self.text.slice(entry.key);
        let value = line.strip_prefix(key).map(|rest| rest.trim_start_matches(is_blank));
        match value.and_then(|rest| rest.strip_prefix(':')) {
            Some("") => format!("{key}:"),
            Some(rest) => match rest.trim_start_matches(is_blank) {
                comment if comment.starts_with('#') => line.to_owned(),
                value => format!("{key}: {value}"),
            },
            None => line.to_owned(),
        }
    }
}

/// Whether an entry can change places.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Movable {
    /// Nothing stands before its key.
    Alone,
    /// With the blank lines and comments before its key.
    WithLines,
    No,
}
