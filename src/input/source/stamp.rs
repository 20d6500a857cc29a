//! Time stamps of other programs: the day on the shop's calendar, and the time of day.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Timelike as _};

use crate::config::DateOrder;
use crate::domain::Day;
use crate::input::cell::{DateFault, parse_day};
use crate::input::parquet::Zone;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A stamp as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub day: i32,
    /// Seconds after midnight; −1 where no time is written.
    pub second: i32,
    /// Seconds ahead of UTC; [`NO_OFFSET`] where none is written.
    pub offset: i32,
}

/// No offset.
pub(super) const NO_OFFSET: i32 = i32::MIN;

/// How dates are read.
#[derive(Clone, Debug, Default)]
pub(super) struct DateForm {
    pub order: Option<DateOrder>,
    pub format: Option<String>,
}

impl DateForm {
    /// Reads a stamp.
    pub(super) fn parse(&self, text: &str) -> Result<Stamp, DateFault> {
        if let Some(format) = &self.format {
            if let Some(stamp) = by_format(text, format) {
                return Ok(stamp);
            }
            // A workbook holds its dates as such, whatever the format of its text.
            return parse_day(text.as_bytes(), None).map(|day| stamp_of(day, text));
        }
        if let Some(stamp) = iso(text.as_bytes()) {
            return Ok(stamp);
        }
        let day = match parse_day(text.as_bytes(), self.order) {
            Ok(day) => day,
            Err(fault) => match self.order.and_then(|order| two_digits(text, order)) {
                Some(full) => parse_day(full.as_bytes(), self.order)?,
                None => return Err(fault),
            },
        };
        Ok(stamp_of(day, text))
    }
}

fn stamp_of(day: i32, text: &str) -> Stamp {
    let (second, offset) = time_of(text);
    Stamp {
        day,
        second,
        offset,
    }
}

/// `2026-08-31 21:06:21 +0900`, `2026-08-31T12:06:21Z`, digit by digit.
fn iso(text: &[u8]) -> Option<Stamp> {
    let two = |at: usize| -> Option<i32> {
        let (a, b) = (*text.get(at)?, *text.get(at + 1)?);
        (a.is_ascii_digit() && b.is_ascii_digit())
            .then(|| i32::from(a - b'0') * 10 + i32::from(b - b'0'))
    };
    let mark = |at: usize, marks: &[u8]| text.get(at).is_some_and(|b| marks.contains(b));
    if !(mark(4, b"-/") && mark(7, b"-/") && mark(10, b" T") && mark(13, b":") && mark(16, b":")) {
        return None;
    }
    let day = parse_day(&text[..10], None).ok()?;
    let second = two(11)? * 3600 + two(14)? * 60 + two(17)?;
    let rest = std::str::from_utf8(text.get(19..)?).ok()?;
    let offset = if rest.is_empty() {
        NO_OFFSET
    } else {
        offset_of(rest)?
    };
    (i64::from(second) < DAY).then_some(Stamp {
        day,
        second,
        offset,
    })
}

/// The offset behind a time: `Z`, `+09:00`, ` +0900`, ` UTC`, with or without fractions of a second before it. None where something else stands there.
fn offset_of(rest: &str) -> Option<i32> {
    let rest = rest.strip_prefix(['.', ',']).map_or(rest, |fraction| {
        fraction.trim_start_matches(|c: char| c.is_ascii_digit())
    });
    let rest = rest.trim();
    match rest {
        "" => Some(NO_OFFSET),
        "Z" | "z" | "UTC" | "GMT" => Some(0),
        "JST" => Some(9 * 3600),
        _ => match Zone::of(rest.trim_start_matches("UTC").trim_start_matches("GMT"))? {
            Zone::Utc => Some(0),
            Zone::Fixed(seconds) => Some(seconds),
            _ => None,
        },
    }
}

