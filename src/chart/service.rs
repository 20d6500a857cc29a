//! Overview: how much of demand was served at once, and for how long stock lasts, by channel and month.

use std::collections::BTreeMap;

use chrono::Datelike;
use plotters::style::RGBColor;

use super::ChartError;
use super::axis_date::{DateScale, draw_date_grid};
use super::axis_value::{Figures, ValueScale, draw_value_grid};
use super::canvas::{Canvas, Side, drawn};
use super::heading::{draw_heading, draw_nothing};
use super::label_spread::spread;
use super::measure::{shortened, width};
use super::number::{percent, percent_tick, plain};
use super::past::{Period, periods, series_count};
use super::theme::{
    HEIGHT, INK, LABEL, MARGIN, MUTED, POLICY, SMALL, SOLD_SHADES, STOCK_SHADES, WIDTH,
};
use crate::domain::{Day, FIGURES_SHARE, Plan, ServiceMeasure};
use crate::text::{Lang, text};

/// Months that are shown at most.
const MONTHS: usize = 24;
/// Channels with a line of their own.
const LINES: usize = 6;

/// One channel, or several small ones together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ChannelMonths {
    /// `None`: the rest.
    pub channel: Option<String>,
    /// Sold / demand on days with known stock, one a month; `None` without demand, and where stock is known on less than half of the days.
    pub service: Vec<Option<f64>>,
    /// Days of that month's demand that its mean stock covers; `None` without either.
    pub stock_days: Vec<Option<f64>>,
}

/// What the chart shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ServiceMonths {
    /// First day of each month, oldest first; the last month ends on as-of.
    pub months: Vec<Day>,
    /// Largest demand first.
    pub channels: Vec<ChannelMonths>,
    /// The fill rate that all series are planned for, when it is one.
    pub target: Option<f64>,
}

/// What was served, of days with known stock.
#[derive(Clone, Copy, Debug, Default)]
struct Served {
    sold: f64,
    demand: f64,
    periods: f64,
    /// With those without.
    all_periods: f64,
}

impl Served {
    fn count(&mut self, period: &Period) {
        self.all_periods += 1.0;
        if period.availability.is_known() {
            self.sold += period.sold;
            self.demand += period.demand();
            self.periods += 1.0;
        }
    }

    fn add(&mut self, more: &Self) {
        self.sold += more.sold;
        self.demand += more.demand;
        self.periods += more.periods;
        self.all_periods += more.all_periods;
    }

    /// `None` where too little is known.
    fn share(&self) -> Option<f64> {
        let known = self.periods >= FIGURES_SHARE * self.all_periods;
        (known && self.demand > 1e-9).then(|| self.sold / self.demand)
    }
}

/// Sums of one channel in one month.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    demand: f64,
    served: Served,
    /// Mean stock that belongs to the channel, and the daily demand of the same series.
    stock: f64,
    demand_a_day: f64,
}

/// Sums of one series in one month.
#[derive(Clone, Copy, Debug, Default)]
struct SeriesMonth {
    demand: f64,
    served: Served,
    days: f64,
    on_hand: f64,
    recorded: f64,
}

/// Adds up by channel and month. Stock that channels share is divided by their demand in the month, so that no unit
/// counts twice; series without a stock record leave the days of stock alone.
pub(super) fn service_months(plan: &Plan) -> ServiceMonths {
    let per_series: Vec<BTreeMap<Day, SeriesMonth>> = (0..series_count(plan))
        .map(|i| series_months(plan, i))
        .collect();
    let mut pools: BTreeMap<(&str, &str, Day), f64> = BTreeMap::new();
    for (i, months) in per_series.iter().enumerate() {
        let row = &plan.recommendations[i];
        for (month, sums) in months {
            *pools
                .entry((row.sku.as_str(), row.location.as_str(), *month))
                .or_default() += sums.demand;
        }
    }
    let mut channels: BTreeMap<&str, BTreeMap<Day, Sums>> = BTreeMap::new();
    for (i, months) in per_series.iter().enumerate() {
        let row = &plan.recommendations[i];
        for (month, sums) in months {
            let pool = pools
                .get(&(row.sku.as_str(), row.location.as_str(), *month))
                .copied()
                .unwrap_or(0.0);
            let share = if pool > 0.0 {
                sums.demand / pool
            } else {
                1.0 / f64::from(row.pool_channels.max(1))
            };
            let into = channels
                .entry(row.channel.as_str())
                .or_default()
                .entry(*month)
                .or_default();
            into.served.add(&sums.served);
            into.demand += sums.demand;
            if sums.recorded > 0.0 && sums.days > 0.0 {
                into.stock += share * sums.on_hand / sums.recorded;
                into.demand_a_day += sums.demand / sums.days;
            }
        }
    }
    let months = shown_months(&channels);
    let mut ranked: Vec<(&str, BTreeMap<Day, Sums>)> = channels.into_iter().collect();
    let size = |sums: &BTreeMap<Day, Sums>| sums.values().map(|s| s.demand).sum::<f64>();
    ranked.sort_by(|a, b| size(&b.1).total_cmp(&size(&a.1)).then(a.0.cmp(b.0)));
    let mut lines: Vec<(Option<String>, BTreeMap<Day, Sums>)> = Vec::new();
    let own = if ranked.len() > LINES {
        LINES - 1
    } else {
        LINES
    };
    for (place, (channel, sums)) in ranked.into_iter().enumerate() {
        if place < own {
            lines.push((Some(channel.to_owned()), sums));
        } else if let Some((None, rest)) = lines.last_mut() {
            add_sums(rest, &sums);
        } else {
            lines.push((None, sums));
        }
    }
    ServiceMonths {
        channels: lines
            .into_iter()
            .map(|(channel, sums)| channel_months(channel, &sums, &months))
            .collect(),
        months,
        target: common_target(plan),
    }
}

