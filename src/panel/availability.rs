//! Which day is what: the availability of a period from its records.

use crate::domain::Availability;

/// What the records say about one period of a series.
#[derive(Clone, Copy, Debug)]
pub struct DayRecord {
    /// Stock of the location before the period; NaN unknown.
    pub opening: f64,
    /// Stock of the location after the period; NaN unknown.
    pub closing: f64,
    /// Units sold from the location's stock by all its channels.
    pub pool_sold: f64,
    /// Units that the location received, as far as that is recorded.
    pub received: f64,
    /// Units sold by this series.
    pub sold: f64,
    /// Backorders accepted by this series.
    pub backordered: f64,
    /// Share of the selling time with stock; NaN unknown.
    pub fraction: f64,
    /// What the shop itself says.
    pub state: Option<Availability>,
    /// Whether orders are accepted without stock.
    pub accepts_backorders: bool,
}

const EPSILON: f64 = 1e-9;

/// The availability of a period.
///
/// What can be sold is the opening stock: units received in a period are in its closing stock and sell from the next
/// one on. So a period whose sales used up its opening stock is sold out even when a receipt fills the shelf
/// by the evening, and an empty shelf with an evening receipt was closed. Sales beyond the opening stock prove that a receipt
/// sold at once; sales at a negative closing stock prove that selling went on at zero, and are observed demand. A shelf that is empty
/// in the morning and in the evening and sells what no receipt brought speaks against its record: of such a day nothing is known.
pub fn classify(day: &DayRecord) -> Availability {
    let empty = |day: &DayRecord| {
        if day.accepts_backorders || day.backordered > 0.0 {
            Availability::Backorder
        } else {
            Availability::Closed
        }
    };
    if let Some(state) = day.state {
        return match state {
            // A sale contradicts "no stock"; what was sold is a lower bound.
            Availability::Closed | Availability::Backorder if day.sold > 0.0 => {
                Availability::SoldOut
            }
            // The fraction is finer than the word.
            Availability::InStock if day.fraction < 1.0 => Availability::SoldOut,
            state => state,
        };
    }
    if !day.fraction.is_nan() {
        return if day.fraction >= 1.0 {
            Availability::InStock
        } else if day.fraction > 0.0 || day.sold > 0.0 {
            Availability::SoldOut
        } else {
            empty(day)
        };
    }
    match (day.opening.is_nan(), day.closing.is_nan()) {
        (true, true) => Availability::Unknown,
        // Known only at one end: the shelf is judged by that end.
        (true, false) => {
            if day.closing > EPSILON || (day.closing < -EPSILON && day.sold > 0.0) {
                Availability::InStock
            } else if day.sold > 0.0 {
                Availability::SoldOut
            } else {
                empty(day)
            }
        }
        (false, true) => {
            if day.opening > EPSILON {
                Availability::InStock
            } else {
                empty(day)
            }
        }
        (false, false) => {
            if day.opening <= EPSILON {
                if day.sold <= 0.0 {
                    // Channel mates may sell a same-day receipt while this one sells nothing.
                    if day.pool_sold > 0.0 && day.closing > EPSILON {
                        Availability::InStock
                    } else {
                        empty(day)
                    }
                } else if day.closing < -EPSILON {
                    Availability::InStock
                } else if day.closing <= EPSILON && day.received < day.pool_sold - EPSILON {
                    Availability::Unknown
                } else {
                    Availability::SoldOut
                }
            } else if day.pool_sold > day.opening + EPSILON {
                if day.closing > EPSILON || day.closing < -EPSILON {
                    Availability::InStock
                } else {
                    Availability::SoldOut
                }
            } else if day.pool_sold >= day.opening - EPSILON || day.closing <= EPSILON {
                Availability::SoldOut
            } else {
                Availability::InStock
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(opening: f64, sold: f64, closing: f64) -> DayRecord {
        DayRecord {
            opening,
            closing,
            pool_sold: sold,
            received: 0.0,
            sold,
            backordered: 0.0,
            fraction: f64::NAN,
            state: None,
            accepts_backorders: false,
        }
    }

    #[test]
    fn a_day_that_used_up_its_opening_stock_is_sold_out_even_if_refilled_by_evening() {
        assert_eq!(classify(&day(5.0, 5.0, 0.0)), Availability::SoldOut);
        assert_eq!(classify(&day(5.0, 5.0, 40.0)), Availability::SoldOut);
        assert_eq!(classify(&day(5.0, 4.0, 1.0)), Availability::InStock);
    }

    #[test]
    fn an_empty_shelf_is_closed_or_takes_backorders_but_never_by_negative_stock_alone() {
        assert_eq!(classify(&day(0.0, 0.0, 0.0)), Availability::Closed);
        assert_eq!(classify(&day(-3.0, 0.0, -3.0)), Availability::Closed);
        assert_eq!(classify(&day(0.0, 0.0, 30.0)), Availability::Closed);
        let accepting = DayRecord {
            accepts_backorders: true,
            ..day(0.0, 0.0, 0.0)
        };
        assert_eq!(classify(&accepting), Availability::Backorder);
    }

    #[test]
    fn selling_on_below_zero_is_observed_demand() {
        assert_eq!(classify(&day(0.0, 2.0, -2.0)), Availability::InStock);
        assert_eq!(classify(&day(1.0, 3.0, -2.0)), Availability::InStock);
    }

    #[test]
    fn the_shop_s_own_word_and_fraction_come_first() {
        let fraction = DayRecord {
            fraction: 0.4,
            ..day(f64::NAN, 2.0, f64::NAN)
        };
        assert_eq!(classify(&fraction), Availability::SoldOut);
        let state = DayRecord {
            state: Some(Availability::NotListed),
            ..day(5.0, 0.0, 5.0)
        };
        assert_eq!(classify(&state), Availability::NotListed);
        // What was sold was there: a lower bound of the day's demand, more than what is ordered without stock.
        let sold = DayRecord {
            state: Some(Availability::Backorder),
            backordered: 2.0,
            ..day(f64::NAN, 6.0, f64::NAN)
        };
        assert_eq!(classify(&sold), Availability::SoldOut);
        assert_eq!(
            classify(&day(f64::NAN, 2.0, f64::NAN)),
            Availability::Unknown
        );
    }
}
