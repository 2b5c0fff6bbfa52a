//! `peregrine replay`: alerts of rules for recorded events, events of a capture, parts of a capture.
//!
//! ```text
//! peregrine replay --sample                         a small capture and rules that come with the program
//! peregrine replay FILE -r rules.yaml --json        alerts as Falco writes them
//! peregrine replay FILE --filter 'proc.name = sh'   the events themselves
//! peregrine replay FILE --write part.scap           the events with alerts, and what they depend on
//! ```
//!
//! Files are replayed one after the other, each with a state of its own. Alerts and events go to stdout,
//! the summary and everything else to stderr; with `--summary` it is the summary that goes to stdout.
//!
//! Exit codes: 0 done, 1 an error in rules, or a capture that is cut off or corrupt (what comes before was
//! processed), 2 wrong usage or a file that cannot be opened, 130 stopped by Ctrl-C.

mod cut;
pub(super) mod filter;
pub(super) mod input;
pub(super) mod listing;
pub(super) mod print;
pub(super) mod progress;
pub(super) mod session;
pub(super) mod summary;

use super::USAGE;
use super::jit::JitMode;
use super::load::{self, Unloadable};
use crate::config::RuleMatching;
use crate::engine::{Matcher, Way};
use crate::fields;
use crate::fields::extract::Extractors;
use crate::source::capture::CaptureError;
use clap::ValueEnum;
use cut::Cut;
use filter::Filter;
use input::{Source, Stop};
use listing::Listing;
use peregrine_compiler::rulefile::Priority;
use peregrine_compiler::schema::Schema;
use print::Printer;
use progress::Progress;
use session::{Session, Task};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Stopped by a signal.
pub(super) const INTERRUPTED: u8 = 130;

/// Arguments of `peregrine replay`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Captures (.scap, plain or gzip), replayed one after the other; `-` is stdin
    #[arg(required_unless_present = "sample", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Replay the capture that comes with the program
    #[arg(long, conflicts_with = "files")]
    sample: bool,
    /// Rule file, or directory with *.yaml and *.yml files; can be given again, later ones win
    #[arg(short, long, value_name = "FILE|DIR")]
    rules: Vec<PathBuf>,
    /// Give only events to rules for which this condition is true; without rules, list these events
    #[arg(long, value_name = "CONDITION")]
    filter: Option<String>,
    /// List events in this form, as in a rule's output: '%evt.num %proc.name %evt.type'
    #[arg(long, value_name = "FORMAT", conflicts_with = "rules")]
    fields: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Only the summary
    #[arg(long)]
    summary: bool,
    /// Write another capture: events of the filter, or else those with alerts, and what they depend on
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Whether one event can have alerts of several rules
    #[arg(long, value_enum, default_value_t)]
    rule_matching: Matching,
    /// When rules become native code
    #[arg(long, value_enum, default_value_t)]
    jit: JitMode,
    /// Only rules of this priority and graver ones
    #[arg(long, value_name = "PRIORITY", value_parser = priority)]
    priority: Option<Priority>,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(super) enum Matching {
    /// The first rule that matches ends the search
    #[default]
    First,
    /// All rules are tried
    All,
}

impl From<Matching> for RuleMatching {
    fn from(matching: Matching) -> Self {
        match matching {
            Matching::First => Self::First,
            Matching::All => Self::All,
        }
    }
}

pub(super) fn priority(name: &str) -> Result<Priority, String> {
    Priority::from_name(name).ok_or_else(|| {
        let names = Priority::ALL.map(Priority::as_str).join(", ");
        format!("expected one of {names}")
    })
}

impl Args {
    /// Whether events are listed instead of given to rules.
    fn lists_events(&self) -> bool {
        self.fields.is_some() || (self.filter.is_some() && self.rules.is_empty() && !self.sample)
    }

    /// A cut by a filter is asked for, and nothing that is printed.
    fn only_cuts(&self) -> bool {
        self.write.is_some() && self.fields.is_none()
    }
}

/// Why a replay, or watching, does not begin.
pub(super) enum Refusal {
    /// Errors in rules, as they are shown.
    Rules(String),
    /// An error in the arguments, or a machine that cannot be watched.
    Usage(String),
}

impl From<Unloadable> for Refusal {
    fn from(why: Unloadable) -> Self {
        match why {
            Unloadable::Rules(text) => Self::Rules(text),
            Unloadable::File(text) => Self::Usage(text),
        }
    }
}

