//! From an offset in a scalar's value back to the source text.
//!
//! In: the text and a scalar [`Node`]. Out: an [`OffsetMap`].
//!
//! The value of a plain, literal or folded scalar is its raw text up to white space, so the other
//! characters of both are aligned one to one. Single quotes add `''` for `'`, double quotes add
//! escapes. How white space is folded is not redone here: a blank of the value maps to a blank nearby.
//! If the two texts ever disagree, every offset maps to the start of the scalar.

use super::parse::is_blank;
use super::{Node, NodeKind, ScalarStyle};
use crate::source::Span;

/// The source offset of a byte of a scalar's value; the node's start if the node is no scalar.
///
/// For more than one offset of the same scalar, keep an [`OffsetMap`].
pub fn source_offset(text: &str, node: &Node, value_offset: u32) -> u32 {
    OffsetMap::new(text, node).source(value_offset)
}

/// All offsets of one scalar's value.
#[derive(Clone, Debug)]
pub struct OffsetMap {
    span: Span,
    /// Ascending in both texts; empty when nothing is known.
    runs: Vec<Run>,
}

/// A part of the value and where it stands in the source.
#[derive(Copy, Clone, Debug)]
struct Run {
    value: u32,
    start: u32,
    end: u32,
    shape: Shape,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Shape {
    /// Byte for byte.
    Same,
    /// One character written as `start..end`.
    Escape,
}

impl OffsetMap {
    /// Aligns the value of `node` with the text that it was parsed from.
    pub fn new(text: &str, node: &Node) -> Self {
        let runs = match &node.kind {
            NodeKind::Scalar(scalar) => align(text, node.span, &scalar.value, scalar.style),
            _ => None,
        };
        Self { span: node.span, runs: runs.unwrap_or_default() }
    }

    /// The source offset of a byte of the value: of the same character, or of the start of its escape.
    /// Beyond the value, where its last character ends.
    pub fn source(&self, value_offset: u32) -> u32 {
        match self.run_at(value_offset) {
            Some(run) if run.shape == Shape::Same => run.reach(value_offset),
            Some(run) if run.value == value_offset => run.start,
            Some(run) => run.end,
            None => self.span.start,
        }
    }

    /// The source span of the bytes `start..end` of the value.
    pub fn span(&self, start: u32, end: u32) -> Span {
        let from = self.source(start);
        let to = match end.checked_sub(1).filter(|_| end > start).and_then(|last| self.run_at(last)) {
            Some(run) if run.shape == Shape::Same => run.reach(end),
            Some(run) => run.end,
            None => from,
        };
        Span::new(self.span.file, from, to.max(from))
    }

    fn run_at(&self, value_offset: u32) -> Option<&Run> {
        let index = self.runs.partition_point(|run| run.value <= value_offset);
        self.runs.get(index.checked_sub(1)?)
    }
}

impl Run {
    fn reach(&self, value_offset: u32) -> u32 {
        self.end.min(self.start + (value_offset - self.value))
    }
}

/// What stands at one place of the raw text.
struct Unit {
    len: usize,
    /// None for an escaped line break.
    decoded: Option<char>,
    shape: Shape,
}

/// None if value and raw text do not agree.
fn align(text: &str, span: Span, value: &str, style: ScalarStyle) -> Option<Vec<Run>> {
    let mut raw = text.get(span.start as usize..span.end as usize)?;
    let mut base = span.start;
    if matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
        raw = raw.get(1..raw.len().checked_sub(1)?)?;
        base += 1;
    }
    if raw == value {
        return Some(vec![Run { value: 0, start: base, end: base + raw.len() as u32, shape: Shape::Same }]);
    }
    let mut runs = vec![Run { value: 0, start: base, end: base, shape: Shape::Same }];
    let mut at = 0;
    for (offset, c) in value.char_indices() {
        let mut found = unit(raw.get(at..)?, style);
        if is_blank(c) {
            // Which raw blank a folded one comes from does not matter: take an equal one, or none.
            match found {
                Some(unit) if unit.decoded == Some(c) => {
                    extend(&mut runs, offset as u32, base + at as u32, &unit);
                    at += unit.len;
                }
                _ => {}
            }
            continue;
        }
        while let Some(skip) = found.as_ref().filter(|unit| unit.decoded.is_none_or(is_blank)) {
            at += skip.len;
            found = unit(raw.get(at..)?, style);
        }
        let unit = found.filter(|unit| unit.decoded == Some(c))?;
        extend(&mut runs, offset as u32, base + at as u32, &unit);
        at += unit.len;
    }
    Some(runs)
}

/// Adds one character to the last run, or begins a new one.
fn extend(runs: &mut Vec<Run>, value: u32, start: u32, unit: &Unit) {
    let end = start + unit.len as u32;
    match runs.last_mut() {
        Some(run)
            if run.shape == Shape::Same
                && unit.shape == Shape::Same
                && run.end == start
                && start - run.start == value - run.value =>
        {
            run.end = end;
        }
        _ => runs.push(Run { value, start, end, shape: unit.shape }),
    }
}

