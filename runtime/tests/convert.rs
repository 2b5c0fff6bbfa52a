//! Conversion of events, case by case.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests panic")]

use peregrine_compiler::schema::EventCode;
use peregrine_runtime::event::build::EventBuilder;
use peregrine_runtime::event::view::{EventView, LengthWidth};
use peregrine_runtime::event::{EVENTS, info};
use peregrine_runtime::source::capture::{ConvertCounters, ConvertLimits, Converted, Converter};

/// Code of an event type by its identifier without `PPME_`.
fn code(ident: &str) -> EventCode {
    EVENTS.iter().find(|e| e.ident.strip_prefix("PPME_") == Some(ident)).expect(ident).code
}

fn converter() -> Converter {
    Converter::new(ConvertLimits::default())
}

/// Type and parameters of what an event of thread 7 becomes; `None` if it is dropped.
fn convert(converter: &mut Converter, ident: &str, params: &[&[u8]]) -> Option<(&'static str, Vec<Vec<u8>>)> {
    convert_of(converter, 7, ident, params)
}

fn convert_of(
    converter: &mut Converter,
    tid: i64,
    ident: &str,
    params: &[&[u8]],
) -> Option<(&'static str, Vec<Vec<u8>>)> {
    let mut builder = EventBuilder::default();
    let event = builder.build(1_000, tid, code(ident), params).unwrap();
    match converter.convert(event) {
        Converted::Event(event) => {
            assert_eq!((event.ts_ns, event.tid), (1_000, tid));
            let ident = info(event.code).unwrap().ident.strip_prefix("PPME_").unwrap();
            Some((ident, event.params().map(<[u8]>::to_vec).collect()))
        }
        Converted::Dropped => None,
    }
}

fn bytes(params: &[&[u8]]) -> Vec<Vec<u8>> {
    params.iter().map(|p| p.to_vec()).collect()
}

#[test]
fn an_exit_event_gets_the_parameters_of_its_enter_event() {
    let mut c = converter();
    assert_eq!(convert(&mut c, "SYSCALL_READ_E", &[&[3; 8], &[9; 4]]), None);
    assert_eq!(convert_of(&mut c, 8, "SYSCALL_READ_E", &[&[4; 8], &[8; 4]]), None);
    let expected = bytes(&[&[1; 8], b"data", &[3; 8], &[9; 4]]);
    assert_eq!(convert(&mut c, "SYSCALL_READ_X", &[&[1; 8], b"data"]), Some(("SYSCALL_READ_X", expected)));
    // its enter event is gone now: numbers are 0
    let expected = bytes(&[&[1; 8], b"data", &[0; 8], &[0; 4]]);
    assert_eq!(convert(&mut c, "SYSCALL_READ_X", &[&[1; 8], b"data"]), Some(("SYSCALL_READ_X", expected)));
    let expected =
        ConvertCounters { stored: 2, converted: 2, without_enter: 1, ..ConvertCounters::default() };
    assert_eq!(c.counters(), &expected);
}

#[test]
fn the_enter_event_of_another_system_call_is_not_used() {
    let mut c = converter();
    convert(&mut c, "SYSCALL_READ_E", &[&[3; 8], &[9; 4]]);
    let expected = bytes(&[&[0; 8], &[0; 8]]);
    assert_eq!(convert(&mut c, "SYSCALL_CLOSE_X", &[&[0; 8]]), Some(("SYSCALL_CLOSE_X", expected)));
    assert_eq!(c.counters().without_enter, 1);
}

#[test]
fn missing_is_empty_where_the_table_says_so() {
    let expected = bytes(&[&[5; 8], b"", b""]);
    let found = convert(&mut converter(), "SYSCALL_MKDIR_X", &[&[5; 8]]);
    assert_eq!(found, Some(("SYSCALL_MKDIR_2_X", expected)));
}

#[test]
fn several_steps() {
    let params: Vec<Vec<u8>> = (1..=8).map(|i| vec![i; 8]).collect();
    let refs: Vec<&[u8]> = params.iter().map(Vec::as_slice).collect();
    let mut c = converter();
    // the enter event goes through all versions and is delivered
    assert_eq!(convert(&mut c, "SYSCALL_EXECVE_8_E", &[]), Some(("SYSCALL_EXECVE_19_E", bytes(&[b""]))));
    let (ident, found) = convert(&mut c, "SYSCALL_EXECVE_8_X", &refs).unwrap();
    assert_eq!((ident, found.len(), &found[..8]), ("SYSCALL_EXECVE_19_X", 31, &params[..]));
    assert!(found[8..].iter().all(Vec::is_empty));
    assert_eq!(c.counters().without_enter, 0);
    // a path that was known when the call began
    convert(&mut c, "SYSCALL_EXECVE_19_E", &[b"/bin/true\0"]);
    let params = vec![&b"x"[..]; 30];
    let (_, found) = convert(&mut c, "SYSCALL_EXECVE_19_X", &params).unwrap();
    assert_eq!(found[30], b"/bin/true\0");
}

