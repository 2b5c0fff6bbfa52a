//! The blocks of a capture, one after another.

use super::BlockKind;
use super::input::Input;
use super::metadata::{self, FdEntry, Interface, Machine, Process, UserOrGroup};
use crate::event::build::width_of;
use crate::event::view::{EventView, HEADER_BYTES, MalformedEvent, u16_at, u32_at};
use crate::event::{EVENTS, info};
use peregrine_compiler::schema::EventCode;
use std::io::{self, Read};

const MAGIC: u32 = 0x1A2B_3C4D;
/// Type and length before a block's body.
const BLOCK_HEAD: usize = 8;
/// Length repeated behind it.
const BLOCK_TAIL: usize = 4;
/// Largest block that is read; longer ones are corrupt.
pub(super) const MAX_BLOCK_BYTES: u32 = 256 << 20;
/// Types of blocks with events of today's form, without and with flags, and with long lengths.
const PLAIN_EVENT: u32 = 0x216;
const FLAGGED_EVENT: u32 = 0x217;
const PLAIN_LARGE_EVENT: u32 = 0x221;
const FLAGGED_LARGE_EVENT: u32 = 0x222;
/// Codes whose old events say 3 bytes too many.
const NOTIFICATION: EventCode = EventCode(280);
const INFRASTRUCTURE: EventCode = EventCode(286);

/// Why a capture cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The file cannot be opened or read, or its compression is corrupt.
    #[error("cannot read the capture at offset {offset}: {source}")]
    Io {
        /// Offset in the uncompressed file.
        offset: u64,
        /// The system's error.
        source: io::Error,
    },
    /// It does not begin as captures do.
    #[error("not a capture file: it does not begin with a section header")]
    NotACapture,
    /// The section header is of another byte order or version.
    #[error(
        "the capture's section header at offset {offset} is of an unknown format (magic {magic:#x}, version {major})"
    )]
    UnknownFormat {
        /// Offset in the uncompressed file.
        offset: u64,
        /// Magic number found.
        magic: u32,
        /// Major version found.
        major: u16,
    },
    /// The file ends inside a block.
    #[error("the capture is cut off at offset {offset}, inside a block of kind {kind}")]
    Truncated {
        /// Where the block begins.
        offset: u64,
        /// What it was to hold.
        kind: &'static str,
    },
    /// A block's length or content cannot be.
    #[error("the capture is corrupt at offset {offset}, in a block of kind {kind}: {what}")]
    Corrupt {
        /// Where the block begins.
        offset: u64,
        /// What it was to hold.
        kind: &'static str,
        /// What is wrong.
        what: String,
    },
}

/// An event of a capture.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Captured<'a> {
    /// Processor.
    pub cpu: u16,
    /// It updates state only and is not shown to rules.
    pub state_only: bool,
    /// The event.
    pub event: EventView<'a>,
}

/// What a block holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item<'a> {
    /// A capture begins: what is known of processes is to be forgotten.
    Section,
    /// The machine.
    Machine(Machine),
    /// Threads.
    Processes(Vec<Process>),
    /// File descriptors of a thread.
    Fds(i64, Vec<FdEntry>),
    /// Interfaces.
    Interfaces(Vec<Interface>),
    /// Users and groups.
    Users(Vec<UserOrGroup>),
    /// An event.
    Event {
        /// Processor.
        cpu: u16,
        /// It updates state only and is not shown to rules.
        state_only: bool,
        /// The event.
        event: EventView<'a>,
    },
    /// An event of a type that is not known, or that does not fit its block: counted and skipped.
    Skipped(Option<MalformedEvent>),
}

/// A capture file being read.
pub struct Capture {
    input: Input,
    /// Length of the block handed out last.
    pending: usize,
    scratch: Vec<u8>,
    begun: bool,
}

