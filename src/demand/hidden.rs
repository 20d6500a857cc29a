//! What one period hid: mean and 80 % band of the units lost, given what was seen.

use super::censored::{SoldOutDay, gamma_hidden_quantiles, gamma_mean_at_least};
use super::law::{Counts, GammaLaw};
use crate::domain::{Band, HALF_BAND};

/// Above this mean, counts are as good as continuous.
const COUNTS_BELOW: f64 = 2_000.0;
/// Width of a normal law's 80 % band, in standard deviations.
pub const BAND_WIDTH: f64 = 2.0 * HALF_BAND;

/// Demand of a period before it is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeriodLaw {
    /// Expected demand m, > 0.
    pub mean: f64,
    /// Variance ÷ mean from chance within the period; 1 for counts.
    pub noise: f64,
    /// Relative variance κ of the period's own effect, level uncertainty included; k = 1/κ.
    pub effect: f64,
    /// Whether units are whole.
    pub whole: bool,
}

impl PeriodLaw {
    /// Variance ψ·m + κ·m².
    pub fn variance(&self) -> f64 {
        self.noise * self.mean + self.effect * self.mean * self.mean
    }
}

/// Mean and 80 % band of lost units with this mean and variance, as a negative binomial count of `lump`s: whole units, or for
/// fractional quantities the lumps that chance within the period deals in (its variance ÷ mean).
pub fn band(mean: f64, variance: f64, lump: f64) -> Band {
    if mean <= 0.0 {
        return Band::default();
    }
    let (m, v) = (mean / lump, variance / (lump * lump));
    if m < 200.0 {
        let k = if v > m * 1.000_001 {
            m * m / (v - m)
        } else {
            1e9
        };
        let odds = m / (k + m);
        let mut pmf = (k * (-odds).ln_1p()).exp();
        let (mut cdf, mut x, mut p10) = (pmf, 0.0, None);
        while cdf < 0.9 && x < 1e5 {
            if p10.is_none() && cdf >= 0.1 {
                p10 = Some(x);
            }
            pmf *= (x + k) / (x + 1.0) * odds;
            x += 1.0;
            cdf += pmf;
        }
        return Band {
            mean,
            p10: p10.unwrap_or(x) * lump,
            p90: x * lump,
        };
    }
    // Wilson & Hilferty (1931): the cube root of a gamma variable is nearly normal.
    let spread = v / (9.0 * m * m);
    let at = |z: f64| m * (1.0 - spread + z * spread.sqrt()).max(0.0).powi(3);
    Band {
        mean,
        p10: at(-HALF_BAND).floor() * lump,
        p90: at(HALF_BAND).ceil() * lump,
    }
}

/// Units lost on a period that ran out at an unknown time (F2): demand was at least `seen` + `taken`.
///
/// `seen` units were sold, `taken` backorders accepted from those who found nothing, each with probability `capture`.
pub fn censored(law: &PeriodLaw, seen: f64, taken: f64, capture: f64) -> Band {
    let (mean, [p10, p90]) = censored_at(law, seen, taken, capture, [0.1, 0.9]);
    Band { mean, p10, p90 }
}

/// The mean of [`censored`] alone, which costs a fraction of it.
pub fn censored_mean(law: &PeriodLaw, seen: f64, taken: f64, capture: f64) -> f64 {
    censored_at(law, seen, taken, capture, []).0
}

fn censored_at<const N: usize>(
    law: &PeriodLaw,
    seen: f64,
    taken: f64,
    capture: f64,
    levels: [f64; N],
) -> (f64, [f64; N]) {
    if law.mean <= 0.0 {
        return (0.0, [0.0; N]);
    }
    if law.whole && law.mean < COUNTS_BELOW {
        let counts = Counts::negative_binomial(law.mean, 1.0 / law.effect.max(1e-9));
        let lost = SoldOutDay {
            sold: seen,
            backordered: taken,
            capture,
        }
        .lost(&counts, levels);
        return (lost.mean, lost.quantiles);
    }
    let gamma = GammaLaw::matched(law.mean, law.variance());
    let quantiles = gamma_hidden_quantiles(&gamma, seen + taken, levels);
    let mean = gamma_mean_at_least(&gamma, seen + taken) - seen - taken;
    let left = 1.0 - capture;
    (mean * left, quantiles.map(|q| q * left))
}

