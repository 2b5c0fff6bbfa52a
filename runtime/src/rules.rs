//! Rules and a capture that come with the program.

/// How messages name the starter rules.
pub const STARTER_NAME: &str = "peregrine_rules.yaml";
/// The starter rules: `rules/peregrine_rules.yaml`.
pub const STARTER: &str = include_str!("../../rules/peregrine_rules.yaml");
/// A capture of a made-up attack in a container, recorded for this purpose: `rules/sample/sample.scap`.
pub const SAMPLE: &[u8] = include_bytes!("../../rules/sample/sample.scap");
