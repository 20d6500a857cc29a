//! Takes in what a pass found: indices, dispersion, profile, capture, discount.

use crate::domain::ChannelId;
use std::collections::BTreeMap;

use super::levels::{Orders, SLOWS};
use super::pass::{DELTAS, Found, add};
use super::{CAPTURE_PRIOR, CHOOSING_ROUNDS, Groups, ROUNDS, UNTRUSTED};
use crate::demand::annual::{annual, own_weeks};
use crate::demand::capture::{Captures, OwnOrders, shares};
use crate::demand::season::{Indices, Sums};
use crate::demand::uplift::{own_responses, responses};
use crate::demand::{DemandModel, Dispersion, Trend, fit_profile};
use crate::panel::Panel;

/// Pseudo-periods that a group's dispersion counts for.
const DISPERSION_PRIOR: f64 = 30.0;
/// Relative variance of what a category's days have in common beyond its indices.
const SHARED_VARIANCE: f64 = 0.02;

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

/// Adds up sums of one kind by channel.
fn add_all<const N: usize>(
    all: &mut BTreeMap<ChannelId, [f64; N]>,
    part: BTreeMap<ChannelId, [f64; N]>,
) {
    for (channel, sums) in part {
        let all = all.entry(channel).or_insert([0.0; N]);
        all.iter_mut().zip(sums).for_each(|(a, b)| *a += b);
    }
}

