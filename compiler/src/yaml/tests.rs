//! Structure, spans, limits and bad input of [`parse`] and [`comments`].

use std::fmt::Write as _;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::source::FileId;

/// Every node in one line: `start..end` and what it is.
fn show(text: &str) -> String {
    let yaml = match parse(FileId(0), text, &Limits::default()) {
        Ok(yaml) => yaml,
        Err(e) => return format!("{:?} {}..{} {}", e.kind, e.span.start, e.span.end, e.message),
    };
    let shown: Vec<String> = yaml.documents().iter().map(|&root| show_node(&yaml, root)).collect();
    shown.join(" --- ")
}

fn show_node(yaml: &Yaml, id: NodeId) -> String {
    let node = yaml.node(id);
    let mut out = format!("{}..{}", node.span.start, node.span.end);
    match &node.kind {
        NodeKind::Null => out.push_str(" null"),
        NodeKind::Scalar(scalar) => write!(out, " {:?}", scalar.value).unwrap(),
        NodeKind::Sequence(items) => {
            let items: Vec<String> = items.iter().map(|&i| show_node(yaml, i)).collect();
            write!(out, " [{}]", items.join(", ")).unwrap();
        }
        NodeKind::Mapping(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|&(k, v)| format!("{}: {}", show_node(yaml, k), show_node(yaml, v)))
                .collect();
            write!(out, " {{{}}}", entries.join(", ")).unwrap();
        }
    }
    out
}

fn check(text: &str, expect: &str) {
    assert_eq!(show(text), expect, "{text:?}");
}

#[test]
fn documents() {
    check("", "");
    check("# only a comment\n", "");
    check("---\n", "3..3 null");
    check("a\n---\n---\nb\n...\n", "0..1 \"a\" --- 5..5 null --- 10..11 \"b\"");
    check("--- # c\n- x\n", "8..11 [10..11 \"x\"]");
}

#[test]
fn collections_end_with_their_last_node() {
    check("- a: b\n\n# c\n- d\n\n", "0..15 [2..6 {2..3 \"a\": 5..6 \"b\"}, 14..15 \"d\"]");
    check(
        "a:\n- b\n- c\nd: e",
        "0..15 {0..1 \"a\": 3..10 [5..6 \"b\", 9..10 \"c\"], 11..12 \"d\": 14..15 \"e\"}",
    );
    check("a:\n-  - b\n-  # c\n   d", "0..21 {0..1 \"a\": 3..21 [6..9 [8..9 \"b\"], 20..21 \"d\"]}");
    check("? - a\n: - b", "0..11 {2..5 [4..5 \"a\"]: 8..11 [10..11 \"b\"]}");
    check("[ a, {b: c } ] ", "0..14 [2..3 \"a\", 5..12 {6..7 \"b\": 9..10 \"c\"}]");
    check("[{a: b}: c]", "0..11 [1..10 {1..7 {2..3 \"a\": 5..6 \"b\"}: 9..10 \"c\"}]");
    check("[[a]: {}, b: ]", "0..14 [1..8 {1..4 [2..3 \"a\"]: 6..8 {}}, 10..12 {10..11 \"b\": 12..12 null}]");
}

#[test]
fn scalar_spans_are_the_raw_text() {
    check("'it''s'", "0..7 \"it's\"");
    check("k: \"a\\\n  b\" # c", "0..11 {0..1 \"k\": 3..11 \"ab\"}");
    check("k: a\n   b  \nl: c", "0..16 {0..1 \"k\": 3..9 \"a b\", 12..13 \"l\": 15..16 \"c\"}");
    check(
        "k: |  # c\n\n   x\n\n    y\n\n\nl: c",
        "0..29 {0..1 \"k\": 14..22 \"\\nx\\n\\n y\\n\", 25..26 \"l\": 28..29 \"c\"}",
    );
    check("k: >2-\n    x\n  y\n", "0..16 {0..1 \"k\": 11..16 \"  x\\ny\"}");
    check("k: |\nl: >+\n\n", "0..10 {0..1 \"k\": 4..4 \"\", 5..6 \"l\": 10..10 \"\\n\"}");
    check("- |", "0..3 [3..3 \"\"]");
}

