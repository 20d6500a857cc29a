//! How much to order and when: targets, safety stock, reorder points, quantities.

mod channel_share;
pub mod look_through;
pub mod loss;
pub mod lot;
pub mod min_max;
pub mod netting;
pub mod newsvendor;
mod outlook;
mod past;
mod paths;
pub mod protection;
mod reason;
mod recommend;
pub mod reorder_point;
pub mod service;
mod target;
pub mod textbook;

pub use outlook::{forecast_weeks, projections};
pub use paths::{PoolPaths, pool_paths};
pub use recommend::{Basis, lead_time, recommend, review_days};
