//! What this plan's orders bring to each pool, and when: one that another location fills gets its part of what is ordered for that one.

use crate::domain::{Day, PoolOrder};
use crate::policy::basis::{Basis, four, pool_lead_time};
use crate::supply::share::{proportional, whole_shares};
use crate::supply::{Network, Pool};

/// This plan's order as a pool sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    /// Units for the pool's own channels, ≥ 0.
    pub own: f64,
    /// Units that purchasing orders for its location: with those for the locations that it fills; 0 where another location fills it.
    pub whole: f64,
    /// Units of the order in `purchase_orders.csv` that brings them, wherever it comes to.
    pub named: f64,
    /// When they are there, as `purchase_orders.csv` says it, and by when in nine cases of ten; after as-of.
    pub likely: Day,
    pub sure: Day,
    /// Mean days until then.
    pub days: f64,
}

/// Probability with which [`Placed::sure`] holds.
const SURE: f64 = 0.9;

impl Placed {
    /// One per pool, in their order; `orders` are those of `pools`.
    ///
    /// Of an order, what is for the locations that the pool fills is divided among them by what each asks for and its source cannot spare
    /// (`transfer_short`), and comes there a transfer after it has come to the source.
    pub(super) fn of_plan(basis: &Basis<'_>, pools: &[Pool], orders: &[PoolOrder]) -> Vec<Self> {
        let mut all = Vec::with_capacity(pools.len());
        for of_one in pools.chunk_by(|a, b| a.sku == b.sku) {
            let from = all.len();
            all.extend(of_sku(basis, of_one, &orders[from..from + of_one.len()]));
        }
        all
    }
}

fn of_sku(basis: &Basis<'_>, pools: &[Pool], orders: &[PoolOrder]) -> Vec<Placed> {
    let today = basis.tables.plan_day();
    let network = Network::new(basis.tables, pools);
    let mut placed: Vec<Placed> = pools
        .iter()
        .zip(orders)
        .map(|(pool, order)| {
            let lead = pool_lead_time(basis, pool);
            let mean = today + lead.mean().round() as i32;
            let likely = order.expected_arrival.unwrap_or(mean).max(today + 1);
            Placed {
                own: order.bridge.quantity,
                whole: order.bridge.quantity,
                named: order.bridge.quantity,
                likely,
                sure: likely.max(today + lead.quantile(SURE)),
                days: lead.mean(),
            }
        })
        .collect();
    // Sources before those that they fill.
    for &source in network.upwards.iter().rev() {
        let filled = &network.supplied[source];
        if filled.is_empty() {
            continue;
        }
        let from = placed[source];
        let asked: Vec<f64> = filled.iter().map(|&p| short(&orders[p])).collect();
        let for_them = if network.source[source].is_none() {
            orders[source].for_supplied
        } else {
            // What comes from above for it and for those below it goes by what each lacks.
            let below: f64 = asked.iter().sum();
            let all = short(&orders[source]).max(below);
            if all > 0.0 {
                from.own * below / all
            } else {
                0.0
            }
        };
        placed[source].own = four((from.own - for_them).max(0.0));
        for (&p, units) in filled.iter().zip(shares(for_them, &asked)) {
            let way = pool_lead_time(basis, &pools[p]);
            let likely = from.likely + way.mean().round() as i32;
            placed[p] = Placed {
                own: units,
                whole: orders[p].bridge.quantity,
                named: from.named,
                likely,
                sure: likely.max(from.sure + way.quantile(SURE)),
                days: from.days + way.mean(),
            };
        }
    }
    placed
}

/// Units that a filled location asks for and its source cannot spare now.
fn short(order: &PoolOrder) -> f64 {
    order.bridge.short.max(0.0)
}

/// Parts of `units`, none above what is asked for.
fn shares(units: f64, asked: &[f64]) -> Vec<f64> {
    let units = four(units.max(0.0));
    if units >= asked.iter().sum::<f64>() {
        return asked.to_vec();
    }
    if units.fract() == 0.0 && asked.iter().all(|a| a.fract() == 0.0) {
        whole_shares(units, asked)
    } else {
        proportional(units, asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_more_than_he_asks_for_and_together_no_more_than_is_ordered() {
        assert_eq!(shares(10.0, &[3.0, 4.0]), [3.0, 4.0]);
        assert_eq!(shares(5.0, &[6.0, 4.0]), [3.0, 2.0]);
        assert_eq!(shares(0.0, &[6.0, 4.0]), [0.0, 0.0]);
        assert_eq!(shares(1.5, &[1.0, 2.0]), [0.5, 1.0]);
        for units in 0..20 {
            let got = shares(f64::from(units), &[7.0, 1.0, 5.0]);
            assert_eq!(got.iter().sum::<f64>(), f64::from(units.min(13)));
            assert!(got.iter().zip([7.0, 1.0, 5.0]).all(|(g, a)| *g <= a));
        }
    }
}
