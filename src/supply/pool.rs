//! Pools: series of one SKU whose channels share a location, with their stock, open orders and debts.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::config::PolicyConfig;
use crate::domain::{
    ChannelId, Day, Finding, ItemStatus, LocationId, Outstanding, Severity, SkuId, Tables,
    purchase_orders,
};
use crate::forecast::{LeadTime, LeadTimes, supplier_of};
use crate::panel::{Movements, Panel};

/// Overdue by more than this, an open order is not counted on any more.
const GIVEN_UP_DAYS: i32 = 180;
/// … and by more than this where no order on record was as late: nothing says that it comes.
const UNHEARD_OF_DAYS: i32 = 60;
/// What never came is told for so long after the last receipt of its order.
const WRITTEN_OFF_DAYS: i32 = 60;
/// Beyond all lateness on record, an overdue order is expected in a week.
const ANY_DAY: i32 = 7;

/// One open purchase order of a pool.
#[derive(Clone, Debug)]
pub struct OpenOrder {
    pub po_id: String,
    pub units: f64,
    /// Days after as-of until it is received, ≥ 1.
    pub arrival: LeadTime,
    /// The promised day, or what the lead time makes of the order's day.
    pub expected: Day,
}

/// A pool at as-of.
#[derive(Clone, Debug)]
pub struct Pool {
    pub sku: SkuId,
    pub location: LocationId,
    /// Positions of its series in the panel, by channel; none where the location only supplies others.
    pub members: Vec<usize>,
    /// Recorded stock, oversold units that open backorders explain left out; `None` where nobody counted.
    pub on_hand: Option<f64>,
    pub open_orders: Vec<OpenOrder>,
    /// Units owed, by member.
    pub open_backorders: Vec<f64>,
}

impl Pool {
    /// Units to count on: none where nobody counted.
    pub fn stock(&self) -> f64 {
        self.on_hand.unwrap_or(0.0)
    }
}

/// All pools, in order of their first series.
pub fn pools(
    panel: &Panel,
    movements: &Movements,
    tables: &Tables,
    lead_times: &LeadTimes,
    policy: &PolicyConfig,
    findings: &mut Vec<Finding>,
) -> Vec<Pool> {
    let mut by_key = panel.pools.clone();
    add_sources(tables, &mut by_key);
    let mut owed: BTreeMap<(SkuId, ChannelId), f64> = BTreeMap::new();
    for line in tables.backorders.iter().filter(|l| l.open_units() > 0.0) {
        // An open preorder is owed as much as a backorder, whatever it says about demand.
        *owed.entry((line.sku, line.channel)).or_default() += line.open_units();
    }
    let mut open = open_orders(tables, lead_times, policy, findings);
    by_key
        .into_iter()
        .map(|((sku, location), members)| {
            let open_backorders: Vec<f64> = members
                .iter()
                .map(|&i| {
                    owed.get(&(sku, panel.series[i].channel))
                        .copied()
                        .unwrap_or(0.0)
                })
                .collect();
            let recorded = if members.is_empty() {
                movements.stock_without_sales(sku, location)
            } else {
                let last = members.iter().filter_map(|&i| panel.view(i).closing.last());
                last.copied().find(|c| !c.is_nan())
            };
            // Goods not yet released are not there, whether or not anybody wrote that down.
            let item = &tables.items[sku];
            let unreleased = item.launch.is_some_and(|d| d > tables.plan_day())
                || item.status == ItemStatus::New;
            let recorded = recorded.or(unreleased.then_some(0.0));
            let owed: f64 = open_backorders.iter().sum();
            // Shops that count backorders as negative stock would have them counted twice.
            let on_hand = recorded.map(|units| {
                if units < 0.0 {
                    (units + owed).min(0.0)
                } else {
                    units
                }
            });
            if let Some(units) = recorded.filter(|units| *units < 0.0 && owed > 0.0) {
                findings.push(
                    Finding::new(Severity::Notice, "negative_stock_is_backorders")
                        .sku(&tables.skus[sku])
                        .location(&tables.locations[location])
                        .figure("stock", units)
                        .figure("owed", owed),
                );
            }
            let open_orders = open.remove(&(sku, location)).unwrap_or_default();
            Pool {
                sku,
                location,
                members,
                on_hand,
                open_orders,
                open_backorders,
            }
        })
        .collect()
}

