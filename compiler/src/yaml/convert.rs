//! Scalars as booleans and numbers, as Falco's YAML library (yaml-cpp) reads them.
//!
//! The style does not matter there: a quoted `"yes"` is a boolean too.

/// `y`/`n`, `yes`/`no`, `true`/`false`, `on`/`off`, each in lower case, UPPER case or Capitalised.
///
/// ```
/// use peregrine_compiler::yaml::to_bool;
/// assert_eq!(to_bool("Yes"), Some(true));
/// assert_eq!(to_bool("yEs"), None);
/// ```
pub fn to_bool(text: &str) -> Option<bool> {
    let mut bytes = text.bytes();
    let first_upper = bytes.next()?.is_ascii_uppercase();
    let rest_lower = bytes.clone().all(|b| b.is_ascii_lowercase());
    let rest_upper = bytes.all(|b| b.is_ascii_uppercase());
    if !(rest_lower || first_upper && rest_upper) {
        return None;
    }
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "true" | "on" => Some(true),
        "n" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// A number without sign: decimal, `0x` hexadecimal or `0` octal; `+` and trailing blanks are allowed.
pub fn to_u64(text: &str) -> Option<u64> {
    match parse_integer(text)? {
        (Sign::Plus, magnitude) => Some(magnitude),
        (Sign::Minus, _) => None,
    }
}

/// As [`to_u64`], in 32 bits.
pub fn to_u32(text: &str) -> Option<u32> {
    to_u64(text)?.try_into().ok()
}

/// As [`to_u64`], with an optional `-` before the digits or the `0x`.
pub fn to_i64(text: &str) -> Option<i64> {
    match parse_integer(text)? {
        (Sign::Plus, magnitude) => magnitude.try_into().ok(),
        (Sign::Minus, magnitude) => 0_i64.checked_sub_unsigned(magnitude),
    }
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Sign {
    Plus,
    Minus,
}

/// COMPAT(falco): what a C++ stream takes with its base left open: no leading blanks, any trailing
/// ones, `08` and `0x` refused, overflow refused.
fn parse_integer(text: &str) -> Option<(Sign, u64)> {
    let text = text.trim_end_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (Sign::Minus, text.get(1..)?),
        b'+' => (Sign::Plus, text.get(1..)?),
        _ => (Sign::Plus, text),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => (16, hex),
        None if digits.starts_with('0') => (8, digits),
        None => (10, digits),
    };
    // `from_str_radix` takes a sign of its own, which would let `+-5` and `0x+5` pass.
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some((sign, u64::from_str_radix(digits, radix).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans() {
        for yes in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            assert_eq!(to_bool(yes), Some(true), "{yes}");
        }
        for no in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            assert_eq!(to_bool(no), Some(false), "{no}");
        }
        for other in ["", "yEs", "tRUE", "TRue", "1", "0", "true ", "t", "ja", "é"] {
            assert_eq!(to_bool(other), None, "{other}");
        }
    }

    #[test]
    fn numbers_as_a_cpp_stream_reads_them() {
        let cases: &[(&str, Option<i64>)] = &[
            ("0", Some(0)),
            ("12", Some(12)),
            ("+12", Some(12)),
            ("-12", Some(-12)),
            ("0x1F", Some(31)),
            ("0Xff", Some(255)),
            ("-0x10", Some(-16)),
            ("010", Some(8)),
            ("00", Some(0)),
            ("12 \n", Some(12)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            (" 12", None),
            ("", None),
            ("-", None),
            ("+-5", None),
            ("08", None),
            ("0x", None),
            ("00x10", None),
            ("1.5", None),
            ("1e3", None),
            ("1_000", None),
            ("12a", None),
            ("ten", None),
        ];
        for (text, expect) in cases {
            assert_eq!(to_i64(text), *expect, "{text:?}");
        }
    }

    #[test]
    fn unsigned_numbers() {
        assert_eq!(to_u64("18446744073709551615"), Some(u64::MAX));
        assert_eq!(to_u64("18446744073709551616"), None);
        assert_eq!(to_u64("-1"), None);
        assert_eq!(to_u64("-0"), None);
        assert_eq!(to_u32("4294967295"), Some(u32::MAX));
        assert_eq!(to_u32("4294967296"), None);
    }
}
