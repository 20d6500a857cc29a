//! How much at once: packs and minimums.

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
