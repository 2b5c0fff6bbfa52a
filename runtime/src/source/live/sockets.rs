//! Sockets that are there already, from /proc/net or an iterator, and addresses of this machine.

use crate::source::capture::metadata::{FdDetail, FdEntry, Interface};
use std::collections::HashMap;
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

const TCP: u8 = 2;
const UDP: u8 = 3;
const RAW: u8 = 5;

/// A socket: its kind in the capture format and the details.
type Socket = (u8, FdDetail);

/// Sockets by network namespace and inode; a namespace is read when a descriptor in it is first asked for.
#[derive(Default)]
pub(super) struct Sockets {
    namespaces: HashMap<PathBuf, HashMap<u64, Socket>>,
}

impl Sockets {
    /// The descriptor `fd` of the process whose directory is `dir`, which is the socket `ino`.
    pub(super) fn entry(&mut self, dir: &Path, fd: i64, ino: u64) -> Option<FdEntry> {
        let namespace = fs::read_link(dir.join("ns/net")).unwrap_or_default();
        let sockets = self.namespaces.entry(namespace).or_insert_with(|| read(&dir.join("net")));
        let (kind, detail) = sockets.get(&ino).cloned()?;
        Some(FdEntry { fd, ino, kind, detail })
    }
}

/// A socket that an iterator told, with the path of a unix socket.
pub(super) fn from_iterator(socket: &peregrine_probe::Socket, path: &[u8]) -> Option<Socket> {
    const FAMILY_UNIX: u32 = 1;
    const FAMILY_V4: u32 = 2;
    const FAMILY_V6: u32 = 10;
    const FAMILY_NETLINK: u32 = 16;
    let [local, remote] = socket.ports;
    let l4 = match (socket.kind, socket.protocol) {
        (3, _) => RAW,
        (_, 17) => UDP,
        _ => TCP,
    };
    Some(match socket.family {
        FAMILY_UNIX => (8, FdDetail::Unix(socket.ends[0], socket.ends[1], path.to_vec())),
        FAMILY_V4 => {
            let ip = |a: [u8; 16]| Ipv4Addr::new(a[0], a[1], a[2], a[3]);
            let [own, peer] = socket.addresses.map(ip);
            match remote {
                0 => (5, FdDetail::Ipv4Server((own, local), l4)),
                _ => (3, FdDetail::Ipv4([(own, local), (peer, remote)], l4)),
            }
        }
        FAMILY_V6 => {
            let [own, peer] = socket.addresses.map(Ipv6Addr::from);
            match remote {
                0 => (6, FdDetail::Ipv6Server((own, local), l4)),
                _ => (4, FdDetail::Ipv6([(own, local), (peer, remote)], l4)),
            }
        }
        FAMILY_NETLINK => (15, FdDetail::Named(Vec::new())),
        _ => return None,
    })
}

fn read(net: &Path) -> HashMap<u64, Socket> {
    let text = |name: &str| fs::read_to_string(net.join(name)).unwrap_or_default();
    let mut all = HashMap::new();
    for (name, l4) in [("tcp", TCP), ("udp", UDP), ("raw", RAW), ("tcp6", TCP), ("udp6", UDP), ("raw6", RAW)]
    {
        all.extend(text(name).lines().skip(1).filter_map(|line| inet(line, l4)));
    }
    for line in text("unix").lines().skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(ino) = words.get(6).and_then(|n| n.parse().ok()) else { continue };
        let address = words.first().and_then(|a| u64::from_str_radix(a.trim_end_matches(':'), 16).ok());
        let path = words.get(7).map_or(Vec::new(), |p| p.as_bytes().to_vec());
        all.insert(ino, (8, FdDetail::Unix(address.unwrap_or(0), 0, path)));
    }
    for line in text("netlink").lines().skip(1) {
        if let Some(ino) = line.split_whitespace().nth(9).and_then(|n| n.parse().ok()) {
            all.insert(ino, (15, FdDetail::Named(Vec::new())));
        }
    }
    all
}

/// A line of a table of IP sockets. Addresses are words of the machine in hexadecimal, ports numbers.
fn inet(line: &str, l4: u8) -> Option<(u64, Socket)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ([local, remote, ..], Some(ino)) = (words.get(1..)?, words.get(9)?.parse().ok()) else { return None };
    if local.len() > 16 {
        let ends = [v6(local)?, v6(remote)?];
        let listens = ends[1].1 == 0;
        let detail = if listens { FdDetail::Ipv6Server(ends[0], l4) } else { FdDetail::Ipv6(ends, l4) };
        return Some((ino, (if listens { 6 } else { 4 }, detail)));
    }
    let ends = [v4(local)?, v4(remote)?];
    let listens = ends[1].1 == 0;
    let detail = if listens { FdDetail::Ipv4Server(ends[0], l4) } else { FdDetail::Ipv4(ends, l4) };
    Some((ino, (if listens { 5 } else { 3 }, detail)))
}

