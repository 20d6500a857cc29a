//! What counts, receipts and sales prove of the days of one pool, before anything is estimated.
//!
//! Between two counts the stock is known from both ends: `low` if nothing came but what is recorded, `high` if all had come that the next
//! count shows. Where the two agree every day is known; where more came than is recorded (D = next − last + sold − recorded > 0) a day is in stock for
//! sure while `low` is above zero, and without stock where `high` is not. Where less is there than should be (D < 0, shrinkage) the two change their parts.
//! Backward from a count, with receipts known, the stock is rolled and raised to what each day sold; it is believed as far as
//! it stands clear of what may have come or gone unrecorded since the last day on which it was known.

use std::ops::Range;

use super::chain::{Ends, Said};
use super::learn::Span;

/// Units are the same within this.
const EPSILON: f64 = 1e-6;
/// What may have come or gone unrecorded: units, and a share of what was moved since stock was last known.
const UNRECORDED: (f64, f64) = (2.0, 0.03);
/// Counts are so many days apart at most where a single one that misses units is a correction of the record and not a loss in between.
const CORRECTED: usize = 10;
/// So few days before the first count are left unknown.
const HEAD: usize = 14;
/// A run of days without a sale that should have sold so many units belies the stock rolled in front of it.
const BELIED: f64 = 8.0;

/// The record of one pool by day.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Recorded closing stock; NaN where nobody counted.
    pub counts: &'a [f64],
    /// Units sold by all channels.
    pub sold: &'a [f64],
    /// What else moved the stock, as far as it is recorded, signed.
    pub moved: &'a [f64],
    /// First day from which receipts are recorded; `None` where they are not.
    pub receipts_from: Option<usize>,
    /// Usual sales of a day in stock.
    pub rate: f64,
}

/// How much the counts and the flow differ.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Differences {
    /// Intervals between counts in which more was there than sales and receipts explain, and those units.
    pub came: (u32, f64),
    /// Intervals in which less was there, and those units.
    pub gone: (u32, f64),
    /// Intervals in which a count says empty and sales go on.
    pub belied: u32,
}

/// What is known of each day.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Closing stock: recorded, rolled where that is sure, or the best guess; NaN where nothing is known.
    pub closing: Vec<f64>,
    pub said: Vec<Said>,
    /// Whether the day follows from closing stock alone, as if it had been recorded.
    pub recorded: Vec<bool>,
    pub low: Vec<f64>,
    pub high: Vec<f64>,
    pub spans: Vec<Span>,
    pub differences: Differences,
    /// Intervals between counts on which these and the flow agree.
    agreed: u32,
    /// Whether no more than one count misses units.
    seldom_missing: bool,
}

impl Facts {
    fn unknown(record: &Record<'_>) -> Self {
        let n = record.sold.len();
        Self {
            closing: record.counts.to_vec(),
            said: vec![Said::Unclear; n],
            recorded: vec![false; n],
            low: vec![f64::NAN; n],
            high: vec![f64::NAN; n],
            spans: Vec::new(),
            differences: Differences::default(),
            agreed: 0,
            seldom_missing: false,
        }
    }

    /// Reads a record.
    pub fn of(record: &Record<'_>) -> Self {
        let n = record.sold.len();
        let mut facts = Self::unknown(record);
        let counted: Vec<usize> = (0..n).filter(|&t| !record.counts[t].is_nan()).collect();
        let (Some(&first), Some(&last)) = (counted.first(), counted.last()) else {
            facts.span(0..n, None, None);
            return facts;
        };
        let missing = |pair: &&[usize]| unexplained(record, pair[0], pair[1]) < -EPSILON;
        facts.seldom_missing = counted.windows(2).filter(missing).count() <= 1;
        facts.head(record, first);
        for pair in counted.windows(2) {
            facts.between(record, pair[0], pair[1]);
        }
        facts.tail(record, last);
        facts
    }

    /// Closing stock rolled forward from every count, and nothing judged: the shop itself says what its days were.
    pub fn rolled(record: &Record<'_>) -> Self {
        let mut facts = Self::unknown(record);
        facts.recorded.fill(true);
        let n = record.sold.len();
        if let Some(first) = record.counts.iter().position(|c| !c.is_nan()) {
            let mut from = first;
            for t in first + 1..=n {
                if t == n || !record.counts[t].is_nan() {
                    facts.exact(record, from + 1..t);
                    from = t;
                }
            }
        }
        facts
    }

