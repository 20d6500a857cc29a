//! The bridge from demand to order, followed with a calculator: figures as they are written, in exact decimals.

use std::collections::{BTreeMap, BTreeSet};

use super::{Row, example, rows, tables};
use crate::whole_plan::shop::Shop;
use restock::config::Config;
use restock::output::{message, remedy};
use restock::text::Lang;

/// A written figure in units of 1e-4.
fn exact(row: &Row, column: &str) -> i64 {
    let text = &row[column];
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.as_str()),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(part.len() <= 4, "{column}: {text}");
    let number = format!("{whole}{part:0<4}");
    sign * number
        .parse::<i64>()
        .unwrap_or_else(|_| panic!("{column}: {text:?}"))
}

/// Follows every row; `per_pool` says how many rows make one shared stock.
fn follow(rows: &[Row]) {
    for row in rows {
        let at = |column: &str| exact(row, column);
        let named = || format!("{row:#?}");
        assert_eq!(
            at("demand_over_protection") + at("safety_stock"),
            at("reorder_point"),
            "{}",
            named()
        );
        assert_eq!(
            at("reorder_point") - at("waiting_reduction"),
            at("order_up_to"),
            "{}",
            named()
        );
        assert_eq!(
            at("on_hand") + at("on_order_in_time") - at("open_backorders"),
            at("inventory_position"),
            "{}",
            named()
        );
        let need = (at("order_up_to") - at("inventory_position")).max(0);
        if row["action"] != "stop" {
            assert_eq!(at("raw_need"), need, "{}", named());
        }
        assert_eq!(
            at("raw_need") + at("rounding"),
            at("order_qty") + at("transfer_in") + at("transfer_short") + at("held_back"),
            "{}",
            named()
        );
        let (quantity, lot) = (at("order_qty"), at("order_multiple"));
        assert!(quantity >= 0 && lot > 0, "{}", named());
        assert_eq!(quantity > 0, row["action"] == "order" && quantity > 0);
        // What a location needs for others is a part of its order, too.
        let alone = row["pool_channels"] == "1"
            && !rows.iter().any(|r| {
                r["channel"].is_empty()
                    && (&r["sku"], &r["location"]) == (&row["sku"], &row["location"])
            });
        if quantity > 0 && alone {
            assert_eq!(quantity % lot, 0, "{}", named());
            assert!(quantity >= at("moq"), "{}", named());
            assert!(at("raw_need") > 0 && at("rounding") >= 0, "{}", named());
            assert!(
                at("inventory_position") <= at("reorder_point"),
                "{}",
                named()
            );
        }
        if !row["amount"].is_empty() {
            assert_eq!(
                i128::from(at("unit_cost")) * i128::from(quantity),
                i128::from(at("amount")) * 10_000,
                "{}",
                named()
            );
        }
    }
}

/// (sku, location) → exact sum of a column.
fn by_pool(rows: &[Row], column: &str) -> BTreeMap<(String, String), i64> {
    let mut sums = BTreeMap::new();
    for row in rows {
        *sums
            .entry((row["sku"].clone(), row["location"].clone()))
            .or_insert(0) += exact(row, column);
    }
    sums
}

/// Orders are whole lots of the pool, and purchasing's list is the same orders.
fn add_up(recommendations: &[Row], orders: &[Row]) {
    let mut wanted = by_pool(recommendations, "order_qty");
    wanted.retain(|_, units| *units > 0);
    assert_eq!(by_pool(orders, "order_qty"), wanted);
    for order in orders {
        let (quantity, lot) = (exact(order, "order_qty"), exact(order, "order_multiple"));
        assert_eq!(quantity % lot, 0, "{order:#?}");
        assert!(quantity >= exact(order, "moq"), "{order:#?}");
    }
}

#[test]
fn every_row_of_the_example_can_be_followed() {
    let example = example();
    assert!(example.recommendations.len() > 350);
    assert!(!example.orders.is_empty());
    follow(&example.recommendations);
    add_up(&example.recommendations, &example.orders);
}

#[test]
fn every_row_of_small_shops_can_be_followed() {
    let pooled = [("web", "shed"), ("mall", "shed"), ("store", "store")];
    for seed in 1..4 {
        for config in [
            "",
            "[policy]\nmethod = \"textbook\"\n",
            "[policy]\nservice_measure = \"cost\"\n",
        ] {
            let shop = Shop {
                config: config.to_owned(),
                ..Shop::of(seed, 8, 200, &pooled, |_, _| 1.0)
            };
            let [recommendations, orders, _] = tables(&shop.plan(), &Config::default());
            assert_eq!(recommendations.len(), 24);
            follow(&recommendations);
            add_up(&recommendations, &orders);
        }
    }
}

#[test]
fn the_stock_of_a_pool_is_what_was_counted() {
    let example = example();
    // Last counts are in the plan's own history; here they come from the file.
    let stock = super::truth::last_counts();
    let mut seen = 0;
    let held = by_pool(&example.recommendations, "on_hand");
    for (pool, &units) in &held {
        if let Some(&counted) = stock.get(pool) {
            seen += 1;
            // Oversold units that open backorders explain are not counted twice.
            let expected = counted * 10_000;
            assert!(
                units == expected || (counted < 0 && (expected..=0).contains(&units)),
                "{pool:?}: {units} of {expected}"
            );
        }
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn every_finding_of_the_example_has_its_texts() {
    let example = example();
    let codes: BTreeSet<&str> = example.plan.findings.iter().map(|f| f.code).collect();
    assert!(codes.len() >= 5, "{codes:?}");
    for finding in &example.plan.findings {
        for lang in [Lang::En, Lang::Ja] {
            for text in [message(lang, finding), remedy(lang, finding)] {
                assert!(
                    !text.contains(finding.code) && !text.contains(['{', '}']) && text.len() > 10,
                    "{}: {text}",
                    finding.code
                );
            }
        }
    }
    // Those that the writing adds, too.
    for row in &example.exceptions {
        for column in ["message", "remedy"] {
            assert!(!row[column].contains(&row["code"]), "{row:?}");
        }
    }
}

#[test]
fn the_stock_jumps_of_the_example_are_the_planted_ones() {
    let events = rows(&super::data().join("truth/events.csv"));
    let mut found = 0;
    for jump in example()
        .exceptions
        .iter()
        .filter(|r| r["code"] == "stock_jump")
    {
        found += 1;
        assert!(
            events.iter().any(|e| {
                matches!(e["event"].as_str(), "count_correction" | "phantom_stock")
                    && e["sku"] == jump["sku"]
                    && e["location"] == jump["location"]
                    && e["to"] == jump["to"]
                    && e["to"] > jump["from"]
            }),
            "{jump:?}"
        );
    }
    assert!((2..=6).contains(&found), "{found}");
}

#[test]
fn no_more_is_lost_while_waiting_than_is_asked_for() {
    let wrong: Vec<&Row> = example()
        .recommendations
        .iter()
        .filter(|r| exact(r, "lost_while_waiting") > exact(r, "demand_over_protection"))
        .collect();
    assert!(wrong.is_empty(), "{} rows: {:#?}", wrong.len(), wrong[0]);
}

#[test]
fn an_order_that_is_later_than_ever_is_overdue() {
    for finding in &example().plan.findings {
        if finding.code == "order_later_than_ever" {
            let days = finding.figures.iter().find(|f| f.0 == "days").unwrap();
            assert!(days.1.parse::<i32>().unwrap() > 0, "{finding:#?}");
        }
    }
}
