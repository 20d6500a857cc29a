//! What a person should look at, although it stops nothing.

mod codes;
mod costs;
mod dates;
mod drift;
mod gaps;
mod inbound;
mod jumps;
mod long_times;
mod names;
mod names_alike;
mod overlap;
mod sales;
mod stock;
mod succession;
mod unusual;
mod usual;

use super::raw::RawTable;
use crate::domain::{
    BackorderLine, Channel, ChannelRow, Finding, Grain, Item, Location, LocationRow, MORE_FINDINGS,
    Place, PurchaseLine, Severity, Sku,
};

pub(super) use codes::written_in_two_ways;
pub(super) use costs::cost_above_price;
pub(super) use dates::far_as_of;
pub(super) use gaps::sales_before_stock;
pub(super) use inbound::repeated_orders;
pub(super) use jumps::is_taken_before_trade;
pub(super) use long_times::long_times;
pub(super) use names::unknown_names;
pub(super) use names_alike::{places_written_two_ways, tell_totals, totals_among_skus};
pub(super) use overlap::{not_in_sales, sales_hold_backorders};
pub(super) use sales::{gifts, sales_rows};
pub(super) use stock::{no_stock, stock_rows};
pub(super) use succession::{successions, tell_successions};
pub(super) use usual::far_values;

/// Findings of one kind that are told one by one; the rest is a count.
const TOLD: usize = 200;

/// What the checks look at beside the rows themselves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow<'a> {
    pub grain: Grain,
    pub skus: &'a [Sku],
    pub channels: &'a [Channel],
    pub locations: &'a [Location],
    pub channel_rows: &'a [ChannelRow],
    pub location_rows: &'a [LocationRow],
    pub items: &'a [Item],
    pub backorders: &'a [BackorderLine],
    pub inbound: &'a [PurchaseLine],
    /// Whether receipts are recorded at all.
    pub has_inbound: bool,
    pub sales_table: &'a RawTable,
    pub stock_table: Option<&'a RawTable>,
}

/// Brings findings into their order: severity, code, SKU, channel, location, day, place. Of a kind with more than
/// [`TOLD`] the rest becomes one finding that counts them.
pub(super) fn settle(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        (a.severity, a.code, &a.sku, &a.channel, &a.location, a.from)
            .cmp(&(b.severity, b.code, &b.sku, &b.channel, &b.location, b.from))
            .then_with(|| (&a.place.file, a.place.line).cmp(&(&b.place.file, b.place.line)))
    });
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut more: Vec<Finding> = Vec::new();
    let mut told = 0;
    for finding in findings.drain(..) {
        let same = kept
            .last()
            .is_some_and(|last| last.code == finding.code && last.severity == finding.severity);
        told = if same { told + 1 } else { 1 };
        if told <= TOLD {
            kept.push(finding);
            continue;
        }
        match more.last_mut() {
            Some(rest)
                if rest.figures[0].1 == finding.code && rest.severity == finding.severity =>
            {
                rest.count += 1;
                rest.figures[1].1 = rest.count.to_string();
            }
            _ => more.push(more_findings(finding.severity, finding.code, 1)),
        }
    }
    kept.extend(more);
    // Stable: the counted rest comes after the other findings of its severity.
    kept.sort_by_key(|f| f.severity);
    *findings = kept;
}

/// "And so many more of this kind."
fn more_findings(severity: Severity, code: &'static str, count: u64) -> Finding {
    Finding::new(severity, MORE_FINDINGS)
        .count(count)
        .figure("code", code)
        .figure("count", count)
}

/// Keeps one finding of a row of sales: that it looks like a bar code says more than that it is unusual.
pub(super) fn say_once(findings: &mut Vec<Finding>) {
    let told: Vec<Place> = findings
        .iter()
        .filter(|f| f.code == "barcodes_in_column")
        .map(|f| f.place.clone())
        .collect();
    let same = |a: &Place, b: &Place| (&a.file, a.line, &a.column) == (&b.file, b.line, &b.column);
    findings.retain(|f| f.code != "unusual_units" || !told.iter().any(|p| same(p, &f.place)));
}

/// A quantity as text: at most four decimals, no `-0`.
fn quantity(x: f64) -> String {
    let rounded = (x * 1e4).round() / 1e4;
    (rounded + 0.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_have_one_order_and_the_many_are_counted() {
        let mut findings: Vec<Finding> = (0..250)
            .rev()
            .map(|k| {
                Finding::new(Severity::Warning, "unknown_sku").sku(&Sku::new(format!("{k:03}")))
            })
            .collect();
        findings.push(Finding::new(Severity::Notice, "unknown_columns"));
        findings.push(Finding::new(Severity::Error, "x"));
        settle(&mut findings);
        assert_eq!(findings.len(), 203);
        assert_eq!(findings[0].severity, Severity::Error);
        assert_eq!(findings[1].sku, Some(Sku::new("000")));
        assert_eq!(findings[201].code, "more_findings");
        assert_eq!(findings[201].count, 50);
        assert_eq!(findings[202].code, "unknown_columns");
    }
}
