//! Phantom stock: a record that shows units which nobody can buy.
//!
//! A shelf that sells 0.8 a day and shows three units for five weeks without selling one has no customers only by an extraordinary
//! chance. The chance is that of no sale on all days of the spell under the demand model, its level taken from the days around
//! (never from the spell itself) and integrated over what is not known of it:
//!
//! P = (1 + κ·ρ²·m)^(−1/ρ²), m = level · Σ index over the spell, κ = ln φ / (φ − 1) for negative binomial days of variance φ·mean, and ρ²
//! the relative variance of what is not known of the level
//! (Greenwood & Yule, 1920; inventory inaccuracy and its "zero balance walk": DeHoratius, Mersereau & Schrage, 2008).
//!
//! Units that are not there stay when new goods come and sell: the record falls back to the same level and rests there again. So spells at
//! one level with nothing sold from below it in between are one piece of evidence. What happens later judges it: a sale that takes the record
//! below the level proves that the goods were there (the offer was closed, or nobody asked), a count that takes them off the record
//! proves that they were not.

use std::ops::Range;

use rayon::prelude::*;

use super::movements::{Movements, PoolDays};
use crate::demand::{DemandModel, EXCLUDED, Evidence, Level, ORDINARY, two_sided};
use crate::domain::{Availability, Day, LocationId, SkuId, Tables};
use crate::panel::Panel;

/// A spell as unlikely as this is not chance. A series has some dozens of sales a year after which one could begin.
const CHANCE: f64 = 1e-4;
/// The same once a count found the units missing: that they were lost is known, and only the day is not.
const CHANCE_COUNTED: f64 = 0.05;
/// Fewer units than these are not worth a walk to the shelf.
const LEAST_MISSED: f64 = 4.0;
/// Periods behind and before a spell that its level rests on, at least.
const AROUND: usize = 28;
/// Stretches as long as the spell from which it is known how much such stretches differ, at least.
const STRETCHES: usize = 4;
/// Units to be expected of new goods that do not sell either: none by chance once in twenty.
const UNSOLD: f64 = 3.0;
/// This share of the units, at least one, sold or counted off settles whether they were there.
const SETTLED: (f64, f64) = (0.1, 0.5);

/// Quiet spells in front of a recorded stock, at one level of the record.
#[derive(Clone, Debug, PartialEq)]
pub struct QuietSpell {
    pub sku: SkuId,
    pub location: LocationId,
    /// Series of the pool, with the positions of each quiet spell in the panel's columns.
    pub series: Vec<(usize, Range<usize>)>,
    pub from: Day,
    /// Last day of the last quiet period.
    pub to: Day,
    /// Quiet days within `from..=to`.
    pub days: i32,
    /// Whether it reaches as-of.
    pub running: bool,
    /// Recorded stock that nobody bought.
    pub on_hand: f64,
    /// Probability of so many quiet days by chance.
    pub probability: f64,
    /// Units that would have sold.
    pub missed: f64,
    /// Whether the units sold later: they were there, and yet nobody bought.
    pub sold_later: bool,
}

