//! `purchase_orders.csv`: what to order now, for purchasing, most urgent first.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use super::figure::rounded;
use super::table::{Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::{Day, Location, Plan, Recommendation, Sku, Supplier};

/// What to order of one SKU for one location: the sum over the channels that share the stock.
#[derive(Clone, PartialEq, Debug)]
pub struct PurchaseOrder {
    pub supplier: Option<Supplier>,
    pub sku: Sku,
    pub name: Option<String>,
    pub location: Location,
    /// Units, > 0.
    pub order_qty: f64,
    pub unit_cost: Option<f64>,
    pub amount: Option<f64>,
    pub order_multiple: f64,
    pub moq: f64,
    pub order_by: Option<Day>,
    pub expected_arrival: Option<Day>,
    /// 1 is the most urgent.
    pub priority: u32,
    /// Reason of the channel that needs most.
    pub reason: String,
    /// The first day on which one of the channels is expected to run out.
    pub first_stockout_date: Option<Day>,
    /// Whether nothing is left on the shelf already.
    pub out_of_stock: bool,
}

const COLUMNS: &[Column<PurchaseOrder>] = &[
    ("supplier", |o| o.supplier.as_ref().into()),
    ("sku", |o| (&o.sku).into()),
    ("name", |o| o.name.as_deref().into()),
    ("location", |o| (&o.location).into()),
    ("order_qty", |o| o.order_qty.into()),
    ("unit_cost", |o| o.unit_cost.into()),
    ("amount", |o| o.amount.into()),
    ("order_multiple", |o| o.order_multiple.into()),
    ("moq", |o| o.moq.into()),
    ("order_by", |o| o.order_by.into()),
    ("expected_arrival", |o| o.expected_arrival.into()),
    ("priority", |o| o.priority.into()),
    ("reason", |o| o.reason.as_str().into()),
];

pub(super) fn write(desk: &Desk<'_>, orders: &[PurchaseOrder]) -> Result<(), OutputError> {
    write_table(desk, "purchase_orders.csv", COLUMNS, orders)
}

/// One order per (supplier, sku, location) with something to order: the earlier the shelf is expected to be empty, the
/// more urgent, then the larger the amount; ties by supplier, SKU and location.
pub fn purchase_orders(plan: &Plan) -> Vec<PurchaseOrder> {
    let mut pools: BTreeMap<_, Vec<&Recommendation>> = BTreeMap::new();
    for r in plan.recommendations.iter().chain(&plan.for_supplied) {
        pools
            .entry((&r.supplier, &r.sku, &r.location))
            .or_default()
            .push(r);
    }
    let mut orders: Vec<PurchaseOrder> = pools
        .into_values()
        .filter_map(|rows| pooled(&rows))
        .collect();
    // Stable: what is equally urgent stays in the order of the keys.
    orders.sort_by(|a, b| {
        let stockout = |o: &PurchaseOrder| (o.first_stockout_date.is_none(), o.first_stockout_date);
        let value = |o: &PurchaseOrder| o.amount.unwrap_or(0.0);
        stockout(a)
            .cmp(&stockout(b))
            .then_with(|| value(b).partial_cmp(&value(a)).unwrap_or(Ordering::Equal))
    });
    for (priority, order) in (1..).zip(&mut orders) {
        order.priority = priority;
    }
    orders
}

/// The order of one pool, if there is anything to order.
fn pooled(rows: &[&Recommendation]) -> Option<PurchaseOrder> {
    let ordered = || rows.iter().filter(|r| r.order_qty > 0.0);
    // The largest; the first channel of equals.
    let (_, most) = ordered().enumerate().max_by(|(i, a), (j, b)| {
        a.order_qty
            .total_cmp(&b.order_qty)
            .then(Reverse(i).cmp(&Reverse(j)))
    })?;
    let order_qty = rounded(ordered().map(|r| r.order_qty).sum())?;
    let amounts: Vec<f64> = ordered().filter_map(|r| r.amount).collect();
    Some(PurchaseOrder {
        supplier: most.supplier.clone(),
        sku: most.sku.clone(),
        name: most.name.clone(),
        location: most.location.clone(),
        order_qty,
        unit_cost: most.unit_cost,
        amount: if amounts.is_empty() {
            None
        } else {
            rounded(amounts.iter().sum())
        },
        order_multiple: most.order_multiple,
        moq: most.moq,
        order_by: ordered().filter_map(|r| r.order_by).min(),
        expected_arrival: ordered().filter_map(|r| r.expected_arrival).min(),
        priority: 0,
        reason: if rows.len() > 1 {
            most.order_reason.clone()
        } else {
            most.reason.clone()
        },
        first_stockout_date: rows.iter().filter_map(|r| r.first_stockout_date).min(),
        out_of_stock: rows.iter().map(|r| r.on_hand).sum::<f64>() <= 0.0,
    })
}
