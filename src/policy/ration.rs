//! What is ordered when money is short: a budget for all orders, and minimum amounts of suppliers.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::{Basis, four};
use super::grant::{Grant, Why};
use super::lot::round_order;
use super::pool_plan::PoolPlan;
use crate::domain::{PoolOrder, Spending, Supplier};
use crate::forecast::supplier_row;
use crate::supply::lots::{Lot, Purchase, buy};

/// An order is enlarged for a supplier's minimum by what this many more days sell, at most.
const TOP_UP_DAYS: f64 = 28.0;
/// Lots that one order is cut into, at most.
const MOST_LOTS: f64 = 60.0;
/// Lots that may enlarge an order, at most: beyond, they are larger, so that work does not grow with units.
const MOST_MORE: f64 = 2_000.0;

/// What may be ordered of one pool.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    /// Position in the list of all pools.
    pool: usize,
    supplier: Option<Supplier>,
    /// Units asked for.
    asked: f64,
    /// Units of each lot, in the order in which they are bought; the first `needed` make up what is asked for.
    units: Vec<f64>,
    needed: usize,
    lots: Vec<Lot>,
    /// Money a unit; `None` where it is not known.
    cost: Option<f64>,
}

impl Offer {
    /// The offer of a planned pool, if there is anything to buy.
    pub(super) fn of(plan: &PoolPlan<'_>, order: &PoolOrder, pool: usize) -> Option<Self> {
        let (item, bridge) = (plan.item(), &order.bridge);
        if !plan.can_order() || plan.grant.is_some() || plan.unwanted(bridge.owed) {
            return None;
        }
        let minimum = supplier_row(plan.basis.tables, item.supplier.as_ref())
            .and_then(|s| s.min_amount)
            .is_some_and(|m| m > 0.0);
        if bridge.asked <= 0.0 && !minimum {
            return None;
        }
        let cost = item.unit_cost.filter(|c| *c > 0.0);
        let most = if minimum {
            // What is above its level already counts against what more may come.
            let missing = if bridge.asked > 0.0 {
                bridge.need.max(bridge.asked)
            } else {
                bridge.need
            };
            missing + plan.per_day(order) * TOP_UP_DAYS
        } else {
            bridge.asked
        };
        let unit = if order.order_multiple > 0.0 {
            order.order_multiple
        } else {
            (most / 20.0).max(1e-4)
        };
        let first = round_order(unit.min(1e-3), order.moq, order.order_multiple).max(unit);
        let (units, needed) = parts(bridge.asked, most, first, unit);
        let mut offer = Self {
            pool,
            supplier: item.supplier.clone(),
            asked: bridge.asked,
            needed,
            units,
            lots: Vec::new(),
            cost,
        };
        let margin = item
            .price
            .zip(item.unit_cost)
            .map(|(p, c)| p - c)
            .filter(|m| *m > 0.0);
        // Without a price a unit is worth what it costs.
        let worth = margin.or(cost).unwrap_or(1.0);
        let owed = (bridge.owed - bridge.on_hand - bridge.in_time).max(0.0);
        let (mut before, mut bought) = (0.0, 0.0);
        for &units in &offer.units {
            let waiting = bought < owed;
            bought += units;
            let used = plan.covered.used(bought + bridge.transfer_in);
            offer.lots.push(Lot {
                gain: (used - before).max(0.0) * worth,
                cost: units * cost.unwrap_or(0.0),
                owed: waiting,
            });
            before = used;
        }
        Some(offer)
    }
}

/// An order of `asked` units and what a minimum may add up to `most`, in parts of whole `unit`s after a `first` one; and how many of the parts
/// make what is asked. However many units: at most `MOST_LOTS` and `MOST_MORE` parts beside the first.
fn parts(asked: f64, most: f64, first: f64, unit: f64) -> (Vec<f64>, usize) {
    let mut units = Vec::new();
    let mut sum = 0.0;
    let lot = unit * ((asked - first) / unit / MOST_LOTS).ceil().max(1.0);
    while sum < asked - 1e-9 {
        let next = if units.is_empty() { first } else { lot };
        let next = four(next.min(asked - sum));
        let then = four(sum + next);
        // Beyond what four decimals of a float hold, the rest is none.
        if then <= sum {
            break;
        }
        units.push(next);
        sum = then;
    }
    let needed = units.len();
    let more = unit * ((most - sum) / unit / MOST_MORE).ceil().max(1.0);
    while sum < most {
        let lot = if units.is_empty() { first } else { more };
        let then = four(sum + lot);
        if sum + lot > most || then <= sum {
            break;
        }
        units.push(four(lot));
        sum = then;
    }
    (units, needed)
}

/// Orders other than those that are asked for, and what became of the money.
pub(super) struct Rationed {
    /// By position in the list of all pools.
    pub(super) grants: BTreeMap<usize, Grant>,
    pub(super) spending: Spending,
}