#[test]
fn offsets_count_bytes() {
    check("é: ü\r\nß: 'ö'\r\n", "0..16 {0..2 \"é\": 4..6 \"ü\", 8..10 \"ß\": 12..16 \"ö\"}");
    check("\u{feff}a: b", "3..7 {3..4 \"a\": 6..7 \"b\"}");
    check(
        "- 😀: |\r\n    é\r\n    ü\r\n- x",
        "0..30 [2..25 {2..6 \"😀\": 15..25 \"é\\nü\\n\"}, 29..30 \"x\"]",
    );
}

#[test]
fn nulls_as_in_yaml_cpp() {
    check(
        "- \n- ~\n- null\n- Null\n- NULL\n- nULL\n- 'null'\n- ''",
        concat!(
            "0..48 [2..2 null, 5..6 null, 9..13 null, 16..20 null, 23..27 null, ",
            "30..34 \"nULL\", 37..43 \"null\", 46..48 \"\"]"
        ),
    );
    check(
        "a:\nb : # c\n? c\n: d",
        "0..18 {0..1 \"a\": 2..2 null, 3..4 \"b\": 6..6 null, 13..14 \"c\": 17..18 \"d\"}",
    );
    check("{a, b: , : c}", "0..13 {1..2 \"a\": 2..2 null, 4..5 \"b\": 6..6 null, 9..9 null: 11..12 \"c\"}");
}

#[test]
fn explicit_tags_prevent_null() {
    check("- !!str null\n- !!str\n- !x ~", "0..27 [8..12 \"null\", 20..20 \"\", 26..27 \"~\"]");
}

#[test]
fn aliases_are_the_same_node() {
    let text = "- &a [x, y]\n- *a\n- k: *a\n";
    let yaml = parse(FileId(0), text, &Limits::default()).unwrap();
    let items = yaml.items(yaml.documents()[0]);
    assert_eq!(items[0], items[1]);
    assert_eq!(yaml.get(items[2], "k"), Some(items[0]));
    assert_eq!(yaml.len(), 6);
    check(
        text,
        "0..24 [5..11 [6..7 \"x\", 9..10 \"y\"], 5..11 [6..7 \"x\", 9..10 \"y\"], 19..24 {19..20 \"k\": 5..11 [6..7 \"x\", 9..10 \"y\"]}]",
    );
    check("- &a x\n- &a y\n- *a", "0..18 [5..6 \"x\", 12..13 \"y\", 12..13 \"y\"]");
    check("&a [&a x, *a]", "3..13 [7..8 \"x\", 7..8 \"x\"]");
    check("- &a\n- *a", "0..9 [4..4 null, 4..4 null]");
}

#[test]
fn bad_aliases() {
    check("&a [*a]", "RecursiveAlias 4..6 alias `*a` stands inside the node that it refers to");
    check("a: &x\n  b: [*x]", "RecursiveAlias 12..14 alias `*x` stands inside the node that it refers to");
    check("- *nope", "Syntax 2..3 alias `*nope` refers to no anchor above it");
    check("- &a x\n---\n- *a", "Syntax 13..14 alias `*a` refers to no anchor above it");
}

#[test]
fn syntax_errors_have_a_place() {
    check(
        "a: b: c",
        "Syntax 4..5 `:` is not allowed here; check the indentation, or put a text that contains `: ` in quotes",
    );
    check("- rule: [x", "Syntax 8..9 this `[` is never closed");
    check("é: 'x\ny", "Syntax 4..5 the text that begins here has no closing quote");
    check("a:\n\tb: c", "Syntax 4..5 a tab is not allowed here; indent with blanks");
    check("- a\0b", "Syntax 3..4 unexpected character '\\0'");
}

#[test]
fn first_of_repeated_keys() {
    let yaml = parse(FileId(0), "k: 1\n~: 2\n[k]: 3\nk: 4\n", &Limits::default()).unwrap();
    let root = yaml.documents()[0];
    assert_eq!(yaml.get(root, "k").and_then(|v| yaml.as_str(v)), Some("1"));
    assert_eq!(yaml.get(root, "~"), None);
    assert_eq!(yaml.entries(root).len(), 4);
    assert_eq!(yaml.get(yaml.entries(root)[0].0, "k"), None);
    assert!(yaml.items(root).is_empty());
}

#[test]
fn a_block_scalar_at_the_end_of_the_text_gets_no_line_feed() {
    // COMPAT(falco): see `parse`.
    check("k: |\n  a", "0..8 {0..1 \"k\": 7..8 \"a\"}");
    check("k: |\n  a\n", "0..8 {0..1 \"k\": 7..8 \"a\\n\"}");
}

