//! Service that a level gives, and the smallest level that gives a service.
//!
//! Fill is exact: units short at the end of what an order covers, less those short already at its start (Silver, Pyke & Thomas, 2017,
//! section 6.7; Zipkin, 2000, section 6.2; for periodic review Johnson, Lee, Davis & Hall, 1995).

use crate::forecast::distribution::Demand;

/// Targets are read as at most this: no level serves all of an unbounded demand.
const HIGHEST: f64 = 1.0 - 1e-9;
/// No level beyond this is looked for.
const LARGEST: f64 = 1e15;
/// A target is reached when it is missed by less than this.
const REACHED: f64 = 1e-12;

/// Probability that demand over the protection interval is served: P(D ≤ level).
pub fn cycle_service(demand: &Demand, level: f64) -> f64 {
    demand.cdf(level)
}

/// Exact fill of a reorder point r with lots of Q: β = 1 − [n(r) − n(r + Q)]/Q, n the loss of demand over the lead time.
///
/// Continuous review, backorders. Q ≤ 0 is read as its limit, one unit at a time: P(D ≤ r).
///
/// ```
/// use restock::forecast::distribution::Demand;
/// let lead_time = Demand::Normal { mean: 100.0, sd: 25.0 };
/// let fill = restock::policy::service::fill_of_reorder_point(&lead_time, 125.53, 15.0);
/// assert!((fill - 0.9035).abs() < 5e-5);
/// ```
pub fn fill_of_reorder_point(lead_time: &Demand, reorder_point: f64, lot: f64) -> f64 {
    if lot.is_nan() || lot <= 0.0 {
        return lead_time.cdf(reorder_point);
    }
    let short = lead_time.loss(reorder_point) - lead_time.loss(reorder_point + lot);
    (1.0 - short / lot).clamp(0.0, 1.0)
}

/// Exact fill of an order-up-to level S under periodic review: β = 1 − (E[(D_{L+R} − S)⁺] − E[(D_L − S)⁺])/E[D_R].
///
/// `protection` is demand over lead time and review period, `lead_time` over the lead time alone. 1 where the review period has no
/// demand.
///
/// ```
/// use restock::forecast::distribution::Demand;
/// use restock::policy::service::fill_of_level;
/// // Without lead time it is the share of one period's demand: 1 − E[(D − S)⁺]/E[D].
/// let period = Demand::Poisson { mean: 15.0 };
/// assert!((fill_of_level(&period, &Demand::Zero, 18.0) - (1.0 - 0.517_609_528_3 / 15.0)).abs() < 1e-10);
/// ```
pub fn fill_of_level(protection: &Demand, lead_time: &Demand, level: f64) -> f64 {
    let per_review = protection.mean() - lead_time.mean();
    if per_review.is_nan() || per_review <= 0.0 {
        return 1.0;
    }
    let short = protection.loss(level) - lead_time.loss(level);
    (1.0 - short / per_review).clamp(0.0, 1.0)
}

/// The smallest whole level with P(D ≤ level) ≥ target.
///
/// ```
/// use restock::forecast::distribution::Demand;
/// let lead_time = Demand::NegativeBinomial { mean: 20.0, variance: 50.0 };
/// assert_eq!(restock::policy::service::smallest_level_for_cycle(&lead_time, 0.95), 33.0);
/// assert_eq!(restock::policy::service::smallest_level_for_cycle(&lead_time, 0.98), 37.0);
/// ```
pub fn smallest_level_for_cycle(demand: &Demand, target: f64) -> f64 {
    whole(demand.quantile(target.min(HIGHEST)))
}

/// The smallest level with P(D ≤ level) ≥ target, whole for counts and fractional for other laws; not below 0.
pub fn level_for_cycle(demand: &Demand, target: f64) -> f64 {
    demand.quantile(target.min(HIGHEST)).max(0.0)
}

