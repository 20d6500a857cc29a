//! A normal law from sales some of which sold out.

use super::Observation;
use crate::demand::law::normal;

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
