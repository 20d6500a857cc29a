//! The shop that the past is replayed in: its demand, its stock and open orders at the start, its lead times.

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, Poisson};
use rand_pcg::Pcg64Mcg;

use super::known::as_known;
use super::records::{Rows, periods};
use super::sample::{Sample, fnv};
use crate::config::Config;
use crate::domain::{
    Availability, ChannelId, Checked, Day, ItemStatus, LocationId, PurchaseLine, SkuId, Tables,
    WeekDates,
};
use crate::forecast::LeadTimes;
use crate::panel::{self, Panel};
use crate::plan::{self, PlanError, Prepared};
use crate::policy;
use crate::supply::Pool;

/// Days of own history before the start that a place needs.
const HISTORY: i32 = 56;

/// One channel of a place.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub channel: ChannelId,
    /// Demand of each replayed period, units.
    pub demand: Vec<f64>,
    pub accepts: bool,
    pub capture: f64,
    pub whole: bool,
}

/// Money a unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costs {
    pub holding_day: f64,
    pub lost: f64,
    pub waiting_day: f64,
}

/// One SKU at one location.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub sku: SkuId,
    pub location: LocationId,
    pub members: Vec<Member>,
    pub opening: f64,
    /// Day and units of what was on order at the start.
    pub arrivals: Vec<(Day, f64)>,
    /// Mean lead time, days, as known at the start.
    pub lead_days: f64,
    pub review_days: i32,
    /// Units sold, sold and backordered, and closing stock of the periods up to the start.
    pub past_sold: Vec<f64>,
    pub past_seen: Vec<f64>,
    pub past_closing: Vec<f64>,
    pub whole: bool,
    pub moq: f64,
    pub multiple: f64,
    pub unit_cost: Option<f64>,
    pub costs: Option<Costs>,
    /// Receipts take this long when ordered at each review, days: whole periods, unless days within weeks count.
    pub leads: Vec<i32>,
    /// Key of the place's random choices.
    pub key: u64,
}

/// The shop at the start of the replay, and all that will happen to it whatever is ordered.
#[derive(Debug)]
pub(super) struct World {
    pub start: Day,
    pub step: i32,
    /// Periods in all, and the first of those that are measured.
    pub total: usize,
    pub measured: usize,
    /// Periods between two orders.
    pub review: usize,
    pub places: Vec<Place>,
    /// What is known at the start, without rows of sales and stock.
    pub base: Tables,
    /// Purchase orders placed up to the start, with what became of them.
    pub placed: Vec<PurchaseLine>,
    /// Sales and stock up to the start.
    pub records: Rows,
    /// Share of the measured demand that is estimated, not seen.
    pub estimated_share: f64,
}

/// How long a replay can be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Span {
    /// Periods until an order placed at the start can have been sold from.
    pub settle: usize,
    /// Periods that are measured.
    pub measured: usize,
}

impl World {
    /// `ready` is the whole past of `input` (that of the sample), `span` how much of it is replayed. `None` where no place can be replayed.
    ///
    /// # Errors
    /// When the frames do not have the columns that they promise.
    pub(super) fn new(
        input: &Checked,
        sample: &Sample,
        ready: &Prepared,
        config: &Config,
        span: Span,
    ) -> Result<Option<Self>, PlanError> {
        let tables = &input.tables;
        let step = tables.grain.days();
        let total = span.settle + span.measured;
        let start = tables.as_of + -(total as i32 * step);
        // Places that cannot be replayed would stand still from the start on: they are not there at all.
        let (base, before) = known(input, config, start)?;
        let eligible: BTreeSet<(SkuId, LocationId)> = before
            .pools
            .iter()
            .filter(|pool| can_be_replayed(tables, &base, &before, config, pool, span, start))
            .map(|pool| (pool.sku, pool.location))
            .collect();
        let part = Sample {
            places: sample
                .places
                .iter()
                .filter(|p| eligible.contains(&(p.sku, p.location)))
                .cloned()
                .collect(),
            of: sample.of,
        };
        if part.places.is_empty() {
            return Ok(None);
        }
        let input = part.restrict(input).map_err(panel::PanelError::from)?;
        let tables = &input.tables;
        let (base, before) = known(&input, config, start)?;
        let review = (7 / step).max(1) as usize;
        let learnt = LeadTimes::learn(tables);
        let mut world = Self {
            start,
            step,
            total,
            measured: span.settle,
            review,
            places: Vec::new(),
            placed: tables
                .inbound
                .iter()
                .filter(|l| l.ordered <= base.plan_day())
                .cloned()
                .collect(),
            records: Rows::of(&before.panel),
            base,
            estimated_share: 0.0,
        };
        let (mut estimated, mut whole) = (0.0, 0.0);
        // An item that resembles another has pools of its own before it has any record.
        let replayed = |p: &&Pool| eligible.contains(&(p.sku, p.location));
        for pool in before.pools.iter().filter(replayed) {
            let place = world.place(
                tables,
                ready,
                &before,
                config,
                &learnt,
                pool,
                &mut |e, w| {
                    estimated += e;
                    whole += w;
                },
            );
            world.places.push(place);
        }
        world.estimated_share = if whole > 0.0 { estimated / whole } else { 0.0 };
        Ok(Some(world))
    }

