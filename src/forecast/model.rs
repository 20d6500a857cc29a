//! Forecasts of all series.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::LeadTime;
use super::distribution::Demand;
use super::series::{LevelNow, OMEGAS, Past, Returns, level_now, returned, score, weights};
use crate::demand::{DemandModel, Dispersion, EXCLUDED, Evidence, ORDINARY, Trend};
use crate::domain::{Availability, ChannelId, Day, SkuId, Tables};
use crate::panel::Panel;

/// Series a chunk of work.
const CHUNK: usize = 64;
/// Pseudo-windows that a group's interval dispersion counts for.
const INTERVAL_PRIOR: f64 = 5.0;
/// Strength of "nothing comes back", in squared differences ÷ variance.
const STAYS: f64 = 10.0;
/// Series of a channel that what comes back is learnt from, at most.
const JUDGES: usize = 500;
/// Days of exposure below which a series leans on the item it resembles or on its category, and periods at least: a weekly shop's new item has
/// shown after two months what a daily one's has after one.
const YOUNG_DAYS: f64 = 28.0;
const YOUNG_PERIODS: f64 = 8.0;

/// Periods of `step` days of exposure below which a series is young.
fn young(step: i32) -> f64 {
    (YOUNG_DAYS / f64::from(step.max(1))).max(YOUNG_PERIODS)
}
/// Relative variance of a level, at most: beyond this nothing is known but its order of magnitude.
const MOST_VARIANCE: f64 = 1.0;
/// Days ahead that indices are computed for at least: one of each season.
const AHEAD: usize = 365;

/// What is expected of one series.
#[derive(Clone, Debug)]
pub struct SeriesForecast {
    /// Units per period of index 1.
    pub level: f64,
    /// Variance ÷ mean of one period's demand, given the level.
    pub dispersion: f64,
    /// Relative variance of the level over the protection interval: its error, its drift, what days have in common.
    pub level_variance: f64,
    /// Index of the periods after as-of.
    pub index: Vec<f64>,
    /// Periods with exposure behind it.
    pub exposure: f64,
    pub whole_units: bool,
}

impl SeriesForecast {
    /// Expected demand of the periods `from..to` after as-of (0 = the first).
    pub fn mean(&self, from: usize, to: usize) -> f64 {
        let last = self.index.last().copied().unwrap_or(1.0);
        let known: f64 = self.index[from.min(self.index.len())..to.min(self.index.len())]
            .iter()
            .sum();
        self.level * (known + last * to.max(from).saturating_sub(self.index.len().max(from)) as f64)
    }

    /// Variance of demand of an interval with this mean: φμ + c²μ².
    pub fn variance(&self, mean: f64) -> f64 {
        self.dispersion * mean + self.level_variance * mean * mean
    }

    /// Law of the demand of the periods `from..to` after as-of.
    pub fn law(&self, from: usize, to: usize) -> Demand {
        let mean = self.mean(from, to);
        Demand::moment_matched(mean, self.variance(mean), self.whole_units)
    }
}

/// Forecast of every series, in the panel's order.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// Days of a period.
    pub step: i32,
    pub series: Vec<SeriesForecast>,
}

impl Forecast {
    /// The same in periods of a day, each with an equal part of its week: mean and variance of whole weeks stay.
    pub fn by_day(&self) -> Self {
        let days = self.step.max(1) as usize;
        let series = self.series.iter().map(|f| SeriesForecast {
            level: f.level / days as f64,
            index: (f.index.iter())
                .flat_map(|&index| std::iter::repeat_n(index, days))
                .collect(),
            exposure: f.exposure * days as f64,
            ..f.clone()
        });
        Self {
            step: 1,
            series: series.collect(),
        }
    }
}

#[derive(Default)]
struct Scratch {
    class: Vec<u8>,
    index: Vec<f64>,
    evidence: Vec<Evidence>,
    demand: Vec<f64>,
    hidden_variance: Vec<f64>,
}

