//! Days of which the exposure is known: how much of the day's demand the stock could serve.
//!
//! Day with mean demand m, random effect g ~ Gamma(k, k), D | g ~ Poisson(g·m). A share τ of the demand meets stock; of the
//! rest a share b places a backorder, the others are lost. Then e = τ + b·(1 − τ) is what the day's orders see of its demand,
//! and g integrates out. (Gamma–Poisson conjugacy; Greenwood & Yule, 1920.)

use super::law::{Counts, ln_rising};

/// One day, or any span whose demand shares one random effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExposedDay {
    /// Units sold from stock.
    pub sold: f64,
    /// Units ordered without stock.
    pub backordered: f64,
    /// τ, 0..=1: share of the demand that met stock.
    pub exposure: f64,
    /// b, 0..=1: probability that a customer without stock places a backorder.
    pub capture: f64,
    /// m: mean demand of the day in units.
    pub mean: f64,
    /// k: negative binomial size of the day; ∞ for Poisson.
    pub size: f64,
}

/// The posterior of the day's random effect: Gamma(shape, rate).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomEffect {
    pub shape: f64,
    pub rate: f64,
}

impl RandomEffect {
    /// E[g | data]; 1 where the law is Poisson.
    pub fn mean(&self) -> f64 {
        if self.shape == f64::INFINITY {
            1.0
        } else {
            self.shape / self.rate
        }
    }
}

impl ExposedDay {
    /// n = s + B: units that were ordered.
    pub fn ordered(&self) -> f64 {
        self.sold + self.backordered
    }

    /// e = τ + b·(1 − τ): share of the demand that shows in orders.
    pub fn seen(&self) -> f64 {
        self.exposure + self.capture * (1.0 - self.exposure)
    }

    /// Log-likelihood of (m, k, b) up to a term that depends on none of them:
    ///
    /// ℓ = ln Γ(k+n) − ln Γ(k) + k ln k + n ln m − (k+n) ln(k + m·e) + B ln b,
    ///
    /// computed without cancellation for large k; its limit k → ∞ is n ln m − m·e + B ln b. −∞ where the data are impossible.
    ///
    /// ```
    /// use restock::demand::exposure::ExposedDay;
    /// // A closed day without backorders says nothing.
    /// let closed = ExposedDay { sold: 0.0, backordered: 0.0, exposure: 0.0, capture: 0.0, mean: 7.0, size: 2.0 };
    /// assert_eq!(closed.log_likelihood(), 0.0);
    /// ```
    pub fn log_likelihood(&self) -> f64 {
        let n = self.ordered();
        let seen_mean = self.mean * self.seen();
        let mut sum = if self.size == f64::INFINITY {
            -seen_mean
        } else {
            ln_rising(self.size, n) - (self.size + n) * (seen_mean / self.size).ln_1p()
        };
        if n > 0.0 {
            sum += n * self.mean.ln();
        }
        if self.backordered > 0.0 {
            sum += self.backordered * self.capture.ln();
        }
        sum
    }

    /// Posterior of the random effect: Gamma(k + n, k + m·e).
    pub fn random_effect(&self) -> RandomEffect {
        RandomEffect {
            shape: self.size + self.ordered(),
            rate: self.size + self.mean * self.seen(),
        }
    }

    /// Law of the lost units given the day: negative binomial of size k + n and mean m·(1−τ)·(1−b)·(k+n)/(k + m·e).
    ///
    /// ```
    /// use restock::demand::exposure::ExposedDay;
    /// // Nothing could be sold or ordered: what is lost follows the prior.
    /// let closed = ExposedDay { sold: 0.0, backordered: 0.0, exposure: 0.0, capture: 0.0, mean: 7.0, size: 2.0 };
    /// let lost = closed.lost();
    /// assert!((lost.mean() - 7.0).abs() < 1e-12 && (lost.variance() - 31.5).abs() < 1e-12);
    /// ```
    pub fn lost(&self) -> Counts {
        let unseen = self.mean * (1.0 - self.exposure) * (1.0 - self.capture);
        let effect = self.random_effect();
        Counts::negative_binomial(unseen * effect.mean(), effect.shape)
    }
}

/// Rate by exposure: Σ sales / Σ in-stock time, in units per unit of `exposure`. `None` without exposure.
///
/// ```
/// // 30 units in the 10 days of 30 that had stock.
/// let (mut sold, mut exposure) = ([0.0; 30], [0.0; 30]);
/// sold[..10].fill(3.0);
/// exposure[..10].fill(1.0);
/// assert_eq!(restock::demand::exposure::rate(&sold, &exposure), Some(3.0));
/// ```
pub fn rate(sold: &[f64], exposure: &[f64]) -> Option<f64> {
    let time: f64 = exposure.iter().sum();
    (time > 0.0).then(|| sold.iter().sum::<f64>() / time)
}

/// Demand rate from stock S (units) that was gone after time τ: (S − 1)/τ.
///
/// Unbiased for Poisson demand, because τ is Gamma(S, λ) and E[1/τ] = λ/(S − 1); the plain S/τ is too high by S/(S − 1)
/// ([`sell_out_bias`]). 0 for one unit, whose S/τ has no mean. `None` where τ is not positive.
///
/// ```
/// assert_eq!(restock::demand::exposure::sell_out_rate(3.0, 0.5), Some(4.0));
/// ```
pub fn sell_out_rate(stock: f64, time: f64) -> Option<f64> {
    (time > 0.0 && stock > 0.0).then(|| (stock - 1.0).max(0.0) / time)
}

/// E[S/τ]/λ = S/(S − 1): how far dividing the stock by the time to sell it overstates demand. ∞ for one unit.
///
/// ```
/// assert_eq!(restock::demand::exposure::sell_out_bias(3.0), 1.5);
/// ```
pub fn sell_out_bias(stock: f64) -> f64 {
    if stock > 1.0 {
        stock / (stock - 1.0)
    } else {
        f64::INFINITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_size_is_the_poisson_limit() {
        let day = |size| ExposedDay {
            sold: 4.0,
            backordered: 2.0,
            exposure: 0.6,
            capture: 0.3,
            mean: 9.0,
            size,
        };
        let (near, limit) = (day(1e9), day(f64::INFINITY));
        assert!((near.log_likelihood() - limit.log_likelihood()).abs() < 1e-6);
        assert!((near.lost().mean() - limit.lost().mean()).abs() < 1e-6);
        assert!((limit.lost().mean() - 9.0 * 0.4 * 0.7).abs() < 1e-12);
    }

    #[test]
    fn likelihood_is_that_of_the_seen_units() {
        // Differences in m agree with the negative binomial of mean m·e.
        let day = |mean| ExposedDay {
            sold: 3.0,
            backordered: 0.0,
            exposure: 0.25,
            capture: 0.0,
            mean,
            size: 1.7,
        };
        let law = |mean: f64| Counts::negative_binomial(mean * 0.25, 1.7).pmf(3.0).ln();
        let ours = day(12.0).log_likelihood() - day(5.0).log_likelihood();
        assert!((ours - (law(12.0) - law(5.0))).abs() < 1e-12);
    }
}
