//! Demand over an interval as a distribution, of which the policy asks levels, probabilities and losses.

use crate::demand::law::{Counts, GammaLaw, Tails};

/// A law of demand over an interval, in units.
///
/// Parameters outside a law's domain are read as the nearest law that has them: a variance at or below the mean is Poisson
/// for counts, no variance is a certain quantity, a mean that is not positive is no demand. Nothing panics.
///
/// ```
/// use restock::forecast::distribution::Demand;
/// let demand = Demand::NegativeBinomial { mean: 20.0, variance: 50.0 };
/// assert_eq!(demand.quantile(0.95), 33.0);
/// assert_eq!(demand.quantile(0.98), 37.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Demand {
    /// No demand.
    Zero,
    /// Whole units, variance = mean.
    Poisson { mean: f64 },
    /// Whole units, variance > mean.
    NegativeBinomial { mean: f64, variance: f64 },
    /// Fractional quantities.
    Gamma { mean: f64, variance: f64 },
}

/// Variances below this share of the squared mean are read as certainty.
const CERTAIN: f64 = 1e-9;

impl Demand {
    /// The law for a forecast's mean (units) and variance (units²).
    ///
    /// No demand for a mean of 0; whole units: Poisson where the variance is not above the mean, else negative binomial;
    /// fractional quantities: gamma. Counts beyond a mean of 10⁶ have a relative error of
    /// 10⁻⁸, all others are exact.
    ///
    /// ```
    /// use restock::forecast::distribution::Demand;
    /// assert_eq!(Demand::moment_matched(0.0, 0.0, true), Demand::Zero);
    /// assert_eq!(Demand::moment_matched(3.0, 2.0, true), Demand::Poisson { mean: 3.0 });
    /// ```
    pub fn moment_matched(mean: f64, variance: f64, whole_units: bool) -> Self {
        if mean.is_nan() || mean <= 0.0 || mean == f64::INFINITY {
            Self::Zero
        } else if !whole_units {
            Self::Gamma {
                mean,
                variance: variance.max(0.0),
            }
        } else if variance > mean && variance.is_finite() {
            Self::NegativeBinomial { mean, variance }
        } else {
            Self::Poisson { mean }
        }
    }

    /// The name of the law, as the outputs write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Zero => "none",
            Self::Poisson { .. } => "poisson",
            Self::NegativeBinomial { .. } => "negative_binomial",
            Self::Gamma { .. } => "gamma",
        }
    }

    /// E[D] in units.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Zero => 0.0,
            Self::Poisson { mean }
            | Self::NegativeBinomial { mean, .. }
            | Self::Gamma { mean, .. } => mean.max(0.0),
        }
    }

    /// Var[D] in units².
    pub fn variance(&self) -> f64 {
        match self {
            Self::Zero => 0.0,
            Self::Poisson { mean } => mean.max(0.0),
            Self::NegativeBinomial { mean, variance } => variance.max(*mean).max(0.0),
            Self::Gamma { variance, .. } => variance.max(0.0),
        }
    }

    /// E[(D − n)⁺] for n = 0..=last; one pass for counts.
    pub fn losses(&self, last: usize) -> Vec<f64> {
        match self {
            Self::Zero => vec![0.0; last + 1],
            Self::Poisson { mean } => Counts::poisson(*mean).losses(last),
            Self::NegativeBinomial { mean, variance } => {
                Counts::matched(*mean, *variance).losses(last)
            }
            Self::Gamma { .. } => (0..=last).map(|n| self.loss(n as f64)).collect(),
        }
    }

    /// Whether demand comes in whole units.
    pub fn whole_units(&self) -> bool {
        !matches!(self, Self::Gamma { .. })
    }

    /// P(D ≤ x), P(D > x) and E[(D − x)⁺] together: what one of them costs. Exact for any real x; the loss of counts is linear
    /// between whole units.
    pub fn tails(&self, x: f64) -> Tails {
        match self {
            Self::Zero => certain(0.0, x),
            Self::Poisson { mean } => Counts::poisson(*mean).tails(x),
            Self::NegativeBinomial { mean, variance } => Counts::matched(*mean, *variance).tails(x),
            Self::Gamma { mean, variance } => match gamma(*mean, *variance) {
                Some(law) => law.tails(x),
                None => certain(mean.max(0.0), x),
            },
        }
    }

    /// P(D > x), exact in the tail.
    pub fn sf(&self, x: f64) -> f64 {
        self.tails(x).sf
    }

    /// E[(D − x)⁺]: units short on average when x are there.
    ///
    /// ```
    /// use restock::forecast::distribution::Demand;
    /// assert!((Demand::Poisson { mean: 15.0 }.loss(18.0) - 0.517_609_528_3).abs() < 1e-10);
    /// ```
    pub fn loss(&self, x: f64) -> f64 {
        self.tails(x).loss
    }

    /// The smallest level with P(D ≤ level) ≥ p: whole units for counts. `p` is read within [0, 1 − 10⁻¹²].
    pub fn quantile(&self, p: f64) -> f64 {
        match self {
            Self::Zero => 0.0,
            Self::Poisson { mean } => Counts::poisson(*mean).quantile(p),
            Self::NegativeBinomial { mean, variance } => {
                Counts::matched(*mean, *variance).quantile(p)
            }
            Self::Gamma { mean, variance } => match gamma(*mean, *variance) {
                Some(law) => law.quantile(p),
                None => mean.max(0.0),
            },
        }
    }
}

/// Demand that is exactly `value`.
fn certain(value: f64, x: f64) -> Tails {
    if x >= value {
        Tails {
            cdf: 1.0,
            sf: 0.0,
            loss: 0.0,
        }
    } else {
        Tails {
            cdf: 0.0,
            sf: 1.0,
            loss: value - x,
        }
    }
}

fn gamma(mean: f64, variance: f64) -> Option<GammaLaw> {
    (mean > 0.0 && variance > CERTAIN * mean * mean && variance.is_finite())
        .then(|| GammaLaw::matched(mean, variance))
}
