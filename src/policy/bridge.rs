//! The bridge from demand to order: a pool's figures, and the rows that its channels are written with.

use super::channel_share::{Member, Shares};
use super::grant::Grant;
use super::past::{Past, confidence};
use super::pool_plan::PoolPlan;
use super::reason::{self, Rest};
use super::basis::{YEAR_DAYS, days_to_order_day, four};
use super::unknown_stock::without_stock;
use crate::domain::{
    Action, Availability, Band, Channel, Confidence, Day, ItemStatus, Recommendation,
};
use crate::supply::source_of;

/// Stock beyond what this many days sell is excess.
const EXCESS_DAYS: f64 = 365.0;

/// The figures of one pool, rounded as they are written.
#[derive(Clone, Debug)]
pub(super) struct Bridge {
    pub(super) on_hand: f64,
    pub(super) owed: f64,
    pub(super) in_time: f64,
    pub(super) late: f64,
    pub(super) position: f64,
    pub(super) mean: f64,
    pub(super) safety: f64,
    pub(super) reorder_point: f64,
    pub(super) lost: f64,
    pub(super) order_up_to: f64,
    /// Units that are missing; negative where there is more than enough.
    pub(super) need: f64,
    pub(super) moq: f64,
    /// Units of a case pack; 0 where there is none.
    pub(super) multiple: f64,
    /// Whether another location supplies the pool.
    pub(super) supplied: bool,
    /// Units that would be ordered, or fetched, if nothing were scarce.
    pub(super) asked: f64,
    /// Units ordered from a supplier.
    pub(super) quantity: f64,
    /// Units that come from another location.
    pub(super) transfer_in: f64,
    /// Units that can be ordered of the item at all: not discontinued, stock known.
    pub(super) can_order: bool,
    pub(super) action: Action,
    pub(super) order_by: Option<Day>,
    /// Why the order is not what is asked for.
    pub(super) grant: Option<Grant>,
    distribution: &'static str,
}

impl Bridge {
    /// What becomes of units that locations supplied from here ask for and do not get.
    fn rest(&self) -> Rest {
        let under_way = four(self.in_time + self.late + self.transfer_in);
        if self.asked > self.quantity && !self.supplied {
            Rest::HeldBack
        } else if self.quantity > 0.0 {
            Rest::Bought
        } else if under_way > 0.0 {
            Rest::UnderWay(under_way)
        } else {
            Rest::NotBought
        }
    }
}

