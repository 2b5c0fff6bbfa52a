//! `peregrine run`: alerts from what happens on this machine.
//!
//! ```text
//! peregrine run                            the starter rules, everything that happens here
//! peregrine run -r rules.yaml -w out.scap  own rules, and a capture that Falco's tools read
//! peregrine run -- COMMAND...              only a command and what it starts; ends with it
//! peregrine run --fields '%evt.type %evt.args' -- ls
//! ```
//!
//! Alerts go to stdout, the summary to stderr. Exit codes: that of the command, 128 + N if signal N ended it, or 0 when
//! the time ended; 1 a failure in between or an error in rules, 2 wrong usage, or this machine cannot be watched; 130
//! stopped by a signal.

use super::USAGE;
use super::jit::JitMode;
use super::load;
use super::replay::filter::Filter;
use super::replay::input::Stop;
use super::replay::listing::{self, Listing};
use super::replay::print::Printer;
use super::replay::session::{Broken, Recording, Session, Task, Watched};
use super::replay::summary::{Summary, Totals};
use super::replay::{INTERRUPTED, Matching, Refusal, priority};
use crate::config::BaseSyscalls;
use crate::engine::{Matcher, Way};
use crate::fields;
use crate::fields::extract::Extractors;
use crate::source::capture::{Compression, Writer};
use crate::source::live::{Live, interest};
use peregrine_compiler::rulefile::{Priority, Rule};
use peregrine_compiler::schema::Schema;
use peregrine_probe::{Filter as Whose, Interest, Options};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, ExitStatus};
use std::time::{Duration, Instant};

/// Arguments of `peregrine run`.
#[derive(clap::Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(super) struct Args {
    /// Rule file, or directory with *.yaml and *.yml files; can be given again, later ones win. Without any, the
    /// starter rules
    #[arg(short, long, value_name = "FILE|DIR")]
    rules: Vec<PathBuf>,
    /// Give only events to rules for which this condition is true
    #[arg(long, value_name = "CONDITION")]
    filter: Option<String>,
    /// List events in this form instead: '%evt.time %proc.name %evt.type %evt.args'
    #[arg(long, value_name = "FORMAT", conflicts_with = "rules")]
    fields: Option<String>,
    /// Record events to a capture; compressed if its name ends in .gz
    #[arg(short, long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Only a process and what it starts from now on
    #[arg(long, value_name = "PID", conflicts_with_all = ["cgroup", "command"])]
    pid: Option<u32>,
    /// Only processes in a control group of the second version and in groups below it, by its directory, whole or
    /// below /sys/fs/cgroup
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    cgroup: Option<PathBuf>,
    /// End after so many seconds
    #[arg(short, long, value_name = "SECONDS")]
    seconds: Option<u64>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Only the summary
    #[arg(long)]
    summary: bool,
    /// Whether one event can have alerts of several rules
    #[arg(long, value_enum, default_value_t)]
    rule_matching: Matching,
    /// When rules become native code
    #[arg(long, value_enum, default_value_t)]
    jit: JitMode,
    /// Only rules of this priority and graver ones
    #[arg(long, value_name = "PRIORITY", value_parser = priority)]
    priority: Option<Priority>,
    /// All system calls, also the most frequent ones that no rule can ask for by default
    #[arg(short = 'A', long)]
    all: bool,
    /// The least system calls that tell who did what rules look at, instead of all that change the state
    #[arg(long)]
    repair: bool,
    /// MiB of each processor's ring, a power of two
    #[arg(long, value_name = "MIB", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1024))]
    ring: u32,
    /// Bytes of data that are recorded of reads and writes
    #[arg(long, value_name = "BYTES", default_value_t = 80, value_parser = clap::value_parser!(u32).range(0..=16384))]
    snaplen: u32,
    /// A command to watch, with all that it starts
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

fn usage(error: impl std::fmt::Display) -> Refusal {
    Refusal::Usage(format!("peregrine: {error}"))
}

