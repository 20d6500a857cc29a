//! `backorder_what_if.csv`: waiting customers instead of safety stock, best first.

use super::table::{Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::WhatIfRow;

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
    ("reason", |r| r.reason.as_str().into()),
    ("capture_now", |r| r.capture_now.into()),
];

pub(super) fn write(desk: &Desk<'_>, rows: &[WhatIfRow]) -> Result<(), OutputError> {
    write_table(desk, "backorder_what_if.csv", COLUMNS, rows)
}
