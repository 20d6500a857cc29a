//! `backorders.csv`: every open line, what serves it and when, and who must be told.

use std::fs;
use std::path::Path;

use super::earlier::decode;
use super::figure::plain;
use super::table::{Cell, Column, header, write as write_table};
use super::{Desk, OutputError};
use crate::domain::{Cover, Day, Delivery, ExtraOrder, OpenLine, Plan};
use crate::insight::notice::{Notice, Told, ToldBefore, notices};
use crate::text::{Lang, plain as quantity, text};

const FILE: &str = "backorders.csv";

/// A line with what its customer must be told.
#[derive(Debug)]
struct Row<'a> {
    line: &'a OpenLine,
    told: Told,
    notify_by: Option<String>,
}

fn columns<'a>() -> Vec<Column<Row<'a>>> {
    vec![
        ("order_id", |r| r.line.order_id.as_str().into()),
        ("sku", |r| (&r.line.sku).into()),
        ("name", |r| r.line.name.as_deref().into()),
        ("channel", |r| (&r.line.channel).into()),
        ("location", |r| (&r.line.location).into()),
        ("kind", |r| r.line.kind.into()),
        ("date", |r| r.line.date.into()),
        ("units_open", |r| r.line.units_open.into()),
        ("promised_date", |r| r.line.promised_date.into()),
        ("priority", |r| r.line.priority.into()),
        ("covered_by", |r| r.line.covered_by.as_str().into()),
        ("po_id", |r| {
            let ids: Vec<String> = r.line.deliveries.iter().map(Delivery::id).collect();
            (!ids.is_empty()).then(|| ids.join(" + ")).into()
        }),
        ("covered_units", |r| r.line.covered_units.into()),
        ("ship_date_p50", |r| r.line.ship_date_p50.into()),
        ("ship_date_p90", |r| r.line.ship_date_p90.into()),
        ("cover_chance", |r| r.line.cover_chance.into()),
        ("late_by", |r| r.line.late_by.map(f64::from).into()),
        ("uncovered_units", |r| r.line.uncovered_units.into()),
        ("order_now_units", |r| r.line.order_now_units.into()),
        ("order_now_date", |r| r.line.order_now_date.into()),
        ("waited_days", |r| f64::from(r.line.waited_days).into()),
        ("cancel_risk", |r| r.line.cancel_risk.into()),
        ("cancel_risk_n", |r| r.line.cancel_risk_n.into()),
        ("notify", |r| r.told.notice.map(Notice::as_str).into()),
        ("notify_by", |r| r.notify_by.as_deref().into()),
        ("owed_units", |r| r.line.owed_units.into()),
        ("owed_covered_units", |r| r.line.owed_covered_units.into()),
        ("owed_short_units", |r| r.line.owed_short_units.into()),
        ("extra_order", |r| r.line.extra_order.as_str().into()),
        ("extra_order_units", |r| r.line.extra_order_units.into()),
        ("extra_order_surplus", |r| r.line.extra_order_surplus.into()),
        ("reason_code", |r| r.line.reason_code().into()),
        ("reason", |r| Cell::told(|desk| reason(desk.lang, r.line))),
        ("tell_date", |r| r.told.date.into()),
        ("tell_since", |r| r.told.since.into()),
    ]
}

/// Writes the table; `before` is what the plan before said.
pub(super) fn write(
    desk: &Desk<'_>,
    plan: &Plan,
    before: Option<&ToldBefore>,
) -> Result<(), OutputError> {
    let rows = &plan.backorders;
    let due = due(plan.plan_day, rows.notify_within_hours);
    let rows: Vec<Row<'_>> = rows
        .lines
        .iter()
        .zip(notices(&rows.lines, plan.as_of, before))
        .map(|(line, told)| Row {
            line,
            told,
            notify_by: told.notice.map(|_| due.clone()),
        })
        .collect();
    write_table(desk, FILE, &columns(), rows)
}

/// A day of a sentence, or that there is none.
pub(super) fn date(lang: Lang, day: Option<Day>) -> String {
    match day {
        Some(day) => day.to_string(),
        None => text(lang, "backorders.no_date", &[]),
    }
}

