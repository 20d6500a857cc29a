//! What every decision is made from: the finished past and forecast, and how long an order takes.

use crate::config::Config;
use crate::demand::DemandModel;
use crate::domain::{Day, NextOrder, SkuId, Tables};
use crate::forecast::{Forecast, LeadTime, LeadTimes, supplier_row};
use crate::panel::Panel;
use crate::supply::{Pool, source_of};

pub(super) const YEAR_DAYS: i32 = 365;

/// Everything a recommendation is made from.
#[derive(Clone, Copy, Debug)]
pub struct Basis<'a> {
    pub tables: &'a Tables,
    pub panel: &'a Panel,
    pub config: &'a Config,
    pub model: &'a DemandModel,
    pub forecast: &'a Forecast,
    pub lead_times: &'a LeadTimes,
}

/// Review period of a SKU, days: item, supplier, file.
pub fn review_days(tables: &Tables, config: &Config, sku: SkuId) -> u32 {
    let item = &tables.items[sku];
    item.review_days
        .or_else(|| supplier_row(tables, item.supplier.as_ref()).and_then(|s| s.review_days))
        .unwrap_or(config.policy.review_days)
        .max(1)
}

/// Days until an order can be placed: 0 unless the supplier takes orders on one weekday only.
pub(super) fn days_to_order_day(tables: &Tables, sku: SkuId) -> i32 {
    order_day_after(tables, sku, tables.plan_day())
}

/// Days from `day` until an order can be placed.
fn order_day_after(tables: &Tables, sku: SkuId, day: Day) -> i32 {
    let supplier = supplier_row(tables, tables.items[sku].supplier.as_ref());
    supplier.and_then(|s| s.order_weekday).map_or(0, |weekday| {
        (weekday as i32 - day.weekday() as i32).rem_euclid(7)
    })
}

/// Lead time of an order of this SKU decided now, days: waiting for the order weekday included.
pub fn lead_time(tables: &Tables, config: &Config, lead_times: &LeadTimes, sku: SkuId) -> LeadTime {
    let wait = days_to_order_day(tables, sku);
    lead_times
        .of(tables, &config.policy, sku, tables.plan_day() + wait)
        .later(wait)
}

/// The order after this one: what it takes, and what makes it later than this one.
#[derive(Clone, Debug)]
pub(super) struct Following {
    /// Days from the review that decides it to its receipt: waiting for the order weekday included.
    pub(super) lead: LeadTime,
    /// Days that the supplier's closures add to it beyond those that they add to this order.
    closed: f64,
    /// Days that it waits for the order weekday, beyond those of this order.
    waits: f64,
}

impl Following {
    /// What lengthens the interval, if anything does by a day; `arrival` is the day on which the following order is expected.
    pub(super) fn later(&self, arrival: Day) -> Option<NextOrder> {
        let later = NextOrder {
            arrival,
            closed: self.closed.round().max(0.0),
            waits: self.waits.round().max(0.0),
        };
        (later.closed + later.waits >= 1.0).then_some(later)
    }
}

/// The order of a pool that the next review decides: closures and the order weekday as they are then.
pub(super) fn following(basis: &Basis<'_>, pool: &Pool) -> Following {
    if source_of(basis.tables, pool.location).is_some() {
        return Following {
            lead: pool_lead_time(basis, pool),
            closed: 0.0,
            waits: 0.0,
        };
    }
    let Basis {
        tables,
        config,
        lead_times,
        ..
    } = *basis;
    let placed = |day: Day| {
        let wait = order_day_after(tables, pool.sku, day);
        let law = lead_times.of(tables, &config.policy, pool.sku, day + wait);
        (law, wait)
    };
    let (this, wait) = placed(tables.plan_day());
    let (next, next_wait) = placed(tables.plan_day() + pool_review_days(basis, pool) as i32);
    Following {
        closed: next.mean() - this.mean(),
        waits: f64::from(next_wait - wait),
        lead: next.later(next_wait),
    }
}

/// Lead time of an order and review period of every series, days, in the panel's order: the protection interval that its spread is measured on.
pub fn protection_intervals(
    panel: &Panel,
    tables: &Tables,
    config: &Config,
    lead_times: &LeadTimes,
) -> (Vec<LeadTime>, Vec<u32>) {
    panel
        .series
        .iter()
        .map(|s| {
            (
                lead_time(tables, config, lead_times, s.sku),
                review_days(tables, config, s.sku),
            )
        })
        .unzip()
}

/// Lead time of what fills a pool, days: a transfer where another location supplies it, else an order.
pub(super) fn pool_lead_time(basis: &Basis<'_>, pool: &Pool) -> LeadTime {
    match source_of(basis.tables, pool.location) {
        Some(source) => basis
            .lead_times
            .transfer(basis.tables, source, pool.location),
        None => lead_time(basis.tables, basis.config, basis.lead_times, pool.sku),
    }
}

/// Review period of a pool, days: transfers are decided with every plan.
pub(super) fn pool_review_days(basis: &Basis<'_>, pool: &Pool) -> u32 {
    match source_of(basis.tables, pool.location) {
        Some(_) => basis.config.policy.review_days.max(1),
        None => review_days(basis.tables, basis.config, pool.sku),
    }
}

/// Written figures have four decimals; rounding them before they are added keeps every sum exact.
pub(super) fn four(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}
