//! Hidden demand: what a day with little or no stock says about demand.

pub mod capture;
pub mod censored;
pub mod exposure;
pub mod law;
