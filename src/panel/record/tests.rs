#![allow(clippy::needless_range_loop)] // courses of states are counted day by day

use super::chain::{Ends, Rates, Said, Scratch, Stretch, days};
use super::claims::claims;
use super::facts::{Facts, Record};
use super::guess::silence;
use super::learn::{PoolPast, Span, learn};

const NO: f64 = f64::NAN;
const FREE: Ends = Ends::Free {
    before: None,
    after: None,
};

/// Ten days of made-up chances, the same for all tests of the chain.
struct Days {
    sold: Vec<f64>,
    said: Vec<Said>,
    low: Vec<f64>,
    high: Vec<f64>,
    none: Vec<f64>,
    beyond: Vec<f64>,
    ends: Ends,
}

impl Days {
    fn free(sold: &[f64]) -> Self {
        let n = sold.len();
        Self {
            sold: sold.to_vec(),
            said: vec![Said::Unclear; n],
            low: vec![NO; n],
            high: vec![NO; n],
            none: (0..n).map(|t| 0.2 + 0.05 * t as f64).collect(),
            beyond: (0..n).map(|t| 1.5 + 0.1 * t as f64).collect(),
            ends: FREE,
        }
    }

    /// Between counts of `opening` and `closing`.
    fn counted(sold: &[f64], opening: f64, closing: f64) -> Self {
        let mut days = Self::free(sold);
        let came = closing - opening + sold.iter().sum::<f64>();
        let mut stock = opening;
        for (t, y) in sold.iter().enumerate() {
            (days.low[t], days.high[t]) = (stock, stock + came);
            stock -= y;
        }
        days.ends = Ends::Counts;
        days
    }

    fn stretch(&self) -> Stretch<'_> {
        Stretch {
            sold: &self.sold,
            said: &self.said,
            low: &self.low,
            high: &self.high,
            none: &self.none,
            beyond: &self.beyond,
            ends: self.ends,
        }
    }

    fn chain(&self) -> (Vec<f64>, Vec<f64>) {
        let n = self.sold.len();
        let (mut stocked, mut ended) = (vec![0.0; n], vec![0.0; n]);
        let found = days(
            &self.stretch(),
            RATES,
            &mut Scratch::default(),
            &mut stocked,
            &mut ended,
        );
        assert!(found.is_some());
        (stocked, ended)
    }
}

const RATES: Rates = Rates {
    ends: 0.08,
    comes: 0.3,
};

fn near(found: &[f64], expected: &[f64]) {
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < 1e-9, "{found:?} {expected:?}");
    }
}

/// Every course of states of a stretch without counts, one by one: in stock, out, and out for longer.
#[test]
fn the_chain_is_the_sum_over_all_courses_of_states() {
    let sold = [1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 1.0];
    let all = Days::free(&sold);
    let n = sold.len();
    let ends = |t: usize| RATES.ends * if sold[t] > 0.0 { 1.0 } else { 0.3 };
    let out = RATES.ends / (RATES.ends + 0.5 * RATES.comes);
    let (mut total, mut stocked, mut ended) = (0.0, vec![0.0; n], vec![0.0; n]);
    for code in 0..3usize.pow(n as u32) {
        let state = |t: usize| code / 3usize.pow(t as u32) % 3;
        let mut weight = [1.0 - out, 0.5 * out, 0.5 * out][state(0)];
        for t in 0..n {
            weight *= match (state(t), sold[t] > 0.0) {
                (0, true) => 1.0,
                (0, false) => all.none[t],
                (_, true) => 0.0,
                (_, false) => 1.0,
            };
            if t + 1 < n {
                weight *= match (state(t), state(t + 1)) {
                    (0, 0) => 1.0 - ends(t),
                    (0, 1) => ends(t),
                    (1, 1) | (2, 2) => 1.0 - RATES.comes,
                    (1, 2) | (2, 0) => RATES.comes,
                    _ => 0.0,
                };
            }
        }
        total += weight;
        for t in 0..n {
            if state(t) == 0 {
                stocked[t] += weight;
                if t + 1 < n && state(t + 1) == 1 && sold[t] > 0.0 {
                    ended[t] += weight;
                }
            }
        }
    }
    stocked.iter_mut().for_each(|p| *p /= total);
    ended.iter_mut().for_each(|p| *p /= total);
    let found = all.chain();
    near(&found.0, &stocked);
    near(&found.1, &ended);
}

