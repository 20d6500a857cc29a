//! The formulas that planners learn, labelled as such, for comparison and for `method = "textbook"`.
//!
//! Silver, Pyke & Thomas (2017), "Inventory and Production Management in Supply Chains"; Nahmias & Olsen (2015), "Production and
//! Operations Analysis".

use crate::demand::law::normal;

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
