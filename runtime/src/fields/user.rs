//! Fields of the user that the thread runs as.

use super::Spec;
use peregrine_compiler::schema::{
    PrintFormat::Id,
    Scope,
    Type::{self, CharBuf, Int64, Uint32},
};

/// A field that changes with the process unless it says otherwise.
const fn f(name: &'static str, ty: Type, doc: &'static str) -> Spec {
    Spec::new("user", Scope::Process, name, ty, doc)
}

/// In lookup order.
#[rustfmt::skip]
pub(super) const FIELDS: &[Spec] = &[
    f("user.uid", Uint32, "Effective user id.").print(Id),
    f("user.name", CharBuf,
        "Name of the user in the container's or the host's user table; <NA> if it has no name there.")
        .cost(3),
    f("user.homedir", CharBuf, "Home directory of the user.").cost(3),
    f("user.shell", CharBuf, "Login shell of the user.").cost(3),
    f("user.loginuid", Int64,
        "User id of the login that this session began with (audit uid), -1 if there was none.").print(Id),
    f("user.loginname", CharBuf, "Name of the user that user.loginuid stands for.").cost(3),
];
