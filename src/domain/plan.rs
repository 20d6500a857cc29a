//! The plan: what the stages produce together and `output`, `chart` and `report` show.

use super::{
    Availability, BackorderDesk, Bridge, Category, Channel, Coverage, Day, FileRead, Finding,
    Grain, Location, PastDays, PoolOrder, Reason, Sku, StockoutReport, SubstitutionReport,
    Supplier, Transfer,
};

/// What a service target means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceMeasure {
    /// Probability that a replenishment cycle passes without a stockout.
    Cycle,
    /// Share of units served at once from stock.
    #[default]
    Fill,
    /// The least sum of holding, waiting and lost margin.
    Cost,
}

impl ServiceMeasure {
    /// The word used in tables and outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cycle => "cycle",
            Self::Fill => "fill",
            Self::Cost => "cost",
        }
    }
}

/// What to do with a series now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Order; the next order would come too late.
    Order,
    /// Fetch from the location that supplies this one.
    Transfer,
    /// Nothing to do.
    Wait,
    /// Stock for longer than can be sensible.
    Excess,
    /// Not replenished: discontinued.
    Stop,
    /// A person must look first: the data contradict themselves.
    Review,
    /// Nothing is ordered for a set: its parts are.
    FromParts,
}

impl Action {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Transfer => "transfer",
            Self::Wait => "wait",
            Self::Excess => "excess",
            Self::Stop => "stop",
            Self::Review => "review",
            Self::FromParts => "from_parts",
        }
    }
}

/// How much own data stands behind a series' figures.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Confidence {
    Low,
    Medium,
    High,
}

