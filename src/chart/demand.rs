//! Overview: what was sold, backordered and lost, week by week.

use std::collections::BTreeMap;

use plotters::style::Color;

use super::ChartError;
use super::axis_date::{DateScale, draw_date_grid};
use super::axis_value::{Figures, ValueScale, draw_value_grid};
use super::canvas::{Canvas, Side, drawn};
use super::heading::{draw_heading, draw_nothing};
use super::key::{Sample, draw_key, draw_whisker};
use super::measure::width;
use super::number::{self, percent, plain, short};
use super::past::{band, periods, series_count};
use super::theme::{BACKORDERED, HEIGHT, INK, LOST, MARGIN, MUTED, SMALL, SOLD, WIDTH};
use crate::domain::{Day, LostErrors, LostSum, Plan};
use crate::text::{Lang, text};

/// Weeks that are shown at most.
const WEEKS: i32 = 104;

/// Seven days of all series; the last week ends on as-of, so that no week is cut short at its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Week {
    pub sold: f64,
    pub backordered: f64,
    pub lost: f64,
    /// See [`LostErrors`].
    pub lost_variance: f64,
}

/// The weeks of the whole plan, oldest first and without gaps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DemandWeeks {
    /// First day of the first week.
    pub first: Day,
    pub weeks: Vec<Week>,
    /// Variance of all that was lost in them.
    pub lost_variance: f64,
}

impl DemandWeeks {
    /// All weeks together.
    pub(super) fn total(&self) -> Week {
        let total = Week {
            lost_variance: self.lost_variance,
            ..Week::default()
        };
        self.weeks.iter().fold(total, |mut sum, week| {
            sum.sold += week.sold;
            sum.backordered += week.backordered;
            sum.lost += week.lost;
            sum
        })
    }
}

/// Adds all series up by week. A first week that the data do not fill is left out when there are others.
pub(super) fn demand_weeks(plan: &Plan) -> DemandWeeks {
    let first_day = (0..series_count(plan))
        .filter_map(|i| periods(plan, i).next())
        .map(|period| period.day)
        .min();
    let oldest = first_day.map(|first| (plan.as_of - first).div_euclid(7));
    let mut count = oldest.map_or(0, |age| (age + 1).clamp(0, WEEKS));
    if let Some(first) = first_day
        && count > 1
        && plan.history.step < 7
        && plan.as_of - first + 1 < count * 7
    {
        count -= 1;
    }
    let errors = LostErrors::of(plan);
    let mut by_age: BTreeMap<i32, (Week, LostSum)> = BTreeMap::new();
    let mut total = LostSum::default();
    for i in 0..series_count(plan) {
        // Units lost and the variance of their chance, by week and in all.
        let mut own: BTreeMap<i32, (f64, f64)> = BTreeMap::new();
        let mut whole = (0.0, 0.0);
        for period in periods(plan, i) {
            let age = (plan.as_of - period.day).div_euclid(7);
            if !(0..count).contains(&age) {
                continue;
            }
            let (week, _) = by_age.entry(age).or_default();
            week.sold += period.sold;
            week.backordered += period.backordered;
            week.lost += period.lost;
            let own = own.entry(age).or_default();
            for sum in [own, &mut whole] {
                sum.0 += period.lost;
                sum.1 += period.lost_variance;
            }
        }
        for (age, (lost, chance)) in own {
            let (_, error) = by_age.entry(age).or_default();
            error.add(&errors, i, errors.sd(i, lost, chance));
        }
        total.add(&errors, i, errors.sd(i, whole.0, whole.1));
    }
    let mut week = |age| {
        let (week, error) = by_age.remove(&age).unwrap_or_default();
        Week {
            lost_variance: error.variance(),
            ..week
        }
    };
    DemandWeeks {
        first: plan.as_of + (1 - 7 * count),
        weeks: (0..count).rev().map(&mut week).collect(),
        lost_variance: total.variance(),
    }
}

/// Draws the chart.
///
/// # Errors
/// [`ChartError`] when the drawing fails.
pub(super) fn demand_chart(plan: &Plan, lang: Lang) -> Result<String, ChartError> {
    let data = demand_weeks(plan);
    let title = text(lang, "chart.demand_title", &[]);
    drawn(&title, lang, |canvas| {
        paint(canvas, &title, &data, plan, lang)
    })
}

