//! What a pool owes, has and gets.

use super::moves::Moves;
use super::placed::Placed;
use crate::domain::{Day, Delivery, Item, Recommendation};
use crate::policy::basis::Basis;
use crate::policy::paths::pool_paths;
use crate::supply::Pool;
use crate::supply::promise::{Deliveries, Receipt, likely_day, possible_receipts};

/// Units that are sure to be sent to a pool, by an open order or by a transfer of this plan.
#[derive(Debug)]
pub(super) struct Inbound {
    pub delivery: Delivery,
    pub units: f64,
    /// Likely day, after as-of.
    pub likely: Day,
}

/// A pool with its waiting customers.
#[derive(Debug)]
pub(super) struct PoolState<'a> {
    pub basis: &'a Basis<'a>,
    pub pool: &'a Pool,
    /// Recommendations of its channels, in the order of the pool's members.
    pub rows: Vec<&'a Recommendation>,
    /// Positions in `Tables::backorders` of its open lines, in the order in which they are served.
    pub lines: Vec<usize>,
    /// Units owed.
    pub owed: f64,
    /// Stock less what this plan's transfers take away; negative when more was sold than waiting lines explain; 0 where unknown.
    pub on_hand: f64,
    /// Open orders and this plan's transfers in order of their likely arrival.
    pub arrivals: Vec<Inbound>,
    /// Possible receipts, case by case: of the pool's open orders, then of the transfers.
    pub cases: Vec<Vec<Receipt>>,
    /// What this plan orders for it.
    pub placed: Placed,
    pub whole_units: bool,
}

impl<'a> PoolState<'a> {
    pub(super) fn new(
        basis: &'a Basis<'a>,
        pool: &'a Pool,
        rows: &'a [Recommendation],
        placed: Placed,
        mut lines: Vec<usize>,
        deliveries: &Deliveries,
        moves: &Moves<'a>,
    ) -> Self {
        let tables = basis.tables;
        let longest = basis.config.backorders.max_wait_days as i32;
        lines.sort_by(|&a, &b| {
            let key = |l: usize| {
                let line = &tables.backorders[l];
                // Without a promise a customer was told to wait, at most as long as the shop lets anybody wait.
                let promise = line.promised.unwrap_or(line.date + longest);
                (promise, line.date)
            };
            let priority = |l: usize| {
                let channel = tables.backorders[l].channel.at();
                tables.channel_rows[channel]
                    .priority
                    .unwrap_or(f64::INFINITY)
            };
            key(a)
                .cmp(&key(b))
                .then(priority(a).total_cmp(&priority(b)))
                .then_with(|| {
                    let id = |l: usize| (&tables.backorders[l].order_id, l);
                    id(a).cmp(&id(b))
                })
        });
        let owed = lines
            .iter()
            .map(|&l| tables.backorders[l].open_units())
            .fold(0.0, |sum, units| sum + units);
        let whole_units = pool.members.iter().all(|&i| basis.panel.whole_units[i]);
        let (sent, coming) = moves.of(tables, pool);
        let mut cases = if pool.open_orders.is_empty() {
            Vec::new()
        } else {
            let keys: Vec<u64> = pool_paths(basis, pool)
                .supply
                .open_orders
                .iter()
                .map(|o| o.key)
                .collect();
            possible_receipts(pool, &keys, deliveries, whole_units)
        };
        if cases.is_empty() && !coming.is_empty() {
            cases.push(Vec::new());
        }
        for case in &mut cases {
            case.extend(
                coming
                    .iter()
                    .map(|t| (t.likely - tables.plan_day(), t.units)),
            );
        }
        let mut arrivals: Vec<Inbound> = pool
            .open_orders
            .iter()
            .map(|order| Inbound {
                delivery: Delivery::Order(order.po_id.clone()),
                units: order.units,
                likely: likely_day(order, tables.plan_day()),
            })
            .chain(coming)
            .collect();
        // Stable: what arrives on one day stays in the order of promised days.
        arrivals.sort_by_key(|inbound| inbound.likely);
        Self {
            basis,
            pool,
            rows: pool.members.iter().map(|&i| &rows[i]).collect(),
            lines,
            owed,
            on_hand: pool.on_hand.map_or(0.0, |units| units - sent),
            arrivals,
            cases,
            placed,
            whole_units,
        }
    }

    pub(super) fn as_of(&self) -> Day {
        self.basis.tables.plan_day()
    }

    pub(super) fn item(&self) -> &'a Item {
        &self.basis.tables.items[self.pool.sku]
    }

    /// Units under way, those that this plan transfers included.
    pub(super) fn on_order(&self) -> f64 {
        self.arrivals.iter().fold(0.0, |sum, o| sum + o.units)
    }

    /// Stock that nobody waits for.
    pub(super) fn free_stock(&self) -> f64 {
        (self.on_hand - self.owed).max(0.0)
    }

    /// Expected units a day over all channels.
    pub(super) fn per_day(&self) -> f64 {
        self.rows.iter().fold(0.0, |sum, r| sum + r.demand_per_day)
    }

    /// The order's multiple: 1 for whole units where none is given, 0 for none.
    pub(super) fn multiple(&self) -> f64 {
        self.item()
            .order_multiple
            .filter(|m| *m > 0.0)
            .unwrap_or(if self.whole_units { 1.0 } else { 0.0 })
    }

    /// Likely day of the next receipt, by the same cases as the days on which lines ship; `None` where fewer than half of them bring one.
    pub(super) fn next_arrival(&self) -> Option<Day> {
        let first = |case: &Vec<Receipt>| {
            let brings = case.iter().filter(|r| r.1 > 0.0);
            brings.map(|r| r.0).min()
        };
        let mut days: Vec<i32> = self.cases.iter().filter_map(first).collect();
        days.sort_unstable();
        let rank = self.cases.len().div_ceil(2).max(1);
        days.get(rank - 1).map(|&d| self.as_of() + d)
    }

    /// A day on which what this plan orders can ship: not before the item is released.
    pub(super) fn released(&self, day: Day) -> Day {
        self.item().launch.map_or(day, |launch| day.max(launch))
    }

    /// Money that a sale brings beyond its cost.
    pub(super) fn margin(&self) -> Option<f64> {
        let item = self.item();
        self.basis
            .config
            .policy
            .lost_sale_cost_per_unit
            .or(item.price.zip(item.unit_cost).map(|(p, c)| p - c))
    }

    /// Money that a unit in stock costs in a year.
    pub(super) fn holding_per_year(&self) -> Option<f64> {
        let policy = &self.basis.config.policy;
        policy
            .holding_cost_per_unit_day
            .map(|c| c * 365.0)
            .or_else(|| {
                self.item()
                    .unit_cost
                    .map(|c| c * policy.holding_rate_per_year)
            })
    }
}