impl PoolPlan<'_> {
    /// The pool's figures; nothing is granted, fetched or cut yet.
    pub(super) fn bridge(&self) -> Bridge {
        let pool = self.pool;
        let item = self.item();
        let known_stock = !pool.on_hand.is_nan();
        let on_hand = if known_stock { four(pool.on_hand) } else { 0.0 };
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
        let (level, lost, distribution) = self.reorder_point(position - self.down.shift);
        let safety = four(level + self.down.shift - mean);
        let safety = if self.down.is_empty() {
            safety
        } else {
            safety.max(0.0)
        };
        let reorder_point = four(mean + safety);
        let lost = four(lost);
        let order_up_to = four(reorder_point - lost);
        let need = four(order_up_to - position);
        let multiple =
            item.order_multiple
                .filter(|m| *m > 0.0)
                .unwrap_or(if self.paths.demand.whole_units {
                    1.0
                } else {
                    0.0
                });
        Bridge {
            on_hand,
            owed,
            in_time,
            late,
            position,
            mean,
            safety,
            reorder_point,
            lost,
            order_up_to,
            need,
            moq: item.moq.unwrap_or(0.0),
            multiple,
            supplied: source_of(self.basis.tables, pool.location).is_some(),
            asked: 0.0,
            quantity: 0.0,
            transfer_in: 0.0,
            can_order: known_stock && item.status != ItemStatus::Discontinued,
            action: Action::Wait,
            order_by: None,
            grant: None,
            distribution,
        }
    }

    /// Units that come back from each branch with too many, as far as they make the order smaller; in the order of the branches.
    pub(super) fn spare(&self, bridge: &Bridge) -> Vec<f64> {
        let none = vec![0.0; self.down.branches.len()];
        if !bridge.can_order || bridge.need <= 0.0 || bridge.position > bridge.reorder_point {
            return none;
        }
        let whole = self.paths.demand.whole_units;
        let round = |need: f64| super::lot::round_order(need, bridge.moq, bridge.multiple);
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

    /// What the order of a pool that a supplier fills is when `back` units come from locations that have too many; `grant` replaces it.
    pub(super) fn order(&self, bridge: &mut Bridge, back: f64, grant: Option<&Grant>) {
        let due = bridge.can_order && bridge.position <= bridge.reorder_point && bridge.need > 0.0;
        bridge.transfer_in = back;
        if due {
            let need = four(bridge.need - back);
            bridge.asked = four(super::lot::round_order(need, bridge.moq, bridge.multiple));
        }
        bridge.quantity = grant.map_or(bridge.asked, |g| g.quantity);
        bridge.grant = grant.cloned();
        // What is added to reach a minimum is asked for, too.
        bridge.asked = bridge.asked.max(bridge.quantity);
    }

    /// Sets what to do and by when, once all quantities are known.
    pub(super) fn settle(&self, bridge: &mut Bridge) {
        let per_day = bridge.mean / (self.lead_days.mean() + f64::from(self.review_days)).max(1.0);
        let as_of = self.basis.tables.as_of;
        bridge.action = if self.item().status == ItemStatus::Discontinued {
            Action::Stop
        } else if !bridge.can_order {
            Action::Review
        } else if bridge.quantity > 0.0 {
            Action::Order
        } else if bridge.transfer_in > 0.0 || (bridge.supplied && bridge.asked > 0.0) {
            Action::Transfer
        } else if bridge.on_hand > per_day * EXCESS_DAYS && bridge.on_hand > bridge.reorder_point {
            Action::Excess
        } else {
            Action::Wait
        };
        bridge.order_by = match bridge.action {
            Action::Order if bridge.supplied => Some(as_of),
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
    }

    /// One row a channel, by series; the one without a series is what the pool needs for the locations that it supplies.
    /// `source` are the figures of the pool that supplies it.
    pub(super) fn rows(
        &self,
        bridge: &Bridge,
        source: Option<&Bridge>,
    ) -> Vec<(Option<usize>, Recommendation)> {
        let shares = Shares::of(self, bridge);
        let first_stockout = self.first_stockout();
        let expected_service = four(self.covered.fill(bridge.quantity + bridge.transfer_in));
        let count = shares.members.len();
        shares
            .members
            .iter()
            .enumerate()
            .map(|(m, share)| {
                let series = self.pool.members.get(m).copied();
                let mut r = self.row(bridge, share, series, count);
                r.first_stockout_date = first_stockout;
                r.expected_service = expected_service;
                self.explain(&mut r, bridge, source, series.is_none(), count == 1);
                (series, r)
            })
            .collect()
    }

    fn row(
        &self,
        bridge: &Bridge,
        share: &Member,
        series: Option<usize>,
        count: usize,
    ) -> Recommendation {
        let tables = self.basis.tables;
        let pool = self.pool;
        let item = self.item();
        let single = count == 1;
        let part = |whole: f64, share: f64| if single { whole } else { four(whole * share) };
        let mean = part(bridge.mean, share.demand);
        let safety = part(bridge.safety, share.spread);
        let reorder_point = four(mean + safety);
        let lost = part(bridge.lost, share.demand);
        let order_up_to = four(reorder_point - lost);
        let position = four(share.on_hand + share.in_time - share.owed);
        let raw_need = four((order_up_to - position).max(0.0));
        let lead_mean = self.lead_days.mean();
        let days = lead_mean + f64::from(self.review_days);
        let (past, confidence, channel) = match series {
            Some(i) => {
                let past = Past::of(self.basis, i);
                let confidence = confidence(self.basis, i, &past);
                let channel = self.basis.panel.series[i].channel;
                (past, confidence, tables.channels[channel as usize].clone())
            }
            None => (Past::none(), Confidence::High, Channel::new("")),
        };
        let short = if bridge.supplied && bridge.can_order {
            four(share.asked - share.transfer_in)
        } else {
            0.0
        };
        let held_back = if bridge.supplied {
            0.0
        } else {
            four(share.asked - share.quantity)
        };
        Recommendation {
            sku: tables.skus[pool.sku as usize].clone(),
            name: item.name.clone(),
            channel,
            location: tables.locations[pool.location as usize].clone(),
            category: item.category.clone(),
            supplier: item.supplier.clone(),
            as_of: tables.as_of,
            action: bridge.action,
            observed_units_per_day: four(past.observed_per_day),
            stockout_days: past.stockout_days,
            hidden_units: past.hidden,
            demand_per_day: four(mean / days.max(1.0)),
            lead_time_days: four(lead_mean),
            lead_time_sd: four(self.lead_days.sd()),
            review_days: self.review_days,
            protection_days: four(days),
            demand_over_protection: mean,
            demand_over_protection_sd: four(share.sd),
            distribution: bridge.distribution,
            service_measure: self.measure,
            service_target: self.target,
            safety_stock: safety,
            reorder_point,
            order_up_to,
            on_hand: share.on_hand,
            on_order_in_time: share.in_time,
            on_order_late: share.late,
            open_backorders: share.owed,
            inventory_position: position,
            raw_need,
            moq: bridge.moq,
            // Quantities that are not whole have no multiple unless the shop gives one.
            order_multiple: if bridge.multiple > 0.0 {
                bridge.multiple
            } else {
                f64::NAN
            },
            order_qty: share.quantity,
            unit_cost: item.unit_cost,
            amount: item.unit_cost.map(|c| four(c * share.quantity)),
            order_by: bridge.order_by,
            expected_arrival: bridge
                .order_by
                .filter(|_| matches!(bridge.action, Action::Order | Action::Transfer))
                .map(|_| tables.as_of + lead_mean.round() as i32),
            first_stockout_date: None,
            expected_service: 0.0,
            confidence,
            reason_code: "",
            reason: String::new(),
            order_reason: String::new(),
            waiting_reduction: lost,
            lost_while_waiting: four((self.covered.lost_before * share.demand).min(lost)),
            rounding: four(share.quantity + share.transfer_in + short + held_back - raw_need),
            pool_channels: pool.members.len() as u32,
            price: item.price,
            supplied_from: source_of(tables, pool.location)
                .map(|l| tables.locations[l as usize].clone()),
            safety_stock_apart: match series {
                Some(i) if !single => self.safety_apart(i),
                Some(_) => safety,
                // Without what the supplied locations hold of it themselves.
                None => {
                    let below = self.down.series();
                    let apart: f64 = below.iter().map(|&i| self.safety_apart(i)).sum();
                    four((apart - self.down.safety).max(safety))
                }
            },
            transfer_in: share.transfer_in,
            transfer_short: short,
            held_back,
            annual_value: mean / days.max(1.0)
                * f64::from(YEAR_DAYS)
                * item.unit_cost.or(item.price).unwrap_or(1.0),
        }
    }

    /// Safety stock of a series if it had a stock of its own, filled as this pool is.
    fn safety_apart(&self, i: usize) -> f64 {
        let alone = self.protection_of(&[i]);
        let mean = four(alone.mean());
        four(self.level_of(&alone, &[i]) - mean)
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
        if self.pool.on_hand.is_nan() || self.pool.on_hand <= 0.0 {
            return None;
        }
        let all: Option<Vec<Day>> = self.pool.members.iter().map(since).collect();
        all?.into_iter().max()
    }

    /// The locations below whose stock nobody knows, for a sentence.
    fn unknown_below(&self) -> String {
        let names = &self.basis.tables.locations;
        let all = self.down.branches.iter().flat_map(|b| &b.unknown);
        let quoted: Vec<String> = all.map(|&l| format!("\"{}\"", names[l as usize])).collect();
        quoted.join(", ")
    }

    /// Writes the row's reason, and that of its whole order.
    fn explain(
        &self,
        r: &mut Recommendation,
        bridge: &Bridge,
        source: Option<&Bridge>,
        supplies: bool,
        single: bool,
    ) {
        if self.pool.on_hand.is_nan() {
            *r = without_stock(r.clone());
        }
        let unknown = self.unknown_below();
        let tell = reason::Told {
            supplies,
            unknown: if supplies { &unknown } else { "" },
            unsold_since: self.unsold_since(),
            source: source_of(self.basis.tables, self.pool.location)
                .map(|l| self.basis.tables.locations[l as usize].as_str()),
            rest: source.map_or(Rest::NotBought, Bridge::rest),
            shared: !single,
            grant: bridge.grant.as_ref(),
        };
        (r.reason_code, r.reason) = reason::sentence(r, self.basis.lang, &tell);
        if single || bridge.quantity <= 0.0 {
            r.order_reason.clone_from(&r.reason);
            return;
        }
        let pool = Recommendation {
            demand_over_protection: bridge.mean,
            safety_stock: bridge.safety,
            reorder_point: bridge.reorder_point,
            waiting_reduction: bridge.lost,
            lost_while_waiting: four(self.covered.lost_before.min(bridge.lost)),
            order_up_to: bridge.order_up_to,
            on_hand: bridge.on_hand,
            on_order_in_time: bridge.in_time,
            on_order_late: bridge.late,
            open_backorders: bridge.owed,
            inventory_position: bridge.position,
            order_qty: bridge.quantity,
            held_back: four(bridge.asked - bridge.quantity),
            transfer_in: bridge.transfer_in,
            hidden_units: Band::default(),
            ..r.clone()
        };
        let tell = reason::Told {
            supplies: false,
            unknown: &unknown,
            ..tell
        };
        r.order_reason = reason::sentence(&pool, self.basis.lang, &tell).1;
    }
}
