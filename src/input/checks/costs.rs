//! Costs and prices that cannot both be of one unit.

use super::{Flow, quantity};
use crate::domain::{Finding, OrderType, Severity};
use crate::input::order::{runs, series_of};
use crate::input::sales::SalesRows;

/// Warns of items whose `unit_cost` is above their price: that of `items`, else the middle one of their regular sales.
pub(in crate::input) fn cost_above_price(
    flow: &Flow<'_>,
    sales: &SalesRows,
    findings: &mut Vec<Finding>,
) {
    let mut prices: Vec<Option<f64>> = flow.items.iter().map(|item| item.price).collect();
    let series: Vec<u64> = sales.keys.iter().map(|&k| series_of(k)).collect();
    for (start, end) in runs(&series) {
        let sku = sales.sku[start] as usize;
        // Only of items with a cost, and by their first channel.
        if prices[sku].is_some() || flow.items[sku].unit_cost.is_none() {
            continue;
        }
        let regular = OrderType::Regular as i8;
        let mut paid: Vec<f64> = (start..end)
            .filter(|&k| sales.order_type[k] == regular && sales.price[k] > 0.0)
            .map(|k| sales.price[k])
            .collect();
        if !paid.is_empty() {
            let middle = paid.len() / 2;
            let (_, middle, _) = paid.select_nth_unstable_by(middle, f64::total_cmp);
            prices[sku] = Some(*middle);
        }
    }
    let above: Vec<(usize, f64, f64)> = flow
        .items
        .iter()
        .zip(&prices)
        .enumerate()
        .filter_map(|(sku, (item, price))| {
            let (cost, price) = (item.unit_cost?, price.filter(|p| *p > 0.0)?);
            (cost > price).then_some((sku, cost, price))
        })
        .collect();
    let Some(&(sku, cost, price)) = above.first() else {
        return;
    };
    findings.push(
        Finding::new(Severity::Warning, "cost_above_price")
            .sku(&flow.skus[sku])
            .count(above.len() as u64)
            .figure("count", above.len())
            .figure("sku", &flow.skus[sku])
            .figure("cost", quantity(cost))
            .figure("price", quantity(price)),
    );
}
