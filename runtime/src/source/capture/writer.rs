//! Captures being written, in the newest layout of every block, so that Falco and sysdig read them.
//!
//! Call in this order: machine, interfaces, users, processes, file descriptors of each thread, events.
//! Readers accept texts only up to some lengths; longer ones are cut and counted ([`Writer::cut_texts`]).
//!
//! ```
//! use peregrine_runtime::event::build::EventBuilder;
//! use peregrine_runtime::source::capture::{Capture, Compression, Item, Writer, metadata::Machine};
//! use peregrine_compiler::schema::EventCode;
//!
//! let mut writer = Writer::new(Vec::new(), Compression::Plain).unwrap();
//! writer.machine(&Machine { cpus: 4, ..Machine::default() }).unwrap();
//! let mut builder = EventBuilder::default();
//! writer.event(0, false, &builder.build(1, 77, EventCode(5), &[&[0; 8], &[4; 8]]).unwrap()).unwrap();
//! let file = writer.finish().unwrap();
//!
//! let mut capture = Capture::new(std::io::Cursor::new(file)).unwrap();
//! assert!(matches!(capture.next_item().unwrap(), Some(Item::Section)));
//! assert!(matches!(capture.next_item().unwrap(), Some(Item::Machine(m)) if m.cpus == 4));
//! assert!(matches!(capture.next_item().unwrap(), Some(Item::Event { .. })));
//! ```

use super::metadata::{FdDetail, FdEntry, Interface, Machine, Process, UserOrGroup};
use super::{BlockKind, DumpFlags};
use crate::event::view::{EventView, LengthWidth};
use flate2::write::GzEncoder;
use std::io::{self, BufWriter, Write};
use std::net::Ipv4Addr;

/// Longest path, name or host that readers accept, and longest list of arguments, variables or groups.
const MAX_PATH_BYTES: usize = 1024;
const MAX_LIST_BYTES: usize = 4096;
/// Longest name, home directory or shell of a user.
const MAX_NAME_BYTES: usize = 255;
/// Field for the host name.
const HOSTNAME_BYTES: usize = 128;
/// A list goes on in another block when one gets longer.
const LIST_BLOCK_BYTES: usize = 64 << 20;

/// How a capture is stored.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Compression {
    /// As it is.
    Plain,
    /// As gzip, with a level from 0 (fast) to 9 (small).
    Gzip(u32),
}

impl Default for Compression {
    fn default() -> Self {
        Self::Gzip(6)
    }
}

/// Why a capture cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file cannot be written.
    #[error("cannot write the capture's {what}: {source}")]
    Io {
        /// Kind of block.
        what: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// An event that no block can hold.
    #[error("an event of {bytes} bytes does not fit a block")]
    EventTooLong {
        /// Length of the event.
        bytes: usize,
    },
    /// The details of a file descriptor are those of another kind.
    #[error("file descriptor {fd} of thread {tid} has kind {kind}, and details that do not fit that kind")]
    WrongFdKind {
        /// Thread.
        tid: i64,
        /// Number.
        fd: i64,
        /// Kind, as the format numbers it.
        kind: u8,
    },
}

#[derive(Debug)]
enum Sink<W: Write> {
    Plain(BufWriter<W>),
    Gzip(Box<GzEncoder<BufWriter<W>>>),
}

/// Writes a capture.
#[derive(Debug)]
pub struct Writer<W: Write> {
    sink: Sink<W>,
    block: Block,
}

/// The block being made.
#[derive(Debug, Default)]
struct Block {
    bytes: Vec<u8>,
    cut_texts: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a capture.
    ///
    /// # Errors
    /// The section header cannot be written.
    pub fn new(out: W, compression: Compression) -> Result<Self, WriteError> {
        let out = BufWriter::with_capacity(64 << 10, out);
        let sink = match compression {
            Compression::Plain => Sink::Plain(out),
            Compression::Gzip(level) => {
                Sink::Gzip(Box::new(GzEncoder::new(out, flate2::Compression::new(level.min(9)))))
            }
        };
        let mut writer = Self { sink, block: Block::default() };
        writer.section()?;
        Ok(writer)
    }