fn v4(text: &str) -> Option<(Ipv4Addr, u16)> {
    let (ip, port) = text.split_once(':')?;
    let ip = u32::from_str_radix(ip, 16).ok()?;
    Some((Ipv4Addr::from(ip.to_le_bytes()), u16::from_str_radix(port, 16).ok()?))
}

fn v6(text: &str) -> Option<(Ipv6Addr, u16)> {
    let (ip, port) = text.split_once(':')?;
    let mut bytes = [0; 16];
    for (at, to) in bytes.chunks_exact_mut(4).enumerate() {
        let word = u32::from_str_radix(ip.get(8 * at..8 * at + 8)?, 16).ok()?;
        to.copy_from_slice(&word.to_le_bytes());
    }
    Some((Ipv6Addr::from(bytes), u16::from_str_radix(port, 16).ok()?))
}

/// Addresses of this machine: those that the kernel routes to itself, with the network that contains them.
pub(super) fn interfaces() -> Vec<Interface> {
    let text = |name: &str| fs::read_to_string(Path::new("/proc/net").join(name)).unwrap_or_default();
    let routes = text("route");
    let networks: Vec<(&str, u32, u32)> = routes.lines().skip(1).filter_map(route).collect();
    let mut all = Vec::new();
    let tree = text("fib_trie");
    let mut before = None;
    for line in tree.lines() {
        if let Some(ip) = line.trim().strip_prefix("|-- ").and_then(|ip| ip.parse::<Ipv4Addr>().ok()) {
            before = Some(ip);
        } else if line.contains("/32 host LOCAL")
            && let Some(ip) = before
        {
            let number = u32::from(ip);
            let found = networks.iter().find(|(_, net, mask)| *mask != 0 && number & mask == *net);
            let (name, mask) = match found {
                Some((name, _, mask)) => (*name, *mask),
                None if ip.is_loopback() => ("lo", 0xff00_0000),
                None => ("", u32::MAX),
            };
            let interface = Interface::V4(name.as_bytes().to_vec(), ip, Ipv4Addr::from(mask));
            if !all.contains(&interface) {
                all.push(interface);
            }
        }
    }
    for line in text("if_inet6").lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [ip, _, prefix, .., name] = words.as_slice()
            && let (Ok(ip), Ok(prefix)) = (u128::from_str_radix(ip, 16), u32::from_str_radix(prefix, 16))
        {
            let mask = u128::MAX.checked_shl(128 - prefix.min(128)).unwrap_or(0);
            all.push(Interface::V6(name.as_bytes().to_vec(), Ipv6Addr::from(ip), Ipv6Addr::from(mask)));
        }
    }
    all
}

/// Name, network and mask of a line of the routing table.
fn route(line: &str) -> Option<(&str, u32, u32)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |at: usize| u32::from_str_radix(words.get(at)?, 16).ok().map(u32::swap_bytes);
    Some((words.first()?, number(1)?, number(7)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_socket_tables() {
        let line =
            "  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 5501 1 x";
        let local = (Ipv4Addr::LOCALHOST, 8080);
        assert_eq!(inet(line, TCP), Some((5501, (5, FdDetail::Ipv4Server(local, TCP)))));
        let line = "  1: 0100007F:1F90 0200007F:D903 01 00000000:00000000 00:00000000 00000000  0  0 77 1 x";
        let ends = [local, (Ipv4Addr::new(127, 0, 0, 2), 0xd903)];
        assert_eq!(inet(line, TCP), Some((77, (3, FdDetail::Ipv4(ends, TCP)))));
        let line = "  1: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 9 1 x";
        assert_eq!(inet(line, TCP), Some((9, (6, FdDetail::Ipv6Server((Ipv6Addr::LOCALHOST, 80), TCP)))));
    }

    #[test]
    fn this_machine_has_the_loopback_address() {
        let own = interfaces();
        assert!(own.iter().any(|i| matches!(i, Interface::V4(_, ip, _) if ip.is_loopback())), "{own:?}");
    }
}