impl Confidence {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A mean with its 80 % band.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Band {
    pub mean: f64,
    pub p10: f64,
    pub p90: f64,
}

/// One row of `recommendations.csv`: the whole reasoning for one series.
///
/// All quantities are units of the item, already rounded to the four decimals that are written, so that
/// `demand_over_protection + safety_stock = reorder_point`,
/// `reorder_point − waiting_reduction = order_up_to`,
/// `on_hand + on_order_in_time − open_backorders = inventory_position`,
/// `order_up_to − inventory_position = raw_need` where something is ordered, and
/// `raw_need + rounding = order_qty + transfer_in + transfer_short + held_back` hold exactly in decimal.
#[derive(Clone, PartialEq, Debug)]
pub struct Recommendation {
    pub sku: Sku,
    pub name: Option<String>,
    pub channel: Channel,
    pub location: Location,
    pub category: Option<Category>,
    pub supplier: Option<Supplier>,
    pub as_of: Day,
    pub action: Action,
    /// Units sold and backordered a day over the last 28 listed days.
    pub observed_units_per_day: f64,
    /// Days without stock for some of the day, in the last 365.
    pub stockout_days: u32,
    /// Demand lost behind stockouts, in the last 365 days.
    pub hidden_units: Band,
    /// Expected demand a day over the protection interval.
    pub demand_per_day: f64,
    pub lead_time_days: f64,
    pub lead_time_sd: f64,
    pub review_days: u32,
    /// Days until the next order arrives: lead time + review period, and what closures and order weekdays add to the next order.
    pub protection_days: f64,
    pub demand_over_protection: f64,
    pub demand_over_protection_sd: f64,
    /// Name of the law of demand over the protection interval.
    pub distribution: &'static str,
    pub service_measure: ServiceMeasure,
    /// Share 0..1; for the cost measure the service of a cycle that its critical ratio makes best.
    pub service_target: f64,
    pub safety_stock: f64,
    pub reorder_point: f64,
    pub order_up_to: f64,
    /// `None` where nobody counted; what rests on it is then NaN, an empty cell.
    pub on_hand: Option<f64>,
    pub on_order_in_time: f64,
    pub on_order_late: f64,
    pub open_backorders: f64,
    pub inventory_position: f64,
    pub raw_need: f64,
    pub moq: f64,
    pub order_multiple: f64,
    pub order_qty: f64,
    pub unit_cost: Option<f64>,
    pub amount: Option<f64>,
    pub order_by: Option<Day>,
    pub expected_arrival: Option<Day>,
    pub first_stockout_date: Option<Day>,
    /// Expected share of units served at once in the days that this order covers.
    pub expected_service: f64,
    pub confidence: Confidence,
    pub reason: Reason,
    // Columns added to the contract's.
    /// What the reorder point asks for and this order need not bring, because stock cannot fall below zero while it is under way: demand
    /// lost by then, and the safety stock for it.
    pub waiting_reduction: f64,
    /// Of which demand expected to be lost before this order can arrive.
    pub lost_while_waiting: f64,
    /// What multiples, minimum and the pool's whole units add to `raw_need`.
    pub rounding: f64,
    /// Channels that share this stock, this one included.
    pub pool_channels: u32,
    /// Sales price a unit, for what customers paid ahead; not a column.
    pub price: Option<f64>,
    /// The location that supplies this one; `None`: a supplier.
    pub supplied_from: Option<Location>,
    /// Safety stock that the channel would need with a stock of its own.
    pub safety_stock_apart: f64,
    /// Units that come from another location: see `transfers.csv`.
    pub transfer_in: f64,
    /// Units that its source cannot spare now.
    pub transfer_short: f64,
    /// Units not ordered for want of budget or of the supplier's minimum amount.
    pub held_back: f64,
    /// Value of a year's demand, for ranking.
    pub annual_value: f64,
    /// Expected demand of the coming year, its seasons included.
    pub demand_over_year: f64,
    /// Of the units on order, those that no demand is expected to take within `cancel_within_days`.
    pub on_order_surplus: f64,
}

impl Recommendation {
    /// The row's figures from demand to order.
    pub fn bridge(&self) -> Bridge {
        Bridge {
            action: self.action,
            on_hand: self.on_hand.unwrap_or(0.0),
            owed: self.open_backorders,
            in_time: self.on_order_in_time,
            late: self.on_order_late,
            position: self.inventory_position,
            mean: self.demand_over_protection,
            days: self.protection_days,
            per_day: self.demand_per_day,
            year: self.demand_over_year,
            safety: self.safety_stock,
            reorder_point: self.reorder_point,
            waiting_reduction: self.waiting_reduction,
            lost_while_waiting: self.lost_while_waiting,
            order_up_to: self.order_up_to,
            need: self.raw_need,
            due: self.order_qty + self.transfer_in + self.transfer_short + self.held_back > 0.0,
            asked: self.order_qty + self.transfer_in + self.transfer_short + self.held_back,
            quantity: self.order_qty,
            transfer_in: self.transfer_in,
            short: self.transfer_short,
            held_back: self.held_back,
            first_stockout: self.first_stockout_date,
            hidden: self.hidden_units.mean,
            stockout_days: self.stockout_days,
        }
    }
}

/// One row of `forecast.csv`.
#[derive(Clone, PartialEq, Debug)]
pub struct ForecastWeek {
    pub sku: Sku,
    pub channel: Channel,
    /// First day of the seven.
    pub week: Day,
    pub mean: f64,
    pub p10: f64,
    pub p50: f64,
    pub p80: f64,
    pub p90: f64,
    pub p95: f64,
    pub p99: f64,
}

/// The past of all series, period by period: series `i` owns `offsets[i]..offsets[i + 1]` of each column and starts at `first[i]`.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub first: Vec<Day>,
    /// Days in one period: 1 or 7.
    pub step: i32,
    pub offsets: Vec<usize>,
    pub sold: Vec<f64>,
    pub backordered: Vec<f64>,
    pub lost: Vec<f64>,
    pub lost_p10: Vec<f64>,
    pub lost_p90: Vec<f64>,
    pub availability: Vec<Availability>,
    /// Closing stock of the series' location; NaN where not recorded.
    pub on_hand: Vec<f64>,
}

impl History {
    /// Positions of series `i` in the columns.
    pub fn range(&self, i: usize) -> std::ops::Range<usize> {
        self.offsets[i]..self.offsets[i + 1]
    }

    /// On how many days stock is known.
    pub fn coverage(&self, as_of: Day) -> Coverage {
        Coverage::of(PastDays {
            as_of,
            step: self.step,
            offsets: &self.offsets,
            availability: &self.availability,
        })
    }

