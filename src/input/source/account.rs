//! What became of every row of every file: read = used + left out, by reason.

use std::collections::BTreeMap;

use super::find::Found;
use super::stage::{Block, Reason, Staged};
use super::stock::{Dropped, span};
use crate::domain::{Day, Finding, Place, Severity};
use crate::input::raw::{NO_CODE, RawTable};
use crate::text::REASONS;

/// The rows of one file for one table.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub file: String,
    pub table: &'static str,
    /// Name of the block.
    pub source: String,
    pub titles: Option<(String, Option<String>)>,
    /// Rows below the header; of one column per location so many for each.
    pub read: u64,
    pub used: u64,
    pub left: BTreeMap<Reason, u64>,
    pub days: Option<(Day, Day)>,
    /// Units sold, of sales; the stock of the last day, of stock.
    pub units: f64,
    /// Where the file's rows stand in its table when it is added.
    first_row: usize,
}

impl Account {
    /// The account of a judged file whose used rows come to stand at `first_row`.
    pub(super) fn of(staged: &Staged, block: &Block, first_row: usize) -> Self {
        let mut left: BTreeMap<Reason, u64> = BTreeMap::new();
        let mut used = 0;
        for record in 0..staged.records() {
            match staged.verdicts[record].checked_sub(1) {
                None => used += 1,
                Some(at) => {
                    let reason = staged.reasons[usize::from(at)].clone();
                    *left.entry(reason).or_default() += 1;
                }
            }
        }
        let ragged = staged.sheet.ragged.len() as u64;
        let titles = block
            .preset
            .as_ref()
            .map(|p| (p.title.clone(), p.title_ja.clone()));
        Self {
            file: staged.file.clone(),
            table: block.spec.name,
            source: block.name.clone(),
            titles,
            read: staged.records() as u64 + ragged,
            used: used + ragged,
            left,
            days: None,
            units: 0.0,
            first_row,
        }
    }

    fn leave(&mut self, key: &str, rows: u64) {
        if rows > 0 {
            *self.left.entry(Reason::key(key)).or_default() += rows;
            self.used -= rows;
        }
    }
}

/// Books the rows of a table that are left out after all.
pub(super) fn left(accounts: &mut [Account], table: &str, keep: &[bool], key: &str) {
    let mut of: Vec<&mut Account> = accounts.iter_mut().filter(|a| a.table == table).collect();
    of.sort_by_key(|a| a.first_row);
    let firsts: Vec<usize> = of.iter().map(|a| a.first_row).collect();
    for (k, account) in of.into_iter().enumerate() {
        let end = firsts.get(k + 1).copied().unwrap_or(keep.len());
        let rows = keep.get(account.first_row..end).unwrap_or_default();
        account.leave(key, rows.iter().filter(|kept| !**kept).count() as u64);
    }
}

/// Books the rows of stock that add up or are told elsewhere.
pub(super) fn stock_left(accounts: &mut [Account], dropped: &Dropped) {
    for ((file, key), rows) in dropped {
        let of = |a: &&mut Account| a.table == "stock" && a.file == *file;
        let Some(account) = accounts.iter_mut().find(of) else {
            continue;
        };
        match *key {
            // A row that adds up is used, in another.
            "added_up" => {}
            key => account.leave(key, (*rows).min(account.used)),
        }
    }
}

/// Which rows of a table with one row a name count: the first of each name, or the newest where a block says so. `ages` are those of the rows
/// ([`super::once::ages`]); of rows that are equally old the later one is newer.
pub(super) fn one_of_each(table: &RawTable, ages: &[Option<i64>]) -> Vec<bool> {
    let key = table.spec.columns[0].name;
    let mut kept: Vec<Option<usize>> = vec![None; table.names(key).len()];
    let codes = table.codes(key);
    for (row, &code) in codes.iter().enumerate() {
        let Some(kept) = kept.get_mut(code as usize) else {
            continue;
        };
        let age = |row: usize| ages.get(row).copied().flatten();
        match *kept {
            None => *kept = Some(row),
            Some(before) if age(row).is_some() && age(row) >= age(before) => *kept = Some(row),
            Some(_) => {}
        }
    }
    let counts = |(row, &code): (usize, &u32)| code == NO_CODE || kept[code as usize] == Some(row);
    codes.iter().enumerate().map(counts).collect()
}

