//! `preorders.csv`: units and money taken before launch, and how they enter the first order.

use super::table::{Cell, Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::PreorderRow;
use crate::text::{Lang, plain, text};

const COLUMNS: &[Column<PreorderRow>] = &[
    ("sku", |r| (&r.sku).into()),
    ("name", |r| r.name.as_deref().into()),
    ("channel", |r| (&r.channel).into()),
    ("location", |r| (&r.location).into()),
    ("launch_date", |r| r.launch_date.into()),
    ("orders", |r| r.orders.into()),
    ("first_date", |r| r.first_date.into()),
    ("last_date", |r| r.last_date.into()),
    ("units_taken", |r| r.units_taken.into()),
    ("units_cancelled", |r| r.units_cancelled.into()),
    ("units_shipped", |r| r.units_shipped.into()),
    ("units_open", |r| r.units_open.into()),
    ("price", |r| r.price.into()),
    ("amount_taken", |r| r.amount_taken.into()),
    ("amount_open", |r| r.amount_open.into()),
    ("covered_units", |r| r.covered_units.into()),
    ("in_order_units", |r| r.in_order_units.into()),
    ("uncovered_units", |r| r.uncovered_units.into()),
    ("order_qty", |r| r.order_qty.into()),
    ("demand_per_day", |r| r.demand_per_day.into()),
    ("reason", |r| Cell::told(|desk| reason(desk.lang, r))),
    ("amount_price", |r| r.amount_price.into()),
];

pub(super) fn write(desk: &Desk<'_>, rows: &[PreorderRow]) -> Result<(), OutputError> {
    write_table(desk, "preorders.csv", COLUMNS, rows)
}

/// How the preorders enter the order, as a sentence.
fn reason(lang: Lang, row: &PreorderRow) -> String {
    let figures: [(&str, &str); 6] = [
        ("open", &plain(row.units_open)),
        ("covered", &plain(row.covered_units)),
        ("in_order", &plain(row.in_order_units)),
        ("quantity", &plain(row.order_qty)),
        ("uncovered", &plain(row.uncovered_units)),
        ("per_day", &format!("{:.2}", row.demand_per_day)),
    ];
    text(lang, "backorders.preorder", &figures)
}
