//! Reading capture files: made here block by block, whole, compressed, cut and corrupted.

#![allow(clippy::unwrap_used, reason = "tests panic")]

use peregrine_compiler::schema::EventCode;
use peregrine_runtime::source::capture::{Capture, CaptureError, Item};
use std::io::{Cursor, Write};

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let total = (padded + 12) as u32;
    let mut bytes = [kind.to_le_bytes(), total.to_le_bytes()].concat();
    bytes.extend_from_slice(body);
    bytes.resize(8 + padded, 0);
    bytes.extend(total.to_le_bytes());
    bytes
}

fn section() -> Vec<u8> {
    let mut body = 0x1A2B_3C4D_u32.to_le_bytes().to_vec();
    body.extend([1, 0, 2, 0]);
    body.extend(u64::MAX.to_le_bytes());
    block(0x0A0D_0D0A, &body)
}

/// An event of type `code` on processor 3.
fn event(ts: u64, code: u16, params: &[&[u8]]) -> Vec<u8> {
    let mut body = 3_u16.to_le_bytes().to_vec();
    let len = 26 + params.iter().map(|p| p.len() + 2).sum::<usize>();
    body.extend(ts.to_le_bytes());
    body.extend(77_u64.to_le_bytes());
    body.extend((len as u32).to_le_bytes());
    body.extend(code.to_le_bytes());
    body.extend((params.len() as u32).to_le_bytes());
    for p in params {
        body.extend((p.len() as u16).to_le_bytes());
    }
    for p in params {
        body.extend(*p);
    }
    block(0x216, &body)
}

/// An event as old captures have it, without a count of parameters.
fn old_event(ts: u64, code: u16, params: &[&[u8]]) -> Vec<u8> {
    let mut body = 3_u16.to_le_bytes().to_vec();
    let len = 22 + params.iter().map(|p| p.len() + 2).sum::<usize>();
    body.extend(ts.to_le_bytes());
    body.extend(77_u64.to_le_bytes());
    body.extend((len as u32).to_le_bytes());
    body.extend(code.to_le_bytes());
    for p in params {
        body.extend((p.len() as u16).to_le_bytes());
    }
    for p in params {
        body.extend(*p);
    }
    block(0x204, &body)
}

fn sample() -> Vec<u8> {
    let close = |ts| event(ts, 5, &[&0_u64.to_le_bytes(), &4_u64.to_le_bytes()]);
    [section(), block(0x999, b"of a later version"), close(1), close(2), event(3, 9999, &[]), close(4)]
        .concat()
}

/// What is read until the end or an error.
fn read(bytes: Vec<u8>) -> (Vec<String>, Option<CaptureError>) {
    let mut capture = Capture::new(Cursor::new(bytes)).unwrap();
    let mut items = Vec::new();
    loop {
        match capture.next_item() {
            Ok(Some(Item::Event { cpu, event, .. })) => {
                items.push(format!(
                    "event {} {} cpu {cpu} params {}",
                    event.ts_ns,
                    event.code.0,
                    event.len()
                ));
            }
            Ok(Some(Item::Skipped(_))) => items.push("skipped".to_owned()),
            Ok(Some(other)) => items.push(format!("{other:?}").chars().take(9).collect()),
            Ok(None) => return (items, None),
            Err(e) => return (items, Some(e)),
        }
    }
}

#[test]
fn whole_and_compressed() {
    let expected = [
        "Section",
        "event 1 5 cpu 3 params 2",
        "event 2 5 cpu 3 params 2",
        "skipped",
        "event 4 5 cpu 3 params 2",
    ];
    let (items, error) = read(sample());
    assert!(error.is_none(), "{error:?}");
    assert_eq!(items, expected);
    // each half a gzip member of its own
    let mut compressed = Vec::new();
    for half in sample().chunks(sample().len() / 2 + 1) {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(half).unwrap();
        compressed.extend(encoder.finish().unwrap());
    }
    assert_eq!(read(compressed).0, expected);
}

#[test]
fn concatenated_captures_begin_again() {
    let (items, error) = read([sample(), sample()].concat());
    assert!(error.is_none());
    assert_eq!(items.iter().filter(|i| *i == "Section").count(), 2);
}

