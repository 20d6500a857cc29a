//! Responses to events: of each class, of a channel, of a group, of a series. Each is drawn to the one above it by the variance found among those
//! like it (empirical Bayes): where all respond alike little is believed of a single one, where they differ its own figures count.

use std::collections::BTreeMap;

use crate::domain::ChannelId;

/// Relative variance around the parent that is assumed before anything is found, and how many members it counts as.
const BEFORE: f64 = 0.01;
const BEFORE_OWN: f64 = 0.02;
const COUNTS_AS: f64 = 2.0;
/// However alike they seem, members differ by a tenth of that, and at most by this.
const MOST: f64 = 4.0;

/// A response beside its parent's.
#[derive(Clone, Copy, Debug)]
struct Member {
    /// Observed ÷ expected at the parent's response, less 1.
    apart: f64,
    /// Its variance by chance.
    chance: f64,
    /// Its part in what its parent was found from.
    part: f64,
}

impl Member {
    /// `sums` are observed units and those expected on ordinary days, `dispersion` variance ÷ mean. None where nothing was expected.
    fn of(sums: [f64; 2], parent: f64, dispersion: f64, part: f64) -> Option<Self> {
        let expected = sums[1] * parent;
        (expected > 0.0).then(|| {
            let ratio = sums[0] / expected;
            Self {
                apart: ratio - 1.0,
                chance: dispersion.max(1e-6) * ratio.max(1.0) / expected,
                part,
            }
        })
    }

    /// The response relative to the parent's, shrunk by the variance among its like.
    fn shrunk(self, variance: f64) -> f64 {
        1.0 + self.apart * variance / (variance + self.chance)
    }
}

/// Relative variance among members, by the method of moments (DerSimonian & Laird, 1986) with what chance adds taken off. Members whose chance is
/// small weigh most; `before` is what is assumed, as much as of `counts_as` members.
fn variance_found(members: &[Member], before: f64, counts_as: f64) -> f64 {
    let (mut sum, mut mass, mut weights) = (0.0, 0.0, 0.0);
    for m in members {
        let weight = 1.0 / (m.chance + before);
        // The parent was found from its members: a single one lies on it.
        let free = (1.0 - m.part).max(0.0);
        sum += weight * (m.apart * m.apart - m.chance * free);
        mass += weight * free;
        weights += weight;
    }
    let usual = if members.is_empty() {
        1.0
    } else {
        weights / members.len() as f64
    };
    let (sum, mass) = (sum + counts_as * usual * before, mass + counts_as * usual);
    (sum / mass.max(1e-12)).clamp(0.1 * before, MOST)
}

/// Observed and expected units by event class, of one group or of several together.
type Responses = Vec<[f64; 2]>;

fn add(all: &mut Responses, part: &[[f64; 2]]) {
    all.resize(part.len(), [0.0; 2]);
    for (a, b) in all.iter_mut().zip(part) {
        a[0] += b[0];
        a[1] += b[1];
    }
}

/// Factor of each event class on each group's demand, 1 for class 0. `sums` are those of the groups, with the units that ordinary days would have
/// had; `channels` says whose each group is, `promotion` which classes are promotions (holidays are judged among themselves), `dispersion` is
/// variance ÷ mean of a period.
pub(super) fn responses(
    sums: &[&[[f64; 2]]],
    channels: &[ChannelId],
    promotion: &[bool],
    dispersion: f64,
) -> Vec<Vec<f64>> {
    let mut all = Responses::new();
    let mut by_channel: BTreeMap<ChannelId, Responses> = BTreeMap::new();
    for (group, channel) in sums.iter().zip(channels) {
        add(&mut all, group);
        add(by_channel.entry(*channel).or_default(), group);
    }
    let mut found = vec![vec![1.0; promotion.len()]; sums.len()];
    for kind in [true, false] {
        let classes = || (1..promotion.len()).filter(move |&k| promotion[k] == kind);
        // Each class beside an ordinary day.
        let of_class = |k: usize| Member::of(*all.get(k)?, 1.0, dispersion, 0.0);
        let members: Vec<Member> = classes().filter_map(of_class).collect();
        let among = variance_found(&members, BEFORE, 0.0).max(BEFORE);
        let root: BTreeMap<usize, f64> = classes()
            .map(|k| (k, of_class(k).map_or(1.0, |m| m.shrunk(among))))
            .collect();
        // Each channel beside all.
        let part = |own: f64, whole: f64| if whole > 0.0 { own / whole } else { 1.0 };
        let of_channel = |sums: &Responses, k: usize| {
            let own = *sums.get(k)?;
            Member::of(own, root[&k], dispersion, part(own[1], all[k][1]))
        };
        let members: Vec<Member> = by_channel
            .values()
            .flat_map(|sums| classes().filter_map(move |k| of_channel(sums, k)))
            .collect();
        let among = variance_found(&members, BEFORE, COUNTS_AS);
        let of_channel = |channel: ChannelId, k: usize| {
            let own = of_channel(&by_channel[&channel], k);
            root[&k] * own.map_or(1.0, |m| m.shrunk(among))
        };
        // Each group beside its channel.
        let of_group = |g: usize, k: usize| {
            let own = *sums[g].get(k)?;
            let whole = by_channel[&channels[g]][k][1];
            let parent = of_channel(channels[g], k);
            Member::of(own, parent, dispersion, part(own[1], whole))
        };
        let members: Vec<Member> = (0..sums.len())
            .flat_map(|g| classes().filter_map(move |k| of_group(g, k)))
            .collect();
        let among = variance_found(&members, BEFORE, COUNTS_AS);
        for (g, factors) in found.iter_mut().enumerate() {
            for k in classes() {
                let own = of_group(g, k).map_or(1.0, |m| m.shrunk(among));
                factors[k] = of_channel(channels[g], k) * own;
            }
        }
    }
    found
}

