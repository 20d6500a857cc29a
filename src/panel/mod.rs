//! Checked frames → contiguous arrays per series.
//!
//! A series is one SKU on one channel. Its past is a run of periods (days, or weeks with `grain = "week"`)
//! from its first day to as-of, without holes. All series lie one behind the other in each column,
//! sorted by (sku, channel).

mod availability;
mod build;
mod first_snapshot;
mod listing;
mod movements;
mod record;
#[cfg(test)]
pub(crate) mod small;
mod span;

pub use availability::{DayRecord, classify};
pub use build::{PanelError, build};
pub use movements::Movements;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::domain::{Availability, ChannelId, Coverage, Day, Grain, LocationId, PastDays, SkuId};

/// What identifies a series: indices into the name lists of [`crate::domain::Tables`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SeriesKey {
    pub sku: SkuId,
    pub channel: ChannelId,
    /// Where the channel's stock is; series of one SKU with the same location are a pool.
    pub location: LocationId,
}

/// The past of all series.
#[derive(Clone, Debug)]
pub struct Panel {
    pub grain: Grain,
    pub as_of: Day,
    /// Sorted by (sku, channel).
    pub series: Vec<SeriesKey>,
    /// Positions of the series that share a stock, by (sku, location), in order of channel.
    pub pools: BTreeMap<(SkuId, LocationId), Vec<usize>>,
    /// First day of each series; its last period begins at as-of.
    pub first: Vec<Day>,
    /// Series `i` owns `offsets[i]..offsets[i + 1]` of every column.
    pub offsets: Vec<usize>,
    /// Regular units served from stock, by order date; ≥ 0.
    pub sold: Vec<f64>,
    /// Units accepted as backorders, gross, by order date; ≥ 0. Preorders are not in it.
    pub backordered: Vec<f64>,
    /// Stock of the series' location at the end of the period; NaN where not known.
    pub closing: Vec<f64>,
    /// Share of the selling time with stock, 0..=1; NaN where not recorded, or 0 on a day with sales. Empty when no series records it.
    pub fraction: Vec<f32>,
    /// Expected share of the period with stock, 0..=1, where no record says it but sales and counts around it do; NaN elsewhere. Empty
    /// when all is recorded.
    pub in_odds: Vec<f32>,
    /// Share of the demand that could reach the stock, 0..=1: below 1 where sets with this SKU were out for want of another part. Empty when it is 1
    /// everywhere.
    pub reach: Vec<f32>,
    pub availability: Vec<Availability>,
    /// Whether each series accepts backorders at as-of.
    pub accepts_backorders: Vec<bool>,
    /// Whether each series comes in whole units.
    pub whole_units: Vec<bool>,
}

/// One series' columns, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct SeriesView<'a> {
    pub first: Day,
    pub step: i32,
    pub sold: &'a [f64],
    pub backordered: &'a [f64],
    pub closing: &'a [f64],
    /// Empty when not recorded.
    pub fraction: &'a [f32],
    /// Empty when all is recorded.
    pub in_odds: &'a [f32],
    /// Empty when it is 1 everywhere.
    pub reach: &'a [f32],
    pub availability: &'a [Availability],
    pub accepts_backorders: bool,
    pub whole_units: bool,
}

impl Panel {
    /// Number of series.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether there is no series.
    #[allow(dead_code)] // what has a length says so, too
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// On how many days stock is known.
    pub fn coverage(&self) -> Coverage {
        Coverage::of(PastDays {
            as_of: self.as_of,
            step: self.grain.days(),
            offsets: &self.offsets,
            availability: &self.availability,
        })
    }

    /// Positions of series `i` in the columns.
    pub fn range(&self, i: usize) -> Range<usize> {
        self.offsets[i]..self.offsets[i + 1]
    }

    /// Takes `units` of period `t` of series `i` out of its demand, as if their order had been wholesale: they moved the stock and are no
    /// regular sales. What was served comes first, then what was accepted without stock.
    pub fn set_aside(&mut self, movements: &mut Movements, i: usize, t: usize, units: f64) {
        let at = self.offsets[i] + t;
        let served = units.min(self.sold[at]);
        self.sold[at] -= served;
        self.backordered[at] = (self.backordered[at] - (units - served)).max(0.0);
        if served > 0.0 {
            let key = self.series[i];
            let day = self.first[i] + t as i32 * self.grain.days();
            movements.leave(key.sku, key.location, day, served);
        }
    }

