//! The past of a series in the figures of its row.

use super::basis::{Basis, YEAR_DAYS, four};
use crate::demand::hidden::BAND_WIDTH;
use crate::domain::{Availability, Band, Confidence, known_share};

/// How far true losses lie from what is estimated of days without a record, measured on shops whose truth is known (docs/methods.md): the upper
/// end is this times the estimate, and this times its root, and half a unit; where counts testify on more than half of the days, and where only sales do.
const ABOVE_COUNTED: (f64, f64) = (1.3, 1.5);
const ABOVE: (f64, f64) = (1.7, 2.0);
/// The lower end is this times what is as good as certain (stock with at most this probability).
const CERTAIN: (f64, f64) = (0.6, 0.05);

/// The past of a series in the figures that a row shows.
pub(super) struct Past {
    pub(super) observed_per_day: f64,
    pub(super) stockout_days: u32,
    pub(super) hidden: Band,
    pub(super) units: f64,
}

impl Past {
    /// Of what is no series.
    pub(super) fn none() -> Self {
        let unknown = f64::NAN;
        Self {
            observed_per_day: unknown,
            stockout_days: 0,
            hidden: Band {
                mean: unknown,
                p10: unknown,
                p90: unknown,
            },
            units: 0.0,
        }
    }

    pub(super) fn of(basis: &Basis<'_>, i: usize) -> Self {
        let step = basis.panel.grain.days();
        let view = basis.panel.view(i);
        let range = basis.panel.range(i);
        let last = |days: i32| view.len() - ((days / step).max(1) as usize).min(view.len());
        let month = last(28);
        let seen = |t: usize| view.sold[t] + view.backordered[t];
        let month_days = ((view.len() - month) as i32 * step).max(1);
        let year = last(YEAR_DAYS);
        let (mut mean, mut variance, mut stockouts) = (0.0, 0.0, 0);
        let mut unrecorded = Unrecorded::default();
        let fit = &basis.model.series[i];
        for t in year..view.len() {
            let at = range.start + t;
            let lost = basis.model.lost[at];
            if let Some(odds) = view.in_odds(t).filter(|_| !view.availability[t].is_known()) {
                unrecorded.add(odds, lost, fit.level);
                continue;
            }
            mean += lost;
            variance += basis.model.hidden_variance(at);
            stockouts += u32::from(view.availability[t].is_stockout());
        }
        let known = (year..view.len()).filter(|&t| view.availability[t].is_known());
        let counted = 2 * known.count() > view.len() - year;
        let [below, above] = unrecorded.ends(counted);
        // The level's own error is common to all days.
        let delta = basis.model.delta[basis.panel.series[i].channel.at()];
        let memory = (1.0 / (1.0 - delta)).min(fit.exposure.max(1.0));
        variance += mean * mean * (fit.dispersion / (fit.level * memory).max(1e-9)).min(1.0);
        let half = 0.5 * BAND_WIDTH * variance.sqrt();
        Self {
            observed_per_day: (month..view.len()).map(seen).sum::<f64>() / f64::from(month_days),
            stockout_days: stockouts * step as u32,
            hidden: Band {
                mean: four(mean + unrecorded.told),
                p10: four((mean - half).max(0.0) + below),
                p90: four(mean + half + above),
            },
            units: (year..view.len()).map(seen).sum(),
        }
    }
}

/// Units lost on days of which no record tells.
#[derive(Default)]
struct Unrecorded {
    /// Told: on days that were probably without stock.
    told: f64,
    /// As good as certain.
    certain: f64,
    /// By the odds of all days.
    expected: f64,
}

impl Unrecorded {
    /// A day with stock by these odds, the units told of it, and the level of its series.
    fn add(&mut self, odds: f64, lost: f64, level: f64) {
        self.told += lost;
        if odds <= CERTAIN.1 {
            self.certain += lost;
        }
        self.expected += if lost > 0.0 {
            lost
        } else {
            (1.0 - odds) * level
        };
    }

    /// The 80 % band of what was truly lost on these days.
    fn ends(&self, counted: bool) -> [f64; 2] {
        if self.expected <= 0.0 {
            return [0.0; 2];
        }
        let (times, root) = if counted { ABOVE_COUNTED } else { ABOVE };
        let above = times * self.expected + root * self.expected.sqrt() + 0.5;
        [CERTAIN.0 * self.certain, above]
    }
}

pub(super) fn confidence(basis: &Basis<'_>, i: usize, past: &Past) -> Confidence {
    let days = basis.forecast.series[i].exposure * f64::from(basis.forecast.step);
    let learnt = if days >= 180.0 && past.units >= 30.0 {
        Confidence::High
    } else if days >= 56.0 && past.units >= 8.0 {
        Confidence::Medium
    } else {
        Confidence::Low
    };
    let view = basis.panel.view(i);
    let year = (YEAR_DAYS / basis.panel.grain.days()) as usize;
    learnt.min(most_confidence(
        &view.availability[view.len().saturating_sub(year)..],
    ))
}

/// A series with stock known on less than this share of its days has at most medium confidence, …
const MEDIUM_BELOW: f64 = 0.5;
/// … and on less than this one low confidence.
const LOW_BELOW: f64 = 0.2;

/// The most confidence that the days of a series allow.
fn most_confidence(days: &[Availability]) -> Confidence {
    match known_share(days) {
        Some(share) if share < LOW_BELOW => Confidence::Low,
        Some(share) if share < MEDIUM_BELOW => Confidence::Medium,
        _ => Confidence::High,
    }
}

/// Variance of a period's recovered demand over the last year, for the textbook's σ.
pub(super) fn daily_variance(basis: &Basis<'_>, i: usize) -> f64 {
    let range = basis.panel.range(i);
    let step = basis.panel.grain.days();
    let from = range
        .end
        .saturating_sub((YEAR_DAYS / step) as usize)
        .max(range.start);
    let demand =
        |at: usize| basis.panel.sold[at] + basis.panel.backordered[at] + basis.model.lost[at];
    let n = (range.end - from) as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = (from..range.end).map(demand).sum::<f64>() / n;
    (from..range.end)
        .map(|at| (demand(at) - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_is_held_down_by_days_without_a_record() {
        let most = |known: usize| {
            let mut days = vec![Availability::Unknown; 100];
            days[..known].fill(Availability::InStock);
            most_confidence(&days)
        };
        assert_eq!(most(50), Confidence::High);
        assert_eq!(most(49), Confidence::Medium);
        assert_eq!(most(20), Confidence::Medium);
        assert_eq!(most(19), Confidence::Low);
        assert_eq!(most_confidence(&[]), Confidence::High);
    }
}
