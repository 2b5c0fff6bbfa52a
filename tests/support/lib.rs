//! Support code for the workspace's black-box tests and benches.
#![forbid(unsafe_code)]
