//! The incomplete beta and gamma functions, in the parts that keep a tail's digits.

use std::f64::consts::TAU;

use super::normal;
use super::saddle::{deviance, poisson_pmf};

/// F in I_x(a, b) = xᵃ(1−x)ᵇ/(a·B(a, b)) · F, by Lentz's method; converges fast for x < (a+1)/(a+b+2).
pub(super) fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for i in 1..20_000 {
        let i = f64::from(i);
        let even = i * (b - i) * x / ((a + 2.0 * i - 1.0) * (a + 2.0 * i));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        h *= d * c;
        let odd = -(a + i) * (a + b + i) * x / ((a + 2.0 * i) * (a + 2.0 * i + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

/// (zᵃe^−z/Γ(a+1), P(a, z), Q(a, z)) for a > 0, z > 0.
pub(super) fn regularised(a: f64, z: f64) -> (f64, f64, f64) {
    let mass = poisson_pmf(a, z);
    if z > a + 1.0 {
        let sf = (mass * a * upper_fraction(a, z)).min(1.0);
        return (mass, 1.0 - sf, sf);
    }
    let (mut term, mut sum, mut n) = (1.0, 1.0, a);
    while term > 1e-17 * sum {
        n += 1.0;
        term *= z / n;
        sum += term;
    }
    let cdf = (mass * sum).min(1.0);
    (mass, cdf, 1.0 - cdf)
}

/// F in Q(a, z) = zᵃe^−z/Γ(a) · F for z > a + 1 (Legendre's continued fraction, by Lentz's method).
pub(super) fn upper_fraction(a: f64, z: f64) -> f64 {
    let mut b = z + 1.0 - a;
    let mut c = 1e300;
    let mut d = 1.0 / b;
    let mut h = d;
    for i in 1..100_000 {
        let i = f64::from(i);
        let an = -i * (i - a);
        b += 2.0;
        d = 1.0 / (an * d + b);
        c = b + an / c;
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

/// (P(D ≤ n), P(D > n)) of a Poisson law of a large mean m: the first term of the uniform expansion of the incomplete gamma
/// function in 1/(n+1), P(D ≤ n) = Q(n+1, m) (N. M. Temme, 1979).
pub(super) fn large_poisson_tails(n: f64, m: f64) -> (f64, f64) {
    let a = n + 1.0;
    let exponent = deviance(a, m);
    let eta = (m - a).signum() * (2.0 * exponent / a).sqrt();
    let correction = if eta.abs() < 1e-3 {
        -1.0 / 3.0 + eta / 12.0 - 2.0 * eta * eta / 135.0
    } else {
        a / (m - a) - 1.0 / eta
    };
    let rest = (-exponent).exp() / (TAU * a).sqrt() * correction;
    let score = eta * a.sqrt();
    (
        (normal::sf(score) + rest).clamp(0.0, 1.0),
        (normal::sf(-score) - rest).clamp(0.0, 1.0),
    )
}
