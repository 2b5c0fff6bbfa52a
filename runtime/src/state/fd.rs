//! File descriptors of a process.

use super::text::Text;
use std::net::IpAddr;

/// What a descriptor refers to; the numbers are those of the capture format.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum FdKind {
    /// Not known.
    #[default]
    Unknown = 0,
    /// A file, as old captures have it.
    FileOld = 1,
    /// A directory.
    Directory = 2,
    /// A socket of IPv4.
    Ipv4 = 3,
    /// A socket of IPv6.
    Ipv6 = 4,
    /// A listening or bound socket of IPv4.
    Ipv4Server = 5,
    /// A listening or bound socket of IPv6.
    Ipv6Server = 6,
    /// A pipe.
    Fifo = 7,
    /// A unix socket.
    Unix = 8,
    /// `eventfd`.
    Event = 9,
    /// Something without a name of its own.
    Unsupported = 10,
    /// `signalfd`.
    Signal = 11,
    /// `epoll`.
    EventPoll = 12,
    /// `inotify`.
    Inotify = 13,
    /// `timerfd`.
    Timer = 14,
    /// A netlink socket.
    Netlink = 15,
    /// A file.
    File = 16,
    /// `bpf`.
    Bpf = 17,
    /// `userfaultfd`.
    Userfault = 18,
    /// `io_uring`.
    IoUring = 19,
    /// `memfd`.
    Memfd = 20,
    /// `pidfd`.
    Pidfd = 21,
}

impl FdKind {
    const ALL: [Self; 22] = [
        Self::Unknown,
        Self::FileOld,
        Self::Directory,
        Self::Ipv4,
        Self::Ipv6,
        Self::Ipv4Server,
        Self::Ipv6Server,
        Self::Fifo,
        Self::Unix,
        Self::Event,
        Self::Unsupported,
        Self::Signal,
        Self::EventPoll,
        Self::Inotify,
        Self::Timer,
        Self::Netlink,
        Self::File,
        Self::Bpf,
        Self::Userfault,
        Self::IoUring,
        Self::Memfd,
        Self::Pidfd,
    ];

    /// The kind with this number of the capture format.
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The character of `fd.typechar`.
    pub fn symbol(self) -> u8 {
        match self {
            Self::FileOld | Self::File => b'f',
            Self::Directory => b'd',
            Self::Ipv4 | Self::Ipv4Server => b'4',
            Self::Ipv6 | Self::Ipv6Server => b'6',
            Self::Fifo => b'p',
            Self::Unix | Self::Userfault => b'u',
            Self::Event => b'e',
            Self::Signal => b's',
            Self::EventPoll => b'l',
            Self::Inotify => b'i',
            Self::Timer => b't',
            Self::Netlink => b'n',
            Self::Bpf => b'b',
            Self::IoUring => b'r',
            Self::Memfd => b'm',
            Self::Pidfd => b'P',
            Self::Unknown | Self::Unsupported => b'o',
        }
    }

    /// The word of `fd.type`; `None` for what has none.
    pub fn word(self) -> Option<&'static str> {
        Some(match self {
            Self::FileOld | Self::File => "file",
            Self::Directory => "directory",
            Self::Ipv4 | Self::Ipv4Server => "ipv4",
            Self::Ipv6 | Self::Ipv6Server => "ipv6",
            Self::Fifo => "pipe",
            Self::Unix => "unix",
            Self::Event => "event",
            Self::Signal => "signalfd",
            Self::EventPoll => "eventpoll",
            Self::Inotify => "inotify",
            Self::Timer => "timerfd",
            Self::Netlink => "netlink",
            Self::Bpf => "bpf",
            Self::Userfault => "userfaultfd",
            Self::IoUring => "io_uring",
            Self::Memfd => "memfd",
            Self::Pidfd => "pidfd",
            Self::Unknown | Self::Unsupported => return None,
        })
    }

    /// IPv4 or IPv6 with two ends.
    pub fn is_ip_connection(self) -> bool {
        matches!(self, Self::Ipv4 | Self::Ipv6)
    }

    /// IPv4 or IPv6 with a listening end.
    pub fn is_ip_server(self) -> bool {
        matches!(self, Self::Ipv4Server | Self::Ipv6Server)
    }

    /// Any socket of IPv4 or IPv6.
    pub fn is_ip(self) -> bool {
        self.is_ip_connection() || self.is_ip_server()
    }

    /// A file or directory.
    pub fn is_path(self) -> bool {
        matches!(self, Self::FileOld | Self::File | Self::Directory)
    }
}

/// Transport protocol of a socket; the numbers are those of the capture format.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum L4 {
    /// Not known.
    #[default]
    Unknown = 0,
    /// The socket has none.
    NotApplicable = 1,
    /// TCP.
    Tcp = 2,
    /// UDP.
    Udp = 3,
    /// ICMP.
    Icmp = 4,
    /// Raw.
    Raw = 5,
}

