//! Lines on stdout: alerts, events, the summary.

use super::progress::Progress;
use super::summary::Summary;
use crate::alert::{Alert, AlertOptions};
use crate::cli::colour;
use peregrine_compiler::rulefile::Priority;
use std::io::{self, Write};

/// Writes results in the form that the user chose.
pub(in crate::cli) struct Printer<'o> {
    out: &'o mut dyn Write,
    json: bool,
    summary_only: bool,
    color: bool,
    /// How alerts are written as JSON.
    pub(in crate::cli) options: AlertOptions,
}

impl<'o> Printer<'o> {
    pub(in crate::cli) fn new(out: &'o mut dyn Write, json: bool, summary_only: bool) -> Self {
        let color = colour::on_stdout();
        Self { out, json, summary_only, color, options: AlertOptions::default() }
    }

    /// Whether anything is printed before the summary.
    pub(in crate::cli) fn is_silent(&self) -> bool {
        self.summary_only
    }

    pub(in crate::cli) fn json(&self) -> bool {
        self.json
    }

    pub(in crate::cli) fn alert(&mut self, alert: &Alert, progress: &Progress) -> io::Result<()> {
        let line = if self.json { alert.json(&self.options) } else { human(alert, self.color) };
        self.line(&line, progress)
    }

    pub(in crate::cli) fn line(&mut self, line: &str, progress: &Progress) -> io::Result<()> {
        progress.suspend(|| {
            writeln!(self.out, "{line}")?;
            if progress.shares_terminal() { self.out.flush() } else { Ok(()) }
        })
    }

    /// Hands on what was written: nothing more arrives for now.
    pub(in crate::cli) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The summary, to stdout if it is all that is wanted, else to stderr behind everything else.
    pub(in crate::cli) fn summary(&mut self, summary: &Summary<'_>) -> io::Result<()> {
        if self.summary_only {
            return if self.json {
                writeln!(self.out, "{}", summary.json())
            } else {
                self.out.write_all(summary.text().as_bytes())
            };
        }
        self.out.flush()?;
        let _ = io::stderr().write_all(summary.text().as_bytes());
        Ok(())
    }
}

/// `time Priority message [rule]`
fn human(alert: &Alert, color: bool) -> String {
    let (begin, dim, end) = if color { (style(alert.priority), DIM, PLAIN) } else { ("", "", "") };
    let mut line = format!("{} {begin}{}{end} ", alert.time, alert.priority);
    push_visible(&mut line, &alert.message);
    line.push_str(" [");
    line.push_str(dim);
    push_visible(&mut line, &alert.rule);
    line.push_str(end);
    line.push(']');
    line
}

const PLAIN: &str = "\x1b[0m";
const DIM: &str = "\x1b[2m";

/// Codes that begin the colour of a priority.
fn style(priority: Priority) -> &'static str {
    match priority {
        Priority::Emergency | Priority::Alert | Priority::Critical => "\x1b[1;31m",
        Priority::Error => "\x1b[31m",
        Priority::Warning => "\x1b[33m",
        Priority::Notice => "\x1b[36m",
        Priority::Informational | Priority::Debug => DIM,
    }
}

/// Appends a text whose control characters would else end the line or reach the terminal.
pub(in crate::cli) fn push_visible(line: &mut String, text: &str) {
    for c in text.chars() {
        if c.is_control() { line.extend(c.escape_default()) } else { line.push(c) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;

    fn alert(message: &str) -> Alert {
        Alert {
            rule: "r".to_owned(),
            priority: Priority::Warning,
            source: "syscall".to_owned(),
            tags: Vec::new(),
            time_ns: 0,
            event: 1,
            time: "00:00:00.000000000".to_owned(),
            message: message.to_owned(),
            fields: Map::new(),
        }
    }

    #[test]
    fn what_comes_from_events_cannot_reach_the_terminal() {
        let line = human(&alert("a\nb\x1b[2J\u{9b}c \"q\" \\ é"), false);
        assert_eq!(line, "00:00:00.000000000 Warning a\\nb\\u{1b}[2J\\u{9b}c \"q\" \\ é [r]");
    }

    #[test]
    fn priorities_have_colours() {
        assert_eq!(human(&alert("m"), true), "00:00:00.000000000 \x1b[33mWarning\x1b[0m m [\x1b[2mr\x1b[0m]");
    }
}
