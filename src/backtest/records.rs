//! A past that never was, as the rows in which a shop would have recorded it.

use polars::prelude::*;

use crate::domain::{
    Availability, ChannelId, Grain, LocationId, OrderType, Records, SalesFrame, SkuId, StockFrame,
};
use crate::panel::Panel;

/// Rows of `sales` and `stock` under construction.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    sale_date: Vec<i32>,
    sale_sku: Vec<u32>,
    sale_channel: Vec<u32>,
    sale_units: Vec<f64>,
    stock_date: Vec<i32>,
    stock_sku: Vec<u32>,
    stock_location: Vec<u32>,
    on_hand: Vec<f64>,
    fraction: Vec<f64>,
    state: Vec<i8>,
}

impl Rows {
    /// The rows that a panel was made of, one a period: its regular sales, and its stock with snapshots rolled. What the shop itself
    /// said of a day is kept where it recorded neither stock nor fraction, and where it said "not listed".
    pub(super) fn of(panel: &Panel) -> Self {
        let mut records = Self::default();
        let mut written = std::collections::BTreeSet::new();
        for (i, key) in panel.series.iter().enumerate() {
            let view = panel.view(i);
            let first_of_pool = written.insert((key.sku, key.location, view.first.0));
            for t in 0..view.len() {
                let day = view.day(t).0;
                records.sale(day, key.sku, key.channel, view.sold[t]);
                let fraction = view.fraction(t).unwrap_or(f64::NAN);
                let availability = view.availability[t];
                let silent = view.closing[t].is_nan() && fraction.is_nan();
                let said =
                    availability == Availability::NotListed || (silent && availability.is_known());
                if first_of_pool && (!silent || said) {
                    let state = if said { availability as i8 } else { -1 };
                    records.stock(
                        day,
                        (key.sku, key.location),
                        view.closing[t],
                        fraction,
                        state,
                    );
                }
            }
        }
        records
    }

    /// Units sold; nothing is written for none.
    pub(super) fn sale(&mut self, day: i32, sku: SkuId, channel: ChannelId, units: f64) {
        if units > 0.0 {
            self.sale_date.push(day);
            self.sale_sku.push(sku.0);
            self.sale_channel.push(channel.0);
            self.sale_units.push(units);
        }
    }

    /// Stock of a (SKU, location) at the end of a period; NaN and −1 where a column is empty.
    pub(super) fn stock(
        &mut self,
        day: i32,
        (sku, location): (SkuId, LocationId),
        on_hand: f64,
        fraction: f64,
        state: i8,
    ) {
        self.stock_date.push(day);
        self.stock_sku.push(sku.0);
        self.stock_location.push(location.0);
        self.on_hand.push(on_hand);
        self.fraction.push(fraction);
        self.state.push(state);
    }

    /// As the planner reads them.
    pub(super) fn into_records(self) -> PolarsResult<Records> {
        let sales = self.sale_units.len();
        let sales = df!(
            "date" => self.sale_date,
            "sku" => self.sale_sku,
            "channel" => self.sale_channel,
            "units" => self.sale_units,
            "returned_units" => vec![0.0; sales],
            "price" => vec![f64::NAN; sales],
            "order_type" => vec![OrderType::Regular as i8; sales]
        )?;
        let stock = df!(
            "date" => self.stock_date,
            "sku" => self.stock_sku,
            "location" => self.stock_location,
            "on_hand" => self.on_hand,
            "in_stock_fraction" => self.fraction,
            "state" => self.state
        )?;
        Ok(Records {
            sales: SalesFrame(sales),
            stock: Some(StockFrame(stock)),
        })
    }
}

/// Periods for days, at least one.
pub(super) fn periods(days: f64, grain: Grain) -> usize {
    ((days / f64::from(grain.days())).round() as usize).max(1)
}