    /// Begins another capture in the same file.
    ///
    /// # Errors
    /// The section header cannot be written.
    pub fn section(&mut self) -> Result<(), WriteError> {
        let block = &mut self.block;
        block.begin();
        block.u32(0x1A2B_3C4D);
        block.u16(1);
        block.u16(2);
        block.u64(u64::MAX);
        self.end(BlockKind::Section)
    }

    /// The machine.
    ///
    /// # Errors
    /// The block cannot be written.
    pub fn machine(&mut self, machine: &Machine) -> Result<(), WriteError> {
        let block = &mut self.block;
        block.begin();
        block.u32(machine.cpus);
        block.u64(machine.memory_bytes);
        block.u64(machine.max_pid);
        let hostname = block.cut(machine.hostname.as_bytes(), HOSTNAME_BYTES - 1);
        block.raw(hostname);
        block.bytes.resize(block.bytes.len() + HOSTNAME_BYTES - hostname.len(), 0);
        block.u64(machine.boot_ns);
        block.raw(&[0; 24]); // flags and two reserved numbers
        self.end(BlockKind::Machine)
    }

    /// Network interfaces.
    ///
    /// # Errors
    /// The block cannot be written.
    pub fn interfaces(&mut self, interfaces: &[Interface]) -> Result<(), WriteError> {
        self.list(BlockKind::Interfaces(2), &[], interfaces, |block, interface| {
            block.interface(interface);
            Ok(())
        })
    }

    /// Users and groups.
    ///
    /// # Errors
    /// The block cannot be written.
    pub fn users(&mut self, users: &[UserOrGroup]) -> Result<(), WriteError> {
        self.list(BlockKind::Users(2), &[], users, |block, user| {
            block.user(user);
            Ok(())
        })
    }

    /// Threads.
    ///
    /// # Errors
    /// The block cannot be written.
    pub fn processes(&mut self, processes: &[Process]) -> Result<(), WriteError> {
        self.list(BlockKind::Processes(9), &[], processes, |block, process| {
            block.process(process);
            Ok(())
        })
    }

    /// File descriptors of a thread.
    ///
    /// # Errors
    /// The block cannot be written, or an entry's details do not fit its kind.
    pub fn fds(&mut self, tid: i64, fds: &[FdEntry]) -> Result<(), WriteError> {
        self.list(BlockKind::Fds(2), &tid.to_le_bytes(), fds, |block, entry| block.fd(tid, entry))
    }

    /// An event that happened on a processor; `state_only` if rules must not see it when it is replayed.
    ///
    /// # Errors
    /// The block cannot be written, or the event is too long for one.
    pub fn event(&mut self, cpu: u16, state_only: bool, event: &EventView<'_>) -> Result<(), WriteError> {
        let bytes = event.bytes();
        if bytes.len() > super::reader::MAX_BLOCK_BYTES as usize - 64 {
            return Err(WriteError::EventTooLong { bytes: bytes.len() });
        }
        let block = &mut self.block;
        block.begin();
        block.u16(cpu);
        let mut flags = if state_only { DumpFlags::STATE_ONLY } else { 0 };
        if event.io_uring {
            flags |= DumpFlags::IO_URING;
        }
        if flags != 0 {
            block.u32(flags);
        }
        block.raw(bytes);
        let large = event.width() == LengthWidth::Large;
        self.end(BlockKind::Event { version: 2, flags: flags != 0, large })
    }

    /// Texts that were longer than readers accept, and were cut.
    pub fn cut_texts(&self) -> u64 {
        self.block.cut_texts
    }