fn kind(text: &str, limits: &Limits) -> Option<YamlErrorKind> {
    parse(FileId(0), text, limits).err().map(|e| e.kind)
}

#[test]
fn depth_is_limited_in_every_form() {
    let limits = Limits { depth: 4, ..Limits::default() };
    for (text, deep) in [
        ("[[[[x]]]]", false),
        ("[[[[[x]]]]]", true),
        ("- - - - x", false),
        ("- - - - - x", true),
        ("a:\n b:\n  c:\n   d: x", false),
        ("a:\n b:\n  c:\n   d:\n    e: x", true),
        ("- [[[x]]]", false),
        ("- [[[[x]]]]", true),
        ("[[[a: x]]]", false),
        ("[[[[a: x]]]]", true),
        ("a: &a [x]\nb: &b [*a]\nc: [*b]", false),
        ("a: &a [x]\nb: &b [*a]\nc: &c [*b]\nd: [*c]", true),
    ] {
        assert_eq!(kind(text, &limits), deep.then_some(YamlErrorKind::TooDeep), "{text}");
    }
}

#[test]
fn nodes_are_limited() {
    let limits = Limits { nodes: 4, ..Limits::default() };
    assert_eq!(kind("[a, b, c]", &limits), None);
    assert_eq!(kind("[a, b, c, d]", &limits), Some(YamlErrorKind::TooLarge));
    assert_eq!(kind("{a: , b: }", &limits), Some(YamlErrorKind::TooLarge));
}

#[test]
fn aliases_count_with_their_size() {
    let limits = Limits { expanded: 10, ..Limits::default() };
    assert_eq!(kind("[&a [x, x], *a, *a]", &limits), None);
    assert_eq!(kind("[&a [x, x], *a, *a, x]", &limits), Some(YamlErrorKind::TooLarge));
    assert_eq!(kind("[&a [x, x], *a]\n---\n[&a [x, x], *a]", &limits), Some(YamlErrorKind::TooLarge));
}

/// Each level refers nine times to the one before.
fn billion_laughs(levels: usize) -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..levels {
        let before = format!("*a{}, ", level - 1).repeat(9);
        writeln!(text, "a{level}: &a{level} [{}]", before.trim_end_matches(", ")).unwrap();
    }
    text
}

#[test]
fn comments_are_those_outside_of_scalars() {
    let text = concat!(
        "# é head\r\n--- # doc\n- a: 'x # no' # one\n  # two\n  b: |  # three\n    # no\n    x # no\n",
        "  c: x#no\n  d: [a, # four\n    \"# no\"] # five\n#six\n  # seven"
    );
    let found: Vec<&str> =
        comments(FileId(0), text).iter().map(|span| &text[span.start as usize..span.end as usize]).collect();
    assert_eq!(
        found,
        ["# é head", "# doc", "# one", "# two", "# three", "# four", "# five", "#six", "# seven"]
    );
    let many = format!("a:\n{}  b\n", "  # c\n".repeat(1000));
    assert_eq!(comments(FileId(0), &many).len(), 1000);
    assert!(parse(FileId(0), &many, &Limits::default()).is_ok());
    assert_eq!(comments(FileId(0), "# a\n[# b\n").len(), 1);
}

/// Small generator of repeatable bytes.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut out = Vec::with_capacity(bytes + 8);
    while out.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_le_bytes());
    }
    out
}

