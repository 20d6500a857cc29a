//! The laws behind the chain, learnt from all pools together: demand in stock, and how stock ends and comes back.
//!
//! Demand of a day in stock has mean level × weekday × day of the location, m. The level moves (exponential weights of [`MEMORY`] days to both
//! sides, by the probability of stock); weekday and day are shared by all that lies at a location, so that a closed shop is no stockout. What sold
//! is zero with probability π or negative binomial; π and size are pooled by velocity, the rates of the chain over the shop
//! (expectation–maximisation: Dempster, Laird & Rubin, 1977; zero inflation: Lambert, 1992).

use std::ops::Range;

use rayon::prelude::*;

use super::chain::{Counts, Ends, Rates, Said, Scratch, Stretch, days};
use super::guess::first_guess;
use super::shared::{Shared, shared_days};

/// Rounds of chain → laws.
const ROUNDS: usize = 12;
/// Pools that teach the laws of all, at most …
const TEACHERS: usize = 1_000;
/// … and rounds at the end in which the others take part.
const LAST_ROUNDS: usize = 4;
/// Pools a chunk of work; sums are added chunk by chunk, so that threads change nothing.
const CHUNK: usize = 32;
/// Memory of the level to each side, in days.
pub(super) const MEMORY: f64 = 30.0;
/// The level of all days counts for this many days in that of one, and for so many units at least.
const LEVEL_PRIOR: (f64, f64) = (14.0, 4.0);
/// Days that the law of its velocity counts for in a pool's own.
const LAW_PRIOR: f64 = 30.0;
/// Days in stock that the shop's rate counts for in a pool's own.
const RATE_PRIOR: f64 = 150.0;
/// Pools that sell so much a day say how long outages are.
const TELLING: f64 = 0.3;
/// Stockouts, days in stock and days out of stock that are supposed before anything is seen: one in 600 days, of ten days.
const PRIOR: Counts = Counts {
    stocked: 6_000.0,
    ended: 10.0,
    out: 100.0,
    came: 10.0,
};
/// Classes of velocity, from under .06 a day in powers of two.
const CLASSES: usize = 10;

/// A stretch of a pool that a chain runs over.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    pub days: Range<usize>,
    pub ends: Ends,
}

/// The days of one pool, and what is known of them. All columns have one length.
#[derive(Clone, Debug, Default)]
pub struct PoolPast {
    /// Location, as a number.
    pub place: usize,
    /// First day, counted from the first of all pools.
    pub first: usize,
    pub sold: Vec<f64>,
    pub said: Vec<Said>,
    /// See [`Stretch::low`].
    pub low: Vec<f64>,
    /// See [`Stretch::high`].
    pub high: Vec<f64>,
    pub spans: Vec<Span>,
}

/// What was learnt of one pool, by day.
#[derive(Clone, Debug, Default)]
pub struct Learnt {
    /// Probability that there was stock (on a day with a sale: 1).
    pub stocked: Vec<f64>,
    /// Probability that stock ended in the course of the day.
    pub ended: Vec<f64>,
    /// Expected demand.
    pub mean: Vec<f64>,
    /// Units a day over all days in stock.
    pub level: f64,
    /// 1 ÷ k of the negative binomial.
    pub spread: f64,
    /// π: share of days in stock on which nobody comes.
    pub idle: f64,
    /// a and b of its chain.
    pub rates: Option<Rates>,
}

/// Sums that laws are made of.
#[derive(Clone, Copy, Default)]
struct Law {
    days: f64,
    idle: f64,
    excess: f64,
    squares: f64,
}

impl Law {
    fn add(&mut self, o: &Self, w: f64) {
        self.days += w * o.days;
        self.idle += w * o.idle;
        self.excess += w * o.excess;
        self.squares += w * o.squares;
    }
}

/// What a chunk of pools found.
struct Found {
    counts: Counts,
    classes: [Law; CLASSES],
    own: Vec<(Law, Counts)>,
}

fn class(level: f64) -> usize {
    ((level.max(1e-9) * 16.0).log2().floor().max(-1.0) as i32 + 1).clamp(0, CLASSES as i32 - 1)
        as usize
}

/// Weight of day `t` in the level: none where its sales say nothing.
pub(super) fn weight(pool: &PoolPast, stocked: f64, t: usize) -> f64 {
    if pool.said[t] == Said::Silent {
        0.0
    } else {
        stocked
    }
}

