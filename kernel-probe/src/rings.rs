//! Rings of all processors as one sequence, in order of time.

use super::error::ProbeError;
use super::translate::{self, HEADER};
use aya::maps::{MapData, RingBuf};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::OnceLock;

/// Bytes that are taken from a ring at once.
const BATCH_BYTES: usize = 4 << 20;

/// Where events come from; the rings of a machine, and vectors in tests.
pub(crate) trait Source {
    /// Gives the next event, if there is one.
    fn next(&mut self, take: &mut dyn FnMut(&[u8])) -> bool;
}

impl Source for RingBuf<MapData> {
    fn next(&mut self, take: &mut dyn FnMut(&[u8])) -> bool {
        match RingBuf::next(self) {
            Some(item) => {
                take(&item);
                true
            }
            None => false,
        }
    }
}

/// What is known of an event beside its bytes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Processor.
    pub cpu: u16,
    /// It was asked for through an `io_uring`, not by the system call of its type.
    pub io_uring: bool,
    /// The kernel did not tell its result; it says 0, or [`UNKNOWN_FD`](super::UNKNOWN_FD).
    pub result_unknown: bool,
}

/// Bits beside an event's type: `BY_URING` and `RESULT_UNKNOWN` of `bpf/uring.h`.
const BY_URING: u16 = 0x8000;
const RESULT_UNKNOWN: u16 = 0x4000;

/// A ring and what was taken from it.
pub(crate) struct Lane<S> {
    cpu: u16,
    source: S,
    bytes: Vec<u8>,
    /// Begin and length in `bytes`, and time.
    events: VecDeque<(usize, usize, u64)>,
}

impl<S: Source> Lane<S> {
    pub(crate) fn new(cpu: u16, source: S) -> Self {
        Self { cpu, source, bytes: Vec::new(), events: VecDeque::new() }
    }

    fn fill(&mut self) {
        if self.events.is_empty() {
            self.bytes.clear();
        } else if let Some(&(first, ..)) = self.events.front()
            && first > 0
        {
            self.bytes.drain(..first);
            self.events.iter_mut().for_each(|(at, ..)| *at -= first);
        }
        let Self { source, bytes, events, .. } = self;
        let mut more = true;
        while more && bytes.len() < BATCH_BYTES {
            more = source.next(&mut |event| {
                let Some(time) = event.first_chunk().map(|b| u64::from_le_bytes(*b)) else { return };
                events.push_back((bytes.len(), event.len(), time));
                bytes.extend_from_slice(event);
            });
        }
    }
}

/// All rings.
pub(crate) struct Rings<S> {
    lanes: Vec<Lane<S>>,
    /// For each event type what is done to its parameters.
    translations: Vec<Vec<(u8, translate::Translation)>>,
}

impl<S: Source> Rings<S> {
    pub(crate) fn new(lanes: Vec<Lane<S>>, translations: Vec<Vec<(u8, translate::Translation)>>) -> Self {
        Self { lanes, translations }
    }

    /// Hands on what happened up to `until_ns`, a time before now, in order; tells how much.
    pub(crate) fn drain(&mut self, until_ns: u64, mut take: impl FnMut(Mark, &[u8])) -> usize {
        self.lanes.iter_mut().for_each(Lane::fill);
        let head = |lane: &Lane<S>| lane.events.front().map(|e| e.2).filter(|&time| time <= until_ns);
        let heads = self.lanes.iter().enumerate();
        let mut next: BinaryHeap<Reverse<(u64, usize)>> =
            heads.filter_map(|(i, lane)| Some(Reverse((head(lane)?, i)))).collect();
        let mut count = 0;
        while let Some(Reverse((_, at))) = next.pop() {
            let Some(lane) = self.lanes.get_mut(at) else { break };
            let Some((begin, len, _)) = lane.events.pop_front() else { continue };
            if let Some(event) = lane.bytes.get_mut(begin..begin + len) {
                let marked =
                    event.get(20..22).and_then(|b| b.first_chunk()).map_or(0, |b| u16::from_le_bytes(*b));
                let code = marked & !(BY_URING | RESULT_UNKNOWN);
                if let Some(place) = event.get_mut(20..22).filter(|_| marked != code) {
                    place.copy_from_slice(&code.to_le_bytes());
                }
                match self.translations.get(usize::from(code)) {
                    Some(all) if !all.is_empty() && len > HEADER => translate::event(event, all),
                    _ => {}
                }
                let io_uring = marked & BY_URING != 0;
                take(Mark { cpu: lane.cpu, io_uring, result_unknown: marked & RESULT_UNKNOWN != 0 }, event);
                count += 1;
            }
            if let Some(time) = head(lane) {
                next.push(Reverse((time, at)));
            }
        }
        count
    }
}

