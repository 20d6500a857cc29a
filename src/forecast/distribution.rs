//! Demand over an interval as a distribution, of which the policy asks levels, probabilities and losses.

use crate::demand::law::{CountTable, Counts, GammaLaw, Tails, normal};

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
    /// Reaches below zero; the textbooks' law.
    Normal { mean: f64, sd: f64 },
    /// Whole units, variance = mean.
    Poisson { mean: f64 },
    /// Whole units, variance > mean.
    NegativeBinomial { mean: f64, variance: f64 },
    /// Fractional quantities.
    Gamma { mean: f64, variance: f64 },
    /// One of several laws by weight (weights ≥ 0; they need not sum to 1).
    Mixture(Vec<(f64, Demand)>),
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

    /// A mixture without parts that cannot occur; the part itself where only one can.
    pub fn mixture(parts: Vec<(f64, Demand)>) -> Self {
        let mut parts: Vec<_> = parts.into_iter().filter(|(w, _)| *w > 0.0).collect();
        match parts.len() {
            0 => Self::Zero,
            1 => parts.remove(0).1,
            _ => Self::Mixture(parts),
        }
    }

    /// The name of the law, as the outputs write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Zero => "none",
            Self::Normal { .. } => "normal",
            Self::Poisson { .. } => "poisson",
            Self::NegativeBinomial { .. } => "negative_binomial",
            Self::Gamma { .. } => "gamma",
            Self::Mixture(_) => "mixture",
        }
    }

    /// E[D] in units.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Zero => 0.0,
            Self::Normal { mean, .. } => *mean,
            Self::Poisson { mean }
            | Self::NegativeBinomial { mean, .. }
            | Self::Gamma { mean, .. } => mean.max(0.0),
            Self::Mixture(parts) => average(parts, Self::mean),
        }
    }

    /// Var[D] in units².
    pub fn variance(&self) -> f64 {
        match self {
            Self::Zero => 0.0,
            Self::Normal { sd, .. } => sd * sd,
            Self::Poisson { mean } => mean.max(0.0),
            Self::NegativeBinomial { mean, variance } => variance.max(*mean).max(0.0),
            Self::Gamma { variance, .. } => variance.max(0.0),
            Self::Mixture(parts) => {
                let mean = self.mean();
                average(parts, |d| d.variance() + (d.mean() - mean).powi(2))
            }
        }
    }

    /// √Var[D] in units.
    pub fn sd(&self) -> f64 {
        self.variance().sqrt()
    }

    /// Whether demand comes in whole units.
    pub fn whole_units(&self) -> bool {
        match self {
            Self::Zero | Self::Poisson { .. } | Self::NegativeBinomial { .. } => true,
            Self::Normal { .. } | Self::Gamma { .. } => false,
            Self::Mixture(parts) => parts.iter().all(|(_, d)| d.whole_units()),
        }
    }

    /// P(D ≤ x), P(D > x) and E[(D − x)⁺] together: what one of them costs. Exact for any real x; the loss of counts is linear
    /// between whole units.
    pub fn tails(&self, x: f64) -> Tails {
        match self {
            Self::Zero => certain(0.0, x),
            Self::Normal { mean, sd } => {
                if sd.is_nan() || *sd <= 0.0 {
                    return certain(*mean, x);
                }
                let z = (x - mean) / sd;
                Tails {
                    cdf: normal::cdf(z),
                    sf: normal::sf(z),
                    loss: sd * normal::loss(z),
                }
            }
            Self::Poisson { mean } => Counts::poisson(*mean).tails(x),
            Self::NegativeBinomial { mean, variance } => Counts::matched(*mean, *variance).tails(x),
            Self::Gamma { mean, variance } => match gamma(*mean, *variance) {
                Some(law) => law.tails(x),
                None => certain(mean.max(0.0), x),
            },
            Self::Mixture(parts) => {
                let mut sum = Tails {
                    cdf: 0.0,
                    sf: 0.0,
                    loss: 0.0,
                };
                let total = weight(parts);
                if total.is_nan() || total <= 0.0 {
                    return certain(0.0, x);
                }
                for (w, part) in parts {
                    let tails = part.tails(x);
                    sum.cdf += w * tails.cdf;
                    sum.sf += w * tails.sf;
                    sum.loss += w * tails.loss;
                }
                Tails {
                    cdf: sum.cdf / total,
                    sf: sum.sf / total,
                    loss: sum.loss / total,
                }
            }
        }
    }

    /// P(D ≤ x).
    pub fn cdf(&self, x: f64) -> f64 {
        self.tails(x).cdf
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
            Self::Normal { mean, sd } => {
                mean + sd.max(0.0) * normal::quantile(p.clamp(1e-12, 1.0 - 1e-12))
            }
            Self::Poisson { mean } => Counts::poisson(*mean).quantile(p),
            Self::NegativeBinomial { mean, variance } => {
                Counts::matched(*mean, *variance).quantile(p)
            }
            Self::Gamma { mean, variance } => match gamma(*mean, *variance) {
                Some(law) => law.quantile(p),
                None => mean.max(0.0),
            },
            Self::Mixture(parts) => self.mixture_quantile(parts, p),
        }
    }

    /// Between the smallest and the largest quantile of the parts, by halves.
    fn mixture_quantile(&self, parts: &[(f64, Demand)], p: f64) -> f64 {
        let p = if p > 0.0 { p.min(1.0 - 1e-12) } else { 0.0 };
        let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
        for (w, part) in parts {
            if *w > 0.0 {
                let q = part.quantile(p);
                lo = lo.min(q);
                hi = hi.max(q);
            }
        }
        if hi == f64::NEG_INFINITY {
            return 0.0;
        }
        let reached = |x: f64| {
            let tails = self.tails(x);
            if p < 0.5 {
                tails.cdf >= p * (1.0 - 1e-12)
            } else {
                tails.sf <= (1.0 - p) * (1.0 + 1e-12) + 2e-16
            }
        };
        if self.whole_units() {
            if lo == hi || reached(lo) {
                return lo;
            }
            while hi - lo > 1.0 {
                let middle = ((lo + hi) / 2.0).floor();
                if reached(middle) {
                    hi = middle;
                } else {
                    lo = middle;
                }
            }
            return hi;
        }
        for _ in 0..200 {
            let middle = 0.5 * (lo + hi);
            if middle <= lo || middle >= hi {
                break;
            }
            if reached(middle) {
                hi = middle;
            } else {
                lo = middle;
            }
        }
        hi
    }

    /// P(n − 1 < D ≤ n), P(D ≤ n), P(D > n) and E[(D − n)⁺] for n = 0..=last; one pass for counts.
    pub fn table(&self, last: usize) -> CountTable {
        match self {
            Self::Zero => Counts::poisson(0.0).table(last),
            Self::Poisson { mean } => Counts::poisson(*mean).table(last),
            Self::NegativeBinomial { mean, variance } => {
                Counts::matched(*mean, *variance).table(last)
            }
            Self::Mixture(parts) if self.whole_units() && weight(parts) > 0.0 => {
                let total = weight(parts);
                let mut sum = CountTable {
                    pmf: vec![0.0; last + 1],
                    cdf: vec![0.0; last + 1],
                    sf: vec![0.0; last + 1],
                    loss: vec![0.0; last + 1],
                };
                for (w, part) in parts {
                    let table = part.table(last);
                    let share = w / total;
                    for (into, from) in [
                        (&mut sum.pmf, &table.pmf),
                        (&mut sum.cdf, &table.cdf),
                        (&mut sum.sf, &table.sf),
                        (&mut sum.loss, &table.loss),
                    ] {
                        for (a, b) in into.iter_mut().zip(from) {
                            *a += share * b;
                        }
                    }
                }
                sum
            }
            _ => {
                let mut table = CountTable::default();
                let mut below = 0.0;
                for n in 0..=last {
                    let tails = self.tails(n as f64);
                    table.pmf.push((tails.cdf - below).max(0.0));
                    table.cdf.push(tails.cdf);
                    table.sf.push(tails.sf);
                    table.loss.push(tails.loss);
                    below = tails.cdf;
                }
                table
            }
        }
    }
}

fn weight(parts: &[(f64, Demand)]) -> f64 {
    parts.iter().map(|(w, _)| w).sum()
}

fn average(parts: &[(f64, Demand)], of: impl Fn(&Demand) -> f64) -> f64 {
    let total = weight(parts);
    if total > 0.0 {
        parts.iter().map(|(w, d)| w * of(d)).sum::<f64>() / total
    } else {
        0.0
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
