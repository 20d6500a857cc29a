//! What can still be promised when arrivals are uncertain: cumulative available-to-promise over possible arrivals.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::{OpenOrder, Pool};
use crate::domain::{Day, LocationId, SkuId, Supplier, Tables, purchase_orders};
use crate::forecast::supplier_of;

/// Possible arrivals that are drawn for each pool.
pub const ARRIVALS: usize = 200;
/// Orders in full that a supplier's record begins with.
const FULL_PRIOR: usize = 5;
/// Records older than this say nothing any more.
const MEMORY_DAYS: i32 = 730;

/// How much of an order suppliers have delivered, in the end.
#[derive(Clone, Debug, Default)]
pub struct Deliveries {
    /// Received ÷ ordered of closed orders, sorted.
    shares: BTreeMap<Option<Supplier>, Vec<f64>>,
    suppliers: BTreeMap<(String, SkuId, LocationId), Option<Supplier>>,
}

impl Deliveries {
    /// Learns from all orders that are closed: received in full, or quiet for a month after their last receipt and the day of
    /// what is missing.
    pub fn learn(tables: &Tables) -> Self {
        let mut found = Self::default();
        for order in purchase_orders(&tables.inbound) {
            let supplier = supplier_of(tables, order.rows[0]);
            let (ordered, received) = (order.units(), order.received());
            // What has come in full is asked for no more.
            if order.rest() > 0.0 {
                found.suppliers.insert(
                    (order.po_id.to_owned(), order.sku, order.location),
                    supplier.clone(),
                );
            }
            let Some(last) = order.last_receipt() else {
                continue;
            };
            if order.is_over(tables.plan_day())
                && ordered > 0.0
                && tables.plan_day() - last <= MEMORY_DAYS
            {
                let share = (received / ordered).clamp(0.0, 1.0);
                found.shares.entry(supplier).or_default().push(share);
            }
        }
        for shares in found.shares.values_mut() {
            shares.extend([1.0; FULL_PRIOR]);
            shares.sort_by(f64::total_cmp);
        }
        found
    }

    /// Share of an open order that comes, at probability `u` (0 ≤ u < 1): small u, small share. 1 without a record.
    pub fn share(&self, po_id: &str, sku: SkuId, location: LocationId) -> impl Fn(f64) -> f64 + '_ {
        let key = (po_id.to_owned(), sku, location);
        let shares = self.suppliers.get(&key).and_then(|s| self.shares.get(s));
        move |u| {
            shares.map_or(1.0, |s| {
                s[((u * s.len() as f64) as usize).min(s.len().saturating_sub(1))]
            })
        }
    }
}

/// One possible receipt: days after as-of (≥ 1) and units.
pub type Receipt = (i32, f64);

/// Possible receipts of a pool's open orders: for each of [`ARRIVALS`] cases, one receipt for every order, in their order.
///
/// `keys` name the orders' random streams: an order's arrivals depend on nothing but itself, so that another order never
/// moves them.
pub fn possible_receipts(
    pool: &Pool,
    keys: &[u64],
    deliveries: &Deliveries,
    whole_units: bool,
) -> Vec<Vec<Receipt>> {
    let mut cases = vec![Vec::new(); ARRIVALS];
    for (order, &key) in pool.open_orders.iter().zip(keys) {
        let mut rng = Pcg64Mcg::seed_from_u64(key);
        let share = deliveries.share(&order.po_id, pool.sku, pool.location);
        for case in &mut cases {
            let (when, how_much): (f64, f64) = (rng.random(), rng.random());
            let units = order.units * share(how_much);
            let units = if whole_units {
                (units + 1e-9).floor()
            } else {
                units
            };
            case.push((order.arrival.quantile(when).max(1), units));
        }
    }
    cases
}

/// Likely day of an open order: the middle of its arrivals.
pub fn likely_day(order: &OpenOrder, as_of: Day) -> Day {
    as_of + order.arrival.quantile(0.5).max(1)
}

