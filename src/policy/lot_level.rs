//! The reorder point over the cycle that an order makes: the least level whose service, over all the time that its orders last, reaches the target.
//!
//! Just one review period after its order arrives, a least order of many weeks has shown little of what it serves. Here a level is judged by where
//! the position stands after a review ([`LotCycle`]): customers who find nothing wait, and every review period starts from there (exact; Hadley
//! & Whitin, 1963), or they go away, and the orders themselves are followed ([`super::lost_orders`]).

use super::loss_curve::LossCurve;
use super::lost_orders::{LostOrders, Waiting};
use super::lot_cycle::{LotCycle, OrderSize};
use super::order_chain::CELLS;
use super::protection::{Protection, Search};
use crate::domain::ServiceMeasure;

/// Less than this share of demand short is none.
const NONE: f64 = 1e-9;

/// A reorder point, and the service of the interval that an order placed right at it covers: of the actual interval the same is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LotLevel {
    /// Units, ≥ 0.
    pub level: f64,
    /// Service of the covered interval when the position stands at the level and nothing is ordered beyond it, were all customers to wait.
    pub plain: f64,
    /// The same with the customers lost who will not wait: what an order is to reach at least.
    pub need: f64,
}

/// What a level is judged by: demand up to this order's arrival and up to the next one's, and where the position stands.
pub(super) struct CycleLaw {
    pub(super) lead: LossCurve,
    pub(super) whole: LossCurve,
    /// `None` where every review orders what its level lacks.
    cycle: Option<LotCycle>,
}

/// Right at the level.
const AT_LEVEL: &[(f64, f64)] = &[(0.0, 1.0)];

impl CycleLaw {
    pub(super) fn new(protection: &Protection, size: &OrderSize) -> Self {
        let review = protection.pace.law(protection.review);
        let (lead, whole) = protection.curves();
        Self {
            lead,
            whole,
            cycle: LotCycle::new(size, &review),
        }
    }

    /// (units above the level, probability) after a review.
    pub(super) fn above(&self) -> &[(f64, f64)] {
        self.cycle.as_ref().map_or(AT_LEVEL, |c| &c.above)
    }

    /// Units short of the covered interval's demand, on average, when an order lifts the position to `x`.
    fn short(&self, x: f64) -> f64 {
        self.whole.loss(x) - self.lead.loss(x)
    }

    fn asked(&self) -> f64 {
        self.whole.mean() - self.lead.mean()
    }

    /// Share of units served at once at reorder point `level` where customers wait, over all positions.
    pub(super) fn fill(&self, level: f64) -> f64 {
        let asked = self.asked();
        if asked <= 0.0 {
            return 1.0;
        }
        let short = mean(self.above(), |y| self.short(level + y));
        (1.0 - short / asked).clamp(0.0, 1.0)
    }

    /// Service at reorder point `level` where customers wait. `Cycle`: probability that the shelf does not run out before an order's receipt.
    /// `Cost`: probability of a review period without stockout, over all positions, so that the whole lot is held against it.
    fn service(&self, measure: ServiceMeasure, level: f64) -> f64 {
        match (measure, &self.cycle) {
            (ServiceMeasure::Fill, _) => self.fill(level),
            (ServiceMeasure::Cycle, Some(cycle)) => {
                mean(&cycle.deficit, |z| 1.0 - self.lead.sf(level - z))
            }
            _ => mean(self.above(), |y| 1.0 - self.whole.sf(level + y)),
        }
    }

    /// The least level that reaches `target` where customers wait.
    fn least(&self, protection: &Protection, measure: ServiceMeasure, target: f64) -> f64 {
        if protection.mean() > 0.0 {
            protection
                .search()
                .least(target, |level| self.service(measure, level))
        } else {
            0.0
        }
    }

    /// Service of the interval that an order covers which lifts the position just to `level`.
    fn plain(&self, measure: ServiceMeasure, level: f64) -> f64 {
        match measure {
            ServiceMeasure::Fill if self.asked() <= 0.0 => 1.0,
            ServiceMeasure::Fill => 1.0 - self.short(level) / self.asked(),
            ServiceMeasure::Cycle | ServiceMeasure::Cost => 1.0 - self.whole.sf(level),
        }
    }
}

fn mean(law: &[(f64, f64)], of: impl Fn(f64) -> f64) -> f64 {
    law.iter().map(|(x, p)| p * of(*x)).sum()
}

