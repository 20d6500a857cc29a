//! The history of a plan, period by period, with figures that can be drawn: always finite.

pub(super) use crate::domain::band_variance as variance;
use crate::domain::{Availability, Day, HALF_BAND, Plan};

/// One day or week of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Period {
    pub day: Day,
    pub sold: f64,
    pub backordered: f64,
    pub lost: f64,
    /// Variance of `lost`, read from its 80 % band.
    pub lost_variance: f64,
    pub availability: Availability,
    /// Closing stock, where it is recorded.
    pub on_hand: Option<f64>,
}

impl Period {
    /// Sold, backordered and lost together.
    pub(super) fn demand(&self) -> f64 {
        self.sold + self.backordered + self.lost
    }
}

/// How many series have both a recommendation and a history.
pub(super) fn series_count(plan: &Plan) -> usize {
    plan.recommendations
        .len()
        .min(plan.history.offsets.len().saturating_sub(1))
        .min(plan.history.first.len())
}

/// The periods of series `i`, oldest first; none for a series without history.
pub(super) fn periods(plan: &Plan, i: usize) -> impl Iterator<Item = Period> + '_ {
    let history = &plan.history;
    let range = if i < series_count(plan) {
        history.range(i)
    } else {
        0..0
    };
    range.map(move |k| {
        let read = |column: &[f64]| column.get(k).copied().map_or(0.0, quantity);
        Period {
            day: history.day(i, k),
            sold: read(&history.sold),
            backordered: read(&history.backordered),
            lost: read(&history.lost),
            lost_variance: variance(read(&history.lost_p10), read(&history.lost_p90)),
            availability: history
                .availability
                .get(k)
                .copied()
                .unwrap_or(Availability::Unknown),
            on_hand: history.on_hand.get(k).copied().filter(|v| v.is_finite()),
        }
    })
}

/// A figure that can be drawn: what is not finite or negative counts as nothing.
pub(super) fn quantity(value: f64) -> f64 {
    if value.is_finite() {
        value.max(0.0)
    } else {
        0.0
    }
}

/// The 80 % band of a sum with this mean and variance: bands do not add up, the variances of independent parts do.
pub(super) fn band(mean: f64, variance: f64) -> (f64, f64) {
    let half = variance.max(0.0).sqrt() * HALF_BAND;
    ((mean - half).max(0.0), mean + half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_of_independent_parts_combine_by_variance() {
        // Four parts of 10 ± 2: the sum is 40 ± 4, not 40 ± 8.
        let each = variance(8.0, 12.0);
        let (low, high) = band(40.0, 4.0 * each);
        assert!((low - 36.0).abs() < 1e-9 && (high - 44.0).abs() < 1e-9);
    }

    #[test]
    fn a_band_is_never_below_zero_and_survives_nonsense() {
        assert_eq!(band(1.0, variance(0.0, 100.0)).0, 0.0);
        assert_eq!(variance(f64::NAN, f64::INFINITY), 0.0);
        assert_eq!(variance(5.0, 3.0), 0.0);
    }
}
