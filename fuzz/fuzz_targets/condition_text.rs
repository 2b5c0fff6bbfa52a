//! Text as a condition and as an output; see `oracle::condition_text`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peregrine_fuzz::{SCHEMA, support::oracle};

fuzz_target!(|text: &str| {
    oracle::condition_text(&SCHEMA, text);
});
