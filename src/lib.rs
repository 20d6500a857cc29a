//! Weekly reorder planning for shops that sell on several channels.
//!
//! The rooms stand in the order in which data flows; start reading at [`plan`].
#![warn(missing_debug_implementations)]

pub mod backtest;
pub mod chart;
pub mod cli;
pub mod config;
pub mod demand;
pub mod domain;
pub mod forecast;
pub mod input;
pub mod insight;
pub mod output;
pub mod panel;
pub mod plan;
pub mod policy;
pub mod report;
pub mod supply;
pub mod text;