/// Response of each series to promotions relative to its group's. `sums` are observed units of their promotions and those expected with their groups'
/// responses, with each one's dispersion; all of one channel.
pub(super) fn own_responses(sums: &[([f64; 2], f64)]) -> Vec<f64> {
    let whole: f64 = sums.iter().map(|s| s.0[1]).sum();
    let member = |&(own, dispersion): &([f64; 2], f64)| {
        Member::of(
            own,
            1.0,
            dispersion,
            if whole > 0.0 { own[1] / whole } else { 1.0 },
        )
    };
    let members: Vec<Member> = sums.iter().filter_map(member).collect();
    let among = variance_found(&members, BEFORE_OWN, COUNTS_AS);
    sums.iter()
        .map(|s| member(s).map_or(1.0, |m| m.shrunk(among)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMOTIONS: [bool; 3] = [false, true, true];

    fn one(sums: [[f64; 2]; 3]) -> Vec<f64> {
        responses(&[&sums], &[ChannelId(0)], &PROMOTIONS, 2.0).remove(0)
    }

    #[test]
    fn a_strong_response_is_believed_and_a_class_without_a_past_is_an_ordinary_day() {
        let found = one([[0.0; 2], [900.0, 300.0], [0.0, 0.0]]);
        // 2 ÷ 300 · 3 of chance beside (3 − 1)² found: half a percent is taken off.
        assert!((found[1] / 3.0 - 1.0).abs() < 0.01, "{found:?}");
        assert_eq!((found[0], found[2]), (1.0, 1.0));
    }

    #[test]
    fn what_chance_explains_is_no_response() {
        // 33 for 30 with a standard deviation of 8.
        let found = one([[0.0; 2], [33.0, 30.0], [0.0, 0.0]]);
        assert!((found[1] - OF_33).abs() < 1e-9, "{found:?}");
    }

    /// 33 observed for 30 expected at a dispersion of 2, worked out by hand: of a tenth more, the class keeps .01 ÷ (.01 + 2 · 1.1 ÷ 30) beside an
    /// ordinary day, 1.012; its one channel and that one's one group lie on what they were found from, so that the variance among them is
    /// what two of BEFORE and their own distance leave: 1.026203 and 1.037499.
    const OF_33: f64 = 1.037_498_897_822;

    #[test]
    fn groups_that_respond_alike_share_their_response_and_others_keep_theirs() {
        let group = |ratio: f64, expected: f64| [[0.0; 2], [ratio * expected, expected], [0.0; 2]];
        let small = |others: [f64; 4]| {
            let mut sums: Vec<[[f64; 2]; 3]> = others.map(|r| group(r, 400.0)).to_vec();
            sums.push(group(3.0, 20.0));
            let parts: Vec<&[[f64; 2]]> = sums.iter().map(|s| &s[..]).collect();
            responses(&parts, &[ChannelId(0); 5], &PROMOTIONS, 2.0)[4][1]
        };
        let (alike, apart) = (small([2.0, 2.02, 1.98, 2.0]), small([1.2, 2.8, 1.4, 2.6]));
        assert!(alike < 2.2 && apart > 2.35, "{alike} {apart}");
    }

    #[test]
    fn holidays_are_judged_apart_from_promotions() {
        let sums = [[0.0; 2], [900.0, 300.0], [33.0, 30.0]];
        let kinds = [false, true, false];
        let found = responses(&[&sums], &[ChannelId(0)], &kinds, 2.0).remove(0);
        assert!(
            (found[1] - 2.999_667_437).abs() < 1e-9 && (found[2] - OF_33).abs() < 1e-9,
            "{found:?}"
        );
    }

    #[test]
    fn series_that_differ_keep_their_own_responses() {
        let alike: Vec<_> = (0..8).map(|_| ([100.0, 100.0], 2.0)).collect();
        let mut one_more = alike.clone();
        one_more.push(([150.0, 100.0], 2.0));
        let found = own_responses(&one_more);
        assert!((found[0] - 1.0).abs() < 0.01 && found[8] < 1.3, "{found:?}");
        let differ: Vec<_> = (0..9)
            .map(|k| ([60.0 + 10.0 * f64::from(k), 100.0], 2.0))
            .collect();
        let found = own_responses(&differ);
        assert!(found[8] > 1.2 && found[0] < 0.8, "{found:?}");
        assert_eq!(own_responses(&[([0.0, 0.0], 2.0)]), [1.0]);
        assert!(own_responses(&[]).is_empty());
    }
}
