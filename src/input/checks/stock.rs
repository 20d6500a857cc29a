//! Doubtful rows of `stock`.

use super::drift::stock_leaves;
use super::jumps::stock_jumps;
use super::{Flow, quantity};
use crate::domain::{Availability, Day, Finding, Severity};
use crate::input::order::{runs, series_of};
use crate::input::sales::SalesRows;
use crate::input::stock::StockRows;

/// Checks the stock rows against the rest.
pub(in crate::input) fn stock_rows(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &StockRows,
    findings: &mut Vec<Finding>,
) {
    let series: Vec<u64> = stock.keys.iter().map(|&k| series_of(k)).collect();
    negative_stock(flow, stock, &series, findings);
    stock_jumps(flow, sales, stock, findings);
    stock_leaves(flow, sales, stock, findings);
    sales_on_closed_days(flow, sales, stock, &series, findings);
    no_stock_records(flow, sales, stock, findings);
}

/// Tells that nothing is known about stock.
pub(in crate::input) fn no_stock(sales: &SalesRows, findings: &mut Vec<Finding>) {
    if sales.len() == 0 {
        return;
    }
    findings.push(Finding::new(Severity::Notice, "no_stock_table"));
}

fn negative_stock(flow: &Flow<'_>, stock: &StockRows, series: &[u64], findings: &mut Vec<Finding>) {
    for (start, end) in runs(series) {
        let days = (start..end).filter(|&k| stock.on_hand[k] < 0.0);
        let (Some(first), Some(last)) = (days.clone().next(), days.clone().next_back()) else {
            continue;
        };
        let lowest = days
            .clone()
            .map(|k| stock.on_hand[k])
            .fold(f64::INFINITY, f64::min);
        let count = days.count() as u64;
        let sku = &flow.skus[stock.sku[first] as usize];
        let location = &flow.locations[stock.location[first] as usize];
        let mut finding = Finding::new(Severity::Notice, "negative_stock")
            .sku(sku)
            .location(location)
            .between(Day(stock.date[first]), Day(stock.date[last]))
            .count(count)
            .figure("sku", sku)
            .figure("location", location)
            .figure("count", count)
            .figure("lowest", quantity(lowest));
        if let Some(table) = flow.stock_table {
            finding = finding.place(table.place(stock.row[first] as usize, Some("on_hand")));
        }
        findings.push(finding);
    }
}

/// Sales on days that the shop itself calls closed or not listed.
fn sales_on_closed_days(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &StockRows,
    series: &[u64],
    findings: &mut Vec<Finding>,
) {
    let closed = |k: usize| {
        stock.state[k] == Availability::Closed as i8
            || stock.state[k] == Availability::NotListed as i8
    };
    let mut at_location: Vec<Vec<u32>> = vec![Vec::new(); flow.locations.len()];
    for (row, channel) in flow.channel_rows.iter().zip(0u32..) {
        at_location[row.location.at()].push(channel);
    }
    for (start, end) in runs(series) {
        if !(start..end).any(closed) {
            continue;
        }
        let sku_code = stock.sku[start];
        for &channel in &at_location[stock.location[start] as usize] {
            let mut at = sales.on(sku_code, channel, 0).start;
            let (mut days, mut units) = (0u64, 0.0);
            let mut first: Option<usize> = None;
            let mut last = 0;
            for k in (start..end).filter(|&k| closed(k)) {
                let own = |at: usize| {
                    at < sales.len() && sales.sku[at] == sku_code && sales.channel[at] == channel
                };
                while own(at) && sales.date[at] < stock.date[k] {
                    at += 1;
                }
                let mut sold = 0.0;
                let mut seen = None;
                while own(at) && sales.date[at] == stock.date[k] {
                    if sales.units[at] > 0.0 {
                        sold += sales.units[at];
                        seen.get_or_insert(at);
                    }
                    at += 1;
                }
                if let Some(seen) = seen {
                    first.get_or_insert(seen);
                    last = seen;
                    days += 1;
                    units += sold;
                }
            }
            let Some(first) = first else { continue };
            let sku = &flow.skus[sku_code as usize];
            let name = &flow.channels[channel as usize];
            findings.push(
                Finding::new(Severity::Warning, "sales_on_closed_day")
                    .place(
                        flow.sales_table
                            .place(sales.row[first] as usize, Some("units")),
                    )
                    .sku(sku)
                    .channel(name)
                    .between(Day(sales.date[first]), Day(sales.date[last]))
                    .count(days)
                    .figure("sku", sku)
                    .figure("channel", name)
                    .figure("count", days)
                    .figure("units", quantity(units))
                    .figure("date", Day(sales.date[first])),
            );
        }
    }
}

/// Series that sell and have no stock record at all.
fn no_stock_records(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &StockRows,
    findings: &mut Vec<Finding>,
) {
    let series: Vec<u64> = sales.keys.iter().map(|&k| series_of(k)).collect();
    let mut count = 0u64;
    let mut first = None;
    for (start, _) in runs(&series) {
        let location = flow.channel_rows[sales.channel[start] as usize].location;
        if !stock.knows(sales.sku[start], location.0) {
            count += 1;
            first.get_or_insert(start);
        }
    }
    if let Some(k) = first {
        let sku = &flow.skus[sales.sku[k] as usize];
        let channel = &flow.channels[sales.channel[k] as usize];
        findings.push(
            Finding::new(Severity::Notice, "no_stock_record")
                .sku(sku)
                .channel(channel)
                .count(count)
                .figure("count", count)
                .figure("sku", sku)
                .figure("channel", channel),
        );
    }
}
