//! Differences from Falco that we choose, each with its place in `docs/compat.md`.

use peregrine_compiler::hir::check::{Quirks, check};
use peregrine_compiler::hir::eval::{FieldSource, TypeMismatch, eval};
use peregrine_compiler::schema::Schema;
use peregrine_compiler::syntax::ast::Ast;

/// `docs/compat.md`, "Fields".
pub(crate) const FIELDS: &[&str] = &["proc.ppid.duration"];

/// `docs/compat.md`, "Evaluation": where the default differs, `--falco-quirks` must agree.
pub(crate) fn agrees_with_quirks(
    schema: &Schema,
    ast: &Ast,
    source: &dyn FieldSource,
    expected: bool,
) -> bool {
    let (Some(condition), _) = check(schema, ast, Quirks::Falco) else { return false };
    let result: Result<bool, TypeMismatch> = eval(schema, &condition, source);
    result == Ok(expected)
}
