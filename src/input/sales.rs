//! `sales`: rows to a sorted frame.

use polars::prelude::*;

use super::order::{by_key, gather, key, runs};
use super::raw::{NO_WORD, RawTable};
use super::universe::Universe;
use crate::domain::{BackorderKind, BackorderLine, OrderType, SalesFrame};

/// The rows up to as-of, sorted by (sku, channel, date), then by what else they say.
#[derive(Debug, Default)]
pub(super) struct SalesRows {
    /// Of (sku, channel, date): see [`super::order`].
    pub keys: Vec<u64>,
    pub date: Vec<i32>,
    pub sku: Vec<u32>,
    pub channel: Vec<u32>,
    pub units: Vec<f64>,
    pub returned: Vec<f64>,
    pub price: Vec<f64>,
    pub order_type: Vec<i8>,
    /// Row in the table as read.
    pub row: Vec<u32>,
    /// Number of channels.
    pub channels: usize,
}

impl SalesRows {
    /// Takes the columns out of the table as read; its lines stay for messages.
    pub(super) fn new(
        raw: &mut RawTable,
        as_of: i32,
        skus: &Universe,
        channels: &Universe,
    ) -> Self {
        let mut date = raw.take_days("date");
        let (sku, sku_names) = raw.take_codes("sku");
        let (channel, channel_names) = raw.take_codes("channel");
        let sku_at = skus.translation(sku_names.texts());
        let channel_at = channels.translation(channel_names.texts());
        let mut sku: Vec<u32> = sku.into_iter().map(|c| sku_at[c as usize]).collect();
        let mut channel: Vec<u32> = channel
            .into_iter()
            .map(|c| channel_at[c as usize])
            .collect();
        let mut units = raw.take_numbers("units", 0.0);
        let mut returned = raw.take_numbers("returned_units", 0.0);
        for r in &mut returned {
            if r.is_nan() {
                *r = 0.0;
            }
        }
        let mut price = raw.take_numbers("price", f64::NAN);
        let mut order_type: Vec<i8> = raw
            .take_words("order_type")
            .into_iter()
            .map(|w| if w == NO_WORD { 0 } else { w as i8 })
            .collect();
        let width = channels.names.len();
        let mut row: Vec<u32> = (0..date.len() as u32).collect();
        if date.iter().any(|&d| d > as_of) {
            row.retain(|&r| date[r as usize] <= as_of);
            date = gather(&date, &row);
            sku = gather(&sku, &row);
            channel = gather(&channel, &row);
            units = gather(&units, &row);
            returned = gather(&returned, &row);
            price = gather(&price, &row);
            order_type = gather(&order_type, &row);
        }
        let keys: Vec<u64> = (0..date.len())
            .map(|k| key(sku[k], channel[k], width, date[k]))
            .collect();
        let mut rows = Self {
            keys,
            date,
            sku,
            channel,
            units,
            returned,
            price,
            order_type,
            row,
            channels: width,
        };
        if let Some(order) = by_key(&rows.keys) {
            rows.reorder(&order);
        }
        rows.settle_ties();
        rows
    }

    fn reorder(&mut self, order: &[u32]) {
        self.keys = gather(&self.keys, order);
        self.date = gather(&self.date, order);
        self.sku = gather(&self.sku, order);
        self.channel = gather(&self.channel, order);
        self.units = gather(&self.units, order);
        self.returned = gather(&self.returned, order);
        self.price = gather(&self.price, order);
        self.order_type = gather(&self.order_type, order);
        self.row = gather(&self.row, order);
    }

    /// Orders the rows of one series and day by their values, so that the order of the input leaves no trace.
    fn settle_ties(&mut self) {
        let rank = |k: usize| {
            (
                self.order_type[k],
                sortable(self.price[k]),
                sortable(self.units[k]),
                sortable(self.returned[k]),
            )
        };
        let mut order: Option<Vec<u32>> = None;
        for (start, end) in runs(&self.keys) {
            if (start + 1..end).any(|k| rank(k - 1) > rank(k)) {
                let order = order.get_or_insert_with(|| (0..self.keys.len() as u32).collect());
                order[start..end].sort_by_key(|&k| rank(k as usize));
            }
        }
        if let Some(order) = order {
            self.reorder(&order);
        }
    }

