//! What moves a location's stock beside regular sales, and its last count where nothing sells.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{DataFrame, PolarsResult};

use crate::domain::{ChannelId, Day, LocationId, OrderType, SkuId, Tables, sale_moves};

/// By (sku, location).
type ByPlace<T> = BTreeMap<(SkuId, LocationId), T>;

/// What is known of stock beside the days of the panel.
#[derive(Clone, Debug, Default)]
pub struct Movements {
    received: ByPlace<Vec<(Day, f64)>>,
    other: ByPlace<Vec<(Day, f64)>>,
    /// The last count of each SKU at a location where no channel sells it.
    pub(super) counts: ByPlace<(Day, f64)>,
    /// Locations where anything was ever counted.
    pub(super) counted: BTreeSet<LocationId>,
}

impl Movements {
    /// Those of `tables` and of the rows of `sales`, which are contiguous.
    pub(super) fn of(tables: &Tables, sales: &DataFrame) -> PolarsResult<Self> {
        let mut all = Self::default();
        let date = sales.column("date")?.i32()?.cont_slice()?;
        let sku = sales.column("sku")?.u32()?.cont_slice()?;
        let channel = sales.column("channel")?.u32()?.cont_slice()?;
        let units = sales.column("units")?.f64()?.cont_slice()?;
        let returned = sales.column("returned_units")?.f64()?.cont_slice()?;
        let kind = sales.column("order_type")?.i8()?.cont_slice()?;
        for r in 0..date.len() {
            // Regular units are in the panel.
            let special = if kind[r] == OrderType::Regular as i8 {
                0.0
            } else {
                units[r]
            };
            if returned[r] != special {
                let location = tables.channel_rows[ChannelId(channel[r])].location;
                let moved = (Day(date[r]), sale_moves(special, returned[r]));
                all.other
                    .entry((SkuId(sku[r]), location))
                    .or_default()
                    .push(moved);
            }
        }
        for m in tables.movements() {
            let kind = if m.units > 0.0 {
                &mut all.received
            } else {
                &mut all.other
            };
            let at = kind.entry((m.sku, m.location)).or_default();
            at.push((m.day, m.units));
        }
        Ok(all)
    }

    /// Units that left the stock on a day, though not as regular sales.
    pub(super) fn leave(&mut self, sku: SkuId, location: LocationId, day: Day, units: f64) {
        let moved = self.other.entry((sku, location)).or_default();
        moved.push((day, sale_moves(units, 0.0)));
    }

    /// What a SKU's stock at a location received, in no order of days.
    pub fn received(&self, sku: SkuId, location: LocationId) -> &[(Day, f64)] {
        self.received
            .get(&(sku, location))
            .map_or(&[], Vec::as_slice)
    }

    /// Location and day of every receipt.
    pub(super) fn receipts(&self) -> impl Iterator<Item = (LocationId, Day)> + '_ {
        (self.received.iter()).flat_map(|(key, all)| all.iter().map(|(day, _)| (key.1, *day)))
    }

    /// What else moved it beside regular sales, signed: other sales, returns, shipped backorders, transfers to other locations.
    pub fn other(&self, sku: SkuId, location: LocationId) -> &[(Day, f64)] {
        self.other.get(&(sku, location)).map_or(&[], Vec::as_slice)
    }

    /// Stock of a SKU at a location where no channel sells it: the last count and what moved it since; 0 where others were counted and it
    /// never was, `None` where nothing ever was.
    pub fn stock_without_sales(&self, sku: SkuId, location: LocationId) -> Option<f64> {
        self.counted.contains(&location).then(|| {
            let Some(&(counted, units)) = self.counts.get(&(sku, location)) else {
                return 0.0;
            };
            let moved = self.received(sku, location).iter();
            let since = moved
                .chain(self.other(sku, location))
                .filter(|m| m.0 > counted);
            since.fold(units, |stock, m| stock + m.1)
        })
    }
}