/// All quiet spells that chance does not explain, by (sku, location, from). A pure function of panel and model.
pub fn quiet_spells(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    movements: &Movements,
) -> Vec<QuietSpell> {
    panel
        .pools
        .par_iter()
        .map(|(key, series)| {
            let placed = movements.orders_of(key.0, key.1);
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

/// A stretch of quiet periods.
struct Quiet {
    periods: Range<usize>,
    running: bool,
}

/// Quiet stretches of a pool that did not end with a sale of what was there.
fn stretches(panel: &Panel, days: &PoolDays) -> Vec<Quiet> {
    let stocked = |t: usize| {
        days.members.iter().all(|&(i, shift)| {
            t.checked_sub(shift).is_none_or(|at| {
                let at = panel.offsets[i] + at;
                panel.availability[at] == Availability::InStock
                    && panel.backordered[at] <= 0.0
                    && panel.reach.get(at).is_none_or(|reach| *reach >= 1.0)
            })
        })
    };
    // What moves without a sale proves that the goods are there; so does a sale from the old stock.
    let goods_moved = |t: usize| days.sold[t] > 0.0 || days.other[t] != 0.0;
    let mut found = Vec::new();
    let mut start = None;
    let quiet = |periods, running| Quiet { periods, running };
    for t in 1..days.len() {
        let record = days.closing[t - 1] > 0.0 && days.closing[t] > 0.0;
        let corrected = days.unexplained(t).abs() >= 1.0;
        if record && !corrected && !goods_moved(t) && stocked(t) {
            let from = *start.get_or_insert(t);
            if days.received[t] > 0.0 {
                // New goods end it: whatever sells tomorrow says nothing about the old.
                found.push(quiet(from..t + 1, false));
                start = None;
            }
            continue;
        }
        if let Some(from) = start.take()
            && (corrected || days.closing[t].is_nan())
            && days.sold[t] <= 0.0
        {
            found.push(quiet(from..t, false));
        }
    }
    if let Some(from) = start {
        found.push(quiet(from..days.len(), true));
    }
    found
}

/// What became of the units at the level of a spell.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Later {
    /// Nothing is known.
    Unknown,
    /// They sold.
    Sold,
    /// A count did not find them.
    Missing,
}

/// What the periods from `t` on say of `units` on record. `until` is the first period that says anything, or the end.
fn later(days: &PoolDays, units: f64, t: usize) -> (Later, usize) {
    let sold = f64::max(1.0, SETTLED.0 * units);
    let missing = f64::max(1.0, SETTLED.1 * units);
    for t in t..days.len() {
        let jump = days.unexplained(t);
        if jump <= -missing {
            return (Later::Missing, t);
        }
        if jump.abs() >= 1.0 || days.closing[t].is_nan() {
            return (Later::Unknown, t);
        }
        if days.closing[t] <= units - sold {
            return (Later::Sold, t);
        }
    }
    (Later::Unknown, days.len())
}

/// Stretches at one level of the record, joined as long as nothing was sold, moved or counted from below it. `rough` are units a period.
fn chains(days: &PoolDays, stretches: Vec<Quiet>, rough: f64) -> Vec<(Vec<Quiet>, Later)> {
    let level = |q: &Quiet| days.closing[q.periods.start - 1];
    let mut settled: Vec<(Later, usize)> = stretches
        .iter()
        .map(|q| later(days, level(q), q.periods.end))
        .collect();
    // New goods came and did not sell either, and later all did: it was the offer, not the record.
    for k in (1..stretches.len()).rev() {
        let (old, new) = (&stretches[k - 1].periods, &stretches[k].periods);
        if settled[k].0 == Later::Sold && old.end == new.start && rough * new.len() as f64 >= UNSOLD
        {
            settled[k - 1].0 = Later::Sold;
        }
    }
    let mut open: Vec<(f64, (Later, usize), Vec<Quiet>)> = Vec::new();
    for (quiet, settled) in stretches.into_iter().zip(settled) {
        let units = level(&quiet);
        // Of the same level, and not settled before it began.
        let chain = open.iter_mut().rev().find(|(known, (_, until), _)| {
            (known - units).abs() < 1e-6 && *until >= quiet.periods.start
        });
        match chain {
            Some((_, then, members)) => {
                *then = settled;
                members.push(quiet);
            }
            None => open.push((units, settled, vec![quiet])),
        }
    }
    open.into_iter()
        .map(|(_, (then, _), members)| (members, then))
        .collect()
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
    let mut found: Vec<QuietSpell> = chains(days, stretches(panel, days), rough)
        .into_iter()
        // Spells that not even three times the usual demand could make suspicious need no closer look.
        .filter(|(members, _)| {
            let periods: usize = members.iter().map(|q| q.periods.len()).sum();
            3.0 * rough * periods as f64 >= LEAST_MISSED
        })
        .filter_map(|(members, then)| {
            let (mut chance, mut missed) = (0.0, 0.0);
            let mut series = Vec::new();
            for &(i, shift) in &days.members {
                let own: Vec<Range<usize>> = members
                    .iter()
                    .map(|q| {
                        q.periods.start.saturating_sub(shift)..q.periods.end.saturating_sub(shift)
                    })
                    .filter(|own| !own.is_empty())
                    .collect();
                if own.is_empty() {
                    continue;
                }
                let (ln_p, units) = quiet(panel, tables, model, i, &own);
                chance += ln_p;
                missed += units;
                let start = panel.offsets[i];
                series.extend(own.iter().map(|r| (i, start + r.start..start + r.end)));
            }
            let probability = chance.exp();
            let enough = match then {
                Later::Missing => CHANCE_COUNTED,
                Later::Unknown | Later::Sold => CHANCE,
            };
            let (first, last) = (members.first()?, members.last()?);
            let periods: usize = members.iter().map(|q| q.periods.len()).sum();
            (probability < enough && missed >= LEAST_MISSED).then(|| QuietSpell {
                sku: days.sku,
                location: days.location,
                series,
                from: days.day(first.periods.start),
                to: days.day(last.periods.end - 1) + (days.step - 1),
                days: periods as i32 * days.step,
                running: last.running,
                on_hand: days.closing[first.periods.start - 1],
                probability,
                missed,
                sold_later: then == Later::Sold,
            })
        })
        .collect();
    found.sort_by_key(|q| q.from);
    found
}

/// ln P(no sale in the `spells`) of series `i`, and the units expected of them.
fn quiet(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    i: usize,
    spells: &[Range<usize>],
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
    let mut seen: Vec<Evidence> = (0..view.len())
        .map(|t| evidence(t, class[t], index[t], fit.level * index[t]))
        .collect();
    for spell in spells {
        seen[spell.clone()].fill(Evidence::default());
    }
    let before = seen[..spells[0].start].iter().filter(|x| x.e > 0.0).count();
    if before < AROUND {
        return (0.0, 0.0);
    }
    let prior = Level {
        a: fit.level,
        b: 1.0,
    };
    let delta = model.delta[panel.series[i].channel.at()];
    let (mut back, mut levels) = (Vec::new(), Vec::new());
    two_sided(&seen, prior, delta, &mut back, &mut levels);
    let dispersion = fit.dispersion.max(1.0);
    let (mut missed, mut information) = (0.0, f64::INFINITY);
    for spell in spells {
        let exposure: f64 = spell
            .clone()
            .filter(|&t| class[t] != EXCLUDED)
            .map(|t| index[t])
            .sum();
        let level = levels[spell.start + spell.len() / 2];
        missed += level.mean() * exposure;
        // A unit seen counts for 1/φ.
        information = information.min(level.a / dispersion);
    }
    // Far from any sale the moving level knows nothing; how stretches of this length differ from the long run is known even there.
    let length = spells.iter().map(Range::len).max().unwrap_or(1);
    let spread = (1.0 / information).min(long_run_spread(&seen, fit.level, dispersion, length));
    (ln_none(missed, dispersion, spread), missed)
}

/// ln P(no unit) of negative binomial periods with `mean` units together and variance `dispersion` · mean, where the mean itself
/// is gamma distributed with relative variance `spread`.
fn ln_none(mean: f64, dispersion: f64, spread: f64) -> f64 {
    let kappa = if dispersion > 1.000_001 {
        dispersion.ln() / (dispersion - 1.0)
    } else {
        1.0
    };
    if spread > 1e-9 {
        -(kappa * spread * mean).ln_1p() / spread
    } else {
        -kappa * mean
    }
}

/// Relative variance of the level of a stretch of `length` periods around the long-run `level`: what the units of such stretches vary beyond
/// their dispersion, and what is not known of the long run itself. Infinite without enough stretches.
fn long_run_spread(seen: &[Evidence], level: f64, dispersion: f64, length: usize) -> f64 {
    let (mut squares, mut means, mut means_squared, mut units, mut stretches) =
        (0.0, 0.0, 0.0, 0.0, 0);
    let (mut n, mut mean, mut periods) = (0.0, 0.0, 0);
    for x in seen.iter().filter(|x| x.w > 0.0 && x.e > 0.0) {
        n += x.n;
        mean += level * x.e;
        periods += 1;
        if periods == length {
            squares += (n - mean) * (n - mean);
            means += mean;
            means_squared += mean * mean;
            units += n;
            stretches += 1;
            (n, mean, periods) = (0.0, 0.0, 0);
        }
    }
    if stretches < STRETCHES || units <= 0.0 {
        return f64::INFINITY;
    }
    ((squares - dispersion * means) / means_squared).max(0.0) + dispersion / units
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::law::Counts;

    /// A pool with these records at the close, units sold and units received.
    fn pool(closing: &[f64], sold: &[f64], received: &[f64]) -> PoolDays {
        PoolDays {
            sku: SkuId(0),
            location: LocationId(0),
            members: Vec::new(),
            first: Day(20_000),
            step: 1,
            closing: closing.to_vec(),
            sold: sold.to_vec(),
            received: received.to_vec(),
            other: vec![0.0; closing.len()],
        }
    }

    fn quiet(periods: Range<usize>) -> Quiet {
        Quiet {
            periods,
            running: false,
        }
    }

    #[test]
    fn a_sale_from_below_the_level_proves_the_goods_and_a_count_disproves_them() {
        // Four units rest, two come and sell; then one more sells, …
        let closing = [4.0, 4.0, 6.0, 4.0, 3.0];
        let sold = [0.0, 0.0, 0.0, 2.0, 1.0];
        let received = [0.0, 0.0, 2.0, 0.0, 0.0];
        let days = pool(&closing, &sold, &received);
        assert_eq!(later(&days, 4.0, 3), (Later::Sold, 4));
        // … or a count takes them away, or a unit is found, which says nothing, or the record ends.
        let counted = pool(
            &[4.0, 4.0, 6.0, 4.0, 0.0],
            &[0.0, 0.0, 0.0, 2.0, 0.0],
            &received,
        );
        assert_eq!(later(&counted, 4.0, 3), (Later::Missing, 4));
        let found = pool(
            &[4.0, 4.0, 6.0, 4.0, 5.0],
            &[0.0, 0.0, 0.0, 2.0, 0.0],
            &received,
        );
        assert_eq!(later(&found, 4.0, 3), (Later::Unknown, 4));
        assert_eq!(later(&days, 4.0, 5), (Later::Unknown, 5));
    }

    #[test]
    fn spells_at_one_level_are_one_as_long_as_nothing_goes_below_it() {
        // Quiet at 4, goods come and sell down to 4, quiet again.
        let closing = [4.0, 4.0, 4.0, 9.0, 4.0, 4.0, 4.0];
        let sold = [0.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0];
        let received = [0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0];
        let days = pool(&closing, &sold, &received);
        let joined = chains(&days, vec![quiet(1..4), quiet(5..7)], 1.0);
        assert_eq!(joined.len(), 1);
        assert_eq!((joined[0].0.len(), joined[0].1), (2, Later::Unknown));
        // With a sale from the old stock in between they are two, and the first was stock.
        let closing = [4.0, 4.0, 4.0, 9.0, 3.0, 4.0, 4.0, 4.0];
        let sold = [0.0, 0.0, 0.0, 0.0, 6.0, 0.0, 0.0, 0.0];
        let received = [0.0, 0.0, 0.0, 5.0, 0.0, 1.0, 0.0, 0.0];
        let days = pool(&closing, &sold, &received);
        let apart = chains(&days, vec![quiet(1..4), quiet(6..8)], 1.0);
        assert_eq!(apart.len(), 2);
        assert_eq!((apart[0].1, apart[1].1), (Later::Sold, Later::Unknown));
    }

    #[test]
    fn new_goods_that_do_not_sell_either_and_sell_later_clear_the_old_ones() {
        // Four rest, five come and rest too, then they sell; the record never falls below four.
        let closing = [4.0, 4.0, 9.0, 9.0, 9.0, 9.0, 7.0, 5.0];
        let sold = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0];
        let received = [0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let days = pool(&closing, &sold, &received);
        let spells = || vec![quiet(1..3), quiet(3..6)];
        let outcome =
            |rough| -> Vec<Later> { chains(&days, spells(), rough).iter().map(|c| c.1).collect() };
        assert_eq!(outcome(1.0), [Later::Sold, Later::Sold]);
        // Three days without a sale are nothing for a slow mover: its old stock is as doubtful as before.
        assert_eq!(outcome(0.3), [Later::Unknown, Later::Sold]);
    }

    #[test]
    fn a_known_level_gives_the_probability_of_the_negative_binomial() {
        for (mean, dispersion) in [(1.3, 1.0), (0.4, 1.8), (2.0, 3.0)] {
            let law = Counts::matched(mean, dispersion * mean);
            let exact = 20.0 * law.pmf(0.0).ln();
            assert!((ln_none(20.0 * mean, dispersion, 0.0) / exact - 1.0).abs() < 1e-9);
            // What is not known of the level makes no sale likelier.
            assert!(ln_none(20.0 * mean, dispersion, 0.1) > exact);
            assert!(ln_none(20.0 * mean, dispersion, 0.5) > ln_none(20.0 * mean, dispersion, 0.1));
        }
    }

    #[test]
    fn stretches_of_a_steady_series_differ_less_than_those_of_a_fickle_one() {
        let seen = |n: f64| Evidence { n, e: 1.0, w: 1.0 };
        let steady: Vec<Evidence> = (0..300).map(|t| seen(f64::from(t % 3))).collect();
        let fickle: Vec<Evidence> = (0..300)
            .map(|t| seen(if t / 30 % 2 == 0 { 2.0 } else { 0.0 }))
            .collect();
        let spread = |seen: &[Evidence]| long_run_spread(seen, 1.0, 1.0, 30);
        assert!((spread(&steady) - 1.0 / 300.0).abs() < 1e-9);
        // Each stretch has twice the mean or nothing: relative variance 1, less 1/30 by chance.
        assert!((spread(&fickle) - (1.0 - 1.0 / 30.0 + 1.0 / 300.0)).abs() < 1e-9);
        assert!(long_run_spread(&steady[..80], 1.0, 1.0, 30).is_infinite());
    }
}
