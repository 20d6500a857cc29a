//! A history that grows: what earlier runs saw of stock that comes as snapshots, and what this one sees of it.
//!
//! Each file of the folder `history` holds what the plan of one as-of saw. Its rows of stock are counts like others, unless the table has a row
//! of the same day, SKU and location, which then holds. Its open orders are compared with those of today.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::Options;
use super::error::InputError;
use super::folder::{RawTables, TableFile};
use super::parquet::read_parquet;
use super::problem::Problems;
use super::raw::{Builder, NO_CODE, NO_DAY, NO_WORD, Part, RawTable};
use super::schema::{ColumnSpec, HISTORY, STATE, STOCK};
use crate::domain::{
    Availability, Day, FileRead, Finding, Grain, KEPT_FOLDER, Kept, KeptOrder, KeptStock, Location,
    PurchaseLine, Severity, Sku, purchase_orders,
};

/// Fewer dates of stock than this are snapshots, however close.
const FEW_DATES: usize = 3;

/// What the history adds to a reading.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    pub files: Vec<FileRead>,
    /// What this run sees of stock, where it is to be kept.
    seen: Option<Vec<KeptStock>>,
    /// The last plan before this one and its open orders, by number, SKU and location, with units that had not come.
    orders: Option<(Day, BTreeMap<OrderKey, f64>)>,
}

/// Number, SKU and location of an order.
type OrderKey = (String, String, String);

/// Reads what was kept up to `as_of`, puts its rows of stock to those of `raw`, and notes what this run sees itself. `last` is the last day that
/// is known.
///
/// # Errors
/// A file of the history cannot be read.
pub(super) fn take(
    raw: &mut RawTables,
    options: Options<'_>,
    as_of: Day,
    last: Day,
) -> Result<Earlier, InputError> {
    let mut earlier = Earlier::default();
    if options.config.no_history {
        return Ok(earlier);
    }
    let kept = days_kept(&options.data.join(KEPT_FOLDER));
    let grain = options.config.input.grain;
    if kept.last().is_none_or(|&(day, _)| day < as_of) {
        let stock = raw.stock.as_ref().filter(|t| is_snapshots(t, last, grain));
        earlier.seen = stock.map(|table| last_rows(table, last));
        earlier.seen = earlier.seen.filter(|rows| !rows.is_empty());
    }
    let mut table = RawTable::new(&HISTORY);
    let mut problems = Problems::default();
    for (day, name) in kept.iter().filter(|(day, _)| *day <= as_of) {
        let from = table.rows();
        let name = format!("{KEPT_FOLDER}/{name}");
        let file = TableFile {
            path: &options.data.join(&name),
            name: &name,
            spec: &HISTORY,
            mapping: None,
            input: &options.config.input,
        };
        let read = read_parquet(file, &mut table, &mut problems)?;
        earlier.files.push(read);
        if *day < as_of {
            earlier.orders = Some((*day, open_orders(&table, from)));
        }
    }
    if !problems.is_empty() {
        return Err(InputError::Rows(problems.into_findings()));
    }
    if table.rows() > 0 {
        join(
            &table,
            raw.stock.get_or_insert_with(|| RawTable::new(&STOCK)),
        );
    }
    Ok(earlier)
}

impl Earlier {
    /// Tells the orders that were open in the last plan and that `inbound` no longer has, though nothing says that they came.
    pub(super) fn tell_vanished(&self, inbound: Option<&RawTable>, findings: &mut Vec<Finding>) {
        let Some((day, orders)) = &self.orders else {
            return;
        };
        let mut known: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
        if let Some(table) = inbound {
            let text = |column: &'static str| table.text(column, |t| t);
            let (po_id, sku, location) = (text("po_id"), text("sku"), text("location"));
            for row in 0..table.rows() {
                if let (Some(p), Some(s), Some(l)) = (po_id(row), sku(row), location(row)) {
                    known.insert((p, s, l));
                }
            }
        }
        for ((po_id, sku, location), units) in orders {
            if known.contains(&(po_id.as_str(), sku.as_str(), location.as_str())) {
                continue;
            }
            findings.push(
                Finding::new(Severity::Warning, "open_order_vanished")
                    .sku(&Sku::new(sku))
                    .location(&Location::new(location))
                    .figure("po", po_id)
                    .figure("sku", sku)
                    .figure("location", location)
                    .figure("units", (units * 1e4).round() / 1e4)
                    .figure("date", day),
            );
        }
    }

