//! One series: its sales, what it lost, what is expected, and how its stock will run.

use plotters::style::{Color, RGBColor};

use super::ChartError;
use super::axis_date::{DateScale, draw_date_grid};
use super::axis_value::{Figures, ValueScale, draw_value_grid};
use super::canvas::{Canvas, Point, Side, drawn};
use super::heading::draw_heading;
use super::key::{Sample, draw_key, draw_receipt, draw_whisker};
use super::label_spread::spread;
use super::measure::{shortened, width};
use super::number::{plain, short, total};
use super::past::band;
use super::series_picture::{Bar, Expected, Receipt, SeriesPicture, series_picture};
use super::theme::{
    BACKORDERED, DEMAND, HEIGHT, INK, LABEL, LOST, MARGIN, MUTED, NO_STOCK, POLICY, SMALL, SOLD,
    STOCK, TITLE, WIDTH,
};
use crate::domain::{Day, Plan, Recommendation};
use crate::output::reason;
use crate::text::{Lang, text};

/// Room right of the panels for the names of lines.
const RIGHT: f64 = 225.0;

/// Top and bottom of a panel.
type Panel = (f64, f64);

/// Draws the chart of series `i`.
///
/// # Errors
/// [`ChartError`] when the drawing fails.
pub(super) fn series_chart(plan: &Plan, i: usize, lang: Lang) -> Result<String, ChartError> {
    let picture = series_picture(plan, i);
    let row = &plan.recommendations[i];
    let title = title(row);
    drawn(&title, lang, |canvas| {
        let below = draw_heading(canvas, &title, &reason(lang, row), 3);
        paint(canvas, &picture, plan.as_of, below, lang);
    })
}

/// SKU, name and channel; only the name is shortened.
fn title(row: &Recommendation) -> String {
    let room = WIDTH - 2.0 * MARGIN;
    let sku = shortened(row.sku.as_str(), TITLE, room * 0.4);
    let channel = shortened(row.channel.as_str(), TITLE, room * 0.25);
    let Some(name) = &row.name else {
        return format!("{sku} · {channel}");
    };
    let rest = room - width(&format!("{sku}  · {channel}"), TITLE);
    format!("{sku} {} · {channel}", shortened(name, TITLE, rest))
}

fn paint(canvas: &Canvas<'_>, picture: &SeriesPicture, as_of: Day, below: f64, lang: Lang) {
    let dates = DateScale {
        from: picture.from,
        to: picture.to,
        left: MARGIN + 70.0,
        right: WIDTH - MARGIN - RIGHT,
    };
    let foot = HEIGHT - 60.0;
    let upper_top = below + 78.0;
    // The upper panel has a little more of the height, the lower one a key and a lane for receipts above it.
    let upper = (upper_top, upper_top + (foot - upper_top - 92.0) * 0.52);
    let lower = (upper.1 + 92.0, foot);

    for (from, to) in &picture.no_stock {
        for (top, bottom) in [upper, lower] {
            let corners = ((dates.at(*from), top), (dates.at(*to), bottom));
            canvas.rectangle(corners.0, corners.1, NO_STOCK.to_rgba());
        }
    }
    draw_date_grid(canvas, &dates, &[upper, lower], foot, lang);
    draw_demand(canvas, picture, &dates, upper, below, lang);
    draw_stock(canvas, picture, &dates, lower, lang);

    let x = dates.at(picture.now);
    for (top, bottom) in [(upper.0 - 4.0, upper.1), lower] {
        canvas.line(&[(x, top), (x, bottom)], POLICY, 1.6);
    }
    let label = text(lang, "chart.as_of", &[("as_of", &as_of.to_string())]);
    canvas.text((x, upper.0 - 16.0), Side::Middle, &label, SMALL, INK);
}

