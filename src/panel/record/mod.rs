//! What the stock record says where it is not kept every day, and what it does not.
//!
//! First what counts, receipts and sales prove ([`facts`]); then, where they leave a day open, how probable stock was ([`chain`], with laws
//! [`learn`]t from all pools); then which of it is told as a stockout ([`claims`]). Pools whose stock is recorded every day are not touched.

pub mod chain;
pub mod claims;
pub mod facts;
pub mod guess;
pub mod learn;
mod shared;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rayon::prelude::*;

use self::chain::Said;
use self::claims::{Claims, claims};
use self::facts::{Differences, Facts, Record};
use self::guess::{first_guess, silence};
use self::learn::{PoolPast, learn};
use super::{Movements, Panel};
use crate::domain::{Availability, Day, Finding, Grain, LocationId, Severity, SkuId, Tables};

/// Missing units are told from this share of what was sold.
const SHRINKAGE_TOLD: f64 = 0.002;

/// What the record of one pool, not kept every day, says.
struct PoolFacts {
    key: (SkuId, LocationId),
    /// Its series, each with the number of periods that it begins later.
    members: Vec<(usize, usize)>,
    first: Day,
    sold: Vec<f64>,
    facts: Facts,
    /// Whether orders without stock would show on its days.
    accepting: bool,
    /// Days whose closing stock was filled in.
    filled: u64,
}

/// What the records of all pools that are not kept every day say.
pub(super) struct Reading {
    pools: Vec<PoolFacts>,
}

/// Reads the records of all pools that are not kept every day, and fills in the closing stock that follows from them. `worded` says whether the
/// shop itself said anything of a position of the panel.
pub(super) fn read(
    panel: &mut Panel,
    movements: &Movements,
    worded: impl Fn(&Panel, usize) -> bool + Sync,
) -> Reading {
    let receipts = first_receipts(movements);
    let seen = &*panel;
    let keys: Vec<_> = seen.pools.iter().collect();
    let pools: Vec<PoolFacts> = keys
        .into_par_iter()
        .filter_map(|(&key, members)| pool(seen, movements, &receipts, key, members, &worded))
        .collect();
    for pool in &pools {
        for &(i, shift) in &pool.members {
            let range = panel.range(i);
            panel.closing[range].copy_from_slice(&pool.facts.closing[shift..]);
        }
    }
    Reading { pools }
}

/// First day on which each location received anything.
fn first_receipts(movements: &Movements) -> BTreeMap<LocationId, Day> {
    let mut first: BTreeMap<LocationId, Day> = BTreeMap::new();
    for (location, day) in movements.receipts() {
        let at = first.entry(location).or_insert(day);
        *at = day.min(*at);
    }
    first
}

fn pool(
    panel: &Panel,
    movements: &Movements,
    receipts: &BTreeMap<LocationId, Day>,
    key: (SkuId, LocationId),
    members: &[usize],
    worded: &(impl Fn(&Panel, usize) -> bool + Sync),
) -> Option<PoolFacts> {
    let longest = *members.iter().min_by_key(|&&i| panel.first[i])?;
    let (range, first) = (panel.range(longest), panel.first[longest]);
    let counts = &panel.closing[range.clone()];
    let n = counts.len();
    if counts.iter().all(|c| !c.is_nan()) {
        return None;
    }
    let mut spoken = members.iter().flat_map(|&i| panel.range(i));
    let spoken = spoken.any(|at| worded(panel, at));
    let step = panel.grain.days();
    let (mut sold, mut moved) = (vec![0.0; n], vec![0.0; n]);
    let mut placed = Vec::with_capacity(members.len());
    for &i in members {
        let shift = ((panel.first[i] - first) / step) as usize;
        for (t, at) in panel.range(i).enumerate() {
            sold[shift + t] += panel.sold[at];
        }
        placed.push((i, shift));
    }
    let received = movements.received(key.0, key.1);
    for &(day, units) in received.iter().chain(movements.other(key.0, key.1)) {
        let t = (day - first).div_euclid(step);
        if let Some(slot) = usize::try_from(t).ok().and_then(|t| moved.get_mut(t)) {
            *slot += units;
        }
    }
    let receipts_from = receipts
        .get(&key.1)
        .filter(|_| !received.is_empty())
        .map(|&day| ((day - first) / step).max(0) as usize);
    let mut guess = PoolPast {
        said: vec![Said::Unclear; n],
        sold: sold.clone(),
        ..PoolPast::default()
    };
    silence(&mut guess);
    let record = Record {
        counts,
        sold: &sold,
        moved: &moved,
        receipts_from,
        rate: first_guess(&guess).level,
    };
    let facts = if spoken {
        Facts::rolled(&record)
    } else {
        Facts::of(&record)
    };
    let filled = (facts.closing.iter().zip(counts))
        .filter(|(new, old)| !new.is_nan() && old.is_nan())
        .count() as u64;
    Some(PoolFacts {
        key,
        accepting: members
            .iter()
            .any(|&i| !panel.view(i).accepting().is_empty()),
        members: placed,
        first,
        sold,
        facts,
        filled,
    })
}

