//! The primitives behind the operators, literals and transformers of conditions.
//!
//! In: bytes of rule texts (at load) and of event values (at evaluation). Out: compiled matchers
//! ([`glob::Glob`], [`pmatch::PathPrefixes`], [`regex::Regex`]), parsed literals ([`number`],
//! [`net`], [`hex`]) and transformed values ([`base64`], [`getopt`], [`path`]).
//!
//! Invariants: nothing here panics, recurses on its input or looks outside of its arguments;
//! matching takes at most time proportional to pattern length times value length; a malformed
//! value is a `None` or a non-match, a malformed literal an error with a position where there is one.
//!
//! ```
//! use peregrine_compiler::ops::{glob, pmatch};
//! assert!(glob::Glob::new(b"/etc/*.conf", glob::Case::Sensitive).matches(b"/etc/a/b.conf"));
//! assert!(pmatch::PathPrefixes::new([&b"/var/log"[..]]).matches(b"/var/log/messages"));
//! ```

pub mod base64;
pub mod escape;
pub mod getopt;
pub mod glob;
pub mod hex;
pub mod net;
pub mod number;
pub mod path;
pub mod pmatch;
pub mod regex;
pub mod services;

mod glob_bracket;
mod regex_class;
mod regex_syntax;

use crate::syntax::ast::Op;

/// `a op b`; false for operators that do not compare.
pub(crate) fn ordered<T: PartialOrd + ?Sized>(op: Op, a: &T, b: &T) -> bool {
    match op {
        Op::Eq | Op::EqEq => a == b,
        Op::Ne => a != b,
        Op::Lt => a < b,
        Op::Le => a <= b,
        Op::Gt => a > b,
        Op::Ge => a >= b,
        _ => false,
    }
}
