//! Oracles for captures and events, and the seeds that they begin from. What is read goes through the engine,
//! too, with every field of every event printed.

use crate::watched::Watched;
use peregrine_compiler::schema::EventCode;
use peregrine_runtime::event::build::EventBuilder;
use peregrine_runtime::event::view::{EventView, LengthWidth};
use peregrine_runtime::event::{Direction, EVENTS, EventFlags, info};
use peregrine_runtime::source::capture::metadata::{
    FdDetail, FdEntry, Interface, Machine, Process, UserOrGroup,
};
use peregrine_runtime::source::capture::{
    Capture, Compression, ConvertLimits, Converted, Converter, Item, WriteError, Writer,
};
use std::io::Cursor;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What an input was good for.
#[derive(Copy, Clone, Default, Debug)]
pub struct CaptureStats {
    /// Blocks that mean something.
    pub items: usize,
    /// Events among them.
    pub events: usize,
    /// Events delivered by the converter.
    pub delivered: usize,
}

impl CaptureStats {
    /// Sums up.
    pub fn add(&mut self, other: Self) {
        self.items += other.items;
        self.events += other.events;
        self.delivered += other.delivered;
    }
}

/// Bytes as a capture: offsets grow, events lie in their bounds, conversions are sound, and what was read
/// before the end or an error is the same when it is written and read again.
pub fn capture_bytes(bytes: &[u8]) -> CaptureStats {
    let mut stats = CaptureStats::default();
    let Ok(mut capture) = Capture::new(Cursor::new(bytes.to_vec())) else { return stats };
    let mut converter = small_converter();
    let mut writer = Writer::new(Vec::new(), Compression::Plain).expect("memory takes everything");
    let mut watched = Watched::new();
    let mut items = Vec::new();
    let mut offset = 0;
    while let Ok(Some(item)) = capture.next_item() {
        stats.items += 1;
        if let Item::Event { event, .. } = &item {
            stats.events += 1;
            check_view(event);
            stats.delivered += usize::from(check_conversion(&mut converter, *event));
        }
        if !matches!(item, Item::Skipped(_)) {
            items.push(format!("{item:?}"));
            write(&mut writer, &item).expect("what was read can be written");
        }
        watched.take(item);
        let next = capture.offset();
        assert!(next >= offset + 12, "{next} after {offset}");
        offset = next;
    }
    if writer.cut_texts() == 0 {
        let written = writer.finish().expect("memory takes everything");
        let mut again = Capture::new(Cursor::new(written)).expect("what was written begins");
        assert_eq!(again.next_item().expect("its own section"), Some(Item::Section));
        for expected in &items {
            let item = again.next_item().expect("what was written is sound");
            assert_eq!(&format!("{:?}", item.expect("no fewer items")), expected);
        }
        assert_eq!(again.next_item().expect("what was written is whole"), None);
    }
    stats
}

/// A converter whose bounds small inputs reach.
fn small_converter() -> Converter {
    Converter::new(ConvertLimits { enter_events: 4, enter_bytes: 2_000 })
}

fn write(writer: &mut Writer<Vec<u8>>, item: &Item<'_>) -> Result<(), WriteError> {
    match item {
        Item::Section => writer.section(),
        Item::Machine(machine) => writer.machine(machine),
        Item::Processes(processes) => writer.processes(processes),
        Item::Fds(tid, fds) => writer.fds(*tid, fds),
        Item::Interfaces(interfaces) => writer.interfaces(interfaces),
        Item::Users(users) => writer.users(users),
        Item::Event { cpu, state_only, event } => writer.event(*cpu, *state_only, event),
        Item::Skipped(_) => Ok(()),
    }
}