/// Courses between two counts by the story itself: the day of the first receipt, whether it is the only one, the day of the last, and in or
/// out in between.
#[test]
fn between_two_counts_the_chain_is_the_sum_over_all_days_of_receipts() {
    let sold = [2.0, 1.0, 0.0, 0.0, 0.0, 3.0];
    let all = Days::counted(&sold, 3.0, 4.0);
    let n = sold.len();
    let known = |stock: f64, t: usize| {
        if sold[t] > 0.0 {
            if (stock - sold[t]).abs() < 1e-9 {
                all.beyond[t]
            } else {
                f64::from(u8::from(stock > sold[t]))
            }
        } else if stock > 0.0 {
            all.none[t]
        } else {
            1.0
        }
    };
    let (mut total, mut stocked) = (0.0, vec![0.0; n]);
    // Day on which the first receipt can be sold from (n: the evening of the last day), and that of the last one.
    for first in 0..=n {
        let chance = if first == 0 { 0.02 } else { 0.98 / n as f64 };
        let mut before = chance;
        let mut in_stock = vec![0.0; n];
        for t in 0..first {
            before *= known(all.low[t], t);
            in_stock[t] = f64::from(u8::from(sold[t] > 0.0 || all.low[t] > 0.0));
        }
        let mut add = |weight: f64, state: &[f64]| {
            total += weight;
            stocked
                .iter_mut()
                .zip(state)
                .for_each(|(s, p)| *s += weight * p);
        };
        let after = |from: usize| (from..n).map(|t| known(all.high[t], t)).product::<f64>();
        let there = |t: usize| f64::from(u8::from(sold[t] > 0.0 || all.high[t] > 0.0));
        let mut once = in_stock.clone();
        (first..n).for_each(|t| once[t] = there(t));
        add(before * 0.7 * after(first), &once);
        if first == n {
            continue;
        }
        for last in first + 1..=n {
            // The last receipt falls on each day that is left with the same chance.
            let day = 1.0 / (n - first) as f64;
            let length = last - first;
            for code in 0..3usize.pow(length as u32) {
                let state = |k: usize| code / 3usize.pow(k as u32) % 3;
                if state(0) != 0 {
                    continue;
                }
                let mut weight = before * 0.3 * day * after(last);
                let mut course = in_stock.clone();
                for k in 0..length {
                    let t = first + k;
                    weight *= match (state(k), sold[t] > 0.0) {
                        (0, true) => 1.0,
                        (0, false) => all.none[t],
                        (_, true) => 0.0,
                        (_, false) => 1.0,
                    };
                    course[t] = f64::from(u8::from(state(k) == 0));
                    if k + 1 < length {
                        let ends = RATES.ends * if sold[t] > 0.0 { 1.0 } else { 0.3 };
                        weight *= match (state(k), state(k + 1)) {
                            (0, 0) => 1.0 - ends,
                            (0, 1) => ends,
                            (1, 1) | (2, 2) => 1.0 - RATES.comes,
                            (1, 2) | (2, 0) => RATES.comes,
                            _ => 0.0,
                        };
                    }
                }
                (last..n).for_each(|t| course[t] = there(t));
                add(weight, &course);
            }
        }
    }
    stocked.iter_mut().for_each(|p| *p /= total);
    near(&all.chain().0, &stocked);
}

