//! What of the past a plan does not learn from: an order that comes once, days on which an item was not offered.

use std::fs;
use std::path::Path;

use restock::config::parse;
use restock::domain::{Day, Finding, Plan};

use crate::whole_plan::shop::{AS_OF, Dice, Item, Sale, Shop, Stock, plan_folder, row};

/// A shelf that is never empty, `mean(dice)` units a day for a year, and orders of (days before as-of, units) beside.
fn shelf(mut daily: impl FnMut(&mut Dice) -> f64, orders: &[(i32, f64)]) -> Shop {
    let mut shop = Shop {
        channels: vec![("web".to_owned(), "shed".to_owned())],
        items: vec![item("A")],
        ..Shop::default()
    };
    let mut dice = Dice(11);
    let mut on_hand = 40.0;
    for back in 0..365 {
        let extra: f64 = orders.iter().filter(|o| o.0 == back).map(|o| o.1).sum();
        let units = daily(&mut dice) + extra;
        shop.stock.push(stock("A", AS_OF - back, on_hand));
        on_hand += units;
        if units > 0.0 {
            shop.sales.push(sale("A", AS_OF - back, units));
        }
    }
    shop
}

fn item(sku: &str) -> Item {
    Item {
        sku: sku.to_owned(),
        lead_time: "14".to_owned(),
        lead_sd: "1".to_owned(),
        moq: String::new(),
        multiple: String::new(),
        target: String::new(),
    }
}

fn sale(sku: &str, day: i32, units: f64) -> Sale {
    Sale {
        day,
        sku: sku.to_owned(),
        channel: "web".to_owned(),
        units,
        order_type: "",
    }
}

fn stock(sku: &str, day: i32, on_hand: f64) -> Stock {
    Stock {
        day,
        sku: sku.to_owned(),
        location: "shed".to_owned(),
        on_hand,
        state: "",
    }
}

fn two_a_day(dice: &mut Dice) -> f64 {
    dice.poisson(2.0)
}

/// Plans a shop with more tables, as text.
fn planned(shop: &Shop, tables: &[(&str, &str)]) -> Plan {
    let folder = tempfile::tempdir().unwrap();
    shop.write(folder.path());
    for (name, text) in tables {
        fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
    }
    let config = parse(&shop.config, Path::new("restock.toml")).unwrap();
    plan_folder(folder.path(), &config)
}

fn told<'p>(plan: &'p Plan, code: &str) -> Vec<&'p Finding> {
    plan.findings.iter().filter(|f| f.code == code).collect()
}

#[test]
fn an_order_that_comes_once_is_named_and_moves_no_safety_stock() {
    let usual = shelf(two_a_day, &[]).plan();
    let without = row(&usual, "A");
    assert!(told(&usual, "bulk_order").is_empty());
    for back in [5, 20, 60, 150, 300] {
        let plan = shelf(two_a_day, &[(back, 300.0)]).plan();
        let with = row(&plan, "A");
        assert!(
            (with.safety_stock - without.safety_stock).abs() < 1.5,
            "{back}: {} {}",
            with.safety_stock,
            without.safety_stock
        );
        assert!(
            (with.order_qty - without.order_qty).abs() <= 3.0,
            "{back}: {} {}",
            with.order_qty,
            without.order_qty
        );
        let named = told(&plan, "bulk_order");
        assert_eq!(named.len(), 1, "{back}");
        assert_eq!(named[0].from, Some(Day(AS_OF - back)));
        let units = named[0].figures.iter().find(|f| f.0 == "units").unwrap();
        assert!(units.1.parse::<f64>().unwrap() >= 300.0, "{units:?}");
        assert!(told(&plan, "unusual_units").is_empty(), "told twice");
    }
}

#[test]
fn three_large_orders_in_a_year_are_demand_and_so_is_one_that_recurs() {
    let usual = shelf(two_a_day, &[]).plan();
    let usual = row(&usual, "A").safety_stock;
    let three = [(40, 280.0), (150, 320.0), (260, 300.0)];
    let plan = shelf(two_a_day, &three).plan();
    assert!(told(&plan, "bulk_order").is_empty());
    assert!(row(&plan, "A").safety_stock > 2.0 * usual);
    let two = shelf(two_a_day, &three[..2]).plan();
    assert_eq!(told(&two, "bulk_order").len(), 2);
    // The shop says that it comes again, or what it was.
    let once = shelf(two_a_day, &[(40, 300.0)]);
    let day = Day(AS_OF - 40);
    for (kind, more) in [("recurring", true), ("promotion", false)] {
        let calendar = format!("from,to,kind,sku\n{day},{day},{kind},A\n");
        let plan = planned(&once, &[("calendar", &calendar)]);
        assert!(told(&plan, "bulk_order").is_empty(), "{kind}");
        assert!(
            !more || row(&plan, "A").safety_stock > 2.0 * usual,
            "{kind}: {}",
            row(&plan, "A").safety_stock
        );
    }
}

