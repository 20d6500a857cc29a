//! What goods a code means: codes of channels, sets and their parts, what replaces what.

mod codes;
mod sets;
mod successors;

use std::fs;
use std::path::Path;

use restock::config::{Config, parse};
use restock::domain::{Checked, Day, Finding, Plan, Recommendation};
use restock::input::{self, InputError, Options};
use restock::text::Lang;

/// The last day of every shop here.
const AS_OF: Day = Day(20_696);

/// Files of a data folder.
#[derive(Clone, Default)]
struct Folder(Vec<(&'static str, String)>);

impl Folder {
    fn file(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.0.retain(|(n, _)| *n != name);
        self.0.push((name, text.into()));
        self
    }

    fn try_read(&self) -> Result<(Checked, Config), InputError> {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in &self.0 {
            fs::write(home.path().join(name), text).unwrap();
        }
        let toml = self.0.iter().find(|(name, _)| *name == "restock.toml");
        let text = toml.map_or("", |(_, text)| text.as_str());
        let config = parse(text, Path::new("restock.toml")).unwrap();
        let options = Options {
            data: home.path(),
            config: &config,
            as_of: None,
        };
        Ok((input::read(options)?, config))
    }

    fn read(&self) -> Checked {
        self.try_read().map_err(|e| e.render(Lang::En)).unwrap().0
    }

    /// What stops the run.
    fn message(&self) -> String {
        self.try_read().unwrap_err().render(Lang::En)
    }

    fn plan(&self) -> Plan {
        let (input, config) = self.try_read().map_err(|e| e.render(Lang::En)).unwrap();
        restock::plan::make(input, &config, 0, &|_| ()).unwrap()
    }
}

fn row<'p>(plan: &'p Plan, sku: &str, channel: &str) -> &'p Recommendation {
    let mut rows = plan.rows_shown().into_iter();
    let found = rows.find(|r| r.sku.as_str() == sku && r.channel.as_str() == channel);
    found.unwrap_or_else(|| panic!("no row of {sku} on {channel}"))
}

fn finding<'f>(findings: &'f [Finding], code: &str) -> Option<&'f Finding> {
    findings.iter().find(|f| f.code == code)
}

/// Units sold, by SKU.
fn sold(checked: &Checked) -> Vec<(String, f64)> {
    let frame = &checked.records.sales.0;
    let units = frame.column("units").unwrap().f64().unwrap();
    let sku = frame.column("sku").unwrap().u32().unwrap();
    let mut sums = std::collections::BTreeMap::new();
    for (code, units) in sku.into_no_null_iter().zip(units.into_no_null_iter()) {
        let name = checked.tables.skus[code as usize].as_str().to_owned();
        *sums.entry(name).or_insert(0.0) += units;
    }
    sums.into_iter().collect()
}

/// Stock by (SKU, location, day).
fn stock(checked: &Checked) -> Vec<(String, String, i32, f64)> {
    let frame = &checked.records.stock.as_ref().unwrap().0;
    let code = |name: &str| -> Vec<u32> {
        frame
            .column(name)
            .unwrap()
            .u32()
            .unwrap()
            .into_no_null_iter()
            .collect()
    };
    let days = frame
        .column("date")
        .unwrap()
        .i32()
        .unwrap()
        .into_no_null_iter();
    let units = frame
        .column("on_hand")
        .unwrap()
        .f64()
        .unwrap()
        .into_no_null_iter();
    let (sku, location) = (code("sku"), code("location"));
    let tables = &checked.tables;
    days.zip(units)
        .enumerate()
        .map(|(k, (day, units))| {
            let sku = tables.skus[sku[k] as usize].as_str().to_owned();
            let place = tables.locations[location[k] as usize].as_str().to_owned();
            (sku, place, day, units)
        })
        .collect()
}

/// Random numbers that are the same on every run.
struct Chance(u64);

impl Chance {
    /// From 0 up to 1.
    fn unit(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn poisson(&mut self, mean: f64) -> u32 {
        let (least, mut product, mut n) = ((-mean).exp(), self.unit(), 0);
        while product > least {
            product *= self.unit();
            n += 1;
        }
        n
    }

    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }
}