fn draw_demand(
    canvas: &Canvas<'_>,
    picture: &SeriesPicture,
    dates: &DateScale,
    panel: Panel,
    below: f64,
    lang: Lang,
) {
    draw_key(canvas, below + 22.0, &demand_key(picture, lang));
    let unit = if picture.bar_days == 7 {
        "chart.units_a_week"
    } else {
        "chart.units_a_day"
    };
    canvas.text(
        (MARGIN, panel.0 - 18.0),
        Side::Left,
        &text(lang, unit, &[]),
        SMALL,
        MUTED,
    );
    let scale = ValueScale::covering(0.0, picture.demand_top(), (panel.1, panel.0), 42.0);
    draw_value_grid(
        canvas,
        &scale,
        (dates.left, dates.right),
        Figures::Plain,
        lang,
    );
    draw_bars(canvas, picture, dates, &scale);
    label_spikes(canvas, picture, dates, &scale, lang);

    let middle = (panel.0 + panel.1) / 2.0;
    let say = |left: f64, right: f64, key: &str| {
        let why = shortened(&text(lang, key, &[]), LABEL, right - left - 10.0);
        canvas.text(
            ((left + right) / 2.0, middle),
            Side::Middle,
            &why,
            LABEL,
            MUTED,
        );
    };
    let now = dates.at(picture.now);
    if picture.bars.is_empty() {
        say(dates.left, now, "chart.no_history");
    }
    if picture.demand.is_empty() {
        say(now, dates.right, "chart.no_forecast");
        return;
    }
    let steps = |value: fn(&Expected) -> f64| -> Vec<Point> {
        let step = |e: &Expected| {
            let y = scale.at(value(e));
            [
                (dates.at(e.day), y),
                (dates.at(e.day + picture.bar_days), y),
            ]
        };
        picture.demand.iter().flat_map(step).collect()
    };
    draw_band(canvas, steps(|e| e.low), steps(|e| e.high), DEMAND);
    let line = steps(|e| e.mean);
    canvas.line(&line, DEMAND, 2.6);
    let mean = picture.demand.iter().map(|e| e.mean).sum::<f64>() / picture.demand.len() as f64;
    let key = if picture.bar_days == 7 {
        "chart.expected_week"
    } else {
        "chart.expected_day"
    };
    let label = text(lang, key, &[("units", &plain(mean))]);
    let last = line.last().map_or(middle, |point| point.1);
    draw_end(canvas, dates.right, (last, last), &label, DEMAND);
}

fn demand_key(picture: &SeriesPicture, lang: Lang) -> Vec<(Sample, String)> {
    let sum = |of: fn(&Bar) -> f64| -> f64 { picture.bars.iter().map(of).sum() };
    let named = |key: &str, units: f64| text(lang, key, &[("units", &total(units, lang))]);
    let mut key = vec![(
        Sample::Fill(SOLD),
        named("chart.total_sold", sum(|b| b.sold)),
    )];
    let backordered = sum(|b| b.backordered);
    if backordered > 0.0 {
        let name = named("chart.total_backordered", backordered);
        key.push((Sample::Fill(BACKORDERED), name));
    }
    let lost = sum(|b| b.lost);
    if lost > 0.0 {
        let (low, high) = band(lost, picture.lost_variance);
        let name = named("chart.total_lost", lost);
        key.push((Sample::Fill(LOST), name));
        let ends = [("low", total(low, lang)), ("high", total(high, lang))];
        let ends = ends.each_ref().map(|(name, value)| (*name, value.as_str()));
        key.push((Sample::Whisker(INK), text(lang, "chart.total_band", &ends)));
    }
    if !picture.no_stock.is_empty() {
        key.push((
            Sample::Fill(NO_STOCK),
            text(lang, "chart.no_stock_all_day", &[]),
        ));
    }
    if !picture.demand.is_empty() {
        key.push((
            Sample::Fan(DEMAND),
            text(lang, "chart.expected_demand", &[]),
        ));
    }
    key
}

