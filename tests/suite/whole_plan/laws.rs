//! What more or less of something may do to a plan, whatever the numbers.

use restock::domain::Plan;

use crate::whole_plan::shop::{AS_OF, Dice, Item, Order, Sale, Shop, row};

const SEEDS: [u64; 3] = [3, 17, 92];

/// Asserts that a figure never falls (or never rises) from one plan to the other, over all rows.
fn never_lower(
    before: &Plan,
    after: &Plan,
    figure: impl Fn(&restock::domain::Recommendation) -> f64,
) {
    assert_eq!(before.recommendations.len(), after.recommendations.len());
    for (b, a) in before.recommendations.iter().zip(&after.recommendations) {
        assert_eq!((&b.sku, &b.channel), (&a.sku, &a.channel));
        // Written figures: a unit of the last decimal may go by rounding.
        assert!(
            figure(a) >= figure(b) - 2e-4,
            "{} in {}: {} became {}",
            a.sku,
            a.channel,
            figure(b),
            figure(a)
        );
    }
}

fn each_item(shop: &Shop, change: impl Fn(&mut Item)) -> Shop {
    let mut shop = shop.clone();
    shop.items.iter_mut().for_each(change);
    shop
}

#[test]
fn closing_idle_days_never_lowers_demand() {
    for seed in SEEDS {
        let shop = Shop::new(seed, 10, 300);
        let before = shop.plan();
        let mut dice = Dice(seed);
        for count in [1, 10] {
            let mut closed = shop.clone();
            let sku = format!("A{:02}", dice.below(10));
            let mut left = count;
            for k in 1..closed.stock.len() {
                let s = &closed.stock[k];
                let idle = s.sku == sku
                    && s.on_hand > 0.0
                    && closed.stock[k - 1].sku == sku
                    && closed.stock[k - 1].on_hand == s.on_hand
                    && !shop.sales.iter().any(|x| x.sku == sku && x.day == s.day);
                if idle && left > 0 && s.day > AS_OF - 200 && dice.uniform() < 0.3 {
                    closed.stock[k].state = "closed";
                    left -= 1;
                }
            }
            if left == count {
                continue;
            }
            let after = closed.plan();
            let (b, a) = (row(&before, &sku), row(&after, &sku));
            assert!(
                a.demand_per_day >= b.demand_per_day - 2e-4,
                "seed {seed}, {sku}, {} days closed: {} became {}",
                count - left,
                b.demand_per_day,
                a.demand_per_day
            );
            assert!(a.stockout_days > b.stockout_days);
        }
    }
}

#[test]
fn more_hidden_demand_never_lowers_a_reorder_point() {
    for seed in SEEDS {
        let shop = Shop::new(seed, 10, 300);
        let before = shop.plan();
        // Days that sold something, with stock to spare, are now said to have sold out: demand was at least as much.
        let mut dice = Dice(seed);
        let mut censored = shop.clone();
        for k in 0..censored.stock.len() {
            let s = &censored.stock[k];
            let sold = shop.sales.iter().any(|x| x.sku == s.sku && x.day == s.day);
            if sold && s.on_hand > 0.0 && s.day > AS_OF - 120 && dice.uniform() < 0.15 {
                censored.stock[k].state = "sold_out";
            }
        }
        let after = censored.plan();
        never_lower(&before, &after, |r| r.hidden_units.mean);
        never_lower(&before, &after, |r| r.reorder_point);
    }
}

#[test]
fn longer_and_less_certain_deliveries_never_lower_a_reorder_point() {
    for seed in SEEDS {
        // Without past receipts the stated lead time is all that is known.
        let mut shop = Shop::new(seed, 10, 250);
        shop.orders.clear();
        let mut plan = shop.plan();
        for (days, sd) in [("14", "3"), ("14", "6"), ("30", "6"), ("30", "10")] {
            let longer = each_item(&shop, |i| {
                i.lead_time = days.to_owned();
                i.lead_sd = sd.to_owned();
            })
            .plan();
            never_lower(&plan, &longer, |r| r.reorder_point);
            plan = longer;
        }
    }
}

#[test]
fn a_higher_target_never_lowers_a_reorder_point() {
    for measure in ["fill", "cycle", "cost"] {
        let mut shop = Shop::new(7, 10, 250);
        shop.config = format!("[policy]\nservice_measure = \"{measure}\"\n");
        let mut last: Option<Plan> = None;
        for target in ["0.8", "0.9", "0.95", "0.99", "0.999"] {
            let plan = each_item(&shop, |i| i.target = target.to_owned()).plan();
            if let Some(last) = &last {
                never_lower(last, &plan, |r| r.reorder_point);
                never_lower(last, &plan, |r| r.order_qty);
            }
            last = Some(plan);
        }
    }
}

fn order(sku: &str, expected: i32, units: f64) -> Order {
    Order {
        po_id: "NEW".to_owned(),
        sku: sku.to_owned(),
        location: "shed".to_owned(),
        ordered: AS_OF - 5,
        units,
        expected,
        received: None,
    }
}

