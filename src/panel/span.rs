//! Which series there are, and on which day the history of each begins.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::SeriesKey;
use super::first_snapshot::FirstSnapshot;
use crate::domain::{
    Availability, BackorderKind, ChannelId, ItemStatus, LocationId, OrderType, SkuId, Tables,
};

/// What the tables tell of a series before its days are laid out.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    /// First day of its history, never after as-of.
    pub first: i32,
    /// Whether anything but whole units occurs.
    pub fractional: bool,
}

/// What is gathered of a (sku, channel) pair.
#[derive(Clone, Copy, Default)]
struct Trace {
    /// First day on which it was on sale: of a regular sale, a backorder, or stock.
    on_sale: Option<i32>,
    /// First order of another kind. Preorders come before there is anything to sell, samples and wholesale at any time: a history begins with
    /// them only where nothing else is known.
    otherwise: Option<i32>,
    fractional: bool,
}

fn earlier(day: &mut Option<i32>, other: i32) {
    *day = Some(day.map_or(other, |d| d.min(other)));
}

/// When the shelf of a (sku, location) had stock.
struct Shelf {
    sku: SkuId,
    location: LocationId,
    /// First record that shows stock.
    first: i32,
    /// Last record that shows stock.
    last: i32,
}

/// (sku, channel) pairs that sell, take backorders or hold stock, with the first day of each.
///
/// # Errors
/// When the frames do not have the columns that they promise.
pub(super) fn list_series(
    tables: &Tables,
    sales: &DataFrame,
    stock: Option<&DataFrame>,
) -> PolarsResult<Vec<(SeriesKey, Seen)>> {
    let mut traces = orders(tables, sales)?;
    if let Some(stock) = stock {
        let begun = FirstSnapshot::new(tables, sales, stock)?;
        shelves_open(tables, &shelves(stock)?, &begun, &mut traces);
    }
    // A new item without any record is planned wherever the item it resembles is sold.
    for (s, item) in tables.items.iter().enumerate() {
        let Some(like) = item.similar_sku else {
            continue;
        };
        let s = SkuId(s as u32);
        if item.status == ItemStatus::Discontinued
            || traces
                .range((s, ChannelId::ENDS.0)..=(s, ChannelId::ENDS.1))
                .next()
                .is_some()
        {
            continue;
        }
        let channels: Vec<ChannelId> = traces
            .range((like, ChannelId::ENDS.0)..=(like, ChannelId::ENDS.1))
            .map(|(k, _)| k.1)
            .collect();
        for c in channels {
            traces.insert((s, c), Trace::default());
        }
    }
    let as_of = tables.as_of.0;
    Ok(traces
        .into_iter()
        .map(|((sku, channel), trace)| {
            let mut first = trace.on_sale.or(trace.otherwise).unwrap_or(as_of);
            if let Some(launch) = tables.items[sku].launch {
                first = first.max(launch.0);
            }
            let key = SeriesKey {
                sku,
                channel,
                location: tables.channel_rows[channel].location,
            };
            let seen = Seen {
                first: first.min(as_of),
                fractional: trace.fractional,
            };
            (key, seen)
        })
        .collect())
}

/// Least (`NAME_min`) and greatest (`NAME_max`) values of columns by group, the groups in one order in both.
#[expect(
    deprecated,
    reason = "polars' aggregations that are not deprecated come with its streaming engine, a third of all dependencies"
)]
fn extremes(
    frame: &DataFrame,
    by: &[&str],
    columns: &[&str],
) -> PolarsResult<(DataFrame, DataFrame)> {
    let groups = frame.group_by(by)?.select(columns.iter().copied());
    Ok((groups.min()?, groups.max()?))
}

/// Pairs with an order of any kind.
fn orders(tables: &Tables, sales: &DataFrame) -> PolarsResult<BTreeMap<(SkuId, ChannelId), Trace>> {
    let mut traces: BTreeMap<(SkuId, ChannelId), Trace> = BTreeMap::new();
    let regular = sales
        .column("order_type")?
        .i8()?
        .equal(OrderType::Regular as i8)
        .with_name("regular".into());
    let part = sales.column("units")? % 1.0;
    let keyed = DataFrame::new(
        sales.height(),
        vec![
            sales.column("sku")?.clone(),
            sales.column("channel")?.clone(),
            regular.into_column(),
            sales.column("date")?.clone(),
            part.with_name("part".into()),
        ],
    )?;
    let (first, parts) = extremes(&keyed, &["sku", "channel", "regular"], &["date", "part"])?;
    let (sku, channel) = (first.column("sku")?.u32()?, first.column("channel")?.u32()?);
    let (start, part) = (
        first.column("date_min")?.i32()?,
        parts.column("part_max")?.f64()?,
    );
    let regular = first.column("regular")?.bool()?;
    for ((((s, c), d), p), regular) in sku
        .iter()
        .zip(channel.iter())
        .zip(start.iter())
        .zip(part.iter())
        .zip(regular.iter())
    {
        if let (Some(s), Some(c), Some(d)) = (s, c, d) {
            let trace = traces.entry((SkuId(s), ChannelId(c))).or_default();
            if regular == Some(true) {
                earlier(&mut trace.on_sale, d);
            } else {
                earlier(&mut trace.otherwise, d);
            }
            trace.fractional |= p.unwrap_or(0.0) > 1e-9;
        }
    }
    for line in &tables.backorders {
        let trace = traces.entry((line.sku, line.channel)).or_default();
        match line.kind {
            BackorderKind::Backorder => earlier(&mut trace.on_sale, line.date.0),
            BackorderKind::Preorder => earlier(&mut trace.otherwise, line.date.0),
        }
        trace.fractional |= line.units.fract() > 1e-9;
    }
    Ok(traces)
}

