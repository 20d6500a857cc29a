//! A shop's own export files: recognised or told by `[[source]]`, read once, and made into rows of our tables.
//!
//! find (files → blocks) → sheet (bytes → cells) → stage (columns found, rows judged) → once (every order counts once) → rows (typed, with file, line and
//! value) → [`crate::input::raw::RawTable`], on which stock, overlap and the last day are settled ([`read`]). What follows knows no difference to our own tables.

mod account;
mod fault;
mod fill;
mod find;
mod init;
mod last_day;
mod once;
mod overlap;
mod preset;
mod read;
mod rows;
mod serve;
mod sheet;
mod snapshot;
mod stage;
mod stamp;
mod stock;
#[cfg(test)]
mod tests;
mod words;
mod zone;

pub use self::fault::SourceFault;
pub(super) use self::find::blocks_of;
pub use self::init::{Recognised, recognise_folder};
pub(super) use self::read::{Around, read};
pub(super) use self::serve::Served;
