//! Bytes as rules, events that change the state in every way, and changes of the rules in between: every way to
//! evaluate rules gives what the reference evaluator gives; see `ways::compare` of the runtime's tests.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    peregrine_fuzz::rules_and_events(bytes);
});
