//! The `regex` operator: RE2 with its POSIX option, matched against the whole value.
//!
//! What differs from the usual syntax: no `\d`, `\w`, `\b`, `\pL`, no `(?...)`, no lazy repetition
//! (`a+?` is `(a+)?`), `^` and `$` match at every line, `.` does not match a newline, negated classes
//! do; counts go up to 1000. Values are text: bytes that are not UTF-8 count as U+FFFD.
//!
//! Matching takes time linear in the value, whatever the pattern.
//!
//! ```
//! use peregrine_compiler::ops::regex::{DEFAULT_SIZE_LIMIT, Regex, is_simple};
//! let regex = Regex::new(b"[a-z]+(-[0-9]{2})?", DEFAULT_SIZE_LIMIT).unwrap();
//! assert!(regex.matches(b"sshd-42"));
//! assert!(!regex.matches(b"sshd-42 "));
//! assert_eq!(Regex::new(b"a(", DEFAULT_SIZE_LIMIT).unwrap_err().offset, Some(1));
//! assert!(is_simple(b".*sshd"));
//! ```

use std::fmt;

use super::regex_syntax;

/// Memory that one compiled expression may take, in bytes, unless configured otherwise. RE2's own
/// budget is 8 MiB, in another unit; this accepts what fits there.
pub const DEFAULT_SIZE_LIMIT: usize = 10 << 20;

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Regex {
    compiled: regex::Regex,
}

/// A pattern that cannot be compiled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegexError {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes; `None` when it is the pattern as a whole.
    pub offset: Option<usize>,
}

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RegexError {}

impl Regex {
    /// Compiles a pattern into at most about `size_limit` bytes.
    pub fn new(pattern: &[u8], size_limit: usize) -> Result<Self, RegexError> {
        let pattern = std::str::from_utf8(pattern).map_err(|error| RegexError {
            message: "pattern is not valid UTF-8".to_owned(),
            offset: Some(error.valid_up_to()),
        })?;
        let translated = regex_syntax::translate(pattern)?;
        let compiled = regex::RegexBuilder::new(&translated)
            .size_limit(size_limit)
            .nest_limit(regex_syntax::CRATE_MAX_DEPTH)
            .build();
        compiled.map(|compiled| Self { compiled }).map_err(|error| RegexError {
            message: match error {
                regex::Error::CompiledTooBig(limit) => {
                    format!("pattern is too large: it compiles to more than {limit} bytes")
                }
                error => error.to_string(),
            },
            offset: None,
        })
    }

    /// Whether the whole value matches. Allocates only if the value is not valid UTF-8.
    pub fn matches(&self, value: &[u8]) -> bool {
        match std::str::from_utf8(value) {
            Ok(text) => self.compiled.is_match(text),
            Err(_) => self.compiled.is_match(&String::from_utf8_lossy(value)),
        }
    }
}