/// Units lost on a period with a known exposed share (F1), or with none.
///
/// `exposed` is the share of demand that stock could serve, `taken` backorders came from the rest with probability `capture`.
/// The period's effect g is updated by what was seen, n = seen + taken against m·(e + capture·(1 − e)); `distrust` ≥ 1 is the variance of what
/// partly stocked periods sell ÷ its model (their exposure is itself uncertain), so that a seen part moves g only as far as it is
/// informative. Lost: mean m(1−e)(1−capture)·ĝ.
pub fn exposed(
    law: &PeriodLaw,
    seen: f64,
    exposed: f64,
    taken: f64,
    capture: f64,
    distrust: f64,
) -> Band {
    let hidden_share = (1.0 - exposed) * (1.0 - capture);
    let unseen = law.mean * hidden_share;
    if unseen <= 0.0 {
        return Band::default();
    }
    let served = law.mean * (exposed + capture * (1.0 - exposed));
    let model = law.noise * served + law.effect * served * served;
    let (g, left) = if served > 0.0 {
        let gain = law.effect * served / (distrust * model);
        (
            (1.0 + gain * (seen + taken - served)).max(0.05),
            law.effect * (1.0 - gain * served).max(0.0),
        )
    } else {
        (1.0, law.effect)
    };
    let mean = unseen * g;
    let exposure_variance = if exposed > 0.0 && exposed < 1.0 {
        (distrust - 1.0).max(0.0) * model
    } else {
        0.0
    };
    band(
        mean,
        law.noise * mean + left * unseen * unseen + exposure_variance.min(0.25 * unseen * unseen),
        law.noise,
    )
}

