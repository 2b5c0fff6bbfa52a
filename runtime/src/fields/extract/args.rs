//! Parameters of events as text: the value, and the form that it is resolved to.

use super::made::{self, TextWriter};
use super::{EventContext, FieldOptions, errno, time};
use crate::event::flags::FlagTable;
use crate::event::socket::{Address, SockTuple};
use crate::event::view::{u16_at, u64_at};
use crate::event::{self, Extra, ParamInfo, syscalls};
use crate::state::{Thread, resolve_path_in};
use base64::display::Base64Display;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use bumpalo::Bump;
use peregrine_compiler::schema::{PrintFormat, Type};
use std::net::{Ipv4Addr, Ipv6Addr};

/// What stands for a value that is not there.
const NA: &[u8] = b"<NA>";

/// A parameter as text and, if there is one, its resolved form. Each is made when it is asked for: most rules
/// look at one of them only.
#[derive(Copy, Clone, Debug)]
pub(super) struct ParamText<'c, 'a> {
    ctx: &'c EventContext<'a>,
    info: &'static ParamInfo,
    ty: Type,
    print: PrintFormat,
    bytes: &'a [u8],
}

/// Bytes with a dot for each that is not printable.
pub(crate) fn bytes_text(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().map(printable).collect()
}

fn printable(byte: u8) -> u8 {
    if byte.is_ascii_graphic() || byte == b' ' { byte } else { b'.' }
}

/// A buffer in the configured form.
pub(crate) fn buffer_text(options: &FieldOptions, bytes: &[u8]) -> Vec<u8> {
    if options.base64 { BASE64_STANDARD.encode(bytes).into() } else { bytes_text(bytes) }
}

/// As [`buffer_text`], in the event's arena.
fn buffer_text_in<'a>(ctx: &EventContext<'a>, bytes: &'a [u8]) -> &'a [u8] {
    if ctx.options.base64 {
        return made::formatted(ctx.arena, format_args!("{}", Base64Display::new(bytes, &BASE64_STANDARD)));
    }
    if bytes.iter().all(|&b| printable(b) == b) {
        return bytes;
    }
    let text = ctx.arena.alloc_slice_copy(bytes);
    for byte in text.iter_mut() {
        *byte = printable(*byte);
    }
    text
}

impl<'c, 'a> ParamText<'c, 'a> {
    /// Parameter `index`; `None` past the last one.
    pub(super) fn of(ctx: &'c EventContext<'a>, index: usize) -> Option<Self> {
        let info = ctx.info.params.get(index)?;
        let bytes = ctx.event.param(index)?;
        let text = Self { ctx, info, ty: info.ty, print: info.print, bytes };
        Some(if info.ty == Type::Dyn { text.variant() } else { text })
    }

    /// The value of a dynamic parameter; one of no type if that is not known.
    fn variant(self) -> Self {
        let unknown = Self { bytes: b"", ..self };
        let Extra::Dynamic(table) = self.info.extra else { return unknown };
        let Some((&index, bytes)) = self.bytes.split_first() else { return unknown };
        match table.variants.get(usize::from(index)) {
            Some(&(ty, print)) => Self { ty, print, bytes, ..self },
            None => unknown,
        }
    }

