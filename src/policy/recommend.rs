//! From forecast and stock to one recommendation a series.

use rayon::prelude::*;

use super::channel_share::Shares;
use super::look_through::{Covered, simulate};
use super::past::{Past, confidence, daily_variance};
use super::paths::{PoolPaths, pool_paths, protection};
use super::protection::Protection;
use super::target::service_target;
use super::{reason, textbook};
use crate::config::{Config, Method};
use crate::demand::DemandModel;
use crate::domain::{Action, Band, Day, Item, ItemStatus, Recommendation, ServiceMeasure, Tables};
use crate::forecast::{Forecast, LeadTime, LeadTimes, supplier_row};
use crate::panel::Panel;
use crate::supply::Pool;
use crate::text::Lang;

pub(super) const YEAR_DAYS: i32 = 365;
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

/// The decision for one pool.
pub(super) struct PoolPlan<'a> {
    pub(super) basis: &'a Basis<'a>,
    pub(super) pool: &'a Pool,
    pub(super) paths: PoolPaths,
    pub(super) lead_days: LeadTime,
    pub(super) review_days: u32,
    pub(super) measure: ServiceMeasure,
    pub(super) target: f64,
    pub(super) protection: Protection,
    pub(super) covered: Covered,
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

    pub(super) fn member_sd(&self, i: usize) -> f64 {
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
