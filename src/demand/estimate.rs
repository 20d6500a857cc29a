//! Fits the model and recovers what every period hid.

mod again;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::hidden::{BAND_WIDTH, PeriodLaw, censored, censored_mean, exposed};
use super::level::{Evidence, Level, one_step_scores, two_sided};
use super::profile::{EmptiedDay, SellingProfile, fit as fit_profile};
use super::season::{Indices, Sums, own_uplift, own_weekday};
use super::{Dispersion, EXCLUDED, Events, ORDINARY, Trend};
use crate::domain::{Availability, Band, Day, Tables};
use crate::panel::{Panel, SeriesView};

/// Discount factors tried for the moving level, per day or week.
const DELTAS: [f64; 6] = [0.80, 0.88, 0.94, 0.97, 0.985, 0.995];
/// Strength of a series' long-run level against its recent past, in periods.
const PRIOR_PERIODS: f64 = 1.0;
/// Series a chunk of work; sums are added chunk by chunk, so that threads change nothing.
const CHUNK: usize = 64;
/// An annual index needs two full years, or it would be a trend.
const ANNUAL_DAYS: i32 = 2 * 365 - 15;
/// Beta prior of the capture of backorders, in units.
const CAPTURE_PRIOR: (f64, f64) = (5.0, 5.0);
/// Emptied days that the selling profile is fitted on, at most.
const PROFILE_DAYS: usize = 8_000;
/// Pseudo-periods that a group's dispersion counts for.
const DISPERSION_PRIOR: f64 = 30.0;
/// With so many fully stocked periods, partly stocked ones begin to count less.
const FEW_FULL: f64 = 5.0;
/// Relative variance of what a category's days have in common beyond its indices.
const SHARED_VARIANCE: f64 = 0.02;
/// Rounds of level → indices → dispersion.
const ROUNDS: usize = 4;
/// Rounds after which the discount is chosen anew; the last one keeps it, so that levels and discount agree.
const CHOOSING_ROUNDS: [usize; 3] = [0, 1, 2];
/// Passes of censoring → level within a round, and for the result.
const ROUND_PASSES: usize = 2;
const PASSES: usize = 3;
/// Weight that partly stocked periods are divided by until their profile is known.
const UNTRUSTED: f64 = 1e3;

/// What is known of one series after fitting.
#[derive(Clone, Copy, Debug)]
pub struct SeriesFit {
    /// Category × channel.
    pub group: u32,
    pub weekday: [f64; 7],
    /// Response to promotions relative to the group's.
    pub uplift: f64,
    /// Long-run level: units per period of index 1.
    pub level: f64,
    /// Variance ÷ mean of a period.
    pub dispersion: f64,
    /// Of which by chance within the period (1 for whole units) …
    pub noise: f64,
    /// … and, for fractional units, the relative variance of the period's own effect.
    pub effect: f64,
    /// Periods with exposure, discounted by nothing.
    pub exposure: f64,
    pub sums: Dispersion,
}

impl SeriesFit {
    /// Law of a period with this mean; `level_variance` is the level's relative variance.
    pub fn law(&self, mean: f64, whole: bool, level_variance: f64) -> PeriodLaw {
        let effect = if whole {
            ((self.dispersion - 1.0) / mean.max(1e-9)).max(0.0)
        } else {
            self.effect
        };
        PeriodLaw {
            mean,
            noise: self.noise,
            effect: effect + level_variance,
            whole,
        }
    }
}

/// The fitted model and the recovered past.
#[derive(Clone, Debug)]
pub struct DemandModel {
    pub events: Events,
    /// Indices of each group, by `SeriesFit::group`.
    pub indices: Vec<Indices>,
    pub series: Vec<SeriesFit>,
    pub profile: SellingProfile,
    /// Variance of what partly stocked periods sell ÷ its model; 1 where none is recorded.
    pub distrust: f64,
    /// Share of customers who order without stock, by channel.
    pub capture: Vec<f64>,
    /// Discount of the moving level, by channel.
    pub delta: Vec<f64>,
    /// What the days of a category had in common, by category and day from `origin`: weather, news, a holiday nobody listed. Mean about 1.
    pub shared: Vec<Vec<f64>>,
    /// First day of `shared`.
    pub origin: Day,
    /// Category of each series, as index into `shared`.
    pub category: Vec<u32>,
    /// Mean and 80 % band of the units lost in each period, in the panel's layout.
    pub lost: Vec<f64>,
    pub lost_p10: Vec<f64>,
    pub lost_p90: Vec<f64>,
}

