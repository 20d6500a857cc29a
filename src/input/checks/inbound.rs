//! Doubtful rows of `inbound`.

use std::collections::BTreeSet;

use super::quantity;
use crate::domain::{Day, Finding, Severity};
use crate::input::raw::RawTable;

/// Rows ordered up to `last` that are equal in every column that is read: kept, but told, for goods that are on order
/// twice are not ordered again. Looks at the dates as typed, so call it before they are laid on weeks.
pub(in crate::input) fn repeated_orders(raw: &RawTable, last: Day, findings: &mut Vec<Finding>) {
    let day = |column| raw.day(column);
    let code = |column| {
        let codes = raw.codes(column);
        move |row: usize| codes.get(row).copied()
    };
    let bits = |column| {
        let number = raw.number(column);
        move |row: usize| number(row).map(f64::to_bits)
    };
    let (ordered, expected, received) = (
        day("ordered_date"),
        day("expected_date"),
        day("received_date"),
    );
    let (po_id, sku, location, supplier) = (
        code("po_id"),
        code("sku"),
        code("location"),
        code("supplier"),
    );
    let (units, received_units) = (bits("units"), bits("received_units"));
    let mut seen = BTreeSet::new();
    let (mut count, mut doubled, mut first) = (0u64, 0.0, None);
    for row in 0..raw.rows() {
        if ordered(row).is_none_or(|d| d > last) {
            continue;
        }
        let cells = (
            (po_id(row), sku(row), location(row), supplier(row)),
            (ordered(row), expected(row), received(row)),
            (units(row), received_units(row)),
        );
        if !seen.insert(cells) {
            count += 1;
            doubled += raw.number("units")(row).unwrap_or(0.0);
            first.get_or_insert(row);
        }
    }
    let Some(row) = first else { return };
    let name = |column| raw.text(column, str::to_owned)(row);
    findings.push(
        Finding::new(Severity::Warning, "duplicate_inbound_rows")
            .place(raw.place(row, None))
            .count(count)
            .figure("count", count)
            .figure("units", quantity(doubled))
            .figure("po", name("po_id").unwrap_or_else(|| "–".to_owned()))
            .figure("sku", name("sku").unwrap_or_default()),
    );
}
