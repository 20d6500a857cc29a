//! Whether `sales` holds the orders that `backorders` lists.

use super::{Flow, quantity};
use crate::domain::{BackorderKind, BackorderLine, Finding, Severity};
use crate::input::sales::SalesRows;
use crate::input::stock::StockRows;

/// Testable lines below which nothing is said.
const LINES: u64 = 3;

/// Warns when, for most backorder lines, the order's day has a sales row that could be the line itself and sales that
/// the opening stock could not have served: then accepted orders are probably counted twice.
pub(in crate::input) fn sales_hold_backorders(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &StockRows,
    findings: &mut Vec<Finding>,
) {
    let (mut tested, mut held) = (0u64, 0u64);
    let mut example: Option<&BackorderLine> = None;
    for line in flow.backorders {
        if line.kind != BackorderKind::Backorder || line.units <= 0.0 {
            continue;
        }
        let location = flow.channel_rows[line.channel.at()].location;
        let Some(before) = stock.before(line.sku.0, location.0, line.date.0) else {
            continue;
        };
        let opening = stock.on_hand[before];
        if opening.is_nan() || stock.date[before] + flow.grain.days() != line.date.0 {
            continue;
        }
        tested += 1;
        let day = sales.on(line.sku.0, line.channel.0, line.date.0);
        let units = &sales.units[day];
        if units.iter().any(|&u| u >= line.units) && units.iter().sum::<f64>() > opening.max(0.0) {
            held += 1;
            example.get_or_insert(line);
        }
    }
    if let Some(line) = example
        && tested >= LINES
        && held * 2 > tested
    {
        let sku = &flow.skus[line.sku.at()];
        findings.push(
            Finding::new(Severity::Warning, "sales_hold_backorders")
                .sku(sku)
                .channel(&flow.channels[line.channel.at()])
                .between(line.date, line.date)
                .count(held)
                .figure("held", held)
                .figure("tested", tested)
                .figure("order_id", &line.order_id)
                .figure("date", line.date),
        );
    }
}

/// Notes backorder units that `sales` should hold but does not; `missing` is by line.
pub(in crate::input) fn not_in_sales(
    flow: &Flow<'_>,
    missing: &[f64],
    findings: &mut Vec<Finding>,
) {
    let mut lines = flow
        .backorders
        .iter()
        .zip(missing)
        .filter(|(_, units)| **units > 0.0);
    let Some((first, _)) = lines.clone().next() else {
        return;
    };
    let count = lines.clone().count();
    let units: f64 = lines.by_ref().map(|(_, units)| units).sum();
    findings.push(
        Finding::new(Severity::Warning, "backorder_not_in_sales")
            .sku(&flow.skus[first.sku.at()])
            .channel(&flow.channels[first.channel.at()])
            .between(first.date, first.date)
            .count(count as u64)
            .figure("count", count)
            .figure("units", quantity(units))
            .figure("order_id", &first.order_id),
    );
}
