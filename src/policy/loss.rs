//! Loss functions by their textbook names: units short on average when `level` are there, E[(D − level)⁺].
//!
//! Levels, means and standard deviations in units. Snyder & Shen (2019), "Fundamentals of Supply Chain Theory", appendix C; values as in
//! the documentation of stockpyl.

use crate::demand::law::{Counts, GammaLaw, normal};
use crate::forecast::distribution::Demand;

/// Standard normal loss G(z) = φ(z) − z·(1 − Φ(z)).
///
/// ```
/// assert!((restock::policy::loss::standard_normal(1.3) - 0.045_527_962_1).abs() < 1e-10);
/// ```
pub fn standard_normal(z: f64) -> f64 {
    normal::loss(z)
}

/// z with G(z) = g, for g > 0.
///
/// ```
/// use restock::policy::loss::{inverse_standard_normal, standard_normal};
/// assert!((inverse_standard_normal(standard_normal(1.3)) - 1.3).abs() < 1e-12);
/// ```
pub fn inverse_standard_normal(g: f64) -> f64 {
    normal::inverse_loss(g)
}

/// Normal demand.
///
/// ```
/// assert!((restock::policy::loss::normal(50.0, 8.0, 60.4) - 8.0 * 0.045_527_962_1).abs() < 1e-9);
/// ```
pub fn normal(mean: f64, sd: f64, level: f64) -> f64 {
    Demand::Normal { mean, sd }.loss(level)
}

/// Poisson demand.
///
/// ```
/// assert!((restock::policy::loss::poisson(15.0, 18.0) - 0.517_609_528_3).abs() < 1e-10);
/// ```
pub fn poisson(mean: f64, level: f64) -> f64 {
    Counts::poisson(mean).loss(level)
}

/// Negative binomial demand; variance > mean (else Poisson).
///
/// ```
/// // Size 1 is geometric: the excess beyond n is that of the start, times P(D ≥ n).
/// let geometric = restock::policy::loss::negative_binomial(3.0, 12.0, 2.0);
/// assert!((geometric - 3.0 * 0.75 * 0.75).abs() < 1e-12);
/// ```
pub fn negative_binomial(mean: f64, variance: f64, level: f64) -> f64 {
    Counts::matched(mean, variance).loss(level)
}

/// Gamma demand.
///
/// ```
/// assert!((restock::policy::loss::gamma(2.0, 3.0, 4.0) - 2.635_971_381_2).abs() < 1e-10);
/// ```
pub fn gamma(shape: f64, scale: f64, level: f64) -> f64 {
    GammaLaw::new(shape, scale).loss(level)
}
