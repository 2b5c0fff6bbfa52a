//! `peregrine list operators` and `peregrine list transformers`: what they mean, in a few words.
//!
//! The compiler knows how they work; this says it to people. A test keeps the names in step with the examples.

use super::layout::{Columns, Table, Width, code, escape};
use super::{Filter, Format, write_json};
use serde_json::json;
use std::io::{self, Write};

/// A group of entries with a heading, in reading order.
type Group = (&'static str, &'static [Entry]);

/// One operator or transformer.
#[derive(Debug)]
struct Entry {
    name: &'static str,
    /// Types that it applies to.
    types: &'static str,
    meaning: &'static str,
    example: &'static str,
}

const fn e(name: &'static str, types: &'static str, meaning: &'static str, example: &'static str) -> Entry {
    Entry { name, types, meaning, example }
}

const ANY: &str = "any type";
const SCALAR: &str = "any type but lists";
const TEXT: &str = "text, paths";
const BYTES: &str = "text, paths, buffers";

const OPERATORS: &[Group] = &[
    (
        "boolean",
        &[
            e("and", "checks", "Both are true. Binds tighter than or.", "evt.type = open and fd.num >= 0"),
            e("or", "checks", "At least one is true.", "proc.name = cat or proc.name = less"),
            e(
                "not",
                "checks",
                "The check or bracket after it is false. Binds tightest. True also if the check is false \
                 for want of a value.",
                "not proc.name in (sshd, systemd)",
            ),
        ],
    ),
    (
        "comparison",
        &[
            e("=", SCALAR, "Equal. == is the same.", "proc.name = bash"),
            e("!=", SCALAR, "Not equal; false if there is no value.", "fd.name != /dev/null"),
            e("<", "numbers, text", "Less than.", "evt.rawres < 0"),
            e("<=", "numbers, text", "Less than or equal.", "proc.vpid <= 1"),
            e(">", "numbers, text", "Greater than. Text is compared as text.", "fd.sport > 1023"),
            e(">=", "numbers, text", "Greater than or equal.", "evt.rawres >= 0"),
            e("exists", ANY, "The field has a value for this event.", "container.image.digest exists"),
        ],
    ),
    (
        "text",
        &[
            e("contains", BYTES, "The text occurs in the value.", "proc.cmdline contains base64"),
            e(
                "icontains",
                TEXT,
                "As contains, upper and lower case being the same.",
                "fd.name icontains passw",
            ),
            e("startswith", BYTES, "The value begins with the text.", "fd.name startswith /etc/"),
            e("endswith", BYTES, "The value ends with the text.", "fd.name endswith .so"),
            e(
                "glob",
                TEXT,
                "The whole value fits a pattern: * any text, / included; ? one character; [abc] one of these.",
                "fd.name glob '/home/*/.ssh/*'",
            ),
            e("iglob", TEXT, "As glob, upper and lower case being the same.", "proc.name iglob 'xmr*'"),
            e(
                "regex",
                TEXT,
                "The whole value fits a regular expression: add .* at both ends to search.",
                "fd.name regex '/proc/[0-9]+/mem'",
            ),
            e(
                "bcontains",
                "buffers",
                "The bytes, given in hexadecimal, occur in the value.",
                "evt.buffer bcontains cafebabe",
            ),
            e(
                "bstartswith",
                "buffers",
                "The value begins with the bytes, given in hexadecimal.",
                "evt.buffer bstartswith 7f454c46",
            ),
        ],
    ),
    (
        "list",
        &[
            e(
                "in",
                ANY,
                "The value is one of the list. For list fields: all their items are, so an empty one always is.",
                "proc.name in (bash, sh, zsh)",
            ),
            e(
                "intersects",
                ANY,
                "At least one value of the field is in the list.",
                "fd.types intersects (ipv4, ipv6)",
            ),
            e(
                "pmatch",
                TEXT,
                "The value is one of the listed paths or below one. Parts of a path may be patterns.",
                "fd.name pmatch (/etc, /usr/*/bin)",
            ),
        ],
    ),
    (
        "modifiers of text comparisons",
        &[
            e(
                "anyof",
                TEXT,
                "True for at least one item of the list.",
                "fd.name startswith anyof (/etc/, /boot/)",
            ),
            e("allof", TEXT, "True for all items of the list.", "proc.cmdline contains allof (curl, http)"),
            e("oneof", TEXT, "True for exactly one item of the list.", "proc.args contains oneof (-a, -b)"),
        ],
    ),
];

