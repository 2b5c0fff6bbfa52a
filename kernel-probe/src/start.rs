//! What is there before the first event, from the kernel's iterators over threads and open files.
//!
//! Texts that lie in a process's memory, its directories and control groups are not told: /proc has them.

use super::error::ProbeError;
use super::loader::Probe;
use super::translate::Translation;
use aya::programs::Iter;
use aya::programs::iter::IterLink;
use std::io::Read;

/// Layouts of `bpf/iterators.h`.
const TASK_BYTES: usize = 27 * 8 + 16;
const FILE_BYTES: usize = 104;

/// A thread; numbers are those of the first namespace unless they say "own".
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Task {
    /// Thread.
    pub tid: i64,
    /// Process.
    pub pid: i64,
    /// Process that it is a child of.
    pub parent: i64,
    /// Session.
    pub session: i64,
    /// Process group.
    pub group: i64,
    /// Thread, process and process group in its own namespace.
    pub own: [i64; 3],
    /// Effective user.
    pub uid: u32,
    /// Effective group.
    pub gid: u32,
    /// Audit user; all ones for none.
    pub loginuid: u32,
    /// Terminal, as the capture format has devices; 0 for none.
    pub tty: u32,
    /// Limit on descriptors.
    pub fdlimit: i64,
    /// Page faults that needed input, and others.
    pub faults: [u64; 2],
    /// Memory in KiB: all, resident, swapped out.
    pub vm_kb: [u32; 3],
    /// Capabilities: inheritable, permitted, effective.
    pub caps: [u64; 3],
    /// Its executable can be written by it (1), lies in an overlay's upper layer (2), in memory (4), in the lower
    /// layer (8).
    pub exe_flags: u32,
    /// Inode of its executable; nanoseconds since 1970 of its last changes of status and content. 0 for threads of
    /// the kernel.
    pub exe: [u64; 3],
    /// Start of its namespace's first process, nanoseconds since the machine's.
    pub namespace_start_ns: u64,
    /// The process that asked, as the first namespace numbers it.
    pub reader: u32,
    /// Name.
    pub comm: Vec<u8>,
}

/// An open file of a process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenFile {
    /// Process.
    pub pid: i64,
    /// Descriptor.
    pub fd: i64,
    /// Type and mode of the inode.
    pub mode: u32,
    /// Inode.
    pub ino: u64,
    /// Device as the capture format has it.
    pub dev: u32,
    /// Flags as the capture format has them.
    pub flags: u64,
    /// What /proc shows as the link's target; the path of a unix socket, without a NUL.
    pub path: Vec<u8>,
    /// For a socket.
    pub socket: Option<Socket>,
}

/// A socket; ends are its own and its peer's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Socket {
    /// Address family.
    pub family: u32,
    /// Type.
    pub kind: u32,
    /// Protocol.
    pub protocol: u32,
    /// Addresses in the kernel of a unix socket's ends.
    pub ends: [u64; 2],
    /// Addresses; of version 4 the first 4 bytes.
    pub addresses: [[u8; 16]; 2],
    /// Ports.
    pub ports: [u16; 2],
}

impl Probe {
    /// Why [`Probe::tasks`] and [`Probe::files`] fail, if they do.
    pub fn without_iterators(&self) -> Option<&str> {
        self.without_iterators.as_deref()
    }

    /// All threads of this namespace of processes.
    ///
    /// # Errors
    /// The kernel refuses the iterator.
    pub fn tasks(&mut self) -> Result<Vec<Task>, ProbeError> {
        let bytes = self.iterate("tasks")?;
        Ok(bytes.chunks_exact(TASK_BYTES).filter_map(task).collect())
    }

    /// The number in the first namespace of a process that this process's own namespace calls `pid`; itself if both
    /// are the same, or nobody knows.
    pub(crate) fn first_number(&mut self, pid: u32) -> u32 {
        let Ok(tasks) = self.tasks() else { return pid };
        let own = std::process::id();
        match tasks.first().map(|t| t.reader) {
            Some(reader) if reader == own => pid,
            Some(reader) if pid == own => reader,
            _ => {
                let found = tasks.iter().find(|t| t.tid == t.pid && t.own[1] == i64::from(pid));
                found.map_or(pid, |t| t.pid as u32)
            }
        }
    }

