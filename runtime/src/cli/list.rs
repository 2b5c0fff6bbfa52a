//! `peregrine list`: what rules can use, for people (text), pages (markdown) and programs (JSON).
//!
//! ```text
//! peregrine list fields proc.a          fields of any class with "proc.a" in name or description
//! peregrine list events --all           old versions and enter events, too
//! peregrine list operators --format json
//! ```
//!
//! All filter words must occur, in any case, in an entry's name, class or description. Left out without
//! `--all`: hidden and deprecated fields; old, unused and enter events.

mod catalogue;
mod events;
mod fields;
mod layout;

use clap::ValueEnum;
use layout::Width;
use serde_json::Value;
use std::io::{self, Write};

/// Arguments of `peregrine list`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// What to list
    #[arg(value_enum)]
    subject: Subject,
    /// Only entries that contain all of these words
    words: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Hidden and deprecated fields, old and enter events, too
    #[arg(long)]
    all: bool,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, ValueEnum)]
enum Subject {
    Fields,
    Events,
    Operators,
    Transformers,
}

/// How a list is printed.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(super) enum Format {
    /// Columns, wrapped to the width of the terminal
    #[default]
    Text,
    /// Tables for a page
    Markdown,
    /// One object with all properties
    Json,
}

/// What is left out of a list.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Extent {
    /// What a new rule should use.
    Current,
    /// Everything that exists.
    All,
}

/// Words that an entry must contain.
#[derive(Debug)]
struct Filter(Vec<String>);

impl Filter {
    fn new(words: &[String]) -> Self {
        Self(words.iter().map(|w| w.to_lowercase()).collect())
    }

    /// Whether each word is in at least one of the texts.
    fn accepts(&self, texts: &[&str]) -> bool {
        self.0.iter().all(|word| texts.iter().any(|text| text.to_lowercase().contains(word)))
    }
}

/// Writes the list that the arguments ask for; says so on stderr if it is empty.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    list(args, Width::of_terminal(), &mut text)?;
    if text.is_empty() {
        let _ = writeln!(io::stderr(), "peregrine: nothing has these words: {}", args.words.join(" "));
    }
    out.write_all(&text)
}

fn list(args: &Args, width: Width, out: &mut dyn Write) -> io::Result<()> {
    let filter = Filter::new(&args.words);
    let extent = if args.all { Extent::All } else { Extent::Current };
    match args.subject {
        Subject::Fields => fields::List::new(&filter, extent).write(args.format, width, out),
        Subject::Events => events::List::new(&filter, extent).write(args.format, width, out),
        Subject::Operators => catalogue::write_operators(&filter, args.format, width, out),
        Subject::Transformers => catalogue::write_transformers(&filter, args.format, width, out),
    }
}

/// `falco --list`: fields for conditions, and those of the configuration's `static_fields`.
pub(super) fn falco_fields(
    static_keys: &[impl AsRef<str>],
    format: Format,
    out: &mut dyn Write,
) -> io::Result<()> {
    fields::List::for_falco(static_keys).write(format, Width::of_terminal(), out)
}

/// `falco --list -N`: their names.
pub(super) fn falco_field_names(static_keys: &[impl AsRef<str>], out: &mut dyn Write) -> io::Result<()> {
    fields::List::for_falco(static_keys).write_names(out)
}

/// `falco --list-events`.
pub(super) fn falco_events(format: Format, out: &mut dyn Write) -> io::Result<()> {
    events::List::new(&Filter(Vec::new()), Extent::Current).write(format, Width::of_terminal(), out)
}

