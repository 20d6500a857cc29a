//! Bulk orders that nobody marked: units far beyond what the law of their series can produce.
//!
//! An order of 300 where two a day are sold says nothing about the next weeks, and yet it would be most of the spread that safety stock is made
//! of. Whether a period stands apart is asked of the law of the *other* periods with demand of the series. Their sizes are taken as
//! log-normal, with mean and spread not known: (ln x − m)/(s·√(1 + 1/n)) is Student's t with n − 1 degrees of freedom (Aitchison & Brown, 1957, on
//! sizes; the predictive law as Aitchison & Dunsmore, 1975). Where most periods are empty the sizes are lots, which may have a heavier tail than
//! that: there the period must be as unlikely under a Pareto law of the larger half of the lots as well, its exponent integrated out:
//! ½·(1 + ln(x/median)/Σ ln(xᵢ/median))^−k (Arnold & Press, 1983). A period stands apart when fewer than one such period is expected in
//! [`ODDS`] histories like this one.
//!
//! What recurs is demand: three such periods within twelve months, the same time of another year, a day on which many SKUs of the channel
//! stand apart, promotions and holidays of the calendar, and what the calendar calls `recurring`.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use statrs::function::beta::beta_reg;

use super::{Events, KnownTime, ORDINARY};
use crate::domain::{Availability, CalendarKind, ChannelId, Day, SkuId, Tables};
use crate::panel::{Panel, SeriesKey};

/// Histories like a series' own in which one period as large is expected.
pub const ODDS: f64 = 10_000.0;
/// Other periods with demand from which on a series has a law of its own.
const LEAST: usize = 8;
/// Periods that can stand apart in one series; more are its way of selling.
const MOST: usize = 12;
/// Bounds of the least spread of ln(size): that of a Poisson law of the mean size, within these.
const SPREAD: (f64, f64) = (0.35, 0.6);
/// Mean of ln(lot ÷ median) over the larger half of the lots, at least.
const TAIL: f64 = 0.2;
/// Share of periods with demand below which what sells are lots.
const LOTS: f64 = 0.5;
/// As many within a year recur.
const RECURS: usize = 3;
/// Days that make the same time of another year.
const ANNUAL: (i32, i32) = (355, 375);
/// SKUs of a channel that make a day the channel's and not a customer's: so many, and this share.
const COMMON: (usize, f64) = (3, 0.05);
/// Periods on each side from which the ordinary demand of the day is taken.
const AROUND: usize = 28;

/// A period that stands apart from the law of its series.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkOrder {
    /// Series, as position in the panel, and its period.
    pub series: usize,
    pub period: usize,
    pub day: Day,
    /// Units of the period.
    pub units: f64,
    /// Of which beyond its ordinary demand.
    pub beyond: f64,
    /// Units of the largest period that does not stand apart.
    pub next: f64,
}

/// Student's t: P(T > t) with `free` degrees of freedom, for t ≥ 0.
fn student_above(t: f64, free: f64) -> f64 {
    0.5 * beta_reg(0.5 * free, 0.5, free / (free + t * t))
}

/// Periods of at least `x` units expected among as many as `others` (sorted, largest first, all above 0), by their law. `lots` where most periods
/// are empty. Infinite with fewer than [`LEAST`] others.
///
/// ```
/// use restock::demand::expected_as_large;
/// // A hundred days of 1 to 4 units: 300 are not of their law, 12 may be.
/// let mut days: Vec<f64> = (0..100).map(|i| f64::from(4 - i / 25)).collect();
/// assert!(expected_as_large(300.0, &days, false) < 1e-4);
/// assert!(expected_as_large(12.0, &days, false) > 1e-4);
/// // Lots that double from one to the next reach as far as this again.
/// days = (0..12).map(|i| 2f64.powi(11 - i)).collect();
/// assert!(expected_as_large(5000.0, &days, true) > 0.1);
/// ```
pub fn expected_as_large(x: f64, others: &[f64], lots: bool) -> f64 {
    let n = others.len();
    if n < LEAST {
        return f64::INFINITY;
    }
    let count = n as f64;
    let mean = others.iter().sum::<f64>() / count;
    let log_mean = others.iter().map(|x| x.ln()).sum::<f64>() / count;
    let squares: f64 = others.iter().map(|x| (x.ln() - log_mean).powi(2)).sum();
    let chance_alone = (1.0 + 1.0 / mean).ln().sqrt().clamp(SPREAD.0, SPREAD.1);
    let spread = (squares / (count - 1.0)).sqrt().max(chance_alone);
    let t = (x.ln() - log_mean) / (spread * (1.0 + 1.0 / count).sqrt());
    if t <= 0.0 {
        return count;
    }
    let mut chance = student_above(t, count - 1.0);
    if lots {
        let larger = &others[..n / 2];
        let median = others[n / 2];
        let k = larger.len() as f64;
        let sum: f64 = larger.iter().map(|x| (x / median).ln()).sum();
        let away = (x / median).ln().max(0.0);
        let tail = (1.0 + away / sum.max(TAIL * k)).powf(-k);
        chance = chance.max(tail * k / count);
    }
    chance * count
}

