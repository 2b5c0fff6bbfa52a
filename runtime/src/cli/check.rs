//! `peregrine check`: errors and doubtful places in rule files, for people and programs.
//!
//! ```text
//! peregrine check rules/ local.yaml             all files of a directory, then one more
//! peregrine check --deny warnings rules.yaml    fail on warnings, too
//! peregrine check --allow unused-macro --format json rules.yaml
//! ```
//!
//! Files are loaded in the given order, later ones over earlier ones, as the engine does. A warning is
//! silenced by `--allow NAME` or by a comment `# peregrine: allow(NAME)` at its place; both win over
//! `--deny`. Errors cannot be silenced.
//!
//! Exit codes: 0 no errors, 1 errors or denied warnings, 2 wrong usage or a file that cannot be read.
//!
//! The JSON form is one object, its diagnostics as in `peregrine_compiler::diagnostic::render::json`:
//!
//! ```text
//! { "files": [ {"name": text, "successful": bool} ], "diagnostics": [..],
//!   "summary": {"rules": n, "macros": n, "lists": n, "errors": n, "warnings": n} }
//! ```

use super::{USAGE, colour};
use crate::fields;
use clap::ValueEnum;
use peregrine_compiler::diagnostic::{Code, Diagnostic, Severity, did_you_mean, render};
use peregrine_compiler::hir::check::Quirks;
use peregrine_compiler::rulefile::{FileReport, Loader, Options};
use peregrine_compiler::source::Span;
use serde_json::json;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `peregrine check`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Rule files, or directories with *.yaml and *.yml files, in the order in which they are loaded
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Do not report warnings of this name
    #[arg(long, value_name = "NAME", value_parser = warning)]
    allow: Vec<Code>,
    /// Take warnings of this name, or all with `warnings`, for errors
    #[arg(long, value_name = "NAME|warnings", value_parser = denied)]
    deny: Vec<Denied>,
    /// Evaluate as wrongly as Falco does where it is wrong
    #[arg(long)]
    falco_quirks: bool,
    /// Only what Falco reports, too
    #[arg(long)]
    no_lints: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, ValueEnum)]