/// Units lost on a period that had stock for a share `odds` of it, as far as can be told: no record says it, and it may have had stock all the time.
///
/// Mean m·(1 − p), variance of a law that hides all or nothing: (1 − p)·v + p·(1 − p)·m².
pub fn probable(law: &PeriodLaw, odds: f64) -> Band {
    let out = (1.0 - odds).clamp(0.0, 1.0);
    let mean = law.mean * out;
    let variance = out * law.variance() + out * (1.0 - out) * law.mean * law.mean;
    band(mean, variance, law.noise)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAW: PeriodLaw = PeriodLaw {
        mean: 5.0,
        noise: 1.0,
        effect: 0.2,
        whole: true,
    };

    #[test]
    fn a_poisson_tail_is_conrad_s() {
        // E[D | D ≥ q] = λ·P(D ≥ q − 1)/P(D ≥ q) (Conrad 1976): λ 4.51731, q 4.
        let law = PeriodLaw {
            mean: 4.51731,
            noise: 1.0,
            effect: 1e-9,
            whole: true,
        };
        let lambda: f64 = 4.51731;
        let cdf = |x: i32| {
            let mut term = (-lambda).exp();
            let mut sum = term;
            for i in 1..=x {
                term *= lambda / f64::from(i);
                sum += term;
            }
            sum
        };
        let expected = lambda * (1.0 - cdf(2)) / (1.0 - cdf(3));
        assert!((4.0 + censored(&law, 4.0, 0.0, 0.0).mean - expected).abs() < 1e-6);
    }

    #[test]
    fn accepted_backorders_prove_demand_and_leave_less_hidden_the_more_are_captured() {
        let few = censored(&LAW, 5.0, 0.0, 0.8).mean;
        let blind = censored(&LAW, 5.0, 0.0, 0.0).mean;
        assert!(few < blind);
        assert!(censored(&LAW, 5.0, 3.0, 0.5).mean > censored(&LAW, 5.0, 0.0, 0.5).mean);
    }

    #[test]
    fn a_closed_period_hides_its_whole_demand_and_a_full_one_nothing() {
        assert_eq!(exposed(&LAW, 0.0, 0.0, 0.0, 0.0, 1.0).mean, 5.0);
        assert_eq!(exposed(&LAW, 4.0, 1.0, 0.0, 0.0, 1.0).mean, 0.0);
    }

    #[test]
    fn a_period_that_probably_had_no_stock_hides_its_part_and_is_less_certain_than_a_closed_one() {
        assert_eq!(probable(&LAW, 1.0), Band::default());
        assert_eq!(probable(&LAW, 0.0), exposed(&LAW, 0.0, 0.0, 0.0, 0.0, 1.0));
        // .8 of 5 units; variance .8·(5 + .2·25) + .8·.2·25 = 12.
        assert_eq!(probable(&LAW, 0.2), band(4.0, 12.0, 1.0));
    }

    #[test]
    fn a_fully_trusted_part_gives_the_gamma_poisson_posterior() {
        // F1: m(1−τ)(k+n)/(k+m·τ) = 5·.5·(5+4)/(5+2.5)
        let band = exposed(&LAW, 4.0, 0.5, 0.0, 0.0, 1.0);
        assert!((band.mean - 3.0).abs() < 1e-12, "{band:?}");
    }

    #[test]
    fn whole_and_fractional_laws_agree_where_counts_are_large() {
        let whole = PeriodLaw {
            mean: 400.0,
            noise: 1.0,
            effect: 0.04,
            whole: true,
        };
        let fractional = PeriodLaw {
            whole: false,
            ..whole
        };
        let (a, b) = (
            censored(&whole, 420.0, 0.0, 0.0),
            censored(&fractional, 420.0, 0.0, 0.0),
        );
        assert!((a.mean / b.mean - 1.0).abs() < 0.02, "{a:?} {b:?}");
        assert!((a.p90 / b.p90 - 1.0).abs() < 0.03, "{a:?} {b:?}");
    }

    #[test]
    fn the_variance_of_a_period_is_that_of_chance_and_of_its_effect() {
        let law = PeriodLaw {
            mean: 4.0,
            noise: 1.5,
            effect: 0.25,
            whole: false,
        };
        assert_eq!(law.variance(), 1.5 * 4.0 + 0.25 * 16.0);
    }

    /// A geometric law of mean 3: P(X ≤ x) = 1 − .75^(x+1), so p10 is 0 and p90 is 8.
    #[test]
    fn the_band_of_few_units_is_that_of_a_negative_binomial() {
        let found = band(3.0, 12.0, 1.0);
        assert_eq!((found.mean, found.p10, found.p90), (3.0, 0.0, 8.0));
        // Of lumps of half a unit: six with a variance of 6 + 36.
        let lumps = band(3.0, 42.0 * 0.25, 0.5);
        let law = Counts::matched(6.0, 42.0);
        assert_eq!(
            (lumps.p10, lumps.p90),
            (law.quantile(0.1) * 0.5, law.quantile(0.9) * 0.5)
        );
        // A variance below the mean is Poisson's: P(X ≤ 2) = .125, P(X ≤ 1) = .040; P(X ≤ 8) = .932, P(X ≤ 7) = .867.
        let poisson = band(5.0, 2.0, 1.0);
        assert_eq!((poisson.p10, poisson.p90), (2.0, 8.0));
        assert_eq!(band(0.0, 3.0, 1.0), Band::default());
    }

    #[test]
    fn the_band_of_many_units_holds_four_fifths_of_a_gamma_law() {
        let (mean, variance) = (400.0, 6_400.0);
        let found = band(mean, variance, 1.0);
        let law = GammaLaw::matched(mean, variance);
        assert!((law.tails(found.p10).cdf - 0.1).abs() < 0.004, "{found:?}");
        assert!((law.tails(found.p90).cdf - 0.9).abs() < 0.004, "{found:?}");
        // Both sides of where the law changes they are the same.
        let (few, many) = (band(199.9, 1000.0, 1.0), band(200.1, 1000.0, 1.0));
        assert!((few.p10 - many.p10).abs() <= 2.0 && (few.p90 - many.p90).abs() <= 2.0);
        let halves = band(200.0, 1600.0, 0.5);
        assert_eq!((halves.p10, halves.p90), (found.p10 * 0.5, found.p90 * 0.5));
    }

    /// Distrust d: a seen part moves the day's effect only so far as γ = κs/(d·v), and what d adds to v is not known of the rest.
    #[test]
    fn a_part_that_is_hardly_trusted_hardly_moves_what_the_rest_hides() {
        // s = 2.5, v = 2.5 + .2·6.25 = 3.75, γ = .5 ÷ (2·3.75); ĝ = 1 + γ·(4 − 2.5) = 1.1.
        let found = exposed(&LAW, 4.0, 0.5, 0.0, 0.0, 2.0);
        assert!((found.mean - 2.5 * 1.1).abs() < 1e-12, "{found:?}");
        // ψ·2.75 + κ(1 − γs)·2.5² + min(v, 2.5²/4)
        let variance = 2.75 + 0.2 * (1.0 - 2.5 / 15.0) * 6.25 + 1.5625;
        assert_eq!(found, band(2.75, variance, 1.0));
        // Orders of those who found nothing count as seen: s = 5·(.5 + .4·.5) = 3.5, n = 5, u = 5·.5·.6 = 1.5.
        let taken = exposed(&LAW, 3.0, 0.5, 2.0, 0.4, 1.0);
        let gain = 0.2 * 3.5 / (3.5 + 0.2 * 3.5 * 3.5);
        assert!(
            (taken.mean - 1.5 * (1.0 + gain * 1.5)).abs() < 1e-12,
            "{taken:?}"
        );
        // A part that sold far less than it should cannot say that the rest would have sold nothing.
        let loud = PeriodLaw {
            mean: 400.0,
            effect: 1.0,
            ..LAW
        };
        assert!((exposed(&loud, 0.0, 0.5, 0.0, 0.0, 1.0).mean - 200.0 * 0.05).abs() < 1e-9);
    }

    #[test]
    fn of_fractional_quantities_the_share_that_waits_is_not_lost() {
        let kg = PeriodLaw {
            mean: 5.0,
            noise: 0.5,
            effect: 0.1,
            whole: false,
        };
        let all = censored(&kg, 4.0, 0.0, 0.0);
        let law = GammaLaw::matched(5.0, 0.5 * 5.0 + 0.1 * 25.0);
        let beyond = |level: f64| law.upper_quantile((1.0 - level) * law.sf(4.0)) - 4.0;
        assert!((all.p10 - beyond(0.1)).abs() < 1e-9 && (all.p90 - beyond(0.9)).abs() < 1e-9);
        let some = censored(&kg, 3.0, 1.0, 0.25);
        assert!((some.mean - 0.75 * all.mean).abs() < 1e-12);
        assert!((some.p90 - 0.75 * all.p90).abs() < 1e-12);
        assert!((censored_mean(&kg, 4.0, 0.0, 0.0) - all.mean).abs() < 1e-12);
        let nobody = PeriodLaw { mean: 0.0, ..kg };
        assert_eq!(censored(&nobody, 4.0, 0.0, 0.0), Band::default());
    }
}
