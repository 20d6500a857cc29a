//! What moves between locations before anything is bought.

use super::basis::four;
use super::lot::round_order;
use super::paths::pool_paths;
use super::pool_plan::{Planned, PoolPlan};
use super::stakes::Stakes;
use crate::domain::{Bridge, PoolOrder, Transfer, TransferCause};
use crate::forecast::distribution::Demand;
use crate::supply::Network;
use crate::supply::allocate::{Claim, allocate};

/// Sets what a supplied pool asks its source for: its need in whole case packs where the location sells them before its source could buy again,
/// else in single units.
pub(super) fn ask(plan: &PoolPlan<'_>, order: &mut PoolOrder) {
    let per_day = plan.per_day(order);
    let bridge = &mut order.bridge;
    // What is discontinued is not bought, but may well be moved to where it sells.
    let known = plan.pool.on_hand.is_some();
    if !known || !bridge.due || bridge.need <= 0.0 {
        return;
    }
    let packs = round_order(bridge.need, 0.0, order.order_multiple);
    let single = if plan.paths.demand.whole_units {
        1.0
    } else {
        0.0
    };
    let source_days = super::basis::lead_time(
        plan.basis.tables,
        plan.basis.config,
        plan.basis.lead_times,
        plan.pool.sku,
    )
    .mean();
    let most = bridge.order_up_to + per_day * source_days;
    bridge.asked = four(if bridge.position + packs <= most {
        packs
    } else {
        round_order(bridge.need, 0.0, single)
    });
}

/// Demand of a pool's own channels and branches over some days from now.
fn demand_over(plan: &PoolPlan<'_>, series: &[usize], days: f64) -> Demand {
    let step = f64::from(plan.basis.forecast.step);
    let periods = (days / step).round().max(1.0) as usize;
    let (mut mean, mut variance) = (0.0, 0.0);
    for &i in series {
        let forecast = &plan.basis.forecast.series[i];
        let m = forecast.mean(0, periods);
        mean += m;
        variance += forecast.variance(m);
    }
    Demand::moment_matched(mean, variance, plan.paths.demand.whole_units)
}

/// Best priority of a pool's channels; ∞ where none is stated.
fn rank(plan: &PoolPlan<'_>, series: &[usize]) -> f64 {
    let tables = plan.basis.tables;
    series
        .iter()
        .filter_map(|&i| tables.channel_rows[plan.basis.panel.series[i].channel].priority)
        .fold(f64::INFINITY, f64::min)
}