/// Bytes as one event with either width of lengths, and as instructions to build a sequence of events.
pub fn event_bytes(bytes: &[u8]) -> CaptureStats {
    for width in [LengthWidth::Short, LengthWidth::Large] {
        if let Ok(event) = EventView::parse(bytes, width) {
            check_view(&event);
            check_conversion(&mut small_converter(), event);
        }
    }
    let mut stats = CaptureStats::default();
    let mut converter = small_converter();
    let mut watched = Watched::new();
    let mut builder = EventBuilder::default();
    let mut left = bytes;
    while let Some((&[low, high, tid, nparams], rest)) = left.split_first_chunk() {
        left = rest;
        let code = EventCode(u16::from_le_bytes([low, high]) % (EVENTS.len() as u16 + 8));
        // mostly as many as one of the type's versions may have
        let nparams = match (info(code), nparams) {
            (Some(i), 0..=127) => i.params.len(),
            (Some(i), 128..=223) => usize::from(nparams) % (i.params.len() + 1),
            _ => usize::from(nparams) % 48,
        };
        let mut params: Vec<&[u8]> = Vec::with_capacity(nparams);
        for _ in 0..nparams {
            let (&len, rest) = left.split_first().unwrap_or((&0, &[]));
            let (param, rest) = rest.split_at(usize::from(len).min(rest.len()));
            params.push(param);
            left = rest;
        }
        let event = builder.build(1, i64::from(tid % 8), code, &params).expect("short enough");
        check_view(&event);
        assert!(event.params().eq(params.iter().copied()));
        stats.events += 1;
        stats.delivered += usize::from(check_conversion(&mut converter, event));
        watched.take(Item::Event { cpu: 0, state_only: false, event });
    }
    stats
}

/// Parameters lie in the event, one behind the other.
fn check_view(event: &EventView<'_>) {
    let all: Vec<&[u8]> = event.params().collect();
    assert_eq!(all.len(), event.len());
    let bytes = event.bytes().as_ptr_range();
    let mut end = bytes.start.wrapping_add(26 + event.len() * event.width().bytes());
    for (i, param) in all.iter().enumerate() {
        assert_eq!(event.param(i), Some(*param));
        let range = param.as_ptr_range();
        assert!(range.start == end && range.end <= bytes.end);
        end = range.end;
    }
    assert_eq!(event.param(event.len()), None);
    // its block says this, not its bytes
    let mut bare = *event;
    bare.io_uring = false;
    assert_eq!(EventView::parse(event.bytes(), event.width()), Ok(bare));
}

/// Whether it is delivered: then in the current shape. If it is not, that was counted.
fn check_conversion(converter: &mut Converter, event: EventView<'_>) -> bool {
    let before = *converter.counters();
    let (ts_ns, tid, nparams) = (event.ts_ns, event.tid, event.len());
    let converted = match converter.convert(event) {
        Converted::Event(event) => {
            check_view(&event);
            assert_eq!((event.ts_ns, event.tid), (ts_ns, tid));
            Some((event.code, event.len()))
        }
        Converted::Dropped => None,
    };
    let after = *converter.counters();
    let Some((code, len)) = converted else {
        let lost = |c: &peregrine_runtime::source::capture::ConvertCounters| {
            c.stored + c.not_needed + c.unconvertible + c.too_long
        };
        assert_eq!(lost(&after), lost(&before) + 1);
        return false;
    };
    let Some(info) = info(code) else { return true };
    assert!(!info.is_unused());
    if info.flags.contains(EventFlags::CONVERTER_MANAGED) {
        let enter = info.direction() == Direction::Enter && info.is_syscall_enter();
        assert!(enter || !info.is_old(), "{}", info.ident);
        let unlisted = after.incomplete > before.incomplete
            || (code == event.code && len == nparams && len > info.params.len());
        assert!(unlisted || len == info.params.len(), "{} with {len}", info.ident);
    }
    true
}

/// The seeds of a target by name.
pub fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    match target {
        "capture_bytes" => vec![
            ("newest.scap".to_owned(), newest(Compression::Plain)),
            ("newest-gzip.scap".to_owned(), newest(Compression::Gzip(9))),
            ("oldest.scap".to_owned(), oldest()),
            ("two.scap".to_owned(), [oldest(), newest(Compression::Plain)].concat()),
        ],
        "event_bytes" => vec![
            (
                "close.event".to_owned(),
                EventBuilder::default()
                    .build(1, 7, EventCode(5), &[&[0; 8], &[4; 8]])
                    .expect("short")
                    .bytes()
                    .to_vec(),
            ),
            // > and < of read and openat of thread 1, < execve of its oldest version
            ("sequence".to_owned(), sequence()),
        ],
        _ => Vec::new(),
    }
}

