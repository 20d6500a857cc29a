//! Past stockouts and why they happened, and stock records that a person should count.

use super::{Band, Category, Channel, Day, Location, Sku, Supplier};

/// Why a series was out of stock. Each has another remedy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StockoutCause {
    /// Demand beyond what could be expected when the covering order was due.
    DemandSpike,
    /// The same during a promotion of the calendar.
    Promotion,
    /// The season's rise, which was to be expected and was not bought for.
    Season,
    /// Sizes and colours beside this one had plenty: the mix was wrong, not the amount.
    VariantSkew,
    /// A delivery came after its promised day.
    SupplierLate,
    /// The same, because the supplier was closed.
    SupplierHoliday,
    /// Less came than was ordered.
    SupplierShort,
    /// Another location had more than it needed.
    Misplaced,
    /// The position fell below the usual level of ordering and nobody ordered in time.
    OrderLate,
    /// Ordered in time, but less than usual.
    OrderTooSmall,
    /// Everything was on time and still it ran out.
    ReorderPointTooLow,
    /// The record showed stock that was not there.
    RecordError,
    /// The channel sold on at zero although it accepts no backorders.
    Setting,
    /// Not bought again on purpose: discontinued, or the season's end.
    Choice,
    /// The data do not say.
    Unclear,
}

impl StockoutCause {
    /// The word used in outputs and as key of its texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DemandSpike => "demand_spike",
            Self::Promotion => "promotion",
            Self::Season => "season",
            Self::VariantSkew => "variant_skew",
            Self::SupplierLate => "supplier_late",
            Self::SupplierHoliday => "supplier_holiday",
            Self::SupplierShort => "supplier_short",
            Self::Misplaced => "misplaced",
            Self::OrderLate => "order_late",
            Self::OrderTooSmall => "order_too_small",
            Self::ReorderPointTooLow => "reorder_point_too_low",
            Self::RecordError => "record_error",
            Self::Setting => "setting",
            Self::Choice => "choice",
            Self::Unclear => "unclear",
        }
    }
}

/// What one calendar month holds of an episode.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct MonthPart {
    pub year: i32,
    /// 1..=12.
    pub month: u32,
    pub days: u32,
    pub lost: f64,
    pub backordered: f64,
}

/// Figures behind the causes; `None` where they say nothing about this episode.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct StockoutFigures {
    /// Demand of the days before the stockout in which the covering order was under way, units.
    pub demand_before: Option<f64>,
    /// What was to be expected of them when that order was due, units.
    pub demand_expected: Option<f64>,
    /// Probability of at least that demand.
    pub demand_probability: Option<f64>,
    /// Days late of the delivery that was missed most.
    pub late_days: Option<i32>,
    /// Units ordered and never delivered.
    pub short_units: Option<f64>,
    /// Units elsewhere beyond what was needed there.
    pub stock_elsewhere: Option<f64>,
    /// Probability of so long a quiet spell in front of a full shelf.
    pub quiet_probability: Option<f64>,
}

/// A sentence as code and figures: the key of its text (`stockout.evidence_KEY`) and what fills its placeholders.
#[derive(Clone, PartialEq, Debug)]
pub struct Phrase {
    pub key: &'static str,
    pub figures: Vec<(&'static str, String)>,
}

/// One past stockout of a series: days without stock for some of the day, one behind the other.
#[derive(Clone, PartialEq, Debug)]
pub struct Stockout {
    pub sku: Sku,
    pub name: Option<String>,
    pub channel: Channel,
    pub location: Location,
    pub category: Option<Category>,
    pub supplier: Option<Supplier>,
    pub start: Day,
    /// Last day; `None` while it lasts.
    pub end: Option<Day>,
    pub days_sold_out: u32,
    pub days_backorder: u32,
    pub days_closed: u32,
    /// Units lost, with the 80 % band.
    pub lost: Band,
    /// At the price, else at cost; `None` where the shop states neither.
    pub value_of_unit: Option<f64>,
    pub backordered: f64,
    /// Causes with their weights, heaviest first; one or two, and the weights sum to 1.
    pub causes: Vec<(StockoutCause, f64)>,
    pub figures: StockoutFigures,
    /// Why, heaviest cause first.
    pub evidence: Vec<Phrase>,
    /// What to do about the first cause: the key of its text, `stockout.remedy_KEY`.
    pub remedy: &'static str,
    pub months: Vec<MonthPart>,
}

impl Stockout {
    /// Days of the episode.
    pub fn days(&self) -> u32 {
        self.days_sold_out + self.days_backorder + self.days_closed
    }

    /// The heaviest cause.
    pub fn cause(&self) -> StockoutCause {
        self.causes.first().map_or(StockoutCause::Unclear, |c| c.0)
    }
}

/// A record to be checked against the shelf: it shows stock, and nobody could buy it.
#[derive(Clone, PartialEq, Debug)]
pub struct CountTask {
    pub sku: Sku,
    pub name: Option<String>,
    pub location: Location,
    /// Units that the record shows.
    pub on_hand: f64,
    /// First day without a sale.
    pub quiet_since: Day,
    /// Last quiet day; `None` while it lasts: these are to be counted now.
    pub until: Option<Day>,
    /// Probability of so long a spell without a sale, were the stock there.
    pub probability: f64,
    /// Units that would have sold.
    pub expected_missed: f64,
    /// That at the price, else at cost.
    pub value_missed: Option<f64>,
}

/// What stockouts of the past say.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StockoutReport {
    /// Sorted by (sku, channel, start).
    pub episodes: Vec<Stockout>,
    /// Records that are doubtful now, most expected sales first, then those that ended.
    pub counts: Vec<CountTask>,
}