/// The shelves that had stock, sorted by (sku, location).
fn shelves(stock: &DataFrame) -> PolarsResult<Vec<Shelf>> {
    let above_zero = |name: &str| -> PolarsResult<BooleanChunked> {
        let column = stock.column(name)?.f64()?;
        Ok(column.gt(0.0) & column.is_not_nan())
    };
    let state = stock.column("state")?.i8()?;
    let listed = state.gt_eq(0) & state.not_equal(Availability::NotListed as i8);
    let open =
        stock.filter(&(above_zero("on_hand")? | above_zero("in_stock_fraction")? | listed))?;
    let by = ["sku", "location"];
    let (first, last) = extremes(&open, &by, &["date"])?;
    let spans = first
        .hstack(&[last.column("date_max")?.clone()])?
        .sort(by, SortMultipleOptions::default())?;
    let (sku, location) = (
        spans.column("sku")?.u32()?,
        spans.column("location")?.u32()?,
    );
    let (first, last) = (
        spans.column("date_min")?.i32()?,
        spans.column("date_max")?.i32()?,
    );
    Ok(sku
        .iter()
        .zip(location.iter())
        .zip(first.iter())
        .zip(last.iter())
        .filter_map(|(((sku, location), first), last)| {
            Some(Shelf {
                sku: SkuId(sku?),
                location: LocationId(location?),
                first: first?,
                last: last?,
            })
        })
        .collect())
}

/// Histories reach back to the first stock of their shelf: in stock and unsold is a true zero. But not to days before the channel opened, nor to a
/// first count long before the item was on sale.
fn shelves_open(
    tables: &Tables,
    shelves: &[Shelf],
    begun: &FirstSnapshot,
    traces: &mut BTreeMap<(SkuId, ChannelId), Trace>,
) {
    let mut channels_at: BTreeMap<LocationId, Vec<ChannelId>> = BTreeMap::new();
    for (c, row) in tables.channel_rows.iter().enumerate() {
        channels_at
            .entry(row.location)
            .or_default()
            .push(ChannelId(c as u32));
    }
    let opened = openings(tables, &channels_at, traces);
    for shelf in shelves {
        let Some(channels) = channels_at.get(&shelf.location) else {
            continue;
        };
        let selling: Vec<ChannelId> = channels
            .iter()
            .copied()
            .filter(|&c| traces.contains_key(&(shelf.sku, c)))
            .collect();
        let listed = if selling.is_empty() {
            channels
        } else {
            &selling
        };
        for &c in listed {
            let trace = traces.entry((shelf.sku, c)).or_default();
            // The last count stays in, or the stock of today would not be known.
            let open = opened[c.at()].map_or(shelf.first, |d| d.min(shelf.last));
            let since = shelf.first.max(open);
            let waited = trace
                .on_sale
                .is_some_and(|sold| begun.not_on_sale((shelf.sku, c), shelf.location, since, sold));
            if !waited {
                earlier(&mut trace.on_sale, since);
            }
        }
    }
}

/// The day on which each channel opened, where its location cannot tell: the first on which it sold anything at all, when another
/// channel sold from the same stock before it.
fn openings(
    tables: &Tables,
    channels_at: &BTreeMap<LocationId, Vec<ChannelId>>,
    traces: &BTreeMap<(SkuId, ChannelId), Trace>,
) -> Vec<Option<i32>> {
    let mut sold = vec![None; tables.channels.len()];
    for (&(_, c), trace) in traces {
        if let Some(day) = trace.on_sale {
            earlier(&mut sold[c.at()], day);
        }
    }
    let mut opened = vec![None; sold.len()];
    for channels in channels_at.values() {
        let first = channels.iter().filter_map(|&c| sold[c.at()]).min();
        for &c in channels {
            opened[c.at()] = sold[c.at()].filter(|&day| Some(day) > first);
        }
    }
    opened
}
