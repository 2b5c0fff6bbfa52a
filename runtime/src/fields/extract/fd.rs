//! Fields of the event's descriptor.
//!
//! They have values for events that open, close or use a descriptor. When the descriptor is not known (the
//! call failed, or its opening was not seen), the event's own parameters tell its name and kind.

use super::made::{self, TextWriter};
use super::{EventContext, Extract, FieldValue, Found, args, path};
use crate::event::EventFlags;
use crate::state::{End, Fd, FdFlags, FdKind, Tuple};
use bumpalo::collections::Vec as BumpVec;
use peregrine_compiler::hir::field::FieldArg;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

type Ctx<'a> = EventContext<'a>;

#[rustfmt::skip]
pub(super) fn of_name(name: &str) -> Option<Extract> {
    Some(match name {
        "fd.num" => |c, _| if about_fd(c) { Found::int(Some(c.current.fd)) } else { Found::Nothing },
        "fd.type" => |c, _| Found::word(known(c).map(|fd| fd.kind.word().unwrap_or(NA))),
        "fd.typechar" => type_char,
        "fd.name" => name_of,
        "fd.nameraw" => name_raw,
        "fd.directory" => directory,
        "fd.filename" => filename,
        "fd.ip" | "fd.net" => |c, _| ends(c, |end| FieldValue::Ip(end.ip)),
        "fd.port" => |c, _| ends(c, |end| FieldValue::Uint(end.port.into())),
        "fd.proto" => |c, _| ends(c, |end| FieldValue::Uint(end.port.into())),
        "fd.cip" | "fd.cnet" => |c, _| ip(client(c)),
        "fd.sip" | "fd.snet" => |c, _| ip(server(c)),
        "fd.lip" | "fd.lnet" => |c, _| ip(local(c)),
        "fd.rip" | "fd.rnet" => |c, _| ip(remote(c)),
        "fd.cport" => |c, _| port(client(c)),
        "fd.sport" => |c, _| port(server(c)),
        "fd.lport" => |c, _| port(local(c)),
        "fd.rport" => |c, _| port(remote(c)),
        "fd.cproto" => |c, _| port_text(c, client(c)),
        "fd.sproto" => server_proto,
        "fd.lproto" => |c, _| port_text(c, local(c)),
        "fd.rproto" => |c, _| port_text(c, remote(c)),
        "fd.l4proto" => |c, _| Found::word(known(c).map(l4_word)),
        "fd.sockfamily" => |c, _| Found::word(known(c).and_then(family)),
        "fd.is_server" => |c, _| known(c).map_or(Found::Nothing, |fd| Found::bool(is_server(c, fd))),
        "fd.uid" => uid,
        "fd.containername" => container_name,
        "fd.containerdirectory" => container_directory,
        "fd.connected" => |c, _| known(c).map_or(Found::Nothing, |fd| Found::bool(fd.flags.has(FdFlags::CONNECTED))),
        "fd.name_changed" => |c, _| known(c).map_or(Found::Nothing, |_| Found::bool(c.current.name_changed)),
        "fd.cip.name" | "fd.sip.name" | "fd.lip.name" | "fd.rip.name" => |_, _| Found::Nothing,
        "fd.dev" => |c, _| Found::int(known(c).map(|fd| i64::from(fd.dev))),
        "fd.dev.major" => |c, _| Found::int(known(c).map(|fd| i64::from((fd.dev & 0xf_ff00) >> 8))),
        "fd.dev.minor" => |c, _| Found::int(known(c).map(|fd| i64::from((fd.dev & 0xff) | ((fd.dev >> 12) & 0xf_ff00)))),
        "fd.ino" => |c, _| Found::int(known(c).map(|fd| fd.ino.cast_signed())),
        "fd.types" => types,
        "fd.is_upper_layer" => |c, _| known(c).map_or(Found::Nothing, |fd| Found::bool(fd.flags.has(FdFlags::UPPER_LAYER))),
        "fd.is_lower_layer" => |c, _| known(c).map_or(Found::Nothing, |fd| Found::bool(fd.flags.has(FdFlags::LOWER_LAYER))),
        _ => return None,
    })
}

/// A word that is not known.
const NA: &str = "<NA>";

fn l4_word(fd: &Fd) -> &'static str {
    Some(fd).filter(|fd| has_ends(fd)).and_then(|fd| fd.l4.word()).unwrap_or(NA)
}

/// Whether the event opens, closes or uses a descriptor of a known thread.
fn about_fd(c: &Ctx<'_>) -> bool {
    const ANY: u16 = EventFlags::CREATES_FD.0 | EventFlags::USES_FD.0 | EventFlags::DESTROYS_FD.0;
    c.info.flags.0 & ANY != 0 && c.current.thread.is_some()
}

/// The descriptor, if the event is about one and it is known.
fn known<'a>(c: &Ctx<'a>) -> Option<&'a Fd> {
    if about_fd(c) { c.fd() } else { None }
}

