//! Alerts on stdout.

use super::{Line, Sink};
use std::io::{self, BufWriter, Write};

/// Writes a line and a line break; flushes each unless it is buffered.
pub struct StdoutSink<W: Write> {
    out: BufWriter<W>,
    buffered: bool,
}

impl<W: Write> StdoutSink<W> {
    /// To `out`, which stands for stdout.
    pub fn new(out: W, buffered: bool) -> Self {
        Self { out: BufWriter::new(out), buffered }
    }
}

impl<W: Write> Sink for StdoutSink<W> {
    fn name(&self) -> &'static str {
        "stdout_output"
    }

    fn write(&mut self, line: &Line<'_>) -> io::Result<()> {
        self.out.write_all(line.text)?;
        self.out.write_all(b"\n")?;
        if self.buffered { Ok(()) } else { self.out.flush() }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use peregrine_compiler::rulefile::Priority;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn buffered_lines_wait_for_a_flush() {
        let line = Line { text: b"x", priority: Priority::Error, rule: "r" };
        for (buffered, before) in [(false, "x\nx\n"), (true, "")] {
            let out = Shared::default();
            let mut sink = StdoutSink::new(out.clone(), buffered);
            sink.write(&line).unwrap();
            sink.write(&line).unwrap();
            assert_eq!(*out.0.lock().unwrap(), before.as_bytes(), "{buffered}");
            sink.flush().unwrap();
            assert_eq!(*out.0.lock().unwrap(), b"x\nx\n");
        }
    }
}
