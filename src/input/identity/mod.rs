//! Which goods a code means: what channels call a SKU, sets and their parts, what replaces what. From here on the tables speak of SKUs alone.

mod alike;
mod codes;
mod known;
mod meaning;
mod rows;
mod sets;
mod shelves;
mod succession;

use super::folder::RawTables;
use super::problem::Problems;
use super::universe::Universe;
use crate::domain::{Finding, Item, ItemStatus, SkuId};

pub(super) use alike::{Alike, Doubt, Likeness, alike};
pub(super) use known::Identity;
pub(super) use succession::{Heir, succeed};

/// Brings the codes of channels together, and makes sets into their parts.
pub(super) fn apply(raw: &mut RawTables, problems: &mut Problems) {
    let mut findings: Vec<Finding> = Vec::new();
    if let Some(table) = raw.codes.take() {
        codes::apply(&table, raw, problems, &mut findings);
        raw.codes = Some(table);
    } else if raw.recognised {
        codes::bring_together(raw, &mut findings);
    }
    if let Some(table) = raw.sets.take() {
        raw.identity.sets = sets::apply(&table, raw, problems, &mut findings);
        raw.sets = Some(table);
    }
    raw.findings.append(&mut findings);
}

/// What successions say of items: one that is in force has a history, and the code that it replaced is not bought; a later one is planned like its
/// predecessor until it has sales of its own.
pub(super) fn inherit(heirs: &[Heir], skus: &Universe, items: &mut [Item]) {
    for heir in heirs {
        let (Some(new), Some(old)) = (skus.position(&heir.new), skus.position(&heir.old)) else {
            continue;
        };
        if heir.holds {
            items[old as usize].status = ItemStatus::Discontinued;
            let item = &mut items[new as usize];
            item.launch = None;
            if item.status == ItemStatus::New {
                item.status = ItemStatus::Active;
            }
        } else {
            // Until then the old code sells: the same demand is not planned twice.
            let item = &mut items[new as usize];
            item.similar_sku.get_or_insert(SkuId(old));
            item.launch = item.launch.or(heir.from);
        }
    }
}
