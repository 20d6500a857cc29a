//! Weekly tables: as-of is a week, and what happened within a week is of that week.

use super::error::InputError;
use super::folder::RawTables;
use super::raw::NO_DAY;
use crate::domain::{Day, Grain};

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
