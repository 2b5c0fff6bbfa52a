//! Hexadecimal literals, as `bcontains` and `bstartswith` take them.

/// Value of one hexadecimal digit.
pub(crate) fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The bytes of an even number of hexadecimal digits of either case; `None` for anything else.
///
/// ```
/// use peregrine_compiler::ops::hex;
/// assert_eq!(hex::parse(b"48aF").as_deref(), Some(&b"\x48\xaf"[..]));
/// assert_eq!(hex::parse(b"48a"), None);
/// ```
pub fn parse(text: &[u8]) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn even_hex_only() {
        for (text, expect) in [
            (&b"656c6cAA"[..], Some(&b"ell\xaa"[..])),
            (b"", Some(b"")),
            (b"00", Some(b"\0")),
            (b"2", None),
            (b"2g", None),
            (b"123Z", None),
            (b"0x12", None),
            (b"+1", None),
            (b"\0\0", None),
        ] {
            assert_eq!(parse(text).as_deref(), expect, "{text:?}");
        }
    }
}