/// Name, text and what must come out; none for "anything but a panic".
fn bad_inputs(bytes: usize) -> Vec<(&'static str, String, Option<YamlErrorKind>)> {
    use YamlErrorKind::{Syntax, TooDeep, TooLarge};
    let fill = |unit: &str| unit.repeat(bytes / unit.len());
    let printable: String = noise(bytes).iter().map(|b| char::from(b' ' + b % 95)).collect();
    let structural: String =
        noise(bytes).iter().map(|b| char::from(b" \n-:[]{},&*#?|>'\"ab"[usize::from(b % 19)])).collect();
    let indented = |unit: &'static str| {
        (0..).map(move |i| format!("{}{unit}\n", " ".repeat(i))).scan(0, move |sum, line| {
            *sum += line.len();
            (*sum < bytes).then_some(line)
        })
    };
    vec![
        ("random bytes", String::from_utf8_lossy(&noise(bytes)).into_owned(), Some(Syntax)),
        ("random printable", printable, None),
        ("random structure", structural, None),
        ("brackets", fill("["), Some(TooDeep)),
        ("braces", fill("{"), Some(TooDeep)),
        ("brackets with keys", fill("[a: "), Some(TooDeep)),
        ("brackets on lines", fill("[\n"), Some(TooDeep)),
        ("dashes", fill("- "), Some(TooDeep)),
        ("question marks", fill("? "), Some(TooDeep)),
        ("colons", fill(": "), Some(TooDeep)),
        ("anchors", fill("&a "), Some(Syntax)),
        ("aliases", fill("*a"), Some(Syntax)),
        ("aliases with blanks", fill("*a "), Some(Syntax)),
        ("tags", fill("!a "), Some(Syntax)),
        ("deep map", indented("a:").collect(), Some(TooDeep)),
        ("deep sequence", indented("-").collect(), Some(TooDeep)),
        ("billion laughs", billion_laughs(40), Some(TooLarge)),
        ("alias chain", chain(bytes / 32), Some(TooDeep)),
        ("tabs", fill("\t"), None),
        ("tabs in a text", format!("a: b\n{}c", fill("\t")), Some(Syntax)),
        ("blanks", fill(" "), None),
        ("line feeds", fill("\n"), None),
        ("open single quote", format!("- '{}", fill("a\n ")), Some(Syntax)),
        ("open double quote", format!("- \"{}", fill("\\n b")), Some(Syntax)),
        ("nul", fill("\0"), Some(Syntax)),
        ("nul in a text", format!("- a{}", fill("\0")), Some(Syntax)),
        ("byte order marks", fill("\u{feff}"), None),
        ("one word", fill("é"), None),
        ("one block", format!("- |\n{}", fill(" a\n")), None),
        ("comments", format!("a:\n{}  b", fill("# c\n")), None),
        ("directives", fill("%a b\n"), Some(Syntax)),
        ("documents", fill("---\n"), None),
        ("items", format!("[{}]", fill("a,")), Some(TooLarge)),
        ("open items", format!("[{}", fill("aa,")), Some(Syntax)),
        ("lines", fill("- a: 1\n  b: 2\n"), None),
    ]
}

/// Each document element refers to the one before.
fn chain(levels: usize) -> String {
    let mut text = "- &a0 [x]\n".to_owned();
    for level in 1..levels.max(100) {
        writeln!(text, "- &a{level} [*a{}]", level - 1).unwrap();
    }
    text
}

#[test]
fn bad_input_is_refused_without_panic() {
    // The full size is for `cargo test --release`; without optimisation it only costs time.
    let bytes = if cfg!(debug_assertions) { 1_000_000 } else { 10_000_000 };
    let limits = Limits { nodes: (bytes * 2 / 5) as u32, ..Limits::default() };
    for (name, text, expect) in bad_inputs(bytes) {
        let got = kind(&text, &limits);
        if expect.is_some() {
            assert_eq!(got, expect, "{name}");
        }
    }
}

