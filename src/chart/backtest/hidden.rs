//! Demand that was hidden on purpose: what each way found of it, and how far off it was.

use plotters::style::Color;

use crate::backtest::{Backtest, HiddenScore, Method, Scenario};
use crate::chart::ChartError;
use crate::chart::axis_value::{Figures, ValueScale, draw_value_columns};
use crate::chart::canvas::{Canvas, Side, drawn};
use crate::chart::heading::draw_heading;
use crate::chart::measure::width;
use crate::chart::number::{percent, total};
use crate::chart::theme::{DEMAND, HEIGHT, INK, LABEL, LOST, MARGIN, MUTED, SMALL, SOLD, WIDTH};
use crate::text::{Lang, text};

/// Draws the chart.
///
/// # Errors
/// [`ChartError`] when the drawing fails.
pub(super) fn hidden_chart(result: &Backtest, lang: Lang) -> Result<String, ChartError> {
    let title = text(lang, "backtest.chart_hidden_title", &[]);
    drawn(&title, lang, |canvas| {
        let subtitle = text(lang, "backtest.chart_hidden_subtitle", &[]);
        let below = draw_heading(canvas, &title, &subtitle, 2);
        let foot = HEIGHT - 60.0;
        let half = (foot - below) / 2.0;
        let scores = &result.hidden.scores;
        for (k, scenario) in Scenario::ALL.into_iter().enumerate() {
            let rows: Vec<&HiddenScore> =
                scores.iter().filter(|s| s.scenario == scenario).collect();
            let top = below + half * k as f64 + 70.0;
            panel(
                canvas,
                scenario,
                &rows,
                (top, below + half * (k as f64 + 1.0) - 26.0),
                lang,
            );
        }
    })
}

fn panel(
    canvas: &Canvas<'_>,
    scenario: Scenario,
    rows: &[&HiddenScore],
    (top, bottom): (f64, f64),
    lang: Lang,
) {
    let Some(first) = rows.first() else { return };
    let name = text(
        lang,
        &format!("backtest.scenario_{}", scenario.as_str()),
        &[("units", &total(first.hidden, lang))],
    );
    canvas.text((MARGIN, top - 34.0), Side::Left, &name, LABEL, INK);
    let left = 420.0;
    let middle = 960.0;
    let (found, error) = (
        (left, middle - 90.0),
        (middle + 90.0, WIDTH - MARGIN - 90.0),
    );
    let heading = |x: f64, key: &str| {
        canvas.text(
            (x, top - 10.0),
            Side::Left,
            &text(lang, key, &[]),
            SMALL,
            MUTED,
        );
    };
    heading(found.0, "backtest.chart_found");
    heading(error.0, "backtest.chart_error");
    let top = top + 10.0;
    let scale = |of: &dyn Fn(&HiddenScore) -> f64, span: (f64, f64)| {
        let highest = rows
            .iter()
            .map(|s| of(s))
            .filter(|x| x.is_finite())
            .fold(1.0, f64::max);
        ValueScale::covering(0.0, highest, span, 90.0)
    };
    let share = |s: &HiddenScore| {
        if s.hidden > 0.0 {
            s.found / s.hidden
        } else {
            f64::NAN
        }
    };
    let (found, error) = (scale(&share, found), scale(&|s| s.wape_series, error));
    for axis in [&found, &error] {
        draw_value_columns(canvas, axis, (top, bottom), Figures::Percent, lang);
    }
    let height = (bottom - top) / rows.len() as f64;
    for (k, s) in rows.iter().enumerate() {
        let y = top + height * (k as f64 + 0.14);
        let name = text(lang, &format!("backtest.method_{}", s.method.as_str()), &[]);
        canvas.text(
            (left - 12.0, y + height * 0.36),
            Side::Right,
            &name,
            SMALL,
            INK,
        );
        let color = if s.method == Method::Restock {
            DEMAND
        } else {
            SOLD
        };
        for (axis, value) in [(&found, share(s)), (&error, s.wape_series)] {
            if !value.is_finite() {
                continue;
            }
            canvas.rectangle(
                (axis.at(0.0), y),
                (axis.at(value), y + height * 0.72),
                color.to_rgba(),
            );
            // Beside the bar, and not across the line.
            let mut x = axis.at(value) + 8.0;
            let line = axis.at(1.0);
            if x < line && line < x + width(&percent(value), SMALL) + 6.0 {
                x = line + 8.0;
            }
            canvas.text(
                (x, y + height * 0.36),
                Side::Left,
                &percent(value),
                SMALL,
                INK,
            );
        }
    }
    let whole = found.at(1.0);
    canvas.line(&[(whole, top - 4.0), (whole, bottom)], LOST, 1.8);
}