/// How many of the largest `sizes` (largest first) stand apart from all below them.
fn apart(sizes: &[f64], lots: bool) -> usize {
    (1..=MOST.min(sizes.len() / 2))
        .rev()
        .find(|&m| expected_as_large(sizes[m - 1], &sizes[m..], lots) * ODDS < 1.0)
        .unwrap_or(0)
}

/// Whether the calendar says of a day that what sold on it comes again.
fn recurring(tables: &Tables, key: SeriesKey, day: Day, step: i32) -> bool {
    tables.calendar.iter().any(|c| {
        c.kind == CalendarKind::Recurring
            && c.from <= day + (step - 1)
            && day <= c.to
            && c.sku.is_none_or(|s| s == key.sku)
            && c.channel.is_none_or(|c| c == key.channel)
            && (c.category.is_none() || c.category == tables.items[key.sku].category)
    })
}

/// Periods of series `i` that stand apart from the law of its others.
fn of_series(panel: &Panel, tables: &Tables, events: &Events, i: usize) -> Vec<BulkOrder> {
    let view = panel.view(i);
    let key = panel.series[i];
    let mut class = vec![ORDINARY; view.len()];
    events.mark(tables, key, view.first, view.step, &mut class);
    let units = |t: usize| view.sold[t] + view.backordered[t];
    let ordinary =
        |t: &usize| class[*t] == ORDINARY && view.availability[*t] != Availability::NotListed;
    let periods = (0..view.len()).filter(ordinary).count();
    let mut sold: Vec<usize> = (0..view.len())
        .filter(|t| ordinary(t) && units(*t) > 0.0)
        .collect();
    let lots = (sold.len() as f64) < LOTS * periods as f64;
    sold.sort_by(|&a, &b| units(b).total_cmp(&units(a)).then(a.cmp(&b)));
    let sizes: Vec<f64> = sold.iter().map(|&t| units(t)).collect();
    let count = apart(&sizes, lots);
    let far: BTreeSet<usize> = sold[..count].iter().copied().collect();
    sold[..count]
        .iter()
        .filter(|&&t| !recurring(tables, key, view.day(t), view.step))
        .map(|&t| {
            let near = t.saturating_sub(AROUND)..(t + AROUND + 1).min(view.len());
            let others = || {
                let served = |s: &usize| !view.availability[*s].is_stockout() && !far.contains(s);
                near.clone().filter(served)
            };
            let mut usual = others().map(units).sum::<f64>() / others().count().max(1) as f64;
            if view.whole_units {
                usual = usual.round();
            }
            BulkOrder {
                series: i,
                period: t,
                day: view.day(t),
                units: units(t),
                beyond: (units(t) - usual).max(0.0),
                next: sizes.get(count).copied().unwrap_or(0.0),
            }
        })
        .collect()
}

