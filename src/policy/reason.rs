//! Why a series or an order is to be treated as recommended: a code, of which the output makes a sentence.

use super::grant::{Grant, Why};
use crate::domain::{Action, Bridge};

/// Whether an order is enlarged to reach the supplier's minimum amount.
pub(super) fn topped_up(b: &Bridge, grant: Option<&Grant>) -> bool {
    b.quantity > 0.0 && grant.is_some_and(|g| g.why == Why::ToppedUp)
}

/// The reason's code. `supplies`: the figures are what a location needs for those that it supplies; `shared`: the stock serves more than
/// these figures' part of it.
pub(super) fn code(
    b: &Bridge,
    grant: Option<&Grant>,
    supplies: bool,
    shared: bool,
) -> &'static str {
    let held = |why: Why| b.held_back > 0.0 && grant.is_some_and(|g| g.why == why);
    match b.action {
        _ if held(Why::Budget) => "budget",
        _ if held(Why::BelowMinimum) => "below_minimum",
        Action::Transfer if b.transfer_in > 0.0 => "transfer",
        Action::Transfer if b.short > 0.0 => "transfer_short",
        Action::Order if b.position > b.reorder_point && topped_up(b, grant) => "topped_up",
        Action::Order if supplies && b.quantity > 0.0 => "supplies",
        Action::Stop => "discontinued",
        Action::Review => "no_stock_record",
        Action::Excess => "excess",
        // No stock of a set is planned.
        Action::FromParts => "set",
        Action::Order if b.quantity <= 0.0 => "pool_order",
        Action::Order if b.owed > 0.0 && b.position < 0.0 => "owed",
        Action::Order if b.need <= 0.0 && !shared && !supplies => "least_order",
        Action::Order if b.waiting_reduction >= 1.0 => "below_point_waiting",
        Action::Order => "below_point",
        Action::Wait if b.mean <= 0.0 => "no_demand",
        Action::Wait if b.position <= b.reorder_point && b.late > 0.0 => "late_inbound_covers",
        Action::Wait if b.position <= b.reorder_point && b.waiting_reduction >= 1.0 => {
            "next_order_in_time"
        }
        Action::Wait if b.position < b.reorder_point && shared => "pool_covers",
        Action::Wait if b.position <= b.reorder_point => "at_point",
        Action::Wait if b.in_time > 0.0 => "inbound_covers",
        Action::Wait => "stock_covers",
        Action::Transfer => "pool_covers",
    }
}
