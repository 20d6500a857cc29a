//! A shop whose stock is not recorded every day, against the same shop with stock of every day.

use std::fmt::Write as _;
use std::fs;

use restock::config::Config;
use restock::domain::{Availability, Plan};
use restock::plan::{Request, run};

const DAYS: usize = 420;
const ITEMS: usize = 24;
/// The last day, and the first.
const AS_OF: i32 = 20_695;
const FIRST: i32 = AS_OF - DAYS as i32 + 1;

/// One item: sold, closing stock and received by day, and the demand that met no stock.
struct Item {
    sold: Vec<u32>,
    closing: Vec<u32>,
    received: Vec<u32>,
    lost: u32,
}

/// Sales of Poisson demand from a shelf that is ordered for weekly, and late.
fn shop(units: &[f64]) -> Vec<Item> {
    let mut seed = 20_261_128u64;
    let mut draw = move || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    let mut item = |rate: f64| {
        let (mut stock, mut due) = ((rate * 20.0) as u32 + 2, vec![0; DAYS + 40]);
        let mut item = Item {
            sold: Vec::new(),
            closing: Vec::new(),
            received: Vec::new(),
            lost: 0,
        };
        for t in 0..DAYS {
            let (mut want, mut p) = (0, draw());
            while p > (-rate).exp() {
                want += 1;
                p *= draw();
            }
            let sold = want.min(stock);
            stock = stock - sold + due[t];
            if t + 365 >= DAYS {
                item.lost += want - sold;
            }
            item.sold.push(sold);
            item.closing.push(stock);
            item.received.push(due[t]);
            let coming: u32 = due[t + 1..].iter().sum();
            let position = stock + coming;
            if t % 7 == 0 && f64::from(position) < rate * 17.0 {
                let late = [0, 0, 2, 6][(draw() * 4.0) as usize % 4];
                due[t + 12 + late] += ((rate * 40.0) as u32 + 1).saturating_sub(position);
            }
        }
        item
    };
    units.iter().map(|rate| item(*rate)).collect()
}

/// Which days are counted, and whether receipts are recorded.
#[derive(Clone, Copy)]
struct Record {
    counted: fn(usize) -> bool,
    receipts: bool,
}

const DAILY: Record = Record {
    counted: |_| true,
    receipts: false,
};
const SNAPSHOT: Record = Record {
    counted: |t| t + 1 == DAYS,
    receipts: false,
};

fn plan(shop: &[Item], record: Record) -> Plan {
    let folder = tempfile::tempdir().unwrap();
    let date = |t: usize| restock::domain::Day(FIRST + t as i32);
    let (mut sales, mut stock) = (
        "date,sku,channel,units\n".to_owned(),
        "date,sku,location,on_hand\n".to_owned(),
    );
    let mut inbound =
        "po_id,sku,location,ordered_date,units,received_date,received_units\n".to_owned();
    for (k, item) in shop.iter().enumerate() {
        for t in 0..DAYS {
            if item.sold[t] > 0 {
                writeln!(sales, "{},A{k:02},web,{}", date(t), item.sold[t]).unwrap();
            }
            if (record.counted)(t) {
                writeln!(stock, "{},A{k:02},web,{}", date(t), item.closing[t]).unwrap();
            }
            if record.receipts && item.received[t] > 0 {
                let (units, ordered) = (item.received[t], date(t.saturating_sub(12)));
                writeln!(
                    inbound,
                    "P{k}-{t},A{k:02},web,{ordered},{units},{},{units}",
                    date(t)
                )
                .unwrap();
            }
        }
    }
    writeln!(stock, "{},NEVER,web,3", date(DAYS - 1)).unwrap();
    fs::write(folder.path().join("sales.csv"), sales).unwrap();
    fs::write(folder.path().join("stock.csv"), stock).unwrap();
    if record.receipts {
        fs::write(folder.path().join("inbound.csv"), inbound).unwrap();
    }
    let config = Config::default();
    let request = Request {
        data: folder.path(),
        config: &config,
        as_of: Some(restock::domain::Day(AS_OF)),
        top: 0,
    };
    run(request, &|_| ()).unwrap()
}

fn hidden(plan: &Plan) -> f64 {
    plan.recommendations
        .iter()
        .map(|r| r.hidden_units.mean)
        .sum()
}

fn rate(plan: &Plan) -> f64 {
    plan.recommendations.iter().map(|r| r.demand_per_day).sum()
}

fn told(plan: &Plan, code: &str) -> bool {
    plan.findings.iter().any(|f| f.code == code)
}

/// Days of the items, each with what it is said to be and what it sold.
fn days(plan: &Plan) -> impl Iterator<Item = (Availability, f64)> + '_ {
    let all = plan.history.availability.iter().copied();
    all.zip(plan.history.sold.iter().copied())
}

fn fast() -> Vec<Item> {
    let rates: Vec<f64> = (0..ITEMS).map(|k| [0.6, 1.5, 3.0][k % 3]).collect();
    shop(&rates)
}

