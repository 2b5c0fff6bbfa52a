//! What a loaded ruleset consists of, in the terms of `falco -L` with JSON output.

use super::compile::join_text;
use super::resolve::resolve;
use super::{Loader, Rule};
use crate::hir::events::event_codes;
use crate::hir::template::Piece;
use crate::rulefile::items::Entry;
use crate::schema::{EventCode, Schema};
use crate::syntax::ast::{Ast, NodeId, NodeKind};
use crate::syntax::{MAX_DEPTH, parse_condition, print};
use std::collections::BTreeSet;

/// The code of asynchronous events, which every rule gets.
const ASYNC_EVENT: u16 = 402;

/// A rule and everything that it refers to. Sets are sorted.
#[derive(Clone, Debug)]
pub struct RuleDescription {
    /// Condition as written, appended parts joined.
    pub condition: String,
    /// Condition with lists, macros and exceptions, in Falco's printed form.
    pub condition_compiled: Vec<u8>,
    /// Output as written.
    pub output: String,
    /// Output with what the configuration appends.
    pub output_compiled: String,
    /// Names of event types.
    pub events: BTreeSet<String>,
    /// Macros that the condition names itself.
    pub macros: BTreeSet<String>,
    /// Lists that the condition names itself.
    pub lists: BTreeSet<String>,
    /// Fields of the compiled condition.
    pub condition_fields: BTreeSet<String>,
    /// Operators of the compiled condition.
    pub condition_operators: BTreeSet<String>,
    /// Fields of the output, and formats of additional fields.
    pub output_fields: BTreeSet<String>,
    /// Exceptions.
    pub exception_names: BTreeSet<String>,
    /// Their fields.
    pub exception_fields: BTreeSet<String>,
    /// Their operators.
    pub exception_operators: BTreeSet<String>,
}

/// A macro.
#[derive(Clone, Debug)]
pub struct MacroDescription {
    /// Name.
    pub name: String,
    /// Condition as written.
    pub condition: String,
    /// Condition with lists and macros, in Falco's printed form.
    pub condition_compiled: Vec<u8>,
    /// Whether a rule or macro uses it.
    pub used: bool,
    /// Names of event types.
    pub events: BTreeSet<String>,
    /// Macros that the condition names itself.
    pub macros: BTreeSet<String>,
    /// Lists that the condition names itself.
    pub lists: BTreeSet<String>,
    /// Fields of the compiled condition.
    pub condition_fields: BTreeSet<String>,
    /// Operators of the compiled condition.
    pub condition_operators: BTreeSet<String>,
}

/// A list.
#[derive(Clone, Debug)]
pub struct ListDescription {
    /// Name.
    pub name: String,
    /// Items as written.
    pub items: Vec<String>,
    /// Items with those of other lists.
    pub items_compiled: Vec<String>,
    /// Whether a rule, macro or list uses it.
    pub used: bool,
}

