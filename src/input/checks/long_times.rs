//! Lead times and review periods that nobody can mean: days of another column, or a month written as days of years.

use std::collections::BTreeMap;

use super::{Flow, quantity};
use crate::domain::{Finding, Severity, SupplierRow};

/// Stated lead times beyond this are told, days: goods by sea come within half of it.
const LONG_LEAD: f64 = 365.0;
/// So are those beyond so many times the middle one of the receipts, …
const TIMES: f64 = 3.0;
/// … by at least so many days.
const DAYS_MORE: f64 = 30.0;
/// Receipts that tell what is usual.
const RECEIPTS: usize = 3;
/// Review periods beyond this are told, days: a quarter.
const LONG_REVIEW: u32 = 92;

/// A stated number of days of an item or a supplier.
struct Stated {
    /// `items` or `suppliers`.
    table: &'static str,
    name: String,
    days: f64,
    /// The middle one of its receipts.
    learnt: Option<f64>,
}

/// Warns of stated lead times and review periods that are far beyond any shop's, or beyond what receipts show.
pub(in crate::input) fn long_times(
    flow: &Flow<'_>,
    suppliers: &[SupplierRow],
    findings: &mut Vec<Finding>,
) {
    let (mut by_sku, mut by_supplier) = (BTreeMap::new(), BTreeMap::new());
    for line in flow.inbound.iter().filter(|l| !l.day_assumed) {
        let Some(received) = line.received else {
            continue;
        };
        let days = f64::from(received - line.ordered);
        let own: &mut Vec<f64> = by_sku.entry(line.sku).or_default();
        own.push(days);
        let item = flow.items[line.sku.at()].supplier.as_ref();
        if let Some(supplier) = line.supplier.as_ref().or(item) {
            let all: &mut Vec<f64> = by_supplier.entry(supplier.clone()).or_default();
            all.push(days);
        }
    }
    let (mut leads, mut reviews) = (Vec::new(), Vec::new());
    for ((sku, item), k) in flow.skus.iter().zip(flow.items).zip(0u32..) {
        let stated = |days: f64, learnt: Option<f64>| Stated {
            table: "items",
            name: sku.to_string(),
            days,
            learnt,
        };
        let receipts = by_sku.get(&crate::domain::SkuId(k));
        leads.extend(
            item.lead_time_days
                .map(|days| stated(days, receipts.and_then(|all| middle(all)))),
        );
        let review = item.review_days.filter(|&days| days > LONG_REVIEW);
        reviews.extend(review.map(|days| stated(f64::from(days), None)));
    }
    for row in suppliers {
        let stated = |days: f64, learnt: Option<f64>| Stated {
            table: "suppliers",
            name: row.supplier.to_string(),
            days,
            learnt,
        };
        let receipts = by_supplier.get(&row.supplier);
        leads.extend(
            row.lead_time_days
                .map(|days| stated(days, receipts.and_then(|all| middle(all)))),
        );
        let review = row.review_days.filter(|&days| days > LONG_REVIEW);
        reviews.extend(review.map(|days| stated(f64::from(days), None)));
    }
    let far = |s: &Stated| {
        let learnt = s
            .learnt
            .filter(|&l| s.days > TIMES * l && s.days > l + DAYS_MORE);
        s.days > LONG_LEAD || learnt.is_some()
    };
    leads.retain(far);
    let (of_receipts, long): (Vec<Stated>, Vec<Stated>) =
        leads.into_iter().partition(|s| s.learnt.is_some());
    for (code, stated) in [
        ("lead_time_far", long),
        ("lead_time_beyond_receipts", of_receipts),
        ("review_days_far", reviews),
    ] {
        findings.extend(told(code, &stated));
    }
}

fn middle(days: &[f64]) -> Option<f64> {
    let mut days = days.to_vec();
    days.sort_by(f64::total_cmp);
    (days.len() >= RECEIPTS).then(|| days[days.len() / 2])
}

/// One finding of a kind: how many, and the longest.
fn told(code: &'static str, stated: &[Stated]) -> Option<Finding> {
    // The first of equals, in the order of their names.
    let longest = stated
        .iter()
        .reduce(|a, b| if b.days > a.days { b } else { a })?;
    let learnt = longest.learnt.map_or(String::new(), quantity);
    Some(
        Finding::new(Severity::Warning, code)
            .count(stated.len() as u64)
            .figure("count", stated.len())
            .figure("table", longest.table)
            .figure("name", &longest.name)
            .figure("days", quantity(longest.days))
            .figure("learnt", learnt),
    )
}
