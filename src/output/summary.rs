//! `summary.json`: the run's totals, and what to look at first.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::cash::{Cash, Rationing, Transfers, cash, rationing, transfers};
use super::desk_summary::{Preorders, Waiting, preorders, waiting};
use super::exceptions::message;
use super::figure::rounded;
use super::folder::write_json;
use super::purchase_orders::purchase_orders;
use super::stock_record::StockRecord;
use super::substitution::Substitution;
use super::{Desk, OutputError};
use crate::domain::{
    Action, Availability, Band, Day, Finding, Grain, Location, LostErrors, LostSum, PAST_DAYS,
    Plan, PoolOrder, Severity, Sku, Supplier, lost_within, year_sd,
};
use crate::text::Lang;

/// Length of each list of things to look at.
const LOOK_FIRST: usize = 5;

/// A run's totals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    pub as_of: Day,
    pub grain: Grain,
    pub currency: String,
    /// SKU × channel.
    pub series: usize,
    pub skus: usize,
    pub orders: Orders,
    pub hidden_demand: HiddenDemand,
    pub stock: Stock,
    /// Days without stock for some of the day, summed over the series, in the last 365 days.
    pub stockout_days: u64,
    pub stock_record: StockRecord,
    pub service: Service,
    /// Absent where nobody waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// Absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preorders: Option<Preorders>,
    pub findings: Findings,
    pub look_first: LookFirst,
    pub cash: Cash,
    /// What a budget and suppliers' minimum amounts did; `None` where neither limits the orders.
    pub rationing: Option<Rationing>,
    pub transfers: Transfers,
    pub substitution: Substitution,
    /// Notices by kind, as the page tells them; not written.
    #[serde(skip)]
    pub notices: Vec<FindingCount>,
}

/// What is to be ordered now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Orders {
    pub skus: usize,
    /// Rows of `purchase_orders.csv`.
    pub lines: usize,
    #[serde(serialize_with = "figure")]
    pub units: f64,
    #[serde(serialize_with = "figure")]
    pub value: f64,
    /// Lines whose unit cost is not known; they are not in `value`.
    pub lines_without_cost: usize,
    /// Rows of `recommendations.csv` for which nothing could be decided: their stock is not known.
    pub undecided: usize,
}

/// Demand lost behind stockouts in the last 365 days, on days with known stock. Without figures where stock is known on too few days.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HiddenDemand {
    #[serde(serialize_with = "band")]
    pub units: Band,
    /// At unit cost, of the series whose cost is known.
    #[serde(serialize_with = "band")]
    pub value_at_cost: Band,
}

/// Stock on hand, under way and owed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stock {
    #[serde(serialize_with = "figure")]
    pub on_hand_units: f64,
    #[serde(serialize_with = "figure")]
    pub on_hand_value: f64,
    #[serde(serialize_with = "figure")]
    pub on_order_units: f64,
    #[serde(serialize_with = "figure")]
    pub on_order_value: f64,
    #[serde(serialize_with = "figure")]
    pub open_backorder_units: f64,
    /// Series whose unit cost is not known; they are in no value.
    pub series_without_cost: usize,
}

/// Shares of demand served at once, 0..1, of all channels: what a source sends to the locations that it fills is not counted beside what
/// these sell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Service {
    /// sold ÷ (sold + backordered + lost) on days with known stock of the last 365; `None` without demand, and where stock is known on too
    /// few days.
    #[serde(serialize_with = "maybe_figure")]
    pub reached: Option<f64>,
    /// What the plan expects of the same channels, weighted by their demand: 0 where nothing is ordered any more.
    #[serde(serialize_with = "maybe_figure")]
    pub expected: Option<f64>,
    /// SKU × channel with demand on such days, which `reached` counts.
    pub reached_series: usize,
    /// SKU × channel with expected demand and known stock, which `expected` counts.
    pub expected_series: usize,
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    pub error: usize,
    pub warning: usize,
    pub notice: usize,
}

/// What a person should look at first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LookFirst {
    /// The most urgent orders.
    pub orders: Vec<UrgentOrder>,
    /// The SKUs that lost most behind stockouts, by value where known.
    pub hidden: Vec<HiddenItem>,
    /// Errors and warnings, by kind.
    pub findings: Vec<FindingCount>,
}

