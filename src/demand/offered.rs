//! Days without stock on which a channel that accepts backorders did not offer the item.
//!
//! A hundred customers who find no stock, and none of them places an order, on a channel where every second one does: the offer was closed. "Was
//! not offered" is not "nobody waits": such days say nothing about the share that waits, neither of the item nor of its channel.
//!
//! Looked at are runs of days without stock between two accepted orders of a series (days with stock in between do not end a run). With e
//! customers expected in the run, at the rate of the stocked days around it, the chance that none orders is that of a gamma–Poisson law,
//! (1 + e/w)^−a: a of w customers ordered before, the channel's share worth [`WORTH`] customers and the series' own other days.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::domain::{Availability, ChannelId, Day};
use crate::panel::{Panel, SeriesView};

/// A run as unlikely as this is not chance.
const CHANCE: f64 = 1e-4;
/// Customers that the channel's share counts for in a series.
const WORTH: f64 = 10.0;
/// As many wait as go, before the first day without stock, worth so many customers.
const PRIOR: f64 = 4.0;
/// Stocked periods before and after a run that its rate is taken from …
const AROUND: usize = 56;
/// … and how many there must be; else all of the series.
const LEAST: usize = 14;

/// Probability of stock from which an unrecorded period counts as stocked.
const SURE: f64 = 0.7;

/// Days without stock of one series on which it was not offered.
#[derive(Clone, Debug, PartialEq)]
pub struct Unoffered {
    /// Position in the panel.
    pub series: usize,
    /// Positions of the periods in the panel's columns.
    pub periods: Vec<usize>,
    pub from: Day,
    pub to: Day,
    /// Customers who would have come.
    pub customers: f64,
    /// Share of the channel's customers who order without stock.
    pub share: f64,
    /// Whether no later order says that it is offered again.
    pub running: bool,
}

/// A run of periods without stock and without an order, by period.
struct Run {
    periods: Vec<usize>,
    customers: f64,
    running: bool,
}

/// The accepting days of one series.
struct Accepting {
    series: usize,
    taken: f64,
    /// Customers expected on the days with orders and on all runs without.
    customers: f64,
    runs: Vec<Run>,
    /// Variance ÷ mean of a stocked period.
    dispersion: f64,
}

fn stocked(view: &SeriesView<'_>, t: usize) -> bool {
    view.reach(t) >= 1.0
        && matches!(
            view.availability[t],
            Availability::InStock | Availability::Unknown
        )
        && view.in_odds(t).is_none_or(|p| p >= SURE)
}

/// Mean and variance ÷ mean (≥ 1) of the stocked periods of a range, and their number.
fn rate(view: &SeriesView<'_>, range: Range<usize>) -> (f64, f64, usize) {
    let (mut n, mut sum, mut squares) = (0usize, 0.0, 0.0);
    for t in range.filter(|&t| stocked(view, t)) {
        let units = view.sold[t] + view.backordered[t];
        n += 1;
        sum += units;
        squares += units * units;
    }
    let mean = sum / n.max(1) as f64;
    let spread = if mean > 0.0 {
        (squares / n as f64 - mean * mean) / mean
    } else {
        1.0
    };
    (mean, spread.max(1.0), n)
}

/// Days without stock of series `i`, `None` where it never accepted an order without stock or was never seen with stock.
fn of_series(panel: &Panel, i: usize) -> Option<Accepting> {
    let view = panel.view(i);
    let without: Vec<usize> = (0..view.len())
        .filter(|&t| view.availability[t] == Availability::Backorder)
        .collect();
    let (all, dispersion, seen) = rate(&view, 0..view.len());
    if without.is_empty() || seen == 0 {
        return None;
    }
    let around = |first: usize, last: usize| {
        let near = first.saturating_sub(AROUND)..(last + AROUND + 1).min(view.len());
        let (mean, _, n) = rate(&view, near);
        // Out of season nobody comes: the lower of the two.
        if n >= LEAST { mean.min(all) } else { all }
    };
    let mut found = Accepting {
        series: i,
        taken: 0.0,
        customers: 0.0,
        runs: Vec::new(),
        dispersion,
    };
    for run in without.chunk_by(|&a, &b| view.backordered[a] <= 0.0 && view.backordered[b] <= 0.0) {
        let (first, last) = (run[0], run[run.len() - 1]);
        let customers = around(first, last) * run.len() as f64;
        found.customers += customers;
        let taken: f64 = run.iter().map(|&t| view.backordered[t]).sum();
        found.taken += taken;
        if taken <= 0.0 {
            found.runs.push(Run {
                periods: run.to_vec(),
                customers,
                running: without.last() == Some(&last),
            });
        }
    }
    Some(found)
}

/// Runs of days on which items were not offered although their channel accepts orders without stock, by series and day.
pub fn not_offered(panel: &Panel) -> Vec<Unoffered> {
    let all: Vec<Accepting> = (0..panel.len())
        .filter_map(|i| of_series(panel, i))
        .collect();
    // The channel's share is that of the series that took any order: the others may not have been offered.
    let mut channels: BTreeMap<ChannelId, [f64; 2]> = BTreeMap::new();
    for s in all.iter().filter(|s| s.taken > 0.0) {
        let sums = channels.entry(panel.series[s.series].channel).or_default();
        let longest = s.runs.iter().map(|r| r.customers).fold(0.0, f64::max);
        sums[0] += s.taken;
        sums[1] += (s.customers - longest).max(s.taken);
    }
    let mut found = Vec::new();
    for s in &all {
        let Some([taken, customers]) = channels.get(&panel.series[s.series].channel) else {
            continue;
        };
        let share = ((0.5 * PRIOR + taken) / (PRIOR + customers)).min(1.0);
        let view = panel.view(s.series);
        // Customers of one period have its chance in common.
        let alone = if s.dispersion > 1.001 {
            s.dispersion.ln() / (s.dispersion - 1.0)
        } else {
            1.0
        };
        for run in &s.runs {
            let worth = WORTH + alone * (s.customers - run.customers);
            let orders = WORTH * share + alone * s.taken;
            let chance = (1.0 + alone * run.customers / worth).powf(-orders);
            if chance < CHANCE {
                let day = |t: usize| view.day(t);
                found.push(Unoffered {
                    series: s.series,
                    periods: run
                        .periods
                        .iter()
                        .map(|t| panel.offsets[s.series] + t)
                        .collect(),
                    from: day(run.periods[0]),
                    to: day(run.periods[run.periods.len() - 1]),
                    customers: run.customers,
                    share,
                    running: run.running,
                });
            }
        }
    }
    found
}

/// Marks the days as closed: nobody could order. Where no later order says otherwise, the item is taken as not offered now either.
pub fn close_offer(panel: &mut Panel, unoffered: &[Unoffered]) {
    for run in unoffered {
        for &at in &run.periods {
            panel.availability[at] = Availability::Closed;
        }
        if run.running {
            panel.accepts_backorders[run.series] = false;
        }
    }
}
