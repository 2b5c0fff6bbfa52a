//! One event as bytes, the same from a capture and from the kernel.
//!
//! ```text
//! 0        8        16    20    22        26                  26 + n * w
//! | ts_ns  | tid    | len | type | nparams | lengths of params  | params ...
//! ```
//! Little endian; `w` is 2, or 4 for types with large payloads; `len` counts everything.

use peregrine_compiler::schema::EventCode;

/// Bytes before the lengths of the parameters.
pub const HEADER_BYTES: usize = 26;

/// Width of a parameter's length.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum LengthWidth {
    /// 2 bytes: nearly all event types.
    Short,
    /// 4 bytes: types with large payloads.
    Large,
}

impl LengthWidth {
    /// In bytes.
    pub fn bytes(self) -> usize {
        match self {
            Self::Short => 2,
            Self::Large => 4,
        }
    }
}

/// An event that fits its bytes: header, lengths and parameters lie inside.
///
/// INVARIANT: `bytes` holds header, all lengths, and the parameters that they tell.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct EventView<'a> {
    /// Nanoseconds since 1970.
    pub ts_ns: u64,
    /// Thread.
    pub tid: i64,
    /// Type.
    pub code: EventCode,
    /// It was asked for through an `io_uring`, not by the system call of its type. Beside the event's bytes, in the
    /// flags of its block: see [`DumpFlags`](crate::source::capture::DumpFlags).
    pub io_uring: bool,
    width: LengthWidth,
    nparams: u32,
    bytes: &'a [u8],
}

/// Why bytes are no event.
#[derive(Copy, Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MalformedEvent {
    /// Shorter than a header.
    #[error("the event has {0} bytes, fewer than its header")]
    ShortHeader(usize),
    /// The header's length is not what is there.
    #[error("the event says it has {said} bytes, but {there} are there")]
    WrongLength {
        /// In the header.
        said: u32,
        /// In the block.
        there: usize,
    },
    /// The parameters' lengths add up to more than there is.
    #[error("the event's {nparams} parameters do not fit its {len} bytes")]
    ParamsTooLong {
        /// Number of parameters.
        nparams: u32,
        /// Length of the event.
        len: u32,
    },
}

impl<'a> EventView<'a> {
    /// Reads an event at the start of `bytes`; bytes behind its end are left alone.
    ///
    /// # Errors
    /// What does not fit.
    #[inline]
    pub fn parse(bytes: &'a [u8], width: LengthWidth) -> Result<Self, MalformedEvent> {
        let short = MalformedEvent::ShortHeader(bytes.len());
        let (header, _) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(short)?;
        let len = u32_at(header, 16);
        let nparams = u32_at(header, 22);
        let wrong = MalformedEvent::WrongLength { said: len, there: bytes.len() };
        let event = bytes.get(..len as usize).ok_or(wrong)?;
        let too_long = MalformedEvent::ParamsTooLong { nparams, len };
        let lengths_len = (nparams as usize).checked_mul(width.bytes()).ok_or(too_long)?;
        let body = event.get(HEADER_BYTES..).ok_or(wrong)?;
        let (lengths, params) = body.split_at_checked(lengths_len).ok_or(too_long)?;
        if total(lengths, width) > params.len() {
            return Err(too_long);
        }
        Ok(Self {
            ts_ns: u64_at(header, 0),
            tid: u64_at(header, 8).cast_signed(),
            code: EventCode(u16_at(header, 20)),
            io_uring: false,
            width,
            nparams,
            bytes: event,
        })
    }

    /// The event as it stands in a capture or ring buffer: header, lengths, parameters.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Width of the parameters' lengths.
    #[inline]
    pub fn width(&self) -> LengthWidth {
        self.width
    }

    /// Number of parameters.
    #[inline]
    pub fn len(&self) -> usize {
        self.nparams as usize
    }

    /// Whether there is no parameter.
    pub fn is_empty(&self) -> bool {
        self.nparams == 0
    }

    #[inline]
    fn split(&self) -> (&'a [u8], &'a [u8]) {
        let body = self.bytes.get(HEADER_BYTES..).unwrap_or_default();
        body.split_at_checked(self.len() * self.width.bytes()).unwrap_or_default()
    }

