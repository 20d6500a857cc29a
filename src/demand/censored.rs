//! Days of which only the end is known: the stock q sold out, so demand was at least q.
//!
//! Everything beyond q follows from one number, the discrete Mills ratio M = P(D ≥ q)/P(D = q), which is a short sum without
//! probabilities: the formulas hold however small P(D ≥ q) is.

mod normal_fit;

pub use normal_fit::{NormalFit, normal_em};

use super::law::{Counts, GammaLaw};

/// A sale of `value` units; `censored` where the stock sold out, so that demand was at least `value`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    pub value: f64,
    pub censored: bool,
}

/// E[D | D ≥ q] in units, for any q (rounded up to whole units; q ≤ 0 says nothing: the mean).
///
/// m + q·(1 + m/k)/M, equal to m·P(D′ ≥ q−1)/P(D ≥ q) with D′ of size k+1. For Poisson demand the E-step of
/// Conrad (1976).
///
/// ```
/// use restock::demand::{censored, law::Counts};
/// // P(D ≥ 1) = 1 − e⁻², so E[D | D ≥ 1] = 2/(1 − e⁻²).
/// let expected = 2.0 / (1.0 - (-2.0_f64).exp());
/// assert!((censored::mean_at_least(&Counts::poisson(2.0), 1.0) - expected).abs() < 1e-12);
/// ```
pub fn mean_at_least(law: &Counts, q: f64) -> f64 {
    let m = law.mean();
    if q.is_nan() || q <= 0.0 {
        return m;
    }
    let q = (q - 1e-9).ceil();
    if m <= 0.0 || q == f64::INFINITY {
        return q;
    }
    (m + q * law.dispersion() / law.mills(q)).max(q)
}

/// Quantiles of the hidden units D − q given D ≥ q, one for each probability of `levels`, in whole units.
///
/// ```
/// use restock::demand::{censored, law::Counts};
/// // Geometric demand (size 1) has no memory: what is hidden beyond 40 is as what is hidden beyond 0.
/// let law = Counts::negative_binomial(3.0, 1.0);
/// assert_eq!(censored::hidden_quantiles(&law, 40.0, [0.1, 0.5, 0.9]), [0.0, 2.0, 8.0]);
/// ```
pub fn hidden_quantiles<const N: usize>(law: &Counts, q: f64, levels: [f64; N]) -> [f64; N] {
    let q = if q > 0.0 { (q - 1e-9).ceil() } else { 0.0 };
    if N == 0 || law.mean() <= 0.0 || q == f64::INFINITY {
        return [0.0; N];
    }
    // P(D ≥ q); where it underflows the terms are summed from q instead.
    let at_least = if q > 0.0 { law.sf(q - 1.0) } else { 1.0 };
    if at_least > 1e-280 {
        return levels.map(|level| (law.upper_quantile((1.0 - level) * at_least) - q).max(0.0));
    }
    let total = law.mills(q);
    levels.map(|level| {
        let goal = level.min(1.0 - 1e-12) * total * (1.0 - 1e-12);
        let (mut w, mut sum, mut i) = (1.0, 1.0, 0.0);
        while sum < goal {
            w *= law.ratio(q + i);
            if w <= 0.0 {
                break;
            }
            sum += w;
            i += 1.0;
        }
        i
    })
}

/// E[D | D ≥ q] for demand in fractional quantities that follows a gamma law: m·(1 + h) with a the shape, z = q/scale and
/// h = zᵃe^−z/(Γ(a+1)·P(D ≥ q)).
///
/// ```
/// use restock::demand::{censored::gamma_mean_at_least, law::GammaLaw};
/// // Exponential demand (shape 1) has no memory.
/// assert!((gamma_mean_at_least(&GammaLaw::new(1.0, 4.0), 900.0) - 904.0).abs() < 1e-9);
/// ```
pub fn gamma_mean_at_least(law: &GammaLaw, q: f64) -> f64 {
    (law.mean() * (1.0 + law.inverse_mills(q))).max(q)
}

/// Quantiles of D − q given D ≥ q for demand in fractional quantities.
pub fn gamma_hidden_quantiles<const N: usize>(
    law: &GammaLaw,
    q: f64,
    levels: [f64; N],
) -> [f64; N] {
    if N == 0 {
        return [0.0; N];
    }
    let q = q.max(0.0);
    let at_least = law.sf(q);
    if at_least > 1e-280 {
        return levels
            .map(|level| (law.upper_quantile((1.0 - level).max(1e-12) * at_least) - q).max(0.0));
    }
    // So far out the tail is exponential at the rate of its mean excess.
    let excess = gamma_mean_at_least(law, q) - q;
    levels.map(|level| -excess * (-level.min(1.0 - 1e-12)).ln_1p())
}

/// A day on which all the opening stock was sold and then backorders were taken, at times unknown.
///
/// The lost units K have P(K = j) ∝ P(D = s + B + j) · C(B + j, j) · (1 − b)ʲ: of the B + j customers who found no stock, j left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoldOutDay {
    /// s: units sold, which was all there was.
    pub sold: f64,
    /// B: units ordered without stock.
    pub backordered: f64,
    /// b, 0..=1: probability that a customer without stock places a backorder.
    pub capture: f64,
}

/// What was lost on a day: mean and the asked quantiles, in units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lost<const N: usize> {
    pub mean: f64,
    pub quantiles: [f64; N],
}

