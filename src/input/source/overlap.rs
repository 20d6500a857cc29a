//! Two sources that tell the same sales: an order system holds what the shops hold that feed it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use unicode_normalization::UnicodeNormalization as _;

use super::fault::fault;
use super::find::Found;
use super::stage::Block;
use crate::input::error::InputError;
use crate::input::raw::{NO_DAY, RawTable};

/// Days that two sources must share before they are compared.
const DAYS: usize = 14;
/// Lines that a channel must have there.
const LINES: usize = 30;
/// Share of a channel's units that the other source holds on the same day of the same code.
const SHARE: f64 = 0.8;
/// By how much that share must exceed what chance gives: the share on the same weekdays of other weeks.
const BEYOND_CHANCE: f64 = 0.2;
/// Days by which the other source is moved to see what chance gives.
const MOVED: [i32; 4] = [-14, -7, 7, 14];

/// What is known of every row of sales beside its columns.
#[derive(Debug, Default)]
pub(super) struct SalesOf {
    block: Vec<u16>,
    order: Vec<u64>,
    second: Vec<i32>,
}

impl SalesOf {
    /// Adds the rows of a file.
    pub(super) fn add(&mut self, block: usize, orders: &[u64], seconds: &[i32], rows: usize) {
        self.block.extend(std::iter::repeat_n(block as u16, rows));
        self.order
            .extend((0..rows).map(|k| orders.get(k).copied().unwrap_or(0)));
        self.second
            .extend((0..rows).map(|k| seconds.get(k).copied().unwrap_or(-1)));
    }

    /// The rows of a block.
    pub(super) fn rows_of(&self, block: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.block.len()).filter(move |&row| usize::from(self.block[row]) == block)
    }

    pub(super) fn second(&self, row: usize) -> i32 {
        self.second[row]
    }

    /// Keeps the rows that the table keeps.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        let mut k = keep.iter();
        self.block.retain(|_| *k.next().unwrap_or(&true));
        let mut k = keep.iter();
        self.order.retain(|_| *k.next().unwrap_or(&true));
        let mut k = keep.iter();
        self.second.retain(|_| *k.next().unwrap_or(&true));
    }
}

/// A code as two systems may both write it: letters and digits, of one width and case, without the prefix of a marketplace.
pub(super) fn bare_code(code: &str) -> String {
    let plain: String = code
        .nfkc()
        .flat_map(char::to_uppercase)
        .filter(|c| c.is_alphanumeric())
        .collect();
    plain
        .strip_prefix("FBA")
        .map_or(plain.clone(), str::to_owned)
}

/// Units by code and day.
type Flow = HashMap<(u32, i32), f64>;

/// How much of one flow another holds, days moved by `moved`: the share of its units.
fn held(of: &Flow, other: &Flow, moved: i32, days: std::ops::RangeInclusive<i32>) -> f64 {
    let (mut both, mut all) = (0.0, 0.0);
    for (&(code, day), &units) in of {
        if days.contains(&day) {
            all += units;
            both += units.min(other.get(&(code, day + moved)).copied().unwrap_or(0.0));
        }
    }
    if all > 0.0 { both / all } else { 0.0 }
}

