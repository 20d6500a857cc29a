//! Probabilities by the saddle-point expansion, which keeps full precision where differences of `ln Γ` lose it.
//!
//! Source: C. Loader (2000), "Fast and accurate computation of binomial probabilities".

use std::f64::consts::TAU;

use statrs::function::gamma::ln_gamma;

/// δ(n) for n = 1..=15; index 0 is unused.
const STIRLING_ERROR: [f64; 16] = [
    0.0,
    0.081_061_466_795_327_26,
    0.041_340_695_955_409_3,
    0.027_677_925_684_998_34,
    0.020_790_672_103_765_093,
    0.016_644_691_189_821_193,
    0.013_876_128_823_070_748,
    0.011_896_709_945_891_77,
    0.010_411_265_261_972_096,
    0.009_255_462_182_712_733,
    0.008_330_563_433_362_87,
    0.007_573_675_487_951_841,
    0.006_942_840_107_209_53,
    0.006_408_994_188_004_207,
    0.005_951_370_112_758_847_5,
    0.005_554_733_551_962_801,
];

/// δ(n) = ln Γ(n+1) − (n + ½) ln n + n − ½ ln 2π for real n > 0.
pub(super) fn stirling_error(n: f64) -> f64 {
    if n <= 15.0 {
        if n >= 1.0 && n.fract() == 0.0 {
            return STIRLING_ERROR[n as usize];
        }
        return ln_gamma(n + 1.0) - (n + 0.5) * n.ln() + n - 0.5 * TAU.ln();
    }
    let square = n * n;
    let tail = (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / 1188.0 / square) / square) / square;
    (1.0 / 12.0 - (1.0 / 360.0 - tail) / square) / n
}

/// x ln(x/m) + m − x for x, m > 0, without cancellation where x ≈ m.
pub(super) fn deviance(x: f64, m: f64) -> f64 {
    let difference = x - m;
    if difference.abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() - difference;
    }
    let v = difference / (x + m);
    let square = v * v;
    let mut sum = difference * v;
    let mut term = 2.0 * x * v;
    for j in 1..1000 {
        term *= square;
        let next = sum + term / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// e^−m · m^x / Γ(x+1) for real x ≥ 0, m ≥ 0.
pub(super) fn poisson_pmf(x: f64, m: f64) -> f64 {
    if m <= 0.0 {
        return if x == 0.0 { 1.0 } else { 0.0 };
    }
    if x <= 0.0 {
        return (-m).exp();
    }
    (-stirling_error(x) - deviance(x, m)).exp() / (TAU * x).sqrt()
}

/// Γ(k+n)/(Γ(k) n!) · (k/(k+m))^k · (m/(k+m))^n for n ≥ 0, finite k > 0, m > 0.
pub(super) fn negative_binomial_pmf(n: f64, k: f64, m: f64) -> f64 {
    if n <= 0.0 {
        return (-k * (m / k).ln_1p()).exp();
    }
    negative_binomial_exponent(n, k, m).exp() * (k / (TAU * n * (k + n))).sqrt()
}

fn negative_binomial_exponent(n: f64, k: f64, m: f64) -> f64 {
    let both = k + n;
    stirling_error(both)
        - stirling_error(k)
        - stirling_error(n)
        - deviance(k, both * (k / (k + m)))
        - deviance(n, both * (m / (k + m)))
}
