//! Channels that share a stock.

use std::collections::BTreeMap;

use restock::domain::Plan;

use crate::whole_plan::shop::{Dice, Shop};

/// Sum of a figure over an item's channels.
fn sums(
    plan: &Plan,
    figure: impl Fn(&restock::domain::Recommendation) -> f64,
) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for r in &plan.recommendations {
        *sums.entry(r.sku.to_string()).or_insert(0.0) += figure(r);
    }
    sums
}

#[test]
fn one_shared_stock_needs_no_more_safety_than_two() {
    for seed in [4, 21, 60] {
        // The same sales: once from two shelves, once from one that holds both.
        let apart = Shop::of(
            seed,
            8,
            300,
            &[("web", "left"), ("mall", "right")],
            |_, _| 1.0,
        )
        .nothing_open();
        let mut shared = apart.clone();
        for channel in &mut shared.channels {
            channel.1 = "both".to_owned();
        }
        let mut stock: BTreeMap<(String, i32), f64> = BTreeMap::new();
        for s in &apart.stock {
            *stock.entry((s.sku.clone(), s.day)).or_default() += s.on_hand;
        }
        let template = apart.stock[0].clone();
        shared.stock = stock
            .into_iter()
            .map(|((sku, day), on_hand)| crate::whole_plan::shop::Stock {
                sku,
                day,
                on_hand,
                location: "both".to_owned(),
                ..template.clone()
            })
            .collect();
        for order in &mut shared.orders {
            order.location = "both".to_owned();
        }
        let (apart, shared) = (apart.plan(), shared.plan());
        let (a, s) = (
            sums(&apart, |r| r.safety_stock),
            sums(&shared, |r| r.safety_stock),
        );
        for (sku, together) in &s {
            assert!(
                // Levels are whole units: one of them is what a sum of two may gain by rounding.
                *together < a[sku] + 1.0,
                "seed {seed}, {sku}: {together} shared, {} apart",
                a[sku]
            );
        }
        assert!(s.values().sum::<f64>() < 0.95 * a.values().sum::<f64>());
    }
}

#[test]
fn splitting_a_channel_hardly_changes_what_its_pool_orders() {
    let (mut one, mut two, mut pools) = (0.0, 0.0, 0.0);
    for seed in [4, 21, 60] {
        let whole = Shop::of(seed, 8, 300, &[("web", "shed")], |_, _| 1.0).nothing_open();
        let mut split = whole.clone();
        split.channels.push(("mall".to_owned(), "shed".to_owned()));
        let mut dice = Dice(seed);
        // Every unit goes its own way, as customers do.
        for sale in &whole.sales {
            let moved = (0..sale.units as usize)
                .filter(|_| dice.uniform() < 0.5)
                .count() as f64;
            split.sales.push(crate::whole_plan::shop::Sale {
                units: moved,
                channel: "mall".to_owned(),
                ..sale.clone()
            });
        }
        for (k, sale) in whole.sales.iter().enumerate() {
            split.sales[k].units = sale.units - split.sales[whole.sales.len() + k].units;
        }
        let (whole, split) = (whole.plan(), split.plan());
        assert_eq!(split.recommendations.len(), 2 * whole.recommendations.len());
        let figure =
            |f: fn(&restock::domain::Recommendation) -> f64| (sums(&whole, f), sums(&split, f));
        let (points, split_points) = figure(|r| r.reorder_point);
        for (sku, point) in &points {
            let change = (split_points[sku] - point).abs();
            assert!(
                change <= 0.15 * point + 2.0,
                "seed {seed}, {sku}: reorder point {point} became {}",
                split_points[sku]
            );
        }
        let (orders, split_orders) = figure(|r| r.order_qty);
        for (sku, order) in &orders {
            let change = (split_orders[sku] - order).abs();
            assert!(
                change <= 0.2 * order + 3.0,
                "seed {seed}, {sku}: {order} became {}",
                split_orders[sku]
            );
        }
        // A day that sold out says less of each channel than of their sum.
        let (hidden, split_hidden) = figure(|r| r.hidden_units.mean);
        let (hidden, split_hidden): (f64, f64) =
            (hidden.values().sum(), split_hidden.values().sum());
        assert!(
            (split_hidden / hidden - 1.0).abs() < 0.12,
            "seed {seed}: {hidden} hidden, {split_hidden} when split"
        );
        one += orders.values().sum::<f64>();
        two += split_orders.values().sum::<f64>();
        pools += orders.len() as f64;
    }
    println!("{pools} pools order {one} whole, {two} split");
    assert!((two / one - 1.0).abs() < 0.05, "{one} whole, {two} split");
}

#[test]
fn the_shares_of_a_pool_sum_exactly() {
    let three = [("web", "shed"), ("mall", "shed"), ("app", "shed")];
    for seed in [4, 21, 60] {
        let shop = Shop::of(seed, 8, 250, &three, |i, _| 0.2 + 0.3 * i as f64);
        let plan = shop.plan();
        let on_hand = sums(&plan, |r| r.on_hand.unwrap_or(f64::NAN));
        let coming = sums(&plan, |r| r.on_order_in_time + r.on_order_late);
        let orders = sums(&plan, |r| r.order_qty);
        for item in &shop.items {
            let sku = &item.sku;
            let counted = shop.stock.iter().rfind(|s| s.sku == *sku).unwrap().on_hand;
            assert_eq!(on_hand[sku], counted, "{sku}");
            let open: f64 = shop
                .orders
                .iter()
                .filter(|o| o.sku == *sku && o.received.is_none())
                .map(|o| o.units)
                .sum();
            assert_eq!(coming[sku], open, "{sku}");
            assert_eq!(orders[sku] % 3.0, 0.0, "{sku}");
            assert!(orders[sku] == 0.0 || orders[sku] >= 6.0, "{sku}");
        }
        // Every channel gets whole units.
        for r in &plan.recommendations {
            for units in [
                r.on_hand.unwrap_or(f64::NAN),
                r.on_order_in_time,
                r.on_order_late,
                r.order_qty,
            ] {
                assert_eq!(units.fract(), 0.0, "{} in {}", r.sku, r.channel);
            }
        }
    }
}
