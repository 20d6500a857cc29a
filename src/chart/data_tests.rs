//! The overviews' data against sums made by hand.

use super::demand::demand_weeks;
use super::hidden::{Group, hidden_demand};
use super::made_plans::{Made, ORDINARY, as_of, made, orders};
use super::series_picture::{series_picture, top_series};
use super::service::service_months;
use super::urgent::{RunsOut, urgent_orders};
use crate::domain::{Availability, Band, Category, Channel, Day, History, Location, Plan, Sku};

/// Two channels that share one stock, `days` days of 3 and 1 units sold, the second losing one a day.
fn two_channels(days: usize) -> Plan {
    let mut plan = made(Made {
        series: 2,
        days: 0,
        ..ORDINARY
    });
    for (row, channel) in plan.recommendations.iter_mut().zip(["a", "b"]) {
        row.sku = Sku::new("S");
        row.location = Location::new("L");
        row.channel = Channel::new(channel);
        row.pool_channels = 2;
    }
    let two = |a: f64, b: f64| [vec![a; days], vec![b; days]].concat();
    plan.history = History {
        first: vec![as_of() + (1 - days as i32); 2],
        step: 1,
        offsets: vec![0, days, 2 * days],
        sold: two(3.0, 1.0),
        backordered: two(0.0, 0.0),
        lost: two(0.0, 1.0),
        lost_p10: two(0.0, 0.5),
        lost_p90: two(0.0, 1.5),
        availability: vec![Availability::InStock; 2 * days],
        on_hand: two(50.0, 50.0),
    };
    plan
}

#[test]
fn weeks_end_on_as_of_and_a_started_first_week_is_left_out() {
    let data = demand_weeks(&two_channels(16));
    assert_eq!(data.first, as_of() + -13);
    assert_eq!(data.weeks.len(), 2);
    assert_eq!((data.weeks[0].sold, data.weeks[1].lost), (28.0, 7.0));
    assert_eq!(demand_weeks(&two_channels(3)).weeks.len(), 1);
    assert_eq!(demand_weeks(&two_channels(0)).weeks.len(), 0);
    assert_eq!(demand_weeks(&two_channels(1000)).weeks.len(), 104);
}

#[test]
fn weeks_categories_and_the_summary_have_one_band() {
    let mut plan = two_channels(364);
    plan.recommendations[0].hidden_units = Band::default();
    // 364 units whose days alone would give ± 0.5 × √364 = 9.5, and with the level's error ± 40.
    plan.recommendations[1].hidden_units = Band {
        mean: 364.0,
        p10: 324.0,
        p90: 404.0,
    };
    let summary = crate::output::summary(&plan, crate::text::Lang::En);
    let year = summary.hidden_demand.units;
    assert!((year.p90 - 404.0).abs() < 1e-9, "{year:?}");
    let weeks = demand_weeks(&plan).total();
    let (low, high) = super::past::band(weeks.lost, weeks.lost_variance);
    assert!((low - year.p10).abs() < 1e-9 && (high - year.p90).abs() < 1e-9);
    let hidden: Vec<(f64, f64)> = hidden_demand(&plan)
        .iter()
        .filter(|row| row.lost > 0.0)
        .map(|row| row.band())
        .collect();
    assert!((hidden[0].1 - year.p90).abs() < 1e-9, "{hidden:?}");
    // A week of 7 ± 0.5 × √7 has its part of the common error: 7/364 of √(40² − 9.5²).
    let week = &demand_weeks(&plan).weeks[3];
    let (_, high) = super::past::band(week.lost, week.lost_variance);
    let chance = 0.25 * 7.0;
    let common = (40f64.powi(2) - 0.25 * 364.0) / 52f64.powi(2);
    assert!(
        (high - 7.0 - (chance + common).sqrt()).abs() < 1e-9,
        "{high}"
    );
}

#[test]
fn shared_stock_counts_once() {
    let data = service_months(&two_channels(10));
    assert_eq!(data.months, [Day::from_ymd(2026, 11, 1).unwrap()]);
    let names: Vec<Option<&str>> = data.channels.iter().map(|c| c.channel.as_deref()).collect();
    assert_eq!(names, [Some("a"), Some("b")], "the larger first");
    assert_eq!(data.channels[0].service, [Some(1.0)]);
    assert_eq!(data.channels[1].service, [Some(0.5)]);
    // 50 units for a demand of 3 + 2 a day: ten days for each.
    for channel in &data.channels {
        let days = channel.stock_days[0].unwrap();
        assert!((days - 10.0).abs() < 1e-9, "{days}");
    }
    assert_eq!(data.target, Some(0.95));
}

#[test]
fn unknown_stock_and_different_targets_are_not_shown() {
    let mut plan = two_channels(10);
    plan.history.on_hand.fill(f64::NAN);
    plan.recommendations[1].service_target = 0.9;
    let data = service_months(&plan);
    assert!(data.channels.iter().all(|c| c.stock_days == [None]));
    assert_eq!(data.target, None);
}

#[test]
fn many_channels_become_five_and_the_rest() {
    let mut plan = made(Made {
        series: 9,
        days: 40,
        ..ORDINARY
    });
    for (i, row) in plan.recommendations.iter_mut().enumerate() {
        row.channel = Channel::new(format!("channel {i}"));
    }
    let data = service_months(&plan);
    assert_eq!(data.channels.len(), 6);
    assert_eq!(data.channels[5].channel, None);
    assert_eq!(data.months.len(), 2);
}

