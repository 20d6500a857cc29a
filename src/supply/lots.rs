//! A budget that does not reach for all orders: which lots to buy.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// One lot of an item. An item's lots are bought in their order, and each gains no more per money than the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lot {
    /// Expected gain, money or units, ≥ 0.
    pub gain: f64,
    /// Money, > 0.
    pub cost: f64,
    /// Whether customers wait for it: such lots come before all others.
    pub owed: bool,
}

/// How many lots of each item to buy.
#[derive(Clone, Debug, PartialEq)]
pub struct Purchase {
    pub taken: Vec<usize>,
    /// Money.
    pub spent: f64,
    pub gain: f64,
    /// No purchase within the budget that serves those who wait first gains more than this.
    pub bound: f64,
}

/// Up to so many items single exchanges are tried; beyond, a lot is a small part of the budget, and so is what greed misses.
const MOST_EXCHANGED: usize = 50;

/// Marginal analysis (Fox, 1966): always the next lot that gains most per money, as long as it can be paid; then exchanges of one to three
/// lots of an item for the best others, while one helps.
///
/// Gains are concave, so the same sequence gives a bound: what was gained when the first lot could not be paid, and the affordable part of it.
///
/// ```
/// use restock::supply::lots::{Lot, buy};
/// let lot = |gain, cost| Lot { gain, cost, owed: false };
/// // Greed takes the first item's lot and has nothing left for the second's.
/// let best = buy(&[vec![lot(6.0, 5.0)], vec![lot(10.0, 10.0)]], 10.0);
/// assert_eq!(best.taken, [0, 1]);
/// ```
pub fn buy(items: &[Vec<Lot>], budget: f64) -> Purchase {
    let mut purchase = greedy(items, budget);
    if items.len() <= MOST_EXCHANGED {
        exchange(items, budget, &mut purchase);
    }
    purchase
}

/// The next lot of an item, in the order in which lots are bought.
struct Next {
    lot: Lot,
    item: usize,
}

impl Next {
    fn of(items: &[Vec<Lot>], item: usize, taken: usize) -> Option<Self> {
        let lot = *items[item].get(taken)?;
        (lot.gain > 1e-12 && lot.cost > 0.0 && lot.cost < f64::INFINITY)
            .then_some(Self { lot, item })
    }

    fn rate(&self) -> f64 {
        self.lot.gain / self.lot.cost
    }
}

impl PartialEq for Next {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Next {}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Next {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.lot.owed.cmp(&other.lot.owed))
            .then(self.rate().total_cmp(&other.rate()))
            .then(other.item.cmp(&self.item))
    }
}

/// Marginal analysis alone, without the exchanges.
pub fn greedy(items: &[Vec<Lot>], budget: f64) -> Purchase {
    let mut taken = vec![0; items.len()];
    let mut left = if budget > 0.0 { budget } else { 0.0 };
    let (mut gain, mut bound) = (0.0, None::<f64>);
    let mut heads: BinaryHeap<Next> = (0..items.len())
        .filter_map(|i| Next::of(items, i, 0))
        .collect();
    while let Some(next) = heads.pop() {
        if next.lot.cost <= left * (1.0 + 1e-12) {
            left = (left - next.lot.cost).max(0.0);
            gain += next.lot.gain;
            taken[next.item] += 1;
            heads.extend(Next::of(items, next.item, taken[next.item]));
        } else {
            let best = heads.iter().map(Next::rate).fold(next.rate(), f64::max);
            bound.get_or_insert(gain + left * best);
        }
    }
    let mut purchase = priced(items, taken);
    purchase.bound = bound.unwrap_or(purchase.gain).max(purchase.gain);
    purchase
}

fn priced(items: &[Vec<Lot>], taken: Vec<usize>) -> Purchase {
    let bought = || items.iter().zip(&taken).flat_map(|(lots, &n)| &lots[..n]);
    let (spent, gain) = (
        bought().map(|l| l.cost).sum(),
        bought().map(|l| l.gain).sum(),
    );
    Purchase {
        taken,
        spent,
        gain,
        bound: gain,
    }
}

