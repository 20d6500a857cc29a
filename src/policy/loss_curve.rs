//! E[(D − x)⁺] of an interval's demand at any x, worked out once: reading it costs nothing, however many levels are tried.

use crate::forecast::distribution::Demand;

/// Counts are tabulated unit by unit up to here, in one pass.
const MOST_UNITS: f64 = 2048.0;
/// Points that a law beyond that, or of fractional quantities, is read between.
const NODES: usize = 41;
/// Standard deviations below the smallest mean and beyond the largest within which the loss is curved.
const BELOW: f64 = 6.0;
const BEYOND: f64 = 9.0;

/// The loss function of a mixture of laws.
#[derive(Clone, Debug)]
pub struct LossCurve {
    mean: f64,
    points: Points,
}

#[derive(Clone, Debug)]
enum Points {
    /// At 0, 1, 2 …; linear between them, as the loss of counts is.
    Units(Vec<f64>),
    /// Loss and slope at `from`, `from + step`, …; cubic between them (Hermite).
    Nodes {
        from: f64,
        step: f64,
        at: Vec<(f64, f64)>,
    },
}

/// Units beyond which a law asks for nothing that counts.
fn reach(law: &Demand) -> f64 {
    law.mean() + BEYOND * law.variance().sqrt() + 4.0
}

impl LossCurve {
    /// Of laws by weight; the weights sum to 1.
    pub fn new(laws: &[(f64, &Demand)]) -> Self {
        let mean = laws.iter().map(|(w, d)| w * d.mean()).sum();
        let most = laws.iter().map(|(_, d)| reach(d)).fold(0.0, f64::max);
        let whole = laws.iter().all(|(_, d)| d.whole_units());
        let points = if whole && most <= MOST_UNITS {
            units(laws, most as usize)
        } else {
            nodes(laws, most)
        };
        Self { mean, points }
    }

    /// E[D], units.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// E[(D − x)⁺] in units.
    pub fn loss(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return self.mean - x;
        }
        match &self.points {
            Points::Units(loss) => {
                let at = x.floor();
                let read = |n: usize| loss.get(n).copied().unwrap_or(0.0);
                let (low, high) = (read(at as usize), read(at as usize + 1));
                low + (x - at) * (high - low)
            }
            Points::Nodes { from, step, at } => match place(*from, *step, at.len(), x) {
                Place::Below => self.mean - x,
                Place::Beyond => 0.0,
                Place::Between(i, t) => {
                    let ((y0, s0), (y1, s1)) = (at[i], at[i + 1]);
                    let (t2, t3) = (t * t, t * t * t);
                    let level = (2.0 * t3 - 3.0 * t2 + 1.0) * y0 + (3.0 * t2 - 2.0 * t3) * y1;
                    let slope = (t3 - 2.0 * t2 + t) * s0 + (t3 - t2) * s1;
                    (level + step * slope).max(0.0)
                }
            },
        }
    }

    /// P(D > x): how fast the loss falls.
    pub fn sf(&self, x: f64) -> f64 {
        if x < 0.0 {
            return 1.0;
        }
        let sf = match &self.points {
            Points::Units(loss) => {
                let n = (x + 1e-9).floor() as usize;
                let read = |n: usize| loss.get(n).copied().unwrap_or(0.0);
                read(n) - read(n + 1)
            }
            Points::Nodes { from, step, at } => match place(*from, *step, at.len(), x) {
                Place::Below => 1.0,
                Place::Beyond => 0.0,
                Place::Between(i, t) => {
                    let ((y0, s0), (y1, s1)) = (at[i], at[i + 1]);
                    let level = 6.0 * (t - t * t) * (y0 - y1) / step;
                    let slope = (3.0 * t * t - 4.0 * t + 1.0) * s0 + (3.0 * t * t - 2.0 * t) * s1;
                    level - slope
                }
            },
        };
        sf.clamp(0.0, 1.0)
    }
}

fn units(laws: &[(f64, &Demand)], last: usize) -> Points {
    let mut sum = vec![0.0; last + 1];
    for (weight, law) in laws {
        for (into, loss) in sum.iter_mut().zip(law.losses(last)) {
            *into += weight * loss;
        }
    }
    Points::Units(sum)
}

fn nodes(laws: &[(f64, &Demand)], most: f64) -> Points {
    let least = laws
        .iter()
        .map(|(_, d)| d.mean() - BELOW * d.variance().sqrt())
        .fold(f64::INFINITY, f64::min);
    let from = if least.is_finite() {
        least.max(0.0)
    } else {
        0.0
    };
    let step = ((most - from) / (NODES - 1) as f64).max(1e-12);
    let at = (0..NODES)
        .map(|i| {
            let x = from + step * i as f64;
            laws.iter().fold((0.0, 0.0), |(loss, slope), (w, law)| {
                let tails = law.tails(x);
                (loss + w * tails.loss, slope - w * tails.sf)
            })
        })
        .collect();
    Points::Nodes { from, step, at }
}

enum Place {
    Below,
    /// Between node i and the next, at a share of the step.
    Between(usize, f64),
    Beyond,
}

fn place(from: f64, step: f64, nodes: usize, x: f64) -> Place {
    let at = (x - from) / step;
    if at < 0.0 {
        Place::Below
    } else if at >= (nodes - 1) as f64 {
        Place::Beyond
    } else {
        let i = at.floor();
        Place::Between(i as usize, at - i)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_the_law_says_at_every_unit_and_between() {
        let laws = [
            Demand::moment_matched(11.0, 11.0, true),
            Demand::moment_matched(17.0, 60.0, true),
        ];
        let curve = LossCurve::new(&[(0.4, &laws[0]), (0.6, &laws[1])]);
        for x in [-3.0, 0.0, 0.5, 7.0, 12.25, 30.0, 80.0] {
            let (loss, sf) = laws.iter().zip([0.4, 0.6]).fold((0.0, 0.0), |sum, (d, w)| {
                (sum.0 + w * d.loss(x), sum.1 + w * d.sf(x))
            });
            assert!((curve.loss(x) - loss).abs() < 1e-9, "{x}");
            assert!((curve.sf(x) - sf).abs() < 1e-9, "{x}");
        }
    }

    #[test]
    fn large_and_fractional_demand_is_read_within_a_ten_thousandth_of_its_spread() {
        for law in [
            Demand::moment_matched(5_000.0, 90_000.0, true),
            Demand::moment_matched(40.0, 300.0, false),
        ] {
            let curve = LossCurve::new(&[(1.0, &law)]);
            let (mean, sd) = (law.mean(), law.variance().sqrt());
            for k in -20..60 {
                let x = mean + 0.13 * f64::from(k) * sd;
                assert!((curve.loss(x) - law.loss(x)).abs() < 4e-4 * sd, "{x}");
                assert!((curve.sf(x) - law.sf(x)).abs() < 4e-3, "{x}");
            }
        }
    }
}