#[test]
fn urgent_orders_are_those_that_run_out_first_then_the_largest() {
    let plan = made(ORDINARY);
    let data = urgent_orders(&plan);
    assert_eq!((data.shown.len(), data.all), (40, 48));
    assert!(data.in_money);
    let key: Vec<(RunsOut, bool, Option<Day>, f64)> = data
        .shown
        .iter()
        .map(|order| {
            let day = order.first_stockout;
            (order.runs_out, day.is_none(), day, -order.amount.unwrap())
        })
        .collect();
    assert!(key.is_sorted_by(|a, b| a <= b), "{key:?}");
    assert_eq!(data.shown[0].runs_out, RunsOut::ThisWeek);
    let unpriced = urgent_orders(&made(Made {
        costs: false,
        ..ORDINARY
    }));
    assert!(!unpriced.in_money);
    assert!(unpriced.shown[0].units >= unpriced.shown[1].units);
}

#[test]
fn urgent_orders_are_those_of_purchasing() {
    let mut plan = two_channels(10);
    for row in &mut plan.recommendations {
        row.order_qty = 20.0;
        row.unit_cost = Some(5.0);
        row.on_hand = Some(0.0);
        row.first_stockout_date = Some(as_of() + 1);
    }
    plan.orders = orders(&plan.recommendations);
    let data = urgent_orders(&plan);
    assert_eq!((data.all, data.shown.len()), (1, 1), "one shared stock");
    let order = &data.shown[0];
    assert_eq!((order.units, order.amount), (40.0, Some(200.0)));
    assert!(order.out_of_stock);
    plan.orders[0].bridge.on_hand = 1.0;
    assert!(!urgent_orders(&plan).shown[0].out_of_stock);
}

#[test]
fn hidden_demand_is_the_recommendations_and_its_share_of_a_year() {
    let mut plan = two_channels(400);
    plan.recommendations[0].category = None;
    plan.recommendations[0].hidden_units = Band::default();
    plan.recommendations[1].category = Some(Category::new("c"));
    plan.recommendations[1].hidden_units = Band {
        mean: 365.0,
        p10: 300.0,
        p90: 430.0,
    };
    let rows = hidden_demand(&plan);
    assert_eq!(rows[0].group, Group::Category("c".to_owned()));
    assert_eq!((rows[0].lost, rows[0].share()), (365.0, 0.5));
    let (low, high) = rows[0].band();
    assert!((low - 300.0).abs() < 1e-9 && (high - 430.0).abs() < 1e-9);
    assert_eq!(
        (rows[1].group.clone(), rows[1].demand),
        (Group::Without, 1095.0)
    );
}

#[test]
fn a_week_dated_by_its_first_day_closes_before_the_forecast_begins() {
    let mut plan = made(Made {
        series: 1,
        days: 70,
        step: 7,
        ..ORDINARY
    });
    let in_days = series_picture(&plan, 0);
    assert_eq!(
        (in_days.now, in_days.receipts[2].day),
        (as_of() + 1, as_of() + 14)
    );
    assert_eq!(in_days.demand.len(), 6, "45 days ahead are six whole weeks");
    plan.history.first[0] = as_of() + -63;
    let dated = series_picture(&plan, 0);
    assert_eq!(dated.bars.last().unwrap().day, as_of());
    assert_eq!((dated.now, dated.demand[0].day), (as_of() + 7, as_of() + 7));
    assert_eq!(
        (dated.receipts[2].day, dated.receipts[2].ours),
        (as_of() + 20, true)
    );
}

#[test]
fn a_long_past_is_half_a_year_of_days_and_a_far_future_makes_weeks() {
    let days = series_picture(
        &made(Made {
            series: 1,
            ..ORDINARY
        }),
        0,
    );
    assert_eq!(
        (days.bar_days, days.bars.len(), days.demand.len()),
        (1, 180, 45)
    );
    let mut plan = made(Made {
        series: 1,
        horizon: 110,
        ..ORDINARY
    });
    let weeks = series_picture(&plan, 0);
    assert_eq!((weeks.bar_days, weeks.bars.len()), (7, 25));
    assert_eq!(weeks.to - weeks.now, 105);
    let level = plan.recommendations[0].demand_per_day;
    assert!((weeks.demand[0].mean - 7.0 * level).abs() < 1e-9);
    // Without forecast rows the days of the projection are added up, taken as independent.
    plan.forecast.clear();
    let added = series_picture(&plan, 0).demand[0];
    assert!((added.mean - level * (5.0 * 0.8 + 2.0 * 1.5)).abs() < 1e-9);
    let day = |mean: f64| (level * mean * (1.65 - 0.45)).powi(2);
    let width = (5.0 * day(0.8) + 2.0 * day(1.5)).sqrt();
    assert!((added.high - added.low - width).abs() < 1e-9);
}

#[test]
fn the_most_valuable_series_come_first() {
    let mut plan = made(Made {
        series: 5,
        days: 30,
        ..ORDINARY
    });
    let values = [1.0, 9.0, f64::NAN, 9.0, 4.0];
    for (row, value) in plan.recommendations.iter_mut().zip(values) {
        row.annual_value = value;
    }
    assert_eq!(top_series(&plan, 4), [1, 3, 4, 0]);
    assert_eq!(top_series(&plan, 99).len(), 5);
}
