//! Probabilities by the saddle-point expansion, which keeps full precision where differences of `ln Γ` lose it.
//!
//! Source: C. Loader (2000), "Fast and accurate computation of binomial probabilities".

use std::f64::consts::{PI, TAU};

use statrs::function::gamma::ln_gamma;

/// δ(n) for n = 1..=15; index 0 is unused.
const STIRLING_ERROR: [f64; 16] = [
    0.0,
    0.081_061_466_795_327_258_22,
    0.041_340_695_955_409_294_094,
    0.027_677_925_684_998_339_149,
    0.020_790_672_103_765_093_112,
    0.016_644_691_189_821_192_163,
    0.013_876_128_823_070_747_999,
    0.011_896_709_945_891_770_095,
    0.010_411_265_261_972_096_497,
    0.009_255_462_182_712_732_917_7,
    0.008_330_563_433_362_871_256_5,
    0.007_573_675_487_951_840_795,
    0.006_942_840_107_209_529_865_7,
    0.006_408_994_188_004_207_068_4,
    0.005_951_370_112_758_847_735_6,
    0.005_554_733_551_962_801_371_04,
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
    let both = k + n;
    let exponent = stirling_error(both)
        - stirling_error(k)
        - stirling_error(n)
        - deviance(k, both * (k / (k + m)))
        - deviance(n, both * (m / (k + m)));
    exponent.exp() * (k / (2.0 * PI * n * both)).sqrt()
}

/// ln[Γ(k+n) / (Γ(k)·kⁿ)] for k > 0, n ≥ 0: 0 as k → ∞.
pub(crate) fn ln_rising(k: f64, n: f64) -> f64 {
    if n <= 0.0 || k == f64::INFINITY {
        return 0.0;
    }
    if n <= 12.0 && n.fract() == 0.0 {
        let inverse = 1.0 / k;
        let product: f64 = (1..n as u32)
            .map(|i| 1.0 + f64::from(i) * inverse)
            .product();
        return product.ln();
    }
    // ln Γ(z) = (z − ½) ln z − z + ½ ln 2π + δ(z), with z = k and z = k + n.
    (k + n - 0.5) * (n / k).ln_1p() - n + stirling_error(k + n) - stirling_error(k)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values computed with 40 digits.
    #[test]
    fn rising_factorial_against_high_precision() {
        for (k, n, expected) in [
            (0.3, 7.0, 14.479_904_158_485_725),
            (2.5, 30.5, 53.326_409_263_480_39),
            (1e6, 40.0, 0.000_779_989_730_202_795),
        ] {
            assert!(
                (ln_rising(k, n) / expected - 1.0).abs() < 1e-11,
                "{k} {n} {}",
                ln_rising(k, n)
            );
        }
    }
}
