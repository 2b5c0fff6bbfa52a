//! Writing captures: limits, errors, several sections.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests panic")]

use peregrine_compiler::schema::EventCode;
use peregrine_runtime::event::build::EventBuilder;
use peregrine_runtime::source::capture::metadata::{
    FdDetail, FdEntry, Interface, Machine, Process, UserOrGroup,
};
use peregrine_runtime::source::capture::{Capture, CaptureError, Compression, Item, WriteError, Writer};
use std::io::{Cursor, Write};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Everything there is, in the order of a capture.
fn write_all(writer: &mut Writer<Vec<u8>>) {
    let machine = Machine {
        cpus: 2,
        memory_bytes: 1 << 34,
        max_pid: 4_194_304,
        hostname: "host".to_owned(),
        boot_ns: 17,
    };
    writer.machine(&machine).unwrap();
    let (v4, v6) = (Ipv4Addr::new(10, 0, 0, 1), Ipv6Addr::LOCALHOST);
    writer
        .interfaces(&[
            Interface::V4(b"eth0".to_vec(), v4, Ipv4Addr::BROADCAST),
            Interface::V6(Vec::new(), v6, v6),
        ])
        .unwrap();
    let texts = [b"alice".to_vec(), b"/home/alice".to_vec(), b"/bin/sh".to_vec()];
    writer.users(&[UserOrGroup::User(1, 2, texts), UserOrGroup::Group(2, b"staff".to_vec())]).unwrap();
    let process = Process { tid: 7, args: b"-l\0".to_vec(), pgid: -1, caps: [1, 2, 3], ..Process::default() };
    writer.processes(&[process.clone(), Process { exe_lower_layer: true, ..process }]).unwrap();
    let details = [
        (3, FdDetail::Ipv4([(v4, 1), (v4, 2)], 2)),
        (4, FdDetail::Ipv6([(v6, 1), (v6, 2)], 2)),
        (5, FdDetail::Ipv4Server((v4, 3), 1)),
        (6, FdDetail::Ipv6Server((v6, 3), 1)),
        (7, FdDetail::Named(b"pipe".to_vec())),
        (8, FdDetail::Unix(1, 2, b"/run/x".to_vec())),
        (16, FdDetail::File(1, b"/etc/passwd".to_vec(), 0x801)),
    ];
    let fds = details.map(|(kind, detail)| FdEntry { fd: kind.into(), ino: 9, kind, detail });
    writer.fds(7, &fds).unwrap();
    writer.fds(8, &[]).unwrap();
    let mut builder = EventBuilder::default();
    writer.event(1, false, &builder.build(5, 7, EventCode(5), &[&[0; 8], &[4; 8]]).unwrap()).unwrap();
    // large payload, longer than other events can be
    writer.event(0, true, &builder.build(6, 7, EventCode(324), &[&vec![b'x'; 70_000]]).unwrap()).unwrap();
}

fn items(bytes: Vec<u8>) -> Vec<String> {
    let mut capture = Capture::new(Cursor::new(bytes)).unwrap();
    let mut items = Vec::new();
    while let Some(item) = capture.next_item().unwrap() {
        items.push(format!("{item:?}"));
    }
    items
}

#[test]
fn everything_is_read_again() {
    let mut found = Vec::new();
    for compression in
        [Compression::Plain, Compression::Gzip(0), Compression::default(), Compression::Gzip(99)]
    {
        let mut writer = Writer::new(Vec::new(), compression).unwrap();
        write_all(&mut writer);
        writer.flush().unwrap();
        writer.section().unwrap();
        write_all(&mut writer);
        assert_eq!(writer.cut_texts(), 0);
        found.push(items(writer.finish().unwrap()));
    }
    assert!(found.iter().all(|f| *f == found[0]));
    let all = &found[0];
    assert_eq!((all.len(), &all[..9]), (18, &all[9..]));
    assert!(all[1].contains("max_pid: 4194304, hostname: \"host\", boot_ns: 17"), "{}", all[1]);
    assert!(all[4].contains("caps: [1, 2, 3]") && all[4].contains("exe_lower_layer: true"), "{}", all[4]);
    assert!(all[5].contains("Unix(1, 2, ") && all[5].contains(", 2049)"), "{}", all[5]);
    assert!(all[8].starts_with("Event { cpu: 0, state_only: true"));
}