impl L4 {
    /// The protocol with this number of the capture format.
    pub fn of(number: u8) -> Self {
        match number {
            1 => Self::NotApplicable,
            2 => Self::Tcp,
            3 => Self::Udp,
            4 => Self::Icmp,
            5 => Self::Raw,
            _ => Self::Unknown,
        }
    }

    /// The word of `fd.l4proto`.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Tcp => Some("tcp"),
            Self::Udp => Some("udp"),
            Self::Icmp => Some("icmp"),
            Self::Raw => Some("raw"),
            Self::Unknown | Self::NotApplicable => None,
        }
    }

    /// The character that a rendered descriptor has before its name.
    pub fn symbol(self) -> Option<u8> {
        match self {
            Self::Tcp => Some(b't'),
            Self::Udp => Some(b'u'),
            Self::Icmp => Some(b'i'),
            Self::Raw => Some(b'r'),
            Self::Unknown | Self::NotApplicable => None,
        }
    }
}

/// An address with its port.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct End {
    /// Address.
    pub ip: IpAddr,
    /// Port.
    pub port: u16,
}

/// The two ends of a socket. A listening socket has its own end as destination.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Tuple {
    /// Client.
    pub source: End,
    /// Server.
    pub dest: End,
}

/// Properties of a descriptor, as bits.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct FdFlags(pub u16);

impl FdFlags {
    /// The owner is the client of the connection.
    pub const CLIENT: u16 = 1;
    /// The owner is the server of the connection.
    pub const SERVER: u16 = 1 << 1;
    /// The two ends were seen swapped.
    pub const OVERWRITTEN: u16 = 1 << 2;
    /// The socket is connected.
    pub const CONNECTED: u16 = 1 << 3;
    /// The connection has not been made yet.
    pub const PENDING: u16 = 1 << 4;
    /// The connection could not be made.
    pub const FAILED: u16 = 1 << 5;
    /// It is closed when another program is executed.
    pub const CLOEXEC: u16 = 1 << 6;
    /// The file lies in an overlay's upper layer.
    pub const UPPER_LAYER: u16 = 1 << 7;
    /// The file lies in an overlay's lower layer.
    pub const LOWER_LAYER: u16 = 1 << 8;
    /// Known from the start or from /proc.
    pub const FROM_PROC: u16 = 1 << 9;
    /// Its socket is in a named pipe of unix type.
    pub const DATAGRAM: u16 = 1 << 10;

    /// Whether any of `bits` is set.
    pub fn has(self, bits: u16) -> bool {
        self.0 & bits != 0
    }

    /// Sets `bits`.
    pub fn set(&mut self, bits: u16) {
        self.0 |= bits;
    }

    /// Clears `bits`.
    pub(super) fn clear(&mut self, bits: u16) {
        self.0 &= !bits;
    }
}

/// One descriptor.
#[derive(Clone, Debug, Default)]
pub struct Fd {
    /// What it refers to.
    pub kind: FdKind,
    /// Transport protocol.
    pub l4: L4,
    /// Properties.
    pub flags: FdFlags,
    /// `O_*` flags in the format's numbers.
    pub open_flags: u32,
    /// Device.
    pub dev: u32,
    /// Inode.
    pub ino: u64,
    /// Absolute path, or the ends as text.
    pub name: Text,
    /// Path as the caller gave it.
    pub name_raw: Text,
    /// Ends of an IP socket; `None` before they are known.
    pub tuple: Option<Tuple>,
    /// Kernel addresses of a unix socket's two ends.
    pub unix: [u64; 2],
    /// Process that a `pidfd` stands for.
    pub pid: i64,
    version: u64,
}

impl Fd {
    /// A descriptor of a kind.
    pub fn new(kind: FdKind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// Stamp of what it is; see [`State::fd_version`](super::State::fd_version). Never 0 in a table.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether the owner is the server.
    pub fn is_server(&self) -> bool {
        self.kind.is_ip_server() || self.flags.has(FdFlags::SERVER)
    }

    /// Whether no side has been given to the owner yet.
    pub fn has_no_role(&self) -> bool {
        !self.flags.has(FdFlags::CLIENT | FdFlags::SERVER)
    }

    /// Gives the owner the client's side.
    pub fn set_client(&mut self) {
        self.flags.set(FdFlags::CLIENT);
        self.flags.clear(FdFlags::SERVER);
    }

    /// Gives the owner the server's side.
    pub fn set_server(&mut self) {
        self.flags.set(FdFlags::SERVER);
        self.flags.clear(FdFlags::CLIENT);
    }
}

/// Descriptors of a process, by number, bounded.
#[derive(Clone, Debug, Default)]
pub struct FdTable {
    low: Vec<Option<Box<Fd>>>,
    /// Descriptors with large numbers, in order.
    high: Vec<(i64, Box<Fd>)>,
    count: usize,
    /// Numbers in the order of opening; see [`FdTable::kinds_order`].
    order: super::order::Order,
}

/// Numbers below this are found by position.
const LOW: i64 = 1024;

/// What became of a descriptor to store.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Stored {
    /// It is new.
    Added,
    /// It took the place of another one.
    Replaced,
    /// The table is full, or the number cannot be.
    Refused,
}