/// Balances to what can be promised, in place: the least from each day on, so that no promise breaks one made for a later day.
fn keep_later_promises(balance: &mut [f64]) {
    let mut least = f64::INFINITY;
    for slot in balance.iter_mut().rev() {
        least = least.min(*slot);
        *slot = least;
    }
}

/// Cumulative available-to-promise over possible receipts.
///
/// ```
/// use restock::supply::promise::Promisable;
/// // One certain case is the textbook's: on hand 40, receipts 0/80/0/60, promised 50/30/25/10.
/// let promised = [(1, 50.0), (2, 30.0), (3, 25.0), (4, 10.0)];
/// let promisable = Promisable::new(40.0, &[vec![(2, 80.0), (4, 60.0)]], &promised, 4);
/// let sure = [1, 2, 3, 4].map(|day| promisable.units(day, 0.9));
/// assert_eq!(sure, [-10.0, 15.0, 15.0, 65.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Promisable {
    cases: usize,
    /// Units of each case, [day × case]; day 1 first.
    units: Vec<f64>,
}

impl Promisable {
    /// What each case of receipts allows on the days `1..=days`: the least of the later projections. `promised` are (day ≥ 1, units); days
    /// beyond `days` count too. Without any case nothing is received.
    pub fn new(on_hand: f64, cases: &[Vec<Receipt>], promised: &[(i32, f64)], days: usize) -> Self {
        let due = promised.iter().map(|p| p.0.max(1) as usize).max();
        let mut commitments = vec![0.0; due.unwrap_or(1).max(days)];
        for &(day, units) in promised {
            commitments[day.max(1) as usize - 1] += units;
        }
        let certain = [Vec::new()];
        let cases = if cases.is_empty() { &certain } else { cases };
        let mut units = vec![0.0; days * cases.len()];
        let mut balance = vec![0.0; commitments.len()];
        for (c, case) in cases.iter().enumerate() {
            balance.fill(0.0);
            for &(day, units) in case {
                if let Some(slot) = balance.get_mut(day.max(1) as usize - 1) {
                    *slot += units;
                }
            }
            let mut stock = on_hand;
            for (slot, owed) in balance.iter_mut().zip(&commitments) {
                stock += *slot - owed;
                *slot = stock;
            }
            keep_later_promises(&mut balance);
            for (day, promise) in units.chunks_exact_mut(cases.len()).zip(&balance) {
                day[c] = *promise;
            }
        }
        Self {
            cases: cases.len(),
            units,
        }
    }

    /// Units that `sure` (0..1) of the cases allow on a day, 1 or later; 0 beyond the days looked at. Never less on a later day.
    pub fn units(&self, day: usize, sure: f64) -> f64 {
        let from = day.saturating_sub(1) * self.cases;
        let Some(cases) = self.units.get(from..from + self.cases) else {
            return 0.0;
        };
        let mut cases = cases.to_vec();
        let unsure = ((1.0 - sure) * self.cases as f64 + 1e-9) as usize;
        let rank = unsure.min(self.cases - 1);
        *cases.select_nth_unstable_by(rank, f64::total_cmp).1
    }
}

