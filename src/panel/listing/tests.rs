use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::domain::{ChannelId, SkuId};
use crate::panel::build::pools;
use crate::panel::small::{FIRST, Period, Shop, bare_tables, closed, open, period};
use crate::panel::{Panel, SeriesKey};

/// One SKU on two channels with one stock: the first series is asked about, the second its mate.
fn pool(own: Vec<Period>, mate: Vec<Period>) -> (Panel, Tables) {
    let mut shop = Shop::of(own);
    shop.series.push(mate);
    let mut panel = shop.panel();
    for (channel, key) in panel.series.iter_mut().enumerate() {
        *key = SeriesKey {
            sku: SkuId(0),
            channel: ChannelId(channel as u32),
            ..*key
        };
    }
    panel.pools = pools(&panel.series);
    let tables = bare_tables(1, &[0, 0], panel.as_of);
    (panel, tables)
}

fn days(n: usize, units: impl Fn(usize) -> f64) -> Vec<Period> {
    (0..n).map(|t| open(units(t))).collect()
}

fn listed(panel: &mut Panel, tables: &Tables) -> Vec<Finding> {
    let mut findings = Vec::new();
    list(tables, panel, &mut findings);
    findings
}

fn stated_from(sku: u32, from: Day, to: Option<Day>) -> Listing {
    Listing {
        sku: SkuId(sku),
        channel: ChannelId(0),
        from,
        to,
    }
}

#[test]
fn an_item_put_on_sale_two_weeks_ago_has_two_weeks_of_history_there() {
    let own = days(365, |t| if t < 351 { 0.0 } else { 6.0 });
    let (mut panel, tables) = pool(own, days(365, |t| (t % 5) as f64));
    let findings = listed(&mut panel, &tables);
    assert_eq!(panel.first, [FIRST + 351, FIRST]);
    assert_eq!((panel.range(0).len(), panel.range(1).len()), (14, 365));
    assert!(panel.view(0).sold.iter().all(|&u| u == 6.0));
    assert_eq!(panel.view(1).sold[..6], [0.0, 1.0, 2.0, 3.0, 4.0, 0.0]);
    let [told] = &findings[..] else {
        panic!("{findings:?}")
    };
    assert_eq!(told.code, "listed_later");
    let figure = |name| &told.figures.iter().find(|f| f.0 == name).expect("told").1;
    assert_eq!(figure("date"), &(FIRST + 351).to_string());
    assert_eq!(
        [figure("days"), figure("sold"), figure("since")],
        ["351", "14", "14"]
    );
}

#[test]
fn few_sales_prove_nothing_and_neither_does_a_shelf_that_nobody_sold_from() {
    // One sale on the last day of a year: any day is as likely to be the one.
    let (mut panel, tables) = pool(days(365, |t| f64::from(t == 364)), days(365, |_| 2.0));
    assert!(listed(&mut panel, &tables).is_empty());
    // Nothing sold anywhere before: the item was out of season, or not on sale at all.
    let late = |t: usize| if t < 300 { 0.0 } else { 3.0 };
    let (mut panel, tables) = pool(days(365, late), days(365, late));
    assert!(listed(&mut panel, &tables).is_empty());
    assert_eq!(panel.first, [FIRST; 2]);
}

#[test]
fn days_without_stock_are_no_run_without_a_sale() {
    let mut own: Vec<Period> = (0..300).map(|_| closed()).collect();
    own.extend(days(65, |t| if t < 3 { 0.0 } else { 6.0 }));
    let mut mate: Vec<Period> = (0..300).map(|_| closed()).collect();
    mate.extend(days(65, |_| 2.0));
    let (mut panel, tables) = pool(own, mate);
    assert!(listed(&mut panel, &tables).is_empty());
    // Where stock is not known, what a mate sold says that there was some.
    let own = (0..365).map(|t| period(Availability::Unknown, if t < 351 { 0.0 } else { 6.0 }));
    let mate = (0..365).map(|t| period(Availability::Unknown, (t % 2) as f64));
    let (mut panel, tables) = pool(own.collect(), mate.collect());
    assert_eq!(listed(&mut panel, &tables).len(), 1);
    assert_eq!(panel.first[0], FIRST + 351);
}

#[test]
fn what_is_out_of_season_on_all_channels_is_listed() {
    let season = |most: f64| move |t: usize| if t < 300 { most / 60.0 } else { most };
    let own = days(365, |t| if t < 300 { 0.0 } else { 1.0 });
    let (mut panel, tables) = pool(own.clone(), days(365, season(30.0)));
    assert!(listed(&mut panel, &tables).is_empty());
    // The same sales beside a mate without a season.
    let (mut panel, tables) = pool(own, days(365, |_| 30.0));
    assert_eq!(listed(&mut panel, &tables).len(), 1);
}

/// Poisson by inversion.
fn poisson(rng: &mut Pcg64Mcg, mean: f64) -> f64 {
    let (u, mut x): (f64, f64) = (rng.random(), 0.0);
    let mut p = (-mean).exp();
    let mut cdf = p;
    while u > cdf && x < 1e3 {
        x += 1.0;
        p *= mean / x;
        cdf += p;
    }
    x
}