impl FdTable {
    /// The descriptor with this number.
    pub fn get(&self, fd: i64) -> Option<&Fd> {
        if (0..LOW).contains(&fd) {
            return self.low.get(fd as usize)?.as_deref();
        }
        let at = self.high.binary_search_by_key(&fd, |(n, _)| *n).ok()?;
        self.high.get(at).map(|(_, fd)| &**fd)
    }

    fn get_mut(&mut self, fd: i64) -> Option<&mut Fd> {
        if (0..LOW).contains(&fd) {
            return self.low.get_mut(fd as usize)?.as_deref_mut();
        }
        let at = self.high.binary_search_by_key(&fd, |(n, _)| *n).ok()?;
        self.high.get_mut(at).map(|(_, fd)| &mut **fd)
    }

    /// Changes a descriptor, which has `version` from then on. Tells whether its name changed; `None` if it is
    /// not known.
    pub(super) fn change(&mut self, fd: i64, version: u64, change: impl FnOnce(&mut Fd)) -> Option<bool> {
        let entry = self.get_mut(fd)?;
        let name = entry.name.clone();
        change(entry);
        entry.version = version;
        Some(name != entry.name)
    }

    /// Sets whether a descriptor is closed on exec; it has `version` from then on if that is new.
    pub(super) fn set_cloexec(&mut self, fd: i64, version: u64, on: bool) {
        if let Some(entry) = self.get_mut(fd)
            && entry.flags.has(FdFlags::CLOEXEC) != on
        {
            entry.flags.0 ^= FdFlags::CLOEXEC;
            entry.version = version;
        }
    }

    /// Gives them versions from `first` on, because what is seen of them depends on more than themselves.
    pub(super) fn restamp(&mut self, first: u64) {
        self.iter_mut().zip(first..).for_each(|(fd, version)| fd.version = version);
    }

    /// Stores a descriptor, at most `limit` in all.
    pub(super) fn insert(&mut self, fd: i64, mut entry: Fd, version: u64, limit: usize) -> Stored {
        if fd < 0 {
            return Stored::Refused;
        }
        entry.version = version;
        if let Some(old) = self.get_mut(fd) {
            *old = entry;
            return Stored::Replaced;
        }
        if self.count >= limit {
            return Stored::Refused;
        }
        if fd < LOW {
            let at = fd as usize;
            if self.low.len() <= at {
                self.low.resize_with(at + 1, || None);
            }
            if let Some(slot) = self.low.get_mut(at) {
                *slot = Some(Box::new(entry));
            }
        } else {
            let at = self.high.partition_point(|(n, _)| *n < fd);
            self.high.insert(at, (fd, Box::new(entry)));
        }
        self.count += 1;
        self.order.insert(fd);
        Stored::Added
    }

    /// Removes a descriptor.
    pub(super) fn remove(&mut self, fd: i64) {
        let removed = if (0..LOW).contains(&fd) {
            self.low.get_mut(fd as usize).and_then(Option::take)
        } else {
            let at = self.high.binary_search_by_key(&fd, |(n, _)| *n).ok();
            at.map(|at| self.high.remove(at).1)
        };
        if removed.is_some() {
            self.count -= 1;
            self.order.remove(fd);
        }
    }

    /// Removes those for which `gone` says so; tells how many.
    pub(super) fn remove_where(&mut self, gone: impl Fn(i64, &Fd) -> bool) -> usize {
        let numbers: Vec<i64> = self.iter().filter(|(n, fd)| gone(*n, fd)).map(|(n, _)| n).collect();
        for &fd in &numbers {
            self.remove(fd);
        }
        numbers.len()
    }

    /// Removes all.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All, by number.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Fd)> {
        let low = self.low.iter().enumerate().filter_map(|(n, fd)| Some((n as i64, fd.as_deref()?)));
        low.chain(self.high.iter().map(|(n, fd)| (*n, &**fd)))
    }

    /// All, by number.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Fd> {
        let low = self.low.iter_mut().filter_map(Option::as_deref_mut);
        low.chain(self.high.iter_mut().map(|(_, fd)| &mut **fd))
    }

    /// A copy for a child, with the same versions. Falco inserts the entries anew, which shows in the order of their walk.
    #[must_use]
    pub fn copy(&self) -> Self {
        let mut order = super::order::Order::default();
        self.order.walk().for_each(|number| order.insert(number));
        Self { low: self.low.clone(), high: self.high.clone(), count: self.count, order }
    }

    /// Numbers in the order in which Falco walks its table, which shows in `fd.types`.
    pub fn walk(&self) -> impl Iterator<Item = i64> {
        self.order.walk()
    }
}