/// Shares the stock of source `p` between its own channels and the pools that it supplies, and adds the transfers.
pub(super) fn send(
    plans: &mut [Planned<'_>],
    network: &Network,
    p: usize,
    transfers: &mut Vec<Transfer>,
) {
    let (source, PoolOrder { bridge, .. }) = &plans[p];
    // The next units that the source itself will have.
    let more = source
        .pool
        .open_orders
        .iter()
        .map(|o| o.arrival.mean())
        .fold(f64::INFINITY, f64::min)
        .min(source.lead_days.mean().max(1.0));
    let asking: Vec<usize> = network.supplied[p]
        .iter()
        .copied()
        .filter(|&c| plans[c].1.bridge.asked > 0.0)
        .collect();
    if asking.is_empty() {
        return;
    }
    let mut stakes = Vec::new();
    let mut claims: Vec<Claim> = asking
        .iter()
        .map(|&c| {
            let (plan, order) = &plans[c];
            let bridge = &order.bridge;
            let mut series = plan.pool.members.clone();
            series.extend(plan.down.series());
            let multiple = order.order_multiple;
            let packs = multiple > 0.0 && (bridge.asked / multiple).fract() < 1e-9;
            let net = bridge.on_hand + bridge.in_time - bridge.owed;
            let days = more + plan.lead_days.mean();
            let at_stake = Stakes::of(plan, plan.paths.demand.capture, days);
            stakes.push(at_stake);
            Claim {
                owed: (-net).max(0.0),
                rank: rank(plan, &series),
                have: net.max(0.0),
                wanted: bridge.asked,
                lot: if packs {
                    multiple
                } else if plan.paths.demand.whole_units {
                    1.0
                } else {
                    bridge.asked / 20.0
                },
                demand: demand_over(plan, &series, days),
                value: at_stake.value(),
            }
        })
        .collect();
    let stock = bridge.on_hand;
    claims.push(Claim {
        owed: bridge.owed,
        rank: rank(source, &source.pool.members),
        have: 0.0,
        wanted: stock,
        lot: if source.paths.demand.whole_units {
            1.0
        } else {
            (stock / 200.0).max(1e-4)
        },
        demand: demand_over(source, &source.pool.members, more),
        // Its own channels; its paths hold those of all that it supplies.
        value: {
            let own = pool_paths(source.basis, source.pool).demand.capture;
            Stakes::of(source, own, more).value()
        },
    });
    let given = allocate(stock, &claims);
    for (k, &c) in asking.iter().enumerate() {
        let units = four(given[k]);
        let asked = &mut plans[c].1.bridge;
        asked.transfer_in = four(asked.transfer_in + units);
        if units > 0.0 {
            let short = four(asked.asked - units);
            let row = row(plans, (p, c), units, short, &claims[k], &stakes[k]);
            transfers.push(row);
        }
    }
}

/// What a location wants of one other alone, for the demand of `series` until an order of its own could come, and what is at stake.
fn unranked(plan: &PoolPlan<'_>, bridge: &Bridge, series: &[usize], units: f64) -> (Claim, Stakes) {
    let net = bridge.on_hand + bridge.in_time - bridge.owed;
    let stakes = Stakes::of(plan, plan.paths.demand.capture, plan.lead_days.mean());
    let claim = Claim {
        owed: (-net).max(0.0),
        rank: f64::INFINITY,
        have: net.max(0.0),
        wanted: units,
        lot: 1.0,
        demand: demand_over(plan, series, plan.lead_days.mean()),
        value: stakes.value(),
    };
    (claim, stakes)
}

/// Units that come back from a location with too many.
pub(super) fn send_back(plans: &[Planned<'_>], from: usize, to: usize, units: f64) -> Transfer {
    let (plan, PoolOrder { bridge, .. }) = &plans[to];
    let mut series = plan.pool.members.clone();
    series.extend(plan.down.series());
    let (claim, stakes) = unranked(plan, bridge, &series, units);
    let mut row = row(plans, (from, to), units, 0.0, &claim, &stakes);
    // What comes back is not sent out again with the same plan.
    row.cause = TransferCause::Excess;
    row
}

/// Pairs of locations without a way between them, of which one has too many and the other is about to run out.
pub(super) fn not_linked(plans: &[Planned<'_>], network: &Network) -> Vec<Transfer> {
    let root = |mut p: usize| {
        let mut steps = 0;
        while let Some(up) = network.source[p].filter(|_| steps <= plans.len()) {
            p = up;
            steps += 1;
        }
        p
    };
    let mut rows = Vec::new();
    let mut spare: Vec<f64> = plans
        .iter()
        .map(|(plan, PoolOrder { bridge, .. })| {
            if plan.pool.on_hand.is_none() || plan.pool.members.is_empty() {
                return 0.0;
            }
            // Beyond what this location's next two orders would have to cover.
            let days = plan.days().max(1.0);
            let review = bridge.mean / days * f64::from(plan.review_days);
            let units = bridge.on_hand - bridge.owed - bridge.reorder_point - review;
            if plan.paths.demand.whole_units {
                units.floor().max(0.0)
            } else {
                four(units.max(0.0))
            }
        })
        .collect();
    for (to, (plan, PoolOrder { bridge, .. })) in plans.iter().enumerate() {
        let soon = plan.first_stockout().is_some_and(|day| {
            f64::from(day - plan.basis.tables.plan_day()) <= plan.lead_days.mean()
        });
        let mut missing = (bridge.need - bridge.transfer_in).max(0.0);
        let unknown = plan.pool.on_hand.is_none();
        if unknown || !soon || missing <= 0.0 || bridge.position > bridge.reorder_point {
            continue;
        }
        for (from, spare) in spare.iter_mut().enumerate() {
            if *spare <= 0.0 || root(from) == root(to) || missing <= 0.0 {
                continue;
            }
            let whole = plan.paths.demand.whole_units;
            let units = spare.min(if whole { missing.ceil() } else { four(missing) });
            *spare -= units;
            missing -= units;
            let (claim, stakes) = unranked(plan, bridge, &plan.pool.members, units);
            let mut row = row(plans, (from, to), units, 0.0, &claim, &stakes);
            row.cause = TransferCause::NotLinked;
            row.possible = false;
            row.days = f64::NAN;
            rows.push(row);
        }
    }
    rows
}

fn row(
    plans: &[Planned<'_>],
    (from, to): (usize, usize),
    units: f64,
    short: f64,
    claim: &Claim,
    stakes: &Stakes,
) -> Transfer {
    let (source, from_order) = &plans[from];
    let (plan, order) = &plans[to];
    let (source_bridge, bridge) = (&from_order.bridge, &order.bridge);
    let tables = plan.basis.tables;
    let item = plan.item();
    let way = plan
        .basis
        .lead_times
        .transfer(tables, source.pool.location, plan.pool.location);
    // A shelf's own sales; what it sends on is not sold there.
    let rate = |plan: &PoolPlan<'_>| {
        let step = f64::from(plan.basis.forecast.step);
        let periods = (28.0 / step).round().max(1.0) as usize;
        let units: f64 = plan
            .pool
            .members
            .iter()
            .map(|&i| plan.basis.forecast.series[i].mean(0, periods))
            .sum();
        units / (periods as f64 * step)
    };
    let lasts = |stock: f64, rate: f64| {
        if rate > 0.0 {
            four((stock.max(0.0) / rate).min(9999.0))
        } else {
            f64::NAN
        }
    };
    let (sells, sells_to) = (rate(source), rate(plan));
    let here = source_bridge.on_hand - source_bridge.owed;
    let there = bridge.on_hand + bridge.in_time - bridge.owed;
    let owed = claim.owed.min(units);
    // Sold before more could be had.
    let sooner = claim.demand.loss(claim.have) - claim.demand.loss(claim.have + units - owed);
    let sooner = sooner.clamp(0.0, units - owed);
    let lost_units = stakes.lost_units(sooner);
    Transfer {
        sku: tables.skus[plan.pool.sku].clone(),
        name: item.name.clone(),
        from: tables.locations[source.pool.location].clone(),
        to: tables.locations[plan.pool.location].clone(),
        units,
        case_packs: if order.order_multiple > 0.0 {
            four(units / order.order_multiple)
        } else {
            f64::NAN
        },
        days: four(way.mean()),
        expected_arrival: tables.plan_day() + way.mean().round() as i32,
        priority: 0,
        from_on_hand: source_bridge.on_hand,
        to_on_hand: bridge.on_hand,
        from_days_before: lasts(here, sells),
        from_days_after: lasts(here - units, sells),
        to_days_before: lasts(there, sells_to),
        to_days_after: lasts(there + units, sells_to),
        owed_units: four(owed),
        short_units: short.max(0.0),
        units_saved: four(owed + sooner),
        margin_saved: four(lost_units * stakes.lost.unwrap_or(f64::NAN)),
        lost_units_saved: four(lost_units),
        waiting_cost_saved: four(stakes.waiting(sooner, owed)),
        possible: true,
        cause: if owed > 0.0 {
            TransferCause::Owed
        } else {
            TransferCause::BelowPoint
        },
        to_position: bridge.position,
        to_reorder_point: bridge.reorder_point,
        first_stockout_date: plan.first_stockout(),
    }
}

/// Orders the rows: what is possible first; then what customers wait for, the earlier stockout, the more units saved. Numbers them.
pub(super) fn rank_rows(rows: &mut [Transfer]) {
    rows.sort_by(|a, b| {
        let key = |t: &Transfer| {
            (
                !t.possible,
                t.owed_units <= 0.0,
                t.cause == TransferCause::Excess,
                t.first_stockout_date.is_none(),
                t.first_stockout_date,
            )
        };
        let money = |t: &Transfer| {
            let margin = if t.margin_saved.is_nan() {
                0.0
            } else {
                t.margin_saved
            };
            margin + t.waiting_cost_saved
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| money(b).total_cmp(&money(a)))
            .then_with(|| b.units_saved.total_cmp(&a.units_saved))
            .then_with(|| (&a.sku, &a.from, &a.to).cmp(&(&b.sku, &b.from, &b.to)))
    });
    for (priority, row) in (1..).zip(rows) {
        row.priority = priority;
    }
}
