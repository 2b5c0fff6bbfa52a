//! Fields of the event itself.

use super::args::{self, ParamText};
use super::made::{self, TextWriter};
use super::time::{self, SECOND_NS, show_iso_8601};
use super::{EventContext, Extract, FieldValue, Found};
use crate::event::{Category, Direction, EventFlags, Extra, Origin};
use crate::state::FdKind;
use peregrine_compiler::hir::field::FieldArg;
use peregrine_compiler::schema::Type;

type Ctx<'a> = EventContext<'a>;

#[rustfmt::skip]
pub(super) fn of_name(name: &str) -> Option<Extract> {
    Some(match name {
        "evt.num" => |c, _| Found::uint(Some(c.num)),
        "evt.time" => |c, _| clock(c, time::TIME),
        "evt.time.s" => |c, _| clock(c, time::TIME_S),
        "evt.time.iso8601" => |c, _| Found::text(Some(show_iso_8601(c.arena, c.event.ts_ns))),
        "evt.datetime" => |c, _| clock(c, time::DATE_TIME),
        "evt.datetime.s" => |c, _| clock(c, time::DATE_TIME_S),
        "evt.outputtime" => |c, _| output_time(c),
        "evt.rawtime" => |c, _| Found::uint(Some(c.event.ts_ns)),
        "evt.rawtime.s" => |c, _| Found::uint(Some(c.event.ts_ns / SECOND_NS)),
        "evt.rawtime.ns" => |c, _| Found::uint(Some(c.event.ts_ns % SECOND_NS)),
        "evt.reltime" => |c, _| Found::uint(Some(reltime(c))),
        "evt.reltime.s" => |c, _| Found::uint(Some(reltime(c) / SECOND_NS)),
        "evt.reltime.ns" => |c, _| Found::uint(Some(reltime(c) % SECOND_NS)),
        "evt.deltatime" => |c, _| Found::uint(Some(deltatime(c))),
        "evt.deltatime.s" => |c, _| Found::uint(Some(deltatime(c) / SECOND_NS)),
        "evt.deltatime.ns" => |c, _| Found::uint(Some(deltatime(c) % SECOND_NS)),
        "evt.latency" | "evt.latency.s" | "evt.latency.ns" | "evt.latency.quantized"
        | "evt.wait_latency" => |_, _| Found::uint(Some(0)),
        "evt.latency.human" => |_, _| Found::word(Some("0ns")),
        "evt.source" => |_, _| Found::word(Some("syscall")),
        // COMPAT(falco): every event that the engine itself makes counts
        "evt.is_async" => |c, _| Found::bool(c.info.origin == Origin::Meta),
        "evt.asynctype" => async_type,
        "evt.hostname" => |c, _| Found::text(Some(c.options.hostname.as_bytes())),
        "evt.dir" => |c, _| Found::word(Some(c.info.direction().symbol())),
        "evt.type" => |c, _| Found::text(Some(type_name(c))),
        "evt.type.is" => type_is,
        "syscall.type" => syscall_type,
        "evt.category" => |c, _| Found::word(Some(category(c))),
        "evt.cpu" => |c, _| Found::int(Some(i64::from(c.cpu.cast_signed()))),
        "evt.args" | "evt.info" => |c, _| Found::text(Some(all_args(c))),
        "evt.arg" => arg,
        "evt.rawarg" => rawarg,
        "evt.buffer" => buffer,
        "evt.buflen" => |c, _| Found::uint(buflen(c)),
        "evt.buflen.in" => |c, _| Found::uint(buflen_if(c, is_read(c))),
        "evt.buflen.out" => |c, _| Found::uint(buflen_if(c, is_write(c))),
        "evt.buflen.file" => |c, _| Found::uint(buflen_if(c, on_file(c))),
        "evt.buflen.file.in" => |c, _| Found::uint(buflen_if(c, on_file(c) && is_read(c))),
        "evt.buflen.file.out" => |c, _| Found::uint(buflen_if(c, on_file(c) && is_write(c))),
        "evt.buflen.net" => |c, _| Found::uint(buflen_if(c, on_net(c))),
        "evt.buflen.net.in" => |c, _| Found::uint(buflen_if(c, on_net(c) && is_read(c))),
        "evt.buflen.net.out" => |c, _| Found::uint(buflen_if(c, on_net(c) && is_write(c))),
        "evt.res" => |c, _| Found::text(c.result().map(|r| result_word(c, r))),
        "evt.rawres" => |c, _| Found::int(c.result()),
        "evt.failed" => |c, _| c.result().map_or(Found::Nothing, |r| Found::bool(r < 0)),
        "evt.is_io" => |c, _| Found::bool(is_read(c) || is_write(c)),
        "evt.is_io_read" => |c, _| Found::bool(is_read(c)),
        "evt.is_io_write" => |c, _| Found::bool(is_write(c)),
        "evt.io_dir" => |c, _| Found::word(if is_write(c) { Some("write") } else { is_read(c).then_some("read") }),
        "evt.is_wait" => |c, _| Found::bool(c.info.flags.contains(EventFlags::WAITS)),
        "evt.is_io_uring" => |c, _| Found::bool(c.event.io_uring),
        "evt.is_syslog" => |c, _| Found::bool(is_syslog(c)),
        "evt.count" => |_, _| Found::uint(Some(1)),
        "evt.count.error" => |c, _| failure(c, |_| true),
        "evt.count.error.file" => |c, _| failure(c, |k| k == Failure::File),
        "evt.count.error.net" => |c, _| failure(c, |k| k == Failure::Net),
        "evt.count.error.memory" => |c, _| failure(c, |k| k == Failure::Memory),
        "evt.count.error.other" => |c, _| failure(c, |k| k == Failure::Other),
        "evt.count.exit" => |c, _| one_if(c.info.direction() == Direction::Exit),
        "evt.count.procinfo" => |c, _| one_if(c.info.name == "procinfo" && c.thread().is_some_and(crate::state::Thread::is_main)),
        "evt.count.threadinfo" => |c, _| one_if(c.info.name == "procinfo"),
        "evt.around" => |c, _| Found::uint(Some(c.event.ts_ns)),
        "evt.abspath" => super::path::abspath,
        "evt.is_open_read" => |c, _| Found::bool(open_flags(c).is_some_and(|f| f & O_RDONLY != 0)),
        "evt.is_open_write" => |c, _| Found::bool(open_flags(c).is_some_and(|f| f & O_WRONLY != 0)),
        "evt.is_open_exec" => |c, _| Found::bool(is_open_exec(c)),
        "evt.is_open_create" => |c, _| Found::bool(is_open_create(c)),
        _ => return None,
    })
}

