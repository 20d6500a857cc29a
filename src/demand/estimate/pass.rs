//! One pass over a chunk of series with the model as it stands.

use std::collections::BTreeMap;

use super::levels::{Given, Orders, Scratch, levels, orders, ordinary_levels, year_levels};
use super::{CHOOSING_ROUNDS, PRIOR_PERIODS, ROUND_PASSES};
use crate::demand::annual::{Between, WEEKS};
use crate::demand::level::{Evidence, Level, one_step_scores};
use crate::demand::season::{Sums, YEAR, own_weekday};
use crate::demand::{Dispersion, EmptiedDay, ORDINARY, SeriesFit};
use crate::domain::{Availability, ChannelId};
use crate::panel::SeriesView;

/// Discount factors tried for the moving level, per day or week.
pub const DELTAS: [f64; 6] = [0.80, 0.88, 0.94, 0.97, 0.985, 0.995];

/// Probability of stock from which an unrecorded day counts as one in stock where the spread of days is measured.
const SURE: f64 = 0.7;

/// What a pass works from.
pub struct Pass<'a> {
    pub given: Given<'a>,
    pub round: usize,
    /// Every so manieth emptied day is kept for the selling profile.
    pub stride: usize,
    /// Whether the discount of a series' channel is chosen by it.
    pub judges: &'a [bool],
}

/// What one chunk of series found.
pub struct Found {
    pub fits: Vec<SeriesFit>,
    pub groups: BTreeMap<u32, Sums>,
    /// Of SKUs, in order: observed units by year and week, and those expected with their groups' season.
    pub skus: Vec<(u32, Vec<[f64; 2]>)>,
    pub scores: BTreeMap<ChannelId, [f64; DELTAS.len()]>,
    /// Per category: observed and expected units by day.
    pub shared: BTreeMap<u32, Vec<[f64; 2]>>,
    /// Of each fit's series: observed units of its promotions, and those expected at its group's response.
    pub promotions: Vec<[f64; 2]>,
    /// Of each fit's series: what its accepting periods say.
    pub orders: Vec<Orders>,
    /// Σ 1, x, y, xx, xy of squared error ÷ mean on the mean, fractional series only.
    pub split: [f64; 5],
    pub emptied: Vec<EmptiedDay>,
    /// Σ of squared standardised errors of partly stocked periods, and their number.
    pub partly: [f64; 2],
}

/// What the periods of one series alone add up to.
#[derive(Default)]
struct Own {
    week: [[f64; 2]; 7],
    promotion: [f64; 2],
    errors: Dispersion,
}

/// One series as a pass sees it.
struct Sight<'a> {
    pass: &'a Pass<'a>,
    i: usize,
    view: SeriesView<'a>,
    fit: SeriesFit,
    /// Periods between the first day of all and the series' own.
    shift: usize,
    scratch: &'a Scratch,
}

/// One period of it, which shows something.
struct Period {
    t: usize,
    x: Evidence,
    /// Expected demand, and that of what the period could show.
    mean: f64,
    expected: f64,
    seen: f64,
}

