//! Parameters of events as text: the value, and the form that it is resolved to.

use super::errno;
use super::{EventContext, FieldOptions};
use crate::event::flags::FlagTable;
use crate::event::socket::{Address, SockTuple, ip_text};
use crate::event::view::{u16_at, u64_at};
use crate::event::{self, Extra, ParamInfo, syscalls};
use crate::state::{End, Thread, resolve_path};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use peregrine_compiler::schema::{PrintFormat, Type};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A parameter as text and, if there is one, its resolved form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ParamText {
    pub(crate) value: Vec<u8>,
    pub(crate) resolved: Vec<u8>,
}

impl ParamText {
    fn plain(value: impl Into<Vec<u8>>) -> Self {
        Self { value: value.into(), resolved: Vec::new() }
    }

    fn new(value: impl Into<Vec<u8>>, resolved: impl Into<Vec<u8>>) -> Self {
        Self { value: value.into(), resolved: resolved.into() }
    }

    /// The resolved form if there is one, else the value.
    pub(crate) fn best(self) -> Vec<u8> {
        if self.resolved.is_empty() { self.value } else { self.resolved }
    }
}

/// Bytes with a dot for each that is not printable.
pub(crate) fn bytes_text(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|&b| if b.is_ascii_graphic() || b == b' ' { b } else { b'.' }).collect()
}

/// A buffer in the configured form.
pub(crate) fn buffer_text(options: &FieldOptions, bytes: &[u8]) -> Vec<u8> {
    if options.base64 { BASE64_STANDARD.encode(bytes).into() } else { bytes_text(bytes) }
}

/// Parameter `index` as text; `None` past the last one.
pub(crate) fn param_text(ctx: &EventContext<'_>, index: usize) -> Option<ParamText> {
    let info = ctx.info.params.get(index)?;
    let bytes = ctx.event.param(index)?;
    Some(value_text(ctx, info, info.ty, info.print, bytes))
}

fn value_text(
    ctx: &EventContext<'_>,
    info: &ParamInfo,
    ty: Type,
    print: PrintFormat,
    bytes: &[u8],
) -> ParamText {
    match ty {
        Type::CharBuf => ParamText::plain(text_or(bytes, b"<NA>")),
        Type::FsPath | Type::FsRelPath => path_text(ctx, info, bytes),
        Type::ByteBuf if bytes.is_empty() => ParamText::plain(*b"NULL"),
        Type::ByteBuf => ParamText::plain(buffer_text(ctx.options, bytes)),
        Type::CharBufArray | Type::CharBufPairArray => ParamText::plain(array_text(bytes)),
        Type::SockAddr => ParamText::plain(address_text(bytes)),
        Type::SockTuple => ParamText::plain(tuple_text(bytes)),
        Type::FdList => ParamText::plain(fd_list_text(ctx, bytes)),
        Type::IpAddr | Type::Ipv4Addr | Type::Ipv6Addr => ParamText::plain(raw_ip_text(bytes)),
        Type::Dyn => dynamic_text(ctx, info, bytes),
        _ if bytes.is_empty() => ParamText::plain(*b"<NA>"),
        _ => number_text(ctx, info, ty, print, bytes),
    }
}

fn text_or(bytes: &[u8], absent: &[u8]) -> Vec<u8> {
    if bytes.is_empty() { absent.to_vec() } else { crate::event::text_of(bytes).to_vec() }
}

