//! Types with meaning and no I/O: what the rest of the program speaks in.

mod availability;
mod backorders;
mod coverage;
mod day;
mod elsewhere;
mod finding;
mod id;
mod kept;
mod lost;
mod movement;
mod name;
mod plan;
mod pool_order;
mod purchase_order;
mod stockout;
mod substitution;
mod tables;
mod transfer;

pub use availability::Availability;
pub use backorders::{
    Acceptance, AcceptanceRow, BackorderDesk, CaptureByWait, Cover, Delivery, ExtraOrder, OpenLine,
    PreorderRow, WhatIfRow, Worth,
};
pub use coverage::{Coverage, FIGURES_SHARE, PAST_DAYS, PastDays, known_share};
pub use day::{Day, ENGLISH_MONTHS, Grain, WeekDates};
pub use elsewhere::{Elsewhere, PlannedAs, Replaced, SetOfParts, SoldUnder};
pub use finding::{Finding, MORE_FINDINGS, Place, Severity};
pub use id::{ChannelId, LocationId, SkuId};
pub use kept::{KEPT_FOLDER, Kept, KeptOrder, KeptStock};
pub use lost::{
    HALF_BAND, LostErrors, LostSum, band_variance, lost_within, shared_variance, year_sd,
};
pub use movement::{Movement, movements, sale_moves};
pub use name::{Category, Channel, Location, Sku, Supplier};
pub use plan::{
    Action, Band, Confidence, ForecastWeek, History, Plan, Projection, Recommendation, RunFacts,
    ServiceMeasure, Spending,
};
pub use pool_order::{Bridge, NextOrder, PoolOrder, Reason, Rest, UnderWay};
pub use purchase_order::{OrderLine, Outstanding, PurchaseOrder, lines_of, purchase_orders};
pub use stockout::{
    CountTask, MonthPart, Phrase, Stockout, StockoutCause, StockoutFigures, StockoutReport,
};
pub use substitution::{SubstitutionReport, SubstitutionTest, SubstitutionVerdict};
pub use tables::{
    BackorderKind, BackorderLine, CalendarEntry, CalendarKind, ChannelRow, Checked, FileRead, Item,
    ItemStatus, Listing, LocationRow, OrderType, PurchaseLine, Records, SalesFrame, StockFrame,
    SupplierRow, Tables,
};
pub use transfer::{Transfer, TransferCause};
