//! The date axis: whole days since 1970-01-01, and the grain of a row.

use std::fmt;
use std::ops::{Add, Sub};

use chrono::NaiveDate;

/// English names of the months, January first: what people and programs write in names of events and files.
pub const ENGLISH_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A calendar day, as days since 1970-01-01 (the same count that Arrow's `Date32` uses).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(pub i32);

impl Day {
    /// The day of a calendar date, if there is one.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        let epoch = NaiveDate::default();
        NaiveDate::from_ymd_opt(year, month, day)
            .and_then(|d| i32::try_from((d - epoch).num_days()).ok())
            .map(Self)
    }

    /// The day of a date written as `2026-11-22`.
    pub fn of_iso(text: &str) -> Option<Self> {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        let days = (date - NaiveDate::default()).num_days();
        let day = i32::try_from(days).ok().map(Self)?;
        // `2026-1-2` is another name.
        (day.to_string() == text).then_some(day)
    }

    /// The calendar date; days outside chrono's range are held at its ends.
    pub fn date(self) -> NaiveDate {
        NaiveDate::default()
            .checked_add_signed(chrono::TimeDelta::days(i64::from(self.0)))
            .unwrap_or(NaiveDate::MAX)
    }

    /// 0 for Monday … 6 for Sunday.
    pub fn weekday(self) -> usize {
        (self.0 + 3).rem_euclid(7) as usize
    }

    /// Position in the year, 0 for 1 January … 365 for 31 December of a leap year.
    ///
    /// Integer arithmetic on the 400-year cycle (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2014): asked for every
    /// day of every series, several times over.
    pub fn day_of_year(self) -> usize {
        // Days since 0000-03-01, so that the leap day ends its year.
        let day = (i64::from(self.0) + 719_468).rem_euclid(146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let since_march = day - (365 * year + year / 4 - year / 100);
        if since_march >= 306 {
            return (since_march - 306) as usize;
        }
        // January and February of this calendar year, which is year `year` of the cycle.
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        since_march as usize + 59 + usize::from(leap)
    }
}

impl Add<i32> for Day {
    type Output = Self;
    fn add(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl Sub for Day {
    type Output = i32;
    fn sub(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date().format("%Y-%m-%d"))
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// How much time one row of `sales` and `stock` covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grain {
    /// A calendar day.
    #[default]
    Day,
    /// Seven days, dated by the first.
    Week,
}

impl Grain {
    /// Days in one period.
    pub const fn days(self) -> i32 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
        }
    }
}

/// How the dates of `inbound` and `stock` beside weekly sales are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WeekDates {
    /// As their weeks: what came within a week is sold from the next one on.
    #[default]
    Week,
    /// As the days that they are.
    Day,
}

#[cfg(test)]
mod tests {
    use chrono::Datelike;

    use super::*;

    #[test]
    fn the_day_of_the_year_is_the_calendar_s() {
        // Two whole cycles of 400 years around 1970, century leap years and days before 1970 included.
        for day in (-200_000..200_000).map(Day) {
            assert_eq!(day.day_of_year(), day.date().ordinal0() as usize, "{day}");
        }
    }
}
