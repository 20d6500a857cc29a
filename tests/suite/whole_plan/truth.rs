//! Hidden demand on the example beside its truth, which `restock` never reads.

use std::collections::BTreeMap;
use std::fs::File;

use polars::prelude::*;
use restock::domain::Availability;

use super::{data, example, rows};

/// (sku, channel) → day → (demand, lost).
type Truth = BTreeMap<(String, String), BTreeMap<i32, (f64, f64)>>;

fn parquet(name: &str) -> DataFrame {
    ParquetReader::new(File::open(data().join(name)).unwrap())
        .finish()
        .unwrap()
}

fn texts(frame: &DataFrame, column: &str) -> Vec<String> {
    let column = frame.column(column).unwrap().str().unwrap();
    column.iter().map(|v| v.unwrap().to_owned()).collect()
}

fn numbers(frame: &DataFrame, column: &str) -> Vec<i32> {
    let column = frame.column(column).unwrap();
    let column = column.cast(&DataType::Int32).unwrap();
    let column = column.i32().unwrap();
    column.iter().map(|v| v.unwrap()).collect()
}

/// The last recorded stock by (sku, location), where it is of the last day.
pub fn last_counts() -> BTreeMap<(String, String), i64> {
    let frame = parquet("stock.parquet");
    let (sku, location) = (texts(&frame, "sku"), texts(&frame, "location"));
    let (date, on_hand) = (numbers(&frame, "date"), numbers(&frame, "on_hand"));
    let last = example().plan.as_of.0;
    (0..sku.len())
        .filter(|&k| date[k] == last)
        .map(|k| ((sku[k].clone(), location[k].clone()), i64::from(on_hand[k])))
        .collect()
}

fn truth() -> Truth {
    let frame = parquet("truth/demand.parquet");
    let (sku, channel) = (texts(&frame, "sku"), texts(&frame, "channel"));
    let date = numbers(&frame, "date");
    let (demand, lost) = (numbers(&frame, "demand"), numbers(&frame, "lost"));
    let mut truth = Truth::new();
    for k in 0..sku.len() {
        truth
            .entry((sku[k].clone(), channel[k].clone()))
            .or_default()
            .insert(date[k], (f64::from(demand[k]), f64::from(lost[k])));
    }
    truth
}

/// One stockout day of a series.
#[derive(Clone, Default)]
struct Empty {
    series: usize,
    day: i32,
    seen: f64,
    estimated: f64,
    /// What the in-stock days of the eight weeks around sold on average.
    neighbours: f64,
    demand: f64,
    lost: f64,
    band: (f64, f64),
}

fn stockout_days() -> Vec<Empty> {
    let truth = truth();
    let plan = &example().plan;
    let history = &plan.history;
    let mut days = Vec::new();
    for (i, r) in plan.recommendations.iter().enumerate() {
        let key = (r.sku.to_string(), r.channel.to_string());
        let Some(series) = truth.get(&key) else {
            continue;
        };
        let range = history.range(i);
        for k in range.clone() {
            if !history.availability[k].is_stockout() {
                continue;
            }
            let around = k.saturating_sub(28).max(range.start)..(k + 29).min(range.end);
            let stocked: Vec<f64> = around
                .filter(|&j| history.availability[j] == Availability::InStock)
                .map(|j| history.sold[j])
                .collect();
            let seen = history.sold[k] + history.backordered[k];
            let (demand, lost) = series
                .get(&history.day(i, k).0)
                .copied()
                .unwrap_or((0.0, 0.0));
            days.push(Empty {
                series: i,
                day: history.day(i, k).0,
                seen,
                estimated: seen + history.lost[k],
                neighbours: if stocked.is_empty() {
                    seen
                } else {
                    stocked.iter().sum::<f64>() / stocked.len() as f64
                },
                demand,
                lost,
                band: (history.lost_p10[k], history.lost_p90[k]),
            });
        }
    }
    days
}

