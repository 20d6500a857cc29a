//! How much to order and when: targets, safety stock, reorder points, quantities.
#![warn(clippy::too_many_lines)]

mod backorders;
mod basis;
mod bridge;
mod carried;
mod channel_share;
pub mod cost;
mod echelon;
mod elsewhere;
mod family;
mod flow;
mod grant;
pub mod look_through;
mod loss_curve;
mod lost_orders;
pub mod lot;
pub mod lot_cycle;
pub mod lot_level;
mod order_chain;
mod outlook;
mod past;
mod paths;
mod pool_plan;
pub mod protection;
mod ration;
mod reason;
mod recommend;
mod stakes;
mod surplus;
mod target;
pub mod textbook;
mod transfer;
mod unknown_stock;

pub use backorders::{SoldAhead, backorder_desk, sold_ahead};
pub use basis::{Basis, lead_time, protection_intervals, review_days};
pub use elsewhere::elsewhere;
pub use outlook::{forecast_weeks, projections};
pub use paths::{PoolPaths, pool_paths};
pub use recommend::{Decision, decide};
