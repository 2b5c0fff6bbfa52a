//! Names of ports: the usual IANA assignments, as Debian's `/etc/services` has them.
//!
//! A table of our own rather than the system's file: a ruleset means the same on every machine, and
//! the compiler does no I/O.
//!
//! ```
//! use peregrine_compiler::ops::services::{Transport, service_name, service_port};
//! assert_eq!(service_port(b"www", None), Some(80));
//! assert_eq!(service_name(514, Some(Transport::Udp)), Some("syslog"));
//! ```

use Protocols::{Both, Tcp, Udp};

/// A transport protocol with ports.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// The port of a service by its name or alias, of the given transport or of any.
pub fn service_port(name: &[u8], transport: Option<Transport>) -> Option<u16> {
    let named = |row: &&Service| {
        row.name.as_bytes() == name || row.aliases.iter().any(|alias| alias.as_bytes() == name)
    };
    SERVICES.iter().filter(|row| row.protocols.has(transport)).find(named).map(|row| row.port)
}

/// The name of a port, of the given transport or of any.
pub fn service_name(port: u16, transport: Option<Transport>) -> Option<&'static str> {
    let first = SERVICES.partition_point(|row| row.port < port);
    SERVICES
        .iter()
        .skip(first)
        .take_while(|row| row.port == port)
        .find(|row| row.protocols.has(transport))
        .map(|row| row.name)
}

struct Service {
    port: u16,
    protocols: Protocols,
    name: &'static str,
    aliases: &'static [&'static str],
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Protocols {
    Tcp,
    Udp,
    Both,
}

impl Protocols {
    fn has(self, transport: Option<Transport>) -> bool {
        match transport {
            None => true,
            Some(Transport::Tcp) => self != Self::Udp,
            Some(Transport::Udp) => self != Self::Tcp,
        }
    }
}

const fn row(
    port: u16,
    protocols: Protocols,
    name: &'static str,
    aliases: &'static [&'static str],
) -> Service {
    Service { port, protocols, name, aliases }
}

