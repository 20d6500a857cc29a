//! Stock that leaves without a sale, in sum: a channel or a set whose sales are not exported takes a few units a day, each day within its
//! tolerance.
//!
//! What is left over between two counts (closing − opening − all that is recorded) is r. Miscounts are as often too high as too low, whether they
//! are mended by the next count or stay in the record: the r of a clean stock are symmetric about 0, and then P(−Σr ≥ x·√Σr²) ≤ exp(−x²/2), whatever
//! their law (Efron, Student's t-test under symmetry conditions, 1969; Hoeffding 1963). One miscount, however large, is never told: there x ≤ 1.

use std::collections::BTreeMap;

use super::Flow;
use super::jumps::Movements;
use crate::domain::{Day, Finding, Severity};
use crate::input::order::{runs, series_of};
use crate::input::sales::SalesRows;
use crate::input::stock::StockRows;

/// Days before the last count of a stock that are added up.
const WINDOWS: [i32; 3] = [28, 91, 365];
/// x: three windows together are wrong on at most one clean stock in 1,000 (3 · exp(−x²/2) = 0.001).
const SURE: f64 = 4.002;
/// A window is looked at when its counts lie over so much of it.
const COVERED: f64 = 0.75;
/// What is left over and beyond so many times the usual is a delivery, a stocktake or a slip of its own, in either direction, and no drift.
const APART: f64 = 4.0;
/// … this is never.
const APART_UNITS: f64 = 2.0;
/// Share of the units sold up to which losses are told as shrinkage: shops lose about 1.6 % (National Retail Federation, 2023); twice that is
/// more than theft and breakage.
const SHRINKAGE: f64 = 0.03;
/// Of the drift since its beginning, the share that must have gone on in the last days, or it is over.
const GOES_ON: f64 = 0.5;
/// Stocks of one location that are told one by one; more are one finding.
const MANY: usize = 5;

/// What happened between two counts.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Day of the first count, and of the second.
    from: i32,
    to: i32,
    /// Units that the record does not explain; below 0: they left.
    rest: f64,
    sold: f64,
}

/// Units that leave one stock without a sale.
#[derive(Clone, Debug, PartialEq)]
struct Drift {
    since: i32,
    to: i32,
    units: f64,
    sold: f64,
}

impl Drift {
    fn per_day(&self) -> f64 {
        self.units / f64::from((self.to - self.since).max(1))
    }

    fn is_shrinkage(&self) -> bool {
        self.units <= SHRINKAGE * self.sold
    }
}

/// Tells of stock that leaves without a sale.
pub(super) fn stock_leaves(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &StockRows,
    findings: &mut Vec<Finding>,
) {
    let series: Vec<u64> = stock.keys.iter().map(|&k| series_of(k)).collect();
    let moves = Movements::new(flow, sales, stock.locations);
    let mut at = 0;
    // By location, and whether it is shrinkage.
    let mut found: BTreeMap<(u32, bool), Vec<(u32, Drift)>> = BTreeMap::new();
    for (start, end) in runs(&series) {
        let steps = steps(flow, stock, &moves, start..end, &mut at);
        if let Some(drift) = drift(&steps) {
            let group = (stock.location[start], drift.is_shrinkage());
            found
                .entry(group)
                .or_default()
                .push((stock.sku[start], drift));
        }
    }
    for ((location, shrinkage), mut stocks) in found {
        // The largest first; the sort is stable, equals stay in the order of their names.
        stocks.sort_by(|a, b| b.1.per_day().total_cmp(&a.1.per_day()));
        let place = (location, shrinkage);
        if stocks.len() > MANY {
            findings.push(told(flow, place, &stocks));
        } else {
            findings.extend(stocks.chunks(1).map(|one| told(flow, place, one)));
        }
    }
}

