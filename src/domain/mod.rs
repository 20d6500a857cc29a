//! Types with meaning and no I/O: what the rest of the program speaks in.

mod availability;
mod day;
mod finding;
mod name;
mod plan;
mod tables;
mod transfer;

pub use availability::Availability;
pub use day::{Day, Grain};
pub use finding::{Finding, Place, Severity};
pub use name::{Category, Channel, Location, Sku, Supplier};
pub use plan::{
    Action, Band, Confidence, ForecastWeek, History, Plan, Projection, Recommendation, RunFacts,
    ServiceMeasure, Spending,
};
pub use tables::{
    BackorderKind, BackorderLine, CalendarEntry, CalendarKind, ChannelRow, FileRead, Item,
    ItemStatus, LocationRow, OrderType, PurchaseLine, SalesFrame, StockFrame, SupplierRow, Tables,
};
pub use transfer::{Transfer, TransferCause};