/// One of the most urgent orders.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UrgentOrder {
    pub sku: Sku,
    pub name: Option<String>,
    pub location: Location,
    pub supplier: Option<Supplier>,
    #[serde(serialize_with = "figure")]
    pub order_qty: f64,
    #[serde(serialize_with = "maybe_figure")]
    pub amount: Option<f64>,
    pub order_by: Option<Day>,
    pub expected_arrival: Option<Day>,
    pub first_stockout_date: Option<Day>,
    /// Whether nothing is left on the shelf already.
    pub out_of_stock: bool,
}

/// A SKU that lost much, over all its channels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HiddenItem {
    pub sku: Sku,
    pub name: Option<String>,
    #[serde(serialize_with = "figure")]
    pub units: f64,
    #[serde(serialize_with = "maybe_figure")]
    pub value_at_cost: Option<f64>,
    pub stockout_days: u64,
}

/// How often one kind of finding occurs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingCount {
    pub severity: Severity,
    pub code: String,
    /// How many there are; `exceptions.csv` tells the first 200 of a kind one by one and counts the others in a row `more_findings`.
    pub findings: usize,
    /// The first one's text.
    pub message: String,
}

/// The totals of a plan; messages in a language.
pub fn summary(plan: &Plan, lang: Lang) -> Summary {
    of(plan, &plan.findings, lang)
}

/// The totals of a plan with other findings than its own.
pub(super) fn of(plan: &Plan, findings: &[Finding], lang: Lang) -> Summary {
    let rows = &plan.recommendations;
    let all = plan.rows();
    let orders = purchase_orders(plan);
    let sum = |value: fn(&crate::domain::Recommendation) -> f64| -> f64 {
        all.iter().map(|r| value(r)).filter(|v| v.is_finite()).sum()
    };
    let cost = |r: &crate::domain::Recommendation| r.unit_cost.unwrap_or(0.0);
    let stock_record = StockRecord::of(plan.history.coverage(plan.as_of));
    let told = stock_record.gives_figures;
    let window = stock_record.coverage.days_since;
    let value = |units: fn(&crate::domain::Recommendation) -> f64| -> f64 {
        all.iter()
            .map(|r| units(r) * cost(r))
            .filter(|v| v.is_finite())
            .sum()
    };
    Summary {
        as_of: plan.as_of,
        grain: plan.grain,
        currency: plan.currency.clone(),
        series: rows.len(),
        skus: rows.iter().map(|r| &r.sku).collect::<BTreeSet<_>>().len(),
        orders: Orders {
            skus: orders
                .iter()
                .map(|o| &o.order.sku)
                .collect::<BTreeSet<_>>()
                .len(),
            lines: orders.len(),
            units: orders.iter().map(|o| o.order.bridge.quantity).sum(),
            value: orders.iter().filter_map(|o| o.order.amount()).sum(),
            lines_without_cost: orders.iter().filter(|o| o.order.amount().is_none()).count(),
            undecided: rows.iter().filter(|r| r.action == Action::Review).count(),
        },
        hidden_demand: HiddenDemand {
            units: total_band(plan, told.then_some(window), |_| 1.0),
            value_at_cost: total_band(plan, told.then_some(window), cost),
        },
        stock: Stock {
            on_hand_units: sum(|r| r.on_hand.unwrap_or(0.0)),
            on_hand_value: value(|r| r.on_hand.unwrap_or(0.0)),
            on_order_units: sum(|r| r.on_order_in_time + r.on_order_late),
            on_order_value: value(|r| r.on_order_in_time + r.on_order_late),
            open_backorder_units: sum(|r| r.open_backorders),
            series_without_cost: rows.iter().filter(|r| r.unit_cost.is_none()).count(),
        },
        stockout_days: rows.iter().map(|r| u64::from(r.stockout_days)).sum(),
        service: service(plan, told.then_some(window)),
        stock_record,
        waiting: waiting(&plan.backorders),
        preorders: preorders(&plan.backorders),
        findings: count(findings),
        look_first: LookFirst {
            orders: orders
                .iter()
                .take(LOOK_FIRST)
                .map(|o| UrgentOrder::from(o.order))
                .collect(),
            hidden: if told { most_hidden(plan) } else { Vec::new() },
            findings: kinds(findings, lang, |severity| severity != Severity::Notice),
        },
        cash: cash(plan),
        rationing: rationing(plan),
        transfers: transfers(plan),
        substitution: Substitution::of(&plan.substitution),
        notices: kinds(findings, lang, |severity| severity == Severity::Notice),
    }
}

