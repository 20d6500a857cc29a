//! The cycle that an order makes: where the position stands when the least order is more than what a review period asks for.
//!
//! At each review the position is compared with a level s. At a deficit z = s − position ≥ 0 an order of the least multiple not below the least
//! order and z is placed; so the position stands between s and s plus the least order q₀, and mostly well above s. How much above does not depend
//! on s: a renewal argument gives the law of position − s after a review (uniform over the residues of a pure multiple: Hadley & Whitin, 1963,
//! ch. 5), and with it what is served at a level (the (R, s, nQ) system; Silver, Pyke & Thomas, 2017, ch. 7).

use super::loss_curve::LossCurve;
use super::lot::round_order;
use crate::forecast::distribution::Demand;

/// Cells that the least order is cut into, at most.
const CELLS: f64 = 64.0;
/// Cells that a review period's demand may reach over, at most.
const REACH: f64 = 192.0;
/// Standard deviations of a review period's demand that are followed.
const SPREAD: f64 = 8.0;
/// Rounds until the law of the position after an order repeats itself, at most.
const ROUNDS: usize = 40;
/// The rounds stop when the law moves by less.
const STILL: f64 = 1e-6;
/// Less than any quantity that is ordered, more than what rounding forgives.
const ANY: f64 = 1e-3;

/// What a shop can order: a least order and multiples, units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrderSize {
    pub moq: f64,
    /// 0: none.
    pub multiple: f64,
    pub whole_units: bool,
}

impl OrderSize {
    /// Single units, or any quantity of what is not counted.
    pub fn units(whole_units: bool) -> Self {
        Self {
            moq: 0.0,
            multiple: if whole_units { 1.0 } else { 0.0 },
            whole_units,
        }
    }

    /// The order at a deficit of `z` ≥ 0 units: the least one where nothing is lacking.
    ///
    /// ```
    /// use restock::policy::lot_cycle::OrderSize;
    /// let size = OrderSize { moq: 20.0, multiple: 12.0, whole_units: true };
    /// assert_eq!((size.order(0.0), size.order(25.0)), (24.0, 36.0));
    /// ```
    pub fn order(&self, z: f64) -> f64 {
        round_order(z.max(ANY), self.moq, self.multiple)
    }

    /// Whether the least order is more than a single unit, or than nothing where quantities are not whole.
    pub fn lots(&self) -> bool {
        self.order(0.0)
            > if self.whole_units {
                1.0 + ANY
            } else {
                2.0 * ANY
            }
    }

    /// Of a part of the stock: as many days in each order.
    pub(super) fn share(&self, share: f64) -> Self {
        let least = self.order(0.0) * share;
        Self {
            moq: if self.whole_units {
                least.round()
            } else {
                least
            },
            ..Self::units(self.whole_units)
        }
    }
}

/// Where the position stands above the level after a review, and how far below it when an order is placed. Free of the level.
#[derive(Clone, Debug)]
pub struct LotCycle {
    /// (units above the level, probability) after a review; probabilities sum to 1.
    pub above: Vec<(f64, f64)>,
    /// (units below the level, probability) when an order is placed; probabilities sum to 1.
    pub deficit: Vec<(f64, f64)>,
    /// Reviews from one order to the next, on average.
    pub reviews: f64,
}

impl LotCycle {
    /// For orders of `size` and the demand of one review period. `None`: the least order is a single unit, or next to nothing beside what a review
    /// period may ask for, and every review orders what its level lacks.
    pub fn new(size: &OrderSize, review: &Demand) -> Option<Self> {
        let least = size.order(0.0);
        if !size.lots() || review.mean() <= 0.0 {
            return None;
        }
        let reach = review.mean() + SPREAD * review.variance().sqrt() + 1.0;
        let even = size.whole_units && least.fract() == 0.0;
        let finest = if even { least.min(CELLS) } else { CELLS };
        let top = finest.min((least * REACH / reach).floor());
        if top < 1.0 {
            return None;
        }
        let cell = least / top;
        let top = top as usize;
        let mass = masses(review, cell, top + (reach / cell).ceil() as usize);
        let (visits, order) = repeat(size, &mass, cell, top);
        // A cell's units lie around its middle; the level itself is one of its own.
        let middle = if even { 0.5 * (cell - 1.0) } else { 0.5 * cell };
        let all: f64 = visits.iter().sum();
        let above = visits
            .iter()
            .enumerate()
            .map(|(j, v)| ((j as f64 * cell - middle).max(0.0), v / all))
            .collect();
        let placed: f64 = order.iter().sum();
        let deficit = order
            .iter()
            .enumerate()
            .map(|(j, w)| (j as f64 * cell + middle, w / placed))
            .collect();
        Some(Self {
            above,
            deficit,
            reviews: all,
        })
    }
}

/// Masses of demand in cells that keep its mean: p_j = {g(j − 1) − 2·g(j) + g(j + 1)}, g(j) = E[(D − j·h)⁺]/h.
pub(super) fn masses(law: &Demand, cell: f64, cells: usize) -> Vec<f64> {
    let curve = LossCurve::new(&[(1.0, law)]);
    masses_of(&curve, cell, cells)
}