    /// What this run keeps, with the orders of `inbound` of which something has not come; `None` where nothing is to be kept.
    pub(super) fn kept(
        self,
        as_of: Day,
        inbound: &[PurchaseLine],
        skus: &[Sku],
        locations: &[Location],
    ) -> Option<Kept> {
        let orders = purchase_orders(inbound)
            .into_iter()
            .filter(|order| order.rest() > 0.0 && !order.po_id.is_empty())
            .map(|order| KeptOrder {
                po_id: order.po_id.to_owned(),
                sku: skus[order.sku.at()].clone(),
                location: locations[order.location.at()].clone(),
                supplier: order.rows.iter().find_map(|row| row.supplier.clone()),
                ordered: order.ordered,
                expected: order.rows.iter().filter_map(|row| row.expected).max(),
                units: order.units(),
                received: order.received(),
            })
            .collect();
        Some(Kept {
            as_of,
            stock: self.seen?,
            orders,
        })
    }
}

/// The days whose files lie in the folder, with their names, in order.
fn days_kept(folder: &Path) -> Vec<(Day, String)> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut days: Vec<(Day, String)> = entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().to_string_lossy().into_owned();
            let day = name.strip_suffix(".parquet")?;
            Some((Day::of_iso(day)?, name))
        })
        .collect();
    days.sort_unstable();
    days
}

/// Whether stock comes as snapshots: on few dates, or on less than half of the days (or weeks) since its first.
fn is_snapshots(stock: &RawTable, last: Day, grain: Grain) -> bool {
    let dates = stock.days("date").iter().copied();
    let known: BTreeSet<i32> = dates.filter(|&d| d != NO_DAY && d <= last.0).collect();
    let Some(&first) = known.first() else {
        return false;
    };
    let all = (last.0 - first) / grain.days() + 1;
    known.len() < FEW_DATES || 2 * known.len() < all as usize
}

/// The last row of each SKU and location up to a day. Of several rows of one day the last counts.
fn last_rows(stock: &RawTable, last: Day) -> Vec<KeptStock> {
    let (sku, location) = (stock.codes("sku"), stock.codes("location"));
    let (skus, locations) = (stock.names("sku"), stock.names("location"));
    let (on_hand, fraction) = (stock.number("on_hand"), stock.number("in_stock_fraction"));
    let state = stock.word("state");
    type Place<'s> = (&'s Arc<str>, &'s Arc<str>);
    let mut rows: BTreeMap<Place<'_>, (i32, usize)> = BTreeMap::new();
    for (row, &date) in stock.days("date").iter().enumerate() {
        if date == NO_DAY || date > last.0 {
            continue;
        }
        let names = (
            skus.get(sku[row] as usize),
            locations.get(location[row] as usize),
        );
        if let (Some(sku), Some(location)) = names {
            let slot = rows.entry((sku, location)).or_insert((date, row));
            if date >= slot.0 {
                *slot = (date, row);
            }
        }
    }
    let word = |row| {
        let code = usize::from(state(row)?);
        Availability::ALL.get(code).map(|a| a.as_str())
    };
    rows.into_iter()
        .map(|((sku, location), (date, row))| KeptStock {
            sku: Sku::new(sku),
            location: Location::new(location),
            date: Day(date),
            on_hand: on_hand(row).unwrap_or(f64::NAN),
            fraction: fraction(row).unwrap_or(f64::NAN),
            state: word(row),
        })
        .collect()
}

/// The open orders of the rows of a history from `from` on.
fn open_orders(table: &RawTable, from: usize) -> BTreeMap<OrderKey, f64> {
    let text = |column: &'static str| table.text(column, str::to_owned);
    let (po_id, sku, location) = (text("po_id"), text("sku"), text("location"));
    let (units, received) = (table.number("units"), table.number("received_units"));
    let mut orders = BTreeMap::new();
    for row in from..table.rows() {
        if let (Some(p), Some(s), Some(l)) = (po_id(row), sku(row), location(row)) {
            let rest = units(row).unwrap_or(0.0) - received(row).unwrap_or(0.0);
            *orders.entry((p, s, l)).or_insert(0.0) += rest;
        }
    }
    orders
}