#[test]
fn hidden_units_come_near_the_truth() {
    let truth = truth();
    let plan = &example().plan;
    let mut by_channel: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (i, r) in plan.recommendations.iter().enumerate() {
        let found = by_channel.entry(r.channel.as_str()).or_default();
        found.0 += plan.history.lost[plan.history.range(i)].iter().sum::<f64>();
        if let Some(series) = truth.get(&(r.sku.to_string(), r.channel.to_string())) {
            found.1 += series.values().map(|d| d.1).sum::<f64>();
        }
    }
    let found: f64 = by_channel.values().map(|c| c.0).sum();
    let lost: f64 = by_channel.values().map(|c| c.1).sum();
    let measured =
        format!("found {found:.0} of {lost:.0}; by channel (found, lost): {by_channel:.0?}");
    println!("{measured}");
    assert!(lost > 5000.0, "{measured}");
    assert!((0.8..=1.2).contains(&(found / lost)), "{measured}");
    for (found, lost) in by_channel.values() {
        assert!((0.65..=1.5).contains(&(found / lost)), "{measured}");
    }
}

/// WAPE and root of the mean square of three estimates of demand: the plan's, what was seen, and the mean of the in-stock days around.
fn errors(days: &[Empty]) -> ([f64; 3], [f64; 3]) {
    let demand: f64 = days.iter().map(|d| d.demand).sum();
    let estimates: [fn(&Empty) -> f64; 3] = [|d| d.estimated, |d| d.seen, |d| d.neighbours];
    let off = |estimate: fn(&Empty) -> f64| days.iter().map(move |d| estimate(d) - d.demand);
    (
        estimates.map(|e| off(e).map(f64::abs).sum::<f64>() / demand),
        estimates.map(|e| (off(e).map(|x| x * x).sum::<f64>() / days.len() as f64).sqrt()),
    )
}

/// Demand of a day is a small count, whose best guess by absolute error is its median: mostly nought, which is what a closed day
/// sells. So days are judged by their square error, which the mean makes least, and by absolute error when they are
/// added up to the weeks of a series, as a plan uses them, or when they sell by the dozen.
#[test]
fn estimates_of_stockout_days_beat_simpler_ones() {
    let days = stockout_days();
    assert!(days.len() > 2000);
    let (by_day, squares) = errors(&days);
    let (fast, _) = errors(
        &days
            .iter()
            .filter(|d| d.neighbours >= 4.0)
            .cloned()
            .collect::<Vec<_>>(),
    );
    let mut months: BTreeMap<(usize, i32), Empty> = BTreeMap::new();
    for d in &days {
        let sum = months.entry((d.series, d.day / 28)).or_default();
        sum.seen += d.seen;
        sum.estimated += d.estimated;
        sum.neighbours += d.neighbours;
        sum.demand += d.demand;
    }
    let (by_month, _) = errors(&months.into_values().collect::<Vec<_>>());
    let measured = format!(
        "{} stockout days; the plan's estimate, sales as demand, mean of in-stock days around:\n\
         WAPE by day {by_day:.3?}, by day where the mean is 4 or more {fast:.3?}, by series and four weeks {by_month:.3?}; \
         root mean square by day {squares:.3?}",
        days.len()
    );
    println!("{measured}");
    for [own, seen, neighbours] in [fast, by_month, squares] {
        assert!(own < seen && own < neighbours, "{measured}");
    }
    assert!(by_day[0] < by_day[2], "{measured}");
}

#[test]
fn bands_of_lost_units_hold_what_was_lost() {
    let days = stockout_days();
    let inside = days
        .iter()
        .filter(|d| (d.band.0 - 1e-6..=d.band.1 + 1e-6).contains(&d.lost))
        .count();
    let share = inside as f64 / days.len() as f64;
    println!("coverage of lost_p10..p90: {share:.3}");
    assert!((0.75..=0.97).contains(&share), "coverage {share:.3}");
}

#[test]
fn only_regular_sales_and_backorders_are_demand() {
    let history = &example().plan.history;
    let units = |rows: &[super::Row], keep: &dyn Fn(&super::Row) -> bool| -> f64 {
        rows.iter()
            .filter(|r| keep(r))
            .map(|r| r["units"].parse::<f64>().unwrap())
            .sum()
    };
    let sales = rows(&data().join("sales.csv"));
    let backorders = rows(&data().join("backorders.csv"));
    let regular = units(&sales, &|r| {
        matches!(r["order_type"].as_str(), "" | "regular")
    });
    assert!(regular < units(&sales, &|_| true));
    assert_eq!(history.sold.iter().sum::<f64>(), regular);
    let waiting = units(&backorders, &|r| r["kind"] != "preorder");
    assert!(waiting < units(&backorders, &|_| true));
    assert_eq!(history.backordered.iter().sum::<f64>(), waiting);
}
