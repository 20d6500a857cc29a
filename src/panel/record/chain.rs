//! In stock or out, day by day, where no record says it: a chain of hidden states over one stretch of days.
//!
//! While in stock a day's demand is a zero-inflated negative binomial; out of stock nothing sells. Stock ends by a sale (rate a a day) and comes back after
//! two phases (rate b each: outages of a day and of a month are both rare). Between two counts the stock before the first receipt and after the last
//! one is known, and two more states stand for these: the receipt falls on each day with the same chance.
//! Forward and backward as in Rabiner (1989), scaled day by day; plain slices, nothing allocated but the buffers of a worker.

/// Nothing came yet since the count before.
const BEFORE: usize = 0;
/// Between the first receipt and the last, or no count is near: in stock.
const IN: usize = 1;
/// The same, out of stock; two phases.
const OUT: usize = 2;
const LATE: usize = 3;
/// All has come that the next count shows.
const AFTER: usize = 4;
/// States.
const N: usize = 5;

/// Probability that what came between two counts came at once.
const AT_ONCE: f64 = 0.7;
/// Chance that stock ends on a day without a sale, against one with: it was lost, broken or miscounted.
const WITHOUT_SALE: f64 = 0.3;
/// A receipt sells on its own day so rarely, where nothing proves it.
const SAME_DAY: f64 = 0.02;
/// Days from a count to the next receipt, after the last count.
const RECEIPT_DAYS: f64 = 30.0;
/// Units are the same within this.
const EPSILON: f64 = 1e-6;

/// What is known about the ends of a stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ends {
    /// No stock is known; `before` and `after` say whether there was any at the close before the first day and of the last.
    Free {
        before: Option<bool>,
        after: Option<bool>,
    },
    /// Stock is known at both ends, and more is there in the end than sales explain.
    Counts,
    /// Stock is known at the beginning, and nothing after.
    Count,
}

/// What one day says beside its sales.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Said {
    /// Stock was there all day.
    In,
    /// No stock was there.
    Out,
    /// Sold out during the day.
    RanOut,
    /// Nothing is known.
    #[default]
    Unclear,
    /// Nothing is known, and its sales say nothing either: before the first sale, within a run of months.
    Silent,
}

/// One stretch of days of one pool.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'a> {
    pub sold: &'a [f64],
    pub said: &'a [Said],
    /// Opening stock if nothing came since the count before; NaN without one.
    pub low: &'a [f64],
    /// Opening stock if all had come that the next count shows; NaN without one.
    pub high: &'a [f64],
    /// Probability of no sale on a day in stock.
    pub none: &'a [f64],
    /// P(D ≥ y) ÷ P(D = y) of what sold, where that may have been all.
    pub beyond: &'a [f64],
    pub ends: Ends,
}

/// How often stock ends, and how soon it comes back; a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// a: in stock to out.
    pub ends: f64,
    /// b: of each of the two phases; the mean outage is 2 ÷ b days.
    pub comes: f64,
}

/// Expected numbers of what happened in the stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Days in stock that another day follows.
    pub stocked: f64,
    /// Stock ended.
    pub ended: f64,
    /// Days without stock.
    pub out: f64,
    /// Stock came back.
    pub came: f64,
}

impl Counts {
    pub fn add(&mut self, other: Self) {
        self.stocked += other.stocked;
        self.ended += other.ended;
        self.out += other.out;
        self.came += other.came;
    }
}

/// Buffers of one worker.
#[derive(Default)]
pub struct Scratch {
    forward: Vec<[f64; N]>,
    likely: Vec<[f64; N]>,
    scale: Vec<f64>,
}

/// Moves between a day and the next.
struct Step {
    /// First receipt.
    first: f64,
    /// Last receipt.
    last: f64,
    ends: f64,
    comes: f64,
}

impl Step {
    /// Between day `t` and the next.
    fn new(stretch: &Stretch<'_>, rates: Rates, t: usize) -> Self {
        let left = (stretch.sold.len() - t) as f64;
        let (first, last) = match stretch.ends {
            Ends::Free { .. } => (0.0, 0.0),
            Ends::Counts => (1.0 / left, 1.0 / left),
            Ends::Count => (1.0 / RECEIPT_DAYS, 0.0),
        };
        let share = if stretch.sold[t] > 0.0 {
            1.0
        } else {
            WITHOUT_SALE
        };
        Self {
            first,
            last,
            ends: (rates.ends * share).min(0.5),
            comes: rates.comes,
        }
    }

