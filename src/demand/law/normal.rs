//! The standard normal law.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2, TAU};

use statrs::function::erf::{erfc, erfc_inv};

/// Density φ(z).
pub fn pdf(z: f64) -> f64 {
    (-0.5 * z * z).exp() / TAU.sqrt()
}

/// P(Z ≤ z).
pub fn cdf(z: f64) -> f64 {
    0.5 * erfc(-z * FRAC_1_SQRT_2)
}

/// P(Z > z), exact in the upper tail.
pub fn sf(z: f64) -> f64 {
    0.5 * erfc(z * FRAC_1_SQRT_2)
}

/// z with P(Z ≤ z) = p. `p` is read within [10⁻³⁰⁰, 1 − 10⁻¹⁶].
///
/// ```
/// assert!((restock::demand::law::normal::quantile(0.95) - 1.644_853_626_951_472).abs() < 1e-12);
/// ```
pub fn quantile(p: f64) -> f64 {
    let p = p.clamp(1e-300, 1.0 - 1e-16);
    let z = -SQRT_2 * erfc_inv(2.0 * p);
    // One Newton step takes out what the rational approximation leaves.
    let slope = pdf(z);
    let error = if p < 0.5 {
        cdf(z) - p
    } else {
        (1.0 - p) - sf(z)
    };
    if slope > 0.0 { z - error / slope } else { z }
}

/// Unit loss G(z) = E[(Z − z)⁺] = φ(z) − z·(1 − Φ(z)).
///
/// ```
/// // Snyder & Shen (2019), as in stockpyl's documentation of `standard_normal_loss`.
/// assert!((restock::demand::law::normal::loss(1.3) - 0.045_527_962_1).abs() < 1e-10);
/// ```
pub fn loss(z: f64) -> f64 {
    if z < 0.0 {
        return -z + loss(-z);
    }
    // sf = φ/h, so φ − z·φ/h = φ·(h − z)/h; beyond 5 the plain difference loses digits.
    if z > 5.0 {
        let excess = tail_excess(z);
        pdf(z) * excess / (z + excess)
    } else {
        (pdf(z) - z * sf(z)).max(0.0)
    }
}

/// E[((Z − z)⁺)²]/2 = ½·[(z² + 1)(1 − Φ(z)) − z·φ(z)]: the integral of the unit loss from z up.
pub fn second_loss(z: f64) -> f64 {
    (0.5 * ((z * z + 1.0) * sf(z) - z * pdf(z))).max(0.0)
}

/// z with G(z) = g, for g > 0 (read as at least 10⁻³⁰⁰).
///
/// ```
/// // Silver, Pyke & Thomas (2017): G(0.5757) = 0.175439.
/// assert!((restock::demand::law::normal::inverse_loss(2.0 / 11.4) - 0.5757).abs() < 5e-5);
/// ```
pub fn inverse_loss(g: f64) -> f64 {
    if !(g > 0.0) {
        return inverse_loss(1e-300);
    }
    let g = g.max(1e-300);
    if g >= loss(0.0) {
        // G is convex and falls: Newton's method from G(−g) ≥ g climbs to the root.
        let mut z = -g;
        for _ in 0..100 {
            let step = (loss(z) - g) / sf(z);
            z += step;
            if step.abs() <= 1e-15 * (1.0 + z.abs()) {
                break;
            }
        }
        return z;
    }
    // ln G is concave and falls: after one step Newton's method comes down to the root from above.
    let mut z = 0.0;
    for _ in 0..100 {
        let value = loss(z);
        if !(value > 0.0) {
            return z;
        }
        let step = (value / g).ln() * value / sf(z);
        z += step;
        if step.abs() <= 1e-15 * (1.0 + z) {
            break;
        }
    }
    z
}

/// Hazard φ(z)/(1 − Φ(z)), for any z.
pub fn hazard(z: f64) -> f64 {
    if z > 5.0 {
        z + tail_excess(z)
    } else {
        pdf(z) / sf(z)
    }
}

/// φ(z)/(1 − Φ(z)) − z = E[Z − z | Z > z]-like excess of the hazard, by its continued fraction 1/(z + 2/(z + 3/(z + …)));
/// for z > 5.
fn tail_excess(z: f64) -> f64 {
    let mut tail = z;
    for i in (2..60).rev() {
        tail = z + f64::from(i) / tail;
    }
    1.0 / tail
}