/// What happened between the counts of one stock; `at` is where its movements begin at the latest.
fn steps(
    flow: &Flow<'_>,
    stock: &StockRows,
    moves: &Movements,
    rows: std::ops::Range<usize>,
    at: &mut usize,
) -> Vec<Step> {
    let close = flow.grain.days() as u64 - 1;
    let mut steps = Vec::new();
    let mut before: Option<usize> = None;
    for k in rows.filter(|&k| !stock.on_hand[k].is_nan()) {
        let key = stock.keys[k] + close;
        let Some(previous) = before.replace(k) else {
            moves.skip(key, at);
            continue;
        };
        let moved = moves.until(key, at);
        let (opening, closing) = (stock.on_hand[previous], stock.on_hand[k]);
        let mut rest = closing - opening - moved.units;
        // Below zero a record may count what is owed to customers.
        let owed = rest - moved.owed;
        if (opening < 0.0 || closing < 0.0) && owed.abs() < rest.abs() {
            rest = owed;
        }
        steps.push(Step {
            from: stock.date[previous],
            to: stock.date[k],
            rest,
            sold: moved.sold,
        });
    }
    steps
}

/// The drift of a stock, if it is surely one and goes on.
fn drift(steps: &[Step]) -> Option<Drift> {
    let last = steps.last()?.to;
    let mut sizes: Vec<f64> = steps
        .iter()
        .filter(|s| s.to > last - WINDOWS[2] && s.rest != 0.0)
        .map(|s| s.rest.abs())
        .collect();
    if sizes.is_empty() {
        return None;
    }
    let middle = sizes.len() / 2;
    let (_, usual, _) = sizes.select_nth_unstable_by(middle, f64::total_cmp);
    let apart = (APART * *usual).max(APART_UNITS);
    let kept: Vec<Step> = steps
        .iter()
        .filter(|s| s.rest.abs() <= apart)
        .copied()
        .collect();
    let of = |days: i32| {
        let first = kept.partition_point(|s| s.from < last - days);
        &kept[first..]
    };
    let window = WINDOWS.into_iter().rev().find(|&days| {
        let within = of(days);
        let covered: i32 = within.iter().map(|s| s.to - s.from).sum();
        let sum: f64 = within.iter().map(|s| s.rest).sum();
        let square: f64 = within.iter().map(|s| s.rest * s.rest).sum();
        f64::from(covered) >= COVERED * f64::from(days.min(history(steps, last)))
            && covered >= WINDOWS[0] * 3 / 4
            && sum < 0.0
            && -sum >= SURE * square.sqrt()
    })?;
    // It began where a drift from then on and none before fit best: where (Σr)² ÷ days is largest.
    let within = of(window);
    let (mut sum, mut best, mut begins) = (0.0, 0.0, 0);
    for (k, step) in within.iter().enumerate().rev() {
        sum -= step.rest;
        let fit = sum * sum / f64::from(last - step.from);
        if sum > 0.0 && fit >= best {
            (best, begins) = (fit, k);
        }
    }
    let since = &within[begins..];
    let drift = Drift {
        since: since.first()?.from,
        to: last,
        units: since.iter().map(|s| -s.rest).sum(),
        sold: since.iter().map(|s| s.sold).sum(),
    };
    let lately = WINDOWS[1].min(last - drift.since);
    let units: f64 = of(lately).iter().map(|s| -s.rest).sum();
    (units >= GOES_ON * drift.per_day() * f64::from(lately)).then_some(drift)
}

/// Days from the first count to the last.
fn history(steps: &[Step], last: i32) -> i32 {
    steps.first().map_or(0, |s| last - s.from)
}

