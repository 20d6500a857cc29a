//! What a run saw of stock and open orders, where stock comes as snapshots: kept, it is the history that the next runs read.

use super::{Day, Location, Sku, Supplier};

/// The folder in the data folder that holds what was kept, one file per as-of.
pub const KEPT_FOLDER: &str = "history";

/// What one run saw. Codes are written as the tables write them.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub as_of: Day,
    /// By SKU and location.
    pub stock: Vec<KeptStock>,
    /// By number, SKU, location and day.
    pub orders: Vec<KeptOrder>,
}

/// The last row of `stock` of a SKU at a location.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptStock {
    pub sku: Sku,
    pub location: Location,
    pub date: Day,
    /// NaN unknown.
    pub on_hand: f64,
    /// NaN unknown.
    pub fraction: f64,
    /// The word of `state`; `None` unknown.
    pub state: Option<&'static str>,
}

/// An order of which something had not come.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptOrder {
    pub po_id: String,
    pub sku: Sku,
    pub location: Location,
    pub supplier: Option<Supplier>,
    pub ordered: Day,
    pub expected: Option<Day>,
    pub units: f64,
    pub received: f64,
}

impl Kept {
    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("{}.parquet", self.as_of)
    }
}
