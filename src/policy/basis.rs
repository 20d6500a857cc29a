//! What every decision is made from: the finished past and forecast, and how long an order takes.

use crate::config::Config;
use crate::demand::DemandModel;
use crate::domain::{SkuId, Tables};
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
    let supplier = supplier_row(tables, tables.items[sku].supplier.as_ref());
    supplier.and_then(|s| s.order_weekday).map_or(0, |weekday| {
        (weekday as i32 - tables.as_of.weekday() as i32).rem_euclid(7)
    })
}

/// Lead time of an order of this SKU decided now, days: waiting for the order weekday included.
pub fn lead_time(tables: &Tables, config: &Config, lead_times: &LeadTimes, sku: SkuId) -> LeadTime {
    let wait = days_to_order_day(tables, sku);
    lead_times
        .of(tables, &config.policy, sku, tables.as_of + wait)
        .later(wait)
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
