//! One SKU at all its locations: supplied locations first, then those that supply them, then what moves between them.

use std::collections::BTreeMap;

use super::basis::Basis;
use super::echelon::{Branch, Downstream};
use super::grant::Grant;
use super::pool_plan::{Planned, PoolPlan};
use super::ration::Offer;
use super::transfer;
use crate::domain::{PoolOrder, Recommendation, Transfer};
use crate::supply::{Network, Pool};

/// What is decided for one SKU.
#[derive(Debug, Default)]
pub(super) struct Family {
    /// One per pool, in their order.
    pub(super) orders: Vec<PoolOrder>,
    /// By position in the panel.
    pub(super) rows: Vec<(usize, Recommendation)>,
    pub(super) for_supplied: Vec<Recommendation>,
    pub(super) transfers: Vec<Transfer>,
    /// What may be ordered from suppliers.
    pub(super) offers: Vec<Offer>,
}

impl Family {
    /// Plans the pools of one SKU, the first of which stands at `first` in the list of all; `grants` are by position in that list.
    pub(super) fn plan(
        basis: &Basis<'_>,
        pools: &[Pool],
        first: usize,
        grants: &BTreeMap<usize, Grant>,
    ) -> Self {
        let network = Network::new(basis.tables, pools);
        let mut plans: Vec<Option<Planned<'_>>> = pools.iter().map(|_| None).collect();
        // Units that go back, by (from, to).
        let mut back: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for &p in &network.upwards {
            let branches = network.supplied[p]
                .iter()
                .filter_map(|&child| Some(branch(basis, child, plans[child].as_ref()?)))
                .collect();
            let down = Downstream::new(branches);
            let plan = PoolPlan::new(basis, &pools[p], down, grants.get(&(first + p)));
            let mut order = plan.draft();
            if network.source[p].is_none() {
                let mut spare = 0.0;
                for (branch, units) in plan.down.branches.iter().zip(plan.spare(&order)) {
                    if units > 0.0 {
                        back.insert((branch.pool, p), units);
                        spare += units;
                    }
                }
                plan.order(&mut order, spare);
            } else {
                transfer::ask(&plan, &mut order);
            }
            plans[p] = Some((plan, order));
        }
        let mut plans: Vec<Planned<'_>> = plans.into_iter().flatten().collect();
        // Sources before those that they supply.
        let mut transfers = Vec::new();
        for &p in network.upwards.iter().rev() {
            if !network.supplied[p].is_empty() {
                transfer::send(&mut plans, &network, p, &mut transfers);
            }
        }
        for (&(from, to), &units) in &back {
            transfers.push(transfer::send_back(&plans, from, to, units));
        }
        for (plan, order) in &mut plans {
            plan.settle(order);
        }
        transfers.extend(transfer::not_linked(&plans, &network));
        let mut family = Self {
            transfers,
            ..Self::default()
        };
        for (p, (plan, order)) in plans.iter().enumerate() {
            let source = network.source[p].map(|s| &plans[s].1);
            let rows = plan.rows(order, source);
            family.orders.push(plan.told(order, source, &rows));
            for (series, row) in rows {
                match series {
                    Some(i) => family.rows.push((i, row)),
                    None => family.for_supplied.push(row),
                }
            }
            if network.source[p].is_none() {
                family.offers.extend(Offer::of(plan, order, first + p));
            }
        }
        family
    }
}

/// What a planned pool, with all that it supplies, means to its source.
fn branch(basis: &Basis<'_>, pool: usize, (plan, order): &Planned<'_>) -> Branch {
    let bridge = &order.bridge;
    let days = plan.lead_days.mean();
    let mut series: Vec<(usize, f64)> = plan.pool.members.iter().map(|&i| (i, days)).collect();
    let mut open_orders = plan.pool.open_orders.clone();
    // Taken as empty, a shelf that nobody has counted would be filled anew with every order of its source.
    let (mut net, mut unknown) = if plan.pool.on_hand.is_none() {
        let full = bridge.reorder_point - bridge.in_time;
        (full.max(-bridge.owed), vec![plan.pool.location])
    } else {
        (bridge.on_hand - bridge.owed, Vec::new())
    };
    for below in &plan.down.branches {
        series.extend(below.series.iter().map(|&(i, more)| (i, days + more)));
        open_orders.extend(below.open_orders.iter().cloned());
        net += below.net;
        unknown.extend(&below.unknown);
    }
    debug_assert!(series.iter().all(|s| s.0 < basis.panel.len()));
    Branch {
        pool,
        series,
        net,
        open_orders,
        safety: bridge.safety.max(0.0) + plan.down.safety,
        loose: (bridge.on_hand - bridge.owed).max(0.0),
        unknown,
    }
}
