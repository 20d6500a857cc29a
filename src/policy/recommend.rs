//! From forecast and stock to one recommendation a series.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::family::{Family, Grant};
use super::ration::{Offer, ration};
use crate::config::Config;
use crate::demand::DemandModel;
use crate::domain::{Recommendation, Spending, Tables, Transfer};
use crate::forecast::{Forecast, LeadTime, LeadTimes, supplier_row};
use crate::panel::Panel;
use crate::supply::{Pool, source_of};
use crate::text::Lang;

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
pub(super) fn days_to_order_day(tables: &Tables, sku: u32) -> i32 {
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

/// What is decided for all pools.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// One per series, in the panel's order.
    pub rows: Vec<Recommendation>,
    /// What locations need for those that they supply, by (SKU, location).
    pub for_supplied: Vec<Recommendation>,
    /// Most urgent first, those that no known way allows last.
    pub transfers: Vec<Transfer>,
    pub spending: Spending,
}

/// Decides on all pools (sorted by SKU and location). `budget` limits the money for this plan's orders; suppliers' minimum
/// amounts always count.
pub fn decide(basis: &Basis<'_>, pools: &[Pool], budget: Option<f64>) -> Decision {
    let mut families: Vec<(usize, &[Pool])> = Vec::new();
    let mut first = 0;
    for pools in pools.chunk_by(|a, b| a.sku == b.sku) {
        families.push((first, pools));
        first += pools.len();
    }
    let plan = |&(first, pools): &(usize, &[Pool]), grants: &BTreeMap<usize, Grant>| {
        Family::plan(basis, pools, first, grants)
    };
    let none = BTreeMap::new();
    let mut planned: Vec<Family> = families.par_iter().map(|f| plan(f, &none)).collect();
    let offers: Vec<Offer> = planned
        .iter_mut()
        .flat_map(|f| std::mem::take(&mut f.offers))
        .collect();
    let rationed = ration(basis, offers, budget);
    if !rationed.grants.is_empty() {
        planned = families
            .par_iter()
            .zip(planned)
            .map(|(f, before)| {
                let mut changed = rationed.grants.range(f.0..f.0 + f.1.len());
                if changed.next().is_some() {
                    plan(f, &rationed.grants)
                } else {
                    before
                }
            })
            .collect();
    }
    let mut rows: Vec<(usize, Recommendation)> = Vec::new();
    let mut decision = Decision {
        spending: rationed.spending,
        ..Decision::default()
    };
    for family in planned {
        rows.extend(family.rows);
        decision.for_supplied.extend(family.for_supplied);
        decision.transfers.extend(family.transfers);
    }
    rows.sort_by_key(|(i, _)| *i);
    decision.rows = rows.into_iter().map(|(_, r)| r).collect();
    super::transfer::rank_rows(&mut decision.transfers);
    decision
}

/// Recommendations in the panel's order, without a budget.
pub fn recommend(basis: &Basis<'_>, pools: &[Pool]) -> Vec<Recommendation> {
    decide(basis, pools, None).rows
}

/// Written figures have four decimals; rounding them before they are added keeps every sum exact.
pub(super) fn four(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}
