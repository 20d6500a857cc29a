//! What the model expected of a series, seen from each of its days: the level of then, the season of the calendar.

use std::ops::Range;

use crate::demand::{EXCLUDED, ORDINARY};
use crate::domain::{Availability, Day};
use crate::policy::Basis;

/// Sums up to a period over those of them that the calendar calls promotions or holidays.
#[derive(Clone, Copy, Debug, Default)]
struct EventSums {
    periods: f64,
    /// Index with the event, and as on an ordinary day; the latter of those with stock too.
    index: f64,
    plain: f64,
    open: f64,
    /// Recovered demand, and units that met stock.
    demand: f64,
    met: f64,
}

impl EventSums {
    fn less(self, before: Self) -> Self {
        Self {
            periods: self.periods - before.periods,
            index: self.index - before.index,
            plain: self.plain - before.plain,
            open: self.open - before.open,
            demand: self.demand - before.demand,
            met: self.met - before.met,
        }
    }
}

/// What the events within some days held.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EventDemand {
    pub days: f64,
    /// Demand expected with them, and on as many ordinary days.
    pub mean: f64,
    pub plain: f64,
    /// Recovered demand.
    pub actual: f64,
    /// Units that met stock, and the ordinary mean of the days with stock.
    pub met: f64,
    pub open: f64,
}

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
    /// Sums over the events of the calendar alone; empty where it has none.
    events: Vec<EventSums>,
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
        let eventful = class.iter().any(|c| !matches!(*c, ORDINARY | EXCLUDED));
        let mut events = if eventful {
            vec![EventSums::default(); n + 1]
        } else {
            Vec::new()
        };
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
            let wanted = if shut {
                0.0
            } else {
                view.sold[t] + view.backordered[t] + model.lost[at]
            };
            demand.push(d0 + wanted);
            if eventful {
                let mut sum = events[t];
                if class != ORDINARY && !shut {
                    sum.periods += 1.0;
                    sum.index += with;
                    sum.plain += without;
                    sum.demand += wanted;
                    if shelf_open {
                        sum.open += without;
                        sum.met += view.sold[t];
                    }
                }
                events[t + 1] = sum;
            }
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
            events,
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

    /// What the calendar's events within the days `from..to` held, as expected before the day `seen`.
    pub fn events(&self, seen: Day, from: Day, to: Day) -> EventDemand {
        let range = self.at(from)..self.at(to);
        if self.events.is_empty() || range.end <= range.start {
            return EventDemand::default();
        }
        let sum = self.events[range.end].less(self.events[range.start]);
        let level = self.level_at(seen);
        EventDemand {
            days: sum.periods * f64::from(self.step),
            mean: level * sum.index,
            plain: level * sum.plain,
            actual: sum.demand,
            met: sum.met,
            open: level * sum.open,
        }
    }

    /// First day of an event within the days `from..to`.
    pub fn first_event(&self, from: Day, to: Day) -> Option<Day> {
        let range = self.at(from)..self.at(to);
        let before = self.events.get(range.start)?.periods;
        range
            .into_iter()
            .find(|&t| self.events[t + 1].periods > before)
            .map(|t| self.first + t as i32 * self.step)
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
        self.rate(&self.index, day)
    }

    /// The same without the calendar's events.
    pub fn per_ordinary_day(&self, day: Day) -> f64 {
        self.rate(&self.plain, day)
    }

    fn rate(&self, index: &[f64], day: Day) -> f64 {
        let to = self.at(day + 28).max(1);
        let from = self.at(day).min(to - 1);
        let periods = (to - from) as f64 * f64::from(self.step);
        self.level_at(day) * Self::span(index, &(from..to)) / periods
    }
}