fn exchange(items: &[Vec<Lot>], budget: f64, purchase: &mut Purchase) {
    for _ in 0..50 {
        let mut best: Option<Purchase> = None;
        for item in 0..items.len() {
            for back in 1..=3 {
                let Some(kept) = purchase.taken[item].checked_sub(back) else {
                    break;
                };
                if items[item][kept].owed {
                    break;
                }
                let mut taken = purchase.taken.clone();
                taken[item] = kept;
                let other = refill(items, budget, taken, item);
                let least = best.as_ref().map_or(purchase.gain, |p| p.gain);
                if other.gain > least + 1e-9 {
                    best = Some(other);
                }
            }
        }
        let Some(other) = best else { break };
        *purchase = Purchase {
            bound: purchase.bound.max(other.gain),
            ..other
        };
    }
}

/// Buys lots of items other than `without`, the most gain per money first, while they can be paid.
fn refill(items: &[Vec<Lot>], budget: f64, mut taken: Vec<usize>, without: usize) -> Purchase {
    let mut left = budget - priced(items, taken.clone()).spent;
    loop {
        let next = (0..items.len())
            .filter(|&i| i != without)
            .filter_map(|i| Next::of(items, i, taken[i]))
            .filter(|n| n.lot.cost <= left * (1.0 + 1e-12))
            .max();
        let Some(next) = next else { break };
        left -= next.lot.cost;
        taken[next.item] += 1;
    }
    priced(items, taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lots(gains: &[f64], cost: f64) -> Vec<Lot> {
        let lot = |&gain: &f64| Lot {
            gain,
            cost,
            owed: false,
        };
        gains.iter().map(lot).collect()
    }

    #[test]
    fn greed_takes_the_lot_that_gains_most_per_money_and_says_how_much_more_there_could_be() {
        // Per money: 2, 1 and 1.5, .5.
        let items = [lots(&[20.0, 10.0], 10.0), lots(&[30.0, 10.0], 20.0)];
        let found = greedy(&items, 35.0);
        assert_eq!(
            (&found.taken[..], found.spent, found.gain),
            (&[1, 1][..], 30.0, 50.0)
        );
        // Five more buy half of the lot that gains 1 per money.
        assert!((found.bound - 55.0).abs() < 1e-9);
        let all = greedy(&items, 60.0);
        assert_eq!(
            (&all.taken[..], all.gain, all.bound),
            (&[2, 2][..], 70.0, 70.0)
        );
        assert_eq!(greedy(&items, 0.0).taken, [0, 0]);
        assert_eq!(greedy(&items, f64::NAN).taken, [0, 0]);
        // The price of a lot is no more than all the money.
        assert_eq!(greedy(&items, 10.0).taken, [1, 0]);
        assert_eq!(greedy(&items, 9.999).taken, [0, 0]);
    }

    #[test]
    fn lots_that_customers_wait_for_come_before_all_others() {
        let mut items = [lots(&[5.0, 1.0], 10.0), lots(&[30.0, 20.0], 10.0)];
        items[0][0].owed = true;
        assert_eq!(buy(&items, 10.0).taken, [1, 0]);
        assert_eq!(buy(&items, 20.0).taken, [1, 1]);
        // The first to be bought of equals is the first of the list.
        let same = [lots(&[5.0], 10.0), lots(&[5.0], 10.0)];
        assert_eq!(greedy(&same, 10.0).taken, [1, 0]);
    }

    #[test]
    fn a_lot_that_gains_or_costs_nothing_is_not_bought() {
        assert_eq!(greedy(&[lots(&[0.0], 10.0)], 50.0).taken, [0]);
        assert_eq!(greedy(&[lots(&[4.0], 0.0)], 50.0).taken, [0]);
        assert_eq!(
            greedy(&[lots(&[4.0], f64::INFINITY)], f64::INFINITY).taken,
            [0]
        );
    }

    /// Greed buys two lots of the first item, 4 per 3, and has 4 left; without them two of 6 per 5 fit, which gain more.
    #[test]
    fn lots_are_exchanged_where_others_use_the_money_better() {
        let items = [lots(&[4.0, 4.0], 3.0), lots(&[6.0, 6.0], 5.0)];
        assert_eq!(greedy(&items, 10.0).taken, [2, 0]);
        let best = buy(&items, 10.0);
        assert_eq!(
            (&best.taken[..], best.gain, best.spent),
            (&[0, 2][..], 12.0, 10.0)
        );
        assert!(best.bound >= 12.0);
        // Beyond fifty items greed stands.
        let mut many = items.to_vec();
        many.resize(51, lots(&[0.001], 100.0));
        assert_eq!(buy(&many, 10.0).taken[..2], [2, 0]);
    }
}
