//! Days of which the exposure is known: how much of the day's demand the stock could serve.
//!
//! Day with mean demand m, random effect g ~ Gamma(k, k), D | g ~ Poisson(g·m). A share τ of the demand meets stock; of the
//! rest a share b places a backorder, the others are lost. Then e = τ + b·(1 − τ) is what the day's orders see of its demand,
//! and g integrates out. (Gamma–Poisson conjugacy; Greenwood & Yule, 1920.)

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

    /// Posterior of the random effect: Gamma(k + n, k + m·e).
    pub fn random_effect(&self) -> RandomEffect {
        RandomEffect {
            shape: self.size + self.ordered(),
            rate: self.size + self.mean * self.seen(),
        }
    }
}
