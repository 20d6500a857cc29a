//! Findings that only the finished figures show.

use crate::domain::{Action, Confidence, Finding, Recommendation, Severity};
use crate::policy::Basis;

/// Adds what the plan itself gives reason to look at, then sorts all findings: severity, code, SKU, channel, day.
pub fn look(basis: &Basis<'_>, rows: &[Recommendation], findings: &mut Vec<Finding>) {
    for r in rows {
        let about = |severity, code| {
            Finding::new(severity, code)
                .sku(&r.sku)
                .channel(&r.channel)
                .location(&r.location)
        };
        if r.action == Action::Review {
            findings.push(about(Severity::Warning, "stock_unknown"));
        }
        if r.action == Action::Order && r.confidence == Confidence::Low && r.order_qty > 0.0 {
            findings.push(
                about(Severity::Notice, "order_on_little_history")
                    .figure("quantity", r.order_qty)
                    .figure("per_day", format!("{:.2}", r.demand_per_day)),
            );
        }
        if r.on_order_late > 0.0
            && r.first_stockout_date
                .is_some_and(|d| d - r.as_of <= r.lead_time_days as i32)
        {
            findings.push(
                about(Severity::Notice, "late_receipt_after_stockout")
                    .figure("units", r.on_order_late),
            );
        }
    }
    for (s, row) in basis.tables.location_rows.iter().enumerate() {
        if let Some(source) = row.supplied_from {
            findings.push(
                Finding::new(Severity::Warning, "transfer_planned_as_purchase")
                    .location(&basis.tables.locations[s])
                    .figure("source", &basis.tables.locations[source as usize]),
            );
        }
    }
    findings.sort_by(|a, b| {
        let key = |f: &Finding| {
            (
                f.severity,
                f.code,
                f.sku.clone(),
                f.channel.clone(),
                f.location.clone(),
                f.from,
            )
        };
        key(a).cmp(&key(b))
    });
}
