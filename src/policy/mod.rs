//! How much to order and when: targets, safety stock, reorder points, quantities.

mod backorders;
pub mod cost;
pub mod look_through;
pub mod loss;
pub mod lot;
pub mod min_max;
pub mod netting;
pub mod newsvendor;
mod outlook;
pub mod protection;
mod reason;
mod recommend;
pub mod reorder_point;
pub mod service;
pub mod textbook;
mod unknown_stock;

pub use backorders::{SoldAhead, backorder_desk, sold_ahead};
pub use outlook::{forecast_weeks, projections};
pub use recommend::{Basis, PoolPaths, lead_time, pool_paths, recommend, review_days};