    fn span(&mut self, days: Range<usize>, before: Option<bool>, after: Option<bool>) {
        let ends = Ends::Free { before, after };
        self.spans.push(Span { days, ends });
    }

    /// Days up to the first count.
    fn head(&mut self, record: &Record<'_>, first: usize) {
        let count = record.counts[first];
        self.said[first] = match (count > EPSILON, record.sold[first] > 0.0) {
            (true, _) => Said::In,
            (false, true) => Said::RanOut,
            (false, false) => Said::Out,
        };
        if first <= HEAD {
            self.recorded[..=first].fill(true);
            return;
        }
        let from = record.receipts_from.map_or(first, |d| d.min(first));
        if from < first {
            self.backward(record, from, first);
        } else {
            self.recorded[first] = true;
        }
        self.span(0..first + 1, None, Some(count > EPSILON));
    }

    /// Rolls back from the count on `last` to day `from`.
    fn backward(&mut self, record: &Record<'_>, from: usize, last: usize) {
        let mut stock = record.counts[last];
        let mut since = 0.0;
        // Begin of the stretch that no day without stock confirms yet, seen from its end.
        let mut open = last + 1;
        for t in (from..=last).rev() {
            let (sold, moved) = (record.sold[t], record.moved[t]);
            if t < last {
                self.closing[t] = stock;
            }
            stock += sold - moved;
            since += sold + moved.abs();
            let mut known = false;
            if stock <= sold + EPSILON && (sold > 0.0 || stock <= EPSILON) {
                // All that was there went, or more than the record has: stock is known again.
                stock = sold;
                since = 0.0;
                known = true;
            }
            let clear = |stock: f64| stock > UNRECORDED.0 + UNRECORDED.1 * since;
            self.said[t] = if known {
                if sold > 0.0 { Said::RanOut } else { Said::Out }
            } else if clear(stock.min(if sold > 0.0 { stock - sold } else { stock })) {
                Said::In
            } else {
                Said::Unclear
            };
            if known {
                self.doubt(record, t + 1..open);
                open = t;
            }
        }
        self.doubt(record, from..open);
    }

    /// Takes back "in stock" where a run without a sale belies it.
    fn doubt(&mut self, record: &Record<'_>, days: Range<usize>) {
        let days = days.start..days.end.min(record.sold.len());
        let longest = record.sold[days.clone()]
            .split(|y| *y > 0.0)
            .map(<[f64]>::len)
            .max()
            .unwrap_or(0);
        if longest as f64 * record.rate <= BELIED {
            return;
        }
        for t in days {
            if self.said[t] == Said::In {
                self.said[t] = Said::Unclear;
                self.closing[t] = record.counts[t];
            }
        }
    }

    /// Days after the count on `a` up to the one on `b`.
    fn between(&mut self, record: &Record<'_>, a: usize, b: usize) {
        let (opening, closing) = (record.counts[a], record.counts[b]);
        let days = a + 1..b + 1;
        if b == a + 1 {
            let sold = record.sold[b];
            self.recorded[b] = true;
            self.said[b] = match (opening > EPSILON, sold > 0.0) {
                (true, false) => Said::In,
                (false, false) => Said::Out,
                (_, true) if sold >= opening - EPSILON => Said::RanOut,
                _ => Said::In,
            };
            return;
        }
        let unexplained = unexplained(record, a, b);
        let mut stock = opening;
        let mut lowest = f64::INFINITY;
        for t in days.clone() {
            self.low[t] = stock;
            self.high[t] = stock + unexplained;
            stock += record.moved[t] - record.sold[t];
            lowest = lowest.min(stock);
        }
        if unexplained > EPSILON {
            self.differences.came.0 += 1;
            self.differences.came.1 += unexplained;
        } else if unexplained < -EPSILON {
            self.differences.gone.0 += 1;
            self.differences.gone.1 -= unexplained;
        }
        if opening <= EPSILON && record.sold[a + 1] > 0.0 {
            self.differences.belied += 1;
        }
        let corrected = unexplained < 0.0
            && self.seldom_missing
            && record.receipts_from.is_some()
            && days.len() <= CORRECTED;
        if corrected {
            self.exact(record, days);
            return;
        }
        if unexplained.abs() <= EPSILON && lowest >= -EPSILON {
            self.agreed += 1;
            self.exact(record, days);
            return;
        }
        if unexplained < 0.0 {
            // Losses lie anywhere in between: backward from the count they only show stock too low, and each day that sold raises it again.
            self.backward(record, a + 1, b);
        }
        for t in days.clone() {
            let (low, high) = (self.low[t], self.high[t]);
            let (least, most) = (low.min(high), low.max(high));
            let proven = said(record.sold[t], least, most);
            if proven != Said::Unclear || unexplained > 0.0 {
                self.said[t] = proven;
            }
        }
        if unexplained > EPSILON {
            let ends = Ends::Counts;
            self.spans.push(Span { days, ends });
        } else {
            self.lost(record, days.clone());
            self.low[days.clone()].fill(f64::NAN);
            self.high[days.clone()].fill(f64::NAN);
            self.span(days, Some(opening > EPSILON), Some(closing > EPSILON));
        }
    }

