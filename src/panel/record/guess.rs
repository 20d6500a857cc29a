//! What is supposed of a pool before anything is learnt, and which of its days say nothing.

use super::chain::Said;
use super::learn::{Learnt, PoolPast, weight};

/// Days without a sale that say nothing, whatever is expected of them: a season, a listing that ended.
pub const LONGEST_RUN: usize = 60;
/// A run that should have sold so many units is out at the start.
const FIRST_GUESS: f64 = 3.5;

/// Marks runs of more than [`LONGEST_RUN`] unclear days without a sale, and the days before the first sale: they say nothing.
pub fn silence(pool: &mut PoolPast) {
    let n = pool.sold.len();
    let first = pool.sold.iter().position(|y| *y > 0.0).unwrap_or(n);
    let mut t = 0;
    while t < n {
        let from = t;
        while t < n && pool.sold[t] <= 0.0 && pool.said[t] == Said::Unclear {
            t += 1;
        }
        if t - from > LONGEST_RUN || (t > from && from < first) {
            pool.said[from..t].fill(Said::Silent);
        }
        t = t.max(from + 1);
    }
}

/// A pool before anything is learnt.
pub fn first_guess(pool: &PoolPast) -> Learnt {
    let n = pool.sold.len();
    let mut stocked = vec![1.0; n];
    for (s, said) in stocked.iter_mut().zip(&pool.said) {
        if *said == Said::Out {
            *s = 0.0;
        }
    }
    let level = |stocked: &[f64]| {
        let (mut y, mut e) = (0.0, 0.0);
        for (t, stocked) in stocked.iter().enumerate() {
            let w = weight(pool, *stocked, t);
            y += w * pool.sold[t];
            e += w;
        }
        if e > 0.0 { y / e } else { 0.0 }
    };
    for _ in 0..3 {
        let l = level(&stocked);
        let mut t = 0;
        while t < n {
            let from = t;
            while t < n && pool.sold[t] <= 0.0 && pool.said[t] == Said::Unclear {
                t += 1;
            }
            if (t - from) as f64 * l > FIRST_GUESS {
                stocked[from..t].fill(0.0);
            }
            t = t.max(from + 1);
        }
    }
    let level = level(&stocked);
    Learnt {
        mean: vec![level; n],
        stocked,
        ended: vec![0.0; n],
        level,
        spread: 0.2,
        idle: 0.02,
        rates: None,
    }
}
