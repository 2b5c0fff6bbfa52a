//! Lists: values that stand twice in one list (W0718), and items that name a list but stay a plain
//! text (W0716).

use super::super::Loader;
use super::super::collector::Collector;
use super::super::compile::Compiled;
use super::super::expand::Lists;
use super::super::text::{Files, Origin};
use super::logic::literals;
use super::{Linted, shown};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{Literal, NodeKind};
use std::collections::HashMap;

/// Definitions of lists, each as it is written: what an append repeats is not counted.
pub(super) fn duplicates_in_lists(loader: &Loader<'_>, out: &mut Vec<Diagnostic>) {
    for yaml in loader.yamls.iter().flatten() {
        let items = yaml.documents().iter().flat_map(|&d| yaml.items(d));
        for &item in items.filter(|&&item| yaml.get(item, "list").is_some()) {
            let Some(values) = yaml.get(item, "items") else { continue };
            let values = yaml.items(values).iter();
            repeated(values.filter_map(|&v| Some((yaml.as_str(v)?.as_bytes(), yaml.node(v).span))), out);
        }
    }
}

/// Lists that are written in macros.
pub(super) fn duplicates_in_macros(compiled: &Compiled, files: Files<'_>, out: &mut Vec<Diagnostic>) {
    for definition in compiled.macros.macros.iter().filter(|m| !m.broken) {
        for node in definition.parsed.ast.nodes() {
            if let NodeKind::List(items) = &node.kind {
                let place = |l: &Literal| match definition.text.origin_at(l.range.start)? {
                    Origin::Scalar { .. } => definition.text.locate(l.range, &files).map(|l| l.span),
                    _ => None,
                };
                repeated(items.iter().filter_map(|l| Some((&*l.bytes, place(l)?))), out);
            }
        }
    }
}

/// Reports values that were met before in the same file.
fn repeated<'v>(values: impl Iterator<Item = (&'v [u8], Span)>, out: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&[u8], Span, foldhash::fast::FixedState> = HashMap::default();
    for (value, span) in values {
        let Some(first) = seen.get(value).filter(|first| first.file == span.file) else {
            seen.insert(value, span);
            continue;
        };
        let message = format!("`{}` stands twice in this list", shown(&String::from_utf8_lossy(value)));
        let diagnostic = Diagnostic::new(Code::DuplicateItem, span, message).also(*first, "first here");
        out.push(diagnostic.help("remove one of the two"));
    }
}

/// Lists in a rule's own text, and items of lists that are used in it.
pub(super) fn lint(rule: &Linted<'_>, lists: &Lists, collector: &Collector, out: &mut Vec<Diagnostic>) {
    let ast = &rule.tree().ast;
    for (i, node) in ast.nodes().iter().enumerate() {
        let id = crate::syntax::ast::NodeId(i as u32);
        let Some(items) = literals(ast, id) else { continue };
        if matches!(node.kind, NodeKind::List(_)) {
            let place = |l: &Literal| match rule.origin(id, l.range.start)? {
                Origin::Scalar { .. } => rule.locate(id, l.range).map(|l| l.span),
                _ => None,
            };
            repeated(items.iter().filter_map(|l| Some((&*l.bytes, place(l)?))), out);
        }
        for literal in items {
            let Some(Origin::Item { text, offset: 0, .. }) = rule.origin(id, literal.range.start) else {
                continue;
            };
            if text.value.as_bytes() != &*literal.bytes || lists.index_of(&text.value).is_none() {
                continue;
            }
            let Some(located) = rule.locate(id, literal.range) else { continue };
            let message = format!("`{}` is the name of a list, but stays a plain text here", text.value);
            let mut diagnostic = Diagnostic::new(Code::UnexpandedList, located.span, message).help(
                "lists are expanded one level deep: name the list in the condition, or write its items",
            );
            if let Some((list, used_at)) = located.list {
                diagnostic = diagnostic.also(used_at, format!("list `{list}` is substituted here"));
            }
            if let Some(list) = collector.lists.get(&text.value) {
                diagnostic = diagnostic.also(list.name_span, "the list is defined here");
            }
            out.push(diagnostic);
        }
    }
}
