//! Blocks that describe the machine, its processes, file descriptors, interfaces and users.

use crate::event::view::{u16_at, u32_at, u64_at};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The machine that was recorded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Machine {
    /// Processors.
    pub cpus: u32,
    /// Memory.
    pub memory_bytes: u64,
    /// Largest process id.
    pub max_pid: u64,
    /// Host name.
    pub hostname: String,
    /// Start of the machine, nanoseconds since 1970.
    pub boot_ns: u64,
}

/// A thread at the start of a capture. What an old capture does not tell has the value of "unknown".
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "as the format has them")]
pub struct Process {
    /// Thread.
    pub tid: i64,
    /// Process.
    pub pid: i64,
    /// Parent.
    pub ptid: i64,
    /// Session.
    pub sid: i64,
    /// Process group in its own namespace.
    pub vpgid: i64,
    /// Process group; -1 unknown.
    pub pgid: i64,
    /// Name of at most 15 bytes.
    pub comm: Vec<u8>,
    /// First argument.
    pub exe: Vec<u8>,
    /// Path of the executable.
    pub exepath: Vec<u8>,
    /// Arguments behind the first, each with a NUL at its end.
    pub args: Vec<u8>,
    /// Working directory.
    pub cwd: Vec<u8>,
    /// Limit on file descriptors.
    pub fdlimit: i64,
    /// Flags of its creation.
    pub flags: u32,
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Sizes in KiB.
    pub vmsize_kb: u32,
    /// Resident.
    pub vmrss_kb: u32,
    /// Swapped out.
    pub vmswap_kb: u32,
    /// Page faults with I/O.
    pub pfmajor: u64,
    /// Page faults without.
    pub pfminor: u64,
    /// Environment, each with a NUL at its end.
    pub env: Vec<u8>,
    /// Thread in its own namespace; -1 unknown.
    pub vtid: i64,
    /// Process in its own namespace; -1 unknown.
    pub vpid: i64,
    /// `subsystem=path`, each with a NUL at its end.
    pub cgroups: Vec<u8>,
    /// Root directory.
    pub root: Vec<u8>,
    /// Start of its process namespace, nanoseconds since 1970.
    pub pidns_init_start_ns: u64,
    /// Controlling terminal; 0 none.
    pub tty: u32,
    /// Audit login user; all ones unset.
    pub loginuid: u32,
    /// The executable can be written by its user.
    pub exe_writable: bool,
    /// Capabilities: inheritable, permitted, effective.
    pub caps: [u64; 3],
    /// The executable lies in an overlay's upper layer.
    pub exe_upper_layer: bool,
    /// Inode of the executable, and when it and its content changed, nanoseconds since 1970.
    pub exe_ino: [u64; 3],
    /// The executable is a memory file.
    pub exe_from_memfd: bool,
    /// The executable lies in an overlay's lower layer.
    pub exe_lower_layer: bool,
}

/// What a file descriptor refers to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FdDetail {
    /// Two ends and the transport protocol.
    Ipv4([(Ipv4Addr, u16); 2], u8),
    /// Two ends and the transport protocol.
    Ipv6([(Ipv6Addr, u16); 2], u8),
    /// A listening end and the transport protocol.
    Ipv4Server((Ipv4Addr, u16), u8),
    /// A listening end and the transport protocol.
    Ipv6Server((Ipv6Addr, u16), u8),
    /// Kernel addresses of the two ends, and the path.
    Unix(u64, u64, Vec<u8>),
    /// A file with its flags, path and device (0 unknown).
    File(u32, Vec<u8>, u32),
    /// Anything else, with its name.
    Named(Vec<u8>),
}

impl FdDetail {
    /// Whether file descriptors of this kind have such details.
    pub(super) fn fits(&self, kind: u8) -> bool {
        match kind {
            3 => matches!(self, Self::Ipv4(..)),
            4 => matches!(self, Self::Ipv6(..)),
            5 => matches!(self, Self::Ipv4Server(..)),
            6 => matches!(self, Self::Ipv6Server(..)),
            8 => matches!(self, Self::Unix(..)),
            16 => matches!(self, Self::File(..)),
            _ => matches!(self, Self::Named(_)),
        }
    }
}

/// A file descriptor at the start of a capture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FdEntry {
    /// Number.
    pub fd: i64,
    /// Inode.
    pub ino: u64,
    /// Kind, as the format numbers it.
    pub kind: u8,
    /// The rest.
    pub detail: FdDetail,
}

/// A network interface's address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Interface {
    /// Name, address, mask.
    V4(Vec<u8>, Ipv4Addr, Ipv4Addr),
    /// Name, address, mask.
    V6(Vec<u8>, Ipv6Addr, Ipv6Addr),
}

/// A user or a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UserOrGroup {
    /// Ids, name, home directory and shell.
    User(u32, u32, [Vec<u8>; 3]),
    /// Id and name.
    Group(u32, Vec<u8>),
}