fn number_text(
    ctx: &EventContext<'_>,
    info: &ParamInfo,
    ty: Type,
    print: PrintFormat,
    bytes: &[u8],
) -> ParamText {
    let (signed, unsigned) = (event::signed(bytes).unwrap_or(0), event::unsigned(bytes).unwrap_or(0));
    match ty {
        Type::Fd | Type::Fd32 => fd_text(ctx, signed),
        Type::Pid | Type::Pid32 => {
            let comm = ctx.state.threads.get(signed).map(|t| t.comm.to_vec());
            ParamText::new(signed.to_string(), comm.unwrap_or_default())
        }
        Type::Errno => ParamText::new(signed.to_string(), errno_text(signed)),
        Type::SyscallId => ParamText::new(unsigned.to_string(), generic_name(ctx)),
        Type::SigType => ParamText::new(unsigned.to_string(), signal_name(unsigned)),
        Type::Uid => id_text(unsigned, |id| user_name(ctx, id)),
        Type::Gid => id_text(unsigned, |id| group_name(ctx, id)),
        Type::Flags8 | Type::Flags16 | Type::Flags32 => {
            ParamText::new(unsigned.to_string(), names(info, |t| flag_names(t, unsigned)))
        }
        Type::EnumFlags8 | Type::EnumFlags16 | Type::EnumFlags32 => {
            ParamText::new(unsigned.to_string(), names(info, |t| enum_names(t, unsigned)))
        }
        Type::Mode => ParamText::new(format!("0{unsigned:o}"), names(info, |t| flag_names(t, unsigned))),
        Type::Bool => ParamText::plain(if unsigned == 0 { "false" } else { "true" }),
        Type::AbsTime => ParamText::plain(ctx.options.clock.date_time(unsigned, true)),
        Type::RelTime => ParamText::new(unsigned.to_string(), duration_text(unsigned)),
        _ => ParamText::plain(formatted(ty, print, signed, unsigned)),
    }
}

/// A number in a print format. Unsigned ones are printed with a sign, as Falco does: -1 stands for "leave
/// it" in many calls.
fn formatted(ty: Type, print: PrintFormat, signed: i64, unsigned: u64) -> String {
    match print {
        PrintFormat::Hex => format!("{unsigned:X}"),
        PrintFormat::Oct if unsigned == 0 => "0".to_owned(),
        PrintFormat::Oct => format!("0{unsigned:o}"),
        _ if ty == Type::Port => unsigned.to_string(),
        _ => signed.to_string(),
    }
}

/// Nanoseconds as seconds with at most nine significant digits, and an exponent below 0.1 ms, as C's `%g`
/// prints them.
fn duration_text(ns: u64) -> String {
    const DIGITS: usize = 9;
    const SMALL_NS: u64 = 100_000;
    let seconds = ns as f64 / super::time::SECOND_NS as f64;
    let trimmed = |text: &str| {
        let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
        short.to_owned()
    };
    if ns == 0 {
        return "0s".to_owned();
    }
    if ns >= SMALL_NS {
        let before = (ns / super::time::SECOND_NS).checked_ilog10().map_or(0, |digits| digits as usize + 1);
        let zeros = if before == 0 { DIGITS - 1 - ns.ilog10() as usize } else { 0 };
        return trimmed(&format!("{seconds:.*}", DIGITS.saturating_sub(before) + zeros)) + "s";
    }
    let text = format!("{seconds:.*e}", DIGITS - 1);
    let (mantissa, exponent) = text.split_once("e-").unwrap_or((&text, "0"));
    format!("{}e-{exponent:0>2}s", trimmed(mantissa))
}

fn errno_text(value: i64) -> &'static str {
    if value >= 0 { "" } else { errno::name(value.saturating_neg()).unwrap_or("") }
}

/// Name of a signal number.
fn signal_name(number: u64) -> &'static str {
    const NAMES: [&str; 32] = [
        "",
        "SIGHUP",
        "SIGINT",
        "SIGQUIT",
        "SIGILL",
        "SIGTRAP",
        "SIGABRT",
        "SIGBUS",
        "SIGFPE",
        "SIGKILL",
        "SIGUSR1",
        "SIGSEGV",
        "SIGUSR2",
        "SIGPIPE",
        "SIGALRM",
        "SIGTERM",
        "SIGSTKFLT",
        "SIGCHLD",
        "SIGCONT",
        "SIGSTOP",
        "SIGTSTP",
        "SIGTTIN",
        "SIGTTOU",
        "SIGURG",
        "SIGXCPU",
        "SIGXFSZ",
        "SIGVTALRM",
        "SIGPROF",
        "SIGWINCH",
        "SIGIO",
        "SIGPWR",
        "SIGSYS",
    ];
    usize::try_from(number).ok().and_then(|n| NAMES.get(n)).copied().unwrap_or("")
}