/// The time of day in a text that begins with a date, and its offset.
fn time_of(text: &str) -> (i32, i32) {
    let none = (-1, NO_OFFSET);
    let Some(colon) = text.find(':') else {
        return none;
    };
    let hour_at = text[..colon]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |k| {
            k + text[k..].chars().next().map_or(1, char::len_utf8)
        });
    let Ok(mut hour) = text[hour_at..colon].parse::<i32>() else {
        return none;
    };
    let mut rest = &text[colon + 1..];
    let mut number = || -> Option<i32> {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let found = rest[..end].parse().ok()?;
        rest = &rest[end..];
        Some(found)
    };
    let Some(minute) = number() else { return none };
    let mut second = 0;
    if let Some(behind) = rest.strip_prefix(':') {
        rest = behind;
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        second = rest[..end].parse().unwrap_or(0);
        rest = &rest[end..];
    }
    let upper = rest.trim_start().to_ascii_uppercase();
    for (mark, after) in [("PM", 12), ("AM", 0)] {
        if let Some(behind) = upper.strip_prefix(mark) {
            hour = hour % 12 + after;
            rest = &rest[rest.len() - behind.len()..];
            break;
        }
    }
    let total = hour * 3600 + minute * 60 + second;
    if !(0..DAY as i32).contains(&total) {
        return none;
    }
    (total, offset_of(rest).unwrap_or(NO_OFFSET))
}

/// `31/08/26` with the century that is meant.
fn two_digits(text: &str, order: DateOrder) -> Option<String> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '/' | '-' | '.')))
        .unwrap_or(text.len());
    let (date, rest) = text.split_at(end);
    let mark = date.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = date.split(mark).collect();
    let [a, b, c] = parts[..] else { return None };
    let (year, before, behind) = match order {
        DateOrder::Ymd => (a, b, c),
        DateOrder::Mdy | DateOrder::Dmy => (c, a, b),
    };
    if year.len() != 2 {
        return None;
    }
    // POSIX: 69 to 99 are of the last century.
    let century = if year >= "69" { "19" } else { "20" };
    Some(match order {
        DateOrder::Ymd => format!("{century}{year}{mark}{before}{mark}{behind}{rest}"),
        DateOrder::Mdy | DateOrder::Dmy => {
            format!("{before}{mark}{behind}{mark}{century}{year}{rest}")
        }
    })
}

fn by_format(text: &str, format: &str) -> Option<Stamp> {
    if let Ok(stamp) = DateTime::parse_from_str(text, format) {
        let local = stamp.naive_local();
        return Some(Stamp {
            day: day_of(local.date())?,
            second: local.num_seconds_from_midnight() as i32,
            offset: stamp.offset().local_minus_utc(),
        });
    }
    if let Ok(stamp) = NaiveDateTime::parse_from_str(text, format) {
        return Some(Stamp {
            day: day_of(stamp.date())?,
            second: stamp.num_seconds_from_midnight() as i32,
            offset: NO_OFFSET,
        });
    }
    let date = NaiveDate::parse_from_str(text, format).ok()?;
    Some(Stamp {
        day: day_of(date)?,
        second: -1,
        offset: NO_OFFSET,
    })
}

fn day_of(date: NaiveDate) -> Option<i32> {
    let days = (date - NaiveDate::default()).num_days();
    let day = i32::try_from(days).ok().map(Day)?;
    (Day::from_ymd(1970, 1, 1)? <= day && day < Day::from_ymd(2200, 1, 1)?).then_some(day.0)
}

/// Which of the orders of day and month the dates can be in, as far as they show it: whether some first number, and some second one, is no month.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct OrderSeen {
    first_is_day: bool,
    second_is_day: bool,
}

impl OrderSeen {
    pub(super) fn look(&mut self, text: &str) {
        let mut parts = text.split(['/', '-', '.']);
        let (Some(a), Some(b)) = (parts.next(), parts.next()) else {
            return;
        };
        if a.len() > 2 || b.len() > 2 {
            return;
        }
        let is_day = |part: &str| part.parse::<u32>().is_ok_and(|n| n > 12 && n <= 31);
        self.first_is_day |= is_day(a);
        self.second_is_day |= is_day(b);
    }

    /// What two files show together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            first_is_day: self.first_is_day || other.first_is_day,
            second_is_day: self.second_is_day || other.second_is_day,
        }
    }

    /// The order that the dates show; the told one where they show none, or both.
    pub(super) fn or(self, told: Option<DateOrder>) -> Option<DateOrder> {
        match (told, self.first_is_day, self.second_is_day) {
            (Some(DateOrder::Ymd), ..) => told,
            (_, true, false) => Some(DateOrder::Dmy),
            (_, false, true) => Some(DateOrder::Mdy),
            _ => told,
        }
    }
}

