//! Deliveries that came late or short.

use super::case::{Case, Evidence, shown};
use super::movements::Order;
use super::shelf::Shelf;
use crate::domain::{CalendarKind, Day, StockoutCause, StockoutFigures};

/// Delays of a day, or of this share of the lead time, are no news.
const NO_NEWS: f64 = 0.1;
/// Less than this share missing is no news either.
const SHORT_SHARE: f64 = 0.05;
/// An open order overdue by more than this was probably cancelled.
const FORGOTTEN: i32 = 180;

/// One delivery beside the episode.
struct Delivery {
    units: f64,
    share: f64,
    days: i32,
    expected: Day,
    came: Option<Day>,
    holiday: bool,
}

/// Late and short deliveries to the shelf and to the one that fills it.
pub(super) fn evidence(case: &Case<'_, '_>, figures: &mut StockoutFigures) -> Vec<Evidence> {
    let mut places = vec![(case.place, 0)];
    if let Some(source) = case.shelf().source {
        places.push((source, case.shelf().lead.round() as i32));
    }
    let mut late: Vec<Delivery> = Vec::new();
    let (mut short, mut short_share, mut short_day) = (0.0, 0.0f64, None);
    for (place, on_way) in places {
        let shelf = &case.shelves.all[place];
        for order in shelf.orders {
            late.extend(late_delivery(case, shelf, order, on_way));
            let missing = order.short();
            let Some(last) = order.last() else { continue };
            if missing < f64::max(1.0, SHORT_SHARE * order.units) {
                continue;
            }
            // The order that makes up for it takes a lead time and a review period.
            let mended = last + (shelf.lead + shelf.review).round() as i32;
            let share = case.share(last + 1 + on_way, mended + on_way);
            if share > 0.0 {
                short += missing;
                short_share = short_share.max(share);
                short_day = short_day.max(Some(last));
            }
        }
    }
    let mut found = Vec::new();
    if let Some(day) = short_day {
        figures.short_units = Some(short);
        found.push(case.evidence(
            StockoutCause::SupplierShort,
            short.min(case.missed * short_share),
            vec![("units", shown(short)), ("day", day.to_string())],
        ));
    }
    let weight = |d: &Delivery| d.units.min(case.missed * d.share);
    if let Some(worst) = late.iter().max_by(|a, b| weight(a).total_cmp(&weight(b))) {
        figures.late_days = Some(worst.days);
        let cause = if worst.holiday {
            StockoutCause::SupplierHoliday
        } else {
            StockoutCause::SupplierLate
        };
        let mut one = case.evidence(
            cause,
            late.iter().map(weight).sum(),
            vec![
                ("units", shown(worst.units)),
                ("expected", worst.expected.to_string()),
                (
                    "came",
                    worst.came.map(|d| d.to_string()).unwrap_or_default(),
                ),
                ("days", worst.days.to_string()),
            ],
        );
        if worst.came.is_none() {
            one.key = "supplier_late_open";
        }
        found.push(one);
    }
    found
}

/// What of an order was due and missing during the episode; `on_way` days lie between its shelf and the customers.
fn late_delivery(
    case: &Case<'_, '_>,
    shelf: &Shelf<'_>,
    order: &Order,
    on_way: i32,
) -> Option<Delivery> {
    let as_of = case.shop.basis.tables.plan_day();
    let expected = order.expected?;
    let end = if order.open { as_of } else { order.last()? };
    let days = end - expected;
    if f64::from(days) <= f64::max(1.0, NO_NEWS * shelf.lead) || (order.open && days > FORGOTTEN) {
        return None;
    }
    let share = case.share(expected + 1 + on_way, end + on_way);
    // What was due and had not come when the shelf was empty.
    let missing =
        order.units - order.short() - order.received_by((case.start + (-1 - on_way)).max(expected));
    (share > 0.0 && missing > 0.0).then(|| Delivery {
        units: missing,
        share,
        days,
        expected,
        came: (!order.open).then_some(end),
        holiday: 2 * closed_days(case, shelf, order.ordered, end) >= days,
    })
}

/// Days within `from..=to` on which the item's supplier was closed.
fn closed_days(case: &Case<'_, '_>, shelf: &Shelf<'_>, from: Day, to: Day) -> i32 {
    let tables = case.shop.basis.tables;
    if shelf.source.is_some() {
        return 0;
    }
    let Some(supplier) = &case.item().supplier else {
        return 0;
    };
    let calendar =
        crate::forecast::supplier_row(tables, Some(supplier)).and_then(|s| s.calendar.as_deref());
    tables
        .calendar
        .iter()
        .filter(|c| {
            c.kind == CalendarKind::SupplierClosed
                && c.supplier
                    .as_ref()
                    .is_none_or(|closed| closed == supplier || Some(closed.as_str()) == calendar)
        })
        .map(|c| (c.to.min(to) - c.from.max(from) + 1).max(0))
        .sum()
}
