//! The files of all blocks to tables of ours, and what is settled on them.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::account::{self, Account};
use super::find::{Blocks, Found};
use super::rows::{self, Made, Parents, Reading};
use super::serve::{self, Served};
use super::sheet::Opened;
use super::stage::{self, Block, Staged};
use super::stamp::{Calendar, DateForm, OrderSeen};
use super::{last_day, once, overlap, snapshot, stock, zone};
use crate::config::{Config, Repeated};
use crate::domain::{Day, FileRead, Finding, Place, Severity};
use crate::input::error::InputError;
use crate::input::memory::countable;
use crate::input::parquet::Zone;
use crate::input::problem::{Fault, Problems};
use crate::input::raw::{NO_DAY, Part, RawTable};

/// Tables with one row a name.
const ONE_A_NAME: [&str; 4] = ["items", "suppliers", "channels", "locations"];

/// What the sources of a folder gave.
#[derive(Debug, Default)]
pub(in crate::input) struct FromSources {
    /// By the table's name.
    pub tables: BTreeMap<&'static str, RawTable>,
    pub files: Vec<FileRead>,
    pub findings: Vec<Finding>,
    /// The last whole day of sales, where sources tell the sales.
    pub as_of: Option<Day>,
    pub served: Served,
    pub(super) accounts: Vec<Account>,
}

/// What the reading of sources knows of the rest of the folder.
pub(in crate::input) struct Around<'a> {
    pub config: &'a Config,
    /// The last day of our own sales.
    pub own_last: Option<i32>,
    /// `--as-of`.
    pub told: Option<Day>,
    /// Our own table of channels.
    pub channels: Option<&'a RawTable>,
    /// Our own table of stock.
    pub stock: Option<&'a RawTable>,
}

/// Reads the files of all blocks.
///
/// # Errors
/// A file that cannot be read or lacks columns; two sources that tell the same sales. Rows that cannot be used go to `problems`.
pub(in crate::input) fn read(
    blocks: &Blocks,
    around: &Around<'_>,
    problems: &mut Problems,
) -> Result<FromSources, InputError> {
    let mut out = FromSources::default();
    for name in &blocks.untaken {
        out.findings.push(
            Finding::new(Severity::Notice, "file_not_taken")
                .place(Place {
                    file: Some(name.clone()),
                    ..Place::default()
                })
                .figure("file", name),
        );
    }
    if blocks.is_empty() {
        return Ok(out);
    }
    let jobs: Vec<(usize, &Found)> = blocks
        .blocks
        .iter()
        .enumerate()
        .flat_map(|(at, (_, files))| files.iter().map(move |f| (at, f)))
        .collect();
    let staged: Result<Vec<Staged>, InputError> = jobs
        .into_par_iter()
        .map(|(at, found)| open(&blocks.blocks[at].0, at, found, around.config))
        .collect();
    let mut staged = staged?;
    let forms = forms(&blocks.blocks, &mut staged, around.config);
    let shop = zone::shop_zone(around.config, &blocks.blocks, &staged);
    zone::tell(&shop, &blocks.blocks, &staged, &mut out.findings);

    // Sales come first: they say which day is the last.
    let mut order: Vec<usize> = (0..blocks.blocks.len()).collect();
    order.sort_by_key(|&at| blocks.blocks[at].0.spec.name != "sales");
    let mut sales = overlap::SalesOf::default();
    let mut parts: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
    let mut ages: BTreeMap<&'static str, Vec<Option<i64>>> = BTreeMap::new();
    for &at in &order {
        let (block, _) = &blocks.blocks[at];
        let mut files: Vec<&mut Staged> = staged.iter_mut().filter(|s| s.block == at).collect();
        for file in &mut files {
            for &(line, found) in &file.sheet.ragged {
                let fault = Fault::new("ragged_row_long").figure("found", found);
                problems.add(&file.file, u64::from(line), None, "", fault);
            }
        }
        if block.rules.order.is_some() {
            once::once(&mut files, &forms[at]);
        }
        files
            .par_iter_mut()
            .for_each(|f| stage::judge(f, block.spec));
        let files: Vec<&Staged> = staged.iter().filter(|s| s.block == at).collect();
        let parents = Parents::of(files.iter().copied(), block);
        let made: Vec<Made> = files
            .par_iter()
            .map(|file| {
                let reading = Reading {
                    block,
                    form: &forms[at],
                    calendar: calendar(&shop, block, file),
                    parents: &parents,
                };
                reading.make(file)
            })
            .collect();
        let table = out
            .tables
            .entry(block.spec.name)
            .or_insert_with(|| RawTable::new(block.spec));
        for (file, made) in files.into_iter().zip(made) {
            problems.append(made.problems);
            table.parts.push(Part {
                file: file.file.clone(),
                first_row: table.rows(),
                headers: rows::headers(file),
            });
            parts.entry(block.spec.name).or_default().push(at);
            if block.spec.name == "sales" {
                sales.add(at, &made.orders, &made.seconds, made.lines.len());
            }
            table.note_prints(made.prints, made.lines.len(), !made.orders.is_empty());
            out.accounts.push(Account::of(file, block, table.rows()));
            out.files.push(FileRead {
                table: block.spec.name.to_owned(),
                path: file.file.clone(),
                sha256: file.sha256.clone(),
                rows: file.sheet.rows() as u64,
                bytes: file.bytes,
            });
            if ONE_A_NAME.contains(&block.spec.name) {
                let newest = block.rules.repeated == Some(Repeated::Newest);
                let of = ages.entry(block.spec.name).or_default();
                of.extend(once::ages(file, newest, &forms[at]));
            }
            table.append(made.columns, made.lines);
            countable(table.rows(), block.spec.name, &file.file)?;
        }
    }
    settle(blocks, around, &parts, &ages, sales, &mut out)?;
    let FromSources {
        tables,
        accounts,
        findings,
        ..
    } = &mut out;
    account::complete(accounts, tables);
    account::tell(&blocks.blocks, &staged, accounts, findings);
    Ok(out)
}

