//! Where captures come from, and how reading them is stopped.

use crate::rules;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// How long a stop may go unnoticed while nothing arrives.
const NOTICE: Duration = Duration::from_millis(100);
/// Bytes taken from a pipe at once.
const PIPE_BYTES: usize = 64 << 10;

/// Set when the user wants the run to end.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Set by SIGINT and SIGTERM; a second one ends the program at once.
    pub(in crate::cli) fn on_signals() -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_default(signal, Arc::clone(&stop))?;
            flag::register(signal, Arc::clone(&stop))?;
        }
        Ok(Self(stop))
    }

    pub(in crate::cli) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A capture to read.
#[derive(Debug)]
pub(in crate::cli) struct Source {
    /// As messages name it.
    pub(in crate::cli) name: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Sample,
    Stdin,
    File(PathBuf),
}

/// A capture whose reading begins.
pub(in crate::cli) struct Opened {
    pub(in crate::cli) reader: Box<dyn Read + Send>,
    /// Bytes read so far.
    pub(in crate::cli) read: Arc<AtomicU64>,
    /// All bytes, unless it is a pipe.
    pub(in crate::cli) len: Option<u64>,
}

impl Source {
    pub(in crate::cli) fn sample() -> Self {
        Self { name: "sample".to_owned(), place: Place::Sample }
    }

    pub(in crate::cli) fn files(paths: &[PathBuf]) -> Vec<Self> {
        let one = |path: &PathBuf| match path.to_str() {
            Some("-") => Self { name: "stdin".to_owned(), place: Place::Stdin },
            _ => Self { name: path.display().to_string(), place: Place::File(path.clone()) },
        };
        paths.iter().map(one).collect()
    }

    pub(in crate::cli) fn open(self, stop: &Stop) -> io::Result<Opened> {
        let (reader, len): (Box<dyn Read + Send>, _) = match self.place {
            Place::Sample => (Box::new(Cursor::new(rules::SAMPLE)), Some(rules::SAMPLE.len() as u64)),
            Place::Stdin => (Box::new(Pipe::new(io::stdin(), stop)?), None),
            Place::File(path) => {
                let file = File::open(path)?;
                let meta = file.metadata()?;
                if meta.is_dir() {
                    return Err(io::Error::from(io::ErrorKind::IsADirectory));
                }
                if meta.is_file() {
                    (Box::new(file), Some(meta.len()))
                } else {
                    (Box::new(Pipe::new(file, stop)?), None)
                }
            }
        };
        let read = Arc::new(AtomicU64::new(0));
        let reader = Box::new(Counted { inner: reader, read: Arc::clone(&read) });
        Ok(Opened { reader, read, len })
    }
}

struct Counted {
    inner: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// A reader that may wait for ever, read on a thread of its own; it ends when a stop is set.
struct Pipe {
    chunks: Receiver<io::Result<Vec<u8>>>,
    rest: Cursor<Vec<u8>>,
    stop: Stop,
}

impl Pipe {
    fn new(mut inner: impl Read + Send + 'static, stop: &Stop) -> io::Result<Self> {
        let (sender, chunks) = sync_channel(4);
        std::thread::Builder::new().name("pipe".to_owned()).spawn(move || {
            loop {
                let mut chunk = vec![0; PIPE_BYTES];
                let read = match inner.read(&mut chunk) {
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                    Err(e) => Err(e),
                    Ok(n) => {
                        chunk.truncate(n);
                        Ok(chunk)
                    }
                };
                let last = read.as_ref().map_or(true, Vec::is_empty);
                if sender.send(read).is_err() || last {
                    return;
                }
            }
        })?;
        Ok(Self { chunks, rest: Cursor::default(), stop: stop.clone() })
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.rest.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                return Ok(n);
            }
            match self.chunks.recv_timeout(NOTICE) {
                Ok(chunk) => {
                    let chunk = chunk?;
                    if chunk.is_empty() {
                        return Ok(0);
                    }
                    self.rest = Cursor::new(chunk);
                }
                Err(RecvTimeoutError::Timeout) if !self.stop.is_set() => {}
                Err(_) => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives what is put into it and then waits.
    struct Endless(Cursor<Vec<u8>>);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => loop {
                    std::thread::park();
                },
                n => Ok(n),
            }
        }
    }

    #[test]
    fn a_stop_ends_a_pipe_that_says_no_more() {
        let stop = Stop(Arc::new(AtomicBool::new(false)));
        let mut pipe = Pipe::new(Endless(Cursor::new(b"abc".to_vec())), &stop).unwrap();
        let mut all = [0; 3];
        pipe.read_exact(&mut all).unwrap();
        assert_eq!(&all, b"abc");
        stop.0.store(true, Ordering::Relaxed);
        assert_eq!(pipe.read(&mut all).unwrap(), 0);
    }

    #[test]
    fn a_pipe_gives_all_bytes_and_its_end() {
        let stop = Stop(Arc::new(AtomicBool::new(false)));
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| n as u8).collect();
        let mut pipe = Pipe::new(Cursor::new(bytes.clone()), &stop).unwrap();
        let mut all = Vec::new();
        pipe.read_to_end(&mut all).unwrap();
        assert!(all == bytes);
    }
}
