//! Days of `sales` on which nothing is recorded: a missing export, or empty shelves.

use super::Flow;
use crate::domain::{Availability, Day, Finding, Grain, Severity};
use crate::input::order::{runs, series_of};
use crate::input::sales::SalesRows;
use crate::input::stock::StockRows;

/// Chance, over the whole history, of a gap of this length by bad luck alone, below which it is told.
const GAP_CHANCE: f64 = 0.01;
/// Distinct dates on one weekday from which a table is probably one of weeks: eight daily dates fall so by chance once
/// in 7⁷ times.
const WEEKLY_DATES: usize = 8;
/// Share of rows without units from which a table is one that lists days without a sale.
const LISTS_ZEROS: f64 = 0.1;

/// Periods inside the history in which no series has a row, where that is neither an accident nor explained by empty
/// shelves.
pub(super) fn days_without_rows(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: Option<&StockRows>,
    findings: &mut Vec<Finding>,
) {
    let (Some(&first), Some(&last)) = (sales.date.iter().min(), sales.date.iter().max()) else {
        return;
    };
    let step = flow.grain.days();
    if let Some(dates) = looks_weekly(flow, sales) {
        // Days between the weeks' dates are no gaps, so they are not told beside.
        findings.push(
            Finding::new(Severity::Warning, "looks_weekly")
                .between(Day(first), Day(last))
                .count(dates)
                .figure("count", dates)
                .figure("first", Day(first))
                .figure("last", Day(last)),
        );
        return;
    }
    let mut rows = vec![0u32; ((last - first) / step + 1) as usize];
    for &date in &sales.date {
        rows[((date - first) / step) as usize] += 1;
    }
    let mut present: Vec<u32> = rows.iter().copied().filter(|&n| n > 0).collect();
    present.sort_unstable();
    let typical = present[present.len() / 2];
    let few = present[present.len() / 20];
    // Tables that list days without a sale, or much the same number of rows each day, skip none on purpose.
    let complete =
        sales.units.contains(&0.0) || (typical >= 2 && u64::from(few) * 2 >= u64::from(typical));
    let zeros = sales.units.iter().filter(|&&u| u == 0.0).count() as f64;
    let open = match stock {
        // A table that lists days without a sale lists those of empty shelves too.
        Some(stock) if zeros < LISTS_ZEROS * sales.len() as f64 => {
            open_shares(flow, sales, stock, first, rows.len())
        }
        _ => vec![1.0; rows.len()],
    };
    let mean = sales.len() as f64 / present.len() as f64;
    let mut gaps: Vec<(i32, i32)> = Vec::new();
    let mut k = 0;
    while k < rows.len() {
        if rows[k] > 0 || open[k] <= 0.0 {
            k += 1;
            continue;
        }
        let length = (k..rows.len())
            .take_while(|&j| rows[j] == 0 && open[j] > 0.0)
            .count();
        let shelves: f64 = open[k..k + length].iter().sum();
        let by_chance = rows.len() as f64 * (-mean * shelves).exp();
        if by_chance < GAP_CHANCE || (complete && shelves >= 0.5 * length as f64) {
            gaps.push((k as i32, (k + length) as i32 - 1));
        }
        k += length;
    }
    let (Some(&(start, _)), Some(&(_, end))) = (gaps.first(), gaps.last()) else {
        return;
    };
    let day = |k: i32| Day(first + k * step);
    let periods: i32 = gaps.iter().map(|(a, b)| b - a + 1).sum();
    let ranges: Vec<String> = gaps
        .iter()
        .take(10)
        .map(|&(a, b)| {
            if a == b {
                day(a).to_string()
            } else {
                format!("{}/{}", day(a), day(b))
            }
        })
        .collect();
    let more = if gaps.len() > 10 { ", …" } else { "" };
    findings.push(
        Finding::new(Severity::Warning, "no_sales_rows_for_days")
            .between(day(start), day(end))
            .count(u64::try_from(periods).unwrap_or(0))
            .figure("count", periods)
            .figure("ranges", format!("{}{more}", ranges.join(", "))),
    );
}

/// Days before them by which it is judged whether days without any sale are usual.
const JUDGED_BY: i32 = 60;
/// … fewer do not do.
const JUDGED_AT_LEAST: i32 = 20;
/// Chance of days without any sale, below which they are told.
const SILENT_CHANCE: f64 = 0.05;

