//! The day of stock that bears none: a column, else the file's name, else the last whole day of sales. Never the file's own time: copying a folder changes no plan.

use crate::domain::{Day, ENGLISH_MONTHS, Finding, Place, Severity};
use crate::input::raw::{NO_DAY, RawTable};

/// Days after the last one of sales within which a snapshot is of that day's close: it was made on the next morning, or before a weekend was over.
const NEAR: i32 = 3;

/// Gives the rows of stock without a date the day of their file, and says so.
pub(super) fn date_snapshots(table: &mut RawTable, last: Option<i32>, findings: &mut Vec<Finding>) {
    let rows = table.rows();
    let parts: Vec<(String, usize, usize)> = (0..table.parts.len())
        .map(|k| {
            let end = table.parts.get(k + 1).map_or(rows, |p| p.first_row);
            (table.parts[k].file.clone(), table.parts[k].first_row, end)
        })
        .collect();
    for (file, first, end) in parts {
        let days = table.days_mut("date");
        let Some(days) = days.get_mut(first..end) else {
            continue;
        };
        let undated = days.iter().filter(|&&d| d == NO_DAY).count();
        if undated == 0 {
            continue;
        }
        let of_name = day_in_name(&file);
        let (day, why) = match (of_name, last) {
            (Some(day), Some(last)) if day > last && day <= last + NEAR => (last, "close"),
            (Some(day), _) => (day, "name"),
            (None, Some(last)) => (last, "sales"),
            (None, None) => continue,
        };
        for d in days.iter_mut().filter(|d| **d == NO_DAY) {
            *d = day;
        }
        let code = match why {
            "name" => "snapshot_dated_by_name",
            "close" => "snapshot_dated_before_name",
            _ => "snapshot_dated_by_sales",
        };
        findings.push(
            Finding::new(Severity::Notice, code)
                .place(Place {
                    file: Some(file.clone()),
                    ..Place::default()
                })
                .between(Day(day), Day(day))
                .count(undated as u64)
                .figure("file", file)
                .figure("date", Day(day)),
        );
    }
}

/// The last day of a month.
fn month_end(year: i32, month: u32) -> Option<i32> {
    let (year, month) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    Day::from_ymd(year, month, 1).map(|d| d.0 - 1)
}

/// The last day of a month as text: `2026-08`, `2026年8月`, `Aug 2026`, `August 2026`.
pub(super) fn month_of(text: &str) -> Option<i32> {
    let lower = text.trim().to_lowercase();
    let numbers: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_digit())
        .filter(|n| !n.is_empty())
        .collect();
    let word: String = lower.chars().filter(|c| c.is_ascii_alphabetic()).collect();
    let by_word = (word.len() >= 3)
        .then(|| {
            ENGLISH_MONTHS
                .iter()
                .position(|m| m.starts_with(word.as_str()))
        })
        .flatten();
    match (numbers.as_slice(), by_word) {
        ([year], Some(month)) if year.len() == 4 => month_end(year.parse().ok()?, month as u32 + 1),
        ([year, month], None) if word.is_empty() && year.len() == 4 && month.len() <= 2 => {
            let month: u32 = month.parse().ok()?;
            (1..=12)
                .contains(&month)
                .then(|| year.parse().ok().and_then(|y| month_end(y, month)))
                .flatten()
        }
        _ => None,
    }
}

/// The day in a file's name: `2026-08-31`, `20260831`, `2026_08_31`; of a month (`2026-08`, `202608`, `Aug 2026`) its last one.
fn day_in_name(file: &str) -> Option<i32> {
    let bare = file.rsplit('/').next().unwrap_or(file);
    let stem = bare.split('.').next().unwrap_or(bare);
    let runs: Vec<&str> = stem
        .split(|c: char| !c.is_ascii_digit())
        .filter(|n| !n.is_empty())
        .collect();
    let number = |text: &str| text.parse::<u32>().ok();
    let sane = |year: u32| (2000..2100).contains(&year);
    for (k, run) in runs.iter().enumerate() {
        if (run.len() == 8 || run.len() == 14 || run.len() == 12)
            && let (Some(y), Some(m), Some(d)) =
                (number(&run[..4]), number(&run[4..6]), number(&run[6..8]))
            && sane(y)
            && let Some(day) = Day::from_ymd(y as i32, m, d)
        {
            return Some(day.0);
        }
        if run.len() == 4
            && let Some(y) = number(run).filter(|&y| sane(y))
            && let Some(m) = runs
                .get(k + 1)
                .filter(|m| m.len() <= 2)
                .and_then(|m| number(m))
            && (1..=12).contains(&m)
        {
            let day = runs
                .get(k + 2)
                .filter(|d| d.len() <= 2)
                .and_then(|d| number(d));
            return match day.and_then(|d| Day::from_ymd(y as i32, m, d)) {
                Some(day) => Some(day.0),
                None => month_end(y as i32, m),
            };
        }
        if run.len() == 6
            && let (Some(y), Some(m)) = (number(&run[..4]), number(&run[4..]))
            && sane(y)
            && (1..=12).contains(&m)
        {
            return month_end(y as i32, m);
        }
    }
    let year = runs
        .iter()
        .find(|r| r.len() == 4 && number(r).is_some_and(sane))?;
    let lower = stem.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphabetic());
    let month = words.find_map(|w| {
        let known = ENGLISH_MONTHS
            .iter()
            .position(|m| w == *m || (w.len() == 3 && m.starts_with(w)));
        known.map(|m| m as u32 + 1)
    })?;
    month_end(year.parse().ok()?, month)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> Option<i32> {
        Day::from_ymd(year, month, day).map(|d| d.0)
    }

    #[test]
    fn a_files_name_says_its_day() {
        for (name, expected) in [
            ("stock_2026-08-31.csv", day(2026, 8, 31)),
            ("x/zaiko20260831.csv", day(2026, 8, 31)),
            ("2026_8_1 stock.csv", day(2026, 8, 1)),
            ("Month-end snapshot 2026-07.csv", day(2026, 7, 31)),
            ("snapshot Aug 2026.csv", day(2026, 8, 31)),
            ("ledger_202602.txt", day(2026, 2, 28)),
            ("inventory_export_1.csv", None),
            ("export 4901234567894.csv", None),
        ] {
            assert_eq!(day_in_name(name), expected, "{name}");
        }
        assert_eq!(month_of("2026年8月"), day(2026, 8, 31));
        assert_eq!(month_of("Feb 2026"), day(2026, 2, 28));
        assert_eq!(month_of("2026-08-31"), None);
    }
}
