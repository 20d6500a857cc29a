//! From forecast and stock to one recommendation a series.

use rayon::prelude::*;

use super::cost::{self, UnitCosts};
use super::look_through::{Covered, OpenOrder as PeriodOrder, PoolDemand, Supply, simulate};
use super::protection::{Interval, Protection};
use super::{reason, textbook};
use crate::config::{Config, Method};
use crate::demand::DemandModel;
use crate::demand::hidden::BAND_WIDTH;
use crate::domain::{
    Action, Band, Confidence, Day, Item, ItemStatus, Recommendation, ServiceMeasure, Tables,
};
use crate::forecast::distribution::Demand;
use crate::forecast::{Forecast, LeadTime, LeadTimes, supplier_row};
use crate::panel::Panel;
use crate::supply::Pool;
use crate::supply::share::whole_shares;
use crate::text::Lang;

const YEAR_DAYS: i32 = 365;
/// Lead times that the reorder point is mixed over, at most.
const LEAD_POINTS: usize = 7;
/// Stock beyond what this many days sell is excess.
const EXCESS_DAYS: f64 = 365.0;

/// Everything a recommendation is made from.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    pub tables: &'a Tables,
    pub panel: &'a Panel,
    pub config: &'a Config,
    pub model: &'a DemandModel,
    pub forecast: &'a Forecast,
    pub lead_times: &'a LeadTimes,
    pub lang: Lang,
}

/// Review period of a SKU, days: item, supplier, file.
pub fn review_days(tables: &Tables, config: &Config, sku: u32) -> u32 {
    let item = &tables.items[sku as usize];
    item.review_days
        .or_else(|| supplier_row(tables, item.supplier.as_ref()).and_then(|s| s.review_days))
        .unwrap_or(config.policy.review_days)
        .max(1)
}

/// Days until an order can be placed: 0 unless the supplier takes orders on one weekday only.
fn days_to_order_day(tables: &Tables, sku: u32) -> i32 {
    let supplier = supplier_row(tables, tables.items[sku as usize].supplier.as_ref());
    supplier.and_then(|s| s.order_weekday).map_or(0, |weekday| {
        (weekday as i32 - tables.as_of.weekday() as i32).rem_euclid(7)
    })
}

/// Lead time of an order of this SKU decided now, days: waiting for the order weekday included.
pub fn lead_time(tables: &Tables, config: &Config, lead_times: &LeadTimes, sku: u32) -> LeadTime {
    let wait = days_to_order_day(tables, sku);
    lead_times
        .of(tables, &config.policy, sku, tables.as_of + wait)
        .later(wait)
}

/// Recommendations in the panel's order.
pub fn recommend(basis: &Basis<'_>, pools: &[Pool]) -> Vec<Recommendation> {
    let mut found: Vec<(usize, Recommendation)> = pools
        .par_iter()
        .map(|pool| PoolPlan::new(basis, pool).rows())
        .flatten_iter()
        .collect();
    found.sort_by_key(|(i, _)| *i);
    found.into_iter().map(|(_, r)| r).collect()
}

/// Written figures have four decimals; rounding them before they are added keeps every sum exact.
pub(super) fn four(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}

