//! A shop of any size to measure with: seeded, so that every run measures the same data.
//!
//! Mostly slow movers with a few that sell by the dozen (a log-normal of rates, two units a day on average), a week and a year, an
//! (s, S) policy whose thin safety stock leaves the shelf empty on about one day in twenty. Every day stands in `stock`, `sales` has a row only where something was sold,
//! every purchase order stands in `inbound`, the last ones still open.

use std::f64::consts::TAU;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use polars::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, LogNormal, Poisson};
use rand_pcg::Pcg64Mcg;
use restock::domain::Day;

/// Last day of the data: a Sunday.
const AS_OF: Day = Day(20_779);
const CATEGORIES: usize = 20;
const SUPPLIERS: usize = 12;
const CHANNELS: [&str; 4] = ["own", "amazon", "rakuten", "store"];
/// Days of mean demand that an order lasts.
const COVER: f64 = 40.0;
/// Days that an order takes, at least and at most.
const LEAD: (i32, i32) = (10, 20);
/// Days of parquet rows that are put together at once.
const BATCH: usize = 60;

/// How large a shop.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// SKU × channel, spread over [`CHANNELS`].
    pub series: usize,
    pub days: usize,
}

/// The form of `sales` and `stock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Csv,
    Parquet,
}

impl Form {
    /// How the files end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// One row of `inbound`.
struct Order {
    series: usize,
    ordered: i32,
    received: i32,
    units: u32,
}

/// Everything that happened.
pub struct Shop {
    size: Size,
    skus: Vec<String>,
    /// Series by series, day by day.
    sold: Vec<u16>,
    closing: Vec<u32>,
    orders: Vec<Order>,
}

impl Shop {
    /// Lives the days of a shop.
    pub fn new(size: Size, seed: u64) -> Self {
        let count = size.series.div_ceil(CHANNELS.len());
        let mut shop = Self {
            size,
            skus: (0..count)
                .map(|k| format!("{:08}", 10_000_019 + 37 * k))
                .collect(),
            sold: Vec::with_capacity(size.series * size.days),
            closing: Vec::with_capacity(size.series * size.days),
            orders: Vec::new(),
        };
        // Mean 2, median 0.65: the sales of most shops.
        let rates = LogNormal::new(-0.43, 1.5).expect("a positive spread");
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        for series in 0..size.series {
            let rate: f64 = rates.sample(&mut rng);
            shop.live(series, rate.clamp(0.02, 60.0), &mut rng);
        }
        shop
    }

    fn live(&mut self, series: usize, rate: f64, rng: &mut Pcg64Mcg) {
        let first = self.first_day();
        let phase = (series % CATEGORIES) as f64 / CATEGORIES as f64;
        let daily = Gamma::new(2.5, 0.4).expect("positive parameters");
        let reorder = rate * f64::from(LEAD.0 + LEAD.1) / 2.0;
        let full = (reorder + rate * COVER).max(2.0).round();
        let mut stock = full as u32;
        let mut coming: Vec<(i32, u32)> = Vec::new();
        for day in first..=AS_OF.0 {
            let season = 1.0 + 0.3 * (TAU * (f64::from(day) / 365.25 + phase)).sin();
            let weekend = if Day(day).weekday() >= 5 { 1.5 } else { 0.8 };
            let mean: f64 = rate * season * weekend * daily.sample(rng);
            let wanted = Poisson::new(mean.max(1e-9)).map_or(0.0, |p| p.sample(rng)) as u32;
            let sold = wanted.min(stock).min(u32::from(u16::MAX));
            stock -= sold;
            // Received today, sold from tomorrow on.
            coming.retain(|&(arrival, units)| {
                stock += if arrival == day { units } else { 0 };
                arrival != day
            });
            let position = f64::from(stock + coming.iter().map(|c| c.1).sum::<u32>());
            if position <= reorder {
                let units = (full - position).max(1.0) as u32;
                let received = day + rng.random_range(LEAD.0..=LEAD.1);
                coming.push((received, units));
                self.orders.push(Order {
                    series,
                    ordered: day,
                    received,
                    units,
                });
            }
            self.sold.push(sold as u16);
            self.closing.push(stock);
        }
    }

    fn first_day(&self) -> i32 {
        AS_OF.0 - self.size.days as i32 + 1
    }

    fn sku(&self, series: usize) -> &str {
        &self.skus[series / CHANNELS.len()]
    }

    fn channel(series: usize) -> &'static str {
        CHANNELS[series % CHANNELS.len()]
    }

    /// Rows of `sales`, rows of `stock`, and the share of days that closed without stock.
    pub fn facts(&self) -> (usize, usize, f64) {
        let empty = self.closing.iter().filter(|c| **c == 0).count();
        (
            self.sold.iter().filter(|s| **s > 0).count(),
            self.closing.len(),
            empty as f64 / self.closing.len().max(1) as f64,
        )
    }