#[test]
fn weekly_counts_without_receipts_hide_about_what_stock_of_every_day_shows() {
    let shop = fast();
    let lost: u32 = shop.iter().map(|i| i.lost).sum();
    let daily = plan(&shop, DAILY);
    let weekly = plan(
        &shop,
        Record {
            counted: |t| (t + 1) % 7 == DAYS % 7,
            receipts: false,
        },
    );
    let found = hidden(&weekly) / f64::from(lost);
    assert!((0.85..=1.1).contains(&found), "{found}");
    let rates = rate(&weekly) / rate(&daily);
    assert!((0.96..=1.04).contains(&rates), "{rates}");
    assert!(told(&weekly, "stock_unknown_between_counts"));
    assert!(!told(&daily, "stock_unknown_between_counts") && !told(&daily, "probably_out"));
    let sold_while_closed =
        days(&weekly).filter(|(day, sold)| *day == Availability::Closed && *sold > 0.0);
    assert_eq!(sold_while_closed.count(), 0);
}

#[test]
fn one_snapshot_claims_probable_stockouts_and_no_known_day() {
    let shop = fast();
    let lost: u32 = shop.iter().map(|i| i.lost).sum();
    let found = plan(&shop, SNAPSHOT);
    let share = hidden(&found) / f64::from(lost);
    assert!((0.3..=0.85).contains(&share), "{share}");
    let known = days(&found).filter(|(day, _)| day.is_known()).count();
    assert!(known <= 2 * ITEMS, "{known}");
    assert!(told(&found, "probably_out"));
    let ends = found.recommendations.iter().map(|r| r.hidden_units.p90);
    assert!(ends.sum::<f64>() > f64::from(lost));
    let never = found
        .recommendations
        .iter()
        .filter(|r| r.sku.as_str() == "NEVER");
    assert_eq!(never.map(|r| r.order_qty).sum::<f64>(), 0.0);
    // And the bias of the rate is at most half of that of sales alone.
    let daily = rate(&plan(&shop, DAILY));
    let sales: u32 = shop.iter().flat_map(|i| &i.sold[DAYS - 365..]).sum();
    let by_sales = f64::from(sales) / 365.0;
    assert!((rate(&found) - daily).abs() < 0.6 * (by_sales - daily).abs());
}

#[test]
fn a_snapshot_and_receipts_show_every_day_without_stock() {
    let shop = fast();
    let found = plan(
        &shop,
        Record {
            receipts: true,
            ..SNAPSHOT
        },
    );
    let (mut true_days, mut both, mut said) = (0, 0, 0);
    for (i, r) in found.recommendations.iter().enumerate() {
        let Some(k) = r.sku.as_str().strip_prefix('A') else {
            continue;
        };
        let item = &shop[k.parse::<usize>().unwrap()];
        for at in found.history.range(i) {
            let t = (found.history.day(i, at).0 - FIRST) as usize;
            // Before the first receipt on record nothing is known.
            if t < 60 || item.sold[t] > 0 {
                continue;
            }
            let out = item.closing[t - 1] == 0;
            let closed = found.history.availability[at] == Availability::Closed;
            true_days += u32::from(out);
            said += u32::from(closed);
            both += u32::from(out && closed);
        }
    }
    assert!(true_days > 100 && f64::from(both) >= 0.95 * f64::from(true_days));
    assert!(
        f64::from(both) >= 0.95 * f64::from(said),
        "{both} of {said}"
    );
}

#[test]
fn a_shop_that_never_runs_out_claims_nothing_from_its_sales() {
    let mut shop = fast();
    for item in &mut shop {
        // Whole-month gaps would be stockouts; a shelf that is always full has none.
        item.sold = item.sold.iter().map(|y| (*y).max(1)).collect();
        item.closing.fill(50);
    }
    let found = plan(&shop, SNAPSHOT);
    assert_eq!(hidden(&found), 0.0);
    assert!(!told(&found, "probably_out"));
}

#[test]
fn slow_items_claim_nothing_from_their_sales() {
    let found = plan(&shop(&[0.08; 20]), SNAPSHOT);
    assert!(!told(&found, "probably_out"));
    // The day of the snapshot itself is on record.
    assert!(hidden(&found) < 20.0 * 0.1, "{}", hidden(&found));
}

/// The record says empty in the morning and in the evening, and two units are sold a day.
#[test]
fn a_shelf_that_is_recorded_empty_and_sells_hides_no_demand() {
    let mut shop = shop(&[2.0; 6]);
    for item in &mut shop {
        item.closing.fill(0);
        item.sold.fill(2);
    }
    let found = plan(&shop, DAILY);
    assert!(hidden(&found) < 0.01 * 365.0 * 12.0, "{}", hidden(&found));
    assert!(told(&found, "sold_on_empty_shelf"));
    let known = days(&found).filter(|(day, sold)| *sold > 0.0 && day.is_stockout());
    assert!(known.count() <= 6);
}
