//! Evidence and two-sided level of one series under the model as it stands.

use super::PRIOR_PERIODS;
use super::seasons::Seasons;
use crate::demand::hidden::censored_mean;
use crate::demand::known::Known;
use crate::demand::level::{Evidence, Level, one_step_scores, two_sided};
use crate::demand::{DemandModel, EXCLUDED, ORDINARY, SeriesFit};
use crate::domain::{Availability, Tables};
use crate::panel::Panel;

/// Discounts tried for the level that customers without stock are expected by.
pub const SLOWS: [f64; 5] = [0.94, 0.97, 0.985, 0.995, 0.999];
/// Half a year, days.
const HALF_YEAR: i32 = 182;
/// The one that it begins with.
pub const SLOW: f64 = 0.995;
/// From this discount on what emptied a shelf was chance rather than news.
const CHANCE: f64 = 0.99;
/// Days before a shelf ran empty that say nothing then: the rush that emptied it is among them.
const RUSH_DAYS: i32 = 28;

/// What the levels of all series are fitted from: the past, and the model as it stands.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    pub panel: &'a Panel,
    pub tables: &'a Tables,
    pub demand: &'a DemandModel,
    /// Of that model.
    pub seasons: &'a Seasons,
}

impl<'a> Given<'a> {
    pub fn new(
        panel: &'a Panel,
        tables: &'a Tables,
        demand: &'a DemandModel,
        seasons: &'a Seasons,
    ) -> Self {
        Self {
            panel,
            tables,
            demand,
            seasons,
        }
    }
}

/// What the accepting days of a series say about its capture.
#[derive(Clone, Copy, Debug, Default)]
pub struct Orders {
    /// Units ordered without stock.
    pub taken: f64,
    /// Customers who found none.
    pub customers: f64,
    /// Σ customers × relative variance of the level that they are expected by.
    pub doubt: f64,
    /// How well each of [`SLOWS`] foresees the stocked periods.
    pub scores: [f64; SLOWS.len()],
}

/// Buffers of one worker.
#[derive(Default)]
pub struct Scratch {
    pub class: Vec<u8>,
    pub index: Vec<f64>,
    pub evidence: Vec<Evidence>,
    back: Vec<Level>,
    pub level: Vec<Level>,
    stocked: Vec<Evidence>,
    apart: Vec<Level>,
    sums: Vec<[f64; 2]>,
    /// Levels by ordinary periods alone, which those of events are measured against; empty where there are no events.
    pub base: Vec<Level>,
    /// The year's level about each period, which seasons are measured against; empty where the history is too short for them.
    pub year_level: Vec<f64>,
}

