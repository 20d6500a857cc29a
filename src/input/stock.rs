//! `stock`: rows to a sorted frame, one a (date, sku, location).

use std::sync::Arc;

use polars::prelude::*;

use super::order::{by_key, gather, key, runs};
use super::raw::{NO_WORD, RawTable};
use super::universe::Universe;
use crate::domain::{Availability, Day, Finding, Severity, StockFrame};

/// The rows up to as-of, sorted by (sku, location, date).
#[derive(Debug, Default)]
pub(super) struct StockRows {
    /// Of (sku, location, date): see [`super::order`].
    pub keys: Vec<u64>,
    pub date: Vec<i32>,
    pub sku: Vec<u32>,
    pub location: Vec<u32>,
    /// NaN unknown.
    pub on_hand: Vec<f64>,
    /// NaN unknown.
    pub fraction: Vec<f64>,
    /// −1 unknown.
    pub state: Vec<i8>,
    /// Row in the table as read.
    pub row: Vec<u32>,
    /// Number of locations.
    pub locations: usize,
}

impl StockRows {
    /// Takes the columns out of the table as read. Of several rows of one day, SKU and location the last counts: by time, where the dates have
    /// one, else by row.
    pub(super) fn new(
        raw: &mut RawTable,
        as_of: i32,
        skus: &Universe,
        locations: &Universe,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let times = raw.take_times("date");
        let date = raw.take_days("date");
        let (sku, sku_names) = raw.take_codes("sku");
        let (location, location_names) = raw.take_codes("location");
        let sku_at = skus.translation(sku_names.texts());
        let location_at = locations.translation(location_names.texts());
        let on_hand = raw.take_numbers("on_hand", f64::NAN);
        let fraction = raw.take_numbers("in_stock_fraction", f64::NAN);
        let state: Vec<i8> = raw
            .take_words("state")
            .into_iter()
            .map(|w| {
                if w == NO_WORD || w == Availability::Unknown as u8 {
                    -1
                } else {
                    w as i8
                }
            })
            .collect();
        let width = locations.names.len();
        let mut silent = 0u64;
        let mut first_silent = None;
        let mut row: Vec<u32> = Vec::with_capacity(date.len());
        for k in 0..date.len() {
            if date[k] > as_of {
                continue;
            }
            if on_hand[k].is_nan() && fraction[k].is_nan() && state[k] < 0 {
                silent += 1;
                first_silent.get_or_insert(k);
                continue;
            }
            row.push(k as u32);
        }
        if let Some(first) = first_silent {
            findings.push(
                Finding::new(Severity::Notice, "stock_row_empty")
                    .place(raw.place(first, None))
                    .count(silent)
                    .figure("count", silent),
            );
        }
        let keys: Vec<u64> = row
            .iter()
            .map(|&r| {
                let r = r as usize;
                key(
                    sku_at[sku[r] as usize],
                    location_at[location[r] as usize],
                    width,
                    date[r],
                )
            })
            .collect();
        let mut sorted = match by_key(&keys) {
            Some(order) => {
                row = gather(&row, &order);
                gather(&keys, &order)
            }
            None => Vec::new(),
        };
        // The table may fill most of the memory, so nothing is kept longer than it is needed.
        if sorted.is_empty() {
            sorted = keys;
        } else {
            drop(keys);
        }
        let told_apart = by_time(&sorted, &mut row, &times);
        let last = |k: usize| sorted.get(k + 1) != Some(&sorted[k]);
        let repeated = (0..sorted.len()).filter(|&k| !last(k)).count();
        if let Some(k) = (0..sorted.len()).find(|&k| !last(k)) {
            let r = row[k] as usize;
            let name = |names: &[Arc<str>], code: u32| {
                names
                    .get(code as usize)
                    .map_or_else(String::new, ToString::to_string)
            };
            let sku = name(sku_names.texts(), sku[r]);
            let (column, value) = if on_hand[r].is_nan() {
                ("sku", sku.clone())
            } else {
                ("on_hand", on_hand[r].to_string())
            };
            let mut place = raw.place(r, Some(column));
            place.value = Some(value);
            let (severity, code) = if told_apart {
                (Severity::Notice, "stock_states_within_day")
            } else {
                (Severity::Warning, "duplicate_stock_rows")
            };
            findings.push(
                Finding::new(severity, code)
                    .place(place)
                    .count(repeated as u64)
                    .figure("count", repeated)
                    .figure("sku", sku)
                    .figure("location", name(location_names.texts(), location[r]))
                    .figure("date", Day(date[r])),
            );
        }
        if repeated > 0 {
            let kept: Vec<u32> = (0..sorted.len())
                .filter(|&k| last(k))
                .map(|k| k as u32)
                .collect();
            row = gather(&row, &kept);
            sorted = gather(&sorted, &kept);
        }
        Self {
            keys: sorted,
            date: rearranged(date, &row),
            sku: translated(sku, &row, &sku_at),
            location: translated(location, &row, &location_at),
            on_hand: rearranged(on_hand, &row),
            fraction: rearranged(fraction, &row),
            state: rearranged(state, &row),
            row,
            locations: width,
        }
    }