impl DemandModel {
    /// Takes in what all chunks found: indices, dispersion, profile, capture, discount.
    pub(super) fn update(
        &mut self,
        panel: &Panel,
        groups: &Groups,
        found: Vec<Found>,
        years: usize,
        round: usize,
    ) {
        let events = self.events.count();
        let mut by_group: Vec<Sums> = vec![Sums::new(events, years); groups.count];
        let mut skus: Vec<(u32, Vec<[f64; 2]>)> = Vec::new();
        let mut by_channel: BTreeMap<ChannelId, Sums> = BTreeMap::new();
        let mut scores: BTreeMap<ChannelId, [f64; DELTAS.len()]> = BTreeMap::new();
        let mut orders = Vec::with_capacity(panel.len());
        let mut promotions = Vec::with_capacity(panel.len());
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
                    // Of channels only the weekdays are asked.
                    .or_insert_with(|| Sums::new(0, 0))
                    .add(sums);
            }
            for (sku, weeks) in part.skus {
                match skus.last_mut().filter(|(last, _)| *last == sku) {
                    Some((_, all)) => {
                        let cells = all.iter_mut().zip(weeks);
                        cells.for_each(|(a, b)| add(a, b[0], b[1]));
                    }
                    None => skus.push((sku, weeks)),
                }
            }
            add_all(&mut scores, part.scores);
            orders.extend(part.orders);
            promotions.extend(part.promotions);
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
        let before: Vec<Vec<f64>> = self.indices.iter().map(|i| i.event.clone()).collect();
        self.weekdays(panel, groups, &by_group, &by_channel, typical);
        // Groups and SKUs in turn: both at once would each take the whole of what neither had explained.
        if round.is_multiple_of(2) {
            let tables: Vec<&[[f64; 2]]> = by_group.iter().map(|s| &s.year[..]).collect();
            let years = annual(&tables, &groups.category_of, typical, panel.grain);
            for (indices, year) in self.indices.iter_mut().zip(years) {
                indices.year = year;
            }
        } else {
            let skus: Vec<Vec<[f64; 2]>> = skus.into_iter().map(|(_, weeks)| weeks).collect();
            self.own_weeks = own_weeks(&skus, typical);
        }
        self.respond(groups, &by_group, &before, &promotions, typical);
        self.take_in_orders(panel, &orders, CHOOSING_ROUNDS.contains(&round));
        for (c, s) in scores {
            let best = (0..DELTAS.len())
                .max_by(|&a, &b| s[a].total_cmp(&s[b]))
                .unwrap_or(2);
            self.delta[c.at()] = DELTAS[best];
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

    /// Weekdays of the groups, each beside its channel's and these beside those of all; the time of year stays as it is.
    fn weekdays(
        &mut self,
        panel: &Panel,
        groups: &Groups,
        by_group: &[Sums],
        by_channel: &BTreeMap<ChannelId, Sums>,
        typical: f64,
    ) {
        let events = self.events.count();
        let mut all = Sums::new(0, 0);
        by_channel.values().for_each(|s| all.add(s));
        let flat = Indices::flat(events, false);
        let root = Indices::shrunk(&all, &flat, typical, panel.grain);
        let channels: BTreeMap<ChannelId, Indices> = by_channel
            .iter()
            .map(|(&c, s)| (c, Indices::shrunk(s, &root, typical, panel.grain)))
            .collect();
        for (g, sums) in by_group.iter().enumerate() {
            let year = std::mem::take(&mut self.indices[g].year);
            self.indices[g] =
                Indices::shrunk(sums, &channels[&groups.channel[g]], typical, panel.grain);
            self.indices[g].year = year;
        }
    }

    /// Responses to events, of groups and series. `before` are the groups' that the series' promotions were measured with.
    fn respond(
        &mut self,
        groups: &Groups,
        sums: &[Sums],
        before: &[Vec<f64>],
        promotions: &[[f64; 2]],
        typical: f64,
    ) {
        let promotion: Vec<bool> = (0..self.events.count())
            .map(|class| self.events.is_promotion(class as u8))
            .collect();
        let by_group: Vec<&[[f64; 2]]> = sums.iter().map(|s| &s.event[..]).collect();
        let found = responses(&by_group, &groups.channel, &promotion, typical);
        // What was expected with the responses before is what is expected now, times this.
        let mut change = vec![1.0; sums.len()];
        for (g, factors) in found.into_iter().enumerate() {
            let expected = |of: &[f64]| -> f64 {
                let classes = (1..of.len()).filter(|&k| promotion[k]);
                classes.map(|k| sums[g].event[k][1] * of[k]).sum()
            };
            let (now, then) = (expected(&factors), expected(&before[g]));
            if then > 0.0 {
                change[g] = now / then;
            }
            self.indices[g].event = factors;
        }
        let mut members: BTreeMap<ChannelId, Vec<usize>> = BTreeMap::new();
        for (i, fit) in self.series.iter().enumerate() {
            let channel = groups.channel[fit.group as usize];
            members.entry(channel).or_default().push(i);
        }
        for members in members.into_values() {
            let own: Vec<([f64; 2], f64)> = members
                .iter()
                .map(|&i| {
                    let ([observed, expected], fit) = (promotions[i], &self.series[i]);
                    let expected = expected * change[fit.group as usize];
                    ([observed, expected], fit.dispersion)
                })
                .collect();
            for (i, uplift) in members.into_iter().zip(own_responses(&own)) {
                self.series[i].uplift = uplift;
            }
        }
    }

    /// Captures of the channels and of their series, from what each one's accepting periods say; the discounts of the levels behind them are chosen
    /// anew where `choose`.
    fn take_in_orders(&mut self, panel: &Panel, orders: &[Orders], choose: bool) {
        let mut channels: BTreeMap<ChannelId, Vec<usize>> = BTreeMap::new();
        for (i, key) in panel.series.iter().enumerate() {
            channels.entry(key.channel).or_default().push(i);
        }
        for (channel, members) in channels {
            let own: Vec<OwnOrders> = members
                .iter()
                .map(|&i| OwnOrders {
                    taken: orders[i].taken,
                    customers: orders[i].customers,
                    dispersion: self.series[i].dispersion,
                    level_variance: orders[i].doubt / orders[i].customers.max(1e-9),
                })
                .collect();
            let Captures { all, own } = shares(&own, CAPTURE_PRIOR);
            if choose {
                let score = |k: usize| members.iter().map(|&i| orders[i].scores[k]).sum::<f64>();
                let scores: [f64; SLOWS.len()] = std::array::from_fn(score);
                let best = (0..SLOWS.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
                if let Some(best) = best.filter(|&k| scores[k] != 0.0) {
                    self.slow[channel.at()] = SLOWS[best];
                }
            }
            self.capture[channel.at()] = all;
            for (i, share) in members.into_iter().zip(own) {
                self.own_capture[i] = share;
            }
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
        let mut members: BTreeMap<(ChannelId, bool), Vec<Dispersion>> = BTreeMap::new();
        for (i, fit) in self.series.iter().enumerate() {
            let channel = groups.channel[fit.group as usize];
            members
                .entry((channel, panel.whole_units[i]))
                .or_default()
                .push(fit.sums);
        }
        let fallback = noise.max(1e-6);
        let trends: BTreeMap<(ChannelId, bool), Trend> = members
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
}