/// How much a share `capture` of customers who wait moves the level from where all are lost to where all wait, 0..=1. Who waits takes from the next
/// order; a few do little to it (fitted to simulated levels; 0.20, 0.44 and 0.70 at a quarter, a half and three quarters).
fn weight_of_waiting(capture: f64) -> f64 {
    let share = capture.clamp(0.0, 1.0);
    share * (3.0 + share) / 4.0
}

/// A reorder point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    /// Every review orders what the position lacks of it.
    UpTo(f64),
    /// A least order is due where the position is at or below it.
    Lots(LotLevel),
}

impl Level {
    /// Units, ≥ 0.
    pub fn units(&self) -> f64 {
        match self {
            Self::UpTo(level) => *level,
            Self::Lots(lots) => lots.level,
        }
    }
}

/// The least level for orders of `size` whose service reaches `target` when a share `capture` of the customers who find nothing waits.
///
/// ```
/// use restock::domain::ServiceMeasure;
/// use restock::policy::lot_cycle::OrderSize;
/// use restock::policy::lot_level::level;
/// use restock::policy::protection::{Pace, Protection};
/// // One unit a day, ten days' lead time, reviewed weekly.
/// let pace = Pace { mean: 1.0, dispersion: 1.0, level_variance: 0.0, whole_units: true };
/// let protection = Protection::steady(pace, &[(10, 1.0)], 7);
/// let lots = OrderSize { moq: 24.0, multiple: 1.0, whole_units: true };
/// let of = |size| level(&protection, size, ServiceMeasure::Fill, 0.95, 1.0).units();
/// // Simulated over six million days: 22 units where any quantity can be ordered, 15 where each order lasts 24 days or more.
/// assert_eq!((of(&OrderSize::units(true)), of(&lots)), (22.0, 15.0));
/// ```
pub fn level(
    protection: &Protection,
    size: &OrderSize,
    measure: ServiceMeasure,
    target: f64,
    capture: f64,
) -> Level {
    let law = CycleLaw::new(protection, size);
    let search = protection.search();
    let service = |level: f64| law.service(measure, level);
    let waiting = law.least(protection, measure, target);
    let share = weight_of_waiting(capture);
    let (mut level, mut short) = (waiting, 1.0);
    if measure == ServiceMeasure::Fill && share < 1.0 {
        // Beside a level of many lots the lot is one of its units.
        let size = if law.cycle.is_some() && size.order(0.0) * CELLS >= waiting {
            *size
        } else {
            OrderSize::units(size.whole_units)
        };
        let exact = Waiting {
            level: waiting,
            between: between(&search, waiting, target, service),
        };
        if let Some(orders) = LostOrders::new(protection, &size, &exact) {
            let lost = orders.level(&search, target, &exact);
            level = mixed(&search, lost, waiting, share);
            let waits = 1.0 - service(level);
            if waits > NONE && law.cycle.is_some() {
                let lost = 1.0 - orders.fill(level);
                short = ((lost + (waits - lost) * share) / waits).clamp(0.0, 2.0);
            }
        }
    }
    if law.cycle.is_none() {
        return Level::UpTo(level);
    }
    let plain = law.plain(measure, level);
    Level::Lots(LotLevel {
        level,
        plain,
        need: 1.0 - short * (1.0 - plain),
    })
}

/// The level for orders of `size` were all customers to wait, units ≥ 0.
pub(super) fn waiting_level(
    protection: &Protection,
    size: &OrderSize,
    measure: ServiceMeasure,
    target: f64,
) -> f64 {
    CycleLaw::new(protection, size).least(protection, measure, target)
}

/// Between the level where all customers are lost and the one where all wait.
fn mixed(search: &Search, lost: f64, waiting: f64, share: f64) -> f64 {
    let level = lost + (waiting - lost) * share;
    if search.resolution >= 1.0 {
        (level - 1e-6).ceil()
    } else {
        level
    }
}

/// Where between the last level that misses the target and `level`, the least that reaches it, a straight line does.
fn between(search: &Search, level: f64, target: f64, service: impl Fn(f64) -> f64) -> f64 {
    if search.resolution < 1.0 || level <= 0.0 {
        return level;
    }
    let (below, at) = (service(level - 1.0), service(level));
    if at > below {
        level - 1.0 + ((target - below) / (at - below)).clamp(0.0, 1.0)
    } else {
        level
    }
}

#[cfg(test)]
#[path = "lot_level_tests.rs"]
mod tests;
