//! `falco`: the command line of Falco, as `peregrine falco ...` and under the name `falco`.
//!
//! In: Falco's flags, `falco.yaml`, rule files. Out: what Falco prints, on stdout results and alerts, on
//! stderr the log. One step after the other ([`steps`]), each may end the program or fail; failures are
//! reported in Falco's form.
//!
//! Exit codes: 0 done, 1 anything that failed, 255 the pid file cannot be written.

mod args;
mod describe;
mod log;
mod plugins;
mod reload;
mod rules;
mod run;
mod signals;
mod summary;
mod support;
mod validate;
mod version;
mod watch;

pub use summary::{RuleCount, Stats};

use crate::config::{self, Config};
use crate::metrics::sha256;
use args::Args;
use log::Logger;
use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

/// Where the configuration is without `-c`.
const DEFAULT_CONFIG: &str = "/etc/falco/falco.yaml";
/// The only event source that there is.
const SYSCALL_SOURCE: &str = "syscall";

/// System calls that Falco leaves out unless `base_syscalls.all` is set: many events, little news.
const IGNORED: [&str; 11] =
    ["pread", "preadv", "pwrite", "pwritev", "read", "readv", "recv", "send", "sendfile", "write", "writev"];

/// Whether there is more to do.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Flow {
    Continue,
    Done,
}

