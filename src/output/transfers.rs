//! `transfers.csv`: what to move between the shop's own locations before buying, most urgent first.

use super::table::{Cell, Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::Transfer;
use crate::text::{Lang, text};

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
    ("reason", |t| Cell::told(|desk| reason(desk.lang, t))),
    ("lost_units_saved", |t| t.lost_units_saved.into()),
    ("waiting_cost_saved", |t| t.waiting_cost_saved.into()),
];

pub(super) fn write(desk: &Desk<'_>, rows: &[Transfer]) -> Result<(), OutputError> {
    write_table(desk, "transfers.csv", COLUMNS, rows)
}

/// Why to move the units, as a sentence.
fn reason(lang: Lang, t: &Transfer) -> String {
    let plain = |x: f64| {
        if (x - x.round()).abs() < 0.05 {
            format!("{:.0}", x.round())
        } else {
            format!("{x:.1}")
        }
    };
    let figures: [(&str, &str); 9] = [
        ("from", t.from.as_str()),
        ("to", t.to.as_str()),
        ("units", &plain(t.units)),
        ("owed", &plain(t.owed_units)),
        ("position", &plain(t.to_position)),
        ("point", &plain(t.to_reorder_point)),
        ("from_stock", &plain(t.from_on_hand)),
        ("saved", &plain(t.units_saved)),
        ("short", &plain(t.short_units)),
    ];
    let mut reason = text(lang, &format!("transfer.{}", t.cause.as_str()), &figures);
    if t.short_units > 0.0 {
        reason += &text(lang, "transfer.short", &figures);
    }
    reason
}
