//! A row whose stock nobody knows: nothing that would follow from it is told.

use crate::domain::Recommendation;

/// Takes out of a row what rests on its stock. Figures that are not known are NaN, an empty cell; nothing is taken off the
/// reorder point for waiting, so that `order_up_to` is the level to count against.
pub(super) fn without_stock(row: Recommendation) -> Recommendation {
    Recommendation {
        on_hand: None,
        inventory_position: f64::NAN,
        raw_need: f64::NAN,
        rounding: f64::NAN,
        expected_service: f64::NAN,
        first_stockout_date: None,
        waiting_reduction: 0.0,
        lost_while_waiting: 0.0,
        order_up_to: row.reorder_point,
        ..row
    }
}