/// A stable number from figures, for keying random streams (FNV-1a). Streams are keyed by what a series is, not by what it is called.
fn key(parts: &[u64]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in parts.iter().flat_map(|part| part.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash
}

/// Key of a series' stream: its first day, its length, what it sold and when.
fn series_key(panel: &Panel, i: usize) -> u64 {
    let view = panel.view(i);
    let (mut units, mut moment) = (0.0, 0.0);
    for (t, sold) in view.sold.iter().enumerate() {
        units += sold;
        moment += sold * (t + 1) as f64;
    }
    key(&[
        view.first.0 as u64,
        view.len() as u64,
        units.to_bits(),
        moment.to_bits(),
    ])
}

/// Whole periods for days, at least `least`.
fn periods(days: i32, step: i32, least: i32) -> i32 {
    ((f64::from(days) / f64::from(step)).round() as i32).max(least)
}

/// The law of points in ascending order, neighbours on one day merged.
fn merged(points: impl Iterator<Item = (i32, f64)>) -> LeadTime {
    let mut law: Vec<(i32, f64)> = Vec::new();
    for (days, weight) in points {
        match law.last_mut() {
            Some(last) if last.0 == days => last.1 += weight,
            _ => law.push((days, weight)),
        }
    }
    LeadTime { points: law }
}

fn in_periods(law: &LeadTime, step: i32, least: i32) -> LeadTime {
    merged(
        law.points
            .iter()
            .map(|&(days, weight)| (periods(days, step, least), weight)),
    )
}

/// At most `LEAD_POINTS` points: quantiles of equal weight.
fn thinned(law: &LeadTime) -> LeadTime {
    if law.points.len() <= LEAD_POINTS {
        return law.clone();
    }
    let weight = 1.0 / LEAD_POINTS as f64;
    merged((0..LEAD_POINTS).map(|k| (law.quantile((k as f64 + 0.5) / LEAD_POINTS as f64), weight)))
}

/// The paths' view of a pool: its demand by period and its supply.
#[derive(Clone, Debug)]
pub struct PoolPaths {
    pub demand: PoolDemand,
    pub supply: Supply,
    pub seed: u64,
}

/// Demand and supply of a pool in periods, as the paths need them.
pub fn pool_paths(basis: &Basis<'_>, pool: &Pool) -> PoolPaths {
    let step = basis.panel.grain.days();
    let tables = basis.tables;
    let lead = in_periods(
        &lead_time(tables, basis.config, basis.lead_times, pool.sku),
        step,
        0,
    );
    let review = periods(review_days(tables, basis.config, pool.sku) as i32, step, 1) as usize;
    let longest = lead.points.last().map_or(0, |p| p.0.max(0)) as usize;
    let ahead = 2 * longest + review + 1;
    let horizon = (lead.mean().round() as usize + review).max(1);
    let mut mean = vec![0.0; ahead];
    let (mut noise, mut common, mut whole_mean, mut captured) = (0.0, 0.0, 0.0, 0.0);
    for &i in &pool.members {
        let f = &basis.forecast.series[i];
        for (t, slot) in mean.iter_mut().enumerate() {
            *slot += f.mean(t, t + 1);
        }
        let m = f.mean(0, horizon);
        // Channels are independent given their forecasts: their level errors add as variances.
        noise += f.dispersion * m;
        common += f.level_variance * m * m;
        whole_mean += m;
        if basis.panel.accepts_backorders[i] {
            captured += basis.model.capture[basis.panel.series[i].channel as usize] * m;
        }
    }
    let share = |x: f64| {
        if whole_mean > 0.0 {
            x / whole_mean
        } else {
            0.0
        }
    };
    // A sum, so that the order of the pool's channels does not matter.
    let seed = pool
        .members
        .iter()
        .fold(0u64, |sum, &i| sum.wrapping_add(series_key(basis.panel, i)));
    PoolPaths {
        demand: PoolDemand {
            mean,
            dispersion: share(noise).max(1e-6),
            level_variance: share(share(common)),
            capture: share(captured),
            whole_units: pool.members.iter().all(|&i| basis.panel.whole_units[i]),
        },
        supply: Supply {
            net_stock: if pool.on_hand.is_nan() {
                0.0
            } else {
                pool.on_hand
            } - pool.open_backorders.iter().sum::<f64>(),
            open_orders: pool
                .open_orders
                .iter()
                .map(|o| PeriodOrder {
                    units: o.units,
                    arrival: in_periods(&o.arrival, step, 1),
                    key: key(&[seed, o.expected.0 as u64, o.units.to_bits()]),
                })
                .collect(),
            lead_time: lead,
            review,
        },
        seed,
    }
}

/// The decision for one pool.
struct PoolPlan<'a> {
    basis: &'a Basis<'a>,
    pool: &'a Pool,
    paths: PoolPaths,
    lead_days: LeadTime,
    review_days: u32,
    measure: ServiceMeasure,
    target: f64,
    protection: Protection,
    covered: Covered,
}

impl<'a> PoolPlan<'a> {
    fn new(basis: &'a Basis<'a>, pool: &'a Pool) -> Self {
        let paths = pool_paths(basis, pool);
        let lead_days = lead_time(basis.tables, basis.config, basis.lead_times, pool.sku);
        let review_days = review_days(basis.tables, basis.config, pool.sku);
        let (mut measure, target) = service_target(basis, pool, review_days);
        if basis.config.policy.method == Method::Textbook {
            // z is the quantile of a cycle's service, whatever was asked for.
            measure = ServiceMeasure::Cycle;
        }
        let covered = simulate(&paths.demand, &paths.supply, paths.seed);
        let protection = protection(&paths);
        Self {
            basis,
            pool,
            paths,
            lead_days,
            review_days,
            measure,
            target,
            protection,
            covered,
        }
    }