/// The first unit of a raw text.
fn unit(raw: &str, style: ScalarStyle) -> Option<Unit> {
    let c = raw.chars().next()?;
    match (style, c) {
        (ScalarStyle::SingleQuoted, '\'') => Some(Unit { len: 2, decoded: Some('\''), shape: Shape::Escape }),
        (ScalarStyle::DoubleQuoted, '\\') => escape(raw),
        _ => Some(Unit { len: c.len_utf8(), decoded: Some(c), shape: Shape::Same }),
    }
}

/// The escape at the start of a raw text in double quotes.
fn escape(raw: &str) -> Option<Unit> {
    let c = raw.chars().nth(1)?;
    let hex = |from: usize, digits: usize| u32::from_str_radix(raw.get(from..from + digits)?, 16).ok();
    let (len, decoded) = match c {
        'x' => (4, char::from_u32(hex(2, 2)?)),
        'u' => match hex(2, 4)? {
            high @ 0xd800..0xdc00 => {
                let low = hex(8, 4)?.checked_sub(0xdc00)?;
                (12, char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + low))
            }
            code => (6, char::from_u32(code)),
        },
        'U' => (10, char::from_u32(hex(2, 8)?)),
        '\r' if raw.starts_with("\\\r\n") => {
            return Some(Unit { len: 3, decoded: None, shape: Shape::Escape });
        }
        '\r' | '\n' => return Some(Unit { len: 2, decoded: None, shape: Shape::Escape }),
        _ => (1 + c.len_utf8(), Some(short_escape(c))),
    };
    Some(Unit { len, decoded: Some(decoded?), shape: Shape::Escape })
}