pub(super) fn write(desk: &Desk<'_>, summary: &Summary) -> Result<(), OutputError> {
    desk.cancel.check()?;
    write_json(&desk.folder.join("summary.json"), summary)
}

impl From<&PoolOrder> for UrgentOrder {
    fn from(o: &PoolOrder) -> Self {
        Self {
            sku: o.sku.clone(),
            name: o.name.clone(),
            location: o.location.clone(),
            supplier: o.supplier.clone(),
            order_qty: o.bridge.quantity,
            amount: o.amount(),
            order_by: o.order_by,
            expected_arrival: o.expected_arrival,
            first_stockout_date: o.bridge.first_stockout,
            out_of_stock: o.out_of_stock(),
        }
    }
}

/// Of what series `i` lost in the last 365 days, the share that it lost in the last `window` of them, 0..=1.
fn lately(plan: &Plan, i: usize, window: i32) -> f64 {
    if window >= PAST_DAYS {
        return 1.0;
    }
    let of = |days| lost_within(plan, i, days).0;
    let year = of(PAST_DAYS);
    if year > 0.0 { of(window) / year } else { 1.0 }
}

/// The total of the series' hidden demand of the last days that it can be told of, with its 80 % band, whose width comes from [`LostErrors`].
/// Not a number where it can be told of none.
fn total_band(
    plan: &Plan,
    window: Option<i32>,
    weight: impl Fn(&crate::domain::Recommendation) -> f64,
) -> Band {
    let Some(window) = window else {
        let unknown = f64::NAN;
        return Band {
            mean: unknown,
            p10: unknown,
            p90: unknown,
        };
    };
    let errors = LostErrors::of(plan);
    let mut sum = LostSum::default();
    let mut mean = 0.0;
    for (i, r) in plan.recommendations.iter().enumerate() {
        let h = r.hidden_units;
        if !(h.mean.is_finite() && h.p10.is_finite() && h.p90.is_finite()) {
            continue;
        }
        let w = weight(r) * lately(plan, i, window);
        mean += w * h.mean;
        sum.add(&errors, i, w * year_sd(h));
    }
    let half = sum.half_band();
    Band {
        mean,
        p10: (mean - half).max(0.0),
        p90: mean + half,
    }
}

/// Share of the demand of the last days that was sold from stock, on days with known stock and on those that were probably out, which are
/// counted as lost too; and the share that the plan expects. `window`: the days that it can be told of.
fn service(plan: &Plan, window: Option<i32>) -> Service {
    let positive = |v: f64| if v > 0.0 { v } else { 0.0 };
    let share = |(served, demand): (f64, f64)| (demand > 0.0).then(|| served / demand);
    let h = &plan.history;
    let (mut past, mut reached_series) = ((0.0, 0.0), 0);
    for i in 0..h.first.len().min(h.offsets.len().saturating_sub(1)) {
        let before = past.1;
        for k in h.range(i) {
            let age = plan.as_of - h.day(i, k);
            let day = h.availability.get(k).copied();
            let known = day.is_some_and(|a| a.is_known() || a == Availability::ProbablyOut);
            if known && (0..window.unwrap_or(0).min(PAST_DAYS)).contains(&age) {
                past.0 += positive(h.sold[k]);
                past.1 += positive(h.sold[k]) + positive(h.backordered[k]) + positive(h.lost[k]);
            }
        }
        reached_series += usize::from(past.1 > before);
    }
    let (mut ahead, mut expected_series) = ((0.0, 0.0), 0);
    for r in &plan.recommendations {
        let known = r.action != Action::Review;
        if known && r.demand_per_day > 0.0 && r.expected_service.is_finite() {
            ahead.0 += r.demand_per_day * r.expected_service;
            ahead.1 += r.demand_per_day;
            expected_series += 1;
        }
    }
    Service {
        reached: share(past),
        expected: share(ahead),
        reached_series,
        expected_series,
    }
}

