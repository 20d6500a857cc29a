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

#[derive(Default)]
struct Group {
    days: Vec<ExposedDay>,
    taken: f64,
    /// Σ taken × variance ÷ mean.
    spread: f64,
}

impl Group {
    fn add(&mut self, day: ExposedDay, dispersion: f64) {
        if self.days.len() < MOST_DAYS {
            self.days.push(day);
            self.taken += day.backordered;
            self.spread += day.backordered * dispersion.max(1.0);
        }
    }

    /// The estimate with the 80 % interval of a Beta law of as many independent customers, on the logit scale.
    fn capture(&self) -> Capture {
        let mean = estimate(&self.days, PRIOR).unwrap_or(0.5).clamp(0.02, 0.98);
        let spread = if self.taken > 0.0 {
            self.spread / self.taken
        } else {
            1.0
        };
        let a = PRIOR.taken + self.taken / spread;
        let b = PRIOR.refused + self.taken * (1.0 / mean - 1.0) / spread;
        let half = EIGHTY * (1.0 / a + 1.0 / b).sqrt();
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

/// The wait that a customer of this day was promised: by the latest promise made before, else by the next one.
fn promised_wait(promises: &[(Day, Day)], day: Day) -> Option<i32> {
    let next = promises.partition_point(|p| p.0 <= day);
    let told = |p: &&(Day, Day)| (day - p.0).abs() <= SAME_SPELL_DAYS;
    let before = next.checked_sub(1).and_then(|k| promises.get(k));
    before
        .filter(told)
        .or_else(|| promises.get(next).filter(told))
        .map(|p| (p.1 - day).max(0))
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
        let mut channels: Vec<Group> = tables.channels.iter().map(|_| Group::default()).collect();
        let mut waits: Vec<Group> = WAITS.iter().map(|_| Group::default()).collect();
        let (mut unknown, mut all) = (Group::default(), Group::default());
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
            let told = promises.get(&(key.sku, key.channel));
            for t in 0..view.len() {
                if view.availability[t] != Availability::Backorder {
                    continue;
                }
                let mean = fit.level * model.index(i, class[t], view.day(t), view.step);
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
                channels[key.channel as usize].add(day, fit.dispersion);
                all.add(day, fit.dispersion);
                match told.and_then(|p| promised_wait(p, view.day(t))) {
                    Some(wait) => waits[bucket(wait)].add(day, fit.dispersion),
                    None => unknown.add(day, fit.dispersion),
                }
            }
        }
        let of_wait = |group: &Group, from, to| {
            let capture = group.capture();
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
            by_channel: channels.iter().map(Group::capture).collect(),
            by_wait,
            all: all.capture(),
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
    fn a_day_takes_the_promise_of_its_own_spell() {
        let promises = [(Day(10), Day(30)), (Day(60), Day(65))];
        assert_eq!(promised_wait(&promises, Day(12)), Some(18));
        assert_eq!(promised_wait(&promises, Day(55)), Some(10));
        assert_eq!(promised_wait(&promises, Day(40)), None);
        assert_eq!((bucket(0), bucket(8), bucket(30), bucket(400)), (0, 1, 2, 4));
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
            (0..days).for_each(|_| group.add(day, 1.0));
            group.capture().band
        };
        let (few, many) = (of(3), of(300));
        assert!((many.mean - 0.6).abs() < 0.005);
        assert!(many.p90 - many.p10 < 0.3 * (few.p90 - few.p10));
        assert!(many.p10 < 0.6 && many.p90 > 0.6);
        let none = of(0);
        assert!(none.mean == 0.5 && none.p10 < 0.35 && none.p90 > 0.65);
    }
}