/// Watches this machine.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> io::Result<ExitCode> {
    let schema = fields::syscall_schema();
    let (text, code) = match watch(args, &schema, out) {
        Ok(result) => return result,
        Err(Refusal::Rules(text)) => (text, ExitCode::FAILURE),
        Err(Refusal::Usage(text)) => (text, ExitCode::from(USAGE)),
    };
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
    Ok(code)
}

/// Whose events are recorded, with the command that was started for it.
fn whose(args: &Args) -> Result<(Whose, Option<Held>), Refusal> {
    if !args.command.is_empty() {
        let held = Held::start(&args.command).map_err(usage)?;
        return Ok((Whose::Tree(held.child.id()), Some(held)));
    }
    if let Some(pid) = args.pid {
        if !Path::new("/proc").join(pid.to_string()).exists() {
            return Err(usage(format!("there is no process {pid}")));
        }
        return Ok((Whose::Tree(pid), None));
    }
    if let Some(dir) = &args.cgroup {
        return Ok((cgroup(dir).map_err(usage)?, None));
    }
    Ok((Whose::All, None))
}

/// The group in a directory. Its depth is counted to the mount's begin, so the first group must be mounted, not that
/// of a namespace of groups.
fn cgroup(dir: &Path) -> Result<Whose, String> {
    let place = Path::new("/sys/fs/cgroup").join(dir.strip_prefix("/").unwrap_or(dir));
    let place = if dir.is_dir() { dir.to_owned() } else { place };
    let failed = |e: io::Error| format!("{}: {e}", place.display());
    let place = place.canonicalize().map_err(failed)?;
    if !place.join("cgroup.procs").exists() || !place.join("cgroup.controllers").exists() {
        return Err(format!("{} is not a control group of the second version", place.display()));
    }
    let meta = place.metadata().map_err(failed)?;
    let same = |dir: &Path| dir.metadata().is_ok_and(|m| m.dev() == meta.dev());
    let depth = place.ancestors().skip(1).take_while(|dir| same(dir)).count() as u32;
    Ok(Whose::Cgroup { id: meta.ino(), depth })
}

fn watch(args: &Args, schema: &Schema, out: &mut dyn Write) -> Result<io::Result<ExitCode>, Refusal> {
    if !args.ring.is_power_of_two() {
        return Err(usage(format!("--ring: {} is not a power of two", args.ring)));
    }
    let stop = Stop::on_signals().map_err(usage)?;
    let filter = args.filter.as_deref().map(|text| Filter::new(schema, text)).transpose();
    let filter = filter.map_err(Refusal::Usage)?;
    let rules = if args.fields.is_some() { Vec::new() } else { load::rules(&args.rules, schema)? };
    let (task, interest) = task(args, schema, &rules)?;
    let mut recording = recording(args)?;
    let (whose, command) = whose(args)?;
    let mut options = Options::new(whose, interest);
    (options.ring_bytes, options.snaplen) = (args.ring << 20, args.snaplen);
    let mut live = Live::start(&options).map_err(usage)?;
    for notice in live.notices() {
        let _ = writeln!(io::stderr(), "peregrine: {notice}");
    }
    let mut session = Session {
        schema,
        extractors: Extractors::new(schema),
        rules: &rules,
        filter,
        task,
        cut: None,
        printer: Printer::new(out, args.json, args.summary),
        stop,
        totals: Totals::new(rules.len()),
    };
    let started = Instant::now();
    let limit = args.seconds.map(Duration::from_secs);
    let mut watched = Bounded { command, started, limit };
    let followed = session.follow(&mut live, &mut recording, &mut watched);
    let status = watched.command.as_mut().and_then(Held::status);
    let followed = followed.and_then(|()| recording.finish().map_err(Broken::Record));
    let errors: Vec<String> = followed.err().iter().map(ToString::to_string).collect();
    Ok(finish(args, session, started, status, &errors))
}