/// Leaves those of one series that come once: not those of a year with three of them, nor of the same time of different years.
fn once(found: &mut Vec<BulkOrder>) {
    found.sort_by_key(|b| b.period);
    let days: Vec<Day> = found.iter().map(|b| b.day).collect();
    let mut recurs = vec![false; days.len()];
    for (last, &day) in days.iter().enumerate() {
        if let Some(first) = (last + 1).checked_sub(RECURS)
            && day - days[first] < 365
        {
            recurs[first..=last].fill(true);
        }
        for before in 0..last {
            if (ANNUAL.0..=ANNUAL.1).contains(&(day - days[before])) {
                (recurs[before], recurs[last]) = (true, true);
            }
        }
    }
    let mut recurs = recurs.into_iter();
    found.retain(|_| !recurs.next().unwrap_or(false));
}

/// Bulk orders of all series, by series and day. A pure function of panel and calendar.
pub fn bulk_orders(panel: &Panel, tables: &Tables) -> Vec<BulkOrder> {
    let events = Events::new(&tables.calendar, KnownTime::of(panel));
    let numbers: Vec<usize> = (0..panel.len()).collect();
    let mut all: Vec<Vec<BulkOrder>> = numbers
        .par_iter()
        .map(|&i| of_series(panel, tables, &events, i))
        .collect();
    let mut skus: BTreeMap<(ChannelId, Day), BTreeSet<SkuId>> = BTreeMap::new();
    for bulk in all.iter().flatten() {
        let key = panel.series[bulk.series];
        let of_day = skus.entry((key.channel, bulk.day)).or_default();
        of_day.insert(key.sku);
    }
    let mut members: BTreeMap<ChannelId, usize> = BTreeMap::new();
    for key in &panel.series {
        *members.entry(key.channel).or_default() += 1;
    }
    for found in &mut all {
        found.retain(|bulk| {
            let channel = panel.series[bulk.series].channel;
            let together = skus[&(channel, bulk.day)].len();
            together < COMMON.0 || (together as f64) < COMMON.1 * members[&channel] as f64
        });
        once(found);
    }
    all.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut sizes: Vec<f64>) -> Vec<f64> {
        sizes.sort_by(|a, b| b.total_cmp(a));
        sizes
    }

    #[test]
    fn student_s_tail_is_that_of_its_tables() {
        // Fisher & Yates: t(10) = 2.764 leaves .01 above, t(4) = 7.173 leaves .001.
        assert!((student_above(2.764, 10.0) - 0.01).abs() < 1e-5);
        assert!((student_above(7.173, 4.0) - 0.001).abs() < 1e-6);
    }

    #[test]
    fn one_order_of_three_hundred_stands_apart_from_two_a_day_and_a_busy_day_does_not() {
        let mut days: Vec<f64> = (0..300).map(|i| f64::from(1 + i % 5)).collect();
        days.push(300.0);
        assert_eq!(apart(&sorted(days.clone()), false), 1);
        days.push(280.0);
        assert_eq!(apart(&sorted(days.clone()), false), 2);
        *days.last_mut().unwrap() = 15.0;
        assert_eq!(apart(&sorted(days), false), 1);
    }

    #[test]
    fn the_largest_of_lots_is_a_lot() {
        // Lots of 7 to 380 units, evenly on the scale of their logarithms, and of geometric and of Pareto sizes at their quantiles.
        let at = |i: usize, n: usize| (i as f64 + 0.5) / n as f64;
        for n in [10, 29, 80] {
            let even = (0..n).map(|i| 7.0 * (380.0f64 / 7.0).powf(at(i, n)));
            assert_eq!(apart(&sorted(even.collect()), true), 0, "even {n}");
            let geometric = (0..n).map(|i| (8.0 * -at(i, n).ln()).ceil());
            assert_eq!(
                apart(&sorted(geometric.collect()), true),
                0,
                "geometric {n}"
            );
            let pareto = (0..n).map(|i| at(i, n).powf(-1.0 / 1.2));
            assert_eq!(apart(&sorted(pareto.collect()), true), 0, "Pareto {n}");
        }
    }

    #[test]
    fn few_lots_are_no_law_and_many_like_ones_are() {
        let mut few = vec![1.0; 7];
        few.push(500.0);
        assert_eq!(apart(&sorted(few), true), 0);
        let mut many = vec![1.0; 60];
        many.push(500.0);
        assert_eq!(apart(&sorted(many), true), 1);
    }
}
