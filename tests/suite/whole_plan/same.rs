//! The same data in another dress.

use std::fs;
use std::path::Path;

use restock::config::{Config, parse};
use restock::domain::{Plan, Recommendation};

use crate::whole_plan::shop::{Dice, Sale, Shop, Stock, plan_folder};

const SEEDS: [u64; 3] = [2, 31, 77];

/// Everything of a row but its names.
fn figures(r: &Recommendation) -> [f64; 12] {
    [
        r.demand_per_day,
        r.hidden_units.mean,
        r.hidden_units.p90,
        r.observed_units_per_day,
        r.lead_time_days,
        r.demand_over_protection,
        r.demand_over_protection_sd,
        r.safety_stock,
        r.reorder_point,
        r.on_hand.unwrap_or(f64::NAN),
        r.on_order_in_time,
        r.inventory_position,
    ]
}

#[test]
fn new_names_change_no_figure() {
    for seed in SEEDS {
        let shop = Shop::new(seed, 9, 250);
        let plan = shop.plan();
        let keeping = |sku: &str| format!("Z-{sku}-1");
        // A00 … A08 become A99 … A91.
        let turning = |sku: &str| format!("A{:02}", 99 - sku[1..].parse::<u32>().unwrap());
        let names: [&dyn Fn(&str) -> String; 2] = [&keeping, &turning];
        for name in names {
            let mut renamed = shop.clone();
            renamed.sales.iter_mut().for_each(|s| s.sku = name(&s.sku));
            renamed.stock.iter_mut().for_each(|s| s.sku = name(&s.sku));
            renamed.items.iter_mut().for_each(|s| s.sku = name(&s.sku));
            renamed.orders.iter_mut().for_each(|s| s.sku = name(&s.sku));
            let other = renamed.plan();
            for r in &plan.recommendations {
                let twin = crate::whole_plan::shop::row(&other, &name(r.sku.as_str()));
                for (k, (a, b)) in figures(r).into_iter().zip(figures(twin)).enumerate() {
                    // Sums over the items of a category are taken in the order of their names.
                    assert!(
                        (a - b).abs() <= 2e-4,
                        "seed {seed}, {} as {}, figure {k}: {a} became {b}",
                        r.sku,
                        twin.sku
                    );
                }
                assert_eq!(
                    r.order_qty, twin.order_qty,
                    "seed {seed}: {} as {}",
                    r.sku, twin.sku
                );
            }
        }
    }
}

fn identical(a: &Plan, b: &Plan) {
    assert_eq!(a.recommendations, b.recommendations);
    assert_eq!(a.forecast, b.forecast);
    assert_eq!(a.history.lost, b.history.lost);
}

#[test]
fn shuffled_rows_and_split_files_change_nothing() {
    for seed in SEEDS {
        let two = [("web", "shed"), ("store", "store")];
        let shop = Shop::of(seed, 6, 200, &two, |_, _| 1.0);
        let plan = shop.plan();
        let mut shuffled = shop.clone();
        let mut dice = Dice(seed);
        for k in (1..shuffled.sales.len()).rev() {
            shuffled.sales.swap(k, dice.below(k + 1));
        }
        for k in (1..shuffled.stock.len()).rev() {
            shuffled.stock.swap(k, dice.below(k + 1));
        }
        for k in (1..shuffled.orders.len()).rev() {
            shuffled.orders.swap(k, dice.below(k + 1));
        }
        shuffled.items.reverse();
        shuffled.channels.reverse();
        identical(&plan, &shuffled.plan());

        let folder = tempfile::tempdir().unwrap();
        shop.write(folder.path());
        split(folder.path(), "sales", 3);
        split(folder.path(), "stock", 2);
        identical(&plan, &plan_folder(folder.path(), &Config::default()));
    }
}

/// Turns a table into a folder of several files, each with the header.
fn split(folder: &Path, table: &str, parts: usize) {
    let file = folder.join(format!("{table}.csv"));
    let text = fs::read_to_string(&file).unwrap();
    fs::remove_file(file).unwrap();
    fs::create_dir(folder.join(table)).unwrap();
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let lines: Vec<&str> = lines.collect();
    for (k, part) in lines.chunks(lines.len().div_ceil(parts)).enumerate() {
        let text = format!("{header}\n{}\n", part.join("\n"));
        fs::write(folder.join(table).join(format!("{k}.csv")), text).unwrap();
    }
}

