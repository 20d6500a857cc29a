//! What the chart of one series shows, before it is drawn.

use crate::domain::{Availability, Day, ForecastWeek, Plan, Recommendation, shared_variance};

use super::past::{Period, band, periods, quantity, series_count, variance};

/// Days of history that are shown at most, and days that are always there.
const PAST_DAYS: i32 = 180;
const PAST_DAYS_AT_LEAST: i32 = 28;
/// Days ahead that are shown at most, and what is left free without a forecast.
const FUTURE_DAYS: i32 = 120;
const FUTURE_DAYS_EMPTY: i32 = 28;
/// Spans longer than this are drawn by week: a daily bar would be thinner than five pixels.
const DAILY_DAYS: i32 = 260;

/// How far above usual bars the axis goes before a bar is cut.
const SPIKE: f64 = 2.0;

/// Sales and lost demand of one day or week.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    pub day: Day,
    pub sold: f64,
    pub backordered: f64,
    pub lost: f64,
    pub lost_variance: f64,
}

impl Bar {
    /// Top of the bar with the upper end of its band.
    pub(super) fn highest(&self) -> f64 {
        self.sold + self.backordered + band(self.lost, self.lost_variance).1
    }
}

/// An expected figure with its 80 % band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Expected {
    /// First day of the figure's span.
    pub day: Day,
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

/// An expected receipt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Receipt {
    pub day: Day,
    pub units: f64,
    /// Whether it is this plan's order.
    pub ours: bool,
}

/// The chart's data.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SeriesPicture {
    pub from: Day,
    /// First day that is not known yet: as-of + 1, or the day after the last week.
    pub now: Day,
    /// The day after the last that is shown.
    pub to: Day,
    /// Days in one bar: 1 or 7.
    pub bar_days: i32,
    pub bars: Vec<Bar>,
    /// Variance of all that the bars show as lost.
    pub lost_variance: f64,
    /// Spans without any stock: first day, and the day after the last.
    pub no_stock: Vec<(Day, Day)>,
    /// Demand of one bar's span.
    pub demand: Vec<Expected>,
    /// Closing stock by the day after the period it closes; each run is unbroken.
    pub stock: Vec<Vec<(Day, f64)>>,
    /// Expected closing stock; `day` is the day that closes.
    pub expected_stock: Vec<Expected>,
    pub receipts: Vec<Receipt>,
    /// Channels that share the stock.
    pub channels: u32,
    pub safety_stock: f64,
    pub reorder_point: f64,
}

impl SeriesPicture {
    /// Where the axis of demand may end: above everything, except for bars that tower over all others, such as one bulk
    /// order. Those would press everything else flat, and are cut and labelled instead.
    pub(super) fn demand_top(&self) -> f64 {
        let fan = self.demand.iter().map(|expected| expected.high);
        let fan = fan.fold(0.0, f64::max);
        let mut bars: Vec<f64> = self
            .bars
            .iter()
            .map(Bar::highest)
            .filter(|top| *top > 0.0)
            .collect();
        bars.sort_by(f64::total_cmp);
        let highest = bars.last().copied().unwrap_or(0.0).max(fan);
        // One bar in twenty may be a spike.
        let usual = bars.get(bars.len().saturating_sub(1) * 19 / 20).copied();
        let limit = SPIKE * usual.unwrap_or(0.0).max(fan);
        if highest > 2.0 * limit {
            limit
        } else {
            highest
        }
    }

    /// Lowest and highest stock in the picture, the lines to compare with included.
    pub(super) fn stock_span(&self) -> (f64, f64) {
        let recorded = self.stock.iter().flatten().map(|(_, units)| *units);
        let expected = self.expected_stock.iter().flat_map(|e| [e.low, e.high]);
        recorded
            .chain(expected)
            .chain([0.0, self.safety_stock, self.reorder_point])
            .fold((0.0, 0.0), |(low, high), v| {
                (f64::min(low, v), f64::max(high, v))
            })
    }
}