/// Stops where a channel of one source is told by another, too.
///
/// A channel's units are held by another source where, code by code and day by day, it sold as much: 80 % of the units, and a fifth more than on the same
/// weekdays of the weeks before and after.
///
/// # Errors
/// The overlap in orders, units and days, and what to write.
pub(super) fn told_twice(
    table: &RawTable,
    sales: &SalesOf,
    blocks: &[(Block, Vec<Found>)],
) -> Result<(), InputError> {
    let of: BTreeSet<u16> = sales.block.iter().copied().collect();
    if of.len() < 2 {
        return Ok(());
    }
    let days = table.days("date");
    let units = table.numbers("units");
    let mut codes: HashMap<String, u32> = HashMap::new();
    let bare: Vec<u32> = table
        .names("sku")
        .iter()
        .map(|name| {
            let next = codes.len() as u32;
            *codes.entry(bare_code(name)).or_insert(next)
        })
        .collect();
    let mut whole: BTreeMap<u16, Flow> = BTreeMap::new();
    // By source and channel: the flow, and its rows.
    let mut channels: BTreeMap<(u16, u32), (Flow, Vec<usize>)> = BTreeMap::new();
    let (sku, channel) = (table.codes("sku"), table.codes("channel"));
    for row in 0..table.rows() {
        let Some(&code) = bare.get(sku[row] as usize) else {
            continue;
        };
        if days[row] == NO_DAY || units[row].is_nan() {
            continue;
        }
        let key = (code, days[row]);
        let block = sales.block[row];
        *whole.entry(block).or_default().entry(key).or_default() += units[row];
        let (flow, rows) = channels.entry((block, channel[row])).or_default();
        *flow.entry(key).or_default() += units[row];
        rows.push(row);
    }
    for ((block, channel), (flow, rows)) in &channels {
        for (other, theirs) in &whole {
            let separate = |b: u16| blocks[usize::from(b)].0.rules.separate == Some(true);
            if other == block || separate(*block) || separate(*other) {
                continue;
            }
            let span = |flow: &Flow| {
                let days = || flow.keys().map(|(_, day)| *day);
                days().min().zip(days().max())
            };
            let (Some(a), Some(b)) = (span(flow), span(theirs)) else {
                continue;
            };
            let (first, last) = (a.0.max(b.0), a.1.min(b.1));
            let shared: Vec<usize> = rows
                .iter()
                .copied()
                .filter(|&row| (first..=last).contains(&days[row]))
                .collect();
            let on: BTreeSet<i32> = shared.iter().map(|&row| days[row]).collect();
            if on.len() < DAYS || shared.len() < LINES {
                continue;
            }
            let share = held(flow, theirs, 0, first..=last);
            // Days moved beyond the other's end would look like no chance at all.
            let inner = first + 14..=last - 14;
            let chance = if inner.is_empty() {
                0.0
            } else {
                let moved = MOVED.map(|m| held(flow, theirs, m, inner.clone()));
                moved.iter().sum::<f64>() / MOVED.len() as f64
            };
            if share < SHARE || share - chance < BEYOND_CHANCE {
                continue;
            }
            let orders: BTreeSet<u64> = shared.iter().map(|&row| sales.order[row]).collect();
            let counted: f64 = shared.iter().map(|&row| units[row]).sum();
            let channel = table.names("channel").get(*channel as usize);
            let larger = if theirs.values().sum::<f64>() >= flow.values().sum::<f64>() {
                *other
            } else {
                *block
            };
            let name = |b: u16| blocks[usize::from(b)].0.name.as_str();
            let files = |b: u16| {
                let (block, found) = &blocks[usize::from(b)];
                let globs = block.rules.files.globs();
                if globs.is_empty() {
                    let names: Vec<String> = found.iter().map(|f| f.name.clone()).collect();
                    names.join("\", \"")
                } else {
                    globs.join("\", \"")
                }
            };
            return Err(fault(
                "sales_told_twice",
                &[
                    ("first", name(*block)),
                    ("channel", channel.map_or("", |c| c)),
                    ("second", name(*other)),
                    ("percent", &format!("{:.0}", 100.0 * share)),
                    ("chance", &format!("{:.0}", 100.0 * chance)),
                    ("orders", &orders.len().to_string()),
                    ("units", &format!("{counted:.0}")),
                    ("days", &on.len().to_string()),
                    ("format", name(larger)),
                    ("files", &files(larger)),
                ],
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_compared_without_case_width_and_marketplace() {
        assert_eq!(bare_code("FBA-Mug-BK"), bare_code("ｍｕｇ bk"));
        assert_ne!(bare_code("MUG-BK"), bare_code("MUG-NV"));
    }
}