/// Name of a generic event's system call: by its number in the format, else by the machine's own, which is
/// all that old captures have for calls that got a number later.
pub(super) fn generic_name(ctx: &EventContext<'_>) -> &'static str {
    const UNKNOWN: u64 = 0;
    let by_code = ctx.event.uint(0).filter(|&code| code != UNKNOWN);
    let by_code = by_code.and_then(|code| syscalls::name(u16::try_from(code).ok()?));
    let by_number = || syscalls::from_x86_64(ctx.event.uint(1)?).and_then(|code| syscalls::name(code.0));
    by_code.or_else(by_number).unwrap_or("unknown")
}

fn id_text(id: u64, name: impl Fn(u32) -> Vec<u8>) -> ParamText {
    match u32::try_from(id) {
        Ok(u32::MAX) | Err(_) => ParamText::new("-1", "<NONE>"),
        Ok(id) => ParamText::new(id.to_string(), name(id)),
    }
}

fn user_name(ctx: &EventContext<'_>, uid: u32) -> Vec<u8> {
    let user = ctx.thread().and_then(|t| ctx.state.users.user(&t.container, uid));
    user.map_or_else(|| b"<NA>".to_vec(), |u| u.name.to_vec())
}

fn group_name(ctx: &EventContext<'_>, gid: u32) -> Vec<u8> {
    let group = ctx.thread().and_then(|t| ctx.state.users.group(&t.container, gid));
    group.map_or_else(|| b"<NA>".to_vec(), |g| g.to_vec())
}

fn names(info: &ParamInfo, find: impl Fn(&FlagTable) -> String) -> String {
    match info.extra {
        Extra::Flags(table) => find(table),
        _ => String::new(),
    }
}

/// Names of the bits that are set, in the table's order; a bit counts for the first entry that has it.
fn flag_names(table: &FlagTable, value: u64) -> String {
    let mut left = value;
    let mut found = Vec::new();
    for &(name, flag) in table.entries {
        let flag = u64::from(flag);
        if (flag != 0 && left & flag == flag) || (flag == 0 && value == 0) {
            found.push(name);
            left &= !flag;
        }
    }
    found.join("|")
}

/// All names of a value.
fn enum_names(table: &FlagTable, value: u64) -> String {
    let found: Vec<&str> =
        table.entries.iter().filter(|(_, v)| u64::from(*v) == value).map(|(name, _)| *name).collect();
    found.join("|")
}

/// A descriptor: its number, and what it refers to.
fn fd_text(ctx: &EventContext<'_>, number: i64) -> ParamText {
    const AT_FDCWD: i64 = -100;
    let resolved = if number >= 0 {
        fd_of(ctx, number).unwrap_or_default()
    } else if number == AT_FDCWD {
        b"AT_FDCWD".to_vec()
    } else {
        errno_text(number).into()
    };
    ParamText::new(number.to_string(), resolved)
}

fn fd_of(ctx: &EventContext<'_>, number: i64) -> Option<Vec<u8>> {
    let fd = ctx.state.threads.fds_of(ctx.thread()?)?.get(number)?;
    let mut text = vec![b'<', fd.kind.symbol()];
    // the protocol shows once there is a name
    if fd.kind.is_ip() && fd.tuple.is_some() {
        text.extend(fd.l4.symbol());
    }
    text.push(b'>');
    text.extend_from_slice(&fd.name);
    Some(text)
}

/// A path, and the absolute one if it is relative.
fn path_text(ctx: &EventContext<'_>, info: &ParamInfo, bytes: &[u8]) -> ParamText {
    if bytes.is_empty() {
        return ParamText::plain(*b"<NA>");
    }
    let path = crate::event::text_of(bytes);
    if path.first() == Some(&b'/') || path.is_empty() {
        return ParamText::plain(path);
    }
    let base = match info.extra {
        Extra::DirFd(param) => {
            let dirfd = ctx.event.int(usize::from(param)).unwrap_or(-1);
            ctx.state.base_dir(&ctx.current, dirfd, path)
        }
        _ => ctx.state.cwd(&ctx.current),
    };
    ParamText::new(path, resolve_path(&base, path))
}

fn array_text(bytes: &[u8]) -> Vec<u8> {
    let items: Vec<&[u8]> = crate::state::text_items(bytes).collect();
    items.join(&b' ')
}

fn address_text(bytes: &[u8]) -> Vec<u8> {
    match Address::parse(bytes) {
        Some(Address::Unix(path)) => path.to_vec(),
        Some(Address::Ip(end)) => end_text(end).into_bytes(),
        None => b"<NA>".to_vec(),
    }
}

fn end_text(end: End) -> String {
    format!("{}:{}", ip_text(end.ip), end.port)
}

/// Both ends of a socket as text; `NULL` when they are not known.
pub(super) fn tuple_text(bytes: &[u8]) -> Vec<u8> {
    match SockTuple::parse(bytes) {
        Some(SockTuple::Unix(source, dest, path)) => {
            let mut text = format!("{source:x}->{dest:x} ").into_bytes();
            text.extend_from_slice(path);
            text
        }
        Some(SockTuple::Ip(t)) => format!("{}->{}", end_text(t.source), end_text(t.dest)).into_bytes(),
        None => b"NULL".to_vec(),
    }
}

fn raw_ip_text(bytes: &[u8]) -> String {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return ip_text(IpAddr::V4(Ipv4Addr::from(v4)));
    }
    <[u8; 16]>::try_from(bytes)
        .map_or_else(|_| "<NA>".to_owned(), |v6| ip_text(IpAddr::V6(Ipv6Addr::from(v6))))
}