/// How much the reader is preferred to other threads, as `nice` counts it.
const PREFERENCE: libc::c_int = -10;

/// What it was before.
static BEFORE: OnceLock<libc::c_int> = OnceLock::new();

/// Prefers this thread to others, so that the rings are read also while programs fill them on all processors; tells
/// whether that is allowed. It takes no time from others unless there is much to read.
pub fn prefer_this_thread() -> bool {
    // SAFETY: the calls take numbers only; 0 is the calling thread
    let done = unsafe {
        BEFORE.get_or_init(|| libc::getpriority(libc::PRIO_PROCESS, 0));
        libc::setpriority(libc::PRIO_PROCESS, 0, PREFERENCE)
    };
    done == 0
}

/// A command that a preferred thread starts is not preferred.
pub fn not_preferred(command: &mut Command) -> &mut Command {
    let Some(&before) = BEFORE.get() else { return command };
    // SAFETY: between fork and exec one system call is made, which takes numbers only
    unsafe {
        command.pre_exec(move || {
            libc::setpriority(libc::PRIO_PROCESS, 0, before);
            Ok(())
        })
    }
}

/// Nanoseconds since 1970 by the clock of the events, which does not jump; `epoch_ns` is its begin.
pub(crate) fn now_ns(epoch_ns: u64) -> Result<u64, ProbeError> {
    Ok(epoch_ns + clock_ns(libc::CLOCK_BOOTTIME)?)
}

/// A clock of the machine.
pub(crate) fn clock_ns(clock: libc::clockid_t) -> Result<u64, ProbeError> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a timespec that the call may write to
    let result = unsafe { libc::clock_gettime(clock, &raw mut time) };
    if result != 0 {
        return Err(ProbeError::Io { what: "the clock", source: std::io::Error::last_os_error() });
    }
    Ok(time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Source for VecDeque<Vec<u8>> {
        fn next(&mut self, take: &mut dyn FnMut(&[u8])) -> bool {
            self.pop_front().map(|event| take(&event)).is_some()
        }
    }

    fn event(time: u64, mark: u8) -> Vec<u8> {
        let mut bytes = vec![0; HEADER];
        bytes[..8].copy_from_slice(&time.to_le_bytes());
        bytes[8] = mark;
        bytes
    }

    fn lane(cpu: u16, times: &[u64]) -> Lane<VecDeque<Vec<u8>>> {
        Lane::new(cpu, times.iter().map(|&t| event(t, cpu as u8)).collect())
    }

    fn drained(rings: &mut Rings<VecDeque<Vec<u8>>>, until: u64) -> Vec<(u16, u64)> {
        let mut all = Vec::new();
        let count = rings.drain(until, |mark, event| {
            all.push((mark.cpu, u64::from_le_bytes(*event.first_chunk().unwrap())));
        });
        assert_eq!(count, all.len());
        all
    }

    #[test]
    fn events_come_in_order_of_time_and_late_ones_wait() {
        let mut rings = Rings::new(vec![lane(0, &[1, 4, 9]), lane(1, &[2, 3, 7]), lane(2, &[])], Vec::new());
        assert_eq!(drained(&mut rings, 4), [(0, 1), (1, 2), (1, 3), (0, 4)]);
        rings.lanes[2].source.push_back(event(8, 2));
        assert_eq!(drained(&mut rings, 8), [(1, 7), (2, 8)]);
        assert_eq!(drained(&mut rings, 8), []);
        assert_eq!(drained(&mut rings, 9), [(0, 9)]);
    }
}
