//! Counts: Poisson and negative binomial as one family.
//!
//! Both obey f(n+1) = f(n)·(a + b·n)/(n+1) (Panjer, 1981), so one recursion serves both, and both tails are sums
//! of positive terms: no digit is lost however rare the event.

use super::incomplete::{beta_fraction, large_poisson_tails};
use super::saddle::{negative_binomial_pmf, poisson_pmf};
use super::{Tails, normal};

/// Terms that a tail is summed over before the continued fraction is the cheaper way.
const MOST_TERMS: f64 = 500.0;
/// A level is taken as reached when it misses by less than this share: `quantile(cdf(n))` is `n`.
const REACHED: f64 = 1e-12;
/// Poisson tails of a mean beyond this are taken from an expansion, with a relative error below 10⁻⁸.
const LARGE_POISSON: f64 = 1e6;
/// Levels are read with this much slack, so that 2.9999999999 is 3.
const WHOLE: f64 = 1e-9;
/// Parameters beyond these are read as these, so that no sum is endless.
const LARGEST_MEAN: f64 = 1e12;
const SMALLEST_SIZE: f64 = 1e-6;
/// No level beyond this is looked for.
const LARGEST_LEVEL: f64 = 1e15;
/// Steps walked one by one once a quantile is bracketed.
const WALK: f64 = 32.0;

/// A Poisson or negative binomial law of whole units.
///
/// The negative binomial has `mean` m and `size` k: variance m + m²/k. As k → ∞ it is the Poisson law, written
/// `size = ∞`.
///
/// ```
/// use restock::demand::law::Counts;
/// // Snyder & Shen (2019), as in stockpyl's documentation of `poisson_loss`.
/// assert!((Counts::poisson(15.0).tails(18.0).loss - 0.517_609_528_3).abs() < 1e-10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts {
    mean: f64,
    size: f64,
    /// f(n+1) = f(n)·(start + slope·n)/(n+1).
    start: f64,
    slope: f64,
}

impl Counts {
    /// Poisson law; a mean that is not positive is no demand, one beyond 10¹² units is read as that.
    pub fn poisson(mean: f64) -> Self {
        Self::negative_binomial(mean, f64::INFINITY)
    }

    /// Negative binomial law of `mean` and `size` k > 0. A size beyond 10⁹ means is read as Poisson.
    pub fn negative_binomial(mean: f64, size: f64) -> Self {
        let mean = if mean > 0.0 {
            mean.min(LARGEST_MEAN)
        } else {
            0.0
        };
        if size.is_nan() || size <= 0.0 || size > 1e9 * mean.max(1.0) {
            return Self {
                mean,
                size: f64::INFINITY,
                start: mean,
                slope: 0.0,
            };
        }
        let size = size.max(SMALLEST_SIZE);
        let slope = mean / (size + mean);
        Self {
            mean,
            size,
            start: size * slope,
            slope,
        }
    }

    /// The law of that mean and variance (units²): Poisson where the variance is not above the mean.
    pub fn matched(mean: f64, variance: f64) -> Self {
        let extra = variance - mean;
        if extra > 0.0 {
            Self::negative_binomial(mean, mean * mean / extra)
        } else {
            Self::poisson(mean)
        }
    }

    /// E[D].
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Var[D] = m·(1 + m/k).
    pub fn variance(&self) -> f64 {
        self.mean * self.dispersion()
    }

    /// Var[D]/E[D] = 1 + m/k.
    pub fn dispersion(&self) -> f64 {
        1.0 + self.mean / self.size
    }

    /// f(n+1)/f(n).
    #[inline]
    pub(crate) fn ratio(&self, n: f64) -> f64 {
        (self.start + self.slope * n) / (n + 1.0)
    }

    /// P(D = n) for whole n.
    pub fn pmf(&self, n: f64) -> f64 {
        if n < 0.0 {
            0.0
        } else if self.mean <= 0.0 {
            if n == 0.0 { 1.0 } else { 0.0 }
        } else if self.size == f64::INFINITY {
            poisson_pmf(n, self.mean)
        } else {
            negative_binomial_pmf(n, self.size, self.mean)
        }
    }

    /// P(D ≤ x), P(D > x) and E[(D − x)⁺] for any real x: the loss is linear between whole units.
    pub fn tails(&self, x: f64) -> Tails {
        if x < 0.0 {
            return Tails::below_support(self.mean, x);
        }
        if self.mean <= 0.0 || x == f64::INFINITY {
            return Tails::NOTHING_LEFT;
        }
        let n = (x + WHOLE).floor();
        let mut tails = self.whole_tails(n);
        tails.loss = (tails.loss - tails.sf * (x - n)).max(0.0);
        tails
    }

