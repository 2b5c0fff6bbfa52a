//! Fields of the group that the thread runs as.

use super::Spec;
use peregrine_compiler::schema::{
    PrintFormat::Id,
    Scope,
    Type::{self, CharBuf, Uint32},
};

/// A field that changes with the process unless it says otherwise.
const fn f(name: &'static str, ty: Type, doc: &'static str) -> Spec {
    Spec::new("group", Scope::Process, name, ty, doc)
}

/// In lookup order.
#[rustfmt::skip]
pub(super) const FIELDS: &[Spec] = &[
    f("group.gid", Uint32, "Effective group id.").print(Id),
    f("group.name", CharBuf, "Name of the group; <NA> if it has no name.").cost(3),
];
