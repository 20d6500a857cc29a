//! What the parts of sets could not sell, because a set was out for want of another part.
//!
//! A set is there while all of its parts are: floor(stock ÷ units) of each. On a day on which it is out, what its customers would have bought of a part
//! that is in stock is hidden: the part's reach that day is 1 − its share of demand that comes through the set, measured on the days around on which
//! the set could be made.

use super::hidden::{PeriodLaw, censored_mean};
use crate::domain::{Availability, ChannelId, SetOfParts, SkuId, Tables};
use crate::panel::Panel;

/// Days on either side of a day by which the share of a set is measured.
const AROUND_DAYS: i32 = 90;
/// Periods and units from which on they say it; else all periods of the set do.
const ENOUGH_PERIODS: f64 = 20.0;
const ENOUGH_UNITS: f64 = 10.0;
/// A part's demand never comes through sets alone, as far as can be known.
const LEAST_REACH: f64 = 0.02;
/// Chance of so long a silence of a set that could be made, below which it is not offered any more.
const ENDED: f64 = 1e-3;
/// Relative variance of a day's demand around its mean, where nothing is fitted yet.
const DAY_EFFECT: f64 = 0.1;

/// The past of one set on one channel, period by period.
#[derive(Clone, Debug)]
pub struct SetPast {
    /// Position in [`crate::domain::Elsewhere::sets`].
    pub set: usize,
    pub channel: ChannelId,
    /// Units ordered, from its first sale to as-of.
    pub sold: Vec<f64>,
    /// Share of each period in which it could be made, 0..=1.
    pub open: Vec<f64>,
    /// Units expected of a whole period in which it could be made.
    pub rate: Vec<f64>,
}

/// One part of a set on a channel.
struct Part {
    series: usize,
    units: f64,
    /// Mean units a period that all channels take of its stock.
    taken: f64,
}

/// Lays down what reached the stock of every part, and returns the past of every set on every channel that sells it, by (set, channel).
pub fn through_sets(panel: &mut Panel, tables: &Tables) -> Vec<SetPast> {
    let mut pasts = Vec::new();
    let mut missed: Vec<f32> = Vec::new();
    for (k, set) in tables.elsewhere.sets.iter().enumerate() {
        let mut channels: Vec<ChannelId> = set.sales.iter().map(|s| s.channel).collect();
        channels.sort_unstable();
        channels.dedup();
        for channel in channels {
            let Some(past) = SetPast::new(panel, set, k, channel) else {
                continue;
            };
            if past.open.iter().any(|&open| open < 1.0) {
                missed.resize(panel.sold.len(), 0.0);
                for part in parts(panel, set, channel) {
                    past.miss(panel, &part, &mut missed);
                }
            }
            pasts.push(past);
        }
    }
    if missed.iter().any(|&m| m > 0.0) {
        panel.reach = missed
            .iter()
            .map(|m| (1.0 - m).max(LEAST_REACH as f32))
            .collect();
    }
    pasts
}

/// Position of a series in the panel.
fn series_of(panel: &Panel, sku: SkuId, channel: ChannelId) -> Option<usize> {
    panel
        .series
        .binary_search_by_key(&(sku, channel), |key| (key.sku, key.channel))
        .ok()
}

fn parts(panel: &Panel, set: &SetOfParts, channel: ChannelId) -> Vec<Part> {
    let part = |&(sku, units): &(SkuId, f64)| {
        let series = series_of(panel, sku, channel)?;
        let key = panel.series[series];
        let members = &panel.pools[&(key.sku, key.location)];
        Some(Part {
            series,
            units,
            taken: members.iter().map(|&i| usual(panel, i)).sum(),
        })
    };
    set.parts.iter().filter_map(part).collect()
}

/// Mean units of the periods of a series that were in stock.
fn usual(panel: &Panel, i: usize) -> f64 {
    let (mut units, mut periods) = (0.0, 0.0);
    for at in panel.range(i) {
        if panel.availability[at] == Availability::InStock {
            units += panel.sold[at] + panel.backordered[at];
            periods += 1.0;
        }
    }
    if periods > 0.0 { units / periods } else { 0.0 }
}

/// Sums up to each position.
fn sums(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    let mut out = vec![0.0];
    out.extend(values.map(|x| {
        sum += x;
        sum
    }));
    out
}

impl SetPast {
    fn new(panel: &Panel, set: &SetOfParts, k: usize, channel: ChannelId) -> Option<Self> {
        let step = panel.grain.days();
        let end = panel.as_of.0 + step;
        let known = || {
            let own = set.sales.iter().filter(move |s| s.channel == channel);
            own.filter(move |s| s.day.0 < end && s.units > 0.0)
        };
        let first = known().map(|s| s.day).min()?;
        let periods = ((panel.as_of - first).max(0) + step - 1) / step + 1;
        let begins = panel.as_of + -(periods - 1) * step;
        let mut sold = vec![0.0; periods as usize];
        for sale in known() {
            let t = (sale.day - begins).div_euclid(step);
            if let Some(slot) = usize::try_from(t).ok().and_then(|t| sold.get_mut(t)) {
                *slot += sale.units;
            }
        }
        let parts = parts(panel, set, channel);
        let open = (0..sold.len())
            .map(|t| {
                let shares = parts.iter().map(|part| {
                    let back = sold.len() - t;
                    share_open(panel, part, back, sold[t])
                });
                shares.fold(1.0, f64::min)
            })
            .collect();
        let mut past = Self {
            set: k,
            channel,
            rate: vec![0.0; sold.len()],
            sold,
            open,
        };
        past.rates(step);
        Some(past)
    }

