//! Overview: the demand that stockouts hid in the last year, by category.

use std::collections::BTreeMap;

use plotters::style::Color;

use super::ChartError;
use super::axis_value::{Figures, ValueScale, draw_value_columns};
use super::canvas::{Canvas, Side, drawn};
use super::heading::{draw_heading, draw_nothing};
use super::measure::{shortened, width};
use super::number::{percent, plain};
use super::past::{band, periods, quantity, series_count};
use super::theme::{HEIGHT, INK, LABEL, LOST, LOST_PALE, MARGIN, MUTED, SMALL, WIDTH};
use crate::domain::{LostErrors, LostSum, Plan, year_sd};
use crate::text::{Lang, text};

/// Days that count.
const DAYS: i32 = 365;
/// Categories with a row of their own.
const ROWS: usize = 18;
/// Height of one row at most.
const ROW: f64 = 110.0;

/// Where the row's series belong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    Category(String),
    /// Items without a category.
    Without,
    /// The categories with the least lost units.
    Others(usize),
}

/// Lost demand of one group in the last 365 days.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HiddenDemand {
    pub group: Group,
    pub lost: f64,
    lost_variance: f64,
    /// Sold, backordered and lost.
    pub demand: f64,
}

impl HiddenDemand {
    /// 80 % band of `lost`.
    pub(super) fn band(&self) -> (f64, f64) {
        band(self.lost, self.lost_variance)
    }

    /// Lost share of demand, 0 without demand.
    pub(super) fn share(&self) -> f64 {
        if self.demand > 0.0 {
            self.lost / self.demand
        } else {
            0.0
        }
    }
}

/// Lost demand by category, most first. Mean and band of a series are those of its recommendation.
pub(super) fn hidden_demand(plan: &Plan) -> Vec<HiddenDemand> {
    let errors = LostErrors::of(plan);
    let mut groups: BTreeMap<Group, (HiddenDemand, LostSum)> = BTreeMap::new();
    for (i, row) in plan.recommendations.iter().enumerate() {
        let group = row
            .category
            .as_ref()
            .filter(|category| !category.as_str().trim().is_empty())
            .map_or(Group::Without, |category| {
                Group::Category(category.to_string())
            });
        let served: f64 = if i < series_count(plan) {
            periods(plan, i)
                .filter(|period| plan.as_of - period.day < DAYS)
                .map(|period| period.sold + period.backordered)
                .sum()
        } else {
            0.0
        };
        let lost = quantity(row.hidden_units.mean);
        let (sum, error) = groups
            .entry(group.clone())
            .or_insert_with(|| (nothing(group), LostSum::default()));
        sum.lost += lost;
        error.add(&errors, i, year_sd(row.hidden_units));
        sum.demand += served + lost;
    }
    let mut rows: Vec<HiddenDemand> = groups
        .into_values()
        .map(|(row, error)| HiddenDemand {
            lost_variance: error.variance(),
            ..row
        })
        .collect();
    rows.sort_by(|a, b| b.lost.total_cmp(&a.lost).then(a.group.cmp(&b.group)));
    if rows.len() > ROWS {
        let rest = rows.split_off(ROWS - 1);
        let mut others = nothing(Group::Others(rest.len()));
        for row in rest {
            others.lost += row.lost;
            others.lost_variance += row.lost_variance;
            others.demand += row.demand;
        }
        rows.push(others);
    }
    rows
}

fn nothing(group: Group) -> HiddenDemand {
    HiddenDemand {
        group,
        lost: 0.0,
        lost_variance: 0.0,
        demand: 0.0,
    }
}

/// Draws the chart.
///
/// # Errors
/// [`ChartError`] when the drawing fails.
pub(super) fn hidden_chart(plan: &Plan, lang: Lang) -> Result<String, ChartError> {
    let rows = hidden_demand(plan);
    let title = text(lang, "chart.hidden_title", &[]);
    drawn(&title, lang, |canvas| {
        paint(canvas, &title, &rows, plan, lang)
    })
}