    /// Share of first receipts that are the only one.
    fn only(stretch: &Stretch<'_>) -> f64 {
        if stretch.ends == Ends::Counts {
            AT_ONCE
        } else {
            0.0
        }
    }

    fn forward(&self, a: &[f64; N], only: f64) -> [f64; N] {
        let stay = 1.0 - self.last;
        [
            a[BEFORE] * (1.0 - self.first),
            a[BEFORE] * self.first * (1.0 - only)
                + stay * (a[IN] * (1.0 - self.ends) + a[LATE] * self.comes),
            stay * (a[IN] * self.ends + a[OUT] * (1.0 - self.comes)),
            stay * (a[OUT] * self.comes + a[LATE] * (1.0 - self.comes)),
            a[BEFORE] * self.first * only + self.last * (a[IN] + a[OUT] + a[LATE]) + a[AFTER],
        ]
    }

    fn backward(&self, b: &[f64; N], only: f64) -> [f64; N] {
        let stay = 1.0 - self.last;
        let come = self.last * b[AFTER];
        [
            b[BEFORE] * (1.0 - self.first) + self.first * (only * b[AFTER] + (1.0 - only) * b[IN]),
            stay * (b[IN] * (1.0 - self.ends) + b[OUT] * self.ends) + come,
            stay * (b[OUT] * (1.0 - self.comes) + b[LATE] * self.comes) + come,
            stay * (b[LATE] * (1.0 - self.comes) + b[IN] * self.comes) + come,
            b[AFTER],
        ]
    }
}

/// Whether what sold on day `t` was all that was there, with this opening stock.
fn emptied(stretch: &Stretch<'_>, stock: f64, t: usize) -> bool {
    (stock - stretch.sold[t]).abs() <= EPSILON
}

/// Likelihood of day `t` in each state, up to a factor that all share.
fn likelihood(stretch: &Stretch<'_>, t: usize) -> [f64; N] {
    let sold = stretch.sold[t];
    match stretch.said[t] {
        Said::Silent => return [1.0; N],
        Said::RanOut => return [1.0, 1.0, 0.0, 0.0, 1.0],
        _ => {}
    }
    let known = |stock: f64| {
        if stock.is_nan() {
            0.0
        } else if sold > 0.0 {
            if emptied(stretch, stock, t) {
                stretch.beyond[t]
            } else {
                f64::from(u8::from(stock > sold))
            }
        } else if stock > EPSILON {
            stretch.none[t]
        } else {
            1.0
        }
    };
    let (before, after) = (known(stretch.low[t]), known(stretch.high[t]));
    if sold > 0.0 {
        return [before, 1.0, 0.0, 0.0, after];
    }
    let (within, without) = match stretch.said[t] {
        Said::In => (stretch.none[t], 0.0),
        Said::Out => (0.0, 1.0),
        _ => (stretch.none[t], 1.0),
    };
    [before, within, without, without, after]
}

/// Chances of the states on the first day.
fn beginning(stretch: &Stretch<'_>, rates: Rates) -> [f64; N] {
    match stretch.ends {
        Ends::Counts | Ends::Count => {
            // What sold beyond the count came and sold at once.
            let at_once = stretch.sold[0] > stretch.low[0].max(0.0) + EPSILON;
            let same = if at_once { 1.0 } else { SAME_DAY };
            if stretch.ends == Ends::Count {
                [1.0 - same, same, 0.0, 0.0, 0.0]
            } else {
                [1.0 - same, same * (1.0 - AT_ONCE), 0.0, 0.0, same * AT_ONCE]
            }
        }
        Ends::Free { before, .. } => match before {
            Some(true) => [0.0, 1.0, 0.0, 0.0, 0.0],
            Some(false) => [0.0, rates.comes, 0.5, 0.5, 0.0],
            None => {
                let out = rates.ends / (rates.ends + 0.5 * rates.comes);
                [0.0, 1.0 - out, 0.5 * out, 0.5 * out, 0.0]
            }
        },
    }
}

