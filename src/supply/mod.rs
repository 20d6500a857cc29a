//! What is there, what is coming, who gets what, and what can still be promised.

pub mod budget;
pub mod pegging;
mod pool;
pub mod promise;
pub mod share;
pub mod waiting;

pub(crate) use pool::ordered_units;
pub use pool::{OpenOrder, Pool, pools};
