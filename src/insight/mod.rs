//! What a person should know beside the figures: changes against the last plan.

pub mod changes;
