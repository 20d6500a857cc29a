//! The tables as they were known at an earlier day.

use polars::prelude::*;

use crate::domain::{
    BackorderLine, Checked, Day, ItemStatus, PurchaseLine, Records, SalesFrame, StockFrame, Tables,
};

/// The tables and rows at the close of `day`: none and no event after it. What was received, shipped or cancelled later is still open.
///
/// The calendar, the items and the suppliers are those of today: promotions are planned ahead, and nobody keeps old price lists. An
/// item that was discontinued since counts as active, for nobody knew.
///
/// # Errors
/// When the frames do not have the columns that [`crate::domain`] promises.
pub fn as_known(input: &Checked, day: Day) -> PolarsResult<(Tables, Records)> {
    let Checked {
        tables, records, ..
    } = input;
    let until = |frame: &DataFrame| -> PolarsResult<DataFrame> {
        let dates = frame.column("date")?.i32()?;
        frame.filter(&dates.lt_eq(day.0))
    };
    let mut items = tables.items.clone();
    for item in &mut items {
        if item.status == ItemStatus::Discontinued {
            item.status = ItemStatus::Active;
        }
    }
    let records = Records {
        sales: SalesFrame(until(&records.sales.0)?),
        stock: match &records.stock {
            Some(stock) => Some(StockFrame(until(&stock.0)?)),
            None => None,
        },
    };
    let mut known = Tables {
        grain: tables.grain,
        week_dates: tables.week_dates,
        as_of: day,
        skus: tables.skus.clone(),
        channels: tables.channels.clone(),
        locations: tables.locations.clone(),
        backorders: backorders(&tables.backorders, day),
        inbound: Vec::new(),
        items,
        channel_rows: tables.channel_rows.clone(),
        listings: tables.listings.clone(),
        location_rows: tables.location_rows.clone(),
        suppliers: tables.suppliers.clone(),
        calendar: tables.calendar.clone(),
        files: Vec::new(),
        elsewhere: tables.elsewhere.clone(),
    };
    known.inbound = inbound(&tables.inbound, known.plan_day());
    Ok((known, records))
}

pub(super) fn backorders(lines: &[BackorderLine], day: Day) -> Vec<BackorderLine> {
    lines
        .iter()
        .filter(|l| l.date <= day)
        .map(|l| {
            let mut line = l.clone();
            if line.shipped.is_some_and(|d| d > day) {
                (line.shipped, line.shipped_units) = (None, 0.0);
            }
            if line.cancelled.is_some_and(|d| d > day) {
                (line.cancelled, line.cancelled_units) = (None, 0.0);
            }
            line.notified = line.notified.filter(|d| *d <= day);
            line
        })
        .collect()
}

pub(super) fn inbound(lines: &[PurchaseLine], day: Day) -> Vec<PurchaseLine> {
    lines
        .iter()
        .filter(|l| l.ordered <= day)
        .map(|l| {
            let mut line = l.clone();
            if line.received.is_some_and(|d| d > day) {
                (line.received, line.received_units) = (None, 0.0);
            }
            line
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LocationId, SkuId};

    #[test]
    fn what_came_later_is_still_open() {
        let day = Day(100);
        let line = PurchaseLine {
            po_id: "P".to_owned(),
            sku: SkuId(0),
            location: LocationId(0),
            ordered: Day(90),
            units: 10.0,
            supplier: None,
            expected: Some(Day(99)),
            received: Some(Day(101)),
            received_units: 8.0,
            day_assumed: false,
        };
        let later = PurchaseLine {
            ordered: Day(101),
            ..line.clone()
        };
        let known = inbound(&[line, later], day);
        assert_eq!(known.len(), 1);
        assert_eq!((known[0].received, known[0].received_units), (None, 0.0));
    }
}
