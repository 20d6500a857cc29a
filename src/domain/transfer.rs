//! Units that move between the shop's own locations.

use super::{Day, Location, Sku};

/// Why units move, or should.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TransferCause {
    /// Customers wait for them.
    Owed,
    /// The location is at or below its reorder point.
    BelowPoint,
    /// More than the location can use, and its source would have to buy.
    Excess,
    /// One has too much, another runs out, and no way between them is known.
    NotLinked,
}

impl TransferCause {
    /// The word in the column `reason_code`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owed => "owed",
            Self::BelowPoint => "below_point",
            Self::Excess => "excess_back",
            Self::NotLinked => "not_linked",
        }
    }
}

/// One row of `transfers.csv`. Quantities are units; NaN where a figure does not exist.
#[derive(Clone, PartialEq, Debug)]
pub struct Transfer {
    pub sku: Sku,
    pub name: Option<String>,
    pub from: Location,
    pub to: Location,
    /// Units, > 0; whole for items that come in whole units.
    pub units: f64,
    /// Units ÷ order multiple.
    pub case_packs: f64,
    /// Days under way.
    pub days: f64,
    pub expected_arrival: Day,
    /// 1 is the most urgent.
    pub priority: u32,
    /// Stock at either end before, units.
    pub from_on_hand: f64,
    pub to_on_hand: f64,
    /// Days that stock lasts at either end, before and after; units under way to `to` count.
    pub from_days_before: f64,
    pub from_days_after: f64,
    pub to_days_before: f64,
    pub to_days_after: f64,
    /// Of the units, those that customers wait for.
    pub owed_units: f64,
    /// Units that `to` needs beyond these and `from` cannot spare.
    pub short_units: f64,
    /// Units of these that are owed or expected to be sold before more could be had.
    pub units_saved: f64,
    /// Margin of `lost_units_saved`, money; NaN where cost or price is not known.
    pub margin_saved: f64,
    /// Of the units saved, those whose customers would not wait: neither those who do already nor the share that would.
    pub lost_units_saved: f64,
    /// What the waiting of the others would have cost, money.
    pub waiting_cost_saved: f64,
    /// Whether the locations are linked by `supplied_from`.
    pub possible: bool,
    pub cause: TransferCause,
    /// Position and reorder point of `to` before.
    pub to_position: f64,
    pub to_reorder_point: f64,
    /// The first day without stock at `to`.
    pub first_stockout_date: Option<Day>,
}
