//! `recommendations.csv`: the whole reasoning for each series, for merchandisers.

use super::reason::reason;
use super::table::{Cell, Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::Recommendation;

pub(super) const FILE: &str = "recommendations.csv";

/// The contract's columns in the contract's order, then the added ones.
const COLUMNS: &[Column<Recommendation>] = &[
    ("sku", |r| (&r.sku).into()),
    ("name", |r| r.name.as_deref().into()),
    ("channel", |r| (&r.channel).into()),
    ("location", |r| (&r.location).into()),
    ("category", |r| r.category.as_ref().into()),
    ("supplier", |r| r.supplier.as_ref().into()),
    ("as_of", |r| r.as_of.into()),
    ("action", |r| r.action.as_str().into()),
    ("observed_units_per_day", |r| {
        r.observed_units_per_day.into()
    }),
    ("stockout_days", |r| r.stockout_days.into()),
    ("hidden_units", |r| r.hidden_units.mean.into()),
    ("hidden_units_p10", |r| r.hidden_units.p10.into()),
    ("hidden_units_p90", |r| r.hidden_units.p90.into()),
    ("demand_per_day", |r| r.demand_per_day.into()),
    ("lead_time_days", |r| r.lead_time_days.into()),
    ("lead_time_sd", |r| r.lead_time_sd.into()),
    ("review_days", |r| r.review_days.into()),
    ("protection_days", |r| r.protection_days.into()),
    ("demand_over_protection", |r| {
        r.demand_over_protection.into()
    }),
    ("demand_over_protection_sd", |r| {
        r.demand_over_protection_sd.into()
    }),
    ("distribution", |r| r.distribution.into()),
    ("service_measure", |r| r.service_measure.as_str().into()),
    ("service_target", |r| r.service_target.into()),
    ("safety_stock", |r| r.safety_stock.into()),
    ("reorder_point", |r| r.reorder_point.into()),
    ("order_up_to", |r| r.order_up_to.into()),
    ("on_hand", |r| r.on_hand.into()),
    ("on_order_in_time", |r| r.on_order_in_time.into()),
    ("on_order_late", |r| r.on_order_late.into()),
    ("open_backorders", |r| r.open_backorders.into()),
    ("inventory_position", |r| r.inventory_position.into()),
    ("raw_need", |r| r.raw_need.into()),
    ("moq", |r| r.moq.into()),
    ("order_multiple", |r| r.order_multiple.into()),
    ("order_qty", |r| r.order_qty.into()),
    ("unit_cost", |r| r.unit_cost.into()),
    ("amount", |r| r.amount.into()),
    ("order_by", |r| r.order_by.into()),
    ("expected_arrival", |r| r.expected_arrival.into()),
    ("first_stockout_date", |r| r.first_stockout_date.into()),
    ("expected_service", |r| r.expected_service.into()),
    ("confidence", |r| r.confidence.as_str().into()),
    ("reason_code", |r| r.reason.code.into()),
    ("reason", |r| Cell::told(|desk| reason(desk.lang, r))),
    ("waiting_reduction", |r| r.waiting_reduction.into()),
    ("lost_while_waiting", |r| r.lost_while_waiting.into()),
    ("rounding", |r| r.rounding.into()),
    ("pool_channels", |r| r.pool_channels.into()),
    ("safety_stock_apart", |r| r.safety_stock_apart.into()),
    ("transfer_in", |r| r.transfer_in.into()),
    ("transfer_short", |r| r.transfer_short.into()),
    ("held_back", |r| r.held_back.into()),
    ("supplied_from", |r| r.supplied_from.as_ref().into()),
    ("demand_over_year", |r| r.demand_over_year.into()),
    ("on_order_surplus", |r| r.on_order_surplus.into()),
    ("on_order_surplus_amount", |r| {
        let money = |cost: f64| (cost * r.on_order_surplus * 1e4).round() / 1e4;
        r.unit_cost.map(money).into()
    }),
];

pub(super) fn write(desk: &Desk<'_>, rows: Vec<&Recommendation>) -> Result<(), OutputError> {
    write_table(desk, FILE, COLUMNS, rows)
}
