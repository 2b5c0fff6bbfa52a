//! The rules that a command is given.

use super::check::{self, Input};
use super::colour;
use crate::rules::{STARTER, STARTER_NAME};
use peregrine_compiler::diagnostic::{Diagnostic, render};
use peregrine_compiler::rulefile::{Loader, Options, Rule};
use peregrine_compiler::schema::Schema;
use std::io::{self, Write};
use std::path::PathBuf;

/// Why there are no rules, as it is shown.
pub(super) enum Unloadable {
    /// Errors in rules.
    Rules(String),
    /// A file that cannot be read.
    File(String),
}

/// Loads rules from files and directories, later ones win, or, if none are named, those that come with the
/// program. Warnings go to stderr.
pub(super) fn rules(paths: &[PathBuf], schema: &Schema) -> Result<Vec<Rule>, Unloadable> {
    let inputs: Vec<Input> = if paths.is_empty() {
        vec![Input { name: STARTER_NAME.to_owned(), content: Ok(STARTER.into()) }]
    } else {
        paths.iter().flat_map(|path| check::inputs(path)).collect()
    };
    let unreadable = inputs.iter().any(|i| i.content.is_err());
    // doubtful places are what `peregrine check` is for; here it is what Falco warns about
    let outcome = check::check(Loader::new(Options::new(vec![schema])), inputs, check::Lints::Off);
    let options = render::TextOptions { color: colour::on_stderr(), ..render::TextOptions::default() };
    let text = render::text(&outcome.diagnostics, outcome.loader.sources(), &options);
    if unreadable {
        return Err(Unloadable::File(text));
    }
    let failed = outcome.diagnostics.iter().any(Diagnostic::is_error);
    match outcome.loader.into_rules() {
        Some(rules) if !failed => {
            if !text.is_empty() {
                let _ = writeln!(io::stderr(), "{text}");
            }
            if paths.is_empty() {
                let count = rules.len();
                let _ = writeln!(io::stderr(), "using the {count} starter rules; -r FILE takes others");
            }
            Ok(rules)
        }
        _ => Err(Unloadable::Rules(text)),
    }
}