/// What is settled on the typed rows: the last day, sales told twice, the day of snapshots, one stock, which stock serves which channel.
fn settle(
    blocks: &Blocks,
    around: &Around<'_>,
    parts: &BTreeMap<&'static str, Vec<usize>>,
    ages: &BTreeMap<&'static str, Vec<Option<i64>>>,
    mut sales: overlap::SalesOf,
    out: &mut FromSources,
) -> Result<(), InputError> {
    let none = Vec::new();
    if let Some(table) = out.tables.get_mut("sales") {
        let last = last_day::last_day(table, &sales, &blocks.blocks, &mut out.findings);
        out.as_of = last.map(Day);
        if let Some(last) = last
            && around.told.is_none_or(|told| told.0 <= last)
        {
            let keep: Vec<bool> = table
                .days("date")
                .iter()
                .map(|&d| d == NO_DAY || d <= last)
                .collect();
            account::left(&mut out.accounts, "sales", &keep, "partial_day");
            sales.retain(&keep);
            table.retain(&keep);
        }
        overlap::told_twice(table, &sales, &blocks.blocks)?;
    }
    let last = out.as_of.map(|d| d.0).or(around.own_last);
    if let Some(table) = out.tables.get_mut("stock") {
        let of = parts.get("stock").unwrap_or(&none);
        snapshot::date_snapshots(table, last, &mut out.findings);
        let dropped = stock::one_stock(table, of, &blocks.blocks, &mut out.findings);
        account::stock_left(&mut out.accounts, &dropped);
    }
    stock::only_location(&mut out.tables, around.stock, &mut out.findings);
    for table in ONE_A_NAME {
        if let Some(raw) = out.tables.get_mut(table) {
            let keep = account::one_of_each(raw, ages.get(table).map_or(&[], Vec::as_slice));
            account::left(&mut out.accounts, table, &keep, "repeated");
            raw.retain(&keep);
        }
    }
    let owns = serve::Owns {
        channels: around.channels,
        stock: around.stock,
    };
    out.served = serve::serve(&out.tables, &blocks.blocks, parts, &owns);
    serve::tell(&out.served, &mut out.findings);
    Ok(())
}

fn open(block: &Block, at: usize, found: &Found, config: &Config) -> Result<Staged, InputError> {
    let opened = Opened::read(&found.path, config.input.encoding, false)
        .map_err(|e| stage::unreadable(&found.name, e.0))?;
    stage::stage(&opened, block, at, &found.name)
}

/// How each block's dates are read; its files' stamps are read with it.
fn forms(blocks: &[(Block, Vec<Found>)], staged: &mut [Staged], config: &Config) -> Vec<DateForm> {
    let mut forms = Vec::with_capacity(blocks.len());
    for (at, (block, _)) in blocks.iter().enumerate() {
        let mut seen = OrderSeen::default();
        for file in staged.iter().filter(|s| s.block == at) {
            seen = seen.and(stage::order_seen(file, block.spec));
        }
        let told = block.rules.date_order.or(config.input.date_order);
        let form = DateForm {
            order: seen.or(told),
            format: block.rules.date_format.clone(),
        };
        for file in staged.iter_mut().filter(|s| s.block == at) {
            stage::read_stamps(file, block.spec, &form);
        }
        forms.push(form);
    }
    forms
}

fn calendar(shop: &zone::ShopZone, block: &Block, file: &Staged) -> Calendar {
    let (_, all_utc) = stage::offsets(file);
    Calendar {
        shop: shop.zone,
        unmarked: block.rules.time_zone.as_deref().and_then(Zone::of),
        convert: shop.told || all_utc,
    }
}

/// The zone whose calendar is the shop's by its files, where they say one.
pub(super) fn zone_of(blocks: &Blocks, config: &Config) -> Option<String> {
    let mut staged = Vec::new();
    for (at, (block, files)) in blocks.blocks.iter().enumerate() {
        if block.spec.name != "sales" {
            continue;
        }
        for found in files {
            // What cannot be read is told when it is read.
            staged.extend(open(block, at, found, config));
        }
    }
    forms(&blocks.blocks, &mut staged, config);
    let shop = zone::shop_zone(config, &blocks.blocks, &staged);
    shop.zone.map(|_| shop.name)
}