const O_RDONLY: u32 = 1;
const O_WRONLY: u32 = 1 << 1;
const O_CREAT: u32 = 1 << 2;
const O_TMPFILE: u32 = 1 << 13;
const O_F_CREATED: u32 = 1 << 14;

fn clock<'a>(c: &Ctx<'a>, format: &str) -> Found<'a> {
    Found::text(Some(c.options.clock.show(c.arena, c.event.ts_ns, format)))
}

fn output_time<'a>(c: &Ctx<'a>) -> Found<'a> {
    if c.options.iso_8601 {
        Found::text(Some(show_iso_8601(c.arena, c.event.ts_ns)))
    } else {
        clock(c, time::TIME)
    }
}

fn reltime(c: &Ctx<'_>) -> u64 {
    c.event.ts_ns.saturating_sub(c.first_ns)
}

fn deltatime(c: &Ctx<'_>) -> u64 {
    c.event.ts_ns.saturating_sub(c.previous_ns)
}

fn one_if<'a>(condition: bool) -> Found<'a> {
    Found::uint(Some(u64::from(condition)))
}

/// Name of the event; of the system call for generic events, of what is told for asynchronous ones.
fn type_name<'a>(c: &Ctx<'a>) -> &'a [u8] {
    match c.event.code.0 {
        0 | 1 => args::generic_name(c).as_bytes(),
        402 => c.event.text(1).unwrap_or(c.info.name.as_bytes()),
        _ => c.info.name.as_bytes(),
    }
}

fn type_is<'a>(c: &Ctx<'a>, arg: &FieldArg) -> Found<'a> {
    let FieldArg::Event(name) = arg else { return Found::Nothing };
    one_if(c.info.name == &**name)
}

fn syscall_type<'a>(c: &Ctx<'a>, _: &FieldArg) -> Found<'a> {
    if c.info.origin == Origin::Syscall { Found::text(Some(type_name(c))) } else { Found::Nothing }
}

