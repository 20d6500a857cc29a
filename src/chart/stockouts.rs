//! Overviews: why shelves were empty, by cause and month, and by supplier and category.

use std::collections::BTreeMap;

use plotters::style::Color;

use super::ChartError;
use super::axis_date::month_label;
use super::canvas::{Canvas, Side, drawn};
use super::heading::{draw_heading, draw_nothing};
use super::measure::{shortened, width};
use super::number::{percent, plain};
use super::past::quantity;
use super::theme::{
    AXIS, GRID, HEIGHT, INK, LABEL, LOST, LOST_PALE, MARGIN, MUTED, SMALL, SUBTITLE, WIDTH,
};
use crate::domain::{Plan, StockoutCause};
use crate::insight::summary::{CauseTotal, MONTHS, View, first_of_year, last_months, totals};
use crate::text::{Lang, text};

/// Causes with a row of their own.
const CAUSES: usize = 8;
/// Suppliers or categories with a bar of their own.
const GROUPS: usize = 12;
/// Room for the names of causes.
const NAMES: f64 = 330.0;

/// Units that met no stock, of one cause.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CauseMonths {
    pub cause: StockoutCause,
    /// The last twelve months, oldest first.
    pub units: [f64; MONTHS],
}

impl CauseMonths {
    fn total(&self) -> f64 {
        self.units.iter().sum()
    }
}

/// Units that met no stock, of one supplier or category.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GroupCauses {
    /// Empty for items without one.
    pub group: String,
    pub units: f64,
    pub heaviest: StockoutCause,
    pub heaviest_units: f64,
}

/// Units by cause and month, heaviest cause first.
pub(super) fn by_month(plan: &Plan) -> Vec<CauseMonths> {
    let months = last_months(plan.as_of).map(|(y, m)| format!("{y:04}-{m:02}"));
    let mut causes: BTreeMap<StockoutCause, CauseMonths> = BTreeMap::new();
    for total in totals(&plan.stockouts, Some(first_of_year(plan.as_of))) {
        let Some(k) = months.iter().position(|m| *m == total.group) else {
            continue;
        };
        if total.view == View::Month {
            causes
                .entry(total.cause)
                .or_insert(CauseMonths {
                    cause: total.cause,
                    units: [0.0; MONTHS],
                })
                .units[k] += quantity(total.units());
        }
    }
    let mut rows: Vec<CauseMonths> = causes.into_values().filter(|c| c.total() > 0.0).collect();
    rows.sort_by(|a, b| b.total().total_cmp(&a.total()).then(a.cause.cmp(&b.cause)));
    rows
}

/// Units by supplier or category, largest first.
pub(super) fn by_group(plan: &Plan, view: View) -> Vec<GroupCauses> {
    let mut groups: BTreeMap<String, Vec<CauseTotal>> = BTreeMap::new();
    for total in totals(&plan.stockouts, Some(first_of_year(plan.as_of))) {
        if total.view == view {
            groups.entry(total.group.clone()).or_default().push(total);
        }
    }
    let mut rows: Vec<GroupCauses> = groups
        .into_iter()
        .filter_map(|(group, causes)| {
            // The first of equals.
            let heaviest = causes.iter().fold(None, |best: Option<&CauseTotal>, c| {
                best.filter(|b| quantity(b.units()) >= quantity(c.units()))
                    .or(Some(c))
            })?;
            Some(GroupCauses {
                group,
                units: causes.iter().map(|c| quantity(c.units())).sum(),
                heaviest: heaviest.cause,
                heaviest_units: quantity(heaviest.units()),
            })
        })
        .filter(|g| g.units > 0.0)
        .collect();
    rows.sort_by(|a, b| b.units.total_cmp(&a.units).then(a.group.cmp(&b.group)));
    rows.truncate(GROUPS);
    rows
}

fn cause_name(cause: StockoutCause, lang: Lang) -> String {
    text(lang, &format!("stockout.cause_{}", cause.as_str()), &[])
}