    /// Writes the data folder as a shop's system exports it: day by day.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn write(&self, folder: &Path, form: Form) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        self.write_masters(folder)?;
        self.write_inbound(folder)?;
        let sales = folder.join("sales").with_extension(form.ending());
        let stock = folder.join("stock").with_extension(form.ending());
        match form {
            Form::Csv => {
                self.write_csv(&sales, "date,sku,channel,units", &self.sales())?;
                self.write_csv(&stock, "date,sku,location,on_hand", &self.stock())
            }
            Form::Parquet => {
                self.write_parquet(&sales, ["channel", "units"], &self.sales())
                    .map_err(io::Error::other)?;
                self.write_parquet(&stock, ["location", "on_hand"], &self.stock())
                    .map_err(io::Error::other)
            }
        }
    }

    /// Value of a series' day in `sales`, `None` where there is no row.
    fn sales(&self) -> impl Fn(usize) -> Option<u32> + '_ {
        |at| Some(u32::from(self.sold[at])).filter(|&s| s > 0)
    }

    fn stock(&self) -> impl Fn(usize) -> Option<u32> + '_ {
        |at| Some(self.closing[at])
    }

    fn write_csv(
        &self,
        path: &Path,
        header: &str,
        value: &dyn Fn(usize) -> Option<u32>,
    ) -> io::Result<()> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        writeln!(file, "{header}")?;
        for day in 0..self.size.days {
            let date = Day(self.first_day() + day as i32).to_string();
            for series in 0..self.size.series {
                if let Some(units) = value(series * self.size.days + day) {
                    writeln!(
                        file,
                        "{date},{},{},{units}",
                        self.sku(series),
                        Self::channel(series)
                    )?;
                }
            }
        }
        file.flush()
    }

    fn write_parquet(
        &self,
        path: &Path,
        [place, units]: [&str; 2],
        value: &dyn Fn(usize) -> Option<u32>,
    ) -> PolarsResult<()> {
        let frame = |days: std::ops::Range<usize>| {
            let mut rows: (Vec<i32>, Vec<&str>, Vec<&str>, Vec<i64>) = Default::default();
            for day in days {
                for series in 0..self.size.series {
                    if let Some(n) = value(series * self.size.days + day) {
                        rows.0.push(self.first_day() + day as i32);
                        rows.1.push(self.sku(series));
                        rows.2.push(Self::channel(series));
                        rows.3.push(i64::from(n));
                    }
                }
            }
            DataFrame::new(
                rows.0.len(),
                vec![
                    Column::new("date".into(), rows.0).cast(&DataType::Date)?,
                    Column::new("sku".into(), rows.1),
                    Column::new(place.into(), rows.2),
                    Column::new(units.into(), rows.3),
                ],
            )
        };
        let empty = frame(0..0)?;
        let mut writer =
            ParquetWriter::new(BufWriter::new(File::create(path)?)).batched(empty.schema())?;
        for from in (0..self.size.days).step_by(BATCH) {
            writer.write_batch(&frame(from..(from + BATCH).min(self.size.days))?)?;
        }
        writer.finish()?;
        Ok(())
    }

    fn write_masters(&self, folder: &Path) -> io::Result<()> {
        let mut items = BufWriter::new(File::create(folder.join("items.csv"))?);
        writeln!(
            items,
            "sku,name,category,supplier,unit_cost,price,moq,order_multiple"
        )?;
        for (k, sku) in self.skus.iter().enumerate() {
            let cost = 300 + (k * 131) % 4_000;
            writeln!(
                items,
                "{sku},Item {k},category {:02},supplier {:02},{cost},{},{},{}",
                k % CATEGORIES,
                k % SUPPLIERS,
                cost * 2,
                1 + k % 10,
                1 + k % 3,
            )?;
        }
        items.flush()?;
        let mut suppliers = BufWriter::new(File::create(folder.join("suppliers.csv"))?);
        writeln!(
            suppliers,
            "supplier,lead_time_days,lead_time_sd,review_days"
        )?;
        for k in 0..SUPPLIERS {
            writeln!(suppliers, "supplier {k:02},{},3,7", (LEAD.0 + LEAD.1) / 2)?;
        }
        suppliers.flush()
    }

    fn write_inbound(&self, folder: &Path) -> io::Result<()> {
        let mut file = BufWriter::new(File::create(folder.join("inbound.csv"))?);
        writeln!(
            file,
            "po_id,sku,location,ordered_date,units,supplier,expected_date,received_date,received_units"
        )?;
        let expected = (LEAD.0 + LEAD.1) / 2;
        for (k, order) in self.orders.iter().enumerate() {
            let (sku, location) = (self.sku(order.series), Self::channel(order.series));
            let supplier = order.series / CHANNELS.len() % SUPPLIERS;
            write!(
                file,
                "PO{k:07},{sku},{location},{},{},supplier {supplier:02},{},",
                Day(order.ordered),
                order.units,
                Day(order.ordered + expected),
            )?;
            if order.received <= AS_OF.0 {
                writeln!(file, "{},{}", Day(order.received), order.units)?;
            } else {
                writeln!(file, ",")?;
            }
        }
        file.flush()
    }
}