/// Index, evidence and two-sided level of every period of series `i`, into `scratch`.
pub fn levels(
    given: Given<'_>,
    i: usize,
    fit: &mut SeriesFit,
    passes: usize,
    scratch: &mut Scratch,
) {
    let Given {
        panel,
        tables,
        demand,
        seasons,
    } = given;
    let view = panel.view(i);
    let key = panel.series[i];
    let known = Known::new(demand, &view, i);
    let delta = demand.delta[key.channel.at()];
    scratch.class.clear();
    scratch.class.resize(view.len(), ORDINARY);
    demand
        .events
        .mark(tables, key, view.first, view.step, &mut scratch.class);
    scratch.index.clear();
    let shared = &demand.shared[demand.category[i] as usize];
    let shift = ((view.first - demand.origin) / view.step) as usize;
    let season = &seasons.factors[fit.group as usize][shift..];
    let weekday = view.first.weekday();
    let periods = scratch.class.iter().zip(season).enumerate();
    scratch.index.extend(periods.map(|(t, (class, season))| {
        let common = shared.get(shift + t).copied().unwrap_or(1.0);
        let week = if view.step == 1 {
            fit.weekday[(weekday + t) % 7]
        } else {
            1.0
        };
        let own = demand.own_week(i, seasons.week[shift + t]);
        common * (week * season * own * demand.event(fit, *class))
    }));
    // The long-run level first from what was seen, then with the censored periods' expectation under it.
    let mut level = fit.level;
    for pass in 0..passes {
        let (mut n, mut e, mut exposure) = (0.0, 0.0, 0.0);
        scratch.evidence.clear();
        for t in 0..view.len() {
            let index = scratch.index[t];
            let local = if pass == 0 {
                level
            } else {
                scratch.level[t].mean()
            };
            let mean = (local * index).max(1e-9);
            let mut x = known.evidence(&view, t, scratch.class[t], index, mean, fit, || {
                if local > 0.0 {
                    let law = fit.law(mean, view.whole_units, 0.0);
                    censored_mean(&law, view.sold[t], view.backordered[t], known.capture(t))
                } else {
                    0.0
                }
            });
            if pass > 0 && x.n > mean {
                // A one-off spike must not move the level for months; it stays in the dispersion.
                let cap = mean
                    + 4.0 * (fit.dispersion * mean).sqrt()
                    + f64::from(u8::from(view.whole_units));
                x.n = x.n.min(cap.max(mean));
            }
            n += x.w * x.n;
            e += x.w * x.e;
            exposure += x.e.min(1.0);
            scratch.evidence.push(x);
        }
        level = if e > 0.0 { n / e } else { level };
        fit.exposure = exposure;
        let prior = Level {
            a: level * PRIOR_PERIODS,
            b: PRIOR_PERIODS,
        };
        two_sided(
            &scratch.evidence,
            prior,
            delta,
            &mut scratch.back,
            &mut scratch.level,
        );
    }
    fit.level = level;
}

/// Levels of series `i` by its ordinary periods, from the evidence in `scratch`. A level that an event's own units are in would take a part of what the event added.
pub fn ordinary_levels(given: Given<'_>, i: usize, fit: &SeriesFit, scratch: &mut Scratch) {
    scratch.base.clear();
    if scratch.class.iter().all(|c| *c == ORDINARY) {
        return;
    }
    let ordinary = |(x, class): (&Evidence, &u8)| {
        if *class == ORDINARY {
            *x
        } else {
            Evidence::default()
        }
    };
    scratch.stocked.clear();
    let evidence = scratch.evidence.iter().zip(&scratch.class).map(ordinary);
    scratch.stocked.extend(evidence);
    let prior = Level {
        a: fit.level * PRIOR_PERIODS,
        b: PRIOR_PERIODS,
    };
    two_sided(
        &scratch.stocked,
        prior,
        given.demand.delta[given.panel.series[i].channel.at()],
        &mut scratch.back,
        &mut scratch.base,
    );
}

/// Level of the year about each period of series `i`, from the evidence in `scratch`: whatever the season is, a whole one is in it. A series younger than
/// a year does not tell its season from its level.
pub fn year_levels(given: Given<'_>, i: usize, fit: &SeriesFit, scratch: &mut Scratch) {
    let seasons = given.seasons;
    let view = given.panel.view(i);
    let half = (HALF_YEAR / view.step) as usize;
    scratch.year_level.clear();
    if seasons.years == 0 || view.len() < 2 * half {
        return;
    }
    let shared = &given.demand.shared[given.demand.category[i] as usize];
    let shift = ((view.first - given.demand.origin) / view.step) as usize;
    scratch.sums.clear();
    let (mut n, mut e) = (0.0, 0.0);
    scratch.sums.push([n, e]);
    for (t, x) in scratch.evidence.iter().enumerate() {
        n += x.w * x.n;
        e += x.w * x.e / shared.get(shift + t).copied().unwrap_or(1.0);
        scratch.sums.push([n, e]);
    }
    let last = scratch.evidence.len();
    scratch.year_level.extend((0..last).map(|t| {
        // A whole year at the ends too, or half a season would be taken for the level.
        let from = t.saturating_sub(half).min(last - 2 * half);
        let to = from + 2 * half;
        let n = scratch.sums[to][0] - scratch.sums[from][0];
        let e = scratch.sums[to][1] - scratch.sums[from][1];
        (n + fit.level * PRIOR_PERIODS) / (e + PRIOR_PERIODS)
    }));
}

