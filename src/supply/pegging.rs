//! Pegging: which stock and which receipt serves which customer who waits. Every unit is promised once.

use super::share::{proportional, whole_shares};

/// Units owed to one order line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Debt {
    pub units: f64,
    /// Group that scarce units are shared by in [`Rule::ProRata`], such as the channel.
    pub group: usize,
}

/// Who comes first when units are scarce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// Debts in the order given.
    #[default]
    InOrder,
    /// Each inflow is divided among the groups in proportion to what they are still owed, in whole units; within a group in order.
    ProRata,
}

/// Units of a debt that one inflow serves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peg {
    /// Position of the inflow.
    pub inflow: usize,
    pub units: f64,
}

/// What is too little to be a unit of anything.
const DUST: f64 = 1e-9;

/// Serves debts from inflows (stock first, then receipts in order of arrival). Returns the pegs of every debt in order of arrival.
///
/// What is given never exceeds an inflow or a debt, and nothing is left of an inflow while anybody is owed: sums are
/// min(Σ inflows, Σ debts) exactly for whole units.
///
/// ```
/// use restock::supply::pegging::{Debt, Rule, peg};
/// // 100 units are owed by four channels, 80 arrive.
/// let debts = [30.0, 40.0, 20.0, 10.0].map(|units| Debt { units, group: 0 });
/// let got = |rule| -> Vec<f64> {
///     let debts: Vec<Debt> = (0..4).map(|g| Debt { group: g, ..debts[g] }).collect();
///     peg(&debts, &[80.0], rule).iter().map(|p| p.iter().map(|p| p.units).sum()).collect()
/// };
/// assert_eq!(got(Rule::InOrder), [30.0, 40.0, 10.0, 0.0]);
/// assert_eq!(got(Rule::ProRata), [24.0, 32.0, 16.0, 8.0]);
/// ```
pub fn peg(debts: &[Debt], inflows: &[f64], rule: Rule) -> Vec<Vec<Peg>> {
    let mut pegs = vec![Vec::new(); debts.len()];
    let mut open: Vec<f64> = debts.iter().map(|d| d.units.max(0.0)).collect();
    let groups = debts.iter().map(|d| d.group + 1).max().unwrap_or(0);
    // Everything before it is served.
    let mut first = 0;
    for (inflow, &units) in inflows.iter().enumerate() {
        let mut left = units.max(0.0);
        if rule == Rule::ProRata {
            let mut owed = vec![0.0; groups];
            for (debt, open) in debts.iter().zip(&open) {
                owed[debt.group] += open;
            }
            if owed.iter().sum::<f64>() > left {
                let whole = owed.iter().chain([&left]).all(|u| u.fract() == 0.0);
                let mut quota = if whole {
                    whole_shares(left, &owed)
                } else {
                    proportional(left, &owed)
                };
                for (i, debt) in debts.iter().enumerate() {
                    let given = open[i].min(quota[debt.group]);
                    quota[debt.group] -= given;
                    left -= give(&mut pegs[i], &mut open[i], inflow, given);
                }
            }
        }
        // In order; after shares, only what rounding left over.
        while first < debts.len() && left > DUST {
            let given = open[first].min(left);
            left -= give(&mut pegs[first], &mut open[first], inflow, given);
            if open[first] > DUST {
                break;
            }
            first += 1;
        }
    }
    pegs
}

fn give(pegs: &mut Vec<Peg>, open: &mut f64, inflow: usize, units: f64) -> f64 {
    if units <= DUST {
        return 0.0;
    }
    *open -= units;
    match pegs.last_mut() {
        Some(last) if last.inflow == inflow => last.units += units,
        _ => pegs.push(Peg { inflow, units }),
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    fn debts(units: &[(f64, usize)]) -> Vec<Debt> {
        units
            .iter()
            .map(|&(units, group)| Debt { units, group })
            .collect()
    }

    fn given(pegs: &[Vec<Peg>]) -> Vec<f64> {
        pegs.iter()
            .map(|p| p.iter().map(|p| p.units).sum())
            .collect()
    }

    #[test]
    fn nothing_is_given_twice_and_nothing_is_kept_back() {
        for seed in 0..400_u64 {
            let dice = |k: u64, n: u64| {
                let mixed = seed.wrapping_mul(6_364_136_223_846_793_005)
                    ^ k.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let spread = mixed.rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                (spread >> 33) % n
            };
            let owed: Vec<(f64, usize)> = (0..1 + seed % 9)
                .map(|k| ((1 + dice(k, 12)) as f64, dice(k + 50, 3) as usize))
                .collect();
            let inflows: Vec<f64> = (0..seed % 5).map(|k| dice(k + 90, 20) as f64).collect();
            for rule in [Rule::InOrder, Rule::ProRata] {
                let pegs = peg(&debts(&owed), &inflows, rule);
                let (got, supply): (f64, f64) = (given(&pegs).iter().sum(), inflows.iter().sum());
                let all: f64 = owed.iter().map(|d| d.0).sum();
                assert_eq!(got, supply.min(all), "{seed} {rule:?}");
                for (inflow, &units) in inflows.iter().enumerate() {
                    let from: f64 = pegs
                        .iter()
                        .flatten()
                        .filter(|p| p.inflow == inflow)
                        .map(|p| p.units)
                        .sum();
                    assert!(from <= units);
                }
                for (got, debt) in given(&pegs).iter().zip(&owed) {
                    assert!(*got <= debt.0 && got.fract() == 0.0);
                }
            }
        }
    }

    #[test]
    fn a_line_can_be_served_in_parts() {
        let pegs = peg(
            &debts(&[(2.0, 0), (5.0, 0), (1.0, 0)]),
            &[3.0, 4.0],
            Rule::InOrder,
        );
        let peg = |inflow, units| Peg { inflow, units };
        assert_eq!(
            pegs,
            [
                vec![peg(0, 2.0)],
                vec![peg(0, 1.0), peg(1, 4.0)],
                Vec::new()
            ]
        );
    }

    #[test]
    fn quantities_that_are_not_whole_are_shared_too() {
        let pegs = peg(&debts(&[(0.5, 0), (1.5, 1)]), &[1.0], Rule::ProRata);
        assert_eq!(given(&pegs), [0.25, 0.75]);
    }
}
