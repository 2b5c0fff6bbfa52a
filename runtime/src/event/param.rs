//! Parameters of an event by position and type.
//!
//! A parameter that is not there, or has another width than asked for, is `None`: old captures have fewer
//! parameters, and a zero-length one stands for a value that could not be read.

use super::view::EventView;

/// A text without its final NUL.
pub(crate) fn text(bytes: &[u8]) -> &[u8] {
    match memchr::memchr(0, bytes) {
        Some(end) => bytes.get(..end).unwrap_or(bytes),
        None => bytes,
    }
}

/// A signed number of 1, 2 or 4 bytes, or the first 8.
#[inline]
pub(crate) fn signed(bytes: &[u8]) -> Option<i64> {
    Some(match *bytes {
        [a] => i64::from(a.cast_signed()),
        [a, b] => i64::from(i16::from_le_bytes([a, b])),
        [a, b, c, d] => i64::from(i32::from_le_bytes([a, b, c, d])),
        _ => i64::from_le_bytes(*bytes.first_chunk()?),
    })
}

/// An unsigned number of 1, 2 or 4 bytes, or the first 8.
#[inline]
pub(crate) fn unsigned(bytes: &[u8]) -> Option<u64> {
    Some(match *bytes {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
        _ => u64::from_le_bytes(*bytes.first_chunk()?),
    })
}

// Inlined: positions are constants mostly, and then little is left of finding them.
impl<'a> EventView<'a> {
    /// A signed number of any width.
    #[inline]
    pub fn int(&self, index: usize) -> Option<i64> {
        self.param(index).filter(|b| b.len() <= 8).and_then(signed)
    }

    /// An unsigned number of any width.
    #[inline]
    pub fn uint(&self, index: usize) -> Option<u64> {
        self.param(index).filter(|b| b.len() <= 8).and_then(unsigned)
    }

    /// An unsigned number that fits 32 bits; wider ones are cut.
    #[inline]
    pub fn uint32(&self, index: usize) -> Option<u32> {
        self.uint(index).map(|n| n as u32)
    }

    /// A text without its final NUL; `None` for a null pointer (no bytes).
    pub fn text(&self, index: usize) -> Option<&'a [u8]> {
        self.param(index).filter(|b| !b.is_empty()).map(text)
    }
}