/// Orders without stock of series `i` against the customers expected by its stocked periods alone, from the evidence in `scratch`.
///
/// An accepted order must not testify for the level that it is measured against: where a stockout lasts, level and capture would confirm each
/// other at any value. How fast the level moves is chosen by how well the stocked periods foresee each other: shelves are empty after a rush, and a level
/// that takes a rush of chance for news expects too many customers behind it, one that takes news for chance too few.
///
/// Even a slow level holds the rush itself: a spell is entered because more was asked for than usual, so that the days before it stand above their
/// mean, and those that come after it do not. Where the level is slow, the four weeks before a spell therefore do not testify of it: with nine of
/// ten who wait, one customer in a hundred too many is a tenth more lost.
pub fn orders(given: Given<'_>, i: usize, fit: &SeriesFit, scratch: &mut Scratch) -> Orders {
    let view = given.panel.view(i);
    let mut sums = Orders::default();
    let accepting = |t: usize| view.availability[t] == Availability::Backorder;
    if !(0..view.len()).any(accepting) {
        return sums;
    }
    let silent = |(t, x): (usize, &Evidence)| {
        if accepting(t) {
            Evidence::default()
        } else {
            *x
        }
    };
    scratch.stocked.clear();
    let evidence = scratch.evidence.iter().enumerate().map(silent);
    scratch.stocked.extend(evidence);
    let total = |part: fn(&Evidence) -> f64| scratch.stocked.iter().map(part).sum::<f64>();
    let (n, e) = (total(|x| x.w * x.n), total(|x| x.w * x.e));
    if n <= 0.0 || e <= 0.0 {
        return sums;
    }
    let prior = Level {
        a: n / e * PRIOR_PERIODS,
        b: PRIOR_PERIODS,
    };
    two_sided(
        &scratch.stocked,
        prior,
        given.demand.slow[given.panel.series[i].channel.at()],
        &mut scratch.back,
        &mut scratch.apart,
    );
    let own = one_step_scores(&scratch.stocked, prior, &SLOWS);
    sums.scores = own.map(|score| score / fit.dispersion);
    let delta = given.demand.slow[given.panel.series[i].channel.at()];
    let rush = if delta >= CHANCE {
        RUSH_DAYS / view.step
    } else {
        0
    };
    let mut spell = 0;
    for t in (0..view.len()).filter(|&t| accepting(t)) {
        if t == 0 || !accepting(t - 1) {
            spell = t;
        }
        if scratch.class[t] == EXCLUDED {
            continue;
        }
        let level = if rush == 0 {
            scratch.apart[t]
        } else {
            apart_from_rush(scratch, delta, spell.checked_sub(rush as usize), t)
        };
        let customers = level.mean() * scratch.index[t];
        sums.taken += view.backordered[t];
        sums.customers += customers;
        sums.doubt += customers * fit.dispersion / level.a.max(1e-9);
    }
    sums
}

/// The level of period `t` from the periods up to `until` and those after `t`, of the two-sided levels in `scratch`.
fn apart_from_rush(scratch: &Scratch, delta: f64, until: Option<usize>, t: usize) -> Level {
    let after = scratch.back[t];
    let Some(u) = until else {
        return after;
    };
    // The two sides add up to the two-sided level and once more the prior; what lies before fades as the days go by.
    let stays = delta.powi((t - u) as i32);
    let before = |both: f64, after: f64| stays * (both - after);
    Level {
        a: after.a + before(scratch.apart[u].a, scratch.back[u].a),
        b: after.b + before(scratch.apart[u].b, scratch.back[u].b),
    }
}