/// The SKUs with most hidden demand over their channels: by value at cost, then by units.
fn most_hidden(plan: &Plan) -> Vec<HiddenItem> {
    let mut items: BTreeMap<&Sku, HiddenItem> = BTreeMap::new();
    for r in plan
        .recommendations
        .iter()
        .filter(|r| r.hidden_units.mean > 0.0)
    {
        let item = items.entry(&r.sku).or_insert_with(|| HiddenItem {
            sku: r.sku.clone(),
            name: r.name.clone(),
            units: 0.0,
            value_at_cost: None,
            stockout_days: 0,
        });
        item.units += r.hidden_units.mean;
        item.stockout_days += u64::from(r.stockout_days);
        if let Some(cost) = r.unit_cost {
            *item.value_at_cost.get_or_insert(0.0) += r.hidden_units.mean * cost;
        }
    }
    let mut items: Vec<HiddenItem> = items.into_values().collect();
    items.sort_by(|a, b| {
        let value = |i: &HiddenItem| i.value_at_cost.unwrap_or(0.0);
        value(b)
            .total_cmp(&value(a))
            .then(b.units.total_cmp(&a.units))
    });
    items.truncate(LOOK_FIRST);
    items
}

fn count(findings: &[Finding]) -> Findings {
    let of = |severity| -> usize {
        let same = findings.iter().filter(|f| f.severity == severity);
        same.map(|f| f.kind().1 as usize).sum()
    };
    Findings {
        error: of(Severity::Error),
        warning: of(Severity::Warning),
        notice: of(Severity::Notice),
    }
}

/// Findings of some severities by kind: the graver first, then the more frequent.
fn kinds(findings: &[Finding], lang: Lang, of: fn(Severity) -> bool) -> Vec<FindingCount> {
    let mut kinds: BTreeMap<(Severity, &str), (usize, &Finding)> = BTreeMap::new();
    for f in findings.iter().filter(|f| of(f.severity)) {
        let (code, number) = f.kind();
        let kind = kinds.entry((f.severity, code)).or_insert((0, f));
        kind.0 += number as usize;
        // One that is told says more than the count of the rest.
        if kind.1.code != code {
            kind.1 = f;
        }
    }
    let mut kinds: Vec<FindingCount> = kinds
        .into_iter()
        .map(|((severity, code), (findings, first))| FindingCount {
            severity,
            code: code.to_owned(),
            findings,
            message: message(lang, first),
        })
        .collect();
    kinds.sort_by(|a, b| {
        (a.severity, b.findings)
            .cmp(&(b.severity, a.findings))
            .then(a.code.cmp(&b.code))
    });
    kinds
}

pub(super) fn figure<S: Serializer>(value: &f64, s: S) -> Result<S::Ok, S::Error> {
    rounded(*value).serialize(s)
}

pub(super) fn maybe_figure<S: Serializer>(value: &Option<f64>, s: S) -> Result<S::Ok, S::Error> {
    value.and_then(rounded).serialize(s)
}

fn band<S: Serializer>(value: &Band, s: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shown {
        mean: Option<f64>,
        p10: Option<f64>,
        p90: Option<f64>,
    }
    Shown {
        mean: rounded(value.mean),
        p10: rounded(value.p10),
        p90: rounded(value.p90),
    }
    .serialize(s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_is_told_in_part_is_counted_in_full() {
        let jump = |k: u32| {
            Finding::new(Severity::Warning, "stock_jump")
                .sku(&Sku::new(format!("{k:03}")))
                .figure("sku", k)
        };
        let rest = Finding::new(Severity::Warning, crate::domain::MORE_FINDINGS)
            .count(1_200)
            .figure("code", "stock_jump")
            .figure("count", 1_200);
        // Whatever the order in which they stand.
        let findings: Vec<Finding> = std::iter::once(rest).chain((0..200).map(jump)).collect();
        assert_eq!(count(&findings).warning, 1_400);
        let kinds = kinds(&findings, Lang::En, |severity| severity != Severity::Notice);
        assert_eq!(kinds.len(), 1);
        assert_eq!(
            (kinds[0].code.as_str(), kinds[0].findings),
            ("stock_jump", 1_400)
        );
        assert!(kinds[0].message.contains("\"0\""), "{}", kinds[0].message);
    }
}
