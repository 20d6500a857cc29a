//! Codes that are sold and planned under others: sets, as their parts, and what was replaced, as what replaces it.

use super::{ChannelId, Day, LocationId, Sku, SkuId};

/// Units ordered under a code on a channel and day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoldUnder {
    pub channel: ChannelId,
    pub day: Day,
    pub units: f64,
}

/// A set: its sales, orders and stock stand in the tables as those of its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct SetOfParts {
    pub sku: SkuId,
    /// Part and its units in one set, above 0.
    pub parts: Vec<(SkuId, f64)>,
    /// By channel and day.
    pub sales: Vec<SoldUnder>,
}

/// A code that others replaced: its history, stock and orders stand in the tables as theirs.
#[derive(Clone, Debug, PartialEq)]
pub struct Replaced {
    pub sku: SkuId,
    /// Successor and its share of the demand.
    pub by: Vec<(SkuId, f64)>,
    pub sales: Vec<SoldUnder>,
    /// Its own last count by location.
    pub stock: Vec<(LocationId, f64)>,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Elsewhere {
    pub sets: Vec<SetOfParts>,
    pub replaced: Vec<Replaced>,
}

/// What a row of such a code says of those that it is planned under.
#[derive(Clone, Debug, PartialEq)]
pub enum PlannedAs {
    /// The part that limits how many sets can be made now, its units on hand and in one set, and how many that are.
    Parts {
        part: Sku,
        on_hand: f64,
        units: f64,
        sets: f64,
    },
    Successors(Vec<Sku>),
}
