//! What is there, what is coming, who gets what, and what can still be promised.

pub mod allocate;
pub mod budget;
pub mod lots;
mod network;
mod pool;
pub mod share;

pub use network::Network;
pub use pool::{OpenOrder, Pool, pools, source_of};