#[test]
fn what_sold_beyond_a_count_came_on_its_own_day() {
    let (stocked, _) = Days::counted(&[5.0, 0.0], 2.0, 1.0).chain();
    assert!(stocked[0] > 1.0 - 1e-12 && stocked[1] > 0.9, "{stocked:?}");
}

#[test]
fn a_stretch_that_no_course_explains_is_told() {
    let mut all = Days::free(&[0.0, 0.0]);
    all.none = vec![0.0; 2];
    all.said = vec![Said::In; 2];
    let (mut a, mut b) = (vec![0.0; 2], vec![0.0; 2]);
    let found = days(
        &all.stretch(),
        RATES,
        &mut Scratch::default(),
        &mut a,
        &mut b,
    );
    assert_eq!(found, None);
}

fn facts(counts: &[f64], sold: &[f64], moved: &[f64], receipts: bool) -> Facts {
    Facts::of(&Record {
        counts,
        sold,
        moved,
        receipts_from: receipts.then_some(0),
        rate: 1.0,
    })
}

#[test]
fn between_weekly_counts_that_agree_every_day_is_known() {
    let counts = [9.0, NO, NO, NO, NO, NO, NO, 4.0];
    let sold = [0.0, 1.0, 0.0, 2.0, 0.0, 0.0, 1.0, 1.0];
    let found = facts(&counts, &sold, &[0.0; 8], false);
    assert_eq!(found.closing, [9.0, 8.0, 8.0, 6.0, 6.0, 6.0, 5.0, 4.0]);
    assert!(found.recorded.iter().all(|r| *r));
    // The same with a receipt that is on record.
    let moved = [0.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0];
    let counts = [3.0, NO, NO, NO, NO, NO, NO, 3.0];
    let found = facts(&counts, &sold, &moved, true);
    assert_eq!(found.closing, [3.0, 2.0, 2.0, 0.0, 5.0, 5.0, 4.0, 3.0]);
}

#[test]
fn what_came_between_counts_without_a_date_leaves_open_only_the_days_that_may_have_been_empty() {
    let counts = [3.0, NO, NO, NO, NO, NO, NO, 6.0];
    let sold = [0.0, 1.0, 0.0, 2.0, 0.0, 0.0, 1.0, 1.0];
    let found = facts(&counts, &sold, &[0.0; 8], false);
    use Said::{In, Unclear};
    assert_eq!(found.said[1..4], [In, In, Unclear]);
    assert_eq!(found.said[4..6], [Unclear, Unclear]);
    assert!(found.closing[4].is_nan() && found.closing[2].is_nan());
    assert_eq!(found.differences.came, (1, 8.0));
    // Nothing was left of what came, and nothing sold since: without stock for sure.
    let counts = [3.0, NO, NO, NO, NO, NO, NO, 0.0];
    let sold = [0.0, 3.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0];
    let found = facts(&counts, &sold, &[0.0; 8], false);
    assert_eq!(
        found.said[4..],
        [Said::RanOut, Said::Out, Said::Out, Said::Out]
    );
}

#[test]
fn a_negative_sum_is_shrinkage_and_no_stockout() {
    let counts = [20.0, NO, NO, NO, NO, 12.0];
    let found = facts(&counts, &[0.0, 1.0, 0.0, 2.0, 0.0, 0.0], &[0.0; 6], false);
    assert_eq!(found.differences.gone, (1, 5.0));
    assert!(found.said[1..].iter().all(|s| *s == Said::In), "{found:?}");
    assert!(!found.said.contains(&Said::Out));
}

#[test]
fn a_shelf_that_was_counted_empty_and_sells_hides_nothing() {
    let counts = [0.0, NO, NO, NO, 0.0];
    let found = facts(&counts, &[0.0, 3.0, 2.0, 0.0, 1.0], &[0.0; 5], false);
    for t in 1..3 {
        assert_eq!(found.said[t], Said::Unclear, "{found:?}");
    }
    assert_eq!(found.differences.belied, 1);
}

