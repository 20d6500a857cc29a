//! The order of one pool: what is decided, of which the rows of its channels are views.

use super::{Action, Day, Location, PlannedAs, Sku, Supplier};

/// The figures from demand to order, of a pool or of one row: units, rounded to the four decimals that are written.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bridge {
    pub action: Action,
    /// 0 where nobody counted.
    pub on_hand: f64,
    pub owed: f64,
    pub in_time: f64,
    pub late: f64,
    /// `on_hand + in_time − owed`.
    pub position: f64,
    /// Demand over the protection interval.
    pub mean: f64,
    /// Days of that interval.
    pub days: f64,
    /// Demand of one of them.
    pub per_day: f64,
    /// Demand of the coming year, its seasons included.
    pub year: f64,
    pub safety: f64,
    /// `mean + safety`.
    pub reorder_point: f64,
    /// What waiting takes off the level, and of it the demand that is lost by then.
    pub waiting_reduction: f64,
    pub lost_while_waiting: f64,
    /// `reorder_point − waiting_reduction`.
    pub order_up_to: f64,
    /// `order_up_to − position`; negative where there is more than enough.
    pub need: f64,
    /// Whether an order is due: the need, or the least order where that is 0.
    pub due: bool,
    /// Units that would be ordered, or fetched, if nothing were scarce.
    pub asked: f64,
    /// Units ordered from a supplier.
    pub quantity: f64,
    /// Units that come from another location, and those that its source cannot spare.
    pub transfer_in: f64,
    pub short: f64,
    /// Units not ordered for want of money or of the supplier's minimum amount.
    pub held_back: f64,
    /// The first day without stock, if nothing is ordered now.
    pub first_stockout: Option<Day>,
    /// Demand hidden in the last year and the days that hid it; 0 for an order of several rows, each of which tells its own.
    pub hidden: f64,
    pub stockout_days: u32,
}

/// What becomes of units that a location's source cannot spare.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Rest {
    /// The source's order of this plan holds them.
    Bought,
    /// The source's order is cut or held back.
    HeldBack,
    /// The source orders none, but so many units are on their way to it.
    UnderWay(f64),
    /// Nothing is ordered or under way.
    NotBought,
}

/// Why a row or an order is what it is: a code, and what its sentence says beyond the figures of the [`Bridge`].
#[derive(Clone, PartialEq, Debug)]
pub struct Reason {
    /// Key of the text, and the column `reason_code`.
    pub code: &'static str,
    /// What becomes of units that the source cannot spare.
    pub rest: Rest,
    /// Whether the order is enlarged to reach the supplier's minimum amount.
    pub topped_up: bool,
    /// Since when nothing could be bought of the stock on record.
    pub unsold_since: Option<Day>,
    /// Supplied locations whose stock nobody knows.
    pub unknown: Vec<Location>,
    /// What makes the next order later than this one, so that this one has to last longer.
    pub next_order: Option<NextOrder>,
    /// The codes that a row is planned under, where it is not planned itself.
    pub planned_as: Option<PlannedAs>,
}

/// The order after this one, where it takes longer.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct NextOrder {
    /// When it is expected.
    pub arrival: Day,
    /// Days that closures of the supplier add to it and not to this one, ≥ 0.
    pub closed: f64,
    /// Days that it waits longer for the supplier's order weekday, ≥ 0.
    pub waits: f64,
}

impl Reason {
    /// A code alone.
    pub fn new(code: &'static str) -> Self {
        Self {
            code,
            rest: Rest::NotBought,
            topped_up: false,
            unsold_since: None,
            unknown: Vec::new(),
            next_order: None,
            planned_as: None,
        }
    }
}

/// What is under way of a stock.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct UnderWay {
    /// Units of its open orders.
    pub units: f64,
    /// Of them, units that no demand is expected to take until a day.
    pub surplus: f64,
    pub until: Option<Day>,
    /// The orders that hold them, the last to arrive first.
    pub po_ids: Vec<String>,
}

/// The order of one SKU for one location: of all channels that share the stock, and of all locations that it supplies.
#[derive(Clone, PartialEq, Debug)]
pub struct PoolOrder {
    pub sku: Sku,
    pub name: Option<String>,
    pub location: Location,
    pub supplier: Option<Supplier>,
    pub unit_cost: Option<f64>,
    pub moq: f64,
    /// Units of a case pack; 0 where there is none.
    pub order_multiple: f64,
    pub bridge: Bridge,
    /// Of the order, the units for the locations supplied from here.
    pub for_supplied: f64,
    /// Its channels' rows among the plan's recommendations.
    pub rows: Vec<usize>,
    pub order_by: Option<Day>,
    pub expected_arrival: Option<Day>,
    pub reason: Reason,
    pub under_way: UnderWay,
}

impl PoolOrder {
    /// Money for what is ordered, to four decimals.
    pub fn amount(&self) -> Option<f64> {
        self.unit_cost
            .map(|cost| (cost * self.bridge.quantity * 1e4).round() / 1e4)
    }

    /// Whether nothing is left on the shelf already.
    pub fn out_of_stock(&self) -> bool {
        self.bridge.on_hand <= 0.0
    }
}
