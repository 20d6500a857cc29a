//! Rolling origins: what the planner would have expected on past days, beside what then was seen.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::known::as_known;
use super::observable::Observable;
use super::sample::Sample;
use super::score::{Fell, QUANTILES, of_draws, pinball};
use crate::config::Config;
use crate::demand::ORDINARY;
use crate::demand::law::normal;
use crate::domain::{Checked, Day, LocationId, SkuId};
use crate::panel::Panel;
use crate::plan::{self, PlanError};
use crate::policy::look_through::{PoolDemand, demand_paths};
use crate::policy::{self, Basis};

/// Past intervals, a week apart, that the naive law's spread is taken from.
const NAIVE_WINDOWS: usize = 26;

/// What was expected of one place at one origin, from nothing but what was known then.
#[derive(Clone, Debug)]
pub struct Prediction {
    pub sku: SkuId,
    pub location: LocationId,
    /// Periods of the protection interval.
    pub horizon: usize,
    /// The planner's law of demand.
    pub demand: PoolDemand,
    /// Whether there was enough history to know the time of year.
    pub knows_season: bool,
    seed: u64,
    /// Calendar classes of the coming periods.
    class: Vec<u8>,
    /// The seasonal naive's units over the interval, and the standard deviation of its past errors.
    naive: (f64, f64),
}

/// Predictions of all places at the close of `origin`. Rows of `input` after it are not looked at.
///
/// # Errors
/// When the frames do not have the columns that [`crate::domain`] promises.
pub fn predict(
    input: &Checked,
    config: &Config,
    origin: Day,
) -> Result<Vec<Prediction>, PlanError> {
    let (known, records) = as_known(input, origin).map_err(crate::panel::PanelError::from)?;
    let ready = plan::prepare(records, &known, config, &mut Vec::new(), &mut |_| ())?;
    // Scored are periods of the past, so the law is theirs, too.
    let basis = Basis {
        forecast: &ready.forecast,
        ..ready.basis(&known, config)
    };
    let step = known.grain.days();
    let knows_season = ready.model.indices.iter().any(|i| !i.year.is_empty());
    Ok(ready
        .pools
        .par_iter()
        .filter(|pool| !pool.members.is_empty())
        .map(|pool| {
            let paths = policy::pool_paths(&basis, pool);
            let horizon = paths.supply.protected();
            let mut class = vec![ORDINARY; horizon];
            let key = ready.panel.series[pool.members[0]];
            ready
                .model
                .events
                .mark(&known, key, origin + step, step, &mut class);
            Prediction {
                sku: pool.sku,
                location: pool.location,
                horizon,
                demand: paths.demand,
                knows_season,
                seed: paths.seed,
                class,
                naive: naive(&seen(&ready.panel, &pool.members), step, horizon),
            }
        })
        .collect())
}

/// Units sold and backordered by series that share stock, period by period, the last at as-of.
fn seen(panel: &Panel, members: &[usize]) -> Vec<f64> {
    let longest = members.iter().map(|&i| panel.view(i).len()).max();
    let mut out = vec![0.0; longest.unwrap_or(0)];
    for &i in members {
        let view = panel.view(i);
        let shift = out.len() - view.len();
        for t in 0..view.len() {
            out[shift + t] += view.sold[t] + view.backordered[t];
        }
    }
    out
}

/// The seasonal naive: the last week again and again. Units over `horizon` periods, and the root mean squared error of the same over the past.
fn naive(seen: &[f64], step: i32, horizon: usize) -> (f64, f64) {
    let season = (7 / step).max(1) as usize;
    let over = |end: usize| -> f64 {
        let week = &seen[end.saturating_sub(season)..end];
        if week.is_empty() {
            return 0.0;
        }
        (0..horizon).map(|t| week[t % week.len()]).sum()
    };
    let (mut squares, mut windows) = (0.0, 0.0);
    let mut end = seen.len();
    while end >= horizon + season && windows < NAIVE_WINDOWS as f64 {
        let came: f64 = seen[end - horizon..end].iter().sum();
        squares += (came - over(end - horizon)).powi(2);
        windows += 1.0;
        end = end.saturating_sub(season);
    }
    let mean = over(seen.len());
    let sd = if windows > 0.0 {
        f64::sqrt(squares / windows)
    } else {
        mean.sqrt()
    };
    (mean, sd)
}

