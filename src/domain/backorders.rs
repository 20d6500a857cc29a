//! What the plan says about customers who wait: the rows of the backorder desk.

use super::{Channel, Day, Location, Sku};

/// What serves an open line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cover {
    /// Stock that is there.
    Stock,
    /// Purchase orders that are open.
    Receipt,
    /// Nothing that is ordered, but what this plan orders.
    OrderNow,
    /// Nothing.
    Nothing,
}

impl Cover {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Receipt => "receipt",
            Self::OrderNow => "order_now",
            Self::Nothing => "nothing",
        }
    }
}

/// What brings the units of an open line.
#[derive(Clone, PartialEq, Debug)]
pub enum Delivery {
    /// An open purchase order, by its id.
    Order(String),
    /// A transfer of this plan, by the location that it leaves.
    Transfer(Location),
}

impl Delivery {
    /// The word in the column `po_id`.
    pub fn id(&self) -> String {
        match self {
            Self::Order(id) => id.clone(),
            Self::Transfer(from) => format!("transfer:{from}"),
        }
    }
}

/// What to do about units that nothing on order covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExtraOrder {
    /// Everything owed is covered.
    NotNeeded,
    /// This plan's order brings them.
    InPlan,
    /// An order beyond the plan pays.
    Order,
    /// Minimum and multiples leave more over than the waiting customers are worth.
    Uneconomic,
    /// Costs or prices that would tell are not known.
    Unknown,
}

impl ExtraOrder {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotNeeded => "not_needed",
            Self::InPlan => "in_plan",
            Self::Order => "order",
            Self::Uneconomic => "uneconomic",
            Self::Unknown => "unknown",
        }
    }
}

/// One row of `backorders.csv`: an open line with what covers it. Units of the item; days are calendar days.
#[derive(Clone, PartialEq, Debug)]
pub struct OpenLine {
    pub order_id: String,
    pub sku: Sku,
    pub name: Option<String>,
    pub channel: Channel,
    pub location: Location,
    /// `backorder` or `preorder`.
    pub kind: &'static str,
    pub date: Day,
    pub units_open: f64,
    pub promised_date: Option<Day>,
    /// 1 is served first, within the SKU and location.
    pub priority: u32,
    pub covered_by: Cover,
    /// What its units come with, in order of arrival.
    pub deliveries: Vec<Delivery>,
    pub covered_units: f64,
    /// Day by which the covered units ship in half of the cases; `None` where fewer come to it.
    pub ship_date_p50: Option<Day>,
    /// … in nine cases of ten.
    pub ship_date_p90: Option<Day>,
    /// Probability, 0..=1, that open orders bring the covered units at all, as short as the supplier has delivered so far.
    pub cover_chance: Option<f64>,
    /// Days that the likely date of all of it ([`Self::likely_date`]) misses the promised one; without a likely date, days missed so far.
    pub late_by: Option<i32>,
    pub uncovered_units: f64,
    /// Of the uncovered units, those that this plan's order brings.
    pub order_now_units: f64,
    /// When they would ship: on their likely arrival, and not before the item is released.
    pub order_now_date: Option<Day>,
    pub waited_days: i32,
    /// Probability, 0..=1, that the customer cancels before the likely date (30 more days where there is none).
    pub cancel_risk: Option<f64>,
    /// Past lines that waited as long; the risk is silent where they are few.
    pub cancel_risk_n: u64,
    pub notified_date: Option<Day>,
    /// Units owed, covered and short of the SKU at the location.
    pub owed_units: f64,
    pub owed_covered_units: f64,
    pub owed_short_units: f64,
    pub extra_order: ExtraOrder,
    /// Units that an order for the short ones would have, beyond what the plan orders.
    pub extra_order_units: f64,
    /// Of which nobody waits for.
    pub extra_order_surplus: f64,
    /// The item's minimum order, units; 0 for none.
    pub moq: f64,
    /// The whole order of this plan for the stock, those for supplied locations included; where another location fills it, that one's.
    pub order_qty: f64,
}

