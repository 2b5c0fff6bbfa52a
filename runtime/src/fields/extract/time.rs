//! Times as text.

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

    fn show(&self, ns: u64, format: &str) -> String {
        stamp(ns).to_zoned(self.0.clone()).strftime(format).to_string()
    }

    /// `HH:MM:SS`, with nanoseconds if asked for.
    pub fn time(&self, ns: u64, fraction: bool) -> String {
        self.show(ns, if fraction { "%H:%M:%S.%9f" } else { "%H:%M:%S" })
    }

    /// `YYYY-MM-DD HH:MM:SS`, with nanoseconds if asked for.
    pub fn date_time(&self, ns: u64, fraction: bool) -> String {
        self.show(ns, if fraction { "%Y-%m-%d %H:%M:%S.%9f" } else { "%Y-%m-%d %H:%M:%S" })
    }
}

/// Nanoseconds since 1970; all of them are years that the library knows.
fn stamp(ns: u64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(ns)).unwrap_or_default()
}

/// `YYYY-MM-DDTHH:MM:SS.nnnnnnnnn` in UTC with `zone` behind it.
pub(crate) fn iso_8601(ns: u64, zone: &str) -> String {
    let mut text = stamp(ns).strftime("%Y-%m-%dT%H:%M:%S.%9f").to_string();
    text.push_str(zone);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let utc = Clock::utc();
        for (ns, expected) in [
            (0, "1970-01-01 00:00:00.000000000"),
            (951_782_400 * SECOND_NS, "2000-02-29 00:00:00.000000000"),
            (1_795_327_651_011_795_577, "2026-11-22 06:07:31.011795577"),
            (u64::MAX, "2554-07-21 23:34:33.709551615"),
        ] {
            assert_eq!(utc.date_time(ns, true), expected);
        }
        assert_eq!(utc.time(61 * SECOND_NS + 5, true), "00:01:01.000000005");
        assert_eq!(utc.time(61 * SECOND_NS + 5, false), "00:01:01");
        assert_eq!(iso_8601(5, "Z"), "1970-01-01T00:00:00.000000005Z");
    }
}