    /// The resolved form if there is one, else the value.
    pub(super) fn best(self) -> &'a [u8] {
        let resolved = self.resolved();
        if resolved.is_empty() { self.value() } else { resolved }
    }

    /// The value.
    pub(super) fn value(self) -> &'a [u8] {
        let Self { ctx, bytes, .. } = self;
        match self.ty {
            Type::ByteBuf if bytes.is_empty() => b"NULL",
            Type::ByteBuf => buffer_text_in(ctx, bytes),
            Type::CharBufArray | Type::CharBufPairArray => made::joined(ctx.arena, bytes),
            Type::SockAddr => address_text(ctx.arena, bytes),
            Type::SockTuple => tuple_text(ctx.arena, bytes),
            Type::FdList => fd_list_text(ctx, bytes),
            Type::IpAddr | Type::Ipv4Addr | Type::Ipv6Addr => raw_ip_text(ctx.arena, bytes),
            Type::Dyn => NA,
            _ if bytes.is_empty() => NA,
            Type::CharBuf | Type::FsPath | Type::FsRelPath => event::text_of(bytes),
            _ => self.number(),
        }
    }

    fn numbers(self) -> (i64, u64) {
        (event::signed(self.bytes).unwrap_or(0), event::unsigned(self.bytes).unwrap_or(0))
    }

    /// A number. Unsigned ones are printed with a sign in a plain format, as Falco does: -1 stands for "leave
    /// it" in many calls.
    fn number(self) -> &'a [u8] {
        let arena = self.ctx.arena;
        let (signed, unsigned) = self.numbers();
        match (self.ty, self.print) {
            (Type::Fd | Type::Fd32 | Type::Pid | Type::Pid32 | Type::Errno, _) => made::signed(arena, signed),
            (Type::Uid | Type::Gid, _) => id(unsigned).map_or(b"-1", |id| made::unsigned(arena, id.into())),
            (Type::Mode, _) => made::formatted(arena, format_args!("0{unsigned:o}")),
            (Type::Bool, _) => {
                if unsigned == 0 {
                    b"false"
                } else {
                    b"true"
                }
            }
            (Type::AbsTime, _) => self.ctx.options.clock.show(arena, unsigned, time::DATE_TIME),
            (
                Type::SyscallId
                | Type::SigType
                | Type::Flags8
                | Type::Flags16
                | Type::Flags32
                | Type::EnumFlags8
                | Type::EnumFlags16
                | Type::EnumFlags32
                | Type::RelTime,
                _,
            ) => made::unsigned(arena, unsigned),
            (_, PrintFormat::Hex) => made::formatted(arena, format_args!("{unsigned:X}")),
            (_, PrintFormat::Oct) if unsigned == 0 => b"0",
            (_, PrintFormat::Oct) => made::formatted(arena, format_args!("0{unsigned:o}")),
            (Type::Port, _) => made::unsigned(arena, unsigned),
            _ => made::signed(arena, signed),
        }
    }

    /// The resolved form; empty if there is none.
    pub(super) fn resolved(self) -> &'a [u8] {
        let Self { ctx, info, bytes, .. } = self;
        if bytes.is_empty() {
            return b"";
        }
        let (signed, unsigned) = self.numbers();
        match self.ty {
            Type::FsPath | Type::FsRelPath => absolute(ctx, info, event::text_of(bytes)),
            Type::Fd | Type::Fd32 => fd_text(ctx, signed),
            Type::Pid | Type::Pid32 => ctx.state.threads.get(signed).map_or(b"", |t| &t.comm),
            Type::Errno => errno_text(signed).as_bytes(),
            Type::SyscallId => generic_name(ctx).as_bytes(),
            Type::SigType => signal_name(unsigned).as_bytes(),
            Type::Uid => id(unsigned).map_or(b"<NONE>", |id| user_name(ctx, id)),
            Type::Gid => id(unsigned).map_or(b"<NONE>", |id| group_name(ctx, id)),
            Type::Flags8 | Type::Flags16 | Type::Flags32 | Type::Mode => {
                names(ctx.arena, flag_names(info, unsigned))
            }
            Type::EnumFlags8 | Type::EnumFlags16 | Type::EnumFlags32 => {
                names(ctx.arena, enum_names(info, unsigned))
            }
            Type::RelTime => duration_text(ctx.arena, unsigned),
            _ => b"",
        }
    }
}