/// One stock, or several of one location, the largest first.
fn told(flow: &Flow<'_>, (location, shrinkage): (u32, bool), stocks: &[(u32, Drift)]) -> Finding {
    let (sku, largest) = &stocks[0];
    let many = stocks.len() > 1;
    let (severity, code) = match (shrinkage, many) {
        (false, false) => (Severity::Warning, "stock_leaves_unexplained"),
        (false, true) => (Severity::Warning, "stocks_leave_unexplained"),
        (true, false) => (Severity::Notice, "stock_shrinkage"),
        (true, true) => (Severity::Notice, "stocks_shrink"),
    };
    let (sku, location) = (
        &flow.skus[*sku as usize],
        &flow.locations[location as usize],
    );
    let since = stocks
        .iter()
        .map(|s| s.1.since)
        .min()
        .unwrap_or(largest.since);
    let sum = |of: fn(&Drift) -> f64| stocks.iter().map(|s| of(&s.1)).sum::<f64>();
    let (units, sold) = (sum(|d| d.units), sum(|d| d.sold));
    let percent = if sold > 0.0 {
        100.0 * units / sold
    } else {
        0.0
    };
    Finding::new(severity, code)
        .sku(sku)
        .location(location)
        .between(Day(since), Day(largest.to))
        .count(stocks.len() as u64)
        .figure("sku", sku)
        .figure("location", location)
        .figure("count", stocks.len())
        .figure("since", Day(since))
        .figure("days", largest.to - since)
        .figure("units", format!("{units:.0}"))
        .figure("sold", format!("{sold:.0}"))
        .figure("percent", format!("{percent:.1}"))
        .figure("per_day", format!("{:.1}", sum(Drift::per_day)))
        .figure("largest", format!("{:.1}", largest.per_day()))
        // What the plan makes of it is known when it is made.
        .figure("now", "–")
        .figure("point", "–")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps a day apart with these rests, 5 sold on each.
    fn daily(rests: impl IntoIterator<Item = f64>) -> Vec<Step> {
        let steps = rests.into_iter().zip(1000..).map(|(rest, day)| Step {
            from: day - 1,
            to: day,
            rest,
            sold: 5.0,
        });
        steps.collect()
    }

    /// A number in 0..1 that looks random and is the same on every run (SplitMix64).
    fn draw(seed: u64) -> f64 {
        let mut z = seed
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add(0x1234_5678);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    #[test]
    fn a_few_units_a_day_that_no_day_shows_are_found_with_their_beginning() {
        // 3 a day in the last 150 of 365 days, in lumps, beside miscounts that the next day mends.
        let rests = (0..365u64).map(|t| {
            let miscount = |t: u64| (draw(t * 3 + 1) * 5.0).floor() - 2.0;
            let left = if t >= 215 {
                (draw(t * 3 + 2) * 7.0).floor()
            } else {
                0.0
            };
            miscount(t) - miscount(t.saturating_sub(1)) - left
        });
        let found = drift(&daily(rests)).expect("a drift");
        assert!((found.per_day() - 3.0).abs() < 0.4, "{found:?}");
        assert!((found.since - (999 + 215)).abs() < 15, "{found:?}");
        assert!(!found.is_shrinkage());
    }

    #[test]
    fn weekly_counts_show_it_too() {
        let steps: Vec<Step> = (0..52)
            .map(|k| Step {
                from: 1000 + 7 * k,
                to: 1007 + 7 * k,
                rest: -21.0 + 6.0 * (draw(k as u64) - 0.5),
                sold: 28.0,
            })
            .collect();
        let found = drift(&steps).expect("a drift");
        assert!((found.per_day() - 3.0).abs() < 0.2, "{found:?}");
    }

    #[test]
    fn losses_of_two_percent_are_shrinkage() {
        let rests = (0..365u64).map(|t| -f64::from(u8::from(draw(t) < 0.1)));
        let found = drift(&daily(rests)).expect("a drift");
        assert!(found.is_shrinkage(), "{found:?}");
    }

    #[test]
    fn fewer_than_one_in_a_thousand_clean_stocks_is_told() {
        // Miscounts that stay, that the next count mends, and deliveries that are not recorded.
        let told = (0..3000u64)
            .filter(|pool| {
                let at = |t: u64, k: u64| draw(pool * 10_007 + t * 7 + k);
                let rests = (0..365u64).map(|t| {
                    let slip = |t: u64| {
                        if at(t, 0) < 0.2 {
                            (at(t, 1) * 5.0).floor() - 2.0
                        } else {
                            0.0
                        }
                    };
                    let kept = slip(t);
                    let mended = if pool % 3 == 0 {
                        -slip(t.saturating_sub(1))
                    } else {
                        0.0
                    };
                    let came = if pool % 3 == 1 && t % 30 == 9 {
                        120.0
                    } else {
                        0.0
                    };
                    kept + mended + came
                });
                drift(&daily(rests)).is_some()
            })
            .count();
        assert!(told <= 3, "{told} of 3000");
    }

    #[test]
    fn one_large_slip_and_a_drift_that_is_over_are_not_told() {
        let slip = (0..365).map(|t| if t == 200 { -400.0 } else { 0.0 });
        assert_eq!(drift(&daily(slip)), None);
        let over = (0..365).map(|t| if t < 150 { -3.0 } else { 0.0 });
        assert_eq!(drift(&daily(over)), None);
        assert_eq!(drift(&[]), None);
    }
}
