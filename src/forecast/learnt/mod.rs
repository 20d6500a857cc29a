//! A mean learnt from all series: what usually followed when levels, season and last year stood as they stand now.
//!
//! Levels follow each series by itself. What many have in common — how far a season turns in the weeks to come, how much of a rise stays — is learnt
//! by boosted trees from the origins of the past, of all series at once, each rebuilt with what was known then. The forecast's mean is between the
//! two; how far, the last half year says, by classes of how much is sold, and where the learnt mean was no better it is left out.

mod boost;
mod features;
mod season_then;
mod weeks;
mod weigh;

use rayon::prelude::*;

use self::boost::{Booster, Settings};
use self::features::{FEATURES, Then};
use self::season_then::Places;
use self::weeks::Weeks;
use self::weigh::{Judged, Shares};
use crate::demand::{DemandModel, Shapes};
use crate::domain::Tables;
use crate::panel::Panel;

/// Trees small enough to be asked of a shop of some hundred series.
const SETTINGS: Settings = Settings {
    trees: 30,
    leaves: 8,
    rate: 0.25,
    ridge: 5.0,
    least_rows: 200,
    power: 1.3,
};
/// Weeks of history below which there is no last year to learn from twice.
const LEAST_WEEKS: usize = 104;
/// Weeks before the first origin: a year, so that a season is known, and some.
const BURN_IN: usize = 60;
/// Weeks ahead that are learnt, at most; further ahead the levels stand alone.
const MOST_AHEAD: usize = 13;
/// Series that are learnt from, about; whole SKUs are taken.
const LEARNT_FROM: usize = 3_000;
/// Rows that are learnt from, at most.
const ROWS: usize = 240_000;
/// Rows below which nothing is learnt.
const LEAST_ROWS: usize = 5_000;
/// Weeks at the end that judge what was learnt before them, at most: a year, and a third of what there is to learn from.
const JUDGED: usize = 52;
/// Half-life of a row's weight, weeks.
const HALF_LIFE: f64 = 52.0;

/// What was learnt of one series: for each week ahead, the mean, units.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearntMean {
    /// Weight beside the levels' mean, 0..=1.
    pub share: f64,
    /// Units of each of the coming weeks; empty where nothing was learnt.
    pub weeks: Vec<f64>,
}

/// Rows to learn from, a column a feature.
#[derive(Default)]
struct Rows {
    columns: Vec<Vec<f32>>,
    /// What the levels expect, in units of the series' scale.
    start: Vec<f32>,
    target: Vec<f32>,
    weight: Vec<f32>,
    /// Week of the target.
    week: Vec<u32>,
}

impl Rows {
    fn up_to(&self, last: usize) -> Self {
        let kept: Vec<usize> = (0..self.target.len())
            .filter(|&r| self.week[r] as usize <= last)
            .collect();
        let pick = |from: &[f32]| kept.iter().map(|&r| from[r]).collect();
        Self {
            columns: self.columns.iter().map(|c| pick(c)).collect(),
            start: pick(&self.start),
            target: pick(&self.target),
            weight: pick(&self.weight),
            week: kept.iter().map(|&r| self.week[r]).collect(),
        }
    }

    fn fit(&self) -> Booster {
        Booster::fit(
            &self.columns,
            &self.start,
            &self.target,
            &self.weight,
            SETTINGS,
        )
    }
}