fn series_months(plan: &Plan, i: usize) -> BTreeMap<Day, SeriesMonth> {
    let days = f64::from(plan.history.step.max(1));
    let mut out: BTreeMap<Day, SeriesMonth> = BTreeMap::new();
    for period in periods(plan, i) {
        let date = period.day.date();
        let Some(month) = Day::from_ymd(date.year(), date.month(), 1) else {
            continue;
        };
        let sums = out.entry(month).or_default();
        sums.served.count(&period);
        sums.demand += period.demand();
        sums.days += days;
        if let Some(on_hand) = period.on_hand {
            sums.on_hand += on_hand.max(0.0);
            sums.recorded += 1.0;
        }
    }
    out
}

fn add_sums(into: &mut BTreeMap<Day, Sums>, more: &BTreeMap<Day, Sums>) {
    for (month, sums) in more {
        let sum = into.entry(*month).or_default();
        sum.served.add(&sums.served);
        sum.demand += sums.demand;
        sum.stock += sums.stock;
        sum.demand_a_day += sums.demand_a_day;
    }
}

/// Every month from the first to the last with data, at most [`MONTHS`].
fn shown_months(channels: &BTreeMap<&str, BTreeMap<Day, Sums>>) -> Vec<Day> {
    let all = || channels.values().flat_map(|months| months.keys().copied());
    let (Some(first), Some(last)) = (all().min(), all().max()) else {
        return Vec::new();
    };
    let mut months = Vec::new();
    let mut month = last;
    while month >= first && months.len() < MONTHS {
        months.push(month);
        let before = (month + -1).date();
        match Day::from_ymd(before.year(), before.month(), 1) {
            Some(earlier) => month = earlier,
            None => break,
        }
    }
    months.reverse();
    months
}

fn channel_months(
    channel: Option<String>,
    sums: &BTreeMap<Day, Sums>,
    months: &[Day],
) -> ChannelMonths {
    let at = |month: &Day| sums.get(month).copied().unwrap_or_default();
    let ratio = |above: f64, below: f64| (below > 1e-9).then_some(above / below);
    ChannelMonths {
        channel,
        service: months.iter().map(|m| at(m).served.share()).collect(),
        stock_days: months
            .iter()
            .map(|m| ratio(at(m).stock, at(m).demand_a_day))
            .collect(),
    }
}

/// The service target, when every series has the same and it is a fill rate.
fn common_target(plan: &Plan) -> Option<f64> {
    let first = plan.recommendations.first()?;
    plan.recommendations
        .iter()
        .all(|row| {
            row.service_measure == ServiceMeasure::Fill
                && (row.service_target - first.service_target).abs() < 1e-9
        })
        .then_some(first.service_target)
        .filter(|target| (0.0..=1.0).contains(target))
}

/// Draws the chart.
///
/// # Errors
/// [`ChartError`] when the drawing fails.
pub(super) fn service_chart(plan: &Plan, lang: Lang) -> Result<String, ChartError> {
    let data = service_months(plan);
    let title = text(lang, "chart.service_title", &[]);
    drawn(&title, lang, |canvas| {
        let subtitle = text(
            lang,
            "chart.service_subtitle",
            &[("as_of", &plan.as_of.to_string())],
        );
        let below = draw_heading(canvas, &title, &subtitle, 2);
        if data.months.is_empty() {
            draw_nothing(canvas, &text(lang, "chart.no_history", &[]));
        } else {
            paint(canvas, &data, plan.as_of, below, lang);
        }
    })
}

