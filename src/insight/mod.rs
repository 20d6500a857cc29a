//! What a person must look at, and what changed.

pub mod changes;
mod look;
pub mod notice;

pub use look::look;