#[test]
fn weeks_give_about_the_same_demand_as_their_days() {
    for seed in SEEDS {
        // Whole weeks up to as-of, a Sunday; always in stock, so that a week says as much as its days.
        let mut days = Shop::new(seed, 8, 364);
        let mut dice = Dice(seed);
        days.sales.clear();
        days.orders.clear();
        for s in &mut days.stock {
            s.on_hand = 50.0;
        }
        for (k, item) in days.items.iter().enumerate() {
            for day in crate::whole_plan::shop::AS_OF - 363..=crate::whole_plan::shop::AS_OF {
                let units = dice.poisson(0.5 + 0.4 * k as f64);
                days.sales.push(Sale {
                    day,
                    sku: item.sku.clone(),
                    channel: "web".to_owned(),
                    units,
                    order_type: "",
                });
            }
        }
        let mut weeks = days.clone();
        weeks.config = "[input]\ngrain = \"week\"\n".to_owned();
        let monday = |day: i32| day - restock::domain::Day(day).weekday() as i32;
        for s in &mut weeks.sales {
            s.day = monday(s.day);
        }
        weeks.stock = days
            .stock
            .iter()
            .filter(|s| monday(s.day) == s.day)
            .map(|s| Stock {
                on_hand: 50.0,
                ..s.clone()
            })
            .collect();
        assert!(parse(&weeks.config, Path::new("restock.toml")).is_ok());
        let (days, weeks) = (days.plan(), weeks.plan());
        assert_eq!(weeks.history.step, 7);
        for (d, w) in days.recommendations.iter().zip(&weeks.recommendations) {
            let ratio = w.demand_per_day / d.demand_per_day;
            assert!(
                (0.9..=1.1).contains(&ratio),
                "seed {seed}, {}: {} by week, {} by day",
                d.sku,
                w.demand_per_day,
                d.demand_per_day
            );
        }
    }
}

#[test]
fn another_year_changes_no_order() {
    for seed in SEEDS {
        // Too short a history for a season of the year: nothing but dates differs.
        let shop = Shop::new(seed, 12, 250);
        let mut later = shop.clone();
        let year = 364;
        later.sales.iter_mut().for_each(|s| s.day += year);
        later.stock.iter_mut().for_each(|s| s.day += year);
        for order in &mut later.orders {
            order.ordered += year;
            order.expected += year;
            order.received = order.received.map(|day| day + year);
        }
        let (plan, other) = (shop.plan(), later.plan());
        for (a, b) in plan.recommendations.iter().zip(&other.recommendations) {
            assert_eq!(b.as_of - a.as_of, year);
            assert_eq!((&a.sku, a.order_qty), (&b.sku, b.order_qty), "seed {seed}");
            assert_eq!(
                (a.raw_need, a.expected_service),
                (b.raw_need, b.expected_service)
            );
            assert_eq!(figures(a), figures(b), "seed {seed}");
        }
    }
}

#[test]
fn other_random_streams_lead_to_the_same_orders() {
    let (mut apart, mut lines) = (0, 0);
    for seed in SEEDS {
        let shop = Shop::new(seed, 20, 250);
        let folder = tempfile::tempdir().unwrap();
        shop.write(folder.path());
        let with = |streams| {
            let config = Config {
                streams,
                ..parse("", Path::new("restock.toml")).unwrap()
            };
            plan_folder(folder.path(), &config)
        };
        let (plan, other) = (with(0), with(1));
        assert_eq!(plan.recommendations.len(), other.recommendations.len());
        let mut moved = false;
        for (a, b) in plan.recommendations.iter().zip(&other.recommendations) {
            // What no path enters stays as it is.
            assert_eq!(a.demand_over_protection, b.demand_over_protection);
            moved |= a.expected_service != b.expected_service;
            if a.order_qty > 0.0 || b.order_qty > 0.0 {
                lines += 1;
                let most = a.order_qty.max(b.order_qty);
                let allowed = (0.5 * a.order_multiple).max(0.02 * most);
                apart += i32::from((a.order_qty - b.order_qty).abs() > allowed);
            }
        }
        assert!(moved, "seed {seed}: the streams are the same");
    }
    assert!(lines >= 20, "{lines}");
    // Each of the two has an error of its own: twice the one in twenty that an order may be off.
    assert!(apart * 10 <= lines, "{apart} of {lines}");
}
