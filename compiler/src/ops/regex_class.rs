//! Character classes of regular expressions, as sets of code points.
//!
//! Kept apart from the text of the class so that negation, classes by name and surrogates (which RE2
//! accepts and UTF-8 cannot have) need no special cases in the output.

use std::fmt::Write as _;

/// Largest code point.
pub(super) const MAX_RUNE: u32 = 0x0010_FFFF;

/// A set of code points under construction.
#[derive(Clone, Default)]
pub(super) struct Class {
    ranges: Vec<(u32, u32)>,
}

impl Class {
    /// Adds the code points `low..=high`.
    pub(super) fn add(&mut self, low: u32, high: u32) {
        self.ranges.push((low, high));
    }

    /// Adds a class by its name in the form `[:alpha:]` or `[:^alpha:]`; false if there is none.
    pub(super) fn add_named(&mut self, name: &[u8]) -> bool {
        let inner = name.strip_prefix(b"[:").and_then(|n| n.strip_suffix(b":]")).unwrap_or_default();
        let (negated, inner) = match inner {
            [b'^', rest @ ..] => (true, rest),
            _ => (false, inner),
        };
        let Some(ranges) = named(inner) else { return false };
        let mut class = Self { ranges: ranges.iter().map(|&(l, h)| (l.into(), h.into())).collect() };
        if negated {
            class.negate();
        }
        self.ranges.append(&mut class.ranges);
        true
    }

    /// Turns the set into its complement.
    pub(super) fn negate(&mut self) {
        self.normalize();
        let mut next = 0;
        let mut out = Vec::with_capacity(self.ranges.len() + 1);
        for &(low, high) in &self.ranges {
            if next < low {
                out.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= MAX_RUNE {
            out.push((next, MAX_RUNE));
        }
        self.ranges = out;
    }

    /// Sorts and merges the ranges.
    fn normalize(&mut self) {
        self.ranges.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(self.ranges.len());
        for &(low, high) in &self.ranges {
            match out.last_mut() {
                Some((_, last)) if low <= *last + 1 => *last = high.max(*last),
                _ => out.push((low, high)),
            }
        }
        self.ranges = out;
    }

    /// Appends the set to `out` in the syntax of the `regex` crate.
    pub(super) fn write(&mut self, out: &mut String) {
        self.normalize();
        let start = out.len();
        out.push('[');
        for &(low, high) in &self.ranges {
            // Surrogates cannot occur in the text, and the crate refuses them.
            for (low, high) in [(low, high.min(0xD7FF)), (low.max(0xE000), high)] {
                if low <= high {
                    let _ = write!(out, "\\x{{{low:x}}}-\\x{{{high:x}}}"); // cannot fail
                }
            }
        }
        if out.len() == start + 1 {
            out.push_str("^\\x{0}-\\x{10ffff}"); // the empty set
        }
        out.push(']');
    }
}

fn named(name: &[u8]) -> Option<&'static [(u8, u8)]> {
    Some(match name {
        b"alnum" => &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        b"alpha" => &[(b'A', b'Z'), (b'a', b'z')],
        b"ascii" => &[(0, 0x7f)],
        b"blank" => &[(b'\t', b'\t'), (b' ', b' ')],
        b"cntrl" => &[(0, 0x1f), (0x7f, 0x7f)],
        b"digit" => &[(b'0', b'9')],
        b"graph" => &[(b'!', b'~')],
        b"lower" => &[(b'a', b'z')],
        b"print" => &[(b' ', b'~')],
        b"punct" => &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
        b"space" => &[(b'\t', b'\r'), (b' ', b' ')],
        b"upper" => &[(b'A', b'Z')],
        b"word" => &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')],
        b"xdigit" => &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        _ => return None,
    })
}
