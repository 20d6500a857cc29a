//! Laws of demand as numbers: what estimation, forecast and policy all stand on.
//!
//! Pure functions of a few parameters, exact in both tails, without allocation. Units are units of the item.

mod counts;
mod gamma;
mod incomplete;
pub mod normal;
mod saddle;
#[cfg(test)]
mod tests;

pub use counts::Counts;
pub use gamma::GammaLaw;

/// What a law says about one level `x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tails {
    /// P(D ≤ x).
    pub cdf: f64,
    /// P(D > x).
    pub sf: f64,
    /// E[(D − x)⁺]: units short on average when x are there.
    pub loss: f64,
}

impl Tails {
    /// Below all demand: everything beyond `x ≤ 0` is short.
    pub(crate) fn below_support(mean: f64, x: f64) -> Self {
        Self {
            cdf: 0.0,
            sf: 1.0,
            loss: mean - x,
        }
    }

    /// Above all demand.
    pub(crate) const NOTHING_LEFT: Self = Self {
        cdf: 1.0,
        sf: 0.0,
        loss: 0.0,
    };
}
