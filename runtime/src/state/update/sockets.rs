//! Sockets.

use super::super::fd::{End, Fd, FdFlags, FdKind, L4, Tuple};
use super::super::text::Text;
use super::super::{Current, State};
use crate::event::socket::{Address, SockTuple};
use crate::event::view::EventView;
use std::net::IpAddr;

const AF_UNIX: u32 = 1;
const AF_INET: u32 = 2;
const AF_INET6: u32 = 10;
const AF_NETLINK: u32 = 16;

const EINPROGRESS: i64 = -115;

/// Both ends as `fd.name` has them.
pub(in super::super) fn tuple_text(tuple: &Tuple) -> Text {
    let mut text = Name::default();
    text.end(&tuple.source);
    text.bytes(b"->");
    text.end(&tuple.dest);
    Text::from(text.as_bytes())
}

/// One end as `fd.name` has it.
pub(in super::super) fn end_text(end: &End) -> Text {
    let mut text = Name::default();
    text.end(end);
    Text::from(text.as_bytes())
}

/// Both ends of a unix socket as `fd.name` has them.
fn unix_text(ends: [u64; 2], path: &[u8]) -> Vec<u8> {
    let mut text = Name::default();
    text.hexadecimal(ends[0]);
    text.bytes(b"->");
    text.hexadecimal(ends[1]);
    text.bytes(b" ");
    [text.as_bytes(), path].concat()
}

/// Room for the longest pair of ends. Every connection is named when it is made, by bytes put one after another:
/// `std`'s formatting was a tenth of a replay.
struct Name {
    bytes: [u8; 128],
    len: usize,
}

impl Default for Name {
    fn default() -> Self {
        Self { bytes: [0; 128], len: 0 }
    }
}

impl Name {
    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.len..self.len + bytes.len()) {
            place.copy_from_slice(bytes);
            self.len += bytes.len();
        }
    }

    fn decimal(&mut self, mut number: u16) {
        let count = [10, 100, 1_000, 10_000].iter().filter(|&&limit| number >= limit).count() + 1;
        let mut digits = [0; 8];
        for digit in digits.iter_mut().take(count).rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
        // copying a whole array is one instruction, as many as there are is a call
        if let Some(place) = self.bytes.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut) {
            *place = digits;
            self.len += count;
        }
    }

    fn hexadecimal(&mut self, number: u64) {
        let digits = (64 - number.leading_zeros()).div_ceil(4).max(1);
        for digit in (0..digits).rev() {
            let value = (number >> (4 * digit)) as u8 & 0xf;
            self.bytes(&[if value < 10 { b'0' + value } else { b'a' + value - 10 }]);
        }
    }

    fn end(&mut self, end: &End) {
        match end.ip {
            IpAddr::V4(ip) => {
                for part in ip.octets() {
                    self.octet(part);
                }
                self.len -= 1; // the last dot
            }
            ip @ IpAddr::V6(_) => self.bytes(crate::event::socket::ip_text(ip).as_bytes()),
        }
        self.bytes(b":");
        self.decimal(end.port);
    }

    /// The number with a dot behind it.
    fn octet(&mut self, number: u8) {
        let Some(&(digits, len)) = OCTETS.get(usize::from(number)) else { return };
        if let Some(place) = self.bytes.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut) {
            *place = digits;
            self.len += usize::from(len);
        }
    }
}

/// Every octet with a dot behind it, and the length of both.
static OCTETS: [([u8; 4], u8); 256] = octets();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn octets() -> [([u8; 4], u8); 256] {
    let mut all = [([0; 4], 0); 256];
    let mut n = 0;
    while n < all.len() {
        let number = n as u8;
        let (hundreds, tens, ones) = (b'0' + number / 100, b'0' + number / 10 % 10, b'0' + number % 10);
        all[n] = match number {
            0..10 => ([ones, b'.', 0, 0], 2),
            10..100 => ([tens, ones, b'.', 0], 3),
            100.. => ([hundreds, tens, ones, b'.'], 4),
        };
        n += 1;
    }
    all
}