/// One block of each kind, in the newest layouts.
fn newest(compression: Compression) -> Vec<u8> {
    let write = || -> Result<Vec<u8>, WriteError> {
        let mut w = Writer::new(Vec::new(), compression)?;
        let hostname = "host".to_owned();
        w.machine(&Machine { cpus: 2, memory_bytes: 1 << 34, max_pid: 32_768, hostname, boot_ns: 17 })?;
        let (v4, v6) = (Ipv4Addr::LOCALHOST, Ipv6Addr::LOCALHOST);
        w.interfaces(&[Interface::V4(b"lo".to_vec(), v4, v4), Interface::V6(b"lo".to_vec(), v6, v6)])?;
        let texts = [b"alice".to_vec(), b"/home/alice".to_vec(), b"/bin/sh".to_vec()];
        w.users(&[UserOrGroup::User(1, 2, texts), UserOrGroup::Group(2, b"staff".to_vec())])?;
        let (comm, args) = (b"bash".to_vec(), b"-l\0-i\0".to_vec());
        w.processes(&[Process { tid: 7, pid: 7, ptid: 1, comm, args, ..Process::default() }])?;
        let details = [
            (3, FdDetail::Ipv4([(v4, 1), (v4, 2)], 2)),
            (4, FdDetail::Ipv6([(v6, 1), (v6, 2)], 2)),
            (5, FdDetail::Ipv4Server((v4, 3), 1)),
            (6, FdDetail::Ipv6Server((v6, 3), 1)),
            (7, FdDetail::Named(b"pipe".to_vec())),
            (8, FdDetail::Unix(1, 2, b"/run/x".to_vec())),
            (16, FdDetail::File(1, b"/etc/passwd".to_vec(), 0x801)),
        ];
        w.fds(7, &details.map(|(kind, detail)| FdEntry { fd: kind.into(), ino: 9, kind, detail }))?;
        let mut builder = EventBuilder::default();
        let events: [(u16, &[&[u8]]); 4] = [
            (4, &[&[4; 8]]),
            (5, &[&[0; 8]]),
            (324, &[b"{}\0"]),
            (307, &[&[3; 8], &[4; 8], b"/etc/passwd\0", &[1, 0, 0, 0], &[0; 4]]),
        ];
        for (code, params) in events {
            w.event(1, code == 5, &builder.build(5, 7, EventCode(code), params).expect("short"))?;
        }
        w.finish()
    };
    write().expect("memory takes everything")
}

/// A section and events in the first layout, whose headers have no number of parameters.
fn oldest() -> Vec<u8> {
    let mut bytes = block(0x0A0D_0D0A, &[&[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..], &[0xff; 8]].concat());
    let events: [(u16, &[&[u8]]); 4] = [
        (6, &[&[3; 8], &[9; 4]]),
        (7, &[&[1; 8], b"d"]),
        (228, &[b"id\0", &[1; 4], b"n\0", b"i\0"]),
        (10, &[&[1; 4]]),
    ];
    for (code, params) in events {
        let mut body = vec![1, 0];
        let len = 22 + params.iter().map(|p| p.len() + 2).sum::<usize>();
        body.extend([&9_u64.to_le_bytes()[..], &7_u64.to_le_bytes(), &(len as u32).to_le_bytes()].concat());
        body.extend(code.to_le_bytes());
        body.extend(params.iter().flat_map(|p| (p.len() as u16).to_le_bytes()));
        body.extend(params.concat());
        bytes.extend(block(0x204, &body));
    }
    bytes
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let total = (padded as u32 + 12).to_le_bytes();
    let mut bytes = [&kind.to_le_bytes()[..], &total, body].concat();
    bytes.resize(8 + padded, 0);
    bytes.extend(total);
    bytes
}

/// Instructions for `event_bytes`.
fn sequence() -> Vec<u8> {
    let mut bytes = Vec::new();
    for (code, nparams, params) in [
        (6_u16, 2_u8, vec![8_u8, 4]),
        (7, 2, vec![8, 5]),
        (102, 4, vec![8, 6, 4, 4]),
        (103, 1, vec![8]),
        (13, 8, vec![8, 3, 3, 8, 8, 8, 2, 8]),
        (51, 0, Vec::new()),
    ] {
        let most = info(EventCode(code)).map_or(0, |i| i.params.len() + 1) as u8;
        // the number from 128 to 223 that stands for this one
        let wanted = (128..=223).find(|n| n % most == nparams).unwrap_or(0);
        bytes.extend([code.to_le_bytes()[0], code.to_le_bytes()[1], 1, wanted]);
        for len in params {
            bytes.push(len);
            bytes.extend(std::iter::repeat_n(len, len.into()));
        }
    }
    bytes
}