impl DemandModel {
    /// Variance of what is not known of the units lost at a position of the panel, from its 80 % band.
    pub fn hidden_variance(&self, at: usize) -> f64 {
        ((self.lost_p90[at] - self.lost_p10[at]) / BAND_WIDTH).powi(2)
    }

    /// Index of a period of series `i`: weekday × time of year × event.
    pub fn index(&self, i: usize, class: u8, day: Day, step: i32) -> f64 {
        let fit = &self.series[i];
        index_of(
            &self.events,
            &self.indices[fit.group as usize],
            &fit.weekday,
            fit.uplift,
            class,
            day,
            step,
        )
    }

    /// What the periods of series `i` say about the level: a function of period, event class, index and expected demand.
    pub fn evidence<'a>(
        &'a self,
        panel: &'a Panel,
        i: usize,
    ) -> impl Fn(usize, u8, f64, f64) -> Evidence + 'a {
        let view = panel.view(i);
        let capture = if view.accepts_backorders {
            self.capture[panel.series[i].channel as usize]
        } else {
            0.0
        };
        let start = panel.offsets[i];
        let known = Known::new(self, &view, capture);
        let fit = &self.series[i];
        move |t, class, index, mean| {
            known.evidence(&view, t, class, index, mean, fit, || self.lost[start + t])
        }
    }
}

fn index_of(
    events: &Events,
    group: &Indices,
    weekday: &[f64; 7],
    uplift: f64,
    class: u8,
    day: Day,
    step: i32,
) -> f64 {
    let week = if step == 1 {
        weekday[day.weekday()]
    } else {
        1.0
    };
    let mut event = 1.0;
    if class != ORDINARY && class != EXCLUDED {
        event = group.event[usize::from(class)];
        if events.is_promotion(class) {
            event *= uplift;
        }
    }
    week * group.of_period(day, step) * event
}

/// What is assumed about exposure.
#[derive(Clone, Copy)]
struct Known {
    profile: SellingProfile,
    distrust: f64,
    capture: f64,
    /// Weight of partly stocked periods in the level, beside their exposure.
    partly: f64,
}

impl Known {
    /// Partly stocked periods were stocked out by their own demand more often than not, and their profile is a guess: a biased source. Its weight
    /// falls with its distrust and with how many fully stocked periods there are to rely on.
    fn new(model: &DemandModel, view: &SeriesView<'_>, capture: f64) -> Self {
        let mut partly = 1.0;
        if !view.fraction.is_empty() {
            let full = view
                .availability
                .iter()
                .filter(|a| **a == Availability::InStock)
                .count();
            partly = 1.0 / (model.distrust * (full as f64 / FEW_FULL).max(1.0));
        }
        Self {
            profile: model.profile,
            distrust: model.distrust,
            capture,
            partly,
        }
    }

    #[allow(clippy::too_many_arguments)] // one period's facts, all needed together
    fn evidence(
        &self,
        view: &SeriesView<'_>,
        t: usize,
        class: u8,
        index: f64,
        mean: f64,
        fit: &SeriesFit,
        lost: impl FnOnce() -> f64,
    ) -> Evidence {
        if class == EXCLUDED {
            return Evidence::default();
        }
        let seen = view.sold[t] + view.backordered[t];
        let whole = Evidence {
            n: seen,
            e: index,
            w: 1.0,
        };
        let partly = |e: f64, distrust: f64| {
            let law = fit.law(mean, view.whole_units, 0.0);
            let full = law.noise + law.effect * mean;
            let part = law.noise + law.effect * mean * e;
            Evidence {
                n: seen,
                e: index * e,
                w: full / (part * distrust),
            }
        };
        match view.availability[t] {
            Availability::InStock | Availability::Unknown => whole,
            Availability::SoldOut => match view.fraction(t) {
                Some(tau) => {
                    let e = self.profile.exposure(tau);
                    partly(e + self.capture * (1.0 - e), 1.0 / self.partly)
                }
                None => Evidence {
                    n: seen + lost(),
                    ..whole
                },
            },
            Availability::Backorder => partly(self.capture, 1.0),
            Availability::Closed | Availability::NotListed => Evidence::default(),
        }
    }

