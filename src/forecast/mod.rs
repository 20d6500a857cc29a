//! Demand over an interval as a distribution.

pub mod distribution;
