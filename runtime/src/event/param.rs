//! Parameters of an event by position and type.
//!
//! A parameter that is not there, or has another width than asked for, is `None`: old captures have fewer
//! parameters, and a zero-length one stands for a value that could not be read.

use super::view::{EventView, u16_at, u32_at, u64_at};

/// A text without its final NUL.
pub(crate) fn text(bytes: &[u8]) -> &[u8] {
    match memchr::memchr(0, bytes) {
        Some(end) => bytes.get(..end).unwrap_or(bytes),
        None => bytes,
    }
}

impl<'a> EventView<'a> {
    /// A signed number of any width.
    pub fn int(&self, index: usize) -> Option<i64> {
        let bytes = self.param(index)?;
        match bytes.len() {
            8 => Some(u64_at(bytes, 0).cast_signed()),
            4 => Some(i64::from(u32_at(bytes, 0).cast_signed())),
            2 => Some(i64::from(u16_at(bytes, 0).cast_signed())),
            1 => bytes.first().map(|&b| i64::from(b.cast_signed())),
            _ => None,
        }
    }

    /// An unsigned number of any width.
    pub fn uint(&self, index: usize) -> Option<u64> {
        let bytes = self.param(index)?;
        match bytes.len() {
            8 => Some(u64_at(bytes, 0)),
            4 => Some(u64::from(u32_at(bytes, 0))),
            2 => Some(u64::from(u16_at(bytes, 0))),
            1 => bytes.first().map(|&b| u64::from(b)),
            _ => None,
        }
    }

    /// An unsigned number that fits 32 bits; wider ones are cut.
    pub fn uint32(&self, index: usize) -> Option<u32> {
        self.uint(index).map(|n| n as u32)
    }

    /// A text without its final NUL; `None` for a null pointer (no bytes).
    pub fn text(&self, index: usize) -> Option<&'a [u8]> {
        self.param(index).filter(|b| !b.is_empty()).map(text)
    }
}