impl Sight<'_> {
    /// Expected demand of period `t`.
    fn mean(&self, t: usize) -> f64 {
        self.scratch.level[t].mean() * self.scratch.index[t]
    }

    /// Period `t`, if it shows anything.
    fn period(&self, t: usize) -> Option<Period> {
        let (x, mean) = (self.scratch.evidence[t], self.mean(t));
        (x.w > 0.0 && x.e > 0.0 && mean > 0.0).then(|| Period {
            t,
            x,
            mean,
            expected: self.scratch.level[t].mean() * x.e,
            seen: self.view.sold[t] + self.view.backordered[t],
        })
    }

    /// Adds to the sums of weekdays, events and the year.
    fn season(&self, p: &Period, sums: &mut Sums, own: &mut Own, weeks: &mut [[f64; 2]]) {
        let demand = self.pass.given.demand;
        let seasons = self.pass.given.seasons;
        let (fit, x, class) = (&self.fit, p.x, self.scratch.class[p.t]);
        if self.view.step == 1 {
            let d = (self.view.first.weekday() + p.t) % 7;
            let cell = [x.w * x.n, x.w * p.expected / fit.weekday[d]];
            add(&mut sums.weekday[d], cell[0], cell[1]);
            add(&mut own.week[d], cell[0], cell[1]);
        }
        let at = self.shift + p.t;
        if class != ORDINARY {
            let unwinsorised = x.w * if x.n < p.seen { p.seen } else { x.n };
            // What the days of the category have in common is measured beside the event: it must not take a part of it.
            let common = demand.shared[demand.category[self.i] as usize].get(at);
            let index = x.e / common.copied().unwrap_or(1.0);
            let factor = demand.event(fit, class).max(1e-6);
            let plain = x.w * self.scratch.base[p.t].mean() * index / factor;
            add(&mut sums.event[usize::from(class)], unwinsorised, plain);
            if demand.events.is_promotion(class) {
                let group = demand.indices[fit.group as usize].event[usize::from(class)];
                add(&mut own.promotion, unwinsorised, plain * group);
            }
        }
        if let Some(base) = self.scratch.year_level.get(p.t) {
            // What the days of the category have in common is measured beside the season: it must not take a part of it.
            let common = demand.shared[demand.category[self.i] as usize].get(at);
            let expected = x.w * base * x.e / common.copied().unwrap_or(1.0);
            let season = seasons.factors[fit.group as usize][at].max(1e-9);
            let own = demand.own_week(self.i, seasons.week[at]);
            let year = seasons.year[at];
            let cell = &mut sums.year[year * YEAR + seasons.year_day[at]];
            add(cell, x.w * x.n, expected / season);
            let Between { weeks: near, share } = seasons.week[at];
            for (week, share) in near.into_iter().zip(share) {
                let cell = &mut weeks[year * WEEKS + week];
                add(cell, share * x.w * x.n, share * expected / own);
            }
        }
    }

    /// A period with stock: how far the others miss it.
    fn stocked(
        &self,
        p: &Period,
        shared: &mut [[f64; 2]],
        errors: &mut Dispersion,
        split: &mut [f64; 5],
    ) {
        let demand = self.pass.given.demand;
        let x = p.x;
        let without = |level: Level, own: Evidence| {
            let rest = (level.b - own.w * own.e).max(1e-9);
            ((level.a - own.w * own.n) / rest).max(0.0) * x.e
        };
        let m = without(self.scratch.level[p.t], x);
        let error = (p.seen - m).powi(2);
        errors.add(error, m, 1.0);
        let common = &demand.shared[demand.category[self.i] as usize];
        let at = self.shift + p.t;
        let before = common.get(at).copied().unwrap_or(1.0);
        // Left alone in its category a series would explain itself: the day's own evidence is not in its mean. Nor are an event's units in that of
        // the days around, and what it adds is not known yet in the first round.
        let ordinary = self.scratch.class[p.t] == ORDINARY;
        let mean = match self.scratch.base.get(p.t) {
            Some(base) if ordinary => without(*base, x),
            Some(base) => without(*base, Evidence::default()),
            None => m,
        };
        if self.pass.round > 0 || ordinary {
            add(&mut shared[at], x.n, mean / before);
        }
        if !self.view.whole_units && m > 0.0 {
            let w = 1.0 / (1.0 + m / self.fit.level.max(1e-9));
            let y = (error / m).min(100.0 * m);
            let sums = [w, w * m, w * y, w * m * m, w * m * y];
            split.iter_mut().zip(sums).for_each(|(a, b)| *a += b);
        }
    }

    /// A period that sold out after a known share of its time.
    fn emptied(&self, p: &Period, partly: &mut [f64; 2], emptied: &mut Vec<EmptiedDay>) {
        let Some(tau) = self.view.fraction(p.t).filter(|t| *t > 0.0) else {
            return;
        };
        let Given { panel, demand, .. } = self.pass.given;
        let day = self.view.day(p.t);
        let law = self.fit.law(p.mean, self.view.whole_units, 0.0);
        let served = p.mean * demand.profile.exposure(day, tau);
        let model = law.noise * served + law.effect * served * served;
        if model > 0.0 {
            add(partly, ((p.seen - served).powi(2) / model).min(100.0), 1.0);
        }
        let kept = (panel.offsets[self.i] + p.t).is_multiple_of(self.pass.stride);
        if p.seen > 0.0 && law.effect > 0.0 && kept {
            emptied.push(EmptiedDay {
                weekday: day.weekday(),
                sold: p.seen,
                mean: p.mean,
                tau,
                noise: law.noise,
                day_effect: law.effect,
            });
        }
    }
}

