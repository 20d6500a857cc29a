//! Demand beyond what was to be expected when the covering order was due.

use super::case::{Case, Evidence, chance, shown};
use super::shelf::Shelf;
use crate::domain::{Day, StockoutCause, StockoutFigures};

/// Stockouts follow high demand by their nature: at a service of 95 % every one of them is a one-in-twenty. A spike is rarer, …
const RARE: f64 = 0.002;
/// … and much larger than what was expected.
const LARGER: f64 = 1.6;
/// The same where nothing else is left to explain the stockout.
const ALONE: (f64, f64) = (0.01, 1.6);
/// The short windows, days: what sells out at once hides its height, and is seen best from near.
const DAYS: i32 = 2;
const WEEK: i32 = 7;
/// After a spike that passed, demand is below this multiple of what was expected before it.
const PASSED: f64 = 1.5;

/// The interval before a stockout, and what it held.
struct Window {
    from: Day,
    mean: f64,
    actual: f64,
    variance: f64,
}

impl Window {
    /// P(D ≥ actual); recovered demand need not be whole.
    fn probability(&self, shelf: &Shelf<'_>) -> f64 {
        if self.mean > 0.0 {
            shelf
                .law(self.mean, self.variance)
                .sf((self.actual - 1.0).max(0.0).ceil())
        } else {
            1.0
        }
    }
}

fn window(case: &Case<'_, '_>, place: usize, days: i32) -> Window {
    let (from, to) = (case.anchor + -days, case.anchor + 1);
    let (mean, variance) = case.shelves.expected(place, from, from, to);
    let actual: f64 = case
        .shelves
        .echelon(place)
        .flat_map(|s| &s.expected)
        .map(|e| e.demand(from, to))
        .sum();
    Window {
        from,
        mean,
        actual,
        variance,
    }
}

/// A spike in the week before the stockout, or in the time that an order takes. `enough`: stock and orders would have lasted nine times in ten,
/// so that demand alone is left to explain the stockout, and need not be as extraordinary.
pub(super) fn evidence(
    case: &Case<'_, '_>,
    enough: bool,
    figures: &mut StockoutFigures,
) -> Option<Evidence> {
    let (rare, larger) = if enough { ALONE } else { (RARE, LARGER) };
    let lead = (case.shelf().lead.round() as i32).max(WEEK);
    let known = |w: &Window| w.from - case.shelf().days.first >= 28;
    let long = window(case, case.place, lead);
    let mut report = |w: &Window, probability| {
        figures.demand_before = Some(w.actual);
        figures.demand_expected = Some(w.mean);
        figures.demand_probability = Some(probability);
    };
    if known(&long) {
        report(&long, long.probability(case.shelf()));
    }
    let own = [
        window(case, case.place, DAYS),
        window(case, case.place, WEEK),
        long,
    ];
    let mut windows: Vec<(usize, Window)> = own.into_iter().map(|w| (case.place, w)).collect();
    // What took the goods away from the shelf that fills this one.
    if let Some(source) = case.shelf().source {
        let lead = (case.shelves.all[source].lead.round() as i32).max(WEEK);
        windows.extend([WEEK, lead].map(|days| (source, window(case, source, days))));
    }
    // Several windows are looked at: each must be rarer for it.
    let rare = rare / windows.len() as f64;
    let (best, probability) = windows
        .into_iter()
        // The law is asked last: it costs the most and most windows are ordinary.
        .filter(|(_, w)| known(w) && w.actual > larger * w.mean)
        .map(|(place, w)| {
            let probability = w.probability(&case.shelves.all[place]);
            (w, probability)
        })
        .filter(|(_, probability)| *probability < rare)
        .max_by(|(a, _), (b, _)| (a.actual - a.mean).total_cmp(&(b.actual - b.mean)))?;
    report(&best, probability);
    let cause = if in_promotion(case, best.from) {
        StockoutCause::Promotion
    } else {
        StockoutCause::DemandSpike
    };
    let mut found = case.evidence(
        cause,
        best.actual - best.mean,
        vec![
            ("days", (case.anchor - best.from + 1).to_string()),
            ("actual", shown(best.actual)),
            ("expected", shown(best.mean)),
            ("probability", chance(probability)),
        ],
    );
    if cause == StockoutCause::DemandSpike {
        found.key = if passed(case, best.from) {
            "demand_spike"
        } else {
            "demand_spike_lasting"
        };
    }
    Some(found)
}

/// Whether the demand after the stockout is about what was expected before the spike.
fn passed(case: &Case<'_, '_>, before: Day) -> bool {
    let shelf = case.shelf();
    let from = case.anchor + 28;
    let to = from + 28;
    let (mean, _) = case.shelves.expected(case.place, before, from, to);
    let actual: f64 = shelf.expected.iter().map(|e| e.demand(from, to)).sum();
    // Too early to tell: nothing says that it lasts.
    from > case.shop.basis.tables.as_of || mean <= 0.0 || actual < PASSED * mean
}

/// Whether most of the expected demand of the days before belongs to an event of the calendar.
fn in_promotion(case: &Case<'_, '_>, from: Day) -> bool {
    let to = case.anchor + 1;
    let (mut with, mut without) = (0.0, 0.0);
    for e in case.shelves.echelon(case.place).flat_map(|s| &s.expected) {
        with += e.mean(from, from, to);
        without += e.mean_without_events(from, from, to);
    }
    with > 1.2 * without
}
