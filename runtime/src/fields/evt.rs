//! Fields of the event itself: number, time, type, parameters, result.
//!
//! All have event scope, also where the value is constant in practice: they cost nothing and mean the event.

use super::Spec;
use peregrine_compiler::schema::{
    ArgKind::{EventName, Param, ParamName, PathSide, Time},
    ArgSpec::{Optional, Required},
    FieldFlags as F,
    PrintFormat::{Dec, Dir, Id, Na, PaddedDec10},
    Scope,
    Type::{self, AbsTime, Bool, ByteBuf, CharBuf, Dyn, Int16, Int64, RelTime, Uint32, Uint64},
};

/// A field that changes with every event unless it says otherwise.
const fn f(name: &'static str, ty: Type, doc: &'static str) -> Spec {
    Spec::new("evt", Scope::Event, name, ty, doc)
}

/// In lookup order.
#[rustfmt::skip]
pub(super) const FIELDS: &[Spec] = &[
    f("evt.num", Uint64, "Ordinal of the event, counted from 1 since the start of the capture.").print(Id),
    f("evt.time", CharBuf, "Local time of day with nanoseconds, HH:MM:SS.nnnnnnnnn.").cost(8),
    f("evt.time.s", CharBuf, "Local time of day, HH:MM:SS.").cost(8),
    f("evt.time.iso8601", CharBuf,
        "UTC date and time as ISO 8601 with nanoseconds and the offset +0000.").cost(8),
    f("evt.datetime", CharBuf, "Local date and time with nanoseconds, YYYY-MM-DD HH:MM:SS.nnnnnnnnn.")
        .cost(8),
    f("evt.datetime.s", CharBuf, "Local date and time, YYYY-MM-DD HH:MM:SS.").cost(8),
    f("evt.rawtime", AbsTime, "Time in nanoseconds since the epoch."),
    f("evt.rawtime.s", AbsTime, "Whole seconds of evt.rawtime."),
    f("evt.rawtime.ns", AbsTime,
        "Nanoseconds of evt.rawtime beyond the whole second, printed with leading zeros.")
        .print(PaddedDec10),
    f("evt.reltime", RelTime, "Nanoseconds since the first event.").print(PaddedDec10),
    f("evt.reltime.s", RelTime, "Whole seconds of evt.reltime."),
    f("evt.reltime.ns", RelTime, "Nanoseconds of evt.reltime beyond the whole second.").print(PaddedDec10),
    f("evt.pluginname", CharBuf, "Name of the plugin that produced the event; no value for other events."),
    f("evt.plugininfo", CharBuf, "The plugin's own text for the event; no value for other events.").cost(40),
    f("evt.source", CharBuf, "Name of the event source: syscall, or the plugin's source.").cost(2),
    f("evt.is_async", Bool,
        "Whether the event was injected asynchronously, as container and Kubernetes metadata are."),
    f("evt.asynctype", CharBuf,
        "Kind of an asynchronous event, such as container; no value for other events."),
    f("evt.hostname", CharBuf,
        "Name of the host that the event comes from; FALCO_HOSTNAME overrides it in live captures."),
    f("evt.latency", RelTime,
        "Always 0, since enter events are gone; formerly nanoseconds between enter and exit.")
        .flag(F::DEPRECATED),
    f("evt.latency.s", RelTime, "Always 0; see evt.latency.").flag(F::DEPRECATED),
    f("evt.latency.ns", RelTime, "Always 0; see evt.latency.").flag(F::DEPRECATED).print(PaddedDec10),
    f("evt.latency.quantized", Uint64, "Always 0; see evt.latency.").flag(F::TABLE_ONLY).flag(F::DEPRECATED),
    f("evt.latency.human", CharBuf, "Always 0ns; see evt.latency.").flag(F::DEPRECATED).cost(8),
    f("evt.deltatime", RelTime, "Nanoseconds since the previous event."),
    f("evt.deltatime.s", RelTime, "Whole seconds of evt.deltatime."),
    f("evt.deltatime.ns", RelTime, "Nanoseconds of evt.deltatime beyond the whole second.")
        .print(PaddedDec10),
    f("evt.outputtime", CharBuf, "Time in the format that is configured for outputs.")
        .flag(F::PRINT_ONLY).cost(8),
    f("evt.dir", CharBuf,
        "Direction of the event: < for exit, > for enter; enter events of system calls are never seen.")
        .flag(F::DEPRECATED).print(Dir),
    f("evt.type", CharBuf,
        "Name of the event: the system call, or the kind of other events; conditions on it choose which \
         events a rule looks at."),
    f("evt.type.is", Uint32, "1 if the event has the given name, else 0: evt.type.is.open.")
        .arg(Required(EventName)).cost(2).print(Na),
    f("syscall.type", CharBuf, "Name of the system call; no value for other events.").cost(2),
    f("evt.category", CharBuf,
        "What the event is about: file, net, ipc, process, memory and so on; for reads and writes this \
         follows the file descriptor.").cost(2),
    f("evt.cpu", Int16, "Number of the CPU where the event happened.").print(Id),
    f("evt.args", CharBuf,
        "All parameters as name=value joined by blanks, with the resolved form in brackets where there is \
         one.").cost(40),
    f("evt.arg", CharBuf,
        "One parameter by position or name, as text, resolved where possible: evt.arg[0], evt.arg.flags.")
        .arg(Required(Param)).flag(F::NO_PTR_STABILITY).cost(16),
    f("evt.rawarg", Dyn, "One parameter by name in its native type, not resolved: evt.rawarg.fd.")
        .arg(Required(ParamName)).left_only().cost(2),
    f("evt.info", CharBuf, "Same as evt.args.").cost(40),
    f("evt.buffer", ByteBuf, "Data that was read or written, as far as it is captured.")
        .flag(F::NO_PTR_STABILITY).cost(2),
    f("evt.buflen", Uint64, "Number of bytes in evt.buffer."),
    f("evt.res", CharBuf, "Result as text: SUCCESS or the name of the error, such as ENOENT.")
        .flag(F::NO_PTR_STABILITY).cost(2).print(Dec),
    f("evt.rawres", Int64,
        "Result as a number: negative for errors, else what the call returned, such as a file descriptor."),
    f("evt.failed", Bool, "Whether the call returned an error."),
    f("evt.is_io", Bool, "Whether the event reads from or writes to a file descriptor."),
    f("evt.is_io_read", Bool, "Whether the event reads from a file descriptor."),
    f("evt.is_io_write", Bool, "Whether the event writes to a file descriptor."),
    f("evt.io_dir", CharBuf, "Either read or write; no value for events that do neither."),
    f("evt.is_wait", Bool, "Whether the caller waits: select, poll, sleep and so on."),
    f("evt.wait_latency", RelTime, "Obsolete waiting time.").flag(F::DEPRECATED),
    f("evt.is_syslog", Bool, "Whether the event writes to the system log at /dev/log.").cost(2),
    f("evt.is_io_uring", Bool, "Whether the event was asked for through an io_uring, not by a system call of its own."),
    f("evt.count", Uint32, "Always 1, for tools that add up."),
    f("evt.count.error", Uint32, "1 if the event failed, else 0."),
    f("evt.count.error.file", Uint32, "1 if an event about files failed, else 0."),
    f("evt.count.error.net", Uint32, "1 if an event about the network failed, else 0."),
    f("evt.count.error.memory", Uint32, "1 if an event about memory failed, else 0."),
    f("evt.count.error.other", Uint32, "1 if an event about something else failed, else 0."),
    f("evt.count.exit", Uint32, "1 for exit events, else 0."),
    f("evt.count.procinfo", Uint32, "1 for process information records of main threads.").flag(F::TABLE_ONLY),
    f("evt.count.threadinfo", Uint32, "1 for process information records.").flag(F::TABLE_ONLY),
    f("evt.around", Uint64,
        "Whether the event is within the given number of milliseconds of a time: \
         evt.around[1590000000000000000] = 500; takes = only.")
        .arg(Required(Time)).flag(F::FILTER_ONLY).flag(F::NO_TRANSFORMER).flag(F::NO_RHS),
    f("evt.abspath", CharBuf,
        "Absolute path of calls that take a directory and a relative path; .src and .dst choose in calls \
         with two paths.").arg(Optional(PathSide)).cost(12),
    f("evt.buflen.in", Uint64, "Number of bytes read.").flag(F::TABLE_ONLY),
    f("evt.buflen.out", Uint64, "Number of bytes written.").flag(F::TABLE_ONLY),
    f("evt.buflen.file", Uint64, "Number of bytes read from or written to files.").flag(F::TABLE_ONLY),
    f("evt.buflen.file.in", Uint64, "Number of bytes read from files.").flag(F::TABLE_ONLY),
    f("evt.buflen.file.out", Uint64, "Number of bytes written to files.").flag(F::TABLE_ONLY),
    f("evt.buflen.net", Uint64, "Number of bytes received or sent.").flag(F::TABLE_ONLY),
    f("evt.buflen.net.in", Uint64, "Number of bytes received.").flag(F::TABLE_ONLY),
    f("evt.buflen.net.out", Uint64, "Number of bytes sent.").flag(F::TABLE_ONLY),
    f("evt.is_open_read", Bool, "Whether the event opens a file for reading, also when that fails.").cost(2),
    f("evt.is_open_write", Bool, "Whether the event opens a file for writing, also when that fails.").cost(2),
    f("evt.infra.docker.name", CharBuf, "Name of a docker infrastructure event.").flag(F::TABLE_ONLY),
    f("evt.infra.docker.container.id", CharBuf, "Container of a docker infrastructure event.")
        .flag(F::TABLE_ONLY),
    f("evt.infra.docker.container.name", CharBuf, "Container name of a docker infrastructure event.")
        .flag(F::TABLE_ONLY),
    f("evt.infra.docker.container.image", CharBuf, "Image of a docker infrastructure event.")
        .flag(F::TABLE_ONLY),
    f("evt.is_open_exec", Bool, "Whether the event creates a file that someone may execute.").cost(2),
    f("evt.is_open_create", Bool, "Whether the event opens a file that did not exist before.").cost(2),
];
