//! What is there, what is coming, who gets what, and what can still be promised.

pub mod budget;
mod pool;
pub mod share;

pub(crate) use pool::ordered_units;
pub use pool::{OpenOrder, Pool, pools};
