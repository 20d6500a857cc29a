//! Whether demand that met an empty shelf was bought as another variant of the style, or on another channel: tried on products that the
//! share was not learnt from, and 0 where that does not improve the prediction.
//!
//! Looked at are re-openings. A wave of demand empties a shelf and fills the sales of others at the same time; that goods come back on a
//! certain day is the supplier's doing. What others take of the lost demand ends on that day, at once; a wave ebbs. So the share is the
//! drop in the others' sales at the re-opening, each side with a slope of its own, as a multiple of the demand that was lost.

mod reopening;
mod share;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::domain::{ChannelId, Grain, SkuId, SubstitutionReport, SubstitutionTest};
use crate::policy::Basis;

use reopening::{Reopening, reopenings};

/// Styles, or SKUs, that are looked at, at most.
const MOST_PRODUCTS: usize = 1_500;

/// Measures both kinds of pairs: variants of a style on one channel, and channels of a SKU with stocks of their own.
pub fn substitution(basis: &Basis<'_>) -> SubstitutionReport {
    if basis.panel.grain != Grain::Day {
        return SubstitutionReport {
            variants: share::measure(Vec::new()),
            channels: share::measure(Vec::new()),
        };
    }
    // By product, so that what belongs together is judged together.
    let mut styles: BTreeMap<&str, BTreeMap<ChannelId, Vec<usize>>> = BTreeMap::new();
    let mut skus: BTreeMap<SkuId, Vec<usize>> = BTreeMap::new();
    for (i, key) in basis.panel.series.iter().enumerate() {
        let item = &basis.tables.items[key.sku];
        if let Some(style) = item.variant_of.as_deref() {
            let channels = styles.entry(style).or_default();
            channels.entry(key.channel).or_default().push(i);
        }
        skus.entry(key.sku).or_default().push(i);
    }
    let styles: Vec<Vec<Vec<usize>>> = styles
        .into_values()
        .map(|channels| channels.into_values().collect())
        .collect();
    let skus: Vec<Vec<Vec<usize>>> = skus.into_values().map(|series| vec![series]).collect();
    SubstitutionReport {
        variants: test(basis, &styles, true),
        channels: test(basis, &skus, false),
    }
}

/// `products`: series by what may stand in for what, by product.
fn test(basis: &Basis<'_>, products: &[Vec<Vec<usize>>], within: bool) -> SubstitutionTest {
    // Every so many of a large shop: they tell enough.
    let step = products.len().div_ceil(MOST_PRODUCTS).max(1);
    let found: Vec<Vec<Reopening>> = products
        .par_iter()
        .enumerate()
        .filter(|(p, _)| p.is_multiple_of(step))
        .map(|(p, groups)| {
            groups
                .iter()
                .filter(|series| series.len() > 1)
                .flat_map(|series| reopenings(basis, p, series, within))
                .collect()
        })
        .collect();
    share::measure(found.into_iter().flatten().collect())
}
