//! Stock that stands under several codes at one location is one stock.

use std::collections::{BTreeMap, BTreeSet};

use crate::input::folder::RawTables;
use crate::input::raw::{NO_CODE, NO_DAY, NO_WORD, RawTable};

/// Location → the channels that it serves, as `channels` says, as the sources do, or because it bears the channel's name.
pub(super) fn channels_at(raw: &RawTables, channels: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    if let Some(table) = &raw.channels {
        let (channel, location) = (
            table.text("channel", str::to_owned),
            table.text("location", str::to_owned),
        );
        told.extend((0..table.rows()).filter_map(|row| Some((channel(row)?, location(row)?))));
    }
    let mut at: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for channel in channels {
        let place = told.get(channel).map(String::as_str);
        let place = place
            .or_else(|| raw.served.location(channel))
            .unwrap_or(channel);
        at.entry(place.to_owned())
            .or_default()
            .push(channel.clone());
    }
    at
}

/// One record of a code's stock.
#[derive(Clone, Copy, Debug)]
struct Record {
    day: i32,
    row: usize,
}

/// Adds up what stands under several codes at one location: `was` is the name that each row had, where it has another now. On a day on which one of the
/// codes has no row, its last one within its own days counts.
pub(super) fn add_up(table: &mut RawTable, was: &[u32]) {
    if was.is_empty() {
        return;
    }
    let (skus, places) = (table.codes("sku"), table.codes("location"));
    // Only shelves to which a row came from another name can stand under several.
    let joined: BTreeSet<(u32, u32)> = (0..skus.len())
        .filter(|&row| was[row] != NO_CODE)
        .map(|row| (skus[row], places[row]))
        .collect();
    let mut shelves: BTreeMap<(u32, u32), BTreeMap<u32, Vec<Record>>> = BTreeMap::new();
    let days = table.days("date");
    for row in 0..skus.len() {
        let shelf = (skus[row], places[row]);
        if days[row] != NO_DAY && joined.contains(&shelf) {
            let name = if was[row] == NO_CODE {
                skus[row]
            } else {
                was[row]
            };
            let records = shelves.entry(shelf).or_default().entry(name).or_default();
            records.push(Record {
                day: days[row],
                row,
            });
        }
    }
    let mut keep = vec![true; skus.len()];
    let mut sums: Vec<(usize, Sum)> = Vec::new();
    for mut codes in shelves.into_values().filter(|codes| codes.len() > 1) {
        for records in codes.values_mut() {
            records.sort_by_key(|r| (r.day, r.row));
        }
        let mut first: BTreeMap<i32, usize> = BTreeMap::new();
        for record in codes.values().flatten() {
            let row = first.entry(record.day).or_insert(record.row);
            *row = record.row.min(*row);
        }
        for record in codes.values().flatten() {
            keep[record.row] = first[&record.day] == record.row;
        }
        for (&day, &row) in &first {
            let mut sum = Sum::default();
            for records in codes.values() {
                let ended = records.last().is_none_or(|r| r.day < day);
                let at = records.partition_point(|r| r.day <= day);
                if let Some(record) = at.checked_sub(1).map(|k| records[k]).filter(|_| !ended) {
                    sum.add(table, record.row);
                }
            }
            sums.push((row, sum));
        }
    }
    for (column, of) in [
        ("on_hand", Sum::on_hand as fn(&Sum) -> f64),
        ("in_stock_fraction", Sum::fraction),
    ] {
        let numbers = table.numbers_mut(column).unwrap_or_default();
        for (row, sum) in &sums {
            if let Some(number) = numbers.get_mut(*row) {
                *number = of(sum);
            }
        }
    }
    if let Some(words) = table.words_mut("state") {
        for (row, sum) in &sums {
            words[*row] = sum.state;
        }
    }
    table.retain(&keep);
}

/// Stock of several codes together.
#[derive(Clone, Copy, Debug)]
struct Sum {
    on_hand: f64,
    fraction: f64,
    /// The best of the words, which stand in the order of availability.
    state: u8,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            on_hand: f64::NAN,
            fraction: f64::NAN,
            state: NO_WORD,
        }
    }
}

impl Sum {
    fn add(&mut self, table: &RawTable, row: usize) {
        if let Some(units) = table.number("on_hand")(row) {
            self.on_hand = if self.on_hand.is_nan() {
                units
            } else {
                self.on_hand + units
            };
        }
        if let Some(share) = table.number("in_stock_fraction")(row) {
            self.fraction = self.fraction.max(share);
        }
        if let Some(word) = table.word("state")(row) {
            self.state = self.state.min(word);
        }
    }

    fn on_hand(&self) -> f64 {
        self.on_hand
    }

    fn fraction(&self) -> f64 {
        self.fraction
    }
}
