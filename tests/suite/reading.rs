//! What the reading of tables promises: every form that is accepted gives the same tables, and every mistake is named
//! by file, line, column and value.

use std::path::Path;

use encoding_rs::SHIFT_JIS;
use polars::prelude::*;
use proptest::prelude::*;
use restock::config::{Config, parse};
use restock::domain::{Checked, Day, Finding, ItemStatus, Severity, SkuId};
use restock::input::{InputError, Options, finding_text, quality_table, read};
use restock::text::Lang;
use tempfile::TempDir;

mod anything;
mod doubts;
mod exports;
mod forms;
mod limits;
mod meaning;
mod messages;
mod mistakes;
mod parquet;
mod sources;

struct Folder {
    dir: TempDir,
    config: Config,
    as_of: Option<Day>,
}

impl Folder {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("temp dir"),
            config: Config::default(),
            as_of: None,
        }
    }

    fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("has a parent")).expect("folder");
        std::fs::write(path, content).expect("write");
        self
    }

    fn config(mut self, toml: &str) -> Self {
        self.config = parse(toml, Path::new("restock.toml")).expect("configuration");
        self
    }

    fn until(mut self, year: i32, month: u32, day: u32) -> Self {
        self.as_of = Day::from_ymd(year, month, day);
        self
    }

    fn try_read(&self) -> Result<Checked, InputError> {
        read(Options {
            data: self.dir.path(),
            config: &self.config,
            as_of: self.as_of,
        })
    }

    fn read(&self) -> Checked {
        self.try_read().unwrap_or_else(|e| panic!("{e}"))
    }

    fn message(&self) -> String {
        self.try_read().expect_err("should be refused").to_string()
    }

    /// The errors by row; panics when it is another error.
    fn errors(&self) -> Vec<Finding> {
        match self.try_read() {
            Err(InputError::Rows(findings)) => findings,
            other => panic!("{other:?}"),
        }
    }
}

const SALES: &str = "date,sku,channel,units\n";
const PLAIN: &str = "date,sku,channel,units\n2026-08-01,001,web,1\n";

fn sales(rows: &str) -> String {
    format!("{SALES}{rows}")
}

/// Everything but files and findings, as comparable text and frames.
fn same(a: &Checked, b: &Checked) {
    let words = |t: &Checked| {
        format!(
            "{:#?}",
            (
                (
                    t.tables.as_of,
                    &t.tables.skus,
                    &t.tables.channels,
                    &t.tables.locations
                ),
                (&t.tables.backorders, &t.tables.inbound, &t.tables.items),
                (
                    &t.tables.channel_rows,
                    &t.tables.location_rows,
                    &t.tables.suppliers,
                    &t.tables.calendar
                ),
            )
        )
    };
    assert_eq!(words(a), words(b));
    assert!(
        a.records.sales.0.equals_missing(&b.records.sales.0),
        "{:?}\n{:?}",
        a.records.sales.0,
        b.records.sales.0
    );
    match (&a.records.stock, &b.records.stock) {
        (Some(a), Some(b)) => assert!(a.0.equals_missing(&b.0), "{:?}\n{:?}", a.0, b.0),
        (None, None) => {}
        _ => panic!("one has stock"),
    }
    let codes = |t: &Checked| -> Vec<(Severity, &str, u64)> {
        t.findings
            .iter()
            .map(|f| (f.severity, f.code, f.count))
            .collect()
    };
    assert_eq!(codes(a), codes(b));
}

fn finding<'t>(tables: &'t Checked, code: &str) -> &'t Finding {
    tables
        .findings
        .iter()
        .find(|f| f.code == code)
        .unwrap_or_else(|| panic!("no {code} in {:#?}", tables.findings))
}

fn lacks(tables: &Checked, code: &str) {
    assert!(
        tables.findings.iter().all(|f| f.code != code),
        "{:#?}",
        finding(tables, code)
    );
}

fn f64s(frame: &DataFrame, column: &str) -> Vec<f64> {
    frame
        .column(column)
        .and_then(|c| c.f64())
        .expect("f64 column")
        .into_no_null_iter()
        .collect()
}
