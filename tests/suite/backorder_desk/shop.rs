//! Small shops of text, planned by the program itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use restock::domain::Day;
use tempfile::TempDir;

/// The last day of all shops.
pub const AS_OF: i32 = 20_695;

/// A row of a CSV file: header → cell.
pub type Row = BTreeMap<String, String>;

/// A date so many days after the last.
pub fn day(after: i32) -> String {
    Day(AS_OF + after).to_string()
}

/// Tables by name, each with its header line.
#[derive(Clone)]
pub struct Shop {
    tables: BTreeMap<&'static str, String>,
    pub config: String,
}

impl Shop {
    /// No items and no history yet.
    pub fn new() -> Self {
        let tables = [
            ("sales", "date,sku,channel,units,order_type\n"),
            ("stock", "date,sku,location,on_hand\n"),
            (
                "backorders",
                "order_id,date,sku,channel,units,kind,promised_date,shipped_date,shipped_units,cancelled_date,cancelled_units,notified_date\n",
            ),
            (
                "inbound",
                "po_id,sku,location,ordered_date,units,supplier,expected_date,received_date,received_units\n",
            ),
            (
                "items",
                "sku,supplier,unit_cost,price,lead_time_days,moq,order_multiple,status,launch_date,variant_of,backorder_policy\n",
            ),
            ("channels", "channel,location,accepts_backorders\n"),
        ];
        Self {
            tables: tables.map(|(name, head)| (name, head.to_owned())).into(),
            config: String::new(),
        }
    }

    /// Adds a row to a table.
    pub fn row(&mut self, table: &'static str, row: impl AsRef<str>) -> &mut Self {
        let _ = writeln!(self.tables.get_mut(table).unwrap(), "{}", row.as_ref());
        self
    }

    /// Writes the table of the locations.
    pub fn locations(&mut self, text: &str) -> &mut Self {
        self.table("locations", text)
    }

    /// Writes a whole table.
    pub fn table(&mut self, name: &'static str, text: &str) -> &mut Self {
        self.tables.insert(name, text.to_owned());
        self
    }

    /// An item that sold `units` every day for `days` and has `left` at the end.
    pub fn history(
        &mut self,
        sku: &str,
        channel: &str,
        location: &str,
        days: i32,
        units: u32,
        left: i32,
    ) -> &mut Self {
        for after in 1 - days..=0 {
            let out = left <= 0 && after > -3;
            if !out {
                self.row("sales", format!("{},{sku},{channel},{units},", day(after)));
            }
            let on_hand = if out || after == 0 { left } else { 40 };
            self.row(
                "stock",
                format!("{},{sku},{location},{on_hand}", day(after)),
            );
        }
        self
    }

    /// An open line of `units`, ordered so many days from the last.
    pub fn owed(
        &mut self,
        order: &str,
        ordered: i32,
        sku: &str,
        channel: &str,
        units: u32,
        promised: Option<i32>,
    ) -> &mut Self {
        let promised = promised.map(day).unwrap_or_default();
        self.row(
            "backorders",
            format!(
                "{order},{},{sku},{channel},{units},backorder,{promised},,,,,",
                day(ordered)
            ),
        )
    }

    /// An open purchase order.
    pub fn coming(
        &mut self,
        po: &str,
        sku: &str,
        location: &str,
        units: u32,
        expected: i32,
    ) -> &mut Self {
        self.row(
            "inbound",
            format!(
                "{po},{sku},{location},{},{units},mill,{},,",
                day(-5),
                day(expected)
            ),
        )
    }

    /// Plans the shop into a folder.
    pub fn plan_into(&self, out: &Path, flags: &[&str]) -> String {
        self.plan_on(0, out, flags)
    }

    /// Plans the shop into a folder, as of so many days after the last.
    pub fn plan_on(&self, as_of: i32, out: &Path, flags: &[&str]) -> String {
        let data = tempfile::tempdir().unwrap();
        for (name, text) in &self.tables {
            fs::write(data.path().join(format!("{name}.csv")), text).unwrap();
        }
        fs::write(data.path().join("restock.toml"), &self.config).unwrap();
        let done = Command::new(env!("CARGO_BIN_EXE_restock"))
            .args(["plan", "--no-charts", "--as-of", &day(as_of), "--data"])
            .arg(data.path())
            .arg("--out")
            .arg(out)
            .args(flags)
            .assert()
            .success();
        String::from_utf8(done.get_output().stdout.clone()).unwrap()
    }

    pub fn plan(&self) -> Plan {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("plan");
        let said = self.plan_into(&folder, &[]);
        Plan { home, folder, said }
    }
}

/// A plan folder.
pub struct Plan {
    #[allow(dead_code)]
    home: TempDir,
    pub folder: PathBuf,
    pub said: String,
}

impl Plan {
    pub fn rows(&self, file: &str) -> Vec<Row> {
        rows(&self.folder.join(file))
    }

    /// The row of an item and channel in the policy.
    pub fn policy(&self, sku: &str, channel: &str) -> Row {
        self.rows("backorder_policy.csv")
            .into_iter()
            .find(|r| r["sku"] == sku && r["channel"] == channel)
            .unwrap_or_else(|| panic!("no {sku} on {channel}"))
    }

    /// `summary.json`.
    pub fn summary(&self) -> serde_json::Value {
        let text = fs::read_to_string(self.folder.join("summary.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Codes of the findings about an item.
    pub fn findings(&self, sku: &str) -> Vec<String> {
        self.rows("exceptions.csv")
            .into_iter()
            .filter(|r| r["sku"] == sku)
            .map(|r| r["code"].clone())
            .collect()
    }
}

pub fn rows(file: &Path) -> Vec<Row> {
    let text = fs::read(file).unwrap();
    csv::Reader::from_reader(&text[..])
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

/// A figure of a row; 0 where empty.
pub fn figure(row: &Row, column: &str) -> f64 {
    match row[column].as_str() {
        "" => 0.0,
        text => text.parse().unwrap(),
    }
}

/// Sum of a column.
pub fn sum(rows: &[Row], column: &str) -> f64 {
    rows.iter().map(|r| figure(r, column)).sum()
}

impl Shop {
    /// Keeps the first stock row of every day and shelf, where several channels wrote it.
    pub fn one_stock_row_a_day(&mut self) -> &mut Self {
        let stock = self.tables.get_mut("stock").unwrap();
        let mut seen = std::collections::BTreeSet::new();
        *stock = stock
            .lines()
            .filter(|line| seen.insert((*line).to_owned()))
            .map(|line| format!("{line}\n"))
            .collect();
        self
    }

    /// Plans with so many units of the tee to come in three days.
    pub fn coming_and_plan(&self, units: u32) -> Plan {
        let mut shop = self.clone();
        shop.coming("PO1", "TEE", "shed", units, 3);
        shop.plan()
    }
}
