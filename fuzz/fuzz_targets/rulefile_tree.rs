//! Bytes as choices of the rule file generator; see `oracle::rulefile_tree`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peregrine_fuzz::{SCHEMA, support::oracle};

fuzz_target!(|bytes: &[u8]| {
    oracle::rulefile_tree(&SCHEMA, bytes);
});
