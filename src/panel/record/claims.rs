//! Which of the days that the chain thinks without stock are said to be so.
//!
//! Everything the chain thinks weighs in the rate of demand; shown as a stockout is what chance does not explain. Between two counts
//! the counts themselves testify. Where only sales do, a run must be rare, the item sell often enough that a run says
//! anything, and stockouts stay the exception: an item that is out for a third of its days by this measure is one that sells in seasons
//! or campaigns.

use super::chain::{Ends, Said};
use super::learn::{Learnt, PoolPast};

/// An item without stock for more than this share of its unclear days is not judged by its sales alone.
const MOST_OUT: f64 = 0.3;
/// Units a day from which sales alone tell.
const TELLING: f64 = 0.5;
/// Units that an outage of usual length must miss, and the least length that counts as usual.
const MISSED: (f64, f64) = (5.0, 7.0);
/// Units a day from which what lies between two counts is told.
const BETWEEN: f64 = 0.2;
/// A day is told where it is more probably without stock than not.
const PROBABLE: f64 = 0.5;
/// Least share of a day with a sale.
const LEAST_SHARE: f64 = 0.3;

/// What is said of the days of one pool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// Expected share of the day with stock, 0..=1; NaN where the record says it, and where nothing does.
    pub odds: Vec<f32>,
    /// Days said to be probably without stock.
    pub probably_out: Vec<bool>,
}

/// What is said of a pool's days; a run is told where the probability of stock in it is at most `most`.
pub fn claims(pool: &PoolPast, learnt: &Learnt, most: f64) -> Claims {
    let n = pool.sold.len();
    let mut claims = Claims {
        odds: vec![f32::NAN; n],
        probably_out: vec![false; n],
    };
    let unclear = |t: usize| pool.said[t] == Said::Unclear;
    let telling = learnt.level >= TELLING
        && learnt
            .rates
            .is_some_and(|rates| learnt.level * MISSED.1.max(2.0 / rates.comes) >= MISSED.0);
    let (mut out, mut days) = (0.0, 0.0);
    for span in &pool.spans {
        if matches!(span.ends, Ends::Free { .. } | Ends::Count) {
            for t in span.days.clone().filter(|&t| pool.said[t] != Said::Silent) {
                days += 1.0;
                out += 1.0 - learnt.stocked[t];
            }
        }
    }
    let seldom = out <= MOST_OUT * days;
    for span in &pool.spans {
        let counted = span.ends == Ends::Counts;
        if !counted && !seldom {
            continue;
        }
        let mut end = span.days.end;
        if matches!(span.ends, Ends::Free { after: None, .. } | Ends::Count) {
            // Whether a run goes on nobody knows yet.
            while end > span.days.start && pool.sold[end - 1] <= 0.0 && unclear(end - 1) {
                end -= 1;
            }
        }
        for t in (span.days.start..end).filter(|&t| unclear(t)) {
            claims.odds[t] = if pool.sold[t] > 0.0 {
                let part = learnt.ended[t] * 0.5 * (1.0 + learnt.spread);
                (1.0 - part).max(LEAST_SHARE) as f32
            } else {
                learnt.stocked[t].clamp(0.0, 1.0) as f32
            };
        }
        if counted {
            if learnt.level >= BETWEEN {
                tell(pool, learnt, span.days.start..end, PROBABLE, &mut claims);
            }
        } else if telling {
            tell(pool, learnt, span.days.start..end, 1.0 - most, &mut claims);
        }
    }
    claims
}

/// Tells the days of each run whose probability without stock reaches `least` anywhere, and the day on which it began.
fn tell(
    pool: &PoolPast,
    learnt: &Learnt,
    days: std::ops::Range<usize>,
    least: f64,
    claims: &mut Claims,
) {
    let quiet = |t: usize| pool.sold[t] <= 0.0 && !claims.odds[t].is_nan();
    let out = |t: usize| 1.0 - learnt.stocked[t];
    let mut found = Vec::new();
    let mut t = days.start;
    while t < days.end {
        let from = t;
        while t < days.end && quiet(t) {
            t += 1;
        }
        let run = from..t;
        t = t.max(from + 1);
        if run.is_empty() || run.clone().map(out).fold(0.0, f64::max) < least {
            continue;
        }
        found.extend(run.filter(|&t| out(t) >= PROBABLE));
    }
    // A day on which stock probably ended, too.
    found.extend(days.filter(|&t| {
        pool.sold[t] > 0.0 && !claims.odds[t].is_nan() && learnt.ended[t] >= PROBABLE
    }));
    for t in found {
        claims.probably_out[t] = true;
    }
}