#[test]
fn backward_from_a_snapshot_days_that_sold_raise_the_stock() {
    // Stock was 4 3 0 0 6 5 in the end, and a unit was lost on the last day but one.
    let after = |days: usize, last: &[f64], fill: f64| [vec![fill; days], last.to_vec()].concat();
    let counts = after(15, &[NO, NO, NO, NO, NO, 4.0], NO);
    let sold = after(15, &[0.0, 1.0, 3.0, 0.0, 0.0, 1.0], 0.0);
    let moved = after(15, &[0.0, 0.0, 0.0, 0.0, 6.0, 0.0], 0.0);
    let found = facts(&counts, &sold, &moved, true);
    assert_eq!(found.said[17..20], [Said::RanOut, Said::Out, Said::Out]);
    assert_ne!(found.said[16], Said::Out);
    // Far from zero, what may have come unrecorded does not matter.
    let counts = after(15, &[50.0], NO);
    let sold: Vec<f64> = (0..16).map(|t| f64::from(t % 3)).collect();
    let found = facts(&counts, &sold, &[0.0; 16], true);
    assert!(found.said.iter().all(|s| *s == Said::In));
    // A week or two before the first of many counts stay what they were: unknown.
    let found = facts(&counts[12..], &sold[12..], &[0.0; 4], true);
    assert!(found.spans.is_empty() && found.closing[0].is_nan());
}

#[test]
fn one_count_that_misses_units_is_a_correction_and_several_are_losses() {
    let week = |units: f64| [NO, NO, NO, NO, NO, NO, units];
    let one = [vec![9.0], week(5.0).to_vec(), week(5.0).to_vec()].concat();
    let found = facts(&one, &[0.0; 15], &[0.0; 15], true);
    assert_eq!(found.closing[1..8], [9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 5.0]);
    assert!(found.recorded.iter().all(|r| *r) && found.spans.is_empty());
    let two = [vec![9.0], week(5.0).to_vec(), week(2.0).to_vec()].concat();
    let found = facts(&two, &[0.0; 15], &[0.0; 15], true);
    assert!(!found.recorded[3] && found.differences.gone == (2, 7.0));
}

#[test]
fn stock_rolled_in_front_of_a_long_run_without_a_sale_is_not_believed() {
    let n = 40;
    let mut counts = vec![NO; n];
    counts[n - 1] = 30.0;
    let mut sold = vec![2.0; n];
    sold[10..25].fill(0.0);
    let found = Facts::of(&Record {
        counts: &counts,
        sold: &sold,
        moved: &vec![0.0; n],
        receipts_from: Some(0),
        rate: 2.0,
    });
    assert!(found.said[10..25].iter().all(|s| *s == Said::Unclear));
    assert!(found.closing[12].is_nan());
}

/// Pools of a made-up shop: sales that a small generator draws, three units a day, with an outage each.
fn shop(pools: usize) -> Vec<PoolPast> {
    let mut seed = 7u64;
    let mut draw = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    (0..pools)
        .map(|k| {
            let n = 200;
            let mut sold: Vec<f64> = (0..n)
                .map(|_| {
                    let (mut units, mut p) = (0.0, draw());
                    while p > (-3.0f64).exp() {
                        units += 1.0;
                        p *= draw();
                    }
                    units
                })
                .collect();
            sold[60 + k..72 + k].fill(0.0);
            let mut past = PoolPast {
                place: 0,
                first: 0,
                said: vec![Said::Unclear; n],
                low: vec![NO; n],
                high: vec![NO; n],
                spans: vec![Span {
                    days: 0..n,
                    ends: FREE,
                }],
                sold,
            };
            silence(&mut past);
            past
        })
        .collect()
}

