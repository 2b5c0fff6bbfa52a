//! What became of events.

use std::collections::BTreeMap;
use std::ops::AddAssign;

/// Why an event is missing or incomplete.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Loss {
    /// The ring was full: the event is lost.
    RingFull,
    /// The event was too large: some of its parameters are empty.
    TooLarge,
    /// Some of the user's memory could not be read: the parameter is empty.
    Unreadable,
    /// The processor was putting another event together: the event is lost.
    Nested,
    /// Too many requests of `io_uring` were under way to remember one until its end: the event does not tell the
    /// result.
    Crowded,
}

impl Loss {
    /// All reasons.
    pub const ALL: [Self; 5] =
        [Self::RingFull, Self::TooLarge, Self::Unreadable, Self::Nested, Self::Crowded];

    /// Whether the whole event is missing.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::RingFull | Self::Nested)
    }

    /// For messages.
    pub fn text(self) -> &'static str {
        match self {
            Self::RingFull => "the ring was full",
            Self::TooLarge => "larger than 64 KiB: parameters are empty",
            Self::Unreadable => "memory of the program could not be read: a parameter is empty",
            Self::Nested => "the processor was busy with another event",
            Self::Crowded => "too many requests of io_uring at once: the result is not known",
        }
    }
}

/// Counts of one event type on one processor.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Losses {
    /// Events handed over.
    pub sent: u64,
    /// By reason, in the order of [`Loss::ALL`].
    pub lost: [u64; 5],
}

impl Losses {
    /// How many for a reason.
    pub fn of(&self, loss: Loss) -> u64 {
        Loss::ALL.iter().zip(self.lost).find(|(l, _)| **l == loss).map_or(0, |(_, n)| n)
    }

    /// Events that are missing.
    pub fn missing(&self) -> u64 {
        Loss::ALL.iter().zip(self.lost).filter(|(l, _)| l.is_whole()).map(|(_, n)| n).sum()
    }
}

impl AddAssign for Losses {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.lost.iter_mut().zip(other.lost).for_each(|(a, b)| *a += b);
    }
}

/// Counts by event type and processor.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ledger {
    /// Those that are not zero.
    pub by_type: BTreeMap<(u16, u32), Losses>,
}

impl Ledger {
    /// Counts of all types and processors.
    pub fn total(&self) -> Losses {
        self.sum(|_| true)
    }

    /// Counts of a type on all processors.
    pub fn of_type(&self, code: u16) -> Losses {
        self.sum(|&(of, _)| of == code)
    }

    /// Counts of a processor.
    pub fn of_processor(&self, cpu: u32) -> Losses {
        self.sum(|&(_, on)| on == cpu)
    }

    fn sum(&self, counts: impl Fn(&(u16, u32)) -> bool) -> Losses {
        let mut sum = Losses::default();
        self.by_type.iter().filter(|(key, _)| counts(key)).for_each(|(_, &one)| sum += one);
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_by_type_and_processor() {
        let losses = |sent, full, unreadable| Losses { sent, lost: [full, 0, unreadable, 0, 0] };
        let by_type = [((3, 0), losses(5, 1, 0)), ((3, 1), losses(7, 0, 2)), ((5, 1), losses(1, 4, 0))];
        let ledger = Ledger { by_type: by_type.into() };
        assert_eq!(ledger.total(), losses(13, 5, 2));
        assert_eq!(ledger.of_type(3), losses(12, 1, 2));
        assert_eq!(ledger.of_processor(1), losses(8, 4, 2));
        assert_eq!(ledger.total().missing(), 5, "an incomplete event is not missing");
        assert_eq!(ledger.total().of(Loss::Unreadable), 2);
    }
}
