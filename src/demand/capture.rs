//! How many of the customers who find no stock place a backorder.

use super::exposure::ExposedDay;

/// A Beta prior of the capture, as orders seen before: `taken` of `taken + refused` customers waited.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CapturePrior {
    pub taken: f64,
    pub refused: f64,
}

impl CapturePrior {
    /// The share that it stands for.
    pub fn mean(self) -> f64 {
        self.taken / (self.taken + self.refused)
    }
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

/// Bounds of a share: of many customers some wait and some go.
const SHARE: (f64, f64) = (0.005, 0.995);
/// Weight of the Beta law that says how much SKUs differ before they are seen, and the SKUs that it counts for.
const APART: (f64, f64) = (10.0, 2.0);
/// Rounds in which the mean share and what is derived from it settle.
const ROUNDS: usize = 6;

/// What the accepting days of one series say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OwnOrders {
    /// Units ordered without stock, ≥ 0.
    pub taken: f64,
    /// Customers expected on these days, ≥ 0, by a level that the orders themselves are not in.
    pub customers: f64,
    /// Variance ÷ mean of a period's demand.
    pub dispersion: f64,
    /// Relative variance of that level.
    pub level_variance: f64,
}

impl OwnOrders {
    fn ratio(&self) -> f64 {
        self.taken / self.customers
    }

    /// Variance by chance of taken ÷ customers where a share b waits: b·(1 + b(φ − 1)) ÷ customers, a thinned count's, and b² times the level's.
    fn variance(&self, share: f64) -> f64 {
        let thinned = 1.0 + share * (self.dispersion.max(1.0) - 1.0);
        share * thinned / self.customers + share * share * self.level_variance
    }
}

/// Shares of customers who wait, of a channel and of its series.
#[derive(Clone, PartialEq, Debug)]
pub struct Captures {
    pub all: f64,
    /// In the order given.
    pub own: Vec<f64>,
}

/// Captures of a channel's series, shrunk to that of the channel.
///
/// The series' true shares have a variance τ² around the channel's (method of moments: DerSimonian & Laird, 1986; shrunk to that of a Beta law of
/// weight 10, which counts as two SKUs). The channel's is the mean with weights 1/(v + τ²), v the variance of a series' ratio by chance, and
/// `prior` in units: no series, however long without stock, speaks for all others. A series' own is its ratio with weight τ²/(τ² + v)
/// (empirical Bayes; Efron & Morris, 1975).
///
/// ```
/// use restock::demand::capture::{CapturePrior, OwnOrders, shares};
/// let prior = CapturePrior { taken: 2.0, refused: 2.0 };
/// let of = |taken, customers| OwnOrders { taken, customers, dispersion: 1.0, level_variance: 0.0 };
/// let like: Vec<OwnOrders> = (0..20).map(|_| of(90.0, 100.0)).collect();
/// assert!((shares(&like, prior).all - 0.9).abs() < 0.002);
/// // One for which nobody waits, of very many, moves the others by little.
/// let mut with = like.clone();
/// with.push(of(0.0, 1e5));
/// let captures = shares(&with, prior);
/// assert!(captures.own[0] > 0.8 && captures.own[20] == 0.005);
/// ```
pub fn shares(series: &[OwnOrders], prior: CapturePrior) -> Captures {
    let seen: Vec<&OwnOrders> = series.iter().filter(|s| s.customers > 0.0).collect();
    let sum = |part: fn(&OwnOrders) -> f64| seen.iter().map(|s| part(s)).sum::<f64>();
    let within = |x: f64| x.clamp(SHARE.0, SHARE.1);
    let weight = prior.taken + prior.refused;
    let mut all = within((prior.taken + sum(|s| s.taken)) / (weight + sum(|s| s.customers)));
    let mut between = 0.0;
    for _ in 0..ROUNDS {
        between = between_series(&seen, all);
        let (mut taken, mut customers) = (prior.taken, weight);
        for s in &seen {
            let worth = (all / (s.variance(all) + between)).min(s.customers);
            taken += worth * s.ratio();
            customers += worth;
        }
        all = within(taken / customers);
    }
    let own = |s: &OwnOrders| {
        if s.customers <= 0.0 {
            return all;
        }
        let trust = between / (between + s.variance(all));
        within(all + trust * (s.ratio() - all))
    };
    Captures {
        all,
        own: series.iter().map(own).collect(),
    }
}

/// Variance of the series' own shares around `all`.
fn between_series(seen: &[&OwnOrders], all: f64) -> f64 {
    let expected = all * (1.0 - all) / (APART.0 + 1.0);
    let n = seen.len() as f64;
    let (mut weights, mut squares, mut mean) = (0.0, 0.0, 0.0);
    for s in seen {
        let w = 1.0 / s.variance(all);
        weights += w;
        squares += w * w;
        mean += w * s.ratio();
    }
    let free = weights - squares / weights;
    if n < 2.0 || free.is_nan() || free <= 0.0 {
        return expected;
    }
    mean /= weights;
    let q: f64 = seen
        .iter()
        .map(|s| (s.ratio() - mean).powi(2) / s.variance(all))
        .sum();
    let found = ((q - (n - 1.0)) / free).max(0.0);
    (n * found + APART.1 * expected) / (n + APART.1)
}