/// Transport protocol of a socket's type when its protocol is not given.
fn l4_of_type(kind: u32) -> L4 {
    match kind & 0xff {
        1 => L4::Tcp,
        2 => L4::Udp,
        3 => L4::Raw,
        _ => L4::Unknown,
    }
}

fn l4_of_protocol(protocol: u32, kind: u32) -> L4 {
    match protocol {
        0 => l4_of_type(kind),
        1 | 58 => L4::Icmp,
        6 => L4::Tcp,
        17 => L4::Udp,
        255 => L4::Raw,
        _ => l4_of_type(kind),
    }
}

pub(super) fn socket(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let Some(number) = event.int(0).filter(|&fd| fd >= 0) else { return };
    let (domain, kind, protocol) =
        (event.uint32(1).unwrap_or(0), event.uint32(2).unwrap_or(0), event.uint32(3).unwrap_or(0));
    let mut fd = new_socket(domain, kind, protocol);
    if event.uint32(4).unwrap_or(0) & (1 << 12) != 0 {
        fd.flags.set(FdFlags::CLOEXEC);
    }
    state.store(current, number, fd);
}

fn new_socket(domain: u32, kind: u32, protocol: u32) -> Fd {
    let mut fd = match domain {
        AF_UNIX => Fd::new(FdKind::Unix),
        AF_INET => Fd::new(FdKind::Ipv4),
        AF_INET6 => Fd::new(FdKind::Ipv6),
        AF_NETLINK => Fd::new(FdKind::Netlink),
        _ => Fd::new(FdKind::Unknown),
    };
    if fd.kind.is_ip() {
        fd.l4 = l4_of_protocol(protocol, kind);
    }
    fd
}

pub(super) fn socketpair(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    if event.int(0).is_none_or(|res| res < 0) {
        return;
    }
    let ends = [event.uint(3).unwrap_or(0), event.uint(4).unwrap_or(0)];
    let kind = event.uint32(6).unwrap_or(0);
    for (param, unix) in [(1, ends), (2, [ends[1], ends[0]])] {
        if let Some(number) = event.int(param) {
            let mut fd = Fd::new(FdKind::Unix);
            fd.unix = unix;
            if kind & 0o2_000_000 != 0 {
                fd.flags.set(FdFlags::CLOEXEC);
            }
            state.store(current, number, fd);
        }
    }
}

pub(super) fn bind(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    if event.int(0).is_none_or(|res| res < 0) {
        return;
    }
    let Some(address) = event.param(1).and_then(Address::parse) else { return };
    state.change(current, |fd| match address {
        Address::Unix(path) => fd.name = Text::from(path),
        Address::Ip(end) => {
            if end.port > 0 {
                fd.kind = match end.ip {
                    IpAddr::V4(_) => FdKind::Ipv4Server,
                    IpAddr::V6(_) => FdKind::Ipv6Server,
                };
                let any = End { ip: unspecified(end.ip), port: 0 };
                fd.tuple = Some(Tuple { source: any, dest: end });
                fd.set_server();
            }
            fd.name = end_text(&end);
        }
    });
}

fn unspecified(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => IpAddr::from([0; 4]),
        IpAddr::V6(_) => IpAddr::from([0; 16]),
    }
}

/// Where it is to connect to, before another thread can change the memory it was read from.
pub(super) fn connect_enter(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let pending = super::super::thread::Pending {
        code: 22,
        fd: event.int(0).unwrap_or(-1),
        flags: 0,
        bytes: event.param(1).unwrap_or_default().to_vec(),
    };
    state.set_pending(current, pending);
}