enum Format {
    /// Text with the places in the files
    #[default]
    Human,
    /// One object
    Json,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Denied {
    Warnings,
    One(Code),
}

fn warning(name: &str) -> Result<Code, String> {
    match Code::from_name(name) {
        Some(code) if code.info().severity == Severity::Warning => Ok(code),
        Some(_) => Err("this is the name of an error, which is always reported".to_owned()),
        None => Err(match did_you_mean(name, Code::warning_names().chain(["warnings"])) {
            Some(near) => format!("no warning has this name; did you mean `{near}`?"),
            None => "no warning has this name; docs/errors.md lists all of them".to_owned(),
        }),
    }
}

fn denied(name: &str) -> Result<Denied, String> {
    if name == "warnings" { Ok(Denied::Warnings) } else { warning(name).map(Denied::One) }
}

/// A file that is to be loaded, or why it cannot be.
pub(super) struct Input {
    pub(super) name: String,
    pub(super) content: io::Result<Vec<u8>>,
}

/// What a check found.
pub(super) struct Outcome<'a> {
    pub(super) loader: Loader<'a>,
    /// Name, and whether the file brought no error.
    files: Vec<(String, bool)>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Whether to look for doubtful places that Falco does not report.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Lints {
    On,
    Off,
}

/// Checks the files that the arguments name and prints what was found.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<ExitCode> {
    let inputs: Vec<Input> = args.files.iter().flat_map(|path| inputs(path)).collect();
    let unreadable = inputs.iter().any(|i| i.content.is_err());
    let schema = fields::syscall_schema();
    let mut options = Options::new(vec![&schema]);
    options.quirks = if args.falco_quirks { Quirks::Falco } else { Quirks::Off };
    let lints = if args.no_lints { Lints::Off } else { Lints::On };
    let mut outcome = check(Loader::new(options), inputs, lints);
    apply(args, &mut outcome);
    match args.format {
        Format::Human => human(&outcome, args.color, out)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &json(&outcome))?;
            writeln!(out)?;
        }
    }
    Ok(match outcome.diagnostics.iter().any(Diagnostic::is_error) {
        _ if unreadable => ExitCode::from(USAGE),
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

/// The file, or the rule files of a directory in order of their names.
pub(super) fn inputs(path: &Path) -> Vec<Input> {
    let input = |path: &Path, content| Input { name: path.display().to_string(), content };
    if !path.is_dir() {
        return vec![input(path, fs::read(path))];
    }
    let is_rule_file =
        |p: &PathBuf| p.is_file() && matches!(p.extension().and_then(OsStr::to_str), Some("yaml" | "yml"));
    let entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut files: Vec<PathBuf> = match entries {
        Ok(entries) => entries.into_iter().map(|e| e.path()).filter(is_rule_file).collect(),
        Err(error) => return vec![input(path, Err(error))],
    };
    files.sort();
    if files.is_empty() {
        let error = io::Error::new(io::ErrorKind::NotFound, "no *.yaml or *.yml file in this directory");
        return vec![input(path, Err(error))];
    }
    files.iter().map(|file| input(file, fs::read(file))).collect()
}

/// Loads files in order and collects what was found.
pub(super) fn check(mut loader: Loader<'_>, inputs: Vec<Input>, lints: Lints) -> Outcome<'_> {
    let mut reports: Vec<FileReport> = Vec::with_capacity(inputs.len());
    for input in inputs {
        reports.push(match input.content {
            Ok(bytes) => loader.load(&input.name, bytes),
            Err(error) => Loader::unreadable(&input.name, &error.to_string()),
        });
    }
    let mut merged = Merged::default();
    let last = reports.iter().rposition(|r| r.file.is_some());
    let files = reports
        .into_iter()
        .enumerate()
        .map(|(i, report)| {
            let name = report.name.clone();
            (name, merged.add(report, i, Some(i) == last))
        })
        .collect();
    if lints == Lints::On {
        let at_end = usize::MAX;
        loader.lint().into_iter().for_each(|d| merged.push(d, at_end));
        loader.allowed().problems().iter().for_each(|d| merged.push(d.clone(), at_end));
    }
    let allowed = loader.allowed();
    let mut diagnostics = merged.finish();
    diagnostics.retain(|d| !allowed.silences(d));
    Outcome { loader, files, diagnostics }
}

/// Findings of several reports, each once. A report repeats those about earlier files.
#[derive(Default)]
struct Merged {
    seen: HashSet<(Code, Option<Span>, String)>,
    /// Findings without a place stand where their report stands.
    found: Vec<(usize, Diagnostic)>,
}

impl Merged {
    /// Adds a report; whether it brought no new error.
    fn add(&mut self, report: FileReport, index: usize, last: bool) -> bool {
        let mut successful = true;
        for diagnostic in report.diagnostics {
            let about_all = diagnostic.severity == Severity::Warning && is_lint(diagnostic.code);
            // later files can use what was unused, and replace what was doubtful
            if !about_all || last {
                let before = self.found.len();
                let is_error = diagnostic.is_error();
                self.push(diagnostic, index);
                successful &= !is_error || self.found.len() == before;
            }
        }
        successful
    }

    fn push(&mut self, diagnostic: Diagnostic, index: usize) {
        if self.seen.insert((diagnostic.code, diagnostic.span(), diagnostic.message.clone())) {
            self.found.push((index, diagnostic));
        }
    }

    fn finish(self) -> Vec<Diagnostic> {
        let mut found = self.found;
        // what an item with an error uses may look unused
        if found.iter().any(|(_, d)| d.is_error()) {
            found.retain(|(_, d)| !matches!(d.code, Code::UnusedMacro | Code::UnusedList));
        }
        found.sort_by_key(|(index, d)| match d.span() {
            Some(span) => (span.file.0 as usize, span.start, span.end, d.code),
            None => (*index, 0, 0, d.code),
        });
        found.into_iter().map(|(_, d)| d).collect()
    }
}

/// Whether a warning is about all items so far, not about the text of one file.
fn is_lint(code: Code) -> bool {
    code.info().id.starts_with("W07")
}

/// Removes what is allowed and raises what is denied.
fn apply(args: &Args, outcome: &mut Outcome<'_>) {
    let warning = |d: &Diagnostic| d.severity == Severity::Warning;
    outcome.diagnostics.retain(|d| !(warning(d) && args.allow.contains(&d.code)));
    for diagnostic in &mut outcome.diagnostics {
        if args.deny.iter().any(|d| *d == Denied::Warnings || *d == Denied::One(diagnostic.code)) {
            diagnostic.severity = Severity::Error;
        }
    }
}

/// Numbers of errors and warnings.
fn counts(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    (errors, diagnostics.len() - errors)
}

fn human(outcome: &Outcome<'_>, color: Color, out: &mut dyn Write) -> io::Result<()> {
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => colour::on_stdout(),
    };
    let options = render::TextOptions { color, ..render::TextOptions::default() };
    let text = render::text(&outcome.diagnostics, outcome.loader.sources(), &options);
    out.write_all(text.as_bytes())?;
    if !text.is_empty() {
        writeln!(out)?;
    }
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let (rules, macros, lists) = outcome.loader.counts();
    let (errors, warnings) = counts(&outcome.diagnostics);
    let defined = [(rules, "rule"), (macros, "macro"), (lists, "list")].map(|(n, word)| plural(n, word));
    let found = [(errors, "error"), (warnings, "warning")].map(|(n, word)| plural(n, word));
    writeln!(out, "{}: {}", defined.join(", "), found.join(", "))
}

fn json(outcome: &Outcome<'_>) -> serde_json::Value {
    let (rules, macros, lists) = outcome.loader.counts();
    let (errors, warnings) = counts(&outcome.diagnostics);
    let files = outcome.files.iter().map(|(name, ok)| json!({ "name": name, "successful": ok }));
    json!({
        "files": files.collect::<Vec<_>>(),
        "diagnostics": render::json(&outcome.diagnostics, outcome.loader.sources()),
        "summary": {
            "rules": rules, "macros": macros, "lists": lists, "errors": errors, "warnings": warnings,
        },
    })
}