/// Learns the chain of every pool. `weekday` is that of the first day of all, 0 Monday; `places` is the number of locations.
pub fn learn(pools: &[PoolPast], places: usize, weekday: usize) -> Vec<Learnt> {
    let mut learnt: Vec<Learnt> = pools.par_iter().map(first_guess).collect();
    let mut rates = Rates {
        ends: PRIOR.ended / PRIOR.stocked,
        comes: 2.0 * PRIOR.came / PRIOR.out,
    };
    for pool in &mut learnt {
        pool.rates = Some(rates);
    }
    let stride = pools.len().div_ceil(TEACHERS).max(1);
    for round in 0..ROUNDS {
        let every = if round + LAST_ROUNDS < ROUNDS {
            stride
        } else {
            1
        };
        let shared = shared_days(pools, &learnt, places, weekday, round, every);
        let found: Vec<Found> = learnt
            .par_chunks_mut(CHUNK)
            .zip(pools.par_chunks(CHUNK))
            .enumerate()
            .map_init(Buffers::default, |buffers, (k, (learnt, pools))| {
                let first = k * CHUNK;
                chunk(
                    pools,
                    learnt,
                    &shared,
                    |i| (first + i).is_multiple_of(every),
                    buffers,
                )
            })
            .collect();
        let mut classes = [Law::default(); CLASSES];
        let mut counts = PRIOR;
        for part in &found {
            counts.add(part.counts);
            classes
                .iter_mut()
                .zip(&part.classes)
                .for_each(|(a, b)| a.add(b, 1.0));
        }
        rates = Rates {
            ends: counts.ended / counts.stocked,
            comes: (2.0 * counts.came / counts.out).min(0.95),
        };
        let own = found.iter().flat_map(|f| &f.own);
        for (pool, (law, counts)) in learnt.iter_mut().zip(own) {
            pool.take(law, &classes[class(pool.level)], counts, rates);
        }
    }
    learnt
}

impl Learnt {
    fn take(&mut self, own: &Law, class: &Law, counts: &Counts, rates: Rates) {
        let mut law = *own;
        if class.days > 0.0 {
            law.add(class, LAW_PRIOR / class.days);
        }
        if law.days > 0.0 {
            self.idle = (law.idle / law.days).clamp(1e-4, 0.6);
            let all = (law.excess / law.squares.max(1e-12)).max(0.0);
            self.spread = (all * (1.0 - self.idle) - self.idle).clamp(1e-3, 4.0);
        }
        self.rates = Some(Rates {
            ends: (counts.ended + RATE_PRIOR * rates.ends) / (counts.stocked + RATE_PRIOR),
            comes: rates.comes,
        });
    }

    /// Probability that nothing sells on a day in stock of this mean.
    fn none(&self, mean: f64) -> f64 {
        let m = mean / (1.0 - self.idle);
        self.idle + (1.0 - self.idle) * (-(self.spread * m).ln_1p() / self.spread).exp()
    }

    /// P(D ≥ y) ÷ P(D = y) of y > 0.
    fn beyond(&self, mean: f64, sold: f64) -> f64 {
        let m = mean / (1.0 - self.idle);
        let k = 1.0 / self.spread;
        let odds = m / (k + m);
        // Terms after y, as parts of P(D = y).
        let (mut term, mut sum, mut x) = (1.0, 1.0, sold);
        for _ in 0..400 {
            term *= (x + k) / (x + 1.0) * odds;
            sum += term;
            x += 1.0;
            if term < 1e-6 * sum {
                break;
            }
        }
        sum
    }
}

#[derive(Default)]
struct Buffers {
    chain: Scratch,
    none: Vec<f64>,
    beyond: Vec<f64>,
    back: Vec<[f64; 2]>,
}

/// One round over a chunk of pools.
fn chunk(
    pools: &[PoolPast],
    learnt: &mut [Learnt],
    shared: &Shared,
    takes_part: impl Fn(usize) -> bool,
    buffers: &mut Buffers,
) -> Found {
    let mut found = Found {
        counts: Counts::default(),
        classes: [Law::default(); CLASSES],
        own: Vec::with_capacity(pools.len()),
    };
    for (i, (pool, learnt)) in pools.iter().zip(learnt).enumerate() {
        if !takes_part(i) {
            found.own.push((Law::default(), Counts::default()));
            continue;
        }
        means(pool, learnt, &shared[pool.place], buffers);
        let counts = run(pool, learnt, buffers);
        if learnt.level >= TELLING {
            found.counts.add(counts);
        }
        let law = law(pool, learnt, &buffers.none);
        found.classes[class(learnt.level)].add(&law, 1.0);
        found.own.push((law, counts));
    }
    found
}

