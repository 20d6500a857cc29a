//! Demand over an interval as a distribution.

pub mod croston;
pub mod distribution;
