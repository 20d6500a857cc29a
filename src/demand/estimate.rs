//! Fits the model and recovers what every period hid.

mod levels;
#[cfg(test)]
mod lost_tests;
mod pass;
mod recover;
mod seasons;
#[cfg(test)]
mod tests;
mod update;

use std::collections::BTreeMap;

use rayon::prelude::*;

use self::levels::{Given, SLOW, Scratch};
use self::pass::{Found, Pass, look};
use self::seasons::Seasons;
use super::capture::CapturePrior;
use super::season::Indices;
use super::{DemandModel, Dispersion, Events, KnownTime, SellingWeek, SeriesFit};
use crate::domain::{ChannelId, Tables};
use crate::panel::Panel;

/// Strength of a series' long-run level against its recent past, in periods.
const PRIOR_PERIODS: f64 = 1.0;
/// Series a chunk of work; sums are added chunk by chunk, so that threads change nothing.
const CHUNK: usize = 64;
/// An annual index needs two full years, or it would be a trend.
const ANNUAL_DAYS: i32 = 2 * 365 - 15;
/// Years that it is learnt from, at most; what is older is counted with the last of them.
const MOST_YEARS: i32 = 6;
/// Beta prior of the capture of backorders, in units: as many wait as go. Where nine of ten wait, each unit that nobody refused is a tenth more lost
/// of ten customers: the prior is the one that leans least (Jeffreys, 1946).
const CAPTURE_PRIOR: CapturePrior = CapturePrior {
    taken: 0.5,
    refused: 0.5,
};
/// Emptied days that the selling profile is fitted on, at most.
const PROFILE_DAYS: usize = 8_000;
/// Rounds of level → indices → dispersion.
const ROUNDS: usize = 4;
/// Rounds after which the discount is chosen anew; the last one keeps it, so that levels and discount agree.
const CHOOSING_ROUNDS: [usize; 3] = [0, 1, 2];
/// Series of a channel that its discount is chosen by, at most: the sum over a few hundred histories leaves no doubt between the values tried.
const JUDGES: usize = 500;
/// Passes of censoring → level within a round, and for the result.
const ROUND_PASSES: usize = 2;
const PASSES: usize = 3;
/// Weight that partly stocked periods are divided by until their profile is known.
const UNTRUSTED: f64 = 1e3;

/// Fits the model to the whole panel and recovers what every period hid.
pub fn estimate(panel: &Panel, tables: &Tables) -> DemandModel {
    let groups = Groups::new(panel, tables);
    let events = Events::new(&tables.calendar, KnownTime::of(panel));
    let years = years(panel);
    let partial_days = panel
        .fraction
        .iter()
        .filter(|f| **f > 0.0 && **f < 1.0)
        .count();
    let flat = Indices::flat(events.count(), years > 0);
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
        profile: SellingWeek::default(),
        // Until the profile is known, partly stocked periods are hardly trusted.
        distrust: if partial_days > 0 { UNTRUSTED } else { 1.0 },
        capture: vec![CAPTURE_PRIOR.mean(); tables.channels.len()],
        own_capture: vec![CAPTURE_PRIOR.mean(); panel.len()],
        delta: vec![0.97; tables.channels.len()],
        slow: vec![SLOW; tables.channels.len()],
        shared: vec![Vec::new(); groups.categories],
        origin: panel.first.iter().min().copied().unwrap_or(panel.as_of),
        category: groups.category.clone(),
        own_weeks: Vec::new(),
        sku: groups.sku.clone(),
        events,
        lost: Vec::new(),
        lost_p10: Vec::new(),
        lost_p90: Vec::new(),
    };
    let stride = partial_days.div_ceil(PROFILE_DAYS).max(1);
    let numbers: Vec<usize> = (0..panel.len()).collect();
    let mut judges = vec![false; panel.len()];
    for i in panel.judges(JUDGES) {
        judges[i] = true;
    }
    for round in 0..ROUNDS {
        let seasons = Seasons::new(panel, &demand, years);
        let pass = Pass {
            given: Given::new(panel, tables, &demand, &seasons),
            round,
            stride,
            judges: &judges,
        };
        let found: Vec<Found> = numbers
            .par_chunks(CHUNK)
            .map_init(Scratch::default, |scratch, chunk| {
                look(&pass, chunk, scratch)
            })
            .collect();
        demand.update(panel, &groups, found, years, round);
    }
    demand.recover(panel, tables);
    demand
}

/// Years that an annual index is learnt from; 0 where the history is too short for one.
fn years(panel: &Panel) -> usize {
    let longest = panel.first.iter().map(|&f| panel.as_of - f).max();
    match longest {
        Some(days) if days >= ANNUAL_DAYS => ((days + 15) / 365).clamp(2, MOST_YEARS) as usize,
        _ => 0,
    }
}

/// Series by category × channel, with the channel of each group.
struct Groups {
    count: usize,
    of: Vec<u32>,
    channel: Vec<ChannelId>,
    /// Category of each series, whatever its channel.
    category: Vec<u32>,
    categories: usize,
    /// Place of each series' SKU among those that have any.
    sku: Vec<u32>,
    /// Category of each group.
    category_of: Vec<u32>,
}

impl Groups {
    fn new(panel: &Panel, tables: &Tables) -> Self {
        let key = |i: usize| {
            let s = panel.series[i];
            (s.channel, tables.items[s.sku].category.as_ref())
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
        let mut skus = Vec::new();
        let mut sku = Vec::with_capacity(panel.len());
        for s in &panel.series {
            if skus.last() != Some(&s.sku) {
                skus.push(s.sku);
            }
            sku.push(skus.len() as u32 - 1);
        }
        Self {
            count: codes.len(),
            sku,
            category_of: codes.keys().map(|k| names[&k.1]).collect(),
            of: (0..panel.len()).map(|i| codes[&key(i)]).collect(),
            channel,
            category: (0..panel.len()).map(|i| names[&key(i).1]).collect(),
            categories: names.len(),
        }
    }
}
