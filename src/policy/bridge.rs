//! The bridge from demand to order: the order of a pool, and the rows that its channels are written with.

use super::basis::{YEAR_DAYS, days_to_order_day, four};
use super::channel_share::{Member, members};
use super::lot_cycle::OrderSize;
use super::past::{Past, confidence};
use super::pool_plan::PoolPlan;
use super::reason;
use super::unknown_stock::without_stock;
use crate::domain::{
    Action, Availability, Bridge, Channel, Confidence, Day, ItemStatus, Location, NextOrder,
    PoolOrder, Reason, Recommendation, Rest, UnderWay,
};

/// The level to order up to. What comes too late may take more off the reorder point than it holds: then nothing is needed, and the level is nothing
/// (the position, where more is owed than there is).
fn up_to(reorder_point: f64, reduction: f64, position: f64) -> f64 {
    let least = position.min(0.0).min(reorder_point);
    four((reorder_point - reduction).max(least))
}

impl PoolPlan<'_> {
    /// The pool's order while nothing is granted, fetched or cut yet.
    pub(super) fn draft(&self) -> PoolOrder {
        let (tables, pool, item) = (self.basis.tables, self.pool, self.item());
        let on_hand = four(pool.stock());
        let owed = four(pool.open_backorders.iter().sum());
        let (mut in_time, mut late) = (0.0, 0.0);
        for order in &pool.open_orders {
            if order.arrival.mean() <= self.days_in_time() {
                in_time += order.units;
            } else {
                late += order.units;
            }
        }
        let (in_time, late) = (four(in_time), four(late));
        let position = four(on_hand + in_time - owed);
        // Safety stock that the supplied locations hold is a part of the echelon's.
        let mean = four(self.protection.mean() + self.down.safety + self.down.shift);
        let wanted = self.wanted(position - self.down.shift);
        let safety = four(wanted.reorder_point + self.down.shift - mean);
        let safety = if self.down.is_empty() {
            safety
        } else {
            // The branches hold their safety stock themselves; only what an order lasts longer than a review period may stand against it.
            safety.max(four(-self.carried_by_lots(wanted.reorder_point)))
        };
        let reorder_point = four(mean + safety);
        let order_up_to = up_to(reorder_point, wanted.reduction, position);
        let waiting_reduction = four(reorder_point - order_up_to);
        let need = four(order_up_to - position);
        // A supplied pool's item keeps its least order: it is what its source buys.
        let single = OrderSize::units(self.paths.demand.whole_units).multiple;
        PoolOrder {
            sku: tables.skus[pool.sku].clone(),
            name: item.name.clone(),
            location: tables.locations[pool.location].clone(),
            supplier: item.supplier.clone(),
            unit_cost: item.unit_cost,
            moq: item.moq.unwrap_or(0.0),
            order_multiple: item.order_multiple.filter(|m| *m > 0.0).unwrap_or(single),
            bridge: Bridge {
                action: Action::Wait,
                on_hand,
                owed,
                in_time,
                late,
                position,
                mean,
                days: four(self.days()),
                per_day: four(mean / self.days().max(1.0)),
                year: self.year_demand(&self.series().collect::<Vec<_>>()),
                safety,
                reorder_point,
                waiting_reduction,
                lost_while_waiting: four(self.covered.lost_before.min(waiting_reduction)),
                order_up_to,
                need,
                due: !self.unwanted(owed)
                    && (wanted.due || (position <= reorder_point && need > 0.0)),
                asked: 0.0,
                quantity: 0.0,
                transfer_in: 0.0,
                short: 0.0,
                held_back: 0.0,
                first_stockout: None,
                hidden: 0.0,
                stockout_days: 0,
            },
            for_supplied: 0.0,
            rows: pool.members.clone(),
            order_by: None,
            expected_arrival: None,
            reason: Reason::new(""),
            under_way: UnderWay::default(),
        }
    }

    /// Units that come back from each branch with too many, as far as they make the order smaller; in the order of the branches.
    pub(super) fn spare(&self, order: &PoolOrder) -> Vec<f64> {
        let none = vec![0.0; self.down.branches.len()];
        let bridge = &order.bridge;
        if !self.can_order() || !bridge.due || bridge.need <= 0.0 {
            return none;
        }
        let whole = self.paths.demand.whole_units;
        let round = |need: f64| super::lot::round_order(need, order.moq, order.order_multiple);
        let most: f64 = self.down.spare(bridge.need.ceil(), whole).iter().sum();
        let with = round(bridge.need - most);
        if with >= round(bridge.need) {
            return none;
        }
        // No more than that smaller order takes.
        let enough = (bridge.need - with).max(0.0);
        let enough = if whole { enough.ceil() } else { enough };
        self.down.spare(enough.min(most), whole)
    }

    /// What the order of a pool that a supplier fills is when `back` units come from locations that have too many; a grant replaces it.
    pub(super) fn order(&self, order: &mut PoolOrder, back: f64) {
        let bridge = &mut order.bridge;
        bridge.transfer_in = back;
        if self.can_order() && bridge.due {
            let need = four(bridge.need - back);
            bridge.asked = four(if need <= 0.0 && back <= 0.0 {
                self.order_size().order(0.0)
            } else {
                super::lot::round_order(need, order.moq, order.order_multiple)
            });
        }
        bridge.quantity = self.grant.map_or(bridge.asked, |g| g.quantity);
        // What is added to reach a minimum is asked for, too.
        bridge.asked = bridge.asked.max(bridge.quantity);
    }

    /// Sets what to do and by when, once all quantities are known.
    pub(super) fn settle(&self, order: &mut PoolOrder) {
        let per_day = self.per_day(order);
        let supplied = self.source().is_some();
        let bridge = &mut order.bridge;
        let as_of = self.basis.tables.plan_day();
        bridge.action = if self.item().status == ItemStatus::Discontinued {
            Action::Stop
        } else if !self.can_order() {
            Action::Review
        } else if bridge.quantity > 0.0 {
            Action::Order
        } else if bridge.transfer_in > 0.0 || (supplied && bridge.asked > 0.0) {
            Action::Transfer
        } else if bridge.on_hand > bridge.year && bridge.on_hand > bridge.reorder_point {
            Action::Excess
        } else {
            Action::Wait
        };
        (bridge.short, bridge.held_back) =
            self.missing(bridge.asked, bridge.quantity, bridge.transfer_in);
        bridge.first_stockout = self.first_stockout();
        order.order_by = match bridge.action {
            Action::Order if supplied => Some(as_of),
            Action::Order => Some(as_of + days_to_order_day(self.basis.tables, self.pool.sku)),
            Action::Transfer => Some(as_of),
            Action::Wait | Action::Excess if per_day > 0.0 => {
                let days = ((bridge.position - bridge.reorder_point) / per_day)
                    .floor()
                    .max(0.0);
                (days <= f64::from(YEAR_DAYS)).then(|| as_of + (days as i32).max(1))
            }
            _ => None,
        };
        order.expected_arrival = order
            .order_by
            .filter(|_| matches!(bridge.action, Action::Order | Action::Transfer))
            .map(|_| as_of + self.lead_days.mean().round() as i32);
        order.under_way = self.under_way(order);
    }

    /// Of what is asked for, the units that the source cannot spare and those that are not ordered of the supplier.
    fn missing(&self, asked: f64, quantity: f64, transfer_in: f64) -> (f64, f64) {
        match self.source() {
            Some(_) if self.can_order() => (four(asked - transfer_in), 0.0),
            Some(_) => (0.0, 0.0),
            None => (0.0, four(asked - quantity)),
        }
    }

    /// One row a channel, by series; the one without a series is what the pool needs for the locations that it supplies. `source` is the order
    /// of the pool that supplies it.
    pub(super) fn rows(
        &self,
        order: &PoolOrder,
        source: Option<&PoolOrder>,
    ) -> Vec<(Option<usize>, Recommendation)> {
        let members = members(self, order);
        let single = members.len() == 1;
        let expected = four(
            self.covered
                .fill(order.bridge.quantity + order.bridge.transfer_in),
        );
        members
            .iter()
            .enumerate()
            .map(|(m, share)| {
                let series = self.pool.members.get(m).copied();
                let mut r = self.row(order, share, series, single);
                r.expected_service = expected;
                if self.pool.on_hand.is_none() {
                    r = without_stock(r);
                }
                r.reason = self.reason(&r.bridge(), source, series.is_none(), !single);
                (series, r)
            })
            .collect()
    }

    /// The order with its reason: that of its only `rows`, or one for all of them.
    pub(super) fn told(
        &self,
        order: &PoolOrder,
        source: Option<&PoolOrder>,
        rows: &[(Option<usize>, Recommendation)],
    ) -> PoolOrder {
        let mut order = order.clone();
        let supplied = rows.iter().find(|(series, _)| series.is_none());
        order.for_supplied = supplied.map_or(0.0, |(_, r)| r.order_qty);
        if let [(_, row)] = rows {
            order.bridge.hidden = row.hidden_units.mean;
            order.bridge.stockout_days = row.stockout_days;
            order.reason = row.reason.clone();
        } else {
            order.reason = Reason {
                unknown: self.unknown_below(),
                ..self.reason(&order.bridge, source, false, true)
            };
        }
        order
    }

    /// A member's part of the order's figures; all of them where it is the only one.
    fn part(
        &self,
        order: &PoolOrder,
        share: &Member,
        series: Option<usize>,
        single: bool,
    ) -> Bridge {
        let whole = &order.bridge;
        let part = |whole: f64, share: f64| if single { whole } else { four(whole * share) };
        let mean = part(whole.mean, share.demand);
        // What a least order takes off the level it takes off where the demand is: no part falls below 0.
        let by = if whole.safety < 0.0 {
            share.demand
        } else {
            share.spread
        };
        let safety = part(whole.safety, by);
        let reorder_point = four(mean + safety);
        let position = four(share.on_hand + share.in_time - share.owed);
        let reduction = part(whole.waiting_reduction, share.demand);
        let order_up_to = up_to(reorder_point, reduction, position);
        let waiting_reduction = four(reorder_point - order_up_to);
        let lost = (self.covered.lost_before * share.demand).min(waiting_reduction);
        let (short, held_back) = self.missing(share.asked, share.quantity, share.transfer_in);
        Bridge {
            on_hand: share.on_hand,
            owed: share.owed,
            in_time: share.in_time,
            late: share.late,
            position,
            mean,
            year: match series {
                Some(i) => self.year_demand(&[i]),
                None => self.year_demand(&self.down.series()),
            },
            per_day: four(mean / self.days().max(1.0)),
            safety,
            reorder_point,
            waiting_reduction,
            lost_while_waiting: four(lost),
            order_up_to,
            need: four((order_up_to - position).max(0.0)),
            asked: share.asked,
            quantity: share.quantity,
            transfer_in: share.transfer_in,
            short,
            held_back,
            ..*whole
        }
    }

    fn row(
        &self,
        order: &PoolOrder,
        share: &Member,
        series: Option<usize>,
        single: bool,
    ) -> Recommendation {
        let tables = self.basis.tables;
        let pool = self.pool;
        let item = self.item();
        let b = self.part(order, share, series, single);
        let (past, confidence, channel) = match series {
            Some(i) => {
                let past = Past::of(self.basis, i);
                let confidence = confidence(self.basis, i, &past);
                let channel = self.basis.panel.series[i].channel;
                (past, confidence, tables.channels[channel].clone())
            }
            None => (Past::none(), Confidence::High, Channel::new("")),
        };
        Recommendation {
            sku: tables.skus[pool.sku].clone(),
            name: item.name.clone(),
            channel,
            location: tables.locations[pool.location].clone(),
            category: item.category.clone(),
            supplier: item.supplier.clone(),
            as_of: tables.as_of,
            action: b.action,
            observed_units_per_day: four(past.observed_per_day),
            stockout_days: past.stockout_days,
            hidden_units: past.hidden,
            demand_per_day: b.per_day,
            lead_time_days: four(self.lead_days.mean()),
            lead_time_sd: four(self.lead_days.sd()),
            review_days: self.review_days,
            protection_days: b.days,
            demand_over_protection: b.mean,
            demand_over_protection_sd: four(share.sd),
            distribution: self.distribution(),
            service_measure: self.measure,
            service_target: self.target,
            safety_stock: b.safety,
            reorder_point: b.reorder_point,
            order_up_to: b.order_up_to,
            on_hand: Some(b.on_hand),
            on_order_in_time: b.in_time,
            on_order_late: b.late,
            open_backorders: b.owed,
            inventory_position: b.position,
            raw_need: b.need,
            moq: order.moq,
            order_multiple: if order.order_multiple > 0.0 {
                order.order_multiple
            } else {
                f64::NAN
            },
            order_qty: b.quantity,
            unit_cost: item.unit_cost,
            amount: item.unit_cost.map(|c| four(c * b.quantity)),
            order_by: order.order_by,
            expected_arrival: order.expected_arrival,
            first_stockout_date: b.first_stockout,
            expected_service: 0.0,
            confidence,
            reason: Reason::new(""),
            waiting_reduction: b.waiting_reduction,
            lost_while_waiting: b.lost_while_waiting,
            rounding: four(b.quantity + b.transfer_in + b.short + b.held_back - b.need),
            pool_channels: pool.members.len() as u32,
            price: item.price,
            supplied_from: self.source().map(|l| tables.locations[l].clone()),
            safety_stock_apart: self.apart(series, single, b.safety),
            transfer_in: b.transfer_in,
            transfer_short: b.short,
            held_back: b.held_back,
            annual_value: b.mean / self.days().max(1.0)
                * f64::from(YEAR_DAYS)
                * item.unit_cost.or(item.price).unwrap_or(1.0),
            demand_over_year: b.year,
            on_order_surplus: surplus(order, &b),
        }
    }

    /// Safety stock of a row's series, each with a stock of its own; `safety` is what they have together.
    fn apart(&self, series: Option<usize>, single: bool, safety: f64) -> f64 {
        match series {
            Some(i) if !single => self.safety_apart(i),
            Some(_) => safety,
            // Without what the supplied locations hold of it themselves.
            None => {
                let below = self.down.series();
                let apart: f64 = below.iter().map(|&i| self.safety_apart(i)).sum();
                four((apart - self.down.safety).max(safety))
            }
        }
    }

    /// Safety stock of a series if it had a stock of its own, filled as this pool is, with orders that last as long.
    fn safety_apart(&self, i: usize) -> f64 {
        let alone = self.protection_of(&[i]);
        let (mean, all) = (alone.mean(), self.protection.mean());
        let share = if all > 0.0 {
            (mean / all).min(1.0)
        } else {
            1.0
        };
        let size = self.order_size().share(share);
        let level = self.level_apart(&alone, &[i], &size);
        four(level - four(mean))
    }

    /// The day from which on no channel could sell of the stock on record, which lasts until now: it may not be there.
    fn unsold_since(&self) -> Option<Day> {
        let since = |&i: &usize| {
            let view = self.basis.panel.view(i);
            let closed = view
                .availability
                .iter()
                .rev()
                .take_while(|a| **a == Availability::Closed)
                .count();
            (closed > 0).then(|| view.day(view.len() - closed))
        };
        if self.pool.stock() <= 0.0 {
            return None;
        }
        let all: Option<Vec<Day>> = self.pool.members.iter().map(since).collect();
        all?.into_iter().max()
    }

    /// The locations below whose stock nobody knows.
    fn unknown_below(&self) -> Vec<Location> {
        let names = &self.basis.tables.locations;
        let all = self.down.branches.iter().flat_map(|b| &b.unknown);
        all.map(|&l| names[l].clone()).collect()
    }

    /// Why a row or an order is as its figures say.
    fn reason(
        &self,
        bridge: &Bridge,
        source: Option<&PoolOrder>,
        supplies: bool,
        shared: bool,
    ) -> Reason {
        Reason {
            code: match bridge.action {
                Action::Wait if self.never_sold() => "never_sold",
                Action::Wait
                    if bridge.position <= bridge.reorder_point && self.season_over(bridge.owed) =>
                {
                    "season_over"
                }
                _ => reason::code(bridge, self.grant, supplies, shared),
            },
            rest: source.map_or(Rest::NotBought, rest),
            topped_up: reason::topped_up(bridge, self.grant),
            unsold_since: self.unsold_since(),
            unknown: if supplies {
                self.unknown_below()
            } else {
                Vec::new()
            },
            next_order: self.next_order(),
            planned_as: None,
        }
    }

    /// What makes the next order come later than a review period after this one.
    fn next_order(&self) -> Option<NextOrder> {
        let arrival = self.basis.tables.plan_day() + self.days().round() as i32;
        self.next.later(arrival)
    }
}

/// A row's part of what the open orders bring too much, by its part of what they bring.
fn surplus(order: &PoolOrder, row: &Bridge) -> f64 {
    let on_order = order.bridge.in_time + order.bridge.late;
    if on_order > 0.0 {
        four(order.under_way.surplus * (row.in_time + row.late) / on_order)
    } else {
        0.0
    }
}

/// What becomes of units that locations supplied by this order's ask for and do not get.
fn rest(order: &PoolOrder) -> Rest {
    let bridge = &order.bridge;
    let under_way = four(bridge.in_time + bridge.late + bridge.transfer_in);
    if bridge.held_back > 0.0 {
        Rest::HeldBack
    } else if bridge.quantity > 0.0 {
        Rest::Bought
    } else if under_way > 0.0 {
        Rest::UnderWay(under_way)
    } else {
        Rest::NotBought
    }
}
