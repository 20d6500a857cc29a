//! What this plan's transfers take from a pool and bring to another: a unit that moves is promised where it goes, and only there.

use std::collections::BTreeMap;

use super::state::Inbound;
use crate::domain::{Delivery, Location, Sku, Tables, Transfer};
use crate::supply::Pool;

/// The transfers that can be carried out, by SKU and location at either end.
#[derive(Debug, Default)]
pub(super) struct Moves<'a> {
    sent: BTreeMap<(&'a Sku, &'a Location), f64>,
    coming: BTreeMap<(&'a Sku, &'a Location), Vec<&'a Transfer>>,
}

impl<'a> Moves<'a> {
    pub(super) fn of_plan(transfers: &'a [Transfer]) -> Self {
        let mut moves = Self::default();
        for t in transfers.iter().filter(|t| t.possible) {
            *moves.sent.entry((&t.sku, &t.from)).or_default() += t.units;
            moves.coming.entry((&t.sku, &t.to)).or_default().push(t);
        }
        moves
    }

    /// Units taken from a pool, and what is sent to it.
    pub(super) fn of(&self, tables: &Tables, pool: &Pool) -> (f64, Vec<Inbound>) {
        let key = (&tables.skus[pool.sku], &tables.locations[pool.location]);
        let coming = self.coming.get(&key).into_iter().flatten();
        let coming = coming.map(|t| Inbound {
            delivery: Delivery::Transfer(t.from.clone()),
            units: t.units,
            likely: t.expected_arrival.max(tables.plan_day() + 1),
        });
        (
            self.sent.get(&key).copied().unwrap_or(0.0),
            coming.collect(),
        )
    }
}