/// Kind of file descriptors that their writer knew nothing about; we say it of kinds of later versions.
const UNSUPPORTED_FD: u8 = 10;
/// First kind that we do not know.
const FIRST_UNKNOWN_FD: u8 = 22;

/// What is wrong with a block.
type Decoded<T> = Result<T, String>;

/// A place in a block's body.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn left(&self) -> usize {
        self.bytes.len() - self.at.min(self.bytes.len())
    }

    fn take(&mut self, len: usize) -> Decoded<&'a [u8]> {
        let found = self.bytes.get(self.at..).and_then(|b| b.get(..len));
        let found = found
            .ok_or_else(|| format!("{len} bytes are needed at {}, {} are left", self.at, self.left()))?;
        self.at += len;
        Ok(found)
    }

    fn u8(&mut self) -> Decoded<u8> {
        Ok(self.take(1)?.first().copied().unwrap_or(0))
    }

    fn u16(&mut self) -> Decoded<u16> {
        Ok(u16_at(self.take(2)?, 0))
    }

    fn u32(&mut self) -> Decoded<u32> {
        Ok(u32_at(self.take(4)?, 0))
    }

    fn u64(&mut self) -> Decoded<u64> {
        Ok(u64_at(self.take(8)?, 0))
    }

    fn i64(&mut self) -> Decoded<i64> {
        Ok(self.u64()?.cast_signed())
    }

    /// A text with its length before it.
    fn text(&mut self) -> Decoded<Vec<u8>> {
        let len = self.u16()?;
        Ok(self.take(usize::from(len))?.to_vec())
    }

    fn ipv4(&mut self) -> Decoded<Ipv4Addr> {
        let bytes = self.take(4)?.first_chunk::<4>().copied();
        Ok(Ipv4Addr::from(bytes.unwrap_or_default()))
    }

    fn ipv6(&mut self) -> Decoded<Ipv6Addr> {
        let bytes = self.take(16)?.first_chunk::<16>().copied();
        Ok(Ipv6Addr::from(bytes.unwrap_or_default()))
    }
}

