//! Whether quantiles hold what they promise, and forecast errors beside the seasonal naive's.

use plotters::style::Color;

use crate::backtest::{Backtest, ForecastScore, QUANTILES};
use crate::chart::ChartError;
use crate::chart::axis_value::{Figures, ValueScale, draw_value_columns, draw_value_grid};
use crate::chart::canvas::{Canvas, Side, drawn};
use crate::chart::heading::draw_heading;
use crate::chart::label_spread::spread;
use crate::chart::number::{percent, percent_tick};
use crate::chart::theme::{
    AXIS, DEMAND, HEIGHT, INK, LABEL, MARGIN, MUTED, POLICY, SMALL, SOLD, WIDTH,
};
use crate::text::{Lang, text};

/// Draws the chart.
///
/// # Errors
/// [`ChartError`] when the drawing fails.
pub(super) fn accuracy_chart(result: &Backtest, lang: Lang) -> Result<String, ChartError> {
    let title = text(lang, "backtest.chart_accuracy_title", &[]);
    drawn(&title, lang, |canvas| {
        let subtitle = text(
            lang,
            "backtest.chart_accuracy_subtitle",
            &[
                ("intervals", &result.intervals.len().to_string()),
                ("origins", &result.origins.len().to_string()),
            ],
        );
        let below = draw_heading(canvas, &title, &subtitle, 2);
        let (top, bottom) = (below + 70.0, HEIGHT - 84.0);
        if let Some(all) = result.forecast.first() {
            coverage(canvas, all, (top, bottom), lang);
        }
        errors(canvas, &result.forecast, (top, bottom), lang);
    })
}

/// Promised share across, share that came up.
fn coverage(canvas: &Canvas<'_>, all: &ForecastScore, (top, bottom): (f64, f64), lang: Lang) {
    let (left, right) = (MARGIN + 70.0, 690.0);
    canvas.text(
        (MARGIN, top - 32.0),
        Side::Left,
        &text(lang, "backtest.chart_coverage", &[]),
        LABEL,
        INK,
    );
    let up = ValueScale::covering(0.0, 1.0, (bottom, top), 60.0);
    let across = ValueScale::covering(0.0, 1.0, (left, right), 90.0);
    draw_value_grid(canvas, &up, (left, right), Figures::Percent, lang);
    draw_value_columns(canvas, &across, (top, bottom), Figures::Percent, lang);
    canvas.text(
        ((left + right) / 2.0, bottom + 46.0),
        Side::Middle,
        &text(lang, "backtest.chart_promised", &[]),
        SMALL,
        MUTED,
    );
    canvas.line(&[(left, bottom), (right, top)], AXIS, 1.6);
    let points: Vec<(f64, f64)> = QUANTILES
        .iter()
        .zip(all.coverage)
        .map(|(p, c)| (across.at(*p), up.at(c)))
        .collect();
    canvas.line(&points, DEMAND, 2.6);
    let wanted: Vec<f64> = points.iter().map(|p| p.1 + 4.0).collect();
    let placed = spread(&wanted, 22.0, top, bottom);
    for (k, &(x, y)) in points.iter().enumerate() {
        canvas.dot((x, y), 6.0, DEMAND);
        let label = format!(
            "{} → {}",
            percent_tick(QUANTILES[k]),
            percent(all.coverage[k])
        );
        canvas.line(&[(x + 8.0, y), (right + 14.0, placed[k])], AXIS, 0.8);
        canvas.text((right + 18.0, placed[k]), Side::Left, &label, SMALL, INK);
    }
}

/// One bar a class: pinball loss ÷ the naive's.
fn errors(canvas: &Canvas<'_>, scores: &[ForecastScore], (top, bottom): (f64, f64), lang: Lang) {
    let (left, right) = (1090.0, WIDTH - MARGIN - 70.0);
    canvas.text(
        (880.0, top - 32.0),
        Side::Left,
        &text(lang, "backtest.chart_scaled", &[]),
        LABEL,
        INK,
    );
    let rows: Vec<&ForecastScore> = scores.iter().filter(|s| s.group != "origin").collect();
    let highest = rows
        .iter()
        .map(|s| s.scaled_mean())
        .filter(|x| x.is_finite())
        .fold(1.0, f64::max);
    let across = ValueScale::covering(0.0, highest, (left, right), 90.0);
    draw_value_columns(canvas, &across, (top, bottom), Figures::Percent, lang);
    let gaps = 4.0;
    let height = (bottom - top) / (rows.len() as f64 + gaps * 0.5);
    let mut y = top + height * 0.25;
    let mut group = "";
    for s in rows {
        if !group.is_empty() && s.group != group {
            y += height * 0.5;
        }
        group = s.group;
        let name = text(
            lang,
            &format!("backtest.class_{}_{}", s.group, s.class.to_lowercase()),
            &[],
        );
        let middle = y + height * 0.4;
        canvas.text((left - 12.0, middle), Side::Right, &name, SMALL, INK);
        let value = s.scaled_mean();
        if value.is_finite() {
            let color = if s.group == "all" { DEMAND } else { SOLD };
            canvas.rectangle(
                (across.at(0.0), y),
                (across.at(value), y + height * 0.8),
                color.to_rgba(),
            );
            canvas.text(
                (across.at(value) + 8.0, middle),
                Side::Left,
                &percent(value),
                SMALL,
                INK,
            );
        }
        y += height;
    }
    let one = across.at(1.0);
    canvas.line(&[(one, top - 8.0), (one, bottom)], POLICY, 1.6);
    canvas.text(
        (right + 60.0, bottom + 46.0),
        Side::Right,
        &text(lang, "backtest.chart_naive", &[]),
        SMALL,
        MUTED,
    );
}
