//! What a person must look at, and what changed.

pub mod changes;
mod look;

pub use look::look;