    fn item(&self) -> &'a Item {
        &self.basis.tables.items[self.pool.sku as usize]
    }

    /// Reorder point and the demand lost while waiting, under the method chosen.
    fn reorder_point(&self, position: f64) -> (f64, f64, &'static str) {
        let mean = self.protection.mean();
        if self.basis.config.policy.method == Method::Textbook {
            let sigma = self
                .pool
                .members
                .iter()
                .map(|&i| daily_variance(self.basis, i))
                .sum::<f64>()
                .sqrt();
            let step = f64::from(self.basis.panel.grain.days());
            let safety = textbook::periodic_safety_stock(
                sigma,
                f64::from(self.review_days) / step,
                self.lead_days.mean() / step,
                self.target,
            );
            return (mean + safety, 0.0, "normal");
        }
        let level = self.protection.level(self.measure, self.target);
        let need = if self.paths.demand.whole_units {
            self.covered.whole_quantity(self.measure, self.target)
        } else {
            self.covered.quantity(self.measure, self.target)
        };
        let name = self
            .protection
            .intervals
            .first()
            .map_or("none", |i| i.whole.name());
        // Receipts that may come late can call for more than the position says; what the paths need less than its level asks for is what
        // waiting takes off.
        let level = level.max(position + need);
        (level, (level - position - need).max(0.0), name)
    }

    fn rows(&self) -> Vec<(usize, Recommendation)> {
        let pool = self.pool;
        let tables = self.basis.tables;
        let item = self.item();
        let as_of = tables.as_of;
        let lead_mean = self.lead_days.mean();
        let known_stock = !pool.on_hand.is_nan();
        let on_hand = if known_stock { four(pool.on_hand) } else { 0.0 };
        let owed = four(pool.open_backorders.iter().sum());
        let (mut in_time, mut late) = (0.0, 0.0);
        for order in &pool.open_orders {
            // A day either way is the supplier's, not the plan's.
            if order.arrival.mean() <= lead_mean + 1.0 {
                in_time += order.units;
            } else {
                late += order.units;
            }
        }
        let (in_time, late) = (four(in_time), four(late));
        let position = four(on_hand + in_time - owed);
        let mean = four(self.protection.mean());
        let (level, lost, distribution) = self.reorder_point(position);
        let safety = four(level - mean);
        let reorder_point = four(mean + safety);
        let lost = four(lost);
        let order_up_to = four(reorder_point - lost);
        let need = four(order_up_to - position);
        let whole = self.paths.demand.whole_units;
        let moq = item.moq.unwrap_or(0.0);
        let multiple = item
            .order_multiple
            .filter(|m| *m > 0.0)
            .unwrap_or(if whole { 1.0 } else { 0.0 });
        let action_basis = (item.status == ItemStatus::Discontinued, known_stock);
        let quantity = match action_basis {
            (true, _) | (_, false) => 0.0,
            _ if position <= reorder_point && need > 0.0 => {
                four(super::lot::round_order(need, moq, multiple))
            }
            _ => 0.0,
        };
        let per_day = mean / (lead_mean + f64::from(self.review_days)).max(1.0);
        let action = if item.status == ItemStatus::Discontinued {
            Action::Stop
        } else if !known_stock {
            Action::Review
        } else if quantity > 0.0 {
            Action::Order
        } else if on_hand > per_day * EXCESS_DAYS && on_hand > reorder_point {
            Action::Excess
        } else {
            Action::Wait
        };
        let wait = days_to_order_day(tables, pool.sku);
        let order_by = match action {
            Action::Order => Some(as_of + wait),
            Action::Wait | Action::Excess if per_day > 0.0 => {
                let days = ((position - reorder_point) / per_day).floor().max(0.0);
                (days <= f64::from(YEAR_DAYS)).then(|| as_of + (days as i32).max(1))
            }
            _ => None,
        };
        let shares = Shares::of(
            self,
            on_hand,
            in_time,
            late,
            order_up_to,
            quantity,
            multiple,
        );
        let first_stockout = self.first_stockout();
        let expected_service = four(self.covered.fill(quantity));
        pool.members
            .iter()
            .enumerate()
            .map(|(m, &i)| {
                let s = &shares.members[m];
                let single = pool.members.len() == 1;
                let series_key = self.basis.panel.series[i];
                let member_mean = if single { mean } else { four(mean * s.demand) };
                let member_safety = if single {
                    safety
                } else {
                    four(safety * s.spread)
                };
                let member_point = four(member_mean + member_safety);
                let member_lost = if single { lost } else { four(lost * s.demand) };
                let up_to = four(member_point - member_lost);
                let member_owed = four(pool.open_backorders[m]);
                let member_position = four(s.on_hand + s.in_time - member_owed);
                let raw_need = four((up_to - member_position).max(0.0));
                let past = Past::of(self.basis, i);
                let confidence = confidence(self.basis, i, &past);
                let mut r = Recommendation {
                    sku: tables.skus[pool.sku as usize].clone(),
                    name: item.name.clone(),
                    channel: tables.channels[series_key.channel as usize].clone(),
                    location: tables.locations[pool.location as usize].clone(),
                    category: item.category.clone(),
                    supplier: item.supplier.clone(),
                    as_of,
                    action,
                    observed_units_per_day: four(past.observed_per_day),
                    stockout_days: past.stockout_days,
                    hidden_units: past.hidden,
                    demand_per_day: four(
                        member_mean / (lead_mean + f64::from(self.review_days)).max(1.0),
                    ),
                    lead_time_days: four(lead_mean),
                    lead_time_sd: four(self.lead_days.sd()),
                    review_days: self.review_days,
                    protection_days: four(lead_mean + f64::from(self.review_days)),
                    demand_over_protection: member_mean,
                    demand_over_protection_sd: four(s.sd),
                    distribution,
                    service_measure: self.measure,
                    service_target: self.target,
                    safety_stock: member_safety,
                    reorder_point: member_point,
                    order_up_to: up_to,
                    on_hand: s.on_hand,
                    on_order_in_time: s.in_time,
                    on_order_late: s.late,
                    open_backorders: member_owed,
                    inventory_position: member_position,
                    raw_need,
                    moq,
                    // Quantities that are not whole have no multiple unless the shop gives one.
                    order_multiple: if multiple > 0.0 { multiple } else { f64::NAN },
                    order_qty: s.quantity,
                    unit_cost: item.unit_cost,
                    amount: item.unit_cost.map(|c| four(c * s.quantity)),
                    order_by,
                    expected_arrival: order_by
                        .filter(|_| action == Action::Order)
                        .map(|_| as_of + lead_mean.round() as i32),
                    first_stockout_date: first_stockout,
                    expected_service,
                    confidence,
                    reason_code: "",
                    reason: String::new(),
                    order_reason: String::new(),
                    waiting_reduction: member_lost,
                    lost_while_waiting: four(
                        (self.covered.lost_before * s.demand).min(member_lost),
                    ),
                    rounding: four(s.quantity - raw_need),
                    pool_channels: pool.members.len() as u32,
                    annual_value: member_mean / (lead_mean + f64::from(self.review_days)).max(1.0)
                        * f64::from(YEAR_DAYS)
                        * item.unit_cost.or(item.price).unwrap_or(1.0),
                };
                if !known_stock {
                    r = super::unknown_stock::without_stock(r);
                }
                (r.reason_code, r.reason) = reason::sentence(&r, self.basis.lang);
                if !single && quantity > 0.0 {
                    let pool = Recommendation {
                        demand_over_protection: mean,
                        safety_stock: safety,
                        reorder_point,
                        waiting_reduction: lost,
                        lost_while_waiting: four(self.covered.lost_before.min(lost)),
                        order_up_to,
                        on_hand,
                        on_order_in_time: in_time,
                        on_order_late: late,
                        open_backorders: owed,
                        inventory_position: position,
                        order_qty: quantity,
                        hidden_units: Band::default(),
                        ..r.clone()
                    };
                    r.order_reason = reason::sentence(&pool, self.basis.lang).1;
                } else {
                    r.order_reason.clone_from(&r.reason);
                }
                (i, r)
            })
            .collect()
    }

    fn member_sd(&self, i: usize) -> f64 {
        let alone = Pool {
            members: vec![i],
            ..self.pool.clone()
        };
        protection(&pool_paths(self.basis, &alone))
            .variance()
            .sqrt()
    }

    /// The first day whose expected closing stock is empty, known receipts counted, nothing ordered now.
    fn first_stockout(&self) -> Option<Day> {
        let step = self.basis.panel.grain.days();
        let demand = &self.paths.demand.mean;
        let last = demand.last().copied().unwrap_or(0.0);
        if demand.iter().sum::<f64>() <= 0.0 {
            return None;
        }
        let mut stock = self.paths.supply.net_stock;
        for t in 0..(YEAR_DAYS / step) as usize {
            stock -= demand.get(t).copied().unwrap_or(last);
            if stock <= 0.0 {
                return Some(self.basis.tables.as_of + (t as i32 + 1) * step);
            }
            for order in &self.paths.supply.open_orders {
                if order.arrival.mean().round() as usize == t + 1 {
                    stock += order.units;
                }
            }
        }
        None
    }
}