fn paint(canvas: &Canvas<'_>, title: &str, data: &DemandWeeks, plan: &Plan, lang: Lang) {
    let total = data.total();
    let demand = total.sold + total.backordered + total.lost;
    let share = if demand > 0.0 {
        total.lost / demand
    } else {
        0.0
    };
    let subtitle = text(
        lang,
        "chart.demand_subtitle",
        &[
            ("weeks", &data.weeks.len().to_string()),
            ("as_of", &plan.as_of.to_string()),
            ("series", &plain(series_count(plan) as f64)),
            ("share", &percent(share)),
        ],
    );
    if data.weeks.is_empty() {
        let as_of = text(lang, "chart.as_of", &[("as_of", &plan.as_of.to_string())]);
        draw_heading(canvas, title, &as_of, 1);
        draw_nothing(canvas, &text(lang, "chart.no_history", &[]));
        return;
    }
    let below = draw_heading(canvas, title, &subtitle, 2);
    let (low, high) = band(total.lost, total.lost_variance);
    let figure =
        |name: &str, units: f64| text(lang, name, &[("units", &number::total(units, lang))]);
    let mut key = vec![
        (Sample::Fill(SOLD), figure("chart.total_sold", total.sold)),
        (
            Sample::Fill(BACKORDERED),
            figure("chart.total_backordered", total.backordered),
        ),
        (Sample::Fill(LOST), figure("chart.total_lost", total.lost)),
    ];
    if total.lost > 0.0 {
        let (low, high) = (number::total(low, lang), number::total(high, lang));
        let band = text(lang, "chart.total_band", &[("low", &low), ("high", &high)]);
        key.push((Sample::Whisker(INK), band));
    }
    draw_key(canvas, below + 22.0, &key);
    let top = below + 84.0;
    let bottom = HEIGHT - 92.0;
    let dates = DateScale {
        from: data.first,
        to: data.first + 7 * data.weeks.len() as i32,
        left: MARGIN + 70.0,
        right: WIDTH - MARGIN,
    };
    let highest = data
        .weeks
        .iter()
        .map(|week| week.sold + week.backordered + band(week.lost, week.lost_variance).1);
    let scale = ValueScale::covering(0.0, highest.fold(0.0, f64::max), (bottom, top), 80.0);
    canvas.text(
        (MARGIN, top - 26.0),
        Side::Left,
        &text(lang, "chart.units_a_week", &[]),
        SMALL,
        MUTED,
    );
    draw_date_grid(canvas, &dates, &[(top, bottom)], bottom, lang);
    draw_value_grid(
        canvas,
        &scale,
        (dates.left, dates.right),
        Figures::Plain,
        lang,
    );
    draw_weeks(canvas, data, &dates, &scale);
    canvas.text(
        (MARGIN, HEIGHT - 24.0),
        Side::Left,
        &text(lang, "chart.demand_note", &[]),
        SMALL,
        MUTED,
    );
    label_worst_week(canvas, data, &dates, &scale, lang);
}

/// Width of a bar: most of a week, but never a wall when there is only one.
fn bar_width(dates: &DateScale) -> f64 {
    (dates.day_width() * 7.0 * 0.78).min(90.0)
}

fn draw_weeks(canvas: &Canvas<'_>, data: &DemandWeeks, dates: &DateScale, scale: &ValueScale) {
    let half = bar_width(dates) / 2.0;
    for (k, week) in data.weeks.iter().enumerate() {
        let middle = dates.middle(data.first + 7 * k as i32 + 3);
        let mut foot = 0.0;
        for (units, color) in [
            (week.sold, SOLD),
            (week.backordered, BACKORDERED),
            (week.lost, LOST),
        ] {
            if units > 0.0 {
                let (a, b) = (scale.at(foot), scale.at(foot + units));
                canvas.rectangle((middle - half, b), (middle + half, a), color.to_rgba());
            }
            foot += units;
        }
        let (low, high) = band(week.lost, week.lost_variance);
        if week.lost > 0.0 {
            let served = week.sold + week.backordered;
            draw_whisker(
                canvas,
                middle,
                scale.at(served + high),
                scale.at(served + low),
                INK,
            );
        }
    }
}

/// Names the week in which most was lost: the one that a meeting asks about.
fn label_worst_week(
    canvas: &Canvas<'_>,
    data: &DemandWeeks,
    dates: &DateScale,
    scale: &ValueScale,
    lang: Lang,
) {
    let worst = data
        .weeks
        .iter()
        .enumerate()
        .max_by(|a, b| a.1.lost.total_cmp(&b.1.lost));
    let Some((k, week)) = worst.filter(|(_, week)| week.lost > 0.0) else {
        return;
    };
    let day = data.first + 7 * k as i32;
    let label = text(
        lang,
        "chart.worst_week",
        &[
            ("day", &day.to_string()),
            ("units", &short(week.lost.round(), lang)),
        ],
    );
    let half = width(&label, SMALL) / 2.0;
    let x = dates
        .middle(day + 3)
        .clamp(dates.left + half, dates.right - half);
    let high = band(week.lost, week.lost_variance).1;
    let around = data.weeks.iter().enumerate().filter(|(j, _)| {
        (dates.middle(data.first + 7 * *j as i32 + 3) - x).abs() < half + bar_width(dates)
    });
    // Above every bar that the label spans.
    let y = around
        .map(|(_, w)| scale.at(w.sold + w.backordered + band(w.lost, w.lost_variance).1))
        .fold(scale.at(week.sold + week.backordered + high), f64::min);
    canvas.text((x, y - 16.0), Side::Middle, &label, SMALL, LOST);
}