impl OpenLine {
    /// Likely day on which the line's last unit has shipped: by stock and open orders and by this plan's order. `None` where
    /// nothing serves a part of it, or what does may as well never come.
    pub fn likely_date(&self) -> Option<Day> {
        if self.unserved_units() > 0.0 {
            return None;
        }
        match (self.covered_units > 0.0, self.order_now_date) {
            (true, Some(ordered)) => self.ship_date_p50.map(|covered| covered.max(ordered)),
            (true, None) => self.ship_date_p50,
            (false, ordered) => ordered,
        }
    }

    /// Whether the promise cannot be kept: its day is missed, or nothing serves all units by any date.
    pub fn misses_promise(&self) -> bool {
        self.late_by.is_some() || (self.promised_date.is_some() && self.unserved_units() > 0.0)
    }

    /// Why, by what covers it.
    pub fn reason_code(&self) -> &'static str {
        match (self.covered_by, self.uncovered_units > 0.0) {
            (Cover::Stock, false) => "line_stock",
            (Cover::Stock, true) => "line_stock_partly",
            (Cover::Receipt, false) => "line_receipt",
            (Cover::Receipt, true) => "line_receipt_partly",
            (Cover::OrderNow, _) => "line_order_now",
            (Cover::Nothing, _) => "line_nothing",
        }
    }

    /// Units that no stock, no receipt and no order of this plan serves.
    pub fn unserved_units(&self) -> f64 {
        (self.uncovered_units - self.order_now_units).max(0.0)
    }
}

/// What a channel should do with orders for goods that are not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Acceptance {
    /// Stock is there: sell.
    Sell,
    /// Accept up to a number until a day.
    Accept,
    /// Accept only once more is ordered.
    OrderFirst,
    /// Do not accept.
    Stop,
}

impl Acceptance {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sell => "sell",
            Self::Accept => "accept",
            Self::OrderFirst => "order_first",
            Self::Stop => "stop",
        }
    }
}

/// One row of `backorder_policy.csv`.
#[derive(Clone, PartialEq, Debug)]
pub struct AcceptanceRow {
    pub sku: Sku,
    pub name: Option<String>,
    pub channel: Channel,
    pub location: Location,
    pub action: Acceptance,
    /// Orders without stock that may still be accepted; `None`: no limit is known.
    pub accept_units: Option<f64>,
    /// Day by which the last of them has arrived in nine cases of ten.
    pub accept_until: Option<Day>,
    /// Day that the next customer can be promised.
    pub promise_date: Option<Day>,
    /// Whether the shop accepts orders without stock here today.
    pub accepts_now: bool,
    /// Of the SKU at the location: stock that nobody waits for.
    pub free_stock: f64,
    pub owed_units: f64,
    pub on_order: f64,
    /// Units that arrive within the longest wait, in nine cases of ten.
    pub arriving_sure: f64,
    /// Cumulative available-to-promise at the longest wait, in nine cases of ten; negative when oversold.
    pub available_to_promise: f64,
    /// Likely day of the next receipt.
    pub next_arrival: Option<Day>,
    pub max_wait_days: u32,
    /// Units that this plan orders from suppliers for the location.
    pub order_now_units: f64,
    /// Units of the order that brings what the location gets: its own, or that of the location that fills it.
    pub named_units: f64,
    /// Of which for the locations that this one supplies.
    pub for_supplied_units: f64,
    /// Units promised beyond the stock.
    pub oversold_units: f64,
    /// Mean days until this plan's order arrives.
    pub lead_days: f64,
    pub reason_code: &'static str,
}

/// Whether it pays to let customers wait instead of holding safety stock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Worth {
    Yes,
    Unproven,
    No,
}

impl Worth {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "worth_it",
            Self::Unproven => "unproven",
            Self::No => "not_worth_it",
        }
    }
}

