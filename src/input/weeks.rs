//! Weekly tables: as-of is a week, and what happened within a week is of that week.

use std::collections::BTreeMap;

use super::error::InputError;
use super::folder::RawTables;
use super::raw::NO_DAY;
use crate::domain::{Day, Finding, Grain, Severity};

/// Receipts of items with a stated lead time from which on a mean says something.
const RECEIPTS: usize = 5;
/// Days by which the weeks may change a lead time before it is told.
const PARTED: f64 = 1.0;

/// First day of the week that holds a day; weeks begin on the weekday of `first`.
fn week_of(day: i32, first: i32) -> i32 {
    day.saturating_sub(day.wrapping_sub(first).rem_euclid(Grain::Week.days()))
}

/// Holds a told as-of to the weeks' first days: within a week nobody could say whether that week is over. `first` is the first day of some week.
///
/// # Errors
/// As-of is another day.
pub(super) fn hold_to_weeks(as_of: Day, first: Day) -> Result<Day, InputError> {
    let week = Day(week_of(as_of.0, first.0));
    if week == as_of {
        return Ok(as_of);
    }
    Err(InputError::WithinWeek {
        as_of: as_of.to_string(),
        week: week.to_string(),
        before: (week + -Grain::Week.days()).to_string(),
    })
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
/// closing stock of its week, whose date is that of the Monday. What was promised to customers stays as it was promised.
pub(super) fn lay_on_weeks(raw: &mut RawTables, as_of: Day) {
    let columns = [
        (
            raw.backorders.as_mut(),
            &["date", "shipped_date", "cancelled_date", "notified_date"][..],
        ),
        (
            raw.inbound.as_mut(),
            &["ordered_date", "expected_date", "received_date"],
        ),
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
