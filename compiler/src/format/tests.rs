use super::*;
use proptest::prelude::*;
use std::fmt::Write;
use std::path::Path;

fn fmt(text: &str) -> Result<String, FormatError> {
    format("rules.yaml", text, &Options::default())
}

/// Formats what can be formatted, and again. Returns whether it could.
fn check(text: &str) -> bool {
    match fmt(text) {
        Ok(once) => {
            let twice = fmt(&once).unwrap_or_else(|e| panic!("{e}\n{text}\n---\n{once}"));
            assert_eq!(twice, once, "of {text:?}");
            true
        }
        Err(FormatError::Invalid(invalid)) => {
            assert!(!invalid.diagnostics.is_empty());
            false
        }
        Err(e @ FormatError::Internal { .. }) => panic!("{e}\n{text:?}"),
    }
}

#[test]
fn a_text_that_is_not_yaml_is_refused() {
    let error = fmt("- list: l\n  items: [a\n- x: y\n").unwrap_err();
    assert!(error.to_string().starts_with("rules.yaml:"), "{error}");
    let error = fmt("a: b: c\n").unwrap_err();
    let FormatError::Invalid(invalid) = &error else { panic!("{error}") };
    assert_eq!(invalid.diagnostics[0].code, Code::YamlSyntax);
}

#[test]
fn each_condition_that_cannot_be_read_is_reported() {
    let text = "- macro: m\n  condition: >\n    a and\n    (b or\n- rule: r\n  condition: proc.name = = x\n";
    let error = fmt(text).unwrap_err().to_string();
    let lines: Vec<&str> = error.lines().collect();
    assert!(lines[0].starts_with("rules.yaml:4: "), "{error}");
    assert!(lines.last().unwrap().starts_with("rules.yaml:6: "), "{error}");
}

#[test]
fn the_width_is_an_option() {
    let text = "- list: l\n  items: [aaaa, bbbb, cccc]\n- macro: m\n  condition: aaaa and bbbb\n";
    let result = format("f", text, &Options { width: 20 }).unwrap();
    let expect = "- list: l\n  items: [aaaa,\n          bbbb,\n          cccc]\n\n\
                  - macro: m\n  condition: >\n    aaaa\n    and bbbb\n";
    assert_eq!(result, expect);
}

#[test]
fn lone_carriage_returns_are_left() {
    assert_eq!(fmt("- list:   l\r  items: [a,b]\n").unwrap(), "- list:   l\r  items: [a,b]\n");
}

#[test]
fn verify_sees_a_change() {
    let base = "- rule: r # c\n  output: 'o'\n  condition: a  and b\n  tags: [x]\n---\n- y\n";
    let parse = |text: &str| parse(FileId(0), text).unwrap();
    let differs =
        |text: &str| verify::same_meaning((base, &parse(base)), (text, &parse(text))).expect_err(text);
    for (from, to) in [
        ("# c", "# d"),
        ("# c", ""),
        ("'o'", "o"),
        ("'o'", "'p'"),
        ("a  and b", "a or b"),
        ("a  and b", "'a and b'"),
        ("[x]", "[x, x]"),
        ("[x]", "x"),
        ("- y", "- z"),
        ("---\n- y\n", ""),
        ("- y", "- y\n- y"),
        ("tags", "tag"),
    ] {
        differs(&base.replace(from, to));
    }
    let same = base.replace("a  and b", ">\n    a\n    and b").replace("  output: 'o'\n", "") + "\n";
    let same = same.replace("  tags: [x]", "  tags: [x]\n  output: 'o'");
    verify::same_meaning((base, &parse(base)), (&same, &parse(&same))).unwrap();
}

/// Blanks between tokens.
fn blank() -> impl Strategy<Value = String> {
    prop_oneof![4 => Just(" ".to_owned()), 1 => Just("   ".to_owned()), 2 => Just("\n".to_owned())]
}

fn checks() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "[a-z/.-]{1,12}",
        "\"[a-z ,()#:]{0,30}\"",
        "'[a-z \"]{0,8}'",
        Just("\"a\\\" and (b\"".to_owned()),
        Just("runc:[0:X]".to_owned()),
    ];
    let field = prop_oneof![
        Just("proc.name".to_owned()),
        Just("fd.name".to_owned()),
        Just("proc.env[\"a ) b\"]".to_owned()),
        Just("proc.aname[2]".to_owned()),
        Just("tolower( fd.name )".to_owned()),
    ];
    prop_oneof![
        "[a-z_]{2,20}".prop_filter("a keyword", |s| !["and", "or", "not"].contains(&s.as_str())),
        (field.clone(), value.clone()).prop_map(|(f, v)| format!("{f}={v}")),
        (field.clone(), value.clone(), blank()).prop_map(|(f, v, b)| format!("{f}{b}contains{b}{v}")),
        (field.clone(), prop::collection::vec(value, 1..12), blank())
            .prop_map(|(f, v, b)| format!("{f} in ({})", v.join(&format!(",{b}")))),
        field.prop_map(|f| format!("{f} exists")),
    ]
}

