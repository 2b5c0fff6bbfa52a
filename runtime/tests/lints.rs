//! Lints on marked rule files: `#~ name` at the end of a line says that the lint of this name is reported
//! there, and nothing else may be.
//!
//! Each file in `lints/` is about the lint that it is named after, and has lines with and without it. Its
//! rules may shadow each other if it is not about that.

#![expect(clippy::unwrap_used, reason = "tests panic")]

use peregrine_compiler::diagnostic::{Diagnostic, render};
use peregrine_compiler::hir::check::Quirks;
use peregrine_compiler::rulefile::{Loader, Options};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, iter};

fn cases() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lints");
    let mut files: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

/// Line and lint of each marker.
fn expected(text: &str) -> BTreeSet<(u32, String)> {
    let marked = text.lines().zip(1..).filter_map(|(line, n)| Some((n, line.split_once("#~ ")?.1)));
    marked.flat_map(|(n, names)| names.split(", ").map(move |name| (n, name.to_owned()))).collect()
}

fn lint(text: &str, quirks: Quirks) -> (BTreeSet<(u32, String)>, String) {
    let schema = peregrine_runtime::fields::syscall_schema();
    let mut options = Options::new(vec![&schema]);
    options.quirks = quirks;
    let mut loader = Loader::new(options);
    let report = loader.load("case.yaml", text.into());
    let errors: Vec<Diagnostic> = report.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    let shown = |d: &[Diagnostic]| render::text(d, loader.sources(), &render::TextOptions::default());
    assert!(errors.is_empty(), "{}", shown(&errors));
    let found = loader.lint();
    let place = |d: &Diagnostic| {
        let span = d.span().unwrap();
        (loader.sources().file(span.file).line_col(span.start).0, d.code.info().name.to_owned())
    };
    (found.iter().map(place).collect(), shown(&found))
}

#[test]
fn lints_are_where_they_are_marked() {
    for file in cases() {
        let text = fs::read_to_string(&file).unwrap();
        let expected = expected(&text);
        for quirks in [Quirks::Off, Quirks::Falco] {
            let (mut found, shown) = lint(&text, quirks);
            if !file.ends_with("shadowed-rule.yaml") {
                found.retain(|(_, lint)| lint != "shadowed-rule");
            }
            let missing: Vec<_> = expected.difference(&found).collect();
            let extra: Vec<_> = found.difference(&expected).collect();
            let name = file.display();
            assert!(missing.is_empty(), "{name} ({quirks:?}): not reported: {missing:?}");
            assert!(extra.is_empty(), "{name} ({quirks:?}): not expected: {extra:?}\n{shown}");
        }
    }
}

#[test]
fn every_lint_has_places_with_and_without_it() {
    for file in cases() {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let with = expected(&text).iter().filter(|(_, lint)| *lint == name).count();
        let without = text.matches("\n- ").count().saturating_sub(with);
        assert!(with >= 1 && without >= 2, "{name}: {with} with, {without} without");
    }
}

/// Rules of an ordinary shape: a broad one, thousands of others that it does not shadow, one that it does.
#[test]
fn many_rules_are_linted_in_reasonable_time() {
    let rule = |name: &str, condition: &str| {
        format!("- rule: {name}\n  condition: {condition}\n  desc: d\n  output: x\n  priority: INFO\n")
    };
    let broad = rule("broad", "evt.type = open and fd.num >= 0 and fd.name startswith /etc");
    let others = (0..3000).map(|i| {
        rule(
            &format!("r{i}"),
            &format!("evt.type = open and fd.num >= 0 and proc.name = p{i} and fd.name = /f{i}"),
        )
    });
    let last = rule("last", "evt.type = open and fd.num = 3 and fd.name = /etc/passwd");
    let text: String = iter::once(broad).chain(others).chain([last]).collect();
    let (found, shown) = lint(&text, Quirks::Off);
    assert_eq!(found.len(), 1, "{shown}");
}