/// Learns the means of the coming weeks of all series; `ahead` are the periods of each one's protection interval. Empty where the shop's past does not carry it.
pub fn learn(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    ahead: &[usize],
) -> Vec<LearntMean> {
    let none = vec![LearntMean::default(); panel.len()];
    let step = panel.grain.days() as usize;
    let in_weeks = |periods: usize| (periods * step).div_ceil(7).clamp(1, MOST_AHEAD);
    let all = Places::new(panel, tables);
    let sample = all.sample(LEARNT_FROM);
    let weeks = Weeks::of(panel, tables, model, &sample.series);
    let n = weeks.count;
    if n < LEAST_WEEKS {
        return none;
    }
    let horizon = sample
        .series
        .iter()
        .map(|&i| in_weeks(ahead[i]))
        .max()
        .unwrap_or(1);
    let origins: Vec<usize> = (BURN_IN..n - 1).collect();
    let judged_weeks = JUDGED.min((n - BURN_IN) / 3);
    let seen = weeks.seen.iter().filter(|s| **s).count();
    let stride = (seen * horizon).div_ceil(ROWS).max(1);
    let parts: Vec<(Rows, Vec<Judgement>)> = origins
        .par_iter()
        .map(|&o| {
            let origin = Origin {
                week: o,
                judged: o + judged_weeks >= n,
            };
            rows_of(&weeks, &sample, &model.shapes, origin, horizon, stride)
        })
        .collect();
    let mut rows = Rows {
        columns: vec![Vec::new(); FEATURES],
        ..Rows::default()
    };
    let mut judged = Vec::new();
    for (part, own) in parts {
        rows.columns
            .iter_mut()
            .zip(part.columns)
            .for_each(|(all, own)| all.extend(own));
        rows.start.extend(part.start);
        rows.target.extend(part.target);
        rows.weight.extend(part.weight);
        rows.week.extend(part.week);
        judged.extend(own);
    }
    let before = rows.up_to(n - 1 - judged_weeks);
    if before.target.len() < LEAST_ROWS {
        return none;
    }
    let judge = before.fit();
    let judged: Vec<Judged> = judged.iter().map(|j| j.by(&judge)).collect();
    let shares = Shares::of(&judged);
    if shares.are_none() {
        return none;
    }
    let booster = rows.fit();
    let weeks = Weeks::of(panel, tables, model, &all.series);
    let then = Then::new(&weeks, &all, &model.shapes, weeks.count - 1);
    (0..panel.len())
        .into_par_iter()
        .map(|i| {
            let Some(now) = then.of(i) else {
                return LearntMean::default();
            };
            let means = (1..=in_weeks(ahead[i]))
                .map(|h| booster.factor(&now.features(h)) * now.start(h) * now.scale())
                .collect();
            LearntMean {
                share: shares.of_scale(now.scale()),
                weeks: means,
            }
        })
        .collect()
}

/// An interval at the end of the history that judges: its weeks' features, what the levels expect and what was wanted.
struct Judgement {
    rows: Vec<([f32; FEATURES], f64)>,
    scale: f64,
    levels: f64,
    demand: f64,
}

impl Judgement {
    fn by(&self, judge: &Booster) -> Judged {
        Judged {
            scale: self.scale,
            levels: self.levels,
            learnt: self
                .rows
                .iter()
                .map(|(r, start)| judge.factor(r) * start * self.scale)
                .sum(),
            demand: self.demand,
        }
    }
}

/// A week of the past after which nothing is known.
#[derive(Clone, Copy)]
struct Origin {
    week: usize,
    /// Whether its intervals judge.
    judged: bool,
}

/// Rows of one origin, every `stride`-th, and its intervals to judge by.
fn rows_of(
    weeks: &Weeks,
    places: &Places,
    shapes: &Shapes,
    Origin {
        week: origin,
        judged: judges,
    }: Origin,
    horizon: usize,
    stride: usize,
) -> (Rows, Vec<Judgement>) {
    let then = Then::new(weeks, places, shapes, origin);
    let mut rows = Rows {
        columns: vec![Vec::new(); FEATURES],
        ..Rows::default()
    };
    let mut judged = Vec::new();
    let last = weeks.count - 1;
    for s in 0..places.series.len() {
        let Some(then) = then.of(s) else { continue };
        let scale = then.scale();
        for h in 1..=horizon {
            let t = origin + h;
            // One in so many, another one each week.
            if t > last || !weeks.seen_at(s, t) || !(s + 7 * origin + h).is_multiple_of(stride) {
                continue;
            }
            for (column, x) in rows.columns.iter_mut().zip(then.features(h)) {
                column.push(x);
            }
            let age = (last - t) as f64 / HALF_LIFE;
            rows.start.push(then.start(h) as f32);
            rows.target
                .push((f64::from(weeks.demand_at(s, t)) / scale) as f32);
            rows.weight
                .push((scale.min(10.0).sqrt() * 0.5f64.powf(age)) as f32);
            rows.week.push(t as u32);
        }
        let whole = (1..=horizon).all(|h| origin + h <= last && weeks.seen_at(s, origin + h));
        if judges && whole {
            judged.push(Judgement {
                rows: (1..=horizon)
                    .map(|h| (then.features(h), then.start(h)))
                    .collect(),
                scale,
                levels: (1..=horizon).map(|h| then.by_levels(h)).sum(),
                demand: (1..=horizon)
                    .map(|h| f64::from(weeks.demand_at(s, origin + h)))
                    .sum(),
            });
        }
    }
    (rows, judged)
}
