//! (s, S): periodic review, an order up to S whenever the position is at or below s; exact, in whole units.
//!
//! Y.-S. Zheng & A. Federgruen (1991), "Finding optimal (s, S) policies is about as simple as evaluating a single policy";
//! Snyder & Shen (2019), section 4.4.

use super::newsvendor;
use crate::forecast::distribution::Demand;

/// Spreads S − s beyond this are not searched.
const WIDEST: usize = 20_000;

/// An (s, S) policy and its cost per period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinMax {
    /// s: order when the position is at or below.
    pub reorder_point: f64,
    /// S: order up to.
    pub order_up_to: f64,
    pub cost: f64,
}

/// Costs of periodic review with backorders; money per order, and per unit at the end of a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    pub ordering: f64,
    pub holding: f64,
    pub backorder: f64,
}

/// Renewal masses of the demand of periods that have some, and the cost of a level.
struct Search<'a> {
    costs: &'a Costs,
    protection: &'a Demand,
    pmf: Vec<f64>,
    /// m(j): expected visits to the position S − j in a cycle.
    visits: Vec<f64>,
}

impl Search<'_> {
    /// G(y) = h·E[(y − D)⁺] + p·E[(D − y)⁺] over the protection interval.
    fn level_cost(&self, y: f64) -> f64 {
        newsvendor::cost(self.protection, self.costs.holding, self.costs.backorder, y)
    }

    /// m(j) for all j < spread; false where the spread is too wide.
    fn extend(&mut self, spread: usize) -> bool {
        if spread > self.pmf.len() {
            return false;
        }
        let moves = 1.0 - self.pmf[0];
        while self.visits.len() < spread {
            let j = self.visits.len();
            let reached: f64 = (1..=j).map(|l| self.pmf[l] * self.visits[j - l]).sum();
            self.visits.push(reached / moves);
        }
        true
    }

    /// c(s, S) = [K + Σ_{j<S−s} m(j)·G(S − j)] / Σ_{j<S−s} m(j).
    fn cost(&mut self, s: f64, up_to: f64) -> Option<f64> {
        let spread = (up_to - s) as usize;
        if spread == 0 || !self.extend(spread) {
            return None;
        }
        let (mut sum, mut time) = (self.costs.ordering, 0.0);
        for (j, visits) in self.visits[..spread].iter().enumerate() {
            sum += visits * self.level_cost(up_to - j as f64);
            time += visits;
        }
        Some(sum / time)
    }
}

/// Expected cost per period of (s, S); `None` where S ≤ s, the period has no demand or S − s is beyond 20,000.
///
/// `period` is the demand of one period, `protection` that of the lead time and one period (the same law without a lead time), both
/// in whole units.
///
/// ```
/// use restock::forecast::distribution::Demand;
/// use restock::policy::min_max::{Costs, expected_cost};
/// let costs = Costs { ordering: 5.0, holding: 1.0, backorder: 4.0 };
/// let demand = Demand::Poisson { mean: 6.0 };
/// assert!((expected_cost(&costs, &demand, &demand, 4.0, 10.0).unwrap() - 8.034_111_6).abs() < 1e-7);
/// ```
pub fn expected_cost(
    costs: &Costs,
    period: &Demand,
    protection: &Demand,
    reorder_point: f64,
    order_up_to: f64,
) -> Option<f64> {
    search(costs, period, protection)?.cost(reorder_point.round(), order_up_to.round())
}

fn search<'a>(costs: &'a Costs, period: &Demand, protection: &'a Demand) -> Option<Search<'a>> {
    if !period.whole_units() || period.sf(0.0) <= 0.0 {
        return None;
    }
    let last = (period.quantile(1.0 - 1e-12) + 1.0).min(WIDEST as f64);
    let mut pmf = period.table(last as usize).pmf;
    let moves = 1.0 - pmf[0];
    if moves <= 0.0 {
        return None;
    }
    pmf.resize(WIDEST + 1, 0.0);
    Some(Search {
        costs,
        protection,
        pmf,
        visits: vec![1.0 / moves],
    })
}

/// The (s, S) of least expected cost per period; `None` where costs are not positive or as for [`expected_cost`].
///
/// ```
/// use restock::forecast::distribution::Demand;
/// use restock::policy::min_max::{Costs, optimum};
/// let costs = Costs { ordering: 5.0, holding: 1.0, backorder: 4.0 };
/// let demand = Demand::Poisson { mean: 6.0 };
/// let best = optimum(&costs, &demand, &demand).unwrap();
/// assert_eq!((best.reorder_point, best.order_up_to), (4.0, 10.0));
/// ```
pub fn optimum(costs: &Costs, period: &Demand, protection: &Demand) -> Option<MinMax> {
    let positive = costs.ordering >= 0.0 && costs.holding > 0.0 && costs.backorder > 0.0;
    if !positive {
        return None;
    }
    let mut search = search(costs, period, protection)?;
    let least = newsvendor::optimum(protection, costs.holding, costs.backorder).level;
    let mut best = least;
    let mut s = least - 1.0;
    while search.cost(s, best)? > search.level_cost(s) {
        s -= 1.0;
    }
    let mut cost = search.cost(s, best)?;
    let mut up_to = best + 1.0;
    while search.level_cost(up_to) <= cost {
        if search.cost(s, up_to)? < cost {
            best = up_to;
            while s + 1.0 < best && search.cost(s, best)? <= search.level_cost(s + 1.0) {
                s += 1.0;
            }
            cost = search.cost(s, best)?;
        }
        up_to += 1.0;
    }
    Some(MinMax {
        reorder_point: s,
        order_up_to: best,
        cost,
    })
}
