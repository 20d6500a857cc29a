//! How wrong a sum of lost demand may be: one rule for the summary and for every chart.
//!
//! The periods of a series err apart from each other, and all together by the error of the series' level. Series of one
//! category and channel share their season and weekday profile, and with it most of their error: their standard deviations
//! add up. Such groups err apart from each other: their variances add up.

use std::collections::BTreeMap;

use super::{Availability, Band, Category, Channel, Plan};

/// Half the width of a normal law's 80 % band, in standard deviations.
pub const HALF_BAND: f64 = 1.281_551_565_544_600_4;
/// Days that a recommendation's hidden units look back.
const PAST_DAYS: i32 = 365;

/// Variance that an 80 % band stands for, as if normal: ((p90 − p10) / 2.563)². 0 for what is no band.
pub fn band_variance(p10: f64, p90: f64) -> f64 {
    let width = (p90 - p10.max(0.0)) / (2.0 * HALF_BAND);
    if p10.is_finite() && width.is_finite() {
        width.max(0.0).powi(2)
    } else {
        0.0
    }
}

/// Standard deviation of a series' hidden units of a year. Its band is symmetric but for its lower end, which stops at 0.
pub fn year_sd(hidden: Band) -> f64 {
    let sd = (hidden.p90 - hidden.mean) / HALF_BAND;
    if sd.is_finite() { sd.max(0.0) } else { 0.0 }
}

/// The errors of a plan's lost demand, series by series.
#[derive(Clone, Debug, PartialEq)]
pub struct LostErrors {
    /// Category and channel of each series, as a number.
    group: Vec<usize>,
    /// Relative variance that all periods of a series have in common.
    shared: Vec<f64>,
}

impl LostErrors {
    /// What the periods have in common is what a series' year of hidden units has as variance beyond that of its periods.
    pub fn of(plan: &Plan) -> Self {
        let rows = &plan.recommendations;
        let mut groups: BTreeMap<(Option<&Category>, &Channel), usize> = BTreeMap::new();
        for row in rows {
            let next = groups.len();
            groups
                .entry((row.category.as_ref(), &row.channel))
                .or_insert(next);
        }
        Self {
            shared: (0..rows.len()).map(|i| shared_variance(plan, i)).collect(),
            // What no record tells is wrong alike for all: the odds of one law, not chance.
            group: (rows.iter().enumerate())
                .map(|(i, row)| {
                    if is_unrecorded(plan, i) {
                        groups.len()
                    } else {
                        groups[&(row.category.as_ref(), &row.channel)]
                    }
                })
                .collect(),
        }
    }

    /// Standard deviation of `lost` units of series `i` over some of its periods, whose own variances sum to `chance`.
    pub fn sd(&self, i: usize, lost: f64, chance: f64) -> f64 {
        let shared = self.shared.get(i).copied().unwrap_or(0.0);
        (chance.max(0.0) + shared * lost * lost).sqrt()
    }
}

/// Whether no record tells of most of the last year of series `i`, and something may have been lost.
fn is_unrecorded(plan: &Plan, i: usize) -> bool {
    let h = &plan.history;
    if i + 1 >= h.offsets.len()
        || i >= h.first.len()
        || plan.recommendations[i].hidden_units.p90 <= 0.0
    {
        return false;
    }
    let recent = || (h.range(i)).filter(|&k| plan.as_of - h.day(i, k) < PAST_DAYS);
    let open = |a: Availability| matches!(a, Availability::Unknown | Availability::ProbablyOut);
    let unknown = recent().filter(|&k| open(h.availability[k])).count();
    2 * unknown > recent().count()
}

/// Relative variance that all periods of series `i` have in common.
pub fn shared_variance(plan: &Plan, i: usize) -> f64 {
    let (lost, chance) = lost_within(plan, i, PAST_DAYS);
    let whole = year_sd(plan.recommendations[i].hidden_units).powi(2);
    let shared = (whole - chance) / (lost * lost);
    if shared.is_finite() {
        shared.clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// Units lost by series `i` in the last `days`, and the sum of its periods' own variances.
pub fn lost_within(plan: &Plan, i: usize, days: i32) -> (f64, f64) {
    let h = &plan.history;
    let (mut lost, mut chance) = (0.0, 0.0);
    if i + 1 >= h.offsets.len() || i >= h.first.len() {
        return (lost, chance);
    }
    for k in h.range(i) {
        if plan.as_of - h.day(i, k) < days && h.lost[k] > 0.0 {
            lost += h.lost[k];
            chance += band_variance(h.lost_p10[k], h.lost_p90[k]);
        }
    }
    (lost, chance)
}

/// The error of a sum over series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LostSum {
    groups: BTreeMap<usize, f64>,
}

impl LostSum {
    /// Adds series `i`, each once, with its standard deviation (see [`LostErrors::sd`]) in whatever unit the sum has.
    pub fn add(&mut self, errors: &LostErrors, i: usize, sd: f64) {
        if let Some(&group) = errors.group.get(i)
            && sd.is_finite()
        {
            *self.groups.entry(group).or_insert(0.0) += sd;
        }
    }

    /// Variance of the sum.
    pub fn variance(&self) -> f64 {
        self.groups.values().map(|sd| sd * sd).sum()
    }

    /// Half the width of the sum's 80 % band.
    pub fn half_band(&self) -> f64 {
        HALF_BAND * self.variance().sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_of_a_group_err_together_and_groups_apart() {
        let errors = LostErrors {
            group: vec![0, 0, 1],
            shared: vec![0.04, 0.0, 0.0],
        };
        // 10 units that may all be a fifth too many, and 5 of chance: √(2² + √5²) = 3.
        assert!((errors.sd(0, 10.0, 5.0) - 3.0).abs() < 1e-12);
        let mut sum = LostSum::default();
        for (i, sd) in [(0, 3.0), (1, 1.0), (2, 3.0)] {
            sum.add(&errors, i, sd);
        }
        assert!((sum.variance() - 25.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_band_has_no_variance() {
        for (p10, p90) in [(f64::NAN, 1.0), (0.0, f64::INFINITY), (5.0, 3.0)] {
            assert_eq!(band_variance(p10, p90), 0.0);
        }
        assert!((band_variance(0.0, 2.0 * HALF_BAND) - 1.0).abs() < 1e-12);
    }
}