/// Weights of the states after the last day.
fn ending(stretch: &Stretch<'_>, rates: Rates) -> [f64; N] {
    match stretch.ends {
        Ends::Counts => [AT_ONCE, 1.0, 1.0, 1.0, 1.0],
        Ends::Count | Ends::Free { after: None, .. } => [1.0; N],
        Ends::Free {
            after: Some(true), ..
        } => [0.0, 1.0, 0.0, rates.comes, 0.0],
        Ends::Free {
            after: Some(false), ..
        } => {
            let sold = stretch.sold.last().is_some_and(|y| *y > 0.0);
            [0.0, if sold { 1.0 } else { rates.ends }, 1.0, 1.0, 0.0]
        }
    }
}

/// Probability that stock was there on each day, into `stocked`, and that it ended in the course of it, into `emptied`. `None` when
/// no course of states explains the stretch.
pub fn days(
    stretch: &Stretch<'_>,
    rates: Rates,
    scratch: &mut Scratch,
    stocked: &mut [f64],
    ended: &mut [f64],
) -> Option<Counts> {
    let n = stretch.sold.len();
    if n == 0 {
        return Some(Counts::default());
    }
    let only = Step::only(stretch);
    scratch.forward.clear();
    scratch.likely.clear();
    scratch.scale.clear();
    let mut state = beginning(stretch, rates);
    for t in 0..n {
        if t > 0 {
            state = Step::new(stretch, rates, t - 1).forward(&state, only);
        }
        let like = likelihood(stretch, t);
        state.iter_mut().zip(like).for_each(|(s, l)| *s *= l);
        let sum: f64 = state.iter().sum();
        if sum.is_nan() || sum <= 0.0 {
            return None;
        }
        let part = 1.0 / sum;
        state.iter_mut().for_each(|s| *s *= part);
        scratch.forward.push(state);
        scratch.likely.push(like);
        scratch.scale.push(sum);
    }
    let mut back = ending(stretch, rates);
    let sum: f64 = state.iter().zip(back).map(|(s, b)| s * b).sum();
    if sum.is_nan() || sum <= 0.0 {
        return None;
    }
    back.iter_mut().for_each(|b| *b /= sum);
    let mut counts = Counts::default();
    ended[n - 1] = 0.0;
    for t in (0..n).rev() {
        let (a, like) = (scratch.forward[t], scratch.likely[t]);
        let at: [f64; N] = std::array::from_fn(|k| a[k] * back[k]);
        let stands = |stock: f64| f64::from(u8::from(stock > EPSILON));
        let sold = stretch.sold[t] > 0.0;
        stocked[t] = if sold {
            1.0
        } else {
            // Sums of chances stray from 1 by rounding.
            let low = at[BEFORE] * stands(stretch.low[t]);
            (at[IN] + low + at[AFTER] * stands(stretch.high[t])).min(1.0)
        };
        if sold {
            let all = |stock: f64| f64::from(u8::from(emptied(stretch, stock, t)));
            let known = at[BEFORE] * all(stretch.low[t]) + at[AFTER] * all(stretch.high[t]);
            ended[t] = (ended[t] + known).min(1.0);
        }
        if stretch.said[t] != Said::Silent {
            counts.out += at[OUT] + at[LATE];
        }
        if t > 0 {
            let step = Step::new(stretch, rates, t - 1);
            // What day t says, for the day before it.
            let next: [f64; N] = std::array::from_fn(|k| like[k] * back[k] / scratch.scale[t]);
            let b = scratch.forward[t - 1];
            let runs_out = b[IN] * (1.0 - step.last) * step.ends * next[OUT];
            ended[t - 1] = if stretch.sold[t - 1] > 0.0 {
                runs_out
            } else {
                0.0
            };
            back = step.backward(&next, only);
            if stretch.said[t] != Said::Silent && stretch.said[t - 1] != Said::Silent {
                counts.ended += runs_out;
                counts.stocked += b[IN] * back[IN];
                counts.came += b[LATE] * (1.0 - step.last) * step.comes * next[IN]
                    + (b[OUT] + b[LATE]) * step.last * next[AFTER];
            }
        }
    }
    Some(counts)
}