impl SoldOutDay {
    /// Mean and quantiles of the lost units under the day's law of demand.
    ///
    /// ```
    /// use restock::demand::{censored::SoldOutDay, law::Counts};
    /// // Hardly anybody would wait (b ≈ 0) and nobody did: the tail beyond the stock.
    /// let day = SoldOutDay { sold: 5.0, backordered: 0.0, capture: 1e-14 };
    /// let law = Counts::negative_binomial(4.0, 2.0);
    /// let lost = day.lost(&law, [0.5]);
    /// let beyond = restock::demand::censored::mean_at_least(&law, 5.0) - 5.0;
    /// assert!((lost.mean - beyond).abs() < 1e-10);
    /// assert_eq!(lost.quantiles, restock::demand::censored::hidden_quantiles(&law, 5.0, [0.5]));
    /// ```
    pub fn lost<const N: usize>(&self, law: &Counts, levels: [f64; N]) -> Lost<N> {
        let nothing = Lost {
            mean: 0.0,
            quantiles: [0.0; N],
        };
        let left = 1.0 - self.capture;
        if left.is_nan() || left <= 0.0 || law.mean() <= 0.0 {
            return nothing;
        }
        if self.capture <= 0.0 && self.backordered <= 0.0 {
            // The plain tail, for which nothing need be summed.
            return Lost {
                mean: mean_at_least(law, self.sold) - self.sold.max(0.0),
                quantiles: hidden_quantiles(law, self.sold, levels),
            };
        }
        let ordered = (self.sold + self.backordered).max(0.0).round();
        let waited = self.backordered.max(0.0).round();
        let ratio = |j: f64| left * law.ratio(ordered + j) * (waited + j + 1.0) / (j + 1.0);
        // Start where the terms peak, so that none overflows.
        let mut peak = 0.0;
        if ratio(0.0) > 1.0 {
            let mut above = 1.0;
            while ratio(above) > 1.0 && above < 1e12 {
                peak = above;
                above *= 2.0;
            }
            while above - peak > 1.0 {
                let middle = ((peak + above) / 2.0).floor();
                if ratio(middle) > 1.0 {
                    peak = middle;
                } else {
                    above = middle;
                }
            }
        }
        let first = {
            let (mut w, mut j) = (1.0, peak);
            while j > 0.0 && w > 1e-18 {
                w /= ratio(j - 1.0);
                j -= 1.0;
            }
            (w, j)
        };
        let (mut total, mut weighted) = (0.0, 0.0);
        let (mut w, mut j) = first;
        let mut last = j;
        while j <= peak || w > 1e-17 * total {
            total += w;
            weighted += w * j;
            last = j;
            w *= ratio(j);
            j += 1.0;
            if j - first.1 > 1e7 {
                break;
            }
        }
        let quantiles = levels.map(|level| {
            let goal = level * total * (1.0 - 1e-12);
            let (mut w, mut j) = first;
            let mut sum = w;
            while sum < goal && j < last {
                w *= ratio(j);
                j += 1.0;
                sum += w;
            }
            j
        });
        Lost {
            mean: weighted / total,
            quantiles,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two definitions of the conditional mean agree where neither loses digits.
    #[test]
    fn the_mean_agrees_with_that_of_the_raised_size() {
        for (m, k) in [(3.0, 0.7), (12.0, 4.0), (0.4, 0.2), (300.0, 9.0)] {
            let law = Counts::negative_binomial(m, k);
            let p_at_least = |size: f64, q: f64| {
                // Same p = k/(k+m), so the mean grows with the size.
                let raised = Counts::negative_binomial(m * size / k, size);
                if q <= 0.0 { 1.0 } else { raised.sf(q - 1.0) }
            };
            for q in [1.0, 2.0, 5.0, 20.0, 400.0] {
                let mean = mean_at_least(&law, q);
                let expected = m * p_at_least(k + 1.0, q - 1.0) / p_at_least(k, q);
                assert!(
                    (mean / expected - 1.0).abs() < 1e-10,
                    "{m} {k} {q} {mean} {expected}"
                );
            }
        }
    }

    #[test]
    fn far_tails_stay_finite() {
        let law = Counts::poisson(0.5);
        let mean = mean_at_least(&law, 1000.0);
        // E[D − q | D ≥ q] ≈ λ/(q+1) when q ≫ λ.
        assert!((mean - 1000.0 - 0.5 / 1001.0).abs() < 1e-6, "{mean}");
        assert_eq!(hidden_quantiles(&law, 1000.0, [0.1, 0.9]), [0.0, 0.0]);
        assert_eq!(mean_at_least(&Counts::poisson(5000.0), 3.0), 5000.0);
    }

    /// With no opening stock the order of events is no matter: the day's own effect is Gamma(k + B, k + m·b), and what is lost is a negative
    /// binomial of size k + B and mean m·(1 − b)·(k + B)/(k + m·b).
    #[test]
    fn a_day_without_opening_stock_is_the_gamma_poisson_posterior() {
        let law = Counts::negative_binomial(20.0, 3.0);
        let lost = SoldOutDay {
            sold: 0.0,
            backordered: 6.0,
            capture: 0.4,
        }
        .lost(&law, [0.1, 0.5, 0.9]);
        let posterior = Counts::negative_binomial(20.0 * 0.6 * 9.0 / 11.0, 9.0);
        assert!((lost.mean - posterior.mean()).abs() < 1e-9);
        assert_eq!(
            lost.quantiles,
            [0.1, 0.5, 0.9].map(|p| posterior.quantile(p))
        );
    }
}