    /// Hands on everything written so far, at some cost for the compression.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn flush(&mut self) -> Result<(), WriteError> {
        let flushed = match &mut self.sink {
            Sink::Plain(out) => out.flush(),
            Sink::Gzip(out) => out.flush(),
        };
        flushed.map_err(|source| WriteError::Io { what: "last blocks", source })
    }

    /// Ends the capture.
    ///
    /// # Errors
    /// What was still kept back cannot be written.
    pub fn finish(self) -> Result<W, WriteError> {
        let error = |source| WriteError::Io { what: "end", source };
        let out = match self.sink {
            Sink::Plain(out) => out,
            Sink::Gzip(out) => out.finish().map_err(error)?,
        };
        out.into_inner().map_err(|e| error(e.into_error()))
    }

    /// Writes entries, each with its length before it, behind `start`; in several blocks if need be.
    fn list<T>(
        &mut self,
        kind: BlockKind,
        start: &[u8],
        entries: &[T],
        mut one: impl FnMut(&mut Block, &T) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        // INVARIANT: only the lengths of interfaces do not count themselves
        let uncounted = if matches!(kind, BlockKind::Interfaces(_)) { 4 } else { 0 };
        self.block.begin();
        self.block.raw(start);
        for entry in entries {
            if self.block.bytes.len() > LIST_BLOCK_BYTES {
                self.end(kind)?;
                self.block.begin();
                self.block.raw(start);
            }
            let at = self.block.bytes.len();
            self.block.u32(0);
            one(&mut self.block, entry)?;
            let len = (self.block.bytes.len() - at - uncounted) as u32;
            self.block.put_u32(at, len);
        }
        self.end(kind)
    }

    /// Writes the block that was made.
    fn end(&mut self, kind: BlockKind) -> Result<(), WriteError> {
        let bytes = &mut self.block.bytes;
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        let total = (bytes.len() + 4) as u32;
        self.block.u32(total);
        self.block.put_u32(0, kind.number());
        self.block.put_u32(4, total);
        let written = match &mut self.sink {
            Sink::Plain(out) => out.write_all(&self.block.bytes),
            Sink::Gzip(out) => out.write_all(&self.block.bytes),
        };
        written.map_err(|source| WriteError::Io { what: kind.name(), source })
    }
}

impl Block {
    /// Forgets the last block and leaves room for type and length.
    fn begin(&mut self) {
        if self.bytes.capacity() > 1 << 20 {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        self.raw(&[0; 8]);
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn u16(&mut self, n: u16) {
        self.raw(&n.to_le_bytes());
    }

    fn u32(&mut self, n: u32) {
        self.raw(&n.to_le_bytes());
    }

    fn u64(&mut self, n: u64) {
        self.raw(&n.to_le_bytes());
    }

    fn i64(&mut self, n: i64) {
        self.raw(&n.to_le_bytes());
    }

    /// Puts a number in a place that was left for it.
    fn put_u32(&mut self, at: usize, n: u32) {
        if let Some(place) = self.bytes.get_mut(at..at + 4) {
            place.copy_from_slice(&n.to_le_bytes());
        }
    }

    fn cut<'t>(&mut self, text: &'t [u8], most: usize) -> &'t [u8] {
        self.cut_texts += u64::from(text.len() > most);
        text.get(..most).unwrap_or(text)
    }

    /// A text with its length before it.
    fn text(&mut self, text: &[u8], most: usize) {
        let text = self.cut(text, most);
        self.u16(text.len() as u16);
        self.raw(text);
    }

    fn path(&mut self, path: &[u8]) {
        self.text(path, MAX_PATH_BYTES);
    }

    /// Texts with a NUL behind each; whole ones are left out at the end if they are too long together.
    fn texts(&mut self, texts: &[u8]) {
        let kept = match texts.get(..MAX_LIST_BYTES) {
            Some(most) if texts.len() > MAX_LIST_BYTES => {
                self.cut_texts += 1;
                most.iter().rposition(|&b| b == 0).map_or(most, |nul| most.get(..=nul).unwrap_or(most))
            }
            _ => texts,
        };
        self.text(kept, MAX_LIST_BYTES);
    }

