//! A pool's figures split over its channels.

use super::basis::four;
use super::pool_plan::PoolPlan;
use crate::domain::{Bridge, PoolOrder};
use crate::supply::share::whole_shares;

/// Whole shares of a total that may be negative (an oversold pool).
fn signed_shares(total: f64, weights: &[f64]) -> Vec<f64> {
    let shares = whole_shares(total.abs(), weights);
    if total < 0.0 {
        shares.into_iter().map(|s| -s).collect()
    } else {
        shares
    }
}

/// One channel's part of its pool.
pub(super) struct Member {
    /// Share of the pool's demand.
    pub(super) demand: f64,
    /// Standard deviation of its demand over the protection interval.
    pub(super) sd: f64,
    /// Share of the pool's safety stock: by standard deviation.
    pub(super) spread: f64,
    pub(super) on_hand: f64,
    pub(super) in_time: f64,
    pub(super) late: f64,
    pub(super) quantity: f64,
    /// What it would be ordered without a budget or a supplier's minimum, or be sent without scarcity.
    pub(super) asked: f64,
    pub(super) transfer_in: f64,
    pub(super) owed: f64,
}

/// Parts of a whole in proportion; equal ones where there is nothing.
fn normal(xs: &[f64]) -> Vec<f64> {
    let total: f64 = xs.iter().sum();
    let equal = 1.0 / xs.len() as f64;
    let part = |x: &f64| if total > 0.0 { x / total } else { equal };
    xs.iter().map(part).collect()
}

/// The members of `xs` in proportion, or `others` where there is nothing.
fn normal_or(xs: &[f64], others: &[f64]) -> Vec<f64> {
    if xs.iter().sum::<f64>() > 0.0 {
        normal(xs)
    } else {
        others.to_vec()
    }
}

/// Mean and standard deviation of each member's demand over the protection interval; `mean` is the pool's.
fn demand_by_member(plan: &PoolPlan<'_>, mean: f64) -> (Vec<f64>, Vec<f64>) {
    let pool = plan.pool;
    let horizon = plan.paths.supply.protected();
    let mut means: Vec<f64> = pool
        .members
        .iter()
        .map(|&i| plan.basis.forecast.series[i].mean(0, horizon))
        .collect();
    let sd = |series: &[usize]| plan.protection_of(series).variance().sqrt();
    let mut sds: Vec<f64> = pool.members.iter().map(|&i| sd(&[i])).collect();
    if !plan.down.is_empty() {
        // The branches ask for their demand less what they have: on the scale of the pool's own demand.
        let own: f64 = means.iter().sum();
        let drawn = plan.down.drawn();
        let rest = (mean - drawn).max(0.0);
        if own > 0.0 {
            means.iter_mut().for_each(|m| *m *= rest / own);
        }
        means.push(drawn.max(0.0));
        sds.push(sd(&plan.down.series()));
    }
    (means, sds)
}

/// Splits stock, receipts and order over the pool's channels, in whole units (whole lots for the order) that add up to the pool's: what is owed to a
/// channel's backorders first, the rest so that all channels stand at the same share of their order-up-to level. What the pool supplies to
/// other locations stands in line as one more channel, the last.
pub(super) fn members(plan: &PoolPlan<'_>, order: &PoolOrder) -> Vec<Member> {
    let pool = plan.pool;
    let &Bridge {
        on_hand,
        in_time,
        late,
        order_up_to: up_to,
        quantity,
        asked,
        transfer_in,
        mean,
        ..
    } = &order.bridge;
    let multiple = order.order_multiple;
    let supplied = plan.source().is_some();
    let mut owed = pool.open_backorders.clone();
    if !plan.down.is_empty() {
        owed.push(0.0);
    }
    if let [owed] = owed[..] {
        let only = Member {
            sd: plan.protection.variance().sqrt(),
            demand: 1.0,
            spread: 1.0,
            on_hand,
            in_time,
            late,
            quantity,
            asked,
            transfer_in,
            owed: four(owed),
        };
        return vec![only];
    }
    let (means, sds) = demand_by_member(plan, mean);
    let (demand, spread) = (normal(&means), normal(&sds));
    let levels: Vec<f64> = (0..means.len())
        .map(|m| (mean * demand[m] + (up_to - mean) * spread[m]).max(0.0))
        .collect();
    let weight = normal(&levels);
    let total_owed: f64 = owed.iter().sum();
    let in_time_shares = signed_shares(in_time, &weight);
    let late_shares = signed_shares(late, &weight);
    let wanted: Vec<f64> = (0..means.len())
        .map(|m| {
            (weight[m] * (on_hand + in_time - total_owed) - in_time_shares[m] + owed[m]).max(0.0)
        })
        .collect();
    let hand = signed_shares(on_hand, &normal_or(&wanted, &weight));
    let needs: Vec<f64> = (0..means.len())
        .map(|m| (levels[m] - (hand[m] + in_time_shares[m] - owed[m])).max(0.0))
        .collect();
    let lots = if multiple > 0.0 { multiple } else { 1.0 };
    let order_weight = normal_or(&needs, &weight);
    let orders = signed_shares(quantity / lots, &order_weight);
    let moved = signed_shares(transfer_in, &order_weight);
    // What is asked for beyond what is granted; transfers may break a case pack, orders may not.
    let more = if supplied {
        signed_shares(asked - transfer_in, &order_weight)
    } else {
        signed_shares((asked - quantity) / lots, &order_weight)
            .into_iter()
            .map(|units| units * lots)
            .collect()
    };
    (0..means.len())
        .map(|m| Member {
            sd: sds[m],
            demand: demand[m],
            spread: spread[m],
            on_hand: four(hand[m]),
            in_time: four(in_time_shares[m]),
            late: four(late_shares[m]),
            quantity: four(orders[m] * lots),
            asked: four(more[m] + if supplied { moved[m] } else { orders[m] * lots }),
            transfer_in: four(moved[m]),
            owed: four(owed[m]),
        })
        .collect()
}