impl Scratch {
    fn past<'a>(
        &'a mut self,
        panel: &Panel,
        tables: &Tables,
        model: &DemandModel,
        i: usize,
    ) -> Past<'a> {
        let view = panel.view(i);
        let fit = &model.series[i];
        let range = panel.range(i);
        self.class.clear();
        self.class.resize(view.len(), ORDINARY);
        model.events.mark(
            tables,
            panel.series[i],
            view.first,
            view.step,
            &mut self.class,
        );
        // Nobody could see what was not listed: an interval with such days measures nothing.
        for (class, availability) in self.class.iter_mut().zip(view.availability) {
            if *availability == Availability::NotListed {
                *class = EXCLUDED;
            }
        }
        self.index.clear();
        self.evidence.clear();
        self.demand.clear();
        self.hidden_variance.clear();
        let evidence = model.evidence(panel, i);
        for t in 0..view.len() {
            let index = model.index(i, self.class[t], view.day(t), view.step);
            self.index.push(index);
            let mean = fit.level * index;
            self.evidence.push(evidence(t, self.class[t], index, mean));
            let at = range.start + t;
            self.demand
                .push(view.sold[t] + view.backordered[t] + model.lost[at]);
            self.hidden_variance.push(model.hidden_variance(at));
        }
        Past {
            evidence: &self.evidence,
            index: &self.index,
            class: &self.class,
            demand: &self.demand,
            hidden_variance: &self.hidden_variance,
            level: fit.level,
            dispersion: fit.dispersion,
            step: view.step,
            whole_units: view.whole_units,
        }
    }
}

/// Forecasts every series. `lead_times` and `review_days` (one per series, days) give the protection interval on which each one's spread is measured.
pub fn forecast(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    lead_times: &[LeadTime],
    review_days: &[u32],
) -> Forecast {
    let step = panel.grain.days();
    let horizon = |i: usize| {
        let days = lead_times[i].mean() + f64::from(review_days[i]);
        ((days / f64::from(step)).round() as usize).max(1)
    };
    let numbers: Vec<usize> = (0..panel.len()).collect();
    let returns = returns(panel, tables, model, horizon);
    let scores: Vec<[f64; OMEGAS.len()]> = numbers
        .par_chunks(CHUNK)
        .map_init(Scratch::default, |scratch, chunk| {
            chunk
                .iter()
                .map(|&i| {
                    let past = scratch.past(panel, tables, model, i);
                    score(&past, horizon(i), &returns[&panel.series[i].channel])
                })
                .collect::<Vec<_>>()
        })
        .flatten_iter()
        .collect();
    let priors = discount_priors(panel, &scores, horizon);
    let now: Vec<LevelNow> = numbers
        .par_chunks(CHUNK)
        .map_init(Scratch::default, |scratch, chunk| {
            chunk
                .iter()
                .map(|&i| {
                    let channel = panel.series[i].channel;
                    let w = weights(&scores[i], &priors[&channel], horizon(i));
                    let past = scratch.past(panel, tables, model, i);
                    level_now(&past, horizon(i), &w, &returns[&channel])
                })
                .collect::<Vec<_>>()
        })
        .flatten_iter()
        .collect();

    let shop = Ahead {
        panel,
        tables,
        model,
        trends: trends(panel, &now),
        levels: typical_levels(panel, model, &now),
        now,
    };
    let series = numbers.par_iter().map(|&i| shop.series(i, horizon(i)));
    Forecast {
        step,
        series: series.collect(),
    }
}

/// Trends of the errors of past intervals, by channel and by whether units are whole.
fn trends(panel: &Panel, now: &[LevelNow]) -> BTreeMap<(ChannelId, bool), Trend> {
    let mut members: BTreeMap<(ChannelId, bool), Vec<Dispersion>> = BTreeMap::new();
    for (i, n) in now.iter().enumerate() {
        members
            .entry((panel.series[i].channel, panel.whole_units[i]))
            .or_default()
            .push(n.errors);
    }
    members
        .iter()
        .map(|(k, v)| (*k, Trend::fit(v, 2.0, 2.0)))
        .collect()
}

