//! Snapshots of both renderings.

use super::*;
use crate::diagnostic::falco::{ContextItem, Finding, ItemType, LoadCode};
use crate::diagnostic::{Code, Severity};
use crate::source::{FileId, SourceMap, Span};

const RULES: &str = concat!(
    "- macro: open_read\n  condition: >\n    evt.type = open\n    and evt.is_open_read = true\n",
    "- rule: read\n  condition: open_read and proc.nmae = cat\n",
    "\toutput: \t\"漢字 %fd.name\"\n",
);
const LOCAL: &str = "- rule: read\n  enabled: no\n";

struct Case {
    sources: SourceMap,
    rules: FileId,
    local: FileId,
}

impl Case {
    fn new() -> Self {
        let mut sources = SourceMap::new();
        let rules = sources.add("rules.yaml", RULES.into()).unwrap();
        let local = sources.add("local/rules.yaml", LOCAL.into()).unwrap();
        Self { sources, rules, local }
    }

    /// The place of a text in the file `rules`.
    fn at(&self, needle: &str) -> Span {
        let start = RULES.find(needle).unwrap() as u32;
        Span::new(self.rules, start, start + needle.len() as u32)
    }

    fn text(&self, diags: &[Diagnostic]) -> String {
        text(diags, &self.sources, &TextOptions { color: false, width: 100 })
    }
}

/// Several labels, two files, several lines, tabs and wide characters.
fn diags(case: &Case) -> Vec<Diagnostic> {
    let mut unknown = Diagnostic::new(Code::UnknownField, case.at("proc.nmae"), "unknown field `proc.nmae`")
        .primary_text("no such field")
        .also(case.at("open_read and"), "in the condition that begins here")
        .also(Span::new(case.local, 2, 12), "the rule is also named here")
        .note("a rule is checked even if it is disabled")
        .help("did you mean `proc.name`?");
    unknown.falco = Some(Finding {
        code: LoadCode::CompileConditionError,
        message: "filter_check called with nonexistent field proc.nmae".into(),
        context: vec![
            ContextItem { item: ItemType::RulesContent, name: String::new(), span: case.at("- macro") },
            ContextItem { item: ItemType::Rule, name: "read".into(), span: case.at("- rule") },
        ],
    });
    let lines = case.at("evt.type = open\n    and evt.is_open_read = true\n");
    vec![
        unknown,
        Diagnostic::new(Code::AlwaysFalse, lines, "the condition is never true").primary_text("all of this"),
        Diagnostic::new(Code::BadOutput, case.at("字"), "bad output")
            .primary_text("behind a tab and a wide character")
            .also(case.at("%fd.name"), "field"),
        Diagnostic::without_span(Code::FileRead, "cannot read `x.yaml`: no such file").help("check the path"),
    ]
}

#[test]
fn text_of_every_kind() {
    let case = Case::new();
    insta::assert_snapshot!(case.text(&diags(&case)));
}

#[test]
fn text_in_colour() {
    let case = Case::new();
    let options = TextOptions { color: true, width: 100 };
    let out = text(&diags(&case)[1..], &case.sources, &options);
    insta::assert_snapshot!(out.replace('\x1b', "␛"));
}

#[test]
fn json_of_every_kind() {
    let case = Case::new();
    let out = json(&diags(&case), &case.sources);
    insta::assert_snapshot!(serde_json::to_string_pretty(&out).unwrap());
}

#[test]
fn labels_far_apart_and_overlapping() {
    let case = Case::new();
    let diag = Diagnostic::new(Code::MacroLoop, case.at("open_read and"), "a loop")
        .primary_text("whole")
        .also(case.at("open_read"), "first definition")
        .also(case.at("read and"), "part")
        .also(case.at("%fd.name"), "")
        .note("two lines\nof a note");
    insta::assert_snapshot!(case.text(&[diag]));
}

#[test]
fn a_raised_warning_is_shown_as_an_error() {
    let case = Case::new();
    let mut diag = Diagnostic::new(Code::FieldAsText, case.at("cat"), "looks like a field");
    assert!(case.text(std::slice::from_ref(&diag)).starts_with("warning[W0705 field-as-text]: looks"));
    diag.severity = Severity::Error;
    assert!(case.text(&[diag]).starts_with("error[W0705]: looks"));
}

/// One diagnostic over the bytes `start..end` of a text.
fn one(source: &str, start: u32, end: u32) -> String {
    let mut sources = SourceMap::new();
    let file = sources.add("f", source.into()).unwrap();
    let diag = Diagnostic::new(Code::YamlSyntax, Span::new(file, start, end), "x").primary_text("here");
    text(&[diag], &sources, &TextOptions { color: false, width: 60 })
}

#[test]
fn places_at_the_edges() {
    let shown = [
        one("", 0, 0),
        one("a\n", 2, 2),
        one("a\n\n\n", 4, 4),
        one("a\nb", 1, 1),
        one("a\r\nb\r\n", 0, 4),
        one("\n\nabc\n", 2, 6),
        one("\u{feff}a: é", 3, 4),
        // Neither on character limits nor inside of the text.
        one("é", 1, 1),
        one("é\nx", 9, 900),
    ];
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn long_lines_are_trimmed() {
    let line =
        format!("- condition: {}HERE{}", "proc.name = cat or ".repeat(20), " or fd.name = x".repeat(20));
    let start = line.find("HERE").unwrap() as u32;
    let out = one(&line, start, start + 4);
    assert!(out.lines().all(|l| l.chars().count() <= 70), "{out}");
    insta::assert_snapshot!(out);
}

#[test]
fn an_endless_line_is_only_named() {
    let out = one(&"x".repeat(1 << 20), 1000, 1003);
    assert_eq!(out, "error[E0101]: x\n--> f:1:1001\n");
}

#[test]
fn control_characters_are_made_visible() {
    let mut sources = SourceMap::new();
    let file = sources.add("f\x1b[2J", b"- \x1b[31mred\x07\n".to_vec()).unwrap();
    let evil = "\x1b[2Jgone";
    let diag = Diagnostic::new(Code::UnknownItem, Span::new(file, 2, 6), evil)
        .primary_text(evil)
        .note(evil)
        .help(evil);
    let out = text(&[diag], &sources, &TextOptions::default());
    assert!(out.chars().all(|c| c == '\n' || !c.is_control()), "{out:?}");
}

#[test]
fn summaries() {
    let case = Case::new();
    let diags = diags(&case);
    assert_eq!(summary(&diags), "3 errors, 1 warning");
    assert_eq!(summary(&diags[..1]), "1 error");
    assert_eq!(summary(&diags[1..2]), "1 warning");
    assert_eq!(summary(&[]), "");
}

proptest::proptest! {
    #[test]
    fn no_span_makes_it_panic(source in "[a-cé漢\\n\\r\\t ]{0,12}", spans in proptest::collection::vec((0_u32..20, 0_u32..20), 1..4)) {
        let mut sources = SourceMap::new();
        let file = sources.add("f", source.into()).unwrap();
        let mut diag = Diagnostic::without_span(Code::YamlSyntax, "x");
        for (i, (start, end)) in spans.into_iter().enumerate() {
            let label = crate::diagnostic::Label { span: Span::new(file, start, end), text: "l".into(), primary: i == 0 };
            diag.labels.push(label);
        }
        let diags = [diag];
        text(&diags, &sources, &TextOptions::default());
        json(&diags, &sources);
    }
}
