//! What a lost sale and a unit in stock cost, for the cost measure.

use super::basis::YEAR_DAYS;
use crate::config::PolicyConfig;
use crate::domain::Item;

/// Costs of one unit, both > 0, in the currency of the input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnitCosts {
    /// Of a sale that is lost.
    pub lost: f64,
    /// Of a day in stock.
    pub holding: f64,
}

/// The costs of an item: as configured, else its margin (price − unit cost) and its unit cost × the yearly holding rate / 365.
/// `None` where one of them is not known or not above 0, as for an item that is sold below cost.
pub fn of_item(policy: &PolicyConfig, item: &Item) -> Option<UnitCosts> {
    let margin = item.price.zip(item.unit_cost).map(|(p, c)| p - c);
    let holding = item
        .unit_cost
        .map(|c| c * policy.holding_rate_per_year / f64::from(YEAR_DAYS));
    let lost = policy.lost_sale_cost_per_unit.or(margin)?;
    let holding = policy.holding_cost_per_unit_day.or(holding)?;
    (lost > 0.0 && holding > 0.0).then_some(UnitCosts { lost, holding })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(price: Option<f64>, unit_cost: Option<f64>) -> Item {
        Item {
            price,
            unit_cost,
            ..Item::default()
        }
    }

    #[test]
    fn costs_come_from_the_configuration_or_from_price_and_cost() {
        let policy = PolicyConfig::default();
        let costs = of_item(&policy, &item(Some(30.0), Some(14.6))).unwrap();
        assert!((costs.lost - 15.4).abs() < 1e-12 && (costs.holding - 0.01).abs() < 1e-12);
        let told = PolicyConfig {
            lost_sale_cost_per_unit: Some(5.0),
            holding_cost_per_unit_day: Some(0.1),
            ..policy
        };
        let expected = UnitCosts {
            lost: 5.0,
            holding: 0.1,
        };
        assert_eq!(of_item(&told, &item(None, None)), Some(expected));
    }

    #[test]
    fn an_item_below_cost_or_without_costs_has_none() {
        let policy = PolicyConfig::default();
        for (price, cost) in [
            (Some(10.0), Some(12.0)),
            (Some(10.0), Some(10.0)),
            (None, Some(5.0)),
            (Some(10.0), None),
            (Some(10.0), Some(0.0)),
        ] {
            assert_eq!(of_item(&policy, &item(price, cost)), None);
        }
    }
}
