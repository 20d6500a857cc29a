//! What each of the bridge's terms changed in an order.

use super::Standing;

/// Units by which each cause changed an order; they add up to the change of `order_qty` exactly, in four decimals.
///
/// The terms are replaced in one fixed order, the previous plan's by this plan's: demand over the previous protection days, then the days at
/// this plan's demand, then all others, which are plain sums and do not depend on an order.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    /// Stock on hand: more of it, a smaller order.
    pub stock: f64,
    /// Open orders that arrive in time.
    pub receipts: f64,
    /// Units owed.
    pub debts: f64,
    pub demand: f64,
    /// Lead time and review period.
    pub lead_time: f64,
    /// Safety stock, where the service target is another.
    pub target: f64,
    /// Safety stock for the same target.
    pub spread: f64,
    /// What need not be ordered because stock cannot fall below zero.
    pub waiting: f64,
    /// Multiples and minimum.
    pub rounding: f64,
    /// Everything else: whether an order is due at all, transfers, budget and suppliers' minimum amounts; of a series that only one plan
    /// has, or that states no figures, all of the change.
    pub decision: f64,
}

fn four(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}

impl Parts {
    /// The parts of a change; a side that is missing orders nothing.
    pub fn of(before: Option<&Standing>, after: Option<&Standing>) -> Self {
        let ordered = |s: Option<&Standing>| s.map_or(0.0, |s| s.order_qty);
        let change = four(ordered(after) - ordered(before));
        let (Some(b), Some(a)) = (before, after) else {
            return Self {
                decision: change,
                ..Self::default()
            };
        };
        let moved = |of: fn(&Standing) -> f64| four(of(a) - of(b));
        let demand = four((a.demand_per_day - b.demand_per_day) * b.protection_days);
        let safety = moved(|s| s.safety_stock);
        let same_target = (a.service_target - b.service_target).abs() <= super::TOLERANCE;
        let mut parts = Self {
            stock: -moved(|s| s.on_hand),
            receipts: -moved(|s| s.on_order_in_time),
            debts: moved(|s| s.open_backorders),
            demand,
            lead_time: four(moved(|s| s.reorder_point - s.safety_stock) - demand),
            target: if same_target { 0.0 } else { safety },
            spread: if same_target { safety } else { 0.0 },
            waiting: -moved(|s| s.waiting_reduction),
            rounding: moved(|s| s.rounding),
            decision: 0.0,
        };
        // What a plan does not state (a count, an old version's column) changes nothing that could be told.
        for part in parts.terms_mut() {
            if !part.is_finite() {
                *part = 0.0;
            }
            // No −0 in a table.
            *part += 0.0;
        }
        let told = parts
            .terms_mut()
            .into_iter()
            .fold(0.0, |sum, part| sum + *part);
        parts.decision = four(change - told) + 0.0;
        parts
    }

    fn terms_mut(&mut self) -> [&mut f64; 9] {
        [
            &mut self.stock,
            &mut self.receipts,
            &mut self.debts,
            &mut self.demand,
            &mut self.lead_time,
            &mut self.target,
            &mut self.spread,
            &mut self.waiting,
            &mut self.rounding,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::standing;
    use super::*;

    fn sum(p: Parts) -> f64 {
        let mut p = p;
        let decision = p.decision;
        let terms: f64 = p.terms_mut().into_iter().map(|t| *t).sum();
        ((terms + decision) * 1e4).round() / 1e4
    }

    #[test]
    fn the_parts_of_a_change_add_up_to_it() {
        let after = Standing {
            demand_per_day: 6.0,
            protection_days: 28.0,
            safety_stock: 19.0,
            reorder_point: 187.0,
            on_hand: 76.0,
            on_order_in_time: 30.0,
            open_backorders: 4.0,
            waiting_reduction: 3.5,
            rounding: 4.5,
            order_qty: 86.0,
            ..standing()
        };
        let parts = Parts::of(Some(&standing()), Some(&after));
        let expected = Parts {
            stock: -6.0,
            receipts: -30.0,
            debts: 4.0,
            demand: 21.0,
            lead_time: 42.0,
            target: 0.0,
            spread: 4.0,
            waiting: -3.5,
            rounding: 4.5,
            decision: 0.0,
        };
        assert_eq!(parts, expected);
        assert_eq!(sum(parts), 36.0);
        let other_target = Standing {
            service_target: 0.99,
            ..after.clone()
        };
        let parts = Parts::of(Some(&standing()), Some(&other_target));
        assert_eq!((parts.target, parts.spread), (4.0, 0.0));
        // An order that is not placed although the figures ask for it.
        let held = Standing {
            order_qty: 0.0,
            ..after
        };
        let parts = Parts::of(Some(&standing()), Some(&held));
        assert_eq!((parts.decision, sum(parts)), (-86.0, -50.0));
    }

    #[test]
    fn what_only_one_plan_has_is_a_decision_and_what_neither_says_is_nothing() {
        let gone = Parts::of(Some(&standing()), None);
        assert_eq!((gone.decision, sum(gone)), (-50.0, -50.0));
        let silent = Standing {
            on_hand: f64::NAN,
            order_qty: 0.0,
            ..standing()
        };
        let parts = Parts::of(Some(&standing()), Some(&silent));
        assert_eq!((parts.stock, parts.decision), (0.0, -50.0));
    }
}
