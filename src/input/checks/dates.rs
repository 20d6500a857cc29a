//! A date far after all others, which would move the whole plan.

use crate::domain::{Day, Finding, Severity};
use crate::input::folder::RawTables;
use crate::input::raw::NO_DAY;

/// Days without any row of sales or stock after which a later date is doubtful.
const DAYS_APART: i32 = 60;
/// Dates that a slip may have made; more are data that came late.
const SLIPS: usize = 3;

/// Warns when as-of is the last date in `sales` and `stock`, and only [`SLIPS`] dates or fewer are after a gap of more
/// than [`DAYS_APART`] days.
pub(in crate::input) fn far_as_of(raw: &RawTables, findings: &mut Vec<Finding>) {
    let tables = || std::iter::once(&raw.sales).chain(&raw.stock);
    // The latest dates, the last first.
    let mut latest: Vec<i32> = Vec::with_capacity(SLIPS + 2);
    for table in tables() {
        for &date in table.days("date").iter().filter(|&&d| d != NO_DAY) {
            let at = latest.partition_point(|&d| d > date);
            if at <= SLIPS && latest.get(at) != Some(&date) {
                latest.insert(at, date);
                latest.truncate(SLIPS + 1);
            }
        }
    }
    let Some(gap) = latest.windows(2).find(|w| w[0] - w[1] > DAYS_APART) else {
        return;
    };
    let (as_of, previous) = (latest[0], gap[1]);
    let count: usize = tables()
        .map(|t| t.days("date").iter().filter(|&&d| d > previous).count())
        .sum();
    let first = tables().find_map(|table| {
        let row = table.days("date").iter().position(|&d| d == as_of)?;
        let mut place = table.place(row, Some("date"));
        place.value = Some(Day(as_of).to_string());
        Some(place)
    });
    let Some(place) = first else { return };
    findings.push(
        Finding::new(Severity::Warning, "as_of_far_ahead")
            .place(place)
            .between(Day(as_of), Day(as_of))
            .count(count as u64)
            .figure("as_of", Day(as_of))
            .figure("previous", Day(previous))
            .figure("days", as_of - previous)
            .figure("count", count),
    );
}
