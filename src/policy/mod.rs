//! How much to order and when: targets, levels, lots.

pub mod loss;
pub mod lot;
pub mod min_max;
pub mod netting;
pub mod newsvendor;
pub mod reorder_point;
pub mod service;
pub mod textbook;
