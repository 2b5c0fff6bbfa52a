//! Findings on whole rule files: what is said, and that it points at the very text.
//!
//! Each `diagnostics/*.yaml` begins with comments `#= CODE text`: the findings in the order in which they
//! are printed, with the text that is marked (line breaks as one blank; nothing if no text is). Beside it,
//! `snapshots/` has what people and programs get.
//! `UPDATE_MARKS=1` rewrites the comments, to be reviewed. A case may be loaded as several files, separated by lines `#---- name`.
#![expect(clippy::unwrap_used, reason = "tests panic")]

use peregrine_compiler::diagnostic::{Code, Diagnostic, render};
use peregrine_compiler::rulefile::{Loader, Options};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn cases() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|p| p.extension().is_some_and(|e| e == "yaml")).collect();
    files.sort();
    files
}

/// The files of a case, by name.
fn parts(text: &str) -> Vec<(String, String)> {
    let mut parts = vec![("case.yaml".to_owned(), String::new())];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("#---- ") {
            Some(name) => parts.push((name.trim().to_owned(), String::new())),
            None => parts.last_mut().unwrap().1.push_str(line),
        }
    }
    parts
}

const BOM: &str = "\u{feff}";

struct Outcome {
    codes: Vec<Code>,
    /// Code and marked text of each finding.
    marks: String,
    snapshot: String,
}

/// All findings once, in the order of the files.
fn run(text: &str) -> Outcome {
    let schema = peregrine_runtime::fields::syscall_schema();
    let mut loader = Loader::new(Options::new(vec![&schema]));
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut add = |diagnostic: Diagnostic| {
        let same = |d: &Diagnostic| {
            (d.code, d.span(), &d.message) == (diagnostic.code, diagnostic.span(), &diagnostic.message)
        };
        if !found.iter().any(same) {
            found.push(diagnostic);
        }
    };
    for (name, text) in parts(text) {
        loader.load(&name, text.into()).diagnostics.into_iter().for_each(&mut add);
    }
    loader.lint().into_iter().for_each(&mut add);
    loader.allowed().problems().iter().cloned().for_each(&mut add);
    found.sort_by_key(|d| d.span().map(|s| (s.file, s.start, s.end, d.code)));
    let mut marks = String::new();
    for diagnostic in &found {
        let marked = diagnostic.span().map_or("", |s| loader.sources().file(s.file).slice(s));
        let marked = marked.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(marks, "{}", format!("#= {} {marked}", diagnostic.code.info().id).trim_end());
    }
    let options = render::TextOptions { color: false, width: 100 };
    let shown = render::text(&found, loader.sources(), &options);
    let json = serde_json::to_string_pretty(&render::json(&found, loader.sources())).unwrap();
    Outcome { codes: found.iter().map(|d| d.code).collect(), marks, snapshot: format!("{shown}\n{json}") }
}

fn expected_marks(text: &str) -> String {
    let text = text.strip_prefix(BOM).unwrap_or(text);
    text.split_inclusive('\n').take_while(|line| line.starts_with("#= ")).collect()
}

#[test]
fn findings_are_as_recorded() {
    for file in cases() {
        let text = fs::read_to_string(&file).unwrap();
        let outcome = run(&text);
        let name = file.file_stem().unwrap().to_str().unwrap();
        if env::var_os("UPDATE_MARKS").is_some() && expected_marks(&text) != outcome.marks {
            let (bom, rest) = text.strip_prefix(BOM).map_or(("", text.as_str()), |rest| (BOM, rest));
            let rest = rest.get(expected_marks(&text).len()..).unwrap();
            fs::write(&file, format!("{bom}{}{rest}", outcome.marks)).unwrap();
            continue;
        }
        assert_eq!(expected_marks(&text), outcome.marks, "{name}:\n{}", outcome.snapshot);
        insta::with_settings!({
            snapshot_path => "diagnostics/snapshots",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, outcome.snapshot);
        });
    }
}

/// Codes whose only sensible case is the example in the registry.
const SHOWN_ELSEWHERE: &[Code] = &[
    Code::FileRead,
    Code::InvalidUtf8,
    Code::SizeLimit,
    Code::YamlLimit,
    Code::TooManyErrors,
    Code::NestingLimit,
    Code::UnsafeNaCheck,
];

#[test]
fn every_code_has_a_case() {
    let shown: BTreeSet<Code> =
        cases().iter().flat_map(|file| run(&fs::read_to_string(file).unwrap()).codes).collect();
    let missing: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| !shown.contains(code) && !SHOWN_ELSEWHERE.contains(code))
        .map(|code| code.info().id)
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}

/// A mistake inside parentheses is one error; what closes them is no second one.
#[test]
fn one_mistake_is_one_error() {
    for (condition, code) in [
        ("tolower() = cat", Code::BadTransformerArgument),
        ("tolower(cat) = cat", Code::BadTransformerArgument),
        ("proc.name in ('cat', )", Code::ExpectedValue),
        ("lower(proc.name) = cat", Code::UnknownTransformer),
    ] {
        let text = format!(
            "- rule: r\n  desc: d\n  condition: evt.type = open and {condition}\n  output: x\n  priority: INFO\n"
        );
        assert_eq!(run(&text).codes, [code], "{condition}");
    }
}