#[test]
fn a_cut_file_gives_everything_before_the_cut() {
    let whole = sample();
    let (all, _) = read(whole.clone());
    for len in 0..whole.len() {
        let (items, error) = read(whole[..len].to_vec());
        assert!(all.starts_with(&items), "{len}: {items:?}");
        match error {
            None => assert!(len > 0),
            Some(CaptureError::NotACapture) => assert!(len < 8),
            Some(CaptureError::Truncated { offset, .. }) => assert!(offset <= len as u64),
            Some(other) => panic!("{len}: {other}"),
        }
    }
}

#[test]
fn corrupt_bytes_are_errors_or_skipped() {
    let whole = sample();
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            // must only end
            let _ = read(bytes);
        }
    }
}

#[test]
fn other_files_are_refused() {
    for bytes in [&b""[..], b"not a capture at all", b"\x7fELF............"] {
        assert!(matches!(read(bytes.to_vec()).1, Some(CaptureError::NotACapture)), "{bytes:?}");
    }
    let mut swapped = section();
    swapped[8..12].reverse();
    assert!(matches!(read(swapped).1, Some(CaptureError::UnknownFormat { .. })));
}

#[test]
fn old_events_get_their_number_of_parameters() {
    let bytes = [section(), old_event(5, 5, &[&0_u64.to_le_bytes()])].concat();
    let mut capture = Capture::new(Cursor::new(bytes)).unwrap();
    capture.next_item().unwrap();
    let Some(Item::Event { event, .. }) = capture.next_item().unwrap() else { panic!("no event") };
    assert_eq!((event.ts_ns, event.code, event.len()), (5, EventCode(5), 1));
    assert_eq!(event.param(0), Some(&0_u64.to_le_bytes()[..]));
}

/// Bytes as one gzip member.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn concatenated_gzip_members_are_one_file() {
    let file = [gzip(&sample()), gzip(&sample())].concat();
    let (items, error) = read(file);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(items, [read(sample()).0, read(sample()).0].concat());
}

#[test]
fn garbage_behind_the_end() {
    let (all, len) = (read(sample()).0, sample().len() as u64);
    // not even a block's head
    let (items, error) = read([&sample()[..], b"abc"].concat());
    assert_eq!(items, all);
    assert!(matches!(error, Some(CaptureError::Truncated { offset, .. }) if offset == len), "{error:?}");
    // a length that cannot be
    let (items, error) = read([&sample()[..], &[0xff; 64]].concat());
    assert_eq!(items, all);
    assert!(matches!(error, Some(CaptureError::Corrupt { offset, .. }) if offset == len), "{error:?}");
    // no further gzip member
    let (items, error) = read([&gzip(&sample())[..], &[0xff; 64]].concat());
    assert_eq!(items, all);
    assert!(matches!(error, Some(CaptureError::Io { offset, .. }) if offset == len), "{error:?}");
}

#[test]
fn a_cut_gzip_file_gives_what_can_be_inflated() {
    let (all, whole) = (read(sample()).0, gzip(&sample()));
    for len in 2..whole.len() {
        let (items, error) = read(whole[..len].to_vec());
        assert!(all.starts_with(&items), "{len}");
        assert!(matches!(error, Some(CaptureError::Io { .. })), "{len}: {error:?}");
    }
}

#[test]
fn lengths_that_differ_are_an_error() {
    let mut bytes = sample();
    let (offset, at) = (section().len(), bytes.len());
    bytes.extend(event(9, 5, &[&[0; 8], &[4; 8]]));
    for tail in [offset - 4, at - 4] {
        let mut broken = bytes.clone();
        broken[tail] ^= 4;
        let (items, error) = read(broken);
        let Some(CaptureError::Corrupt { what, .. }) = error else { panic!("{error:?}") };
        assert!(what.contains("at its begin"), "{what}");
        assert!(items.len() < 6);
    }
}

/// Gives zeros for ever, and tells how many.
struct Endless {
    head: Cursor<Vec<u8>>,
    given: std::sync::Arc<std::sync::atomic::AtomicU64>,
    dropped: std::sync::mpsc::Sender<()>,
}

impl std::io::Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let mut n = self.head.read(out)?;
        if n == 0 {
            out.fill(0);
            n = out.len();
        }
        self.given.fetch_add(n as u64, std::sync::atomic::Ordering::SeqCst);
        Ok(n)
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        let _ = self.dropped.send(());
    }
}