fn type_char<'a>(c: &Ctx<'a>, _: &FieldArg) -> Found<'a> {
    if !about_fd(c) {
        return Found::Nothing;
    }
    let symbol = c.fd().map_or_else(|| made_symbol(c), |fd| fd.kind.symbol());
    Found::text(BYTES.get(usize::from(symbol)..).and_then(|bytes| bytes.get(..1)))
}

/// Every byte at its own place: texts of one byte.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static BYTES: [u8; 256] = {
    let mut all = [0; 256];
    let mut n = 0;
    while n < all.len() {
        all[n] = n as u8;
        n += 1;
    }
    all
};

/// The kind of descriptor that an event makes, when it did not.
fn made_symbol(c: &Ctx<'_>) -> u8 {
    match c.info.name {
        "openat" | "openat2" | "creat" | "open_by_handle_at" => b'f',
        "socket" | "accept" | "accept4" => b'4',
        "pipe" | "pipe2" => b'p',
        "eventfd" | "eventfd2" => b'e',
        "signalfd" | "signalfd4" => b's',
        "timerfd_create" => b't',
        "inotify_init" | "inotify_init1" => b'i',
        _ => b'o',
    }
}

/// The name that the event's parameters tell.
fn made_name<'a>(c: &Ctx<'a>) -> &'a [u8] {
    match c.info.name {
        "open" | "openat" | "openat2" | "creat" | "open_by_handle_at" => path::opened(c).unwrap_or_default(),
        "connect" | "accept" | "accept4" => args::tuple_text(c.arena, c.event.param(1).unwrap_or_default()),
        _ => b"",
    }
}

fn name_of<'a>(c: &Ctx<'a>, _: &FieldArg) -> Found<'a> {
    if !about_fd(c) {
        return Found::Nothing;
    }
    Found::text(Some(c.fd().map_or_else(|| made_name(c), |fd| &fd.name)))
}

fn name_raw<'a>(c: &Ctx<'a>, _: &FieldArg) -> Found<'a> {
    if !about_fd(c) {
        return Found::Nothing;
    }
    let made = || path::opened_raw(c).unwrap_or_else(|| made_name(c));
    Found::text(Some(c.fd().map_or_else(made, |fd| &fd.name_raw)))
}

/// Path of a file without its last component.
fn parent_dir(path: &[u8]) -> &[u8] {
    match memchr::memrchr(b'/', path) {
        Some(0) => b"/",
        Some(at) => path.get(..at).unwrap_or_default(),
        None => b"/",
    }
}

fn last_component(path: &[u8]) -> &[u8] {
    match memchr::memrchr(b'/', path) {
        Some(at) => path.get(at + 1..).unwrap_or_default(),
        None => path,
    }
}

fn directory_text<'a>(c: &Ctx<'a>) -> Option<&'a [u8]> {
    if !about_fd(c) {
        return None;
    }
    match c.fd() {
        Some(fd) if fd.kind == FdKind::Directory => Some(&fd.name),
        Some(fd) if fd.kind.is_path() => Some(parent_dir(&fd.name)),
        Some(_) => None,
        None => Some(parent_dir(made_name(c))),
    }
}

fn directory<'a>(c: &Ctx<'a>, _: &FieldArg) -> Found<'a> {
    Found::text(directory_text(c))
}

fn filename<'a>(c: &Ctx<'a>, _: &FieldArg) -> Found<'a> {
    if !about_fd(c) {
        return Found::Nothing;
    }
    match c.fd() {
        Some(fd) if fd.kind == FdKind::Directory => Found::Nothing,
        Some(fd) if fd.kind.is_path() => Found::text(Some(last_component(&fd.name))),
        _ => Found::Nothing,
    }
}

/// Whether the ends of a socket mean something: it listens, or its owner has a side.
fn has_ends(fd: &Fd) -> bool {
    fd.kind.is_ip_server() || (fd.kind.is_ip_connection() && !fd.has_no_role())
}

fn tuple(c: &Ctx<'_>) -> Option<Tuple> {
    known(c).filter(|fd| has_ends(fd)).and_then(|fd| fd.tuple)
}

