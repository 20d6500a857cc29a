//! The service to reach.

use super::basis::Basis;
use super::cost::{self, UnitCosts};
use crate::domain::{ServiceMeasure, SkuId};

/// The measure, and the share or critical ratio to reach: item, then channel, then file; the highest of the channels whose `series` the stock serves.
pub(super) fn service_target(
    basis: &Basis<'_>,
    sku: SkuId,
    series: &[usize],
    review_days: u32,
) -> (ServiceMeasure, f64) {
    let policy = &basis.config.policy;
    let item = &basis.tables.items[sku];
    let stated = item.service_level.or_else(|| {
        series
            .iter()
            .filter_map(|&i| basis.tables.channel_rows[basis.panel.series[i].channel].service_level)
            .max_by(f64::total_cmp)
    });
    let level = stated.unwrap_or(policy.service_level);
    if policy.service_measure != ServiceMeasure::Cost {
        return (policy.service_measure, level);
    }
    let ratio = match cost::of_item(policy, item) {
        Some(UnitCosts { lost, holding }) => {
            // Held on average for half the review period when used, for all of it when left over.
            let carried = holding * f64::from(review_days) / 2.0;
            ((lost - carried) / (lost + carried)).clamp(0.01, 0.999)
        }
        // Without costs the service level is the critical ratio itself; a finding says so.
        None => level,
    };
    (ServiceMeasure::Cost, ratio)
}