    /// Open files of all processes.
    ///
    /// # Errors
    /// The kernel refuses the iterator.
    pub fn files(&mut self) -> Result<Vec<OpenFile>, ProbeError> {
        let bytes = self.iterate("files")?;
        let (mut all, mut rest) = (Vec::new(), bytes.as_slice());
        // each begins with its length
        while let Some((record, behind)) =
            rest.first_chunk().and_then(|len| rest.split_at_checked(u32::from_le_bytes(*len) as usize))
        {
            let Some(file) = file(record) else { break };
            all.push(file);
            rest = behind;
        }
        Ok(all)
    }

    /// Everything that an iterator writes.
    fn iterate(&mut self, name: &str) -> Result<Vec<u8>, ProbeError> {
        if let Some(why) = &self.without_iterators {
            return Err(ProbeError::Setup(why.clone()));
        }
        let failed = |e: &dyn std::fmt::Display| ProbeError::Setup(format!("iterator `{name}`: {e}"));
        let program = self.ebpf.program_mut(name).ok_or_else(|| failed(&"the object has none"))?;
        let program: &mut Iter = program.try_into().map_err(|e| failed(&e))?;
        let link = program.attach().map_err(|e| failed(&e))?;
        let link: IterLink = program.take_link(link).map_err(|e| failed(&e))?;
        let mut bytes = Vec::new();
        link.into_file().map_err(|e| failed(&e))?.read_to_end(&mut bytes).map_err(|e| failed(&e))?;
        Ok(bytes)
    }
}

fn word(record: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*record.get(at..)?.first_chunk()?))
}

fn half(record: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*record.get(at..)?.first_chunk()?))
}

fn until_nul(bytes: &[u8]) -> Vec<u8> {
    bytes.split(|&b| b == 0).next().unwrap_or_default().to_vec()
}

fn task(record: &[u8]) -> Option<Task> {
    let word = |at: usize| word(record, 8 * at);
    let id = |at: usize| word(at).map(u64::cast_signed);
    Some(Task {
        tid: id(0)?,
        pid: id(1)?,
        parent: id(2)?,
        session: id(3)?,
        group: id(4)?,
        own: [id(5)?, id(6)?, id(7)?],
        uid: word(8)? as u32,
        gid: word(9)? as u32,
        loginuid: word(10)? as u32,
        tty: word(11)? as u32,
        fdlimit: id(12)?,
        faults: [word(13)?, word(14)?],
        vm_kb: [word(15)? as u32, word(16)? as u32, word(17)? as u32],
        caps: [word(18)?, word(19)?, word(20)?],
        exe_flags: word(21)? as u32,
        exe: [word(22)?, word(23)?, word(24)?],
        namespace_start_ns: word(25)?,
        reader: word(26)? as u32,
        comm: until_nul(record.get(27 * 8..)?),
    })
}

fn file(record: &[u8]) -> Option<OpenFile> {
    let half = |at: usize| half(record, at);
    let address = |at: usize| record.get(at..).and_then(|r| r.first_chunk::<16>()).copied();
    let port = |at: usize| record.get(at..).and_then(|r| r.first_chunk()).map(|b| u16::from_le_bytes(*b));
    let (family, mode) = (half(32)?, half(12)?);
    let socket = Socket {
        family,
        kind: half(36)?,
        protocol: half(40)?,
        ends: [word(record, 48)?, word(record, 56)?],
        addresses: [address(64)?, address(80)?],
        ports: [port(96)?, port(98)?],
    };
    Some(OpenFile {
        pid: i64::from(half(4)?),
        fd: i64::from(half(8)?),
        mode,
        ino: word(record, 16)?,
        dev: half(24)?,
        flags: Translation::Open.apply(u64::from(half(28)?), 0),
        path: record.get(FILE_BYTES..)?.get(..half(100)? as usize)?.to_vec(),
        socket: (family != 0).then_some(socket),
    })
}