impl Reading {
    /// Availability of the days that closing stock alone does not tell, and how probable stock was on those that stay open. A run is called out
    /// where the probability of stock in it is at most `out_odds`.
    pub(super) fn judge(
        self,
        panel: &mut Panel,
        tables: &Tables,
        out_odds: f64,
        findings: &mut Vec<Finding>,
    ) {
        for pool in &self.pools {
            for &(i, shift) in &pool.members {
                let range = panel.range(i);
                for (t, at) in range.enumerate() {
                    if !pool.facts.recorded[shift + t] {
                        panel.availability[at] =
                            availability(panel, i, t, pool.facts.said[shift + t]);
                    }
                }
            }
        }
        let (told, told_days) = self.estimate(panel, out_odds);
        self.tell(panel, tables, told, told_days, out_odds, findings);
    }

    /// Runs the chain where days are open, into the panel; returns how many pools have days that are probably without stock, and those days.
    fn estimate(&self, panel: &mut Panel, out_odds: f64) -> (u64, u64) {
        let open = |pool: &&PoolFacts| {
            !pool.accepting
                && !pool.facts.spans.is_empty()
                && pool.facts.said.contains(&Said::Unclear)
                && pool.sold.iter().any(|y| *y > 0.0)
        };
        if panel.grain != Grain::Day {
            return (0, 0);
        }
        let open: Vec<&PoolFacts> = self.pools.iter().filter(open).collect();
        let Some(origin) = open.iter().map(|p| p.first).min() else {
            return (0, 0);
        };
        let mut places: Vec<LocationId> = open.iter().map(|p| p.key.1).collect();
        places.sort_unstable();
        places.dedup();
        let pasts: Vec<PoolPast> = open
            .par_iter()
            .map(|pool| {
                let mut past = PoolPast {
                    place: places.binary_search(&pool.key.1).unwrap_or(0),
                    first: (pool.first - origin).max(0) as usize,
                    sold: pool.sold.clone(),
                    said: pool.facts.said.clone(),
                    low: pool.facts.low.clone(),
                    high: pool.facts.high.clone(),
                    spans: pool.facts.spans.clone(),
                };
                silence(&mut past);
                past
            })
            .collect();
        let learnt = learn(&pasts, places.len(), origin.weekday());
        let said: Vec<Claims> = pasts
            .par_iter()
            .zip(&learnt)
            .map(|(past, learnt)| claims(past, learnt, out_odds))
            .collect();
        panel.in_odds = vec![f32::NAN; panel.sold.len()];
        let (mut told, mut days) = (0, 0);
        for (pool, claims) in open.iter().zip(&said) {
            let out = claims.probably_out.iter().filter(|out| **out).count() as u64;
            told += u64::from(out > 0);
            days += out;
            for &(i, shift) in &pool.members {
                let range: Range<usize> = panel.range(i);
                for (t, at) in range.enumerate() {
                    if panel.availability[at] != Availability::Unknown {
                        continue;
                    }
                    panel.in_odds[at] = claims.odds[shift + t];
                    if claims.probably_out[shift + t] {
                        panel.availability[at] = Availability::ProbablyOut;
                    }
                }
            }
        }
        (told, days)
    }

