//! Fields without a subject.
//!
//! The counter goes up by being read: it must not be kept, shared or read ahead.

use super::Spec;
use peregrine_compiler::schema::{
    PrintFormat::Id,
    Scope,
    Type::{self, Uint64},
};

/// A field that changes with every event unless it says otherwise.
const fn f(name: &'static str, ty: Type, doc: &'static str) -> Spec {
    Spec::new("util", Scope::Event, name, ty, doc)
}

/// In lookup order.
#[rustfmt::skip]
pub(super) const FIELDS: &[Spec] = &[
    f("util.cnt", Uint64, "Counter that goes up by one each time it is used.").print(Id),
];