    /// Days from the date of a period to the day at whose close its plan is made.
    pub(super) fn rest(&self) -> i32 {
        self.base.plan_day() - self.base.as_of
    }

    #[allow(clippy::too_many_arguments)] // a place's past, its future and the shop's settings
    fn place(
        &self,
        tables: &Tables,
        ready: &Prepared,
        before: &Prepared,
        config: &Config,
        learnt: &LeadTimes,
        pool: &Pool,
        count: &mut dyn FnMut(f64, f64),
    ) -> Place {
        let item = &tables.items[pool.sku];
        let names = [
            tables.skus[pool.sku].as_str(),
            "\u{1}",
            tables.locations[pool.location].as_str(),
        ];
        let key = fnv(names.iter().flat_map(|n| n.bytes()));
        let mut members = Vec::new();
        for (i, series) in ready.panel.series.iter().enumerate() {
            if series.sku == pool.sku && series.location == pool.location {
                members.push(self.member(ready, i, key, count));
            }
        }
        let whole = members.iter().all(|m| m.whole);
        let (mut sold, mut seen, mut closing) = (Vec::new(), Vec::new(), Vec::new());
        for &i in &pool.members {
            let view = before.panel.view(i);
            if view.len() > sold.len() {
                let more = view.len() - sold.len();
                sold.splice(0..0, std::iter::repeat_n(0.0, more));
                seen.splice(0..0, std::iter::repeat_n(0.0, more));
                closing = view.closing.to_vec();
            }
            let shift = sold.len() - view.len();
            for t in 0..view.len() {
                sold[shift + t] += view.sold[t];
                seen[shift + t] += view.sold[t] + view.backordered[t];
            }
        }
        let lead = policy::lead_time(&self.base, config, &before.lead_times, pool.sku);
        let mut rng = Pcg64Mcg::seed_from_u64(key ^ 0x5bd1_e995);
        let mut clock = self.base.clone();
        let leads = (0..self.total.div_ceil(self.review))
            .map(|k| {
                clock.as_of = self.start + (k * self.review) as i32 * self.step;
                let law = policy::lead_time(&clock, config, learnt, pool.sku);
                let days = law.quantile(rng.random::<f64>());
                match tables.week_dates {
                    WeekDates::Week => periods(f64::from(days), tables.grain) as i32 * self.step,
                    WeekDates::Day => days.max(1),
                }
            })
            .collect();
        let holding = config.policy.holding_cost_per_unit_day.or_else(|| {
            item.unit_cost
                .map(|c| c * config.policy.holding_rate_per_year / 365.0)
        });
        let margin = item.price.zip(item.unit_cost).map(|(p, c)| p - c);
        let lost = config.policy.lost_sale_cost_per_unit.or(margin);
        Place {
            sku: pool.sku,
            location: pool.location,
            members,
            opening: pool.stock(),
            arrivals: tables
                .inbound
                .iter()
                .filter(|l| {
                    l.sku == pool.sku
                        && l.location == pool.location
                        && l.ordered <= self.base.plan_day()
                })
                .filter_map(|l| l.received.map(|d| (d, l.received_units)))
                .filter(|(d, units)| *d > self.base.plan_day() && *units > 0.0)
                .collect(),
            lead_days: lead.mean(),
            review_days: policy::review_days(tables, config, pool.sku) as i32,
            past_sold: sold,
            past_seen: seen,
            past_closing: closing,
            whole,
            moq: item.moq.unwrap_or(0.0),
            multiple: item
                .order_multiple
                .filter(|m| *m > 0.0)
                .unwrap_or(if whole { 1.0 } else { 0.0 }),
            unit_cost: item.unit_cost,
            costs: holding.zip(lost).map(|(holding_day, lost)| Costs {
                holding_day,
                lost,
                waiting_day: config.policy.backorder_cost_per_unit_day.unwrap_or(0.0),
            }),
            leads,
            key,
        }
    }

    /// A channel's recovered demand: what was seen, and one draw of what was hidden. The mean would be steadier than demand is.
    fn member(
        &self,
        ready: &Prepared,
        i: usize,
        key: u64,
        count: &mut dyn FnMut(f64, f64),
    ) -> Member {
        let view = ready.panel.view(i);
        let channel = ready.panel.series[i].channel;
        let mut rng = Pcg64Mcg::seed_from_u64(key ^ u64::from(channel.0).wrapping_mul(0x9e37_79b9));
        let mut demand = vec![0.0; self.total];
        for (t, slot) in demand.iter_mut().enumerate() {
            let back = self.total - 1 - t;
            let Some(k) = (view.len() - 1).checked_sub(back) else {
                continue;
            };
            if view.availability[k] == Availability::NotListed {
                continue;
            }
            let at = ready.panel.offsets[i] + k;
            let hidden = draw(
                ready.model.lost[at],
                ready.model.hidden_variance(at),
                view.whole_units,
                &mut rng,
            );
            *slot = view.sold[k] + view.backordered[k] + hidden;
            if t >= self.measured {
                count(hidden, *slot);
            }
        }
        Member {
            channel,
            demand,
            accepts: view.accepts_backorders,
            capture: ready.model.own_capture[i],
            whole: view.whole_units,
        }
    }
}