/// Run with `cargo test --release -- --ignored --nocapture yaml`; prints, asserts nothing.
#[test]
#[ignore = "prints timings"]
fn timings() {
    for (name, text, _) in bad_inputs(10_000_000) {
        let start = std::time::Instant::now();
        let got = kind(&text, &Limits::default());
        println!("{:8.1} ms {name} ({:?})", start.elapsed().as_secs_f64() * 1e3, got);
    }
    let Some(dir) = conformance("rules") else { return };
    let texts: Vec<String> = ["falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"]
        .iter()
        .map(|name| std::fs::read_to_string(dir.join(name)).unwrap())
        .collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let mut times = Vec::new();
    for _ in 0..100 {
        let start = std::time::Instant::now();
        for text in &texts {
            std::hint::black_box(parse(FileId(0), text, &Limits::default()).unwrap());
        }
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    println!("{:8.2} ms first, upstream rules ({bytes} bytes)", times[0]);
    times.sort_by(f64::total_cmp);
    println!("{:8.2} ms median, {:.2} ms best", times[50], times[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// The module's invariants on texts made of what means something in YAML.
    #[test]
    fn spans_nest_and_ids_ascend(text in "([-?:] |[-a:\\[\\]{},&*#|>'\" \n]|\r\n|  |- &a |- \\*a|a: |é|!a |\t){0,24}") {
        let limits = Limits { depth: 8, expanded: 200, ..Limits::default() };
        let Ok(yaml) = parse(FileId(0), &text, &limits) else { return Ok(()) };
        let mut next = 0;
        for &root in yaml.documents() {
            let span = spans_nest(&yaml, &text, root, &mut next);
            prop_assert!(span.end as usize <= text.len());
        }
        prop_assert_eq!(next as usize, yaml.len());
        prop_assert!(yaml.documents().iter().all(|&root| depth(&yaml, root) <= 8));
        for span in comments(FileId(0), &text) {
            prop_assert!(text[span.start as usize..span.end as usize].starts_with('#'));
        }
    }
}

/// Checks a written node and those below it; `next` is the id that the next written node must have.
fn spans_nest(yaml: &Yaml, text: &str, id: NodeId, next: &mut u32) -> Span {
    assert_eq!(id.0, *next, "{text:?}");
    *next += 1;
    let span = yaml.node(id).span;
    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} in {text:?}");
    let mut before = span.start;
    let entries = yaml.entries(id).iter().flat_map(|&(k, v)| [k, v]);
    for child in entries.chain(yaml.items(id).iter().copied()) {
        if child.0 < *next {
            continue; // an alias
        }
        let inner = spans_nest(yaml, text, child, next);
        assert!(inner.start >= before && inner.end <= span.end, "{inner:?} of {span:?} in {text:?}");
        before = inner.end;
    }
    span
}

fn depth(yaml: &Yaml, id: NodeId) -> u32 {
    let entries = yaml.entries(id).iter().flat_map(|&(k, v)| [k, v]);
    match &yaml.node(id).kind {
        NodeKind::Null | NodeKind::Scalar(_) => 0,
        _ => 1 + entries.chain(yaml.items(id).iter().copied()).map(|c| depth(yaml, c)).max().unwrap_or(0),
    }
}

/// A directory of the conformance data, if it is there.
fn conformance(sub: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PEREGRINE_CONFORMANCE").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance")),
        PathBuf::from,
    );
    let dir = root.join(sub);
    if !dir.is_dir() {
        println!("skipped: no {}", dir.display());
        return None;
    }
    Some(dir)
}

#[test]
fn upstream_files_are_accepted() {
    for sub in ["rules", "suite-data/rules"] {
        let Some(dir) = conformance(sub) else { return };
        let mut refused = Vec::new();
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|e| e != "yaml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            match parse(FileId(0), &text, &Limits::default()) {
                Ok(yaml) => offsets_hold(&text, &yaml),
                Err(e) => {
                    println!("{}: {e} at {:?}", path.display(), e.span);
                    refused.push(path.file_name().unwrap().to_string_lossy().into_owned());
                }
            }
        }
        refused.sort();
        let expect: &[&str] = if sub == "rules" { &[] } else { &["invalid_yaml_parse_error.yaml"] };
        assert_eq!(refused, expect);
    }
}

/// The text is refused here exactly if Falco says so.
#[test]
fn rule_file_cases_agree_on_what_is_yaml() {
    let Some(dir) = conformance("") else { return };
    let cases = std::fs::read_to_string(dir.join("ruleload-cases.jsonl")).unwrap();
    let mut checked = 0;
    for case in cases.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
        let Some(text) = case["yaml"].as_str() else { continue };
        let errors = case["errors"].as_array().cloned().unwrap_or_default();
        let falco = errors.iter().any(|e| e["code"] == "LOAD_ERR_YAML_PARSE");
        assert_eq!(parse(FileId(0), text, &Limits::default()).is_err(), falco, "{text}");
        checked += 1;
    }
    println!("{checked} cases");
    assert!(checked > 0);
}

/// The first word of every scalar stands in the source where the map says.
fn offsets_hold(text: &str, yaml: &Yaml) {
    for id in 0..yaml.len() as u32 {
        let node = yaml.node(NodeId(id));
        let NodeKind::Scalar(scalar) = &node.kind else { continue };
        let map = OffsetMap::new(text, node);
        for (offset, c) in scalar.value.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            let at = map.source(offset as u32) as usize;
            let there = text[at..].chars().next();
            assert!(there == Some(c) || there == Some('\\') || c == '\'', "{c:?} at {at}: {there:?}");
        }
    }
}
