//! Doubtful rows of `sales`.

use super::Flow;
use super::gaps::days_without_rows;
use super::unusual::unusual_units;
use crate::domain::{Day, Finding, Severity};
use crate::input::order::runs;
use crate::input::sales::SalesRows;
use crate::input::stock::StockRows;

/// Share of exact duplicates above which they are probably a file exported twice.
const DUPLICATE_SHARE: f64 = 0.01;

/// Checks the sales rows.
pub(in crate::input) fn sales_rows(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: Option<&StockRows>,
    findings: &mut Vec<Finding>,
) {
    if sales.len() == 0 {
        findings.push(Finding::new(Severity::Warning, "no_sales_rows"));
    }
    fractional_units(flow, sales, findings);
    duplicate_rows(flow, sales, findings);
    unusual_units(flow, sales, findings);
    days_without_rows(flow, sales, stock, findings);
}

/// Tells what was given away.
pub(in crate::input) fn gifts(
    flow: &Flow<'_>,
    sales: &SalesRows,
    gifts: &[usize],
    findings: &mut Vec<Finding>,
) {
    let Some(&first) = gifts.iter().min_by_key(|&&k| sales.row[k]) else {
        return;
    };
    let units: f64 = gifts.iter().map(|&k| sales.units[k]).sum();
    let mut place = flow
        .sales_table
        .place(sales.row[first] as usize, Some("price"));
    place.value = Some("0".to_owned());
    findings.push(
        Finding::new(Severity::Warning, "gifts_at_price_zero")
            .place(place)
            .count(gifts.len() as u64)
            .figure("count", gifts.len())
            .figure("units", super::quantity(units)),
    );
}

/// Fractional units of a SKU whose other quantities are whole.
fn fractional_units(flow: &Flow<'_>, sales: &SalesRows, findings: &mut Vec<Finding>) {
    for (start, end) in runs_of(&sales.sku) {
        let (mut whole, mut fractional, mut first) = (0u64, 0u64, None);
        for k in start..end {
            if sales.units[k] == 0.0 {
                continue;
            }
            if sales.units[k].fract() == 0.0 {
                whole += 1;
            } else {
                fractional += 1;
                first.get_or_insert(k);
            }
        }
        let Some(k) = first else { continue };
        // A kilogram article has fractions everywhere; a slip is rare among whole quantities.
        if whole >= 3 * fractional {
            let sku = &flow.skus[sales.sku[k] as usize];
            let mut place = flow.sales_table.place(sales.row[k] as usize, Some("units"));
            place.value = Some(sales.units[k].to_string());
            let day = Day(sales.date[k]);
            findings.push(
                Finding::new(Severity::Warning, "fractional_units")
                    .place(place)
                    .sku(sku)
                    .between(day, day)
                    .count(fractional)
                    .figure("sku", sku)
                    .figure("count", fractional)
                    .figure("value", sales.units[k]),
            );
        }
    }
}

/// Runs of one code in a sorted column.
fn runs_of(codes: &[u32]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let first = *codes.get(start)?;
        let end = start + codes[start..].partition_point(|&c| c == first);
        let run = (start, end);
        start = end;
        Some(run)
    })
}

/// Rows that are equal in everything: kept, but told when they are many.
fn duplicate_rows(flow: &Flow<'_>, sales: &SalesRows, findings: &mut Vec<Finding>) {
    let (day_rows, table) = (&sales.row, flow.sales_table);
    let same = |a: usize, b: usize| {
        table.may_be_one(day_rows[a] as usize, day_rows[b] as usize)
            && sales.units[a] == sales.units[b]
            && sales.order_type[a] == sales.order_type[b]
            && (sales.price[a] == sales.price[b]
                || (sales.price[a].is_nan() && sales.price[b].is_nan()))
    };
    let mut count = 0u64;
    let mut first: Option<u32> = None;
    for (start, end) in runs(&sales.keys) {
        for k in start + 1..end {
            if same(k - 1, k) {
                count += 1;
                let row = sales.row[k].max(sales.row[k - 1]);
                first = Some(first.map_or(row, |f| f.min(row)));
            }
        }
    }
    if let Some(row) = first
        && count as f64 > DUPLICATE_SHARE * sales.len() as f64
    {
        let percent = (1000.0 * count as f64 / sales.len() as f64).round() / 10.0;
        findings.push(
            Finding::new(Severity::Warning, "duplicate_sales_rows")
                .place(flow.sales_table.place(row as usize, None))
                .count(count)
                .figure("count", count)
                .figure("percent", percent),
        );
    }
}
