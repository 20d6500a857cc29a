//! Demand beyond what was to be expected when the covering order was due.

use super::case::{Case, Evidence, chance, shown};
use crate::domain::{Day, StockoutCause, StockoutFigures};

/// Stockouts follow high demand by their nature: at a service of 95 % every one of them is a one-in-twenty. A spike is rarer, …
const RARE: f64 = 0.002;
/// … and much larger than what was expected.
const LARGER: f64 = 1.6;
/// The same where nothing else is left to explain the stockout.
const ALONE: (f64, f64) = (0.01, 1.6);
/// The short windows, days before the stockout's first: what sells out at once hides its height, and is seen best from near.
const AT_ONCE: i32 = 0;
const TWO_DAYS: i32 = 1;
const DAYS: i32 = 2;
const WEEK: i32 = 7;
/// Receipts that sold out at once are looked at so often.
const MOST_AT_ONCE: usize = 4;
/// After a spike that passed, demand is below this multiple of what was expected before it.
const PASSED: f64 = 1.5;

/// The interval before a stockout or within it, and what it held.
struct Window {
    place: usize,
    from: Day,
    last: Day,
    /// Expected demand, and recovered demand.
    mean: f64,
    actual: f64,
    /// Units that met stock, and the mean and variance of those days with stock.
    met: f64,
    open: f64,
    variance: f64,
}

impl Window {
    /// P(D ≥ met). What the estimate of hidden demand adds is no evidence: the probability is that of what met stock.
    fn probability(&self, case: &Case<'_, '_>) -> f64 {
        if self.open > 0.0 {
            case.shelves.all[self.place]
                .law(self.open, self.variance)
                .sf((self.met - 1.0).max(0.0).ceil())
        } else {
            1.0
        }
    }

    fn report(&self, probability: f64, figures: &mut StockoutFigures) {
        figures.demand_before = Some(self.actual);
        figures.demand_expected = Some(self.mean);
        figures.demand_probability = Some(probability);
    }
}

/// The days `days` before `last` and that day itself.
fn window(case: &Case<'_, '_>, place: usize, days: i32, last: Day) -> Window {
    let (from, to) = (last + -days, last + 1);
    let (mean, _) = case.shelves.expected(place, from, from, to);
    let actual: f64 = case
        .shelves
        .echelon(place)
        .flat_map(|s| &s.expected)
        .map(|e| e.demand(from, to))
        .sum();
    let (mut met, mut open, mut variance) = (0.0, 0.0, 0.0);
    for e in case.shelves.echelon(place).flat_map(|s| &s.expected) {
        let (units, m) = e.met(from, from, to);
        met += units;
        open += m;
        variance += if days <= WEEK {
            e.daily_variance(m)
        } else {
            e.variance(m)
        };
    }
    Window {
        place,
        from,
        last,
        mean,
        actual,
        met,
        open,
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
    let before = |place, days| window(case, place, days, case.anchor);
    let long = before(case.place, lead);
    if known(&long) {
        long.report(long.probability(case), figures);
    }
    let mut windows: Vec<Window> = [AT_ONCE, TWO_DAYS, DAYS, WEEK]
        .into_iter()
        .map(|days| before(case.place, days))
        .collect();
    windows.push(long);
    // Goods that came meanwhile and were gone the same day.
    windows.extend(sold_at_once(case).map(|day| window(case, case.place, AT_ONCE, day)));
    // What took the goods away from the shelf that fills this one.
    if let Some(source) = case.shelf().source {
        let lead = (case.shelves.all[source].lead.round() as i32).max(WEEK);
        windows.extend([WEEK, lead].map(|days| before(source, days)));
    }
    // Several windows are looked at: each must be rarer for it.
    let rare = rare / windows.len() as f64;
    // The law is asked last: it costs the most, and most windows are ordinary.
    let (best, probability) = windows
        .into_iter()
        .filter(|w| known(w) && w.actual > larger * w.mean)
        .map(|w| {
            let probability = w.probability(case);
            (w, probability)
        })
        .filter(|(_, probability)| *probability < rare)
        .max_by(|(a, _), (b, _)| (a.actual - a.mean).total_cmp(&(b.actual - b.mean)))?;
    best.report(probability, figures);
    let cause = if in_promotion(case, &best) {
        StockoutCause::Promotion
    } else {
        StockoutCause::DemandSpike
    };
    let mut found = case.evidence(
        cause,
        best.actual - best.mean,
        vec![
            ("days", (best.last - best.from + 1).to_string()),
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

/// Days within the stockout, after its first, on which goods sold.
fn sold_at_once<'a>(case: &'a Case<'_, '_>) -> impl Iterator<Item = Day> + 'a {
    let days = &case.shelf().days;
    let inside = |day: Day| days.at(day).unwrap_or(days.len());
    (inside(case.anchor.max(case.start) + 1)..=inside(case.end))
        .filter(|&t| t < days.len() && days.sold[t] > 0.0)
        .map(|t| days.day(t))
        .take(MOST_AT_ONCE)
}

/// Whether much of what the window held beyond expectation fell on days of an event of the calendar that lifts demand.
fn in_promotion(case: &Case<'_, '_>, window: &Window) -> bool {
    let (from, to) = (window.from, window.last + 1);
    let (event, _) = case.shelves.events(window.place, from, from, to);
    event.mean > 1.2 * event.plain
        && event.actual - event.mean >= 0.5 * (window.actual - window.mean)
}
