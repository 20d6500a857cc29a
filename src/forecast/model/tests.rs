use super::*;
use crate::domain::{ChannelId, SkuId};

#[test]
fn the_spread_grows_with_the_level_but_less_than_in_proportion() {
    let (spread, dispersion, past) = (6.0, 1.5, 40.0);
    let variance =
        |now: f64| dispersion * now + level_variance(spread, dispersion, now, past) * now * now;
    // At its usual height the interval's variance is the one that past errors had.
    assert!((variance(past) - spread * past).abs() < 1e-9);
    let cv = |now: f64| variance(now).sqrt() / now;
    assert!(variance(2.0 * past) > 2.0 * variance(past));
    assert!(cv(2.0 * past) < cv(past) && cv(past) < cv(0.5 * past));
    assert_eq!(level_variance(1.0, dispersion, past, past), 0.0);
    assert_eq!(level_variance(spread, dispersion, 0.0, past), 0.0);
}

use crate::demand::estimate;
use crate::domain::CalendarKind;
use crate::panel::small::{FIRST, Shop, on, open, period};

fn made(shop: &Shop, tables: &Tables, lead: i32, review: u32) -> Forecast {
    let panel = shop.panel();
    let model = estimate(&panel, tables);
    let n = panel.len();
    forecast(
        &panel,
        tables,
        &model,
        &vec![LeadTime::fixed(lead); n],
        &vec![review; n],
    )
}

#[test]
fn demand_beyond_the_known_indices_is_as_in_the_last_of_them() {
    let found = SeriesForecast {
        level: 2.0,
        dispersion: 1.5,
        level_variance: 0.1,
        index: vec![1.0, 0.5, 2.0],
        exposure: 60.0,
        whole_units: true,
    };
    assert_eq!(found.mean(0, 3), 7.0);
    assert_eq!(found.mean(1, 2), 1.0);
    assert_eq!(found.mean(2, 5), 12.0);
    assert_eq!(found.mean(4, 6), 8.0);
    assert_eq!((found.mean(1, 1), found.mean(5, 5)), (0.0, 0.0));
    assert!((found.variance(7.0) - (1.5 * 7.0 + 0.1 * 49.0)).abs() < 1e-12);
    let law = found.law(0, 3);
    assert_eq!((law.mean(), law.name()), (7.0, "negative_binomial"));
    assert!((law.variance() - found.variance(7.0)).abs() < 1e-12);
}

#[test]
fn a_steady_seller_goes_on_as_it_did() {
    let shop = Shop::of([open(5.0); 200]);
    let found = &made(&shop, &shop.tables(), 10, 7).series[0];
    assert!((found.level - 5.0).abs() < 1e-9);
    assert!((found.mean(0, 17) - 85.0).abs() < 1e-6);
    assert_eq!((found.dispersion, found.level_variance), (1.0, 0.0));
    assert!((found.exposure - 200.0).abs() < 1e-9);
    assert_eq!(found.index.len(), AHEAD);
    // A year for what is excess; a horizon of 130 days needs three of them and two more.
    let far = made(&shop, &shop.tables(), 123, 7);
    assert_eq!(far.series[0].index.len(), 3 * 130 + 2);
}

#[test]
fn a_promotion_to_come_sells_as_its_namesakes_did_and_nothing_sells_before_its_release() {
    let sale = |t: i32| (80..94).contains(&t);
    let mut shop = Shop::of((0..200).map(|t| open(if sale(t) { 10.0 } else { 5.0 })));
    shop.calendar = vec![
        on(CalendarKind::Promotion, "sale", 80, 93),
        on(CalendarKind::Promotion, "sale", 203, 205),
    ];
    let mut tables = shop.tables();
    let found = &made(&shop, &tables, 10, 7).series[0];
    for (t, index) in found.index[..8].iter().enumerate() {
        let expected = if (3..6).contains(&t) { 2.0 } else { 1.0 };
        assert!((index - expected).abs() < 0.2, "{t}: {index}");
    }
    // Day 204 is the first on which it may be sold.
    tables.items[0].launch = Some(FIRST + 204);
    let found = &made(&shop, &tables, 10, 7).series[0];
    assert_eq!(found.index[..4], [0.0; 4]);
    assert!(found.index[4] > 1.7);
}

