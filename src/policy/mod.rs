//! Safety stock, reorder points and order quantities.

pub mod look_through;
pub mod lot;
mod outlook;
pub mod protection;
mod reason;
mod recommend;

pub use outlook::{forecast_weeks, projections};
pub use recommend::{Basis, PoolPaths, lead_time, pool_paths, recommend, review_days};
