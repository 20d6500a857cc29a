//! Whole plans, from a data folder to the figures: what they are on the bundled example, how near they come to its truth,
//! and what must hold whatever the numbers.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use restock::config::{self, Config};
use restock::domain::Plan;
use restock::output::{Cancel, WriteOptions, write};

mod aside;
mod bridge;
mod edges;
mod excess;
mod extremes;
mod laws;
mod lead_times;
mod past;
mod pools;
mod same;
pub mod shop;
mod truth;
mod weeks;
mod worked;

/// A row of a CSV file: header → cell.
type Row = BTreeMap<String, String>;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// The plan of the bundled example and its written tables, made once.
struct Example {
    plan: Plan,
    recommendations: Vec<Row>,
    orders: Vec<Row>,
    exceptions: Vec<Row>,
}

fn example() -> &'static Example {
    static EXAMPLE: OnceLock<Example> = OnceLock::new();
    EXAMPLE.get_or_init(|| {
        let config = config::load(&data().join("restock.toml")).unwrap();
        let plan = shop::plan_folder(&data(), &config);
        let [recommendations, orders, exceptions] = tables(&plan, &config);
        Example {
            plan,
            recommendations,
            orders,
            exceptions,
        }
    })
}

/// `recommendations.csv`, `purchase_orders.csv` and `exceptions.csv` as they are written.
fn tables(plan: &Plan, config: &Config) -> [Vec<Row>; 3] {
    let home = tempfile::tempdir().unwrap();
    let options = WriteOptions::new(home.path().join("plan"));
    let draw = |_: &Path| Ok::<(), Infallible>(());
    let folder = write(plan, config, &options, &Cancel::default(), draw)
        .unwrap()
        .placed
        .folder;
    [
        "recommendations.csv",
        "purchase_orders.csv",
        "exceptions.csv",
    ]
    .map(|name| rows(&folder.join(name)))
}

fn rows(file: &Path) -> Vec<Row> {
    let text = fs::read(file).unwrap();
    csv::Reader::from_reader(&text[..])
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

/// Some columns of the first rows, as lines.
fn shown(rows: &[Row], columns: &[&str], count: usize) -> String {
    let mut lines = vec![columns.join(" | ")];
    lines.extend(rows.iter().take(count).map(|row| {
        let cells: Vec<&str> = columns.iter().map(|c| row[*c].as_str()).collect();
        cells.join(" | ")
    }));
    lines.join("\n")
}

#[test]
fn the_recommendations_of_the_example() {
    let columns = [
        "sku",
        "channel",
        "action",
        "observed_units_per_day",
        "stockout_days",
        "hidden_units",
        "demand_per_day",
        "protection_days",
        "demand_over_protection",
        "distribution",
        "safety_stock",
        "reorder_point",
        "waiting_reduction",
        "order_up_to",
        "on_hand",
        "on_order_in_time",
        "on_order_late",
        "open_backorders",
        "inventory_position",
        "raw_need",
        "rounding",
        "order_qty",
        "order_by",
        "first_stockout_date",
        "expected_service",
        "confidence",
        "reason_code",
    ];
    insta::assert_snapshot!(shown(&example().recommendations, &columns, 25));
}

#[test]
fn the_purchase_orders_of_the_example() {
    let columns = [
        "supplier",
        "sku",
        "location",
        "order_qty",
        "unit_cost",
        "amount",
        "order_multiple",
        "moq",
        "order_by",
        "expected_arrival",
        "priority",
        "reason",
    ];
    insta::assert_snapshot!(shown(&example().orders, &columns, 25));
}
