//! Addresses and ends of sockets inside events.

use super::param::text;
use super::view::{u16_at, u64_at};
use crate::state::{End, Tuple};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const UNIX: u8 = 1;
const INET: u8 = 2;
const INET6: u8 = 10;

/// An address, as `bind` takes it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Address<'a> {
    /// A path; abstract ones without their first byte.
    Unix(&'a [u8]),
    /// An IP address with its port.
    Ip(End),
}

impl<'a> Address<'a> {
    /// Reads a `PT_SOCKADDR` parameter; `None` for other families and cut ones.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&family, rest) = bytes.split_first()?;
        match family {
            UNIX => Some(Self::Unix(text(rest))),
            INET => end::<4>(rest).map(|(end, _)| Self::Ip(end)),
            INET6 => end::<16>(rest).map(|(end, _)| Self::Ip(end)),
            _ => None,
        }
    }
}

/// The two ends of a socket.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum SockTuple<'a> {
    /// Kernel addresses and the path.
    Unix(u64, u64, &'a [u8]),
    /// IP addresses with their ports.
    Ip(Tuple),
}

impl<'a> SockTuple<'a> {
    /// Reads a `PT_SOCKTUPLE` parameter; `None` for other families and cut ones.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&family, rest) = bytes.split_first()?;
        match family {
            UNIX => {
                let path = rest.get(16..)?;
                Some(Self::Unix(u64_at(rest, 0), u64_at(rest, 8), text(path)))
            }
            INET => ends::<4>(rest),
            INET6 => ends::<16>(rest),
            _ => None,
        }
    }
}

fn ends<'a, const N: usize>(bytes: &[u8]) -> Option<SockTuple<'a>> {
    let (source, rest) = end::<N>(bytes)?;
    let (dest, _) = end::<N>(rest)?;
    Some(SockTuple::Ip(Tuple { source, dest }))
}

fn end<const N: usize>(bytes: &[u8]) -> Option<(End, &[u8])> {
    let (ip, rest) = bytes.split_first_chunk::<N>()?;
    let (port, rest) = rest.split_at_checked(2)?;
    let ip = match <[u8; 4]>::try_from(ip.as_slice()) {
        Ok(v4) => IpAddr::V4(Ipv4Addr::from(v4)),
        Err(_) => IpAddr::V6(Ipv6Addr::from(*ip.first_chunk::<16>()?)),
    };
    Some((End { ip, port: u16_at(port, 0) }, rest))
}

/// An address as Falco prints it: IPv6 in its short form, IPv4 in IPv6 as `::ffff:1.2.3.4`.
pub fn ip_text(ip: IpAddr) -> String {
    ip.to_string()
}