    fn interface(&mut self, interface: &Interface) {
        // broadcast addresses and speeds of links are of no use to anyone, and not kept
        let name = match interface {
            Interface::V4(name, addr, mask) => {
                self.u16(1);
                let name = self.cut(name, MAX_PATH_BYTES);
                self.u16(name.len() as u16);
                let broadcast = Ipv4Addr::from_bits(addr.to_bits() | !mask.to_bits());
                for a in [addr, mask, &broadcast] {
                    self.raw(&a.octets());
                }
                name
            }
            Interface::V6(name, addr, mask) => {
                self.u16(2);
                let name = self.cut(name, MAX_PATH_BYTES);
                self.u16(name.len() as u16);
                for a in [addr, mask] {
                    self.raw(&a.octets());
                }
                self.raw(&[0; 16]);
                name
            }
        };
        self.u64(0);
        self.raw(name);
    }

    fn user(&mut self, user: &UserOrGroup) {
        match user {
            UserOrGroup::User(uid, gid, texts) => {
                self.raw(&[0]);
                self.u32(*uid);
                self.u32(*gid);
                for t in texts {
                    self.text(t, MAX_NAME_BYTES);
                }
            }
            UserOrGroup::Group(gid, name) => {
                self.raw(&[1]);
                self.u32(*gid);
                self.text(name, MAX_NAME_BYTES);
            }
        }
    }

    fn process(&mut self, p: &Process) {
        for n in [p.tid, p.pid, p.ptid, p.sid, p.vpgid] {
            self.i64(n);
        }
        for t in [&p.comm, &p.exe, &p.exepath] {
            self.path(t);
        }
        self.texts(&p.args);
        self.path(&p.cwd);
        self.i64(p.fdlimit);
        for n in [p.flags, p.uid, p.gid, p.vmsize_kb, p.vmrss_kb, p.vmswap_kb] {
            self.u32(n);
        }
        self.u64(p.pfmajor);
        self.u64(p.pfminor);
        self.texts(&p.env);
        self.i64(p.vtid);
        self.i64(p.vpid);
        self.texts(&p.cgroups);
        self.path(&p.root);
        self.u64(p.pidns_init_start_ns);
        self.u32(p.tty);
        self.u32(p.loginuid);
        self.raw(&[u8::from(p.exe_writable)]);
        for n in p.caps {
            self.u64(n);
        }
        self.raw(&[u8::from(p.exe_upper_layer)]);
        for n in p.exe_ino {
            self.u64(n);
        }
        self.raw(&[u8::from(p.exe_from_memfd), u8::from(p.exe_lower_layer)]);
        self.i64(p.pgid);
    }

    fn fd(&mut self, tid: i64, entry: &FdEntry) -> Result<(), WriteError> {
        let FdEntry { fd, ino, kind, ref detail } = *entry;
        if !detail.fits(kind) {
            return Err(WriteError::WrongFdKind { tid, fd, kind });
        }
        self.i64(fd);
        self.u64(ino);
        self.raw(&[kind]);
        match detail {
            FdDetail::Ipv4([source, dest], l4) => {
                for end in [source, dest] {
                    self.raw(&end.0.octets());
                }
                for end in [source, dest] {
                    self.u16(end.1);
                }
                self.raw(&[*l4]);
            }
            FdDetail::Ipv6([source, dest], l4) => {
                for end in [source, dest] {
                    self.raw(&end.0.octets());
                }
                for end in [source, dest] {
                    self.u16(end.1);
                }
                self.raw(&[*l4]);
            }
            FdDetail::Ipv4Server((ip, port), l4) => {
                self.raw(&ip.octets());
                self.u16(*port);
                self.raw(&[*l4]);
            }
            FdDetail::Ipv6Server((ip, port), l4) => {
                self.raw(&ip.octets());
                self.u16(*port);
                self.raw(&[*l4]);
            }
            FdDetail::Unix(source, dest, path) => {
                self.u64(*source);
                self.u64(*dest);
                self.path(path);
            }
            FdDetail::File(flags, path, device) => {
                self.u32(*flags);
                self.path(path);
                self.u32(*device);
            }
            FdDetail::Named(name) => self.path(name),
        }
        Ok(())
    }
}
