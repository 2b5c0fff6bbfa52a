//! What the program says about itself: lines on stderr and in syslog.

use crate::config::Log;
use crate::localtime::{TimeStyle, now};
use crate::output::SyslogWriter;
use peregrine_compiler::rulefile::Priority;
use std::io::{self, Write};

/// Writes log lines that are severe enough.
pub(super) struct Logger {
    settings: Log,
    style: TimeStyle,
    syslog: SyslogWriter,
    ident: &'static str,
}

impl Logger {
    /// As long as the configuration is not known, everything goes to stderr.
    pub(super) fn new(ident: &'static str) -> Self {
        let settings = Log { stderr: true, syslog: false, level: Priority::Debug };
        Self { settings, style: TimeStyle::C, syslog: SyslogWriter::new(ident), ident }
    }

    pub(super) fn ident(&self) -> &'static str {
        self.ident
    }

    pub(super) fn configure(&mut self, settings: Log, iso_8601: bool) {
        self.settings = settings;
        self.style = if iso_8601 { TimeStyle::Iso8601 } else { TimeStyle::C };
    }

    pub(super) fn log(&mut self, level: Priority, message: &str) {
        if level > self.settings.level {
            return;
        }
        let message = message.trim_end_matches('\n');
        if self.settings.syslog {
            let _ = self.syslog.send(level, message.as_bytes()); // without a daemon there is no log
        }
        if self.settings.stderr {
            let _ = writeln!(io::stderr(), "{}: {message}", now(self.style)); // nothing is left to tell
        }
    }

    pub(super) fn error(&mut self, message: &str) {
        self.log(Priority::Error, message);
    }

    pub(super) fn warn(&mut self, message: &str) {
        self.log(Priority::Warning, message);
    }

    pub(super) fn info(&mut self, message: &str) {
        self.log(Priority::Informational, message);
    }

    pub(super) fn debug(&mut self, message: &str) {
        self.log(Priority::Debug, message);
    }
}
