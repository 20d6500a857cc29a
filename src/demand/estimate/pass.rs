//! One pass over a chunk of series with the model as it stands.

use std::collections::BTreeMap;

use super::levels::{Given, Scratch, levels};
use super::{CHOOSING_ROUNDS, PRIOR_PERIODS, ROUND_PASSES};
use crate::demand::level::{Level, one_step_scores};
use crate::demand::season::{Sums, own_uplift, own_weekday};
use crate::demand::{Dispersion, EXCLUDED, EmptiedDay, ORDINARY, SeriesFit};
use crate::domain::{Availability, ChannelId};

/// Discount factors tried for the moving level, per day or week.
pub const DELTAS: [f64; 6] = [0.80, 0.88, 0.94, 0.97, 0.985, 0.995];

/// What a pass works from.
pub struct Pass<'a> {
    pub given: Given<'a>,
    pub annual: bool,
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
    pub scores: BTreeMap<ChannelId, [f64; DELTAS.len()]>,
    /// Per category: observed and expected units by day.
    pub shared: BTreeMap<u32, Vec<[f64; 2]>>,
    /// Per channel: backorders taken, expected demand of the accepting periods.
    pub capture: BTreeMap<ChannelId, [f64; 2]>,
    /// Σ 1, x, y, xx, xy of squared error ÷ mean on the mean, fractional series only.
    pub split: [f64; 5],
    pub emptied: Vec<EmptiedDay>,
    /// Σ of squared standardised errors of partly stocked periods, and their number.
    pub partly: [f64; 2],
}

/// Looks at a chunk of series, given by number.
pub fn look(pass: &Pass<'_>, chunk: &[usize], scratch: &mut Scratch) -> Found {
    let Pass {
        given,
        annual,
        round,
        stride,
        judges,
    } = *pass;
    let Given {
        panel,
        demand,
        seasons,
        ..
    } = given;
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
        levels(given, i, &mut fit, ROUND_PASSES, scratch);
        let sums = found
            .groups
            .entry(fit.group)
            .or_insert_with(|| Sums::new(demand.events.count(), annual));
        let capture = found.capture.entry(channel).or_default();
        let shift = ((view.first - demand.origin) / view.step) as usize;
        let common = &demand.shared[demand.category[i] as usize];
        let shared = found
            .shared
            .entry(demand.category[i])
            .or_insert_with(|| vec![[0.0; 2]; seasons.year_day.len()]);
        let season = &seasons.factors[fit.group as usize];
        let weekday = view.first.weekday();
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
            let expected = scratch.level[t].mean() * x.e;
            let seen = view.sold[t] + view.backordered[t];
            if view.step == 1 {
                let d = (weekday + t) % 7;
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
            if let Some(cell) = sums.year.get_mut(seasons.year_day[shift + t]) {
                add(cell, x.w * x.n, x.w * fit.level * x.e / season[shift + t]);
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
                        let served = mean * demand.profile.exposure(view.day(t), tau);
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
                                weekday: view.day(t).weekday(),
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
        if judges[i] && CHOOSING_ROUNDS.contains(&round) {
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

/// Adds a period's observed and expected units.
pub fn add(cell: &mut [f64; 2], observed: f64, expected: f64) {
    cell[0] += observed;
    cell[1] += expected;
}