/// Demand over the protection interval of a pool, mixed over the lead time.
pub(super) fn protection(paths: &PoolPaths) -> Protection {
    let PoolPaths { demand, supply, .. } = paths;
    let last = demand.mean.last().copied().unwrap_or(0.0);
    let law = |periods: usize| {
        let known = periods.min(demand.mean.len());
        let mean = demand.mean[..known].iter().sum::<f64>() + last * (periods - known) as f64;
        let variance = demand.dispersion * mean + demand.level_variance * mean * mean;
        Demand::moment_matched(mean, variance, demand.whole_units)
    };
    let intervals = thinned(&supply.lead_time)
        .points
        .iter()
        .map(|&(lead, weight)| {
            let lead = lead.max(0) as usize;
            Interval {
                weight,
                lead: law(lead),
                whole: law(lead + supply.review),
            }
        })
        .collect();
    Protection { intervals }
}

/// The measure, and the share or critical ratio to reach: item, then channel, then file; the highest of a pool's channels.
pub(super) fn service_target(
    basis: &Basis<'_>,
    pool: &Pool,
    review_days: u32,
) -> (ServiceMeasure, f64) {
    let policy = &basis.config.policy;
    let item = &basis.tables.items[pool.sku as usize];
    let stated = item.service_level.or_else(|| {
        pool.members
            .iter()
            .filter_map(|&i| {
                basis.tables.channel_rows[basis.panel.series[i].channel as usize].service_level
            })
            .max_by(f64::total_cmp)
    });
    let level = stated.unwrap_or(policy.service_level);
    if policy.service_measure != ServiceMeasure::Cost {
        return (policy.service_measure, level);
    }
    let ratio = match cost::of_item(policy, item) {
        Some(UnitCosts { lost, holding }) => {
            // Held on average for half the review period when used, for all of it when left over.
            let carried = holding * f64::from(review_days) / 2.0;
            ((lost - carried) / (lost + carried)).clamp(0.01, 0.999)
        }
        // Without costs the service level is the critical ratio itself; a finding says so.
        None => level,
    };
    (ServiceMeasure::Cost, ratio)
}

