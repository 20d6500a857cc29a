//! The checked input: what `input` hands on. Codes are indices into the sorted name lists.

use polars::prelude::DataFrame;

use super::{
    Category, Channel, ChannelId, Day, Elsewhere, Finding, Grain, Kept, Location, LocationId, Sku,
    SkuId, Supplier, WeekDates,
};

/// Rows of `sales`, checked: columns `date` i32 (days since 1970-01-01), `sku` u32, `channel` u32,
/// `units` f64 (≥ 0), `returned_units` f64 (≥ 0), `price` f64 (NaN where absent), `order_type` i8
/// (see [`OrderType`]). No row is after as-of.
#[derive(Clone, Debug)]
pub struct SalesFrame(pub DataFrame);

/// Rows of `stock`, checked, one a (date, sku, location): columns `date` i32, `sku` u32, `location` u32,
/// `on_hand` f64 (NaN unknown), `in_stock_fraction` f64 in 0..=1 (NaN unknown), `state` i8
/// ([`super::Availability`] as code, −1 unknown). No row is after as-of.
#[derive(Clone, Debug)]
pub struct StockFrame(pub DataFrame);

/// What an order was; only regular orders feed the base rate.
#[allow(dead_code)] // the sales hold these as numbers, and only two are asked for by name
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum OrderType {
    Regular = 0,
    Wholesale = 1,
    Preorder = 2,
    Sample = 3,
}

/// Goods not in stock, or not yet released.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BackorderKind {
    Backorder,
    Preorder,
}

/// An order accepted without stock. Dates after as-of (shipments, cancellations) are not known yet and are `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct BackorderLine {
    pub order_id: String,
    pub date: Day,
    pub sku: SkuId,
    pub channel: ChannelId,
    pub units: f64,
    pub kind: BackorderKind,
    pub promised: Option<Day>,
    pub shipped: Option<Day>,
    pub shipped_units: f64,
    pub cancelled: Option<Day>,
    pub cancelled_units: f64,
    pub notified: Option<Day>,
}

impl BackorderLine {
    /// Units still owed to the customer.
    pub fn open_units(&self) -> f64 {
        (self.units - self.shipped_units - self.cancelled_units).max(0.0)
    }
}

/// One row of `inbound`: an order, or one partial receipt of it. A receipt after as-of is not known yet (`received` is `None`).
#[derive(Clone, Debug, PartialEq)]
pub struct PurchaseLine {
    pub po_id: String,
    pub sku: SkuId,
    pub location: LocationId,
    pub ordered: Day,
    pub units: f64,
    pub supplier: Option<Supplier>,
    pub expected: Option<Day>,
    pub received: Option<Day>,
    /// Units in this receipt; 0 while nothing came.
    pub received_units: f64,
    /// Nobody wrote down when it was received: `received` is the promised day, and teaches nothing about lead times.
    pub day_assumed: bool,
}

impl PurchaseLine {
    /// The location that the units leave on the day of the order, where the row is a transfer: its supplier is another location. A row that
    /// names no supplier comes from the location that supplies its own, else from its item's supplier. `locations` are sorted.
    pub fn transferred_from(
        &self,
        locations: &[Location],
        location_rows: &[LocationRow],
        items: &[Item],
    ) -> Option<LocationId> {
        let named = |supplier: &Supplier| {
            let place = locations.binary_search_by(|l| l.as_str().cmp(supplier.as_str()));
            place.ok().map(|l| LocationId(l as u32))
        };
        let source = match &self.supplier {
            Some(supplier) => named(supplier),
            None => location_rows[self.location]
                .supplied_from
                .or_else(|| items[self.sku].supplier.as_ref().and_then(named)),
        };
        source.filter(|&source| source != self.location)
    }
}

/// Whether an item is sold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ItemStatus {
    #[default]
    Active,
    New,
    Discontinued,
}

/// One row of `items`; SKUs that only occur in other tables have the default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    pub name: Option<String>,
    pub category: Option<Category>,
    pub variant_of: Option<String>,
    pub supplier: Option<Supplier>,
    pub unit_cost: Option<f64>,
    pub price: Option<f64>,
    pub lead_time_days: Option<f64>,
    pub lead_time_sd: Option<f64>,
    pub review_days: Option<u32>,
    pub moq: Option<f64>,
    pub order_multiple: Option<f64>,
    pub service_level: Option<f64>,
    pub status: ItemStatus,
    pub launch: Option<Day>,
    pub similar_sku: Option<SkuId>,
    /// `Some(true)` accepts backorders whatever the channel says, `Some(false)` never does.
    pub backorder_policy: Option<bool>,
}

/// One row of `channels`, or the default of a channel without one.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelRow {
    /// Index into `Tables::locations`: where the channel's stock is.
    pub location: LocationId,
    pub accepts_backorders: bool,
    /// 1 is served first; `None` comes last.
    pub priority: Option<f64>,
    pub service_level: Option<f64>,
}