/// The smallest whole reorder point whose exact fill with lots of `lot` reaches the target; not below 0.
///
/// ```
/// use restock::forecast::distribution::Demand;
/// let lead_time = Demand::NegativeBinomial { mean: 20.0, variance: 50.0 };
/// let point = restock::policy::service::smallest_reorder_point_for_fill(&lead_time, 40.0, 0.98);
/// assert_eq!(point, 27.0);
/// ```
pub fn smallest_reorder_point_for_fill(lead_time: &Demand, lot: f64, target: f64) -> f64 {
    let target = target.min(HIGHEST) - REACHED;
    let start = start(lead_time, lot, target);
    smallest_whole(start, |r| {
        fill_of_reorder_point(lead_time, r, lot) >= target
    })
}

/// The smallest whole order-up-to level whose exact fill under periodic review reaches the target; not below 0.
///
/// ```
/// use restock::forecast::distribution::Demand;
/// use restock::policy::service::{fill_of_level, smallest_level_for_fill};
/// let (protection, lead_time) = (Demand::Poisson { mean: 21.0 }, Demand::Poisson { mean: 14.0 });
/// let level = smallest_level_for_fill(&protection, &lead_time, 0.95);
/// assert!(fill_of_level(&protection, &lead_time, level) >= 0.95);
/// assert!(fill_of_level(&protection, &lead_time, level - 1.0) < 0.95);
/// ```
pub fn smallest_level_for_fill(protection: &Demand, lead_time: &Demand, target: f64) -> f64 {
    let target = target.min(HIGHEST) - REACHED;
    let start = start(protection, protection.mean() - lead_time.mean(), target);
    smallest_whole(start, |s| fill_of_level(protection, lead_time, s) >= target)
}

/// The smallest level whose exact fill under periodic review reaches the target: whole for counts, fractional (to 10⁻⁹ of itself)
/// for other laws.
pub fn level_for_fill(protection: &Demand, lead_time: &Demand, target: f64) -> f64 {
    let upper = smallest_level_for_fill(protection, lead_time, target);
    if upper == 0.0 || (protection.whole_units() && lead_time.whole_units()) {
        return upper;
    }
    let target = target.min(HIGHEST) - REACHED;
    let (mut lo, mut hi) = (upper - 1.0, upper);
    while hi - lo > 1e-9 * hi {
        let middle = 0.5 * (lo + hi);
        if fill_of_level(protection, lead_time, middle) >= target {
            hi = middle;
        } else {
            lo = middle;
        }
    }
    hi
}

/// The smallest whole number that is not below the level.
fn whole(level: f64) -> f64 {
    (level - 1e-9).ceil().max(0.0)
}

/// Where a fill target lies for a normal law and a large lot: G(k) = Q·(1 − β)/σ.
fn start(demand: &Demand, lot: f64, target: f64) -> f64 {
    let sd = demand.sd();
    let factor = if sd > 0.0 && lot > 0.0 {
        crate::demand::law::normal::inverse_loss(lot * (1.0 - target) / sd)
    } else {
        0.0
    };
    whole(demand.mean() + sd * factor.clamp(-20.0, 20.0))
}

/// The smallest whole n ≥ 0 for which a condition that, once true, stays true is true; searched outward from `start`.
fn smallest_whole(start: f64, reaches: impl Fn(f64) -> bool) -> f64 {
    let start = if start.is_finite() {
        start.min(LARGEST)
    } else {
        0.0
    };
    let (mut lo, mut hi) = (-1.0, start);
    let mut step = 1.0;
    if reaches(hi) {
        while hi > 0.0 {
            let next = (hi - step).max(0.0);
            if reaches(next) {
                hi = next;
                step *= 2.0;
            } else {
                lo = next;
                break;
            }
        }
    } else {
        loop {
            lo = hi;
            hi += step;
            step *= 2.0;
            if reaches(hi) || hi > LARGEST {
                break;
            }
        }
    }
    while hi - lo > 1.0 {
        let middle = ((lo + hi) / 2.0).floor();
        if reaches(middle) {
            hi = middle;
        } else {
            lo = middle;
        }
    }
    hi
}
