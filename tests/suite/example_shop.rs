//! The bundled example: what is committed is what the generator writes, the tables agree with each other,
//! and everything that was planted can be found in them.

#[path = "../../data/generator/shop/mod.rs"]
mod generator;
mod shop;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use restock::config::Config;
use restock::domain::Day;

use shop::{Key, Row, Shop, data, day, days, is_transfer, numbers, parquet, texts, units};

/// The last day that the tables know.
const AS_OF: Day = Day(20_696);

static SHOP: LazyLock<Shop> = LazyLock::new(Shop::read);

#[test]
fn the_generator_writes_the_committed_files() {
    let again = tempfile::tempdir().unwrap();
    let summary = generator::generate(again.path()).unwrap();
    for part in ["", "truth"] {
        let mut names = BTreeSet::new();
        for file in fs::read_dir(again.path().join(part)).unwrap() {
            let path = file.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_owned();
                let committed = fs::read(data().join(part).join(&name)).unwrap();
                assert!(fs::read(&path).unwrap() == committed, "{name:?} differs");
                names.insert(name);
            }
        }
        for file in fs::read_dir(data().join(part)).unwrap() {
            let path = file.unwrap().path();
            if path
                .extension()
                .is_some_and(|e| e == "csv" || e == "parquet")
            {
                let known = names.contains(path.file_name().unwrap());
                assert!(known, "{path:?} is not generated");
            }
        }
    }
    let readme = fs::read_to_string(data().join("README.md")).unwrap();
    assert!(
        readme.contains(&summary.numbers),
        "numbers are not up to date"
    );
    assert!(
        readme.contains(&summary.events),
        "events are not up to date"
    );
    assert_eq!(readme, summary.refresh(&readme));
}

#[test]
fn the_configuration_has_known_keys_only() {
    let text = fs::read_to_string(data().join("restock.toml")).unwrap();
    let config: Config = toml::from_str(&text).unwrap();
    assert_eq!(config.report.currency, "JPY");
    assert_eq!(config.policy.service_level, 0.95);
}

#[test]
fn nothing_is_known_after_the_last_day() {
    let late = |rows: &[Row], column: &str| rows.iter().any(|r| day(&r[column]) > Some(AS_OF));
    assert!(!late(&SHOP.sales, "date"));
    for column in ["date", "shipped_date", "cancelled_date", "notified_date"] {
        assert!(!late(&SHOP.backorders, column), "{column}");
    }
    for column in ["ordered_date", "received_date"] {
        assert!(!late(&SHOP.inbound, column), "{column}");
    }
    assert_eq!(SHOP.gone.keys().map(|k| k.2).max(), Some(AS_OF));
    let last = SHOP.stock.values().flat_map(|s| s.keys()).max();
    assert_eq!(last, Some(&AS_OF));
}

#[test]
fn stock_follows_from_the_other_tables_except_where_planted() {
    let mut touched = BTreeSet::new();
    for ((sku, location, date), units) in SHOP.breaks() {
        let planted = SHOP.events.iter().any(|e| {
            let (from, to) = (day(&e["from"]).unwrap(), day(&e["to"]).unwrap());
            // A phantom ends when somebody counts; the store's next snapshot is up to a week later.
            let until = if location == "store" { to + 6 } else { to };
            matches!(e["event"].as_str(), "count_correction" | "phantom_stock")
                && e["sku"] == sku
                && e["location"] == location
                && (from + -1..=until).contains(&date)
        });
        assert!(
            planted,
            "{sku} at {location} on {date}: {units} units from nowhere"
        );
        touched.insert((sku, location));
    }
    assert!(touched.len() >= 4, "{touched:?}");
}

