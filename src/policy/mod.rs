//! Safety stock, reorder points and order quantities.

pub mod look_through;
pub mod protection;