/// Nanoseconds as seconds with at most nine significant digits, and an exponent below 0.1 ms, as C's `%g`
/// prints them.
fn duration_text(arena: &Bump, ns: u64) -> &[u8] {
    const DIGITS: usize = 9;
    const SMALL_NS: u64 = 100_000;
    const USUAL: usize = 24;
    let seconds = ns as f64 / time::SECOND_NS as f64;
    let mut text = TextWriter::new(arena, USUAL);
    if ns == 0 {
        return b"0s";
    }
    if ns >= SMALL_NS {
        let before = (ns / time::SECOND_NS).checked_ilog10().map_or(0, |digits| digits as usize + 1);
        let zeros = if before == 0 { DIGITS - 1 - ns.ilog10() as usize } else { 0 };
        text.format(format_args!("{seconds:.*}", DIGITS.saturating_sub(before) + zeros));
        text.trim_fraction();
        text.byte(b's');
        return text.done();
    }
    let exponent = DIGITS - ns.ilog10() as usize;
    text.format(format_args!("{:.*}", DIGITS - 1, seconds * 10_f64.powi(exponent as i32)));
    text.trim_fraction();
    text.format(format_args!("e-{exponent:02}s"));
    text.done()
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

/// A user or group, unless it stands for none.
fn id(number: u64) -> Option<u32> {
    u32::try_from(number).ok().filter(|&id| id != u32::MAX)
}

fn user_name<'a>(ctx: &EventContext<'a>, uid: u32) -> &'a [u8] {
    let user = ctx.thread().and_then(|t| ctx.state.users.user(&t.container, uid));
    user.map_or(NA, |u| &u.name)
}

fn group_name<'a>(ctx: &EventContext<'a>, gid: u32) -> &'a [u8] {
    let group = ctx.thread().and_then(|t| ctx.state.users.group(&t.container, gid));
    group.map_or(NA, |g| g)
}

fn entries(info: &ParamInfo) -> &'static [(&'static str, u32)] {
    match info.extra {
        Extra::Flags(&FlagTable { entries, .. }) => entries,
        _ => &[],
    }
}

/// Names of the bits that are set, in the table's order; a bit counts for the first entry that has it.
pub(super) fn flag_names(info: &ParamInfo, value: u64) -> impl Iterator<Item = &'static str> {
    let (mut entries, mut left) = (entries(info).iter(), value);
    std::iter::from_fn(move || {
        if left == 0 && value != 0 {
            return None;
        }
        let is_set = |flag: u64| (flag != 0 && left & flag == flag) || (flag == 0 && value == 0);
        let &(name, flag) = entries.find(|(_, flag)| is_set(u64::from(*flag)))?;
        left &= !u64::from(flag);
        Some(name)
    })
}

/// All names of a value.
fn enum_names(info: &ParamInfo, value: u64) -> impl Iterator<Item = &'static str> {
    entries(info).iter().filter(move |(_, v)| u64::from(*v) == value).map(|(name, _)| *name)
}

/// Names with bars between them; a single one as it is.
fn names(arena: &Bump, mut names: impl Iterator<Item = &'static str>) -> &[u8] {
    const USUAL: usize = 64;
    let Some(first) = names.next() else { return b"" };
    let Some(second) = names.next() else { return first.as_bytes() };
    let mut text = TextWriter::new(arena, USUAL);
    text.put(first.as_bytes());
    for name in std::iter::once(second).chain(names) {
        text.byte(b'|');
        text.put(name.as_bytes());
    }
    text.done()
}

/// What the number of a descriptor refers to.
fn fd_text<'a>(ctx: &EventContext<'a>, number: i64) -> &'a [u8] {
    const AT_FDCWD: i64 = -100;
    if number >= 0 {
        fd_of(ctx, number).unwrap_or_default()
    } else if number == AT_FDCWD {
        b"AT_FDCWD"
    } else {
        errno_text(number).as_bytes()
    }
}

