//! `backorder_what_if.csv`: waiting customers instead of safety stock, best first.

use super::table::{Cell, Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::WhatIfRow;
use crate::text::{plain, text};

const COLUMNS: &[Column<WhatIfRow>] = &[
    ("rank", |r| r.rank.into()),
    ("sku", |r| (&r.sku).into()),
    ("name", |r| r.name.as_deref().into()),
    ("location", |r| (&r.location).into()),
    ("candidate", |r| r.candidate.as_str().into()),
    ("verdict", |r| r.verdict.as_str().into()),
    ("demand_per_day", |r| r.demand_per_day.into()),
    ("capture", |r| r.capture.mean.into()),
    ("capture_p10", |r| r.capture.p10.into()),
    ("capture_p90", |r| r.capture.p90.into()),
    ("capture_n", |r| r.capture_n.into()),
    ("wait_days", |r| r.wait_days.into()),
    ("cancel_share", |r| r.cancel_share.into()),
    ("reorder_point_now", |r| r.reorder_point_now.into()),
    ("safety_stock_now", |r| r.safety_stock_now.into()),
    ("reorder_point_waiting", |r| r.reorder_point_waiting.into()),
    ("safety_stock_waiting", |r| r.safety_stock_waiting.into()),
    ("fill_now", |r| r.fill_now.into()),
    ("fill_waiting", |r| r.fill_waiting.into()),
    ("stock_freed", |r| r.stock_freed.into()),
    ("cash_freed", |r| r.cash_freed.into()),
    ("lost_now", |r| r.lost_now.into()),
    ("lost_waiting", |r| r.lost_waiting.into()),
    ("lost_waiting_low", |r| r.lost_waiting_low.into()),
    ("gain_per_year", |r| r.gain_per_year.into()),
    ("gain_per_year_low", |r| r.gain_per_year_low.into()),
    ("reason_code", |r| r.reason_code.into()),
    ("reason", |r| Cell::told(|desk| reason(desk, r))),
    ("capture_now", |r| r.capture_now.into()),
];

pub(super) fn write(desk: &Desk<'_>, rows: &[WhatIfRow]) -> Result<(), OutputError> {
    write_table(desk, "backorder_what_if.csv", COLUMNS, rows)
}

/// Why, as a sentence.
fn reason(desk: &Desk<'_>, row: &WhatIfRow) -> String {
    let money = |m: Option<f64>| m.map_or(String::new(), |m| format!("{:.0}", m + 0.0));
    let percent = |x: f64| format!("{:.0}", x * 100.0);
    let kept = row.lost_now - row.lost_waiting;
    let figures: [(&str, &str); 16] = [
        ("kept", &format!("{kept:.2}")),
        ("freed", &plain(row.stock_freed)),
        ("cash", &money(row.cash_freed)),
        ("currency", desk.currency),
        ("capture", &percent(row.capture.mean)),
        ("low", &percent(row.capture.p10)),
        ("high", &percent(row.capture.p90)),
        ("orders", &row.capture_n.to_string()),
        ("wait", &plain(row.wait_days)),
        ("limit", &row.max_wait_days.to_string()),
        ("point_now", &plain(row.reorder_point_now)),
        ("point_waiting", &plain(row.reorder_point_waiting)),
        ("lost_now", &plain(row.lost_now)),
        ("lost_low", &plain(row.lost_waiting_low)),
        ("gain", &money(row.gain_per_year)),
        ("gain_low", &money(row.gain_per_year_low)),
    ];
    text(
        desk.lang,
        &format!("backorders.{}", row.reason_code),
        &figures,
    )
}