/// Shows the summary.
fn finish(
    args: &Args,
    session: Session<'_>,
    started: Instant,
    status: Option<ExitStatus>,
    errors: &[String],
) -> io::Result<ExitCode> {
    let stopped = session.stop.is_set();
    let kind = session.task.kind();
    let Session { rules, mut printer, mut totals, .. } = session;
    (totals.stopped, totals.elapsed) = (stopped, started.elapsed());
    printer.summary(&Summary { kind, totals: &totals, rules, errors, filtered: args.filter.is_some() })?;
    for error in errors {
        let _ = writeln!(io::stderr(), "peregrine: {error}");
    }
    Ok(match (errors.is_empty(), stopped) {
        (false, _) => ExitCode::FAILURE,
        (true, true) => ExitCode::from(INTERRUPTED),
        (true, false) => status.map_or(ExitCode::SUCCESS, code),
    })
}

/// The exit code that a shell gives for a command's end.
fn code(status: ExitStatus) -> ExitCode {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    ExitCode::from(code as u8)
}

/// What is done with events, and which ones that needs.
fn task(args: &Args, schema: &Schema, rules: &[Rule]) -> Result<(Task, Interest), Refusal> {
    if let Some(format) = &args.fields {
        let listing = Listing::new(schema, if format.is_empty() { listing::DEFAULT } else { format });
        return Ok((Task::List(listing.map_err(Refusal::Usage)?), interest::everything()));
    }
    let least = args.priority.unwrap_or(Priority::Debug);
    let enabled: Vec<bool> = rules.iter().map(|r| r.enabled && r.priority <= least).collect();
    let way = Way::Staged(args.jit.into());
    let matcher = Matcher::evaluated(schema, rules, &enabled, args.rule_matching.into(), way);
    if let Some(why) = &matcher.without_code {
        let _ = writeln!(io::stderr(), "peregrine: rules are interpreted: {why}");
    }
    let base = BaseSyscalls { repair: args.repair, all: args.all, ..BaseSyscalls::default() };
    let interest = interest::of_rules(rules, &enabled, &base);
    Ok((Task::Alerts(Box::new(matcher)), interest))
}

fn recording(args: &Args) -> Result<Recording, Refusal> {
    let Some(path) = &args.write else { return Ok(Recording::default()) };
    let failed = |e: &dyn std::fmt::Display| usage(format!("cannot write `{}`: {e}", path.display()));
    let file = File::create(path).map_err(|e| failed(&e))?;
    let gzip = path.extension().is_some_and(|e| e == "gz");
    let compression = if gzip { Compression::Gzip(6) } else { Compression::Plain };
    Ok(Recording(Some(Writer::new(file, compression).map_err(|e| failed(&e))?)))
}

/// A command, if there is one, and the time that it may take.
struct Bounded {
    command: Option<Held>,
    started: Instant,
    limit: Option<Duration>,
}

impl Watched for Bounded {
    fn begin(&mut self) -> io::Result<()> {
        if let Some(command) = &mut self.command {
            return command.go();
        }
        let _ = writeln!(io::stderr(), "watching; Ctrl-C ends it");
        Ok(())
    }

    fn has_ended(&mut self) -> bool {
        self.command.as_mut().is_some_and(|c| c.status().is_some())
            || self.limit.is_some_and(|limit| self.started.elapsed() >= limit)
    }
}

/// A command that waits to be let go, so that nothing of it is missed.
struct Held {
    child: Child,
    /// Kept open: the shell opens it by its number.
    _entry: io::PipeReader,
    gate: io::PipeWriter,
}

impl Held {
    /// Starts a shell that waits for a line at the gate and then becomes the command.
    fn start(command: &[OsString]) -> io::Result<Self> {
        let (entry, gate) = io::pipe()?;
        let place = format!("/proc/{}/fd/{}", std::process::id(), entry.as_raw_fd());
        let child = std::process::Command::new("/bin/sh")
            .args(["-c", "read -r _ < \"$1\"; shift; exec \"$@\"", "sh", &place])
            .args(command)
            .spawn()?;
        Ok(Self { child, _entry: entry, gate })
    }

    fn go(&mut self) -> io::Result<()> {
        self.gate.write_all(b"\n")
    }

    /// How it ended, once it has.
    fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}
