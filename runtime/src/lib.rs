//! Runtime of Peregrine: events, fields, engine and command line.
#![forbid(unsafe_code)]

pub mod event;
pub mod fields;