/// What was known at the start.
fn known(input: &Checked, config: &Config, start: Day) -> Result<(Tables, Prepared), PlanError> {
    let (base, records) = as_known(input, start).map_err(panel::PanelError::from)?;
    let before = plan::prepare(records, &base, config, &mut Vec::new(), &mut |_| ())?;
    Ok((base, before))
}

/// Whether a place sells on, has a stock record and some history, and what is ordered at the start comes in time to be measured.
fn can_be_replayed(
    tables: &Tables,
    base: &Tables,
    before: &Prepared,
    config: &Config,
    pool: &Pool,
    span: Span,
    start: Day,
) -> bool {
    let item = &tables.items[pool.sku];
    let oldest = pool.members.iter().map(|&i| before.panel.first[i]).min();
    let old = oldest.is_some_and(|d| start - d >= HISTORY);
    let lead = policy::lead_time(base, config, &before.lead_times, pool.sku);
    let waits = (lead.mean() / f64::from(base.grain.days())).ceil() as usize + 1;
    item.status != ItemStatus::Discontinued
        && item.launch.is_none_or(|l| l <= start)
        && pool.on_hand.is_some()
        && old
        && waits <= span.settle
}

/// A draw of units with this mean and variance: negative binomial or Poisson counts, or a gamma quantity.
fn draw(mean: f64, variance: f64, whole: bool, rng: &mut Pcg64Mcg) -> f64 {
    if mean.is_nan() || mean <= 0.0 {
        return 0.0;
    }
    let gamma = |shape: f64, scale: f64, rng: &mut Pcg64Mcg| {
        Gamma::new(shape, scale).map_or(mean, |g| g.sample(rng))
    };
    if !whole {
        return if variance > 0.0 {
            gamma(mean * mean / variance, variance / mean, rng)
        } else {
            mean
        };
    }
    let rate = if variance > mean * 1.000_001 {
        let excess = variance / mean - 1.0;
        gamma(mean / excess, excess, rng)
    } else {
        mean
    };
    if rate > 0.0 {
        Poisson::new(rate).map_or(rate.round(), |p| p.sample(rng))
    } else {
        0.0
    }
}

/// Settling and measured periods of a replay over `wished` measured weeks, or how many days of history are missing for the least of it.
///
/// The replay settles until what was ordered at its start has come for nearly all places; before that the planner needs half a year,
/// or at least as long as is replayed.
pub(super) fn span(
    panel: &Panel,
    leads_days: &mut [f64],
    wished: usize,
    least: usize,
) -> Result<Span, i32> {
    /// Days before the start.
    const BEFORE: i32 = 182;
    const SHARE: f64 = 0.95;
    let step = panel.grain.days();
    leads_days.sort_by(f64::total_cmp);
    let rank = (SHARE * leads_days.len() as f64).ceil() as usize;
    let lead = leads_days
        .get(rank.clamp(1, leads_days.len().max(1)) - 1)
        .copied()
        .unwrap_or(0.0);
    let settle = (lead / f64::from(step)).ceil() as usize + 1;
    let week = (7 / step).max(1) as usize;
    let first = panel.first.iter().min().copied().unwrap_or(panel.as_of);
    let days = panel.as_of - first + step;
    for weeks in (least..=wished.max(least)).rev() {
        let measured = weeks * week;
        if days >= BEFORE + (settle + measured) as i32 * step {
            return Ok(Span { settle, measured });
        }
    }
    Err(BEFORE + (settle + least * week) as i32 * step - days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_their_mean_and_variance() {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        for (mean, variance, whole) in [(4.0, 9.0, true), (4.0, 2.0, true), (2.5, 1.5, false)] {
            let n = 20_000;
            let draws: Vec<f64> = (0..n)
                .map(|_| draw(mean, variance, whole, &mut rng))
                .collect();
            let average = draws.iter().sum::<f64>() / f64::from(n);
            let spread =
                draws.iter().map(|d| (d - average).powi(2)).sum::<f64>() / f64::from(n - 1);
            // Counts are no steadier than Poisson.
            let expected = if whole { variance.max(mean) } else { variance };
            // Five standard errors of the mean, and of a variance with the kurtosis of these laws.
            assert!((average - mean).abs() < 5.0 * (expected / f64::from(n)).sqrt());
            assert!((spread / expected - 1.0).abs() < 0.1, "{spread} {expected}");
        }
        assert_eq!(draw(0.0, 1.0, true, &mut rng), 0.0);
    }
}
