//! `peregrine list fields`.

use super::layout::{Columns, Table, Width, code, escape};
use super::{Extent, Filter, Format, write_json};
use crate::fields;
use peregrine_compiler::schema::{ArgKind, ArgSpec, FieldDef, FieldFlags, Multi, PrintFormat, Scope, Type};
use serde_json::{Value, json};
use std::io::{self, Write};

/// The fields that were asked for, in lookup order.
#[derive(Debug)]
pub(super) struct List {
    fields: Vec<FieldDef>,
}

impl List {
    pub(super) fn new(filter: &Filter, extent: Extent) -> Self {
        let mut fields = fields::syscall_fields();
        fields.retain(|f| {
            (extent == Extent::All || is_current(f)) && filter.accepts(&[&f.name, &f.class, &f.doc])
        });
        Self { fields }
    }

    /// As Falco lists them: neither hidden nor deprecated nor print-only ones.
    pub(super) fn for_falco(static_keys: &[impl AsRef<str>]) -> Self {
        let mut fields = fields::syscall_fields();
        fields.extend(static_keys.iter().map(|key| fields::static_field(key.as_ref())));
        fields.retain(|f| is_current(f) && !f.flags.contains(FieldFlags::PRINT_ONLY));
        Self { fields }
    }

    /// One name a line.
    pub(super) fn write_names(&self, out: &mut dyn Write) -> io::Result<()> {
        self.fields.iter().try_for_each(|f| writeln!(out, "{}", f.name))
    }

    pub(super) fn write(&self, format: Format, width: Width, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Text => self.write_text(width, out),
            Format::Markdown => self.write_markdown(out),
            Format::Json => {
                write_json(&json!({ "fields": self.fields.iter().map(to_json).collect::<Vec<_>>() }), out)
            }
        }
    }

    fn classes(&self) -> impl Iterator<Item = &[FieldDef]> {
        self.fields.chunk_by(|a, b| a.class == b.class)
    }

    fn write_text(&self, width: Width, out: &mut dyn Write) -> io::Result<()> {
        for (nr, class) in self.classes().enumerate() {
            if nr > 0 {
                writeln!(out)?;
            }
            writeln!(out, "{}\n", class.first().map_or("", |f| &f.class))?;
            let mut columns = Columns::default();
            for field in class {
                columns.push(&[&field.name, &type_name(field)], description(field));
            }
            columns.write(width, out)?;
        }
        Ok(())
    }

    fn write_markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        for class in self.classes() {
            let heading = class.first().map_or("", |f| &f.class);
            let mut table = Table::new(heading, &["Field", "Type", "Argument", "Description"]);
            for field in class {
                let mut doc = escape(&field.doc);
                for note in notes(field) {
                    doc.extend([" *", note, "*"]);
                }
                table.push(vec![code(&field.name), code(&type_name(field)), argument(field.arg), doc]);
            }
            table.write(out)?;
        }
        Ok(())
    }
}

fn is_current(field: &FieldDef) -> bool {
    !field.flags.contains(FieldFlags::TABLE_ONLY) && !field.flags.contains(FieldFlags::DEPRECATED)
}

fn type_name(field: &FieldDef) -> String {
    let name = if field.ty == Type::Dyn { "as parameter" } else { field.ty.name() };
    if field.list { format!("LIST({name})") } else { name.to_owned() }
}

fn description(field: &FieldDef) -> String {
    let mut text = field.doc.to_string();
    let argument = argument(field.arg);
    if !argument.is_empty() {
        text.extend([" Argument: ", &argument, "."]);
    }
    for note in notes(field) {
        text.extend([" (", note, ")"]);
    }
    text
}

