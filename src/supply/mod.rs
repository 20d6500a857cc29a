//! What is there, what is coming, who gets it.

mod pool;
pub mod share;

pub use pool::{OpenOrder, Pool, pools};
