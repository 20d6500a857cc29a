//! The forecast of one series: its level now, and how wrong sums over the protection interval have been.

#[cfg(test)]
mod tests;

use crate::demand::{Dispersion, EXCLUDED, Evidence};

/// Discounts of the competing levels, per period.
pub const OMEGAS: [f64; 7] = [0.85, 0.92, 0.96, 0.98, 0.99, 0.995, 0.999];
/// Origins are this many periods apart.
const STRIDE: usize = 3;
/// Periods before the first origin.
const BURN_IN: usize = 14;
/// Half-life of an error's weight, days.
const HALF_LIFE: f64 = 180.0;
/// Standard deviations by which demand may miss the best of the levels until its origin begins to count less.
const FORESEEN: f64 = 4.0;
/// Least share of the slowest level's forecast that another level is judged by: one that has sunk to nothing must not lose for good by it.
const LEAST: f64 = 0.1;
/// Strength of the long-run level at the start, in periods.
const START: f64 = 3.0;

/// The past of one series as the forecast needs it; all slices have one entry per period.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    pub evidence: &'a [Evidence],
    /// Index of each period: weekday × season × event.
    pub index: &'a [f64],
    pub class: &'a [u8],
    /// Recovered demand: seen + expected lost.
    pub demand: &'a [f64],
    /// Variance of what is not known of it.
    pub hidden_variance: &'a [f64],
    /// Long-run level.
    pub level: f64,
    /// Variance ÷ mean of a period.
    pub dispersion: f64,
    /// Days in a period.
    pub step: i32,
    pub whole_units: bool,
}

/// Level of each discount.
type Levels = [[f64; 2]; OMEGAS.len()];

fn start(past: &Past<'_>) -> Levels {
    [[past.level * START, START]; OMEGAS.len()]
}

fn advance(levels: &mut Levels, past: &Past<'_>, t: usize) {
    let x = past.evidence[t];
    for (l, omega) in levels.iter_mut().zip(OMEGAS) {
        let mut n = x.n;
        if x.e > 0.0 && n > 0.0 {
            // Winsorise the level's update only: a bulk order stays in the spread and out of the level.
            let f = l[0] / l[1] * x.e;
            let d = past.dispersion;
            n = n.min(f + 4.0 * (d * f).sqrt() + if past.whole_units { 1.0 } else { d });
        }
        l[0] = omega * l[0] + x.w * n;
        l[1] = omega * l[1] + x.w * x.e;
        if l[1] < 1e-6 {
            *l = [past.level * 1e-6, 1e-6];
        }
    }
}

/// Which origins are looked at.
#[derive(Clone, Copy, PartialEq)]
enum Until {
    /// Those whose interval is over.
    Over,
    /// The later ones too, with what has passed of their interval and as much of their weight.
    Now,
}

/// Calls `visit(errors-weight, interval demand, its hidden variance, index sum, levels)` at each past origin.
fn origins(
    past: &Past<'_>,
    horizon: usize,
    until: Until,
    mut visit: impl FnMut(f64, f64, f64, f64, &Levels),
) -> Levels {
    let n = past.evidence.len();
    let mut levels = start(past);
    let (mut demand, mut variance, mut index, mut excluded) = (0.0, 0.0, 0.0, 0usize);
    let add = |t: usize, sign: f64, sums: (&mut f64, &mut f64, &mut f64), excluded: &mut usize| {
        *sums.0 += sign * past.demand[t];
        *sums.1 += sign * past.hidden_variance[t];
        *sums.2 += sign * past.index[t];
        if past.class[t] == EXCLUDED {
            *excluded = if sign > 0.0 {
                *excluded + 1
            } else {
                excluded.saturating_sub(1)
            };
        }
    };
    for t in 0..horizon.min(n) {
        add(
            t,
            1.0,
            (&mut demand, &mut variance, &mut index),
            &mut excluded,
        );
    }
    for t in 0..n {
        // The window of the interval after period t.
        advance(&mut levels, past, t);
        add(
            t,
            -1.0,
            (&mut demand, &mut variance, &mut index),
            &mut excluded,
        );
        let over = t + horizon < n;
        if over {
            add(
                t + horizon,
                1.0,
                (&mut demand, &mut variance, &mut index),
                &mut excluded,
            );
        } else if until == Until::Over {
            continue;
        }
        if t >= BURN_IN && (n - t).is_multiple_of(STRIDE) && excluded == 0 {
            let age = (n - t) as f64 * f64::from(past.step);
            let passed = horizon.min(n - 1 - t) as f64 / horizon as f64;
            visit(
                passed * 0.5f64.powf(age / HALF_LIFE),
                demand.max(0.0),
                variance.max(0.0),
                index.max(0.0),
                &levels,
            );
        }
    }
    levels
}

/// Share of the way from each competing level to the slowest of them that demand comes back within a protection interval, 0..=1.
///
/// A fast level follows what is new and forgets what is usual; demand does not: it comes back in part, as an autoregression around a
/// long-run mean does. The last share is 0.
pub type Returns = [f64; OMEGAS.len()];

/// Each discount's forecast of an interval's sum.
fn forecasts(levels: &Levels, returns: &Returns, index: f64) -> [f64; OMEGAS.len()] {
    let mean = |l: &[f64; 2]| l[0] / l[1];
    let slowest = mean(&levels[OMEGAS.len() - 1]);
    let mut all = [0.0; OMEGAS.len()];
    for ((m, l), back) in all.iter_mut().zip(levels).zip(returns) {
        let level = mean(l);
        *m = (level + back * (slowest - level)) * index;
    }
    all
}

