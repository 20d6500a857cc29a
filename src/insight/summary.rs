//! Stockouts added up by cause: in all, by month, by supplier, by category.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::domain::{Day, Stockout, StockoutCause, StockoutReport};

/// What the stockouts are grouped by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum View {
    All,
    Month,
    Supplier,
    Category,
}

impl View {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Month => "month",
            Self::Supplier => "supplier",
            Self::Category => "category",
        }
    }
}

/// The part that a cause has in the stockouts of a group. Episodes with two causes count for both by their weights.
#[derive(Clone, PartialEq, Debug)]
pub struct CauseTotal {
    pub view: View,
    /// `2026-08`, a supplier, a category; empty for all, and for what has no supplier or category.
    pub group: String,
    pub cause: StockoutCause,
    /// Episodes that it is the heaviest cause of.
    pub episodes: u32,
    /// Series-days.
    pub days: f64,
    pub lost: f64,
    /// `None` where no item of the group has a price or cost.
    pub value_lost: Option<f64>,
    pub backordered: f64,
    pub value_backordered: Option<f64>,
}

impl CauseTotal {
    /// Units that met no stock.
    pub fn units(&self) -> f64 {
        self.lost + self.backordered
    }

    /// Their value; 0 where nothing has one.
    pub fn value(&self) -> f64 {
        self.value_lost.unwrap_or(0.0) + self.value_backordered.unwrap_or(0.0)
    }

    fn add(&mut self, share: f64, days: f64, lost: f64, backordered: f64, value: Option<f64>) {
        self.days += share * days;
        self.lost += share * lost;
        self.backordered += share * backordered;
        if let Some(value) = value {
            *self.value_lost.get_or_insert(0.0) += share * lost * value;
            *self.value_backordered.get_or_insert(0.0) += share * backordered * value;
        }
    }
}

/// Months that the causes of stockouts look back.
pub const MONTHS: usize = 12;

/// The last twelve months as (year, month), oldest first; the last is that of as-of.
pub fn last_months(as_of: Day) -> [(i32, u32); MONTHS] {
    let date = as_of.date();
    let last = date.year() * 12 + date.month0() as i32;
    std::array::from_fn(|k| {
        let month = last - (MONTHS - 1 - k) as i32;
        (month.div_euclid(12), month.rem_euclid(12) as u32 + 1)
    })
}

/// First day of the oldest of the last twelve months.
pub fn first_of_year(as_of: Day) -> Day {
    let (year, month) = last_months(as_of)[0];
    Day::from_ymd(year, month, 1).unwrap_or(as_of)
}

/// Totals of all months, or of those from the one that holds `since`, by view, group and cause.
pub fn totals(report: &StockoutReport, since: Option<Day>) -> Vec<CauseTotal> {
    let from = since.map_or((i32::MIN, 0), |d| (d.date().year(), d.date().month()));
    let mut all: BTreeMap<(View, String, StockoutCause), CauseTotal> = BTreeMap::new();
    for s in &report.episodes {
        let months: Vec<_> = s
            .months
            .iter()
            .filter(|m| (m.year, m.month) >= from)
            .collect();
        let Some(first) = months.first() else {
            continue;
        };
        let groups = groups(s);
        let first = (first.year, first.month);
        for (rank, &(cause, weight)) in s.causes.iter().enumerate() {
            for m in &months {
                let month = format!("{:04}-{:02}", m.year, m.month);
                let named = groups
                    .iter()
                    .map(|(v, g)| (*v, g.clone()))
                    .chain([(View::Month, month)]);
                for (view, group) in named {
                    let total = all
                        .entry((view, group.clone(), cause))
                        .or_insert_with(|| nothing(view, group, cause));
                    total.add(
                        weight,
                        f64::from(m.days),
                        m.lost,
                        m.backordered,
                        s.value_of_unit,
                    );
                    // An episode is counted once in each view, in the first of its months.
                    if rank == 0 && (m.year, m.month) == first {
                        total.episodes += 1;
                    }
                }
            }
        }
    }
    all.into_values().collect()
}

fn groups(s: &Stockout) -> [(View, String); 3] {
    let name = |n: Option<&str>| n.unwrap_or_default().to_owned();
    [
        (View::All, String::new()),
        (
            View::Supplier,
            name(s.supplier.as_ref().map(|n| n.as_str())),
        ),
        (
            View::Category,
            name(s.category.as_ref().map(|n| n.as_str())),
        ),
    ]
}

fn nothing(view: View, group: String, cause: StockoutCause) -> CauseTotal {
    CauseTotal {
        view,
        group,
        cause,
        episodes: 0,
        days: 0.0,
        lost: 0.0,
        value_lost: None,
        backordered: 0.0,
        value_backordered: None,
    }
}