#[test]
fn lots_are_demand_whatever_their_size() {
    // Nothing on 92 of 100 days, else 7 to 380 units; a quarter of a unit a day in lots of geometric size; single units.
    let lots: [fn(&mut Dice) -> f64; 3] = [
        |d| {
            if d.uniform() < 0.08 {
                (7.0 * (380.0f64 / 7.0).powf(d.uniform())).round()
            } else {
                0.0
            }
        },
        |d| {
            if d.uniform() < 0.25 {
                (d.uniform().ln() / (1.0f64 - 1.0 / 8.0).ln()).ceil()
            } else {
                0.0
            }
        },
        |d| d.poisson(0.12),
    ];
    for (k, lot) in lots.into_iter().enumerate() {
        let plan = shelf(lot, &[]).plan();
        assert!(told(&plan, "bulk_order").is_empty(), "{k}");
    }
}

/// Twenty items for 500 days on a channel where the share `waits` orders without stock. Returns the shop, its channels' table and the units lost.
fn waiting(waits: f64, seed: u64) -> (Shop, f64) {
    let mut dice = Dice(seed);
    let mut shop = Shop {
        channels: vec![("web".to_owned(), "shed".to_owned())],
        ..Shop::default()
    };
    let mut lost = 0.0;
    let (mut orders, days) = (0, 500);
    for i in 0..20 {
        let sku = format!("A{i:02}");
        shop.items.push(item(&sku));
        let rate = 5.0 + 1.5 * f64::from(i);
        let (mut on_hand, mut next, mut owed) = (0.0, 0, 0.0);
        for day in AS_OF - days + 1..=AS_OF {
            let mut served = 0.0;
            let mut waiting = 0.0;
            for _ in 0..dice.poisson(rate) as u32 {
                if served < on_hand {
                    served += 1.0;
                } else if dice.uniform() < waits {
                    waiting += 1.0;
                } else {
                    lost += 1.0;
                }
            }
            on_hand -= served;
            owed += waiting;
            if waiting > 0.0 {
                orders += 1;
                let date = Day(day);
                shop.backorders
                    .push_str(&format!("B{orders},{date},{sku},web,{waiting},backorder\n"));
            }
            if next == 0 {
                // What waited is shipped at once; the orders stay on the books, which says nothing about who waits.
                on_hand += (rate * 18.0).round();
                owed = 0.0;
                next = 14 + dice.below(20);
            }
            next -= 1;
            if served > 0.0 {
                shop.sales.push(sale(&sku, day, served));
            }
            shop.stock.push(stock(&sku, day, on_hand));
        }
        assert!(owed >= 0.0);
    }
    (shop, lost)
}

const ACCEPTING: (&str, &str) = (
    "channels",
    "channel,location,accepts_backorders\nweb,shed,true\n",
);

fn hidden(plan: &Plan, items: usize) -> f64 {
    let end = plan.history.offsets[items];
    plan.history.lost[..end].iter().sum()
}

#[test]
fn lost_units_are_right_whether_half_or_nine_in_ten_wait() {
    for (waits, seed) in [(0.5, 5), (0.9, 6), (0.9, 7)] {
        let (shop, lost) = waiting(waits, seed);
        let found = hidden(&planned(&shop, &[ACCEPTING]), 20);
        assert!(
            (found / lost - 1.0).abs() < 0.1,
            "{waits}: {found} of {lost} lost"
        );
    }
}

#[test]
fn an_item_that_was_not_offered_is_named_and_bends_no_other() {
    let (mut shop, _) = waiting(0.5, 8);
    shop.backorders = shop
        .backorders
        .lines()
        .filter(|l| l.contains("A03") || l.contains("A04") || l.contains("A05"))
        .map(|l| format!("{l}\n"))
        .collect();
    let keep = |sku: &str| ["A03", "A04", "A05"].contains(&sku);
    shop.sales.retain(|s| keep(&s.sku));
    shop.stock.retain(|s| keep(&s.sku));
    shop.items.retain(|i| keep(&i.sku));
    let alone = planned(&shop, &[ACCEPTING]);
    assert!(told(&alone, "not_offered").is_empty());
    let before = (hidden(&alone, 3), row(&alone, "A05").order_qty);
    shop.items.push(item("Z"));
    for back in 0..300 {
        let on_hand = if back < 260 { 0.0 } else { 90.0 };
        shop.stock.push(stock("Z", AS_OF - back, on_hand));
        if back > 260 {
            shop.sales.push(sale("Z", AS_OF - back, 20.0));
        }
    }
    let beside = planned(&shop, &[ACCEPTING]);
    let named = told(&beside, "not_offered");
    assert_eq!(named.len(), 1, "{named:#?}");
    assert_eq!(named[0].sku.as_ref().map(|s| s.as_str()), Some("Z"));
    let after = (hidden(&beside, 3), row(&beside, "A05").order_qty);
    assert!(
        (after.0 / before.0 - 1.0).abs() < 0.02,
        "{before:?} {after:?}"
    );
    assert!(
        (after.1 / before.1 - 1.0).abs() < 0.03,
        "{before:?} {after:?}"
    );
}