/// Draws the causes over the months.
///
/// # Errors
/// [`ChartError`] when the drawing fails.
pub(super) fn months_chart(plan: &Plan, lang: Lang) -> Result<String, ChartError> {
    let title = text(lang, "stockout.chart_title", &[]);
    drawn(&title, lang, |canvas| {
        paint_months(canvas, &title, plan, lang);
    })
}

fn paint_months(canvas: &Canvas<'_>, title: &str, plan: &Plan, lang: Lang) {
    let mut rows = by_month(plan);
    let all: f64 = rows.iter().map(CauseMonths::total).sum();
    let first = first_of_year(plan.as_of);
    let episodes = plan
        .stockouts
        .episodes
        .iter()
        .filter(|s| s.end.is_none_or(|end| end >= first))
        .count();
    let subtitle = text(
        lang,
        "stockout.chart_subtitle",
        &[
            ("as_of", &plan.as_of.to_string()),
            ("months", &MONTHS.to_string()),
            ("episodes", &plain(episodes as f64)),
            ("units", &plain(all.round())),
        ],
    );
    let below = draw_heading(canvas, title, &subtitle, 2);
    if all <= 0.0 {
        draw_nothing(canvas, &text(lang, "stockout.chart_none", &[]));
        return;
    }
    rows.truncate(CAUSES);
    let highest = rows
        .iter()
        .flat_map(|r| r.units)
        .fold(0.0, f64::max)
        .max(1e-9);
    let scale = text(
        lang,
        "stockout.chart_scale",
        &[("units", &plain(highest.round()))],
    );
    let top = below + 62.0;
    canvas.text(
        (MARGIN + NAMES, top - 24.0),
        Side::Left,
        &scale,
        SMALL,
        MUTED,
    );
    let bottom = HEIGHT - 92.0;
    let height = (bottom - top) / rows.len().max(4) as f64;
    let left = MARGIN + NAMES;
    let right = WIDTH - MARGIN - 210.0;
    let column = (right - left) / MONTHS as f64;
    for (k, row) in rows.iter().enumerate() {
        let floor = top + height * (k + 1) as f64 - 8.0;
        let room = height - 22.0;
        let middle = floor - room / 2.0;
        let name = shortened(&cause_name(row.cause, lang), SUBTITLE, NAMES - 20.0);
        canvas.text((MARGIN, middle), Side::Left, &name, SUBTITLE, INK);
        canvas.line(&[(left, floor), (right, floor)], AXIS, 1.2);
        for (m, units) in row.units.iter().enumerate() {
            let x = left + column * m as f64;
            let y = floor - room * units / highest;
            canvas.rectangle(
                (x + 0.14 * column, y),
                (x + 0.86 * column, floor),
                LOST.to_rgba(),
            );
        }
        let total = text(
            lang,
            "stockout.chart_total",
            &[
                ("units", &plain(row.total().round())),
                ("share", &percent(row.total() / all)),
            ],
        );
        canvas.text((right + 20.0, middle), Side::Left, &total, LABEL, INK);
    }
    let foot = top + height * rows.len() as f64;
    for (m, (year, month)) in last_months(plan.as_of).into_iter().enumerate() {
        let x = left + column * (m as f64 + 0.5);
        canvas.text(
            (x, foot + 12.0),
            Side::Middle,
            &month_label(month, lang),
            SMALL,
            MUTED,
        );
        if m == 0 || month == 1 {
            let year = text(lang, "chart.year", &[("year", &year.to_string())]);
            canvas.text((x, foot + 34.0), Side::Middle, &year, SMALL, MUTED);
        }
    }
    note(canvas, lang);
}

fn note(canvas: &Canvas<'_>, lang: Lang) {
    let note = text(lang, "stockout.chart_note", &[]);
    canvas.text((MARGIN, HEIGHT - 20.0), Side::Left, &note, SMALL, MUTED);
}

/// Draws suppliers and categories with their heaviest causes.
///
/// # Errors
/// [`ChartError`] when the drawing fails.
pub(super) fn groups_chart(plan: &Plan, lang: Lang) -> Result<String, ChartError> {
    let title = text(lang, "stockout.chart_groups_title", &[]);
    drawn(&title, lang, |canvas| {
        paint_groups(canvas, &title, plan, lang);
    })
}

