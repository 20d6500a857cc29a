//! The committed tables of the example shop, read without the program's own reader.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, DataType, ParquetReader, SerReader};
use restock::domain::Day;

pub type Row = BTreeMap<String, String>;
/// SKU, location or channel, day.
pub type Key = (String, String, Day);

/// The committed tables.
pub struct Shop {
    /// Regular sales.
    pub sold: BTreeMap<Key, i64>,
    /// Everything that left by a sale, also samples and bulk orders.
    pub gone: BTreeMap<Key, i64>,
    /// Units that customers sent back, into stock on that day.
    pub back: BTreeMap<Key, i64>,
    pub sales: Vec<Row>,
    pub stock: BTreeMap<(String, String), BTreeMap<Day, i64>>,
    pub backorders: Vec<Row>,
    pub inbound: Vec<Row>,
    pub items: Vec<Row>,
    pub channels: Vec<Row>,
    pub suppliers: Vec<Row>,
    pub calendar: Vec<Row>,
    pub events: Vec<Row>,
}

pub fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

pub fn rows(name: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(data().join(name)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

pub fn parquet(name: &str) -> DataFrame {
    ParquetReader::new(File::open(data().join(name)).unwrap())
        .finish()
        .unwrap()
}

pub fn texts(frame: &DataFrame, column: &str) -> Vec<String> {
    let column = frame.column(column).unwrap().str().unwrap();
    column.iter().map(|v| v.unwrap().to_owned()).collect()
}

pub fn numbers(frame: &DataFrame, column: &str) -> Vec<i64> {
    let column = frame.column(column).unwrap();
    let column = column.cast(&DataType::Int32).unwrap();
    let column = column.i32().unwrap();
    column.iter().map(|v| i64::from(v.unwrap())).collect()
}

pub fn day(text: &str) -> Option<Day> {
    let mut parts = text.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    Day::from_ymd(year, month, parts.next()?.parse().ok()?)
}

pub fn units(row: &Row, column: &str) -> i64 {
    match row[column].as_str() {
        "" => 0,
        number => number.parse().unwrap(),
    }
}

pub fn days(range: RangeInclusive<Day>) -> impl Iterator<Item = Day> {
    (range.start().0..=range.end().0).map(Day)
}

pub fn is_transfer(row: &Row) -> bool {
    row["supplier"] == "warehouse"
}

impl Shop {
    pub fn read() -> Self {
        let sales = rows("sales.csv");
        let (mut sold, mut gone) = (BTreeMap::new(), BTreeMap::new());
        let mut back = BTreeMap::new();
        for row in &sales {
            let date = day(&row["date"]).unwrap();
            let key = (row["sku"].clone(), row["channel"].clone(), date);
            if row["order_type"].is_empty() {
                *sold.entry(key.clone()).or_default() += units(row, "units");
            }
            *gone.entry(key.clone()).or_default() += units(row, "units");
            *back.entry(key).or_default() += units(row, "returned_units");
        }
        let frame = parquet("stock.parquet");
        let mut stock: BTreeMap<_, BTreeMap<Day, i64>> = BTreeMap::new();
        let keys = texts(&frame, "sku")
            .into_iter()
            .zip(texts(&frame, "location"));
        let values = numbers(&frame, "date")
            .into_iter()
            .zip(numbers(&frame, "on_hand"));
        for (key, (date, on_hand)) in keys.zip(values) {
            let of_key = stock.entry(key).or_default();
            let twice = of_key.insert(Day(date as i32), on_hand);
            assert!(twice.is_none(), "one snapshot a day");
        }
        Self {
            sold,
            gone,
            back,
            sales,
            stock,
            backorders: rows("backorders.csv"),
            inbound: rows("inbound.csv"),
            items: rows("items.csv"),
            channels: rows("channels.csv"),
            suppliers: rows("suppliers.csv"),
            calendar: rows("calendar.csv"),
            events: rows("truth/events.csv"),
        }
    }

    pub fn sold_on(&self, sku: &str, channel: &str, date: Day) -> i64 {
        let key = (sku.to_owned(), channel.to_owned(), date);
        self.sold.get(&key).copied().unwrap_or(0)
    }

    pub fn sold_in(&self, sku: &str, range: RangeInclusive<Day>) -> i64 {
        let all = ["own", "rakuten", "amazon", "store"];
        days(range)
            .flat_map(|date| all.map(|channel| self.sold_on(sku, channel, date)))
            .sum()
    }

    pub fn stock_at(&self, sku: &str, location: &str) -> &BTreeMap<Day, i64> {
        &self.stock[&(sku.to_owned(), location.to_owned())]
    }

    pub fn is_out(&self, sku: &str, location: &str, range: RangeInclusive<Day>) -> bool {
        let stock = self.stock_at(sku, location);
        days(range).all(|date| stock[&date] <= 0)
    }

    /// Purchase orders of a SKU, without transfers.
    pub fn orders<'a>(&'a self, sku: &'a str) -> impl Iterator<Item = &'a Row> {
        self.inbound
            .iter()
            .filter(move |r| r["sku"] == sku && !is_transfer(r))
    }

    /// What changed each (sku, location) on a day, by the other tables.
    pub fn flows(&self) -> BTreeMap<Key, i64> {
        let mut flows = BTreeMap::new();
        let mut add = |sku: &str, location: &str, date: Day, units: i64| {
            let key = (sku.to_owned(), location.to_owned(), date);
            *flows.entry(key).or_default() += units;
        };
        let location: BTreeMap<_, _> = self
            .channels
            .iter()
            .map(|r| (r["channel"].as_str(), r["location"].as_str()))
            .collect();
        for ((sku, channel, date), units) in &self.gone {
            add(sku, location[channel.as_str()], *date, -units);
        }
        for ((sku, channel, date), units) in &self.back {
            add(sku, location[channel.as_str()], *date, *units);
        }
        for row in &self.backorders {
            if let Some(date) = day(&row["shipped_date"]) {
                let from = location[row["channel"].as_str()];
                add(&row["sku"], from, date, -units(row, "shipped_units"));
            }
        }
        for row in &self.inbound {
            if let Some(date) = day(&row["received_date"]) {
                let received = units(row, "received_units");
                add(&row["sku"], &row["location"], date, received);
            }
            if is_transfer(row) {
                let left = day(&row["ordered_date"]).unwrap();
                add(&row["sku"], "warehouse", left, -units(row, "units"));
            }
        }
        flows
    }

    /// Where recorded stock differs from what sales, receipts and shipments say: (sku, location, snapshot) and by how much.
    pub fn breaks(&self) -> BTreeMap<Key, i64> {
        let flows = self.flows();
        let mut breaks = BTreeMap::new();
        for ((sku, location), stock) in &self.stock {
            for ((&before, &opening), (&date, &closing)) in stock.iter().zip(stock.iter().skip(1)) {
                let key = |date| (sku.clone(), location.clone(), date);
                let moved: i64 = days(before + 1..=date)
                    .filter_map(|d| flows.get(&key(d)))
                    .sum();
                if opening + moved != closing {
                    breaks.insert(key(date), closing - opening - moved);
                }
            }
        }
        breaks
    }
}
