//! Glob patterns with the meaning of glibc's `fnmatch(pattern, text, 0)` in the C locale.
//!
//! `*` stands for any bytes, `/` and a leading dot included, `?` for one byte, `[...]` for one byte
//! of a set (ranges, `!` or `^` for negation, classes like `[:alpha:]`), a backslash takes the next
//! byte literally. A `[` without its `]` is a plain character; a backslash at the end matches nothing.
//! On random patterns this agrees with glibc's own function, but for some malformed brackets that
//! contain `[=`, `[.` or a range up to a class (about 1 in 60,000 of patterns made mostly of brackets).
//!
//! A pattern is compiled to the pieces between its stars. The first is tried at the start of the
//! text, the last at the end, each one between at its leftmost place: pieces have a fixed length, so
//! leftmost is always right and no backtracking is needed.
//!
//! ```
//! use peregrine_compiler::ops::glob::{Case, Glob};
//! let glob = Glob::new(b"/opt/*/[a-c]?.so*", Case::Sensitive);
//! assert!(glob.matches(b"/opt/x/y/b1.so.2"));
//! assert!(!glob.matches(b"/opt/b1.so"));
//! assert!(Glob::new(b"*.EXE", Case::Insensitive).matches(b"a.exe"));
//! ```

use memchr::memmem;

use super::glob_bracket::{self, Bracket, ByteSet};

/// Whether upper and lower case of ASCII letters differ.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Case {
    /// `a` and `A` differ (`glob`).
    Sensitive,
    /// `a` and `A` are the same (`iglob`).
    Insensitive,
}

impl Case {
    pub(super) fn fold(self, byte: u8) -> u8 {
        match self {
            Self::Sensitive => byte,
            Self::Insensitive => byte.to_ascii_lowercase(),
        }
    }
}

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Glob {
    case: Case,
    /// Before the first star; the whole pattern when there is none.
    prefix: Piece,
    /// What follows the first star; `None` when there is none.
    tail: Option<Tail>,
}

#[derive(Clone, Debug)]
struct Tail {
    /// Between two stars, none of them empty.
    middles: Vec<Middle>,
    /// After the last star.
    suffix: Piece,
}

#[derive(Clone, Debug)]
enum Middle {
    /// Plain bytes.
    Literal(Box<memmem::Finder<'static>>),
    Units(Piece),
}

/// Matchers for consecutive bytes.
#[derive(Clone, Debug)]
enum Piece {
    Literal(Vec<u8>),
    Units(Vec<Unit>),
}

/// Matcher for one byte.
#[derive(Clone, Debug)]
enum Unit {
    /// This byte, folded if the pattern is case-insensitive.
    Byte(u8),
    Any,
    Set(Box<ByteSet>),
    Never,
}

/// Whether a text has characters that make it a pattern: `*`, `?` or `[`.
///
/// A backslash is none: a text with backslashes only is compared as it is.
pub fn has_wildcards(text: &[u8]) -> bool {
    memchr::memchr3(b'*', b'?', b'[', text).is_some()
}

impl Glob {
    /// Compiles a pattern; there are no invalid ones.
    pub fn new(pattern: &[u8], case: Case) -> Self {
        let mut pieces = vec![Vec::new()];
        let mut at = 0;
        while let Some(&byte) = pattern.get(at) {
            at += 1;
            let unit = match byte {
                b'*' => {
                    pieces.push(Vec::new());
                    continue;
                }
                b'?' => Unit::Any,
                b'[' => match glob_bracket::parse(pattern, at - 1, case) {
                    Bracket::Set { set, end } => {
                        at = end;
                        Unit::Set(Box::new(set))
                    }
                    Bracket::Literal => Unit::Byte(b'['),
                    Bracket::Never => Unit::Never,
                },
                b'\\' => {
                    at += 1;
                    pattern.get(at - 1).map_or(Unit::Never, |&escaped| Unit::Byte(case.fold(escaped)))
                }
                _ => Unit::Byte(case.fold(byte)),
            };
            if let Some(piece) = pieces.last_mut() {
                piece.push(unit);
            }
        }
        let mut pieces = pieces.into_iter().map(|units| Piece::new(units, case));
        let prefix = pieces.next().unwrap_or(Piece::Literal(Vec::new()));
        let mut rest: Vec<Piece> = pieces.collect();
        let tail = rest.pop().map(|suffix| {
            let middles = rest.into_iter().filter(|piece| piece.len() > 0).map(Middle::new).collect();
            Tail { middles, suffix }
        });
        Self { case, prefix, tail }
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &[u8]) -> bool {
        let Some(tail) = &self.tail else {
            return text.len() == self.prefix.len() && self.prefix.matches(text, self.case);
        };
        let Some((head, rest)) = text.split_at_checked(self.prefix.len()) else { return false };
        let Some(split) = rest.len().checked_sub(tail.suffix.len()) else { return false };
        let Some((mut between, end)) = rest.split_at_checked(split) else { return false };
        if !self.prefix.matches(head, self.case) || !tail.suffix.matches(end, self.case) {
            return false;
        }
        for middle in &tail.middles {
            match middle.find_end(between, self.case) {
                Some(end) => between = between.get(end..).unwrap_or_default(),
                None => return false,
            }
        }
        true
    }
}

impl Middle {
    fn new(piece: Piece) -> Self {
        match piece {
            Piece::Literal(bytes) => Self::Literal(Box::new(memmem::Finder::new(&bytes).into_owned())),
            units @ Piece::Units(_) => Self::Units(units),
        }
    }

