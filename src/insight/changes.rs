//! Changes against the previous plan, and the largest cause of each.
//!
//! The order follows from a bridge that both plans write down:
//!
//! ```text
//! order = demand a day × protection days + safety stock − lost while waiting
//!         − (on hand + on order in time − open backorders) + rounding
//! ```
//!
//! so that the difference of two orders is the sum of the differences of the terms. The cause of a change is the term that
//! moved most in its direction. Demand and time are parted as (demand₂ − demand₁) × days₁ + demand₂ × (days₂ − days₁).
//!
//! Rounding follows the need: half a unit more may bring another lot. It is a cause beside the others only where the multiple or
//! the minimum itself changed, and else only where nothing but it moved the order's way.

mod parts;

use std::collections::BTreeMap;

pub use parts::Parts;

use crate::domain::Recommendation;

/// Differences below this are below what is written.
const TOLERANCE: f64 = 0.000_05;

/// What a plan says about one series, as far as changes are concerned. NaN where a plan does not say.
#[derive(Clone, PartialEq, Debug)]
pub struct Standing {
    pub sku: String,
    /// Empty for what a location needs for those that it supplies.
    pub channel: String,
    pub location: String,
    /// The word in the column `action`.
    pub action: String,
    pub order_qty: f64,
    pub reorder_point: f64,
    pub demand_per_day: f64,
    pub on_hand: f64,
    pub safety_stock: f64,
    pub protection_days: f64,
    pub service_target: f64,
    pub on_order_in_time: f64,
    pub open_backorders: f64,
    pub waiting_reduction: f64,
    pub rounding: f64,
    pub moq: f64,
    pub order_multiple: f64,
}

impl From<&Recommendation> for Standing {
    fn from(r: &Recommendation) -> Self {
        Self {
            sku: r.sku.to_string(),
            channel: r.channel.to_string(),
            location: r.location.to_string(),
            action: r.action.as_str().to_owned(),
            order_qty: r.order_qty,
            reorder_point: r.reorder_point,
            demand_per_day: r.demand_per_day,
            on_hand: r.on_hand.unwrap_or(f64::NAN),
            safety_stock: r.safety_stock,
            protection_days: r.protection_days,
            service_target: r.service_target,
            on_order_in_time: r.on_order_in_time,
            open_backorders: r.open_backorders,
            waiting_reduction: r.waiting_reduction,
            rounding: r.rounding,
            moq: r.moq,
            order_multiple: r.order_multiple,
        }
    }
}

/// Why an order or a reorder point changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// Not in the previous plan.
    New,
    /// Not in this plan.
    Gone,
    /// No longer replenished.
    Stopped,
    /// A person must look before anything is ordered.
    Review,
    DemandUp,
    DemandDown,
    /// Lead time or review period.
    LeadTime,
    /// The service target.
    Target,
    /// Safety stock for the same target: demand or deliveries became more, or less, certain.
    Uncertainty,
    /// Stock on hand.
    Stock,
    /// Units on order that arrive in time.
    Inbound,
    /// Units owed to customers.
    Backorders,
    /// Sales that will be lost before the order arrives.
    Waiting,
    /// Multiples and minimum quantities.
    Rounding,
    /// Neither the order nor the reorder point changed.
    Same,
}

impl Cause {
    /// The word in the column `reason_code`.
    pub fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Stopped => "stopped",
            Self::Review => "review",
            Self::DemandUp => "demand_up",
            Self::DemandDown => "demand_down",
            Self::LeadTime => "lead_time",
            Self::Target => "target",
            Self::Uncertainty => "uncertainty",
            Self::Stock => "stock",
            Self::Inbound => "inbound",
            Self::Backorders => "backorders",
            Self::Waiting => "waiting",
            Self::Rounding => "rounding",
            Self::Same => "same",
        }
    }
}

/// One series in two plans.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    pub sku: String,
    pub channel: String,
    /// Of this plan, else of the previous one.
    pub location: String,
    /// `None` for a new series.
    pub before: Option<Standing>,
    /// `None` for a series that is gone.
    pub after: Option<Standing>,
    pub cause: Cause,
}

impl Change {
    /// What each cause changed in the order.
    pub fn parts(&self) -> Parts {
        Parts::of(self.before.as_ref(), self.after.as_ref())
    }
}