pub(super) fn connect(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let _ = state.take_pending(current);
    let Some(result) = event.int(0) else { return };
    if result < 0 && result != EINPROGRESS {
        state.change(current, |fd| fd.flags.set(FdFlags::FAILED));
        return;
    }
    let Some(tuple) = event.param(1).and_then(SockTuple::parse) else { return };
    let interfaces = std::mem::take(&mut state.interfaces);
    state.change(current, |fd| {
        set_tuple(fd, tuple, &interfaces);
        fd.set_client();
        fd.flags.set(FdFlags::CONNECTED);
        if result == EINPROGRESS {
            fd.flags.set(FdFlags::PENDING);
        }
    });
    state.interfaces = interfaces;
}

/// accept, accept4
pub(super) fn accept(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let Some(number) = event.int(0).filter(|&fd| fd >= 0) else { return };
    let mut fd = match event.param(1).and_then(SockTuple::parse) {
        Some(tuple) => {
            let kind = match &tuple {
                SockTuple::Unix(..) => FdKind::Unix,
                SockTuple::Ip(Tuple { source: End { ip: IpAddr::V4(_), .. }, .. }) => FdKind::Ipv4,
                SockTuple::Ip(_) => FdKind::Ipv6,
            };
            let mut fd = Fd::new(kind);
            if kind.is_ip() {
                fd.l4 = L4::Tcp;
            }
            set_tuple(&mut fd, tuple, &state.interfaces);
            fd
        }
        None => return,
    };
    fd.set_server();
    fd.flags.set(FdFlags::CONNECTED);
    if event.code.0 == 389 && event.uint32(5).unwrap_or(0) & (1 << 12) != 0 {
        fd.flags.set(FdFlags::CLOEXEC);
    }
    state.store(current, number, fd);
}

/// Gives a descriptor the ends that an event told.
fn set_tuple(fd: &mut Fd, tuple: SockTuple<'_>, interfaces: &super::super::Interfaces) {
    match tuple {
        SockTuple::Unix(source, dest, path) => {
            fd.unix = [source, dest];
            fd.name = Text::from(unix_text([source, dest], path));
            fd.kind = FdKind::Unix;
        }
        SockTuple::Ip(mut tuple) => {
            fd.kind = match tuple.source.ip {
                IpAddr::V4(_) => FdKind::Ipv4,
                IpAddr::V6(_) => FdKind::Ipv6,
            };
            // a socket that was never bound has no address of its own
            let (none_here, none_there) = (tuple.source.ip.is_unspecified(), tuple.dest.ip.is_unspecified());
            if none_here && !none_there {
                tuple.source.ip = interfaces.toward(tuple.dest.ip).unwrap_or(tuple.source.ip);
            } else if none_there && !none_here {
                tuple.dest.ip = interfaces.toward(tuple.source.ip).unwrap_or(tuple.dest.ip);
            }
            fd.tuple = Some(tuple);
            fd.name = tuple_text(&tuple);
        }
    }
}

/// Position of the tuple in a message event.
fn message_tuple(code: u16) -> usize {
    match code {
        35 => 2,
        53 => 3,
        _ => 4,
    }
}

/// Direction of a message.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Message {
    Sent,
    Received,
}

/// send, sendto, sendmsg, sendmmsg
pub(super) fn send(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    message(state, event, current, Message::Sent);
}

/// recv, recvfrom, recvmsg, recvmmsg
pub(super) fn receive(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    message(state, event, current, Message::Received);
}