/// One place at one origin, scored.
#[derive(Clone, PartialEq, Debug)]
pub struct Interval {
    /// Index into the sample's places.
    pub place: usize,
    pub origin: Day,
    /// Days of the interval that were scored.
    pub days: u32,
    /// Of which with a stockout.
    pub stockout_days: u32,
    /// Units sold and backordered.
    pub seen: f64,
    /// Expected demand, whether or not stock could serve it.
    pub demand: f64,
    /// What was to be expected to be seen, given the stock that there was.
    pub expected: f64,
    /// Quantiles of it, at [`QUANTILES`].
    pub quantiles: [f64; 6],
    pub fell: Fell,
    /// Pinball losses at [`QUANTILES`], units.
    pub pinball: [f64; 6],
    /// What the seasonal naive expected to be seen, and its pinball losses.
    pub naive: f64,
    pub naive_pinball: [f64; 6],
}

/// The past against which predictions are held.
#[derive(Debug)]
pub(super) struct Outcome<'a> {
    pub panel: &'a Panel,
    pub sample: &'a Sample,
}

impl Outcome<'_> {
    /// Scores the predictions of one origin; at most `most` periods of each are looked at.
    pub(super) fn score(
        &self,
        origin: Day,
        predictions: &[Prediction],
        most: usize,
    ) -> Vec<Interval> {
        let panel = self.panel;
        let step = panel.grain.days();
        let ahead = ((panel.as_of - origin) / step) as usize;
        let place_of: BTreeMap<(SkuId, LocationId), usize> = self
            .sample
            .places
            .iter()
            .enumerate()
            .map(|(n, p)| ((p.sku, p.location), n))
            .collect();
        predictions
            .par_iter()
            .filter_map(|p| {
                let key = (p.sku, p.location);
                let (place, members) = (*place_of.get(&key)?, panel.pools.get(&key)?);
                let horizon = p.horizon.min(most).min(ahead);
                let came = Observable::new(
                    panel,
                    members,
                    ahead - horizon,
                    horizon,
                    &p.class,
                    p.demand.capture,
                    p.demand.whole_units,
                );
                (came.periods > 0).then(|| interval(p, place, origin, horizon, step, &came))
            })
            .collect()
    }
}

fn interval(
    p: &Prediction,
    place: usize,
    origin: Day,
    horizon: usize,
    step: i32,
    came: &Observable,
) -> Interval {
    let paths = demand_paths(&p.demand, horizon, p.seed);
    let n = paths.len().max(1) as f64;
    let demand = paths.iter().flatten().sum::<f64>() / n;
    let mut draws: Vec<f64> = paths.iter().map(|path| came.of(path)).collect();
    draws.sort_by(f64::total_cmp);
    let quantiles = QUANTILES.map(|level| of_draws(&draws, level));
    let most = came.most();
    // The naive speaks for its own interval; a shorter one is scored for its part, and skipped periods for none.
    let part = came.periods as f64 / p.horizon as f64;
    let (mean, sd) = (p.naive.0 * part, p.naive.1 * part);
    let naive = |level: f64| (mean + sd * normal::quantile(level)).clamp(0.0, most);
    let scored = |quantile: &dyn Fn(usize) -> f64| {
        std::array::from_fn(|k| pinball(QUANTILES[k], quantile(k), came.seen))
    };
    Interval {
        place,
        origin,
        days: came.periods as u32 * step as u32,
        stockout_days: came.stockouts as u32 * step as u32,
        seen: came.seen,
        demand,
        expected: draws.iter().sum::<f64>() / n,
        fell: Fell::among(&draws, came.seen),
        pinball: scored(&|k| quantiles[k]),
        quantiles,
        naive: mean.min(most),
        naive_pinball: scored(&|k| naive(QUANTILES[k])),
    }
}