fn paint(canvas: &Canvas<'_>, title: &str, rows: &[HiddenDemand], plan: &Plan, lang: Lang) {
    let lost: f64 = rows.iter().map(|row| row.lost).sum();
    let demand: f64 = rows.iter().map(|row| row.demand).sum();
    let share = if demand > 0.0 { lost / demand } else { 0.0 };
    let (low, high) = band(lost, rows.iter().map(|row| row.lost_variance).sum());
    let coverage = plan.history.coverage(plan.as_of);
    let subtitle = text(
        lang,
        "chart.hidden_subtitle",
        &[
            ("days", &coverage.days_since.to_string()),
            ("as_of", &plan.as_of.to_string()),
            ("units", &plain(lost.round())),
            ("low", &plain(low.round())),
            ("high", &plain(high.round())),
            ("share", &percent(share)),
        ],
    );
    if !coverage.gives_figures() && (lost > 0.0 || coverage.known > 0) {
        draw_heading(canvas, title, "", 2);
        draw_nothing(canvas, &text(lang, "chart.hidden_not_told", &[]));
        return;
    }
    let below = draw_heading(canvas, title, &subtitle, 2);
    if lost <= 0.0 {
        draw_nothing(
            canvas,
            &text(
                lang,
                "chart.nothing_hidden",
                &[("days", &coverage.days_since.to_string())],
            ),
        );
        return;
    }
    let top = below + 62.0;
    let row = ((HEIGHT - 70.0 - top) / rows.len() as f64).min(ROW);
    let bottom = top + row * rows.len() as f64;
    let names = MARGIN + 330.0;
    let ends: Vec<String> = rows.iter().map(|row| plain(row.lost.round())).collect();
    let end_room = ends.iter().map(|end| width(end, LABEL)).fold(0.0, f64::max) + 14.0;
    let units_right = WIDTH - MARGIN - 420.0 - end_room;
    let shares_left = WIDTH - MARGIN - 360.0;
    let shares_right = WIDTH - MARGIN - 78.0;

    let highest = rows.iter().map(|row| row.band().1).fold(0.0, f64::max);
    let units = ValueScale::covering(0.0, highest, (names, units_right), 110.0);
    let widest = rows.iter().map(HiddenDemand::share).fold(0.0, f64::max);
    let shares = ValueScale::covering(0.0, widest, (shares_left, shares_right), 80.0);
    for (scale, figures, x, key) in [
        (&units, Figures::Plain, names, "chart.hidden_units"),
        (&shares, Figures::Percent, shares_left, "chart.hidden_share"),
    ] {
        draw_value_columns(canvas, scale, (top, bottom), figures, lang);
        canvas.text(
            (x, top - 22.0),
            Side::Left,
            &text(lang, key, &[]),
            LABEL,
            INK,
        );
    }
    for (k, (group, end)) in rows.iter().zip(&ends).enumerate() {
        let y = top + row * (k as f64 + 0.5);
        let half = (row * 0.32).min(26.0);
        let name = shortened(
            &group_name(&group.group, lang),
            LABEL,
            names - MARGIN - 14.0,
        );
        canvas.text((names - 14.0, y), Side::Right, &name, LABEL, INK);
        let to = units.at(group.lost);
        canvas.rectangle((names, y - half), (to, y + half), LOST.to_rgba());
        let (low, high) = group.band();
        draw_lying_whisker(canvas, units.at(low), units.at(high), y);
        canvas.text((units.at(high) + 10.0, y), Side::Left, end, LABEL, INK);
        let to = shares.at(group.share());
        canvas.rectangle((shares_left, y - half), (to, y + half), LOST_PALE.to_rgba());
        canvas.text(
            (to + 10.0, y),
            Side::Left,
            &percent(group.share()),
            LABEL,
            INK,
        );
    }
    canvas.text(
        (MARGIN, HEIGHT - 20.0),
        Side::Left,
        &text(lang, "chart.hidden_note", &[]),
        SMALL,
        MUTED,
    );
}

fn group_name(group: &Group, lang: Lang) -> String {
    match group {
        Group::Category(name) => name.clone(),
        Group::Without => text(lang, "chart.no_category", &[]),
        Group::Others(count) => text(
            lang,
            "chart.other_categories",
            &[("count", &count.to_string())],
        ),
    }
}

fn draw_lying_whisker(canvas: &Canvas<'_>, left: f64, right: f64, y: f64) {
    canvas.line(&[(left, y), (right, y)], INK, 1.6);
    for x in [left, right] {
        canvas.line(&[(x, y - 5.0), (x, y + 5.0)], INK, 1.6);
    }
}