    fn lost(&self, view: &SeriesView<'_>, t: usize, law: &PeriodLaw) -> Band {
        match view.availability[t] {
            Availability::InStock | Availability::Unknown | Availability::NotListed => {
                Band::default()
            }
            Availability::SoldOut => match view.fraction(t) {
                Some(tau) => exposed(
                    law,
                    view.sold[t],
                    self.profile.exposure(tau),
                    view.backordered[t],
                    self.capture,
                    self.distrust,
                ),
                None => censored(law, view.sold[t], view.backordered[t], self.capture),
            },
            Availability::Backorder => exposed(
                law,
                view.sold[t],
                0.0,
                view.backordered[t],
                self.capture,
                1.0,
            ),
            Availability::Closed => exposed(law, view.sold[t], 0.0, 0.0, 0.0, 1.0),
        }
    }
}

/// Buffers of one worker.
#[derive(Default)]
struct Scratch {
    class: Vec<u8>,
    index: Vec<f64>,
    evidence: Vec<Evidence>,
    back: Vec<Level>,
    level: Vec<Level>,
}

/// What one chunk of series found.
struct Found {
    fits: Vec<SeriesFit>,
    groups: BTreeMap<u32, Sums>,
    scores: BTreeMap<u32, [f64; DELTAS.len()]>,
    /// Per category: observed and expected units by day.
    shared: BTreeMap<u32, Vec<[f64; 2]>>,
    /// Per channel: backorders taken, expected demand of the accepting periods.
    capture: BTreeMap<u32, [f64; 2]>,
    /// Σ 1, x, y, xx, xy of squared error ÷ mean on the mean, fractional series only.
    split: [f64; 5],
    emptied: Vec<EmptiedDay>,
    /// Σ of squared standardised errors of partly stocked periods, and their number.
    partly: [f64; 2],
}

/// Fits the model to the whole panel and recovers what every period hid.
pub fn estimate(panel: &Panel, tables: &Tables) -> DemandModel {
    let groups = Groups::new(panel, tables);
    let events = Events::new(&tables.calendar);
    let annual = (0..panel.len()).any(|i| panel.as_of - panel.first[i] >= ANNUAL_DAYS);
    let partial_days = panel
        .fraction
        .iter()
        .filter(|f| **f > 0.0 && **f < 1.0)
        .count();
    let flat = Indices::flat(events.count(), annual);
    let start = SeriesFit {
        group: 0,
        weekday: [1.0; 7],
        uplift: 1.0,
        level: 0.0,
        dispersion: 1.5,
        noise: 1.0,
        effect: 0.1,
        exposure: 0.0,
        sums: Dispersion::default(),
    };
    let mut demand = DemandModel {
        indices: vec![flat; groups.count],
        series: groups
            .of
            .iter()
            .map(|&group| SeriesFit { group, ..start })
            .collect(),
        profile: SellingProfile::default(),
        // Until the profile is known, partly stocked periods are hardly trusted.
        distrust: if partial_days > 0 { UNTRUSTED } else { 1.0 },
        capture: vec![CAPTURE_PRIOR.0 / (CAPTURE_PRIOR.0 + CAPTURE_PRIOR.1); tables.channels.len()],
        delta: vec![0.97; tables.channels.len()],
        shared: vec![Vec::new(); groups.categories],
        origin: panel.first.iter().min().copied().unwrap_or(panel.as_of),
        category: groups.category.clone(),
        events,
        lost: Vec::new(),
        lost_p10: Vec::new(),
        lost_p90: Vec::new(),
    };
    let stride = partial_days.div_ceil(PROFILE_DAYS).max(1);
    let numbers: Vec<usize> = (0..panel.len()).collect();
    for round in 0..ROUNDS {
        let found: Vec<Found> = numbers
            .par_chunks(CHUNK)
            .map_init(Scratch::default, |scratch, chunk| {
                look(
                    panel, tables, &demand, annual, round, stride, chunk, scratch,
                )
            })
            .collect();
        demand.update(panel, &groups, found, annual, round);
    }
    demand.recover(panel, tables);
    demand
}

