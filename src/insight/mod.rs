//! What a person must look at, what changed, and why shelves were empty.

mod announced;
mod aside;
mod case;
pub mod changes;
mod coming;
mod expected;
mod look;
mod misplaced;
mod movements;
pub mod notice;
mod ordering;
mod phantom;
mod record;
mod shelf;
mod spike;
mod stockouts;
mod substitution;
pub mod summary;
mod supplier;
mod under_way;
mod variant;
mod weigh;

pub use aside::{name_bulk_orders, name_unoffered};
pub use look::look;
pub use movements::Movements;
pub use phantom::{QuietSpell, close, quiet_spells};
pub use stockouts::stockouts;
pub use substitution::substitution;
