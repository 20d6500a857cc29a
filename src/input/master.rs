//! `items`, `channels`, `locations`, `suppliers`, `calendar`: one row per name.

use std::collections::BTreeMap;

use super::events::Count;
use super::raw::RawTable;
use super::source::Served;
use super::universe::Universe;
use crate::domain::{
    CalendarEntry, CalendarKind, Category, ChannelId, ChannelRow, Finding, Item, ItemStatus,
    Listing, LocationId, LocationRow, Severity, SkuId, Supplier, SupplierRow,
};

/// One item per SKU; those without a row have the default.
pub(super) fn items(
    raw: Option<&RawTable>,
    skus: &Universe,
    findings: &mut Vec<Finding>,
) -> Vec<Item> {
    let mut items = vec![Item::default(); skus.names.len()];
    let Some(raw) = raw else { return items };
    let sku = raw.text("sku", |t| skus.position(t));
    let similar = raw.text("similar_sku", |t| skus.position(t));
    let (name, variant_of) = (
        raw.text("name", str::to_owned),
        raw.text("variant_of", str::to_owned),
    );
    let category = raw.text("category", Category::new);
    let supplier = raw.text("supplier", Supplier::new);
    let (unit_cost, price) = (raw.number("unit_cost"), raw.number("price"));
    let (lead_time_days, lead_time_sd) = (raw.number("lead_time_days"), raw.number("lead_time_sd"));
    let (review_days, service_level) = (raw.number("review_days"), raw.number("service_level"));
    let (moq, order_multiple) = (raw.number("moq"), raw.number("order_multiple"));
    let (status, launch) = (raw.word("status"), raw.day("launch_date"));
    let backorder_policy = raw.word("backorder_policy");
    let mut unknown_similar = Count::default();
    let mut no_multiple = Count::default();
    for row in 0..raw.rows() {
        let Some(at) = sku(row).flatten() else {
            continue;
        };
        if order_multiple(row) == Some(0.0) {
            no_multiple.add(row);
        }
        if similar(row) == Some(None) {
            unknown_similar.add(row);
        }
        items[at as usize] = Item {
            name: name(row),
            category: category(row),
            variant_of: variant_of(row),
            supplier: supplier(row),
            unit_cost: unit_cost(row),
            price: price(row),
            lead_time_days: lead_time_days(row),
            lead_time_sd: lead_time_sd(row),
            review_days: review_days(row).map(|n| n as u32),
            moq: moq(row),
            order_multiple: order_multiple(row).filter(|&n| n > 0.0),
            service_level: service_level(row),
            status: match status(row) {
                Some(1) => ItemStatus::New,
                Some(2) => ItemStatus::Discontinued,
                _ => ItemStatus::Active,
            },
            launch: launch(row),
            similar_sku: similar(row).flatten().map(SkuId),
            backorder_policy: backorder_policy(row).map(|w| w == 1),
        };
    }
    no_multiple.report(raw, Severity::Notice, "order_multiple_zero", findings);
    unknown_similar.report(raw, Severity::Warning, "unknown_similar_sku", findings);
    items
}

/// The location of each channel: as `channels` says, as the sources' stock does, or one of the channel's own name.
pub(super) fn channel_locations(
    raw: Option<&RawTable>,
    channels: &Universe,
    served: &Served,
) -> Vec<String> {
    let mut told: BTreeMap<&str, &str> = BTreeMap::new();
    if let Some(raw) = raw {
        let (channel, location) = (raw.text("channel", |t| t), raw.text("location", |t| t));
        told.extend((0..raw.rows()).filter_map(|row| Some((channel(row)?, location(row)?))));
    }
    channels
        .names
        .iter()
        .map(|name| {
            let place = told.get(&**name).copied().or_else(|| served.location(name));
            place.unwrap_or(name).to_owned()
        })
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
            location: LocationId(locations.position(place).unwrap_or(0)),
            accepts_backorders: *accepts,
            priority: None,
            service_level: None,
        })
        .collect();
    let Some(raw) = raw else { return rows };
    let channel = raw.text("channel", |t| channels.position(t));
    let accepts = raw.word("accepts_backorders");
    let (priority, service_level) = (raw.number("priority"), raw.number("service_level"));
    for row in 0..raw.rows() {
        let Some(at) = channel(row).flatten() else {
            continue;
        };
        let channel = &mut rows[at as usize];
        if let Some(word) = accepts(row) {
            channel.accepts_backorders = word == 1;
        }
        channel.priority = priority(row);
        channel.service_level = service_level(row);
    }
    rows
}