#[test]
fn only_the_oversold_item_falls_below_zero() {
    let below: BTreeSet<_> = SHOP
        .stock
        .iter()
        .filter(|(_, stock)| stock.values().any(|&units| units < 0))
        .map(|((sku, location), _)| (sku.as_str(), location.as_str()))
        .collect();
    let oversold: BTreeSet<_> = SHOP
        .events
        .iter()
        .filter(|e| e["event"] == "oversold")
        .map(|e| (e["sku"].as_str(), e["location"].as_str()))
        .collect();
    assert_eq!(below, oversold);
    assert_eq!(below.len(), 1);
}

#[test]
fn backorders_are_taken_without_stock_on_accepting_channels() {
    let accepting: BTreeSet<_> = SHOP
        .channels
        .iter()
        .filter(|r| r["accepts_backorders"] == "true")
        .map(|r| r["channel"].as_str())
        .collect();
    assert_eq!(accepting, BTreeSet::from(["own", "rakuten"]));
    let never: BTreeSet<_> = SHOP
        .items
        .iter()
        .filter(|i| i["backorder_policy"] == "false")
        .map(|i| i["sku"].as_str())
        .collect();
    assert!(!never.is_empty());
    for row in &SHOP.backorders {
        assert!(accepting.contains(row["channel"].as_str()), "{row:?}");
        assert!(!never.contains(row["sku"].as_str()), "{row:?}");
        let done = units(row, "shipped_units") + units(row, "cancelled_units");
        assert!(done == 0 || done == units(row, "units"), "{row:?}");
        let date = day(&row["date"]).unwrap();
        if row["kind"] == "preorder" {
            continue;
        }
        // The opening stock, where it is known, was sold to the last unit that day.
        let stock = SHOP.stock_at(&row["sku"], "warehouse");
        if let Some(&opening) = stock.get(&(date + -1)) {
            let key = |channel: &str| (row["sku"].clone(), channel.to_owned(), date);
            let sold = ["own", "rakuten"].map(|c| SHOP.gone.get(&key(c)).copied().unwrap_or(0));
            assert_eq!(opening, sold.iter().sum::<i64>(), "{row:?}");
        }
    }
}

#[test]
fn demand_is_sold_backordered_or_lost() {
    let frame = parquet("truth/demand.parquet");
    let mut taken: BTreeMap<Key, i64> = BTreeMap::new();
    for row in SHOP.backorders.iter().filter(|r| r["kind"] == "backorder") {
        let date = day(&row["date"]).unwrap();
        let key = (row["sku"].clone(), row["channel"].clone(), date);
        *taken.entry(key).or_default() += units(row, "units");
    }
    let keys = texts(&frame, "sku")
        .into_iter()
        .zip(texts(&frame, "channel"));
    let (dates, demand) = (numbers(&frame, "date"), numbers(&frame, "demand"));
    let lost = numbers(&frame, "lost");
    let mut seen = 0;
    for ((((sku, channel), date), wanted), missed) in keys.zip(dates).zip(&demand).zip(&lost) {
        let key = (sku, channel, Day(date as i32));
        let sold = SHOP.sold.get(&key).copied().unwrap_or(0);
        let waiting = taken.get(&key).copied().unwrap_or(0);
        assert_eq!(*wanted, sold + waiting + missed, "{key:?}");
        seen += sold + waiting;
    }
    let recorded = SHOP.sold.values().sum::<i64>() + taken.values().sum::<i64>();
    assert_eq!(seen, recorded, "sales outside the listed days");
    let share = lost.iter().sum::<i64>() as f64 / demand.iter().sum::<i64>() as f64;
    assert!((0.05..0.15).contains(&share), "lost share {share}");
}

#[test]
fn open_orders_give_the_plan_something_to_look_at() {
    let open: Vec<i32> = SHOP
        .inbound
        .iter()
        .filter(|r| !is_transfer(r) && r["received_date"].is_empty())
        .map(|r| day(&r["expected_date"]).unwrap() - AS_OF)
        .collect();
    let between = |from, to| open.iter().filter(|&&d| d >= from && d <= to).count();
    assert!(between(-365, -1) >= 3, "late");
    assert!(between(0, 10) >= 5, "soon");
    assert!(between(30, 365) >= 5, "far out");
}