fn async_type<'a>(c: &Ctx<'a>, _: &FieldArg) -> Found<'a> {
    if c.event.code.0 == 402 { Found::text(c.event.text(1)) } else { Found::Nothing }
}

fn is_read(c: &Ctx<'_>) -> bool {
    c.info.flags.contains(EventFlags::READS_FD)
}

fn is_write(c: &Ctx<'_>) -> bool {
    c.info.flags.contains(EventFlags::WRITES_FD)
}

fn is_io_category(c: &Ctx<'_>) -> bool {
    matches!(c.info.category, Category::IoRead | Category::IoWrite | Category::IoOther)
}

/// What kind of thing an I/O event works on.
fn subcategory(c: &Ctx<'_>) -> &'static str {
    match c.fd().map(|fd| fd.kind) {
        Some(FdKind::FileOld | FdKind::File | FdKind::Directory) => "file",
        Some(kind) if kind.is_ip() => "net",
        Some(FdKind::Fifo | FdKind::Unix | FdKind::Event | FdKind::Signal | FdKind::Inotify) => "ipc",
        _ => "unknown",
    }
}

fn category(c: &Ctx<'_>) -> &'static str {
    match c.info.category {
        Category::IoRead | Category::IoWrite | Category::IoOther => subcategory(c),
        Category::File => "file",
        Category::Net => "net",
        Category::Ipc => "IPC",
        Category::Process => "process",
        Category::Memory => "memory",
        Category::Signal => "signal",
        Category::User => "user",
        Category::Time => "time",
        Category::Sleep => "sleep",
        Category::Wait => "wait",
        Category::System => "system",
        Category::Scheduler => "scheduler",
        Category::Other => "other",
        Category::Internal => "internal",
        Category::Unknown => "unknown",
    }
}

/// All parameters; nothing for generic events, whose parameters are numbers only.
fn all_args<'a>(c: &Ctx<'a>) -> &'a [u8] {
    const USUAL: usize = 256;
    if matches!(c.event.code.0, 0 | 1) {
        return b"";
    }
    let mut out = TextWriter::new(c.arena, USUAL);
    for (index, info) in c.info.params.iter().enumerate() {
        let Some(text) = ParamText::of(c, index) else { break };
        if !out.is_empty() {
            out.byte(b' ');
        }
        out.put(info.name.as_bytes());
        out.byte(b'=');
        out.put(text.value());
        let resolved = text.resolved();
        if !resolved.is_empty() {
            out.byte(b'(');
            out.put(resolved);
            out.byte(b')');
        }
    }
    out.done()
}

fn arg<'a>(c: &Ctx<'a>, arg: &FieldArg) -> Found<'a> {
    let index = match arg {
        FieldArg::Index(index) => usize::try_from(*index).ok(),
        FieldArg::Param(name) => c.info.params.iter().position(|p| p.name == &**name),
        _ => None,
    };
    Found::text(index.and_then(|i| ParamText::of(c, i)).map(ParamText::best))
}

fn rawarg<'a>(c: &Ctx<'a>, arg: &FieldArg) -> Found<'a> {
    let index = match arg {
        FieldArg::Param(name) => c.info.params.iter().position(|p| p.name == &**name),
        // not in rules: see `bits`, which looks the name up once
        FieldArg::Index(index) => usize::try_from(*index).ok(),
        _ => None,
    };
    let Some(index) = index else { return Found::Nothing };
    let (Some(info), Some(mut bytes)) = (c.info.params.get(index), c.event.param(index)) else {
        return Found::Nothing;
    };
    let (mut ty, mut print) = (info.ty, info.print);
    if let Extra::Dynamic(table) = info.extra {
        let Some((&variant, rest)) = bytes.split_first() else { return Found::Nothing };
        let Some(&variant) = table.variants.get(usize::from(variant)) else { return Found::Nothing };
        ((ty, print), bytes) = (variant, rest);
    }
    match raw_value(ty, bytes) {
        Some(value) => Found::Typed(ty, print, value),
        // COMPAT(falco): a number that is not there has no value, yet outputs show it as zero
        None => Found::Zero(ty, print),
    }
}

