//! Capture files (`.scap`), as Falco and sysdig write them.
//!
//! A file is a sequence of blocks, plain or in one or more gzip members:
//! `u32 type | u32 total_len | body | padding to 4 | u32 total_len`. [`input`] turns the file into a
//! window of bytes, inflating on a thread of its own; [`reader`] walks the blocks; [`metadata`] decodes
//! those that describe the machine, its processes, file descriptors, interfaces and users; [`convert`]
//! brings events of old shapes to the current one; [`writer`] writes all of this.
//!
//! Invariants: events are handed out without copying; everything before a corrupt or cut place is
//! handed out before the error; an error names offset and block.

pub mod convert;
mod convert_table;
mod enters;
pub mod input;
pub mod metadata;
pub mod reader;
pub mod writer;

pub use convert::{ConvertCounters, ConvertLimits, Converted, Converter};
pub use metadata::{FdDetail, FdEntry, Interface, Machine, Process, UserOrGroup};
pub use reader::{Capture, CaptureError, Captured, DumpFlags, Item};
pub use writer::{Compression, WriteError, Writer};

/// Kinds of blocks, by what they hold.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum BlockKind {
    /// Begins a capture.
    Section,
    /// The machine.
    Machine,
    /// Threads; the version of the entries' layout, 1 to 9.
    Processes(u8),
    /// File descriptors of one thread; version 1 or 2.
    Fds(u8),
    /// Network interfaces; version 1 or 2.
    Interfaces(u8),
    /// Users and groups; version 1 or 2.
    Users(u8),
    /// An event.
    Event {
        /// 1 has no parameter count in the header.
        version: u8,
        /// Whether flags stand before the event.
        flags: bool,
        /// Whether lengths of parameters have 4 bytes.
        large: bool,
    },
    /// Anything else.
    Unknown,
}

impl BlockKind {
    /// The kind of a block type's number.
    #[inline]
    pub fn of(number: u32) -> Self {
        let event = |version, flags, large| Self::Event { version, flags, large };
        match number {
            0x0A0D_0D0A => Self::Section,
            0x201 | 0x8002_ABCD => Self::Machine,
            0x202 | 0x8000_ABCD => Self::Processes(1),
            0x207 | 0x8013_ABCD => Self::Processes(2),
            0x209 | 0x8014_ABCD => Self::Processes(3),
            0x210..=0x215 => Self::Processes((number - 0x210) as u8 + 4),
            0x203 | 0x8001_ABCD => Self::Fds(1),
            0x218 => Self::Fds(2),
            0x204 | 0x8010_ABCD => event(1, false, false),
            0x216 => event(2, false, false),
            0x221 => event(2, false, true),
            0x208 => event(1, true, false),
            0x217 => event(2, true, false),
            0x222 => event(2, true, true),
            0x205 | 0x8011_ABCD => Self::Interfaces(1),
            0x219 => Self::Interfaces(2),
            0x206 | 0x8012_ABCD => Self::Users(1),
            0x220 => Self::Users(2),
            _ => Self::Unknown,
        }
    }

    /// The block type's number: that of the newest writers.
    pub(super) fn number(self) -> u32 {
        match self {
            Self::Section => 0x0A0D_0D0A,
            Self::Machine => 0x201,
            Self::Processes(1) => 0x202,
            Self::Processes(2) => 0x207,
            Self::Processes(3) => 0x209,
            Self::Processes(version) => 0x210 + u32::from(version.saturating_sub(4)),
            Self::Fds(1) => 0x203,
            Self::Fds(_) => 0x218,
            Self::Event { version: 1, flags: false, .. } => 0x204,
            Self::Event { version: 1, flags: true, .. } => 0x208,
            Self::Event { flags: false, large: false, .. } => 0x216,
            Self::Event { flags: true, large: false, .. } => 0x217,
            Self::Event { flags: false, large: true, .. } => 0x221,
            Self::Event { flags: true, large: true, .. } => 0x222,
            Self::Interfaces(1) => 0x205,
            Self::Interfaces(_) => 0x219,
            Self::Users(1) => 0x206,
            Self::Users(_) => 0x220,
            Self::Unknown => 0,
        }
    }

    /// What the block holds, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Section => "section header",
            Self::Machine => "machine information",
            Self::Processes(_) => "process list",
            Self::Fds(_) => "file descriptor list",
            Self::Interfaces(_) => "interface list",
            Self::Users(_) => "user list",
            Self::Event { .. } => "event",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_kinds_agree() {
        let known: Vec<u32> = (0x201..=0x222).filter(|&n| BlockKind::of(n) != BlockKind::Unknown).collect();
        assert_eq!(known.len(), 22);
        for number in known {
            assert_eq!(BlockKind::of(number).number(), number);
        }
    }
}
