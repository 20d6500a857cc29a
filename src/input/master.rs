//! `items`, `channels`, `locations`, `suppliers`, `calendar`: one row per name.

use std::collections::BTreeMap;

use super::events::Count;
use super::raw::RawTable;
use super::universe::Universe;
use crate::domain::{
    CalendarEntry, CalendarKind, Category, ChannelRow, Day, Finding, Item, ItemStatus, LocationRow,
    Severity, Supplier, SupplierRow,
};

/// One item per SKU; those without a row have the default.
pub(super) fn items(
    raw: Option<&RawTable>,
    skus: &Universe,
    findings: &mut Vec<Finding>,
) -> Vec<Item> {
    let mut items = vec![Item::default(); skus.names.len()];
    let Some(raw) = raw else { return items };
    let mut unknown_similar = Count::default();
    for row in 0..raw.rows() {
        let Some(at) = raw.text("sku", row).and_then(|s| skus.position(s)) else {
            continue;
        };
        let text = |name| raw.text(name, row).map(str::to_owned);
        let similar_sku = raw.text("similar_sku", row).and_then(|s| {
            let found = skus.position(s);
            if found.is_none() {
                unknown_similar.add(row);
            }
            found
        });
        items[at as usize] = Item {
            name: text("name"),
            category: raw.text("category", row).map(Category::new),
            variant_of: text("variant_of"),
            supplier: raw.text("supplier", row).map(Supplier::new),
            unit_cost: raw.number("unit_cost", row),
            price: raw.number("price", row),
            lead_time_days: raw.number("lead_time_days", row),
            lead_time_sd: raw.number("lead_time_sd", row),
            review_days: raw.number("review_days", row).map(|n| n as u32),
            moq: raw.number("moq", row),
            order_multiple: raw.number("order_multiple", row),
            service_level: raw.number("service_level", row),
            status: match raw.word("status", row) {
                Some(1) => ItemStatus::New,
                Some(2) => ItemStatus::Discontinued,
                _ => ItemStatus::Active,
            },
            launch: raw.day("launch_date", row).map(Day),
            similar_sku,
            backorder_policy: raw.word("backorder_policy", row).map(|w| w == 1),
        };
    }
    unknown_similar.report(raw, Severity::Warning, "unknown_similar_sku", findings);
    items
}

/// The location of each channel: as `channels` says, or one of the channel's own name.
pub(super) fn channel_locations(raw: Option<&RawTable>, channels: &Universe) -> Vec<String> {
    let mut told: BTreeMap<&str, &str> = BTreeMap::new();
    if let Some(raw) = raw {
        for row in 0..raw.rows() {
            if let (Some(channel), Some(location)) =
                (raw.text("channel", row), raw.text("location", row))
            {
                told.insert(channel, location);
            }
        }
    }
    channels
        .names
        .iter()
        .map(|name| told.get(&**name).copied().unwrap_or(name).to_owned())
        .collect()
}

/// One row per channel. Where `channels` does not say, a channel accepts backorders if `backorders` has some of it.
pub(super) fn channel_rows(
    raw: Option<&RawTable>,
    channels: &Universe,
    locations: &Universe,
    places: &[String],
    has_backorders: &[bool],
) -> Vec<ChannelRow> {
    let mut rows: Vec<ChannelRow> = places
        .iter()
        .zip(has_backorders)
        .map(|(place, accepts)| ChannelRow {
            // Every channel's location is in the universe, which was built from the same list.
            location: locations.position(place).unwrap_or(0),
            accepts_backorders: *accepts,
            priority: None,
            service_level: None,
        })
        .collect();
    if let Some(raw) = raw {
        for row in 0..raw.rows() {
            let Some(at) = raw.text("channel", row).and_then(|c| channels.position(c)) else {
                continue;
            };
            let channel = &mut rows[at as usize];
            if let Some(word) = raw.word("accepts_backorders", row) {
                channel.accepts_backorders = word == 1;
            }
            channel.priority = raw.number("priority", row);
            channel.service_level = raw.number("service_level", row);
        }
    }
    rows
}

/// One row per location.
pub(super) fn location_rows(raw: Option<&RawTable>, locations: &Universe) -> Vec<LocationRow> {
    let mut rows = vec![LocationRow::default(); locations.names.len()];
    if let Some(raw) = raw {
        for row in 0..raw.rows() {
            if let Some(at) = raw
                .text("location", row)
                .and_then(|l| locations.position(l))
            {
                rows[at as usize] = LocationRow {
                    supplied_from: raw
                        .text("supplied_from", row)
                        .and_then(|l| locations.position(l)),
                    transfer_days: raw.number("transfer_days", row),
                };
            }
        }
    }
    rows
}

/// The rows of `suppliers`, by name.
pub(super) fn supplier_rows(raw: Option<&RawTable>) -> Vec<SupplierRow> {
    let Some(raw) = raw else { return Vec::new() };
    let mut rows: Vec<SupplierRow> = (0..raw.rows())
        .filter_map(|row| {
            Some(SupplierRow {
                supplier: Supplier::new(raw.text("supplier", row)?),
                lead_time_days: raw.number("lead_time_days", row),
                lead_time_sd: raw.number("lead_time_sd", row),
                review_days: raw.number("review_days", row).map(|n| n as u32),
                order_weekday: raw.word("order_weekday", row).map(usize::from),
                min_amount: raw.number("min_amount", row),
                calendar: raw.text("calendar", row).map(str::to_owned),
            })
        })
        .collect();
    rows.sort_by(|a, b| a.supplier.cmp(&b.supplier));
    rows
}

/// The rows of `calendar`, by day. An entry for a SKU or channel that nothing sells is left out, because an empty scope
/// would mean "all".
pub(super) fn calendar_entries(
    raw: Option<&RawTable>,
    skus: &Universe,
    channels: &Universe,
    findings: &mut Vec<Finding>,
) -> Vec<CalendarEntry> {
    let Some(raw) = raw else { return Vec::new() };
    let mut unknown = Count::default();
    let mut entries: Vec<CalendarEntry> = Vec::new();
    for row in 0..raw.rows() {
        let (Some(from), Some(to), Some(kind)) = (
            raw.day("from", row),
            raw.day("to", row),
            raw.word("kind", row),
        ) else {
            continue;
        };
        let sku = raw.text("sku", row).map(|s| skus.position(s));
        let channel = raw.text("channel", row).map(|c| channels.position(c));
        if sku == Some(None) || channel == Some(None) {
            unknown.add(row);
            continue;
        }
        entries.push(CalendarEntry {
            from: Day(from),
            to: Day(to),
            kind: match kind {
                0 => CalendarKind::Holiday,
                1 => CalendarKind::Promotion,
                2 => CalendarKind::SupplierClosed,
                _ => CalendarKind::Exclude,
            },
            name: raw.text("name", row).map(str::to_owned),
            sku: sku.flatten(),
            category: raw.text("category", row).map(Category::new),
            channel: channel.flatten(),
            supplier: raw.text("supplier", row).map(Supplier::new),
        });
    }
    unknown.report(raw, Severity::Warning, "calendar_scope_unknown", findings);
    entries.sort_by(|a, b| {
        let key = |e: &CalendarEntry| (e.from, e.to, e.kind as u8, e.sku, e.channel);
        key(a).cmp(&key(b)).then_with(|| {
            (&a.category, &a.supplier, &a.name).cmp(&(&b.category, &b.supplier, &b.name))
        })
    });
    entries
}
