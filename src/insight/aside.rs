//! Tells what of the past the plan did not learn from: orders that come once, days on which an item was not offered.

use crate::demand::{BulkOrder, ODDS, Unoffered};
use crate::domain::{Finding, Severity, Tables};
use crate::panel::Panel;

/// Names the orders that stand outside the law of demand. A row already told as unusual is not told twice.
pub fn name_bulk_orders(
    panel: &Panel,
    tables: &Tables,
    bulk: &[BulkOrder],
    findings: &mut Vec<Finding>,
) {
    for order in bulk {
        let key = panel.series[order.series];
        let (sku, channel) = (&tables.skus[key.sku], &tables.channels[key.channel]);
        findings.retain(|f| {
            f.code != "unusual_units"
                || f.sku.as_ref() != Some(sku)
                || f.channel.as_ref() != Some(channel)
                || f.from != Some(order.day)
        });
        findings.push(
            Finding::new(Severity::Warning, "bulk_order")
                .sku(sku)
                .channel(channel)
                .between(order.day, order.day + (panel.grain.days() - 1))
                .figure("sku", sku)
                .figure("channel", channel)
                .figure("date", order.day)
                .figure("units", four(order.units))
                .figure("beyond", four(order.beyond))
                .figure("next", four(order.next))
                .figure("odds", ODDS),
        );
    }
}

/// Names the items that were not offered without stock on a channel that accepts such orders.
pub fn name_unoffered(
    panel: &Panel,
    tables: &Tables,
    unoffered: &[Unoffered],
    findings: &mut Vec<Finding>,
) {
    for run in unoffered {
        let key = panel.series[run.series];
        let (sku, channel) = (&tables.skus[key.sku], &tables.channels[key.channel]);
        let days = run.periods.len() as i32 * panel.grain.days();
        findings.push(
            Finding::new(Severity::Warning, "not_offered")
                .sku(sku)
                .channel(channel)
                .between(run.from, run.to)
                .count(days.unsigned_abs().into())
                .figure("sku", sku)
                .figure("channel", channel)
                .figure("days", days)
                .figure("customers", run.customers.round())
                .figure("share", (100.0 * run.share).round()),
        );
    }
}

fn four(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}
