//! Decision states as native code, through Cranelift.
//!
//! In: a *unit*, the part of a decision DAG that events really walk. Out: [`Code`], one function that walks it
//! and gives the state that it ends in: a last one, or one outside of the unit, from which the interpreter goes
//! on. So code need not be complete, only what is hot is compiled, and nothing is lost when it is dropped.
//!
//! ```text
//! unit.rs     what is to be compiled, as plain data: it can be compiled on any thread
//! abi.rs      layout shared with generated code: Frame, Value
//! lower.rs    unit -> Cranelift IR: texts by word compares, sets by switches on length and first word
//! helpers.rs  what generated code calls: finding a value, asking a predicate, classifying a value
//! jit.rs      memory of code, and the call
//! ```
//!
//! This is the only part of the crate with unsafe code. Generated code reads memory of a `Frame`,
//! of its values, and bytes of texts within lengths that it has compared; it writes nothing.

mod abi;
mod helpers;
mod jit;
mod lower;
#[cfg(test)]
mod tests;
pub(crate) mod unit;

pub(crate) use abi::{Call, Values};
pub use jit::{Code, CompileError, Compiler, Unavailable};