/// What an origin counts for whose demand was far from all of its forecasts: such demand, as when a product begins to sell after months on the
/// shelf, does not tell which of them follows better. Beyond [`FORESEEN`] standard deviations from the best of them an origin counts in inverse
/// proportion (Huber, 1964); 0 with no forecast above 0.
fn foreseen(past: &Past<'_>, demand: f64, all: &[f64; OMEGAS.len()]) -> f64 {
    let likelihood = |m: f64| demand * m.ln() - m;
    all.iter()
        .copied()
        .filter(|m| *m > 0.0)
        .max_by(|a, b| likelihood(*a).total_cmp(&likelihood(*b)))
        .map_or(0.0, |best| {
            let away = (demand - best).abs() / (past.dispersion * best).sqrt();
            (FORESEEN / away.max(1e-9)).min(1.0)
        })
}

/// Σλ(D − M)Δ/V and ΣλΔ²/V of each discount over the past intervals of a series, Δ the forecast of the slowest level less M, V ∝ the variance of D:
/// their ratio is the least-squares share that comes back.
pub fn returned(past: &Past<'_>, horizon: usize) -> [[f64; 2]; OMEGAS.len()] {
    let mut sums = [[0.0; 2]; OMEGAS.len()];
    origins(
        past,
        horizon,
        Until::Over,
        |weight, demand, _, index, levels| {
            let all = forecasts(levels, &[0.0; OMEGAS.len()], index);
            let slowest = all[OMEGAS.len() - 1];
            let weight = weight * foreseen(past, demand, &all);
            for (sum, m) in sums.iter_mut().zip(all) {
                let (away, variance) = (slowest - m, slowest + m);
                if variance > 0.0 {
                    sum[0] += weight * (demand - m) * away / variance;
                    sum[1] += weight * away * away / variance;
                }
            }
        },
    );
    sums
}

/// Quasi log likelihood of each discount's forecasts of interval sums, Σλ(D·ln M − M)/φ.
pub fn score(past: &Past<'_>, horizon: usize, returns: &Returns) -> [f64; OMEGAS.len()] {
    let mut scores = [0.0; OMEGAS.len()];
    origins(
        past,
        horizon,
        Until::Now,
        |weight, demand, _, index, levels| {
            let mut all = forecasts(levels, returns, index);
            let least = LEAST * all[OMEGAS.len() - 1];
            all.iter_mut().for_each(|m| *m = m.max(least));
            let weight = weight * foreseen(past, demand, &all);
            for (s, m) in scores.iter_mut().zip(all) {
                if m > 0.0 {
                    *s += weight * (demand * m.ln() - m);
                }
            }
        },
    );
    scores.map(|s| s / past.dispersion.max(1e-9))
}

/// Weights of the discounts for a series: π·exp(τ·score), τ tempered by how far the origins' intervals overlap.
pub fn weights(
    scores: &[f64; OMEGAS.len()],
    prior: &[f64; OMEGAS.len()],
    horizon: usize,
) -> [f64; OMEGAS.len()] {
    let tau = (STRIDE as f64 / horizon.max(1) as f64).min(0.3);
    let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut w = [0.0; OMEGAS.len()];
    for k in 0..w.len() {
        w[k] = prior[k] * (tau * (scores[k] - best)).exp();
    }
    let total: f64 = w.iter().sum();
    if total > 0.0 {
        w.map(|x| x / total)
    } else {
        *prior
    }
}

/// The level now, and the errors of past interval sums under these weights.
#[derive(Clone, Copy, Debug)]
pub struct LevelNow {
    /// Units per period of index 1.
    pub level: f64,
    /// Units of evidence behind it.
    pub evidence: f64,
    pub errors: Dispersion,
}

/// Runs the weighted levels over the past once more and collects the errors of interval sums: Σλ((D−M)² + hidden variance), ΣλM.
pub fn level_now(
    past: &Past<'_>,
    horizon: usize,
    weights: &[f64; OMEGAS.len()],
    returns: &Returns,
) -> LevelNow {
    let mut errors = Dispersion::default();
    let mix =
        |all: &[f64; OMEGAS.len()]| -> f64 { all.iter().zip(weights).map(|(m, w)| w * m).sum() };
    let effective = (STRIDE as f64 / horizon.max(1) as f64).min(1.0);
    let mut count = 0.0;
    let levels = origins(
        past,
        horizon,
        Until::Over,
        |weight, demand, variance, index, levels| {
            let all = forecasts(levels, returns, index);
            let m = mix(&all);
            let weight = weight * foreseen(past, demand, &all);
            errors.add((demand - m).powi(2) + variance, m, weight);
            count += weight * effective;
        },
    );
    errors.count = errors.count.max(1e-12);
    // Overlapping windows count for what they add.
    let scale = count / errors.count;
    errors.squares *= scale;
    errors.means *= scale;
    errors.count = count;
    LevelNow {
        level: mix(&forecasts(&levels, returns, 1.0)),
        evidence: levels.iter().zip(weights).map(|(l, w)| w * l[0]).sum(),
        errors,
    }
}
