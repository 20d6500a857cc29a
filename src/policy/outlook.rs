//! What comes after as-of, for the forecast table and the charts.

use rayon::prelude::*;

use super::basis::{Basis, four};
use super::flow::flows;
use super::look_through::project;
use super::paths::pool_paths;
use crate::domain::{ForecastWeek, PoolOrder, Projection, Recommendation, Transfer};
use crate::forecast::distribution::Demand;
use crate::supply::{Pool, source_of};

/// Weeks of `forecast.csv`: the protection interval and one more, within these.
const WEEKS: (usize, usize) = (4, 13);
/// Days of a projection, within these.
const DAYS: (i32, i32) = (28, 120);

/// Demand of the coming weeks of every series.
pub fn forecast_weeks(basis: &Basis<'_>, rows: &[Recommendation]) -> Vec<ForecastWeek> {
    let step = basis.forecast.step;
    let per_week = (7 / step).max(1) as usize;
    rows.par_iter()
        .enumerate()
        .map(|(i, r)| {
            let f = &basis.forecast.series[i];
            let weeks = ((r.protection_days / 7.0).ceil() as usize + 1).clamp(WEEKS.0, WEEKS.1);
            (0..weeks)
                .map(|w| {
                    let law = f.law(w * per_week, (w + 1) * per_week);
                    let q = |p| four(law.quantile(p));
                    ForecastWeek {
                        sku: r.sku.clone(),
                        channel: r.channel.clone(),
                        week: basis.tables.plan_day() + step + 7 * w as i32,
                        mean: four(law.mean()),
                        p10: q(0.1),
                        p50: q(0.5),
                        p80: q(0.8),
                        p90: q(0.9),
                        p95: q(0.95),
                        p99: q(0.99),
                    }
                })
                .collect::<Vec<_>>()
        })
        .flatten_iter()
        .collect()
}

/// Projections of the `top` series by annual value; the others' are empty. `orders` are those of `pools`.
pub fn projections(
    basis: &Basis<'_>,
    pools: &[Pool],
    rows: &[Recommendation],
    orders: &[PoolOrder],
    transfers: &[Transfer],
    top: usize,
) -> Vec<Projection> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|&a, &b| {
        rows[b]
            .annual_value
            .total_cmp(&rows[a].annual_value)
            .then(a.cmp(&b))
    });
    let mut wanted = vec![false; rows.len()];
    order.iter().take(top).for_each(|&i| wanted[i] = true);
    let mut pool_of = vec![0; rows.len()];
    for (p, pool) in pools.iter().enumerate() {
        pool.members.iter().for_each(|&i| pool_of[i] = p);
    }
    (0..rows.len())
        .into_par_iter()
        .map(|i| {
            if wanted[i] {
                projection(basis, pools, pool_of[i], orders, transfers, i, &rows[i])
            } else {
                Projection::default()
            }
        })
        .collect()
}

fn projection(
    basis: &Basis<'_>,
    pools: &[Pool],
    own: usize,
    orders: &[PoolOrder],
    transfers: &[Transfer],
    i: usize,
    row: &Recommendation,
) -> Projection {
    let step = basis.forecast.step;
    let as_of = basis.tables.plan_day();
    let (pool, order) = (&pools[own], &orders[own]);
    let days = (row.protection_days.ceil() as i32 + 7).clamp(DAYS.0, DAYS.1);
    let periods = (days / step).max(1) as usize;
    let f = &basis.forecast.series[i];
    let quantity = order.bridge.quantity + order.bridge.transfer_in;
    let mut p = Projection::default();
    // All pools of the SKU: they stand together.
    let first = pools[..own].partition_point(|q| q.sku < pool.sku);
    let count = pools[first..].partition_point(|q| q.sku == pool.sku);
    let family = first..first + count;
    let linked = pools[family.clone()]
        .iter()
        .any(|q| source_of(basis.tables, q.location).is_some());
    let stock = if linked {
        let flow = flows(
            basis,
            &pools[family.clone()],
            &orders[family],
            transfers,
            periods,
        )
        .swap_remove(own - first);
        let later = flow.transfers.into_iter().map(|(period, units)| {
            let day = as_of + period as i32 * step;
            (day, units.round(), false)
        });
        p.receipts
            .extend(later.filter(|r| r.0 - as_of <= days && r.1 >= 1.0));
        flow.stock
    } else {
        let paths = pool_paths(basis, pool);
        project(&paths.demand, &paths.supply, quantity, periods, paths.seed)
    };
    let each = f64::from(step);
    for (t, [mean, low, high]) in stock.into_iter().enumerate() {
        let expected = f.mean(t, t + 1);
        let law = Demand::moment_matched(expected, f.variance(expected), f.whole_units);
        for _ in 0..step {
            p.demand_mean.push(expected / each);
            p.demand_p10.push(law.quantile(0.1) / each);
            p.demand_p90.push(law.quantile(0.9) / each);
            p.stock_mean.push(mean);
            p.stock_p10.push(low);
            p.stock_p90.push(high);
        }
    }
    for order in &pool.open_orders {
        let day = as_of + order.arrival.mean().round() as i32;
        if day - as_of <= days {
            p.receipts.push((day, order.units, false));
        }
    }
    if let (true, Some(day)) = (quantity > 0.0, order.expected_arrival) {
        p.receipts.push((day, quantity, true));
    }
    p.receipts.sort_by(|a, b| a.0.cmp(&b.0).then(a.2.cmp(&b.2)));
    p
}