    /// End of the leftmost match.
    fn find_end(&self, text: &[u8], case: Case) -> Option<usize> {
        match self {
            Self::Literal(finder) => Some(finder.find(text)? + finder.needle().len()),
            Self::Units(piece) => {
                let start = text.windows(piece.len()).position(|window| piece.matches(window, case))?;
                Some(start + piece.len())
            }
        }
    }
}

impl Piece {
    fn new(units: Vec<Unit>, case: Case) -> Self {
        // A folded literal could only be compared byte by byte anyway, unless it has no letters.
        let literal = |unit: &Unit| match unit {
            Unit::Byte(b) if case == Case::Sensitive || !b.is_ascii_alphabetic() => Some(*b),
            _ => None,
        };
        match units.iter().map(literal).collect() {
            Some(bytes) => Self::Literal(bytes),
            None => Self::Units(units),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Literal(bytes) => bytes.len(),
            Self::Units(units) => units.len(),
        }
    }

    /// Whether a text of the piece's length matches it.
    fn matches(&self, text: &[u8], case: Case) -> bool {
        match self {
            Self::Literal(bytes) => bytes == text,
            Self::Units(units) => units.iter().zip(text).all(|(unit, &byte)| match unit {
                Unit::Byte(expected) => *expected == case.fold(byte),
                Unit::Any => true,
                Unit::Set(set) => set.contains(byte),
                Unit::Never => false,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(cases: &[(&str, &str, bool)], case: Case) {
        for &(pattern, text, expect) in cases {
            let found = Glob::new(pattern.as_bytes(), case).matches(text.as_bytes());
            assert_eq!(found, expect, "{pattern:?} {text:?} {case:?}");
        }
    }

    #[test]
    fn stars_and_question_marks() {
        check(
            &[
                ("", "", true),
                ("", "a", false),
                ("*", "", true),
                ("**", "a/b", true),
                ("/*", "/.hidden/x", true),
                ("a*b*c", "abc", true),
                ("a*b*c", "aXbYbZc", true),
                ("a*b*c", "acb", false),
                ("*ab", "aab", true),
                ("a*a", "a", false),
                ("*a?c*", "aacabcab", true),
                ("?", "", false),
                ("?*", "x", true),
                ("/opt/di?/subdir", "/opt/dir/subdir", true),
                ("/opt/dii?/subdir", "/opt/dir/subdir", false),
                ("bash", "bash", true),
                ("bash", "Bash", false),
                (r"\*\?\[", "*?[", true),
                (r"\a", "a", true),
                (r"a\", "a", false),
                (r"a\", r"a\", false),
            ],
            Case::Sensitive,
        );
        assert!(Glob::new(b"/tmp/a?", Case::Sensitive).matches(b"/tmp/a\xff"));
    }

    #[test]
    fn brackets() {
        check(
            &[
                ("[abc]", "b", true),
                ("[a-c]x", "cx", true),
                ("[!a-c]", "d", true),
                ("[^a-c]", "b", false),
                ("[!a]", "", false),
                ("[]a]", "]", true),
                ("[!]a]", "b", true),
                ("[a-]", "-", true),
                ("[-a]", "-", true),
                ("[z-a]", "m", false),
                ("[a/b]", "/", true),
                (r"[\]]", "]", true),
                (r"[a\-z]", "b", false),
                (r"[\a-c]", "b", true),
                ("[[:alpha:]_]", "_", true),
                ("[![:digit:]]", "5", false),
                ("[[:space:][:upper:]]", "Q", true),
                ("[[=a=]]", "a", true),
                ("[[.a.]-c]", "b", true),
                ("[a-[.c.]]", "b", true),
                ("[[:ab]", ":", true), // not a class name: plain characters
            ],
            Case::Sensitive,
        );
    }

    #[test]
    fn malformed_brackets() {
        check(
            &[
                ("[", "[", true),
                ("[a", "[a", true),
                ("[a", "a", false),
                ("[!", "[!", true),
                ("x[]", "x[]", true),
                ("[*", "[anything", true),
                (r"[a\", r"[a\", false),
                ("[a-", "[a-", false),
                ("[[-", "[[-", true),
                ("[[:nosuch:]]", ":", false),
                ("[![:nosuch:]]", "a", false),
                ("[a[:nosuch:]]", "a", true),
                ("[[.space.]]", " ", false),
            ],
            Case::Sensitive,
        );
    }

    #[test]
    fn case_folding() {
        check(
            &[
                ("BASH", "bash", true),
                ("*EXE*x", "an.exe.X", true),
                ("[A-C]", "b", true),
                ("[!a]", "A", false),
                (r"\A", "a", true),
                ("[[:upper:]]", "a", false), // classes look at the byte itself
                ("/*/1", "/x/1", true),
            ],
            Case::Insensitive,
        );
        assert!(!Glob::new(b"\xe9", Case::Insensitive).matches(b"\xc9"));
    }

    #[test]
    fn wildcards_are_found() {
        assert!(["a*", "?", "x[ab]"].iter().all(|p| has_wildcards(p.as_bytes())));
        assert!(["", "/etc", r"a\b", "]"].iter().all(|p| !has_wildcards(p.as_bytes())));
    }

    /// The same language by recursion, brackets aside.
    fn naive(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            ([b'?', rest @ ..], [_, text @ ..]) => naive(rest, text),
            ([b'\\', p, rest @ ..] | [p, rest @ ..], [t, text @ ..])
                if p == t && (pattern[0] == b'\\' || *p != b'\\') =>
            {
                naive(rest, text)
            }
            ([b'[', bracket @ ..], [t, text @ ..]) => {
                let close = bracket.iter().position(|&b| b == b']').unwrap();
                let (set, rest) = (&bracket[..close], &bracket[close + 1..]);
                (set[0] == b'!') != set.contains(t) && naive(rest, text)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_recursion(
            parts in prop::collection::vec(
                prop::sample::select(&["*", "*", "?", "a", "b", "/", r"\*", r"\a", "[ab]", "[!a]"][..]), 0..8),
            text in "[ab/*]{0,10}",
        ) {
            let pattern = parts.concat();
            let found = Glob::new(pattern.as_bytes(), Case::Sensitive).matches(text.as_bytes());
            prop_assert_eq!(found, naive(pattern.as_bytes(), text.as_bytes()));
        }

        #[test]
        fn any_pattern_compiles(pattern in r"[a\\\[\]!^:.=*?-]{0,16}", text in "[a:.-]{0,8}") {
            let glob = Glob::new(pattern.as_bytes(), Case::Insensitive);
            glob.matches(text.as_bytes());
        }
    }
}