    /// Leaves out the rows of some SKUs.
    pub(super) fn leave_out(&mut self, skus: &[bool]) {
        let kept = (0..self.len() as u32).filter(|&k| !skus[self.sku[k as usize] as usize]);
        let kept: Vec<u32> = kept.collect();
        self.keys = gather(&self.keys, &kept);
        self.date = gather(&self.date, &kept);
        self.sku = gather(&self.sku, &kept);
        self.location = gather(&self.location, &kept);
        self.on_hand = gather(&self.on_hand, &kept);
        self.fraction = gather(&self.fraction, &kept);
        self.state = gather(&self.state, &kept);
        self.row = gather(&self.row, &kept);
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Position of the last record of a SKU at a location before a day.
    pub(super) fn before(&self, sku: u32, location: u32, date: i32) -> Option<usize> {
        let wanted = key(sku, location, self.locations, date);
        let at = self.keys.partition_point(|&k| k < wanted).checked_sub(1)?;
        (self.sku[at] == sku && self.location[at] == location).then_some(at)
    }

    /// Whether there is any record of a SKU at a location.
    pub(super) fn knows(&self, sku: u32, location: u32) -> bool {
        let first = key(sku, location, self.locations, 0);
        let at = self.keys.partition_point(|&k| k < first);
        at < self.len() && self.sku[at] == sku && self.location[at] == location
    }

    /// Dates every row by the day before, at whose close it was counted.
    pub(super) fn date_by_day_before(&mut self) {
        self.date.iter_mut().for_each(|date| *date -= 1);
        self.keys.iter_mut().for_each(|key| *key -= 1);
    }

    /// Hands the columns over as a frame.
    ///
    /// # Errors
    /// Never for columns of one length; the error is polars'.
    pub(super) fn into_frame(mut self) -> PolarsResult<StockFrame> {
        let height = self.len();
        (self.keys, self.row) = (Vec::new(), Vec::new());
        DataFrame::new(
            height,
            vec![
                Column::new("date".into(), self.date),
                Column::new("sku".into(), self.sku),
                Column::new("location".into(), self.location),
                Column::new("on_hand".into(), self.on_hand),
                Column::new("in_stock_fraction".into(), self.fraction),
                Column::new("state".into(), self.state),
            ],
        )
        .map(StockFrame)
    }
}

/// Brings rows of one key into the order of their times, rows of one time in the order in which they stood. Whether no two rows of a key have
/// one time. `keys` are sorted.
fn by_time(keys: &[u64], row: &mut [u32], times: &[u32]) -> bool {
    let mut told_apart = !times.is_empty();
    for (start, end) in runs(keys).filter(|(start, end)| end - start > 1 && !times.is_empty()) {
        let rows = &mut row[start..end];
        let time = |r: &u32| times[*r as usize];
        rows.sort_by_key(time);
        told_apart &= rows.windows(2).all(|pair| time(&pair[0]) < time(&pair[1]));
    }
    told_apart
}

/// A column in another order; its old order is freed.
fn rearranged<T: Copy + Send + Sync>(column: Vec<T>, order: &[u32]) -> Vec<T> {
    gather(&column, order)
}

/// A column of codes in another order and in the names of all tables.
fn translated(codes: Vec<u32>, order: &[u32], names: &[u32]) -> Vec<u32> {
    let mut codes = rearranged(codes, order);
    for code in &mut codes {
        *code = names[*code as usize];
    }
    codes
}
