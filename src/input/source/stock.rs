//! One stock of all that tell it: rows of one day add up, days without a row are days of no stock, and of two sources that tell the same one counts.

use std::collections::{BTreeMap, BTreeSet};

use super::find::Found;
use super::stage::Block;
use crate::domain::{Day, Finding, Severity};
use crate::input::raw::{Builder, NO_CODE, NO_DAY, Part, RawTable};

/// Where the only location of a shop is meant.
pub(super) const ONLY: &str = "*";

/// Rows that are not read as rows of their own: (file, key of the reason, rows).
pub(super) type Dropped = BTreeMap<(String, &'static str), u64>;

/// A row of stock: its key, the block it is of, its place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    sku: u32,
    location: u32,
    day: i32,
    /// Falls with the rank.
    behind: i32,
    block: usize,
    row: usize,
}

/// Makes one stock of the rows of all blocks; says where two tell different figures.
pub(super) fn one_stock(
    table: &mut RawTable,
    part_of: &[usize],
    blocks: &[(Block, Vec<Found>)],
    findings: &mut Vec<Finding>,
) -> Dropped {
    let mut block_of = Vec::with_capacity(table.rows());
    for (k, part) in table.parts.iter().enumerate() {
        let end = table.parts.get(k + 1).map_or(table.rows(), |p| p.first_row);
        block_of.extend(std::iter::repeat_n(part_of[k], end - part.first_row));
    }
    fill_zeros(table, &mut block_of, blocks);
    let (days, sku, location) = (
        table.days("date").to_vec(),
        table.codes("sku").to_vec(),
        table.codes("location").to_vec(),
    );
    let mut on_hand = table.numbers("on_hand").to_vec();
    let mut keep = vec![true; table.rows()];
    let mut rows: Vec<Row> = (0..table.rows())
        .filter(|&r| days[r] != NO_DAY && sku[r] != NO_CODE && location[r] != NO_CODE)
        .map(|row| Row {
            sku: sku[row],
            location: location[row],
            day: days[row],
            behind: -blocks[block_of[row]].0.rules.rank.unwrap_or(0),
            block: block_of[row],
            row,
        })
        .collect();
    rows.sort_unstable();
    let mut dropped = Dropped::new();
    let mut differ: BTreeMap<(usize, usize), (u64, u64)> = BTreeMap::new();
    let mut at = 0;
    while at < rows.len() {
        let first = rows[at];
        let same = |r: &Row| (r.sku, r.location, r.day) == (first.sku, first.location, first.day);
        let end = at + rows[at..].iter().take_while(|r| same(r)).count();
        let group = &rows[at..end];
        at = end;
        if group.len() == 1 {
            continue;
        }
        let add_up = blocks[first.block].0.rules.add_up == Some(true);
        for other in &group[1..] {
            if other.block == first.block {
                if !add_up {
                    continue;
                }
                if let (Some(&more), Some(sum)) =
                    (on_hand.get(other.row), on_hand.get(first.row).copied())
                {
                    on_hand[first.row] = if sum.is_nan() {
                        more
                    } else {
                        sum + more.max(f64::MIN)
                    };
                }
                count(table, other.row, "added_up", &mut dropped);
            } else {
                count(table, other.row, "told_elsewhere", &mut dropped);
            }
            keep[other.row] = false;
        }
        // Compared when the first block's own rows have added up.
        let mut theirs: BTreeMap<usize, f64> = BTreeMap::new();
        for other in group.iter().filter(|r| r.block != first.block) {
            if let Some(units) = on_hand.get(other.row) {
                *theirs.entry(other.block).or_default() += units;
            }
        }
        for (other, units) in theirs {
            let tally = differ.entry((first.block, other)).or_default();
            tally.0 += 1;
            let own = on_hand.get(first.row).copied().unwrap_or(f64::NAN);
            tally.1 += u64::from((own - units).abs() > 1e-9);
        }
    }
    if let Some(numbers) = table.numbers_mut("on_hand") {
        numbers.copy_from_slice(&on_hand);
    }
    for ((taken, other), (both, different)) in differ {
        let severity = if different > 0 {
            Severity::Warning
        } else {
            Severity::Notice
        };
        findings.push(
            Finding::new(severity, "stock_told_twice")
                .count(both)
                .figure("first", &blocks[taken].0.name)
                .figure("second", &blocks[other].0.name)
                .figure("count", both)
                .figure("different", different),
        );
    }
    table.retain(&keep);
    dropped
}

fn count(table: &RawTable, row: usize, key: &'static str, dropped: &mut Dropped) {
    let file = table.place(row, None).file.unwrap_or_default();
    *dropped.entry((file, key)).or_default() += 1;
}