/// The picture of series `i`.
pub(super) fn series_picture(plan: &Plan, i: usize) -> SeriesPicture {
    let row = &plan.recommendations[i];
    let step = plan.history.step.max(1);
    let all: Vec<Period> = periods(plan, i).collect();
    let now = all
        .last()
        .map_or(plan.as_of + 1, |last| (last.day + step).max(plan.as_of + 1));
    let weeks: Vec<&ForecastWeek> = plan
        .forecast
        .iter()
        .filter(|week| week.sku == row.sku && week.channel == row.channel)
        .collect();
    let horizon = horizon(plan, i, weeks.len());
    let first = all.first().map_or(now, |period| period.day);
    let shown = (now - first).clamp(PAST_DAYS_AT_LEAST, PAST_DAYS);
    let bar_days = if step >= 7 || shown + horizon > DAILY_DAYS {
        7
    } else {
        1
    };
    // Whole weeks ahead and back from now, so that no bar is cut short.
    let horizon = if bar_days == 7 && horizon >= 7 {
        horizon / 7 * 7
    } else {
        horizon
    };
    let from = now + -(shown / bar_days * bar_days);
    let past: Vec<Period> = all
        .into_iter()
        .filter(|period| period.day >= from)
        .collect();
    let demand = if bar_days == 7 && !weeks.is_empty() {
        from_forecast(&weeks, now, horizon)
    } else {
        from_projection(plan, i, now, horizon, bar_days)
    };
    let shared = shared_variance(plan, i);
    let lost: f64 = past.iter().map(|period| period.lost).sum();
    let chance: f64 = past.iter().map(|period| period.lost_variance).sum();
    SeriesPicture {
        lost_variance: chance + shared * lost * lost,
        from,
        now,
        to: now
            + if horizon > 0 {
                horizon
            } else {
                FUTURE_DAYS_EMPTY
            },
        bar_days,
        bars: bars(&past, now, bar_days, step, shared),
        no_stock: no_stock(&past, step),
        demand,
        stock: stock_runs(&past, step),
        // Without stock to start from, nothing is known of its future.
        expected_stock: if row.on_hand.is_none() {
            Vec::new()
        } else {
            expected_stock(plan, i, now, horizon)
        },
        receipts: receipts(plan, i, now, horizon),
        channels: row.pool_channels.max(1),
        // The stock that is drawn is the whole pool's, and so are its levels.
        safety_stock: quantity(of_pool(plan, row, |r| r.safety_stock)),
        reorder_point: quantity(of_pool(plan, row, |r| r.reorder_point)),
    }
}

/// A figure summed over the channels that share the row's stock, and what their location needs for those that it supplies.
fn of_pool(plan: &Plan, row: &Recommendation, figure: impl Fn(&Recommendation) -> f64) -> f64 {
    plan.recommendations
        .iter()
        .chain(&plan.for_supplied)
        .filter(|r| r.sku == row.sku && r.location == row.location)
        .map(figure)
        .sum()
}

/// Days ahead that can be drawn.
fn horizon(plan: &Plan, i: usize, weeks: usize) -> i32 {
    let days = plan
        .projections
        .get(i)
        .map_or(0, |p| p.demand_mean.len().max(p.stock_mean.len()));
    let days = if days == 0 { weeks * 7 } else { days };
    i32::try_from(days).unwrap_or(FUTURE_DAYS).min(FUTURE_DAYS)
}

/// `shared` is the relative variance that periods have in common: it counts where a bar sums several.
fn bars(past: &[Period], now: Day, bar_days: i32, step: i32, shared: f64) -> Vec<Bar> {
    let mut out: Vec<Bar> = Vec::new();
    for period in past {
        let age = (now + -1 - period.day).div_euclid(bar_days);
        let day = now + -(age + 1) * bar_days;
        if out.last().is_none_or(|bar| bar.day != day) {
            out.push(Bar {
                day,
                sold: 0.0,
                backordered: 0.0,
                lost: 0.0,
                lost_variance: 0.0,
            });
        }
        if let Some(bar) = out.last_mut() {
            bar.sold += period.sold;
            bar.backordered += period.backordered;
            bar.lost += period.lost;
            bar.lost_variance += period.lost_variance;
        }
    }
    if bar_days > step {
        for bar in &mut out {
            bar.lost_variance += shared * bar.lost * bar.lost;
        }
    }
    out
}