/// Why the program ends.
#[derive(Debug)]
enum Failure {
    /// Printed as Falco prints what a step finds.
    Fatal(String),
    /// Logged as Falco logs an exception.
    Runtime(String),
    /// The pid file.
    Pidfile(String),
    /// Nobody reads what is written.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// What all steps share.
struct App {
    args: Args,
    /// For messages.
    cmdline: String,
    config_path: PathBuf,
    log: Logger,
    started: SystemTime,
    /// When the configuration was read.
    configured: SystemTime,
    /// Only if metrics are wanted.
    digests: Digests,
}

/// Names and digests of files.
#[derive(Clone, Default)]
struct Digests {
    config: Vec<(String, String)>,
    rules: Vec<(String, String)>,
}

/// Runs with the arguments after the program's name. `ident` is the name for syslog.
pub(super) fn main(arguments: &[OsString], ident: &'static str) -> ExitCode {
    let args = match args::parse(arguments) {
        Ok(args) => args,
        Err(error) => {
            let failed = error.use_stderr();
            let _ = error.print(); // nothing is left to tell it to
            return if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    let words = arguments.iter().map(|a| a.to_string_lossy());
    let cmdline = std::iter::once("falco".into()).chain(words).collect::<Vec<_>>().join(" ");
    let config_path = args.config.clone().unwrap_or_else(|| DEFAULT_CONFIG.into());
    let started = SystemTime::now();
    let log = Logger::new(ident);
    let digests = Digests::default();
    let mut app = App { args, cmdline, config_path, log, started, configured: started, digests };
    // not locked: outputs write to stdout, too
    let mut out = BufWriter::new(io::stdout());
    let result = steps(&mut app, &mut out);
    let flushed = out.flush();
    if flushed.is_err() {
        let _ = out.into_parts(); // drops the buffer without another attempt to write it
    }
    match result.and_then(|_| flushed.map_err(Failure::from)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&mut app, &failure),
    }
}

fn report(app: &mut App, failure: &Failure) -> ExitCode {
    match failure {
        Failure::Fatal(message) => {
            let _ = writeln!(io::stderr(), "Error: {message}");
        }
        Failure::Runtime(message) => app.log.error(&format!("Runtime error: {message}. Exiting.")),
        Failure::Pidfile(message) => {
            app.log.error(message);
            return ExitCode::from(255);
        }
        Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        Failure::Output(error) => {
            let _ = writeln!(io::stderr(), "Error: cannot write to stdout: {error}");
        }
    }
    ExitCode::FAILURE
}

/// Everything that the program does, in Falco's order.
fn steps(app: &mut App, out: &mut dyn Write) -> Result<Flow, Failure> {
    if print_constants(app, out)? == Flow::Done {
        return Ok(Flow::Done);
    }
    let config = load_config(app)?;
    if print_lists(app, &config, out)? == Flow::Done {
        return Ok(Flow::Done);
    }
    plugins::load(&config, |line| app.log.info(line))?;
    select_sources(app)?;
    if !app.args.validate.is_empty() {
        return validate::run(app, &config, out);
    }
    if app.args.support {
        return support::run(app, &config, out);
    }
    let schema = rules::schema(&config);
    let loader = rules::load(app, &config, &schema)?;
    let enabled = rules::enabled(app, &config, loader.rules().unwrap_or_default());
    if let Some(described) = describe::json_if_asked(app, &loader)? {
        if config.json_output {
            writeln!(out, "{described}")?;
        } else {
            describe::text(app, &loader, out)?;
        }
        return Ok(Flow::Done);
    }
    let rules = loader.into_rules().unwrap_or_default();
    run::run(app, &config, schema, rules, &enabled, out)
}

/// What needs no configuration.
fn print_constants(app: &App, out: &mut dyn Write) -> Result<Flow, Failure> {
    let args = &app.args;
    if args.config_schema {
        serde_json::to_writer_pretty(&mut *out, &config::json_schema()).map_err(io::Error::from)?;
        writeln!(out)?;
    } else if args.rule_schema {
        let schema = peregrine_compiler::itemschema::json_schema();
        serde_json::to_writer_pretty(&mut *out, &schema).map_err(io::Error::from)?;
        writeln!(out)?;
    } else if args.page_size {
        writeln!(out, "Your system page size is: {}", page_size()?)?;
    } else if args.ignored {
        writeln!(out, "Ignored syscall(s):")?;
        for name in IGNORED {
            writeln!(out, "- {name}")?;
        }
        writeln!(out)?;
    } else if args.list_events {
        super::list::falco_events(format(args), out)?;
    } else {
        return Ok(Flow::Continue);
    }
    Ok(Flow::Done)
}

fn format(args: &Args) -> super::list::Format {
    let markdown = if args.markdown { super::list::Format::Markdown } else { super::list::Format::Text };
    args.format.unwrap_or(markdown)
}

/// From the auxiliary vector: entry 6 (`AT_PAGESZ`) of pairs of words.
fn page_size() -> io::Result<u64> {
    const AT_PAGESZ: u64 = 6;
    let bytes = std::fs::read("/proc/self/auxv")?;
    let mut words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_ne_bytes(*word));
    while let (Some(key), Some(value)) = (words.next(), words.next()) {
        if key == AT_PAGESZ {
            return Ok(value);
        }
    }
    Err(io::Error::other("the kernel does not tell the page size"))
}

/// Reads the configuration and sets up the log.
fn load_config(app: &mut App) -> Result<Config, Failure> {
    let env = |name: &str| std::env::var_os(name).map(|v| v.to_string_lossy().into_owned());
    let args = &app.args;
    let needs_none = args.version || args.list.is_some();
    let path = app.config_path.clone();
    let loaded = if args.config.is_none() && !path.exists() {
        if !needs_none {
            let message = format!("You must create a config file at {DEFAULT_CONFIG}, or name one with -c");
            return Err(Failure::Fatal(message));
        }
        config::from_text("defaults", "", &args.options, &env).map_err(config::Failed::from)
    } else {
        config::load(&path, &args.options, &env)
    };
    let loaded = loaded.map_err(|failed| {
        if let Some((log, iso_8601)) = failed.log {
            app.log.configure(log, iso_8601);
        }
        failed.files.iter().flat_map(|f| &f.warnings).for_each(|warning| app.log.warn(warning));
        Failure::Fatal(failed.errors.to_string())
    })?;
    let mut config = loaded.config;
    app.log.configure(config.log, config.time_format_iso_8601);
    config.buffered_outputs &= !app.args.unbuffered;
    app.configured = SystemTime::now();
    if config.metrics.enabled {
        for file in &loaded.files {
            let content = std::fs::read(&file.path).unwrap_or_default();
            app.digests.config.extend(digest(&file.path, &content));
        }
    }
    app.log.info(&format!("Falco version: {} ({})", version::FALCO_VERSION, std::env::consts::ARCH));
    app.log.debug(&format!("CLI args: {}", app.cmdline));
    if app.args.markdown {
        app.log.warn("--markdown is deprecated; use --format markdown");
    }
    if let Some(format) = &app.args.print {
        app.log.warn(if rules::is_preset(format) {
            "-p is deprecated; this format is ignored: the container plugin adds its fields to outputs"
        } else {
            "-p is deprecated; use append_output of the configuration"
        });
    }
    app.log.info("Falco initialized with configuration files:");
    for file in &loaded.files {
        let verdict = file.schema.as_deref().unwrap_or("ok");
        app.log.info(&format!("   {} | schema validation: {verdict}", file.path.display()));
    }
    for warning in loaded.files.iter().flat_map(|f| &f.warnings).chain(&loaded.warnings) {
        app.log.warn(warning);
    }
    Ok(config)
}

/// Name and digest of a file.
fn digest(path: &Path, content: &[u8]) -> Option<(String, String)> {
    Some((path.file_name()?.to_string_lossy().into_owned(), sha256(content)))
}

/// What needs the configuration, but no rules.
fn print_lists(app: &mut App, config: &Config, out: &mut dyn Write) -> Result<Flow, Failure> {
    if app.args.version {
        if config.json_output {
            writeln!(out, "{}", version::json())?;
        } else {
            write!(out, "{}", version::text())?;
        }
        return Ok(Flow::Done);
    }
    if let Some(name) = &app.args.plugin_info {
        return plugins::info(config, name, out);
    }
    if app.args.list_plugins {
        return plugins::list(config, out);
    }
    let Some(source) = &app.args.list else { return Ok(Flow::Continue) };
    if !["", SYSCALL_SOURCE].contains(&source.as_str()) {
        let message = format!("Value for --list must be a valid source type, found '{source}'");
        return Err(Failure::Fatal(message));
    }
    let keys: Vec<&String> = config.static_fields.keys().collect();
    if app.args.names_only {
        super::list::falco_field_names(&keys, out)?;
    } else {
        super::list::falco_fields(&keys, format(&app.args), out)?;
    }
    Ok(Flow::Done)
}

/// Checks `--enable-source` and `--disable-source`.
fn select_sources(app: &App) -> Result<(), Failure> {
    let (enabled, disabled) = (&app.args.enable_source, &app.args.disable_source);
    if !enabled.is_empty() && !disabled.is_empty() {
        return Err(Failure::Fatal("You can not mix --enable-source and --disable-source".to_owned()));
    }
    for (what, sources) in [("enabling", enabled), ("disabling", disabled)] {
        if let Some(unknown) = sources.iter().find(|s| *s != SYSCALL_SOURCE) {
            return Err(Failure::Fatal(format!("Attempted {what} unknown event source: {unknown}")));
        }
    }
    if disabled.is_empty() {
        Ok(())
    } else {
        Err(Failure::Fatal("At least one event source needs to be enabled".to_owned()))
    }
}
