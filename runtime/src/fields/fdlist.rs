//! Fields of the file descriptors that `poll` and its relatives wait for.

use super::Spec;
use peregrine_compiler::schema::{
    PrintFormat::{Dec, Id},
    Scope,
    Type::{self, CharBuf},
};

/// A field that changes with every event unless it says otherwise.
const fn f(name: &'static str, ty: Type, doc: &'static str) -> Spec {
    Spec::new("fdlist", Scope::Event, name, ty, doc)
}

/// In lookup order.
#[rustfmt::skip]
pub(super) const FIELDS: &[Spec] = &[
    f("fdlist.nums", CharBuf, "Numbers of the polled file descriptors, joined by commas.").cost(24).print(Id),
    f("fdlist.names", CharBuf, "Names of the polled file descriptors, joined by commas.").cost(24),
    f("fdlist.cips", CharBuf, "Client addresses of the polled file descriptors, joined by commas.").cost(24),
    f("fdlist.sips", CharBuf, "Server addresses of the polled file descriptors, joined by commas.").cost(24),
    f("fdlist.cports", CharBuf, "Client ports of the polled file descriptors, joined by commas.")
        .cost(24).print(Dec),
    f("fdlist.sports", CharBuf, "Server ports of the polled file descriptors, joined by commas.")
        .cost(24).print(Dec),
];
