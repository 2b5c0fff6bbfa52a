//! Bytes as a capture; see `captures::capture_bytes`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peregrine_fuzz::captures;

fuzz_target!(|bytes: &[u8]| {
    captures::capture_bytes(bytes);
});
