//! Who gets stock that several want: what is owed first, then each unit where it saves most.

use super::share::whole_shares;
use crate::forecast::distribution::Demand;

/// One that wants units of a stock.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Units owed to customers that its own stock does not cover.
    pub owed: f64,
    /// 1 is served first; ∞ comes last.
    pub rank: f64,
    /// Units it has for sale.
    pub have: f64,
    /// The most it takes, units.
    pub wanted: f64,
    /// Units that move together, > 0.
    pub lot: f64,
    /// Demand until more can be had.
    pub demand: Demand,
    /// What a unit of it costs that is not served by then, > 0, in any unit that all claims share: who is lost, what waiting costs.
    pub value: f64,
}

/// The most steps in which a stock is handed out.
const STEPS: f64 = 2000.0;
/// A unit at least as likely to be sold as not, before more can be had, is sold for planning.
const LIKELY: f64 = 0.5;

/// Units for each claim, together at most `stock`.
///
/// What is owed comes first, by rank (pro rata within one). Then always the lot that saves most: the chance that it is sold before more can be had
/// times what a unit not served costs (marginal analysis; Fox, 1966); lots that more likely than not will be sold where a rank is stated go before
/// all others, the better rank first. Ties go to the earlier claim. A stock that does not reach for a whole lot gives what is left.
///
/// ```
/// use restock::forecast::distribution::Demand;
/// use restock::supply::allocate::{Claim, allocate};
/// let claim = |owed, rank, mean| Claim {
///     owed, rank, have: 0.0, wanted: 20.0, lot: 1.0, demand: Demand::Poisson { mean }, value: 1.0,
/// };
/// // Two are owed in the last channel; the other eight sell where demand is.
/// let given = allocate(10.0, &[claim(0.0, 1.0, 8.0), claim(2.0, 2.0, 0.0)]);
/// assert_eq!(given, [8.0, 2.0]);
/// ```
pub fn allocate(stock: f64, claims: &[Claim]) -> Vec<f64> {
    let mut left = if stock > 0.0 { stock } else { 0.0 };
    let mut given = vec![0.0; claims.len()];
    let mut ranks: Vec<f64> = claims.iter().map(|c| c.rank).collect();
    ranks.sort_by(f64::total_cmp);
    ranks.dedup();
    for rank in ranks {
        let owed: Vec<f64> = claims
            .iter()
            .map(|c| {
                if c.rank == rank {
                    c.owed.min(c.wanted)
                } else {
                    0.0
                }
            })
            .collect();
        let all: f64 = owed.iter().sum();
        if all <= 0.0 {
            continue;
        }
        let shares = if all <= left {
            owed
        } else {
            whole_shares(left, &owed)
        };
        for (units, share) in given.iter_mut().zip(shares) {
            *units += share;
            left -= share;
        }
    }
    let least = (stock / STEPS).ceil().max(0.0);
    let chance = |c: &Claim, units: f64, lot: f64| {
        let have = c.have + units - c.owed.min(units);
        (c.demand.loss(have) - c.demand.loss(have + lot)) / lot
    };
    let size = |c: &Claim, units: f64, left: f64| {
        let lots = (least / c.lot).ceil().max(1.0);
        (c.lot * lots).min(c.wanted - units).min(left)
    };
    let value = |i: usize, given: &[f64], left: f64| {
        let lot = size(&claims[i], given[i], left);
        if lot <= 1e-9 {
            return None;
        }
        let claim = &claims[i];
        let chance = chance(claim, given[i], lot);
        let first = chance >= LIKELY && claim.rank.is_finite();
        let rank = if first { -claim.rank } else { 0.0 };
        Some((first, rank, chance * claim.value))
    };
    let mut values: Vec<_> = (0..claims.len()).map(|i| value(i, &given, left)).collect();
    while left > 1e-9 {
        let mut best: Option<usize> = None;
        for (i, v) in values.iter().enumerate() {
            let Some(v) = v else { continue };
            let better = |b: usize| {
                values[b].is_none_or(|w| {
                    v.0.cmp(&w.0)
                        .then(v.1.total_cmp(&w.1))
                        .then(v.2.total_cmp(&w.2))
                        .is_gt()
                })
            };
            if best.is_none_or(better) {
                best = Some(i);
            }
        }
        let Some(i) = best else { break };
        let lot = size(&claims[i], given[i], left);
        given[i] += lot;
        left -= lot;
        if left < claims.iter().map(|c| c.lot).fold(0.0, f64::max) + least {
            // Lots shrink to what is left.
            values = (0..claims.len()).map(|i| value(i, &given, left)).collect();
        } else {
            values[i] = value(i, &given, left);
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(owed: f64, rank: f64, wanted: f64, mean: f64) -> Claim {
        Claim {
            owed,
            rank,
            have: 0.0,
            wanted,
            lot: 1.0,
            demand: Demand::Poisson { mean },
            value: 1.0,
        }
    }

    /// A location without stock and priority that needs `mean` units and is given as many at most.
    fn needs(mean: f64, value: f64) -> Claim {
        Claim {
            owed: 0.0,
            rank: f64::INFINITY,
            have: 0.0,
            wanted: mean,
            lot: 1.0,
            demand: Demand::Poisson { mean },
            value,
        }
    }

    #[test]
    fn what_is_owed_is_served_by_rank_and_within_one_pro_rata() {
        let claims = [
            claim(6.0, 2.0, 9.0, 0.0),
            claim(4.0, 1.0, 9.0, 0.0),
            claim(3.0, 2.0, 9.0, 0.0),
        ];
        assert_eq!(allocate(10.0, &claims), [4.0, 4.0, 2.0]);
        assert_eq!(allocate(3.0, &claims), [0.0, 3.0, 0.0]);
        assert_eq!(allocate(-1.0, &claims), [0.0; 3]);
        // Nobody is given more than it takes, owed or not.
        assert_eq!(allocate(10.0, &[claim(6.0, 1.0, 2.0, 50.0)]), [2.0]);
    }

    #[test]
    fn a_unit_for_sale_goes_where_it_is_most_likely_sold() {
        // P(D > 2) of 3 is .577, of 1.5 it is .191; P(D > 0) is .950 and .777.
        let two = [claim(0.0, 1.0, 9.0, 3.0), claim(0.0, 1.0, 9.0, 1.5)];
        assert_eq!(allocate(1.0, &two), [1.0, 0.0]);
        assert_eq!(allocate(2.0, &two), [2.0, 0.0]); // P(D > 1) = .801
        assert_eq!(allocate(3.0, &two), [2.0, 1.0]);
        // Who has some already needs less.
        let stocked = [
            Claim {
                have: 2.0,
                ..two[0].clone()
            },
            two[1].clone(),
        ];
        assert_eq!(allocate(1.0, &stocked), [0.0, 1.0]);
        // Units that serve a debt are no stock for sale.
        let owing = [claim(2.0, 1.0, 9.0, 3.0), claim(0.0, 1.0, 9.0, 1.5)];
        assert_eq!(allocate(3.0, &owing), [3.0, 0.0]);
    }

    #[test]
    fn among_lots_that_are_likely_sold_the_better_rank_goes_first() {
        // Three of five are likelier sold than not in both; the second rank is likelier still.
        let ranked = [claim(0.0, 1.0, 9.0, 3.0), claim(0.0, 2.0, 9.0, 9.0)];
        assert_eq!(allocate(3.0, &ranked), [3.0, 0.0]);
        // P(D > 3) of 3 is .353: no longer likely.
        assert_eq!(allocate(5.0, &ranked), [3.0, 2.0]);
    }

    #[test]
    fn whole_lots_move_together_and_what_is_left_of_one_is_given_too() {
        let mut packs = [claim(0.0, 1.0, 40.0, 30.0), claim(0.0, 1.0, 40.0, 10.0)];
        for claim in &mut packs {
            claim.lot = 6.0;
        }
        let given = allocate(25.0, &packs);
        assert_eq!(given.iter().sum::<f64>(), 25.0);
        assert!(
            given.iter().filter(|g| *g % 6.0 == 0.0).count() >= 1,
            "{given:?}"
        );
        assert!(given[0] >= 18.0);
        // A great stock goes in two thousand steps and still goes wholly.
        let many = [claim(0.0, 1.0, 9e4, 4e4), claim(0.0, 1.0, 9e4, 5e4)];
        let given = allocate(89_900.0, &many);
        assert!((given.iter().sum::<f64>() - 89_900.0).abs() < 1e-6);
        assert!((given[1] - given[0] - 10_000.0).abs() < 200.0, "{given:?}");
    }

    #[test]
    fn scarce_units_go_where_customers_are_lost() {
        assert_eq!(
            allocate(10.0, &[needs(10.0, 0.05), needs(10.0, 1.0)]),
            [0.0, 10.0]
        );
        assert_eq!(
            allocate(10.0, &[needs(10.0, 1.0), needs(10.0, 0.05)]),
            [10.0, 0.0]
        );
        // What these do not need goes to the others.
        assert_eq!(
            allocate(14.0, &[needs(10.0, 0.05), needs(10.0, 1.0)]),
            [4.0, 10.0]
        );
    }

    #[test]
    fn equal_customers_share() {
        for value in [1.0, 0.01] {
            assert_eq!(
                allocate(10.0, &[needs(10.0, value), needs(10.0, value)]),
                [5.0, 5.0]
            );
        }
    }

    #[test]
    fn a_stated_priority_beats_what_customers_do() {
        let first = Claim {
            rank: 1.0,
            ..needs(10.0, 0.05)
        };
        let given = allocate(8.0, &[first, needs(10.0, 1.0)]);
        assert_eq!(given, [8.0, 0.0]);
    }
}