/// Level and mean of every day.
fn means(pool: &PoolPast, learnt: &mut Learnt, shared: &[f64], buffers: &mut Buffers) {
    let n = pool.sold.len();
    let shared = &shared[pool.first..pool.first + n];
    let index = |t: usize| shared[t];
    let (mut y, mut e) = (0.0, 0.0);
    for t in 0..n {
        let w = weight(pool, learnt.stocked[t], t);
        // A day that ran out showed about half of what it would have sold.
        y += w * pool.sold[t];
        e += w * index(t) * (1.0 - 0.5 * learnt.ended[t]);
    }
    learnt.level = if e > 0.0 { y / e } else { 0.0 };
    let level = learnt.level;
    let prior = LEVEL_PRIOR.0.max(LEVEL_PRIOR.1 / level.max(1e-6));
    let keep = (-1.0 / MEMORY).exp();
    let back = &mut buffers.back;
    back.clear();
    back.resize(n, [0.0; 2]);
    let seen = |t: usize, learnt: &Learnt| {
        let w = weight(pool, learnt.stocked[t], t);
        [
            w * pool.sold[t],
            w * index(t) * (1.0 - 0.5 * learnt.ended[t]),
        ]
    };
    let mut right = [0.0; 2];
    for t in (0..n).rev() {
        back[t] = right;
        let s = seen(t, learnt);
        right = [keep * (right[0] + s[0]), keep * (right[1] + s[1])];
    }
    let mut left = [0.0; 2];
    for (t, back) in back.iter().enumerate() {
        let s = seen(t, learnt);
        left = [keep * left[0] + s[0], keep * left[1] + s[1]];
        let local = (left[0] + back[0] + prior * level) / (left[1] + back[1] + prior);
        learnt.mean[t] = local * index(t);
    }
}

/// The chain over every stretch of a pool.
fn run(pool: &PoolPast, learnt: &mut Learnt, buffers: &mut Buffers) -> Counts {
    let n = pool.sold.len();
    let Buffers {
        chain,
        none,
        beyond,
        ..
    } = buffers;
    none.clear();
    none.resize(n, 1.0);
    beyond.clear();
    beyond.resize(n, 1.0);
    let mut counts = Counts::default();
    let Some(rates) = learnt.rates else {
        return counts;
    };
    for span in &pool.spans {
        let r = span.days.clone();
        for t in r.clone() {
            if pool.sold[t] <= 0.0 {
                none[t] = learnt.none(learnt.mean[t]);
            } else if span.ends
                != (Ends::Free {
                    before: None,
                    after: None,
                })
            {
                let met = |stock: f64| (stock - pool.sold[t]).abs() < 1e-6;
                if met(pool.low[t]) || met(pool.high[t]) {
                    beyond[t] = learnt.beyond(learnt.mean[t], pool.sold[t]);
                }
            }
        }
        let stretch = Stretch {
            sold: &pool.sold[r.clone()],
            said: &pool.said[r.clone()],
            low: &pool.low[r.clone()],
            high: &pool.high[r.clone()],
            none: &none[r.clone()],
            beyond: &beyond[r.clone()],
            ends: span.ends,
        };
        let (stocked, ended) = (&mut learnt.stocked[r.clone()], &mut learnt.ended[r.clone()]);
        let found = days(&stretch, rates, chain, stocked, ended).or_else(|| {
            // The counts contradict the sales: then nothing is known but these.
            let free = Stretch {
                ends: Ends::Free {
                    before: None,
                    after: None,
                },
                ..stretch
            };
            days(&free, rates, chain, stocked, ended)
        });
        match found {
            Some(found) => counts.add(found),
            None => {
                stocked.fill(1.0);
                ended.fill(0.0);
            }
        }
    }
    counts
}

/// What the days in stock say about the law of a day; `none` is the probability of no sale on those within stretches.
fn law(pool: &PoolPast, learnt: &Learnt, none: &[f64]) -> Law {
    let mut law = Law::default();
    for t in 0..pool.sold.len() {
        let w = weight(pool, learnt.stocked[t], t) * (1.0 - learnt.ended[t]);
        let (y, m) = (pool.sold[t], learnt.mean[t]);
        if w <= 0.0 || m <= 0.0 {
            continue;
        }
        law.days += w;
        law.excess += w * ((y - m).powi(2) - m);
        law.squares += w * m * m;
        if y <= 0.0 {
            let none = if none[t] < 1.0 {
                none[t]
            } else {
                learnt.none(m)
            };
            law.idle += w * learnt.idle / none;
        }
    }
    law
}