fn draw_bars(canvas: &Canvas<'_>, picture: &SeriesPicture, dates: &DateScale, scale: &ValueScale) {
    let span = dates.day_width() * f64::from(picture.bar_days);
    let half = (span * 0.4).min(30.0);
    for bar in &picture.bars {
        let middle = dates.at(bar.day) + span / 2.0;
        let mut foot = 0.0;
        for (units, color) in [
            (bar.sold, SOLD),
            (bar.backordered, BACKORDERED),
            (bar.lost, LOST),
        ] {
            if units > 0.0 {
                let (bottom, top) = (scale.at(foot), scale.at(foot + units));
                canvas.rectangle(
                    (middle - half, top),
                    (middle + half, bottom),
                    color.to_rgba(),
                );
            }
            foot += units;
        }
        if bar.lost > 0.0 && bar.lost_variance > 0.0 {
            let served = bar.sold + bar.backordered;
            let (low, high) = band(bar.lost, bar.lost_variance);
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

/// Says how high the bars are that go through the top of the panel.
fn label_spikes(
    canvas: &Canvas<'_>,
    picture: &SeriesPicture,
    dates: &DateScale,
    scale: &ValueScale,
    lang: Lang,
) {
    let mut taken_to = f64::NEG_INFINITY;
    for bar in &picture.bars {
        let units = bar.sold + bar.backordered + bar.lost;
        if units <= scale.high {
            continue;
        }
        let label = format!("↑ {}", short(units, lang));
        let wide = width(&label, SMALL);
        let span = dates.day_width() * f64::from(picture.bar_days);
        let x = dates.at(bar.day) + span + 4.0;
        // Not across the line of as-of: then to the left of the bar.
        let x = if x + wide > dates.at(picture.now) {
            x - span - wide - 8.0
        } else {
            x
        };
        if x > taken_to {
            canvas.text(
                (x, scale.at(scale.high) + 14.0),
                Side::Left,
                &label,
                SMALL,
                INK,
            );
            taken_to = x + wide + span;
        }
    }
}

fn draw_stock(
    canvas: &Canvas<'_>,
    picture: &SeriesPicture,
    dates: &DateScale,
    panel: Panel,
    lang: Lang,
) {
    let name = |key: &str| text(lang, key, &[]);
    let stock = if picture.channels > 1 {
        // Its levels are not those of this channel alone, which the heading tells.
        let channels = picture.channels.to_string();
        text(lang, "chart.stock_shared", &[("channels", &channels)])
    } else {
        name("chart.stock")
    };
    let mut key = vec![(Sample::Line(STOCK), stock)];
    if !picture.expected_stock.is_empty() {
        key.push((Sample::Fan(STOCK), name("chart.expected_stock")));
    }
    if picture.receipts.iter().any(|receipt| !receipt.ours) {
        key.push((Sample::Receipt(STOCK), name("chart.receipt")));
    }
    if picture.receipts.iter().any(|receipt| receipt.ours) {
        key.push((Sample::Receipt(POLICY), name("chart.this_order")));
    }
    draw_key(canvas, panel.0 - 58.0, &key);
    canvas.text(
        (MARGIN, panel.0 - 18.0),
        Side::Left,
        &name("chart.units"),
        SMALL,
        MUTED,
    );
    let (low, high) = picture.stock_span();
    let scale = ValueScale::covering(low, high, (panel.1, panel.0), 42.0);
    draw_value_grid(
        canvas,
        &scale,
        (dates.left, dates.right),
        Figures::Plain,
        lang,
    );

    for run in &picture.stock {
        let points: Vec<Point> = run
            .iter()
            .map(|(day, units)| (dates.at(*day), scale.at(*units)))
            .collect();
        canvas.line(&points, STOCK, 2.6);
        if let [point] = points[..] {
            canvas.dot(point, 4.0, STOCK);
        }
    }
    if picture.stock.is_empty() {
        let (left, right) = (dates.left, dates.at(picture.now));
        let why = shortened(&name("chart.no_stock_record"), LABEL, right - left - 10.0);
        let at = ((left + right) / 2.0, panel.0 + (panel.1 - panel.0) * 0.4);
        canvas.text(at, Side::Middle, &why, LABEL, MUTED);
    }
    let closing = |value: fn(&Expected) -> f64| -> Vec<Point> {
        let known = picture.stock.last().and_then(|run| run.last());
        let known = known.filter(|(day, _)| *day == picture.now);
        let start = known.map(|(day, units)| (dates.at(*day), scale.at(*units)));
        let ahead = picture.expected_stock.iter();
        let ahead = ahead.map(|e| (dates.at(e.day + 1), scale.at(value(e))));
        start.into_iter().chain(ahead).collect()
    };
    draw_band(canvas, closing(|e| e.low), closing(|e| e.high), STOCK);
    if !picture.expected_stock.is_empty() {
        canvas.line(&closing(|e| e.mean), STOCK, 2.6);
    }
    draw_receipts(canvas, picture, dates, panel, lang);
    draw_levels(canvas, picture, dates, panel, &scale, lang);
}

/// Reorder point and safety stock as labelled lines, and where the expected stock ends.
fn draw_levels(
    canvas: &Canvas<'_>,
    picture: &SeriesPicture,
    dates: &DateScale,
    panel: Panel,
    scale: &ValueScale,
    lang: Lang,
) {
    let mut ends = Vec::new();
    for (key, level) in [
        ("chart.reorder_point", picture.reorder_point),
        ("chart.safety_stock", picture.safety_stock),
    ] {
        let y = scale.at(level);
        canvas.dashed(dates.left, dates.right, y, POLICY);
        ends.push((y, text(lang, key, &[("units", &plain(level))]), POLICY));
    }
    let last = picture.expected_stock.last();
    if let Some(last) = last.filter(|last| last.day + 1 >= picture.to) {
        let label = text(lang, "chart.stock_at_end", &[("units", &plain(last.mean))]);
        ends.push((scale.at(last.mean), label, STOCK));
    }
    let wanted: Vec<f64> = ends.iter().map(|end| end.0).collect();
    let placed = spread(&wanted, 22.0, panel.0, panel.1);
    for ((y, label, color), at) in ends.iter().zip(placed) {
        draw_end(canvas, dates.right, (*y, at), label, *color);
    }
}

fn draw_band(canvas: &Canvas<'_>, mut low: Vec<Point>, high: Vec<Point>, color: RGBColor) {
    low.reverse();
    let corners: Vec<Point> = high.into_iter().chain(low).collect();
    canvas.shape(&corners, color.mix(0.2));
}

/// Names the line that ends at the right edge on height `from`, with the name on height `to`.
fn draw_end(canvas: &Canvas<'_>, right: f64, (from, to): (f64, f64), label: &str, color: RGBColor) {
    canvas.line(&[(right + 3.0, from), (right + 16.0, to)], color, 1.2);
    let label = shortened(label, SMALL, WIDTH - right - 30.0);
    canvas.text((right + 21.0, to), Side::Left, &label, SMALL, INK);
}

/// Triangles in a lane above the panel, with their units where there is room; this plan's order first.
fn draw_receipts(
    canvas: &Canvas<'_>,
    picture: &SeriesPicture,
    dates: &DateScale,
    (top, bottom): Panel,
    lang: Lang,
) {
    let foot = top - 6.0;
    let both = |receipt: &Receipt| {
        let mut others = picture.receipts.iter();
        others.any(|other| other.day == receipt.day && other.ours != receipt.ours)
    };
    // Two on one day stand side by side.
    let center = |receipt: &Receipt| {
        let aside = match (both(receipt), receipt.ours) {
            (false, _) => 0.0,
            (true, true) => 7.0,
            (true, false) => -7.0,
        };
        dates.middle(receipt.day) + aside
    };
    // Spans that are taken, markers first.
    let mut taken: Vec<(f64, f64)> = picture
        .receipts
        .iter()
        .map(|receipt| (center(receipt) - 9.0, center(receipt) + 9.0))
        .collect();
    let mut order: Vec<&Receipt> = picture.receipts.iter().collect();
    order.sort_by_key(|receipt| !receipt.ours);
    for receipt in order {
        let x = center(receipt);
        let color = if receipt.ours { POLICY } else { STOCK };
        draw_receipt(canvas, (x, foot), color);
        canvas.line(&[(x, foot), (x, bottom)], color, 0.8);
        let label = format!("+{}", short(receipt.units, lang));
        let wide = width(&label, SMALL);
        let right = (x + 12.0, x + 12.0 + wide);
        let left = (x - 12.0 - wide, x - 12.0);
        let free = |span: &(f64, f64)| {
            span.1 < WIDTH - MARGIN && taken.iter().all(|t| t.1 < span.0 || span.1 < t.0)
        };
        if let Some(span) = [right, left].into_iter().find(free) {
            canvas.text((span.0, foot - 8.0), Side::Left, &label, SMALL, INK);
            taken.push(span);
        }
    }
}
