//! Phantom stock: a record that shows units which nobody can buy.
//!
//! A shelf that sells 0.8 a day and shows three units for five weeks without selling one has no customers only by an extraordinary
//! chance. The chance is that of no sale on all days of the spell under the demand model, its level taken from the days around
//! (never from the spell itself) and integrated over what is not known of it:
//!
//! P = Π (β / (β + κE))^α, level ~ Gamma(α, β), E = Σ index, κ = ln φ / (φ − 1) for negative binomial days of variance φ·mean
//! (Greenwood & Yule, 1920; inventory inaccuracy and its "zero balance walk": DeHoratius, Mersereau & Schrage, 2008).

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::movements::{Movements, Order, PoolDays, orders};
use crate::demand::{DemandModel, EXCLUDED, Evidence, Level, ORDINARY, two_sided};
use crate::domain::{Availability, Day, Tables};
use crate::panel::Panel;

/// A spell as unlikely as this is not chance. A series has some dozens of sales a year after which one could begin.
const CHANCE: f64 = 1e-4;
/// Fewer units than these are not worth a walk to the shelf.
const LEAST_MISSED: f64 = 4.0;
/// Periods behind and before a spell that its level rests on, at least.
const AROUND: usize = 28;

/// A quiet spell in front of a recorded stock.
#[derive(Clone, Debug, PartialEq)]
pub struct QuietSpell {
    pub sku: u32,
    pub location: u32,
    /// Series of the pool, with the positions of the spell in the panel's columns.
    pub series: Vec<(usize, std::ops::Range<usize>)>,
    pub from: Day,
    /// Last day of the last quiet period.
    pub to: Day,
    /// Whether it reaches as-of.
    pub running: bool,
    /// Recorded stock on the last quiet day.
    pub on_hand: f64,
    /// Probability of so long a spell by chance.
    pub probability: f64,
    /// Units that would have sold.
    pub missed: f64,
}

/// All quiet spells that chance does not explain, by (sku, location, from). A pure function of panel and model.
pub fn quiet_spells(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    movements: &Movements,
) -> Vec<QuietSpell> {
    let mut pools: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    for (i, key) in panel.series.iter().enumerate() {
        pools.entry((key.sku, key.location)).or_default().push(i);
    }
    let orders = orders(tables);
    let none: Vec<Order> = Vec::new();
    let pools: Vec<_> = pools.into_iter().collect();
    pools
        .par_iter()
        .map(|(key, series)| {
            let placed = orders.get(key).unwrap_or(&none);
            PoolDays::new(panel, movements, placed, *key, series)
                .map(|days| of_pool(panel, tables, model, &days))
                .unwrap_or_default()
        })
        .flatten_iter()
        .collect()
}

/// Marks the days of the spells as closed: nobody could buy. Returns the series that changed.
pub fn close(panel: &mut Panel, spells: &[QuietSpell]) -> Vec<usize> {
    let mut changed: Vec<usize> = Vec::new();
    for (i, range) in spells.iter().flat_map(|s| &s.series) {
        panel.availability[range.clone()].fill(Availability::Closed);
        changed.push(*i);
    }
    changed.sort_unstable();
    changed.dedup();
    changed
}

/// Quiet spells of a pool as periods `from..to` with how each ended.
fn spells(panel: &Panel, days: &PoolDays) -> Vec<(usize, usize, bool)> {
    let stocked = |t: usize| {
        days.members.iter().all(|&(i, shift)| {
            t.checked_sub(shift).is_none_or(|at| {
                let at = panel.offsets[i] + at;
                panel.availability[at] == Availability::InStock && panel.backordered[at] <= 0.0
            })
        })
    };
    // What moves without a sale proves that the goods are there; so does a sale from the old stock.
    let goods_moved = |t: usize| days.sold[t] > 0.0 || days.other[t] != 0.0;
    let mut found = Vec::new();
    let mut start = None;
    for t in 1..days.len() {
        let record = days.closing[t - 1] > 0.0 && days.closing[t] > 0.0;
        let corrected = days.unexplained(t).abs() >= 1.0;
        if record && !corrected && !goods_moved(t) && stocked(t) {
            let from = *start.get_or_insert(t);
            if days.received[t] > 0.0 {
                // New goods end it: whatever sells tomorrow says nothing about the old.
                found.push((from, t + 1, false));
                start = None;
            }
            continue;
        }
        if let Some(from) = start.take()
            && (corrected || days.closing[t].is_nan())
            && days.sold[t] <= 0.0
        {
            found.push((from, t, false));
        }
    }
    if let Some(from) = start {
        found.push((from, days.len(), true));
    }
    found
}

