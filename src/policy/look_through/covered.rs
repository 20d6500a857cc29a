//! What the interval that an order covers asks of it.

use super::interval::{Interval, Place};
use crate::domain::ServiceMeasure;

/// Service beyond this is no target: the level for it would be the end of a table.
const SURE: f64 = 1.0 - 1e-6;

/// The interval that this order covers: the stock that each point finds without it, and the law of the demand to come.
#[derive(Clone, Debug)]
pub struct Covered {
    /// Stock at this order's receipt with what else comes in time for the interval, less debts, by point.
    pub(super) stock: Vec<f64>,
    pub(super) interval: Interval,
    /// Law of each point's demand.
    pub(super) places: Vec<Place>,
    /// Expected demand of the interval, units.
    asked: f64,
    /// Expected demand lost before this order arrives.
    pub lost_before: f64,
}

impl Covered {
    /// By point: the stock that is found, and the law of the demand to come.
    pub(super) fn new(
        stock: Vec<f64>,
        interval: Interval,
        places: Vec<Place>,
        lost_before: f64,
    ) -> Self {
        let asked = places.iter().map(|place| interval.short(*place, 0.0));
        let asked = asked.sum::<f64>() / places.len().max(1) as f64;
        Self {
            stock,
            interval,
            places,
            asked,
            lost_before,
        }
    }

    /// Mean over the points of a figure of the law at the stock with `quantity`.
    fn mean(&self, quantity: f64, figure: impl Fn(Place, f64) -> f64) -> f64 {
        let points = self.stock.iter().zip(&self.places);
        let sum: f64 = points
            .map(|(stock, place)| figure(*place, stock + quantity))
            .sum();
        sum / self.stock.len().max(1) as f64
    }

    /// Expected units of it that are not served at once.
    fn short(&self, quantity: f64) -> f64 {
        self.mean(quantity, |place, y| self.interval.short(place, y))
    }

    /// Expected share of the interval's demand that is served at once when `quantity` is ordered.
    pub fn fill(&self, quantity: f64) -> f64 {
        if self.asked > 0.0 {
            self.served(self.short(quantity))
        } else {
            1.0
        }
    }

    /// Share of the interval's demand that is served when `short` units of it are not.
    fn served(&self, short: f64) -> f64 {
        (1.0 - short / self.asked).clamp(0.0, 1.0)
    }

    /// Probability of an interval without stockout.
    pub fn cycle(&self, quantity: f64) -> f64 {
        self.mean(quantity, |place, y| self.interval.cdf(place, y))
    }

    /// Expected units of an order of `quantity` that are owed or sold before the next order arrives: E[min(quantity, gap⁺)], the gap
    /// being what the interval's demand exceeds the stock by.
    pub fn used(&self, quantity: f64) -> f64 {
        let gap = |quantity| self.mean(quantity, |place, y| self.interval.loss(place, y));
        gap(0.0) - gap(quantity)
    }

    /// [`Self::quantity`] in whole units, chosen inside the decision: of the two neighbours the one whose service is closer to the
    /// target, so that a slow mover is neither always over nor always under it.
    pub fn whole_quantity(&self, measure: ServiceMeasure, target: f64) -> f64 {
        if measure == ServiceMeasure::Fill && self.asked > 0.0 {
            return self.whole_fill(target);
        }
        let exact = self.quantity(measure, target);
        let (below, above) = ((exact + 1e-6).floor(), (exact - 1e-6).ceil());
        let miss = |quantity| {
            let reached = if measure == ServiceMeasure::Fill {
                self.fill(quantity)
            } else {
                self.cycle(quantity)
            };
            (reached - target).abs()
        };
        if miss(below) < miss(above) {
            below
        } else {
            above
        }
    }

    /// [`Self::whole_quantity`] for a share of units, where somebody is expected.
    fn whole_fill(&self, target: f64) -> f64 {
        let Some((least, most)) = self.ends() else {
            return 0.0;
        };
        let allowed = (1.0 - target.min(SURE) + 1e-9) * self.asked;
        let (mut low, mut high) = (
            (-most - 1.0).floor(),
            (self.interval.most() - least + 1.0).ceil(),
        );
        let mut short_low = self.short(low);
        if short_low <= allowed {
            return low;
        }
        let mut short_high = 0.0;
        while high - low > 1.0 {
            let middle = (0.5 * (low + high)).floor();
            if middle <= low || middle >= high {
                // So large that floats have no whole number between the two.
                break;
            }
            let short = self.short(middle);
            if short > allowed {
                (low, short_low) = (middle, short);
            } else {
                (high, short_high) = (middle, short);
            }
        }
        let miss = |short| (self.served(short) - target).abs();
        if miss(short_low) < miss(short_high) {
            low
        } else {
            high
        }
    }

    /// The least and the largest stock that a point finds; `None` where one is without bounds.
    fn ends(&self) -> Option<(f64, f64)> {
        let most = self.stock.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = self.stock.iter().copied().fold(f64::INFINITY, f64::min);
        (most.is_finite() && least.is_finite()).then_some((least, most))
    }

    /// The least quantity that reaches the target: share of units served for `Fill`, probability of a cycle without stockout for
    /// `Cycle` and (the critical ratio) for `Cost`. Negative when there is more than enough: how much could be missing.
    pub fn quantity(&self, measure: ServiceMeasure, target: f64) -> f64 {
        let Some((least, most)) = self.ends() else {
            return 0.0;
        };
        let target = target.min(SURE);
        let (low, high) = (-most - 1.0, self.interval.most() - least + 1.0);
        match measure {
            ServiceMeasure::Cycle | ServiceMeasure::Cost => {
                let missed = |quantity| target - 1e-9 - self.cycle(quantity);
                let found = least_reaching(low, high, 0.0, missed);
                // Stock and demand in whole units change the service at whole quantities alone.
                let whole = found.round();
                if (found - whole).abs() < 2e-7 * (1.0 + whole.abs()) {
                    whole
                } else {
                    found
                }
            }
            ServiceMeasure::Fill => {
                let asked = self.asked;
                if asked <= 0.0 {
                    // Nobody is expected: nothing is short, and nothing is spare but what is there.
                    return -most;
                }
                let missed = |quantity| self.short(quantity) - (1.0 - target) * asked;
                least_reaching(low, high, 1e-9 * asked, missed)
            }
        }
    }
}

/// The least quantity at which `missed`, which never rises, is not positive: by halves, and within one unit by chords in turn, which find it
/// at once where `missed` is straight. `near` is what may be missed.
fn least_reaching(mut low: f64, mut high: f64, near: f64, missed: impl Fn(f64) -> f64) -> f64 {
    let (mut at_low, mut at_high) = (missed(low), missed(high));
    if at_low <= 0.0 {
        return low;
    }
    for turn in 0..80 {
        let width = high - low;
        if width < 1e-7 * (1.0 + high.abs()) || (near > 0.0 && at_high.abs() <= near) {
            break;
        }
        let chord = low + width * at_low / (at_low - at_high);
        let between = if near > 0.0 && width <= 1.0 && turn % 2 == 0 && chord > low && chord < high
        {
            chord
        } else if width > 2.0 {
            // Whole quantities, so that the chords run between the corners of whole units.
            (0.5 * (low + high)).round()
        } else {
            0.5 * (low + high)
        };
        let found = missed(between);
        if found > near {
            (low, at_low) = (between, found);
        } else {
            (high, at_high) = (between, found);
        }
    }
    high
}