    /// Sets apart what was given away: rows at price 0 of a SKU whose regular rows mostly have a price. Returns the rows.
    pub(super) fn set_gifts_apart(&mut self) -> Vec<usize> {
        let mut gifts = Vec::new();
        let mut start = 0;
        while start < self.len() {
            let sku = self.sku[start];
            let end = start + self.sku[start..].partition_point(|&s| s == sku);
            let regular = |k: &usize| self.order_type[*k] == OrderType::Regular as i8;
            let priced = (start..end)
                .filter(regular)
                .filter(|&k| self.price[k] > 0.0)
                .count();
            let free: Vec<usize> = (start..end)
                .filter(regular)
                .filter(|&k| self.price[k] == 0.0 && self.units[k] > 0.0)
                .collect();
            if priced > free.len() {
                gifts.extend(free);
            }
            start = end;
        }
        for &k in &gifts {
            self.order_type[k] = OrderType::Sample as i8;
        }
        gifts
    }

    /// Leaves out the rows of some SKUs.
    pub(super) fn leave_out(&mut self, skus: &[bool]) {
        let kept = (0..self.len() as u32).filter(|&k| !skus[self.sku[k as usize] as usize]);
        let kept: Vec<u32> = kept.collect();
        self.reorder(&kept);
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Positions of a series' rows on a day.
    pub(super) fn on(&self, sku: u32, channel: u32, date: i32) -> std::ops::Range<usize> {
        let wanted = key(sku, channel, self.channels, date);
        let start = self.keys.partition_point(|&k| k < wanted);
        let end = start + self.keys[start..].partition_point(|&k| k == wanted);
        start..end
    }

    /// Takes the backorder lines out of the sales that already hold them. Returns, per line, the units that no sales
    /// row of the order's day had.
    pub(super) fn subtract(&mut self, backorders: &[BackorderLine]) -> Vec<f64> {
        let mut missing = Vec::with_capacity(backorders.len());
        for line in backorders {
            let mut left = line.units;
            let span = self.on(line.sku.0, line.channel.0, line.date.0);
            // Rows of the line's own kind first.
            let own = match line.kind {
                BackorderKind::Preorder => OrderType::Preorder as i8,
                BackorderKind::Backorder => OrderType::Regular as i8,
            };
            for first in [true, false] {
                for k in span.clone() {
                    if (self.order_type[k] == own) == first {
                        let taken = left.min(self.units[k]);
                        self.units[k] -= taken;
                        left -= taken;
                    }
                }
            }
            missing.push(left);
        }
        missing
    }

    /// Hands the columns over as a frame.
    ///
    /// # Errors
    /// Never for columns of one length; the error is polars'.
    pub(super) fn into_frame(self) -> PolarsResult<SalesFrame> {
        let height = self.len();
        DataFrame::new(
            height,
            vec![
                Column::new("date".into(), self.date),
                Column::new("sku".into(), self.sku),
                Column::new("channel".into(), self.channel),
                Column::new("units".into(), self.units),
                Column::new("returned_units".into(), self.returned),
                Column::new("price".into(), self.price),
                Column::new("order_type".into(), self.order_type),
            ],
        )
        .map(SalesFrame)
    }
}

/// A number's place in the total order, NaN last.
fn sortable(x: f64) -> i64 {
    if x.is_nan() {
        return i64::MAX;
    }
    let bits = (x + 0.0).to_bits() as i64;
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

#[cfg(test)]
mod tests {
    use super::sortable;

    #[test]
    fn numbers_keep_their_order_and_nan_comes_last() {
        let numbers = [-5.0, -0.5, 0.0, 0.25, 7.0, 1e300];
        assert!(numbers.map(sortable).is_sorted());
        assert_eq!(sortable(-0.0), sortable(0.0));
        assert!(sortable(f64::INFINITY) < sortable(f64::NAN));
    }
}
