//! `stockouts.csv`: past stockouts with their causes; `count_list.csv`: records to be checked against the shelf.

use super::figure::rounded;
use super::table::{Cell, Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::{CountTask, Plan, Stockout};
use crate::text::{Lang, text};

fn value(s: &Stockout, units: f64) -> Cell<'static> {
    s.value_of_unit.and_then(|v| rounded(v * units)).into()
}

fn nth_cause(s: &Stockout, n: usize) -> Option<&'static str> {
    s.causes.get(n).map(|c| c.0.as_str())
}

fn nth_weight(s: &Stockout, n: usize) -> Option<f64> {
    s.causes.get(n).map(|c| c.1)
}

const COLUMNS: &[Column<Stockout>] = &[
    ("sku", |s| (&s.sku).into()),
    ("name", |s| s.name.as_deref().into()),
    ("channel", |s| (&s.channel).into()),
    ("location", |s| (&s.location).into()),
    ("category", |s| s.category.as_ref().into()),
    ("supplier", |s| s.supplier.as_ref().into()),
    ("start", |s| s.start.into()),
    ("end", |s| s.end.into()),
    ("days", |s| s.days().into()),
    ("days_sold_out", |s| s.days_sold_out.into()),
    ("days_backorder", |s| s.days_backorder.into()),
    ("days_closed", |s| s.days_closed.into()),
    ("lost", |s| s.lost.mean.into()),
    ("lost_p10", |s| s.lost.p10.into()),
    ("lost_p90", |s| s.lost.p90.into()),
    ("value_lost", |s| value(s, s.lost.mean)),
    ("value_lost_p10", |s| value(s, s.lost.p10)),
    ("value_lost_p90", |s| value(s, s.lost.p90)),
    ("backordered", |s| s.backordered.into()),
    ("value_backordered", |s| value(s, s.backordered)),
    ("cause", |s| nth_cause(s, 0).into()),
    ("weight", |s| nth_weight(s, 0).into()),
    ("second_cause", |s| nth_cause(s, 1).into()),
    ("second_weight", |s| nth_weight(s, 1).into()),
    ("demand_before", |s| s.figures.demand_before.into()),
    ("demand_expected", |s| s.figures.demand_expected.into()),
    ("demand_probability", |s| {
        s.figures.demand_probability.into()
    }),
    ("late_days", |s| s.figures.late_days.map(f64::from).into()),
    ("short_units", |s| s.figures.short_units.into()),
    ("stock_elsewhere", |s| s.figures.stock_elsewhere.into()),
    ("evidence", |s| Cell::told(|desk| evidence(desk.lang, s))),
    ("remedy", |s| {
        Cell::told(|desk| stockout_remedy(desk.lang, s))
    }),
];

const COUNTS: &[Column<CountTask>] = &[
    ("sku", |c| (&c.sku).into()),
    ("name", |c| c.name.as_deref().into()),
    ("location", |c| (&c.location).into()),
    ("on_hand", |c| c.on_hand.into()),
    ("quiet_since", |c| c.quiet_since.into()),
    ("quiet_until", |c| c.until.into()),
    ("chance_one_in", |c| {
        (1.0 / c.probability.max(1e-12)).round().into()
    }),
    ("expected_missed", |c| c.expected_missed.into()),
    ("value_missed", |c| c.value_missed.into()),
];

/// Why a shelf was empty, as sentences.
pub fn evidence(lang: Lang, stockout: &Stockout) -> String {
    let sentences: Vec<String> = stockout
        .evidence
        .iter()
        .map(|phrase| {
            let figures: Vec<(&str, &str)> = phrase
                .figures
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            text(lang, &format!("stockout.evidence_{}", phrase.key), &figures)
        })
        .collect();
    sentences.join(" ")
}

/// What to do about its first cause, as a sentence.
pub fn stockout_remedy(lang: Lang, stockout: &Stockout) -> String {
    text(lang, &format!("stockout.remedy_{}", stockout.remedy), &[])
}

pub(super) fn write(desk: &Desk<'_>, plan: &Plan) -> Result<(), OutputError> {
    write_table(desk, "stockouts.csv", COLUMNS, &plan.stockouts.episodes)?;
    write_table(desk, "count_list.csv", COUNTS, &plan.stockouts.counts)
}
