//! How many of the customers who find no stock place a backorder.

use super::exposure::ExposedDay;

/// A Beta prior of the capture, as orders seen before: `taken` of `taken + refused` customers waited.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CapturePrior {
    pub taken: f64,
    pub refused: f64,
}

/// Capture b, 0..=1, of a group of days that share it, by expectation–maximisation over the days' random effects: with
/// B = Σ backorders and U = Σ ĝ·m·(1 − τ) the customers who found no stock,
/// the M-step is the root of (B + α)/b = U + β/(1 − b), which is B/U without a prior (α taken, β refused).
///
/// `days` carry their own mean and size; their `capture` is not read. Days in stock all day say nothing and may be left out. `None`
/// where neither days nor prior say anything.
///
/// ```
/// use restock::demand::capture::{CapturePrior, estimate};
/// let none = CapturePrior { taken: 0.0, refused: 0.0 };
/// use restock::demand::exposure::ExposedDay;
/// // Five accepting days without stock took 30 orders where 10 a day are asked for.
/// let day = ExposedDay { sold: 0.0, backordered: 6.0, exposure: 0.0, capture: 0.0, mean: 10.0, size: f64::INFINITY };
/// let capture = estimate(&[day; 5], none).unwrap();
/// assert!((capture - 0.6).abs() < 1e-12);
/// ```
pub fn estimate(days: &[ExposedDay], prior: CapturePrior) -> Option<f64> {
    let backordered: f64 = days.iter().map(|d| d.backordered).sum();
    let unserved = |b: f64| -> f64 {
        days.iter()
            .map(|d| {
                let effect = ExposedDay { capture: b, ..*d }.random_effect();
                effect.mean() * d.mean * (1.0 - d.exposure)
            })
            .sum()
    };
    let taken = backordered + prior.taken;
    let mut b = 0.5;
    let known = taken + prior.refused + unserved(b);
    if known.is_nan() || known <= 0.0 {
        return None;
    }
    for _ in 0..1000 {
        let customers = unserved(b);
        // The smaller root of U·b² − (U + B + α + β)·b + (B + α) = 0, in the form that does not cancel.
        let sum = customers + taken + prior.refused;
        let root = (sum * sum - 4.0 * customers * taken).max(0.0).sqrt();
        let next = if sum + root > 0.0 {
            (2.0 * taken / (sum + root)).min(1.0)
        } else {
            b
        };
        let moved = (next - b).abs();
        b = next;
        if moved <= 1e-13 {
            break;
        }
    }
    Some(b)
}
