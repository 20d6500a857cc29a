//! What the model expected of a series, seen from each of its days: the level of then, the season of the calendar.

use std::ops::Range;

use crate::demand::{EXCLUDED, ORDINARY};
use crate::domain::{Availability, Day};
use crate::policy::Basis;

/// Forward view of one series.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub first: Day,
    step: i32,
    /// Level per period of index 1, from the periods before each one.
    level: Vec<f64>,
    /// Sums of the index, with events and without, and of recovered demand up to each period.
    index: Vec<f64>,
    plain: Vec<f64>,
    demand: Vec<f64>,
    /// The same of what was observed: units that met stock, and the index of the periods with any.
    seen: Vec<f64>,
    open: Vec<f64>,
    /// Variance ÷ mean of single periods, and of intervals.
    daily_dispersion: f64,
    dispersion: f64,
    level_variance: f64,
    pub whole: bool,
}

impl Expected {
    pub fn new(basis: &Basis<'_>, i: usize) -> Self {
        let (panel, model) = (basis.panel, basis.model);
        let view = panel.view(i);
        let fit = &model.series[i];
        let ahead = &basis.forecast.series[i];
        let start = panel.offsets[i];
        let n = view.len();
        let mut class = vec![ORDINARY; n];
        model.events.mark(
            basis.tables,
            panel.series[i],
            view.first,
            view.step,
            &mut class,
        );
        let evidence = model.evidence(panel, i);
        let delta = model.delta[panel.series[i].channel.at()];
        let sums = || {
            let mut all = Vec::with_capacity(n + 1);
            all.push(0.0);
            all
        };
        let (mut level, mut index, mut plain, mut demand) =
            (Vec::with_capacity(n), sums(), sums(), sums());
        let (mut seen, mut open) = (sums(), sums());
        // One period of the long-run level, as at the start of any series.
        let (mut a, mut b) = (fit.level, 1.0);
        for (t, &class) in class.iter().enumerate() {
            a = delta * a + (1.0 - delta) * fit.level;
            b = delta * b + (1.0 - delta);
            level.push(a / b);
            let day = view.day(t);
            let with = model.index(i, class, day, view.step);
            let without = if class == ORDINARY {
                with
            } else {
                model.index(i, ORDINARY, day, view.step)
            };
            let mean = a / b * with;
            let x = evidence(t, class, with, mean);
            // A one-off spike must not raise what is expected of the days after it.
            let cap = mean + 4.0 * (fit.dispersion * mean).sqrt() + 1.0;
            let n_seen = if x.e > 0.0 { x.n.min(cap) } else { x.n };
            a += x.w * n_seen;
            b += x.w * x.e;
            let last = |sums: &[f64]| sums.last().copied().unwrap_or(0.0);
            let (i0, p0, d0) = (last(&index), last(&plain), last(&demand));
            let shut = class == EXCLUDED;
            index.push(i0 + if shut { 0.0 } else { with });
            plain.push(p0 + if shut { 0.0 } else { without });
            let at = start + t;
            let shelf_open = !shut
                && !matches!(
                    view.availability[t],
                    Availability::Closed | Availability::Backorder | Availability::NotListed
                );
            let (s0, o0) = (last(&seen), last(&open));
            seen.push(s0 + if shelf_open { view.sold[t] } else { 0.0 });
            open.push(o0 + if shelf_open { with } else { 0.0 });
            demand.push(
                d0 + if shut {
                    0.0
                } else {
                    view.sold[t] + view.backordered[t] + model.lost[at]
                },
            );
        }
        Self {
            first: view.first,
            step: view.step,
            level,
            index,
            plain,
            demand,
            seen,
            open,
            daily_dispersion: fit.dispersion.max(1.0),
            dispersion: ahead.dispersion,
            level_variance: ahead.level_variance,
            whole: ahead.whole_units,
        }
    }

    /// Position of a day, held within the series; the end is one past its last period.
    fn at(&self, day: Day) -> usize {
        ((day - self.first).div_euclid(self.step)).clamp(0, self.level.len() as i32) as usize
    }

    fn level_at(&self, day: Day) -> f64 {
        let at = self.at(day).min(self.level.len().saturating_sub(1));
        self.level.get(at).copied().unwrap_or(0.0)
    }

    fn span(sums: &[f64], range: &Range<usize>) -> f64 {
        if range.end > range.start {
            sums[range.end] - sums[range.start]
        } else {
            0.0
        }
    }

    /// Mean demand of the days `from..to` as expected before the day `seen`.
    pub fn mean(&self, seen: Day, from: Day, to: Day) -> f64 {
        self.level_at(seen) * Self::span(&self.index, &(self.at(from)..self.at(to)))
    }

    /// The same without the calendar's events.
    pub fn mean_without_events(&self, seen: Day, from: Day, to: Day) -> f64 {
        self.level_at(seen) * Self::span(&self.plain, &(self.at(from)..self.at(to)))
    }

    /// Recovered demand of the days `from..to`.
    pub fn demand(&self, from: Day, to: Day) -> f64 {
        Self::span(&self.demand, &(self.at(from)..self.at(to)))
    }

    /// Units that met stock in the days `from..to`, and the mean expected before `seen` of those of them with stock. What sold out is a lower
    /// bound of what was asked for.
    pub fn met(&self, seen: Day, from: Day, to: Day) -> (f64, f64) {
        let range = self.at(from)..self.at(to);
        (
            Self::span(&self.seen, &range),
            self.level_at(seen) * Self::span(&self.open, &range),
        )
    }

    /// Variance of the demand of single days with this mean together: what days vary, and what is not known of the level.
    pub fn daily_variance(&self, mean: f64) -> f64 {
        self.daily_dispersion * mean + self.level_variance * mean * mean
    }

    /// Sum of the ordinary index over the days `from..to`, and how many periods they are.
    pub fn season(&self, from: Day, to: Day) -> (f64, f64) {
        let range = self.at(from)..self.at(to);
        (
            Self::span(&self.plain, &range),
            range.end.saturating_sub(range.start) as f64,
        )
    }

    /// Variance of an interval's demand with this mean: what the forecast says of such intervals.
    pub fn variance(&self, mean: f64) -> f64 {
        self.dispersion * mean + self.level_variance * mean * mean
    }

    /// Units a day expected from `day` on, over the next four weeks as far as the record goes.
    pub fn per_day(&self, day: Day) -> f64 {
        let to = self.at(day + 28).max(1);
        let from = self.at(day).min(to - 1);
        let periods = (to - from) as f64 * f64::from(self.step);
        self.level_at(day) * Self::span(&self.index, &(from..to)) / periods
    }
}
