//! Alerts to the standard input of a program.

use super::{Line, Sink};
use crate::config::ProgramOutput;
use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

/// Starts `sh -c PROGRAM` for each line and waits for its end, or keeps one process for all lines.
#[derive(Debug)]
pub struct ProgramSink {
    program: String,
    keep_alive: bool,
    child: Option<Child>,
}

impl ProgramSink {
    /// Nothing is started before the first line.
    pub fn new(config: &ProgramOutput) -> Self {
        Self { program: config.program.clone(), keep_alive: config.keep_alive, child: None }
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(&self.program).stdin(Stdio::piped());
        peregrine_probe::not_preferred(&mut command).spawn()
    }

    /// Closes the program's input and waits for its end.
    fn finish(mut child: Child) -> io::Result<()> {
        drop(child.stdin.take());
        let status = child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("the program ended with {status}")))
        }
    }
}

fn send(child: &mut Child, line: &Line<'_>) -> io::Result<()> {
    let Some(input) = child.stdin.as_mut() else { return Err(io::ErrorKind::BrokenPipe.into()) };
    let mut text = Vec::with_capacity(line.text.len() + 1);
    text.extend_from_slice(line.text);
    text.push(b'\n');
    input.write_all(&text)
}

impl Sink for ProgramSink {
    fn name(&self) -> &'static str {
        "program_output"
    }

    fn write(&mut self, line: &Line<'_>) -> io::Result<()> {
        let mut child = match self.child.take() {
            Some(child) => child,
            None => self.start()?,
        };
        match send(&mut child, line) {
            Ok(()) if self.keep_alive => {
                self.child = Some(child);
                Ok(())
            }
            // a program may end without reading; what its end says counts
            Err(error) if self.keep_alive || error.kind() != io::ErrorKind::BrokenPipe => {
                let _ = Self::finish(child);
                Err(error)
            }
            _ => Self::finish(child),
        }
    }

    fn reopen(&mut self) -> io::Result<()> {
        self.child.take().map_or(Ok(()), Self::finish)
    }
}

impl Drop for ProgramSink {
    fn drop(&mut self) {
        let _ = self.reopen(); // nobody is left to be told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use peregrine_compiler::rulefile::Priority;
    use std::fs;

    fn run(program: &str, keep_alive: bool, lines: &[&str]) -> Vec<Result<(), String>> {
        let config = ProgramOutput { enabled: true, keep_alive, program: program.to_owned() };
        let mut sink = ProgramSink::new(&config);
        let send = |text: &&str| {
            let line = Line { text: text.as_bytes(), priority: Priority::Error, rule: "r" };
            sink.write(&line).map_err(|e| e.to_string())
        };
        lines.iter().map(send).collect()
    }

    #[test]
    fn one_process_for_each_line_or_for_all() {
        for (keep_alive, expect) in [(false, "start\n1\nstart\n2\n"), (true, "start\n1\n2\n")] {
            let dir = tempfile::tempdir().unwrap();
            let out = dir.path().join("out");
            let program = format!("echo start >> '{0}'; cat >> '{0}'", out.display());
            assert_eq!(run(&program, keep_alive, &["1", "2"]), [Ok(()), Ok(())]);
            assert_eq!(fs::read_to_string(&out).unwrap(), expect);
        }
    }

    #[test]
    fn a_program_that_reads_nothing_is_fine_and_one_that_fails_is_not() {
        assert_eq!(run("true", false, &["1", "2"]), [Ok(()), Ok(())]);
        let failed = run("exit 3", false, &["1"]);
        assert_eq!(failed, [Err("the program ended with exit status: 3".to_owned())]);
    }
}
