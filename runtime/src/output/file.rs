//! Alerts at the end of a file.

use super::{Line, Sink};
use crate::config::FileOutput;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

/// Appends lines; opens the file for each one unless it is kept open.
#[derive(Debug)]
pub struct FileSink {
    path: PathBuf,
    keep_alive: bool,
    file: Option<File>,
}

impl FileSink {
    /// Nothing is opened before the first line.
    pub fn new(config: &FileOutput) -> Self {
        Self { path: config.filename.clone(), keep_alive: config.keep_alive, file: None }
    }

    fn open(&self) -> io::Result<File> {
        let file = OpenOptions::new().append(true).create(true).open(&self.path);
        file.map_err(|e| io::Error::new(e.kind(), format!("cannot open `{}`: {e}", self.path.display())))
    }
}

impl Sink for FileSink {
    fn name(&self) -> &'static str {
        "file_output"
    }

    fn write(&mut self, line: &Line<'_>) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.open()?,
        };
        // one call, so that lines of several writers are not mixed
        let mut text = Vec::with_capacity(line.text.len() + 1);
        text.extend_from_slice(line.text);
        text.push(b'\n');
        file.write_all(&text)?;
        if self.keep_alive {
            self.file = Some(file);
        }
        Ok(())
    }

    fn reopen(&mut self) -> io::Result<()> {
        self.file = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use peregrine_compiler::rulefile::Priority;
    use std::fs;

    fn line(text: &str) -> Line<'_> {
        Line { text: text.as_bytes(), priority: Priority::Error, rule: "r" }
    }

    #[test]
    fn lines_follow_what_is_there_and_a_moved_file_is_left() {
        for keep_alive in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let (path, moved) = (dir.path().join("a"), dir.path().join("b"));
            fs::write(&path, "before\n").unwrap();
            let mut sink = FileSink::new(&FileOutput { enabled: true, keep_alive, filename: path.clone() });
            sink.write(&line("1")).unwrap();
            fs::rename(&path, &moved).unwrap();
            sink.write(&line("2")).unwrap();
            sink.reopen().unwrap();
            sink.write(&line("3")).unwrap();
            let (old, new) = if keep_alive { ("before\n1\n2\n", "3\n") } else { ("before\n1\n", "2\n3\n") };
            assert_eq!(fs::read_to_string(&moved).unwrap(), old);
            assert_eq!(fs::read_to_string(&path).unwrap(), new);
        }
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_named() {
        let filename = PathBuf::from("/nonexistent/x");
        let mut sink = FileSink::new(&FileOutput { enabled: true, keep_alive: false, filename });
        let error = sink.write(&line("1")).unwrap_err().to_string();
        assert!(error.contains("cannot open `/nonexistent/x`"), "{error}");
    }
}