    /// Days on which nothing but what is recorded came or went.
    fn exact(&mut self, record: &Record<'_>, days: Range<usize>) {
        let mut stock = record.counts[days.start - 1];
        for t in days {
            let open = stock;
            stock += record.moved[t] - record.sold[t];
            // What is sold was there: a record that would go below zero was too low before.
            if open >= 0.0 {
                stock = stock.max(0.0);
            }
            if record.counts[t].is_nan() {
                self.closing[t] = stock;
            }
            self.recorded[t] = true;
            self.said[t] = said(record.sold[t], open, open);
        }
    }

    /// Closing stock of days between counts that miss units: rolled, the loss at the count that shows it, and nothing where nothing was left.
    fn lost(&mut self, record: &Record<'_>, days: Range<usize>) {
        let b = days.end - 1;
        for t in days.start..b {
            let close = self.low[t] + record.moved[t] - record.sold[t];
            self.closing[t] = if self.said[t] == Said::Out {
                0.0
            } else {
                close.max(0.0)
            };
        }
        if self.said[b] == Said::Out && self.low[b] > EPSILON {
            // By the record something was there until this day.
            self.said[b] = Said::RanOut;
        }
    }

    /// Days after the last count.
    fn tail(&mut self, record: &Record<'_>, last: usize) {
        let n = record.sold.len();
        if last + 1 >= n {
            return;
        }
        let days = last + 1..n;
        let known = record.receipts_from.is_some();
        // Where every count was what sales and receipts made it, nothing comes or goes unrecorded.
        let Differences { came, gone, .. } = self.differences;
        let trusted = self.agreed > 0 && came.0 + gone.0 == 0;
        let (mut stock, mut since) = (record.counts[last], 0.0);
        for t in days.clone() {
            let (sold, moved) = (record.sold[t], record.moved[t]);
            let open = stock;
            self.low[t] = open;
            since += sold + moved.abs();
            stock += moved - sold;
            // What is sold was there: a stock that would fall below zero was too low before.
            if open >= 0.0 {
                stock = stock.max(0.0);
            }
            self.closing[t] = stock;
            let doubt = if trusted {
                EPSILON
            } else {
                UNRECORDED.0 + UNRECORDED.1 * since
            };
            self.recorded[t] = known && trusted;
            self.said[t] = if sold > 0.0 {
                if open - sold > if known { doubt } else { EPSILON } {
                    Said::In
                } else if known && (open - sold).abs() <= EPSILON {
                    Said::RanOut
                } else {
                    Said::Unclear
                }
            } else if open > if known { doubt } else { EPSILON } {
                Said::In
            } else if open <= EPSILON && (known || t == last + 1) {
                Said::Out
            } else {
                Said::Unclear
            };
        }
        if known {
            self.low[days.clone()].fill(f64::NAN);
            self.span(days, Some(record.counts[last] > EPSILON), None);
        } else {
            let ends = Ends::Count;
            self.spans.push(Span { days, ends });
        }
    }
}

/// Units that are there on the day of count `b` beyond what the count on `a` and all that is recorded since make it.
fn unexplained(record: &Record<'_>, a: usize, b: usize) -> f64 {
    let flow: f64 = (a + 1..b + 1)
        .map(|t| record.moved[t] - record.sold[t])
        .sum();
    record.counts[b] - record.counts[a] - flow
}

/// What a day says whose opening stock lies between `least` and `most`, where what is received sells from the next day on.
fn said(sold: f64, least: f64, most: f64) -> Said {
    if sold > 0.0 {
        if least > sold + EPSILON {
            Said::In
        } else if most <= sold + EPSILON && most >= sold - EPSILON {
            Said::RanOut
        } else {
            Said::Unclear
        }
    } else if least > EPSILON {
        Said::In
    } else if most <= EPSILON {
        Said::Out
    } else {
        Said::Unclear
    }
}
