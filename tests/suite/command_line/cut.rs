//! A part of the bundled example: all tables, few items, so that a run is short.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use polars::prelude::*;
use tempfile::TempDir;

/// Two bottles and a sock: from three suppliers' lead times, in all channels, with a backlog and a count that was corrected.
const ITEMS: [&str; 6] = [
    "BT01-BK", "BT01-WH", "SK01-GYL", "SK01-BKM", "TS02-BKM", "HL01-BK",
];

/// The data folder with the part, made once.
pub fn cut() -> &'static Path {
    static CUT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, folder) = CUT.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("data");
        fs::create_dir(&folder).unwrap();
        let from = super::example();
        for name in [
            "restock.toml",
            "calendar.csv",
            "channels.csv",
            "locations.csv",
            "suppliers.csv",
        ] {
            fs::copy(from.join(name), folder.join(name)).unwrap();
        }
        let keep = |sku: &str| ITEMS.contains(&sku);
        for name in ["sales.csv", "backorders.csv", "inbound.csv", "items.csv"] {
            table(&from, &folder, name, |header, row| {
                keep(&row[column(header, "sku")])
            });
        }
        stock(&from, &folder, |sku, _| keep(sku));
        (home, folder)
    });
    folder
}

/// Copies a folder and all below it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Copies a data folder as it was at the end of a day: later rows are not there, and what happened later to earlier rows is not filled in.
pub fn until(from: &Path, to: &Path, day: &str) {
    copy(from, to);
    let later = |cell: &str| cell > day;
    table(from, to, "sales.csv", |h, row| {
        !later(&row[column(h, "date")])
    });
    table(from, to, "backorders.csv", |h, row| {
        for (date, others) in [
            ("shipped_date", &["shipped_units"][..]),
            ("cancelled_date", &["cancelled_units"]),
            ("notified_date", &[]),
        ] {
            forget(h, row, date, others, day);
        }
        !later(&row[column(h, "date")])
    });
    table(from, to, "inbound.csv", |h, row| {
        forget(h, row, "received_date", &["received_units"], day);
        !later(&row[column(h, "ordered_date")])
    });
    let last = day_number(day);
    stock(from, to, |_, date| date <= last);
}

fn forget(header: &[String], row: &mut [String], date: &str, others: &[&str], day: &str) {
    if row[column(header, date)].as_str() > day {
        row[column(header, date)].clear();
        for other in others {
            row[column(header, other)].clear();
        }
    }
}

fn column(header: &[String], name: &str) -> usize {
    header.iter().position(|h| h == name).unwrap()
}

fn day_number(day: &str) -> i32 {
    let parts: Vec<u32> = day.split('-').map(|p| p.parse().unwrap()).collect();
    restock::domain::Day::from_ymd(parts[0] as i32, parts[1], parts[2])
        .unwrap()
        .0
}

/// Copies the rows of a CSV that `keep` keeps, as it may have changed them.
fn table(
    from: &Path,
    to: &Path,
    name: &str,
    mut keep: impl FnMut(&[String], &mut Vec<String>) -> bool,
) {
    let text = fs::read(from.join(name)).unwrap();
    let mut reader = csv::Reader::from_reader(&text[..]);
    let header: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let mut writer = csv::Writer::from_path(to.join(name)).unwrap();
    writer.write_record(&header).unwrap();
    for row in reader.records() {
        let mut row: Vec<String> = row.unwrap().iter().map(str::to_owned).collect();
        if keep(&header, &mut row) {
            writer.write_record(&row).unwrap();
        }
    }
    writer.flush().unwrap();
}

/// Copies the rows of `stock.parquet` whose SKU and day `keep` keeps.
fn stock(from: &Path, to: &Path, keep: impl Fn(&str, i32) -> bool) {
    let file = File::open(from.join("stock.parquet")).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    let date = frame
        .column("date")
        .unwrap()
        .cast(&DataType::Int32)
        .unwrap();
    let mask: BooleanChunked = frame
        .column("sku")
        .unwrap()
        .str()
        .unwrap()
        .iter()
        .zip(date.i32().unwrap().iter())
        .map(|(sku, date)| Some(keep(sku.unwrap(), date.unwrap())))
        .collect();
    let mut kept = frame.filter(&mask).unwrap();
    let file = File::create(to.join("stock.parquet")).unwrap();
    ParquetWriter::new(file).finish(&mut kept).unwrap();
}