/// The shop's calendar.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    /// The zone of the shop; `None`: stamps are read as they are written.
    pub shop: Option<Zone>,
    /// The zone of stamps without an offset.
    pub unmarked: Option<Zone>,
    /// Stamps that bear an offset are converted, too: they are instants of UTC, or the shop's zone was told.
    pub convert: bool,
}

impl Calendar {
    /// The shop's day of a stamp, and its second of that day (−1 unknown).
    pub(super) fn day(&self, stamp: Stamp) -> (i32, i32) {
        let written = (stamp.day, stamp.second);
        let Some(shop) = self.shop else {
            return written;
        };
        if stamp.second < 0 {
            return written;
        }
        let local = i64::from(stamp.day) * DAY + i64::from(stamp.second);
        let instant = if stamp.offset == NO_OFFSET {
            match self.unmarked {
                Some(zone) if zone != shop => zone.instant(local),
                _ => return written,
            }
        } else if self.convert {
            local - i64::from(stamp.offset)
        } else {
            return written;
        };
        let there = instant + shop.ahead(instant);
        let day = i32::try_from(there.div_euclid(DAY)).unwrap_or(stamp.day);
        (day, there.rem_euclid(DAY) as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, order: Option<DateOrder>, format: Option<&str>) -> Option<Stamp> {
        let form = DateForm {
            order,
            format: format.map(str::to_owned),
        };
        form.parse(text).ok()
    }

    #[test]
    fn stamps_as_programs_write_them() {
        let day = Day::from_ymd(2026, 8, 31).expect("day").0;
        let noon = 12 * 3600 + 6 * 60;
        for (text, second, offset) in [
            ("2026-08-31 12:06:00 +0900", noon, 9 * 3600),
            ("2026-08-31T12:06:00Z", noon, 0),
            ("2026-08-31T12:06:00.123+00:00", noon, 0),
            ("2026-08-31T12:06:00-03:30", noon, -12_600),
            ("2026/08/31 12:06:00", noon, NO_OFFSET),
            ("2026/8/31 12:06", noon, NO_OFFSET),
            ("2026-08-31", -1, NO_OFFSET),
            ("2026年8月31日 12:06", noon, NO_OFFSET),
        ] {
            let expected = Stamp {
                day,
                second,
                offset,
            };
            assert_eq!(parse(text, None, None), Some(expected), "{text}");
        }
        for (text, order, format) in [
            ("08/31/2026 12:06 PM", Some(DateOrder::Mdy), None),
            ("31.08.26 12:06", Some(DateOrder::Dmy), None),
            ("26/08/31 12:06", Some(DateOrder::Ymd), None),
            ("31 Aug 2026 12:06", None, Some("%d %b %Y %H:%M")),
        ] {
            let found = parse(text, order, format).map(|s| (s.day, s.second));
            assert_eq!(found, Some((day, noon)), "{text}");
        }
        assert_eq!(parse("31/08/26", None, None), None);
    }

    #[test]
    fn a_stamp_is_of_the_day_that_the_shops_calendar_showed() {
        let tokyo = Zone::of("Asia/Tokyo");
        let evening = parse("2026-08-31T15:30:00+00:00", None, None).expect("stamp");
        let calendar = Calendar {
            shop: tokyo,
            unmarked: None,
            convert: true,
        };
        assert_eq!(calendar.day(evening), (evening.day + 1, 1800));
        let unmarked = parse("2026-08-31 15:30:00", None, None).expect("stamp");
        assert_eq!(calendar.day(unmarked).0, unmarked.day);
        let of_utc = Calendar {
            unmarked: Some(Zone::Utc),
            ..calendar
        };
        assert_eq!(of_utc.day(unmarked).0, unmarked.day + 1);
    }

    #[test]
    fn the_order_of_day_and_month_is_seen() {
        let mut seen = OrderSeen::default();
        for text in ["05/06/2026", "31/08/2026 10:00"] {
            seen.look(text);
        }
        assert_eq!(seen.or(Some(DateOrder::Mdy)), Some(DateOrder::Dmy));
        seen.look("08/31/2026");
        assert_eq!(seen.or(Some(DateOrder::Mdy)), Some(DateOrder::Mdy));
    }
}
