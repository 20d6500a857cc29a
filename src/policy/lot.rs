//! How much at once: the economic lot, and packs and minimums.

/// The economic order quantity with planned backorders.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EconomicLot {
    /// Units an order.
    pub quantity: f64,
    /// Share of demand that is backordered.
    pub backorder_share: f64,
    /// Money per unit of time.
    pub cost: f64,
}

/// Economic order quantity with backorders: Q = √(2Kλ(h + p)/(h·p)), backordered share h/(h + p), cost √(2Kλ·h·p/(h + p)).
///
/// `ordering` K per order, `holding` h and `backorder` p per unit and time, `rate` λ units per time, all > 0 (p = ∞: no
/// backorders). Harris (1913); Snyder & Shen (2019), section 3.5. `None` outside the domain.
///
/// ```
/// let lot = restock::policy::lot::economic_with_backorders(8.0, 0.225, 5.0, 1300.0).unwrap();
/// assert!((lot.quantity - 310.812_555_2).abs() < 1e-7);
/// assert!((lot.backorder_share - 0.043_062_2).abs() < 1e-7);
/// assert!((lot.cost - 66.921_363_6).abs() < 1e-7);
/// ```
pub fn economic_with_backorders(
    ordering: f64,
    holding: f64,
    backorder: f64,
    rate: f64,
) -> Option<EconomicLot> {
    let inside = ordering > 0.0 && holding > 0.0 && backorder > 0.0 && rate > 0.0;
    if !inside {
        return None;
    }
    let backorder_share = holding / (holding + backorder);
    let effective = holding * (1.0 - backorder_share);
    Some(EconomicLot {
        quantity: (2.0 * ordering * rate / effective).sqrt(),
        backorder_share,
        cost: (2.0 * ordering * rate * effective).sqrt(),
    })
}

/// Units that a need may miss a pack by and still fill it: far below what is written, far above what sums of floats lose.
const SLACK: f64 = 1e-6;

/// The order for a raw need: nothing for no need, else up to a multiple of `multiple` (packs), at least `moq`, itself lifted to a
/// multiple. Units.
///
/// A `multiple` of 0 or less is none: the need itself, at least `moq`. A need that floating point lifted just beyond a pack stays in it.
///
/// ```
/// use restock::policy::lot::round_order;
/// assert_eq!(round_order(130.0, 0.0, 24.0), 144.0);
/// assert_eq!(round_order(24.000_000_001, 0.0, 24.0), 24.0);
/// assert_eq!(round_order(3.0, 10.0, 4.0), 12.0);
/// assert_eq!(round_order(-5.0, 10.0, 4.0), 0.0);
/// assert_eq!(round_order(0.25, 0.0, 0.1), 0.3);
/// ```
pub fn round_order(raw_need: f64, moq: f64, multiple: f64) -> f64 {
    if raw_need.is_nan() || raw_need <= SLACK {
        return 0.0;
    }
    let wanted = raw_need.max(moq);
    if multiple.is_nan() || multiple <= 0.0 || multiple == f64::INFINITY || wanted == f64::INFINITY
    {
        return wanted;
    }
    // Beyond 10⁹ packs a float's own spacing grows above the slack.
    let packs = wanted / multiple;
    let slack = (SLACK / multiple).min(1e-3) + packs * 1e-12;
    let units = (packs - slack).ceil().max(1.0) * multiple;
    // Multiples like 0.1 have no exact float: write what a person would.
    if units < 1e9 {
        (units * 1e6).round() / 1e6
    } else {
        units
    }
}
