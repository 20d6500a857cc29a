//! How many customers wait, and how that depends on the wait that they are promised: from the shop's own days without stock.

use std::collections::BTreeMap;

use crate::demand::ORDINARY;
use crate::demand::capture::{CapturePrior, estimate};
use crate::demand::exposure::ExposedDay;
use crate::domain::{
    Availability, BackorderKind, Band, CaptureByWait, ChannelId, Day, LocationId, SkuId, Tables,
};
use crate::panel::SeriesKey;
use crate::policy::basis::{Basis, four};

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

/// SKUs that the prior of how much they differ counts for.
const PRIOR_SKUS: f64 = 2.0;

/// Variance of shares around a mean by a Beta law of the prior's weight.
fn prior_variance(mean: f64) -> f64 {
    mean * (1.0 - mean) / (PRIOR.taken + PRIOR.refused + 1.0)
}

/// A channel's capture with the orders behind it.
#[derive(Clone, Debug, Default)]
pub(super) struct Capture {
    /// The mean share, with the interval of that mean.
    pub band: Band,
    /// Units ordered without stock.
    pub units: f64,
    /// Standard error of the mean share.
    error: f64,
    /// Variance of the SKUs' own shares around it.
    between: f64,
    /// What puts the SKUs' ratios in proportion with the mean.
    scale: f64,
    by_sku: BTreeMap<SkuId, OwnOrders>,
}

/// One SKU's orders without stock.
#[derive(Clone, Copy, Debug, Default)]
struct OwnOrders {
    taken: f64,
    expected: f64,
    /// Σ expected × variance ÷ mean.
    spread: f64,
}

impl OwnOrders {
    /// Variance by chance of taken ÷ expected where a share waits.
    fn variance(&self, share: f64) -> f64 {
        share.clamp(0.02, 1.0) * self.spread / (self.expected * self.expected)
    }
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
    sku: SkuId,
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
    by_sku: BTreeMap<SkuId, OwnOrders>,
}

impl Group {
    fn add(&mut self, sku: SkuId, day: ExposedDay, dispersion: f64) {
        if self.days.len() < MOST_DAYS {
            let own = self.by_sku.entry(sku).or_default();
            own.taken += day.backordered;
            own.expected += day.mean;
            own.spread += day.mean * dispersion.max(1.0);
            self.days.push(day);
            self.taken += day.backordered;
            self.spread += day.backordered * dispersion.max(1.0);
        }
    }

    /// How much the SKUs' own shares differ, as a variance (method of moments; DerSimonian & Laird 1986), and the standard error of the mean
    /// share with SKUs as clusters (linearised ratio estimator; Cochran 1977, ch. 6 and 9). The variance is shrunk to that of the prior, which
    /// counts as so many SKUs: with none, it is all that is known.
    fn between_skus(&self, mean: f64) -> (f64, f64) {
        let n = self.by_sku.len() as f64;
        let (taken, expected) = self
            .by_sku
            .values()
            .fold((0.0, 0.0), |sum, s| (sum.0 + s.taken, sum.1 + s.expected));
        if n < 2.0 || expected <= 0.0 {
            return (prior_variance(mean), 0.0);
        }
        let ratio = taken / expected;
        let (mut q, mut weights, mut squares, mut apart) = (0.0, 0.0, 0.0, 0.0);
        for s in self.by_sku.values() {
            let weight = 1.0 / s.variance(ratio);
            let error = s.taken / s.expected - ratio;
            q += weight * error * error;
            weights += weight;
            squares += weight * weight;
            apart += (s.taken - ratio * s.expected).powi(2);
        }
        let free = weights - squares / weights;
        let between = if free > 0.0 {
            ((q - (n - 1.0)) / free).max(0.0)
        } else {
            0.0
        };
        // The ratios stand around their own mean; the capture may have another centre.
        let scale = (mean / ratio.max(1e-9)).min(1.0);
        let known = n * scale * scale * between + PRIOR_SKUS * prior_variance(mean);
        let error = scale * (apart * n / (n - 1.0)).sqrt() / expected;
        (known / (n + PRIOR_SKUS), error)
    }

