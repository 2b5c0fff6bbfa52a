//! Front end of Peregrine: rule files in Falco's language to a typed ruleset, with diagnostics.
//!
//! Data flows one way, each stage with its own type:
//! rule text -> [`syntax`] (tokens, AST) -> [`rulefile`] (items of all files, merged) -> [`hir`]
//! (resolved and typed) -> evaluators. The crate does no I/O, knows no clock and no operating system;
//! fields and event types are given as a [`schema::Schema`].

#![deny(unsafe_code)]

#[cfg(feature = "jit")]
#[expect(unsafe_code, reason = "generated code is memory that is executed; see the module")]
pub mod codegen;
pub mod diagnostic;
pub mod format;
mod found;
pub mod hir;
pub mod interp;
pub mod ir;
pub mod itemschema;
pub mod ops;
pub mod rulefile;
pub mod schema;
pub mod source;
pub mod staged;
pub mod syntax;
pub mod value;
pub mod yaml;