/// Why: what covers the line, whether it is late, and what an extra order would mean.
fn reason(lang: Lang, row: &OpenLine) -> String {
    let by = |delivery: &Delivery| match delivery {
        Delivery::Order(id) => id.clone(),
        Delivery::Transfer(from) => {
            let from = [("from", from.as_str())];
            text(lang, "backorders.by_transfer", &from)
        }
    };
    let receipts: Vec<String> = row.deliveries.iter().map(by).collect();
    let date = |day| date(lang, day);
    let figures: [(&str, &str); 15] = [
        ("open", &quantity(row.units_open)),
        ("covered", &quantity(row.covered_units)),
        ("uncovered", &quantity(row.uncovered_units)),
        ("po", &receipts.join(" + ")),
        ("p50", &date(row.ship_date_p50)),
        ("p90", &date(row.ship_date_p90)),
        ("promised", &date(row.promised_date)),
        ("late", &row.late_by.unwrap_or(0).to_string()),
        ("quantity", &quantity(row.order_qty)),
        ("order_date", &date(row.order_now_date)),
        ("owed", &quantity(row.owed_units)),
        ("short", &quantity(row.owed_short_units)),
        ("extra", &quantity(row.extra_order_units)),
        ("surplus", &quantity(row.extra_order_surplus)),
        ("moq", &quantity(row.moq)),
    ];
    let say = |key: &str| text(lang, &format!("backorders.{key}"), &figures);
    let mut sentence = say(row.reason_code());
    if row.uncovered_units > 0.0 && row.covered_by != Cover::OrderNow && row.order_now_units > 0.0 {
        sentence += &say("line_rest_ordered");
    }
    match (row.late_by, row.likely_date()) {
        (Some(_), Some(_)) => sentence += &say("line_late"),
        (Some(_), None) => sentence += &say("line_overdue"),
        (None, _) => {}
    }
    // It concerns those who go without.
    if row.uncovered_units > row.order_now_units {
        match row.extra_order {
            ExtraOrder::Order => sentence += &say("line_extra"),
            ExtraOrder::Uneconomic => sentence += &say("line_uneconomic"),
            ExtraOrder::Unknown => sentence += &say("line_extra_unknown"),
            ExtraOrder::NotNeeded | ExtraOrder::InPlan => {}
        }
    }
    sentence
}

/// So many hours after the close of as-of, as `2026-09-01T18:00`.
fn due(plan_day: Day, hours: u32) -> String {
    let day = plan_day + 1 + (hours / 24) as i32;
    format!("{day}T{:02}:00", hours % 24)
}

/// What an earlier plan's folder said of its lines; `None` where it says nothing, or nothing that can be read.
pub(super) fn told(folder: &Path) -> Option<ToldBefore> {
    let text = decode(&fs::read(folder.join(FILE)).ok()?)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().ok()?.clone();
    let at = |column: &str| {
        let japanese = header(Lang::Ja, column);
        headers
            .iter()
            .position(|h| h == column || h == japanese.as_str())
    };
    let (order, sku, channel) = (at("order_id")?, at("sku")?, at("channel")?);
    let (notify, date, since) = (at("notify")?, at("tell_date")?, at("tell_since")?);
    let mut found = ToldBefore::new();
    for record in reader.records() {
        let record = record.ok()?;
        let cell = |i: usize| plain(record.get(i).unwrap_or_default()).to_owned();
        let day = |i: usize| {
            use chrono::Datelike;
            let day = chrono::NaiveDate::parse_from_str(&cell(i), "%Y-%m-%d").ok()?;
            Day::from_ymd(day.year(), day.month(), day.day())
        };
        found
            .entry((cell(order), cell(sku), cell(channel)))
            .or_default()
            .push(Told {
                notice: Notice::of_word(&cell(notify)),
                date: day(date),
                since: day(since),
            });
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_counted_from_the_close_of_the_day() {
        let day = Day::from_ymd(2026, 8, 31).unwrap();
        assert_eq!(due(day, 24), "2026-09-02T00:00");
        assert_eq!(due(day, 6), "2026-09-01T06:00");
        assert_eq!(due(day, 50), "2026-09-03T02:00");
    }
}