impl Loader<'_> {
    /// Describes a rule of [`Loader::rules`].
    pub fn describe_rule(&self, rule: &Rule) -> Option<RuleDescription> {
        let info = self.collector.rules.get(&rule.name)?;
        let schema = self.options.schema(&rule.source)?;
        let condition = join_text(&info.condition);
        let (macros, lists) = self.named_in(&condition);
        let (condition_fields, condition_operators) = fields_and_operators(rule.ast());
        let mut output_fields: BTreeSet<String> = rule
            .template
            .pieces
            .iter()
            .filter_map(|p| match p {
                Piece::Field { name, .. } => Some(name.clone()),
                Piece::Call { text, .. } => Some(text.clone()),
                Piece::Text(_) => None,
            })
            .collect();
        output_fields.extend(rule.extra_fields.values().map(|f| f.format.clone()));
        let mut description = RuleDescription {
            condition,
            condition_compiled: print::falco(rule.ast()),
            output: join_text(&info.output).trim().to_owned(),
            output_compiled: rule.output.clone(),
            events: event_names(schema, rule.ast()),
            macros,
            lists,
            condition_fields,
            condition_operators,
            output_fields,
            exception_names: BTreeSet::new(),
            exception_fields: BTreeSet::new(),
            exception_operators: BTreeSet::new(),
        };
        for ex in &info.exceptions {
            description.exception_names.insert(ex.name.clone());
            let fields = collect(&ex.fields);
            let operators = match &ex.comps {
                Entry::None if matches!(ex.fields, Entry::Many(..)) => vec!["=".to_owned()],
                Entry::None => vec!["in".to_owned()],
                comps => collect(comps),
            };
            description.exception_fields.extend(fields);
            description.exception_operators.extend(operators);
        }
        Some(description)
    }

    /// The macros and lists that a condition's text names.
    fn named_in(&self, condition: &str) -> (BTreeSet<String>, BTreeSet<String>) {
        let own = parse_condition(condition, MAX_DEPTH).ast;
        let (mut macros, mut lists) = (BTreeSet::new(), BTreeSet::new());
        for node in own.nodes() {
            match &node.kind {
                NodeKind::Macro(name) if self.collector.macros.get(name).is_some() => {
                    macros.insert(name.to_string());
                }
                NodeKind::List(items) => {
                    let names = items.iter().map(|l| String::from_utf8_lossy(&l.bytes).into_owned());
                    lists.extend(names.filter(|n| self.collector.lists.get(n).is_some()));
                }
                _ => {}
            }
        }
        (macros, lists)
    }

    /// All macros in order of their first definition.
    pub fn describe_macros(&self) -> Vec<MacroDescription> {
        let Some(compiled) = &self.compiled else { return Vec::new() };
        let infos = &self.collector.macros.items;
        let all = compiled.macros.macros.iter().zip(infos).zip(&compiled.used_macros).enumerate();
        all.map(|(i, ((m, info), &used))| {
            let (resolved, _) = resolve(&m.parsed, &compiled.macros, Some(i), None);
            let events =
                self.options.schemas.first().map_or_else(BTreeSet::new, |s| event_names(s, &resolved.ast));
            let condition = join_text(&info.condition);
            let (macros, lists) = self.named_in(&condition);
            let (condition_fields, condition_operators) = fields_and_operators(&resolved.ast);
            MacroDescription {
                name: m.name.to_string(),
                condition,
                macros,
                lists,
                condition_fields,
                condition_operators,
                condition_compiled: print::falco(&resolved.ast),
                used,
                events,
            }
        })
        .collect()
    }

    /// All lists in order of their first definition.
    pub fn describe_lists(&self) -> Vec<ListDescription> {
        let Some(compiled) = &self.compiled else { return Vec::new() };
        let texts = |items: &[super::text::Text]| items.iter().map(|t| t.value.to_string()).collect();
        let all = compiled.lists.all.iter().zip(&self.collector.lists.items).zip(&compiled.used_lists);
        all.map(|((list, info), &used)| ListDescription {
            name: list.name.to_string(),
            items: texts(&info.items),
            items_compiled: texts(&list.items),
            used,
        })
        .collect()
    }
}

fn collect(entry: &Entry) -> Vec<String> {
    match entry {
        Entry::None => Vec::new(),
        Entry::One(text) => vec![text.value.to_string()],
        Entry::Many(entries, _) => entries.iter().flat_map(collect).collect(),
    }
}

/// Names of the event types of a condition, and of asynchronous events, which every rule gets.
pub(crate) fn event_names(schema: &Schema, ast: &Ast) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Ok(codes) = event_codes(schema, ast) {
        let (generic, own): (Vec<_>, Vec<_>) =
            codes.iter().filter_map(|c| schema.event(EventCode(c))).partition(|e| schema.is_generic(e.code));
        names.extend(own.iter().map(|e| e.name.to_string()));
        if !generic.is_empty() {
            names.extend(schema.generic_syscalls().map(|sc| sc.name.to_string()));
        }
    }
    names.extend(schema.event(EventCode(ASYNC_EVENT)).map(|e| e.name.to_string()));
    names
}

fn fields_and_operators(ast: &Ast) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut fields, mut operators) = (BTreeSet::new(), BTreeSet::new());
    for (i, node) in ast.nodes().iter().enumerate() {
        match &node.kind {
            NodeKind::Field { .. } => {
                let text = print::falco_node(ast, NodeId(i as u32));
                fields.insert(String::from_utf8_lossy(&text).into_owned());
            }
            NodeKind::Check { op, modifier, .. } => {
                operators.insert(match modifier {
                    Some(modifier) => format!("{} {}", op.as_str(), modifier.as_str()),
                    None => op.as_str().to_owned(),
                });
            }
            _ => {}
        }
    }
    (fields, operators)
}