/// One row of `backorder_what_if.csv`: a SKU at a location, with and without waiting customers.
#[derive(Clone, PartialEq, Debug)]
pub struct WhatIfRow {
    pub rank: u32,
    pub sku: Sku,
    pub name: Option<String>,
    pub location: Location,
    /// `slow`, `new`, `variants`, joined by ` + `.
    pub candidate: String,
    pub verdict: Worth,
    pub demand_per_day: f64,
    /// Share of customers who wait for this item, 0..=1, with its 80 % interval.
    pub capture: super::Band,
    /// Orders that the capture was learnt from.
    pub capture_n: u64,
    /// Mean days that a waiting customer would wait, and share of them that cancel meanwhile; NaN where nobody would be accepted, because the
    /// wait is too long.
    pub wait_days: f64,
    pub cancel_share: f64,
    /// The policy's own: the service target in units served at once.
    pub reorder_point_now: f64,
    pub safety_stock_now: f64,
    /// With the capture: the same share of customers kept.
    pub reorder_point_waiting: f64,
    pub safety_stock_waiting: f64,
    /// Share of units served at once, 0..=1.
    pub fill_now: f64,
    pub fill_waiting: f64,
    /// Fall of the mean stock on hand.
    pub stock_freed: f64,
    pub cash_freed: Option<f64>,
    /// Units a year that go away.
    pub lost_now: f64,
    pub lost_waiting: f64,
    /// … at the low end of the capture.
    pub lost_waiting_low: f64,
    /// Money a year: holding saved less margin lost and waiting; at the capture and at the low end of it.
    pub gain_per_year: Option<f64>,
    pub gain_per_year_low: Option<f64>,
    /// The longest wait that the shop allows, days.
    pub max_wait_days: u32,
    pub reason_code: &'static str,
    /// Share of customers who wait today, on the channels that accept orders without stock: 0 where none does.
    pub capture_now: f64,
}

/// One row of `preorders.csv`: a SKU and channel with orders taken before the goods are released.
#[derive(Clone, PartialEq, Debug)]
pub struct PreorderRow {
    pub sku: Sku,
    pub name: Option<String>,
    pub channel: Channel,
    pub location: Location,
    pub launch_date: Option<Day>,
    pub orders: u64,
    pub first_date: Option<Day>,
    pub last_date: Option<Day>,
    pub units_taken: f64,
    pub units_cancelled: f64,
    pub units_shipped: f64,
    pub units_open: f64,
    pub price: Option<f64>,
    /// Money for what was taken and not cancelled: each at the price of its own row where that has one, else at the item's.
    pub amount_taken: Option<f64>,
    /// Which prices those are: `row`, `item`, `row + item`; `None` where no price is known.
    pub amount_price: Option<&'static str>,
    pub amount_open: Option<f64>,
    /// Open units that stock and open orders cover, and those for which this plan's order is.
    pub covered_units: f64,
    pub in_order_units: f64,
    pub uncovered_units: f64,
    /// Of the SKU at the location: this plan's order, of which preorders and of which expected demand.
    pub order_qty: f64,
    pub demand_per_day: f64,
}

/// Share of customers who waited, by the wait that they were promised.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CaptureByWait {
    /// Promised days, both ends included; `None`: no date was promised, or beyond.
    pub from_days: Option<u32>,
    pub to_days: Option<u32>,
    pub capture: super::Band,
    /// Units ordered.
    pub units: f64,
}

/// All that the desk has to say.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BackorderDesk {
    /// In the order in which they are served, by SKU and location.
    pub lines: Vec<OpenLine>,
    /// In the order of the recommendations.
    pub acceptance: Vec<AcceptanceRow>,
    /// Best first.
    pub what_if: Vec<WhatIfRow>,
    pub preorders: Vec<PreorderRow>,
    pub capture_by_wait: Vec<CaptureByWait>,
    /// Hours within which customers are told; see `restock.toml`.
    pub notify_within_hours: u32,
    /// Money for open backorders and preorders at the items' prices, of the items whose price is known.
    pub prepaid_backorders: f64,
    pub prepaid_preorders: f64,
}