fn write_json(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(subject: Subject, words: &[&str], format: Format, extent: Extent) -> String {
        let words = words.iter().map(|w| (*w).to_owned()).collect();
        let args = Args { subject, words, format, all: extent == Extent::All };
        let mut out = Vec::new();
        list(&args, Width(80), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    const SUBJECTS: [Subject; 4] =
        [Subject::Fields, Subject::Events, Subject::Operators, Subject::Transformers];

    #[test]
    fn fields_text() {
        insta::assert_snapshot!(output(Subject::Fields, &["proc.a"], Format::Text, Extent::Current));
    }

    #[test]
    fn fields_with_long_names_text() {
        insta::assert_snapshot!(output(Subject::Fields, &["exe_ino"], Format::Text, Extent::Current));
    }

    #[test]
    fn fields_markdown() {
        insta::assert_snapshot!(output(Subject::Fields, &["fd.type"], Format::Markdown, Extent::Current));
    }

    #[test]
    fn fields_json() {
        insta::assert_snapshot!(output(Subject::Fields, &["aenv"], Format::Json, Extent::Current));
    }

    #[test]
    fn events_text() {
        insta::assert_snapshot!(output(Subject::Events, &["open"], Format::Text, Extent::Current));
    }

    #[test]
    fn events_of_all_versions_text() {
        insta::assert_snapshot!(output(Subject::Events, &["PPME_SYSCALL_DUP"], Format::Text, Extent::All));
    }

    #[test]
    fn events_markdown() {
        insta::assert_snapshot!(output(Subject::Events, &["mkdir"], Format::Markdown, Extent::Current));
    }

    #[test]
    fn events_json() {
        insta::assert_snapshot!(output(Subject::Events, &["unlinkat"], Format::Json, Extent::Current));
    }

    #[test]
    fn operators_text() {
        insta::assert_snapshot!(output(Subject::Operators, &[], Format::Text, Extent::Current));
    }

    #[test]
    fn transformers_markdown() {
        insta::assert_snapshot!(output(Subject::Transformers, &[], Format::Markdown, Extent::Current));
    }

    #[test]
    fn hidden_and_deprecated_fields_need_all() {
        let names = |extent| output(Subject::Fields, &["evt."], Format::Json, extent);
        for name in ["\"evt.dir\"", "\"evt.buflen.net.in\""] {
            assert!(!names(Extent::Current).contains(name), "{name}");
            assert!(names(Extent::All).contains(name), "{name}");
        }
    }

    #[test]
    fn everything_is_listed_with_all() {
        let fields: Value =
            serde_json::from_str(&output(Subject::Fields, &[], Format::Json, Extent::All)).unwrap();
        assert_eq!(fields["fields"].as_array().unwrap().len(), 295);
        let events: Value =
            serde_json::from_str(&output(Subject::Events, &[], Format::Json, Extent::All)).unwrap();
        assert_eq!(events["events"].as_array().unwrap().len(), 454);
    }

    #[test]
    fn tracepoint_and_meta_events_are_current() {
        let text = output(Subject::Events, &[], Format::Text, Extent::Current);
        for name in ["procexit", "asyncevent", "pluginevent"] {
            assert!(text.lines().any(|l| l.trim_start().starts_with(name)), "{name}");
        }
    }

    #[test]
    fn words_are_joined_by_and_in_any_case() {
        let text = output(Subject::Fields, &["FD.", "remote"], Format::Text, Extent::Current);
        assert!(text.contains("fd.rip") && !text.contains("fd.cip"));
    }

    #[test]
    fn nothing_found_is_empty() {
        for subject in SUBJECTS {
            assert_eq!(output(subject, &["nosuchthing"], Format::Text, Extent::All), "", "{subject:?}");
            assert_eq!(output(subject, &["nosuchthing"], Format::Markdown, Extent::All), "", "{subject:?}");
            let json = output(subject, &["nosuchthing"], Format::Json, Extent::All);
            serde_json::from_str::<Value>(&json).unwrap();
        }
    }

    #[test]
    fn text_fits_the_width() {
        for subject in SUBJECTS {
            let text = output(subject, &[], Format::Text, Extent::All);
            for line in text.lines() {
                assert!(line.chars().count() <= 80 && line.trim_end() == line, "{line:?}");
            }
        }
    }

    #[test]
    fn markdown_rows_have_the_columns_of_their_header() {
        let bars = |line: &str| line.replace("\\|", "").matches('|').count();
        for subject in SUBJECTS {
            let text = output(subject, &[], Format::Markdown, Extent::All);
            let mut columns = 0;
            for line in text.lines() {
                match (line.starts_with('|'), columns) {
                    (false, _) => columns = 0,
                    (true, 0) => columns = bars(line),
                    (true, n) => assert_eq!(bars(line), n, "{line}"),
                }
            }
        }
    }
}
