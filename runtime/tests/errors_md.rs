//! `docs/errors.md` says what really happens: every code's example is loaded and gives that code.
//!
//! `UPDATE_DOCS=1 cargo test -p peregrine-runtime --test errors_md` rewrites the file.
#![expect(clippy::unwrap_used, reason = "tests panic")]

use peregrine_compiler::diagnostic::{Code, CodeInfo, Diagnostic, docs, render};
use peregrine_compiler::rulefile::{FileReport, Loader, Options};
use peregrine_compiler::schema::{ArgSpec, FieldDef, FieldFlags, Multi, PrintFormat, Schema, Scope, Type};
use peregrine_compiler::source::SourceMap;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn shown(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    // trimmed to a page's width
    let options = render::TextOptions { color: false, width: 100 };
    render::text(std::slice::from_ref(diagnostic), sources, &options)
}

/// A source of JSON events, which Falco warns about more.
fn audit_schema() -> Schema {
    let verb = FieldDef {
        name: "ka.verb".into(),
        ty: Type::CharBuf,
        list: false,
        arg: ArgSpec::None,
        flags: FieldFlags::NONE,
        print: PrintFormat::Na,
        multi: Multi::No,
        scope: Scope::Event,
        cost: 1,
        class: "ka".into(),
        doc: "Verb of the request.".into(),
    };
    Schema::new("k8s_audit", vec![verb], Vec::new(), Vec::new())
}

/// What the example of a code prints, or what it prints without the code.
fn rendered(info: &CodeInfo) -> Result<String, String> {
    let (syscall, audit) = (peregrine_runtime::fields::syscall_schema(), audit_schema());
    let mut loader = Loader::new(Options::new(vec![&syscall, &audit]));
    let report = if info.example.is_empty() {
        without_example(info, &mut loader)
    } else {
        loader.load("example.yaml", info.example.into())
    };
    let mut found = report.diagnostics;
    found.extend(loader.lint());
    found.extend(loader.allowed().problems().iter().cloned());
    match found.iter().find(|d| d.code.info().id == info.id) {
        Some(diagnostic) => Ok(shown(diagnostic, loader.sources())),
        None => Err(found.iter().map(|d| shown(d, loader.sources())).collect()),
    }
}

/// A report with a code that no small text can show.
fn without_example(info: &CodeInfo, loader: &mut Loader<'_>) -> FileReport {
    match Code::from_name(info.name).unwrap() {
        Code::FileRead => Loader::unreadable("example.yaml", "No such file or directory (os error 2)"),
        Code::InvalidUtf8 => loader.load("example.yaml", b"- list: caf\xe9\n  items: [a]\n".to_vec()),
        Code::TooManyErrors => loader.load("example.yaml", "- macro: m\n".repeat(512).into()),
        _ => panic!("{} needs an example", info.id),
    }
}

#[test]
fn errors_md_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    let wrong = RefCell::new(String::new());
    let text = docs::errors_md(|info| {
        rendered(info).unwrap_or_else(|others| {
            let _ = writeln!(wrong.borrow_mut(), "{} {} is not given, but:\n{others}", info.id, info.name);
            String::new()
        })
    });
    let wrong = wrong.into_inner();
    assert!(wrong.is_empty(), "examples that do not show their code: {wrong}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let current = fs::read_to_string(&path).unwrap_or_default();
    let differs = text.lines().zip(current.lines()).zip(1..).find(|((a, b), _)| a != b);
    assert!(
        text == current,
        "docs/errors.md is not current (first difference: {differs:?}); run this test with UPDATE_DOCS=1"
    );
}
