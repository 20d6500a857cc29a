//! More than a year's stock, in season and out of it.

use restock::domain::Action;
use restock::output::summary;
use restock::text::Lang;

use super::shop::{AS_OF, Shop, row};

/// Items whose year is a bell of demand around a day after as-of (the same day of every year); the last count is a share of a year's demand.
fn shop(peak: i32, share: f64) -> (Shop, Vec<f64>) {
    let bell = move |day: i32| {
        let off = f64::from((day - AS_OF - peak).rem_euclid(365));
        let off = off.min(365.0 - off);
        0.05 + 5.0 * (-0.5 * (off / 25.0).powi(2)).exp()
    };
    let mut shop = Shop::of(4, 6, 1000, &[("web", "shed")], |_, day| bell(day));
    // Always in stock, so that the past says all.
    for stock in &mut shop.stock {
        stock.on_hand = 4000.0;
    }
    shop.orders.clear();
    let mut last = Vec::new();
    for item in &shop.items {
        let year: f64 = shop
            .sales
            .iter()
            .filter(|s| s.sku == item.sku && s.day > AS_OF - 730)
            .map(|s| s.units)
            .sum::<f64>()
            / 2.0;
        last.push(year);
        let count = shop
            .stock
            .iter_mut()
            .find(|s| s.sku == item.sku && s.day == AS_OF)
            .unwrap();
        count.on_hand = (share * year).round();
    }
    (shop, last)
}

#[test]
fn winter_goods_that_the_coming_winter_sells_are_no_excess_in_summer() {
    let (shop, year) = shop(160, 0.7);
    let plan = shop.plan();
    for (item, year) in shop.items.iter().zip(&year) {
        let r = row(&plan, &item.sku);
        assert_ne!(r.action, Action::Excess);
        assert!(
            (r.demand_over_year / year - 1.0).abs() < 0.3,
            "{} {year}",
            r.demand_over_year
        );
    }
    assert_eq!(summary(&plan, Lang::En).cash.excess.units, 0.0);
}

#[test]
fn goods_beyond_what_the_rest_of_the_year_takes_are_excess_at_the_peak() {
    let (shop, year) = shop(-5, 2.0);
    let plan = shop.plan();
    let all: f64 = year.iter().sum();
    for item in &shop.items {
        assert_eq!(row(&plan, &item.sku).action, Action::Excess);
    }
    let excess = summary(&plan, Lang::En).cash.excess.units;
    assert!((excess / all - 1.0).abs() < 0.3, "{excess} {all}");
}
