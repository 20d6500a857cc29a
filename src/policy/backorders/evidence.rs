//! How many customers wait, and how that depends on the wait that they are promised: from the shop's own days without stock.

use std::collections::BTreeMap;

use crate::demand::ORDINARY;
use crate::demand::capture::{CapturePrior, estimate};
use crate::demand::exposure::ExposedDay;
use crate::domain::{Availability, BackorderKind, Band, CaptureByWait, Day};
use crate::policy::recommend::{Basis, four};

/// What is believed of a channel before its first day without stock: as many wait as go.
const PRIOR: CapturePrior = CapturePrior {
    taken: 5.0,
    refused: 5.0,
};
/// Bounds of the promised waits, days; the last is open.
const WAITS: [(u32, Option<u32>); 5] = [
    (0, Some(7)),
    (8, Some(14)),
    (15, Some(30)),
    (31, Some(60)),
    (61, None),
];
/// A promise says what customers were told so many days around it.
const SAME_SPELL_DAYS: i32 = 14;
/// Days that a capture is estimated on, at most.
const MOST_DAYS: usize = 20_000;
/// Standard normal deviate of an 80 % interval.
const EIGHTY: f64 = 1.281_551_6;

/// A capture with the orders behind it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Capture {
    pub band: Band,
    /// Units ordered without stock.
    pub units: f64,
}

/// Captures by channel and by promised wait.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    /// In the order of the channels.
    pub by_channel: Vec<Capture>,
    pub by_wait: Vec<CaptureByWait>,
    all: Capture,
}

/// A day without stock on which orders were accepted.
struct Seen {
    channel: usize,
    sku: u32,
    day: ExposedDay,
    dispersion: f64,
    wait: Option<i32>,
}

#[derive(Default)]
struct Group {
    days: Vec<ExposedDay>,
    taken: f64,
    /// Σ taken × variance ÷ mean.
    spread: f64,
    /// Units taken and expected, by SKU.
    by_sku: BTreeMap<u32, (f64, f64)>,
}

impl Group {
    fn add(&mut self, sku: u32, day: ExposedDay, dispersion: f64) {
        if self.days.len() < MOST_DAYS {
            let own = self.by_sku.entry(sku).or_default();
            own.0 += day.backordered;
            own.1 += day.mean;
            self.days.push(day);
            self.taken += day.backordered;
            self.spread += day.backordered * dispersion.max(1.0);
        }
    }

    /// Standard error of the logit of the capture from the SKUs' own ratios of orders to expected demand; 0 for fewer than two.
    fn between_skus(&self, mean: f64) -> f64 {
        let n = self.by_sku.len() as f64;
        let (taken, expected) = self
            .by_sku
            .values()
            .fold((0.0, 0.0), |sum, s| (sum.0 + s.0, sum.1 + s.1));
        if n < 2.0 || expected <= 0.0 {
            return 0.0;
        }
        let ratio = taken / expected;
        let squares: f64 = self
            .by_sku
            .values()
            .map(|s| (s.0 - ratio * s.1).powi(2))
            .sum();
        let error = (squares * n / (n - 1.0)).sqrt() / expected;
        error / (mean * (1.0 - mean))
    }

    /// The estimate with its 80 % interval on the logit scale: the wider of a Beta law of as many independent customers and of how much the
    /// SKUs differ (linearised ratio estimator with SKUs as clusters; Cochran 1977, ch. 6 and 9).
    ///
    /// `centre` is the capture where another estimate is better.
    fn capture(&self, centre: Option<f64>) -> Capture {
        let mean = centre
            .or_else(|| estimate(&self.days, PRIOR))
            .unwrap_or(0.5)
            .clamp(0.02, 0.98);
        let spread = if self.taken > 0.0 {
            self.spread / self.taken
        } else {
            1.0
        };
        let a = PRIOR.taken + self.taken / spread;
        let b = PRIOR.refused + self.taken * (1.0 / mean - 1.0) / spread;
        let customers = (1.0 / a + 1.0 / b).sqrt();
        let half = EIGHTY * customers.max(self.between_skus(mean));
        let logit = (mean / (1.0 - mean)).ln();
        let share = |x: f64| four(1.0 / (1.0 + (-x).exp()));
        Capture {
            band: Band {
                mean: four(mean),
                p10: share(logit - half),
                p90: share(logit + half),
            },
            units: self.taken,
        }
    }
}

