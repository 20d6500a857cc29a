//! The share of lost demand that others took, from the drop of their sales at re-openings.

use rayon::prelude::*;

use super::reopening::{REACH, Reopening, Seen};
use crate::domain::{HALF_BAND, SubstitutionTest, SubstitutionVerdict};

/// Fewer re-openings, or products with any, tell nothing.
const LEAST_REOPENINGS: usize = 40;
const LEAST_PRODUCTS: usize = 10;
/// Standard errors that the gain must be above 0.
const BEYOND_CHANCE: f64 = 2.0;
/// Steps of the fit of one re-opening at most, how often each is halved at most, and the gain below which there is none.
const STEPS: usize = 25;
const HALVINGS: usize = 8;
const CONVERGED: f64 = 1e-7;
/// No day is expected to sell less than this part of its long-run level.
const LEAST: f64 = 0.05;

/// The drop at one re-opening, relative to what the others are expected to sell.
#[derive(Clone, Copy, Debug)]
struct Drop {
    size: f64,
    /// Its variance, in units of the dispersion.
    variance: f64,
    dose: f64,
    product: usize,
}

/// What a day shows of level, slope before, slope after, and drop.
fn columns(day: &Seen) -> [f64; 4] {
    let t = day.k / f64::from(REACH);
    if day.k < 0.0 {
        [1.0, t, 0.0, 1.0]
    } else {
        [1.0, 0.0, t, 0.0]
    }
}

/// Solves a symmetric system by elimination; `None` where it is singular. The second value is the inverse's last diagonal element.
fn solve<const N: usize>(mut a: [[f64; N]; N], mut b: [f64; N]) -> Option<([f64; N], f64)> {
    for p in 0..N {
        if a[p][p].abs() < 1e-9 {
            return None;
        }
        for row in p + 1..N {
            let factor = a[row][p] / a[p][p];
            let above = a[p];
            a[row]
                .iter_mut()
                .zip(above)
                .for_each(|(x, y)| *x -= factor * y);
            b[row] -= factor * b[p];
        }
    }
    let last = 1.0 / a[N - 1][N - 1];
    let mut x = [0.0; N];
    for p in (0..N).rev() {
        let known: f64 = (p + 1..N).map(|q| a[p][q] * x[q]).sum();
        x[p] = (b[p] - known) / a[p][p];
    }
    Some((x, last))
}

impl Reopening {
    /// Local linear regression on either side (regression discontinuity; Hahn, Todd & van der Klaauw 2001), weighted by 1 ÷ expected
    /// units alone, so that chance in the sales moves no weight.
    fn drop(&self) -> Option<Drop> {
        let (mut a, mut b) = ([[0.0; 4]; 4], [0.0; 4]);
        for day in &self.days {
            let c = columns(day);
            for i in 0..4 {
                b[i] += c[i] * day.units;
                for j in 0..4 {
                    a[i][j] += c[i] * c[j] * day.expected;
                }
            }
        }
        let (x, variance) = solve(a, b)?;
        Some(Drop {
            size: x[3],
            variance,
            dose: self.dose,
            product: self.product,
        })
    }

    /// Expected units of each day with a given relative drop, by maximum quasi-likelihood of level and slopes: Fisher scoring, with steps halved
    /// until they gain.
    fn fitted(&self, drop: f64) -> Vec<f64> {
        let offset = |day: &Seen| if day.k < 0.0 { drop } else { 0.0 };
        let means = |x: &[f64; 3]| -> Vec<f64> {
            let days = self.days.iter();
            days.map(|day| {
                let c = columns(day);
                let level: f64 = (0..3).map(|i| c[i] * x[i]).sum();
                day.expected * (level + offset(day)).max(LEAST)
            })
            .collect()
        };
        let mut x = [1.0, 0.0, 0.0];
        let mut best = means(&x);
        let mut score = self.likelihood(&best);
        for _ in 0..STEPS {
            let (mut a, mut b) = ([[0.0; 3]; 3], [0.0; 3]);
            for (day, mean) in self.days.iter().zip(&best) {
                let c = columns(day);
                let weight = day.expected / mean;
                for i in 0..3 {
                    b[i] += weight * c[i] * (day.units - day.expected * offset(day));
                    for j in 0..3 {
                        a[i][j] += weight * c[i] * c[j] * day.expected;
                    }
                }
            }
            let Some((mut next, _)) = solve(a, b) else {
                break;
            };
            let before = score;
            for _ in 0..HALVINGS {
                let tried = means(&next);
                let gained = self.likelihood(&tried);
                if gained > score {
                    (x, best, score) = (next, tried, gained);
                    break;
                }
                next = std::array::from_fn(|i| 0.5 * (next[i] + x[i]));
            }
            if score - before < CONVERGED {
                break;
            }
        }
        best
    }

