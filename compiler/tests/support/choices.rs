//! Decisions of a generator, read from bytes.
//!
//! In: any bytes, from a fuzzer or from proptest. Out: choices among a few. When the bytes are used up
//! every further choice is the first one, so generators put the simplest case first: then shorter and
//! smaller bytes give simpler values, which is all that shrinking needs.

/// Bytes not yet used.
pub struct Choices<'b> {
    rest: &'b [u8],
}

impl<'b> Choices<'b> {
    /// Choices from these bytes.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next byte; 0 at the end.
    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        first
    }

    /// A number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        match n {
            0 | 1 => 0,
            2..=256 => usize::from(self.byte()) % n,
            _ => (usize::from(self.byte()) << 8 | usize::from(self.byte())) % n,
        }
    }

    /// True in about `percent` of a hundred cases; false at the end.
    pub fn chance(&mut self, percent: u8) -> bool {
        u16::from(self.byte()) * 100 / 256 >= u16::from(100 - percent)
    }

    /// One of a few; the first at the end.
    ///
    /// # Panics
    /// If there is none.
    pub fn pick<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }

    /// Up to `max` raw bytes.
    pub fn bytes(&mut self, max: usize) -> Vec<u8> {
        (0..self.below(max + 1)).map(|_| self.byte()).collect()
    }
}
