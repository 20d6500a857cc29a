//! Who gets what there is, and what can still be promised.

pub mod budget;
pub mod share;