#[test]
fn outages_of_fast_items_are_found_by_their_sales_and_nothing_else_is_called_one() {
    let pools = shop(12);
    let learnt = learn(&pools, 1, 0);
    for (k, (pool, learnt)) in pools.iter().zip(&learnt).enumerate() {
        assert!(
            learnt
                .stocked
                .iter()
                .chain(&learnt.ended)
                .all(|p| (0.0..=1.0).contains(p))
        );
        let said = claims(pool, learnt, 0.2);
        let out = |t: usize| said.probably_out[t] && pool.sold[t] <= 0.0;
        assert!((60 + k..72 + k).all(out), "{k}");
        let others = (0..200).filter(|t| !(59 + k..72 + k).contains(t) && out(*t));
        assert_eq!(others.count(), 0, "{k}");
        assert!((2.5..3.5).contains(&learnt.level), "{}", learnt.level);
    }
}

#[test]
fn pools_in_another_order_learn_the_same() {
    let pools = shop(9);
    let there = learn(&pools, 1, 3);
    let mut turned = pools.clone();
    turned.reverse();
    let mut back = learn(&turned, 1, 3);
    back.reverse();
    for (a, b) in there.iter().zip(&back) {
        for (x, y) in a.stocked.iter().zip(&b.stocked) {
            assert!((x - y).abs() < 1e-9);
        }
    }
}

#[test]
fn a_shop_that_was_closed_is_no_stockout() {
    let mut pools = shop(30);
    for pool in &mut pools {
        pool.sold[60..110].fill(1.0);
        pool.sold[150..157].fill(0.0);
    }
    for (pool, learnt) in pools.iter().zip(&learn(&pools, 1, 0)) {
        let said = claims(pool, learnt, 0.2);
        assert!(!said.probably_out[150..157].contains(&true));
    }
}

#[test]
fn nothing_is_said_of_a_series_that_sells_in_campaigns_nor_of_a_run_that_goes_on() {
    let mut pools = shop(8);
    let campaign = &mut pools[0];
    for t in 0..200 {
        if t / 14 % 2 == 1 {
            campaign.sold[t] = 0.0;
        }
    }
    pools[1].sold[185..].fill(0.0);
    pools[2].sold[20..100].fill(0.0);
    pools.iter_mut().for_each(silence);
    let learnt = learn(&pools, 1, 0);
    let of = |k: usize| claims(&pools[k], &learnt[k], 0.2);
    assert!(of(0).odds.iter().all(|p| p.is_nan()), "campaigns");
    assert!(of(1).odds[185..].iter().all(|p| p.is_nan()), "goes on");
    assert!(of(2).odds[20..100].iter().all(|p| p.is_nan()), "months");
}

#[test]
fn the_stated_odds_decide_which_runs_are_told() {
    let mut pools = shop(6);
    for (k, pool) in pools.iter_mut().enumerate() {
        // A day without a sale, two, three …: the longer the rarer.
        pool.sold[20..30].fill(2.0);
        pool.sold[22..23 + k].fill(0.0);
    }
    let learnt = learn(&pools, 1, 0);
    let told = |most: f64| -> usize {
        let told = |(pool, learnt)| claims(pool, learnt, most).probably_out;
        let runs = pools.iter().zip(&learnt).map(told);
        runs.map(|days| days[20..30].iter().filter(|d| **d).count())
            .sum()
    };
    assert!(told(1e-4) < told(0.2), "{} {}", told(1e-4), told(0.2));
    assert!(told(0.2) <= told(0.5) && told(0.2) < 6 + 21);
}

#[test]
fn where_the_shop_itself_says_what_its_days_were_counts_are_only_rolled() {
    let counts = [NO, 5.0, NO, NO, 9.0, NO];
    let found = Facts::rolled(&Record {
        counts: &counts,
        sold: &[0.0, 1.0, 3.0, 4.0, 0.0, 2.0],
        moved: &[0.0; 6],
        receipts_from: None,
        rate: 1.0,
    });
    assert_eq!(found.closing[1..], [5.0, 2.0, 0.0, 9.0, 7.0]);
    assert!(found.closing[0].is_nan() && found.spans.is_empty());
    assert!(found.recorded.iter().all(|r| *r));
}
