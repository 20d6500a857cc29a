//! From forecast and stock to one recommendation a series.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::basis::Basis;
use super::family::Family;
use super::grant::Grant;
use super::ration::{Offer, ration};
use crate::domain::{PoolOrder, Recommendation, Spending, Transfer};
use crate::supply::Pool;

/// What is decided for all pools.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// One per pool, in their order.
    pub orders: Vec<PoolOrder>,
    /// One per series, in the panel's order.
    pub rows: Vec<Recommendation>,
    /// What locations need for those that they supply, by (SKU, location).
    pub for_supplied: Vec<Recommendation>,
    /// Most urgent first, those that no known way allows last.
    pub transfers: Vec<Transfer>,
    pub spending: Spending,
}

/// Decides on all pools (sorted by SKU and location). `budget` limits the money for this plan's orders; suppliers' minimum
/// amounts always count.
pub fn decide(basis: &Basis<'_>, pools: &[Pool], budget: Option<f64>) -> Decision {
    let mut families: Vec<(usize, &[Pool])> = Vec::new();
    let mut first = 0;
    for pools in pools.chunk_by(|a, b| a.sku == b.sku) {
        families.push((first, pools));
        first += pools.len();
    }
    let plan = |&(first, pools): &(usize, &[Pool]), grants: &BTreeMap<usize, Grant>| {
        Family::plan(basis, pools, first, grants)
    };
    let none = BTreeMap::new();
    let mut planned: Vec<Family> = families.par_iter().map(|f| plan(f, &none)).collect();
    let offers: Vec<Offer> = planned
        .iter_mut()
        .flat_map(|f| std::mem::take(&mut f.offers))
        .collect();
    let rationed = ration(basis, offers, budget);
    if !rationed.grants.is_empty() {
        planned = families
            .par_iter()
            .zip(planned)
            .map(|(f, before)| {
                let mut changed = rationed.grants.range(f.0..f.0 + f.1.len());
                if changed.next().is_some() {
                    plan(f, &rationed.grants)
                } else {
                    before
                }
            })
            .collect();
    }
    let mut rows: Vec<(usize, Recommendation)> = Vec::new();
    let mut decision = Decision {
        spending: rationed.spending,
        ..Decision::default()
    };
    for family in planned {
        decision.orders.extend(family.orders);
        rows.extend(family.rows);
        decision.for_supplied.extend(family.for_supplied);
        decision.transfers.extend(family.transfers);
    }
    rows.sort_by_key(|(i, _)| *i);
    decision.rows = rows.into_iter().map(|(_, r)| r).collect();
    super::transfer::rank_rows(&mut decision.transfers);
    decision
}