    fn whole(&self, t: usize) -> bool {
        self.open[t] >= 1.0
    }

    /// Units of a whole period, from the periods around in which the set could be made. After its end, which a long silence shows, nothing is expected.
    fn rates(&mut self, step: i32) {
        let units =
            sums((0..self.sold.len()).map(|t| if self.whole(t) { self.sold[t] } else { 0.0 }));
        let periods = sums((0..self.sold.len()).map(|t| f64::from(u8::from(self.whole(t)))));
        let around = (AROUND_DAYS / step) as usize;
        let end = self.sold.len();
        for t in 0..end {
            let (from, to) = (t.saturating_sub(around), (t + around + 1).min(end));
            let (mut n, mut u) = (periods[to] - periods[from], units[to] - units[from]);
            if n < ENOUGH_PERIODS || u < ENOUGH_UNITS {
                (n, u) = (periods[end], units[end]);
            }
            self.rate[t] = if n > 0.0 { u / n } else { 0.0 };
        }
        let last = self.sold.iter().rposition(|&u| u > 0.0).unwrap_or(0);
        let silent = periods[end] - periods[last + 1];
        if (-self.rate[last] * silent).exp() < ENDED {
            self.rate[last + 1..].fill(0.0);
        }
    }

    /// Units that customers of the set wanted in period `t` and could not order.
    pub fn hidden(&self, t: usize) -> f64 {
        if self.open[t] <= 0.0 {
            // What was ordered without stock is not lost.
            return (self.rate[t] - self.sold[t]).max(0.0);
        }
        self.rate[t] * (1.0 - self.open[t])
    }

    /// Adds the share of a part's demand that the set's days without another part missed.
    fn miss(&self, panel: &Panel, part: &Part, missed: &mut [f32]) {
        let step = panel.grain.days();
        let range = panel.range(part.series);
        let at = |t: usize| {
            (range.end + t)
                .checked_sub(self.sold.len())
                .filter(|at| *at >= range.start)
        };
        let told = |t: usize| {
            let at = at(t).filter(|&at| self.whole(t) && open_shelf(panel, at));
            at.map(|at| panel.sold[at] + panel.backordered[at])
        };
        let through =
            sums((0..self.sold.len()).map(|t| told(t).map_or(0.0, |_| part.units * self.sold[t])));
        let all = sums((0..self.sold.len()).map(|t| told(t).unwrap_or(0.0)));
        let periods = sums((0..self.sold.len()).map(|t| f64::from(u8::from(told(t).is_some()))));
        let around = (AROUND_DAYS / step) as usize;
        let end = self.sold.len();
        for t in (0..end).filter(|&t| !self.whole(t) && self.rate[t] > 0.0) {
            let Some(at) = at(t).filter(|&at| open_shelf(panel, at)) else {
                continue;
            };
            let (from, to) = (t.saturating_sub(around), (t + around + 1).min(end));
            let (mut n, mut u, mut x) = (
                periods[to] - periods[from],
                all[to] - all[from],
                through[to] - through[from],
            );
            if n < ENOUGH_PERIODS || u < ENOUGH_UNITS {
                (n, u, x) = (periods[end], all[end], through[end]);
            }
            if n > 0.0 && u > 0.0 {
                missed[at] += ((x / u).min(1.0) * (1.0 - self.open[t])) as f32;
            }
        }
    }
}

/// Whether the shelf of a period shows all that reached it.
fn open_shelf(panel: &Panel, at: usize) -> bool {
    matches!(
        panel.availability[at],
        Availability::InStock | Availability::Unknown
    )
}

/// Share of a period, so many before the end, in which a part was there for a set of which so many were sold.
fn share_open(panel: &Panel, part: &Part, back: usize, sold: f64) -> f64 {
    let range = panel.range(part.series);
    let Some(at) = range.end.checked_sub(back).filter(|at| *at >= range.start) else {
        return 1.0;
    };
    let stock = |at: usize| Some(panel.closing[at]).filter(|c| !c.is_nan());
    let opening = at
        .checked_sub(1)
        .filter(|b| *b >= range.start)
        .and_then(stock);
    let closing = stock(at);
    let too_few = |units: f64| units < part.units - 1e-9;
    // Until too few are left the part sells to all who come.
    let emptied = || {
        let left = closing.unwrap_or(0.0).max(0.0);
        let from = opening.map_or(panel.sold[at], |o| (o - left).max(panel.sold[at]));
        let law = PeriodLaw {
            mean: part.taken,
            noise: 1.0,
            effect: DAY_EFFECT,
            whole: true,
        };
        let hidden = censored_mean(&law, from.max(0.0).round(), 0.0, 0.0);
        if from + hidden > 0.0 {
            from / (from + hidden)
        } else {
            0.0
        }
    };
    let fraction = panel.fraction.get(at).filter(|f| !f.is_nan());
    match panel.availability[at] {
        Availability::Closed | Availability::Backorder => 0.0,
        Availability::SoldOut => fraction.map_or_else(emptied, |&f| f64::from(f)),
        Availability::NotListed => f64::from(u8::from(closing.is_none_or(|c| !too_few(c)))),
        // What was made of goods that came in the day is no sign of how long they were there.
        _ if opening.is_some_and(too_few) => f64::from(u8::from(sold > 0.0)),
        _ if closing.is_some_and(too_few) => emptied(),
        _ => 1.0,
    }
}
