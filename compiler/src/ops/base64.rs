//! The `b64` transformer.

/// Decodes base64 of the standard alphabet, with or without padding; `None` for anything else.
///
/// Strict like Falco's decoder: at most two `=`, at the end only (their number is not checked
/// against the length), no blanks, no length of the form 4n+1, and the unused bits of the last
/// digit must be zero. Empty input decodes to nothing.
///
/// ```
/// use peregrine_compiler::ops::base64;
/// assert_eq!(base64::decode(b"aGk=").as_deref(), Some(&b"hi"[..]));
/// assert_eq!(base64::decode(b"aGk").as_deref(), Some(&b"hi"[..]));
/// assert_eq!(base64::decode(b"aG k"), None);
/// ```
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let digits = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    if digits.is_empty() || digits.len() % 4 == 1 {
        return None;
    }
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let mut bits = 0_u32;
    let mut pending = 0_u32; // bits of `bits` not yet written
    for &byte in digits {
        bits = bits << 6 | u32::from(digit(byte)?);
        pending += 6;
        if pending >= 8 {
            pending -= 8;
            out.push((bits >> pending) as u8);
            bits &= (1 << pending) - 1;
        }
    }
    (bits == 0).then_some(out)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decoded_or_refused() {
        for (text, expect) in [
            (&b""[..], Some(&b""[..])),
            (b"YWFhLWJiYg", Some(b"aaa-bbb")),
            (b"YWFhYmJi", Some(b"aaabbb")),
            (b"dGVzdA==", Some(b"test")),
            (b"dGVzdA=", Some(b"test")), // the number of pads is not checked
            (b"+/8=", Some(b"\xfb\xff")),
            (b"dGVzdB==", None), // leftover bits
            (b"dGVzd", None),
            (b"=", None),
            (b"==", None),
            (b"===", None),
            (b"dA===", None),
            (b"dGVz dA==", None),
            (b"dGVzdA==\n", None),
            (b"-_8=", None), // URL alphabet
        ] {
            assert_eq!(decode(text).as_deref(), expect, "{}", text.escape_ascii());
        }
    }
}
