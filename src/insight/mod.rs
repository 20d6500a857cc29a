//! What a person must look at.

mod look;

pub use look::look;
