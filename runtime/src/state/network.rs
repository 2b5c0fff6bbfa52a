//! Addresses of the machine's interfaces.

use crate::source::capture::Interface;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses of the machine's interfaces.
#[derive(Clone, Debug, Default)]
pub struct Interfaces {
    v4: Vec<(Ipv4Addr, Ipv4Addr)>,
    v6: Vec<(Ipv6Addr, Ipv6Addr)>,
    /// Addresses by name, for people.
    names: Vec<(String, IpAddr)>,
}

impl Interfaces {
    /// Learns interfaces.
    pub fn add(&mut self, interfaces: &[Interface]) {
        for interface in interfaces {
            let (name, addr) = match interface {
                Interface::V4(name, addr, mask) => {
                    self.v4.push((*addr, *mask));
                    (name, IpAddr::V4(*addr))
                }
                Interface::V6(name, addr, mask) => {
                    self.v6.push((*addr, *mask));
                    (name, IpAddr::V6(*addr))
                }
            };
            self.names.push((String::from_utf8_lossy(name).into_owned(), addr));
        }
    }

    /// Name, protocol (`ipv4`, `ipv6`) and addresses, joined by commas, of interfaces except the loopback.
    pub fn by_name(&self) -> impl Iterator<Item = (&str, &'static str, String)> {
        let mut joined: BTreeMap<(&str, &'static str), String> = BTreeMap::new();
        for (name, addr) in self.names.iter().filter(|(name, _)| name != "lo") {
            let protocol = if addr.is_ipv4() { "ipv4" } else { "ipv6" };
            let list = joined.entry((name, protocol)).or_default();
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(&full_text(*addr));
        }
        joined.into_iter().map(|((name, protocol), list)| (name, protocol, list))
    }

    /// Whether an address is one of this machine.
    pub fn is_local(&self, ip: IpAddr) -> bool {
        match ip {
            IpAddr::V4(ip) => self.v4.iter().any(|(own, _)| *own == ip),
            IpAddr::V6(ip) => self.v6.iter().any(|(own, _)| *own == ip),
        }
    }

    /// The own address that speaks with a peer: the peer's if it is our own, else one of the same network,
    /// else the first that is not the loopback's.
    pub fn toward(&self, peer: IpAddr) -> Option<IpAddr> {
        match peer {
            IpAddr::V4(peer) => {
                let masked = |a: Ipv4Addr, m: Ipv4Addr| a.to_bits() & m.to_bits();
                let all = || self.v4.iter();
                let same = all().find(|(own, _)| *own == peer);
                let near = || all().find(|(own, mask)| masked(*own, *mask) == masked(peer, *mask));
                let first = || all().find(|(own, _)| !own.is_loopback());
                same.or_else(near).or_else(first).map(|(own, _)| IpAddr::V4(*own))
            }
            IpAddr::V6(peer) => {
                let masked = |a: Ipv6Addr, m: Ipv6Addr| a.to_bits() & m.to_bits();
                let all = || self.v6.iter();
                let same = all().find(|(own, _)| *own == peer);
                let near = || all().find(|(own, mask)| masked(*own, *mask) == masked(peer, *mask));
                let first = || all().find(|(own, _)| !own.is_loopback());
                same.or_else(near).or_else(first).map(|(own, _)| IpAddr::V6(*own))
            }
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// COMPAT(falco): all groups of an address of version 6, also where zeros could be left out.
fn full_text(addr: IpAddr) -> String {
    match addr {
        IpAddr::V4(addr) => addr.to_string(),
        IpAddr::V6(addr) => addr.segments().map(|group| format!("{group:x}")).join(":"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_by_name() {
        let v4 = |name: &str, d| Interface::V4(name.into(), Ipv4Addr::new(10, 0, 0, d), Ipv4Addr::BROADCAST);
        let v6 = |name: &str, last| {
            Interface::V6(name.into(), Ipv6Addr::new(0xfe80, 0, 0, 0, 0xa00, 0, 0, last), Ipv6Addr::LOCALHOST)
        };
        let mut interfaces = Interfaces::default();
        interfaces.add(&[
            v4("lo", 9),
            v4("eth1", 1),
            v6("eth0", 0x6071),
            v4("eth0", 2),
            v4("eth0", 3),
            v6("lo", 1),
        ]);
        let found: Vec<_> = interfaces.by_name().collect();
        let expect = [
            ("eth0", "ipv4", "10.0.0.2,10.0.0.3".to_owned()),
            ("eth0", "ipv6", "fe80:0:0:0:a00:0:0:6071".to_owned()),
            ("eth1", "ipv4", "10.0.0.1".to_owned()),
        ];
        assert_eq!(found, expect);
    }
}