    /// Quasi log-likelihood Σ(y·ln m − m), before it is divided by the dispersion.
    fn likelihood(&self, means: &[f64]) -> f64 {
        self.days
            .iter()
            .zip(means)
            .map(|(day, mean)| {
                let seen = if day.units > 0.0 {
                    day.units * mean.ln()
                } else {
                    0.0
                };
                seen - mean
            })
            .sum()
    }

    /// [`Self::likelihood`] at its maximum with a given relative drop.
    fn score(&self, drop: f64) -> f64 {
        self.likelihood(&self.fitted(drop))
    }
}

/// The share of the lost demand in the drops, by weighted least squares through 0, and its variance for products as clusters (Liang & Zeger
/// 1986). `None` where nothing was lost.
fn share<'a>(drops: impl Iterator<Item = &'a Drop> + Clone) -> Option<(f64, f64)> {
    let (mut weight, mut sum) = (0.0, 0.0);
    for d in drops.clone() {
        weight += d.dose * d.dose / d.variance;
        sum += d.dose * d.size / d.variance;
    }
    if weight.is_nan() || weight <= 0.0 {
        return None;
    }
    let share = sum / weight;
    // Drops come product by product.
    let (mut squares, mut own, mut product, mut products) = (0.0, 0.0, usize::MAX, 0.0);
    for d in drops {
        if d.product != product {
            squares += own * own;
            (own, product) = (0.0, d.product);
            products += 1.0;
        }
        own += d.dose * (d.size - share * d.dose) / d.variance;
    }
    squares += own * own;
    let few = products / (products - 1.0f64).max(1.0);
    Some((share, few * squares / (weight * weight)))
}

/// Variance ÷ mean of a day around its own fit.
fn dispersion(all: &[(Reopening, Drop)]) -> f64 {
    let own: Vec<f64> = all
        .par_iter()
        .map(|(r, drop)| {
            let days = r.days.iter().zip(r.fitted(drop.size));
            days.map(|(day, mean)| (day.units - mean).powi(2) / mean)
                .sum()
        })
        .collect();
    let sum: f64 = own.iter().sum();
    let free: f64 = all.iter().map(|(r, _)| r.days.len() as f64 - 4.0).sum();
    if free > 0.0 {
        (sum / free).max(1e-3)
    } else {
        1.0
    }
}