/// Items listed from the first day on, 6,000 by each law, at rates from one in three months to three a day, beside mates from slow to fast; demand
/// of even weeks, of weeks whose levels differ (gamma, variance 1), of one that doubles over the year, and of a season of three months.
/// Seed 7.
#[test]
fn of_slow_items_that_were_listed_all_the_time_less_than_one_in_a_thousand_is_taken_as_listed_later()
 {
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let rates = [0.011, 0.03, 0.1, 0.3, 1.0, 3.0];
    for law in ["even", "bursts", "growth", "season"] {
        let mut wrong = 0;
        for k in 0..6_000 {
            let rate = rates[k % rates.len()];
            let mate = [0.03, 0.3, 3.0][k / rates.len() % 3];
            let n = [120, 365, 730][k % 3];
            let mut week = [1.0; 2];
            let mut sold = [Vec::new(), Vec::new()];
            for t in 0..n {
                if t % 7 == 0 && law == "bursts" {
                    // Gamma of shape 1.
                    week = [0, 1].map(|_| -(1.0 - rng.random::<f64>()).ln());
                }
                let common = match law {
                    "growth" => 0.67 * 2f64.powf(t as f64 / n as f64),
                    "season" if t % 365 < 275 => 0.2,
                    "season" => 3.4,
                    _ => 1.0,
                };
                for (s, rate) in [rate, mate].into_iter().enumerate() {
                    let units = poisson(&mut rng, rate * common * week[s]);
                    sold[s].push(open(units));
                }
            }
            let [own, mate] = sold;
            let (mut panel, tables) = pool(own, mate);
            let found = listed(&mut panel, &tables);
            wrong += found.len();
        }
        assert!(wrong <= 6, "{law}: {wrong} of 6,000");
    }
}

/// Of items put on sale late in a year, at half a day and more, most are found after two months, and the faster the sooner. Seed 11.
#[test]
fn what_is_put_on_sale_late_is_found_within_weeks() {
    let mut rng = Pcg64Mcg::seed_from_u64(11);
    for (rate, since) in [(0.5, 56), (1.0, 28), (3.0, 14), (6.0, 7)] {
        let mut found = 0;
        for _ in 0..400 {
            let mut units = |t: usize, rate: f64, from: usize| {
                open(if t < from {
                    0.0
                } else {
                    poisson(&mut rng, rate)
                })
            };
            let own: Vec<Period> = (0..365).map(|t| units(t, rate, 365 - since)).collect();
            let mate: Vec<Period> = (0..365).map(|t| units(t, 2.0, 0)).collect();
            let (mut panel, tables) = pool(own, mate);
            found += listed(&mut panel, &tables).len();
        }
        assert!(
            found >= 380,
            "{rate} a day since {since} days: {found} of 400"
        );
    }
}

#[test]
fn what_is_stated_holds_over_what_sales_tell() {
    // Stated to be listed all the time: the zeros stay.
    let own = days(365, |t| if t < 351 { 0.0 } else { 6.0 });
    let (mut panel, mut tables) = pool(own, days(365, |_| 3.0));
    tables.listings = vec![stated_from(0, FIRST + -20, None)];
    assert!(listed(&mut panel, &tables).is_empty());
    assert_eq!(panel.first, [FIRST; 2]);
    // Stated from a day on, whatever chance says.
    let (mut panel, mut tables) = pool(days(100, |t| f64::from(t == 90)), days(100, |_| 3.0));
    tables.listings = vec![stated_from(0, FIRST + 80, None)];
    assert!(listed(&mut panel, &tables).is_empty());
    assert_eq!((panel.first[0], panel.range(0).len()), (FIRST + 80, 20));
    // Of another SKU: nothing is stated.
    let (mut panel, mut tables) = pool(days(100, |_| 1.0), days(100, |_| 3.0));
    tables.listings = vec![stated_from(1, FIRST + 80, None)];
    assert!(listed(&mut panel, &tables).is_empty());
    assert_eq!(panel.first[0], FIRST);
}

#[test]
fn days_between_two_listings_and_after_the_last_are_not_listed() {
    let (mut panel, mut tables) = pool(days(100, |t| f64::from(t == 30)), days(100, |_| 3.0));
    tables.listings = vec![
        stated_from(0, FIRST + 10, Some(FIRST + 19)),
        stated_from(0, FIRST + 40, Some(FIRST + 89)),
    ];
    let findings = listed(&mut panel, &tables);
    let view = panel.view(0);
    assert_eq!(view.first, FIRST + 10);
    let unlisted: Vec<usize> = (0..90)
        .filter(|&t| view.availability[t] == Availability::NotListed)
        .collect();
    let expected: Vec<usize> = (10..30).chain(80..90).collect();
    assert_eq!(unlisted, expected);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].code, "sold_while_not_listed");
    // Listed from tomorrow on: the last day stays, with its stock.
    let (mut panel, mut tables) = pool(days(100, |_| 0.0), days(100, |_| 3.0));
    tables.listings = vec![stated_from(0, FIRST + 100, None)];
    listed(&mut panel, &tables);
    assert_eq!(panel.range(0).len(), 1);
    assert_eq!(panel.view(0).availability, [Availability::NotListed]);
}