impl Capture {
    /// Begins to read.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn new(source: impl Read + Send + 'static) -> Result<Self, CaptureError> {
        let input = Input::new(source).map_err(|source| CaptureError::Io { offset: 0, source })?;
        Ok(Self { input, pending: 0, scratch: Vec::new(), begun: false })
    }

    /// Offset of the next block in the uncompressed file.
    pub fn offset(&self) -> u64 {
        self.input.offset() + self.pending as u64
    }

    /// The next block if it is an event of today's form and already in the window, which nearly all blocks are.
    /// `None` says nothing: [`Capture::next_item`] tells what comes next.
    ///
    /// This is the short way to what `next_item` would give: an event by value, without a large enum around it
    /// that is written and read again.
    #[inline]
    pub fn next_event(&mut self) -> Option<Captured<'_>> {
        self.input.consume(std::mem::take(&mut self.pending));
        let (window, begun, pending) = (self.input.ahead(), self.begun, &mut self.pending);
        let (number, total) = (u32_at(window, 0), u32_at(window, 4));
        let at = match number {
            PLAIN_EVENT | PLAIN_LARGE_EVENT => BLOCK_HEAD + 2,
            FLAGGED_EVENT | FLAGGED_LARGE_EVENT => BLOCK_HEAD + 6,
            _ => return None,
        };
        let block = window.get(..total as usize).filter(|_| begun && total <= MAX_BLOCK_BYTES)?;
        let (body, repeated) = block.split_last_chunk::<BLOCK_TAIL>()?;
        let bytes = body.get(at..)?;
        let code = EventCode(u16_at(bytes, 20));
        if u32::from_le_bytes(*repeated) != total || usize::from(code.0) >= EVENTS.len() {
            return None;
        }
        let mut event = EventView::parse(bytes, width_of(code)).ok()?;
        let flags = DumpFlags(if at == BLOCK_HEAD + 6 { u32_at(body, BLOCK_HEAD + 2) } else { 0 });
        event.io_uring = flags.has(DumpFlags::IO_URING);
        *pending = total as usize;
        let state_only = flags.has(DumpFlags::STATE_ONLY);
        Some(Captured { cpu: u16_at(body, BLOCK_HEAD), state_only, event })
    }

    /// The next block that means something; `None` at the end.
    ///
    /// # Errors
    /// The file ends inside a block, or a block cannot be. Nothing can be read after an error.
    #[inline]
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, CaptureError> {
        self.input.consume(std::mem::take(&mut self.pending));
        let (kind, total) = loop {
            match self.block_head()? {
                Some((BlockKind::Unknown, total)) => self.input.consume(total),
                Some(known) => break known,
                None => return Ok(None),
            }
        };
        self.pending = total;
        let body = self.input.window(BLOCK_HEAD, total - BLOCK_HEAD - BLOCK_TAIL);
        if let BlockKind::Event { version, flags, .. } = kind {
            return Ok(Some(event(body, version, flags, &mut self.scratch)));
        }
        description(kind, body, self.input.offset()).map(Some)
    }

    /// Type and whole length of the next block, all of which is in the window.
    #[inline]
    fn block_head(&mut self) -> Result<Option<(BlockKind, usize)>, CaptureError> {
        let head = self.input.peek(BLOCK_HEAD);
        if head.len() < BLOCK_HEAD {
            return self.no_head();
        }
        let (number, total) = (u32_at(head, 0), u32_at(head, 4));
        let kind = BlockKind::of(number);
        if !self.begun {
            if kind != BlockKind::Section {
                return Err(CaptureError::NotACapture);
            }
            self.begun = true;
        }
        let len = total as usize;
        if len < BLOCK_HEAD + BLOCK_TAIL || total > MAX_BLOCK_BYTES {
            return Err(self.corrupt(kind, format!("a block of {total} bytes (type {number:#x})")));
        }
        let block = self.input.peek(len);
        if block.len() < len {
            let offset = self.input.offset();
            return Err(match self.input.take_error() {
                Some(source) => CaptureError::Io { offset, source },
                None => CaptureError::Truncated { offset, kind: kind.name() },
            });
        }
        let repeated = u32_at(block, len - BLOCK_TAIL);
        if repeated != total {
            let what = format!("its length is {total} at its begin and {repeated} at its end");
            return Err(self.corrupt(kind, what));
        }
        Ok(Some((kind, len)))
    }

    #[cold]
    fn corrupt(&self, kind: BlockKind, what: String) -> CaptureError {
        CaptureError::Corrupt { offset: self.input.offset(), kind: kind.name(), what }
    }

    /// Why there is no further block.
    #[cold]
    fn no_head(&mut self) -> Result<Option<(BlockKind, usize)>, CaptureError> {
        let offset = self.input.offset();
        if let Some(source) = self.input.take_error() {
            return Err(CaptureError::Io { offset, source });
        }
        let head = self.input.peek(BLOCK_HEAD);
        match head.len() {
            _ if !self.begun => Err(CaptureError::NotACapture),
            0 => Ok(None),
            _ => Err(CaptureError::Truncated { offset, kind: BlockKind::Unknown.name() }),
        }
    }
}

