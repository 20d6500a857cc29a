//! Pools: series of one SKU whose channels share a location, with their stock, open orders and debts.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::PolicyConfig;
use crate::domain::{Day, Finding, ItemStatus, PurchaseLine, Severity, Tables};
use crate::forecast::{LeadTime, LeadTimes, supplier_of};
use crate::panel::Panel;

/// Overdue by more than this, an open order is not counted on any more.
const GIVEN_UP_DAYS: i32 = 180;
/// The rest of a partly received order is written off so long after its last receipt and its promised day.
const REST_DAYS: i32 = 30;
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
    pub sku: u32,
    pub location: u32,
    /// Positions of its series in the panel, by channel; none where the location only supplies others.
    pub members: Vec<usize>,
    /// Recorded stock, oversold units that open backorders explain left out; NaN where nothing is recorded.
    pub on_hand: f64,
    pub open_orders: Vec<OpenOrder>,
    /// Units owed, by member.
    pub open_backorders: Vec<f64>,
}

/// All pools, in order of their first series.
pub fn pools(
    panel: &Panel,
    tables: &Tables,
    lead_times: &LeadTimes,
    policy: &PolicyConfig,
    findings: &mut Vec<Finding>,
) -> Vec<Pool> {
    let mut by_key: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    for (i, key) in panel.series.iter().enumerate() {
        by_key.entry((key.sku, key.location)).or_default().push(i);
    }
    add_sources(tables, &mut by_key);
    let counts = last_counts(tables, &by_key);
    let mut owed: BTreeMap<(u32, u32), f64> = BTreeMap::new();
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
            let recorded = members
                .iter()
                .map(|&i| panel.view(i).closing.last().copied().unwrap_or(f64::NAN))
                .find(|c| !c.is_nan())
                .or_else(|| counts.get(&(sku, location)).copied())
                .unwrap_or(f64::NAN);
            let owed: f64 = open_backorders.iter().sum();
            // Goods not yet released are not there, whether or not anybody wrote that down.
            let item = &tables.items[sku as usize];
            let unreleased =
                item.launch.is_some_and(|d| d > tables.as_of) || item.status == ItemStatus::New;
            let recorded = if recorded.is_nan() && unreleased {
                0.0
            } else {
                recorded
            };
            // Shops that count backorders as negative stock would have them counted twice.
            let on_hand = if recorded < 0.0 {
                (recorded + owed).min(0.0)
            } else {
                recorded
            };
            if recorded < 0.0 && owed > 0.0 {
                findings.push(
                    Finding::new(Severity::Notice, "negative_stock_is_backorders")
                        .sku(&tables.skus[sku as usize])
                        .location(&tables.locations[location as usize])
                        .figure("stock", recorded)
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
fn add_sources(tables: &Tables, pools: &mut BTreeMap<(u32, u32), Vec<usize>>) {
    let mut from: Vec<(u32, u32)> = pools.keys().copied().collect();
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
pub fn source_of(tables: &Tables, location: u32) -> Option<u32> {
    tables
        .location_rows
        .get(location as usize)?
        .supplied_from
        .filter(|&source| source != location)
}

/// Stock of pools without a channel: the last count, with what was received and sent on after it; 0 where the SKU was never
/// counted there and others were, NaN where nothing ever was.
fn last_counts(
    tables: &Tables,
    pools: &BTreeMap<(u32, u32), Vec<usize>>,
) -> BTreeMap<(u32, u32), f64> {
    let mut counts: BTreeMap<(u32, u32), (Day, f64)> = pools
        .iter()
        .filter(|(_, members)| members.is_empty())
        .map(|(&key, _)| (key, (Day(i32::MIN), 0.0)))
        .collect();
    if counts.is_empty() {
        return BTreeMap::new();
    }
    let mut counted = BTreeSet::new();
    if let Some(stock) = &tables.stock {
        let column = |name: &str| stock.0.column(name).ok();
        let number = |name: &str| column(name).and_then(|c| c.u32().ok().cloned());
        let days = column("date").and_then(|c| c.i32().ok().cloned());
        let on_hand = column("on_hand").and_then(|c| c.f64().ok().cloned());
        if let (Some(days), Some(skus), Some(locations), Some(on_hand)) =
            (days, number("sku"), number("location"), on_hand)
        {
            let rows = days
                .iter()
                .zip(skus.iter())
                .zip(locations.iter())
                .zip(on_hand.iter());
            for (((day, sku), location), units) in rows {
                let (Some(day), Some(sku), Some(location), Some(units)) =
                    (day, sku, location, units)
                else {
                    continue;
                };
                if !units.is_nan() {
                    counted.insert(location);
                }
                if let Some(last) = counts.get_mut(&(sku, location))
                    && day >= last.0.0
                    && !units.is_nan()
                {
                    *last = (Day(day), units);
                }
            }
        }
    }
    for line in &tables.inbound {
        if let (Some(last), Some(received)) =
            (counts.get_mut(&(line.sku, line.location)), line.received)
            && last.0 > Day(i32::MIN)
            && received > last.0
        {
            last.1 += line.received_units;
        }
        if let Some(source) = tables.transferred_from(line)
            && let Some(last) = counts.get_mut(&(line.sku, source))
            && last.0 > Day(i32::MIN)
            && line.ordered > last.0
        {
            last.1 -= line.units;
        }
    }
    counts
        .into_iter()
        .map(|(key, (_, units))| {
            let known = counted.contains(&key.1);
            (key, if known { units } else { f64::NAN })
        })
        .collect()
}

/// The lines of every purchase order, by order, SKU and location; never empty.
pub(super) fn order_lines(tables: &Tables) -> BTreeMap<(&str, u32, u32), Vec<&PurchaseLine>> {
    let mut orders: BTreeMap<(&str, u32, u32), Vec<&PurchaseLine>> = BTreeMap::new();
    for line in &tables.inbound {
        orders
            .entry((&line.po_id, line.sku, line.location))
            .or_default()
            .push(line);
    }
    orders
}

/// Open purchase orders by (sku, location), in order of their expected day.
fn open_orders(
    tables: &Tables,
    lead_times: &LeadTimes,
    policy: &PolicyConfig,
    findings: &mut Vec<Finding>,
) -> BTreeMap<(u32, u32), Vec<OpenOrder>> {
    let mut open: BTreeMap<(u32, u32), Vec<OpenOrder>> = BTreeMap::new();
    for ((po_id, sku, location), lines) in order_lines(tables) {
        let received: f64 = lines.iter().map(|l| l.received_units).sum();
        let units = ordered_units(&lines, received);
        let rest = units - received;
        if rest <= 1e-9 {
            continue;
        }
        let finding = |code, units: f64| {
            Finding::new(Severity::Warning, code)
                .sku(&tables.skus[sku as usize])
                .location(&tables.locations[location as usize])
                .figure("po_id", po_id)
                .figure("units", units)
        };
        let last_receipt = lines.iter().filter_map(|l| l.received).max();
        let ordered = lines.iter().map(|l| l.ordered).min();
        let ordered = ordered.unwrap_or(lines[0].ordered);
        for (expected, units) in still_open(&lines, rest) {
            if is_written_off(tables.as_of, last_receipt, expected) {
                // Older ones are history.
                if last_receipt.is_some_and(|d| tables.as_of - d <= 2 * REST_DAYS) {
                    findings.push(Finding {
                        severity: Severity::Notice,
                        ..finding("short_shipment_written_off", units)
                    });
                }
                continue;
            }
            let promise = expected
                .or_else(|| lines.iter().filter_map(|l| l.expected).max())
                .unwrap_or_else(|| {
                    let days = match tables.transferred_from(lines[0]) {
                        Some(source) => lead_times.transfer(tables, source, location),
                        None => lead_times.of(tables, policy, sku, ordered),
                    };
                    ordered + days.mean().round() as i32
                });
            let overdue = tables.as_of - promise;
            if overdue > GIVEN_UP_DAYS {
                findings.push(finding("overdue_order_given_up", units).figure("days", overdue));
                continue;
            }
            let lateness = lead_times.promise_lateness(supplier_of(tables, lines[0]).as_ref());
            let until_promise = promise - tables.as_of;
            let shifted = LeadTime {
                points: lateness
                    .points
                    .iter()
                    .map(|&(d, w)| (d + until_promise, w))
                    .collect(),
            };
            let arrival = if shifted.points.iter().any(|p| p.0 > 0) {
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
    for orders in open.values_mut() {
        orders.sort_by(|a, b| {
            a.expected
                .cmp(&b.expected)
                .then_with(|| a.po_id.cmp(&b.po_id))
        });
    }
    open
}

/// What of an order has not come, by promised day. Rows without a receipt are deliveries of their own where their units are the
/// order's rest; else all of it is due on the last day that a row names.
fn still_open(lines: &[&PurchaseLine], rest: f64) -> Vec<(Option<Day>, f64)> {
    let pending = || lines.iter().filter(|l| l.received.is_none());
    let units: f64 = pending().map(|l| l.units).sum();
    if (units - rest).abs() < 1e-9 {
        let mut by_day: BTreeMap<Option<Day>, f64> = BTreeMap::new();
        for line in pending().filter(|l| l.units > 0.0) {
            *by_day.entry(line.expected).or_default() += line.units;
        }
        return by_day.into_iter().collect();
    }
    let last = pending().filter_map(|l| l.expected).max();
    let last = last.or_else(|| lines.iter().filter_map(|l| l.expected).max());
    vec![(last, rest)]
}

/// Whether a delivery is not waited for any more: its order has been quiet since a receipt, and its own day is long past or not known.
fn is_written_off(as_of: Day, last_receipt: Option<Day>, expected: Option<Day>) -> bool {
    last_receipt
        .is_some_and(|received| as_of - expected.map_or(received, |e| e.max(received)) > REST_DAYS)
}

/// Whether nothing more of an order is waited for, `received` units of `ordered` being there.
pub(super) fn is_over(as_of: Day, lines: &[&PurchaseLine], ordered: f64, received: f64) -> bool {
    let rest = ordered - received;
    let last_receipt = lines.iter().filter_map(|l| l.received).max();
    rest <= 1e-9
        || still_open(lines, rest)
            .iter()
            .all(|d| is_written_off(as_of, last_receipt, d.0))
}

/// Units of an order with several rows. Rows that came complete are parts of it, and so is what is still open beside them; where instead
/// all rows repeat one figure that covers what came, it is the order's.
pub(crate) fn ordered_units(lines: &[&PurchaseLine], received: f64) -> f64 {
    let first = lines[0].units;
    let same = lines.iter().all(|l| (l.units - first).abs() < 1e-9);
    let open = lines.iter().any(|l| l.received.is_none());
    let parts = open
        && lines
            .iter()
            .filter(|l| l.received.is_some())
            .all(|l| (l.received_units - l.units).abs() < 1e-9);
    if same && received <= first + 1e-9 && (lines.len() == 1 || !parts) {
        first
    } else {
        lines.iter().map(|l| l.units).sum()
    }
}
