//! Number and bool literals.
//!
//! Falco reads numbers with `sscanf`: leading blanks and a sign are fine, anything behind the digits
//! is not; the digits are read into 64 bits (32-bit types too), clamped there, then cut to the
//! type's width. So `-1` is the largest value of an unsigned type and `300` is 44 for an 8-bit one.
//!
//! ```
//! use peregrine_compiler::ops::number::{Number, parse_literal};
//! use peregrine_compiler::schema::Type;
//! assert_eq!(parse_literal(b"-1", Type::Uint16), Ok(Number::U64(0xffff)));
//! assert_eq!(parse_literal(b"https", Type::Port), Ok(Number::U64(443)));
//! assert!(parse_literal(b"0x10", Type::Int32).is_err());
//! ```

use std::fmt;

use super::services;
use crate::schema::Type;

/// A literal's value, widened to 64 bits in the sense of its type.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum Number {
    /// Of a signed type.
    I64(i64),
    /// Of an unsigned type, a port, or a bool (0 or 1).
    U64(u64),
    /// Of a floating point type; always a whole number.
    F64(f64),
}

/// Width and signedness of an integer type.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct IntType {
    /// 8, 16, 32 or 64.
    pub bits: u32,
    /// Whether it has a sign.
    pub signed: bool,
}

/// Why a literal is not a value of its type.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum LiteralError {
    /// Not a decimal integer; the offset of the first byte that does not fit, or the text's length.
    NotANumber(usize),
    /// A port of more than 31 bits.
    PortTooLarge,
    /// Not a number and not a known service.
    UnknownService,
    /// Neither `true` nor `false`.
    NotABool,
    /// The type has no number literals.
    NotNumeric(Type),
}

impl fmt::Display for LiteralError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber(_) => write!(f, "not a decimal integer"),
            Self::PortTooLarge => write!(f, "port number is too large"),
            Self::UnknownService => write!(f, "neither a port number nor a known service name"),
            Self::NotABool => write!(f, "neither `true` nor `false`"),
            Self::NotNumeric(ty) => write!(f, "a field of type {} has no number literals", ty.name()),
        }
    }
}

impl std::error::Error for LiteralError {}

/// Layout of the types whose literals are integers; `None` for bool, double and all that is not a
/// number.
pub fn int_type(ty: Type) -> Option<IntType> {
    let (bits, signed) = match ty {
        Type::Int8 => (8, true),
        Type::Int16 => (16, true),
        Type::Int32 | Type::Fd32 | Type::Pid32 => (32, true),
        Type::Int64 | Type::Fd | Type::Pid | Type::Errno => (64, true),
        Type::Uint8 | Type::Flags8 | Type::EnumFlags8 | Type::L4Proto | Type::SigType => (8, false),
        Type::Uint16 | Type::Flags16 | Type::EnumFlags16 | Type::Port | Type::SyscallId => (16, false),
        Type::Uint32
        | Type::Flags32
        | Type::EnumFlags32
        | Type::Mode
        | Type::Uid
        | Type::Gid
        | Type::SigSet => (32, false),
        Type::Uint64 | Type::RelTime | Type::AbsTime => (64, false),
        _ => return None,
    };
    Some(IntType { bits, signed })
}

/// The value of a literal for a field of type `ty`.
///
/// Ports may be service names ([`services`]); bools are `true` and `false` only; doubles take whole
/// numbers only, like every other number.
pub fn parse_literal(text: &[u8], ty: Type) -> Result<Number, LiteralError> {
    match ty {
        Type::Bool => match text {
            b"true" => Ok(Number::U64(1)),
            b"false" => Ok(Number::U64(0)),
            _ => Err(LiteralError::NotABool),
        },
        Type::Port => parse_port(text).map(|port| Number::U64(port.into())),
        #[expect(clippy::cast_precision_loss, reason = "as exact as a double can be")]
        Type::Double => Ok(Number::F64(scan_decimal(text)?.signed() as f64)),
        _ => match int_type(ty) {
            Some(int) => Ok(scan_decimal(text)?.narrow(int)),
            None => Err(LiteralError::NotNumeric(ty)),
        },
    }
}

/// An 8-bit unsigned number, wrapped like all literals.
pub(crate) fn parse_wrapping_u8(text: &[u8]) -> Option<u8> {
    scan_decimal(text).ok().map(|decimal| decimal.unsigned() as u8)
}

/// COMPAT(falco): ports are not read like other numbers: no sign, no blanks, empty is 0, more than
/// 31 bits are refused, more than 16 are cut (`ports_wrap_but_have_no_sign`).
fn parse_port(text: &[u8]) -> Result<u16, LiteralError> {
    if !text.iter().all(u8::is_ascii_digit) {
        return services::service_port(text, None).ok_or(LiteralError::UnknownService);
    }
    let wide = text.iter().try_fold(0_i32, |n, d| n.checked_mul(10)?.checked_add(i32::from(d - b'0')));
    #[expect(clippy::cast_sign_loss, reason = "not negative; cut to 16 bits like Falco")]
    wide.map(|n| n as u16).ok_or(LiteralError::PortTooLarge)
}

/// A decimal text: sign and digits, the latter clamped to 64 bits.
struct Decimal {
    negative: bool,
    magnitude: Option<u64>,
}

impl Decimal {
    /// As `strtoul` gives it: negated modulo 2^64, all ones when too large.
    fn unsigned(&self) -> u64 {
        match self.magnitude {
            Some(n) if self.negative => n.wrapping_neg(),
            Some(n) => n,
            None => u64::MAX,
        }
    }

