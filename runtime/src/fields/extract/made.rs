//! Texts that an event does not have as they are, written into its arena.

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use std::fmt;

/// A text that is being written.
#[derive(Debug)]
pub(super) struct TextWriter<'a>(BumpVec<'a, u8>);

impl<'a> TextWriter<'a> {
    /// With room for `capacity` bytes; more is possible, but the text is moved then.
    pub(super) fn new(arena: &'a Bump, capacity: usize) -> Self {
        Self(BumpVec::with_capacity_in(capacity, arena))
    }

    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice_copy(bytes);
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number in decimal digits.
    pub(super) fn unsigned(&mut self, n: u64) {
        let (digits, from) = decimal(n);
        self.put(digits.get(from..).unwrap_or_default());
    }

    /// A number in decimal digits.
    pub(super) fn signed(&mut self, n: i64) {
        if n < 0 {
            self.byte(b'-');
        }
        self.unsigned(n.unsigned_abs());
    }

    /// Texts of a sequence, each of which ends with a NUL, joined by blanks.
    pub(super) fn joined(&mut self, items: &[u8]) {
        let from = self.0.len();
        self.put(items.strip_suffix(&[0]).unwrap_or(items));
        for byte in self.0.get_mut(from..).unwrap_or_default() {
            *byte = if *byte == 0 { b' ' } else { *byte };
        }
    }

    /// Formatted text.
    pub(super) fn format(&mut self, arguments: fmt::Arguments<'_>) {
        // INVARIANT: writing to memory does not fail; only a value's own `Display` could
        let _ = fmt::Write::write_fmt(self, arguments);
    }

    /// Takes away zeros behind the decimal point, and the point if nothing is left behind it.
    pub(super) fn trim_fraction(&mut self) {
        if self.0.contains(&b'.') {
            let kept = self.0.iter().rposition(|&b| b != b'0').map_or(0, |at| at + 1);
            self.0.truncate(kept);
            if self.0.last() == Some(&b'.') {
                self.0.pop();
            }
        }
    }

    /// The text.
    pub(super) fn done(self) -> &'a [u8] {
        self.0.into_bump_slice()
    }
}

impl fmt::Write for TextWriter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}

const DIGITS: usize = 20;

/// The digits of a number, and where they begin.
fn decimal(mut n: u64) -> ([u8; DIGITS], usize) {
    let mut digits = [b'0'; DIGITS];
    let mut from = DIGITS;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (n % 10) as u8;
        n /= 10;
        from -= 1;
        if n == 0 {
            break;
        }
    }
    (digits, from)
}

/// A number in decimal digits.
pub(super) fn unsigned(arena: &Bump, n: u64) -> &[u8] {
    let (digits, from) = decimal(n);
    arena.alloc_slice_copy(digits.get(from..).unwrap_or_default())
}

/// A number in decimal digits.
pub(super) fn signed(arena: &Bump, n: i64) -> &[u8] {
    if n >= 0 {
        return unsigned(arena, n.unsigned_abs());
    }
    let mut text = TextWriter::new(arena, 1 + DIGITS);
    text.signed(n);
    text.done()
}

/// Formatted text.
pub(super) fn formatted<'a>(arena: &'a Bump, arguments: fmt::Arguments<'_>) -> &'a [u8] {
    const USUAL: usize = 64;
    let mut text = TextWriter::new(arena, USUAL);
    text.format(arguments);
    text.done()
}

/// As [`TextWriter::joined`]; a single text as it is.
pub(super) fn joined<'a>(arena: &'a Bump, items: &'a [u8]) -> &'a [u8] {
    let single = items.strip_suffix(&[0]).unwrap_or(items);
    if memchr::memchr(0, single).is_none() {
        return single;
    }
    let mut text = TextWriter::new(arena, items.len());
    text.joined(items);
    text.done()
}

/// Values of a list.
pub(super) fn list<T>(arena: &Bump, values: impl Iterator<Item = T>) -> &[T] {
    BumpVec::from_iter_in(values, arena).into_bump_slice()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let arena = Bump::new();
        for n in [0, 9, 10, 99, 100, i64::MAX, -1, -10, i64::MIN] {
            assert_eq!(signed(&arena, n), n.to_string().as_bytes());
            assert_eq!(unsigned(&arena, n as u64), (n as u64).to_string().as_bytes());
        }
    }

    #[test]
    fn sequences() {
        let arena = Bump::new();
        for (items, expect) in [
            (&b""[..], &b""[..]),
            (b"\0", b""),
            (b"a", b"a"),
            (b"a\0", b"a"),
            (b"a\0b\0", b"a b"),
            (b"a\0\0", b"a "),
            (b"\0a b\0c", b" a b c"),
        ] {
            assert_eq!(joined(&arena, items), expect, "{items:?}");
            let each: Vec<&[u8]> = crate::state::text_items(items).collect();
            assert_eq!(joined(&arena, items), each.join(&b' '), "{items:?}");
        }
    }
}