/// Replays what the arguments name.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<ExitCode> {
    let schema = fields::syscall_schema();
    let (text, code) = match replay(args, &schema, out) {
        Ok(result) => return result,
        Err(Refusal::Rules(text)) => (text, ExitCode::FAILURE),
        Err(Refusal::Usage(text)) => (text, ExitCode::from(USAGE)),
    };
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
    Ok(code)
}

fn replay(args: &Args, schema: &Schema, out: &mut dyn Write) -> Result<io::Result<ExitCode>, Refusal> {
    let stop = Stop::on_signals().map_err(|e| Refusal::Usage(format!("peregrine: {e}")))?;
    let filter = args.filter.as_deref().map(|text| Filter::new(schema, text)).transpose();
    let filter = filter.map_err(Refusal::Usage)?;
    let rules = if args.lists_events() { Vec::new() } else { load::rules(&args.rules, schema)? };
    let task = match &args.fields {
        _ if !args.lists_events() => {
            let least = args.priority.unwrap_or(Priority::Debug);
            let enabled: Vec<bool> = rules.iter().map(|r| r.enabled && r.priority <= least).collect();
            let way = Way::Staged(args.jit.into());
            let matcher = Matcher::evaluated(schema, &rules, &enabled, args.rule_matching.into(), way);
            if let Some(why) = &matcher.without_code {
                let _ = writeln!(io::stderr(), "peregrine: rules are interpreted: {why}");
            }
            Task::Alerts(Box::new(matcher))
        }
        None if args.only_cuts() => Task::Cut,
        format => {
            let format = format.as_deref().unwrap_or(listing::DEFAULT);
            Task::List(Listing::new(schema, format).map_err(Refusal::Usage)?)
        }
    };
    let cut = args.write.as_deref().map(Cut::create).transpose().map_err(|e| {
        let path = args.write.as_deref().unwrap_or("".as_ref()).display();
        Refusal::Usage(format!("peregrine: cannot write `{path}`: {e}"))
    })?;
    let session = Session {
        schema,
        extractors: Extractors::new(schema),
        rules: &rules,
        filter,
        task,
        cut,
        printer: Printer::new(out, args.json, args.summary),
        stop,
        totals: summary::Totals::new(rules.len()),
    };
    Ok(process(args, session))
}

/// Replays all files and shows the summary.
fn process(args: &Args, mut session: Session<'_>) -> io::Result<ExitCode> {
    let started = Instant::now();
    let mut errors = Vec::new();
    let (mut opened_any, mut unopened) = (false, false);
    let sources = if args.sample { vec![Source::sample()] } else { Source::files(&args.files) };
    for source in sources {
        if session.stop.is_set() {
            break;
        }
        let name = source.name.clone();
        match source.open(&session.stop) {
            Err(error) => {
                unopened = true;
                errors.push(format!("{name}: {error}"));
            }
            Ok(opened) => {
                opened_any = true;
                let shown = io::stderr().is_terminal();
                let progress = Progress::new(&opened, shown, io::stdout().is_terminal());
                if let Some(error) = session.replay(opened, progress)? {
                    errors.push(format!("{name}: {}", reason(&error)));
                }
            }
        }
    }
    let stopped = session.stop.is_set();
    let kind = session.task.kind();
    let Session { rules, cut, mut printer, mut totals, .. } = session;
    totals.stopped = stopped;
    if let Some(cut) = cut {
        match cut.finish() {
            Ok(written) => totals.written = Some(written),
            Err(error) => errors.push(error.to_string()),
        }
    }
    totals.elapsed = started.elapsed();
    let summary =
        summary::Summary { kind, totals: &totals, rules, errors: &errors, filtered: args.filter.is_some() };
    if opened_any || stopped {
        printer.summary(&summary)?;
    }
    for error in &errors {
        let _ = writeln!(io::stderr(), "peregrine: {error}");
    }
    Ok(match errors.is_empty() {
        _ if unopened => ExitCode::from(USAGE),
        false => ExitCode::FAILURE,
        true if stopped => ExitCode::from(INTERRUPTED),
        true => ExitCode::SUCCESS,
    })
}

/// Why a capture was not read to its end.
fn reason(error: &CaptureError) -> String {
    match error {
        CaptureError::Io { offset, source } if source.kind() == io::ErrorKind::UnexpectedEof => {
            format!("the capture is cut off at offset {offset}, in the block that begins there: {source}")
        }
        other => other.to_string(),
    }
}