fn paint_groups(canvas: &Canvas<'_>, title: &str, plan: &Plan, lang: Lang) {
    let all: f64 = by_month(plan).iter().map(CauseMonths::total).sum();
    let subtitle = text(
        lang,
        "stockout.chart_groups_subtitle",
        &[
            ("as_of", &plan.as_of.to_string()),
            ("units", &plain(all.round())),
        ],
    );
    let below = draw_heading(canvas, title, &subtitle, 2);
    if all <= 0.0 {
        draw_nothing(canvas, &text(lang, "stockout.chart_none", &[]));
        return;
    }
    let half = WIDTH / 2.0;
    for (view, left, key, without) in [
        (
            View::Supplier,
            MARGIN,
            "stockout.chart_suppliers",
            "stockout.chart_no_supplier",
        ),
        (
            View::Category,
            half + 10.0,
            "stockout.chart_categories",
            "stockout.chart_no_category",
        ),
    ] {
        let top = below + 34.0;
        canvas.text(
            (left, top),
            Side::Left,
            &text(lang, key, &[]),
            SUBTITLE,
            INK,
        );
        let rows = by_group(plan, view);
        panel(
            canvas,
            &rows,
            (left, left + half - MARGIN - 10.0),
            (top + 30.0, HEIGHT - 60.0),
            &text(lang, without, &[]),
            lang,
        );
    }
    note(canvas, lang);
}

/// One bar a group, the part of its heaviest cause dark and named.
fn panel(
    canvas: &Canvas<'_>,
    rows: &[GroupCauses],
    (left, right): (f64, f64),
    (top, bottom): (f64, f64),
    without: &str,
    lang: Lang,
) {
    let names = 190.0;
    let said: Vec<(String, String)> = rows
        .iter()
        .map(|row| {
            let share = percent(row.heaviest_units / row.units);
            let label = format!("{} {share}", cause_name(row.heaviest, lang));
            (plain(row.units.round()), label)
        })
        .collect();
    // What stands behind the bars is never cut: the longest bar leaves room for the longest of it.
    let behind = said
        .iter()
        .map(|(units, label)| 10.0 + width(units, LABEL) + 14.0 + width(label, SMALL))
        .fold(0.0, f64::max);
    let (from, to) = (
        left + names,
        right - behind.min(right - left - names - 60.0),
    );
    let highest = rows.iter().map(|r| r.units).fold(1e-9, f64::max);
    let height = ((bottom - top) / rows.len().max(1) as f64).min(84.0);
    canvas.line(
        &[(from, top), (from, top + height * rows.len() as f64)],
        GRID,
        1.2,
    );
    for (k, (row, (units, label))) in rows.iter().zip(&said).enumerate() {
        let y = top + height * (k as f64 + 0.5);
        let thick = (height * 0.3).min(18.0);
        let name = if row.group.is_empty() {
            without
        } else {
            &row.group
        };
        let name = shortened(name, LABEL, names - 14.0);
        canvas.text((from - 12.0, y), Side::Right, &name, LABEL, INK);
        let at = |units: f64| from + (to - from) * units / highest;
        let end = at(row.units);
        canvas.rectangle((from, y - thick), (end, y + thick), LOST_PALE.to_rgba());
        let dark = at(row.heaviest_units);
        canvas.rectangle((from, y - thick), (dark, y + thick), LOST.to_rgba());
        canvas.text((end + 10.0, y), Side::Left, units, LABEL, INK);
        let x = end + 10.0 + width(units, LABEL) + 14.0;
        let label = shortened(label, SMALL, right - x);
        canvas.text((x, y), Side::Left, &label, SMALL, MUTED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Day;

    #[test]
    fn the_months_end_with_that_of_as_of_and_cross_the_year() {
        let months = last_months(Day::from_ymd(2026, 2, 3).unwrap());
        assert_eq!(months[0], (2025, 3));
        assert_eq!(months[9], (2025, 12));
        assert_eq!(months[11], (2026, 2));
    }
}
