//! The standard normal law.

use std::f64::consts::SQRT_2;

use statrs::function::erf::erfc_inv;

const INVERSE_ROOT_TAU: f64 = 0.398_942_280_401_432_7;

/// Density φ(z).
pub fn pdf(z: f64) -> f64 {
    INVERSE_ROOT_TAU * (-0.5 * z * z).exp()
}

/// P(Z ≤ z), exact in the lower tail.
pub fn cdf(z: f64) -> f64 {
    sf(-z)
}

/// P(Z > z), exact in the upper tail, relative error below 10⁻¹⁵: W. J. Cody (1969), "Rational Chebyshev approximations for the
/// error function", and the continued fraction beyond 5.6 (the `erfc` of statrs 0.19 is off by 4·10⁻¹¹).
pub fn sf(z: f64) -> f64 {
    if z.is_nan() {
        return z;
    }
    let y = z.abs();
    if y <= 0.674_489_75 {
        return 0.5 - z * centre(z * z);
    }
    let tail = exponential(y) * scaled_tail(y);
    if z > 0.0 { tail } else { 1.0 - tail }
}

/// exp(−y²/2) with the square split so that no digit of y is lost.
fn exponential(y: f64) -> f64 {
    if y > 40.0 {
        return 0.0;
    }
    let coarse = (y * 16.0).trunc() / 16.0;
    (-0.5 * coarse * coarse).exp() * (-0.5 * (y - coarse) * (y + coarse)).exp()
}

/// (Φ(z) − ½)/z as a function of z², for |z| ≤ 0.674.
fn centre(square: f64) -> f64 {
    const A: [f64; 4] = [
        2.235_252_035_460_683_7,
        161.028_231_068_555_87,
        1_067.689_485_460_370_9,
        18_154.981_253_343_56,
    ];
    const B: [f64; 4] = [
        47.202_581_904_688_245,
        976.098_551_737_776_7,
        10_260.932_208_618_979,
        45_507.789_335_026_73,
    ];
    let (mut over, mut under) = (0.065_682_337_918_207_45 * square, square);
    for (a, b) in A[..3].iter().zip(&B) {
        over = (over + a) * square;
        under = (under + b) * square;
    }
    (over + A[3]) / (under + B[3])
}

/// (1 − Φ(y))·exp(y²/2) for y > 0.674.
fn scaled_tail(y: f64) -> f64 {
    const C: [f64; 8] = [
        0.398_941_512_088_134_66,
        8.883_149_794_388_377,
        93.506_656_132_177_85,
        597.270_276_394_800_2,
        2_494.537_585_290_372_6,
        6_848.190_450_536_283,
        11_602.651_437_647_35,
        9_842.714_838_383_978,
    ];
    const D: [f64; 8] = [
        22.266_688_044_328_117,
        235.387_901_782_625,
        1_519.377_599_407_554_7,
        6_485.558_298_266_761,
        18_615.571_640_885_097,
        34_900.952_721_145_98,
        38_912.003_286_093_27,
        19_685.429_676_859_992,
    ];
    if y * y <= 32.0 {
        let (mut over, mut under) = (1.076_557_677_372_019_2e-8 * y, y);
        for (c, d) in C[..7].iter().zip(&D) {
            over = (over + c) * y;
            under = (under + d) * y;
        }
        return (over + C[7]) / (under + D[7]);
    }
    INVERSE_ROOT_TAU / (y + tail_excess(y))
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

/// Hazard φ(z)/(1 − Φ(z)), for any z.
pub fn hazard(z: f64) -> f64 {
    if z > 0.674_489_75 {
        INVERSE_ROOT_TAU / scaled_tail(z)
    } else {
        pdf(z) / sf(z)
    }
}

/// φ(z)/(1 − Φ(z)) − z by its continued fraction 1/(z + 2/(z + 3/(z + …)));
/// for z > 5.
fn tail_excess(z: f64) -> f64 {
    let mut tail = z;
    for i in (2..60).rev() {
        tail = z + f64::from(i) / tail;
    }
    1.0 / tail
}