/// What is special about the use of a field.
fn notes(field: &FieldDef) -> Vec<&'static str> {
    let mut notes = Vec::new();
    for (flag, note) in [
        (FieldFlags::FILTER_ONLY, "conditions only"),
        (FieldFlags::PRINT_ONLY, "outputs only"),
        (FieldFlags::TABLE_ONLY, "hidden"),
        (FieldFlags::DEPRECATED, "deprecated"),
    ] {
        if field.flags.contains(flag) {
            notes.push(note);
        }
    }
    notes
}

fn argument(arg: ArgSpec) -> String {
    match arg {
        ArgSpec::None => String::new(),
        ArgSpec::Optional(ArgKind::PathSide) => "optional .src or .dst".to_owned(),
        ArgSpec::Optional(kind) => format!("optional {}", kind_phrase(kind)),
        ArgSpec::Required(kind) => kind_phrase(kind).to_owned(),
    }
}

fn kind_phrase(kind: ArgKind) -> &'static str {
    match kind {
        ArgKind::Index => "[number]",
        ArgKind::Key => "[name]",
        ArgKind::IndexOrKey => "[number] or [name]",
        ArgKind::Param => "[number] or .parameter",
        ArgKind::ParamName => ".parameter",
        ArgKind::EventName => ".event",
        ArgKind::PathSide => "nothing, .src or .dst",
        ArgKind::Subsystem => ".subsystem",
        ArgKind::Time => "[nanoseconds]",
    }
}

fn kind_name(kind: ArgKind) -> &'static str {
    match kind {
        ArgKind::Index => "index",
        ArgKind::Key => "key",
        ArgKind::IndexOrKey => "index_or_key",
        ArgKind::Param => "param",
        ArgKind::ParamName => "param_name",
        ArgKind::EventName => "event_name",
        ArgKind::PathSide => "path_side",
        ArgKind::Subsystem => "subsystem",
        ArgKind::Time => "time",
    }
}

fn to_json(field: &FieldDef) -> Value {
    let argument = match field.arg {
        ArgSpec::None => Value::Null,
        ArgSpec::Optional(kind) => json!({ "kind": kind_name(kind), "required": false }),
        ArgSpec::Required(kind) => json!({ "kind": kind_name(kind), "required": true }),
    };
    json!({
        "name": field.name,
        "class": field.class,
        "type": field.ty.name(),
        "list": field.list,
        "argument": argument,
        "flags": flag_names(field.flags),
        "print_format": print_format_name(field.print),
        "values": match field.multi {
            Multi::No => "one",
            Multi::AnyAncestor => "any_ancestor",
            Multi::EitherEnd => "either_end",
        },
        "scope": match field.scope {
            Scope::Ruleset => "ruleset",
            Scope::Container => "container",
            Scope::Process => "process",
            Scope::Fd => "fd",
            Scope::Event => "event",
        },
        "cost": field.cost,
        "description": field.doc,
    })
}

fn flag_names(flags: FieldFlags) -> Vec<&'static str> {
    [
        (FieldFlags::FILTER_ONLY, "filter_only"),
        (FieldFlags::PRINT_ONLY, "print_only"),
        (FieldFlags::TABLE_ONLY, "table_only"),
        (FieldFlags::DEPRECATED, "deprecated"),
        (FieldFlags::NO_TRANSFORMER, "no_transformer"),
        (FieldFlags::NO_RHS, "no_rhs"),
        (FieldFlags::FORMAT_SUGGESTED, "format_suggested"),
        (FieldFlags::NO_PTR_STABILITY, "no_ptr_stability"),
    ]
    .into_iter()
    .filter(|(flag, _)| flags.contains(*flag))
    .map(|(_, name)| name)
    .collect()
}

pub(super) fn print_format_name(print: PrintFormat) -> &'static str {
    match print {
        PrintFormat::Na => "na",
        PrintFormat::Dec => "dec",
        PrintFormat::Hex => "hex",
        PrintFormat::PaddedDec10 => "padded_dec_10",
        PrintFormat::Id => "id",
        PrintFormat::Dir => "dir",
        PrintFormat::Oct => "oct",
    }
}