#[test]
fn a_confirmed_order_never_raises_the_next_and_its_delay_never_lowers_it() {
    for seed in SEEDS {
        let shop = Shop::new(seed, 10, 250).nothing_open();
        let before = shop.plan();
        let with = |expected: i32, units: f64| {
            let mut with = shop.clone();
            for item in &shop.items {
                with.orders.push(order(&item.sku, expected, units));
            }
            with.plan()
        };
        for units in [6.0, 24.0, 90.0] {
            let in_time = with(AS_OF + 5, units);
            let late = with(AS_OF + 18, units);
            let later = with(AS_OF + 60, units);
            for with in [&in_time, &late, &later] {
                never_lower(with, &before, |r| r.order_qty);
            }
            // A few units that come at once may be sold before an order of today arrives, and then replace less of it than
            // units that come just after it: only what comes long past the need is beyond doubt.
            never_lower(&in_time, &later, |r| r.order_qty);
            never_lower(&late, &later, |r| r.order_qty);
        }
        assert!(before.recommendations.iter().any(|r| r.order_qty > 0.0));
    }
}

/// Where deliveries are certain, an order that was placed leaves at most a least quantity to order. (Where they are not, two
/// deliveries may come apart, and the second plan buys against that.)
#[test]
fn what_was_ordered_is_not_ordered_again() {
    for seed in SEEDS {
        let mut shop = Shop::new(seed, 10, 250).nothing_open();
        for order in &mut shop.orders {
            order.received = Some(order.expected.min(AS_OF));
        }
        shop.orders.retain(|o| o.expected <= AS_OF);
        let before = shop.plan();
        let mut confirmed = shop.clone();
        for r in before.recommendations.iter().filter(|r| r.order_qty > 0.0) {
            confirmed.orders.push(Order {
                ordered: AS_OF,
                ..order(r.sku.as_str(), AS_OF + 10, r.order_qty)
            });
        }
        for (b, a) in before
            .recommendations
            .iter()
            .zip(&confirmed.plan().recommendations)
        {
            assert!(a.lead_time_sd < 1.0, "{}", a.lead_time_sd);
            assert!(
                a.order_qty <= b.moq,
                "seed {seed}, {}: {} after {}",
                a.sku,
                a.order_qty,
                b.order_qty
            );
        }
    }
}

#[test]
fn bulk_orders_and_samples_and_preorders_are_not_the_base_rate() {
    let shop = Shop::new(5, 8, 250);
    let before = shop.plan();
    let mut with = shop.clone();
    for (k, kind) in [
        (3, "wholesale"),
        (20, "sample"),
        (40, "wholesale"),
        (60, "preorder"),
    ] {
        for item in &shop.items {
            with.sales.push(Sale {
                day: AS_OF - k,
                sku: item.sku.clone(),
                channel: "web".to_owned(),
                units: 200.0,
                order_type: kind,
            });
        }
    }
    let after = with.plan();
    for (b, a) in before.recommendations.iter().zip(&after.recommendations) {
        assert_eq!(a.demand_per_day, b.demand_per_day, "{}", a.sku);
        assert_eq!(a.observed_units_per_day, b.observed_units_per_day);
        assert_eq!(a.reorder_point, b.reorder_point);
    }
    // Orders for goods that are not yet released are owed, and say nothing about a day's demand.
    let day = restock::domain::Day(AS_OF - 4);
    with = shop.clone();
    for item in &shop.items {
        with.backorders += &format!("B-{0},{day},{0},web,30,preorder\n", item.sku);
    }
    let after = with.plan();
    for (b, a) in before.recommendations.iter().zip(&after.recommendations) {
        assert_eq!(a.demand_per_day, b.demand_per_day, "{}", a.sku);
        // A level is raised to what the paths need from the stock at hand, in whole units.
        assert!(
            (a.reorder_point - b.reorder_point).abs() <= 1.0,
            "{}",
            a.sku
        );
        assert_eq!(a.open_backorders, 30.0);
        assert!(a.order_qty >= b.order_qty, "{}", a.sku);
    }
}

#[test]
fn a_spike_is_forgotten_two_months_later() {
    for seed in SEEDS {
        let spike = |item: usize, day: i32| {
            let since = day - (AS_OF - 60);
            match since {
                _ if item > 0 => 1.0,
                0..4 => 12.0,
                4..25 => 1.0 + 3.0 * f64::from(25 - since) / 21.0,
                _ => 1.0,
            }
        };
        // From a full shelf, so that the spike is seen and sold.
        let web = [("web", "shed")];
        let calm = Shop::of(seed, 6, 400, &web, |_, _| 1.0).plan();
        let spiked = Shop::of(seed, 6, 400, &web, spike).plan();
        let (calm, spiked) = (row(&calm, "A00"), row(&spiked, "A00"));
        let ratio = spiked.reorder_point / calm.reorder_point;
        println!("seed {seed}: {ratio:.2} × the reorder point without the spike");
        assert!(
            (1.0 / 1.5..=1.5).contains(&ratio),
            "seed {seed}: {} with the spike, {} without",
            spiked.reorder_point,
            calm.reorder_point
        );
    }
}