const TRANSFORMERS: &[Group] = &[(
    "transformers",
    &[
        e("tolower", TEXT, "The value in lower case.", "tolower(proc.name) = mimikatz"),
        e("toupper", TEXT, "The value in upper case.", "toupper(proc.name) = XMRIG"),
        e("basename", TEXT, "What comes after the last slash.", "basename(proc.exepath) = nc"),
        e(
            "b64",
            "text, buffers",
            "The value decoded from base64; no value if that fails.",
            "b64(evt.buffer) contains password",
        ),
        e(
            "len",
            "lists, text, buffers",
            "Number of items of a list; length of a text or buffer in bytes.",
            "len(proc.cmdline) > 4096",
        ),
        e(
            "join",
            "a text and a list",
            "Items of the list as one text, with the first argument between them.",
            "join('/', (proc.pname, proc.name)) = sshd/bash",
        ),
        e("concat", "two or more texts", "The texts in a row.", "concat(proc.cwd, proc.name) = /tmp/miner"),
        e(
            "getopt",
            "a list and an option string",
            "Letters of the options that are in a list of arguments; with [c] the value of option c, the last \
             one if it is given twice.",
            "getopt((proc.args[0], proc.args[1]), 'e:l')[e] exists",
        ),
        e(
            "val",
            "fields",
            "The value of a field; only on the right side of a comparison.",
            "proc.name = val(proc.pname)",
        ),
    ],
)];

pub(super) fn write_operators(
    filter: &Filter,
    format: Format,
    width: Width,
    out: &mut dyn Write,
) -> io::Result<()> {
    write("operators", OPERATORS, filter, format, width, out)
}

pub(super) fn write_transformers(
    filter: &Filter,
    format: Format,
    width: Width,
    out: &mut dyn Write,
) -> io::Result<()> {
    write("transformers", TRANSFORMERS, filter, format, width, out)
}

fn write(
    subject: &str,
    groups: &'static [Group],
    filter: &Filter,
    format: Format,
    width: Width,
    out: &mut dyn Write,
) -> io::Result<()> {
    let groups: Vec<(&str, Vec<&Entry>)> = groups
        .iter()
        .map(|(heading, entries)| {
            let accepted = |e: &&Entry| filter.accepts(&[heading, e.name, e.types, e.meaning]);
            (*heading, entries.iter().filter(accepted).collect())
        })
        .filter(|(_, entries): &(_, Vec<_>)| !entries.is_empty())
        .collect();
    match format {
        Format::Text => write_text(&groups, width, out),
        Format::Markdown => write_markdown(&groups, out),
        Format::Json => {
            let all = groups.iter().flat_map(|(group, entries)| entries.iter().map(move |e| (group, e)));
            let list: Vec<_> = all.map(|(group, e)| to_json(group, e)).collect();
            write_json(&json!({ subject: list }), out)
        }
    }
}

fn to_json(group: &str, entry: &Entry) -> serde_json::Value {
    json!({
        "name": entry.name,
        "group": group,
        "types": entry.types,
        "meaning": entry.meaning,
        "example": entry.example,
    })
}

fn write_text(groups: &[(&str, Vec<&Entry>)], width: Width, out: &mut dyn Write) -> io::Result<()> {
    for (nr, (heading, entries)) in groups.iter().enumerate() {
        writeln!(out, "{}{heading}\n", if nr > 0 { "\n" } else { "" })?;
        let mut columns = Columns::default();
        for entry in entries {
            columns.push(&[entry.name], format!("{} For {}.", entry.meaning, entry.types));
            columns.push(&[""], format!("    {}", entry.example));
        }
        columns.write(width, out)?;
    }
    Ok(())
}

fn write_markdown(groups: &[(&str, Vec<&Entry>)], out: &mut dyn Write) -> io::Result<()> {
    for (heading, entries) in groups {
        let mut table = Table::new(heading, &["Name", "For", "Meaning", "Example"]);
        for e in entries {
            table.push(vec![code(e.name), escape(e.types), escape(e.meaning), code(e.example)]);
        }
        table.write(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_use_what_they_explain() {
        for entry in OPERATORS.iter().chain(TRANSFORMERS).flat_map(|group| group.1) {
            let words = entry.example.split([' ', '(']);
            assert!(words.into_iter().any(|w| w == entry.name), "{}: {}", entry.name, entry.example);
            assert!(entry.meaning.ends_with('.'), "{}", entry.name);
        }
    }

    #[test]
    fn examples_use_fields_that_exist() {
        let schema = crate::fields::syscall_schema();
        for entry in OPERATORS.iter().chain(TRANSFORMERS).flat_map(|group| group.1) {
            let words = entry.example.split([' ', '(', ')', ',', '[', '\'']);
            let prefixes = ["proc.", "evt.", "fd.", "container."];
            let fields = words.filter(|w| prefixes.iter().any(|p| w.starts_with(p)));
            for field in fields {
                assert!(schema.field_by_name(field).is_some(), "{field}");
            }
        }
    }
}
