//! `purchase_orders.csv`: what to order now, for purchasing, most urgent first.

use std::cmp::Ordering;

use super::reason::order_reason;
use super::table::{Cell, Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::{Plan, PoolOrder};

/// What to order of one SKU for one location.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PurchaseOrder<'a> {
    /// 1 is the most urgent.
    pub priority: u32,
    /// Orders more than 0 units.
    pub order: &'a PoolOrder,
}

fn columns<'a>() -> [Column<PurchaseOrder<'a>>; 14] {
    [
        ("supplier", |o| o.order.supplier.as_ref().into()),
        ("sku", |o| (&o.order.sku).into()),
        ("name", |o| o.order.name.as_deref().into()),
        ("location", |o| (&o.order.location).into()),
        ("order_qty", |o| o.order.bridge.quantity.into()),
        ("unit_cost", |o| o.order.unit_cost.into()),
        ("amount", |o| o.order.amount().into()),
        ("order_multiple", |o| {
            let multiple = o.order.order_multiple;
            (multiple > 0.0).then_some(multiple).into()
        }),
        ("moq", |o| o.order.moq.into()),
        ("order_by", |o| o.order.order_by.into()),
        ("expected_arrival", |o| o.order.expected_arrival.into()),
        ("priority", |o| o.priority.into()),
        ("reason", |o| {
            Cell::told(|desk| order_reason(desk.lang, o.order))
        }),
        // Added to the contract's.
        ("raw_need", |o| o.order.bridge.need.max(0.0).into()),
    ]
}

pub(super) fn write(desk: &Desk<'_>, orders: &[PurchaseOrder<'_>]) -> Result<(), OutputError> {
    write_table(desk, "purchase_orders.csv", &columns(), orders)
}

/// The plan's orders of something: the earlier the shelf is expected to be empty, the more urgent, then the larger the amount; ties by supplier,
/// SKU and location.
pub fn purchase_orders(plan: &Plan) -> Vec<PurchaseOrder<'_>> {
    let mut orders: Vec<&PoolOrder> = plan
        .orders
        .iter()
        .filter(|o| o.bridge.quantity > 0.0 && o.bridge.quantity.is_finite())
        .collect();
    orders.sort_by(|a, b| {
        let stockout = |o: &PoolOrder| (o.bridge.first_stockout.is_none(), o.bridge.first_stockout);
        let value = |o: &PoolOrder| o.amount().unwrap_or(0.0);
        let key = |o: &PoolOrder| (o.supplier.clone(), o.sku.clone(), o.location.clone());
        stockout(a)
            .cmp(&stockout(b))
            .then_with(|| value(b).partial_cmp(&value(a)).unwrap_or(Ordering::Equal))
            .then_with(|| key(a).cmp(&key(b)))
    });
    (1..)
        .zip(orders)
        .map(|(priority, order)| PurchaseOrder { priority, order })
        .collect()
}