/// What the forecast of one series needs of the whole shop.
struct Ahead<'a> {
    panel: &'a Panel,
    tables: &'a Tables,
    model: &'a DemandModel,
    now: Vec<LevelNow>,
    trends: BTreeMap<(ChannelId, bool), Trend>,
    levels: Typical,
}

impl Ahead<'_> {
    /// The level of series `i`, and how many units of evidence of others it leans on: a young one on those like it.
    fn level(&self, i: usize) -> (f64, f64) {
        let fit = &self.model.series[i];
        let level = self.now[i].level;
        if fit.exposure >= young(self.panel.grain.days()) {
            return (level, 0.0);
        }
        let key = self.panel.series[i];
        let like = self.tables.items[key.sku]
            .similar_sku
            .and_then(|s| self.levels.of_sku(s, key.channel));
        let (prior, weight) = match like {
            Some(level) => (Some(level), 4.0),
            None => (self.levels.of_group(fit.group), 1.0),
        };
        match prior.filter(|p| *p > 0.0) {
            Some(prior) => {
                let evidence = fit.exposure.max(0.0);
                // A prior worth `weight` units of evidence at its own level.
                let level = (level * evidence + weight) / (evidence + weight / prior);
                (level, weight)
            }
            None => (level, 0.0),
        }
    }

    /// The forecast of series `i`, whose protection interval has `h` periods.
    fn series(&self, i: usize, h: usize) -> SeriesForecast {
        let fit = &self.model.series[i];
        let view = self.panel.view(i);
        let (level, strength) = self.level(i);
        let errors = &self.now[i].errors;
        let typical = if errors.count > 0.5 {
            errors.means / errors.count
        } else {
            level * h as f64
        };
        let trend = &self.trends[&(self.panel.series[i].channel, self.panel.whole_units[i])];
        let d = trend.of(errors, typical, INTERVAL_PRIOR);
        let floor = if view.whole_units { 1.0 } else { 0.0 };
        let dispersion = fit.dispersion.min(d).max(floor);
        let mut level_variance = level_variance(d, dispersion, level * h as f64, typical);
        if fit.exposure < 2.0 * young(view.step) {
            let evidence = self.now[i].evidence.max(0.0) / fit.dispersion.max(1e-9);
            level_variance = level_variance.max(1.0 / (evidence + strength.max(0.5)));
        }
        let ahead = (3 * h + 2).max(AHEAD / view.step as usize);
        SeriesForecast {
            level,
            dispersion,
            level_variance: level_variance.min(MOST_VARIANCE),
            index: index_ahead(self.panel, self.tables, self.model, i, ahead),
            exposure: fit.exposure,
            whole_units: view.whole_units,
        }
    }
}

/// Relative variance of the level from the variance ÷ mean of past intervals' errors (`spread`) and of a period (`dispersion`), the interval's mean
/// now and that of the past intervals.
///
/// A level that stands high now stands there by chance, in part: its error grows with it, but less than in proportion.
fn level_variance(spread: f64, dispersion: f64, now: f64, past: f64) -> f64 {
    let usual = (now * past).sqrt();
    if usual > 0.0 {
        ((spread - dispersion) / usual).max(0.0)
    } else {
        0.0
    }
}

fn index_ahead(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    i: usize,
    periods: usize,
) -> Vec<f64> {
    let step = panel.grain.days();
    let first: Day = panel.as_of + step;
    let key = panel.series[i];
    let launch = tables.items[key.sku].launch;
    let listed = tables.listed(key.sku, key.channel);
    let mut class = vec![ORDINARY; periods];
    model
        .events
        .mark(tables, panel.series[i], first, step, &mut class);
    let index = |(t, &c): (usize, &u8)| {
        let day = first + t as i32 * step;
        // Nothing sells before it is released, or where it is not offered.
        let offered = listed.is_empty() || listed.iter().any(|l| l.covers(day, step));
        if !offered || launch.is_some_and(|l| l > day) {
            0.0
        } else {
            model.index(i, c, day, step)
        }
    };
    class.iter().enumerate().map(index).collect()
}

