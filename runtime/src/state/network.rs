//! Addresses of the machine's interfaces.

use crate::source::capture::Interface;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses of the machine's interfaces.
#[derive(Clone, Debug, Default)]
pub struct Interfaces {
    v4: Vec<(Ipv4Addr, Ipv4Addr)>,
    v6: Vec<(Ipv6Addr, Ipv6Addr)>,
}

impl Interfaces {
    /// Learns interfaces.
    pub fn add(&mut self, interfaces: &[Interface]) {
        for interface in interfaces {
            match interface {
                Interface::V4(_, addr, mask) => self.v4.push((*addr, *mask)),
                Interface::V6(_, addr, mask) => self.v6.push((*addr, *mask)),
            }
        }
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