/// Series by category × channel, with the channel of each group.
struct Groups {
    count: usize,
    of: Vec<u32>,
    channel: Vec<u32>,
    /// Category of each series, whatever its channel.
    category: Vec<u32>,
    categories: usize,
}

impl Groups {
    fn new(panel: &Panel, tables: &Tables) -> Self {
        let key = |i: usize| {
            let s = panel.series[i];
            (s.channel, tables.items[s.sku as usize].category.as_ref())
        };
        let mut codes = BTreeMap::new();
        for i in 0..panel.len() {
            codes.entry(key(i)).or_insert(0u32);
        }
        let mut channel = Vec::new();
        for (next, (k, code)) in codes.iter_mut().enumerate() {
            *code = next as u32;
            channel.push(k.0);
        }
        let mut names: BTreeMap<_, u32> = (0..panel.len()).map(|i| (key(i).1, 0)).collect();
        names
            .values_mut()
            .enumerate()
            .for_each(|(next, code)| *code = next as u32);
        Self {
            count: codes.len(),
            of: (0..panel.len()).map(|i| codes[&key(i)]).collect(),
            channel,
            category: (0..panel.len()).map(|i| names[&key(i).1]).collect(),
            categories: names.len(),
        }
    }
}

/// One pass over a chunk of series with the model as it stands.
#[allow(clippy::too_many_arguments)] // one pass's facts, all needed together
fn look(
    panel: &Panel,
    tables: &Tables,
    demand: &DemandModel,
    annual: bool,
    round: usize,
    stride: usize,
    chunk: &[usize],
    scratch: &mut Scratch,
) -> Found {
    let mut found = Found {
        fits: Vec::with_capacity(chunk.len()),
        groups: BTreeMap::new(),
        scores: BTreeMap::new(),
        shared: BTreeMap::new(),
        capture: BTreeMap::new(),
        split: [0.0; 5],
        emptied: Vec::new(),
        partly: [0.0; 2],
    };
    for &i in chunk {
        let view = panel.view(i);
        let channel = panel.series[i].channel;
        let mut fit = demand.series[i];
        let indices = &demand.indices[fit.group as usize];
        levels(panel, tables, demand, i, &mut fit, ROUND_PASSES, scratch);
        let sums = found
            .groups
            .entry(fit.group)
            .or_insert_with(|| Sums::new(demand.events.count(), annual));
        let capture = found.capture.entry(channel).or_default();
        let periods = ((panel.as_of - demand.origin) / view.step + 1) as usize;
        let shift = ((view.first - demand.origin) / view.step) as usize;
        let common = &demand.shared[demand.category[i] as usize];
        let shared = found
            .shared
            .entry(demand.category[i])
            .or_insert_with(|| vec![[0.0; 2]; periods]);
        let mut own_week = [[0.0; 2]; 7];
        let mut own_event = [0.0; 2];
        let mut errors = Dispersion::default();
        for t in 0..view.len() {
            let x = scratch.evidence[t];
            let class = scratch.class[t];
            let index = scratch.index[t];
            let mean = scratch.level[t].mean() * index;
            if view.availability[t] == Availability::Backorder && class != EXCLUDED {
                capture[0] += view.backordered[t];
                capture[1] += mean;
            }
            if x.w <= 0.0 || x.e <= 0.0 || mean <= 0.0 {
                continue;
            }
            let day = view.day(t);
            let expected = scratch.level[t].mean() * x.e;
            let seen = view.sold[t] + view.backordered[t];
            if view.step == 1 {
                let d = day.weekday();
                let cell = [x.w * x.n, x.w * expected / fit.weekday[d]];
                add(&mut sums.weekday[d], cell[0], cell[1]);
                add(&mut own_week[d], cell[0], cell[1]);
            }
            if class != ORDINARY {
                let unwinsorised = if x.n < seen { seen } else { x.n };
                let group_event = indices.event[usize::from(class)];
                add(
                    &mut sums.event[usize::from(class)],
                    x.w * unwinsorised,
                    x.w * expected / group_event,
                );
                if demand.events.is_promotion(class) {
                    add(
                        &mut own_event,
                        x.w * unwinsorised,
                        x.w * expected / fit.uplift,
                    );
                }
            }
            if let Some(cell) = sums.year.get_mut((day + view.step / 2).day_of_year()) {
                let season = indices.of_period(day, view.step);
                add(cell, x.w * x.n, x.w * fit.level * x.e / season);
            }
            match view.availability[t] {
                Availability::InStock | Availability::Unknown => {
                    let rest = (scratch.level[t].b - x.w * x.e).max(1e-9);
                    let m = ((scratch.level[t].a - x.w * x.n) / rest).max(0.0) * x.e;
                    let error = (seen - m).powi(2);
                    errors.add(error, m, 1.0);
                    let before = common.get(shift + t).copied().unwrap_or(1.0);
                    // Left alone in its category a series would explain itself: the day's own evidence is not in `m`.
                    add(&mut shared[shift + t], x.n, m / before);
                    if !view.whole_units && m > 0.0 {
                        let (w, y) = (
                            1.0 / (1.0 + m / fit.level.max(1e-9)),
                            (error / m).min(100.0 * m),
                        );
                        for (slot, value) in
                            found
                                .split
                                .iter_mut()
                                .zip([w, w * m, w * y, w * m * m, w * m * y])
                        {
                            *slot += value;
                        }
                    }
                }
                Availability::SoldOut => {
                    if let Some(tau) = view.fraction(t).filter(|t| *t > 0.0) {
                        let law = fit.law(mean, view.whole_units, 0.0);
                        let served = mean * demand.profile.exposure(tau);
                        let model = law.noise * served + law.effect * served * served;
                        if model > 0.0 {
                            add(
                                &mut found.partly,
                                ((seen - served).powi(2) / model).min(100.0),
                                1.0,
                            );
                        }
                        if seen > 0.0
                            && law.effect > 0.0
                            && (panel.offsets[i] + t).is_multiple_of(stride)
                        {
                            found.emptied.push(EmptiedDay {
                                sold: seen,
                                mean,
                                tau,
                                noise: law.noise,
                                day_effect: law.effect,
                            });
                        }
                    }
                }
                _ => {}
            }
        }
        if CHOOSING_ROUNDS.contains(&round) {
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
        fit.weekday = own_weekday(&own_week, &indices.weekday, fit.dispersion);
        fit.uplift = own_uplift(own_event[0], own_event[1], fit.dispersion);
        fit.sums = errors;
        found.fits.push(fit);
    }
    found
}

/// Day factors of each category, shrunk to the day's factor of all categories, and that to 1.
fn shared_days(sums: &[Vec<[f64; 2]>], dispersion: f64) -> Vec<Vec<f64>> {
    let prior = dispersion.max(1e-6) / SHARED_VARIANCE;
    let periods = sums.iter().map(Vec::len).max().unwrap_or(0);
    let mut all = vec![[0.0; 2]; periods];
    for days in sums {
        all.iter_mut()
            .zip(days)
            .for_each(|(a, b)| add(a, b[0], b[1]));
    }
    let ratio = |s: [f64; 2], parent: f64| (s[0] + prior * parent) / (s[1] + prior);
    sums.iter()
        .map(|days| {
            days.iter()
                .zip(&all)
                .map(|(&s, &a)| ratio(s, ratio(a, 1.0)))
                .collect()
        })
        .collect()
}

fn add(cell: &mut [f64; 2], observed: f64, expected: f64) {
    cell[0] += observed;
    cell[1] += expected;
}

/// Index, evidence and two-sided level of every period of series `i`, into `scratch`.
fn levels(
    panel: &Panel,
    tables: &Tables,
    demand: &DemandModel,
    i: usize,
    fit: &mut SeriesFit,
    passes: usize,
    scratch: &mut Scratch,
) {
    let view = panel.view(i);
    let key = panel.series[i];
    let indices = &demand.indices[fit.group as usize];
    let capture = if view.accepts_backorders {
        demand.capture[key.channel as usize]
    } else {
        0.0
    };
    let known = Known::new(demand, &view, capture);
    let delta = demand.delta[key.channel as usize];
    scratch.class.clear();
    scratch.class.resize(view.len(), ORDINARY);
    demand
        .events
        .mark(tables, key, view.first, view.step, &mut scratch.class);
    scratch.index.clear();
    let shared = &demand.shared[demand.category[i] as usize];
    let shift = ((view.first - demand.origin) / view.step) as usize;
    scratch.index.extend((0..view.len()).map(|t| {
        let common = shared.get(shift + t).copied().unwrap_or(1.0);
        common
            * index_of(
                &demand.events,
                indices,
                &fit.weekday,
                fit.uplift,
                scratch.class[t],
                view.day(t),
                view.step,
            )
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
                    censored_mean(&law, view.sold[t], view.backordered[t], capture)
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

impl DemandModel {
    /// Takes in what all chunks found: indices, dispersion, profile, capture, discount.
    fn update(
        &mut self,
        panel: &Panel,
        groups: &Groups,
        found: Vec<Found>,
        annual: bool,
        round: usize,
    ) {
        let events = self.events.count();
        let mut by_group: Vec<Sums> = vec![Sums::new(events, annual); groups.count];
        let mut by_channel: BTreeMap<u32, Sums> = BTreeMap::new();
        let mut scores: BTreeMap<u32, [f64; DELTAS.len()]> = BTreeMap::new();
        let mut captured: BTreeMap<u32, [f64; 2]> = BTreeMap::new();
        let mut shared: Vec<Vec<[f64; 2]>> = vec![Vec::new(); groups.categories];
        let (mut split, mut partly, mut emptied) = ([0.0; 5], [0.0; 2], Vec::new());
        let mut i = 0;
        for part in found {
            for fit in part.fits {
                self.series[i] = fit;
                i += 1;
            }
            for (g, sums) in &part.groups {
                by_group[*g as usize].add(sums);
                by_channel
                    .entry(groups.channel[*g as usize])
                    .or_insert_with(|| Sums::new(events, annual))
                    .add(sums);
            }
            for (c, s) in part.scores {
                scores
                    .entry(c)
                    .or_default()
                    .iter_mut()
                    .zip(s)
                    .for_each(|(a, b)| *a += b);
            }
            for (c, s) in part.capture {
                captured
                    .entry(c)
                    .or_default()
                    .iter_mut()
                    .zip(s)
                    .for_each(|(a, b)| *a += b);
            }
            for (c, days) in part.shared {
                let all = &mut shared[c as usize];
                all.resize(days.len(), [0.0; 2]);
                all.iter_mut()
                    .zip(days)
                    .for_each(|(a, b)| add(a, b[0], b[1]));
            }
            split.iter_mut().zip(part.split).for_each(|(a, b)| *a += b);
            partly
                .iter_mut()
                .zip(part.partly)
                .for_each(|(a, b)| *a += b);
            emptied.extend(part.emptied);
        }
        let typical = self.disperse(panel, groups, split);
        self.shared = shared_days(&shared, typical);
        let mut all = Sums::new(events, annual);
        by_channel.values().for_each(|s| all.add(s));
        let root = Indices::shrunk(&all, &Indices::flat(events, annual), typical, panel.grain);
        let channels: BTreeMap<u32, Indices> = by_channel
            .iter()
            .map(|(&c, s)| (c, Indices::shrunk(s, &root, typical, panel.grain)))
            .collect();
        for (g, sums) in by_group.iter().enumerate() {
            self.indices[g] =
                Indices::shrunk(sums, &channels[&groups.channel[g]], typical, panel.grain);
        }
        for (c, [taken, expected]) in captured {
            let prior = CAPTURE_PRIOR;
            self.capture[c as usize] =
                ((prior.0 + taken) / (prior.0 + prior.1 + expected)).clamp(0.02, 0.98);
        }
        for (c, s) in scores {
            let best = (0..DELTAS.len())
                .max_by(|&a, &b| s[a].total_cmp(&s[b]))
                .unwrap_or(2);
            self.delta[c as usize] = DELTAS[best];
        }
        if partly[1] > 0.0 && round > 0 {
            self.profile = fit_profile(&emptied);
            // Until the last round, levels stand on fully stocked periods alone: they must not be bent by a profile not yet known.
            self.distrust = if round + 2 < ROUNDS {
                UNTRUSTED
            } else {
                (partly[0] / partly[1]).clamp(1.0, 20.0)
            };
        }
    }

    /// Dispersions, shrunk to a trend per channel. Returns a typical one.
    fn disperse(&mut self, panel: &Panel, groups: &Groups, split: [f64; 5]) -> f64 {
        let [w, x, y, xx, xy] = split;
        let (mut noise, mut effect) = (1.0, 0.1);
        if w > 0.0 {
            let spread = (xx - x * x / w).max(1e-12);
            effect = ((xy - x * y / w) / spread).max(0.0);
            noise = (y - effect * x) / w;
            if noise <= 0.02 * y / w {
                noise = 0.02 * y / w;
                effect = ((y - noise * w) / x.max(1e-12)).max(0.0);
            }
        }
        let mut members: BTreeMap<(u32, bool), Vec<Dispersion>> = BTreeMap::new();
        for (i, fit) in self.series.iter().enumerate() {
            let channel = groups.channel[fit.group as usize];
            members
                .entry((channel, panel.whole_units[i]))
                .or_default()
                .push(fit.sums);
        }
        let fallback = noise.max(1e-6);
        let trends: BTreeMap<(u32, bool), Trend> = members
            .iter()
            .map(|(k, v)| (*k, Trend::fit(v, 10.0, if k.1 { 1.5 } else { fallback })))
            .collect();
        let mut all = Vec::with_capacity(self.series.len());
        for (i, fit) in self.series.iter_mut().enumerate() {
            let whole = panel.whole_units[i];
            let channel = groups.channel[fit.group as usize];
            fit.dispersion = trends[&(channel, whole)]
                .of(&fit.sums, fit.level, DISPERSION_PRIOR)
                .max(1e-6);
            (fit.noise, fit.effect) = if whole { (1.0, 0.0) } else { (noise, effect) };
            all.push(fit.dispersion);
        }
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(1.5)
    }

    fn recover(&mut self, panel: &Panel, tables: &Tables) {
        let total = panel.sold.len();
        let (mut lost, mut p10, mut p90) = (vec![0.0; total], vec![0.0; total], vec![0.0; total]);
        {
            let mut slots = Vec::with_capacity(panel.len());
            let (mut a, mut b, mut c) = (&mut lost[..], &mut p10[..], &mut p90[..]);
            for i in 0..panel.len() {
                let n = panel.range(i).len();
                let (x, y, z);
                (x, a) = a.split_at_mut(n);
                (y, b) = b.split_at_mut(n);
                (z, c) = c.split_at_mut(n);
                slots.push((i, x, y, z));
            }
            let model = &*self;
            slots
                .par_chunks_mut(CHUNK)
                .for_each_init(Scratch::default, |scratch, chunk| {
                    for (i, lost, p10, p90) in chunk {
                        recover_series(panel, tables, model, *i, scratch, [lost, p10, p90]);
                    }
                });
        }
        (self.lost, self.lost_p10, self.lost_p90) = (lost, p10, p90);
    }
}

/// Mean and 80 % band of what each period of series `i` hid, into three columns of its length.
fn recover_series(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    i: usize,
    scratch: &mut Scratch,
    [lost, p10, p90]: [&mut [f64]; 3],
) {
    let view = panel.view(i);
    if !view.availability.iter().any(|a| a.is_stockout()) {
        return;
    }
    let mut fit = model.series[i];
    levels(panel, tables, model, i, &mut fit, PASSES, scratch);
    let capture = if view.accepts_backorders {
        model.capture[panel.series[i].channel as usize]
    } else {
        0.0
    };
    let known = Known::new(model, &view, capture);
    for t in 0..view.len() {
        if !view.availability[t].is_stockout() {
            continue;
        }
        let level = scratch.level[t];
        let mean = level.mean() * scratch.index[t];
        if mean <= 0.0 {
            continue;
        }
        let uncertain = (fit.dispersion / level.a.max(1e-9)).min(1.0);
        let law = fit.law(mean, view.whole_units, uncertain);
        let band = known.lost(&view, t, &law);
        (lost[t], p10[t], p90[t]) = (band.mean, band.p10, band.p90);
    }
}