/// Every row of either plan, sorted by (sku, channel, location), with the largest cause of its change. A series keeps its row when its channel
/// moves to another location; what locations need for those that they supply is told apart by location.
pub fn compare(before: &[Standing], after: &[Standing]) -> Vec<Change> {
    type Sides<'a> = (Option<&'a Standing>, Option<&'a Standing>);
    fn key(s: &Standing) -> (&str, &str, &str) {
        let location = if s.channel.is_empty() {
            s.location.as_str()
        } else {
            ""
        };
        (&s.sku, &s.channel, location)
    }
    let mut rows: BTreeMap<(&str, &str, &str), Sides<'_>> = BTreeMap::new();
    for s in before {
        rows.entry(key(s)).or_default().0 = Some(s);
    }
    for s in after {
        rows.entry(key(s)).or_default().1 = Some(s);
    }
    rows.into_iter()
        .map(|((sku, channel, _), (before, after))| Change {
            sku: sku.to_owned(),
            channel: channel.to_owned(),
            location: after
                .or(before)
                .map_or(String::new(), |s| s.location.clone()),
            cause: match (before, after) {
                (Some(before), Some(after)) => cause(before, after),
                (Some(_), None) => Cause::Gone,
                (None, _) => Cause::New,
            },
            before: before.cloned(),
            after: after.cloned(),
        })
        .collect()
}

/// The largest cause of what changed in a series that both plans have.
fn cause(before: &Standing, after: &Standing) -> Cause {
    if before.action != after.action {
        match after.action.as_str() {
            "stop" => return Cause::Stopped,
            "review" => return Cause::Review,
            _ => {}
        }
    }
    let order = after.order_qty - before.order_qty;
    let point = after.reorder_point - before.reorder_point;
    let level = level_terms(before, after);
    if order.abs() > TOLERANCE {
        let supply = [
            (Cause::Stock, before.on_hand - after.on_hand),
            (
                Cause::Inbound,
                before.on_order_in_time - after.on_order_in_time,
            ),
            (
                Cause::Backorders,
                after.open_backorders - before.open_backorders,
            ),
            (
                Cause::Waiting,
                before.waiting_reduction - after.waiting_reduction,
            ),
        ];
        let rounding = [(Cause::Rounding, after.rounding - before.rounding)];
        let lots_moved = (after.moq - before.moq).abs() > TOLERANCE
            || (after.order_multiple - before.order_multiple).abs() > TOLERANCE;
        let terms = level.into_iter().chain(supply);
        if lots_moved {
            largest(terms.chain(rounding), order)
        } else {
            towards(terms.clone(), order)
                .or_else(|| towards(rounding.into_iter(), order))
                .unwrap_or_else(|| largest(terms, order))
        }
    } else if point.abs() > TOLERANCE {
        largest(level.into_iter(), point)
    } else {
        Cause::Same
    }
}

/// The terms that move the reorder point, and with it the order.
fn level_terms(before: &Standing, after: &Standing) -> [(Cause, f64); 3] {
    let demand = (after.demand_per_day - before.demand_per_day) * before.protection_days;
    let time = after.demand_per_day * (after.protection_days - before.protection_days);
    let target_moved = (after.service_target - before.service_target).abs() > TOLERANCE;
    [
        (
            if demand < 0.0 {
                Cause::DemandDown
            } else {
                Cause::DemandUp
            },
            demand,
        ),
        (Cause::LeadTime, time),
        (
            if target_moved {
                Cause::Target
            } else {
                Cause::Uncertainty
            },
            after.safety_stock - before.safety_stock,
        ),
    ]
}

/// The term that moved most in a direction; where none did, the one that moved most at all.
fn largest(terms: impl Iterator<Item = (Cause, f64)> + Clone, direction: f64) -> Cause {
    towards(terms.clone(), direction)
        .or_else(|| most(terms))
        .unwrap_or(Cause::Same)
}

/// The term that moved most in a direction.
fn towards(terms: impl Iterator<Item = (Cause, f64)>, direction: f64) -> Option<Cause> {
    most(terms.filter(|(_, moved)| moved * direction > 0.0))
}