fn no_stock(past: &[Period], step: i32) -> Vec<(Day, Day)> {
    let mut out: Vec<(Day, Day)> = Vec::new();
    for period in past {
        if !matches!(
            period.availability,
            Availability::Closed | Availability::Backorder
        ) {
            continue;
        }
        match out.last_mut() {
            Some((_, end)) if *end == period.day => *end = period.day + step,
            _ => out.push((period.day, period.day + step)),
        }
    }
    out
}

fn stock_runs(past: &[Period], step: i32) -> Vec<Vec<(Day, f64)>> {
    past.split(|period| period.on_hand.is_none())
        .map(|run| {
            run.iter()
                .filter_map(|period| Some((period.day + step, period.on_hand?)))
                .collect::<Vec<_>>()
        })
        .filter(|run| !run.is_empty())
        .collect()
}

/// The forecast's own weeks, whose quantiles know how days of a week belong together.
fn from_forecast(weeks: &[&ForecastWeek], now: Day, horizon: i32) -> Vec<Expected> {
    weeks
        .iter()
        .zip(0..)
        .map(|(week, k)| expected(now + 7 * k, week.mean, week.p10, week.p90))
        .take_while(|week| week.day < now + horizon)
        .collect()
}

/// Days, or weeks of days whose deviations are taken as independent. A last week that is cut short is left out, or,
/// when it is the only one, scaled up.
fn from_projection(plan: &Plan, i: usize, now: Day, horizon: i32, bar_days: i32) -> Vec<Expected> {
    let Some(future) = plan.projections.get(i) else {
        return Vec::new();
    };
    let days: Vec<Expected> = future
        .demand_mean
        .iter()
        .take(horizon.max(0) as usize)
        .enumerate()
        .map(|(k, mean)| {
            let at = |column: &[f64]| column.get(k).copied().unwrap_or(*mean);
            expected(
                now + k as i32,
                *mean,
                at(&future.demand_p10),
                at(&future.demand_p90),
            )
        })
        .collect();
    if bar_days <= 1 {
        return days;
    }
    let whole = bar_days as usize;
    days.chunks(whole)
        .filter(|week| week.len() == whole || days.len() < whole)
        .map(|week| {
            let scale = whole as f64 / week.len() as f64;
            let mean = scale * week.iter().map(|day| day.mean).sum::<f64>();
            let spread: f64 = week.iter().map(|day| variance(day.low, day.high)).sum();
            let (low, high) = band(mean, scale * spread);
            Expected {
                day: week[0].day,
                mean,
                low,
                high,
            }
        })
        .collect()
}

fn expected(day: Day, mean: f64, p10: f64, p90: f64) -> Expected {
    let mean = quantity(mean);
    let low = if p10.is_finite() { quantity(p10) } else { mean };
    let high = if p90.is_finite() { quantity(p90) } else { mean };
    Expected {
        day,
        mean,
        low: low.min(high),
        high,
    }
}

/// Stops at the first day that is not known.
fn expected_stock(plan: &Plan, i: usize, now: Day, horizon: i32) -> Vec<Expected> {
    let Some(future) = plan.projections.get(i) else {
        return Vec::new();
    };
    future
        .stock_mean
        .iter()
        .take(horizon.max(0) as usize)
        .take_while(|mean| mean.is_finite())
        .enumerate()
        .map(|(k, mean)| {
            let at = |column: &[f64]| {
                let value = column.get(k).copied().unwrap_or(*mean);
                if value.is_finite() { value } else { *mean }
            };
            let (a, b) = (at(&future.stock_p10), at(&future.stock_p90));
            Expected {
                day: now + k as i32,
                mean: *mean,
                low: a.min(b),
                high: a.max(b),
            }
        })
        .collect()
}

