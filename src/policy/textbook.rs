//! The formulas that planners learn, labelled as such, for comparison and for `method = "textbook"`.
//!
//! Silver, Pyke & Thomas (2017), "Inventory and Production Management in Supply Chains"; Nahmias & Olsen (2015), "Production and
//! Operations Analysis".

use crate::demand::law::normal;

/// Mean (units) and variance (units²) of demand over a random lead time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    pub mean: f64,
    pub variance: f64,
}

impl Moments {
    /// Standard deviation in units.
    pub fn sd(&self) -> f64 {
        self.variance.sqrt()
    }
}

/// Demand over a random lead time: mean d·L, variance L·σ² + d²·σ_L², for demand a period of mean d and standard deviation σ
/// (independent between periods) and a lead time of mean L and standard deviation σ_L periods (Hadley & Whitin, 1963).
///
/// ```
/// let over = restock::policy::textbook::over_random_lead_time(100.0, 22.0, 12.0, 3.0);
/// assert_eq!(over.mean, 1200.0);
/// assert!((over.sd() - 309.5287).abs() < 5e-5);
/// ```
pub fn over_random_lead_time(
    demand_mean: f64,
    demand_sd: f64,
    lead_time_mean: f64,
    lead_time_sd: f64,
) -> Moments {
    Moments {
        mean: demand_mean * lead_time_mean,
        variance: lead_time_mean * demand_sd * demand_sd
            + demand_mean * demand_mean * lead_time_sd * lead_time_sd,
    }
}

/// z of a cycle service target.
///
/// ```
/// assert!((restock::policy::textbook::safety_factor(0.95) - 1.644_853_6).abs() < 1e-7);
/// ```
pub fn safety_factor(cycle_target: f64) -> f64 {
    normal::quantile(cycle_target.clamp(1e-9, 1.0 - 1e-9))
}

/// Safety stock of periodic review: z·σ·√(R + L), with σ of one period and R, L in periods.
///
/// ```
/// use restock::policy::textbook::periodic_safety_stock;
/// assert!((periodic_safety_stock(25.0, 1.0, 0.0, 0.95) - 41.12).abs() < 5e-3);
/// assert!((periodic_safety_stock(25.0, 1.0, 2.0, 0.95) - 71.22).abs() < 5e-3);
/// ```
pub fn periodic_safety_stock(sd: f64, review: f64, lead_time: f64, cycle_target: f64) -> f64 {
    safety_factor(cycle_target) * sd * (review + lead_time).max(0.0).sqrt()
}

/// Reorder point of a cycle target for normal lead-time demand: μ_L + z·σ_L.
///
/// ```
/// let point = restock::policy::textbook::normal_reorder_point(100.0, 25.0, 0.98);
/// assert!((point - 151.34).abs() < 5e-3);
/// ```
pub fn normal_reorder_point(mean: f64, sd: f64, cycle_target: f64) -> f64 {
    mean + safety_factor(cycle_target) * sd
}

/// Safety factor k of a fill target by G(k) = Q·(1 − β)/σ_L: forgets what is short at the start of a cycle, fair for large lots
/// only.
///
/// ```
/// let k = restock::policy::textbook::safety_factor_for_fill(200.0, 11.4, 0.99);
/// assert!((k - 0.5757).abs() < 5e-5);
/// ```
pub fn safety_factor_for_fill(lot: f64, sd: f64, fill_target: f64) -> f64 {
    if sd > 0.0 {
        normal::inverse_loss(lot * (1.0 - fill_target.min(1.0 - 1e-9)) / sd)
    } else {
        0.0
    }
}

/// Fill by the same approximation: 1 − σ_L·G((r − μ_L)/σ_L)/Q; negative where it fails altogether.
///
/// ```
/// let fill = restock::policy::textbook::approximate_fill(100.0, 25.0, 15.0, 125.53);
/// assert!((fill - 0.8667).abs() < 5e-5);
/// ```
pub fn approximate_fill(mean: f64, sd: f64, lot: f64, reorder_point: f64) -> f64 {
    if sd > 0.0 {
        1.0 - sd * normal::loss((reorder_point - mean) / sd) / lot
    } else {
        1.0 - (mean - reorder_point).max(0.0) / lot
    }
}

/// Safety stock of independent channels kept apart, z·Σσ, and pooled, z·√Σσ² (Eppen, 1979). Units.
///
/// ```
/// let (apart, pooled) = restock::policy::textbook::pooling(&[10.0; 4], 1.645);
/// assert!((apart - 65.8).abs() < 1e-9 && (pooled - 32.9).abs() < 1e-9);
/// ```
pub fn pooling(sds: &[f64], safety_factor: f64) -> (f64, f64) {
    let apart: f64 = sds.iter().sum();
    let pooled = sds.iter().map(|s| s * s).sum::<f64>().sqrt();
    (safety_factor * apart, safety_factor * pooled)
}
