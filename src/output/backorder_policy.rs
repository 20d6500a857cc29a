//! `backorder_policy.csv`: accept, stop or order first, for every SKU and channel.

use super::backorders::date;
use super::table::{Cell, Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::{Acceptance, AcceptanceRow};
use crate::text::{Lang, plain, text};

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
    ("reason", |r| Cell::told(|desk| reason(desk.lang, r))),
];

pub(super) fn write(desk: &Desk<'_>, rows: &[AcceptanceRow]) -> Result<(), OutputError> {
    write_table(desk, "backorder_policy.csv", COLUMNS, rows)
}

/// Why, as a sentence.
fn reason(lang: Lang, row: &AcceptanceRow) -> String {
    let date = |day| date(lang, day);
    let figures: [(&str, &str); 13] = [
        ("units", &plain(row.accept_units.unwrap_or(0.0))),
        ("until", &date(row.accept_until)),
        ("promise", &date(row.promise_date)),
        ("stock", &plain(row.free_stock)),
        ("owed", &plain(row.owed_units)),
        ("oversold", &plain(row.oversold_units.max(row.owed_units))),
        ("inbound", &plain(row.on_order)),
        ("arriving", &plain(row.arriving_sure)),
        ("next", &date(row.next_arrival)),
        ("days", &row.max_wait_days.to_string()),
        ("quantity", &plain(row.named_units)),
        ("others", &plain(row.for_supplied_units)),
        (
            "lead",
            &plain(if row.named_units > 0.0 {
                row.lead_days
            } else {
                0.0
            }),
        ),
    ];
    let mut sentence = text(lang, &format!("backorders.{}", row.reason_code), &figures);
    if row.action == Acceptance::Sell && row.accept_units.is_some_and(|u| u > 0.0) {
        sentence += &text(lang, "backorders.policy_sell_order_first", &figures);
    }
    let tells_of_order = row.accept_units.is_some_and(|u| u > 0.0)
        && (row.action == Acceptance::OrderFirst || row.reason_code == "policy_sell");
    if tells_of_order && row.for_supplied_units > 0.0 {
        sentence += &text(lang, "backorders.policy_order_for_supplied", &figures);
    }
    sentence
}