fn short_escape(c: char) -> char {
    match c {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::FileId;
    use crate::yaml::{Limits, Yaml, parse};

    /// The value of the only key of a mapping.
    fn value_of(text: &str) -> (Yaml, Node) {
        let yaml = parse(FileId(0), text, &Limits::default()).unwrap_or_else(|e| panic!("{e}: {text:?}"));
        let (_, value) = yaml.entries(yaml.documents()[0])[0];
        let node = yaml.node(value).clone();
        (yaml, node)
    }

    /// Every non-blank character maps to itself or to the escape that stands for it. Returns how many.
    fn check(text: &str) -> usize {
        let (_, node) = value_of(text);
        let NodeKind::Scalar(scalar) = &node.kind else { return 0 };
        let map = OffsetMap::new(text, &node);
        let mut checked = 0;
        let mut before = 0;
        for (offset, c) in scalar.value.char_indices() {
            let at = map.source(offset as u32);
            assert!(at >= before, "not ascending at {offset}: {text:?}");
            before = at;
            assert!(at >= node.span.start && at <= node.span.end, "outside at {offset}: {text:?}");
            if is_blank(c) {
                continue;
            }
            checked += 1;
            let span = map.span(offset as u32, (offset + c.len_utf8()) as u32);
            let raw = &text[span.start as usize..span.end as usize];
            assert_eq!(span.start, at);
            if raw != c.to_string() {
                let unit = unit(raw, scalar.style).unwrap();
                assert_eq!((unit.decoded, unit.len), (Some(c), raw.len()), "{raw:?} in {text:?}");
                assert_eq!(unit.shape, Shape::Escape, "{raw:?} in {text:?}");
            }
        }
        checked
    }

    #[test]
    fn each_style_by_hand() {
        for (text, characters) in [
            ("k: a b", 2),
            ("k: é  ü\n\n   x\r\n   y", 4),
            ("k: 'it''s ''it'''", 8),
            ("k: 'é\n\n  ü''x'", 4),
            (r#"k: "a\n\"b\x41\u263A\U0001F600\uD83D\uDE00\\\/ \t\e\N\_c""#, 13),
            ("k: \"a\\\n  b\\ \\\n\n  c\\x20 \\\r\n d\n  e\"", 5),
            ("k: |\n\n   é x\n\n     y\n  \nz: 1", 3),
            ("k: |2\n    x\n  y", 2),
            ("k: >-\n   x y\n   z\n\n   w\n     v", 5),
            ("k: >+\r\n  x\r\n  y\r\n\r\n", 2),
            ("\u{feff}k: ü", 1),
        ] {
            assert_eq!(check(text), characters, "{text:?}");
        }
    }

    #[test]
    fn ends_do_not_reach_into_the_next_line() {
        let text = "k: >\n  proc.name\n  = cat";
        let (_, node) = value_of(text);
        let map = OffsetMap::new(text, &node);
        assert_eq!(map.span(0, 9), Span::new(FileId(0), 7, 16));
        assert_eq!(map.span(10, 11), Span::new(FileId(0), 19, 20));
        assert_eq!(map.span(3, 3), Span::new(FileId(0), 10, 10));
        assert_eq!(map.source(1000), 24);
        assert_eq!(source_offset(text, &node, 10), 19);
    }

    #[test]
    fn escapes_map_to_their_start_and_end() {
        let text = r#"k: "\x41\u263Ab""#;
        let (_, node) = value_of(text);
        let map = OffsetMap::new(text, &node);
        assert_eq!(map.span(0, 1), Span::new(FileId(0), 4, 8));
        assert_eq!(map.span(1, 4), Span::new(FileId(0), 8, 14));
        assert_eq!(map.span(4, 5), Span::new(FileId(0), 14, 15));
        assert_eq!(map.source(5), 15);
    }

    #[test]
    fn a_text_that_does_not_fit_maps_to_the_start() {
        let (_, node) = value_of("k: abc  def\n  x");
        for other in ["", "k: xyz", "k: éééééééééé", "k: abc  deX\n  x"] {
            assert_eq!(source_offset(other, &node, 2), 3, "{other:?}");
        }
        let (yaml, _) = value_of("k: v");
        let map = yaml.node(yaml.documents()[0]);
        assert_eq!(source_offset("k: v", map, 2), 0);
    }

    /// Words and white space as they stand in rule files, with what is special in some style.
    fn words() -> impl Strategy<Value = Vec<String>> {
        let word = prop_oneof![
            "[a-z=.<>()]{1,6}",
            Just("it's".to_owned()),
            Just("\"q\"".to_owned()),
            Just("\\n".to_owned()),
            Just("é☺𝄞".to_owned()),
            Just("%x[0]".to_owned()),
            Just("''".to_owned()),
            "[^\\pC\\pZ]{1,4}",
        ];
        prop::collection::vec(word, 1..12)
    }

    /// Breaks lines between words as told by `breaks`; 0 is a blank on the same line.
    fn layout(words: &[String], breaks: &[u8], newline: &str) -> String {
        let mut out = String::new();
        for (i, word) in words.iter().enumerate() {
            if i > 0 {
                match breaks.get(i % breaks.len().max(1)).copied().unwrap_or(0) {
                    0 => out.push(' '),
                    1 => out.push_str("   "),
                    n => {
                        out.push_str(&newline.repeat(usize::from(n) - 1));
                        out.push_str("   ");
                    }
                }
            }
            out.push_str(word);
        }
        out
    }

    fn double_quote(text: &str, how: &[u8]) -> String {
        let escaped =
            text.char_indices().map(|(i, c)| match (c, how.get(i % how.len()).copied().unwrap_or(0)) {
                ('"' | '\\', _) => format!("\\{c}"),
                ('\n' | '\r' | ' ', 5) => format!("\\x{:02x}", u32::from(c)),
                (' ', 4) => "\\\n   \\ ".to_owned(),
                ('\n' | '\r' | ' ', _) => c.to_string(),
                (_, 1) if u32::from(c) < 0x100 => format!("\\x{:02x}", u32::from(c)),
                (_, 2) if u32::from(c) < 0x1_0000 => format!("\\u{:04X}", u32::from(c)),
                (_, 2 | 3) => format!("\\U{:08x}", u32::from(c)),
                _ => c.to_string(),
            });
        format!("\"{}\"", escaped.collect::<String>())
    }

    proptest! {
        #[test]
        fn generated_scalars_align(
            words in words(),
            breaks in prop::collection::vec(0_u8..5, 1..8),
            how in prop::collection::vec(0_u8..6, 1..20),
            newline in prop_oneof![Just("\n"), Just("\r\n")],
        ) {
            let body = layout(&words, &breaks, newline);
            let non_blank = words.iter().flat_map(|w| w.chars()).filter(|c| !is_blank(*c)).count();
            let single = format!("k: '{}'", body.replace('\'', "''"));
            let double = format!("k: {}", double_quote(&body, &how));
            let literal = format!("k: |{newline}   {body}{newline}");
            let folded = format!("k: >-{newline}   {body}");
            for text in [single, double, literal, folded] {
                prop_assert_eq!(check(&text), non_blank, "{:?}", text);
            }
            // Not every body is a plain scalar: only those that are read as one.
            let plain = format!("k: {body}");
            if let Ok(yaml) = parse(FileId(0), &plain, &Limits::default())
                && let [(_, value)] = yaml.entries(yaml.documents()[0])
                && matches!(&yaml.node(*value).kind, NodeKind::Scalar(s) if s.style == ScalarStyle::Plain)
            {
                check(&plain);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*", other in "\\PC*", offset in any::<u32>()) {
            if let Ok(yaml) = parse(FileId(0), &text, &Limits::default()) {
                for id in 0..yaml.len() as u32 {
                    let node = yaml.node(crate::yaml::NodeId(id));
                    let at = source_offset(&text, node, offset % 64);
                    prop_assert!(at >= node.span.start && at <= node.span.end);
                    source_offset(&other, node, offset);
                }
            }
        }
    }
}