/// Position in [`WAITS`] of a promised wait.
fn bucket(wait: i32) -> usize {
    WAITS
        .iter()
        .position(|w| w.1.is_none_or(|to| wait <= to as i32))
        .unwrap_or(WAITS.len() - 1)
}

/// What customers could be told on a day: by the next open order whose promised day had not passed, else by the latest promise made
/// on an earlier day. Never by the day's own orders: days without any would have no wait, and the others too high a capture.
struct Told<'a> {
    /// (ordered, expected, received) of the place's orders.
    orders: &'a [(Day, Day, Option<Day>)],
    /// (made, promised), by day.
    promises: &'a [(Day, Day)],
}

impl Told<'_> {
    fn wait(&self, day: Day) -> Option<i32> {
        let open = |o: &&(Day, Day, Option<Day>)| {
            o.0 <= day && o.1 >= day && o.2.is_none_or(|received| received > day)
        };
        let next = self.orders.iter().filter(open).map(|o| o.1).min();
        let before = self.promises[..self.promises.partition_point(|p| p.0 < day)].last();
        next.or_else(|| {
            before
                .filter(|p| day - p.0 <= SAME_SPELL_DAYS && p.1 >= day)
                .map(|p| p.1)
        })
        .map(|promised| promised - day)
    }
}

impl Evidence {
    /// Learns from every day without stock of the series that accept orders: expected demand of the day against orders taken.
    pub(super) fn learn(basis: &Basis<'_>) -> Self {
        let (tables, panel, model) = (basis.tables, basis.panel, basis.model);
        let mut promises: BTreeMap<(u32, u32), Vec<(Day, Day)>> = BTreeMap::new();
        for line in &tables.backorders {
            if let (BackorderKind::Backorder, Some(promised)) = (line.kind, line.promised) {
                // Lines are sorted by date.
                promises
                    .entry((line.sku, line.channel))
                    .or_default()
                    .push((line.date, promised));
            }
        }
        /// Ordered, expected, received.
        type OrderDays = (Day, Day, Option<Day>);
        let mut orders: BTreeMap<(u32, u32), Vec<OrderDays>> = BTreeMap::new();
        for line in &tables.inbound {
            if let Some(expected) = line.expected {
                orders.entry((line.sku, line.location)).or_default().push((
                    line.ordered,
                    expected,
                    line.received,
                ));
            }
        }
        let mut seen = Vec::new();
        let mut class = Vec::new();
        for (i, key) in panel.series.iter().enumerate() {
            let view = panel.view(i);
            let accepting = view.availability.contains(&Availability::Backorder);
            if !view.accepts_backorders || !accepting {
                continue;
            }
            class.clear();
            class.resize(view.len(), ORDINARY);
            model
                .events
                .mark(tables, *key, view.first, view.step, &mut class);
            let fit = &model.series[i];
            let told = Told {
                orders: orders
                    .get(&(key.sku, key.location))
                    .map_or(&[], Vec::as_slice),
                promises: promises
                    .get(&(key.sku, key.channel))
                    .map_or(&[], Vec::as_slice),
            };
            for (t, &class) in class.iter().enumerate() {
                if view.availability[t] != Availability::Backorder {
                    continue;
                }
                let mean = fit.level * model.index(i, class, view.day(t), view.step);
                if mean.is_nan() || mean <= 0.0 {
                    continue;
                }
                let day = ExposedDay {
                    sold: 0.0,
                    backordered: view.backordered[t],
                    exposure: 0.0,
                    capture: 0.0,
                    mean,
                    size: if view.whole_units && fit.dispersion > 1.0 {
                        mean / (fit.dispersion - 1.0)
                    } else {
                        f64::INFINITY
                    },
                };
                seen.push(Seen {
                    channel: key.channel as usize,
                    sku: key.sku,
                    day,
                    dispersion: fit.dispersion,
                    wait: told.wait(view.day(t)),
                });
            }
        }
        let mut channels: Vec<Group> = tables.channels.iter().map(|_| Group::default()).collect();
        for s in &seen {
            channels[s.channel].add(s.sku, s.day, s.dispersion);
        }
        // The plan's own captures follow the level from day to day; they are the centre, and the expected demand is put in proportion.
        let scale: Vec<f64> = channels
            .iter()
            .zip(&model.capture)
            .map(|(group, capture)| group.capture(None).band.mean / capture.max(0.01))
            .collect();
        let mut waits: Vec<Group> = WAITS.iter().map(|_| Group::default()).collect();
        let (mut unknown, mut all) = (Group::default(), Group::default());
        for s in &seen {
            let mut day = s.day;
            day.mean *= scale[s.channel];
            all.add(s.sku, day, s.dispersion);
            let group = s.wait.map_or(&mut unknown, |wait| &mut waits[bucket(wait)]);
            group.add(s.sku, day, s.dispersion);
        }
        let of_wait = |group: &Group, from, to| {
            let capture = group.capture(None);
            CaptureByWait {
                from_days: from,
                to_days: to,
                capture: capture.band,
                units: four(capture.units),
            }
        };
        let mut by_wait: Vec<CaptureByWait> = waits
            .iter()
            .zip(WAITS)
            .filter(|(g, _)| g.taken > 0.0)
            .map(|(g, (from, to))| of_wait(g, Some(from), to))
            .collect();
        if unknown.taken > 0.0 {
            by_wait.push(of_wait(&unknown, None, None));
        }
        Self {
            by_channel: channels
                .iter()
                .zip(&model.capture)
                .map(|(group, &capture)| group.capture(Some(capture)))
                .collect(),
            by_wait,
            all: all.capture(None),
        }
    }