/// Adds the rows of stock of a history to the table, those of a day, SKU and location that it has itself left out. Of several files the last
/// that has a row counts.
fn join(history: &RawTable, stock: &mut RawTable) {
    let po_id = history.codes("po_id");
    let (date, sku, location) = (
        history.days("date"),
        history.codes("sku"),
        history.codes("location"),
    );
    let is_order = |row: usize| po_id.get(row).is_some_and(|&c| c != NO_CODE);
    let key = |row: usize| (date[row], sku[row], location[row]);
    let mut rows: HashMap<(i32, u32, u32), usize> = HashMap::new();
    for row in (0..history.rows()).filter(|&row| !is_order(row)) {
        rows.insert(key(row), row);
    }
    // The table's own codes as the history's.
    let codes = |column: &'static str| -> Vec<u32> {
        let known: HashMap<&str, u32> = history
            .names(column)
            .iter()
            .zip(0..)
            .map(|(name, code)| (&**name, code))
            .collect();
        let own = stock.names(column).iter();
        own.map(|name| known.get(&**name).copied().unwrap_or(NO_CODE))
            .collect()
    };
    let (of_sku, of_location) = (codes("sku"), codes("location"));
    let translated = |codes: &[u32], code: u32| codes.get(code as usize).copied();
    for (row, &day) in stock.days("date").iter().enumerate() {
        let sku = translated(&of_sku, stock.codes("sku")[row]);
        let location = translated(&of_location, stock.codes("location")[row]);
        if let (Some(sku), Some(location)) = (sku, location) {
            rows.remove(&(day, sku, location));
        }
    }
    let mut rows: Vec<usize> = rows.into_values().collect();
    rows.sort_unstable();
    if !rows.is_empty() {
        append(history, stock, &rows);
    }
}

/// Appends these rows of a history to the table of stock.
fn append(history: &RawTable, stock: &mut RawTable, rows: &[usize]) {
    let on_hand = history.number("on_hand");
    let fraction = history.number("in_stock_fraction");
    let state = history.word("state");
    let text = |column: &'static str| history.text(column, |t| t);
    let (sku, location) = (text("sku"), text("location"));
    let date = history.days("date");
    let fill = |spec: &'static ColumnSpec| {
        let says = |row: &usize| match spec.name {
            "on_hand" => on_hand(*row).is_some(),
            "in_stock_fraction" => fraction(*row).is_some(),
            "state" => state(*row).is_some(),
            _ => true,
        };
        // A column that nothing fills is none.
        if !rows.iter().any(says) {
            return None;
        }
        let mut builder = Builder::new(spec, None);
        for &row in rows {
            // What was kept has been checked; what does not fit is missing.
            let _ = match spec.name {
                "date" => {
                    builder.push_day(date[row]);
                    Ok(())
                }
                "sku" => builder.push(sku(row).unwrap_or_default().as_bytes()),
                "location" => builder.push(location(row).unwrap_or_default().as_bytes()),
                "on_hand" => number(&mut builder, on_hand(row)),
                "in_stock_fraction" => number(&mut builder, fraction(row)),
                _ => {
                    let word = state(row).filter(|&w| w != NO_WORD);
                    let named = word.and_then(|w| STATE.iter().find(|(_, code)| *code == w));
                    builder.push(named.map_or("", |(name, _)| name).as_bytes())
                }
            };
        }
        Some(builder)
    };
    let columns = STOCK.columns.iter().map(fill).collect();
    let mut file = None;
    for (at, &row) in rows.iter().enumerate() {
        let of = history.place(row, None).file;
        if file != of {
            stock.parts.push(Part {
                file: of.clone().unwrap_or_default(),
                first_row: stock.rows() + at,
                headers: Vec::new(),
            });
            file = of;
        }
    }
    let lines = rows.iter().map(|&row| history.lines[row]).collect();
    stock.append(columns, lines);
}

fn number(builder: &mut Builder, value: Option<f64>) -> Result<(), super::problem::Fault> {
    match value {
        Some(value) => builder.push_number(value),
        None => builder.push_empty(),
    }
}
