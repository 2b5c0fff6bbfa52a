//! Addresses and networks as literals.
//!
//! ```
//! use peregrine_compiler::ops::net;
//! let net = net::parse_net(b"10.0.0.0/8").unwrap();
//! assert!(net::contains(&net, net::parse_ip(b"10.1.2.3").unwrap()));
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::number;

/// A network: an address and the number of its leading bits that count. The other bits may be set.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct IpNet {
    /// The address, as written.
    pub addr: IpAddr,
    /// Number of leading bits: 0 to 32 for IPv4, 1 to 128 for IPv6.
    pub prefix: u8,
}

/// An address: IPv4 when the text has a dot, else IPv6.
///
/// COMPAT(falco): so an IPv4 address inside an IPv6 one (`::ffff:1.2.3.4`) is refused
/// (`dotted_text_is_ipv4_only`).
pub fn parse_ip(text: &[u8]) -> Option<IpAddr> {
    if text.contains(&b'.') { parse_ipv4(text).map(IpAddr::V4) } else { parse_ipv6(text).map(IpAddr::V6) }
}

/// An IPv4 address in the form of `inet_pton`: four decimal numbers without leading zeros.
pub fn parse_ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// An IPv6 address in the forms of `inet_pton`: no zone, no brackets; the last four bytes may be
/// written as an IPv4 address.
pub fn parse_ipv6(text: &[u8]) -> Option<Ipv6Addr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A network `address/length`.
///
/// COMPAT(falco): the length is a number modulo 256, with sign and leading blanks; 0 is refused for
/// IPv6 only (`odd_prefix_lengths`).
pub fn parse_net(text: &[u8]) -> Option<IpNet> {
    let slash = memchr::memchr(b'/', text)?;
    let (addr, length) = (text.get(..slash)?, text.get(slash + 1..)?);
    let prefix = number::parse_wrapping_u8(length)?;
    // The dot is looked for in the whole text, length included.
    if text.contains(&b'.') {
        let addr = parse_ipv4(addr)?;
        (prefix <= 32).then_some(IpNet { addr: addr.into(), prefix })
    } else {
        let addr = parse_ipv6(addr)?;
        (1..=128).contains(&prefix).then_some(IpNet { addr: addr.into(), prefix })
    }
}

/// Whether an address lies in a network; never, if they are of different families.
pub fn contains(net: &IpNet, addr: IpAddr) -> bool {
    let prefix = u32::from(net.prefix);
    match (net.addr, addr) {
        (IpAddr::V4(net), IpAddr::V4(addr)) => {
            (net.to_bits() ^ addr.to_bits()).checked_shr(32_u32.saturating_sub(prefix)).unwrap_or(0) == 0
        }
        (IpAddr::V6(net), IpAddr::V6(addr)) => {
            (net.to_bits() ^ addr.to_bits()).checked_shr(128_u32.saturating_sub(prefix)).unwrap_or(0) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expect) in [
            ("127.0.0.1", Some("127.0.0.1")),
            ("0:0:0:0:0:0:0:1", Some("::1")),
            ("2001:DB8::", Some("2001:db8::")),
            ("1:2:3:4:5:6:7::", Some("1:2:3:4:5:6:7:0")),
            ("1.2.3", None),
            ("1.2.3.4.5", None),
            ("1.2.3.04", None),
            ("1.2.3.256", None),
            (" 1.2.3.4", None),
            ("host", None),
            ("", None),
            ("fe80::1%eth0", None),
            ("[::1]", None),
            ("12345::", None),
            ("1::2::3", None),
            ("1.2.3.4/32", None),
        ] {
            let expect = expect.map(|e| e.parse::<IpAddr>().unwrap());
            assert_eq!(parse_ip(text.as_bytes()), expect, "{text}");
        }
        assert_eq!(parse_ip(b"\xff."), None);
    }

    #[test]
    fn dotted_text_is_ipv4_only() {
        assert_eq!(parse_ip(b"::ffff:1.2.3.4"), None);
        assert_eq!(parse_net(b"::ffff:1.2.3.4/96"), None);
        assert!(parse_ipv6(b"::ffff:1.2.3.4").is_some());
    }

    #[test]
    fn odd_prefix_lengths() {
        for (text, expect) in [
            ("10.0.0.0/0", Some(0)),
            ("10.0.0.0/+8", Some(8)),
            ("10.0.0.0/ 8", Some(8)),
            ("10.0.0.0/264", Some(8)),
            ("10.0.0.0/33", None),
            ("10.0.0.0/-1", None),
            ("10.0.0.0/8.0", None),
            ("10.0.0.0/8/8", None),
            ("10.0.0.0/", None),
            ("10.0.0.0", None),
            ("::/0", None),
            ("::/1", Some(1)),
            ("::/128", Some(128)),
            ("::/129", None),
        ] {
            assert_eq!(parse_net(text.as_bytes()).map(|n| n.prefix), expect, "{text}");
        }
    }

    #[test]
    fn membership() {
        for (net, addr, expect) in [
            ("142.0.0.0/4", "142.251.111.147", true),
            ("142.251.0.0/8", "142.1.2.3", true),
            ("142.251.111.0/16", "142.250.111.147", false),
            ("128.0.0.0/1", "127.255.255.255", false),
            ("1.2.3.4/0", "200.1.1.1", true),
            ("1.2.3.4/32", "1.2.3.4", true),
            ("1.2.3.4/32", "1.2.3.5", false),
            ("2001::0/16", "2001:4860:4860::8888", true),
            ("10::0/16", "2001:4860:4860::8888", false),
            ("2001:db8:abcd:0012::0/63", "2001:db8:abcd:13::1", true),
            ("2001:db8:abcd:0012::0/64", "2001:db8:abcd:13::1", false),
            ("::1/128", "::1", true),
            ("::/1", "1.2.3.4", false),
            ("0.0.0.0/0", "::", false),
        ] {
            let parsed = parse_net(net.as_bytes()).unwrap();
            assert_eq!(contains(&parsed, addr.parse().unwrap()), expect, "{net} {addr}");
        }
    }
}