    /// The estimate with its 80 % interval on the logit scale: the wider of a Beta law of as many independent customers and of how much the
    /// SKUs differ.
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
        let slope = mean * (1.0 - mean);
        let customers = slope * (1.0 / a + 1.0 / b).sqrt();
        let (between, clustered) = self.between_skus(mean);
        let error = customers.max(clustered);
        Capture {
            band: share_band(mean, error),
            units: self.taken,
            error,
            between,
            scale: centre.map_or(1.0, |centre| {
                let own = estimate(&self.days, PRIOR).unwrap_or(centre);
                centre / own.max(0.01)
            }),
            by_sku: self.by_sku.clone(),
        }
    }
}

/// A share with the 80 % interval of its standard error, taken on the logit scale so that it stays between 0 and 1.
fn share_band(mean: f64, error: f64) -> Band {
    let half = EIGHTY * error / (mean * (1.0 - mean));
    let logit = (mean / (1.0 - mean)).ln();
    let share = |x: f64| four(1.0 / (1.0 + (-x).exp()));
    Band {
        mean: four(mean),
        p10: share(logit - half),
        p90: share(logit + half),
    }
}

impl Capture {
    /// The share of one SKU's customers, with the 80 % interval of that share and not of the channel's mean: what SKUs differ by, less what the
    /// SKU's own orders tell of it (empirical Bayes; Efron & Morris 1975), and the error of the mean.
    pub(super) fn of_sku(&self, sku: SkuId) -> Band {
        let mean = self.band.mean.clamp(0.02, 0.98);
        let own = self.by_sku.get(&sku).filter(|s| s.expected > 0.0);
        let (trust, ratio) = own.map_or((0.0, mean), |s| {
            let variance = s.variance(mean);
            (
                self.between / (self.between + variance),
                self.scale * s.taken / s.expected,
            )
        });
        let share = (mean + trust * (ratio - mean)).clamp(0.02, 0.98);
        let left = 1.0 - trust;
        share_band(
            share,
            (left * self.between + left * left * self.error * self.error).sqrt(),
        )
    }
}

/// Position in [`WAITS`] of a promised wait.
fn bucket(wait: i32) -> usize {
    WAITS
        .iter()
        .position(|w| w.1.is_none_or(|to| wait <= to as i32))
        .unwrap_or(WAITS.len() - 1)
}

/// Ordered, expected, received.
type OrderDays = (Day, Day, Option<Day>);

/// What customers could be told on a day: by the next open order whose promised day had not passed, else by the latest promise made
/// on an earlier day. Never by the day's own orders: days without any would have no wait, and the others too high a capture.
struct Told<'a> {
    /// Of the place.
    orders: &'a [OrderDays],
    /// (made, promised), by day.
    promises: &'a [(Day, Day)],
}

impl Told<'_> {
    fn wait(&self, day: Day) -> Option<i32> {
        let open =
            |o: &&OrderDays| o.0 <= day && o.1 >= day && o.2.is_none_or(|received| received > day);
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

/// What was on order by (SKU, location), and what was promised by (SKU, channel).
#[derive(Default)]
struct Promises {
    orders: BTreeMap<(SkuId, LocationId), Vec<OrderDays>>,
    made: BTreeMap<(SkuId, ChannelId), Vec<(Day, Day)>>,
}

impl Promises {
    fn of(tables: &Tables) -> Self {
        let mut all = Self::default();
        for line in &tables.backorders {
            if let (BackorderKind::Backorder, Some(promised)) = (line.kind, line.promised) {
                // Lines are sorted by date.
                let made = all.made.entry((line.sku, line.channel)).or_default();
                made.push((line.date, promised));
            }
        }
        for line in &tables.inbound {
            if let Some(expected) = line.expected {
                let orders = all.orders.entry((line.sku, line.location)).or_default();
                orders.push((line.ordered, expected, line.received));
            }
        }
        all
    }

    fn at(&self, key: SeriesKey) -> Told<'_> {
        let orders = self.orders.get(&(key.sku, key.location));
        let made = self.made.get(&(key.sku, key.channel));
        Told {
            orders: orders.map_or(&[], Vec::as_slice),
            promises: made.map_or(&[], Vec::as_slice),
        }
    }
}

