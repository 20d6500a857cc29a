//! How demand of an interval divides between its two parts, given their sum.

use crate::demand::law::normal;

/// Sums up to this are divided by their exact law.
const EXACT: f64 = 64.0;
/// So are larger ones whose smaller part has a shape below this, up to `MOST` units.
const SHAPED: f64 = 3.0;
const MOST: f64 = 2_048.0;
/// Cells in which fractional quantities of such a shape are divided.
const CELLS: f64 = 256.0;

/// The law of the first part given the sum: negative binomials of one dispersion divide as a beta-binomial, Poisson laws as a binomial, gammas of
/// one scale as a beta (Johnson, Kotz & Kemp 1992).
#[derive(Clone, Debug)]
pub struct Split {
    /// Whether the parts are turned round, so that `share` is at most a half.
    turned: bool,
    /// Expected share of the first part.
    share: f64,
    /// Shapes of the two parts; infinite for Poisson.
    first: f64,
    second: f64,
    whole: bool,
    /// P(the first part is nothing) of the sums 0, 1, …, as far as they are walked.
    nothing: Vec<f64>,
}

impl Split {
    /// Of two parts with these means (units) and one `dispersion` (variance ÷ mean), for sums up to `most`.
    pub fn new(means: [f64; 2], dispersion: f64, whole: bool, most: f64) -> Self {
        let scale = if whole {
            dispersion - 1.0
        } else {
            dispersion.max(1e-9)
        };
        let poisson = whole && dispersion <= 1.000_1;
        let shape = |mean: f64| if poisson { f64::INFINITY } else { mean / scale };
        let turned = means[0] > means[1];
        let [less, more] = if turned { [means[1], means[0]] } else { means };
        let mut split = Self {
            turned,
            share: if less > 0.0 {
                less / (less + more)
            } else {
                0.0
            },
            first: shape(less),
            second: shape(more),
            whole,
            nothing: Vec::new(),
        };
        if split.share > 0.0 {
            let longest = match (whole, split.skewed()) {
                (true, false) => most.min(EXACT),
                (true, true) => most.min(MOST),
                (false, true) => CELLS,
                (false, false) => 0.0,
            };
            let mut p = 1.0;
            split.nothing.push(p);
            for i in 0..longest as usize {
                let i = i as f64;
                p *= if poisson {
                    1.0 - split.share
                } else {
                    (split.second + i) / (split.first + split.second + i)
                };
                split.nothing.push(p);
            }
        }
        split
    }

    fn skewed(&self) -> bool {
        self.first < SHAPED
    }

    /// Units of the first part of `sum`, at a chance.
    pub fn units(&self, sum: f64, chance: f64) -> f64 {
        if self.turned {
            sum - self.less(sum, 1.0 - chance)
        } else {
            self.less(sum, chance)
        }
    }

    /// Units of the part that expects less.
    fn less(&self, sum: f64, chance: f64) -> f64 {
        if sum <= 0.0 || self.share <= 0.0 {
            return 0.0;
        }
        let skewed = self.skewed();
        if !self.whole {
            return if skewed {
                self.walk(CELLS, chance) / CELLS * sum
            } else {
                self.expanded(1.0, chance).clamp(0.0, 1.0) * sum
            };
        }
        if sum <= EXACT || (skewed && sum <= MOST) {
            self.walk(sum, chance)
        } else {
            self.expanded(sum, chance).round().clamp(0.0, sum)
        }
    }

    /// The least k with P(part ≤ k | sum) ≥ chance.
    fn walk(&self, sum: f64, chance: f64) -> f64 {
        let poisson = self.first == f64::INFINITY;
        let (a, b) = (self.first, self.second);
        let n = sum.round();
        let Some(&nothing) = self.nothing.get(n as usize) else {
            return (sum * self.share).round();
        };
        let mut p = nothing;
        let odds = self.share / (1.0 - self.share);
        let (mut k, mut sum) = (0.0, p);
        while sum < chance && k < n {
            let weight = if poisson {
                odds
            } else {
                (a + k) / (b + n - k - 1.0)
            };
            p *= (n - k) / (k + 1.0) * weight;
            sum += p;
            k += 1.0;
        }
        k
    }

