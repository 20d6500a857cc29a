//! The gamma law: demand in fractional quantities (kg, m).

use statrs::function::gamma::ln_gamma;

use super::incomplete::{regularised, upper_fraction};
use super::{Tails, normal};

/// Spreads below 1/√10⁹ of the mean are read as that, so that no series is endless.
const LARGEST_SHAPE: f64 = 1e9;

/// A gamma law by shape and scale (units).
///
/// ```
/// use restock::demand::law::GammaLaw;
/// // Snyder & Shen (2019), as in stockpyl's documentation of `gamma_loss`.
/// assert!((GammaLaw::new(2.0, 3.0).tails(4.0).loss - 2.635_971_381_2).abs() < 1e-10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaLaw {
    shape: f64,
    scale: f64,
}

impl GammaLaw {
    /// Shape within 10⁻⁶..=10⁹ and scale > 0 (units); parameters outside are read as the nearest within.
    pub fn new(shape: f64, scale: f64) -> Self {
        let least = |v: f64, least: f64| if v > least { v } else { least };
        Self {
            shape: least(shape, 1e-6).min(LARGEST_SHAPE),
            scale: least(scale, 1e-300).min(1e300),
        }
    }

    /// The law of that mean (units) and variance (units²), both > 0; where the shape is outside its range the mean is kept.
    pub fn matched(mean: f64, variance: f64) -> Self {
        let shape = mean / variance * mean;
        let law = Self::new(shape, variance / mean);
        Self::new(law.shape, mean / law.shape)
    }

    /// E[D] = shape·scale.
    pub fn mean(&self) -> f64 {
        self.shape * self.scale
    }

    /// P(D ≤ x), P(D > x) and E[(D − x)⁺] = (m − x)·Q(a, z) + m·zᵃe^−z/Γ(a+1), z = x/scale.
    pub fn tails(&self, x: f64) -> Tails {
        let mean = self.mean();
        if x <= 0.0 {
            return Tails::below_support(mean, x);
        }
        if x == f64::INFINITY {
            return Tails::NOTHING_LEFT;
        }
        let z = x / self.scale;
        let (mass, cdf, sf) = regularised(self.shape, z);
        Tails {
            cdf,
            sf,
            loss: ((mean - x) * sf + mean * mass).max(mean - x).max(0.0),
        }
    }

    /// P(D > x).
    pub fn sf(&self, x: f64) -> f64 {
        self.tails(x).sf
    }

    /// zᵃe^−z/Γ(a+1) divided by P(D > x), z = x/scale: what every moment beyond x needs. Works where P(D > x) underflows.
    pub fn inverse_mills(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let z = x / self.scale;
        if z > self.shape + 1.0 {
            1.0 / (self.shape * upper_fraction(self.shape, z))
        } else {
            let (mass, _, sf) = regularised(self.shape, z);
            mass / sf
        }
    }

    /// x with P(D ≤ x) = p. `p` is read within [0, 1 − 10⁻¹²].
    pub fn quantile(&self, p: f64) -> f64 {
        if p.is_nan() || p <= 0.0 {
            0.0
        } else if p < 0.5 {
            self.solve(p, false)
        } else {
            self.solve((1.0 - p).max(1e-12), true)
        }
    }

    /// x with P(D > x) = `tail`, for 10⁻³⁰⁰ ≤ tail < 1.
    pub fn upper_quantile(&self, tail: f64) -> f64 {
        if tail >= 1.0 {
            0.0
        } else if tail > 0.5 {
            self.solve(1.0 - tail, false)
        } else {
            self.solve(tail.max(1e-300), true)
        }
    }

    /// Newton's method on the logarithm of the smaller tail against ln z, kept within a bracket that shrinks.
    fn solve(&self, probability: f64, upper: bool) -> f64 {
        let a = self.shape;
        let goal = probability.ln();
        let score = normal::quantile(probability) * if upper { -1.0 } else { 1.0 };
        let c = 1.0 / (9.0 * a);
        let root = 1.0 - c + score * c.sqrt();
        let mut y = if root > 0.1 {
            (a * root * root * root).ln()
        } else {
            // Near zero P(a, z) ≈ zᵃ/Γ(a+1).
            let below = if upper {
                1.0 - probability
            } else {
                probability
            };
            ((below.ln() + ln_gamma(a + 1.0)) / a).max(-700.0)
        };
        let (mut lo, mut hi) = (f64::NEG_INFINITY, f64::INFINITY);
        for _ in 0..200 {
            let z = y.exp();
            let (mass, cdf, sf) = regularised(a, z);
            let value = if upper { sf } else { cdf };
            let off = value.ln() - goal;
            if (off > 0.0) == upper {
                lo = y;
            } else {
                hi = y;
            }
            // d cdf / d ln z = a·zᵃe^−z/Γ(a+1).
            let slope = a * mass / value * if upper { -1.0 } else { 1.0 };
            let mut next = y - off / slope;
            if (next - y).abs() <= 4e-16 * y.abs().max(1.0) || y < -740.0 {
                break;
            }
            if !next.is_finite() || next <= lo || next >= hi {
                next = match (lo.is_finite(), hi.is_finite()) {
                    (true, true) => 0.5 * (lo + hi),
                    (true, false) => y + 1.0,
                    (false, _) => y - 1.0,
                };
            }
            if next == y {
                break;
            }
            y = next;
        }
        self.scale * y.exp()
    }
}
