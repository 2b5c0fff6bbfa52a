//! Times as text.

use super::made;
use bumpalo::Bump;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Nanoseconds of a second.
pub(crate) const SECOND_NS: u64 = 1_000_000_000;

/// Zone of times that people read.
#[derive(Clone, Debug)]
pub struct Clock(TimeZone);

impl Default for Clock {
    /// The zone of this machine: `TZ`, else `/etc/localtime`.
    fn default() -> Self {
        Self(TimeZone::system())
    }
}

impl Clock {
    /// UTC.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// `HH:MM:SS.nnnnnnnnn`
    pub fn time(&self, ns: u64) -> String {
        stamp(ns).to_zoned(self.0.clone()).strftime(TIME).to_string()
    }

    /// A time in a form of [`TIME`] and its like.
    pub(super) fn show<'a>(&self, arena: &'a Bump, ns: u64, format: &str) -> &'a [u8] {
        made::formatted(arena, format_args!("{}", stamp(ns).to_zoned(self.0.clone()).strftime(format)))
    }
}

/// `HH:MM:SS.nnnnnnnnn`
pub(super) const TIME: &str = "%H:%M:%S.%9f";
/// `HH:MM:SS`
pub(super) const TIME_S: &str = "%H:%M:%S";
/// `YYYY-MM-DD HH:MM:SS.nnnnnnnnn`
pub(super) const DATE_TIME: &str = "%Y-%m-%d %H:%M:%S.%9f";
/// `YYYY-MM-DD HH:MM:SS`
pub(super) const DATE_TIME_S: &str = "%Y-%m-%d %H:%M:%S";
const ISO_8601: &str = "%Y-%m-%dT%H:%M:%S.%9f";

/// Nanoseconds since 1970; all of them are years that the library knows.
fn stamp(ns: u64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(ns)).unwrap_or_default()
}

/// `YYYY-MM-DDTHH:MM:SS.nnnnnnnnn` in UTC with `zone` behind it.
pub(crate) fn iso_8601(ns: u64, zone: &str) -> String {
    let mut text = stamp(ns).strftime(ISO_8601).to_string();
    text.push_str(zone);
    text
}

/// As [`iso_8601`], with the zone as fields have it.
pub(super) fn show_iso_8601(arena: &Bump, ns: u64) -> &[u8] {
    made::formatted(arena, format_args!("{}+0000", stamp(ns).strftime(ISO_8601)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let (utc, arena) = (Clock::utc(), Bump::new());
        for (ns, expected) in [
            (0, "1970-01-01 00:00:00.000000000"),
            (951_782_400 * SECOND_NS, "2000-02-29 00:00:00.000000000"),
            (1_795_327_651_011_795_577, "2026-11-22 06:07:31.011795577"),
            (u64::MAX, "2554-07-21 23:34:33.709551615"),
        ] {
            assert_eq!(utc.show(&arena, ns, DATE_TIME), expected.as_bytes());
        }
        let ns = 61 * SECOND_NS + 5;
        assert_eq!(utc.time(ns), "00:01:01.000000005");
        assert_eq!(utc.show(&arena, ns, TIME_S), b"00:01:01");
        assert_eq!(utc.show(&arena, ns, DATE_TIME_S), b"1970-01-01 00:01:01");
        assert_eq!(show_iso_8601(&arena, ns), b"1970-01-01T00:01:01.000000005+0000");
        assert_eq!(iso_8601(5, "Z"), "1970-01-01T00:00:00.000000005Z");
    }
}