    /// How much more (above 1) or less of the customers wait when they are promised `days` than on the average; 1 where too few
    /// orders tell.
    pub(super) fn by_days(&self, days: f64, enough: f64) -> f64 {
        let known = self.by_wait.iter().find(|w| {
            w.from_days.is_some()
                && w.to_days.is_none_or(|to| days <= f64::from(to) + 0.5)
                && w.units >= enough
        });
        match known {
            Some(w) if self.all.band.mean > 0.0 => w.capture.mean / self.all.band.mean,
            _ => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_takes_the_next_arrival_or_an_earlier_promise() {
        let orders = [(Day(0), Day(20), Some(Day(26))), (Day(9), Day(40), None)];
        let promises = [(Day(50), Day(70))];
        let told = Told {
            orders: &orders,
            promises: &promises,
        };
        assert_eq!(told.wait(Day(12)), Some(8));
        // The first is late, and nobody knows when it comes; the second has a date.
        assert_eq!(told.wait(Day(22)), Some(18));
        assert_eq!(told.wait(Day(50)), None);
        assert_eq!(told.wait(Day(60)), Some(10));
        assert_eq!(
            (bucket(0), bucket(8), bucket(30), bucket(400)),
            (0, 1, 2, 4)
        );
    }

    #[test]
    fn more_orders_narrow_the_interval() {
        let day = ExposedDay {
            sold: 0.0,
            backordered: 6.0,
            exposure: 0.0,
            capture: 0.0,
            mean: 10.0,
            size: f64::INFINITY,
        };
        let of = |days: usize| {
            let mut group = Group::default();
            (0..days).for_each(|_| group.add(0, day, 1.0));
            group.capture(None).band
        };
        let (few, many) = (of(3), of(300));
        assert!((many.mean - 0.6).abs() < 0.005);
        assert!(many.p90 - many.p10 < 0.3 * (few.p90 - few.p10));
        assert!(many.p10 < 0.6 && many.p90 > 0.6);
        let none = of(0);
        assert!(none.mean == 0.5 && none.p10 < 0.35 && none.p90 > 0.65);
    }
}