fn paint(canvas: &Canvas<'_>, data: &ServiceMonths, as_of: Day, below: f64, lang: Lang) {
    let last = data.months.last().copied().unwrap_or(as_of);
    let dates = DateScale {
        from: data.months[0],
        // A month is drawn at its middle; the last one may be young.
        to: (as_of + 1).max(last + 28),
        left: MARGIN + 70.0,
        right: WIDTH - MARGIN - 250.0,
    };
    let foot = HEIGHT - 62.0;
    let middle = (below + foot) / 2.0;
    let upper = (below + 58.0, middle - 8.0);
    let lower = (middle + 58.0, foot);
    draw_date_grid(canvas, &dates, &[upper, lower], foot, lang);
    let heading = |y: f64, key: &str| {
        canvas.text(
            (MARGIN, y - 26.0),
            Side::Left,
            &text(lang, key, &[]),
            LABEL,
            INK,
        );
    };
    heading(upper.0, "chart.service_panel");
    heading(lower.0, "chart.stock_panel");

    let service = |line: &ChannelMonths| line.service.clone();
    let lowest = values(data, service)
        .chain(data.target)
        .fold(1.0_f64, f64::min);
    // Lines may start above zero: what matters is the distance from 100 %.
    let scale = ValueScale::covering((lowest - 0.02).max(0.0), 1.0, (upper.1, upper.0), 50.0);
    draw_value_grid(
        canvas,
        &scale,
        (dates.left, dates.right),
        Figures::Percent,
        lang,
    );
    let mut ends: Vec<End> = draw_lines(canvas, data, service, &dates, &scale, &SOLD_SHADES)
        .into_iter()
        .map(|(k, value)| {
            let label = named(data, k, &percent(value), lang);
            End::new(scale.at(value), label, SOLD_SHADES[k % LINES])
        })
        .collect();
    if let Some(target) = data.target {
        canvas.dashed(dates.left, dates.right, scale.at(target), POLICY);
        let name = text(lang, "chart.target", &[("share", &percent_tick(target))]);
        ends.push(End::new(scale.at(target), name, POLICY));
    }
    draw_ends(canvas, &ends, dates.right, upper);

    let stock = |line: &ChannelMonths| line.stock_days.clone();
    if values(data, stock).next().is_none() {
        let at = ((dates.left + dates.right) / 2.0, (lower.0 + lower.1) / 2.0);
        canvas.text(
            at,
            Side::Middle,
            &text(lang, "chart.no_stock_record", &[]),
            LABEL,
            MUTED,
        );
        return;
    }
    let highest = values(data, stock).fold(0.0, f64::max);
    let scale = ValueScale::covering(0.0, highest, (lower.1, lower.0), 50.0);
    draw_value_grid(
        canvas,
        &scale,
        (dates.left, dates.right),
        Figures::Plain,
        lang,
    );
    let ends: Vec<End> = draw_lines(canvas, data, stock, &dates, &scale, &STOCK_SHADES)
        .into_iter()
        .map(|(k, value)| {
            let days = text(lang, "chart.days", &[("days", &plain(value))]);
            End::new(
                scale.at(value),
                named(data, k, &days, lang),
                STOCK_SHADES[k % LINES],
            )
        })
        .collect();
    draw_ends(canvas, &ends, dates.right, lower);
}

fn values<'a>(
    data: &'a ServiceMonths,
    of: impl Fn(&ChannelMonths) -> Vec<Option<f64>> + 'a,
) -> impl Iterator<Item = f64> + 'a {
    data.channels.iter().flat_map(of).flatten()
}

/// A channel's name and last value, short enough for the right margin.
fn named(data: &ServiceMonths, k: usize, value: &str, lang: Lang) -> String {
    let name = data.channels[k].channel.clone();
    let name = name.unwrap_or_else(|| text(lang, "chart.other_channels", &[]));
    let room = 215.0 - width(value, SMALL);
    format!("{} {value}", shortened(&name, SMALL, room))
}

/// A label at the right end of a line.
struct End {
    y: f64,
    label: String,
    color: RGBColor,
}

impl End {
    fn new(y: f64, label: String, color: RGBColor) -> Self {
        Self { y, label, color }
    }
}

/// Draws each channel's line, broken where a month has no value; returns channel and last value.
fn draw_lines(
    canvas: &Canvas<'_>,
    data: &ServiceMonths,
    of: impl Fn(&ChannelMonths) -> Vec<Option<f64>>,
    dates: &DateScale,
    scale: &ValueScale,
    shades: &[RGBColor; LINES],
) -> Vec<(usize, f64)> {
    let mut ends = Vec::new();
    // The largest channel last, on top.
    for (k, line) in data.channels.iter().enumerate().rev() {
        let points: Vec<Option<(f64, f64)>> = of(line)
            .iter()
            .zip(&data.months)
            .map(|(value, month)| value.map(|v| (dates.middle(*month + 14), scale.at(v))))
            .collect();
        for run in points.split(Option::is_none) {
            let run: Vec<(f64, f64)> = run.iter().copied().flatten().collect();
            canvas.line(&run, shades[k % LINES], 2.6);
            for point in run {
                canvas.dot(point, 3.6, shades[k % LINES]);
            }
        }
        if let Some(value) = of(line).into_iter().flatten().next_back() {
            ends.push((k, value));
        }
    }
    ends.reverse();
    ends
}

fn draw_ends(canvas: &Canvas<'_>, ends: &[End], right: f64, (top, bottom): (f64, f64)) {
    let wanted: Vec<f64> = ends.iter().map(|end| end.y).collect();
    for (end, y) in ends
        .iter()
        .zip(spread(&wanted, 22.0, top - 4.0, bottom - 4.0))
    {
        canvas.line(&[(right + 4.0, end.y), (right + 22.0, y)], end.color, 1.2);
        canvas.text((right + 28.0, y), Side::Left, &end.label, SMALL, INK);
    }
}