/// Adds a row of no stock for every day that a block covers and on which a SKU, between its first row and the block's last day, has none.
fn fill_zeros(table: &mut RawTable, block_of: &mut Vec<usize>, blocks: &[(Block, Vec<Found>)]) {
    for (at, (block, _)) in blocks.iter().enumerate() {
        if block.spec.name != "stock" || block.rules.absent_is_zero != Some(true) {
            continue;
        }
        let (days, sku, location) = (
            table.days("date"),
            table.codes("sku"),
            table.codes("location"),
        );
        let mut covered: BTreeSet<i32> = BTreeSet::new();
        let mut told: BTreeMap<(u32, u32), BTreeMap<i32, usize>> = BTreeMap::new();
        for row in (0..table.rows()).filter(|&r| block_of[r] == at && days[r] != NO_DAY) {
            covered.insert(days[row]);
            let of = told.entry((sku[row], location[row])).or_default();
            of.insert(days[row], row);
        }
        // By the file of the row before: a value that nobody wrote stands behind the last one that somebody did.
        let mut zeros: BTreeMap<usize, Vec<(i32, u32, u32, usize)>> = BTreeMap::new();
        for ((sku, location), rows) in &told {
            let Some((&first, &first_row)) = rows.iter().next() else {
                continue;
            };
            let mut before = first_row;
            for &day in covered.range(first..) {
                match rows.get(&day) {
                    Some(&row) => before = row,
                    None => {
                        let part = table.parts.partition_point(|p| p.first_row <= before);
                        let zero = (day, *sku, *location, before);
                        zeros.entry(part.saturating_sub(1)).or_default().push(zero);
                    }
                }
            }
        }
        for (part, rows) in zeros {
            add_zeros(table, part, &rows);
            block_of.extend(std::iter::repeat_n(at, rows.len()));
        }
    }
}

fn add_zeros(table: &mut RawTable, part: usize, rows: &[(i32, u32, u32, usize)]) {
    let name = |column: &str, code: u32| {
        table
            .names(column)
            .get(code as usize)
            .cloned()
            .unwrap_or_default()
    };
    let mut columns = Vec::new();
    for spec in table.spec.columns {
        let mut builder = Builder::new(spec, None);
        let mut filled = true;
        for &(day, sku, location, _) in rows {
            match spec.name {
                "date" => builder.push_day(day),
                // The codes were read before, and 0 is a stock: neither is refused.
                "sku" => drop(builder.push(name("sku", sku).as_bytes())),
                "location" => drop(builder.push(name("location", location).as_bytes())),
                "on_hand" => drop(builder.push_number(0.0)),
                _ => filled = false,
            }
        }
        columns.push(filled.then_some(builder));
    }
    let lines = rows
        .iter()
        .map(|&(.., before)| table.lines[before])
        .collect();
    let (file, headers) = {
        let of = &table.parts[part];
        (of.file.clone(), of.headers.clone())
    };
    table.parts.push(Part {
        file,
        first_row: table.rows(),
        headers,
    });
    table.append(columns, lines);
}

/// Gives the rows that mean the only location its name, where there is one.
pub(super) fn only_location(
    tables: &mut BTreeMap<&'static str, RawTable>,
    own_stock: Option<&RawTable>,
    findings: &mut Vec<Finding>,
) {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for table in tables.get("stock").into_iter().chain(own_stock) {
        let all = table.names("location");
        let used: BTreeSet<u32> = table.codes("location").iter().copied().collect();
        let known = used.iter().filter_map(|&c| all.get(c as usize));
        names.extend(known.map(ToString::to_string));
    }
    names.remove(ONLY);
    let mut places = names.into_iter();
    let only = match (places.next(), places.next()) {
        (Some(only), None) => only,
        (None, _) => "shop".to_owned(),
        (Some(_), Some(_)) => "unassigned".to_owned(),
    };
    for table in tables.values_mut() {
        if table.names("location").iter().any(|n| **n == *ONLY) {
            if only == "unassigned" {
                findings.push(
                    Finding::new(Severity::Warning, "location_not_told")
                        .place(table.place(0, None))
                        .figure("table", table.spec.name),
                );
            }
            table.rename("location", ONLY, &only);
        }
    }
}

/// The days of a table's rows: first and last.
pub(super) fn span(days: &[i32]) -> Option<(Day, Day)> {
    let known = || days.iter().copied().filter(|&d| d != NO_DAY);
    Some((Day(known().min()?), Day(known().max()?)))
}