/// A parameter's bytes as a value of its type.
fn raw_value(ty: Type, bytes: &[u8]) -> Option<FieldValue<'_>> {
    use crate::event::{signed, text_of, unsigned};
    Some(match ty {
        // a null pointer is a text of its own
        Type::CharBuf | Type::FsPath | Type::FsRelPath if bytes.is_empty() => FieldValue::word("<NA>"),
        Type::CharBuf | Type::FsPath | Type::FsRelPath => FieldValue::text(text_of(bytes)),
        Type::ByteBuf => FieldValue::Bytes(bytes),
        Type::Int8
        | Type::Int16
        | Type::Int32
        | Type::Int64
        | Type::Errno
        | Type::Fd
        | Type::Pid
        | Type::Fd32
        | Type::Pid32 => FieldValue::Int(signed(bytes)?),
        Type::Bool => FieldValue::Bool(unsigned(bytes)? != 0),
        Type::SockAddr | Type::SockTuple | Type::FdList | Type::CharBufArray | Type::CharBufPairArray => {
            FieldValue::Opaque
        }
        _ => FieldValue::Uint(unsigned(bytes)?),
    })
}

fn buffer<'a>(c: &Ctx<'a>, _: &FieldArg) -> Found<'a> {
    let at =
        c.info.params.iter().position(|p| p.ty == Type::ByteBuf && matches!(p.name, "data" | "event_data"));
    let bytes = at.and_then(|i| c.event.param(i));
    Found::of(bytes.map(FieldValue::Bytes))
}

/// Bytes that were transferred: the result of I/O events on a known descriptor.
fn buflen(c: &Ctx<'_>) -> Option<u64> {
    if !is_io_category(c) || c.fd().is_none() {
        return None;
    }
    c.result().and_then(|r| u64::try_from(r).ok())
}

fn buflen_if(c: &Ctx<'_>, wanted: bool) -> Option<u64> {
    buflen(c).filter(|_| wanted)
}

fn on_file(c: &Ctx<'_>) -> bool {
    c.fd().is_some_and(|fd| fd.kind.is_path())
}

fn on_net(c: &Ctx<'_>) -> bool {
    c.fd().is_some_and(|fd| fd.kind.is_ip())
}

fn result_word<'a>(c: &Ctx<'a>, result: i64) -> &'a [u8] {
    if result >= 0 {
        return b"SUCCESS";
    }
    match super::errno::name(result.saturating_neg()) {
        Some(name) => name.as_bytes(),
        None => made::signed(c.arena, result),
    }
}

fn is_syslog(c: &Ctx<'_>) -> bool {
    let Some(fd) = c.fd() else { return false };
    is_write(c) && fd.kind == FdKind::Unix && memchr::memmem::find(&fd.name, b"/dev/log").is_some()
}

/// What an event that failed was about.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Failure {
    File,
    Net,
    Memory,
    Other,
}

fn failure<'a>(c: &Ctx<'a>, counts: impl Fn(Failure) -> bool) -> Found<'a> {
    if c.result().is_none_or(|r| r >= 0) {
        return Found::Nothing;
    }
    let kind = match c.info.category {
        Category::File => Failure::File,
        Category::Net => Failure::Net,
        Category::Memory => Failure::Memory,
        _ if is_io_category(c) => match subcategory(c) {
            "file" => Failure::File,
            "net" => Failure::Net,
            _ => Failure::Other,
        },
        _ => Failure::Other,
    };
    if counts(kind) { one_if(true) } else { Found::Nothing }
}

/// Flags of an event that opens a file; `None` for other events.
fn open_flags(c: &Ctx<'_>) -> Option<u32> {
    match c.event.code.0 {
        3 | 337 => c.event.uint32(2),
        307 | 327 => c.event.uint32(3),
        _ => None,
    }
}

/// Whether the event made a file that was not there.
fn is_open_create(c: &Ctx<'_>) -> bool {
    let made = open_flags(c).is_some_and(|f| f & (O_F_CREATED | O_TMPFILE) != 0);
    made && c.event.int(0).is_some_and(|fd| fd >= 0)
}

/// Whether the event creates a file with a mode that lets anyone execute it.
fn is_open_exec(c: &Ctx<'_>) -> bool {
    const ANYONE: u32 = 0o111;
    let mode = match c.event.code.0 {
        59 => return c.event.uint32(2).is_some_and(|m| m & ANYONE != 0),
        3 => c.event.uint32(3),
        307 | 327 => c.event.uint32(4),
        _ => None,
    };
    let creates = open_flags(c).is_some_and(|f| f & (O_CREAT | O_TMPFILE) != 0);
    creates && mode.is_some_and(|m| m & ANYONE != 0)
}