/// Completes the accounts by days and units.
pub(super) fn complete(accounts: &mut [Account], tables: &BTreeMap<&'static str, RawTable>) {
    for account in accounts {
        let Some(table) = tables.get(account.table) else {
            continue;
        };
        let date = match account.table {
            "inbound" => "ordered_date",
            _ => "date",
        };
        let (mut days, mut units) = (Vec::new(), 0.0);
        let mut last = i32::MIN;
        for (k, part) in table.parts.iter().enumerate() {
            if part.file != account.file {
                continue;
            }
            let end = table.parts.get(k + 1).map_or(table.rows(), |p| p.first_row);
            let of = table
                .days(date)
                .get(part.first_row..end)
                .unwrap_or_default();
            let column = if account.table == "stock" {
                "on_hand"
            } else {
                "units"
            };
            let numbers = table.numbers(column);
            let numbers = numbers.get(part.first_row..end).unwrap_or_default();
            for (day, number) in of.iter().zip(numbers) {
                if account.table == "stock" && *day > last {
                    (last, units) = (*day, 0.0);
                }
                if account.table != "stock" || *day == last {
                    units += if number.is_nan() { 0.0 } else { *number };
                }
            }
            days.extend_from_slice(of);
        }
        account.days = span(&days);
        account.units = units;
    }
}

/// One file's name, or how many there are.
fn files_text(source: &str, files: &[&str]) -> String {
    match files {
        [one] => (*one).to_owned(),
        many => format!("{source} ({})", many.len()),
    }
}

/// Tells what must be heard of the rows, source by source.
pub(super) fn tell(
    blocks: &[(Block, Vec<Found>)],
    staged: &[Staged],
    accounts: &[Account],
    findings: &mut Vec<Finding>,
) {
    for (at, (block, _)) in blocks.iter().enumerate() {
        let mut told: BTreeMap<&str, (u64, Vec<&str>)> = BTreeMap::new();
        for file in staged.iter().filter(|s| s.block == at) {
            for (column, values, key) in &file.layout.tell {
                let rows = (0..file.records()).filter(|&r| file.used(r)).filter(|&r| {
                    let cell = file.sheet.cell(r / file.per_row(), column.kept);
                    values.hold(cell)
                });
                let count = rows.count() as u64;
                if count > 0 {
                    let told = told.entry(key).or_default();
                    told.0 += count;
                    told.1.push(&file.file);
                }
            }
        }
        for (key, (count, files)) in told {
            let Some(code) = TOLD.iter().find(|code| **code == key) else {
                continue;
            };
            findings.push(
                Finding::new(Severity::Notice, code)
                    .place(of_files(&files))
                    .count(count)
                    .figure("file", files_text(&block.name, &files))
                    .figure("count", count),
            );
        }
        let of: Vec<&Account> = accounts
            .iter()
            .filter(|a| a.source == block.name && a.table == block.spec.name)
            .collect();
        let mut left: BTreeMap<&Reason, u64> = BTreeMap::new();
        for (reason, rows) in of.iter().flat_map(|a| &a.left) {
            *left.entry(reason).or_default() += rows;
        }
        if left.is_empty() {
            continue;
        }
        let reasons: Vec<String> = left
            .iter()
            .map(|(reason, rows)| match reason {
                Reason::Key(key) => format!("{rows} × @source.reason_{key}"),
                Reason::Value(header, value) => format!("{rows} × {header} = {value}"),
            })
            .collect();
        let files: Vec<&str> = of.iter().map(|a| a.file.as_str()).collect();
        let count: u64 = left.values().sum();
        findings.push(
            Finding::new(Severity::Notice, "rows_left_out")
                .place(of_files(&files))
                .count(count)
                .figure("file", files_text(&block.name, &files))
                .figure("table", block.spec.name)
                .figure("read", of.iter().map(|a| a.read).sum::<u64>())
                .figure("used", of.iter().map(|a| a.used).sum::<u64>())
                .figure("count", count)
                .figure(REASONS, reasons.join(", ")),
        );
    }
}

/// The place of a finding about one file; of several none is.
fn of_files(files: &[&str]) -> Place {
    Place {
        file: match files {
            [one] => Some((*one).to_owned()),
            _ => None,
        },
        ..Place::default()
    }
}

/// What presets may tell of rows.
const TOLD: [&str; 2] = ["non_amazon_orders", "refunded_units_hidden"];