    /// As `strtol` gives it: clamped to the range of 64 bits.
    fn signed(&self) -> i64 {
        match (self.magnitude, self.negative) {
            (Some(n), false) => i64::try_from(n).unwrap_or(i64::MAX),
            (Some(n), true) => 0_i64.checked_sub_unsigned(n).unwrap_or(i64::MIN),
            (None, false) => i64::MAX,
            (None, true) => i64::MIN,
        }
    }

    fn narrow(&self, int: IntType) -> Number {
        let unused = 64_u32.saturating_sub(int.bits);
        if int.signed {
            Number::I64(self.signed().wrapping_shl(unused).wrapping_shr(unused))
        } else {
            Number::U64(self.unsigned().wrapping_shl(unused).wrapping_shr(unused))
        }
    }
}

fn scan_decimal(text: &[u8]) -> Result<Decimal, LiteralError> {
    let is_blank = |b: &u8| matches!(b, b' ' | b'\t'..=b'\r');
    let blanks = text.iter().take_while(|b| is_blank(b)).count();
    let rest = text.get(blanks..).unwrap_or_default();
    let (negative, digits) = match rest {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        _ => (false, rest),
    };
    let start = text.len() - digits.len();
    if digits.is_empty() {
        return Err(LiteralError::NotANumber(start));
    }
    if let Some(bad) = digits.iter().position(|b| !b.is_ascii_digit()) {
        return Err(LiteralError::NotANumber(start + bad));
    }
    let magnitude = digits.iter().try_fold(0_u64, |n, d| n.checked_mul(10)?.checked_add(u64::from(d - b'0')));
    Ok(Decimal { negative, magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Number::{F64, I64, U64};

    #[test]
    fn cut_to_the_type() {
        for (text, ty, expect) in [
            ("0", Type::Int64, I64(0)),
            ("+3", Type::Uint64, U64(3)),
            ("-1", Type::Uint64, U64(u64::MAX)),
            ("-1", Type::Uint32, U64(0xffff_ffff)),
            ("-1", Type::Uid, U64(0xffff_ffff)),
            ("-1", Type::Pid, I64(-1)),
            ("007", Type::Int32, I64(7)),
            (" \t5", Type::Int32, I64(5)),
            ("300", Type::Uint8, U64(44)),
            ("200", Type::Int8, I64(-56)),
            ("4294967296", Type::Int32, I64(0)),
            ("2147483648", Type::Int32, I64(-2_147_483_648)),
            ("18446744073709551615", Type::Uint64, U64(u64::MAX)),
            ("18446744073709551616", Type::Uint64, U64(u64::MAX)),
            ("-18446744073709551616", Type::Uint64, U64(u64::MAX)),
            ("9223372036854775808", Type::Int64, I64(i64::MAX)),
            ("-9223372036854775808", Type::Int64, I64(i64::MIN)),
            ("-99999999999999999999", Type::Int64, I64(i64::MIN)),
            ("99999999999999999999", Type::Int32, I64(-1)),
            ("1000", Type::RelTime, U64(1000)),
            ("7", Type::Double, F64(7.0)),
            ("-2", Type::Double, F64(-2.0)),
            ("true", Type::Bool, U64(1)),
            ("false", Type::Bool, U64(0)),
        ] {
            assert_eq!(parse_literal(text.as_bytes(), ty), Ok(expect), "{text} {ty:?}");
        }
    }

    #[test]
    fn refused() {
        for (text, ty, expect) in [
            ("", Type::Int64, LiteralError::NotANumber(0)),
            ("a", Type::Pid, LiteralError::NotANumber(0)),
            ("-", Type::Int64, LiteralError::NotANumber(1)),
            ("- 1", Type::Int64, LiteralError::NotANumber(1)),
            ("1 ", Type::Int64, LiteralError::NotANumber(1)),
            ("1.5", Type::Uint64, LiteralError::NotANumber(1)),
            ("1.0", Type::Double, LiteralError::NotANumber(1)),
            ("0x10", Type::Uint64, LiteralError::NotANumber(1)),
            ("1e3", Type::Uint64, LiteralError::NotANumber(1)),
            ("1\0", Type::Uint64, LiteralError::NotANumber(1)),
            ("1", Type::Bool, LiteralError::NotABool),
            ("True", Type::Bool, LiteralError::NotABool),
            ("1", Type::CharBuf, LiteralError::NotNumeric(Type::CharBuf)),
            ("1", Type::IpAddr, LiteralError::NotNumeric(Type::IpAddr)),
        ] {
            assert_eq!(parse_literal(text.as_bytes(), ty), Err(expect), "{text} {ty:?}");
        }
    }

    #[test]
    fn ports_wrap_but_have_no_sign() {
        for (text, expect) in [
            ("80", Ok(U64(80))),
            ("65616", Ok(U64(80))),
            ("99999", Ok(U64(34463))),
            ("2147483647", Ok(U64(65535))),
            ("2147483648", Err(LiteralError::PortTooLarge)),
            ("", Ok(U64(0))),
            ("http", Ok(U64(80))),
            ("https", Ok(U64(443))),
            ("-1", Err(LiteralError::UnknownService)),
            ("+80", Err(LiteralError::UnknownService)),
            (" 80", Err(LiteralError::UnknownService)),
            ("HTTP", Err(LiteralError::UnknownService)),
        ] {
            assert_eq!(parse_literal(text.as_bytes(), Type::Port), expect, "{text}");
        }
    }
}