#[test]
fn enter_events_come_out_only_where_they_are_needed() {
    let mut c = converter();
    let connect = [&[4; 8][..], b"\x02addr"];
    assert_eq!(convert(&mut c, "SOCKET_CONNECT_E", &connect), Some(("SOCKET_CONNECT_E", bytes(&connect))));
    let open = [&b"/etc\0"[..], &[0; 4], &[0; 4]];
    assert_eq!(convert(&mut c, "SYSCALL_OPEN_E", &open), Some(("SYSCALL_OPEN_E", bytes(&open))));
    assert_eq!(convert(&mut c, "SYSCALL_GETCWD_E", &[]), None, "not in the table");
    assert_eq!(convert(&mut c, "SYSCALL_CLOSE_E", &[&[1; 8], &[1; 8]]), None, "not with so many parameters");
    assert_eq!((c.counters().not_needed, c.counters().unconvertible), (1, 1));
    // what is > by its number and no enter event
    assert!(convert(&mut c, "PROCINFO_E", &[&[1; 8], &[1; 8]]).is_some());
    assert!(convert(&mut c, "SCHEDSWITCH_6_E", &[&[1; 8]]).is_some());
    let unused = EVENTS.iter().find(|e| e.is_unused()).unwrap().ident.strip_prefix("PPME_").unwrap();
    assert_eq!(convert(&mut c, unused, &[]), None);
}

#[test]
fn current_events_are_handed_on_uncopied() {
    let mut builder = EventBuilder::default();
    let event = builder.build(1, 7, code("SYSCALL_CLOSE_X"), &[&[0; 8], &[3; 8]]).unwrap();
    let mut c = converter();
    let Converted::Event(same) = c.convert(event) else { panic!() };
    assert_eq!(same.bytes().as_ptr(), event.bytes().as_ptr());
    assert_eq!(c.counters(), &ConvertCounters::default());
}

#[test]
fn unlisted_numbers_of_parameters() {
    let mut c = converter();
    // of a later version
    let more = [&[1; 8][..], &[2; 8], &[3; 8]];
    assert_eq!(convert(&mut c, "SYSCALL_CLOSE_X", &more), Some(("SYSCALL_CLOSE_X", bytes(&more))));
    assert_eq!(c.counters().incomplete, 0);
    // of no version: what is there can be used
    assert_eq!(convert(&mut c, "SYSCALL_CLOSE_X", &[]), Some(("SYSCALL_CLOSE_X", Vec::new())));
    assert_eq!(c.counters().incomplete, 1);
    assert_eq!(convert(&mut c, "SYSCALL_EXECVE_8_X", &[]), None);
    assert_eq!(c.counters().unconvertible, 1);
}

#[test]
fn containers_become_json() {
    let mut c = converter();
    let params = [&b"abc\"\0"[..], &[1, 0, 0, 0], b"web\0", b"nginx:1\0"];
    let mut builder = EventBuilder::default();
    let event = builder.build(1, -1, code("CONTAINER_E"), &params).unwrap();
    let Converted::Event(event) = c.convert(event) else { panic!() };
    assert_eq!((event.code, event.width()), (code("CONTAINER_JSON_2_E"), LengthWidth::Large));
    let json: serde_json::Value =
        serde_json::from_slice(event.param(0).unwrap().strip_suffix(b"\0").unwrap()).unwrap();
    let expected = serde_json::json!({"id": "abc\"", "type": 1, "name": "web", "image": "nginx:1"});
    assert_eq!(json["container"], expected);
    let event = builder.build(1, -1, code("CONTAINER_E"), &[b"no end", b"", b"", b""]).unwrap();
    let Converted::Event(event) = c.convert(event) else { panic!() };
    assert_eq!(event.param(0), Some(&b""[..]));
}

#[test]
fn what_grows_too_long_is_dropped() {
    let mut c = converter();
    let long = vec![b'x'; 40_000];
    convert(&mut c, "SOCKET_SENDTO_E", &[&[1; 8], &[2; 4], &long]);
    assert_eq!(convert(&mut c, "SOCKET_SENDTO_X", &[&[0; 8], &long]), None);
    assert_eq!(c.counters().too_long, 1);
}

#[test]
fn stored_events_are_bounded() {
    let mut c = Converter::new(ConvertLimits { enter_events: 10, enter_bytes: 1 << 20 });
    for tid in 0..100 {
        convert_of(&mut c, tid, "SYSCALL_CLOSE_E", &[&[1; 8]]);
    }
    assert_eq!((c.counters().stored, c.counters().evicted), (100, 90));
    let (_, params) = convert_of(&mut c, 99, "SYSCALL_CLOSE_X", &[&[0; 8]]).unwrap();
    assert_eq!(params[1], [1; 8]);
    c.begin_section();
    let (_, params) = convert_of(&mut c, 98, "SYSCALL_CLOSE_X", &[&[0; 8]]).unwrap();
    assert_eq!(params[1], [0; 8]);
}

#[test]
fn types_of_later_versions_are_handed_on() {
    let mut bytes = vec![0; 26];
    bytes[16] = 26;
    bytes[20..22].copy_from_slice(&9_999_u16.to_le_bytes());
    let event = EventView::parse(&bytes, LengthWidth::Short).unwrap();
    assert_eq!(converter().convert(event), Converted::Event(event));
}