/// Ends of a socket that has none.
fn unspecified(kind: FdKind) -> Tuple {
    let ip = match kind {
        FdKind::Ipv6 | FdKind::Ipv6Server => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    let end = End { ip, port: 0 };
    Tuple { source: end, dest: end }
}

/// Both ends.
fn ends<'a>(c: &Ctx<'a>, value: impl Fn(End) -> FieldValue<'a>) -> Found<'a> {
    let Some(fd) = known(c).filter(|fd| fd.kind.is_ip()) else { return Found::Nothing };
    // COMPAT(falco): ends that are not known are those of the unspecified address
    let t = fd.tuple.unwrap_or_else(|| unspecified(fd.kind));
    Found::Many(if fd.kind.is_ip_server() {
        c.arena.alloc([value(t.dest)])
    } else {
        c.arena.alloc([value(t.source), value(t.dest)])
    })
}

fn client(c: &Ctx<'_>) -> Option<End> {
    let fd = known(c)?;
    tuple(c).filter(|_| fd.kind.is_ip_connection()).map(|t| t.source)
}

fn server(c: &Ctx<'_>) -> Option<End> {
    tuple(c).map(|t| t.dest)
}

/// This machine's end: the first if its address is our own, else the second.
fn local(c: &Ctx<'_>) -> Option<End> {
    sides(c).map(|(local, _)| local)
}

fn remote(c: &Ctx<'_>) -> Option<End> {
    sides(c).map(|(_, remote)| remote)
}

fn sides(c: &Ctx<'_>) -> Option<(End, End)> {
    let fd = known(c).filter(|fd| fd.kind.is_ip_connection())?;
    let t = tuple(c).filter(|_| !fd.has_no_role())?;
    let here = is_local(c, t.source);
    Some(if here { (t.source, t.dest) } else { (t.dest, t.source) })
}

fn ip<'a>(end: Option<End>) -> Found<'a> {
    Found::of(end.map(|e| FieldValue::Ip(e.ip)))
}

fn port<'a>(end: Option<End>) -> Found<'a> {
    Found::of(end.map(|e| FieldValue::Uint(e.port.into())))
}

fn port_text<'a>(c: &Ctx<'a>, end: Option<End>) -> Found<'a> {
    Found::text(end.map(|e| made::unsigned(c.arena, e.port.into())))
}

/// COMPAT(falco): a listening socket's port has an empty name.
fn server_proto<'a>(c: &Ctx<'a>, _: &FieldArg) -> Found<'a> {
    if known(c).is_some_and(|fd| fd.kind.is_ip_server()) {
        return Found::word(Some(""));
    }
    port_text(c, server(c))
}

fn family(fd: &Fd) -> Option<&'static str> {
    match fd.kind {
        kind if kind.is_ip() => Some("ip"),
        FdKind::Unix => Some("unix"),
        _ => None,
    }
}

/// Whether an address is one of this machine, for a process that is not in a container.
fn is_local(c: &Ctx<'_>, end: End) -> bool {
    c.thread().is_some_and(|t| t.container.is_empty()) && c.state.interfaces.is_local(end.ip)
}

/// Whether the server is this machine.
fn is_server(c: &Ctx<'_>, fd: &Fd) -> bool {
    if fd.kind.is_ip_server() {
        return true;
    }
    if !fd.kind.is_ip_connection() {
        return false;
    }
    match fd.tuple {
        Some(t) => is_local(c, t.dest),
        // COMPAT(falco): an IPv6 socket without ends counts as the server's
        None => fd.kind == FdKind::Ipv6,
    }
}

fn uid<'a>(c: &Ctx<'a>, _: &FieldArg) -> Found<'a> {
    let (true, Some(thread)) = (about_fd(c), c.thread()) else { return Found::Nothing };
    Found::text(Some(made::formatted(c.arena, format_args!("{}{}", thread.tid, c.current.fd))))
}

fn with_container<'a>(c: &Ctx<'a>, text: &[u8]) -> &'a [u8] {
    let container: &[u8] = c.thread().map_or(b"", |t| &t.container);
    let mut out = TextWriter::new(c.arena, container.len() + 1 + text.len());
    out.put(container);
    out.byte(b':');
    out.put(text);
    out.done()
}

fn container_name<'a>(c: &Ctx<'a>, arg: &FieldArg) -> Found<'a> {
    match name_of(c, arg) {
        Found::One(FieldValue::Text(name)) => Found::text(Some(with_container(c, name))),
        _ => Found::Nothing,
    }
}

fn container_directory<'a>(c: &Ctx<'a>, _: &FieldArg) -> Found<'a> {
    Found::text(directory_text(c).map(|dir| with_container(c, dir)))
}

/// The kinds of a process's descriptors, each once; or of one.
fn types<'a>(c: &Ctx<'a>, arg: &FieldArg) -> Found<'a> {
    let (true, Some(thread)) = (about_fd(c), c.thread()) else { return Found::Nothing };
    let Some(table) = c.state.threads.fds_of(thread) else { return Found::Nothing };
    if let FieldArg::Index(number) = arg {
        let word = table.get(*number).and_then(|fd| fd.kind.word());
        return word.map_or(Found::Nothing, |w| Found::Many(c.arena.alloc([FieldValue::word(w)])));
    }
    let mut words = BumpVec::new_in(c.arena);
    for word in table.walk().filter_map(|n| Some(table.get(n)?.kind.word().unwrap_or(NA))) {
        let word = FieldValue::word(word);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    // none at all is a value too, whose items are in every set
    Found::Many(words.into_bump_slice())
}