/// Looks at a chunk of series, given by number.
pub fn look(pass: &Pass<'_>, chunk: &[usize], scratch: &mut Scratch) -> Found {
    let mut found = Found {
        fits: Vec::with_capacity(chunk.len()),
        groups: BTreeMap::new(),
        skus: Vec::new(),
        scores: BTreeMap::new(),
        shared: BTreeMap::new(),
        promotions: Vec::with_capacity(chunk.len()),
        orders: Vec::with_capacity(chunk.len()),
        split: [0.0; 5],
        emptied: Vec::new(),
        partly: [0.0; 2],
    };
    for &i in chunk {
        let fit = look_at(pass, i, scratch, &mut found);
        found.fits.push(fit);
    }
    found
}

/// Looks at series `i` and returns its new fit.
fn look_at(pass: &Pass<'_>, i: usize, scratch: &mut Scratch, found: &mut Found) -> SeriesFit {
    let Given {
        panel,
        demand,
        seasons,
        ..
    } = pass.given;
    let view = panel.view(i);
    let channel = panel.series[i].channel;
    let mut fit = demand.series[i];
    levels(pass.given, i, &mut fit, ROUND_PASSES, scratch);
    ordinary_levels(pass.given, i, &fit, scratch);
    year_levels(pass.given, i, &fit, scratch);
    found.orders.push(orders(pass.given, i, &fit, scratch));
    let sight = Sight {
        pass,
        i,
        view,
        fit,
        shift: ((view.first - demand.origin) / view.step) as usize,
        scratch,
    };
    let sums = found
        .groups
        .entry(fit.group)
        .or_insert_with(|| Sums::new(demand.events.count(), seasons.years));
    if seasons.years > 0
        && found
            .skus
            .last()
            .is_none_or(|(sku, _)| *sku != demand.sku[i])
    {
        let none = vec![[0.0; 2]; seasons.years * WEEKS];
        found.skus.push((demand.sku[i], none));
    }
    let mut nothing = Vec::new();
    let weeks = found.skus.last_mut().map_or(&mut nothing, |(_, w)| w);
    let shared = found
        .shared
        .entry(demand.category[i])
        .or_insert_with(|| vec![[0.0; 2]; seasons.year_day.len()]);
    let mut own = Own::default();
    for t in 0..view.len() {
        let availability = view.availability[t];
        let Some(period) = sight.period(t) else {
            continue;
        };
        sight.season(&period, sums, &mut own, weeks);
        match availability {
            // A day of which nobody knows whether it had stock says little about how far days stray.
            Availability::Unknown if view.in_odds(t).is_some_and(|p| p < SURE) => {}
            Availability::InStock | Availability::Unknown if view.reach(t) < 1.0 => {}
            Availability::InStock | Availability::Unknown => {
                sight.stocked(&period, shared, &mut own.errors, &mut found.split);
            }
            Availability::SoldOut => {
                sight.emptied(&period, &mut found.partly, &mut found.emptied);
            }
            _ => {}
        }
    }
    if pass.judges[i] && CHOOSING_ROUNDS.contains(&pass.round) {
        let scores = found.scores.entry(channel).or_default();
        let prior = Level {
            a: fit.level * PRIOR_PERIODS,
            b: PRIOR_PERIODS,
        };
        let own = one_step_scores(&scratch.evidence, prior, &DELTAS);
        for (slot, score) in scores.iter_mut().zip(own) {
            *slot += score / fit.dispersion;
        }
    }
    let indices = &demand.indices[fit.group as usize];
    fit.weekday = own_weekday(&own.week, &indices.weekday, fit.dispersion);
    found.promotions.push(own.promotion);
    fit.sums = own.errors;
    fit
}

/// Adds a period's observed and expected units.
pub fn add(cell: &mut [f64; 2], observed: f64, expected: f64) {
    cell[0] += observed;
    cell[1] += expected;
}