/// Every day without stock of the series that accept orders: expected demand of the day against orders taken.
fn days_without_stock(basis: &Basis<'_>) -> Vec<Seen> {
    let (tables, panel, model) = (basis.tables, basis.panel, basis.model);
    let told = Promises::of(tables);
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
        let told = told.at(*key);
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
                channel: key.channel.at(),
                sku: key.sku,
                day,
                dispersion: fit.dispersion,
                wait: told.wait(view.day(t)),
            });
        }
    }
    seen
}

impl Evidence {
    /// Learns from every day without stock of the series that accept orders: expected demand of the day against orders taken.
    pub(super) fn learn(basis: &Basis<'_>) -> Self {
        let (tables, model) = (basis.tables, basis.model);
        let seen = days_without_stock(basis);
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
            (0..days).for_each(|_| group.add(SkuId(0), day, 1.0));
            group.capture(None).band
        };
        let (few, many) = (of(3), of(300));
        assert!((many.mean - 0.6).abs() < 0.005);
        assert!(many.p90 - many.p10 < 0.3 * (few.p90 - few.p10));
        assert!(many.p10 < 0.6 && many.p90 > 0.6);
        let none = of(0);
        assert!(none.mean == 0.5 && none.p10 < 0.35 && none.p90 > 0.65);
    }

    /// A stream of numbers from 0 to 1 (splitmix64).
    fn uniform(state: &mut u64) -> f64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    #[test]
    fn four_in_five_items_have_their_share_within_the_interval() {
        let mut state = 7;
        for (spread, days) in [(0.3, 40), (0.3, 8), (0.1, 40)] {
            let (mut within, mut mean_within, mut of) = (0.0, 0.0, 0.0);
            for _ in 0..20 {
                let mut group = Group::default();
                let shares: Vec<f64> = (0..40)
                    .map(|_| {
                        let sum: f64 = (0..3).map(|_| uniform(&mut state)).sum();
                        0.5 + spread * (sum - 1.5)
                    })
                    .collect();
                // The last ten have no orders of their own: a new item, say.
                for (sku, share) in shares.iter().enumerate().take(30) {
                    for _ in 0..days {
                        // Poisson, of two customers a day.
                        let (mut taken, mut left) = (0, uniform(&mut state));
                        while left > (-2.0 * share).exp() {
                            left *= uniform(&mut state);
                            taken += 1;
                        }
                        let day = ExposedDay {
                            sold: 0.0,
                            backordered: f64::from(taken),
                            exposure: 0.0,
                            capture: 0.0,
                            mean: 2.0,
                            size: f64::INFINITY,
                        };
                        group.add(SkuId(sku as u32), day, 1.0);
                    }
                }
                let capture = group.capture(None);
                for (sku, share) in shares.iter().enumerate() {
                    let band = capture.of_sku(SkuId(sku as u32));
                    let inside = |b: Band| f64::from(u8::from(b.p10 <= *share && *share <= b.p90));
                    within += inside(band);
                    mean_within += inside(capture.band);
                    of += 1.0;
                }
            }
            let (own, mean) = (within / of, mean_within / of);
            assert!((0.72..0.93).contains(&own), "{spread} {days}: {own}");
            assert!(mean < own, "{spread} {days}: {mean}");
        }
    }
}
