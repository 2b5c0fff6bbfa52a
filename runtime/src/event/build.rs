//! Events from their parts, for conversions, the probe's own events and tests.
//!
//! ```
//! use peregrine_compiler::schema::EventCode;
//! use peregrine_runtime::event::build::EventBuilder;
//!
//! let mut builder = EventBuilder::default();
//! // close(4) = 0
//! let params = [&0_i64.to_le_bytes()[..], &4_i64.to_le_bytes()];
//! let event = builder.build(1_600_000_000_000_000_000, 77, EventCode(5), &params).unwrap();
//! assert_eq!((event.tid, event.len()), (77, 2));
//! assert_eq!(event.param(1), Some(&4_i64.to_le_bytes()[..]));
//! ```

use super::view::{EventView, HEADER_BYTES, LengthWidth, MalformedEvent};
use super::{EVENTS, EventFlags};
use peregrine_compiler::schema::EventCode;

/// Longest event whose type does not have large payloads.
pub const MAX_EVENT_BYTES: usize = 64 << 10;

/// Why parts make no event.
#[derive(Copy, Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BuildError {
    /// A parameter's length does not fit the width that the type has for it.
    #[error("parameter {index} of {code:?} has {len} bytes, too many for the width of its length")]
    ParamTooLong {
        /// Type.
        code: EventCode,
        /// Position.
        index: usize,
        /// Bytes given.
        len: usize,
    },
    /// More than [`MAX_EVENT_BYTES`], or than a 32-bit length tells for types with large payloads.
    #[error("an event of type {code:?} would have {len} bytes, more than captures can hold")]
    EventTooLong {
        /// Type.
        code: EventCode,
        /// Bytes it would have.
        len: usize,
    },
}

/// Width of the lengths in events of a type; unknown types have short ones.
#[inline]
pub fn width_of(code: EventCode) -> LengthWidth {
    WIDTHS.get(usize::from(code.0)).copied().unwrap_or(LengthWidth::Short)
}

/// By code: asked for each event, and a byte each stays in the cache where the whole table does not.
static WIDTHS: [LengthWidth; EVENTS.len()] = {
    let mut all = [LengthWidth::Short; EVENTS.len()];
    let mut code = 0;
    while code < all.len() {
        #[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
        if EVENTS[code].flags.contains(EventFlags::LARGE_PAYLOAD) {
            all[code] = LengthWidth::Large;
        }
        code += 1;
    }
    all
};

/// Builds one event after another in a buffer that it keeps.
#[derive(Clone, Default, Debug)]
pub struct EventBuilder {
    bytes: Vec<u8>,
}

impl EventBuilder {
    /// Builds an event; it lives until the next one is built.
    ///
    /// # Errors
    /// A parameter or the whole is too long.
    pub fn build(
        &mut self,
        ts_ns: u64,
        tid: i64,
        code: EventCode,
        params: &[&[u8]],
    ) -> Result<EventView<'_>, BuildError> {
        encode(&mut self.bytes, ts_ns, tid, code, params)?;
        let parsed = EventView::parse(&self.bytes, width_of(code));
        // what was encoded fits itself
        parsed.map_err(|_: MalformedEvent| BuildError::EventTooLong { code, len: self.bytes.len() })
    }
}

/// Writes an event into `out`, in place of what is there.
///
/// # Errors
/// A parameter or the whole is too long.
pub fn encode(
    out: &mut Vec<u8>,
    ts_ns: u64,
    tid: i64,
    code: EventCode,
    params: &[&[u8]],
) -> Result<(), BuildError> {
    let width = width_of(code);
    let (max_param, max_event) = match width {
        LengthWidth::Short => (usize::from(u16::MAX), MAX_EVENT_BYTES),
        LengthWidth::Large => (u32::MAX as usize, u32::MAX as usize),
    };
    if let Some((index, param)) = params.iter().enumerate().find(|(_, p)| p.len() > max_param) {
        return Err(BuildError::ParamTooLong { code, index, len: param.len() });
    }
    let data = params.iter().map(|p| p.len()).fold(0, usize::saturating_add);
    let len = data.saturating_add(HEADER_BYTES + params.len() * width.bytes());
    if len > max_event {
        return Err(BuildError::EventTooLong { code, len });
    }
    out.clear();
    out.reserve(len);
    out.extend_from_slice(&ts_ns.to_le_bytes());
    out.extend_from_slice(&tid.to_le_bytes());
    out.extend_from_slice(&(len as u32).to_le_bytes());
    out.extend_from_slice(&code.0.to_le_bytes());
    out.extend_from_slice(&(params.len() as u32).to_le_bytes());
    for param in params {
        match width {
            LengthWidth::Short => out.extend_from_slice(&(param.len() as u16).to_le_bytes()),
            LengthWidth::Large => out.extend_from_slice(&(param.len() as u32).to_le_bytes()),
        }
    }
    for p in params {
        out.extend_from_slice(p);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `CONTAINER_JSON_2_E`, which has large payloads.
    const LARGE: EventCode = EventCode(324);
    const CLOSE: EventCode = EventCode(5);

    #[test]
    fn what_is_built_is_read() {
        let mut builder = EventBuilder::default();
        for (code, width) in [(CLOSE, LengthWidth::Short), (LARGE, LengthWidth::Large)] {
            let event = builder.build(7, -1, code, &[b"abc", b"", b"de"]).unwrap();
            assert_eq!((event.ts_ns, event.tid, event.code, event.width()), (7, -1, code, width));
            assert_eq!(event.params().collect::<Vec<_>>(), [&b"abc"[..], b"", b"de"]);
            assert_eq!(EventView::parse(event.bytes(), width).unwrap(), event);
        }
    }

    #[test]
    fn what_is_too_long_is_refused() {
        let mut builder = EventBuilder::default();
        let long = vec![b'x'; 65_536];
        let mut build = |code, params: &[&[u8]]| builder.build(0, 0, code, params).map(|e| e.bytes().len());
        assert_eq!(
            build(CLOSE, &[b"", &long]),
            Err(BuildError::ParamTooLong { code: CLOSE, index: 1, len: 65_536 })
        );
        assert_eq!(
            build(CLOSE, &[&long[1..]]),
            Err(BuildError::EventTooLong { code: CLOSE, len: 65_535 + 28 })
        );
        assert_eq!(build(CLOSE, &[&long[28..]]), Ok(MAX_EVENT_BYTES));
        assert_eq!(build(LARGE, &[&long]), Ok(65_536 + 30));
    }
}