/// One row of `listings`: the days on which an item is offered on a channel, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listing {
    pub sku: SkuId,
    pub channel: ChannelId,
    pub from: Day,
    /// `None`: until it is stated otherwise.
    pub to: Option<Day>,
}

impl Listing {
    /// Whether any of the `days` from `day` on is one of them.
    pub fn covers(&self, day: Day, days: i32) -> bool {
        self.from < day + days && self.to.is_none_or(|to| day <= to)
    }
}

/// One row of `locations`, or the default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LocationRow {
    /// Index into `Tables::locations`; `None`: a supplier.
    pub supplied_from: Option<LocationId>,
    pub transfer_days: Option<f64>,
}

/// One row of `suppliers`.
#[derive(Clone, Debug, PartialEq)]
pub struct SupplierRow {
    pub supplier: Supplier,
    pub lead_time_days: Option<f64>,
    pub lead_time_sd: Option<f64>,
    pub review_days: Option<u32>,
    /// 0 Monday … 6 Sunday.
    pub order_weekday: Option<usize>,
    pub min_amount: Option<f64>,
    pub calendar: Option<String>,
}

/// What a calendar entry marks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CalendarKind {
    Holiday,
    Promotion,
    SupplierClosed,
    /// Days that say nothing about ordinary demand.
    Exclude,
    /// Orders of these days come again: none is taken for a bulk order that comes once.
    Recurring,
}

/// One row of `calendar`, both ends included. An empty scope means "all".
#[derive(Clone, Debug, PartialEq)]
pub struct CalendarEntry {
    pub from: Day,
    pub to: Day,
    pub kind: CalendarKind,
    pub name: Option<String>,
    pub sku: Option<SkuId>,
    pub category: Option<Category>,
    pub channel: Option<ChannelId>,
    /// A supplier, or the name of a supplier's `calendar`.
    pub supplier: Option<Supplier>,
    /// What past events it is like: events of one series are taken for one another.
    pub series: Option<String>,
    /// Demand × this, as the shop states it; above 0.
    pub uplift: Option<f64>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct FileRead {
    pub table: String,
    /// Relative to the data folder, with `/`.
    pub path: String,
    pub sha256: String,
    pub rows: u64,
    pub bytes: u64,
}

/// What the input says beside its rows of sales and stock, checked: kept for all decisions.
#[derive(Clone, Debug)]
pub struct Tables {
    pub grain: Grain,
    /// `Week` where the grain is a day.
    pub week_dates: WeekDates,
    /// Date of the last period that is known.
    pub as_of: Day,
    /// Sorted; codes in the tables are indices into these.
    pub skus: Vec<Sku>,
    pub channels: Vec<Channel>,
    pub locations: Vec<Location>,
    pub backorders: Vec<BackorderLine>,
    pub inbound: Vec<PurchaseLine>,
    /// One per SKU, in the order of `skus`.
    pub items: Vec<Item>,
    /// One per channel, in the order of `channels`.
    pub channel_rows: Vec<ChannelRow>,
    /// Sorted.
    pub listings: Vec<Listing>,
    /// One per location, in the order of `locations`.
    pub location_rows: Vec<LocationRow>,
    pub suppliers: Vec<SupplierRow>,
    pub calendar: Vec<CalendarEntry>,
    pub files: Vec<FileRead>,
    /// Codes that are planned under others.
    pub elsewhere: Elsewhere,
}

/// The rows of sales and stock. The panel is made of them, and they are gone.
#[derive(Clone, Debug)]
pub struct Records {
    pub sales: SalesFrame,
    pub stock: Option<StockFrame>,
}

/// The checked input.
#[derive(Clone, Debug)]
pub struct Checked {
    pub tables: Tables,
    pub records: Records,
    pub findings: Vec<Finding>,
    /// What this run saw of stock that comes as snapshots, where it is to be kept.
    pub kept: Option<Kept>,
}

impl Tables {
    /// The day at whose close the plan is made, which lead times count from: as-of; the last day of its week where dates within weeks are days.
    pub fn plan_day(&self) -> Day {
        match self.week_dates {
            WeekDates::Week => self.as_of,
            WeekDates::Day => self.as_of + (self.grain.days() - 1),
        }
    }

    /// What `listings` states of an item on a channel; nothing is stated where it is empty.
    pub fn listed(&self, sku: SkuId, channel: ChannelId) -> &[Listing] {
        let from = self
            .listings
            .partition_point(|l| (l.sku, l.channel) < (sku, channel));
        let behind = self
            .listings
            .partition_point(|l| (l.sku, l.channel) <= (sku, channel));
        &self.listings[from..behind]
    }

    /// [`PurchaseLine::transferred_from`] of a row of `inbound`.
    pub fn transferred_from(&self, line: &PurchaseLine) -> Option<LocationId> {
        line.transferred_from(&self.locations, &self.location_rows, &self.items)
    }
}