#[test]
fn every_planted_event_can_be_found() {
    let mut kinds = BTreeSet::new();
    for event in &SHOP.events {
        let (from, to) = (day(&event["from"]).unwrap(), day(&event["to"]).unwrap());
        assert!(visible(&SHOP, event, from, to), "{event:?}");
        kinds.insert(event["event"].as_str());
    }
    assert_eq!(kinds.len(), 19, "{kinds:?}");
}

/// Whether the tables show the event, each kind in its own way.
fn visible(shop: &Shop, event: &Row, from: Day, to: Day) -> bool {
    let (sku, location) = (event["sku"].as_str(), event["location"].as_str());
    let (channel, amount) = (event["channel"].as_str(), units(event, "units"));
    let item = shop.items.iter().find(|i| i["sku"] == sku);
    match event["event"].as_str() {
        "social_spike" => {
            let normal = shop.sold_in(sku, from + -56..=from + -1) as f64 / 56.0;
            days(from..=to).all(|d| {
                let strong = shop.sold_in(sku, d..=d) as f64 > 5.0 * normal;
                strong || shop.stock_at(sku, "warehouse")[&d] == 0
            })
        }
        kind @ ("wholesale_order" | "sample") => shop.sales.iter().any(|r| {
            r["sku"] == sku
                && day(&r["date"]) == Some(from)
                && !r["order_type"].is_empty()
                && kind.starts_with(&r["order_type"])
                && units(r, "units") == amount
        }),
        "supplier_holiday" => supplier_holiday(shop, &event["supplier"], from, to),
        "store_closed" => {
            let sold = |range| {
                days(range).any(|d| {
                    let mut items = shop.items.iter();
                    items.any(|i| shop.sold_on(&i["sku"], channel, d) > 0)
                })
            };
            !sold(from..=to) && sold(from + -7..=from + -1)
        }
        "late_delivery" => shop.orders(sku).any(|r| {
            let received = day(&r["received_date"]).unwrap_or(AS_OF);
            day(&r["expected_date"]) == Some(from) && received - from >= 14
        }),
        "short_delivery" => shop.orders(sku).any(|r| {
            let missing = units(r, "units") - units(r, "received_units");
            day(&r["received_date"]) == Some(to) && missing == amount
        }),
        "partial_delivery" => {
            let mut orders: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
            for row in shop.orders(sku) {
                orders.entry(&row["po_id"]).or_default().push(row);
            }
            orders.values().any(|rows| {
                rows.len() == 2
                    && rows[0]["received_date"] != rows[1]["received_date"]
                    && rows.iter().map(|r| units(r, "units")).sum::<i64>() == amount
            })
        }
        "backlog" => {
            let open = shop.backorders.iter().filter(|r| r["sku"] == sku).map(|r| {
                units(r, "units") - units(r, "shipped_units") - units(r, "cancelled_units")
            });
            open.sum::<i64>() == amount && shop.is_out(sku, location, from..=to)
        }
        "backlog_receipt" => {
            let open = shop.orders(sku).filter(|r| r["received_date"].is_empty());
            open.map(|r| units(r, "units")).sum::<i64>() == amount && to > AS_OF
        }
        "count_correction" => {
            let key = (sku.to_owned(), location.to_owned(), from);
            shop.breaks().get(&key) == Some(&amount)
        }
        "discontinued" => {
            item.is_some_and(|i| i["status"] == "discontinued")
                && shop
                    .orders(sku)
                    .all(|r| day(&r["ordered_date"]) < Some(from))
        }
        "late_order" => {
            let ordered = |r: &Row| day(&r["ordered_date"]).unwrap();
            let under_way = shop.orders(sku).any(|r| {
                let arrives_after = day(&r["received_date"]).is_none_or(|d| d >= from);
                ordered(r) < from && arrives_after
            });
            let hurried = shop.orders(sku).any(|r| (from..=to).contains(&ordered(r)));
            !under_way && hurried && shop.is_out(sku, location, from..=to)
        }
        "launch" => {
            let mut dates = shop.sales.iter().filter(|r| r["sku"] == sku);
            let first = dates.next().and_then(|r| day(&r["date"]));
            // Sales are in the order of dates.
            item.is_some_and(|i| {
                day(&i["launch_date"]) == Some(from) && !i["similar_sku"].is_empty()
            }) && first.map_or(from > AS_OF, |first| (0..=7).contains(&(first - from)))
        }
        "preorder" => {
            let lines: Vec<_> = shop
                .backorders
                .iter()
                .filter(|r| r["sku"] == sku && r["kind"] == "preorder")
                .collect();
            lines.iter().map(|r| units(r, "units")).sum::<i64>() == amount
                && lines.iter().all(|r| {
                    let taken = day(&r["date"]).unwrap();
                    let shipped = day(&r["shipped_date"]);
                    (from..=to).contains(&taken) && shipped.is_none_or(|d| d > to)
                })
        }
        "misplaced" => {
            to - from >= 20
                && shop.is_out(sku, location, from..=to)
                && shop.stock_at(sku, "warehouse")[&to] == amount
                && amount >= 150
        }
        "oversold" => {
            let stock = shop.stock_at(sku, location).range(from..=to);
            let sold = days(from..=to).map(|d| shop.sold_on(sku, channel, d));
            stock.map(|(_, &units)| units).min() == Some(-amount) && sold.sum::<i64>() >= amount
        }
        "phantom_stock" => {
            let stock: Vec<_> = shop.stock_at(sku, location).range(from..=to + -1).collect();
            let sold = |range| {
                days(range)
                    .map(|d| shop.sold_on(sku, channel, d))
                    .sum::<i64>()
            };
            (3..=6).contains(&amount)
                && stock.iter().all(|&(_, &units)| units == amount)
                && stock.len() as i32 >= (to - from) / 7
                && sold(from..=to) == 0
                && sold(from + -56..=from + -1) >= 15
        }
        "variant_skew" => {
            let siblings = ["TS01-BKS", "TS01-BKL", "TS01-BKX"];
            let all: Vec<i64> = siblings
                .iter()
                .flat_map(|s| shop.stock_at(s, location).range(from..=to))
                .map(|(_, &units)| units)
                .collect();
            let stocked = all.iter().filter(|&&units| units > 0).count();
            shop.is_out(sku, location, from..=to) && stocked as f64 >= 0.8 * all.len() as f64
        }
        other => panic!("no way to look for {other}"),
    }
}

/// No delivery of the suppliers with that calendar inside, although orders were under way.
fn supplier_holiday(shop: &Shop, calendar: &str, from: Day, to: Day) -> bool {
    let closed: BTreeSet<_> = shop
        .suppliers
        .iter()
        .filter(|s| s["calendar"] == calendar)
        .map(|s| s["supplier"].as_str())
        .collect();
    let theirs: Vec<_> = shop
        .inbound
        .iter()
        .filter(|r| closed.contains(r["supplier"].as_str()))
        .collect();
    let received = |row: &Row| day(&row["received_date"]);
    let inside = |row: &Row| received(row).is_some_and(|d| (from..=to).contains(&d));
    let spans = |row: &Row| day(&row["ordered_date"]) < Some(from) && received(row) > Some(to);
    let marked = shop.calendar.iter().any(|r| {
        r["kind"] == "supplier_closed"
            && r["supplier"] == calendar
            && day(&r["from"]) == Some(from)
            && day(&r["to"]) == Some(to)
    });
    let under_way = theirs.iter().filter(|r| spans(r)).count();
    marked && !theirs.iter().any(|r| inside(r)) && under_way > 10
}