/// Runs `one` over the entries of a block. An entry with a length of its own is left by it, so that
/// fields that newer writers add are skipped; `counts_itself` says whether the length includes itself.
fn entries(
    cursor: &mut Cursor<'_>,
    has_len: bool,
    counts_itself: bool,
    mut one: impl FnMut(&mut Cursor<'_>) -> Decoded<()>,
) -> Decoded<()> {
    while cursor.left() >= 4 {
        if !has_len {
            one(cursor)?;
            continue;
        }
        let start = cursor.at;
        let len = cursor.u32()? as usize;
        let end = if counts_itself { start + len } else { start + 4 + len };
        let bytes = cursor.bytes.get(..end).filter(|_| end > start + 4);
        let bytes = bytes.ok_or_else(|| format!("an entry of {len} bytes at {start}"))?;
        one(&mut Cursor { bytes, at: cursor.at })?;
        cursor.at = end;
    }
    Ok(())
}

pub(super) fn machine(body: &[u8]) -> Decoded<Machine> {
    let mut c = Cursor { bytes: body, at: 0 };
    let (cpus, memory_bytes, max_pid) = (c.u32()?, c.u64()?, c.u64()?);
    let hostname = c.take(128)?;
    let hostname = hostname.split(|&b| b == 0).next().unwrap_or_default();
    Ok(Machine {
        cpus,
        memory_bytes,
        max_pid,
        hostname: String::from_utf8_lossy(hostname).into_owned(),
        boot_ns: c.u64()?,
    })
}

pub(super) fn processes(body: &[u8], version: u8) -> Decoded<Vec<Process>> {
    let mut all = Vec::new();
    entries(&mut Cursor { bytes: body, at: 0 }, version >= 9, true, |c| {
        all.push(process(c, version)?);
        Ok(())
    })?;
    Ok(all)
}

fn process(c: &mut Cursor<'_>, version: u8) -> Decoded<Process> {
    let mut p = Process { pgid: -1, vtid: -1, vpid: -1, loginuid: u32::MAX, ..Process::default() };
    (p.tid, p.pid, p.ptid) = (c.i64()?, c.i64()?, c.i64()?);
    if version >= 6 {
        p.sid = c.i64()?;
    }
    if version >= 8 {
        p.vpgid = c.i64()?;
    }
    (p.comm, p.exe) = (c.text()?, c.text()?);
    if version >= 7 {
        p.exepath = c.text()?;
    }
    (p.args, p.cwd) = (c.text()?, c.text()?);
    p.fdlimit = c.i64()?;
    (p.flags, p.uid, p.gid) = (c.u32()?, c.u32()?, c.u32()?);
    if version >= 2 {
        (p.vmsize_kb, p.vmrss_kb, p.vmswap_kb) = (c.u32()?, c.u32()?, c.u32()?);
        (p.pfmajor, p.pfminor) = (c.u64()?, c.u64()?);
    }
    if version >= 3 {
        p.env = c.text()?;
    }
    if version >= 4 {
        (p.vtid, p.vpid) = (c.i64()?, c.i64()?);
        p.cgroups = c.text()?;
    }
    if version >= 5 {
        p.root = c.text()?;
    }
    if version >= 9 {
        newest(c, &mut p)?;
    }
    Ok(p)
}

/// Fields that the ninth version got over time: each is there only if bytes are left.
fn newest(c: &mut Cursor<'_>, p: &mut Process) -> Decoded<()> {
    if c.left() > 29 {
        (p.pidns_init_start_ns, p.tty) = (c.u64()?, c.u32()?);
    }
    if c.left() >= 4 {
        p.loginuid = c.u32()?;
    }
    if c.left() >= 1 {
        p.exe_writable = c.u8()? != 0;
    }
    if c.left() >= 24 {
        p.caps = [c.u64()?, c.u64()?, c.u64()?];
    }
    if c.left() >= 1 {
        p.exe_upper_layer = c.u8()? != 0;
    }
    if c.left() >= 24 {
        p.exe_ino = [c.u64()?, c.u64()?, c.u64()?];
    }
    if c.left() >= 1 {
        p.exe_from_memfd = c.u8()? != 0;
    }
    if c.left() >= 1 {
        p.exe_lower_layer = c.u8()? != 0;
    }
    if c.left() >= 8 {
        p.pgid = c.i64()?;
    }
    Ok(())
}

pub(super) fn fds(body: &[u8], version: u8) -> Decoded<(i64, Vec<FdEntry>)> {
    let mut c = Cursor { bytes: body, at: 0 };
    let tid = c.i64()?;
    let mut all = Vec::new();
    entries(&mut c, version >= 2, true, |c| {
        let (fd, ino, kind) = (c.i64()?, c.u64()?, c.u8()?);
        all.push(match kind {
            // without a length it cannot be told where the next entry begins
            0 | FIRST_UNKNOWN_FD.. if version == 1 => {
                return Err(format!("file descriptor {fd} is of unknown kind {kind}"));
            }
            0 | FIRST_UNKNOWN_FD.. => {
                FdEntry { fd, ino, kind: UNSUPPORTED_FD, detail: FdDetail::Named(Vec::new()) }
            }
            _ => FdEntry { fd, ino, kind, detail: fd_detail(c, kind, version)? },
        });
        Ok(())
    })?;
    Ok((tid, all))
}

fn fd_detail(c: &mut Cursor<'_>, kind: u8, version: u8) -> Decoded<FdDetail> {
    Ok(match kind {
        3 => {
            let (source, dest) = (c.ipv4()?, c.ipv4()?);
            FdDetail::Ipv4([(source, c.u16()?), (dest, c.u16()?)], c.u8()?)
        }
        4 => {
            let (source, dest) = (c.ipv6()?, c.ipv6()?);
            FdDetail::Ipv6([(source, c.u16()?), (dest, c.u16()?)], c.u8()?)
        }
        5 => FdDetail::Ipv4Server((c.ipv4()?, c.u16()?), c.u8()?),
        6 => FdDetail::Ipv6Server((c.ipv6()?, c.u16()?), c.u8()?),
        8 => FdDetail::Unix(c.u64()?, c.u64()?, c.text()?),
        16 => {
            let (flags, name) = (c.u32()?, c.text()?);
            // entries without a length have no device
            FdDetail::File(flags, name, if version >= 2 && c.left() >= 4 { c.u32()? } else { 0 })
        }
        _ => FdDetail::Named(c.text()?),
    })
}

pub(super) fn interfaces(body: &[u8], version: u8) -> Decoded<Vec<Interface>> {
    let mut all = Vec::new();
    entries(&mut Cursor { bytes: body, at: 0 }, version >= 2, false, |c| {
        let (kind, name_len) = (c.u16()?, usize::from(c.u16()?));
        match kind {
            1 | 3 => {
                let (addr, mask, _) = (c.ipv4()?, c.ipv4()?, c.ipv4()?);
                if kind == 1 {
                    c.u64()?;
                }
                all.push(Interface::V4(c.take(name_len)?.to_vec(), addr, mask));
            }
            2 | 4 => {
                let (addr, mask, _) = (c.ipv6()?, c.ipv6()?, c.ipv6()?);
                if kind == 2 {
                    c.u64()?;
                }
                all.push(Interface::V6(c.take(name_len)?.to_vec(), addr, mask));
            }
            _ => return Err(format!("an interface of unknown kind {kind}")),
        }
        Ok(())
    })?;
    Ok(all)
}

pub(super) fn users(body: &[u8], version: u8) -> Decoded<Vec<UserOrGroup>> {
    let mut all = Vec::new();
    entries(&mut Cursor { bytes: body, at: 0 }, version >= 2, true, |c| {
        all.push(match c.u8()? {
            0 => UserOrGroup::User(c.u32()?, c.u32()?, [c.text()?, c.text()?, c.text()?]),
            1 => UserOrGroup::Group(c.u32()?, c.text()?),
            kind => return Err(format!("an entry of unknown kind {kind}")),
        });
        Ok(())
    })?;
    Ok(all)
}
