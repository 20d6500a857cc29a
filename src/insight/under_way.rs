//! Too much under way: open orders that no demand will take.

use crate::domain::{Action, Finding, PoolOrder, Severity};
use crate::policy::Basis;

/// Share of what is under way from which on its surplus calls for somebody: less is what a lot brings beyond need.
const MUCH: f64 = 0.5;

/// A finding for every stock of whose open orders some units find no demand in time, with their money.
pub(super) fn surplus(basis: &Basis<'_>, orders: &[PoolOrder], findings: &mut Vec<Finding>) {
    for order in orders.iter().filter(|o| o.under_way.surplus > 0.0) {
        let under_way = &order.under_way;
        let code = match (order.bridge.action, order.unit_cost) {
            (Action::Stop, Some(_)) => "discontinued_under_way",
            (Action::Stop, None) => "discontinued_under_way_no_cost",
            (_, Some(_)) => "surplus_under_way",
            (_, None) => "surplus_under_way_no_cost",
        };
        let plain = |units: f64| (units * 10.0).round() / 10.0;
        let much = under_way.surplus >= MUCH * under_way.units;
        let severity = if order.bridge.action == Action::Stop || much {
            Severity::Warning
        } else {
            Severity::Notice
        };
        let mut finding = Finding::new(severity, code)
            .sku(&order.sku)
            .location(&order.location)
            .figure("on_order", plain(under_way.units))
            .figure("units", plain(under_way.surplus))
            .figure(
                "until",
                under_way.until.map_or(String::new(), |day| day.to_string()),
            )
            .figure("orders", under_way.po_ids.join(", "));
        if let Some(cost) = order.unit_cost {
            finding = finding
                .figure("money", (cost * under_way.surplus).round())
                .figure("whole", (cost * under_way.units).round())
                .figure("currency", &basis.config.report.currency);
        }
        findings.push(finding);
    }
}