fn of_pool(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    days: &PoolDays,
) -> Vec<QuietSpell> {
    let rough: f64 = days
        .members
        .iter()
        .map(|&(i, _)| model.series[i].level)
        .sum();
    spells(panel, days)
        .into_iter()
        // Spells that not even three times the usual demand could make suspicious need no closer look.
        .filter(|&(from, to, _)| 3.0 * rough * (to - from) as f64 >= LEAST_MISSED)
        .filter_map(|(from, to, running)| {
            let (mut chance, mut missed) = (0.0, 0.0);
            let mut series = Vec::new();
            for &(i, shift) in &days.members {
                let own = from.saturating_sub(shift)..to.saturating_sub(shift);
                if own.is_empty() {
                    continue;
                }
                let (ln_p, units) = quiet(panel, tables, model, i, own.clone());
                chance += ln_p;
                missed += units;
                let start = panel.offsets[i];
                series.push((i, start + own.start..start + own.end));
            }
            let probability = chance.exp();
            (probability < CHANCE && missed >= LEAST_MISSED).then(|| QuietSpell {
                sku: days.sku,
                location: days.location,
                series,
                from: days.day(from),
                to: days.day(to - 1) + (days.step - 1),
                running,
                on_hand: days.closing[to - 1],
                probability,
                missed,
            })
        })
        .collect()
}

/// ln P(no sale in `spell`) of series `i`, and the units expected of it.
fn quiet(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    i: usize,
    spell: std::ops::Range<usize>,
) -> (f64, f64) {
    let view = panel.view(i);
    let fit = &model.series[i];
    let mut class = vec![ORDINARY; view.len()];
    model
        .events
        .mark(tables, panel.series[i], view.first, view.step, &mut class);
    let evidence = model.evidence(panel, i);
    let index: Vec<f64> = (0..view.len())
        .map(|t| model.index(i, class[t], view.day(t), view.step))
        .collect();
    let seen: Vec<Evidence> = (0..view.len())
        .map(|t| {
            if spell.contains(&t) {
                Evidence::default()
            } else {
                evidence(t, class[t], index[t], fit.level * index[t])
            }
        })
        .collect();
    let before = seen[..spell.start].iter().filter(|x| x.e > 0.0).count();
    if before < AROUND {
        return (0.0, 0.0);
    }
    let prior = Level {
        a: fit.level,
        b: 1.0,
    };
    let delta = model.delta[panel.series[i].channel as usize];
    let (mut back, mut levels) = (Vec::new(), Vec::new());
    two_sided(&seen, prior, delta, &mut back, &mut levels);
    let exposure: f64 = spell
        .clone()
        .filter(|&t| class[t] != EXCLUDED)
        .map(|t| index[t])
        .sum();
    let level = levels[spell.start + spell.len() / 2];
    let dispersion = fit.dispersion.max(1.0);
    let kappa = if dispersion > 1.000_001 {
        dispersion.ln() / (dispersion - 1.0)
    } else {
        1.0
    };
    // Evidence in units of the dispersion: a unit seen counts for 1/φ.
    let (shape, rate) = (level.a / dispersion, level.b / dispersion);
    let ln_p = if rate > 0.0 {
        -shape * (kappa * exposure / rate).ln_1p()
    } else {
        0.0
    };
    (ln_p, level.mean() * exposure)
}
