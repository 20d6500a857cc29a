//! What moves a location's stock beside regular sales and receipts.

use std::collections::BTreeMap;

use polars::prelude::PolarsResult;

use crate::domain::{Day, OrderType, Tables};

/// What came and went beside regular sales and receipts, by (sku, location): other sales, returns, shipped backorders, transfers to other
/// locations. Units are signed: what goes out is negative.
#[derive(Clone, Debug, Default)]
pub struct Movements {
    rows: BTreeMap<(u32, u32), Vec<(Day, f64)>>,
}

impl Movements {
    /// Reads the tables while they still hold the rows of sales.
    ///
    /// # Errors
    /// When the frame of sales lacks a column that it promises.
    pub fn of(tables: &Tables) -> PolarsResult<Self> {
        let mut all = Self::default();
        let mut frame = tables.sales.0.clone();
        frame.rechunk_mut();
        let date = frame.column("date")?.i32()?.cont_slice()?;
        let sku = frame.column("sku")?.u32()?.cont_slice()?;
        let channel = frame.column("channel")?.u32()?.cont_slice()?;
        let units = frame.column("units")?.f64()?.cont_slice()?;
        let returned = frame.column("returned_units")?.f64()?.cont_slice()?;
        let kind = frame.column("order_type")?.i8()?.cont_slice()?;
        let location = |channel: u32| tables.channel_rows[channel as usize].location;
        for r in 0..date.len() {
            let special = if kind[r] == OrderType::Regular as i8 {
                0.0
            } else {
                units[r]
            };
            if returned[r] != special {
                all.add(
                    sku[r],
                    location(channel[r]),
                    Day(date[r]),
                    returned[r] - special,
                );
            }
        }
        for line in &tables.backorders {
            if let (Some(day), true) = (line.shipped, line.shipped_units > 0.0) {
                all.add(line.sku, location(line.channel), day, -line.shipped_units);
            }
        }
        for line in &tables.inbound {
            if let Some(source) = tables.transferred_from(line) {
                all.add(line.sku, source, line.ordered, -line.units);
            }
        }
        Ok(all)
    }

    fn add(&mut self, sku: u32, location: u32, day: Day, units: f64) {
        self.rows
            .entry((sku, location))
            .or_default()
            .push((day, units));
    }

    /// The movements of a SKU at a location, in no order of days.
    pub fn at(&self, sku: u32, location: u32) -> &[(Day, f64)] {
        self.rows.get(&(sku, location)).map_or(&[], Vec::as_slice)
    }
}
