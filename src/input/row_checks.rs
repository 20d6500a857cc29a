//! Rows whose cells are each right but together wrong; these stop the run like unreadable cells.

use std::collections::BTreeMap;

use super::folder::RawTables;
use super::problem::{Fault, Problems};
use super::raw::{NO_CODE, NO_DAY, RawTable};
use crate::config::Config;
use crate::domain::{Day, Grain, WeekDates};

/// Slack for sums of fractional quantities.
const SLACK: f64 = 1e-9;

/// Checks all tables.
pub(super) fn check_rows(raw: &RawTables, config: &Config, problems: &mut Problems) {
    if config.input.grain == Grain::Week {
        check_weekdays(raw, config.input.dates(), problems);
    }
    if let Some(backorders) = &raw.backorders {
        check_backorders(backorders, problems);
    }
    if let Some(inbound) = &raw.inbound {
        check_orders(inbound, problems);
    }
    if let Some(calendar) = &raw.calendar {
        check_ends(calendar, "from", "to", problems);
    }
    if let Some(listings) = &raw.listings {
        check_ends(listings, "listed_from", "listed_to", problems);
    }
    for (table, key) in [
        (&raw.items, "sku"),
        (&raw.channels, "channel"),
        (&raw.locations, "location"),
        (&raw.suppliers, "supplier"),
    ] {
        if let Some(table) = table {
            check_keys(table, key, problems);
        }
    }
    if let Some(locations) = &raw.locations {
        check_supply_loops(locations, problems);
    }
}

/// Weekly tables are dated by the weeks' first days, so all dates share one weekday: that of most rows.
fn check_weekdays(raw: &RawTables, dates: WeekDates, problems: &mut Problems) {
    let mut counts = [0usize; 7];
    // Where dates are days, stock is counted on any.
    let stock = raw.stock.as_ref().filter(|_| dates == WeekDates::Week);
    let tables = || std::iter::once(&raw.sales).chain(stock);
    for table in tables() {
        for &date in table.days("date").iter().filter(|&&d| d != NO_DAY) {
            counts[Day(date).weekday()] += 1;
        }
    }
    let usual = (0..7).rev().max_by_key(|&w| counts[w]).unwrap_or(0);
    if counts[usual] == counts.iter().sum::<usize>() {
        return;
    }
    for table in tables() {
        for (row, &date) in table.days("date").iter().enumerate() {
            if date != NO_DAY && Day(date).weekday() != usual {
                let days_after = (Day(date).weekday() + 7 - usual) % 7;
                let fault =
                    Fault::new("odd_weekday").figure("nearest", Day(date) + -(days_after as i32));
                table.refuse(row, "date", &Day(date).to_string(), fault, problems);
            }
        }
    }
}

fn check_backorders(table: &RawTable, problems: &mut Problems) {
    let ordered = table.number("units");
    let shipped = table.number("shipped_units");
    let cancelled = table.number("cancelled_units");
    for row in 0..table.rows() {
        let Some(units) = ordered(row) else { continue };
        let shipped = shipped(row).unwrap_or(0.0);
        let cancelled = cancelled(row).unwrap_or(0.0);
        if shipped + cancelled > units + SLACK {
            let (column, value) = if shipped > 0.0 {
                ("shipped_units", shipped)
            } else {
                ("cancelled_units", cancelled)
            };
            let fault = Fault::new("more_than_ordered")
                .figure("units", units)
                .figure("shipped", shipped)
                .figure("cancelled", cancelled);
            table.refuse(row, column, &value.to_string(), fault, problems);
        }
    }
}

/// Goods that came may lack an order number (that is a finding); an order that is awaited may not.
fn check_orders(table: &RawTable, problems: &mut Problems) {
    let (received, units) = (table.day("received_date"), table.number("received_units"));
    for (row, &code) in table.codes("po_id").iter().enumerate() {
        let came = received(row).is_some() || units(row).is_some_and(|n| n > 0.0);
        if code == NO_CODE && !came {
            table.refuse(row, "po_id", "", Fault::new("missing_value"), problems);
        }
    }
}

/// What begins ends no earlier.
fn check_ends(table: &RawTable, begins: &str, ends: &str, problems: &mut Problems) {
    let (first, last) = (table.day(begins), table.day(ends));
    for row in 0..table.rows() {
        if let (Some(from), Some(to)) = (first(row), last(row))
            && from > to
        {
            let fault = Fault::new("from_after_to")
                .figure("from", from)
                .figure("to", to);
            table.refuse(row, begins, &from.to_string(), fault, problems);
        }
    }
}

fn check_keys(table: &RawTable, key: &str, problems: &mut Problems) {
    let names = table.names(key);
    let mut first: Vec<Option<usize>> = vec![None; names.len()];
    for (row, &code) in table.codes(key).iter().enumerate() {
        let Some(seen) = first.get_mut(code as usize) else {
            continue;
        };
        match *seen {
            None => *seen = Some(row),
            Some(earlier) => {
                let place = table.place(earlier, None);
                let fault = Fault::new("duplicate_key")
                    .figure("first_file", place.file.unwrap_or_default())
                    .figure("first_line", place.line.unwrap_or(0));
                table.refuse(row, key, &names[code as usize], fault, problems);
            }
        }
    }
}

/// A location that is supplied, over whatever number of steps, from itself can never be filled.
fn check_supply_loops(table: &RawTable, problems: &mut Problems) {
    let location = table.text("location", |t| t);
    let supplied_from = table.text("supplied_from", |t| t);
    let source: BTreeMap<&str, &str> = (0..table.rows())
        .filter_map(|row| Some((location(row)?, supplied_from(row)?)))
        .collect();
    for row in 0..table.rows() {
        let (Some(start), Some(first)) = (location(row), supplied_from(row)) else {
            continue;
        };
        let mut at = start;
        for _ in 0..source.len() {
            let Some(next) = source.get(at) else { break };
            at = next;
            if at == start {
                let fault = Fault::new("supply_loop").figure("location", start);
                table.refuse(row, "supplied_from", first, fault, problems);
                break;
            }
        }
    }
}