// INVARIANT: sorted by port.
#[rustfmt::skip]
const SERVICES: &[Service] = &[
    row(1, Tcp, "tcpmux", &[]),
    row(7, Both, "echo", &[]),
    row(9, Both, "discard", &["sink", "null"]),
    row(11, Tcp, "systat", &["users"]),
    row(13, Both, "daytime", &[]),
    row(15, Tcp, "netstat", &[]),
    row(17, Tcp, "qotd", &["quote"]),
    row(19, Both, "chargen", &["ttytst", "source"]),
    row(20, Tcp, "ftp-data", &[]),
    row(21, Tcp, "ftp", &[]),
    row(21, Udp, "fsp", &["fspd"]),
    row(22, Tcp, "ssh", &[]),
    row(23, Tcp, "telnet", &[]),
    row(25, Tcp, "smtp", &["mail"]),
    row(37, Both, "time", &["timserver"]),
    row(43, Tcp, "whois", &["nicname"]),
    row(49, Both, "tacacs", &[]),
    row(53, Both, "domain", &[]),
    row(67, Udp, "bootps", &[]),
    row(68, Udp, "bootpc", &[]),
    row(69, Udp, "tftp", &[]),
    row(70, Tcp, "gopher", &[]),
    row(79, Tcp, "finger", &[]),
    row(80, Tcp, "http", &["www"]),
    row(88, Both, "kerberos", &["kerberos5", "krb5", "kerberos-sec"]),
    row(102, Tcp, "iso-tsap", &["tsap"]),
    row(110, Tcp, "pop3", &["pop-3"]),
    row(111, Both, "sunrpc", &["portmapper"]),
    row(113, Tcp, "auth", &["authentication", "tap", "ident"]),
    row(119, Tcp, "nntp", &["readnews", "untp"]),
    row(123, Udp, "ntp", &[]),
    row(135, Tcp, "epmap", &["loc-srv"]),
    row(137, Udp, "netbios-ns", &[]),
    row(138, Udp, "netbios-dgm", &[]),
    row(139, Tcp, "netbios-ssn", &[]),
    row(143, Tcp, "imap2", &["imap"]),
    row(161, Both, "snmp", &[]),
    row(162, Both, "snmp-trap", &["snmptrap"]),
    row(177, Udp, "xdmcp", &[]),
    row(179, Tcp, "bgp", &[]),
    row(389, Both, "ldap", &[]),
    row(427, Both, "svrloc", &[]),
    row(443, Both, "https", &[]),
    row(445, Tcp, "microsoft-ds", &[]),
    row(464, Both, "kpasswd", &[]),
    row(465, Tcp, "submissions", &["ssmtp", "smtps", "urd"]),
    row(500, Udp, "isakmp", &[]),
    row(512, Tcp, "exec", &[]),
    row(512, Udp, "biff", &["comsat"]),
    row(513, Tcp, "login", &[]),
    row(513, Udp, "who", &["whod"]),
    row(514, Tcp, "shell", &["cmd", "syslog"]),
    row(514, Udp, "syslog", &[]),
    row(515, Tcp, "printer", &["spooler"]),
    row(517, Udp, "talk", &[]),
    row(518, Udp, "ntalk", &[]),
    row(520, Udp, "route", &["router", "routed"]),
    row(540, Tcp, "uucp", &["uucpd"]),
    row(543, Tcp, "klogin", &[]),
    row(544, Tcp, "kshell", &["krcmd"]),
    row(546, Udp, "dhcpv6-client", &[]),
    row(547, Udp, "dhcpv6-server", &[]),
    row(548, Tcp, "afpovertcp", &[]),
    row(554, Both, "rtsp", &[]),
    row(563, Tcp, "nntps", &["snntp"]),
    row(587, Tcp, "submission", &[]),
    row(623, Udp, "asf-rmcp", &[]),
    row(631, Tcp, "ipp", &[]),
    row(636, Both, "ldaps", &[]),
    row(646, Both, "ldp", &[]),
    row(655, Both, "tinc", &[]),
    row(749, Tcp, "kerberos-adm", &[]),
    row(750, Both, "kerberos4", &["kerberos-iv", "kdc"]),
    row(751, Both, "kerberos-master", &["kerberos_master"]),
    row(754, Tcp, "krb-prop", &["krb_prop", "krb5_prop", "hprop"]),
    row(853, Both, "domain-s", &[]),
    row(873, Tcp, "rsync", &[]),
    row(989, Tcp, "ftps-data", &[]),
    row(990, Tcp, "ftps", &[]),
    row(992, Tcp, "telnets", &[]),
    row(993, Tcp, "imaps", &[]),
    row(995, Tcp, "pop3s", &[]),
    row(1080, Tcp, "socks", &[]),
    row(1099, Tcp, "rmiregistry", &[]),
    row(1194, Both, "openvpn", &[]),
    row(1352, Tcp, "lotusnote", &["lotusnotes"]),
    row(1433, Tcp, "ms-sql-s", &[]),
    row(1434, Udp, "ms-sql-m", &[]),
    row(1701, Udp, "l2f", &["l2tp"]),
    row(1812, Both, "radius", &[]),
    row(1813, Both, "radius-acct", &["radacct"]),
    row(2000, Tcp, "cisco-sccp", &[]),
    row(2049, Both, "nfs", &[]),
    row(2401, Tcp, "cvspserver", &[]),
    row(2600, Tcp, "zebrasrv", &[]),
    row(2601, Tcp, "zebra", &[]),
    row(2602, Tcp, "ripd", &[]),
    row(2603, Tcp, "ripngd", &[]),
    row(2604, Tcp, "ospfd", &[]),
    row(2605, Tcp, "bgpd", &[]),
    row(2606, Tcp, "ospf6d", &[]),
    row(2607, Tcp, "ospfapi", &[]),
    row(2608, Tcp, "isisd", &[]),
    row(2947, Tcp, "gpsd", &[]),
    row(3130, Udp, "icpv2", &["icp"]),
    row(3205, Both, "isns", &[]),
    row(3260, Tcp, "iscsi-target", &[]),
    row(3306, Tcp, "mysql", &[]),
    row(3389, Tcp, "ms-wbt-server", &[]),
    row(3493, Both, "nut", &[]),
    row(3690, Tcp, "svn", &["subversion"]),
    row(4190, Tcp, "sieve", &[]),
    row(4353, Tcp, "f5-iquery", &[]),
    row(4369, Tcp, "epmd", &[]),
    row(4460, Tcp, "ntske", &[]),
    row(4500, Udp, "ipsec-nat-t", &[]),
    row(4569, Udp, "iax", &[]),
    row(4899, Tcp, "radmin-port", &[]),
    row(4949, Tcp, "munin", &["lrrd"]),
    row(5060, Both, "sip", &[]),
    row(5061, Both, "sip-tls", &[]),
    row(5222, Tcp, "xmpp-client", &["jabber-client"]),
    row(5269, Tcp, "xmpp-server", &["jabber-server"]),
    row(5353, Udp, "mdns", &[]),
    row(5432, Tcp, "postgresql", &["postgres"]),
    row(5666, Tcp, "nrpe", &[]),
    row(5671, Tcp, "amqps", &[]),
    row(5672, Tcp, "amqp", &[]),
    row(6000, Tcp, "x11", &["x11-0"]),
    row(6001, Tcp, "x11-1", &[]),
    row(6002, Tcp, "x11-2", &[]),
    row(6003, Tcp, "x11-3", &[]),
    row(6004, Tcp, "x11-4", &[]),
    row(6005, Tcp, "x11-5", &[]),
    row(6006, Tcp, "x11-6", &[]),
    row(6007, Tcp, "x11-7", &[]),
    row(6346, Both, "gnutella-svc", &[]),
    row(6379, Tcp, "redis", &[]),
    row(6446, Tcp, "mysql-proxy", &[]),
    row(6514, Tcp, "syslog-tls", &[]),
    row(6667, Tcp, "ircd", &[]),
    row(6696, Udp, "babel", &[]),
    row(6697, Tcp, "ircs-u", &[]),
    row(7000, Udp, "afs3-fileserver", &[]),
    row(7001, Udp, "afs3-callback", &[]),
    row(7002, Udp, "afs3-prserver", &[]),
    row(7003, Udp, "afs3-vlserver", &[]),
    row(7005, Udp, "afs3-volser", &[]),
    row(7007, Udp, "afs3-bos", &[]),
    row(7008, Udp, "afs3-update", &[]),
    row(7009, Udp, "afs3-rmtsys", &[]),
    row(8080, Tcp, "http-alt", &["webcache"]),
    row(9101, Tcp, "bacula-dir", &[]),
    row(9102, Tcp, "bacula-fd", &[]),
    row(9103, Tcp, "bacula-sd", &[]),
    row(9418, Tcp, "git", &[]),
    row(10000, Tcp, "webmin", &[]),
    row(10050, Tcp, "zabbix-agent", &[]),
    row(10051, Tcp, "zabbix-trapper", &[]),
    row(10080, Tcp, "amanda", &[]),
    row(10809, Tcp, "nbd", &[]),
    row(11371, Tcp, "hkp", &[]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_and_unambiguous() {
        assert!(SERVICES.is_sorted_by_key(|row| row.port));
        for row in SERVICES {
            for name in [row.name].iter().chain(row.aliases) {
                for transport in [Transport::Tcp, Transport::Udp] {
                    if row.protocols.has(Some(transport)) {
                        assert_eq!(service_port(name.as_bytes(), Some(transport)), Some(row.port), "{name}");
                        assert_eq!(service_name(row.port, Some(transport)), Some(row.name));
                    }
                }
            }
        }
    }

    #[test]
    fn names_and_ports() {
        assert_eq!(service_port(b"domain", None), Some(53));
        assert_eq!(service_port(b"ntp", Some(Transport::Tcp)), None);
        assert_eq!(service_port(b"", None), None);
        assert_eq!(service_name(514, Some(Transport::Tcp)), Some("shell"));
        assert_eq!(service_name(514, None), Some("shell"));
        assert_eq!(service_name(0, None), None);
        assert_eq!(service_name(65535, None), None);
    }
}
