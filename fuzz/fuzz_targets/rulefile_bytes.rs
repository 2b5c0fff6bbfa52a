//! Bytes as a rule file; see `oracle::rulefile_bytes`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peregrine_fuzz::{SCHEMA, support::oracle};

fuzz_target!(|bytes: &[u8]| {
    oracle::rulefile_bytes(&SCHEMA, bytes);
});