    fn tell(
        &self,
        panel: &Panel,
        tables: &Tables,
        told: u64,
        told_days: u64,
        out_odds: f64,
        findings: &mut Vec<Finding>,
    ) {
        let step = panel.grain.days() as u64;
        let (mut rolled, mut rolled_pools) = (0, 0);
        let (mut open, mut open_pools) = (0u64, 0u64);
        for pool in &self.pools {
            rolled += pool.filled;
            rolled_pools += u64::from(pool.filled > 0);
            let counted = pool.facts.recorded.iter().any(|r| *r);
            if counted {
                let unclear = (pool.facts.said.iter().zip(&pool.facts.recorded))
                    .filter(|(said, recorded)| **said == Said::Unclear && !**recorded)
                    .count() as u64;
                open += unclear;
                open_pools += u64::from(unclear > 0);
            }
            let Differences { gone, .. } = pool.facts.differences;
            let sold: f64 = pool.sold.iter().sum();
            if gone.0 > 1 && gone.1 >= 1.0 && gone.1 > SHRINKAGE_TOLD * sold {
                findings.push(
                    Finding::new(Severity::Notice, "stock_missing_between_counts")
                        .sku(&tables.skus[pool.key.0])
                        .location(&tables.locations[pool.key.1])
                        .figure("units", gone.1.round())
                        .figure("intervals", gone.0)
                        .figure("sold", sold.round()),
                );
            }
        }
        if rolled > 0 {
            findings.push(
                Finding::new(Severity::Notice, "stock_rolled")
                    .count(rolled)
                    .figure("pools", rolled_pools)
                    .figure("days", rolled),
            );
        }
        if open > 0 {
            findings.push(
                Finding::new(Severity::Notice, "stock_unknown_between_counts")
                    .count(open * step)
                    .figure("pools", open_pools)
                    .figure("days", open * step),
            );
        }
        self.sold_on_empty(panel, findings);
        if told > 0 {
            findings.push(
                Finding::new(Severity::Notice, "probably_out")
                    .count(told_days)
                    .figure("pools", told)
                    .figure("days", told_days)
                    .figure("odds", format!("{:.0}", 100.0 * out_odds)),
            );
        }
    }
}

impl Reading {
    /// Tells how often a shelf that is recorded empty every day sells.
    fn sold_on_empty(&self, panel: &Panel, findings: &mut Vec<Finding>) {
        let sparse: BTreeSet<_> = self.pools.iter().map(|p| p.key).collect();
        let (mut days, mut units, mut pools) = (0u64, 0.0, 0u64);
        for (_, members) in panel.pools.iter().filter(|p| !sparse.contains(p.0)) {
            let before = days;
            for at in members.iter().flat_map(|&i| panel.range(i)) {
                let empty = panel.closing[at] <= 0.0 && panel.sold[at] > 0.0;
                if empty && panel.availability[at] == Availability::Unknown {
                    days += 1;
                    units += panel.sold[at];
                }
            }
            pools += u64::from(days > before);
        }
        if days > 0 {
            findings.push(
                Finding::new(Severity::Warning, "sold_on_empty_shelf")
                    .count(days)
                    .figure("pools", pools)
                    .figure("days", days)
                    .figure("units", units.round()),
            );
        }
    }
}

/// What `said` of a day of a pool makes of period `t` of series `i`.
fn availability(panel: &Panel, i: usize, t: usize, said: Said) -> Availability {
    let view = panel.view(i);
    match said {
        Said::In => Availability::InStock,
        Said::RanOut => Availability::SoldOut,
        Said::Out if view.backordered[t] > 0.0 || view.accepting().contains(&t) => {
            Availability::Backorder
        }
        Said::Out => Availability::Closed,
        Said::Unclear | Said::Silent => Availability::Unknown,
    }
}