/// What comes back to the long run, by channel: least squares over the past intervals of some hundreds of its series.
fn returns(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    horizon: impl Fn(usize) -> usize + Sync,
) -> BTreeMap<ChannelId, Returns> {
    let judges: Vec<usize> = panel.judges(JUDGES);
    let sums: Vec<_> = judges
        .par_chunks(CHUNK)
        .map_init(Scratch::default, |scratch, chunk| {
            chunk
                .iter()
                .map(|&i| returned(&scratch.past(panel, tables, model, i), horizon(i)))
                .collect::<Vec<_>>()
        })
        .flatten_iter()
        .collect();
    let mut channels: BTreeMap<ChannelId, [[f64; 2]; OMEGAS.len()]> = BTreeMap::new();
    for (&i, own) in judges.iter().zip(sums) {
        let all = channels.entry(panel.series[i].channel).or_default();
        for (all, own) in all.iter_mut().zip(own) {
            all[0] += own[0];
            all[1] += own[1];
        }
    }
    let share = |[cross, squares]: [f64; 2]| (cross / (squares + STAYS)).clamp(0.0, 1.0);
    channels
        .into_iter()
        .map(|(channel, sums)| (channel, sums.map(share)))
        .collect()
}

/// Prior weights of the discounts by channel, by EM over its series.
fn discount_priors(
    panel: &Panel,
    scores: &[[f64; OMEGAS.len()]],
    horizon: impl Fn(usize) -> usize,
) -> BTreeMap<ChannelId, [f64; OMEGAS.len()]> {
    let mut channels: BTreeMap<ChannelId, Vec<usize>> = BTreeMap::new();
    for (i, key) in panel.series.iter().enumerate() {
        channels.entry(key.channel).or_default().push(i);
    }
    let flat = [1.0 / OMEGAS.len() as f64; OMEGAS.len()];
    channels
        .into_iter()
        .map(|(channel, members)| {
            let mut prior = flat;
            for _ in 0..8 {
                // One pseudo-series of the flat prior keeps every discount alive.
                let mut sum = flat;
                for &i in &members {
                    let w = weights(&scores[i], &prior, horizon(i));
                    sum.iter_mut().zip(w).for_each(|(a, b)| *a += b);
                }
                prior = sum.map(|s| s / (members.len() + 1) as f64);
            }
            (channel, prior)
        })
        .collect()
}

/// Levels to lean on.
struct Typical {
    by_sku: BTreeMap<(SkuId, ChannelId), f64>,
    by_group: BTreeMap<u32, f64>,
}

impl Typical {
    fn of_sku(&self, sku: SkuId, channel: ChannelId) -> Option<f64> {
        self.by_sku.get(&(sku, channel)).copied().or_else(|| {
            let found: Vec<f64> = self
                .by_sku
                .range((sku, ChannelId::ENDS.0)..=(sku, ChannelId::ENDS.1))
                .map(|(_, l)| *l)
                .collect();
            (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
        })
    }

    fn of_group(&self, group: u32) -> Option<f64> {
        self.by_group.get(&group).copied()
    }
}

fn typical_levels(panel: &Panel, model: &DemandModel, now: &[LevelNow]) -> Typical {
    let mut by_sku = BTreeMap::new();
    let mut groups: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for (i, key) in panel.series.iter().enumerate() {
        if model.series[i].exposure >= young(panel.grain.days()) {
            by_sku.insert((key.sku, key.channel), now[i].level);
            groups
                .entry(model.series[i].group)
                .or_default()
                .push(now[i].level);
        }
    }
    let by_group = groups
        .into_iter()
        .map(|(g, mut levels)| {
            levels.sort_by(f64::total_cmp);
            (g, levels[levels.len() / 2])
        })
        .collect();
    Typical { by_sku, by_group }
}
