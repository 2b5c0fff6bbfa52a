//! Where alerts go: finished lines to stdout, a file, syslog, a program.
//!
//! In: [`Line`]s in the order of the alerts. Each goes to every enabled [`Sink`] in Falco's order: file,
//! stdout, syslog, program. A sink that fails is counted and reported, and never keeps a line from the
//! others ([`Outputs::write`]).
//!
//! ```
//! use peregrine_compiler::rulefile::Priority;
//! use peregrine_runtime::{config, output::{Line, Outputs}};
//! let config = config::from_text("c", "stdout_output: {enabled: true}", &[] as &[&str], &|_| None).unwrap();
//! let mut outputs = Outputs::new(&config.config, "falco").unwrap();
//! let line = Line { text: b"hello", priority: Priority::Notice, rule: "r" };
//! outputs.write(&line, &mut |message| panic!("{message}"));
//! ```

mod file;
mod program;
mod stdout;
mod syslog;

pub use file::FileSink;
pub use program::ProgramSink;
pub use stdout::StdoutSink;
pub use syslog::{SyslogSink, SyslogWriter};

use crate::config::Config;
use peregrine_compiler::rulefile::Priority;
use std::io;

/// A finished alert.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Line<'a> {
    /// Text or JSON without a line break.
    pub text: &'a [u8],
    /// Of the rule.
    pub priority: Priority,
    /// The rule's name.
    pub rule: &'a str,
}

/// One place where alerts go.
pub trait Sink {
    /// Name for messages.
    fn name(&self) -> &'static str;

    /// Delivers a line. When it returns, the line has left this process, unless the sink is buffered.
    ///
    /// # Errors
    /// The line is lost.
    fn write(&mut self, line: &Line<'_>) -> io::Result<()>;

    /// Delivers what is buffered.
    ///
    /// # Errors
    /// What was buffered may be lost.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Lets go of files and processes, so that the next line opens them anew.
    ///
    /// # Errors
    /// Something could not be closed properly.
    fn reopen(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Why there are no outputs.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub enum OutputsError {
    /// No output is enabled.
    #[error("no output is enabled: an alert would go nowhere; set e.g. stdout_output.enabled")]
    NoneEnabled,
    /// An output that is not there yet.
    #[error("{0} is not supported yet")]
    NotSupported(&'static str),
}

struct Entry {
    sink: Box<dyn Sink>,
    failures: u64,
}

/// All enabled sinks.
pub struct Outputs {
    entries: Vec<Entry>,
}

impl Outputs {
    /// The sinks that a configuration enables. `ident` is the name in syslog.
    ///
    /// # Errors
    /// None is enabled, or one that is not there yet.
    pub fn new(config: &Config, ident: &str) -> Result<Self, OutputsError> {
        let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
        if config.file_output.enabled {
            sinks.push(Box::new(FileSink::new(&config.file_output)));
        }
        if config.stdout_output {
            sinks.push(Box::new(StdoutSink::new(io::stdout(), config.buffered_outputs)));
        }
        if config.syslog_output {
            sinks.push(Box::new(SyslogSink::new(SyslogWriter::new(ident))));
        }
        if config.program_output.enabled {
            sinks.push(Box::new(ProgramSink::new(&config.program_output)));
        }
        if config.http_output.enabled {
            return Err(OutputsError::NotSupported("http_output"));
        }
        Self::of(sinks)
    }

    /// These sinks, in this order.
    ///
    /// # Errors
    /// If there is none.
    pub fn of(sinks: Vec<Box<dyn Sink>>) -> Result<Self, OutputsError> {
        if sinks.is_empty() {
            return Err(OutputsError::NoneEnabled);
        }
        Ok(Self { entries: sinks.into_iter().map(|sink| Entry { sink, failures: 0 }).collect() })
    }

    /// Delivers a line to all sinks; `report` is told of failures.
    pub fn write(&mut self, line: &Line<'_>, report: &mut dyn FnMut(&str)) {
        self.each(report, |sink| sink.write(line));
    }

    /// Delivers what is buffered.
    pub fn flush(&mut self, report: &mut dyn FnMut(&str)) {
        self.each(report, |sink| sink.flush());
    }

    /// Lets go of files and processes.
    pub fn reopen(&mut self, report: &mut dyn FnMut(&str)) {
        self.each(report, |sink| sink.reopen());
    }

    /// Names of sinks and how often each has failed.
    pub fn failures(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.entries.iter().map(|e| (e.sink.name(), e.failures))
    }

    fn each(&mut self, report: &mut dyn FnMut(&str), mut act: impl FnMut(&mut dyn Sink) -> io::Result<()>) {
        for entry in &mut self.entries {
            if let Err(error) = act(entry.sink.as_mut()) {
                entry.failures += 1;
                // the 1st, 2nd, 4th, 8th...: a full disk must not fill the log as well
                if entry.failures.is_power_of_two() {
                    let (name, count) = (entry.sink.name(), entry.failures);
                    report(&format!("{name}: {error} (failure {count})"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    struct Recorder {
        name: &'static str,
        broken: bool,
        seen: Arc<Mutex<Vec<String>>>,
    }

    impl Sink for Recorder {
        fn name(&self) -> &'static str {
            self.name
        }

        fn write(&mut self, line: &Line<'_>) -> io::Result<()> {
            if self.broken {
                return Err(io::Error::other("broken"));
            }
            let text = format!("{} {}", self.name, String::from_utf8_lossy(line.text));
            self.seen.lock().unwrap().push(text);
            Ok(())
        }
    }

    fn line(text: &str) -> Line<'_> {
        Line { text: text.as_bytes(), priority: Priority::Warning, rule: "r" }
    }

    #[test]
    fn a_failing_sink_is_counted_and_stops_nobody() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink =
            |name, broken| -> Box<dyn Sink> { Box::new(Recorder { name, broken, seen: Arc::clone(&seen) }) };
        let mut outputs = Outputs::of(vec![sink("a", false), sink("b", true), sink("c", false)]).unwrap();
        let mut reports = Vec::new();
        for n in 1..=5 {
            outputs.write(&line(&n.to_string()), &mut |m| reports.push(m.to_owned()));
        }
        assert_eq!(
            *seen.lock().unwrap(),
            (1..=5).flat_map(|n| [format!("a {n}"), format!("c {n}")]).collect::<Vec<_>>()
        );
        assert_eq!(reports, ["b: broken (failure 1)", "b: broken (failure 2)", "b: broken (failure 4)"]);
        assert_eq!(outputs.failures().collect::<Vec<_>>(), [("a", 0), ("b", 5), ("c", 0)]);
    }

    #[test]
    fn outputs_of_a_configuration() {
        let of = |text: &str| {
            let config = crate::config::from_text("c", text, &[] as &[&str], &|_| None).unwrap().config;
            Outputs::new(&config, "falco").map(|o| o.failures().map(|(n, _)| n).collect::<Vec<_>>())
        };
        assert_eq!(of(""), Err(OutputsError::NoneEnabled));
        let all = "file_output: {enabled: true, filename: f}\nstdout_output: {enabled: true}\n\
                   syslog_output: {enabled: true}\nprogram_output: {enabled: true, program: cat}\n";
        assert_eq!(of(all), Ok(vec!["file_output", "stdout_output", "syslog_output", "program_output"]));
        let http = "http_output: {enabled: true, url: http://x}";
        assert_eq!(of(http), Err(OutputsError::NotSupported("http_output")));
    }
}
