//! Runtime of Peregrine: events, fields, engine and command line.
#![forbid(unsafe_code)]

pub mod alert;
pub mod cli;
pub mod config;
pub mod engine;
pub mod event;
pub mod fields;
pub mod localtime;
pub mod metrics;
pub mod output;
pub mod rules;
pub mod source;
pub mod state;
