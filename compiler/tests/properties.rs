//! Properties of conditions on generated input; `support::oracle` says what they are.
#![forbid(unsafe_code)]

#[allow(
    dead_code,
    unreachable_pub,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "shared by tests and fuzz targets; each uses a part, and panics are failures"
)]
mod support;

use peregrine_compiler::syntax::print;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::RefCell;
use support::choices::Choices;
use support::stats::Stats;
use support::{conditions, files, oracle, pools, schema};

/// Inputs of each property; the fuzz targets go on from here.
const CASES: u32 = 2_000;

fn run<S: Strategy>(name: &str, strategy: &S, oracle: impl Fn(S::Value) -> Stats) -> Stats {
    let total = RefCell::new(Stats::default());
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(strategy, |input| {
        total.borrow_mut().add(&oracle(input));
        Ok(())
    });
    let stats = *total.borrow();
    println!("{name}: {stats}");
    if let Err(e) = result {
        panic!("{name}: {e}");
    }
    stats
}

#[test]
fn trees_survive_printing_and_parsing() {
    let schema = schema::small();
    let bytes = prop::collection::vec(any::<u8>(), 0..600);
    let stats = run("trees", &bytes, |bytes| oracle::condition_tree(&schema, &bytes));
    assert!(stats.typed_percent() >= 60, "the generator makes too little that means something: {stats}");
    assert!(stats.yes > 100 && stats.no > 100, "evaluation is one-sided: {stats}");
}

#[test]
fn generated_files_keep_their_meaning() {
    let schema = schema::small();
    let bytes = prop::collection::vec(any::<u8>(), 0..400);
    let stats = run("files", &bytes, |bytes| oracle::rulefile_tree(&schema, &bytes));
    assert!(stats.typed_percent() >= 40, "too few files load: {stats}");
}

/// Words of the language in any order, or a condition with a few words changed.
fn texts() -> impl Strategy<Value = String> {
    let fixed = [
        "and",
        "or",
        "not",
        "(",
        ")",
        "=",
        "!=",
        "in",
        "(a, b)",
        "<",
        "3",
        "exists",
        "contains",
        "oneof",
        "val(proc.name)",
        "proc.name",
        "proc.pid",
        "evt.type",
        "open",
        "fd.ip",
        "127.0.0.1",
        "evt.rawarg.flags",
        "m",
        "tolower(proc.name)",
        "",
        "\"",
        "'",
        "\\",
        "[",
        "]",
        "proc.aname[2]",
        "proc.env[\"A B\"]",
        ",",
        "pmatch",
        "(/etc)",
        "regex",
        "a.*b",
    ];
    let word = prop_oneof![
        6 => prop::sample::select(fixed.to_vec()).prop_map(str::to_owned),
        1 => prop::sample::select(pools::TEXTS.to_vec()).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    let any_order = prop::collection::vec(word.clone(), 0..16).prop_map(|words| words.join(" "));
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    let edits = prop::collection::vec((any::<prop::sample::Index>(), word), 0..3);
    let changed = (bytes, edits).prop_map(|(bytes, edits)| {
        let ast = conditions::condition(&mut Choices::new(&bytes), &schema::small());
        let mut words: Vec<String> = print::canonical(&ast).split(' ').map(str::to_owned).collect();
        for (at, word) in edits {
            let at = at.index(words.len());
            if let Some(old) = words.get_mut(at) {
                *old = word;
            }
        }
        words.join(" ")
    });
    prop_oneof![1 => any_order, 2 => changed]
}

#[test]
fn texts_are_read_without_panic() {
    let schema = schema::small();
    let stats = run("texts", &texts(), |text| oracle::condition_text(&schema, &text));
    assert!(stats.typed_percent() >= 10, "too few texts mean something: {stats}");
}

#[test]
fn bytes_are_loaded_without_panic() {
    let schema = schema::small();
    let rule = (texts(), any::<bool>()).prop_map(|(condition, quoted)| {
        let condition = if quoted { files::quoted(&condition) } else { condition };
        format!(
            "- list: a\n  items: [open, close]\n- macro: m\n  condition: {condition}\n- rule: r\n  desc: d\n  \
             condition: m and evt.type in (a)\n  output: o\n  priority: INFO\n"
        )
        .into_bytes()
    });
    let file = prop_oneof![3 => rule, 1 => prop::collection::vec(any::<u8>(), 0..200)];
    let stats = run("bytes", &file, |bytes| oracle::rulefile_bytes(&schema, &bytes));
    assert!(stats.typed_percent() >= 3, "too few files load: {stats}");
}
