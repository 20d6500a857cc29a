//! The days of one pool: its record, what moved it, its orders.

use std::collections::BTreeMap;

use crate::domain::{Day, LocationId, SkuId, Tables, purchase_orders};
use crate::panel::{self, Panel};

/// What came and went beside regular sales, by (sku, location).
#[derive(Clone, Debug, Default)]
pub struct Movements {
    other: panel::Movements,
    /// Orders in order of the day on which they were placed.
    orders: BTreeMap<(SkuId, LocationId), Vec<Order>>,
}

impl Movements {
    /// With the orders of `tables` beside what else moved their stock.
    pub fn new(other: panel::Movements, tables: &Tables) -> Self {
        Self {
            other,
            orders: orders(tables),
        }
    }

    /// The orders of a SKU for a location.
    pub(super) fn orders_of(&self, sku: SkuId, location: LocationId) -> &[Order] {
        self.orders.get(&(sku, location)).map_or(&[], Vec::as_slice)
    }
}

/// One purchase order or transfer of a pool, with all its rows.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub ordered: Day,
    pub units: f64,
    pub expected: Option<Day>,
    /// (day, units) of what came, by day.
    pub receipts: Vec<(Day, f64)>,
    /// Whether a row is still without a receipt.
    pub open: bool,
}

impl Order {
    /// Units that had come by the close of a day.
    pub fn received_by(&self, day: Day) -> f64 {
        self.receipts
            .iter()
            .filter(|r| r.0 <= day)
            .map(|r| r.1)
            .sum()
    }

    /// Last day on which something came.
    pub fn last(&self) -> Option<Day> {
        self.receipts.last().map(|r| r.0)
    }

    /// Units that never came of an order that is over.
    pub fn short(&self) -> f64 {
        if self.open || self.receipts.is_empty() {
            return 0.0;
        }
        let received: f64 = self.receipts.iter().map(|r| r.1).sum();
        (self.units - received).max(0.0)
    }
}

/// Orders of a SKU by location, in order of the day on which they were placed.
fn orders(tables: &Tables) -> BTreeMap<(SkuId, LocationId), Vec<Order>> {
    let mut all: BTreeMap<(SkuId, LocationId), Vec<Order>> = BTreeMap::new();
    for order in purchase_orders(&tables.inbound) {
        let rows = &order.rows;
        let came = rows
            .iter()
            .filter_map(|l| l.received.map(|d| (d, l.received_units)));
        let mut receipts: Vec<(Day, f64)> = came.collect();
        receipts.sort_by_key(|r| r.0);
        let orders = all.entry((order.sku, order.location)).or_default();
        orders.push(Order {
            ordered: order.ordered,
            units: order.units(),
            expected: rows.iter().filter_map(|l| l.expected).min(),
            open: rows.iter().any(|l| l.received.is_none()),
            receipts,
        });
    }
    for orders in all.values_mut() {
        orders.sort_by_key(|o| o.ordered);
    }
    all
}

/// The days of one pool, counted from the first day of its longest series.
#[derive(Clone, Debug)]
pub(super) struct PoolDays {
    pub sku: SkuId,
    pub location: LocationId,
    /// Series in the panel, and by how many periods each begins later.
    pub members: Vec<(usize, usize)>,
    pub first: Day,
    pub step: i32,
    /// Recorded stock at the close; NaN unknown.
    pub closing: Vec<f64>,
    /// Regular units sold by all members.
    pub sold: Vec<f64>,
    /// Units received.
    pub received: Vec<f64>,
    /// Other movements, signed.
    pub other: Vec<f64>,
}

impl PoolDays {
    pub fn new(
        panel: &Panel,
        movements: &Movements,
        orders: &[Order],
        key: (SkuId, LocationId),
        series: &[usize],
    ) -> Option<Self> {
        let longest = *series.iter().min_by_key(|&&i| panel.first[i])?;
        let (first, step, n) = (
            panel.first[longest],
            panel.grain.days(),
            panel.range(longest).len(),
        );
        let mut days = Self {
            sku: key.0,
            location: key.1,
            members: series
                .iter()
                .map(|&i| (i, ((panel.first[i] - first) / step) as usize))
                .collect(),
            first,
            step,
            closing: panel.closing[panel.range(longest)].to_vec(),
            sold: vec![0.0; n],
            received: vec![0.0; n],
            other: vec![0.0; n],
        };
        for &(i, shift) in &days.members {
            for (t, at) in panel.range(i).enumerate() {
                days.sold[shift + t] += panel.sold[at];
            }
        }
        for &(day, units) in orders.iter().flat_map(|o| &o.receipts) {
            if let Some(t) = days.at(day) {
                days.received[t] += units;
            }
        }
        for &(day, units) in movements.other.other(key.0, key.1) {
            if let Some(t) = days.at(day) {
                days.other[t] += units;
            }
        }
        Some(days)
    }

    pub fn len(&self) -> usize {
        self.closing.len()
    }

    pub fn day(&self, t: usize) -> Day {
        self.first + t as i32 * self.step
    }

    /// Period that holds a day.
    pub fn at(&self, day: Day) -> Option<usize> {
        usize::try_from((day - self.first).div_euclid(self.step))
            .ok()
            .filter(|&t| t < self.len())
    }

    /// Change of the record in period `t` that no row explains; 0 where the record is not known.
    pub fn unexplained(&self, t: usize) -> f64 {
        if t == 0 {
            return 0.0;
        }
        let change = self.closing[t] - self.closing[t - 1];
        let known = self.received[t] + self.other[t] - self.sold[t];
        if change.is_nan() { 0.0 } else { change - known }
    }
}
