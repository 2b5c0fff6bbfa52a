//! What the tests of the probe have in common: the program that they start and the events of it.

use peregrine_probe::{Mark, Probe};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Tells a test that it is to be the program, and which part of it.
pub(crate) const PROGRAM: &str = "PEREGRINE_PROBE_PROGRAM";

/// An event, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Event {
    /// Thread.
    pub(crate) tid: u64,
    /// Type.
    pub(crate) code: u16,
    /// Bytes of each.
    pub(crate) params: Vec<Vec<u8>>,
}

fn event(bytes: &[u8]) -> Event {
    let number =
        |at: usize, len: usize| bytes[at..at + len].iter().rev().fold(0_u64, |n, b| n << 8 | u64::from(*b));
    assert_eq!(number(16, 4) as usize, bytes.len(), "the length in the header");
    let count = number(22, 4) as usize;
    let mut at = 26 + 2 * count;
    let params = (0..count).map(|i| {
        let len = number(26 + 2 * i, 2) as usize;
        at += len;
        bytes[at - len..at].to_vec()
    });
    let params = params.collect();
    assert_eq!(at, bytes.len(), "parameters fill the event");
    Event { tid: number(8, 8), code: number(20, 2) as u16, params }
}

/// The program, and what it prints once it is let go.
pub(crate) struct Program {
    pub(crate) child: Child,
}

impl Program {
    pub(crate) fn start(part: &str) -> Self {
        let own = std::env::current_exe().unwrap();
        let mut command = Command::new(own);
        command.env(PROGRAM, part).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // it is ready when it says so
        let mut ready = [0; 6];
        child.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
        assert_eq!(&ready, b"ready\n");
        Self { child }
    }

    pub(crate) fn finish(mut self) -> Vec<String> {
        self.child.stdin.take().unwrap().write_all(b"go\n").unwrap();
        let lines = BufReader::new(self.child.stdout.take().unwrap()).lines().map(Result::unwrap).collect();
        assert!(self.child.wait().unwrap().success());
        lines
    }
}

/// Everything that is recorded until nothing more comes, with what is known beside.
pub(crate) fn marked(probe: &mut Probe) -> Vec<(Mark, Event)> {
    let mut events = Vec::new();
    let start = Instant::now();
    let mut quiet = 0;
    while quiet < 3 && start.elapsed() < Duration::from_secs(20) {
        let count = probe.drain(|mark, bytes| events.push((mark, event(bytes)))).unwrap();
        quiet = if count == 0 { quiet + 1 } else { 0 };
        std::thread::sleep(Duration::from_millis(2));
    }
    events
}