/// Measures the share on all re-openings (product by product) and tries it on products that it was not learnt from.
pub(super) fn measure(found: Vec<Reopening>) -> SubstitutionTest {
    let all: Vec<(Reopening, Drop)> = found
        .into_iter()
        .filter_map(|r| r.drop().map(|d| (r, d)))
        .collect();
    let mut products: Vec<usize> = all.iter().map(|(r, _)| r.product).collect();
    products.dedup();
    let mut test = SubstitutionTest {
        reopenings: all.len(),
        products: products.len(),
        measured: f64::NAN,
        p10: f64::NAN,
        p90: f64::NAN,
        ..SubstitutionTest::default()
    };
    let drops = || all.iter().map(|(_, d)| d);
    if let Some((share, variance)) = share(drops()) {
        let half = HALF_BAND * variance.sqrt();
        test.measured = share;
        (test.p10, test.p90) = (share - half, share + half);
    }
    if all.len() < LEAST_REOPENINGS || products.len() < LEAST_PRODUCTS || test.measured.is_nan() {
        return test;
    }
    let phi = dispersion(&all);
    // Every second product belongs to the other half.
    let half_of = |product: usize| products.binary_search(&product).unwrap_or(0) % 2;
    let mut gains = vec![0.0; products.len()];
    for half in 0..2 {
        let learnt = drops().filter(|d| half_of(d.product) != half);
        let share = share(learnt).map_or(0.0, |(share, _)| share.clamp(0.0, 1.0));
        if share <= 0.0 {
            continue;
        }
        let own: Vec<(usize, f64)> = all
            .par_iter()
            .filter(|(r, _)| half_of(r.product) == half)
            .map(|(r, d)| (r.product, (r.score(share * d.dose) - r.score(0.0)) / phi))
            .collect();
        // Added up in their order, so that threads change nothing.
        for (product, gain) in own {
            gains[products.binary_search(&product).unwrap_or(0)] += gain;
            test.gain[half] += gain;
        }
    }
    let n = gains.len() as f64;
    let mean = gains.iter().sum::<f64>() / n;
    let squares: f64 = gains.iter().map(|g| (g - mean).powi(2)).sum();
    test.gain_error = (squares * n / (n - 1.0)).sqrt();
    let total = test.gain[0] + test.gain[1];
    test.verdict = if test.gain.iter().all(|g| *g > 0.0) && total > BEYOND_CHANCE * test.gain_error
    {
        SubstitutionVerdict::Proven
    } else {
        SubstitutionVerdict::NotProven
    };
    test
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A re-opening with a wave of exponential decay and a drop, without chance.
    fn reopening(product: usize, drop: f64, slope: f64, dose: f64) -> Reopening {
        let days = (1..=REACH).flat_map(|k| [-k, k]).map(|k| {
            let k = f64::from(k);
            let relative = 1.0 + slope * k + if k < 0.0 { drop } else { 0.0 };
            Seen {
                k,
                units: 5.0 * relative,
                expected: 5.0,
            }
        });
        Reopening {
            product,
            days: days.collect(),
            dose,
        }
    }

    #[test]
    fn a_slope_is_no_drop_and_a_drop_is_found_beside_a_slope() {
        let ebb = reopening(0, 0.0, -0.02, 0.5).drop().unwrap();
        assert!(ebb.size.abs() < 1e-9);
        let both = reopening(0, 0.2, -0.02, 0.5).drop().unwrap();
        assert!((both.size - 0.2).abs() < 1e-9);
        // 28 days of 5: four times the variance of the difference of two means, for the slopes.
        assert!(
            (both.variance * 5.0 * 14.0 / 8.0 - 1.0).abs() < 0.2,
            "{}",
            both.variance
        );
    }

    #[test]
    fn the_share_is_found_beside_waves_and_none_without_drops() {
        let dose = |p: usize| 0.1 + 0.1 * (p % 7) as f64;
        let of = |share: f64| {
            let slope = |p: usize| 0.02 * ((p % 5) as f64 - 3.0) / 2.0;
            let all = (0..60).map(|p| reopening(p, share * dose(p), slope(p), dose(p)));
            measure(all.collect())
        };
        let (none, some) = (of(0.0), of(0.4));
        assert!(none.measured.abs() < 1e-6, "{none:?}");
        assert_eq!(none.verdict, SubstitutionVerdict::NotProven);
        assert!((some.measured - 0.4).abs() < 1e-6, "{some:?}");
        assert_eq!(some.verdict, SubstitutionVerdict::Proven);
        assert_eq!((none.share(), some.share()), (0.0, some.measured));
    }

    #[test]
    fn a_few_re_openings_tell_nothing() {
        let few: Vec<Reopening> = (0..9).map(|p| reopening(p, 0.4, 0.0, 1.0)).collect();
        assert_eq!(measure(few).verdict, SubstitutionVerdict::TooFew);
        assert_eq!(measure(Vec::new()).share(), 0.0);
    }
}
