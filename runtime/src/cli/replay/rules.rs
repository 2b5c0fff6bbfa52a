//! The rules of a replay.

use super::filter::colours_on_stderr;
use super::{Args, Refusal};
use crate::cli::check::{self, Input};
use crate::rules::{STARTER, STARTER_NAME};
use peregrine_compiler::diagnostic::{Diagnostic, render};
use peregrine_compiler::rulefile::{Loader, Options, Rule};
use peregrine_compiler::schema::Schema;
use std::io::{self, Write};

/// Loads the rules that the arguments name, or those that come with the program. Warnings go to stderr.
pub(super) fn load(args: &Args, schema: &Schema) -> Result<Vec<Rule>, Refusal> {
    let inputs: Vec<Input> = if args.rules.is_empty() {
        vec![Input { name: STARTER_NAME.to_owned(), content: Ok(STARTER.into()) }]
    } else {
        args.rules.iter().flat_map(|path| check::inputs(path)).collect()
    };
    let unreadable = inputs.iter().any(|i| i.content.is_err());
    // doubtful places are what `peregrine check` is for; here it is what Falco warns about
    let outcome = check::check(Loader::new(Options::new(vec![schema])), inputs, check::Lints::Off);
    let options = render::TextOptions { color: colours_on_stderr(), ..render::TextOptions::default() };
    let text = render::text(&outcome.diagnostics, outcome.loader.sources(), &options);
    if unreadable {
        return Err(Refusal::Usage(text));
    }
    let failed = outcome.diagnostics.iter().any(Diagnostic::is_error);
    match outcome.loader.into_rules() {
        Some(rules) if !failed => {
            if !text.is_empty() {
                let _ = writeln!(io::stderr(), "{text}");
            }
            if args.rules.is_empty() {
                let count = rules.len();
                let _ = writeln!(io::stderr(), "using the {count} starter rules; -r FILE takes others");
            }
            Ok(rules)
        }
        _ => Err(Refusal::Rules(text)),
    }
}