#[test]
fn the_reading_thread_stops_when_the_capture_is_dropped() {
    let (dropped, source_is_dropped) = std::sync::mpsc::channel();
    let given = std::sync::Arc::default();
    let source = Endless { head: Cursor::new(sample()), given: std::sync::Arc::clone(&given), dropped };
    let mut capture = Capture::new(source).unwrap();
    assert!(matches!(capture.next_item(), Ok(Some(Item::Section))));
    drop(capture);
    source_is_dropped.recv_timeout(std::time::Duration::from_mins(1)).expect("the thread ends");
    let given = given.load(std::sync::atomic::Ordering::SeqCst);
    assert!(given < 16 << 20, "it does not read ahead without bound: {given}");
}

#[test]
fn a_huge_length_is_refused_before_anything_is_read_for_it() {
    for total in [u32::MAX, (256 << 20) + 1, 0, 11] {
        let mut bytes = section();
        bytes.extend(0x216_u32.to_le_bytes());
        bytes.extend(total.to_le_bytes());
        bytes.resize(bytes.len() + 100, 0);
        let (items, error) = read(bytes);
        assert_eq!(items, ["Section"]);
        assert!(
            matches!(error, Some(CaptureError::Corrupt { offset, .. }) if offset == section().len() as u64)
        );
    }
    // one that could be, in a file that ends: memory is needed only for what is there
    let mut bytes = section();
    bytes.extend(0x216_u32.to_le_bytes());
    bytes.extend((200_u32 << 20).to_le_bytes());
    bytes.resize(bytes.len() + 100, 0);
    assert!(matches!(read(bytes).1, Some(CaptureError::Truncated { .. })));
}

#[test]
fn blocks_longer_than_a_chunk() {
    let event = |n| event(n, 5, &[&[0; 8], &[4; 8]]);
    let bytes = [section(), event(1), block(0x999, &vec![7; 3 << 20]), event(2), event(3)].concat();
    for file in [bytes.clone(), gzip(&bytes)] {
        let (items, error) = read(file);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(items.len(), 4);
        assert_eq!(items[3], "event 3 5 cpu 3 params 2");
    }
    // events across the borders of chunks
    let many: Vec<u8> = [section()].into_iter().chain((0..30_000).map(event)).flatten().collect();
    let (items, error) = read(many);
    assert!(error.is_none() && items.len() == 30_001);
    assert!(items[1..].iter().enumerate().all(|(n, i)| i.starts_with(&format!("event {n} 5 "))));
}

#[test]
fn descriptions_after_events_are_given_too() {
    let mut machine = vec![0; 180];
    machine[0] = 4;
    let close = event(1, 5, &[&[0; 8], &[4; 8]]);
    let (items, error) = read([section(), close.clone(), block(0x201, &machine), close].concat());
    assert!(error.is_none(), "{error:?}");
    assert_eq!(items[2], "Machine(M");
    assert_eq!(items.len(), 4);
}

/// A list of one file descriptor of a kind.
fn fd_list(kind: u8, version: u8) -> Vec<u8> {
    let mut entry = 5_i64.to_le_bytes().to_vec();
    entry.extend(9_u64.to_le_bytes());
    entry.extend([kind, 1, 0, b'x']);
    let mut body = 77_i64.to_le_bytes().to_vec();
    if version == 2 {
        body.extend((entry.len() as u32 + 4).to_le_bytes());
    }
    body.extend(entry);
    block(if version == 2 { 0x218 } else { 0x203 }, &body)
}

#[test]
fn kinds_of_file_descriptors_that_are_not_known() {
    for (kind, version, expected) in
        [(7, 1, Some(7)), (7, 2, Some(7)), (99, 1, None), (99, 2, Some(10)), (0, 1, None), (0, 2, Some(10))]
    {
        let mut capture = Capture::new(Cursor::new([section(), fd_list(kind, version)].concat())).unwrap();
        capture.next_item().unwrap();
        let found = match capture.next_item() {
            Ok(Some(Item::Fds(77, fds))) => Some(fds[0].kind),
            Err(CaptureError::Corrupt { kind: "file descriptor list", what, .. }) => {
                assert!(what.contains("unknown kind"), "{what}");
                None
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{kind} in version {version}");
    }
}