/// One row per location.
pub(super) fn location_rows(raw: Option<&RawTable>, locations: &Universe) -> Vec<LocationRow> {
    let mut rows = vec![LocationRow::default(); locations.names.len()];
    let Some(raw) = raw else { return rows };
    let location = raw.text("location", |t| locations.position(t));
    let supplied_from = raw.text("supplied_from", |t| locations.position(t));
    let transfer_days = raw.number("transfer_days");
    for row in 0..raw.rows() {
        if let Some(at) = location(row).flatten() {
            rows[at as usize] = LocationRow {
                supplied_from: supplied_from(row).flatten().map(LocationId),
                transfer_days: transfer_days(row),
            };
        }
    }
    rows
}

/// The rows of `suppliers`, by name.
pub(super) fn supplier_rows(raw: Option<&RawTable>) -> Vec<SupplierRow> {
    let Some(raw) = raw else { return Vec::new() };
    let supplier = raw.text("supplier", Supplier::new);
    let (lead_time_days, lead_time_sd) = (raw.number("lead_time_days"), raw.number("lead_time_sd"));
    let (review_days, min_amount) = (raw.number("review_days"), raw.number("min_amount"));
    let order_weekday = raw.word("order_weekday");
    let calendar = raw.text("calendar", str::to_owned);
    let mut rows: Vec<SupplierRow> = (0..raw.rows())
        .filter_map(|row| {
            Some(SupplierRow {
                supplier: supplier(row)?,
                lead_time_days: lead_time_days(row),
                lead_time_sd: lead_time_sd(row),
                review_days: review_days(row).map(|n| n as u32),
                order_weekday: order_weekday(row).map(usize::from),
                min_amount: min_amount(row),
                calendar: calendar(row),
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
    let (first, last, kind) = (raw.day("from"), raw.day("to"), raw.word("kind"));
    let name = raw.text("name", str::to_owned);
    let sku = raw.text("sku", |t| skus.position(t));
    let channel = raw.text("channel", |t| channels.position(t));
    let category = raw.text("category", Category::new);
    let supplier = raw.text("supplier", Supplier::new);
    let series = raw.text("series", str::to_owned);
    let uplift = raw.number("uplift");
    let mut unknown = Count::default();
    let mut entries: Vec<CalendarEntry> = Vec::with_capacity(raw.rows());
    for row in 0..raw.rows() {
        let (Some(from), Some(to), Some(kind)) = (first(row), last(row), kind(row)) else {
            continue;
        };
        let (sku, channel) = (sku(row), channel(row));
        if sku == Some(None) || channel == Some(None) {
            unknown.add(row);
            continue;
        }
        entries.push(CalendarEntry {
            from,
            to,
            kind: match kind {
                0 => CalendarKind::Holiday,
                1 => CalendarKind::Promotion,
                2 => CalendarKind::SupplierClosed,
                3 => CalendarKind::Exclude,
                _ => CalendarKind::Recurring,
            },
            name: name(row),
            sku: sku.flatten().map(SkuId),
            category: category(row),
            channel: channel.flatten().map(ChannelId),
            supplier: supplier(row),
            series: series(row),
            uplift: uplift(row),
        });
    }
    unknown.report(raw, Severity::Warning, "calendar_scope_unknown", findings);
    entries.sort_by(|a, b| {
        let key = |e: &CalendarEntry| (e.from, e.to, e.kind as u8, e.sku, e.channel);
        key(a).cmp(&key(b)).then_with(|| {
            (&a.category, &a.supplier, &a.name, &a.series)
                .cmp(&(&b.category, &b.supplier, &b.name, &b.series))
                .then_with(|| a.uplift.unwrap_or(0.0).total_cmp(&b.uplift.unwrap_or(0.0)))
        })
    });
    entries
}

/// The rows of `listings`, sorted. One for a SKU or channel that no other table has is left out.
pub(super) fn listings(
    raw: Option<&RawTable>,
    skus: &Universe,
    channels: &Universe,
    findings: &mut Vec<Finding>,
) -> Vec<Listing> {
    let Some(raw) = raw else { return Vec::new() };
    let sku = raw.text("sku", |t| skus.position(t));
    let channel = raw.text("channel", |t| channels.position(t));
    let (first, last) = (raw.day("listed_from"), raw.day("listed_to"));
    let mut unknown = Count::default();
    let mut rows = Vec::with_capacity(raw.rows());
    for row in 0..raw.rows() {
        match (sku(row).flatten(), channel(row).flatten(), first(row)) {
            (Some(sku), Some(channel), Some(from)) => rows.push(Listing {
                sku: SkuId(sku),
                channel: ChannelId(channel),
                from,
                to: last(row),
            }),
            _ => unknown.add(row),
        }
    }
    unknown.report(raw, Severity::Warning, "listing_unknown", findings);
    rows.sort_unstable();
    rows
}
