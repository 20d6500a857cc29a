//! What is on order beyond demand, in sum.

use serde::{Serialize, Serializer};

use super::figure::rounded;
use crate::domain::Plan;

/// What is on order and no demand is expected to take within `cancel_within_days`: to be cancelled or cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SurplusUnderWay {
    /// SKU × location with such units.
    pub stocks: usize,
    #[serde(serialize_with = "figure")]
    pub units: f64,
    /// At unit cost, of the stocks whose cost is known.
    #[serde(serialize_with = "figure")]
    pub value: f64,
    pub stocks_without_cost: usize,
}

impl SurplusUnderWay {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut all = Self::default();
        for order in plan.orders.iter().filter(|o| o.under_way.surplus > 0.0) {
            all.stocks += 1;
            all.units += order.under_way.surplus;
            match order.unit_cost {
                Some(cost) => all.value += cost * order.under_way.surplus,
                None => all.stocks_without_cost += 1,
            }
        }
        all
    }
}

fn figure<S: Serializer>(value: &f64, s: S) -> Result<S::Ok, S::Error> {
    rounded(*value).serialize(s)
}
