//! `backorders` and `inbound`: what was promised and what is on its way, as known at the close of as-of.

use super::raw::RawTable;
use super::universe::Universe;
use crate::domain::{
    BackorderKind, BackorderLine, ChannelId, Day, Finding, LocationId, PurchaseLine, Severity,
    SkuId, Supplier,
};

/// The lines ordered up to as-of, sorted.
pub(super) fn backorder_lines(
    raw: &RawTable,
    as_of: Day,
    skus: &Universe,
    channels: &Universe,
    findings: &mut Vec<Finding>,
) -> Vec<BackorderLine> {
    let sku_at = skus.translation(raw.names("sku"));
    let channel_at = channels.translation(raw.names("channel"));
    let (ordered, units) = (raw.day("date"), raw.number("units"));
    let order_id = raw.text("order_id", |t| t);
    let (sku, channel) = (raw.codes("sku"), raw.codes("channel"));
    let (kind, promised) = (raw.word("kind"), raw.day("promised_date"));
    let notified = raw.day("notified_date");
    let (shipped_on, shipped_n) = (raw.day("shipped_date"), raw.number("shipped_units"));
    let (cancelled_on, cancelled_n) = (raw.day("cancelled_date"), raw.number("cancelled_units"));
    let mut later = Count::default();
    let mut assumed = Count::default();
    let mut undated = Count::default();
    let mut lines: Vec<(BackorderLine, usize)> = Vec::new();
    for row in 0..raw.rows() {
        let Some(date) = ordered(row).filter(|d| *d <= as_of) else {
            continue;
        };
        let units = units(row).unwrap_or(0.0);
        let typed_shipped = shipped_n(row);
        let typed_cancelled = cancelled_n(row);
        let mut shipped = shipped_on(row);
        let mut cancelled = cancelled_on(row);
        let mut shipped_units = match (typed_shipped, shipped) {
            (Some(n), _) => n,
            // A date without a figure: all that was not cancelled.
            (None, Some(_)) => {
                assumed.add(row);
                (units - typed_cancelled.unwrap_or(0.0)).max(0.0)
            }
            (None, None) => 0.0,
        };
        let mut cancelled_units = match (typed_cancelled, cancelled) {
            (Some(n), _) => n,
            (None, Some(_)) => {
                assumed.add(row);
                (units - shipped_units).max(0.0)
            }
            (None, None) => 0.0,
        };
        if (shipped_units > 0.0 && shipped.is_none())
            || (cancelled_units > 0.0 && cancelled.is_none())
        {
            undated.add(row);
        }
        if shipped.is_some_and(|d| d > as_of) {
            later.add(row);
            shipped = None;
            shipped_units = 0.0;
        }
        if cancelled.is_some_and(|d| d > as_of) {
            later.add(row);
            cancelled = None;
            cancelled_units = 0.0;
        }
        lines.push((
            BackorderLine {
                order_id: order_id(row).unwrap_or_default().to_owned(),
                date,
                // Both are required columns without an empty cell.
                sku: SkuId(sku_at[sku[row] as usize]),
                channel: ChannelId(channel_at[channel[row] as usize]),
                units,
                kind: match kind(row) {
                    Some(1) => BackorderKind::Preorder,
                    _ => BackorderKind::Backorder,
                },
                promised: promised(row),
                shipped,
                shipped_units,
                cancelled,
                cancelled_units,
                notified: notified(row).filter(|d| *d <= as_of),
            },
            row,
        ));
    }
    later.report(raw, Severity::Notice, "later_events_hidden", findings);
    assumed.report(raw, Severity::Notice, "event_units_assumed", findings);
    undated.report(raw, Severity::Warning, "event_without_date", findings);
    lines.sort_by(|(a, _), (b, _)| {
        (
            a.date,
            &a.order_id,
            a.sku,
            a.channel,
            a.shipped,
            a.cancelled,
        )
            .cmp(&(
                b.date,
                &b.order_id,
                b.sku,
                b.channel,
                b.shipped,
                b.cancelled,
            ))
            .then(a.units.total_cmp(&b.units))
            .then(a.shipped_units.total_cmp(&b.shipped_units))
            .then(a.cancelled_units.total_cmp(&b.cancelled_units))
            .then((a.promised, a.notified).cmp(&(b.promised, b.notified)))
    });
    let mut same: Vec<(&str, SkuId, ChannelId, usize)> = lines
        .iter()
        .map(|(l, row)| (l.order_id.as_str(), l.sku, l.channel, *row))
        .collect();
    same.sort_unstable();
    let mut repeated = Count::default();
    for pair in same.windows(2) {
        if (pair[0].0, pair[0].1, pair[0].2) == (pair[1].0, pair[1].1, pair[1].2) {
            repeated.add(pair[1].3);
        }
    }
    repeated.report(
        raw,
        Severity::Warning,
        "duplicate_backorder_lines",
        findings,
    );
    lines.into_iter().map(|(line, _)| line).collect()
}

