//! `backorder_policy.csv`: accept, stop or order first, for every SKU and channel.

use super::table::{Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::AcceptanceRow;

const COLUMNS: &[Column<AcceptanceRow>] = &[
    ("sku", |r| (&r.sku).into()),
    ("name", |r| r.name.as_deref().into()),
    ("channel", |r| (&r.channel).into()),
    ("location", |r| (&r.location).into()),
    ("action", |r| r.action.as_str().into()),
    ("accept_units", |r| r.accept_units.into()),
    ("accept_until", |r| r.accept_until.into()),
    ("promise_date", |r| r.promise_date.into()),
    ("accepts_now", |r| {
        if r.accepts_now { "true" } else { "false" }.into()
    }),
    ("free_stock", |r| r.free_stock.into()),
    ("owed_units", |r| r.owed_units.into()),
    ("on_order", |r| r.on_order.into()),
    ("arriving_sure", |r| r.arriving_sure.into()),
    ("available_to_promise", |r| r.available_to_promise.into()),
    ("next_arrival", |r| r.next_arrival.into()),
    ("max_wait_days", |r| r.max_wait_days.into()),
    ("order_qty", |r| r.order_now_units.into()),
    ("reason_code", |r| r.reason_code.into()),
    ("reason", |r| r.reason.as_str().into()),
];

pub(super) fn write(desk: &Desk<'_>, rows: &[AcceptanceRow]) -> Result<(), OutputError> {
    write_table(desk, "backorder_policy.csv", COLUMNS, rows)
}