/// The term that moved most; the first of equals, so that the answer does not hang on rounding.
fn most(terms: impl Iterator<Item = (Cause, f64)>) -> Option<Cause> {
    terms
        .filter(|(_, moved)| moved.abs() > TOLERANCE)
        .fold(
            None,
            |best: Option<(Cause, f64)>, (cause, moved)| match best {
                Some((_, size)) if size >= moved.abs() => best,
                _ => Some((cause, moved.abs())),
            },
        )
        .map(|(cause, _)| cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn standing() -> Standing {
        Standing {
            sku: "A".into(),
            channel: "web".into(),
            location: "shed".into(),
            action: "order".into(),
            order_qty: 50.0,
            reorder_point: 120.0,
            demand_per_day: 5.0,
            on_hand: 70.0,
            safety_stock: 15.0,
            protection_days: 21.0,
            service_target: 0.95,
            on_order_in_time: 0.0,
            open_backorders: 0.0,
            waiting_reduction: 0.0,
            rounding: 0.0,
            moq: 0.0,
            order_multiple: 10.0,
        }
    }

    fn cause_of(change: impl FnOnce(&mut Standing)) -> &'static str {
        let before = standing();
        let mut after = standing();
        change(&mut after);
        compare(&[before], &[after])[0].cause.code()
    }

    #[test]
    fn the_largest_term_in_the_direction_of_the_change_is_the_cause() {
        // Demand adds 21, safety stock 4, stock takes 6: the order rises by 19.
        assert_eq!(
            cause_of(|a| {
                a.demand_per_day = 6.0;
                a.safety_stock = 19.0;
                a.on_hand = 76.0;
                a.reorder_point = 145.0;
                a.order_qty = 69.0;
            }),
            "demand_up"
        );
        // The same demand, but much more stock: the order falls, and demand cannot be why.
        assert_eq!(
            cause_of(|a| {
                a.demand_per_day = 6.0;
                a.on_hand = 101.0;
                a.reorder_point = 141.0;
                a.order_qty = 40.0;
            }),
            "stock"
        );
        assert_eq!(
            cause_of(|a| {
                a.protection_days = 28.0;
                a.reorder_point = 155.0;
                a.order_qty = 85.0;
            }),
            "lead_time"
        );
        assert_eq!(
            cause_of(|a| {
                a.service_target = 0.99;
                a.safety_stock = 25.0;
                a.reorder_point = 130.0;
                a.order_qty = 60.0;
            }),
            "target"
        );
        assert_eq!(
            cause_of(|a| {
                a.on_order_in_time = 50.0;
                a.order_qty = 0.0;
            }),
            "inbound"
        );
        assert_eq!(
            cause_of(|a| {
                a.rounding = 10.0;
                a.order_qty = 60.0;
            }),
            "rounding"
        );
    }

    #[test]
    fn a_need_that_crosses_a_lot_is_the_cause_and_not_the_rounding() {
        // Two units less in stock: 49 become 51, and 50 become 60.
        let before = Standing {
            on_hand: 86.0,
            order_qty: 50.0,
            rounding: 1.0,
            ..standing()
        };
        let after = Standing {
            on_hand: 84.0,
            order_qty: 60.0,
            rounding: 9.0,
            ..standing()
        };
        assert_eq!(compare(&[before], &[after])[0].cause, Cause::Stock);
        // A larger lot is a cause of its own.
        assert_eq!(
            cause_of(|a| {
                a.on_hand = 69.0;
                a.order_multiple = 60.0;
                a.rounding = 9.0;
                a.order_qty = 60.0;
            }),
            "rounding"
        );
    }

    #[test]
    fn without_a_change_of_the_order_the_reorder_point_is_explained() {
        assert_eq!(
            cause_of(|a| {
                a.demand_per_day = 4.0;
                a.reorder_point = 99.0;
                a.on_hand = 49.0;
            }),
            "demand_down"
        );
        // Stock alone moves no reorder point.
        assert_eq!(cause_of(|a| a.on_hand = 60.0), "same");
    }

    #[test]
    fn new_gone_and_stopped_series_say_so() {
        let mut other = standing();
        other.sku = "B".into();
        let changes = compare(&[standing()], &[other]);
        assert_eq!(changes[0].cause, Cause::Gone);
        assert_eq!(changes[1].cause, Cause::New);
        assert_eq!(
            cause_of(|a| {
                a.action = "stop".into();
                a.order_qty = 0.0;
            }),
            "stopped"
        );
    }

    #[test]
    fn what_a_location_needs_for_others_is_compared_by_location() {
        let at = |location: &str, order_qty| Standing {
            channel: String::new(),
            location: location.into(),
            order_qty,
            ..standing()
        };
        let moved = Standing {
            location: "barn".into(),
            ..standing()
        };
        let before = [at("north", 50.0), at("south", 30.0), standing()];
        let after = [at("south", 30.0), at("west", 10.0), moved];
        let causes: Vec<(String, String, Cause)> = compare(&before, &after)
            .into_iter()
            .map(|c| (c.channel, c.location, c.cause))
            .collect();
        let row =
            |channel: &str, location: &str, cause| (channel.to_owned(), location.to_owned(), cause);
        assert_eq!(
            causes,
            [
                row("", "north", Cause::Gone),
                row("", "south", Cause::Same),
                row("", "west", Cause::New),
                row("web", "barn", Cause::Same),
            ]
        );
    }

    #[test]
    fn terms_that_the_previous_plan_does_not_state_are_no_cause() {
        let mut before = standing();
        before.protection_days = f64::NAN;
        before.on_order_in_time = f64::NAN;
        let mut after = standing();
        after.on_hand = 60.0;
        after.order_qty = 60.0;
        assert_eq!(compare(&[before], &[after])[0].cause, Cause::Stock);
    }
}
