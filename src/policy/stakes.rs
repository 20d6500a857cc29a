//! What it costs a location that a customer finds nothing: who is lost, and who waits.

use super::pool_plan::PoolPlan;

/// A customer who waits and costs nothing still counts for this share of one who is lost, so that those who wait share what is there.
const LEAST: f64 = 0.01;

/// What a unit of demand costs that is not served before more can be had.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stakes {
    /// Share of the customers who wait, 0..=1.
    pub(super) waits: f64,
    /// Money lost with a unit that is not sold; `None` where neither costs nor configuration say.
    pub(super) lost: Option<f64>,
    /// Money that a waiting unit costs a day; 0 where nobody says.
    pub(super) waiting_day: f64,
    /// Days until more can be had.
    pub(super) days: f64,
}

impl Stakes {
    /// Of a location whose customers wait with probability `waits`, where more can be had after `days`.
    pub(super) fn of(plan: &PoolPlan<'_>, waits: f64, days: f64) -> Self {
        let policy = &plan.basis.config.policy;
        let item = plan.item();
        let margin = item.price.zip(item.unit_cost).map(|(p, c)| p - c);
        Self {
            waits: waits.clamp(0.0, 1.0),
            lost: policy.lost_sale_cost_per_unit.or(margin),
            waiting_day: policy.backorder_cost_per_unit_day.unwrap_or(0.0),
            days,
        }
    }

    /// Money, or shares of a lost unit where the money is not known, that a unit not served costs, > 0: some are lost, the others wait for half of
    /// the days in the mean.
    pub(super) fn value(&self) -> f64 {
        let (lost, waiting) = match self.lost.filter(|lost| *lost > 0.0) {
            Some(lost) => (lost, self.waiting_day * self.days / 2.0),
            None => (1.0, 0.0),
        };
        ((1.0 - self.waits) * lost + self.waits * waiting).max(LEAST * lost)
    }

    /// Of units sold sooner, those whose customers would not have waited.
    pub(super) fn lost_units(&self, sooner: f64) -> f64 {
        (1.0 - self.waits) * sooner
    }

    /// Money that waiting would have cost, of units sold sooner and of those that customers wait for already.
    pub(super) fn waiting(&self, sooner: f64, owed: f64) -> f64 {
        self.waiting_day * self.days * (self.waits * sooner / 2.0 + owed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_worth_who_is_lost_and_what_waiting_costs() {
        let all_lost = Stakes {
            waits: 0.0,
            lost: Some(100.0),
            waiting_day: 2.0,
            days: 10.0,
        };
        let wait = |waits| Stakes { waits, ..all_lost };
        assert_eq!(all_lost.value(), 100.0);
        // Those who wait cost five days at 2.
        assert_eq!(wait(1.0).value(), 10.0);
        assert!((wait(0.5).value() - 55.0).abs() < 1e-9);
        let free = Stakes {
            waiting_day: 0.0,
            ..wait(1.0)
        };
        assert_eq!(free.value(), 1.0);
        assert_eq!(wait(0.25).lost_units(8.0), 6.0);
        assert_eq!(wait(0.25).waiting(8.0, 3.0), 2.0 * (10.0 + 30.0));
    }

    #[test]
    fn without_costs_a_unit_is_worth_the_share_that_is_lost() {
        let unknown = Stakes {
            waits: 0.75,
            lost: None,
            waiting_day: 5.0,
            days: 10.0,
        };
        assert!((unknown.value() - 0.25).abs() < 1e-12);
    }
}
