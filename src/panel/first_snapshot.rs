//! Since when a SKU of the very first count was on sale.
//!
//! Stock that arrives after the record began is taken to be on sale from then on: in stock and unsold is a true zero. What was on the shelf at the
//! first of a few counts may have lain there for long, or in a cellar until it was offered: its zeros before the first sale are true ones only
//! where its own rate allows so many.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::domain::{ChannelId, LocationId, OrderType, SkuId, Tables};

/// A record with counts on less than this share of its periods is one of counts; one of every day sees what lay there unsold.
const OF_COUNTS: f64 = 0.5;
/// Days without a sale that chance makes rarer than this, at the rate after the first sale, were days before it was on sale.
const CHANCE: f64 = 1e-3;

/// The beginnings of the records of stock, and how often each series sells.
pub(super) struct FirstSnapshot {
    /// Only of records of counts.
    begun: BTreeMap<LocationId, i32>,
    /// Periods with regular sales, by series.
    sale_periods: BTreeMap<(SkuId, ChannelId), u32>,
    as_of: i32,
    step: i32,
}

impl FirstSnapshot {
    /// # Errors
    /// When the frames do not have the columns that they promise.
    pub(super) fn new(tables: &Tables, sales: &DataFrame, stock: &DataFrame) -> PolarsResult<Self> {
        let begun = begun(tables, stock)?;
        let mut sale_periods: BTreeMap<(SkuId, ChannelId), u32> = BTreeMap::new();
        let (date, sku, channel) = (
            sales.column("date")?.i32()?.cont_slice()?,
            sales.column("sku")?.u32()?.cont_slice()?,
            sales.column("channel")?.u32()?.cont_slice()?,
        );
        let units = sales.column("units")?.f64()?.cont_slice()?;
        let kind = sales.column("order_type")?.i8()?.cont_slice()?;
        let mut last = None;
        for r in 0..date.len() {
            // Rows are sorted by series and date.
            let at = (sku[r], channel[r], date[r]);
            if kind[r] == OrderType::Regular as i8 && units[r] > 0.0 && last != Some(at) {
                last = Some(at);
                *sale_periods
                    .entry((SkuId(sku[r]), ChannelId(channel[r])))
                    .or_default() += 1;
            }
        }
        Ok(Self {
            begun,
            sale_periods,
            as_of: tables.as_of.0,
            step: tables.grain.days(),
        })
    }

    /// Whether a series whose shelf was first seen on day `shelf`, and that first sold on day `sold`, was not on sale between them.
    pub(super) fn not_on_sale(
        &self,
        key: (SkuId, ChannelId),
        location: LocationId,
        shelf: i32,
        sold: i32,
    ) -> bool {
        if self.begun.get(&location) != Some(&shelf) || sold <= shelf {
            return false;
        }
        // The first sale itself is why the period begins there.
        let after = f64::from((self.as_of - sold) / self.step);
        let sales = self.sale_periods.get(&key).copied().unwrap_or(0);
        let share = (f64::from(sales) - 1.0).max(0.0) / after.max(1.0);
        let without = f64::from((sold - shelf) / self.step);
        (1.0 - share.min(1.0)).powf(without) < CHANCE
    }
}

/// The first day of each location's record, where that is one of counts.
fn begun(tables: &Tables, stock: &DataFrame) -> PolarsResult<BTreeMap<LocationId, i32>> {
    let date = stock.column("date")?.i32()?.cont_slice()?;
    let location = stock.column("location")?.u32()?.cont_slice()?;
    let (Some(&first), Some(&last)) = (date.iter().min(), date.iter().max()) else {
        return Ok(BTreeMap::new());
    };
    let mut days: BTreeMap<u32, Vec<bool>> = BTreeMap::new();
    for (start, end) in runs(location) {
        let seen = days
            .entry(location[start])
            .or_insert_with(|| vec![false; (last - first + 1) as usize]);
        for day in &date[start..end] {
            seen[(day - first) as usize] = true;
        }
    }
    let of_counts = |(location, seen): (u32, Vec<bool>)| {
        let begins = first + seen.iter().position(|s| *s)? as i32;
        let periods = (tables.as_of.0 - begins) / tables.grain.days() + 1;
        let counts = seen.iter().filter(|s| **s).count() as f64;
        (counts < OF_COUNTS * f64::from(periods)).then_some((LocationId(location), begins))
    };
    Ok(days.into_iter().filter_map(of_counts).collect())
}

/// Stretches of one value.
fn runs(values: &[u32]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut end = 0;
    values.chunk_by(|a, b| a == b).map(move |run| {
        let start = end;
        end += run.len();
        (start, end)
    })
}
