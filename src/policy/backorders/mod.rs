//! The backorder desk: who waits for which receipt, how many more may wait, and whether waiting can replace safety stock.

mod acceptance;
mod evidence;
mod lines;
mod moves;
mod placed;
mod preorders;
mod state;
mod what_if;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::basis::Basis;
use crate::domain::{
    BackorderDesk, BackorderKind, Finding, LocationId, OpenLine, PoolOrder, Recommendation, SkuId,
    Transfer,
};
use crate::supply::Pool;
use crate::supply::promise::Deliveries;
use crate::supply::waiting::Waiting;

use evidence::Evidence;
use moves::Moves;
use placed::Placed;
use state::PoolState;

pub use preorders::{SoldAhead, sold_ahead};

/// The rows of the backorder desk. `orders` are those of `pools`. `transfers` that can be carried out take from one pool's stock and are another's receipts. `ahead` are preorders among the sales ([`sold_ahead`]); contradictions between the shop's settings and
/// what can be promised are added to `findings`.
pub fn backorder_desk(
    basis: &Basis<'_>,
    pools: &[Pool],
    rows: &[Recommendation],
    orders: &[PoolOrder],
    transfers: &[Transfer],
    ahead: &SoldAhead,
    findings: &mut Vec<Finding>,
) -> BackorderDesk {
    let deliveries = Deliveries::learn(basis.tables);
    let waiting = Waiting::learn(basis.tables);
    let evidence = Evidence::learn(basis);
    let moves = Moves::of_plan(transfers);
    let mut owed: BTreeMap<(SkuId, LocationId), Vec<usize>> = BTreeMap::new();
    for (l, line) in basis.tables.backorders.iter().enumerate() {
        if line.open_units() > 0.0 {
            let location = basis.tables.channel_rows[line.channel].location;
            owed.entry((line.sku, location)).or_default().push(l);
        }
    }
    let placed = Placed::of_plan(basis, pools, orders);
    let states: Vec<PoolState<'_>> = pools
        .par_iter()
        .zip(placed)
        .map(|(pool, placed)| {
            let lines = owed.get(&(pool.sku, pool.location)).cloned();
            PoolState::new(
                basis,
                pool,
                rows,
                placed,
                lines.unwrap_or_default(),
                &deliveries,
                &moves,
            )
        })
        .collect();

    let lines: Vec<OpenLine> = states
        .par_iter()
        .map(|state| lines::open_lines(state, &waiting))
        .flatten_iter()
        .collect();
    let mut acceptance: Vec<_> = states
        .par_iter()
        .map(acceptance::rows)
        .flatten_iter()
        .collect();
    acceptance.sort_by_key(|(i, _, _)| *i);
    let acceptance = acceptance
        .into_iter()
        .map(|(_, row, finding)| {
            findings.extend(finding);
            row
        })
        .collect();
    let prepaid = |kind: BackorderKind| -> f64 {
        let all = basis.tables.backorders.iter().filter(|l| l.kind == kind);
        all.filter_map(|l| Some(l.open_units() * basis.tables.items[l.sku].price?))
            .sum()
    };
    BackorderDesk {
        preorders: preorders::rows(basis, rows, orders, &lines, ahead),
        lines,
        acceptance,
        what_if: what_if::rows(&states, &evidence, &waiting),
        capture_by_wait: evidence.by_wait,
        notify_within_hours: basis.config.backorders.notify_within_hours,
        prepaid_backorders: prepaid(BackorderKind::Backorder),
        prepaid_preorders: prepaid(BackorderKind::Preorder),
    }
}
