//! How long replenishment takes, learnt from receipts and shrunk to what the shop states.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::receipts::{Record, Stated};
use crate::config::PolicyConfig;
use crate::domain::{CalendarKind, Day, LocationId, PurchaseLine, SkuId, Supplier, Tables};

/// A lead time as a discrete law over whole days.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadTime {
    /// (days ≥ 0, probability), sorted by days; probabilities sum to 1.
    pub points: Vec<(i32, f64)>,
}

/// Pseudo-receipts that a stated lead time counts for.
pub(super) const STATED_WEIGHT: f64 = 5.0;
/// Receipts older than this are another supplier, in effect.
pub(super) const MEMORY_DAYS: i32 = 730;

impl LeadTime {
    /// Always `days`.
    pub fn fixed(days: i32) -> Self {
        Self {
            points: vec![(days.max(0), 1.0)],
        }
    }

    /// The longest that is possible.
    pub fn longest(&self) -> usize {
        self.points.last().map_or(0, |p| p.0.max(0)) as usize
    }

    /// From weighted days; an empty list gives 0 days.
    fn from_weights(weights: &BTreeMap<i32, f64>) -> Self {
        let total: f64 = weights.values().sum();
        if total <= 0.0 {
            return Self::fixed(0);
        }
        Self {
            points: weights.iter().map(|(&d, &w)| (d, w / total)).collect(),
        }
    }

    /// Mean, days.
    pub fn mean(&self) -> f64 {
        self.points.iter().map(|&(d, w)| f64::from(d) * w).sum()
    }

    /// Standard deviation, days.
    pub fn sd(&self) -> f64 {
        let mean = self.mean();
        self.points
            .iter()
            .map(|&(d, w)| w * (f64::from(d) - mean).powi(2))
            .sum::<f64>()
            .max(0.0)
            .sqrt()
    }

    /// The day at cumulative probability `u`, 0 ≤ u < 1.
    pub fn quantile(&self, u: f64) -> i32 {
        let mut cumulated = 0.0;
        for &(days, weight) in &self.points {
            cumulated += weight;
            if u < cumulated {
                return days;
            }
        }
        self.points.last().map_or(0, |p| p.0)
    }

    /// The law given that it takes more than `age` days; beyond its largest point, one day more than `age`.
    pub fn beyond(&self, age: i32) -> Self {
        let left: BTreeMap<i32, f64> = self
            .points
            .iter()
            .copied()
            .filter(|&(d, _)| d > age)
            .collect();
        if left.is_empty() {
            Self::fixed(age + 1)
        } else {
            Self::from_weights(&left)
        }
    }

    /// Every point `days` later.
    pub fn later(&self, days: i32) -> Self {
        Self {
            points: self
                .points
                .iter()
                .map(|&(d, w)| ((d + days).max(0), w))
                .collect(),
        }
    }
}

/// Lead times of a shop.
#[derive(Clone, Debug)]
pub struct LeadTimes {
    record: Record,
    /// Days that units took from one location to another, by (from, to).
    moves: BTreeMap<(LocationId, LocationId), BTreeMap<i32, f64>>,
    /// (from, to) during which a supplier ships nothing.
    closures: Vec<(Day, Day, Option<Supplier>)>,
}

/// What is stated for a SKU: item beats supplier; `None` where neither says.
pub(super) fn stated(tables: &Tables, sku: SkuId) -> (Option<f64>, Option<f64>) {
    let item = &tables.items[sku];
    let supplier = supplier_row(tables, item.supplier.as_ref());
    (
        item.lead_time_days
            .or(supplier.and_then(|s| s.lead_time_days)),
        item.lead_time_sd.or(supplier.and_then(|s| s.lead_time_sd)),
    )
}

/// The supplier's row, if it has one.
pub fn supplier_row<'a>(
    tables: &'a Tables,
    supplier: Option<&Supplier>,
) -> Option<&'a crate::domain::SupplierRow> {
    let supplier = supplier?;
    let rows = &tables.suppliers;
    let at = rows.binary_search_by(|row| row.supplier.cmp(supplier));
    at.ok().map(|at| &rows[at])
}

/// Whom a row's order went to: the row's own supplier, else the location that supplies the row's, else its item's supplier.
pub fn supplier_of(tables: &Tables, line: &PurchaseLine) -> Option<Supplier> {
    let source = || {
        let source = tables.transferred_from(line)?.at();
        Some(Supplier::new(tables.locations[source].as_str()))
    };
    line.supplier
        .clone()
        .or_else(source)
        .or_else(|| tables.items[line.sku].supplier.clone())
}

/// Whether the name is a location's: the row is a transfer.
pub(super) fn is_location(tables: &Tables, supplier: Option<&Supplier>) -> bool {
    supplier.is_some_and(|s| {
        let named = |l: &crate::domain::Location| l.as_str().cmp(s.as_str());
        tables.locations.binary_search_by(named).is_ok()
    })
}

/// Share of the order that came in this row, as its weight.
pub(super) fn weight_of(line: &PurchaseLine) -> f64 {
    if line.units > 0.0 {
        (line.received_units / line.units).clamp(0.05, 1.0)
    } else {
        1.0
    }
}

