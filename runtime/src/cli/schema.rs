//! `peregrine schema`: descriptions of file formats, for editors and other programs.
//!
//! ```text
//! peregrine schema rules > rules-schema.json      a JSON Schema (draft-07) of rule files
//! ```

use clap::ValueEnum;
use peregrine_compiler::itemschema;
use std::io::{self, Write};

/// Arguments of `peregrine schema`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Which format
    #[arg(value_enum)]
    subject: Subject,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, ValueEnum)]
enum Subject {
    /// Rule files: lists, macros, rules
    Rules,
}

/// Writes the schema as JSON.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<()> {
    match args.subject {
        Subject::Rules => serde_json::to_writer_pretty(&mut *out, &itemschema::json_schema())?,
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_json_with_a_line_break() {
        let mut out = Vec::new();
        run(&Args { subject: Subject::Rules }, &mut out).unwrap();
        assert_eq!(out.last(), Some(&b'\n'));
        let schema: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    }
}