    fn whole_tails(&self, n: f64) -> Tails {
        let m = self.mean;
        if self.long() {
            let (f, cdf, sf) = self.in_closed_form(n);
            // E[D; D > n] = m·P(D ≥ n) + (m/k)·n·f(n), from the recursion.
            let loss = (m - n) * sf + m * f * (1.0 + n / self.size);
            return Tails {
                cdf,
                sf,
                loss: loss.max(m - n).max(0.0),
            };
        }
        if n >= m {
            let first = self.pmf(n + 1.0);
            let (mass, excess) = self.sum_up(n + 1.0);
            let sf = first * mass;
            return Tails {
                cdf: 1.0 - sf,
                sf,
                loss: first * (mass + excess),
            };
        }
        let mut f = self.pmf(n);
        let (mut cdf, mut below) = (f, 0.0);
        let (mut j, mut distance) = (n, 0.0);
        while j > 0.0 {
            f /= self.ratio(j - 1.0);
            j -= 1.0;
            distance += 1.0;
            cdf += f;
            let term = f * distance;
            below += term;
            if term < 1e-18 * below {
                break;
            }
        }
        Tails {
            cdf,
            sf: 1.0 - cdf,
            loss: m - n + below,
        }
    }

    /// Σ_{i≥0} w_i and Σ i·w_i with w_i = f(n+i)/f(n), for n ≥ mean, where the terms fall.
    fn sum_up(&self, n: f64) -> (f64, f64) {
        let (mut w, mut mass, mut excess) = (1.0, 1.0, 0.0);
        let (mut j, mut i) = (n, 0.0);
        let mut term = f64::INFINITY;
        while term > 1e-18 * excess {
            w *= self.ratio(j);
            j += 1.0;
            i += 1.0;
            term = i * w;
            mass += w;
            excess += term;
        }
        (mass, excess)
    }

    /// Whether a tail would need so many terms that a closed form is cheaper. Poisson tails are summed up to where the
    /// asymptotic expansion is as good.
    fn long(&self) -> bool {
        if self.size == f64::INFINITY {
            return self.mean > LARGE_POISSON;
        }
        9.0 * self.variance().sqrt() + 42.0 * self.dispersion() > MOST_TERMS
    }

    /// (f(n), P(D ≤ n), P(D > n)) by the continued fraction of the incomplete beta function,
    /// P(D > n) = I_q(n+1, k), P(D ≤ n) = I_p(k, n+1).
    fn in_closed_form(&self, n: f64) -> (f64, f64, f64) {
        let (k, m) = (self.size, self.mean);
        let f = self.pmf(n);
        if k == f64::INFINITY {
            let (cdf, sf) = large_poisson_tails(n, m);
            return (f, cdf, sf);
        }
        let next = f * self.ratio(n);
        if self.upper_is_direct(n) {
            let sf = (next * beta_fraction(n + 1.0, k, self.slope)).min(1.0);
            (f, 1.0 - sf, sf)
        } else {
            let cdf = (next * (n + 1.0) / k * beta_fraction(k, n + 1.0, k / (k + m))).min(1.0);
            (f, cdf, 1.0 - cdf)
        }
    }

    /// Whether the fraction of the upper tail beyond n converges fast.
    fn upper_is_direct(&self, n: f64) -> bool {
        self.slope * (n + self.size + 3.0) < n + 2.0
    }

    /// P(D ≤ x).
    pub fn cdf(&self, x: f64) -> f64 {
        self.tails(x).cdf
    }

    /// P(D > x), exact in the tail.
    pub fn sf(&self, x: f64) -> f64 {
        self.tails(x).sf
    }