/// Decides which lots are bought: within `budget`, where there is one, those that gain most per money (customers who wait first); and of no supplier
/// less than its minimum amount. An order below it is enlarged by the lots that gain most per money, by four weeks' sales of an item at
/// most, and held back where that does not reach it.
pub(super) fn ration(basis: &Basis<'_>, offers: Vec<Offer>, budget: Option<f64>) -> Rationed {
    let minimum: BTreeMap<&Supplier, f64> = basis
        .tables
        .suppliers
        .iter()
        .filter_map(|s| Some((&s.supplier, s.min_amount.filter(|m| *m > 0.0)?)))
        .collect();
    let priced: Vec<&Offer> = offers.iter().filter(|o| o.cost.is_some()).collect();
    let unpriced: BTreeSet<&Supplier> = offers
        .iter()
        .filter(|o| o.cost.is_none() && o.asked > 0.0)
        .filter_map(|o| o.supplier.as_ref())
        .collect();
    let needed: Vec<Vec<Lot>> = priced.iter().map(|o| o.lots[..o.needed].to_vec()).collect();
    let all = |lots: &[Vec<Lot>]| lots.iter().flatten().map(|l| l.cost).sum::<f64>();
    let mut spending = Spending {
        budget,
        wanted: all(&needed),
        ..Spending::default()
    };
    let mut closed: BTreeSet<&Supplier> = BTreeSet::new();
    let (purchase, gap) = loop {
        let open: Vec<Vec<Lot>> = priced
            .iter()
            .zip(&needed)
            .map(|(o, lots)| match &o.supplier {
                Some(s) if closed.contains(s) => Vec::new(),
                _ => lots.clone(),
            })
            .collect();
        let mut purchase = match budget {
            Some(money) => buy(&open, money),
            None => Purchase {
                taken: open.iter().map(Vec::len).collect(),
                spent: all(&open),
                gain: 0.0,
                bound: 0.0,
            },
        };
        let gap = (purchase.bound - purchase.gain).max(0.0);
        let missed = reach_minimums(&priced, &minimum, &unpriced, &mut purchase, budget);
        // The one that loses least is closed first: its money may let another reach its minimum.
        match missed {
            Some(supplier) => closed.insert(supplier),
            None => break (purchase, gap),
        };
    };
    let mut grants = BTreeMap::new();
    spending.gap = gap;
    for (offer, &taken) in priced.iter().zip(&purchase.taken) {
        // From 0, so that the sum of no lots is not −0.
        let quantity = four(offer.units[..taken].iter().fold(0.0, |sum, lot| sum + lot));
        let money = |lots: &[Lot]| lots.iter().map(|l| l.cost).sum::<f64>();
        spending.spent += money(&offer.lots[..taken]);
        if taken == offer.needed {
            continue;
        }
        let why = if taken > offer.needed {
            spending.topped_up += money(&offer.lots[offer.needed..taken]);
            Why::ToppedUp
        } else {
            let lost = &offer.lots[taken..offer.needed];
            spending.gain_lost += lost.iter().map(|l| l.gain).sum::<f64>();
            if offer.supplier.as_ref().is_some_and(|s| closed.contains(s)) {
                spending.below_minimum += money(lost);
                Why::BelowMinimum
            } else {
                spending.cut += money(lost);
                Why::Budget
            }
        };
        grants.insert(offer.pool, Grant { quantity, why });
    }
    Rationed { grants, spending }
}

/// Enlarges orders below their supplier's minimum within the budget. Returns the supplier to be given up, of those whose minimum cannot be
/// reached the one whose lots gain least.
fn reach_minimums<'a>(
    offers: &[&'a Offer],
    minimum: &BTreeMap<&'a Supplier, f64>,
    unpriced: &BTreeSet<&Supplier>,
    purchase: &mut Purchase,
    budget: Option<f64>,
) -> Option<&'a Supplier> {
    let mut missed: Option<(f64, &Supplier)> = None;
    for (&supplier, &least) in minimum {
        // What nobody priced may well reach it.
        if unpriced.contains(supplier) {
            continue;
        }
        let own: Vec<usize> = (0..offers.len())
            .filter(|&i| offers[i].supplier.as_ref() == Some(supplier))
            .collect();
        let lots = |i: usize, taken: usize| &offers[i].lots[..taken];
        let mut amount: f64 = own
            .iter()
            .flat_map(|&i| lots(i, purchase.taken[i]))
            .map(|l| l.cost)
            .sum();
        if amount <= 0.0 || amount >= least {
            continue;
        }
        let gain: f64 = own
            .iter()
            .flat_map(|&i| lots(i, purchase.taken[i]))
            .map(|l| l.gain)
            .sum();
        let (mut taken, mut spent) = (purchase.taken.clone(), purchase.spent);
        while amount < least {
            let next = own
                .iter()
                .filter_map(|&i| Some((i, offers[i].lots.get(taken[i])?)))
                .filter(|(_, l)| l.cost > 0.0 && budget.is_none_or(|b| spent + l.cost <= b))
                .max_by(|(i, a), (j, b)| {
                    (a.gain / a.cost)
                        .total_cmp(&(b.gain / b.cost))
                        .then(j.cmp(i))
                });
            let Some((i, lot)) = next else { break };
            taken[i] += 1;
            amount += lot.cost;
            spent += lot.cost;
        }
        if amount >= least {
            (purchase.taken, purchase.spent) = (taken, spent);
        } else if missed.is_none_or(|(most, _)| gain < most) {
            missed = Some((gain, supplier));
        }
    }
    missed.map(|(_, supplier)| supplier)
}
