//! Paths that a file system call works on.

use super::Spec;
use peregrine_compiler::schema::{
    Scope,
    Type::{self, CharBuf},
};

/// A field that changes with every event unless it says otherwise.
const fn f(name: &'static str, ty: Type, doc: &'static str) -> Spec {
    Spec::new("fs.path", Scope::Event, name, ty, doc)
}

/// In lookup order.
#[rustfmt::skip]
pub(super) const FIELDS: &[Spec] = &[
    f("fs.path.name", CharBuf,
        "Path that the call works on, made absolute; no value if the call failed, open family excepted.")
        .cost(12),
    f("fs.path.nameraw", CharBuf, "Path that the call works on, as the caller gave it.").cost(4),
    f("fs.path.source", CharBuf, "Source path of calls with two paths, made absolute.").cost(12),
    f("fs.path.sourceraw", CharBuf, "Source path of calls with two paths, as the caller gave it.").cost(4),
    f("fs.path.target", CharBuf, "Target path of calls with two paths, made absolute.").cost(12),
    f("fs.path.targetraw", CharBuf, "Target path of calls with two paths, as the caller gave it.").cost(4),
];
