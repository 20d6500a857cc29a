//! Estimates from samples some of which sold out.

use super::{Observation, mean_at_least};
use crate::demand::law::{Counts, normal};

/// Maximum likelihood of a Poisson mean: λ ← (Σ uncensored s + Σ censored E[D | D ≥ q])/n until it stands still
/// (Conrad, 1976, by expectation–maximisation). `None` without observations or where everything sold out above zero, so that
/// no rate is too high.
///
/// ```
/// use restock::demand::censored::{Observation, poisson_maximum_likelihood};
/// let sales = [(3.0, false), (5.0, false), (2.0, true)]
///     .map(|(value, censored)| Observation { value, censored });
/// let rate = poisson_maximum_likelihood(&sales).unwrap();
/// assert!(rate > 10.0 / 3.0 && rate < 4.5);
/// ```
pub fn poisson_maximum_likelihood(sales: &[Observation]) -> Option<f64> {
    let informative = |o: &&Observation| !(o.censored && o.value <= 0.0);
    let n = sales.iter().filter(informative).count() as f64;
    let known: f64 = sales.iter().filter(|o| !o.censored).map(|o| o.value).sum();
    let total: f64 = sales.iter().map(|o| o.value).sum();
    if n == 0.0 || !sales.iter().any(|o| !o.censored) {
        return None;
    }
    if total <= 0.0 {
        return Some(0.0);
    }
    let mut rate = total / n;
    for _ in 0..10_000 {
        let law = Counts::poisson(rate);
        let hidden: f64 = sales
            .iter()
            .filter(|o| o.censored && o.value > 0.0)
            .map(|o| mean_at_least(&law, o.value))
            .sum();
        let next = (known + hidden) / n;
        let moved = (next - rate).abs();
        rate = next;
        if moved <= 1e-13 * rate {
            break;
        }
    }
    Some(rate)
}

/// Mean and standard deviation of a normal law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalFit {
    pub mean: f64,
    pub sd: f64,
}

/// Maximum likelihood of a normal law from sales some of which sold out, by expectation–maximisation: with a = (q − μ)/σ and
/// h = φ(a)/(1 − Φ(a)), a censored sale counts as μ + σh with variance σ²·(1 − h·(h − a)) (Dempster, Laird & Rubin, 1977;
/// Talluri & van Ryzin, 2004, section 9.4). A baseline: it fails on small counts. `None` with fewer than two sales that did not sell
/// out.
pub fn normal_em(sales: &[Observation]) -> Option<NormalFit> {
    let n = sales.len() as f64;
    if sales.iter().filter(|o| !o.censored).count() < 2 {
        return None;
    }
    let mut mean = sales.iter().map(|o| o.value).sum::<f64>() / n;
    let mut sd = (sales.iter().map(|o| (o.value - mean).powi(2)).sum::<f64>() / n).sqrt();
    for _ in 0..100_000 {
        if sd <= 0.0 {
            break;
        }
        let (mut first, mut second) = (0.0, 0.0);
        for o in sales {
            // Deviations from the present mean keep the digits.
            let (value, variance) = if o.censored {
                let a = (o.value - mean) / sd;
                let h = normal::hazard(a);
                (sd * h, sd * sd * (1.0 - h * (h - a)))
            } else {
                (o.value - mean, 0.0)
            };
            first += value;
            second += value * value + variance;
        }
        let shift = first / n;
        let next = (second / n - shift * shift).max(0.0).sqrt();
        let moved = shift.abs() + (next - sd).abs();
        mean += shift;
        sd = next;
        if moved <= 1e-13 * (mean.abs() + sd) {
            break;
        }
    }
    Some(NormalFit { mean, sd })
}

/// The product-limit estimate of demand from sales some of which sold out (Kaplan & Meier, 1958); needs no law.
///
/// A sale that sold out at q is at risk at q and gone after it, as is usual. So where demand could equal the stock it reads "more
/// than q".
#[derive(Clone, Debug, PartialEq)]
pub struct KaplanMeier {
    /// (value, P(D > value)) at each value that was seen uncensored, ascending.
    pub survival: Vec<(f64, f64)>,
    /// The largest value, censored or not: nothing is known beyond it.
    pub largest: f64,
}

impl KaplanMeier {
    /// `None` without observations.
    pub fn fit(sales: &[Observation]) -> Option<Self> {
        let mut sorted: Vec<Observation> = sales.to_vec();
        sorted.sort_by(|a, b| a.value.total_cmp(&b.value));
        let largest = sorted.last()?.value;
        let mut survival = Vec::new();
        let (mut alive, mut i) = (1.0, 0);
        while i < sorted.len() {
            let value = sorted[i].value;
            let at_risk = (sorted.len() - i) as f64;
            let mut events = 0.0;
            while i < sorted.len() && sorted[i].value == value {
                events += f64::from(u8::from(!sorted[i].censored));
                i += 1;
            }
            if events > 0.0 {
                alive *= 1.0 - events / at_risk;
                survival.push((value, alive));
            }
        }
        Some(Self { survival, largest })
    }

    /// ∫ P(D > x) dx up to the largest value: the mean where [`Self::complete`], else the mean of demand cut off there.
    pub fn mean(&self) -> f64 {
        let (mut area, mut from, mut alive) = (0.0, 0.0, 1.0);
        for &(value, after) in &self.survival {
            area += alive * (value - from);
            from = value;
            alive = after;
        }
        area + alive * (self.largest - from)
    }

    /// Whether the whole law was seen: the largest value did not sell out.
    pub fn complete(&self) -> bool {
        self.survival.last().is_some_and(|&(_, after)| after <= 0.0)
    }

    /// The smallest seen value with P(D ≤ value) ≥ p; `None` where stock never reached that far, so that the data cannot say.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        self.survival
            .iter()
            .find(|&&(_, after)| 1.0 - after >= p - 1e-12)
            .map(|&(value, _)| value)
    }
}
