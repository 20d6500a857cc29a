//! The day of an instant: a time stamp with a zone is of the day that its zone's calendar showed.

use chrono::{DateTime, Offset as _, TimeZone as _};
use chrono_tz::Tz;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// The calendar that time stamps are read with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::input) enum Zone {
    /// The stamps are clocks as they were seen; they carry no zone.
    Seen,
    /// UTC, because the column says so or names no zone for its instants.
    Utc,
    /// A fixed distance from UTC, in seconds.
    Fixed(i32),
    Named(Tz),
}

impl Zone {
    /// The zone of a name such as `Asia/Tokyo`, `+09:00` or `UTC`. None where no such zone is known.
    pub(in crate::input) fn of(name: &str) -> Option<Self> {
        if let Some(seconds) = offset(name) {
            return Some(if seconds == 0 {
                Self::Utc
            } else {
                Self::Fixed(seconds)
            });
        }
        match name.parse::<Tz>().ok()? {
            Tz::UTC | Tz::Etc__UTC | Tz::Etc__UCT | Tz::UCT | Tz::Zulu | Tz::Etc__Zulu => {
                Some(Self::Utc)
            }
            zone => Some(Self::Named(zone)),
        }
    }

    /// The day, since 1970-01-01, that the zone's calendar showed `seconds` after that day began in UTC. None beyond any
    /// calendar.
    pub(super) fn day(self, seconds: i64) -> Option<i32> {
        if let Self::Named(_) = self {
            DateTime::from_timestamp(seconds, 0)?;
        }
        let day = seconds.checked_add(self.ahead(seconds))?.div_euclid(DAY);
        i32::try_from(day).ok()
    }

    /// Seconds that the zone's clocks are ahead of UTC at an instant; 0 beyond any calendar.
    pub(in crate::input) fn ahead(self, instant: i64) -> i64 {
        match self {
            Self::Seen | Self::Utc => 0,
            Self::Fixed(ahead) => i64::from(ahead),
            Self::Named(zone) => DateTime::from_timestamp(instant, 0).map_or(0, |instant| {
                let offset = zone.offset_from_utc_datetime(&instant.naive_utc());
                i64::from(offset.fix().local_minus_utc())
            }),
        }
    }

    /// The instant at which the zone's clocks showed `local`, in seconds since 1970-01-01; in the hour that clocks show twice the later one.
    pub(in crate::input) fn instant(self, local: i64) -> i64 {
        let guess = local - self.ahead(local);
        local - self.ahead(guess)
    }
}

/// Seconds of `+09:00`, `-0330` or `+9`.
fn offset(name: &str) -> Option<i32> {
    let (sign, rest) = match name.as_bytes().first()? {
        b'+' => (1, &name[1..]),
        b'-' => (-1, &name[1..]),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at(digits.len().min(2));
    let hours: i32 = hours.parse().ok()?;
    let minutes: i32 = if minutes.is_empty() {
        0
    } else {
        minutes.parse().ok()?
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_the_day_that_its_clocks_showed() {
        // 2026-08-01 00:00 UTC, and an hour before and after.
        let midnight = 1_785_542_400;
        for (name, before, after) in [
            ("UTC", -1, 0),
            ("Asia/Tokyo", 0, 0),
            ("+09:00", 0, 0),
            ("America/New_York", -1, -1),
            ("-0330", -1, -1),
            ("Europe/London", 0, 0),
            ("+01", 0, 0),
        ] {
            let zone = Zone::of(name).expect(name);
            let day = |seconds: i64| zone.day(seconds).expect("in range") - 20_666;
            assert_eq!(
                (day(midnight - 3600), day(midnight + 3600)),
                (before, after),
                "{name}"
            );
        }
        // Summer time: 23:30 UTC is the next day in London in July and the same in January.
        let london = Zone::of("Europe/London").expect("a zone");
        assert_eq!(london.day(1_785_542_400 - 1800), Some(20_666));
        assert_eq!(london.day(1_767_225_600 - 1800), Some(20_453));
    }

    #[test]
    fn what_is_no_zone_is_none() {
        for name in [
            "",
            "Mars/Olympus",
            "+25:00",
            "+09:99",
            "+",
            "JST+9",
            "+09:00:00",
        ] {
            assert_eq!(Zone::of(name), None, "{name}");
        }
        assert_eq!(Zone::of("Etc/UTC"), Some(Zone::Utc));
        assert_eq!(Zone::of("+00:00"), Some(Zone::Utc));
        assert_eq!(Zone::of("UTC"), Some(Zone::Utc));
        assert_eq!(Zone::Utc.day(i64::MAX), None);
        assert_eq!(Zone::Fixed(1).day(i64::MAX), None);
    }
}