#[test]
fn cut_at_every_byte_everything_before_is_read() {
    let mut writer = Writer::new(Vec::new(), Compression::Plain).unwrap();
    write_all(&mut writer);
    let whole = writer.finish().unwrap();
    let all = items(whole.clone());
    // to behind the begin of the large event
    for len in 8..1_500 {
        let mut capture = Capture::new(Cursor::new(whole[..len].to_vec())).unwrap();
        let mut count = 0;
        let offset = loop {
            let at = capture.offset();
            match capture.next_item() {
                Ok(Some(item)) => assert_eq!(format!("{item:?}"), all[count]),
                Ok(None) => break None,
                Err(CaptureError::Truncated { offset, .. }) => break Some((at, offset)),
                Err(e) => panic!("{len}: {e}"),
            }
            count += 1;
        };
        // the error names the block that was cut, which begins where the last item ended
        assert!(offset.is_none_or(|(at, offset)| at == offset && offset < len as u64), "{len}: {offset:?}");
        assert!(count < all.len());
    }
}

#[test]
fn texts_are_cut_where_readers_stop() {
    let mut writer = Writer::new(Vec::new(), Compression::Plain).unwrap();
    let hostname = "h".repeat(200);
    writer.machine(&Machine { hostname, ..Machine::default() }).unwrap();
    let args = [vec![b'a'; 4_000], vec![0], vec![b'b'; 200], vec![0]].concat();
    let process = Process { cwd: vec![b'/'; 1_025], exe: vec![b'/'; 1_024], args, ..Process::default() };
    writer.processes(&[process]).unwrap();
    assert_eq!(writer.cut_texts(), 3);
    let mut capture = Capture::new(Cursor::new(writer.finish().unwrap())).unwrap();
    capture.next_item().unwrap();
    let Some(Item::Machine(machine)) = capture.next_item().unwrap() else { panic!() };
    assert_eq!(machine.hostname.len(), 127);
    let Some(Item::Processes(processes)) = capture.next_item().unwrap() else { panic!() };
    let process = &processes[0];
    // whole arguments only
    assert_eq!((process.cwd.len(), process.exe.len(), process.args.len()), (1_024, 1_024, 4_001));
}

#[test]
fn details_of_another_kind_are_refused() {
    let mut writer = Writer::new(Vec::new(), Compression::Plain).unwrap();
    let entry = FdEntry { fd: 3, ino: 0, kind: 16, detail: FdDetail::Named(Vec::new()) };
    let error = writer.fds(7, &[entry]).unwrap_err();
    assert!(matches!(error, WriteError::WrongFdKind { tid: 7, fd: 3, kind: 16 }));
    assert_eq!(
        error.to_string(),
        "file descriptor 3 of thread 7 has kind 16, and details that do not fit that kind"
    );
    // nothing of that block was written
    writer.machine(&Machine::default()).unwrap();
    assert_eq!(items(writer.finish().unwrap()).len(), 2);
}

/// Takes some bytes, then fails as a full disk does.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let n = bytes.len().min(self.0);
        self.0 -= n;
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told() {
    for compression in [Compression::Plain, Compression::Gzip(0)] {
        let mut writer = Writer::new(Full(100_000), compression).unwrap();
        let process = Process { cwd: vec![b'/'; 1_000], ..Process::default() };
        let error = (0..1_000).find_map(|_| writer.processes(std::slice::from_ref(&process)).err()).unwrap();
        assert!(error.to_string().starts_with("cannot write the capture's process list: "), "{error}");
        assert!(writer.finish().is_err());
    }
}

#[test]
fn what_came_through_io_uring_is_told_again() {
    let mut writer = Writer::new(Vec::new(), Compression::Plain).unwrap();
    let mut builder = EventBuilder::default();
    let marks = [(false, false), (true, false), (false, true), (true, true)];
    for (io_uring, state_only) in marks {
        let mut close = builder.build(5, 7, EventCode(5), &[&[0; 8], &[4; 8]]).unwrap();
        close.io_uring = io_uring;
        writer.event(1, state_only, &close).unwrap();
    }
    let bytes = writer.finish().unwrap();
    let mut capture = Capture::new(Cursor::new(bytes.clone())).unwrap();
    let mut found = Vec::new();
    while let Some(item) = capture.next_item().unwrap() {
        if let Item::Event { state_only, event, .. } = item {
            found.push((event.io_uring, state_only));
        }
    }
    assert_eq!(found, marks);
    // the short way to events
    let mut capture = Capture::new(Cursor::new(bytes)).unwrap();
    while capture.next_item().unwrap().is_some_and(|item| !matches!(item, Item::Event { .. })) {}
    let short = capture.next_event().map(|captured| (captured.event.io_uring, captured.state_only));
    assert_eq!(short, Some(marks[1]));
}
