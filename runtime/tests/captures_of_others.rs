//! Captures that Falco and sysdig made: read, converted, written again; counts as Falco has them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests panic")]

#[path = "support/captures.rs"]
mod captures;

use captures::{conformance, converted, rewrite};
use peregrine_runtime::event::{info, view::EventView};
use peregrine_runtime::source::capture::{Capture, Captured, Compression, ConvertCounters, Item};
use std::fs::File;
use std::path::PathBuf;

/// Files up to this size, since reading items as text is slow.
const SMALL_BYTES: u64 = 1 << 20;

/// The captures of at most `most` bytes, ordered by name.
fn files(most: u64) -> Vec<PathBuf> {
    let Some(folder) = conformance("captures") else { return Vec::new() };
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let (mut small, large): (Vec<_>, Vec<_>) = entries.partition(|e| e.metadata().unwrap().len() <= most);
    for entry in large {
        eprintln!("skipped: {} is too large", entry.path().display());
    }
    small.sort_by_key(std::fs::DirEntry::path);
    assert!(small.len() >= 15);
    small.iter().map(std::fs::DirEntry::path).collect()
}

#[test]
fn what_is_read_can_be_written() {
    for path in files(SMALL_BYTES) {
        let (plain, items) = rewrite(File::open(&path).unwrap(), Compression::Plain);
        let (packed, _) = rewrite(File::open(&path).unwrap(), Compression::Gzip(1));
        assert!(items > 90 && packed.len() < plain.len(), "{}", path.display());
        if let Some(folder) = std::env::var_os("PEREGRINE_CAPTURES_OUT") {
            std::fs::write(PathBuf::from(folder).join(path.file_name().unwrap()), packed).unwrap();
        }
    }
}

#[test]
fn events_reach_the_current_shape() {
    for path in files(32 << 20) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (mut events, mut old, mut enters) = (0_u64, 0, 0);
        let converter = converted(File::open(&path).unwrap(), |event| {
            let info = info(event.code).unwrap();
            events += 1;
            enters += u64::from(info.is_syscall_enter());
            old += u64::from(info.is_old() && !info.is_syscall_enter());
        });
        let found = *converter.counters();
        assert_eq!(
            (found.unconvertible, found.too_long, found.incomplete, found.evicted),
            (0, 0, 0, 0),
            "{name}"
        );
        assert_eq!(old, 0, "{name}");
        if !name.starts_with("upstream") {
            assert_eq!(
                (found, enters),
                (ConvertCounters::default(), 0),
                "{name}: recorded in the current shape"
            );
        }
        if name.starts_with("upstream-libs-curl_google") {
            assert_eq!((events, enters), (991, 52), "{name}");
        }
    }
}

/// The number after `key` in an alert's text.
fn number(text: &str, key: &str) -> u64 {
    let (_, rest) = text.split_once(key).unwrap();
    rest.split(' ').next().unwrap().parse().unwrap()
}

/// `evt.num` counts what is delivered, so each alert's number tells how many were delivered before it.
#[test]
fn events_have_the_numbers_that_falco_gives_them() {
    let (Some(captures), Some(golden)) = (conformance("captures"), conformance("golden-upstream")) else {
        return;
    };
    let mut compared = 0;
    for entry in std::fs::read_dir(golden).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".all.jsonl") else { continue };
        let mut delivered: Vec<(u64, &str, usize)> = vec![(0, "none", 0)];
        converted(File::open(captures.join(name)).unwrap(), |event: &EventView<'_>| {
            delivered.push((event.ts_ns, info(event.code).unwrap().name, event.len()));
        });
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let alert: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = alert["output"].as_str().unwrap();
            let (ts_ns, event, nparams) = delivered[number(text, " n=") as usize];
            assert_eq!(ts_ns, number(text, " time="), "{name}: {text}");
            let (_, ty) = text.split_once(" t=").unwrap();
            // generic events are called as their system call
            assert!(event == "syscall" || ty.starts_with(&format!("{event} ")), "{name}: {event}: {text}");
            // each parameter is printed with its name; data may hold anything, so that there can be more
            assert!(text.matches('=').count() >= nparams, "{name}: {text}");
            compared += 1;
        }
    }
    assert!(compared > 1_500, "{compared}");
}

/// The short way to events is for nearly all of them, and gives what the long way gives.
#[test]
fn the_short_way_reads_the_same_events() {
    for path in files(SMALL_BYTES) {
        let (mut short, mut long) = (
            Capture::new(File::open(&path).unwrap()).unwrap(),
            Capture::new(File::open(&path).unwrap()).unwrap(),
        );
        let (mut by_short, mut events) = (0, 0);
        loop {
            let expected = long.next_item().unwrap();
            if let Some(Captured { cpu, state_only, event }) = short.next_event() {
                assert_eq!(expected, Some(Item::Event { cpu, state_only, event }), "{}", path.display());
                by_short += 1;
                events += 1;
                continue;
            }
            let found = short.next_item().unwrap();
            assert_eq!(found, expected, "{}", path.display());
            events += u64::from(matches!(found, Some(Item::Event { .. })));
            if found.is_none() {
                break;
            }
        }
        let old = path.to_string_lossy().contains("upstream");
        assert!(old || by_short * 100 > events * 98, "{}: {by_short} of {events}", path.display());
    }
}
