//! Weekly tables: as-of is a week, and what happened within a week is of that week, unless dates are read as days.

use std::collections::BTreeMap;

use super::error::InputError;
use super::folder::RawTables;
use super::raw::NO_DAY;
use crate::domain::{Day, Finding, Grain, Severity, WeekDates};

/// Receipts of items with a stated lead time from which on a mean says something.
const RECEIPTS: usize = 5;
/// Days by which the weeks may change a lead time before it is told.
const PARTED: f64 = 1.0;

/// First day of the week that holds a day; weeks begin on the weekday of `first`.
pub(super) fn week_of(day: i32, first: i32) -> i32 {
    day.saturating_sub(day.wrapping_sub(first).rem_euclid(Grain::Week.days()))
}

/// Holds a told as-of to the weeks' first days: within a week nobody could say whether that week is over. Where dates are days, its last day says so.
/// `first` is the first day of some week.
///
/// # Errors
/// As-of is another day.
pub(super) fn hold_to_weeks(as_of: Day, first: Day, dates: WeekDates) -> Result<Day, InputError> {
    let week = Day(week_of(as_of.0, first.0));
    let last = week + (Grain::Week.days() - 1);
    if week == as_of || (dates == WeekDates::Day && last == as_of) {
        return Ok(week);
    }
    Err(InputError::WithinWeek {
        as_of: as_of.to_string(),
        week: week.to_string(),
        before: (week + -Grain::Week.days()).to_string(),
    })
}

/// The last week that is over, where dates are days: that of the last sale, or the last one up to whose end stock is counted. Rows of stock that
/// all carry first days of weeks are of those weeks.
pub(super) fn last_week(raw: &RawTables) -> Option<Day> {
    let dated = |days: &[i32]| days.iter().copied().filter(|d| *d != NO_DAY).max();
    let sales = raw.sales.days("date");
    let stock = raw.stock.as_ref().map_or(&[][..], |t| t.days("date"));
    let counted = dated(stock);
    let Some(first) = sales.iter().copied().filter(|d| *d != NO_DAY).min() else {
        return counted.map(Day);
    };
    let counted = counted.map(|day| {
        let of_weeks = of_weeks(stock, first);
        let back = if of_weeks { 0 } else { Grain::Week.days() - 1 };
        week_of(day - back, first)
    });
    dated(sales).max(counted).map(Day)
}

/// Whether all dates are first days of weeks.
pub(super) fn of_weeks(dates: &[i32], first: i32) -> bool {
    let mut dates = dates.iter().filter(|d| **d != NO_DAY);
    dates.all(|&d| week_of(d, first) == d)
}

/// Warns where lead times in whole weeks part from those that are stated while those between the dates as typed are nearer to them. Looks at the
/// dates as typed, so call it before they are laid on weeks.
pub(super) fn lead_times_parted(raw: &RawTables, as_of: Day, findings: &mut Vec<Finding>) {
    let (Some(inbound), Some(items)) = (&raw.inbound, &raw.items) else {
        return;
    };
    let (name, lead) = (
        items.text("sku", str::to_owned),
        items.number("lead_time_days"),
    );
    let stated: BTreeMap<String, f64> = (0..items.rows())
        .filter_map(|row| Some((name(row)?, lead(row)?)))
        .collect();
    let sku = inbound.text("sku", str::to_owned);
    let (ordered, received) = (inbound.day("ordered_date"), inbound.day("received_date"));
    let last = as_of + (Grain::Week.days() - 1);
    // Stated, between the dates, between their weeks.
    let (mut count, mut sums) = (0usize, [0.0; 3]);
    for row in 0..inbound.rows() {
        let (Some(from), Some(to), Some(sku)) = (ordered(row), received(row), sku(row)) else {
            continue;
        };
        let Some(stated) = stated.get(&sku).filter(|_| from <= to && to <= last) else {
            continue;
        };
        let weeks = week_of(to.0, as_of.0) - week_of(from.0, as_of.0);
        count += 1;
        let days = [*stated, f64::from(to - from), f64::from(weeks)];
        sums.iter_mut().zip(days).for_each(|(sum, d)| *sum += d);
    }
    if count < RECEIPTS {
        return;
    }
    let [stated, days, weeks] = sums.map(|sum| sum / count as f64);
    if (weeks - days).abs() >= PARTED && (weeks - stated).abs() > (days - stated).abs() {
        let one = |x: f64| format!("{x:.1}");
        findings.push(
            Finding::new(Severity::Warning, "lead_times_in_weeks")
                .count(count as u64)
                .figure("count", count)
                .figure("stated", one(stated))
                .figure("days", one(days))
                .figure("weeks", one(weeks)),
        );
    }
}

/// Dates orders, receipts, shipments and the like by their weeks' first days, as sales and stock are: a receipt on a Wednesday is in the
/// closing stock of its week, whose date is that of the Monday. What was promised to customers stays as it was promised; so do the dates of
/// `inbound` where they are days.
pub(super) fn lay_on_weeks(raw: &mut RawTables, as_of: Day, dates: WeekDates) {
    let inbound = raw.inbound.as_mut().filter(|_| dates == WeekDates::Week);
    let columns = [
        (
            raw.backorders.as_mut(),
            &["date", "shipped_date", "cancelled_date", "notified_date"][..],
        ),
        (inbound, &["ordered_date", "expected_date", "received_date"]),
    ];
    for (table, names) in columns {
        let Some(table) = table else { continue };
        for name in names {
            for day in table.days_mut(name).iter_mut().filter(|d| **d != NO_DAY) {
                *day = week_of(*day, as_of.0);
            }
        }
    }
}