    /// First day of the period at position `k` of series `i`.
    pub fn day(&self, i: usize, k: usize) -> Day {
        self.first[i] + (k - self.offsets[i]) as i32 * self.step
    }
}

/// The near future of one series, day by day from as-of + 1, for its chart.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Projection {
    pub demand_mean: Vec<f64>,
    pub demand_p10: Vec<f64>,
    pub demand_p90: Vec<f64>,
    /// Closing stock with the known receipts and this plan's order.
    pub stock_mean: Vec<f64>,
    pub stock_p10: Vec<f64>,
    pub stock_p90: Vec<f64>,
    /// Expected receipts: day and units; `true` for this plan's order.
    pub receipts: Vec<(Day, f64, bool)>,
}

/// What `run.json` says beside the configuration.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct RunFacts {
    pub version: String,
    pub files: Vec<FileRead>,
    /// Stage and seconds; not part of any file that must be reproducible byte by byte.
    pub timings: Vec<(String, f64)>,
    /// What is to be kept of stock that comes as snapshots.
    #[serde(skip)]
    pub kept: Option<super::Kept>,
}

/// One finished plan.
#[derive(Clone, Debug)]
pub struct Plan {
    pub as_of: Day,
    /// The day at whose close it is made: as-of, or the last day of its week.
    pub plan_day: Day,
    pub grain: Grain,
    pub currency: String,
    /// One per series, sorted by (sku, channel).
    pub recommendations: Vec<Recommendation>,
    /// What is decided for each stock, by (SKU, location); the recommendations are its rows.
    pub orders: Vec<PoolOrder>,
    /// In the order of `recommendations`.
    pub history: History,
    /// In the order of `recommendations`.
    pub projections: Vec<Projection>,
    pub forecast: Vec<ForecastWeek>,
    pub backorders: BackorderDesk,
    /// Past stockouts with their causes, and records to count.
    pub stockouts: StockoutReport,
    pub findings: Vec<Finding>,
    pub facts: RunFacts,
    /// What locations need for those that they supply: one per SKU and location, with an empty channel.
    pub for_supplied: Vec<Recommendation>,
    /// Most urgent first, those that no known way allows last.
    pub transfers: Vec<Transfer>,
    pub spending: Spending,
    /// Rows of codes that are planned under others; no total counts them.
    pub elsewhere: Vec<Recommendation>,
    /// Whether what one variant or channel lost was bought elsewhere.
    pub substitution: SubstitutionReport,
}

impl Plan {
    /// The rows of `recommendations.csv`: all series, and what locations need for those that they supply; by (sku, channel, location).
    pub fn rows(&self) -> Vec<&Recommendation> {
        let mut rows: Vec<&Recommendation> = self
            .recommendations
            .iter()
            .chain(&self.for_supplied)
            .collect();
        // Stable, and the series are in this order already.
        rows.sort_by(|a, b| {
            (&a.sku, &a.channel, &a.location).cmp(&(&b.sku, &b.channel, &b.location))
        });
        rows
    }

    /// [`Self::rows`] and those of codes that are planned under others, in the same order.
    pub fn rows_shown(&self) -> Vec<&Recommendation> {
        let mut rows = self.rows();
        rows.extend(&self.elsewhere);
        rows.sort_by(|a, b| {
            (&a.sku, &a.channel, &a.location).cmp(&(&b.sku, &b.channel, &b.location))
        });
        rows
    }
}

/// What a budget and suppliers' minimum amounts did to the orders.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Spending {
    /// Money; `None` where there is no limit.
    pub budget: Option<f64>,
    /// Money for all that is needed, before anything was cut or added.
    pub wanted: f64,
    /// Money for what is ordered.
    pub spent: f64,
    /// Money not spent for want of budget.
    pub cut: f64,
    /// Money not spent because a supplier's minimum is not reached.
    pub below_minimum: f64,
    /// Money added to reach a minimum.
    pub topped_up: f64,
    /// Expected margin of what was cut or held back: units that would have been sold or owed before the next order could arrive.
    pub gain_lost: f64,
    /// At most so much more could have been gained with the same budget.
    pub gap: f64,
}
