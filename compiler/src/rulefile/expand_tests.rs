//! Substitution in one pass against substitution list by list.

use super::expand::{CompiledList, Lists, Uses, expand};
use super::text::{Assembled, Text};
use crate::source::{FileId, Span};
use crate::yaml::NodeId;
use proptest::prelude::*;

fn text(value: &str) -> Text {
    Text { value: value.into(), span: Span::new(FileId(0), 0, 0), node: NodeId(0) }
}

fn in_one_pass(condition: &str, lists: &[(String, Vec<String>)]) -> String {
    let mut all = Lists::default();
    for (name, items) in lists {
        all.push(CompiledList { name: name.as_str().into(), items: items.iter().map(|i| text(i)).collect() });
    }
    let mut input = Assembled::default();
    input.push_text(&text(condition));
    expand(&input, &all, &mut Uses::default()).unwrap().as_str().to_owned()
}

/// The definition: for each list in order, every place where its name stands alone.
fn list_by_list(condition: &str, lists: &[(String, Vec<String>)]) -> String {
    let blank = |c: char| " \t\n\r".contains(c);
    let delimiter = |c: char| blank(c) || "(),=".contains(c);
    let mut text = condition.to_owned();
    for (name, items) in lists {
        let items: Vec<String> =
            items
                .iter()
                .map(|i| {
                    if i.contains(' ') && !i.starts_with(['"', '\'']) {
                        format!("\"{i}\"")
                    } else {
                        i.clone()
                    }
                })
                .collect();
        let mut from = 0;
        while let Some(at) = text[from..].find(name.as_str()).map(|i| i + from) {
            let end = at + name.len();
            let alone = text[..at].chars().next_back().is_none_or(delimiter)
                && text[end..].chars().next().is_none_or(delimiter);
            if !alone {
                from = at + 1;
                continue;
            }
            let mut before = text[..at].trim_end_matches(blank).to_owned();
            let mut after = text[end..].trim_start_matches(blank).to_owned();
            if items.is_empty() {
                if before.ends_with(',') {
                    before.pop();
                } else if after.starts_with(',') {
                    after.remove(0);
                }
            }
            let start = before.len();
            let joined = items.join(", ");
            text = format!("{before} {joined} {after}");
            from = start + joined.len() + 2;
        }
    }
    text
}

fn same(condition: &str, lists: &[(String, Vec<String>)]) {
    let words =
        |s: &str| s.split([' ', '\t', '\n', '\r']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
    // blanks beside punctuation mean nothing
    let normal = |s: &str| {
        ["(", ")", ",", "="]
            .iter()
            .fold(words(s), |s, p| s.replace(&format!(" {p}"), p).replace(&format!("{p} "), p))
    };
    let (one, other) = (in_one_pass(condition, lists), list_by_list(condition, lists));
    assert_eq!(normal(&one), normal(&other), "condition {condition:?}, lists {lists:?}");
}

fn lists(all: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    all.iter().map(|(n, items)| ((*n).to_owned(), items.iter().map(|i| (*i).to_owned()).collect())).collect()
}

#[test]
fn names_stand_alone() {
    let all = lists(&[("shells", &["bash", "sh", "a b"])]);
    assert_eq!(in_one_pass("proc.name in (shells)", &all), "proc.name in ( bash, sh, \"a b\" )");
    for untouched in ["proc.name = myshells", "proc.name = 'shells'", "shells2 and x", "a.shells"] {
        assert_eq!(in_one_pass(untouched, &all), untouched);
    }
}

#[test]
fn empty_lists_take_a_comma_along() {
    let all = lists(&[("none", &[]), ("other", &[])]);
    for condition in [
        "x in (none)",
        "x in (a, none)",
        "x in (none, a)",
        "x in (a, none, b)",
        "x in (none, other)",
        "x in (a,none,other,b)",
    ] {
        same(condition, &all);
    }
}

/// Found by the property below: the empty list that is defined first takes its comma before the other one is
/// replaced, whatever their places in the text.
#[test]
fn commas_of_several_empty_lists_go_in_their_order() {
    let all = lists(&[("a", &[]), ("b", &[])]);
    for condition in [",,b a", ",,a b", "x in (y, b a, z)", "a , b", "b , a", ",b,a,"] {
        same(condition, &all);
    }
}

#[test]
fn later_lists_count_inside_earlier_ones() {
    let all = lists(&[("first", &["second", "x"]), ("second", &["y", "first"])]);
    assert_eq!(in_one_pass("n in (first)", &all), "n in ( y, first , x )");
    same("n in (first, second)", &all);
    same("n = \"run second now\"", &all);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]
    #[test]
    fn one_pass_equals_list_by_list(
        condition in "[abc(),= \"']{0,24}",
        items in proptest::collection::vec(proptest::collection::vec("[abc ]{1,4}", 0..3), 1..4),
    ) {
        let names = ["a", "b", "ab", "c"];
        let all: Vec<_> = items.into_iter().zip(names).map(|(i, n)| (n.to_owned(), i)).collect();
        same(&condition, &all);
    }

    #[test]
    fn names_with_delimiters_are_found_too(
        condition in "[abc(),= \"']{0,24}",
        items in proptest::collection::vec(proptest::collection::vec("[abc ]{1,4}", 0..3), 1..4),
    ) {
        let names = ["a b", "b", "c,a", "c"];
        let all: Vec<_> = items.into_iter().zip(names).map(|(i, n)| (n.to_owned(), i)).collect();
        same(&condition, &all);
    }
}
