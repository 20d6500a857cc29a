//! `restock.toml`: what was typed, and what is meant for each series.

mod columns;
mod limits;
mod load;
mod source;
mod template;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{Grain, ServiceMeasure, WeekDates};
use crate::text::Lang;

pub use columns::{TABLES, TableColumns, nearest};
pub use limits::{LIMITS, Limit, Measure, grouped, limits_table};
pub use load::{ConfigError, Expected, load, parse};
pub use source::{Cells, Files, Repeated, SkuForm, Source, Wide};
pub use template::{InitError, init, template, write_new};

/// The whole configuration. Every key is optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub input: InputConfig,
    /// Table → (contract's column → the user's header). A value that begins with `=` stands for every row
    /// (`channel = "=rakuten"`); headers joined by ` + ` make one code (`sku = "item + variant"`).
    pub columns: BTreeMap<String, BTreeMap<String, String>>,
    /// Files of other programs, in the order in which they are asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<Source>,
    pub policy: PolicyConfig,
    pub backorders: BackorderConfig,
    pub report: ReportConfig,
    /// Money for the orders of one plan, from the command line; no limit where `None`.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub budget: Option<f64>,
    /// Random streams other than the usual (0), from the command line: how far an order rests on chance.
    #[serde(skip_deserializing, skip_serializing_if = "usual_streams")]
    pub streams: u64,
    /// Nothing is kept of stock that comes as snapshots, and nothing read of what was kept; from the command line.
    #[serde(skip_deserializing, skip_serializing_if = "std::ops::Not::not")]
    pub no_history: bool,
}

fn usual_streams(streams: &u64) -> bool {
    *streams == 0
}

/// `[input]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InputConfig {
    pub grain: Grain,
    /// Dates of `inbound` and `stock` where the grain is a week.
    pub week_dates: WeekDates,
    pub sales_include_backorders: bool,
    pub encoding: Encoding,
    /// How dates such as `05/06/2026` are read; dates that begin with the year need none.
    pub date_order: Option<DateOrder>,
    /// When of its day a row of stock was counted.
    #[serde(skip_serializing_if = "StockTaken::is_usual")]
    pub stock_taken: StockTaken,
    /// The zone whose calendar is the shop's: `Asia/Tokyo`, `+09:00`. Of time stamps in the files of sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What rows at price 0 beside a usual price are.
    #[serde(skip_serializing_if = "Gifts::is_usual")]
    pub gifts: Gifts,
    /// Where no stock is recorded: a run of days without a sale is called `probably_out` where the probability that there was stock is at most this.
    #[serde(skip_serializing_if = "usual_odds")]
    pub out_odds: f64,
}

/// See [`InputConfig::out_odds`].
pub const OUT_ODDS: f64 = 0.2;

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks so
fn usual_odds(odds: &f64) -> bool {
    (*odds - OUT_ODDS).abs() < f64::EPSILON
}

impl InputConfig {
    /// How dates within weeks are read; a day has none.
    pub fn dates(&self) -> WeekDates {
        match self.grain {
            Grain::Day => WeekDates::Week,
            Grain::Week => self.week_dates,
        }
    }
}

/// What a row of sales at price 0 is, where its SKU has a usual price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gifts {
    /// Given away: told apart like samples, no demand that is planned.
    #[default]
    Apart,
    /// Sold like any other.
    Sales,
}

impl Gifts {
    fn is_usual(&self) -> bool {
        *self == Self::Apart
    }
}

impl Default for InputConfig {
    fn default() -> Self {
        Self {
            grain: Grain::Day,
            week_dates: WeekDates::Week,
            sales_include_backorders: false,
            encoding: Encoding::Auto,
            date_order: None,
            stock_taken: StockTaken::Auto,
            time_zone: None,
            gifts: Gifts::Apart,
            out_odds: OUT_ODDS,
        }
    }
}

/// Encoding of text tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    #[default]
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "cp932")]
    Cp932,
}

/// When of its day the stock of a row was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StockTaken {
    /// At its end; before its trade where sales and receipts say so, and that is told.
    #[default]
    Auto,
    /// At its end.
    Close,
    /// Before its trade: the close of the day before.
    Open,
}

impl StockTaken {
    fn is_usual(&self) -> bool {
        *self == Self::Auto
    }
}

/// Order of the parts of a date that does not begin with the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// `08/31/2026`
    Mdy,
    /// `31/08/2026`
    Dmy,
    /// `26/08/31`
    Ymd,
}

/// How safety stock is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Demand over the protection interval as a distribution, looking through lost sales.
    #[default]
    Auto,
    /// z·σ·√(L+R) on recovered demand.
    Textbook,
}

/// `[policy]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyConfig {
    pub service_measure: ServiceMeasure,
    /// Share 0 < x < 1.
    pub service_level: f64,
    pub lead_time_days: f64,
    pub lead_time_sd: f64,
    pub review_days: u32,
    pub method: Method,
    pub holding_cost_per_unit_day: Option<f64>,
    pub holding_rate_per_year: f64,
    pub lost_sale_cost_per_unit: Option<f64>,
    pub backorder_cost_per_unit_day: Option<f64>,
    /// Days from as-of within which demand should take what is on order; what it does not is worth cancelling.
    pub cancel_within_days: u32,
}

impl Default for PolicyConfig {
    fn default() -> Self {
        Self {
            service_measure: ServiceMeasure::Fill,
            service_level: 0.95,
            lead_time_days: 14.0,
            lead_time_sd: 3.0,
            review_days: 7,
            method: Method::Auto,
            holding_cost_per_unit_day: None,
            holding_rate_per_year: 0.25,
            lost_sale_cost_per_unit: None,
            backorder_cost_per_unit_day: None,
            cancel_within_days: 90,
        }
    }
}

/// Who gets scarce units among those who wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allocation {
    /// The oldest promise first.
    #[default]
    PromiseDate,
    /// Each receipt in proportion to what the channels are owed; within a channel the oldest promise first.
    Channel,
}

/// `[backorders]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackorderConfig {
    pub max_wait_days: u32,
    pub notify_within_hours: u32,
    pub allow_without_arrival_date: bool,
    pub allocate_by: Allocation,
}

impl Default for BackorderConfig {
    fn default() -> Self {
        Self {
            max_wait_days: 30,
            notify_within_hours: 24,
            allow_without_arrival_date: false,
            allocate_by: Allocation::PromiseDate,
        }
    }
}

/// `[report]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReportConfig {
    pub lang: Lang,
    pub currency: String,
}

impl Default for ReportConfig {
    fn default() -> Self {
        Self {
            lang: Lang::En,
            currency: "JPY".to_owned(),
        }
    }
}
