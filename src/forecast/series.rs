//! The forecast of one series: its level now, and how wrong sums over the protection interval have been.

use crate::demand::{Dispersion, EXCLUDED, Evidence};

/// Discounts of the competing levels, per period.
pub const OMEGAS: [f64; 7] = [0.85, 0.92, 0.96, 0.98, 0.99, 0.995, 0.999];
/// Origins are this many periods apart.
const STRIDE: usize = 3;
/// Periods before the first origin.
const BURN_IN: usize = 14;
/// Half-life of an error's weight, days.
const HALF_LIFE: f64 = 180.0;
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

/// Calls `visit(errors-weight, interval demand, its hidden variance, index sum, levels)` at each past origin.
fn origins(
    past: &Past<'_>,
    horizon: usize,
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
    if n > horizon {
        for t in 0..horizon {
            add(
                t,
                1.0,
                (&mut demand, &mut variance, &mut index),
                &mut excluded,
            );
        }
    }
    for t in 0..n {
        // The window of the interval after period t.
        advance(&mut levels, past, t);
        if t + horizon >= n {
            continue;
        }
        add(
            t,
            -1.0,
            (&mut demand, &mut variance, &mut index),
            &mut excluded,
        );
        add(
            t + horizon,
            1.0,
            (&mut demand, &mut variance, &mut index),
            &mut excluded,
        );
        if t >= BURN_IN && (n - t).is_multiple_of(STRIDE) && excluded == 0 {
            let age = (n - t) as f64 * f64::from(past.step);
            visit(
                0.5f64.powf(age / HALF_LIFE),
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

/// Σλ(D − M)Δ/V and ΣλΔ²/V of each discount over the past intervals of a series, Δ the forecast of the slowest level less M, V ∝ the variance of D:
/// their ratio is the least-squares share that comes back.
pub fn returned(past: &Past<'_>, horizon: usize) -> [[f64; 2]; OMEGAS.len()] {
    let mut sums = [[0.0; 2]; OMEGAS.len()];
    origins(past, horizon, |weight, demand, _, index, levels| {
        let all = forecasts(levels, &[0.0; OMEGAS.len()], index);
        let slowest = all[OMEGAS.len() - 1];
        for (sum, m) in sums.iter_mut().zip(all) {
            let (away, variance) = (slowest - m, slowest + m);
            if variance > 0.0 {
                sum[0] += weight * (demand - m) * away / variance;
                sum[1] += weight * away * away / variance;
            }
        }
    });
    sums
}

/// Quasi log likelihood of each discount's forecasts of interval sums, Σλ(D·ln M − M)/φ.
pub fn score(past: &Past<'_>, horizon: usize, returns: &Returns) -> [f64; OMEGAS.len()] {
    let mut scores = [0.0; OMEGAS.len()];
    origins(past, horizon, |weight, demand, _, index, levels| {
        let all = forecasts(levels, returns, index);
        for (s, m) in scores.iter_mut().zip(all) {
            if m > 0.0 {
                *s += weight * (demand * m.ln() - m);
            }
        }
    });
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
    let mix = |levels: &Levels, index: f64| {
        let all = forecasts(levels, returns, index);
        all.iter().zip(weights).map(|(m, w)| w * m).sum::<f64>()
    };
    let effective = (STRIDE as f64 / horizon.max(1) as f64).min(1.0);
    let mut count = 0.0;
    let levels = origins(past, horizon, |weight, demand, variance, index, levels| {
        let m = mix(levels, index);
        errors.add((demand - m).powi(2) + variance, m, weight);
        count += weight * effective;
    });
    errors.count = errors.count.max(1e-12);
    // Overlapping windows count for what they add.
    let scale = count / errors.count;
    errors.squares *= scale;
    errors.means *= scale;
    errors.count = count;
    LevelNow {
        level: mix(&levels, 1.0),
        evidence: levels.iter().zip(weights).map(|(l, w)| w * l[0]).sum(),
        errors,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past<'a>(
        evidence: &'a [Evidence],
        index: &'a [f64],
        class: &'a [u8],
        demand: &'a [f64],
        zero: &'a [f64],
    ) -> Past<'a> {
        Past {
            evidence,
            index,
            class,
            demand,
            hidden_variance: zero,
            level: 4.0,
            dispersion: 1.0,
            step: 1,
            whole_units: true,
        }
    }

    /// Each period fully seen.
    fn seen(demand: &[f64]) -> Vec<Evidence> {
        let period = |&n: &f64| Evidence { n, e: 1.0, w: 1.0 };
        demand.iter().map(period).collect()
    }

    #[test]
    fn a_constant_past_is_forecast_without_error() {
        let n = 120;
        let evidence = vec![
            Evidence {
                n: 4.0,
                e: 1.0,
                w: 1.0
            };
            n
        ];
        let (index, class, demand, zero) = (vec![1.0; n], vec![0u8; n], vec![4.0; n], vec![0.0; n]);
        let past = past(&evidence, &index, &class, &demand, &zero);
        let now = level_now(&past, 10, &[1.0 / 7.0; 7], &[0.0; 7]);
        assert!((now.level - 4.0).abs() < 1e-9);
        assert!(now.errors.own() < 1e-12);
    }

    #[test]
    fn a_level_shift_is_followed_by_the_fast_discounts() {
        let n = 200;
        let demand: Vec<f64> = (0..n).map(|t| if t < 150 { 2.0 } else { 8.0 }).collect();
        let evidence = seen(&demand);
        let (index, class, zero) = (vec![1.0; n], vec![0u8; n], vec![0.0; n]);
        let past = past(&evidence, &index, &class, &demand, &zero);
        let stays = [0.0; 7];
        let w = weights(&score(&past, 10, &stays), &[1.0 / 7.0; 7], 10);
        assert!(level_now(&past, 10, &w, &stays).level > 7.0, "{w:?}");
    }

    #[test]
    fn the_share_that_comes_back_is_that_of_the_past() {
        // Demand leaves its usual 10 for a week every two months: what a fast level follows is gone within the next twenty days.
        let n = 720;
        let demand: Vec<f64> = (0..n)
            .map(|t| if t % 60 < 7 { 30.0 } else { 10.0 })
            .collect();
        let evidence = seen(&demand);
        let (index, class, zero) = (vec![1.0; n], vec![0u8; n], vec![0.0; n]);
        let past = past(&evidence, &index, &class, &demand, &zero);
        let sums = returned(&past, 20);
        let shares = sums.map(|[cross, squares]| cross / squares);
        assert!(shares[0] > 0.7, "{shares:?}");
        // A level that stays where it went does not come back.
        let steps: Vec<f64> = (0..n).map(|t| 10.0 + (t / 240) as f64 * 10.0).collect();
        let evidence = seen(&steps);
        let past = self::past(&evidence, &index, &class, &steps, &zero);
        let shares = returned(&past, 20).map(|[cross, squares]| cross / squares);
        assert!(shares[0] < 0.1, "{shares:?}");
    }
}
