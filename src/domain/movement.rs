//! What moves the stock of a location: one rule for the checks, the panel and the pools.

use super::{
    BackorderLine, ChannelId, Day, LocationId, PurchaseLine, SkuId, Tables, purchase_orders,
};

/// Units that come to a location's stock or leave it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Movement {
    pub sku: SkuId,
    pub location: LocationId,
    pub day: Day,
    /// What comes in is positive: receipts. What goes out is negative: shipped backorders, transfers to other locations.
    pub units: f64,
}

/// What a row of sales moves: what comes back less what is sold.
pub fn sale_moves(units: f64, returned: f64) -> f64 {
    returned - units
}

/// What backorders and orders moved. `location_of` a channel; `source_of` the location that a transfer's units leave, `None` for a purchase.
pub fn movements<'a>(
    backorders: &'a [BackorderLine],
    inbound: &'a [PurchaseLine],
    location_of: impl Fn(ChannelId) -> LocationId + 'a,
    source_of: impl Fn(&PurchaseLine) -> Option<LocationId> + 'a,
) -> impl Iterator<Item = Movement> + 'a {
    let shipped = backorders.iter().filter_map(move |line| {
        Some(Movement {
            sku: line.sku,
            location: location_of(line.channel),
            day: line.shipped?,
            units: -line.shipped_units,
        })
    });
    let received = inbound.iter().filter_map(|line| {
        Some(Movement {
            sku: line.sku,
            location: line.location,
            day: line.received?,
            units: line.received_units,
        })
    });
    // What an order names in several rows leaves once.
    let transfers = inbound.iter().filter(|line| source_of(line).is_some());
    let sent: Vec<Movement> = purchase_orders(transfers)
        .iter()
        .filter_map(|order| {
            Some(Movement {
                sku: order.sku,
                location: source_of(order.rows[0])?,
                day: order.ordered,
                units: -order.units(),
            })
        })
        .collect();
    shipped
        .chain(received)
        .chain(sent)
        .filter(|m| m.units != 0.0)
}

impl Tables {
    /// What backorders and orders moved.
    pub fn movements(&self) -> impl Iterator<Item = Movement> + '_ {
        movements(
            &self.backorders,
            &self.inbound,
            |channel| self.channel_rows[channel].location,
            |line| self.transferred_from(line),
        )
    }
}