fn fd_of<'a>(ctx: &EventContext<'a>, number: i64) -> Option<&'a [u8]> {
    const SYMBOLS: usize = 4;
    let fd = ctx.state.threads.fds_of(ctx.thread()?)?.get(number)?;
    let mut text = TextWriter::new(ctx.arena, SYMBOLS + fd.name.len());
    text.byte(b'<');
    text.byte(fd.kind.symbol());
    // the protocol shows once there is a name
    if fd.kind.is_ip() && fd.tuple.is_some() {
        fd.l4.symbol().into_iter().for_each(|symbol| text.byte(symbol));
    }
    text.byte(b'>');
    text.put(&fd.name);
    Some(text.done())
}

/// The absolute path of a relative one.
fn absolute<'a>(ctx: &EventContext<'a>, info: &ParamInfo, path: &'a [u8]) -> &'a [u8] {
    if path.first() == Some(&b'/') || path.is_empty() {
        return b"";
    }
    let base = match info.extra {
        Extra::DirFd(param) => {
            let dirfd = ctx.event.int(usize::from(param)).unwrap_or(-1);
            ctx.state.base_dir(&ctx.current, dirfd, path)
        }
        _ => ctx.state.cwd(&ctx.current),
    };
    resolve_path_in(ctx.arena, base, path)
}

fn address_text<'a>(arena: &'a Bump, bytes: &'a [u8]) -> &'a [u8] {
    match Address::parse(bytes) {
        Some(Address::Unix(path)) => path,
        Some(Address::Ip(end)) => made::formatted(arena, format_args!("{}:{}", end.ip, end.port)),
        None => NA,
    }
}

/// Both ends of a socket as text; `NULL` when they are not known.
pub(super) fn tuple_text<'a>(arena: &'a Bump, bytes: &[u8]) -> &'a [u8] {
    const USUAL: usize = 64;
    let mut text = TextWriter::new(arena, USUAL);
    match SockTuple::parse(bytes) {
        Some(SockTuple::Unix(source, dest, path)) => {
            text.format(format_args!("{source:x}->{dest:x} "));
            text.put(path);
        }
        Some(SockTuple::Ip(t)) => {
            let (source, dest) = (t.source, t.dest);
            text.format(format_args!("{}:{}->{}:{}", source.ip, source.port, dest.ip, dest.port));
        }
        None => return b"NULL",
    }
    text.done()
}

fn raw_ip_text<'a>(arena: &'a Bump, bytes: &[u8]) -> &'a [u8] {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return made::formatted(arena, format_args!("{}", Ipv4Addr::from(v4)));
    }
    match <[u8; 16]>::try_from(bytes) {
        Ok(v6) => made::formatted(arena, format_args!("{}", Ipv6Addr::from(v6))),
        Err(_) => NA,
    }
}

/// Descriptors of a list with their flags.
pub(super) fn fd_list(bytes: &[u8]) -> impl Iterator<Item = (i64, u16)> {
    const ENTRY: usize = 10;
    let count = usize::from(u16_at(bytes, 0));
    let entries = bytes.get(2..).unwrap_or_default();
    entries.chunks_exact(ENTRY).take(count).map(|e| (u64_at(e, 0).cast_signed(), u16_at(e, 8)))
}

fn fd_list_text<'a>(ctx: &EventContext<'a>, bytes: &[u8]) -> &'a [u8] {
    const USUAL: usize = 64;
    let fds = ctx.thread().and_then(|t: &Thread| ctx.state.threads.fds_of(t));
    let mut text = TextWriter::new(ctx.arena, USUAL);
    for (number, flags) in fd_list(bytes) {
        if !text.is_empty() {
            text.byte(b' ');
        }
        text.signed(number);
        text.byte(b':');
        text.byte(fds.and_then(|t| t.get(number)).map_or(b'?', |fd| fd.kind.symbol()));
        text.format(format_args!("{flags:x}"));
    }
    text.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let arena = Bump::new();
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
            assert_eq!(duration_text(&arena, ns), expected.as_bytes(), "{ns}");
        }
    }
}