/// The orders placed up to as-of, sorted. `seen` is the last day of the data, at or after as-of: what is told without a day has come by then.
pub(super) fn purchase_lines(
    raw: &RawTable,
    (as_of, seen): (Day, Day),
    skus: &Universe,
    locations: &Universe,
    findings: &mut Vec<Finding>,
) -> Vec<PurchaseLine> {
    let sku_at = skus.translation(raw.names("sku"));
    let location_at = locations.translation(raw.names("location"));
    let (ordered, units) = (raw.day("ordered_date"), raw.number("units"));
    let po_id = raw.text("po_id", |t| t);
    let (sku, location) = (raw.codes("sku"), raw.codes("location"));
    let supplier = raw.text("supplier", Supplier::new);
    let expected = raw.day("expected_date");
    let (received_on, received_n) = (raw.day("received_date"), raw.number("received_units"));
    let mut later = Count::default();
    let mut assumed = Count::default();
    let mut undated = Count::default();
    let mut backwards = Count::default();
    let mut early = Count::default();
    let mut unordered = Count::default();
    let mut lines = Vec::new();
    for row in 0..raw.rows() {
        let Some(ordered) = ordered(row).filter(|d| *d <= as_of) else {
            continue;
        };
        if po_id(row).is_none() {
            unordered.add(row);
        }
        let units = units(row).unwrap_or(0.0);
        let typed = received_n(row);
        // What was promised for a day before the order is no promise.
        let promised = expected(row).filter(|d| *d >= ordered);
        if promised.is_none() && expected(row).is_some() {
            early.add(row);
        }
        let mut received = received_on(row);
        if received.is_some_and(|d| d < ordered) {
            backwards.add(row);
        }
        let mut received_units = match (typed, received) {
            (Some(n), Some(_)) => n,
            (None, Some(_)) => {
                assumed.add(row);
                units
            }
            // It came, whatever day that was.
            (Some(n), None) if n > 0.0 => {
                undated.add(row);
                received = Some(promised.unwrap_or(ordered).min(seen));
                n
            }
            _ => 0.0,
        };
        let mut day_assumed = received.is_some() && received_on(row).is_none();
        if received.is_some_and(|d| d > as_of) {
            later.add(row);
            received = None;
            received_units = 0.0;
            day_assumed = false;
        }
        lines.push(PurchaseLine {
            po_id: po_id(row).unwrap_or_default().to_owned(),
            // Both are required columns without an empty cell.
            sku: SkuId(sku_at[sku[row] as usize]),
            location: LocationId(location_at[location[row] as usize]),
            ordered,
            units,
            supplier: supplier(row),
            expected: promised,
            received,
            received_units,
            day_assumed,
        });
    }
    later.report(raw, Severity::Notice, "later_events_hidden", findings);
    assumed.report(raw, Severity::Notice, "receipt_units_assumed", findings);
    undated.report(raw, Severity::Warning, "receipt_without_date", findings);
    for (code, column, rows) in [
        ("received_before_ordered", "received_date", &backwards),
        ("expected_before_ordered", "expected_date", &early),
    ] {
        let Some(first) = rows.first else { continue };
        let day = |column| raw.day(column)(first).map_or_else(String::new, |d| d.to_string());
        let mut place = raw.place(first, Some(column));
        place.value = Some(day(column));
        findings.push(
            Finding::new(Severity::Warning, code)
                .place(place)
                .count(rows.rows)
                .figure("count", rows.rows)
                .figure("po", po_id(first).unwrap_or("–"))
                .figure("sku", &*raw.names("sku")[sku[first] as usize])
                .figure("ordered", day("ordered_date"))
                .figure("day", day(column)),
        );
    }
    unordered.report(raw, Severity::Notice, "receipt_without_order", findings);
    lines.sort_by(|a, b| {
        (
            a.ordered,
            &a.po_id,
            a.sku,
            a.location,
            a.received,
            a.expected,
            &a.supplier,
        )
            .cmp(&(
                b.ordered,
                &b.po_id,
                b.sku,
                b.location,
                b.received,
                b.expected,
                &b.supplier,
            ))
            .then(a.units.total_cmp(&b.units))
            .then(a.received_units.total_cmp(&b.received_units))
    });
    lines
}

/// Rows that a finding is about.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub rows: u64,
    first: Option<usize>,
}

impl Count {
    pub(super) fn add(&mut self, row: usize) {
        self.rows += 1;
        self.first = Some(self.first.map_or(row, |f| f.min(row)));
    }

    /// One finding for all of them, if there are any.
    pub(super) fn report(
        &self,
        raw: &RawTable,
        severity: Severity,
        code: &'static str,
        findings: &mut Vec<Finding>,
    ) {
        if let Some(first) = self.first {
            findings.push(
                Finding::new(severity, code)
                    .place(raw.place(first, None))
                    .count(self.rows)
                    .figure("table", raw.spec.name)
                    .figure("count", self.rows),
            );
        }
    }
}
