//! `stockout_summary.csv`: what each cause of stockouts cost, in all, by month, by supplier and by category.

use super::table::{Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::Plan;
use crate::insight::summary::{CauseTotal, totals};

const COLUMNS: &[Column<CauseTotal>] = &[
    ("view", |t| t.view.as_str().into()),
    ("group", |t| t.group.as_str().into()),
    ("cause", |t| t.cause.as_str().into()),
    ("episodes", |t| t.episodes.into()),
    ("days", |t| t.days.into()),
    ("lost", |t| t.lost.into()),
    ("value_lost", |t| t.value_lost.into()),
    ("backordered", |t| t.backordered.into()),
    ("value_backordered", |t| t.value_backordered.into()),
];

pub(super) fn write(desk: &Desk<'_>, plan: &Plan) -> Result<(), OutputError> {
    // All of the past: months before the last year are there to compare with.
    let rows = totals(&plan.stockouts, None);
    write_table(desk, "stockout_summary.csv", COLUMNS, rows)
}