/// Adds the pools of locations that sell nothing of a SKU themselves and supply a location that does.
fn add_sources(tables: &Tables, pools: &mut BTreeMap<(SkuId, LocationId), Vec<usize>>) {
    let mut from: Vec<(SkuId, LocationId)> = pools.keys().copied().collect();
    while let Some((sku, location)) = from.pop() {
        if let Some(source) = source_of(tables, location) {
            pools.entry((sku, source)).or_insert_with(|| {
                from.push((sku, source));
                Vec::new()
            });
        }
    }
}

/// The location that another is supplied from.
pub fn source_of(tables: &Tables, location: LocationId) -> Option<LocationId> {
    tables
        .location_rows
        .get(location.at())?
        .supplied_from
        .filter(|&source| source != location)
}

/// Open purchase orders by (sku, location), in order of their expected day.
fn open_orders(
    tables: &Tables,
    lead_times: &LeadTimes,
    policy: &PolicyConfig,
    findings: &mut Vec<Finding>,
) -> BTreeMap<(SkuId, LocationId), Vec<OpenOrder>> {
    let mut open: BTreeMap<(SkuId, LocationId), Vec<OpenOrder>> = BTreeMap::new();
    for order in purchase_orders(&tables.inbound) {
        let (po_id, sku, location, ordered) =
            (order.po_id, order.sku, order.location, order.ordered);
        let finding = |code, units: f64| {
            Finding::new(Severity::Warning, code)
                .sku(&tables.skus[sku])
                .location(&tables.locations[location])
                .figure("po_id", po_id)
                .figure("units", units)
        };
        for Outstanding {
            expected,
            units,
            last_receipt,
            written_off,
        } in order.outstanding(tables.plan_day())
        {
            if written_off {
                // Older ones are history.
                if last_receipt.is_some_and(|d| tables.plan_day() - d <= WRITTEN_OFF_DAYS) {
                    findings.push(Finding {
                        severity: Severity::Notice,
                        ..finding("short_shipment_written_off", units)
                    });
                }
                continue;
            }
            let promise = expected
                .or_else(|| order.lines.iter().filter_map(|l| l.expected).max())
                .unwrap_or_else(|| {
                    let days = match tables.transferred_from(order.rows[0]) {
                        Some(source) => lead_times.transfer(tables, source, location),
                        None => lead_times.of(tables, policy, sku, ordered),
                    };
                    ordered + days.mean().round() as i32
                });
            let overdue = tables.plan_day() - promise;
            let supplier = supplier_of(tables, order.rows[0]);
            let lateness = lead_times.promise_lateness(sku, supplier.as_ref(), promise - ordered);
            let until_promise = promise - tables.plan_day();
            let shifted = LeadTime {
                points: lateness
                    .points
                    .iter()
                    .map(|&(d, w)| (d + until_promise, w))
                    .collect(),
            };
            let possible = shifted.points.iter().any(|p| p.0 > 0);
            if overdue
                > if possible {
                    GIVEN_UP_DAYS
                } else {
                    UNHEARD_OF_DAYS
                }
            {
                findings.push(finding("overdue_order_given_up", units).figure("days", overdue));
                continue;
            }
            let arrival = if possible {
                shifted.beyond(0)
            } else {
                if overdue > 0 {
                    findings.push(finding("order_later_than_ever", units).figure("days", overdue));
                }
                LeadTime::fixed(ANY_DAY)
            };
            open.entry((sku, location)).or_default().push(OpenOrder {
                po_id: po_id.to_owned(),
                units,
                arrival,
                expected: promise,
            });
        }
    }
    open.values_mut().for_each(|orders| sort(orders));
    open
}

/// By expected day.
fn sort(orders: &mut [OpenOrder]) {
    orders.sort_by(|a, b| {
        a.expected
            .cmp(&b.expected)
            .then_with(|| a.po_id.cmp(&b.po_id))
    });
}
