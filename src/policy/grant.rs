//! What a pool may order where money is short.

/// An order other than the one that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grant {
    /// Units, ≥ 0.
    pub(super) quantity: f64,
    pub(super) why: Why,
}

/// Why an order is not what is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Why {
    /// The budget does not reach.
    Budget,
    /// The supplier's minimum is not reached.
    BelowMinimum,
    /// Enlarged to reach the supplier's minimum.
    ToppedUp,
}
