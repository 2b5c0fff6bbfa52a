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
