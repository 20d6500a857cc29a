//! Where the money is: in stock, under way, in this plan's orders, in what does not sell, and what customers paid ahead.

use std::collections::BTreeMap;

use serde::Serialize;

use super::purchase_orders::{PurchaseOrder, purchase_orders};
use super::summary::{figure, maybe_figure};
use crate::domain::{Plan, Recommendation};

/// Without a sale for so many days a stock is dead.
const DEAD_DAYS: i32 = 180;

/// Units and their value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Worth {
    #[serde(serialize_with = "figure")]
    pub units: f64,
    /// Money, of the units whose cost (or price) is known.
    #[serde(serialize_with = "figure")]
    pub value: f64,
    /// Units whose cost (or price) is not known.
    #[serde(serialize_with = "figure")]
    pub units_without_value: f64,
}

impl Worth {
    fn add(&mut self, units: f64, each: Option<f64>) {
        if units.is_finite() && units > 0.0 {
            self.add_signed(units, each);
        }
    }

    fn add_signed(&mut self, units: f64, each: Option<f64>) {
        self.units += units;
        match each {
            Some(each) => self.value += units * each,
            None => self.units_without_value += units,
        }
    }
}

/// Money tied up and money needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Cash {
    /// Open backorders at sales price: paid, if the shop takes payment with the order, and to be paid back if they are cancelled. Preorders are
    /// not among them.
    pub prepaid_backorders: Worth,
    /// At cost.
    pub on_hand: Worth,
    /// At cost.
    pub on_order: Worth,
    /// This plan's orders, at cost.
    pub orders: Worth,
    /// Stock beyond the coming year's demand of its location, at cost; dead stock included.
    pub excess: Worth,
    /// Stock that sold nothing in half a year with stock there and of which nothing is expected to be sold in the protection interval, at cost.
    pub dead: Worth,
    /// Safety stock that shared stocks save, against each channel with a stock of its own: Σ (`safety_stock_apart` − `safety_stock`) over all rows,
    /// at cost.
    pub pooling_gain: Worth,
    /// Of the units on order, those that no demand is expected to take within `cancel_within_days`, at cost.
    pub on_order_surplus: Worth,
}

/// What a budget and suppliers' minimum amounts did.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rationing {
    #[serde(serialize_with = "maybe_figure")]
    pub budget: Option<f64>,
    #[serde(serialize_with = "figure")]
    pub wanted: f64,
    #[serde(serialize_with = "figure")]
    pub ordered: f64,
    #[serde(serialize_with = "figure")]
    pub cut_by_budget: f64,
    #[serde(serialize_with = "figure")]
    pub below_supplier_minimum: f64,
    #[serde(serialize_with = "figure")]
    pub added_for_supplier_minimum: f64,
    #[serde(serialize_with = "figure")]
    pub expected_margin_lost: f64,
    #[serde(serialize_with = "figure")]
    pub at_most_better: f64,
}

/// What moves between locations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Transfers {
    /// Rows of `transfers.csv` that can be carried out.
    pub lines: usize,
    #[serde(serialize_with = "figure")]
    pub units: f64,
    /// Units of them that go back to the location that supplies theirs.
    #[serde(serialize_with = "figure")]
    pub units_back: f64,
    /// Rows for which no way between the locations is known.
    pub not_possible: usize,
    /// Units needed at supplied locations that their source cannot spare.
    #[serde(serialize_with = "figure")]
    pub units_short: f64,
}

/// The money of a plan.
pub(super) fn cash(plan: &Plan) -> Cash {
    let mut cash = Cash::default();
    let mut preordered: BTreeMap<_, f64> = BTreeMap::new();
    for line in &plan.backorders.lines {
        if line.kind == "preorder" {
            *preordered.entry((&line.sku, &line.channel)).or_default() += line.units_open;
        }
    }
    for r in &plan.recommendations {
        let ahead = preordered.get(&(&r.sku, &r.channel)).copied();
        cash.prepaid_backorders
            .add(r.open_backorders - ahead.unwrap_or(0.0), r.price);
    }
    let mut pools: BTreeMap<_, Vec<(Option<usize>, &Recommendation)>> = BTreeMap::new();
    let series = plan
        .recommendations
        .iter()
        .enumerate()
        .map(|(i, r)| (Some(i), r));
    for (i, r) in series.chain(plan.for_supplied.iter().map(|r| (None, r))) {
        cash.on_hand.add(r.on_hand.unwrap_or(0.0), r.unit_cost);
        cash.on_order
            .add(r.on_order_in_time + r.on_order_late, r.unit_cost);
        pools.entry((&r.sku, &r.location)).or_default().push((i, r));
    }
    for PurchaseOrder { order, .. } in purchase_orders(plan) {
        cash.orders.add(order.bridge.quantity, order.unit_cost);
    }
    for rows in pools.values() {
        let sum = |of: fn(&Recommendation) -> f64| rows.iter().map(|(_, r)| of(r)).sum::<f64>();
        let cost = rows[0].1.unit_cost;
        let on_hand = sum(|r| r.on_hand.unwrap_or(0.0));
        let year = sum(|r| r.demand_over_year);
        cash.excess.add(on_hand - year, cost);
        cash.on_order_surplus.add(sum(|r| r.on_order_surplus), cost);
        let ahead = sum(|r| r.demand_over_protection);
        let asleep = rows.iter().all(|(i, _)| i.is_none_or(|i| asleep(plan, i)));
        if ahead < 0.5 && asleep {
            cash.dead.add(on_hand, cost);
        }
        // Signed: where a shared stock needs more than its channels apart, that is a part of the sum, too.
        let saved = sum(|r| r.safety_stock_apart) - sum(|r| r.safety_stock);
        if saved.is_finite() {
            cash.pooling_gain.add_signed(saved, cost);
        }
    }
    cash
}

/// Whether a series had stock and sold nothing for half a year.
fn asleep(plan: &Plan, i: usize) -> bool {
    let history = &plan.history;
    if i >= history.first.len() {
        return false;
    }
    let range = history.range(i);
    let periods = (DEAD_DAYS / history.step.max(1)) as usize;
    if range.len() < periods {
        return false;
    }
    (range.end - periods..range.end).all(|k| {
        history.sold[k] + history.backordered[k] <= 0.0 && !history.availability[k].is_stockout()
    })
}

/// What became of the plan's money; `None` where nothing limits it.
pub(super) fn rationing(plan: &Plan) -> Option<Rationing> {
    let s = plan.spending;
    let limited = s.budget.is_some() || s.below_minimum > 0.0 || s.topped_up > 0.0;
    limited.then_some(Rationing {
        budget: s.budget,
        wanted: s.wanted,
        ordered: s.spent,
        cut_by_budget: s.cut,
        below_supplier_minimum: s.below_minimum,
        added_for_supplier_minimum: s.topped_up,
        expected_margin_lost: s.gain_lost,
        at_most_better: s.gap,
    })
}

/// What moves.
pub(super) fn transfers(plan: &Plan) -> Transfers {
    let back = crate::domain::TransferCause::Excess;
    let units = |of: &dyn Fn(&crate::domain::Transfer) -> bool| {
        plan.transfers
            .iter()
            .filter(|t| of(t))
            .map(|t| t.units)
            .sum()
    };
    Transfers {
        lines: plan.transfers.iter().filter(|t| t.possible).count(),
        units: units(&|t| t.possible),
        units_back: units(&|t| t.possible && t.cause == back),
        not_possible: plan.transfers.iter().filter(|t| !t.possible).count(),
        units_short: plan.recommendations.iter().map(|r| r.transfer_short).sum(),
    }
}
