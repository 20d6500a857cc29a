//! `preorders.csv`: what was sold before it is released, and how it enters the first order: as a debt, never as demand.

use std::collections::BTreeMap;

use crate::domain::{
    BackorderKind, ChannelId, Cover, Day, OpenLine, OrderType, PoolOrder, PreorderRow,
    Recommendation, SalesFrame, SkuId, Tables,
};
use crate::policy::basis::{Basis, four};

/// Preorders among the sales of items that are not released yet, by (SKU, channel): index into the tables' name lists.
pub type SoldAhead = BTreeMap<(SkuId, ChannelId), Ahead>;

/// Preorders of one SKU and channel among the sales.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ahead {
    pub rows: u64,
    pub units: f64,
    /// Money, where a price is known.
    pub amount: f64,
    /// Whether some of it is at the price of its own row, and some at the item's.
    pub at_row: bool,
    pub at_item: bool,
    pub first: Option<Day>,
    pub last: Option<Day>,
}

impl Ahead {
    /// Adds units at the price of their own row, else at the item's.
    fn add(&mut self, day: Day, units: f64, own: Option<f64>, item: Option<f64>) {
        self.rows += 1;
        self.units += units;
        if let Some(price) = own.or(item) {
            self.amount += units * price;
            self.at_row |= own.is_some();
            self.at_item |= own.is_none();
        }
        self.first = Some(self.first.map_or(day, |d| d.min(day)));
        self.last = Some(self.last.map_or(day, |d| d.max(day)));
    }
}

/// Preorders (`order_type` = preorder) among `sales` of items that are released after as-of.
///
/// # Errors
/// When the frame lacks a column that it promises.
pub fn sold_ahead(sales: &SalesFrame, tables: &Tables) -> polars::prelude::PolarsResult<SoldAhead> {
    let mut found = SoldAhead::new();
    let frame = &sales.0;
    if frame.height() == 0 {
        return Ok(found);
    }
    let (dates, skus, channels) = (
        frame.column("date")?.i32()?,
        frame.column("sku")?.u32()?,
        frame.column("channel")?.u32()?,
    );
    let (units, prices, types) = (
        frame.column("units")?.f64()?,
        frame.column("price")?.f64()?,
        frame.column("order_type")?.i8()?,
    );
    for (row, kind) in types.iter().enumerate() {
        if kind != Some(OrderType::Preorder as i8) {
            continue;
        }
        let (Some(day), Some(sku), Some(channel), Some(units)) = (
            dates.get(row),
            skus.get(row),
            channels.get(row),
            units.get(row),
        ) else {
            continue;
        };
        let (sku, channel) = (SkuId(sku), ChannelId(channel));
        let item = &tables.items[sku];
        if item.launch.is_some_and(|d| d > tables.plan_day()) && units > 0.0 {
            let own = prices.get(row).filter(|p| p.is_finite());
            let ahead = found.entry((sku, channel)).or_default();
            ahead.add(Day(day), units, own, item.price);
        }
    }
    Ok(found)
}

#[derive(Default)]
struct Taken {
    all: Ahead,
    cancelled: f64,
    shipped: f64,
    open: f64,
}

/// All preorders by (SKU, channel), those among the sales included.
fn taken(tables: &Tables, ahead: &SoldAhead) -> BTreeMap<(SkuId, ChannelId), Taken> {
    let mut taken: BTreeMap<(SkuId, ChannelId), Taken> = BTreeMap::new();
    for line in tables
        .backorders
        .iter()
        .filter(|l| l.kind == BackorderKind::Preorder)
    {
        let price = tables.items[line.sku].price;
        let t = taken.entry((line.sku, line.channel)).or_default();
        t.all.add(line.date, line.units, None, price);
        // What was cancelled brings no money.
        t.all.amount -= line.cancelled_units * price.unwrap_or(0.0);
        t.cancelled += line.cancelled_units;
        t.shipped += line.shipped_units;
        t.open += line.open_units();
    }
    for (key, sold) in ahead {
        let t = &mut taken.entry(*key).or_default().all;
        t.rows += sold.rows;
        t.units += sold.units;
        t.amount += sold.amount;
        t.at_row |= sold.at_row;
        t.at_item |= sold.at_item;
        t.first = t.first.into_iter().chain(sold.first).min();
        t.last = t.last.into_iter().chain(sold.last).max();
    }
    taken
}

/// One row a SKU and channel that has open preorders, or preorders of an item that is not released yet.
pub(super) fn rows(
    basis: &Basis<'_>,
    recommendations: &[Recommendation],
    orders: &[PoolOrder],
    lines: &[OpenLine],
    ahead: &SoldAhead,
) -> Vec<PreorderRow> {
    let tables = basis.tables;
    let taken = taken(tables, ahead);
    // Pegged units by (SKU, channel): covered, in this plan's order.
    let mut pegged: BTreeMap<(&str, &str), (f64, f64)> = BTreeMap::new();
    for line in lines.iter().filter(|l| l.kind == "preorder") {
        let p = pegged
            .entry((line.sku.as_str(), line.channel.as_str()))
            .or_default();
        if matches!(line.covered_by, Cover::Stock | Cover::Receipt) {
            p.0 += line.covered_units;
        }
        p.1 += line.order_now_units;
    }
    // What the supplied locations draw is not what these channels sell.
    let per_day = |o: &PoolOrder| -> f64 {
        let rows = o.rows.iter();
        rows.map(|&i| recommendations[i].demand_per_day).sum()
    };
    let orders: BTreeMap<(&str, &str), (f64, f64)> = orders
        .iter()
        .map(|o| {
            let key = (o.sku.as_str(), o.location.as_str());
            (key, (o.bridge.quantity, per_day(o)))
        })
        .collect();
    taken
        .into_iter()
        .filter(|((sku, _), t)| {
            let launch = tables.items[*sku].launch;
            t.open > 0.0 || launch.is_some_and(|d| d > tables.plan_day())
        })
        .map(|((sku, channel), t)| {
            let item = &tables.items[sku];
            let (sku, channel_row) = (&tables.skus[sku], &tables.channel_rows[channel]);
            let channel = &tables.channels[channel];
            let location = &tables.locations[channel_row.location];
            let (covered, in_order) = pegged
                .get(&(sku.as_str(), channel.as_str()))
                .copied()
                .unwrap_or_default();
            let (order_qty, per_day) = orders
                .get(&(sku.as_str(), location.as_str()))
                .copied()
                .unwrap_or_default();
            PreorderRow {
                sku: sku.clone(),
                name: item.name.clone(),
                channel: channel.clone(),
                location: location.clone(),
                launch_date: item.launch,
                orders: t.all.rows,
                first_date: t.all.first,
                last_date: t.all.last,
                units_taken: four(t.all.units),
                units_cancelled: four(t.cancelled),
                units_shipped: four(t.shipped),
                units_open: four(t.open),
                price: item.price,
                amount_taken: (item.price.is_some() || t.all.amount > 0.0)
                    .then(|| four(t.all.amount)),
                amount_price: match (t.all.at_row, t.all.at_item) {
                    (true, true) => Some("row + item"),
                    (true, false) => Some("row"),
                    (false, true) => Some("item"),
                    (false, false) => None,
                },
                amount_open: item.price.map(|p| four(p * t.open)),
                covered_units: four(covered),
                in_order_units: four(in_order),
                uncovered_units: four((t.open - covered - in_order).max(0.0)),
                order_qty: four(order_qty),
                demand_per_day: four(per_day),
            }
        })
        .collect()
}