/// Scores of a group of intervals.
#[derive(Clone, PartialEq, Debug)]
pub struct ForecastScore {
    /// `all`, `abc`, `velocity`, `stockouts` or `origin`.
    pub group: &'static str,
    pub class: String,
    pub intervals: u32,
    pub seen: f64,
    pub expected: f64,
    /// (expected − seen) ÷ seen; NaN where nothing was seen.
    pub bias: f64,
    /// Σ|expected − seen| ÷ Σ seen.
    pub wape: f64,
    pub naive_bias: f64,
    pub naive_wape: f64,
    /// Mean pinball loss an interval, units.
    pub pinball: [f64; 6],
    /// Of the seasonal naive.
    pub naive_pinball: [f64; 6],
    /// Share of outcomes within the lower p of their law, for each of [`QUANTILES`].
    pub coverage: [f64; 6],
    /// Share of outcomes within the middle 80 %.
    pub band80: f64,
}

impl ForecastScore {
    /// Pinball loss ÷ the seasonal naive's, at one of [`QUANTILES`].
    pub fn scaled(&self, k: usize) -> f64 {
        self.pinball[k] / self.naive_pinball[k]
    }

    /// The same over all quantiles.
    pub fn scaled_mean(&self) -> f64 {
        self.pinball.iter().sum::<f64>() / self.naive_pinball.iter().sum::<f64>()
    }

    fn of<'a>(
        group: &'static str,
        class: String,
        intervals: impl Iterator<Item = &'a Interval>,
    ) -> Self {
        let mut s = Self {
            group,
            class,
            intervals: 0,
            seen: 0.0,
            expected: 0.0,
            bias: 0.0,
            wape: 0.0,
            naive_bias: 0.0,
            naive_wape: 0.0,
            pinball: [0.0; 6],
            naive_pinball: [0.0; 6],
            coverage: [0.0; 6],
            band80: 0.0,
        };
        for i in intervals {
            s.intervals += 1;
            s.seen += i.seen;
            s.expected += i.expected;
            s.wape += (i.expected - i.seen).abs();
            s.naive_bias += i.naive - i.seen;
            s.naive_wape += (i.naive - i.seen).abs();
            for (k, p) in QUANTILES.iter().enumerate() {
                s.pinball[k] += i.pinball[k];
                s.naive_pinball[k] += i.naive_pinball[k];
                s.coverage[k] += i.fell.within(*p);
            }
            s.band80 += i.fell.within(0.9) - i.fell.within(0.1);
        }
        let n = f64::from(s.intervals);
        let share = |x: f64| if s.seen > 0.0 { x / s.seen } else { f64::NAN };
        s.bias = share(s.expected - s.seen);
        s.wape = share(s.wape);
        s.naive_bias = share(s.naive_bias);
        s.naive_wape = share(s.naive_wape);
        s.pinball = s.pinball.map(|x| x / n);
        s.naive_pinball = s.naive_pinball.map(|x| x / n);
        s.coverage = s.coverage.map(|x| x / n);
        s.band80 /= n;
        s
    }
}

/// Scores of all intervals together, by class and by origin.
pub(super) fn grouped(intervals: &[Interval], sample: &Sample) -> Vec<ForecastScore> {
    let mut groups: BTreeMap<(usize, usize, String), Vec<&Interval>> = BTreeMap::new();
    const GROUPS: [&str; 5] = ["all", "abc", "velocity", "stockouts", "origin"];
    // Classes in the order in which people think of them.
    const ORDER: [&str; 10] = [
        "A", "B", "C", "fast", "steady", "slow", "none", "few", "some", "many",
    ];
    for interval in intervals {
        let class = sample.places[interval.place].class;
        let names = [
            "all".to_owned(),
            class.abc.to_owned(),
            class.velocity.to_owned(),
            class.stockouts.to_owned(),
            interval.origin.to_string(),
        ];
        for (g, name) in names.into_iter().enumerate() {
            let rank = ORDER.iter().position(|o| *o == name).unwrap_or(0);
            groups.entry((g, rank, name)).or_default().push(interval);
        }
    }
    groups
        .into_iter()
        .map(|((g, _, class), members)| ForecastScore::of(GROUPS[g], class, members.into_iter()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_that_repeats_itself_is_no_surprise_to_the_naive() {
        let seen: Vec<f64> = (0..70).map(|t| f64::from(t % 7)).collect();
        let (mean, sd) = naive(&seen, 1, 14);
        assert_eq!((mean, sd), (42.0, 0.0));
        assert_eq!(naive(&[], 1, 14), (0.0, 0.0));
        let (mean, sd) = naive(&[2.0, 4.0], 7, 3);
        assert!(mean == 12.0 && sd > 0.0);
    }
}