/// Receipts in view, those of one day and kind together.
fn receipts(plan: &Plan, i: usize, now: Day, horizon: i32) -> Vec<Receipt> {
    let Some(future) = plan.projections.get(i) else {
        return Vec::new();
    };
    let mut out: Vec<Receipt> = Vec::new();
    for (day, units, ours) in &future.receipts {
        // Where a week is dated by its first day, what is dated with it happens at its close.
        let day = (*day + (now - (plan.as_of + 1))).max(now);
        let units = quantity(*units);
        if units <= 0.0 || day >= now + horizon {
            continue;
        }
        match out.iter_mut().find(|r| r.day == day && r.ours == *ours) {
            Some(receipt) => receipt.units += units,
            None => out.push(Receipt {
                day,
                units,
                ours: *ours,
            }),
        }
    }
    out.sort_by_key(|receipt| (receipt.day, receipt.ours));
    out
}

/// The series with the largest annual value, largest first.
pub(super) fn top_series(plan: &Plan, top: usize) -> Vec<usize> {
    let value = |i: &usize| quantity(plan.recommendations[*i].annual_value);
    let mut order: Vec<usize> = (0..series_count(plan)).collect();
    order.sort_by(|a, b| value(b).total_cmp(&value(a)).then(a.cmp(b)));
    order.truncate(top);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(day: i32, sold: f64) -> Bar {
        Bar {
            day: Day(day),
            sold,
            backordered: 0.0,
            lost: 0.0,
            lost_variance: 0.0,
        }
    }

    fn picture(bars: Vec<Bar>) -> SeriesPicture {
        SeriesPicture {
            from: Day(0),
            now: Day(100),
            to: Day(128),
            bar_days: 1,
            bars,
            lost_variance: 0.0,
            no_stock: Vec::new(),
            demand: Vec::new(),
            stock: Vec::new(),
            expected_stock: Vec::new(),
            receipts: Vec::new(),
            channels: 1,
            safety_stock: 0.0,
            reorder_point: 0.0,
        }
    }

    #[test]
    fn a_bulk_order_does_not_press_the_other_days_flat() {
        let mut bars: Vec<Bar> = (0..100)
            .map(|day| bar(day, f64::from(5 + day % 6)))
            .collect();
        assert_eq!(picture(bars.clone()).demand_top(), 10.0);
        bars[40].sold = 400.0;
        assert_eq!(picture(bars.clone()).demand_top(), 20.0);
        bars[40].sold = 30.0;
        assert_eq!(picture(bars).demand_top(), 30.0, "not far enough to be cut");
        assert_eq!(picture(Vec::new()).demand_top(), 0.0);
    }

    #[test]
    fn adjacent_days_without_stock_are_one_span() {
        let period = |day: i32, availability| Period {
            day: Day(day),
            sold: 0.0,
            backordered: 0.0,
            lost: 0.0,
            lost_variance: 0.0,
            availability,
            on_hand: (day != 3).then_some(1.0),
        };
        use Availability::{Backorder, Closed, InStock, SoldOut};
        let past: Vec<Period> = [InStock, SoldOut, Closed, Backorder, InStock, Closed]
            .into_iter()
            .zip(0..)
            .map(|(kind, day)| period(day, kind))
            .collect();
        assert_eq!(no_stock(&past, 1), [(Day(2), Day(4)), (Day(5), Day(6))]);
        let runs = stock_runs(&past, 1);
        let lengths: Vec<usize> = runs.iter().map(Vec::len).collect();
        assert_eq!(lengths, [3, 2], "an unknown day is a gap");
        assert_eq!(runs[0][0].0, Day(1), "stock closes at the end of its day");
    }

    #[test]
    fn weekly_bars_end_now() {
        let past: Vec<Period> = (0..20)
            .map(|day| Period {
                day: Day(day),
                sold: 1.0,
                backordered: 0.0,
                lost: 0.5,
                lost_variance: 0.04,
                availability: Availability::InStock,
                on_hand: None,
            })
            .collect();
        let weeks = bars(&past, Day(20), 7, 1, 0.01);
        let days: Vec<(i32, f64)> = weeks.iter().map(|week| (week.day.0, week.sold)).collect();
        assert_eq!(days, [(-1, 6.0), (6, 7.0), (13, 7.0)]);
        // Seven days of chance, and a tenth of 3.5 units in common.
        assert!((weeks[2].lost_variance - (0.28 + 0.1225)).abs() < 1e-12);
    }
}
