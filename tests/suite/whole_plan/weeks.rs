//! The same shop written by day and by week, at every weekday.

use std::collections::BTreeMap;

use restock::domain::{Day, Plan};

use crate::whole_plan::shop::{AS_OF, Dice, Item, Order, Sale, Shop, Stock};

const WEEKS: &str = "[input]\ngrain = \"week\"\n";
const DAYS_IN_WEEKS: &str = "[input]\ngrain = \"week\"\nweek_dates = \"day\"\n";

/// Items that sell 1 to 8 a day in one channel, ordered every seven days to a month's demand; a lead time of nine to twelve days.
fn by_day(seed: u64, skus: usize, days: i32) -> Shop {
    let mut dice = Dice(seed);
    let mut shop = Shop {
        channels: vec![("web".to_owned(), "shed".to_owned())],
        ..Shop::default()
    };
    let first = AS_OF - days + 1;
    for i in 0..skus {
        let sku = format!("A{i:02}");
        let rate = 1.0 + 7.0 * dice.uniform();
        shop.items.push(Item {
            sku: sku.clone(),
            lead_time: "10".to_owned(),
            lead_sd: "1".to_owned(),
            moq: "1".to_owned(),
            multiple: "1".to_owned(),
            target: String::new(),
        });
        let mut on_hand = (20.0 * rate).round();
        let mut coming: Vec<(i32, f64)> = Vec::new();
        // Items are ordered on different weekdays.
        let weekday = i as i32 % 7;
        for day in first..=AS_OF {
            let units = dice.poisson(rate).min(on_hand);
            on_hand -= units;
            shop.sales.push(Sale {
                day,
                sku: sku.clone(),
                channel: "web".to_owned(),
                units,
                order_type: "",
            });
            on_hand += coming
                .iter()
                .filter(|c| c.0 == day)
                .map(|c| c.1)
                .sum::<f64>();
            shop.stock.push(Stock {
                day,
                sku: sku.clone(),
                location: "shed".to_owned(),
                on_hand,
                state: "",
            });
            let under_way: f64 = coming.iter().filter(|c| c.0 > day).map(|c| c.1).sum();
            let want = (30.0 * rate - on_hand - under_way).round();
            if day % 7 == weekday && want > 0.0 {
                let arrival = day + 9 + dice.below(4) as i32;
                coming.push((arrival, want));
                shop.orders.push(Order {
                    po_id: format!("P{i}-{day}"),
                    sku: sku.clone(),
                    location: "shed".to_owned(),
                    ordered: day,
                    units: want,
                    expected: day + 10,
                    received: Some(arrival),
                });
            }
        }
    }
    shop
}

/// What is known at the close of a day; of the orders of the last two weeks nobody has heard, so that something is to be ordered.
fn known(shop: &Shop, day: i32) -> Shop {
    let mut shop = shop.clone();
    shop.sales.retain(|s| s.day <= day);
    shop.stock.retain(|s| s.day <= day);
    shop.orders
        .retain(|o| o.ordered <= day - 14 || o.received.is_some_and(|r| r <= day));
    for order in &mut shop.orders {
        order.received = order.received.filter(|r| *r <= day);
    }
    shop
}

/// When the stock of a weekly table is counted.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Counted {
    /// Each row the close of its week, dated by the week's first day.
    Weeks,
    /// At the close of this day of the week, 0 for the first, dated by it.
    On(i32),
    /// On every day.
    Daily,
}

/// The same shop by weeks that end on `last`.
fn by_week(days: &Shop, last: i32, counted: Counted, config: &str) -> Shop {
    let week_of = |day: i32| last - 6 - (last - day).div_euclid(7) * 7;
    let first = days.sales.iter().map(|s| s.day).min().unwrap();
    // Weeks that are there as a whole.
    let whole = |day: i32| week_of(day) >= first;
    let mut units: BTreeMap<(String, i32), f64> = BTreeMap::new();
    for s in days.sales.iter().filter(|s| whole(s.day)) {
        *units.entry((s.sku.clone(), week_of(s.day))).or_default() += s.units;
    }
    let mut weeks = days.clone();
    weeks.sales = units
        .into_iter()
        .map(|((sku, day), units)| Sale {
            day,
            sku,
            channel: "web".to_owned(),
            units,
            order_type: "",
        })
        .collect();
    weeks.stock.retain(|s| {
        let day = s.day - week_of(s.day);
        whole(s.day)
            && match counted {
                Counted::Weeks => day == 6,
                Counted::On(of_week) => day == of_week,
                Counted::Daily => true,
            }
    });
    if counted == Counted::Weeks {
        for s in &mut weeks.stock {
            s.day = week_of(s.day);
        }
    }
    weeks.config = config.to_owned();
    weeks
}

