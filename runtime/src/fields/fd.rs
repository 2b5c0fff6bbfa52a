//! Fields of the file descriptor that the event works on.
//!
//! A failed open has no descriptor: name and directory then come from the event's own parameters, so a value
//! may be kept for a descriptor only if there is one.

use super::Spec;
use peregrine_compiler::schema::{
    ArgKind::Index,
    ArgSpec::Optional,
    FieldFlags as F,
    Multi::EitherEnd,
    PrintFormat::{Dec, Hex, Id, Na},
    Scope,
    Type::{self, Bool, CharBuf, Int32, Int64, IpAddr, IpNet, Port},
};

/// A field that changes with the file descriptor unless it says otherwise.
const fn f(name: &'static str, ty: Type, doc: &'static str) -> Spec {
    Spec::new("fd", Scope::Fd, name, ty, doc)
}

/// In lookup order.
#[rustfmt::skip]
pub(super) const FIELDS: &[Spec] = &[
    f("fd.num", Int64, "Number of the file descriptor, -1 if there is none.").scope(Scope::Event).print(Id),
    f("fd.type", CharBuf,
        "Kind of file descriptor: file, directory, ipv4, ipv6, unix, pipe, event, signalfd, eventpoll, \
         inotify and others.").cost(2).print(Dec),
    f("fd.typechar", CharBuf,
        "Kind of file descriptor as one character: f file, d directory, 4 and 6 network, u unix socket, p \
         pipe and others.").cost(2).print(Dec),
    f("fd.name", CharBuf, "Path of a file, or the two ends of a connection as address:port->address:port."),
    f("fd.directory", CharBuf, "Directory part of the path.").cost(3),
    f("fd.filename", CharBuf, "Last part of the path.").cost(3),
    f("fd.ip", IpAddr, "Address of either end of the connection.")
        .flag(F::FILTER_ONLY).flag(F::NO_TRANSFORMER).flag(F::NO_RHS).multi(EitherEnd).cost(2),
    f("fd.cip", IpAddr, "Address of the client."),
    f("fd.sip", IpAddr, "Address of the server."),
    f("fd.lip", IpAddr, "Address of the local end.").cost(3),
    f("fd.rip", IpAddr, "Address of the remote end.").cost(3),
    f("fd.port", Port, "Port of either end of the connection.")
        .flag(F::FILTER_ONLY).flag(F::NO_TRANSFORMER).flag(F::NO_RHS).multi(EitherEnd).cost(2),
    f("fd.cport", Port, "Port of the client."),
    f("fd.sport", Port, "Port of the server."),
    f("fd.lport", Port, "Port of the local end.").cost(3),
    f("fd.rport", Port, "Port of the remote end.").cost(3),
    f("fd.l4proto", CharBuf, "Transport protocol: tcp, udp, icmp, raw; <NA> for anything but sockets.")
        .cost(2),
    f("fd.sockfamily", CharBuf, "Socket family: ip or unix.").cost(2),
    f("fd.is_server", Bool, "Whether the process is the server of the connection."),
    f("fd.uid", CharBuf, "Text that identifies the file descriptor: thread id and number.")
        .scope(Scope::Event).cost(8),
    f("fd.containername", CharBuf, "Container id and name of the file descriptor, joined by a colon.")
        .cost(8),
    f("fd.containerdirectory", CharBuf, "Container id and directory of the file, joined by a colon.").cost(8),
    f("fd.proto", Port, "Port of either end, given as the name of a service.")
        .flag(F::FILTER_ONLY).flag(F::NO_TRANSFORMER).flag(F::NO_RHS).multi(EitherEnd).cost(3).print(Na),
    f("fd.cproto", CharBuf, "Service name of the client's port.").cost(4),
    f("fd.sproto", CharBuf, "Service name of the server's port.").cost(4),
    f("fd.lproto", CharBuf, "Service name of the local end's port.").cost(4),
    f("fd.rproto", CharBuf, "Service name of the remote end's port.").cost(4),
    f("fd.net", IpNet, "Network, as address/length, that either end belongs to.")
        .flag(F::FILTER_ONLY).flag(F::NO_TRANSFORMER).flag(F::NO_RHS).multi(EitherEnd).cost(3),
    f("fd.cnet", IpNet, "Network that the client belongs to.")
        .flag(F::FILTER_ONLY).flag(F::NO_TRANSFORMER).flag(F::NO_RHS).cost(3),
    f("fd.snet", IpNet, "Network that the server belongs to.")
        .flag(F::FILTER_ONLY).flag(F::NO_TRANSFORMER).flag(F::NO_RHS).cost(3),
    f("fd.lnet", IpNet, "Network that the local end belongs to.")
        .flag(F::FILTER_ONLY).flag(F::NO_TRANSFORMER).flag(F::NO_RHS).cost(3),
    f("fd.rnet", IpNet, "Network that the remote end belongs to.")
        .flag(F::FILTER_ONLY).flag(F::NO_TRANSFORMER).flag(F::NO_RHS).cost(3),
    f("fd.connected", Bool, "Whether the socket is connected."),
    f("fd.name_changed", Bool,
        "Whether this event gave the file descriptor another name, as the first message of a UDP socket \
         does.").scope(Scope::Event),
    f("fd.cip.name", CharBuf,
        "Domain name of the client's address; compared by looking up the given name.")
        .left_only().scope(Scope::Event).cost(200),
    f("fd.sip.name", CharBuf,
        "Domain name of the server's address; compared by looking up the given name.")
        .left_only().scope(Scope::Event).cost(200),
    f("fd.lip.name", CharBuf,
        "Domain name of the local end's address; compared by looking up the given name.")
        .left_only().scope(Scope::Event).cost(200),
    f("fd.rip.name", CharBuf,
        "Domain name of the remote end's address; compared by looking up the given name.")
        .left_only().scope(Scope::Event).cost(200),
    f("fd.dev", Int32, "Number of the device that holds the file, in hexadecimal.").print(Hex),
    f("fd.dev.major", Int32, "Major number of the device that holds the file."),
    f("fd.dev.minor", Int32, "Minor number of the device that holds the file."),
    f("fd.ino", Int64, "Inode number."),
    f("fd.nameraw", CharBuf, "Path as the caller gave it, not made absolute."),
    f("fd.types", CharBuf,
        "Kinds of all open file descriptors of the process, each once; [n] the kind of descriptor n.")
        .list().arg(Optional(Index)).flag(F::NO_RHS).scope(Scope::Event).cost(16).print(Dec),
    f("fd.is_upper_layer", Bool, "Whether the file is in the container's own upper layer."),
    f("fd.is_lower_layer", Bool, "Whether the file is in a lower layer, so part of the container's image."),
];
