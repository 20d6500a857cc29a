//! What is known of codes whose rows went to others.

use std::collections::BTreeMap;

use crate::domain::{
    ChannelId, Day, Elsewhere, LocationId, Replaced, SetOfParts, SkuId, SoldUnder,
};
use crate::input::universe::Universe;

/// What is known of codes whose rows went to others.
#[derive(Debug, Default)]
pub(in crate::input) struct Identity {
    pub sets: Vec<SetSold>,
    pub replaced: Vec<Inherited>,
}

/// Units sold under a code on a channel and day.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::input) struct SoldAs {
    pub channel: String,
    pub day: Day,
    pub units: f64,
}

/// A set, its parts, and what was sold of it.
#[derive(Clone, Debug)]
pub(in crate::input) struct SetSold {
    pub set: String,
    /// Part and its units in one set, by part.
    pub parts: Vec<(String, f64)>,
    /// Regular sales and backorders.
    pub sales: Vec<SoldAs>,
}

/// A code whose rows went to its successors.
#[derive(Clone, Debug)]
pub(in crate::input) struct Inherited {
    pub old: String,
    /// Successor and its share.
    pub by: Vec<(String, f64)>,
    pub sales: Vec<SoldAs>,
    /// Location → last count up to as-of.
    pub stock: BTreeMap<String, f64>,
}

impl Identity {
    /// The codes that they are about, and those that they are planned under.
    pub(in crate::input) fn names(&self) -> impl Iterator<Item = &str> {
        let sets = self.sets.iter().flat_map(|set| {
            let parts = set.parts.iter().map(|(part, _)| part.as_str());
            parts.chain(std::iter::once(set.set.as_str()))
        });
        let replaced = self.replaced.iter().flat_map(|code| {
            let by = code.by.iter().map(|(new, _)| new.as_str());
            by.chain(std::iter::once(code.old.as_str()))
        });
        sets.chain(replaced)
    }

    /// They in the names of all tables, as known at the close of `as_of`.
    pub(in crate::input) fn elsewhere(
        &self,
        skus: &Universe,
        channels: &Universe,
        locations: &Universe,
        as_of: Day,
    ) -> Elsewhere {
        let sku = |name: &str| skus.position(name).map(SkuId);
        let sold = |sales: &[SoldAs]| -> Vec<SoldUnder> {
            let known = sales.iter().filter(|s| s.day <= as_of);
            known
                .filter_map(|s| {
                    Some(SoldUnder {
                        channel: ChannelId(channels.position(&s.channel)?),
                        day: s.day,
                        units: s.units,
                    })
                })
                .collect()
        };
        let sets = self.sets.iter().filter_map(|set| {
            let mut parts: Vec<(SkuId, f64)> = set
                .parts
                .iter()
                .filter_map(|(part, units)| Some((sku(self.now(part))?, *units)))
                .collect();
            parts.sort_by_key(|(part, _)| *part);
            Some(SetOfParts {
                sku: sku(&set.set)?,
                parts,
                sales: sold(&set.sales),
            })
        });
        let replaced = self.replaced.iter().filter_map(|code| {
            let by = code.by.iter();
            let stock = code.stock.iter();
            Some(Replaced {
                sku: sku(&code.old)?,
                by: by
                    .filter_map(|(new, share)| Some((sku(new)?, *share)))
                    .collect(),
                sales: sold(&code.sales),
                stock: stock
                    .filter_map(|(place, units)| {
                        Some((LocationId(locations.position(place)?), *units))
                    })
                    .collect(),
            })
        });
        Elsewhere {
            sets: sets.collect(),
            replaced: replaced.collect(),
        }
    }

    /// What a part is now: its successor, where it was replaced.
    fn now<'n>(&'n self, part: &'n str) -> &'n str {
        let mut at = part;
        for _ in 0..=self.replaced.len() {
            let Some(code) = self.replaced.iter().find(|code| code.old == at) else {
                break;
            };
            let most = code
                .by
                .iter()
                .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
            at = most.map_or(at, |(new, _)| new);
        }
        at
    }
}