    /// The quantile by its first three moments (Cornish & Fisher 1938); for `sum` units, or the share of a beta at `sum` = 1.
    fn expanded(&self, sum: f64, chance: f64) -> f64 {
        let f = self.share;
        let (mean, variance, skew) = if self.first == f64::INFINITY {
            let variance = sum * f * (1.0 - f);
            (sum * f, variance, (1.0 - 2.0 * f) / variance.sqrt())
        } else {
            let (a, b) = (self.first, self.second);
            let s = a + b;
            if self.whole {
                let variance = sum * f * (1.0 - f) * (s + sum) / (s + 1.0);
                let skew = (s + 2.0 * sum) * (b - a) / (s + 2.0)
                    * ((1.0 + s) / (sum * a * b * (sum + s))).sqrt();
                (sum * f, variance, skew)
            } else {
                let skew = 2.0 * (b - a) * (s + 1.0).sqrt() / ((s + 2.0) * (a * b).sqrt());
                (f, f * (1.0 - f) / (s + 1.0), skew)
            }
        };
        let z = normal::quantile(chance);
        mean + variance.sqrt() * (z + skew * (z * z - 1.0) / 6.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of the first part over even chances.
    fn moments(split: &Split, sum: f64) -> (f64, f64) {
        let n = 20_000;
        let parts: Vec<f64> = (0..n)
            .map(|j| split.units(sum, (f64::from(j) + 0.5) / f64::from(n)))
            .collect();
        let mean = parts.iter().sum::<f64>() / f64::from(n);
        let variance = parts.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / f64::from(n);
        (mean, variance)
    }

    #[test]
    fn a_sum_divides_with_the_mean_and_the_variance_of_its_law() {
        for (first, second, dispersion, sum) in [
            (2.0, 6.0, 1.0, 9.0),
            (30.0, 10.0, 1.0, 200.0),
            (2.0, 6.0, 3.0, 9.0),
            (1.0, 1.0, 6.0, 40.0),
            (40.0, 20.0, 2.5, 300.0),
            (1.0, 30.0, 6.0, 150.0),
        ] {
            let (mean, variance) =
                moments(&Split::new([first, second], dispersion, true, sum), sum);
            let f = first / (first + second);
            let s = (first + second) / (dispersion - 1.0);
            let spread = if dispersion > 1.0 {
                (s + sum) / (s + 1.0)
            } else {
                1.0
            };
            let expected = sum * f * (1.0 - f) * spread;
            assert!(
                (mean - sum * f).abs() < 0.02 * expected.sqrt(),
                "{first} {second}: {mean}"
            );
            // Rounding to whole units adds a twelfth.
            assert!(
                (variance - expected).abs() < 0.02 * expected + 0.1,
                "{first} {second}: {variance} {expected}"
            );
        }
        for (first, second, dispersion) in [(8.0, 12.0, 1.0), (1.0, 2.0, 1.0), (0.2, 0.3, 1.0)] {
            let (mean, variance) =
                moments(&Split::new([first, second], dispersion, false, 5.0), 5.0);
            let f = first / (first + second);
            let expected = 25.0 * f * (1.0 - f) / (first + second + 1.0);
            assert!((mean - 5.0 * f).abs() < 0.03, "{first}: {mean}");
            assert!(
                (variance / expected - 1.0).abs() < 0.05,
                "{first}: {variance} {expected}"
            );
        }
    }

    #[test]
    fn two_equal_poisson_parts_divide_like_coins() {
        let split = Split::new([3.0, 3.0], 1.0, true, 3.0);
        // P(0) = 1/8, P(≤ 1) = 1/2, P(≤ 2) = 7/8.
        let at = [0.1, 0.3, 0.6, 0.9].map(|chance| split.units(3.0, chance));
        assert_eq!(at, [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(split.units(0.0, 0.7), 0.0);
    }

    #[test]
    fn certain_demand_divides_in_proportion() {
        let split = Split::new([10.0, 30.0], 1e-9, false, 40.0);
        assert!((split.units(40.0, 0.03) - 10.0).abs() < 1e-2);
    }
}