/// A message tells the ends of a socket that has no connection.
fn message(state: &mut State, event: &EventView<'_>, current: &mut Current, message: Message) {
    // send, sendto, sendmsg
    const INFERRED: [u16; 3] = [29, 31, 49];
    if event.int(0).is_none_or(|res| res < 0) {
        return;
    }
    // the usual case first: connections keep their ends
    let settled = |fd: &Fd| fd.kind.is_ip() && fd.l4 == L4::Tcp && !fd.name.is_empty();
    if state.fd(current).is_some_and(settled) {
        return;
    }
    let Some(tuple) = event.param(message_tuple(event.code.0)).and_then(SockTuple::parse) else { return };
    if INFERRED.contains(&event.code.0) && state.fd(current).is_none() {
        infer(state, current, &tuple);
    }
    let Some(fd) = state.fd(current) else {
        state.counters.fds_unknown += 1;
        return;
    };
    match (tuple, fd.kind) {
        // most messages have the ends of the one before
        (SockTuple::Ip(tuple), kind) if kind.is_ip() => {
            let swapped = Tuple { source: tuple.dest, dest: tuple.source };
            let same = fd.tuple.is_some_and(|old| old == tuple || old == swapped);
            if !(same && kind.is_ip_connection()) {
                ip_message(state, current, tuple, message);
            }
        }
        (SockTuple::Unix(source, dest, path), FdKind::Unix) => {
            let name = unix_text([source, dest], path);
            if fd.unix != [source, dest] || *fd.name != *name {
                state.change(current, |fd| {
                    fd.unix = [source, dest];
                    fd.name = Text::from(name);
                });
            }
        }
        _ => {}
    }
}

/// The descriptor of a datagram whose socket was not seen.
fn infer(state: &mut State, current: &mut Current, tuple: &SockTuple<'_>) {
    let SockTuple::Ip(tuple) = tuple else { return };
    let mut fd = match tuple.dest.ip {
        IpAddr::V4(_) => Fd::new(FdKind::Ipv4),
        IpAddr::V6(_) => Fd::new(FdKind::Ipv6),
    };
    fd.l4 = L4::Udp;
    state.store(current, current.fd, fd);
}

fn ip_message(state: &mut State, current: &mut Current, tuple: Tuple, message: Message) {
    let interfaces = std::mem::take(&mut state.interfaces);
    state.change(current, |fd| {
        set_tuple(fd, SockTuple::Ip(tuple), &interfaces);
        if fd.has_no_role() {
            // COMPAT(falco): with IPv4 the first message tells the side, with IPv6 it is always the client
            let serves = message == Message::Received && fd.kind == FdKind::Ipv4;
            if serves { fd.set_server() } else { fd.set_client() }
        }
        let against = match message {
            Message::Received => FdFlags::CLIENT,
            Message::Sent => FdFlags::SERVER,
        };
        if let Some(tuple) = fd.tuple.as_mut().filter(|_| fd.flags.has(against)) {
            std::mem::swap(&mut tuple.source, &mut tuple.dest);
            fd.name = tuple_text(tuple);
        }
        fd.flags.set(FdFlags::CONNECTED);
    });
    state.interfaces = interfaces;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn names_are_those_of_std() {
        let mut ports = vec![0, 9, 10, 99, 100, 999, 1_000, 9_999, 10_000, u16::MAX];
        ports.extend((0..u16::MAX).step_by(997));
        for port in ports {
            let [high, low] = port.to_be_bytes();
            let v4 = End { ip: Ipv4Addr::new(high, low, 0, 255).into(), port };
            let v6 = End { ip: Ipv6Addr::from([0xffff - port; 8]).into(), port };
            let text = |end: End| format!("{}:{port}", end.ip);
            assert_eq!(&*end_text(&v4), text(v4).as_bytes());
            let both = tuple_text(&Tuple { source: v6, dest: v4 });
            assert_eq!(&*both, format!("{}->{}", text(v6), text(v4)).as_bytes());
            let long = tuple_text(&Tuple { source: v6, dest: v6 });
            assert_eq!(&*long, format!("{}->{}", text(v6), text(v6)).as_bytes());
        }
        for number in [0, 1, 0xf, 0x10, 0xffff_8880_1234_abcd, u64::MAX] {
            let expected = format!("{number:x}->0 /run/s");
            assert_eq!(unix_text([number, 0], b"/run/s"), expected.as_bytes());
        }
    }
}