fn conditions() -> impl Strategy<Value = String> {
    checks().prop_recursive(5, 40, 5, |inner| {
        let connective = prop_oneof![Just("and"), Just("or")];
        prop_oneof![
            (prop::collection::vec((inner.clone(), connective), 2..5), blank()).prop_map(|(parts, b)| {
                let mut text = String::new();
                for (i, (part, connective)) in parts.iter().enumerate() {
                    if i > 0 {
                        let _ = write!(text, "{b}{connective}{b}");
                    }
                    text += part;
                }
                text
            }),
            (inner.clone(), blank()).prop_map(|(c, b)| format!("({b}{c} )")),
            inner.clone().prop_map(|c| format!("({c})")),
            (inner.clone(), blank()).prop_map(|(c, b)| format!("not{b}({c})")),
            inner.prop_map(|c| format!("not({c})")),
        ]
    })
}

/// A condition as value of a key at column `column`.
fn written(condition: &str, style: u8, column: usize) -> String {
    let indent = " ".repeat(column + 1 + usize::from(style % 3));
    let lines = condition.replace('\n', &format!("\n{indent}"));
    match style % 5 {
        0 => format!(">\n{indent}{lines}"),
        1 => format!(">- # {style}\n{indent}{lines}\n"),
        2 => format!("|\n{indent}{lines}"),
        // Not every condition can be written so; then it is no valid case.
        _ => lines,
    }
}

fn entries(column: usize) -> impl Strategy<Value = Vec<String>> {
    let comment = prop_oneof![Just(String::new()), Just(" # c".to_owned())];
    let entry = prop_oneof![
        (conditions(), any::<u8>()).prop_map(move |(c, s)| format!("condition: {}", written(&c, s, column))),
        (prop::collection::vec("[a-z]{1,20}|'[a-z ,]{3}'", 0..14), comment.clone())
            .prop_map(|(e, c)| format!("tags: [{}]{c}", e.join(","))),
        ("[a-z %.=]{0,30}", comment.clone()).prop_map(|(o, c)| format!("output:  x{o}{c}")),
        "[a-z \n]{0,40}".prop_map(move |d| {
            let indent = " ".repeat(column + 3);
            format!("desc: |\n{indent}x{}", d.replace('\n', &format!("\n{indent}")))
        }),
        comment.prop_map(|c| format!("priority: INFO{c}")),
        Just("enabled:  true".to_owned()),
        Just(format!("exceptions:\n{0}- name: x\n{0}  fields: [a,  b]\n{0}# c", " ".repeat(column + 1))),
    ];
    prop::collection::vec(entry, 1..7)
}

/// Rule files in all kinds of layout.
fn rule_files() -> impl Strategy<Value = String> {
    let between = prop_oneof![
        3 => Just(String::new()),
        2 => Just("\n".to_owned()),
        1 => Just("\n\n\n".to_owned()),
        1 => Just("# about\n".to_owned()),
        1 => Just("\n  # indented\n\n# about\n".to_owned()),
        1 => Just("   # behind\n".to_owned()),
    ];
    let inner = prop_oneof![4 => Just(""), 1 => Just("\n"), 1 => Just("#"), 1 => Just("    #")];
    (0_usize..3, 1_usize..4).prop_flat_map(move |(dash, gap)| {
        let column = dash + 1 + gap;
        let item = (entries(column), between.clone(), prop::collection::vec(inner.clone(), 8));
        prop::collection::vec(item, 1..4).prop_map(move |items| {
            let mut text = String::new();
            for (entries, between, inner) in items {
                text += &between;
                let _ = writeln!(text, "{:dash$}-{:gap$}rule: r", "", "");
                for (entry, inner) in entries.iter().zip(inner) {
                    match inner {
                        "" => {}
                        "\n" => text.push('\n'),
                        comment => {
                            let _ = writeln!(text, "{:column$}{comment} inner", "");
                        }
                    }
                    let _ = writeln!(text, "{:column$}{entry}", "");
                }
            }
            text
        })
    })
}

/// The inputs of the cases, as lines.
fn case_lines() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format");
    let mut cases: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    cases.sort();
    let inputs = cases.iter().filter(|c| c.to_string_lossy().ends_with(".in.yaml"));
    inputs
        .flat_map(|c| std::fs::read_to_string(c).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

fn runner(cases: u32) -> proptest::test_runner::TestRunner {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    // the same cases each time: a longer search with other seeds is the fuzz targets' work
    let rng = proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    proptest::test_runner::TestRunner::new_with_rng(config, rng)
}

#[test]
fn generated_rule_files() {
    let mut runner = runner(500);
    let (valid, all) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    runner
        .run(&rule_files(), |text| {
            all.set(all.get() + 1);
            valid.set(valid.get() + u32::from(check(&text)));
            Ok(())
        })
        .unwrap();
    let share = valid.get() * 100 / all.get();
    eprintln!("{share} % of generated files are valid");
    assert!(share > 30);
}

#[test]
fn lines_of_cases_in_other_places() {
    let lines = case_lines();
    let count = lines.len();
    let pick = prop::collection::vec((0..count, 1_usize..6, 0_usize..4), 1..12);
    let mut runner = runner(3000);
    let (valid, all) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    runner
        .run(&pick, |runs| {
            let mut text = String::new();
            for (start, length, indent) in runs {
                for line in lines.iter().skip(start).take(length) {
                    let indent = if indent == 3 { 2 } else { 0 };
                    let _ = writeln!(text, "{:indent$}{line}", "");
                }
            }
            all.set(all.get() + 1);
            valid.set(valid.get() + u32::from(check(&text)));
            Ok(())
        })
        .unwrap();
    let share = valid.get() * 100 / all.get();
    eprintln!("{share} % of mixed files are valid");
    assert!(share > 5);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[-a-z:#|>+ \\n\\[\\],{}'\"&*!?]{0,60}") {
        check(&text);
    }
}
