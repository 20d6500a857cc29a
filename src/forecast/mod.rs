//! Demand over an interval as a distribution, and how long replenishment takes.
#![warn(clippy::too_many_lines)]

pub mod distribution;
mod lead_time;
mod model;
mod receipts;
pub mod series;

pub use lead_time::{LeadTime, LeadTimes, supplier_of, supplier_row};
pub use model::{Forecast, SeriesForecast, forecast};
