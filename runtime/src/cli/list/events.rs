//! `peregrine list events`.

use super::fields::print_format_name;
use super::layout::{Columns, Table, Width, code, escape, write_paragraph};
use super::{Extent, Filter, Format, write_json};
use crate::event::syscalls::SYSCALLS;
use crate::event::{Category, EVENTS, EventInfo, Extra, ParamInfo};
use serde_json::{Value, json};
use std::io::{self, Write};

/// The event types that were asked for, and the system calls that have none of their own.
#[derive(Debug)]
pub(super) struct List {
    events: Vec<&'static EventInfo>,
    generic: Vec<&'static str>,
}

/// Keeps a parameter and its type on one line.
const NAME_AND_TYPE: &str = ":\u{a0}";
const GENERIC_HEADING: &str = "without parameters of their own";
const GENERIC_TEXT: &str =
    "These system calls have a name in evt.type, and no parameters but ID and nativeID:";

impl List {
    pub(super) fn new(filter: &Filter, extent: Extent) -> Self {
        let mut events: Vec<_> = EVENTS
            .iter()
            .filter(|e| extent == Extent::All || is_current(e))
            .filter(|e| filter.accepts(&[e.name, e.ident, heading(e.category), &parameters(e)]))
            .collect();
        events.sort_by_key(|e| e.category); // stable: by code within a category
        let mut generic: Vec<_> = SYSCALLS
            .iter()
            .filter(|(name, events)| events.is_empty() && !["unknown", "na_1"].contains(name))
            .map(|(name, _)| *name)
            .filter(|name| filter.accepts(&[name]))
            .collect();
        generic.sort_unstable();
        Self { events, generic }
    }

    pub(super) fn write(&self, format: Format, width: Width, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Text => self.write_text(width, out),
            Format::Markdown => self.write_markdown(out),
            Format::Json => {
                let events: Vec<_> = self.events.iter().map(|e| to_json(e)).collect();
                write_json(&json!({ "events": events, "generic": self.generic }), out)
            }
        }
    }

    fn categories(&self) -> impl Iterator<Item = (Category, &[&'static EventInfo])> {
        let groups = self.events.chunk_by(|a, b| a.category == b.category);
        groups.filter_map(|group| group.first().map(|e| (e.category, group)))
    }

    fn write_text(&self, width: Width, out: &mut dyn Write) -> io::Result<()> {
        let mut separator = "";
        for (category, events) in self.categories() {
            writeln!(out, "{separator}{}\n", heading(category))?;
            separator = "\n";
            let mut columns = Columns::default();
            for event in events {
                columns.push(&[&label(event)], parameters(event).replace(": ", NAME_AND_TYPE));
            }
            columns.write(width, out)?;
        }
        if !self.generic.is_empty() {
            writeln!(out, "{separator}{GENERIC_HEADING}\n")?;
            write_paragraph(GENERIC_TEXT, 2, width, out)?;
            write_paragraph(&self.generic.join(", "), 2, width, out)?;
        }
        Ok(())
    }

    fn write_markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        for (category, events) in self.categories() {
            let mut table = Table::new(heading(category), &["Event", "Parameters"]);
            for event in events {
                table.push(vec![code(&label(event)), escape(&parameters(event))]);
            }
            table.write(out)?;
        }
        if !self.generic.is_empty() {
            let names: Vec<_> = self.generic.iter().map(|name| code(name)).collect();
            writeln!(out, "## {GENERIC_HEADING}\n\n{GENERIC_TEXT} {}", names.join(", "))?;
        }
        Ok(())
    }
}

/// Whether rules see events of this type.
fn is_current(event: &EventInfo) -> bool {
    !event.is_old() && !event.is_unused() && !event.is_syscall_enter()
}

fn heading(category: Category) -> &'static str {
    match category {
        Category::File => "files",
        Category::IoRead => "reading",
        Category::IoWrite => "writing",
        Category::IoOther => "file descriptors",
        Category::Net => "network",
        Category::Ipc => "inter-process communication",
        Category::Process => "processes",
        Category::Memory => "memory",
        Category::Signal => "signals",
        Category::User => "users, groups, capabilities",
        Category::Time => "time",
        Category::Sleep => "sleeping",
        Category::Wait => "waiting",
        Category::System => "system",
        Category::Scheduler => "scheduler",
        Category::Other => "other",
        Category::Internal => "internal",
        Category::Unknown => "unused",
    }
}

/// The name; for types that rules never see with code and direction, as names are not unique there.
fn label(event: &EventInfo) -> String {
    if is_current(event) {
        return event.name.to_owned();
    }
    let old = if event.is_old() { " old" } else { "" };
    format!("{} ({} {}{old})", event.name, event.direction().symbol(), event.code.0)
}

fn parameters(event: &EventInfo) -> String {
    let list: Vec<_> = event.params.iter().map(|p| format!("{}: {}", p.name, p.ty.name())).collect();
    if list.is_empty() { "no parameters".to_owned() } else { list.join(", ") }
}

fn to_json(event: &EventInfo) -> Value {
    json!({
        "code": event.code.0,
        "ident": event.ident,
        "name": event.name,
        "direction": event.direction().symbol(),
        "category": event.category.ident(),
        "origin": event.origin.ident(),
        "flags": event.flags.idents().collect::<Vec<_>>(),
        "old_version": event.is_old(),
        "delivered": !event.is_unused() && !event.is_syscall_enter(),
        "params": event.params.iter().map(param_to_json).collect::<Vec<_>>(),
    })
}

fn param_to_json(param: &ParamInfo) -> Value {
    let mut value = json!({
        "name": param.name,
        "type": param.ty.name(),
        "print_format": print_format_name(param.print),
    });
    let (key, extra) = match param.extra {
        Extra::None => return value,
        Extra::Flags(table) => ("values", table.entries.iter().map(|(n, v)| json!([n, v])).collect()),
        Extra::DirFd(index) => ("relative_to_param", json!(index)),
        Extra::Dynamic(table) => ("types", table.variants.iter().map(|(ty, _)| json!(ty.name())).collect()),
    };
    if let Value::Object(object) = &mut value {
        object.insert(key.to_owned(), extra);
    }
    value
}