    /// The bytes of a parameter; `None` past the last one.
    #[inline]
    pub fn param(&self, index: usize) -> Option<&'a [u8]> {
        if index >= self.len() {
            return None;
        }
        let (lengths, params) = self.split();
        let (before, from) = lengths.split_at_checked(index * self.width.bytes())?;
        let start = total(before, self.width);
        params.get(start..start + length(from, 0, self.width))
    }

    /// All parameters in order.
    #[inline]
    pub fn params(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        let (width, (lengths, mut left)) = (self.width, self.split());
        (0..self.len()).map_while(move |i| {
            let (param, rest) = left.split_at_checked(length(lengths, i, width))?;
            left = rest;
            Some(param)
        })
    }
}

/// The length that stands at `index`.
#[inline]
fn length(lengths: &[u8], index: usize, width: LengthWidth) -> usize {
    match width {
        LengthWidth::Short => usize::from(u16_at(lengths, 2 * index)),
        LengthWidth::Large => u32_at(lengths, 4 * index) as usize,
    }
}

/// Sum of all lengths. It cannot overflow: there are fewer than 2^32 of at most 2^32.
#[inline]
fn total(lengths: &[u8], width: LengthWidth) -> usize {
    match width {
        LengthWidth::Short => total_short(lengths),
        LengthWidth::Large => {
            let (all, _) = lengths.as_chunks();
            all.iter().map(|&b| u32::from_le_bytes(b) as usize).sum()
        }
    }
}

/// Most events have one to eight parameters: four lengths at a time in a register cost less than vectors, whose
/// set-up and left-overs are longer than the work.
#[inline]
fn total_short(mut lengths: &[u8]) -> usize {
    const EVEN: u64 = 0x0000_ffff_0000_ffff;
    let mut sum = 0_u64;
    while let Some((four, rest)) = lengths.split_first_chunk() {
        let four = u64::from_le_bytes(*four);
        let pairs = (four & EVEN) + ((four >> 16) & EVEN);
        sum += (pairs & 0xffff_ffff) + (pairs >> 32);
        lengths = rest;
    }
    while let Some((one, rest)) = lengths.split_first_chunk() {
        sum += u64::from(u16::from_le_bytes(*one));
        lengths = rest;
    }
    sum as usize
}

/// Little-endian numbers; bytes past the end count as 0.
#[inline]
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u16::from_le_bytes(*b))
}

#[inline]
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u32::from_le_bytes(*b))
}

#[inline]
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u64::from_le_bytes(*b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(params: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let len = HEADER_BYTES + 2 * params.len() + params.iter().map(|p| p.len()).sum::<usize>();
        bytes.extend(7_u64.to_le_bytes());
        bytes.extend((-1_i64).to_le_bytes());
        bytes.extend((len as u32).to_le_bytes());
        bytes.extend(3_u16.to_le_bytes());
        bytes.extend((params.len() as u32).to_le_bytes());
        for p in params {
            bytes.extend((p.len() as u16).to_le_bytes());
        }
        for p in params {
            bytes.extend(*p);
        }
        bytes
    }

    #[test]
    fn parameters_are_found() {
        let bytes = event(&[b"abc", b"", b"de"]);
        let view = EventView::parse(&bytes, LengthWidth::Short).unwrap();
        assert_eq!((view.ts_ns, view.tid, view.code), (7, -1, EventCode(3)));
        assert_eq!(view.params().collect::<Vec<_>>(), [&b"abc"[..], b"", b"de"]);
        assert_eq!(view.param(2), Some(&b"de"[..]));
        assert_eq!(view.param(3), None);
    }

    #[test]
    fn every_cut_is_an_error() {
        let bytes = event(&[b"abc", b"de"]);
        for len in 0..bytes.len() {
            assert!(EventView::parse(&bytes[..len], LengthWidth::Short).is_err(), "{len}");
        }
        let mut long = bytes.clone();
        long[HEADER_BYTES] = 200;
        assert!(matches!(
            EventView::parse(&long, LengthWidth::Short),
            Err(MalformedEvent::ParamsTooLong { .. })
        ));
        long[22..26].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(
            EventView::parse(&long, LengthWidth::Short),
            Err(MalformedEvent::ParamsTooLong { .. })
        ));
    }
}
