//! Service reached against stock held, rule by rule.

use plotters::style::RGBColor;

use crate::backtest::{Backtest, Replay, Replayed, Rule, Setting};
use crate::chart::ChartError;
use crate::chart::axis_value::{Figures, ValueScale, draw_value_columns, draw_value_grid};
use crate::chart::canvas::{Canvas, Side, drawn};
use crate::chart::heading::draw_heading;
use crate::chart::label_spread::spread;
use crate::chart::number::{percent, plain};
use crate::chart::theme::{
    DEMAND, HEIGHT, INK, LABEL, MARGIN, MUTED, SMALL, SOLD_SHADES, STOCK_SHADES, WIDTH,
};
use crate::text::{Lang, text};

/// Services below this are of no interest where the planner's are above.
const LOWEST: f64 = 0.6;

fn color(rule: Rule) -> RGBColor {
    match rule {
        Rule::Restock => DEMAND,
        Rule::Velocity => SOLD_SHADES[1],
        Rule::Textbook => SOLD_SHADES[3],
        Rule::LastYear => STOCK_SHADES[3],
    }
}

/// Draws the chart.
///
/// # Errors
/// [`ChartError`] when the drawing fails.
pub(super) fn curve_chart(
    result: &Backtest,
    replay: &Replayed,
    lang: Lang,
) -> Result<String, ChartError> {
    let title = text(lang, "backtest.chart_service_title", &[]);
    drawn(&title, lang, |canvas| {
        let subtitle = text(
            lang,
            "backtest.chart_service_subtitle",
            &[
                ("places", &replay.places.to_string()),
                ("from", &replay.measured.to_string()),
                ("to", &result.as_of.to_string()),
            ],
        );
        let below = draw_heading(canvas, &title, &subtitle, 2);
        paint(canvas, &replay.runs, (below + 60.0, HEIGHT - 90.0), lang);
    })
}

fn paint(canvas: &Canvas<'_>, runs: &[Replay], (top, bottom): (f64, f64), lang: Lang) {
    let (left, right) = (MARGIN + 80.0, WIDTH - MARGIN - 330.0);
    let usable = |r: &&Replay| r.service.is_finite() && r.stock_days.is_finite();
    let planner: Vec<&Replay> = runs
        .iter()
        .filter(usable)
        .filter(|r| r.rule == Rule::Restock)
        .collect();
    let lowest = planner.iter().map(|r| r.service).fold(1.0, f64::min);
    let least = (lowest - 0.15).max(0.0).max(LOWEST.min(lowest - 0.02));
    // A curve that goes on far to the right would press the others together.
    let most = planner.iter().map(|r| r.stock_days).fold(1.0, f64::max) * 2.2;
    let shown = |r: &Replay| r.service >= least && r.stock_days <= most;
    let widest = runs
        .iter()
        .filter(usable)
        .filter(|r| shown(r))
        .map(|r| r.stock_days)
        .fold(1.0, f64::max);
    let up = ValueScale::covering(least, 1.0, (bottom, top), 50.0);
    let across = ValueScale::covering(0.0, widest, (left, right), 100.0);
    draw_value_grid(canvas, &up, (left, right), Figures::Percent, lang);
    draw_value_columns(canvas, &across, (top, bottom), Figures::Plain, lang);
    canvas.text(
        (MARGIN, top - 30.0),
        Side::Left,
        &text(lang, "backtest.chart_service_up", &[]),
        LABEL,
        INK,
    );
    canvas.text(
        ((left + right) / 2.0, bottom + 48.0),
        Side::Middle,
        &text(lang, "backtest.chart_service_across", &[]),
        SMALL,
        MUTED,
    );
    let mut ends = Vec::new();
    for rule in Rule::ALL.into_iter().rev() {
        let mut curve: Vec<&Replay> = runs
            .iter()
            .filter(usable)
            .filter(|r| r.rule == rule && r.setting != Setting::Own && shown(r))
            .collect();
        curve.sort_by(|a, b| a.stock_days.total_cmp(&b.stock_days));
        let points: Vec<(f64, f64)> = curve
            .iter()
            .map(|r| (across.at(r.stock_days), up.at(r.service)))
            .collect();
        let thick = if rule == Rule::Restock { 3.4 } else { 2.4 };
        canvas.line(&points, color(rule), thick);
        for &point in &points {
            canvas.dot(point, thick + 1.2, color(rule));
        }
        if let Some(&end) = points.last() {
            ends.push((end, rule));
        }
    }
    let wanted: Vec<f64> = ends.iter().map(|e| e.0.1).collect();
    for ((end, rule), y) in ends.iter().zip(spread(&wanted, 24.0, top, bottom)) {
        let name = text(lang, &format!("backtest.rule_{}", rule.as_str()), &[]);
        canvas.line(&[*end, (right + 16.0, y)], color(*rule), 1.0);
        canvas.text((right + 22.0, y), Side::Left, &name, SMALL, INK);
    }
    if let Some(own) = planner.iter().find(|r| r.setting == Setting::Own) {
        let at = (across.at(own.stock_days), up.at(own.service));
        canvas.dot(at, 9.0, DEMAND);
        let label = text(
            lang,
            "backtest.chart_own",
            &[
                ("service", &percent(own.service)),
                ("days", &plain(own.stock_days)),
            ],
        );
        canvas.text((at.0 + 16.0, at.1 + 24.0), Side::Left, &label, SMALL, INK);
    }
}
