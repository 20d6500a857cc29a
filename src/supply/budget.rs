//! A budget that does not reach: which units to buy.

use crate::forecast::distribution::Demand;

/// What may be bought of one item.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Demand over the interval that the order covers, in units.
    pub demand: Demand,
    /// Money a unit, > 0.
    pub unit_cost: f64,
    /// Units that are there already.
    pub stock: f64,
}

/// Units to buy, and how far from the best that can be.
#[derive(Clone, Debug, PartialEq)]
pub struct Allocation {
    pub units: Vec<f64>,
    /// Money.
    pub spent: f64,
    /// Expected units short after the purchase, Σ E[(D − stock − bought)⁺].
    pub short: f64,
    /// No purchase within the budget leaves fewer units short than this.
    pub bound: f64,
}

impl Allocation {
    /// Units short above the bound: the most that another purchase could save.
    pub fn gap(&self) -> f64 {
        (self.short - self.bound).max(0.0)
    }
}

/// Marginal analysis (Fox, 1966): always the unit that saves most expected shortage per money, as long as it can be paid; then
/// single exchanges while one helps.
///
/// The loss is convex, so the same sequence gives a bound: all that was bought before the first unit that could not be paid, and the
/// affordable part of that unit. Ties go to the lower index; a unit that saves nothing is not bought.
///
/// ```
/// use restock::forecast::distribution::Demand;
/// use restock::supply::budget::{Candidate, allocate};
/// let items = [(5.0, 20.0), (8.0, 35.0), (2.0, 60.0)].map(|(mean, unit_cost)| Candidate {
///     demand: Demand::Poisson { mean },
///     unit_cost,
///     stock: 0.0,
/// });
/// let best = allocate(&items, 500.0);
/// assert_eq!(best.units, [6.0, 9.0, 1.0]);
/// assert!((best.short - 2.33787).abs() < 5e-6);
/// ```
pub fn allocate(items: &[Candidate], budget: f64) -> Allocation {
    let mut allocation = greedy(items, budget);
    exchange(items, budget, &mut allocation);
    allocation
}

/// Marginal analysis alone, without the exchanges.
///
/// ```
/// use restock::forecast::distribution::Demand;
/// use restock::supply::budget::{Candidate, greedy};
/// let items = [(5.0, 20.0), (8.0, 35.0), (2.0, 60.0)].map(|(mean, unit_cost)| Candidate {
///     demand: Demand::Poisson { mean },
///     unit_cost,
///     stock: 0.0,
/// });
/// let first = greedy(&items, 500.0);
/// assert_eq!(first.units, [8.0, 8.0, 1.0]);
/// assert!((first.short - 2.37414).abs() < 5e-6);
/// ```
pub fn greedy(items: &[Candidate], budget: f64) -> Allocation {
    let mut units = vec![0.0; items.len()];
    let mut left = if budget > 0.0 { budget } else { 0.0 };
    let mut short: f64 = items.iter().map(|c| c.demand.loss(c.stock)).sum();
    let mut bound = None;
    // P(D > n): what the next unit saves.
    let saves = |i: usize, n: f64| next_saving(&items[i], n);
    let mut closed: Vec<bool> = items.iter().map(|c| unaffordable(c.unit_cost)).collect();
    let mut savings: Vec<f64> = (0..items.len()).map(|i| saves(i, 0.0)).collect();
    loop {
        let mut best: Option<(f64, usize)> = None;
        for (i, &saving) in savings.iter().enumerate() {
            let rate = saving / items[i].unit_cost;
            if !closed[i] && saving > 1e-12 && best.is_none_or(|(most, _)| rate > most) {
                best = Some((rate, i));
            }
        }
        let Some((rate, i)) = best else { break };
        if items[i].unit_cost <= left * (1.0 + 1e-12) {
            left = (left - items[i].unit_cost).max(0.0);
            units[i] += 1.0;
            short -= savings[i];
            savings[i] = saves(i, units[i]);
        } else {
            bound.get_or_insert(short - left * rate);
            closed[i] = true;
        }
    }
    finish(items, units, bound)
}

fn unaffordable(unit_cost: f64) -> bool {
    unit_cost.is_nan() || unit_cost <= 0.0 || unit_cost == f64::INFINITY
}

/// E[(D − x)⁺] − E[(D − x − 1)⁺] with x what is there and bought.
fn next_saving(item: &Candidate, bought: f64) -> f64 {
    let x = item.stock + bought;
    if item.demand.whole_units() && x.fract() == 0.0 && x >= 0.0 {
        item.demand.sf(x)
    } else {
        item.demand.loss(x) - item.demand.loss(x + 1.0)
    }
}

fn finish(items: &[Candidate], units: Vec<f64>, bound: Option<f64>) -> Allocation {
    let short = shortage(items, &units);
    Allocation {
        spent: spending(items, &units),
        short,
        bound: bound.unwrap_or(short).clamp(0.0, short),
        units,
    }
}

fn shortage(items: &[Candidate], units: &[f64]) -> f64 {
    let short = |(c, n): (&Candidate, &f64)| c.demand.loss(c.stock + n);
    items.iter().zip(units).map(short).sum()
}

fn spending(items: &[Candidate], units: &[f64]) -> f64 {
    items.iter().zip(units).map(|(c, n)| c.unit_cost * n).sum()
}

/// Gives back one to three units of one item and buys the best others for the money, while that lowers the shortage. Items up to
/// fifty; beyond, marginal analysis is as good as exact because one unit is a small part of the budget.
fn exchange(items: &[Candidate], budget: f64, allocation: &mut Allocation) {
    const MOST_ITEMS: usize = 50;
    if items.len() > MOST_ITEMS {
        return;
    }
    for _ in 0..50 {
        let mut best: Option<(f64, Vec<f64>)> = None;
        for i in 0..items.len() {
            for back in 1..=3 {
                let mut units = allocation.units.clone();
                units[i] -= f64::from(back);
                if units[i] < 0.0 {
                    break;
                }
                refill(items, budget, &mut units, i);
                let short = shortage(items, &units);
                let least = best.as_ref().map_or(allocation.short, |(s, _)| *s);
                if short < least - 1e-12 {
                    best = Some((short, units));
                }
            }
        }
        let Some((short, units)) = best else { break };
        allocation.spent = spending(items, &units);
        allocation.short = short;
        allocation.units = units;
    }
    allocation.bound = allocation.bound.min(allocation.short);
}

/// Buys units of items other than `without`, the most saving per money first, while they can be paid.
fn refill(items: &[Candidate], budget: f64, units: &mut [f64], without: usize) {
    let mut left = budget - spending(items, units);
    loop {
        let mut best: Option<(f64, usize)> = None;
        for (i, item) in items.iter().enumerate() {
            let payable = !unaffordable(item.unit_cost) && item.unit_cost <= left * (1.0 + 1e-12);
            if i == without || !payable {
                continue;
            }
            let saving = next_saving(item, units[i]);
            let rate = saving / item.unit_cost;
            if saving > 1e-12 && best.is_none_or(|(most, _)| rate > most) {
                best = Some((rate, i));
            }
        }
        let Some((_, i)) = best else { return };
        left -= items[i].unit_cost;
        units[i] += 1.0;
    }
}