/// Whether a pattern needs no regular expression, by Falco's rule for its warning that a check "may be
/// optimized": no special characters but a `^` or one of `.*`, `.+`, `.?` at the start, and a `$` or
/// one of these at the end.
pub fn is_simple(pattern: &[u8]) -> bool {
    let is_any = |pair: &[u8]| matches!(pair, [b'.', b'*' | b'+' | b'?']);
    let mut rest = pattern;
    if let [b'^', tail @ ..] = rest {
        rest = tail;
    } else if let Some((pair, tail)) = rest.split_at_checked(2)
        && is_any(pair)
    {
        rest = tail;
    }
    if let [head @ .., b'$'] = rest {
        rest = head;
    } else if let Some((head, pair)) = rest.len().checked_sub(2).and_then(|at| rest.split_at_checked(at))
        && is_any(pair)
    {
        rest = head;
    }
    !rest.iter().any(|b| br".+*?^$()[]{}|\".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, value: &[u8]) -> bool {
        Regex::new(pattern.as_bytes(), DEFAULT_SIZE_LIMIT).expect(pattern).matches(value)
    }

    #[test]
    fn the_whole_value() {
        for (pattern, value, expect) in [
            ("cur", "curl", false),
            ("c.*", "curl", true),
            ("a|ab", "ab", true), // alternatives are inside the anchors
            ("", "", true),
            ("", "a", false),
            ("^[s]{1}ysca[l]{2}$", "syscall", true),
            ("a||b", "", true),
            ("()", "", true),
            ("a&&b~~c--d", "a&&b~~c--d", true), // set operators of other syntaxes
            ("a b#c", "a b#c", true),
            ("x{", "x{", true), // braces that are no counts
            ("x{,3}", "x{,3}", true),
            ("x{01}", "x{01}", true),
            ("x{1", "x{1", true),
            ("x{1000000000}", "x{1000000000}", true),
            ("]}", "]}", true),
            ("é?", "é", true),
        ] {
            assert_eq!(matches(pattern, value.as_bytes()), expect, "{pattern} {value}");
        }
    }

    #[test]
    fn lines() {
        for (pattern, value, expect) in [
            ("a$\n^b", "a\nb", true), // anchors match at every line
            ("a^b", "ab", false),
            ("a.b", "a\nb", false),
            ("a[^x]b", "a\nb", true),
            ("^*a", "a", true),
            ("a$", "a\n", false),
        ] {
            assert_eq!(matches(pattern, value.as_bytes()), expect, "{pattern:?} {value:?}");
        }
    }

    #[test]
    fn repetitions() {
        for (pattern, value, expect) in [
            ("a{2}", "aa", true),
            ("a{2,}", "aaa", true),
            ("a{1,2}", "aaa", false),
            ("a{0}b", "b", true),
            ("a+?", "", true), // (a+)?, not a lazy a+
            ("a**", "aaa", true),
            ("a?+", "aaa", true),
            ("a??b", "aab", false),
            ("(ab){2}{3}", "abababababab", true),
            ("a{2}?", "", true),
            ("a{2}?", "a", false),
            ("a*{2}", "aaa", true),
        ] {
            assert_eq!(matches(pattern, value.as_bytes()), expect, "{pattern} {value}");
        }
    }

    #[test]
    fn classes_and_escapes() {
        for (pattern, value, expect) in [
            ("[]a]+", "a]", true),
            ("[^]a]", "b", true),
            ("[a-]+", "a-", true),
            ("[-a]+", "a-", true),
            ("[^-a]", "-", false),
            ("[+--]", ",", true),
            ("[[:alpha:]_]+", "a_Z", true),
            ("[[:^digit:]]", "é", true),
            ("[^[:space:]]", "\u{b}", false),
            ("[[:word:]]+", "a_9", true),
            ("[[:word]+", "[:word", true), // not closed: plain characters
            ("[[a]]", "[]", true),
            ("[[=a=]]", "a]", true),
            (r"[\]\-\\]+", r"]-\", true),
            ("[&&a]", "&", true),
            ("[\u{e9}-\u{ff}]", "ê", true),
            (r"\.\*\{\ \-\/\!\_", ".*{ -/!_", true),
            (r"\a\f\n\r\t\v", "\x07\x0c\n\r\t\x0b", true),
            (r"\x41\x{42}\x{0043}\103\0", "ABCC\0", true),
            (r"\777", "\u{1ff}", true),
            (r"\1234", "S4", true),
            (r"[\x{d800}-\x{e000}]", "\u{e000}", true),
            (r"\x{d800}|a", "a", true),
            (r"[^\x{0}-\x{10ffff}]|a", "a", true),
        ] {
            assert_eq!(matches(pattern, value.as_bytes()), expect, "{pattern} {value:?}");
        }
    }

    #[test]
    fn invalid_utf8_counts_as_replacement() {
        assert!(matches("/p./q.", b"/p\xff/q\xff"));
        assert!(!matches("/p./q", b"/p\xff/q\xff"));
        assert!(matches(r"a\x{fffd}", b"a\xff"));
        assert!(!matches(r"a\xff", b"a\xff"));
    }

    #[test]
    fn mistakes_have_positions() {
        for (pattern, offset) in [
            ("[", 0),
            ("a[^", 1),
            ("a[]", 1),
            ("x[a-", 1),
            ("x[a\\", 3),
            ("(a", 0),
            ("(a(b)", 0),
            ("a)", 1),
            ("*a", 0),
            ("a|*", 2),
            ("(+", 1),
            ("(?i)a", 1), // nothing to repeat
            ("a{1001}", 1),
            ("a{999999999}", 1),
            ("a{2,1}", 1),
            ("{2}", 0),
            ("(a{100}){100}", 8),
            ("((a{10}b){10}c){11}", 15),
            (r"ab\d", 2),
            (r"\w", 0),
            (r"\bx", 0),
            (r"\pL", 0),
            (r"\Qx\E", 0),
            (r"\A", 0),
            (r"\1", 0),
            (r"\8", 0),
            (r"\é", 0),
            (r"\x4", 0),
            (r"\x{}", 0),
            (r"\x{110000}", 0),
            (r"\xg0", 0),
            ("a\\", 1),
            ("[b-a]", 1),
            ("[a-c-e]", 4),
            ("[[:nosuch:]]", 1),
            (r"[\d]", 1),
        ] {
            let error = Regex::new(pattern.as_bytes(), DEFAULT_SIZE_LIMIT).expect_err(pattern);
            assert_eq!(error.offset, Some(offset), "{pattern} {error}");
        }
        assert_eq!(Regex::new(b"ab\xff", DEFAULT_SIZE_LIMIT).unwrap_err().offset, Some(2));
    }

    #[test]
    fn limits() {
        assert!(Regex::new(b"([^a]{30}){33}", DEFAULT_SIZE_LIMIT).is_ok());
        let error = Regex::new(b"[^a]{1000}", 1000).unwrap_err();
        assert_eq!(error.offset, None);
        let nested = |depth| [vec![b'('; depth], vec![b')'; depth]].concat();
        assert!(Regex::new(&nested(200), DEFAULT_SIZE_LIMIT).is_ok());
        assert_eq!(Regex::new(&nested(100_000), DEFAULT_SIZE_LIMIT).unwrap_err().offset, Some(200));
        // The deepest that is accepted, with alternatives, overflows no test thread's stack.
        let mixed = |depth| [b"(b|".repeat(depth), b"a".to_vec(), b"c){1}{1}".repeat(depth)].concat();
        assert!(Regex::new(&mixed(100), DEFAULT_SIZE_LIMIT).is_ok());
        assert!(Regex::new(&mixed(101), DEFAULT_SIZE_LIMIT).is_err_and(|error| error.offset.is_some()));
        let stacked = [&b"a"[..], &b"{1}".repeat(150)].concat();
        assert!(Regex::new(&stacked, DEFAULT_SIZE_LIMIT).is_ok());
        assert!(Regex::new(&b"{1}".repeat(100_000), DEFAULT_SIZE_LIMIT).is_err());
        assert!(Regex::new(&[&b"a"[..], &b"*+".repeat(10_000)].concat(), DEFAULT_SIZE_LIMIT).is_ok());
    }

    #[test]
    fn falco_calls_these_simple() {
        for pattern in [
            "",
            "abc",
            "^syscall",
            "syscall$",
            "^syscall$",
            ".*syscall",
            "syscall.*",
            ".+syscall.+",
            ".?syscall.?",
            "my.*",
            "<NA>",
            ".*",
            "^b.*",
            "^.*",
            ".*$",
            "a/b-c",
        ] {
            assert!(is_simple(pattern.as_bytes()), "{pattern}");
        }
        for pattern in [
            "s.*l",
            "syscal[l]?",
            r"syscall\.*",
            "^[s]{1}ysca[l]{2}$",
            "^[A-Z]+$",
            ".",
            "a.",
            "^.*a",
            "^^a",
            ".*.*.*",
            "a|b",
            "a.*$",
            "$a",
        ] {
            assert!(!is_simple(pattern.as_bytes()), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn what_translates_compiles(
            pattern in prop::collection::vec(prop::sample::select(&[
                "a", "b", "(", ")", "|", "*", "+", "?", "{2}", "{0,1}", "[a-c]", "[^a]", "[[:digit:]", "]", "^", "$", ".",
                r"\.", r"\x41", "-", "{", "&&", "é",
            ][..]), 0..10),
            value in "[ab.A\n-]{0,6}",
        ) {
            // Only the translator may refuse: whatever it writes, the crate accepts.
            match Regex::new(pattern.concat().as_bytes(), DEFAULT_SIZE_LIMIT) {
                Ok(regex) => { regex.matches(value.as_bytes()); }
                Err(error) => prop_assert!(error.offset.is_some(), "{}", error),
            }
        }
    }
}