    /// Leaves the first `leading[i]` periods of each series `i` out of the panel; each keeps at least one.
    pub(crate) fn leave_out(&mut self, leading: &[usize]) {
        if leading.iter().all(|&periods| periods == 0) {
            return;
        }
        let old = self.offsets.clone();
        let kept: Vec<Range<usize>> = (0..self.len())
            .map(|i| old[i] + leading[i].min(old[i + 1] - old[i] - 1)..old[i + 1])
            .collect();
        let step = self.grain.days();
        for (i, range) in kept.iter().enumerate() {
            self.first[i] = self.first[i] + (range.start - old[i]) as i32 * step;
            self.offsets[i + 1] = self.offsets[i] + range.len();
        }
        keep(&mut self.sold, &kept);
        keep(&mut self.backordered, &kept);
        keep(&mut self.closing, &kept);
        keep(&mut self.fraction, &kept);
        keep(&mut self.availability, &kept);
    }

    /// At most `most` series of each channel, spread evenly over it, in order: enough to learn what all of them share.
    pub fn judges(&self, most: usize) -> Vec<usize> {
        let mut members: BTreeMap<ChannelId, usize> = BTreeMap::new();
        for key in &self.series {
            *members.entry(key.channel).or_default() += 1;
        }
        let mut seen: BTreeMap<ChannelId, usize> = BTreeMap::new();
        (0..self.len())
            .filter(|&i| {
                let channel = self.series[i].channel;
                let rank = seen.entry(channel).or_default();
                *rank += 1;
                (*rank - 1).is_multiple_of(members[&channel].div_ceil(most.max(1)))
            })
            .collect()
    }

    /// Series `i`.
    pub fn view(&self, i: usize) -> SeriesView<'_> {
        let r = self.range(i);
        SeriesView {
            first: self.first[i],
            step: self.grain.days(),
            sold: &self.sold[r.clone()],
            backordered: &self.backordered[r.clone()],
            closing: &self.closing[r.clone()],
            fraction: if self.fraction.is_empty() {
                &[]
            } else {
                &self.fraction[r.clone()]
            },
            in_odds: if self.in_odds.is_empty() {
                &[]
            } else {
                &self.in_odds[r.clone()]
            },
            reach: if self.reach.is_empty() {
                &[]
            } else {
                &self.reach[r.clone()]
            },
            availability: &self.availability[r],
            accepts_backorders: self.accepts_backorders[i],
            whole_units: self.whole_units[i],
        }
    }
}

/// Moves the ranges, in order, to the front of a column, and drops the rest; an empty column stays so.
fn keep<T: Copy>(column: &mut Vec<T>, ranges: &[Range<usize>]) {
    if column.is_empty() {
        return;
    }
    let mut to = 0;
    for range in ranges {
        column.copy_within(range.clone(), to);
        to += range.len();
    }
    column.truncate(to);
}

impl SeriesView<'_> {
    /// Number of periods.
    pub fn len(&self) -> usize {
        self.sold.len()
    }

    /// Whether the series has no period yet.
    #[allow(dead_code)] // what has a length says so, too
    pub fn is_empty(&self) -> bool {
        self.sold.is_empty()
    }

    /// Periods in which orders were accepted without stock: all where they are now; else those from the first to the last order that was.
    pub fn accepting(&self) -> Range<usize> {
        if self.accepts_backorders {
            return 0..self.len();
        }
        let took = |units: &f64| *units > 0.0;
        let first = self.backordered.iter().position(took);
        let last = self.backordered.iter().rposition(took);
        match (first, last) {
            (Some(first), Some(last)) => first..last + 1,
            _ => 0..0,
        }
    }

    /// First day of period `t`.
    pub fn day(&self, t: usize) -> Day {
        self.first + t as i32 * self.step
    }

    /// Expected share of period `t` with stock, where it is not recorded and yet something is known of it.
    pub fn in_odds(&self, t: usize) -> Option<f64> {
        self.in_odds
            .get(t)
            .filter(|p| !p.is_nan())
            .map(|&p| f64::from(p))
    }

    /// Share of the demand of period `t` that did not come through sets that were out.
    #[inline]
    pub fn reach(&self, t: usize) -> f64 {
        self.reach.get(t).map_or(1.0, |&share| f64::from(share))
    }

    /// In-stock fraction of period `t`, if recorded.
    pub fn fraction(&self, t: usize) -> Option<f64> {
        self.fraction
            .get(t)
            .filter(|f| !f.is_nan())
            .map(|&f| f64::from(f))
    }
}
