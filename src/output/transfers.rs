//! `transfers.csv`: what to move between the shop's own locations before buying, most urgent first.

use super::table::{Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::Transfer;

const COLUMNS: &[Column<Transfer>] = &[
    ("sku", |t| (&t.sku).into()),
    ("name", |t| t.name.as_deref().into()),
    ("transfer:from", |t| (&t.from).into()),
    ("transfer:to", |t| (&t.to).into()),
    ("units", |t| t.units.into()),
    ("case_packs", |t| t.case_packs.into()),
    ("days", |t| t.days.into()),
    ("expected_arrival", |t| {
        t.possible.then_some(t.expected_arrival).into()
    }),
    ("priority", |t| t.priority.into()),
    ("from_on_hand", |t| t.from_on_hand.into()),
    ("to_on_hand", |t| t.to_on_hand.into()),
    ("from_days_before", |t| t.from_days_before.into()),
    ("from_days_after", |t| t.from_days_after.into()),
    ("to_days_before", |t| t.to_days_before.into()),
    ("to_days_after", |t| t.to_days_after.into()),
    ("owed_units", |t| t.owed_units.into()),
    ("short_units", |t| t.short_units.into()),
    ("units_saved", |t| t.units_saved.into()),
    ("margin_saved", |t| t.margin_saved.into()),
    ("possible", |t| if t.possible { "yes" } else { "no" }.into()),
    ("first_stockout_date", |t| t.first_stockout_date.into()),
    ("reason_code", |t| t.cause.as_str().into()),
    ("reason", |t| t.reason.as_str().into()),
];

pub(super) fn write(desk: &Desk<'_>, rows: &[Transfer]) -> Result<(), OutputError> {
    write_table(desk, "transfers.csv", COLUMNS, rows)
}
