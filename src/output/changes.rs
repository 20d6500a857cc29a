//! `changes.csv`: what changed against the previous plan, and why.

use super::figure::push_decimals;
use super::table::{Cell, Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::Plan;
use crate::insight::changes::{Cause, Change, Parts, Standing, compare};
use crate::text::{Lang, text};

/// A change with its sentence.
#[derive(Debug)]
struct Row {
    change: Change,
    parts: Parts,
    reason: String,
}

macro_rules! figure_pair {
    ($field:ident) => {
        [
            (concat!(stringify!($field), "_before"), |r| {
                r.change.before.as_ref().map(|s| s.$field).into()
            }),
            (concat!(stringify!($field), "_after"), |r| {
                r.change.after.as_ref().map(|s| s.$field).into()
            }),
        ]
    };
}

fn columns() -> Vec<Column<Row>> {
    let mut columns: Vec<Column<Row>> = vec![
        ("sku", |r| r.change.sku.as_str().into()),
        ("channel", |r| r.change.channel.as_str().into()),
    ];
    let pairs: [[Column<Row>; 2]; 5] = [
        figure_pair!(order_qty),
        figure_pair!(reorder_point),
        figure_pair!(demand_per_day),
        figure_pair!(on_hand),
        figure_pair!(safety_stock),
    ];
    columns.extend(pairs.into_iter().flatten());
    columns.push(("reason_code", |r| Cell::from(r.change.cause.code())));
    columns.push(("reason", |r| r.reason.as_str().into()));
    columns.push(("location", |r| r.change.location.as_str().into()));
    let parts: [Column<Row>; 10] = [
        ("part_stock", |r| r.parts.stock.into()),
        ("part_receipts", |r| r.parts.receipts.into()),
        ("part_debts", |r| r.parts.debts.into()),
        ("part_demand", |r| r.parts.demand.into()),
        ("part_spread", |r| r.parts.spread.into()),
        ("part_lead_time", |r| r.parts.lead_time.into()),
        ("part_target", |r| r.parts.target.into()),
        ("part_waiting", |r| r.parts.waiting.into()),
        ("part_rounding", |r| r.parts.rounding.into()),
        ("part_decision", |r| r.parts.decision.into()),
    ];
    columns.extend(parts);
    columns
}

/// Writes the table; only its header where there is no earlier plan.
pub(super) fn write(
    desk: &Desk<'_>,
    before: Option<&[Standing]>,
    plan: &Plan,
) -> Result<(), OutputError> {
    let rows: Vec<Row> = match before {
        None => Vec::new(),
        Some(before) => {
            let after: Vec<Standing> = plan.rows_shown().into_iter().map(Standing::from).collect();
            compare(before, &after)
                .into_iter()
                .map(|change| Row {
                    reason: sentence(desk.lang, &change),
                    parts: change.parts(),
                    change,
                })
                .collect()
        }
    };
    write_table(desk, "changes.csv", &columns(), rows)
}

/// The cause as a sentence, and what it did to the order or the reorder point.
fn sentence(lang: Lang, change: &Change) -> String {
    let number = |value: f64| {
        let mut out = String::new();
        push_decimals(&mut out, value, 2);
        out
    };
    let share = |value: f64| number(value * 100.0);
    let pair = |field: fn(&Standing) -> f64, shown: &dyn Fn(f64) -> String| {
        [&change.before, &change.after]
            .map(|side| side.as_ref().map_or(String::new(), |s| shown(field(s))))
    };
    let [before, after] = match change.cause {
        Cause::DemandUp | Cause::DemandDown => pair(|s| s.demand_per_day, &number),
        Cause::LeadTime => pair(|s| s.protection_days, &number),
        Cause::Target => pair(|s| s.service_target, &share),
        Cause::Uncertainty => pair(|s| s.safety_stock, &number),
        Cause::Stock => pair(|s| s.on_hand, &number),
        Cause::Inbound => pair(|s| s.on_order_in_time, &number),
        Cause::Backorders => pair(|s| s.open_backorders, &number),
        Cause::Waiting => pair(|s| s.waiting_reduction, &number),
        Cause::Rounding => pair(|s| s.rounding, &number),
        Cause::New | Cause::Gone | Cause::Stopped | Cause::Review | Cause::Same => {
            pair(|s| s.order_qty, &number)
        }
    };
    let cause = text(
        lang,
        &format!("output.change_{}", change.cause.code()),
        &[("before", &before), ("after", &after)],
    );
    let [order_before, order_after] = pair(|s| s.order_qty, &number);
    let [point_before, point_after] = pair(|s| s.reorder_point, &number);
    let effect = if matches!(change.cause, Cause::New | Cause::Gone | Cause::Same) {
        String::new()
    } else if order_before != order_after {
        text(
            lang,
            "output.change_effect_order",
            &[("before", &order_before), ("after", &order_after)],
        )
    } else if point_before != point_after {
        text(
            lang,
            "output.change_effect_reorder_point",
            &[("before", &point_before), ("after", &point_after)],
        )
    } else {
        String::new()
    };
    match (lang, effect.is_empty()) {
        (_, true) => cause,
        (Lang::En, false) => format!("{cause} {effect}"),
        (Lang::Ja, false) => format!("{cause}{effect}"),
    }
}
