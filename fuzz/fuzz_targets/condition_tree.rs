//! Bytes as choices of the condition generator; see `oracle::condition_tree`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peregrine_fuzz::{SCHEMA, support::oracle};

fuzz_target!(|bytes: &[u8]| {
    oracle::condition_tree(&SCHEMA, bytes);
});
