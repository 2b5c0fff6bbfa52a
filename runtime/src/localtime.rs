//! Times as log lines print them.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// How times are printed.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum TimeStyle {
    /// Local, as in C: `Sun Nov  2 05:23:18 2026`.
    #[default]
    C,
    /// UTC: `2026-11-02T05:23:18+0000`.
    Iso8601,
}

/// The time now in a style.
pub fn now(style: TimeStyle) -> String {
    stamp(&Zoned::now(), style)
}

fn stamp(time: &Zoned, style: TimeStyle) -> String {
    match style {
        TimeStyle::C => time.strftime("%a %b %e %H:%M:%S %Y").to_string(),
        TimeStyle::Iso8601 => {
            time.with_time_zone(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
        }
    }
}

/// A time as in the header of a syslog message: `Nov  2 05:23:18`, local.
pub(crate) fn syslog_stamp(time: Timestamp) -> String {
    time.to_zoned(TimeZone::system()).strftime("%b %e %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles() {
        let time: Zoned = "2026-11-02T05:23:18+01:00[+01:00]".parse().unwrap();
        assert_eq!(stamp(&time, TimeStyle::C), "Mon Nov  2 05:23:18 2026");
        assert_eq!(stamp(&time, TimeStyle::Iso8601), "2026-11-02T04:23:18+0000");
    }
}
