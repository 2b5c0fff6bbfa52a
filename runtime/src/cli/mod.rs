//! The `peregrine` command line: arguments, subcommands, exit codes.
//!
//! Each subcommand has a file with its arguments and a `run`; results go to stdout, everything else to
//! stderr. A reader that goes away (`peregrine list fields | head`) ends the program quietly.
//!
//! Exit codes: 0 done, 1 it failed, 2 wrong usage or a file that cannot be read.

mod bench;
mod check;
mod colour;
mod falco;
mod fmt;
mod jit;
mod list;
mod load;
mod replay;
mod run;
mod schema;
mod selftest;

pub use falco::{RuleCount, Stats};

use clap::{Parser, Subcommand};
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// Wrong usage; the number that clap uses, too.
const USAGE: u8 = 2;

/// Runtime security for Linux.
#[derive(Parser, Debug)]
#[command(name = "peregrine", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Measure what rules cost on recorded events
    Bench(bench::Args),
    /// Find errors and doubtful places in rule files
    Check(check::Args),
    /// Show what rules can use: fields, events, operators, transformers
    List(list::Args),
    /// Watch this machine: alerts from what happens here
    Run(run::Args),
    /// Find out whether this machine is really watched: harmless deeds that rules tell of
    Selftest(selftest::Args),
    /// Apply rules to recorded events, list them, cut captures
    Replay(replay::Args),
    /// Write rule files in one layout
    Fmt(fmt::Args),
    /// Run with Falco's configuration and command line; so does this program under the name `falco`
    #[command(disable_help_flag = true)]
    Falco {
        /// Falco's flags; `peregrine falco --help` lists them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Print the schema of a file format, for editors
    Schema(schema::Args),
}

/// Parses the command line, runs the subcommand and tells the exit code.
///
/// A program with the file name `falco` takes Falco's flags instead.
pub fn main() -> ExitCode {
    let mut words = std::env::args_os();
    let program = words.next().unwrap_or_default();
    if Path::new(&program).file_name() == Some(OsStr::new("falco")) {
        return falco::main(&words.collect::<Vec<_>>(), "falco");
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let failed = error.use_stderr();
            let _ = error.print(); // nothing is left to tell it to
            return if failed { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let mut code = ExitCode::SUCCESS;
    let result = match &cli.command {
        Command::Bench(args) => with_stdout(|out| {
            code = bench::run(args, out)?;
            Ok(())
        }),
        Command::Check(args) => with_stdout(|out| {
            code = check::run(args, out)?;
            Ok(())
        }),
        Command::Run(args) => with_stdout(|out| {
            code = run::run(args, out)?;
            Ok(())
        }),
        Command::Selftest(args) => with_stdout(|out| {
            code = selftest::run(args, out)?;
            Ok(())
        }),
        Command::Replay(args) => with_stdout(|out| {
            code = replay::run(args, out)?;
            Ok(())
        }),
        Command::List(args) => with_stdout(|out| list::run(args, out)),
        Command::Fmt(args) => with_stdout(|out| {
            if fmt::run(args, out, &mut io::stderr())? == fmt::Outcome::Failed {
                code = ExitCode::FAILURE;
            }
            Ok(())
        }),
        Command::Falco { args } => return falco::main(args, "falco"),
        Command::Schema(args) => with_stdout(|out| schema::run(args, out)),
    };
    match result {
        Ok(()) => code,
        Err(error) => {
            let _ = writeln!(io::stderr(), "peregrine: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs `write` on buffered stdout; a closed pipe is a normal end.
fn with_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            let _ = out.into_parts(); // drops the buffer without another attempt to write it
            Ok(())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn closed_pipe_is_no_error() {
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        with_stdout(|_| Err(broken())).unwrap();
        with_stdout(|_| Err(io::Error::other("disk full"))).unwrap_err();
    }

    #[test]
    fn unknown_subject_is_a_usage_error() {
        let error = Cli::try_parse_from(["peregrine", "list", "rules"]).unwrap_err();
        assert!(error.use_stderr());
        assert_eq!(error.exit_code(), i32::from(USAGE));
    }
}