    /// P(D ≥ q)/P(D = q) for whole q: the discrete Mills ratio, from which all moments beyond q follow.
    /// Needs no probability and so works where P(D ≥ q) underflows. ∞ where P(D = q) does, far below the mean.
    pub fn mills(&self, q: f64) -> f64 {
        if q <= 0.0 {
            return 1.0 / self.pmf(0.0);
        }
        if self.mean <= 0.0 {
            return 1.0;
        }
        if q >= self.mean {
            if !self.long() || self.size == f64::INFINITY {
                return self.sum_up(q).0;
            }
            if self.upper_is_direct(q - 1.0) {
                return beta_fraction(q, self.size, self.slope);
            }
        }
        let tails = self.whole_tails(q - 1.0);
        tails.sf / self.pmf(q)
    }
    /// E[(D − n)⁺] for n = 0..=last in one pass.
    ///
    /// ```
    /// use restock::demand::law::Counts;
    /// let losses = Counts::poisson(15.0).losses(30);
    /// assert!((losses[0] - 15.0).abs() < 1e-9 && (losses[18] - 0.517_609_528_3).abs() < 1e-10);
    /// ```
    pub fn losses(&self, last: usize) -> Vec<f64> {
        let mut pmf = vec![0.0; last + 1];
        // Outward from the mean, where the probability is largest and cannot underflow.
        let centre = (self.mean.floor() as usize).min(last);
        let mut f = self.pmf(centre as f64);
        pmf[centre] = f;
        for j in (0..centre).rev() {
            f /= self.ratio(j as f64);
            pmf[j] = f;
        }
        f = pmf[centre];
        for j in centre..last {
            f *= self.ratio(j as f64);
            pmf[j + 1] = f;
        }
        let Tails {
            mut sf, mut loss, ..
        } = self.tails(last as f64);
        let mut losses = vec![0.0; last + 1];
        for j in (0..=last).rev() {
            losses[j] = loss;
            sf += pmf[j];
            loss += sf;
        }
        losses
    }

    /// The smallest whole n with P(D ≤ n) ≥ p. `p` is read within [0, 1 − 10⁻¹²].
    pub fn quantile(&self, p: f64) -> f64 {
        if p.is_nan() || p <= 0.0 || self.mean <= 0.0 {
            0.0
        } else if p < 0.5 {
            self.lower_quantile(p)
        } else {
            // 1 − p is exact to half a unit of the last place of 1.
            self.upper_quantile((1.0 - p).max(1e-12) + 2e-16)
        }
    }

    /// The smallest whole n with P(D > n) ≤ `tail`; `tail` is read as at least 10⁻³⁰⁰ (10⁻¹² through [`Self::quantile`]).
    pub fn upper_quantile(&self, tail: f64) -> f64 {
        if tail.is_nan() || tail >= 1.0 || self.mean <= 0.0 {
            return 0.0;
        }
        let tail = tail.max(1e-300);
        let reached = tail * (1.0 + REACHED);
        let mut hi = self.guess(-normal::quantile(tail));
        let mut lo = -1.0;
        let mut step = (self.variance().sqrt() / 8.0).floor().max(1.0);
        let mut beyond = self.sf(hi);
        while beyond > reached && hi < LARGEST_LEVEL {
            lo = hi;
            hi += step;
            step *= 2.0;
            beyond = self.sf(hi);
        }
        // Down from hi, in doubling steps until a level is too low, then by halves, then one by one.
        step = WALK;
        while hi - lo > WALK {
            let middle = if lo < 0.0 {
                (hi - step).max(0.0)
            } else {
                ((lo + hi) / 2.0).floor()
            };
            step *= 2.0;
            let at = self.sf(middle);
            if at > reached {
                lo = middle;
            } else {
                hi = middle;
                beyond = at;
            }
        }
        let mut f = self.pmf(hi);
        while hi > lo + 1.0 && beyond + f <= reached {
            beyond += f;
            f /= self.ratio(hi - 1.0);
            hi -= 1.0;
        }
        hi
    }

    fn lower_quantile(&self, p: f64) -> f64 {
        let reached = p * (1.0 - REACHED);
        // `lo` does not reach p, `hi` does.
        let mut lo = self.guess(normal::quantile(p)).max(0.0);
        let mut hi = f64::INFINITY;
        let mut step = (self.variance().sqrt() / 8.0).floor().max(1.0);
        let mut within = self.cdf(lo);
        while within >= reached {
            if lo == 0.0 {
                return 0.0;
            }
            hi = lo;
            lo = (lo - step).max(0.0);
            step *= 2.0;
            within = self.cdf(lo);
        }
        step = WALK;
        while hi - lo > WALK {
            let middle = if lo > LARGEST_LEVEL {
                return lo;
            } else if hi == f64::INFINITY {
                lo + step
            } else {
                ((lo + hi) / 2.0).floor()
            };
            step *= 2.0;
            let at = self.cdf(middle);
            if at >= reached {
                hi = middle;
            } else {
                lo = middle;
                within = at;
            }
        }
        let mut f = self.pmf(lo);
        while lo < hi && within < reached {
            f *= self.ratio(lo);
            lo += 1.0;
            within += f;
        }
        lo
    }

    /// A level near the quantile of normal score z: Wilson and Hilferty (1931) for the gamma law of the same moments.
    fn guess(&self, z: f64) -> f64 {
        let c = self.dispersion() / (9.0 * self.mean);
        let root = 1.0 - c + z * c.sqrt();
        let guess = if root > 0.0 {
            self.mean * root * root * root
        } else {
            0.0
        };
        guess.round()
    }
}