/// Whole shares of `total` in proportion to `weights` that never fall when the total rises (highest averages; Webster 1832, Sainte-Laguë
/// 1910): what a channel may promise is not taken back by a receipt. Ties go to the lower index. A total that is not whole
/// leaves its fraction out. All 0 where no weight is positive.
///
/// ```
/// use restock::supply::promise::steady_shares;
/// assert_eq!(steady_shares(7.0, &[5.0, 3.0, 1.0]), [4.0, 2.0, 1.0]);
/// assert_eq!(steady_shares(8.0, &[5.0, 3.0, 1.0]), [4.0, 3.0, 1.0]);
/// ```
pub fn steady_shares(total: f64, weights: &[f64]) -> Vec<f64> {
    let usable: Vec<f64> = weights
        .iter()
        .map(|&w| if w > 0.0 && w.is_finite() { w } else { 0.0 })
        .collect();
    let sum: f64 = usable.iter().sum();
    let total = if total > 0.0 { total.floor() } else { 0.0 };
    if sum <= 0.0 || total > 9e15 {
        return vec![0.0; weights.len()];
    }
    // The shares at a divisor that surely gives out no more than the total; the rest one by one.
    let near = (total - weights.len() as f64).max(0.0);
    let mut shares: Vec<f64> = usable
        .iter()
        .map(|w| (near * w / sum + 0.5 - 1e-9).floor().max(0.0))
        .collect();
    let mut left = total - shares.iter().sum::<f64>();
    while left >= 1.0 {
        let mut best = (f64::NEG_INFINITY, 0);
        for (i, w) in usable.iter().enumerate() {
            let average = w / (2.0 * shares[i] + 1.0);
            if average > best.0 * (1.0 + 1e-12) || best.0 == f64::NEG_INFINITY {
                best = (average, i);
            }
        }
        shares[best.1] += 1.0;
        left -= 1.0;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::LeadTime;

    #[test]
    fn a_receipt_never_lowers_what_can_be_promised() {
        let promised = [(1, 12.0), (9, 7.0), (20, 30.0)];
        let case = |k: usize| vec![(1 + (k * 7 % 13) as i32, 20.0), (15, (k % 5) as f64)];
        let cases: Vec<Vec<Receipt>> = (0..50).map(case).collect();
        let sure = |cases: &[Vec<Receipt>]| -> Vec<f64> {
            let promisable = Promisable::new(3.0, cases, &promised, 30);
            (1..=30).map(|day| promisable.units(day, 0.9)).collect()
        };
        let before = sure(&cases);
        for (day, units) in [(1, 1.0), (5, 10.0), (25, 40.0)] {
            let more: Vec<Vec<Receipt>> = cases
                .iter()
                .enumerate()
                .map(|(k, c)| {
                    let mut c = c.clone();
                    c.push((day + (k % 4) as i32, units));
                    c
                })
                .collect();
            let after = sure(&more);
            for (a, b) in after.iter().zip(&before) {
                assert!(a >= b, "{a} {b}");
            }
            assert!(after.iter().sum::<f64>() > before.iter().sum::<f64>());
        }
    }

    #[test]
    fn shares_sum_exactly_and_never_fall_when_there_is_more() {
        for weights in [
            vec![6.0, 6.0, 2.0],
            vec![1.0, 0.0, 7.3, 0.2],
            vec![0.3; 7],
            vec![5.0],
        ] {
            let mut before = vec![0.0; weights.len()];
            for total in 0..300 {
                let shares = steady_shares(f64::from(total), &weights);
                assert_eq!(shares.iter().sum::<f64>(), f64::from(total), "{weights:?}");
                for (now, then) in shares.iter().zip(&before) {
                    assert!(now >= then, "{weights:?} at {total}");
                }
                before = shares;
            }
        }
        assert_eq!(steady_shares(5.0, &[0.0, 0.0]), [0.0, 0.0]);
    }

    /// On hand 10, 6 owed on day 2 and 9 on day 5; 8 come on day 3.
    #[test]
    fn a_promise_leaves_what_is_promised_for_later_days() {
        let sure = |cases: &[Vec<Receipt>], sure: f64, days: usize| -> Vec<f64> {
            let promised = [(2, 6.0), (5, 9.0)];
            let all = Promisable::new(10.0, cases, &promised, days);
            (1..=days).map(|day| all.units(day, sure)).collect()
        };
        // Balances 10, 4, 12, 12, 3.
        assert_eq!(sure(&[vec![(3, 8.0)]], 0.9, 5), [3.0, 3.0, 3.0, 3.0, 3.0]);
        // Days beyond those that are asked for count too.
        assert_eq!(sure(&[vec![(3, 8.0)]], 0.9, 2), [3.0, 3.0]);
        assert_eq!(sure(&[], 0.9, 5), [-5.0; 5]);
        // A receipt today is one of the first day, one beyond all days is none.
        assert_eq!(sure(&[vec![(0, 8.0)]], 0.9, 5), [3.0; 5]);
        assert_eq!(sure(&[vec![(6, 8.0)]], 0.9, 5), [-5.0; 5]);
        // Of ten cases nine must allow it.
        let cases: Vec<Vec<Receipt>> = (0..10).map(|k| vec![(3, f64::from(k))]).collect();
        assert_eq!(sure(&cases, 0.9, 5)[4], -4.0);
        assert_eq!(sure(&cases, 0.5, 5)[4], 0.0);
        assert_eq!(sure(&cases, 1.0, 5)[4], -5.0);
        assert_eq!(sure(&cases, 0.0, 5)[4], 4.0);
        assert_eq!(Promisable::new(10.0, &cases, &[], 5).units(6, 0.9), 0.0);
    }

    fn order(units: f64, arrival: LeadTime) -> OpenOrder {
        OpenOrder {
            po_id: "P".to_owned(),
            units,
            arrival,
            expected: Day(20_000),
        }
    }

    #[test]
    fn possible_receipts_follow_the_lead_time_and_the_share_that_came_before() {
        let arrival = LeadTime {
            points: vec![(0, 0.5), (4, 0.5)],
        };
        let pool = Pool {
            sku: SkuId(0),
            location: LocationId(0),
            members: vec![0],
            on_hand: Some(0.0),
            open_orders: vec![order(7.0, arrival)],
            open_backorders: vec![0.0],
        };
        let shares = [0.25, 1.0].map(|s| s).to_vec();
        let deliveries = Deliveries {
            shares: BTreeMap::from([(None, shares)]),
            suppliers: BTreeMap::from([(("P".to_owned(), SkuId(0), LocationId(0)), None)]),
        };
        let cases = possible_receipts(&pool, &[3], &deliveries, true);
        assert_eq!(cases.len(), ARRIVALS);
        // The first day is tomorrow; a quarter of seven is one whole unit.
        assert!(cases.iter().all(|c| c.len() == 1));
        for receipt in cases.iter().flatten() {
            assert!([1, 4].contains(&receipt.0) && [1.0, 7.0].contains(&receipt.1));
        }
        let share = |found: &dyn Fn(&Receipt) -> bool| {
            cases.iter().flatten().filter(|r| found(r)).count() as f64 / ARRIVALS as f64
        };
        assert!((share(&|r| r.0 == 1) - 0.5).abs() < 0.15);
        assert!((share(&|r| r.1 == 1.0) - 0.5).abs() < 0.15);
        let parts = possible_receipts(&pool, &[3], &deliveries, false);
        assert!(parts.iter().flatten().any(|r| r.1 == 1.75));
        // An order moves by its own key alone.
        assert_ne!(possible_receipts(&pool, &[4], &deliveries, true), cases);
        assert_eq!(likely_day(&pool.open_orders[0], Day(100)), Day(104));
    }

    #[test]
    fn a_supplier_s_record_is_what_came_of_closed_orders_beside_five_in_full() {
        use crate::domain::PurchaseLine;
        let today = Day(20_000);
        let mut tables = crate::panel::small::bare_tables(1, &[0], today);
        let line = |po_id: &str, ago: i32, came: f64, received: Option<i32>| PurchaseLine {
            po_id: po_id.to_owned(),
            sku: SkuId(0),
            location: LocationId(0),
            ordered: today + -ago,
            units: 10.0,
            supplier: Some(Supplier::new("S")),
            expected: None,
            received: received.map(|d| today + -d),
            received_units: came,
            day_assumed: false,
        };
        tables.inbound = vec![
            line("short", 200, 4.0, Some(150)),
            line("full", 200, 10.0, Some(150)),
            line("fresh", 30, 2.0, Some(9)), // not over yet
            line("old", 900, 1.0, Some(800)),
            line("open", 5, 0.0, None),
        ];
        let found = Deliveries::learn(&tables);
        let shares = &found.shares[&Some(Supplier::new("S"))];
        assert_eq!(shares[..], [0.4, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        let of_open = found.share("open", SkuId(0), LocationId(0));
        assert_eq!([0.0, 0.1, 0.15, 0.99].map(of_open), [0.4, 0.4, 1.0, 1.0]);
        // An order that came in full is asked for no more.
        assert_eq!(found.share("full", SkuId(0), LocationId(0))(0.0), 1.0);
    }
}
