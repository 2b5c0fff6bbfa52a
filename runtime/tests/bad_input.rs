//! Hostile rule files: a clear error or a result, within bounded time and memory, never a panic.
//!
//! Times are measured by the benches; here each input must only end, on a thread with the stack of an
//! ordinary thread.

#![allow(clippy::format_push_string, reason = "plainest way to write a rule file")]

use peregrine_compiler::diagnostic::Code;
use peregrine_compiler::rulefile::{FileReport, Loader, Options};
use peregrine_compiler::syntax::{MAX_DEPTH, parse_condition};
use peregrine_runtime::fields::syscall_schema;

fn load(bytes: Vec<u8>) -> FileReport {
    let schema = syscall_schema();
    Loader::new(Options::new(vec![&schema])).load("bad.yaml", bytes)
}

fn first_error(report: &FileReport) -> Option<Code> {
    report.diagnostics.iter().find(|d| d.is_error()).map(|d| d.code)
}

fn rule(condition: &str) -> Vec<u8> {
    format!("- rule: r\n  desc: d\n  condition: {condition}\n  output: o\n  priority: INFO\n").into_bytes()
}

/// Bytes without any order, the same each time.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..len / 8).flat_map(|_| next()).collect()
}

#[test]
fn ten_megabytes_of_garbage() {
    assert!(!load(noise(10 << 20)).successful());
    let printable = noise(10 << 20).into_iter().map(|b| b % 95 + 32).collect();
    assert!(!load(printable).successful());
}

#[test]
fn billion_laughs() {
    let mut text = String::from("- list: l0\n  items: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let aliases = vec![format!("*l{}", i - 1); 10].join(", ");
        text += &format!("- list: l{i}\n  items: &l{i} [{aliases}]\n");
    }
    assert_eq!(first_error(&load(text.into_bytes())), Some(Code::YamlLimit));
}

#[test]
fn lists_that_multiply() {
    // substituted as text, the last one would have 2^40 items
    let mut text = String::from(
        "- rule: r\n  desc: d\n  condition: evt.type = open and proc.name in (l0)\n  output: o\n  priority: INFO\n",
    );
    for i in 0..40 {
        text += &format!("- list: l{i}\n  items: [l{next}, l{next}]\n", next = i + 1);
    }
    assert_eq!(first_error(&load(text.into_bytes())), Some(Code::SizeLimit));
}

#[test]
fn macros_that_multiply() {
    let mut text = String::from("- macro: m0\n  condition: proc.name = a or proc.name = b\n");
    for i in 1..40 {
        text += &format!("- macro: m{i}\n  condition: m{prev} and m{prev}\n", prev = i - 1);
    }
    text += "- rule: r\n  desc: d\n  condition: evt.type = open and m39\n  output: o\n  priority: INFO\n";
    assert_eq!(first_error(&load(text.into_bytes())), Some(Code::SizeLimit));
}

#[test]
fn a_long_chain_of_macros() {
    let mut text = String::from("- macro: m0\n  condition: evt.type = open\n");
    for i in 1..5_000 {
        text += &format!("- macro: m{i}\n  condition: not m{}\n", i - 1);
    }
    text += "- rule: r\n  desc: d\n  condition: m4999\n  output: o\n  priority: INFO\n";
    assert_eq!(first_error(&load(text.into_bytes())), Some(Code::NestingLimit));
}

#[test]
fn a_hundred_thousand_parentheses() {
    for condition in [
        "(".repeat(100_000),
        format!("{}proc.name = a{}", "(".repeat(100_000), ")".repeat(100_000)),
        format!("{}proc.name = a", "not(".repeat(100_000)),
        format!("{}proc.name{} = a", "tolower(".repeat(100_000), ")".repeat(100_000)),
        format!("join(\",\", {}) = a", "(".repeat(100_000)),
    ] {
        let parsed = parse_condition(&condition, MAX_DEPTH);
        assert_eq!(parsed.errors.first().map(|e| e.code), Some(Code::NestingLimit), "{}", &condition[..40]);
        assert_eq!(first_error(&load(rule(&condition))), Some(Code::NestingLimit));
    }
}

#[test]
fn a_hundred_thousand_checks_and_negations() {
    let chain = vec!["proc.name = a"; 100_000].join(" or ");
    assert!(load(rule(&format!("evt.type = open and ({chain})"))).successful());
    assert!(load(rule(&format!("{}evt.type = open", "not ".repeat(100_000)))).successful());
}

#[test]
fn a_million_items() {
    let items: Vec<String> = (0..1_000_000).map(|i| format!("item{i}")).collect();
    let mut text = format!("- list: l\n  items: [{}]\n", items.join(", ")).into_bytes();
    text.extend(rule("evt.type = open and proc.name in (l)"));
    let report = load(text);
    assert!(report.successful(), "{:?}", report.diagnostics.first());
}

#[test]
fn invalid_utf8() {
    let mut text = rule("evt.type = open and fd.name contains 'a");
    let at = text.windows(2).position(|w| w == b"'a").unwrap();
    text.splice(at + 2..at + 2, *b"\xff\xfe'");
    let report = load(text);
    assert!(report.successful(), "{:?}", report.diagnostics);
    assert_eq!(report.diagnostics.first().map(|d| d.code), Some(Code::InvalidUtf8));
}

#[test]
fn empty_files_are_fine() {
    for text in ["", "\n\n", "# nothing\n", "---\n---\n", "[]", "~"] {
        assert!(load(text.as_bytes().to_vec()).successful(), "{text:?}");
    }
}

#[test]
fn regular_expressions_are_bounded() {
    for pattern in ["(((((a{1,100}){1,100}){1,100}){1,100}){1,100}){1,100}", "(a{1000}){1000}"] {
        let error = first_error(&load(rule(&format!("evt.type = open and proc.name regex '{pattern}'"))));
        assert_eq!(error, Some(Code::BadRegex), "{pattern}");
    }
}