/// Variance of a period's recovered demand over the last year, for the textbook's σ.
fn daily_variance(basis: &Basis<'_>, i: usize) -> f64 {
    let range = basis.panel.range(i);
    let step = basis.panel.grain.days();
    let from = range
        .end
        .saturating_sub((YEAR_DAYS / step) as usize)
        .max(range.start);
    let demand =
        |at: usize| basis.panel.sold[at] + basis.panel.backordered[at] + basis.model.lost[at];
    let n = (range.end - from) as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = (from..range.end).map(demand).sum::<f64>() / n;
    (from..range.end)
        .map(|at| (demand(at) - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0)
}

/// The past of a series in the figures that a row shows.
struct Past {
    observed_per_day: f64,
    stockout_days: u32,
    hidden: Band,
    units: f64,
}

impl Past {
    fn of(basis: &Basis<'_>, i: usize) -> Self {
        let step = basis.panel.grain.days();
        let view = basis.panel.view(i);
        let range = basis.panel.range(i);
        let last = |days: i32| view.len() - ((days / step).max(1) as usize).min(view.len());
        let month = last(28);
        let seen = |t: usize| view.sold[t] + view.backordered[t];
        let month_days = ((view.len() - month) as i32 * step).max(1);
        let year = last(YEAR_DAYS);
        let (mut mean, mut variance, mut stockouts) = (0.0, 0.0, 0);
        for t in year..view.len() {
            let at = range.start + t;
            mean += basis.model.lost[at];
            variance += basis.model.hidden_variance(at);
            stockouts += u32::from(view.availability[t].is_stockout());
        }
        // The level's own error is common to all days.
        let fit = &basis.model.series[i];
        let delta = basis.model.delta[basis.panel.series[i].channel as usize];
        let memory = (1.0 / (1.0 - delta)).min(fit.exposure.max(1.0));
        variance += mean * mean * (fit.dispersion / (fit.level * memory).max(1e-9)).min(1.0);
        let half = 0.5 * BAND_WIDTH * variance.sqrt();
        Self {
            observed_per_day: (month..view.len()).map(seen).sum::<f64>() / f64::from(month_days),
            stockout_days: stockouts * step as u32,
            hidden: Band {
                mean: four(mean),
                p10: four((mean - half).max(0.0)),
                p90: four(mean + half),
            },
            units: (year..view.len()).map(seen).sum(),
        }
    }
}

fn confidence(basis: &Basis<'_>, i: usize, past: &Past) -> Confidence {
    let days = basis.forecast.series[i].exposure * f64::from(basis.panel.grain.days());
    if days >= 180.0 && past.units >= 30.0 {
        Confidence::High
    } else if days >= 56.0 && past.units >= 8.0 {
        Confidence::Medium
    } else {
        Confidence::Low
    }
}

/// Whole shares of a total that may be negative (an oversold pool).
fn signed_shares(total: f64, weights: &[f64]) -> Vec<f64> {
    let shares = whole_shares(total.abs(), weights);
    if total < 0.0 {
        shares.into_iter().map(|s| -s).collect()
    } else {
        shares
    }
}

/// One channel's part of its pool.
struct Member {
    /// Share of the pool's demand.
    demand: f64,
    /// Standard deviation of its demand over the protection interval.
    sd: f64,
    /// Share of the pool's safety stock: by standard deviation.
    spread: f64,
    on_hand: f64,
    in_time: f64,
    late: f64,
    quantity: f64,
}

struct Shares {
    members: Vec<Member>,
}

impl Shares {
    /// Splits stock, receipts and order over the pool's channels, in whole units (whole lots for the order) that add up to the pool's: what is owed to a
    /// channel's backorders first, the rest so that all channels stand at the same share of their order-up-to level.
    fn of(
        plan: &PoolPlan<'_>,
        on_hand: f64,
        in_time: f64,
        late: f64,
        up_to: f64,
        quantity: f64,
        multiple: f64,
    ) -> Self {
        let pool = plan.pool;
        if let [_] = pool.members[..] {
            let only = Member {
                sd: plan.protection.variance().sqrt(),
                demand: 1.0,
                spread: 1.0,
                on_hand,
                in_time,
                late,
                quantity,
            };
            return Self {
                members: vec![only],
            };
        }
        let review = plan.paths.supply.review;
        let horizon = plan.paths.supply.lead_time.mean().round() as usize + review;
        let means: Vec<f64> = pool
            .members
            .iter()
            .map(|&i| plan.basis.forecast.series[i].mean(0, horizon))
            .collect();
        let sds: Vec<f64> = pool.members.iter().map(|&i| plan.member_sd(i)).collect();
        let normal = |xs: &[f64]| {
            let total: f64 = xs.iter().sum();
            let equal = 1.0 / xs.len() as f64;
            xs.iter()
                .map(|x| if total > 0.0 { x / total } else { equal })
                .collect::<Vec<f64>>()
        };
        let (demand, spread) = (normal(&means), normal(&sds));
        let mean = plan.protection.mean();
        let levels: Vec<f64> = (0..means.len())
            .map(|m| (mean * demand[m] + (up_to - mean) * spread[m]).max(0.0))
            .collect();
        let weight = normal(&levels);
        let owed = &pool.open_backorders;
        let total_owed: f64 = owed.iter().sum();
        let in_time_shares = signed_shares(in_time, &weight);
        let late_shares = signed_shares(late, &weight);
        let wanted: Vec<f64> = (0..means.len())
            .map(|m| {
                (weight[m] * (on_hand + in_time - total_owed) - in_time_shares[m] + owed[m])
                    .max(0.0)
            })
            .collect();
        let hand_weight = if wanted.iter().sum::<f64>() > 0.0 {
            normal(&wanted)
        } else {
            weight.clone()
        };
        let hand = signed_shares(on_hand, &hand_weight);
        let needs: Vec<f64> = (0..means.len())
            .map(|m| (levels[m] - (hand[m] + in_time_shares[m] - owed[m])).max(0.0))
            .collect();
        let lots = if multiple > 0.0 { multiple } else { 1.0 };
        let order_weight = if needs.iter().sum::<f64>() > 0.0 {
            normal(&needs)
        } else {
            weight
        };
        let orders = signed_shares(quantity / lots, &order_weight);
        let members = (0..means.len())
            .map(|m| Member {
                sd: sds[m],
                demand: demand[m],
                spread: spread[m],
                on_hand: four(hand[m]),
                in_time: four(in_time_shares[m]),
                late: four(late_shares[m]),
                quantity: four(orders[m] * lots),
            })
            .collect();
        Self { members }
    }
}
