//! What a location needs for those that it fills, in `changes.csv` and in the projections of the charts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use restock::config::Config;
use restock::domain::{Day, Plan};
use restock::input::{self, Options};

const AS_OF: i32 = 20_695;
const DAYS: i32 = 180;

/// A depot with a channel of its own, mall, that fills a web shop; so many units lie in the depot and in the shop.
fn write(data: &Path, depot: i32, shop: i32) {
    let put = |name: &str, text: &str| fs::write(data.join(name), text).unwrap();
    let mut sales = "date,sku,channel,units\n".to_owned();
    let mut stock = "date,sku,location,on_hand\n".to_owned();
    for t in 0..DAYS {
        let date = Day(AS_OF - DAYS + 1 + t);
        let last = t == DAYS - 1;
        let _ = writeln!(sales, "{date},A,web,{}", 2 + t % 3);
        let _ = writeln!(sales, "{date},A,mall,1");
        for (location, left) in [("depot", depot), ("shop", shop)] {
            let units = if last { left } else { 200 };
            let _ = writeln!(stock, "{date},A,{location},{units}");
        }
    }
    put("sales.csv", &sales);
    put("stock.csv", &stock);
    put(
        "items.csv",
        "sku,supplier,unit_cost,price,lead_time_days,lead_time_sd\nA,mill,100,250,20,2\n",
    );
    put("channels.csv", "channel,location\nweb,shop\nmall,depot\n");
    put(
        "locations.csv",
        "location,supplied_from,transfer_days\ndepot,,\nshop,depot,3\n",
    );
}

fn plan(depot: i32, shop: i32) -> Plan {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), depot, shop);
    let config = Config::default();
    let options = Options {
        data: home.path(),
        config: &config,
        as_of: None,
    };
    let tables = input::read(options).unwrap();
    restock::plan::make(tables, &config, 9, &|_| ()).unwrap()
}

fn at(plan: &Plan, channel: &str) -> usize {
    let rows = &plan.recommendations;
    rows.iter()
        .position(|r| r.channel.as_str() == channel)
        .unwrap()
}

#[test]
fn changes_compare_what_a_location_needs_for_others() {
    let home = tempfile::tempdir().unwrap();
    let (data, first, second) = (
        home.path().join("data"),
        home.path().join("first"),
        home.path().join("second"),
    );
    fs::create_dir(&data).unwrap();
    let run = |out: &Path, flags: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_restock"))
            .args(["plan", "--no-charts", "--quiet", "--data"])
            .arg(&data)
            .arg("--out")
            .arg(out)
            .args(flags)
            .status()
            .unwrap();
        assert!(done.success());
    };
    write(&data, 80, 10);
    run(&first, &[]);
    write(&data, 20, 10);
    run(&second, &["--previous", first.to_str().unwrap()]);
    let table = |folder: &Path, name: &str| -> Vec<BTreeMap<String, String>> {
        let text = fs::read(folder.join(name)).unwrap();
        csv::Reader::from_reader(&text[..])
            .deserialize()
            .map(Result::unwrap)
            .collect()
    };
    let changes = table(&second, "changes.csv");
    let rows = table(&second, "recommendations.csv");
    assert_eq!(changes.len(), rows.len());
    let change = changes.iter().find(|c| c["channel"].is_empty()).unwrap();
    let now = rows.iter().find(|r| r["channel"].is_empty()).unwrap();
    assert_eq!(change["location"], "depot");
    assert_eq!(change["order_qty_after"], now["order_qty"]);
    let before = table(&first, "recommendations.csv");
    let then = before.iter().find(|r| r["channel"].is_empty()).unwrap();
    assert_eq!(change["order_qty_before"], then["order_qty"]);
    assert_ne!(then["order_qty"], now["order_qty"]);
    assert_eq!(change["reason_code"], "stock");
}

#[test]
fn a_supplied_location_gets_later_transfers_too() {
    let plan = plan(200, 4);
    let shop = &plan.projections[at(&plan, "web")];
    let ours: Vec<_> = shop.receipts.iter().filter(|r| r.2).collect();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0].1, plan.transfers[0].units);
    assert_eq!(ours[0].0, plan.transfers[0].expected_arrival);
    // A transfer a week, about as much as sells in it, as long as the depot has stock.
    let later: Vec<_> = shop.receipts.iter().filter(|r| !r.2).collect();
    assert!(later.len() >= 2, "{later:?}");
    assert!(later.windows(2).all(|w| w[1].0 - w[0].0 == 7));
    assert!(later.iter().all(|r| r.1 > 10.0 && r.1 < 35.0), "{later:?}");
    assert!(shop.stock_mean[8..25].iter().all(|s| *s > 5.0));
    // An empty depot with nothing on its way sends nothing.
    let empty = self::plan(0, 4);
    let shop = &empty.projections[at(&empty, "web")];
    assert!(shop.stock_mean[8] < 1.0 && shop.receipts.iter().all(|r| r.0 - empty.as_of > 15));
}

#[test]
fn a_source_shows_the_whole_order_and_what_it_sends() {
    let plan = plan(40, 4);
    let mall = &plan.projections[at(&plan, "mall")];
    let ordered: f64 = plan.rows().iter().map(|r| r.order_qty).sum();
    assert!(ordered > plan.recommendations[at(&plan, "mall")].order_qty);
    let ours: f64 = mall.receipts.iter().filter(|r| r.2).map(|r| r.1).sum();
    assert_eq!(ours, ordered);
    // The first day's stock is without what leaves with this plan.
    let sent: f64 = plan.transfers.iter().map(|t| t.units).sum();
    assert!(sent > 0.0);
    let expected = 40.0 - sent - mall.demand_mean[0];
    assert!((mall.stock_mean[0] - expected).abs() < 1.0, "{expected}");
    // No unit is in two places: nothing comes in before the order does.
    let shop = &plan.projections[at(&plan, "web")];
    let sold: f64 = shop.demand_mean[..10]
        .iter()
        .chain(&mall.demand_mean[..10])
        .sum();
    let left = mall.stock_mean[9] + shop.stock_mean[9];
    assert!(left >= 44.0 - sold - 1.0 && left < 44.0, "{left} {sold}");
}