/// Descriptors of a list with their flags.
pub(super) fn fd_list(bytes: &[u8]) -> impl Iterator<Item = (i64, u16)> {
    const ENTRY: usize = 10;
    let count = usize::from(u16_at(bytes, 0));
    let entries = bytes.get(2..).unwrap_or_default();
    entries.chunks_exact(ENTRY).take(count).map(|e| (u64_at(e, 0).cast_signed(), u16_at(e, 8)))
}

fn fd_list_text(ctx: &EventContext<'_>, bytes: &[u8]) -> Vec<u8> {
    let fds = ctx.thread().and_then(|t: &Thread| ctx.state.threads.fds_of(t));
    let mut text = Vec::new();
    for (number, flags) in fd_list(bytes) {
        if !text.is_empty() {
            text.push(b' ');
        }
        let symbol = fds.and_then(|t| t.get(number)).map_or('?', |fd| char::from(fd.kind.symbol()));
        text.extend(format!("{number}:{symbol}{flags:x}").into_bytes());
    }
    text
}

fn dynamic_text(ctx: &EventContext<'_>, info: &ParamInfo, bytes: &[u8]) -> ParamText {
    let Extra::Dynamic(table) = info.extra else { return ParamText::plain(*b"<NA>") };
    let Some((&index, value)) = bytes.split_first() else { return ParamText::plain(*b"<NA>") };
    match table.variants.get(usize::from(index)) {
        Some(&(ty, print)) => value_text(ctx, info, ty, print, value),
        None => ParamText::plain(*b"<NA>"),
    }
}

#[cfg(test)]
mod tests {
    use super::duration_text;

    #[test]
    fn durations() {
        for (ns, expected) in [
            (0, "0s"),
            (1, "1e-09s"),
            (12_000, "1.2e-05s"),
            (100_000, "0.0001s"),
            (123_456_789, "0.123456789s"),
            (1_500_000_000, "1.5s"),
            (12_345_678_901, "12.3456789s"),
            (86_400_000_000_000, "86400s"),
        ] {
            assert_eq!(duration_text(ns), expected, "{ns}");
        }
    }
}
