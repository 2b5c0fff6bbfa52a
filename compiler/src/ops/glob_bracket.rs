//! Bracket expressions of glob patterns: `[a-z]`, `[!0-9_]`, `[[:alpha:]]`.
//!
//! In: a pattern and the position of a `[`. Out: the set of bytes that it matches and where the
//! pattern goes on, or what else the `[` is. The odd cases follow glibc's `fnmatch` in the C locale.

use super::glob::Case;

/// A set of bytes.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct ByteSet([u64; 4]);

impl ByteSet {
    fn insert(&mut self, byte: u8) {
        if let Some(word) = self.0.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }

    /// Whether the set has this byte.
    pub(super) fn contains(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 == 1)
    }
}

/// What a `[` in a pattern starts.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Bracket {
    /// A bracket expression: one byte of the set; the pattern goes on at `end`.
    Set { set: ByteSet, end: usize },
    /// No bracket expression, because there is no closing `]`: the `[` stands for itself.
    Literal,
    /// Something that nothing can match, such as a trailing backslash in an open bracket.
    Never,
}

/// Parses the bracket expression at `pattern[open]`, which is a `[`.
pub(super) fn parse(pattern: &[u8], open: usize, case: Case) -> Bracket {
    let mut parser =
        Parser { pattern, at: open + 1, case, folded: ByteSet::default(), raw: ByteSet::default() };
    let negated = matches!(parser.peek(), Some(b'!' | b'^'));
    if negated {
        parser.at += 1;
    }
    let dead = match parser.items() {
        Items::Closed => false,
        Items::Unclosed => return Bracket::Literal,
        // What was listed before the mistake still matches, the rest does not, negated or not.
        Items::Malformed => match parser.skip_to_close() {
            Items::Closed if !negated => true,
            // Nothing but a `[` could match the literal, and it only gets there if it is listed.
            Items::Unclosed if parser.lists(b'[') => return Bracket::Literal,
            _ => return Bracket::Never,
        },
    };
    let mut set = ByteSet::default();
    for byte in 0..=u8::MAX {
        if parser.lists(byte) != (negated && !dead) {
            set.insert(byte);
        }
    }
    Bracket::Set { set, end: parser.at }
}

/// How a list of items ended.
enum Items {
    Closed,
    Unclosed,
    Malformed,
}

/// One item of a bracket expression, or the start of a range.
enum Item {
    /// A character, plain or escaped.
    Char(u8),
    /// A character as `[.x.]`.
    Collating(u8),
    /// `[:class:]` or `[=x=]`, already added.
    Added,
    Malformed,
}

enum Range {
    None,
    To(u8),
    Malformed,
}

struct Parser<'p> {
    pattern: &'p [u8],
    at: usize,
    case: Case,
    /// Characters and ranges, to be compared with the folded byte.
    folded: ByteSet,
    /// Classes, to be compared with the byte itself.
    raw: ByteSet,
}

impl Parser<'_> {
    fn lists(&self, byte: u8) -> bool {
        self.folded.contains(self.case.fold(byte)) || self.raw.contains(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.pattern.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// Reads items up to and with the closing `]`; the first byte is never the closing one.
    fn items(&mut self) -> Items {
        let Some(mut first) = self.next() else { return Items::Unclosed };
        loop {
            match self.item(first) {
                Item::Malformed => return Items::Malformed,
                Item::Added => {}
                Item::Char(low) => {
                    let low = self.case.fold(low);
                    match self.range_end() {
                        Range::To(high) => (low..=high).for_each(|byte| self.folded.insert(byte)),
                        Range::None => self.folded.insert(low),
                        Range::Malformed => {
                            self.folded.insert(low);
                            return Items::Malformed;
                        }
                    }
                }
                // Not folded, as a class is not.
                Item::Collating(low) => match self.range_end() {
                    Range::To(high) => (low..=high).for_each(|byte| self.folded.insert(byte)),
                    Range::None => self.raw.insert(low),
                    Range::Malformed => return Items::Malformed,
                },
            }
            match self.next() {
                None => return Items::Unclosed,
                Some(b']') => return Items::Closed,
                Some(byte) => first = byte,
            }
        }
    }

    fn item(&mut self, first: u8) -> Item {
        match (first, self.peek()) {
            (b'\\', None) => Item::Malformed,
            (b'\\', Some(escaped)) => {
                self.at += 1;
                Item::Char(escaped)
            }
            (b'[', Some(b':')) => self.class(),
            (b'[', Some(b'=')) => match (self.peek_at(1), self.peek_at(2), self.peek_at(3)) {
                (Some(byte), Some(b'='), Some(b']')) => {
                    self.at += 4;
                    self.raw.insert(byte);
                    Item::Added
                }
                _ => Item::Char(b'['),
            },
            (b'[', Some(b'.')) => self.collating().map_or(Item::Malformed, Item::Collating),
            _ => Item::Char(first),
        }
    }

    /// `:name:]`, standing on the first colon.
    fn class(&mut self) -> Item {
        let rest = self.pattern.get(self.at + 1..).unwrap_or_default();
        let len = rest.iter().take_while(|b| b.is_ascii_lowercase()).count();
        let Some((name, behind)) = rest.split_at_checked(len) else { return Item::Malformed };
        if !behind.starts_with(b":]") {
            return Item::Char(b'[');
        }
        self.at += len + 3;
        let Some(class) = class_by_name(name) else { return Item::Malformed };
        (0..=u8::MAX).filter(class).for_each(|byte| self.raw.insert(byte));
        Item::Added
    }

    /// `.x.]`, standing on the first dot: in the C locale only single characters have names.
    fn collating(&mut self) -> Option<u8> {
        match (self.peek_at(1), self.peek_at(2), self.peek_at(3)) {
            (Some(byte), Some(b'.'), Some(b']')) => {
                self.at += 4;
                Some(byte)
            }
            _ => None,
        }
    }

    /// What follows a character: the rest of a range, or something else.
    fn range_end(&mut self) -> Range {
        if self.peek() != Some(b'-') || self.peek_at(1) == Some(b']') {
            return Range::None;
        }
        self.at += 1;
        let high = match (self.next(), self.peek()) {
            (Some(b'\\'), _) => self.next(),
            (Some(b'['), Some(b'.')) => self.collating(),
            (byte, _) => byte,
        };
        high.map_or(Range::Malformed, |high| Range::To(self.case.fold(high)))
    }

    /// Moves behind the closing `]`, if there is one.
    fn skip_to_close(&mut self) -> Items {
        while let Some(byte) = self.next() {
            match (byte, self.peek()) {
                (b']', _) => return Items::Closed,
                (b'\\', None) => return Items::Malformed,
                (b'\\', _) => self.at += 1,
                (b'[', Some(kind @ (b':' | b'=' | b'.'))) => {
                    let rest = self.pattern.get(self.at + 1..).unwrap_or_default();
                    if let Some(len) = memchr::memmem::find(rest, &[kind, b']']) {
                        self.at += len + 3;
                    }
                }
                _ => {}
            }
        }
        Items::Unclosed
    }
}

/// The test of a named class, in the C locale.
fn class_by_name(name: &[u8]) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |b| matches!(b, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |b| matches!(b, b' '..=b'~'),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |b| matches!(b, b' ' | b'\t'..=b'\r'),
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}