/// Tells when stock is recorded up to as-of and sales end a little before, in a shop that sells every day: stock of this morning, sales to yesterday; or long
/// before: an export of sales that was not made again.
pub(in crate::input) fn sales_before_stock(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &StockRows,
    as_of: Day,
    findings: &mut Vec<Finding>,
) {
    let (Some(&first), Some(&last)) = (sales.date.iter().min(), sales.date.iter().max()) else {
        return;
    };
    let days = as_of.0 - last;
    if flow.grain != Grain::Day || days < 1 || !stock.date.contains(&as_of.0) {
        return;
    }
    let judged = (last - first + 1).min(JUDGED_BY);
    let mut seen = vec![false; judged.max(0) as usize];
    for &date in &sales.date {
        if let Some(day) = seen.get_mut((last - date) as usize) {
            *day = true;
        }
    }
    let share = seen.iter().filter(|s| **s).count() as f64 / f64::from(judged + 1);
    let silent = |days: f64| (1.0 - share).powf(days) < SILENT_CHANCE;
    // The shelves are looked at only where it could matter.
    if judged < JUDGED_AT_LEAST || !silent(f64::from(days)) {
        return;
    }
    // Empty shelves sell nothing.
    let open = open_shares(flow, sales, stock, first, (as_of.0 - first + 1) as usize);
    let shelves: f64 = open.iter().rev().take(days as usize).sum();
    if !silent(shelves) {
        return;
    }
    findings.push(
        Finding::new(Severity::Warning, "stock_after_sales")
            .between(Day(last + 1), as_of)
            .count(days as u64)
            .figure("as_of", as_of)
            .figure("last", Day(last))
            .figure("days", days),
    );
}

/// Number of distinct dates of daily sales that all share one weekday, where they are [`WEEKLY_DATES`] or more.
fn looks_weekly(flow: &Flow<'_>, sales: &SalesRows) -> Option<u64> {
    let weekday = Day(*sales.date.first()?).weekday();
    if flow.grain != Grain::Day || sales.date.iter().any(|&d| Day(d).weekday() != weekday) {
        return None;
    }
    let mut dates = sales.date.clone();
    dates.sort_unstable();
    dates.dedup();
    (dates.len() >= WEEKLY_DATES).then_some(dates.len() as u64)
}

/// Share, 0..=1, of the SKUs and locations that sell whose shelf is not known to be empty, for `periods` periods from
/// `first` on. Between two records without stock a shelf is empty; where nothing is recorded it is not.
fn open_shares(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &StockRows,
    first: i32,
    periods: usize,
) -> Vec<f64> {
    let step = flow.grain.days();
    let place = |k: usize| flow.channel_rows[sales.channel[k] as usize].location;
    let sales_series: Vec<u64> = sales.keys.iter().map(|&k| series_of(k)).collect();
    let mut selling: Vec<(u32, u32)> = runs(&sales_series)
        .map(|(start, _)| (sales.sku[start], place(start).0))
        .collect();
    selling.sort_unstable();
    selling.dedup();
    if selling.is_empty() {
        return vec![1.0; periods];
    }
    let empty = |k: usize| match stock.state[k] {
        state if state == Availability::InStock as i8 || state == Availability::SoldOut as i8 => {
            false
        }
        state if state >= 0 => true,
        _ if !stock.fraction[k].is_nan() => stock.fraction[k] <= 0.0,
        _ => stock.on_hand[k] <= 0.0,
    };
    // Empty shelves by period, as what begins less what ends.
    let mut change = vec![0i64; periods + 1];
    let at = |date: i32| ((date - first).div_euclid(step)).clamp(0, periods as i32) as usize;
    let stock_series: Vec<u64> = stock.keys.iter().map(|&k| series_of(k)).collect();
    for (start, end) in runs(&stock_series) {
        if selling
            .binary_search(&(stock.sku[start], stock.location[start]))
            .is_err()
        {
            continue;
        }
        for k in (start..end).filter(|&k| empty(k)) {
            let until = match (k + 1 < end).then(|| empty(k + 1)) {
                Some(true) => stock.date[k + 1],
                Some(false) => stock.date[k] + step,
                None => i32::MAX - step,
            };
            let (from, to) = (at(stock.date[k]), at(until));
            // Records before the first sale end there, too.
            if stock.date[k] >= first || until > first {
                change[from] += 1;
                change[to] -= 1;
            }
        }
    }
    let mut closed = 0i64;
    change[..periods]
        .iter()
        .map(|c| {
            closed += c;
            1.0 - closed as f64 / selling.len() as f64
        })
        .collect()
}
