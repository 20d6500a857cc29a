//! (r, Q): continuous review, an order of Q whenever the position falls to r, backorders at a cost per unit and time.
//!
//! Long-run cost (K·λ + ∫_r^{r+Q} g(y) dy)/Q, a sum over r + 1..=r + Q for whole units, with g(y) = h·E[(y − D)⁺] + p·E[(D − y)⁺]
//! and D demand over the lead time (Hadley & Whitin, 1963; Zheng, 1992; Snyder & Shen, 2019, section 5.1).

use super::lot::economic_with_backorders;
use super::newsvendor;
use crate::demand::law::normal;
use crate::forecast::distribution::Demand;

/// Costs and rate; money, units and one unit of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// K per order.
    pub ordering: f64,
    /// h per unit and time.
    pub holding: f64,
    /// p per unit and time.
    pub backorder: f64,
    /// λ units per time.
    pub rate: f64,
}

/// A reorder point, a lot, and their cost per time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReorderPoint {
    pub reorder_point: f64,
    pub lot: f64,
    pub cost: f64,
}

/// Cost of (r, Q) for normal demand over the lead time; Q > 0, sd > 0.
///
/// ```
/// use restock::policy::reorder_point::{Setting, normal_cost};
/// let setting = Setting { ordering: 8.0, holding: 0.225, backorder: 7.5, rate: 1300.0 };
/// let (mean, sd) = (1300.0 / 12.0, 150.0 / 12.0_f64.sqrt());
/// assert!((normal_cost(&setting, mean, sd, 126.8, 328.5) - 78.071_162_5).abs() < 1e-7);
/// ```
pub fn normal_cost(setting: &Setting, mean: f64, sd: f64, reorder_point: f64, lot: f64) -> f64 {
    let (h, p) = (setting.holding, setting.backorder);
    let z = |y: f64| (y - mean) / sd;
    // ∫ n(y) dy from r to r + Q, n the loss.
    let losses = sd
        * sd
        * (normal::second_loss(z(reorder_point)) - normal::second_loss(z(reorder_point + lot)));
    setting.ordering * setting.rate / lot
        + h * (reorder_point + lot / 2.0 - mean)
        + (h + p) * losses / lot
}

/// The (r, Q) of least cost for normal demand over the lead time: for each Q the r with g(r) = g(r + Q), and the Q whose cost equals
/// it (Zheng, 1992). `None` where a cost, the rate or the sd is not positive.
pub fn normal_optimum(setting: &Setting, mean: f64, sd: f64) -> Option<ReorderPoint> {
    let lot = economic_with_backorders(
        setting.ordering,
        setting.holding,
        setting.backorder,
        setting.rate,
    )?;
    if sd.is_nan() || sd <= 0.0 {
        return None;
    }
    let demand = Demand::Normal { mean, sd };
    let g = |y: f64| newsvendor::cost(&demand, setting.holding, setting.backorder, y);
    let least = newsvendor::optimum(&demand, setting.holding, setting.backorder).level;
    let best_r = |q: f64| {
        let (mut lo, mut hi) = (least - q, least);
        for _ in 0..200 {
            let middle = 0.5 * (lo + hi);
            if middle <= lo || middle >= hi {
                break;
            }
            // Too low where r costs more than r + Q.
            if g(middle) > g(middle + q) {
                lo = middle;
            } else {
                hi = middle;
            }
        }
        0.5 * (lo + hi)
    };
    // Cost falls in Q while it is above g at the ends. The optimum is not below the economic lot.
    let falls = |q: f64| {
        let r = best_r(q);
        normal_cost(setting, mean, sd, r, q) > g(r)
    };
    let (mut lo, mut hi) = (lot.quantity * (1.0 - 1e-9), 2.0 * lot.quantity + sd);
    while falls(hi) && hi < 1e15 {
        lo = hi;
        hi *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (lo + hi);
        if middle <= lo || middle >= hi {
            break;
        }
        if falls(middle) {
            lo = middle;
        } else {
            hi = middle;
        }
    }
    let quantity = 0.5 * (lo + hi);
    let reorder_point = best_r(quantity);
    Some(ReorderPoint {
        reorder_point,
        lot: quantity,
        cost: normal_cost(setting, mean, sd, reorder_point, quantity),
    })
}

/// Cost of whole (r, Q) for demand in whole units over the lead time; Q ≥ 1.
///
/// ```
/// use restock::forecast::distribution::Demand;
/// use restock::policy::reorder_point::{Setting, whole_cost};
/// let setting = Setting { ordering: 100.0, holding: 20.0, backorder: 150.0, rate: 1.5 };
/// let cost = whole_cost(&setting, &Demand::Poisson { mean: 3.0 }, 3.0, 5.0);
/// assert!((cost - 107.923_580_6).abs() < 1e-7);
/// ```
pub fn whole_cost(setting: &Setting, lead_time: &Demand, reorder_point: f64, lot: f64) -> f64 {
    let steps = lot.round().clamp(1.0, 1e7) as u32;
    let held: f64 = (1..=steps)
        .map(|i| {
            let level = reorder_point + f64::from(i);
            newsvendor::cost(lead_time, setting.holding, setting.backorder, level)
        })
        .sum();
    (setting.ordering * setting.rate + held) / f64::from(steps)
}

/// The whole (r, Q) of least cost for demand in whole units over the lead time: grow the interval from the cheapest level to its
/// cheaper side as long as that lowers the average (Federgruen & Zheng, 1992). `None` where a cost or the rate is not positive.
pub fn whole_optimum(setting: &Setting, lead_time: &Demand) -> Option<ReorderPoint> {
    let positive = setting.ordering > 0.0
        && setting.holding > 0.0
        && setting.backorder > 0.0
        && setting.rate > 0.0;
    if !positive {
        return None;
    }
    let g = |y: f64| newsvendor::cost(lead_time, setting.holding, setting.backorder, y);
    let least = newsvendor::optimum(lead_time, setting.holding, setting.backorder).level;
    let (mut r, mut q) = (least - 1.0, 1.0);
    let mut sum = setting.ordering * setting.rate + g(least);
    let (mut below, mut above) = (g(r), g(r + q + 1.0));
    while q < 1e7 {
        let next = below.min(above);
        if next >= sum / q {
            break;
        }
        sum += next;
        q += 1.0;
        if below <= above {
            r -= 1.0;
            below = g(r);
        } else {
            above = g(r + q + 1.0);
        }
    }
    Some(ReorderPoint {
        reorder_point: r,
        lot: q,
        cost: sum / q,
    })
}