/// Ten days of two a day beside an item of eight a day and others of five.
#[test]
fn a_young_item_leans_on_the_one_it_resembles_else_on_its_category() {
    let young = |t: i32| {
        if t < 50 {
            period(Availability::NotListed, 0.0)
        } else {
            open(2.0)
        }
    };
    let shop = Shop {
        series: vec![
            (0..60).map(young).collect(),
            vec![open(8.0); 60],
            vec![open(5.0); 60],
            vec![open(5.0); 60],
        ],
        ..Shop::of([])
    };
    let mut tables = shop.tables();
    let found = made(&shop, &tables, 10, 7);
    let level = |prior: f64, weight: f64| (2.0 * 10.0 + weight) / (10.0 + weight / prior);
    assert!((found.series[0].level - level(5.0, 1.0)).abs() < 0.01);
    // Nothing that is old leans on anything.
    assert!((found.series[1].level - 8.0).abs() < 1e-6);
    tables.items[0].similar_sku = Some(SkuId(1));
    let found = made(&shop, &tables, 10, 7);
    assert!((found.series[0].level - level(8.0, 4.0)).abs() < 0.01);
    // Little evidence: its level is known no better than that says.
    assert!(found.series[0].level_variance > 0.02);
    assert!(found.series[1].level_variance < 0.01);
}

#[test]
fn levels_to_lean_on_are_those_of_the_same_channel_else_their_mean_and_the_median_of_a_group() {
    let typical = Typical {
        by_sku: BTreeMap::from([
            ((SkuId(1), ChannelId(0)), 4.0),
            ((SkuId(1), ChannelId(2)), 8.0),
            ((SkuId(2), ChannelId(0)), 1.0),
        ]),
        by_group: BTreeMap::from([(7, 3.0)]),
    };
    assert_eq!(typical.of_sku(SkuId(1), ChannelId(2)), Some(8.0));
    assert_eq!(typical.of_sku(SkuId(1), ChannelId(1)), Some(6.0));
    assert_eq!(typical.of_sku(SkuId(3), ChannelId(0)), None);
    assert_eq!(
        (typical.of_group(7), typical.of_group(8)),
        (Some(3.0), None)
    );
}

#[test]
fn discounts_that_a_channel_s_series_prefer_are_its_prior() {
    let shop = Shop {
        series: vec![vec![open(5.0); 60]; 9],
        ..Shop::of([])
    };
    let panel = shop.panel();
    let flat = discount_priors(&panel, &[[3.0; OMEGAS.len()]; 9], |_| 10);
    for p in flat[&ChannelId(0)] {
        assert!((p - 1.0 / 7.0).abs() < 1e-12);
    }
    let mut scores = [0.0; OMEGAS.len()];
    scores[2] = 1000.0;
    let third = discount_priors(&panel, &[scores; 9], |_| 10)[&ChannelId(0)];
    // Nine series of the third beside one of all.
    assert!((third[2] - (9.0 + 1.0 / 7.0) / 10.0).abs() < 1e-9);
    assert!((third[0] - 1.0 / 70.0).abs() < 1e-9);
}

#[test]
fn an_interval_with_days_that_were_not_listed_measures_nothing() {
    let gap = |t: i32| (60..70).contains(&t);
    let unlisted = Shop::of((0..150).map(|t| {
        if gap(t) {
            period(Availability::NotListed, 0.0)
        } else {
            open(5.0)
        }
    }));
    let found = &made(&unlisted, &unlisted.tables(), 3, 4).series[0];
    // As far as it was on sale nothing was off; with the gap, errors would be those of 35 units where none came.
    assert!((found.level - 5.0).abs() < 1e-6);
    assert!(found.level_variance < 0.02);
}
