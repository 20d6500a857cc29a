//! How much to order and when: targets, safety stock, reorder points, quantities.

mod bridge;
mod channel_share;
mod echelon;
mod family;
pub mod look_through;
pub mod loss;
pub mod lot;
pub mod min_max;
pub mod netting;
pub mod newsvendor;
mod outlook;
mod past;
mod paths;
mod pool_plan;
pub mod protection;
mod ration;
mod reason;
mod recommend;
pub mod reorder_point;
pub mod service;
mod target;
pub mod textbook;
mod transfer;

pub use outlook::{forecast_weeks, projections};
pub use paths::{PoolPaths, pool_paths};
pub use recommend::{Basis, Decision, decide, lead_time, recommend, review_days};