/// Weights of the days that transfers took, by (from, to).
fn transfers_on_record(tables: &Tables) -> BTreeMap<(LocationId, LocationId), BTreeMap<i32, f64>> {
    let mut moves: BTreeMap<(LocationId, LocationId), BTreeMap<i32, f64>> = BTreeMap::new();
    for line in &tables.inbound {
        if let (Some(source), Some(received)) = (tables.transferred_from(line), line.received)
            && line.received_units > 0.0
            && !line.day_assumed
            && received >= line.ordered
            && tables.plan_day() - line.ordered <= MEMORY_DAYS
        {
            let took = moves.entry((source, line.location)).or_default();
            *took.entry(received - line.ordered).or_default() += weight_of(line);
        }
    }
    moves
}

impl LeadTimes {
    /// Learns from all receipts of the last two years.
    pub fn learn(tables: &Tables) -> Self {
        let closures = tables
            .calendar
            .iter()
            .filter(|c| c.kind == CalendarKind::SupplierClosed)
            .map(|c| (c.from, c.to, c.supplier.clone()))
            .collect();
        Self {
            record: Record::of(tables),
            moves: transfers_on_record(tables),
            closures,
        }
    }

    /// Days that a transfer between two locations takes: what `transfer_days` of the supplied one states, worth five receipts, and the
    /// transfers on record; one day where nobody says.
    pub fn transfer(&self, tables: &Tables, from: LocationId, to: LocationId) -> LeadTime {
        let stated = |l: LocationId, other: LocationId| {
            let row = &tables.location_rows[l];
            row.transfer_days
                .filter(|_| row.supplied_from == Some(other))
        };
        let mut weights = self.moves.get(&(from, to)).cloned().unwrap_or_default();
        // A way back takes as long as the way there where nothing else is known.
        if let Some(days) = stated(to, from).or_else(|| stated(from, to)) {
            *weights.entry(days.round() as i32).or_default() += STATED_WEIGHT;
        }
        if weights.is_empty() {
            return LeadTime::fixed(1);
        }
        LeadTime::from_weights(&weights)
    }

    /// The lead time of an order of `sku` placed at the close of `day`, as its receipts and those of its supplier teach it beside what is
    /// stated; closures of the supplier within it are added.
    pub fn of(&self, tables: &Tables, policy: &PolicyConfig, sku: SkuId, day: Day) -> LeadTime {
        let (days, sd) = stated(tables, sku);
        let supplier = tables.items[sku].supplier.as_ref();
        let weights = self.record.lead_time(
            (sku, supplier),
            Stated {
                days,
                sd,
                otherwise: (policy.lead_time_days, policy.lead_time_sd),
            },
        );
        let law = LeadTime::from_weights(&weights);
        law.later(self.closed_days(tables, supplier, day, law.mean().round() as i32))
    }

    /// Days late against a promised date of an order of `sku` that was promised `wait` days after it was placed: as its receipts were, and
    /// those of this supplier relative to the days they were promised in; on time where there are none. Points may be negative.
    pub fn promise_lateness(&self, sku: SkuId, supplier: Option<&Supplier>, wait: i32) -> LeadTime {
        LeadTime::from_weights(&self.record.lateness_of_promise((sku, supplier), wait))
    }

    fn closed_days(
        &self,
        tables: &Tables,
        supplier: Option<&Supplier>,
        day: Day,
        lead: i32,
    ) -> i32 {
        let calendar = supplier_row(tables, supplier).and_then(|s| s.calendar.as_deref());
        let mut spans: Vec<(Day, Day)> = self
            .closures
            .iter()
            .filter(|c| match (&c.2, supplier) {
                (None, _) => true,
                (Some(closed), Some(s)) => closed == s || Some(closed.as_str()) == calendar,
                (Some(_), None) => false,
            })
            .map(|c| (c.0, c.1))
            .collect();
        spans.sort_unstable();
        let (mut end, mut added, mut next) = (day + lead, 0, day + 1);
        for (from, to) in spans {
            // Days that an earlier closure holds are counted with it.
            if to < next || from > end {
                continue;
            }
            let closed = to - from.max(next) + 1;
            added += closed;
            end = end + closed;
            next = to + 1;
        }
        added
    }
}

/// A normal spread as points of whole days, at most seven.
pub(super) fn spread(sd: f64) -> Vec<(i32, f64)> {
    if sd < 0.25 {
        return vec![(0, 1.0)];
    }
    const Z: [f64; 7] = [-1.8, -1.2, -0.6, 0.0, 0.6, 1.2, 1.8];
    let weight = |z: f64| (-0.5 * z * z).exp();
    let total: f64 = Z.iter().map(|&z| weight(z)).sum();
    // The points are spread so that they have the stated deviation (rounding to days adds a little).
    let own = (Z.iter().map(|&z| z * z * weight(z)).sum::<f64>() / total).sqrt();
    Z.iter()
        .map(|&z| ((z * sd / own).round() as i32, weight(z) / total))
        .collect()
}
