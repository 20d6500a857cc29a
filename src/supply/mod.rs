//! What is there, what is coming, who gets what, and what can still be promised.
#![warn(clippy::too_many_lines)]

pub mod allocate;
pub mod lots;
mod network;
pub mod pegging;
mod pool;
pub mod promise;
pub mod share;
pub mod waiting;

pub use network::Network;
pub use pool::{OpenOrder, Pool, pools, source_of};
