//! Quoted values of conditions: reading them, and printing values in Falco's form and in ours.
//!
//! ```
//! use peregrine_compiler::ops::escape;
//! assert_eq!(escape::unescape(br#""a\tb\x41""#).unwrap(), b"a\tbA");
//! assert_eq!(escape::falco_escape(b"a\tb"), br#""a\tb""#);
//! assert_eq!(escape::quote(b"a\\"), br#""a\x5c""#);
//! ```

use std::fmt;

use super::hex;

/// Why a quoted value cannot be read.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum UnescapeErrorKind {
    /// The text does not start and end with the same quote.
    NotQuoted,
    /// A backslash is the last byte before the closing quote.
    TrailingBackslash,
    /// Not an escape: the byte after the backslash.
    UnknownEscape(u8),
    /// `\x` with fewer than two bytes behind it.
    TruncatedHex,
    /// `\x` with two bytes behind it that are not both hexadecimal digits.
    InvalidHex([u8; 2]),
    /// `\"` inside single quotes or `\'` inside double quotes: the escaped quote.
    WrongQuote(u8),
}

/// A quoted value that cannot be read.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct UnescapeError {
    /// Why.
    pub kind: UnescapeErrorKind,
    /// Where the escape starts (its backslash), in bytes from the opening quote.
    pub offset: usize,
    /// How many bytes the bad escape has.
    pub len: usize,
}

impl fmt::Display for UnescapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            UnescapeErrorKind::NotQuoted => write!(f, "text is not between two equal quotes"),
            UnescapeErrorKind::TrailingBackslash => write!(f, "backslash with nothing to escape"),
            UnescapeErrorKind::UnknownEscape(byte) => {
                write!(f, "unknown escape `\\{}`", byte.escape_ascii())
            }
            UnescapeErrorKind::TruncatedHex => write!(f, "`\\x` needs two hexadecimal digits"),
            UnescapeErrorKind::InvalidHex(digits) => {
                write!(f, "`\\x{}` is not a byte: two hexadecimal digits expected", digits.escape_ascii())
            }
            UnescapeErrorKind::WrongQuote(b'"') => write!(f, "`\\\"` is not an escape between single quotes"),
            UnescapeErrorKind::WrongQuote(_) => write!(f, "`\\'` is not an escape between double quotes"),
        }
    }
}

impl std::error::Error for UnescapeError {}

/// The bytes that a quoted value stands for; `quoted` includes its quotes (`'` or `"`).
///
/// Escapes: `\b \f \n \r \t \\ \/ \xHH`, `\"` between double and `\'` between single quotes, and a
/// backslash followed by a blank, which gives a lone backslash: the blank is dropped, as in Falco,
/// where old rules depend on it. Bytes that are not escaped stay as they are.
pub fn unescape(quoted: &[u8]) -> Result<Vec<u8>, UnescapeError> {
    let (quote, inner) = match quoted {
        [first @ (b'\'' | b'"'), inner @ .., last] if first == last => (*first, inner),
        _ => return Err(error(UnescapeErrorKind::NotQuoted, 0, quoted.len())),
    };
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(backslash) = memchr::memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at(backslash);
        out.extend_from_slice(plain);
        let offset = 1 + inner.len() - escape.len();
        let (byte, len) = unescape_one(escape, quote).map_err(|kind| {
            let len = match kind {
                UnescapeErrorKind::InvalidHex(_) => 4,
                UnescapeErrorKind::TruncatedHex => escape.len(),
                UnescapeErrorKind::TrailingBackslash => 1,
                _ => 2,
            };
            error(kind, offset, len)
        })?;
        out.push(byte);
        rest = escape.get(len..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Ok(out)
}

fn error(kind: UnescapeErrorKind, offset: usize, len: usize) -> UnescapeError {
    UnescapeError { kind, offset, len }
}

/// The byte of the escape at the start of `escape`, and the escape's length.
fn unescape_one(escape: &[u8], quote: u8) -> Result<(u8, usize), UnescapeErrorKind> {
    let Some(&letter) = escape.get(1) else {
        return Err(UnescapeErrorKind::TrailingBackslash);
    };
    let byte = match letter {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        // COMPAT(falco): a backslash before a blank swallows the blank (backslash_blank_is_a_backslash).
        b' ' | b'\\' => b'\\',
        b'/' => b'/',
        b'"' | b'\'' if letter == quote => letter,
        b'"' | b'\'' => return Err(UnescapeErrorKind::WrongQuote(letter)),
        b'x' => {
            let Some(&[high, low]) = escape.get(2..4) else {
                return Err(UnescapeErrorKind::TruncatedHex);
            };
            return match (hex::digit(high), hex::digit(low)) {
                (Some(h), Some(l)) => Ok((h << 4 | l, 4)),
                _ => Err(UnescapeErrorKind::InvalidHex([high, low])),
            };
        }
        _ => return Err(UnescapeErrorKind::UnknownEscape(letter)),
    };
    Ok((byte, 2))
}

/// How Falco prints a value inside a condition.
///
/// Bare, unless it has a blank, a quote, a backslash, `=`, NUL or one of `\b \f \n \r \t`; then between
/// double quotes with those five, `"` and the backslash escaped and all else as it is.
///
/// COMPAT(falco): this does not always parse back (`falco_form_is_not_always_readable`): the empty
/// value prints as nothing, `,` and parentheses stay bare, a final backslash hides the closing quote.
/// Use [`quote`] for a form that does.
pub fn falco_escape(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 2);
    let mut quoted = false;
    out.push(b'"');
    for &byte in value {
        quoted |= matches!(byte, b' ' | b'\'' | b'=' | b'\0');
        if let Some(letter) = named_escape(byte) {
            quoted = true;
            out.extend_from_slice(&[b'\\', letter]);
        } else {
            out.push(byte);
        }
    }
    if !quoted {
        return value.to_vec(); // nothing was escaped
    }
    out.push(b'"');
    out
}

