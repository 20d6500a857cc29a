//! The backorder desk in `summary.json`.

use serde::{Serialize, Serializer};

use super::figure::rounded;
use crate::domain::{Acceptance, BackorderDesk, Band, CaptureByWait, OpenLine, Worth};

/// Totals of the customers who wait; those of preorders are in [`Preorders`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waiting {
    /// Rows of `backorders.csv` without preorders.
    pub lines: usize,
    #[serde(serialize_with = "figure")]
    pub units: f64,
    /// Of which stock and open orders cover.
    #[serde(serialize_with = "figure")]
    pub covered_units: f64,
    /// Of which this plan's orders bring.
    #[serde(serialize_with = "figure")]
    pub in_order_units: f64,
    /// Of which nothing brings.
    #[serde(serialize_with = "figure")]
    pub uncovered_units: f64,
    /// Lines whose likely date misses the promised one, or that nothing serves in full by any date.
    pub late_lines: usize,
    /// Money taken for open backorders, and for open preorders, at the items' prices.
    #[serde(serialize_with = "figure")]
    pub prepaid_backorders: f64,
    #[serde(serialize_with = "figure")]
    pub prepaid_preorders: f64,
    /// Rows of `backorder_policy.csv`.
    pub accept: usize,
    pub order_first: usize,
    pub stop: usize,
    pub capture_by_wait: Vec<WaitCapture>,
    pub what_if: WhatIf,
}

/// Share of customers who waited, by promised days; both `None`: no date was promised.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WaitCapture {
    pub from_days: Option<u32>,
    pub to_days: Option<u32>,
    #[serde(serialize_with = "figure")]
    pub capture: f64,
    #[serde(serialize_with = "figure")]
    pub p10: f64,
    #[serde(serialize_with = "figure")]
    pub p90: f64,
    #[serde(serialize_with = "figure")]
    pub units: f64,
}

/// Items that may do without safety stock.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WhatIf {
    pub worth_it: usize,
    pub unproven: usize,
    pub not_worth_it: usize,
    /// Of those that are worth it.
    #[serde(serialize_with = "figure")]
    pub stock_freed: f64,
    #[serde(serialize_with = "figure")]
    pub cash_freed: f64,
}

/// Orders taken before the goods are released.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preorders {
    pub skus: usize,
    pub orders: u64,
    #[serde(serialize_with = "figure")]
    pub units_taken: f64,
    #[serde(serialize_with = "figure")]
    pub units_open: f64,
    /// Money, of the items whose price is known.
    #[serde(serialize_with = "figure")]
    pub amount_taken: f64,
    #[serde(serialize_with = "figure")]
    pub covered_units: f64,
    #[serde(serialize_with = "figure")]
    pub in_order_units: f64,
    #[serde(serialize_with = "figure")]
    pub uncovered_units: f64,
    /// Open lines whose likely date misses the promised one, or that nothing serves in full by any date.
    pub late_lines: usize,
}

/// Totals of the desk; `None` where nobody waits.
pub(super) fn waiting(desk: &BackorderDesk) -> Option<Waiting> {
    if desk.lines.is_empty() {
        return None;
    }
    let lines: Vec<&OpenLine> = desk.lines.iter().filter(|l| l.kind != "preorder").collect();
    let sum = |of: fn(&OpenLine) -> f64| lines.iter().map(|l| of(l)).sum();
    let action = |a| desk.acceptance.iter().filter(|r| r.action == a).count();
    let verdict = |w| desk.what_if.iter().filter(move |r| r.verdict == w);
    Some(Waiting {
        lines: lines.len(),
        units: sum(|l| l.units_open),
        covered_units: sum(|l| l.covered_units),
        in_order_units: sum(|l| l.order_now_units),
        uncovered_units: sum(OpenLine::unserved_units),
        late_lines: lines.iter().filter(|l| l.misses_promise()).count(),
        prepaid_backorders: desk.prepaid_backorders,
        prepaid_preorders: desk.prepaid_preorders,
        accept: action(Acceptance::Accept),
        order_first: action(Acceptance::OrderFirst),
        stop: action(Acceptance::Stop),
        capture_by_wait: desk
            .capture_by_wait
            .iter()
            .map(|w| {
                let CaptureByWait {
                    from_days,
                    to_days,
                    capture: Band { mean, p10, p90 },
                    units,
                } = *w;
                WaitCapture {
                    from_days,
                    to_days,
                    capture: mean,
                    p10,
                    p90,
                    units,
                }
            })
            .collect(),
        what_if: WhatIf {
            worth_it: verdict(Worth::Yes).count(),
            unproven: verdict(Worth::Unproven).count(),
            not_worth_it: verdict(Worth::No).count(),
            stock_freed: verdict(Worth::Yes).map(|r| r.stock_freed).sum(),
            cash_freed: verdict(Worth::Yes).filter_map(|r| r.cash_freed).sum(),
        },
    })
}

/// Totals of `preorders.csv`; `None` where there are none.
pub(super) fn preorders(desk: &BackorderDesk) -> Option<Preorders> {
    let rows = &desk.preorders;
    let skus: std::collections::BTreeSet<_> = rows.iter().map(|r| &r.sku).collect();
    let sum = |of: fn(&crate::domain::PreorderRow) -> f64| rows.iter().map(of).sum();
    (!rows.is_empty()).then(|| Preorders {
        skus: skus.len(),
        orders: rows.iter().map(|r| r.orders).sum(),
        units_taken: sum(|r| r.units_taken),
        units_open: sum(|r| r.units_open),
        amount_taken: rows.iter().filter_map(|r| r.amount_taken).sum(),
        covered_units: sum(|r| r.covered_units),
        in_order_units: sum(|r| r.in_order_units),
        uncovered_units: sum(|r| r.uncovered_units),
        late_lines: desk
            .lines
            .iter()
            .filter(|l| l.kind == "preorder" && l.misses_promise())
            .count(),
    })
}

fn figure<S: Serializer>(value: &f64, s: S) -> Result<S::Ok, S::Error> {
    rounded(*value).serialize(s)
}