fn ordered(plan: &Plan) -> f64 {
    plan.orders.iter().map(|o| o.bridge.quantity).sum()
}

#[test]
fn a_shop_by_week_orders_what_it_orders_by_day_on_every_weekday() {
    let whole = by_day(11, 40, 7 * 40);
    for back in 0..7 {
        let last = AS_OF - back;
        let days = known(&whole, last);
        let weeks = by_week(&days, last, Counted::On(6), DAYS_IN_WEEKS).plan();
        let days = days.plan();
        assert_eq!(weeks.as_of, Day(last - 6));
        assert_eq!(weeks.plan_day, days.as_of);
        let (by_day, by_week) = (ordered(&days), ordered(&weeks));
        eprintln!("{back}: {by_day} by day, {by_week} by week");
        assert!(by_day > 300.0, "{by_day}");
        assert!(
            (by_week / by_day - 1.0).abs() < 0.15,
            "{by_day} by day, {by_week} by week"
        );
        for (d, w) in days.recommendations.iter().zip(&weeks.recommendations) {
            assert_eq!(
                (d.on_hand, d.on_order_in_time, d.on_order_late),
                (w.on_hand, w.on_order_in_time, w.on_order_late),
                "{}",
                d.sku
            );
            assert!((d.lead_time_days - w.lead_time_days).abs() < 0.05);
            if let (Some(d), Some(w)) = (d.expected_arrival, w.expected_arrival) {
                assert!((d - w).abs() <= 1, "{d} {w}");
            }
        }
    }
}

#[test]
fn counts_within_weeks_are_read_on_their_days() {
    let days = known(&by_day(12, 12, 7 * 30), AS_OF);
    let plan = |counted| by_week(&days, AS_OF, counted, DAYS_IN_WEEKS).plan();
    let told = |plan: &Plan, code: &str| plan.findings.iter().any(|f| f.code == code);
    let last = plan(Counted::On(6));
    assert!(!told(&last, "stock_of_weeks") && !told(&last, "stock_of_first_days"));
    // The week's close, whatever its row is dated by.
    let weeks = plan(Counted::Weeks);
    assert!(told(&weeks, "stock_of_weeks"));
    let daily = plan(Counted::Daily);
    assert!(!told(&daily, "stock_of_weeks"));
    for other in [&weeks, &daily] {
        assert_eq!(last.orders, other.orders);
    }
    // A count of another day is moved on by receipts and by the rest of the week's sales.
    for (day, code) in [(0, "stock_of_first_days"), (2, ""), (4, "")] {
        let within = plan(Counted::On(day));
        assert_eq!(
            told(&within, "stock_of_first_days"),
            code == "stock_of_first_days"
        );
        for (a, b) in last.recommendations.iter().zip(&within.recommendations) {
            // Days of a week differ by chance: four standard deviations of a week's sales.
            let sd = (7.0 * a.demand_per_day).sqrt();
            let (x, y) = (a.on_hand.unwrap(), b.on_hand.unwrap());
            assert!((x - y).abs() < 4.0 * sd, "{day} {}: {x} {y}", a.sku);
        }
        let (a, b) = (ordered(&last), ordered(&within));
        assert!((a / b - 1.0).abs() < 0.1, "{day}: {a} {b}");
    }
}

#[test]
fn weeks_are_dated_by_weeks_unless_days_are_asked_for() {
    let days = known(&by_day(13, 8, 7 * 30), AS_OF - 3);
    let plan = |config: &str| by_week(&days, AS_OF - 3, Counted::Weeks, config).plan();
    let usual = plan(WEEKS);
    let said = plan("[input]\ngrain = \"week\"\nweek_dates = \"week\"\n");
    assert_eq!(usual.recommendations, said.recommendations);
    assert_eq!(usual.plan_day, usual.as_of);
    // Whole weeks pass before what is ordered can be sold.
    assert!(ordered(&usual) > 1.15 * ordered(&plan(DAYS_IN_WEEKS)));
    // Nothing is within a day.
    let mut daily = days.clone();
    daily.config = "[input]\nweek_dates = \"day\"\n".to_owned();
    assert_eq!(daily.plan().recommendations, days.plan().recommendations);
}