/// As [`masses`], read off a curve.
pub(super) fn masses_of(curve: &LossCurve, cell: f64, cells: usize) -> Vec<f64> {
    let g = |j: f64| curve.loss(j * cell) / cell;
    let (mut before, mut here) = (g(-1.0), g(0.0));
    (0..=cells)
        .map(|j| {
            let next = g(j as f64 + 1.0);
            let mass = (before - 2.0 * here + next).max(0.0);
            (before, here) = (here, next);
            mass
        })
        .collect()
}

/// Expected reviews at which demand since an order has come to k cells, k = 0..=top: the renewal mass of a review's demand.
pub(super) fn renewal(mass: &[f64], top: usize) -> Vec<f64> {
    let again = 1.0 / (1.0 - mass[0]).max(1e-9);
    let mut visits = vec![0.0; top + 1];
    visits[0] = again;
    for k in 1..=top {
        let most = k.min(mass.len() - 1);
        let sum: f64 = (1..=most).map(|j| mass[j] * visits[k - j]).sum();
        visits[k] = sum * again;
    }
    visits
}

/// Visits of each position between two orders, where the position after an order has the law `start`: the level itself is left at once.
pub(super) fn visits(start: &[f64], renewal: &[f64]) -> Vec<f64> {
    let top = start.len() - 1;
    (0..=top)
        .map(|u| match u {
            0 => start[0],
            _ => (u..=top).map(|y| start[y] * renewal[y - u]).sum(),
        })
        .collect()
}

/// Law of the deficit at the next review that finds one, z = 0.. cells, from the visits before it.
pub(super) fn deficits(visits: &[f64], mass: &[f64], cells: usize) -> Vec<f64> {
    let mut law = vec![0.0; cells];
    for (u, &v) in visits.iter().enumerate() {
        if v > 0.0 {
            for (slot, p) in law.iter_mut().zip(&mass[u.min(mass.len())..]) {
                *slot += v * p;
            }
        }
    }
    law
}

/// Visits between two orders and the deficits that they end with, in cells, once the law of the position after an order repeats itself.
fn repeat(size: &OrderSize, mass: &[f64], cell: f64, top: usize) -> (Vec<f64>, Vec<f64>) {
    let renewal = renewal(mass, top);
    let cells = mass.len() - top;
    let after: Vec<f64> = (0..cells)
        .map(|z| {
            let z = z as f64 * cell;
            ((size.order(z) - z) / cell).clamp(0.0, top as f64)
        })
        .collect();
    let mut start = vec![0.0; top + 1];
    start[top] = 1.0;
    let mut seen = visits(&start, &renewal);
    let mut order = deficits(&seen, mass, cells);
    for _ in 0..ROUNDS {
        let mut next = vec![0.0; top + 1];
        for (y, w) in after.iter().zip(&order) {
            let low = y.floor() as usize;
            let share = y - y.floor();
            next[low] += w * (1.0 - share);
            next[(low + 1).min(top)] += w * share;
        }
        // What is beyond the cells that are followed.
        let inside: f64 = next.iter().sum();
        next[0] += (1.0 - inside).max(0.0);
        let total = inside.max(1.0);
        next.iter_mut().for_each(|n| *n /= total);
        let moved: f64 = next.iter().zip(&start).map(|(a, b)| (a - b).abs()).sum();
        start = next;
        seen = visits(&start, &renewal);
        order = deficits(&seen, mass, cells);
        if moved < STILL {
            break;
        }
    }
    (seen, order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(moq: f64, multiple: f64) -> OrderSize {
        OrderSize {
            moq,
            multiple,
            whole_units: true,
        }
    }

    #[test]
    fn the_position_is_uniform_over_the_residues_of_a_pure_multiple() {
        // Hadley & Whitin (1963), section 5-2: for any demand, positions s + 1 … s + Q are equally likely.
        for (q, mean, variance) in [(12.0, 56.0, 56.0), (24.0, 7.0, 7.0), (5.0, 14.0, 210.0)] {
            let review = Demand::moment_matched(mean, variance, true);
            let cycle = LotCycle::new(&size(0.0, q), &review).unwrap();
            let mut residues = vec![0.0; q as usize];
            for (y, p) in &cycle.above {
                residues[*y as usize % q as usize] += p;
            }
            for share in residues {
                assert!((share - 1.0 / q).abs() < 1e-4, "{q} {mean}: {share}");
            }
        }
    }

    #[test]
    fn single_units_and_lots_that_no_review_notices_make_no_cycle() {
        let review = Demand::moment_matched(7.0, 7.0, true);
        assert!(LotCycle::new(&size(1.0, 1.0), &review).is_none());
        assert!(LotCycle::new(&OrderSize::units(false), &review).is_none());
        let busy = Demand::moment_matched(70_000.0, 70_000.0, true);
        assert!(LotCycle::new(&size(24.0, 1.0), &busy).is_none());
        assert!(LotCycle::new(&size(24.0, 1.0), &Demand::Zero).is_none());
    }

    #[test]
    fn orders_bring_what_is_asked_for_between_them() {
        for (moq, multiple) in [(24.0, 1.0), (30.0, 12.0), (0.0, 12.0), (300.0, 1.0)] {
            let review = Demand::moment_matched(8.0, 20.0, true);
            let size = size(moq, multiple);
            let cycle = LotCycle::new(&size, &review).unwrap();
            let ordered: f64 = cycle.deficit.iter().map(|(z, w)| w * size.order(*z)).sum();
            let asked = cycle.reviews * review.mean();
            assert!((ordered / asked - 1.0).abs() < 0.01, "{ordered} {asked}");
        }
    }
}