/// What a block that is not an event holds.
#[inline(never)]
fn description(kind: BlockKind, body: &[u8], offset: u64) -> Result<Item<'_>, CaptureError> {
    let corrupt = |what: String| CaptureError::Corrupt { offset, kind: kind.name(), what };
    Ok(match kind {
        BlockKind::Section => {
            let (magic, major) = (u32_at(body, 0), u16_at(body, 4));
            if magic != MAGIC || major > 1 {
                return Err(CaptureError::UnknownFormat { offset, magic, major });
            }
            Item::Section
        }
        BlockKind::Machine => Item::Machine(metadata::machine(body).map_err(corrupt)?),
        BlockKind::Processes(version) => {
            Item::Processes(metadata::processes(body, version).map_err(corrupt)?)
        }
        BlockKind::Fds(version) => {
            let (tid, fds) = metadata::fds(body, version).map_err(corrupt)?;
            Item::Fds(tid, fds)
        }
        BlockKind::Interfaces(version) => {
            Item::Interfaces(metadata::interfaces(body, version).map_err(corrupt)?)
        }
        BlockKind::Users(version) => Item::Users(metadata::users(body, version).map_err(corrupt)?),
        BlockKind::Event { .. } | BlockKind::Unknown => Item::Skipped(None),
    })
}

/// What a block says of its event beside the event's bytes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct DumpFlags(pub u32);

impl DumpFlags {
    /// The event changes the state, but rules do not see it.
    pub const STATE_ONLY: u32 = 1;
    /// It was asked for through an `io_uring`. Ours: Falco's readers do not look at this bit.
    pub const IO_URING: u32 = 1 << 16;

    fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }
}

/// The event in a block. Its type tells the width of lengths, not the block's kind, so that the same bytes
/// are the same event everywhere.
#[expect(clippy::inline_always, reason = "out of line, copying the result costs 25 ns an event")]
#[inline(always)]
fn event<'a>(body: &'a [u8], version: u8, flags: bool, scratch: &'a mut Vec<u8>) -> Item<'a> {
    let cpu = u16_at(body, 0);
    let (flags, at) = if flags { (DumpFlags(u32_at(body, 2)), 6) } else { (DumpFlags(0), 2) };
    let mut bytes = body.get(at..).unwrap_or_default();
    if version == 1 {
        upgrade(bytes, scratch);
        bytes = scratch;
    }
    let code = EventCode(u16_at(bytes, 20));
    match EventView::parse(bytes, width_of(code)) {
        Ok(mut event) if usize::from(code.0) < EVENTS.len() => {
            event.io_uring = flags.has(DumpFlags::IO_URING);
            Item::Event { cpu, state_only: flags.has(DumpFlags::STATE_ONLY), event }
        }
        Ok(_) => Item::Skipped(None),
        Err(e) => Item::Skipped(Some(e)),
    }
}

/// Puts the number of parameters into an old event, whose header has none: that of today's type, less
/// as many as make the lengths add up (an old event can only have had fewer).
fn upgrade(bytes: &[u8], out: &mut Vec<u8>) {
    const OLD_HEADER: usize = HEADER_BYTES - 4;
    out.clear();
    let code = EventCode(u16_at(bytes, 20));
    let said = u32_at(bytes, 16) as usize;
    let len = if matches!(code, NOTIFICATION | INFRASTRUCTURE) { said.saturating_sub(3) } else { said };
    let Some(rest) = bytes.get(OLD_HEADER..len.min(bytes.len())) else { return };
    let most = info(code).map_or(0, |i| i.params.len());
    let fits = |n: &usize| {
        let lengths = (0..*n).map(|i| usize::from(u16_at(rest, 2 * i))).sum::<usize>();
        2 * n + lengths == rest.len()
    };
    let nparams = (0..=most).rev().find(fits).unwrap_or(0);
    out.extend_from_slice(bytes.get(..16).unwrap_or_default());
    out.extend_from_slice(&((rest.len() + HEADER_BYTES) as u32).to_le_bytes());
    out.extend_from_slice(&code.0.to_le_bytes());
    out.extend_from_slice(&(nparams as u32).to_le_bytes());
    out.extend_from_slice(rest);
}
