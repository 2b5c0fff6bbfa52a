//! Bytes as an event and as a sequence of events; see `captures::event_bytes`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peregrine_fuzz::captures;

fuzz_target!(|bytes: &[u8]| {
    captures::event_bytes(bytes);
});
