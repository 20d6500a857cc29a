//! What the days of a location have in common: its weekdays, its holidays, the day on which it was shut.

use super::chain::Said;
use super::learn::{Learnt, MEMORY, PoolPast, weight};

/// Units that a day of a location counts for before its own are seen.
const DAY_PRIOR: f64 = 5.0;

/// Weekday × day of each location, by day.
pub(super) type Shared = Vec<Vec<f64>>;

/// What the days of each location have in common.
pub(super) fn shared_days(
    pools: &[PoolPast],
    learnt: &[Learnt],
    places: usize,
    weekday: usize,
    round: usize,
    every: usize,
) -> Shared {
    let length = pools
        .iter()
        .map(|p| p.first + p.sold.len())
        .max()
        .unwrap_or(0);
    let mut sums = vec![vec![[0.0; 2]; length]; places];
    let mut weeks = vec![[[0.0; 2]; 7]; places];
    for (pool, learnt) in pools.iter().zip(learnt).step_by(every) {
        let (days, week) = (&mut sums[pool.place], &mut weeks[pool.place]);
        // The level of a location's day is measured at the levels of its pools, not at its own last factor.
        for t in 0..pool.sold.len() {
            // In the first round all unclear days are in stock: a shop that was closed must not look like many stockouts.
            let stocked = if round == 0 && pool.said[t] != Said::Out {
                1.0
            } else {
                learnt.stocked[t]
            };
            let w = weight(pool, stocked, t);
            let at = pool.first + t;
            let d = (weekday + at) % 7;
            let plain = w * learnt.level;
            week[d][0] += w * pool.sold[t];
            week[d][1] += plain;
            days[at][0] += w * pool.sold[t];
            days[at][1] += plain;
        }
    }
    sums.into_iter()
        .zip(weeks)
        .map(|(days, week)| {
            let total = week
                .iter()
                .fold([0.0; 2], |a, b| [a[0] + b[0], a[1] + b[1]]);
            let all = if total[1] > 0.0 {
                total[0] / total[1]
            } else {
                1.0
            };
            let weekday_factor = week.map(|[y, m]| (y + 20.0) / (m * all + 20.0));
            // What the level of the whole location does over weeks is the levels' own.
            let smooth = smoothed(&days);
            days.iter()
                .enumerate()
                .map(|(at, [y, m])| {
                    let week = weekday_factor[(weekday + at) % 7];
                    week * (y + DAY_PRIOR) / (m * week * smooth[at] + DAY_PRIOR)
                })
                .collect()
        })
        .collect()
}

/// Course of a location's sales ÷ expected over weeks.
fn smoothed(days: &[[f64; 2]]) -> Vec<f64> {
    let keep = (-1.0 / MEMORY).exp();
    let (mut left, mut out) = ([DAY_PRIOR; 2], vec![[0.0; 2]; days.len()]);
    for (o, d) in out.iter_mut().zip(days) {
        left = [keep * left[0] + d[0], keep * left[1] + d[1]];
        *o = left;
    }
    let mut right = [0.0; 2];
    for (o, d) in out.iter_mut().zip(days).rev() {
        *o = [o[0] + right[0], o[1] + right[1]];
        right = [keep * (right[0] + d[0]), keep * (right[1] + d[1])];
    }
    out.iter()
        .map(|[y, m]| if *m > 0.0 { y / m } else { 1.0 })
        .collect()
}