/// The letter of the escapes that both printed forms use.
fn named_escape(byte: u8) -> Option<u8> {
    match byte {
        0x08 => Some(b'b'),
        0x0c => Some(b'f'),
        b'\n' => Some(b'n'),
        b'\r' => Some(b'r'),
        b'\t' => Some(b't'),
        b'\\' | b'"' => Some(byte),
        _ => None,
    }
}

/// A form of the value that is always read back as the same bytes and is valid UTF-8.
///
/// Bare when it is a word of printable ASCII without blanks, quotes, parentheses, `=`, `,` and
/// backslashes, and is not a modifier (`oneof`, `anyof`, `allof`); else between double quotes.
/// There, control characters and bytes that are not UTF-8 are `\xHH`, and so is a final backslash,
/// because `\\"` does not end a quoted text in Falco's language.
pub fn quote(value: &[u8]) -> Vec<u8> {
    if is_safe_word(value) { value.to_vec() } else { quote_always(value) }
}

/// The form of [`quote`] between double quotes, for places where a bare word is not a value.
pub fn quote_always(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 2);
    out.push(b'"');
    for chunk in value.utf8_chunks() {
        for c in chunk.valid().chars() {
            let mut buffer = [0; 4];
            let bytes = c.encode_utf8(&mut buffer).as_bytes();
            match (bytes, bytes.first().copied().and_then(named_escape)) {
                ([_], Some(letter)) => out.extend_from_slice(&[b'\\', letter]),
                _ if c.is_control() => push_hex(&mut out, bytes),
                _ => out.extend_from_slice(bytes),
            }
        }
        push_hex(&mut out, chunk.invalid());
    }
    if value.ends_with(b"\\") {
        out.truncate(out.len() - 2);
        push_hex(&mut out, b"\\");
    }
    out.push(b'"');
    out
}

fn is_safe_word(value: &[u8]) -> bool {
    let plain =
        |b: &u8| b.is_ascii_graphic() && !matches!(b, b'(' | b')' | b'"' | b'\'' | b'=' | b',' | b'\\');
    !value.is_empty() && value.iter().all(plain) && !matches!(value, b"oneof" | b"anyof" | b"allof")
}

fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        out.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use UnescapeErrorKind as Kind;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_read() {
        for (quoted, expect) in [
            (&br#""""#[..], &b""[..]),
            (b"'plain \xff'", b"plain \xff"),
            (br#""\b\f\n\r\t\\\/""#, b"\x08\x0c\n\r\t\\/"),
            (br#""a\"b'c""#, b"a\"b'c"),
            (br#"'a\'b"c'"#, b"a'b\"c"),
            (br#""\x00\x41\xfF3""#, b"\0A\xff3"),
            (b"'raw\nline'", b"raw\nline"),
        ] {
            assert_eq!(unescape(quoted).as_deref(), Ok(expect), "{}", quoted.escape_ascii());
        }
    }

    #[test]
    fn backslash_blank_is_a_backslash() {
        assert_eq!(unescape(br#""a\ b""#).unwrap(), br"a\b");
        assert_eq!(unescape(br#""\ ""#).unwrap(), br"\");
        assert_eq!(unescape(b"\"\\\t\"").unwrap_err().kind, Kind::UnknownEscape(b'\t'));
    }

    #[test]
    fn errors_say_where() {
        for (quoted, kind, offset, len) in [
            (&br#""a\q""#[..], Kind::UnknownEscape(b'q'), 2, 2),
            (br#""\,""#, Kind::UnknownEscape(b','), 1, 2),
            (br#""\X41""#, Kind::UnknownEscape(b'X'), 1, 2),
            (br#""\x""#, Kind::TruncatedHex, 1, 2),
            (br#""a\xf""#, Kind::TruncatedHex, 2, 3),
            (br#""\x g""#, Kind::InvalidHex(*b" g"), 1, 4),
            (br#""\x+a""#, Kind::InvalidHex(*b"+a"), 1, 4),
            (br#"'ab\"'"#, Kind::WrongQuote(b'"'), 3, 2),
            (br#""ab\'""#, Kind::WrongQuote(b'\''), 3, 2),
            (br#""ab\""#, Kind::TrailingBackslash, 3, 1),
            (br#""ab'"#, Kind::NotQuoted, 0, 4),
            (b"\"", Kind::NotQuoted, 0, 1),
            (b"", Kind::NotQuoted, 0, 0),
        ] {
            assert_eq!(unescape(quoted), Err(error(kind, offset, len)), "{}", quoted.escape_ascii());
        }
    }

    #[test]
    fn falco_form() {
        for (value, expect) in [
            (&b"/home/.*/dev"[..], &b"/home/.*/dev"[..]),
            (b"", b""),
            (b"a,b(c)", b"a,b(c)"),
            (b"a b", br#""a b""#),
            (b"dA==", br#""dA==""#),
            (b"it's", br#""it's""#),
            (br#"say "x""#, br#""say \"x\"""#),
            (br"a\.b", br#""a\\.b""#),
            (b"a\nb\t", br#""a\nb\t""#),
            (b"\0", b"\"\0\""),
            (b"\x01\xff", b"\x01\xff"),
        ] {
            assert_eq!(falco_escape(value), expect, "{}", value.escape_ascii());
        }
    }

    #[test]
    fn falco_form_is_not_always_readable() {
        assert_eq!(falco_escape(b""), b"");
        assert_eq!(falco_escape(b","), b",");
        assert_eq!(falco_escape(b"\\"), br#""\\""#);
    }

    #[test]
    fn own_form() {
        for (value, expect) in [
            (&b"/usr/bin/*"[..], "/usr/bin/*"),
            (b"and", "and"),
            (b"-1", "-1"),
            (b"", r#""""#),
            (b"anyof", r#""anyof""#),
            (b"a,b", r#""a,b""#),
            (b"x=y", r#""x=y""#),
            (br"a\b", r#""a\\b""#),
            (br"a\", r#""a\x5c""#),
            (br"a\\", r#""a\\\x5c""#),
            (b"it's \"it\"", r#""it's \"it\"""#),
            (b"\x00\x7f\n", r#""\x00\x7f\n""#),
            ("é\u{85}".as_bytes(), "\"é\\xc2\\x85\""),
            (b"\xff\xc3", r#""\xff\xc3""#),
        ] {
            assert_eq!(quote(value), expect.as_bytes(), "{}", value.escape_ascii());
        }
    }

    /// What Falco's lexer takes as one quoted text: up to the first quote without a backslash before it.
    fn lexed_len(text: &[u8]) -> usize {
        (1..text.len()).find(|&i| text[i] == b'"' && text[i - 1] != b'\\').map_or(0, |i| i + 1)
    }

    proptest! {
        #[test]
        fn own_form_reads_back(value in prop::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(&b"\\\"' x\n"[..])], 0..12))
        {
            let printed = quote(&value);
            prop_assert!(std::str::from_utf8(&printed).is_ok());
            if printed[0] == b'"' {
                prop_assert_eq!(lexed_len(&printed), printed.len());
                prop_assert_eq!(unescape(&printed), Ok(value));
            } else {
                prop_assert_eq!(printed, value);
            }
        }

        #[test]
        fn unescape_never_panics(inner in prop::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(&b"\\\"'xf0 "[..])], 0..12), single: bool)
        {
            let quote = if single { b'\'' } else { b'"' };
            let quoted = [&[quote][..], &inner, &[quote]].concat();
            if let Err(error) = unescape(&quoted) {
                prop_assert!(error.offset + error.len < quoted.len() && error.offset > 0);
                prop_assert_eq!(quoted[error.offset], b'\\');
            }
            let _ = unescape(&inner);
        }
    }
}
