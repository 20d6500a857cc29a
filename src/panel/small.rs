//! Small panels and their tables for tests: a series is written as its periods, so that a bug is reproduced with one of them.

use super::build::pools;
use super::{Panel, SeriesKey};
use crate::domain::{
    Availability, CalendarEntry, CalendarKind, Category, Channel, ChannelId, ChannelRow, Day,
    Elsewhere, Grain, Item, Location, LocationId, LocationRow, Sku, SkuId, Tables, WeekDates,
};

/// A Monday.
pub(crate) const FIRST: Day = Day(20_003);

/// One period.
#[derive(Clone, Copy)]
pub(crate) struct Period {
    pub(crate) availability: Availability,
    pub(crate) sold: f64,
    pub(crate) backordered: f64,
    /// NaN where not recorded.
    pub(crate) stocked: f32,
}

pub(crate) fn period(availability: Availability, sold: f64) -> Period {
    Period {
        availability,
        sold,
        backordered: 0.0,
        stocked: f32::NAN,
    }
}

pub(crate) fn open(sold: f64) -> Period {
    period(Availability::InStock, sold)
}

pub(crate) fn closed() -> Period {
    period(Availability::Closed, 0.0)
}

/// Sold out at a time that nobody noted.
pub(crate) fn sold_out(sold: f64) -> Period {
    period(Availability::SoldOut, sold)
}

/// Sold out after this share of the day.
pub(crate) fn stocked(share: f32, sold: f64) -> Period {
    Period {
        stocked: share,
        ..sold_out(sold)
    }
}

/// Without stock, orders accepted.
pub(crate) fn taking(backordered: f64) -> Period {
    Period {
        backordered,
        ..period(Availability::Backorder, 0.0)
    }
}

/// A shop of one channel whose series all begin on the same day, each an item of its own in one category.
pub(crate) struct Shop {
    pub(crate) grain: Grain,
    pub(crate) whole_units: bool,
    pub(crate) accepts_backorders: bool,
    pub(crate) calendar: Vec<CalendarEntry>,
    pub(crate) series: Vec<Vec<Period>>,
}

impl Shop {
    pub(crate) fn of(periods: impl IntoIterator<Item = Period>) -> Self {
        Self {
            grain: Grain::Day,
            whole_units: true,
            accepts_backorders: false,
            calendar: Vec::new(),
            series: vec![periods.into_iter().collect()],
        }
    }

    pub(crate) fn panel(&self) -> Panel {
        let n = self.series.len();
        let length = self.series[0].len();
        let all = || self.series.iter().flatten();
        let recorded = all().any(|p| !p.stocked.is_nan());
        let series: Vec<SeriesKey> = (0..n as u32)
            .map(|sku| SeriesKey {
                sku: SkuId(sku),
                channel: ChannelId(0),
                location: LocationId(0),
            })
            .collect();
        Panel {
            grain: self.grain,
            as_of: FIRST + (length as i32 - 1) * self.grain.days(),
            pools: pools(&series),
            series,
            first: vec![FIRST; n],
            offsets: (0..=n).map(|i| i * length).collect(),
            sold: all().map(|p| p.sold).collect(),
            backordered: all().map(|p| p.backordered).collect(),
            closing: vec![f64::NAN; n * length],
            reach: Vec::new(),
            fraction: if recorded {
                all().map(|p| p.stocked).collect()
            } else {
                Vec::new()
            },
            in_odds: Vec::new(),
            availability: all().map(|p| p.availability).collect(),
            accepts_backorders: vec![self.accepts_backorders; n],
            whole_units: vec![self.whole_units; n],
        }
    }

    pub(crate) fn tables(&self) -> Tables {
        let mut tables = bare_tables(self.series.len(), &[0], self.panel().as_of);
        tables.grain = self.grain;
        tables.calendar.clone_from(&self.calendar);
        tables.channel_rows[0].accepts_backorders = self.accepts_backorders;
        for item in &mut tables.items {
            item.category = Some(Category::new("things"));
        }
        tables
    }
}

/// An entry of the calendar for everything, by periods.
pub(crate) fn on(kind: CalendarKind, name: &str, from: i32, to: i32) -> CalendarEntry {
    CalendarEntry {
        from: FIRST + from,
        to: FIRST + to,
        kind,
        name: (!name.is_empty()).then(|| name.to_owned()),
        sku: None,
        category: None,
        channel: None,
        supplier: None,
        series: None,
        uplift: None,
    }
}

/// Names of items, channels and locations (each channel's own) and nothing else.
pub(crate) fn bare_tables(skus: usize, channel_locations: &[u32], as_of: Day) -> Tables {
    let locations = channel_locations.iter().max().map_or(0, |l| l + 1);
    Tables {
        grain: Grain::Day,
        week_dates: WeekDates::Week,
        as_of,
        skus: (0..skus).map(|i| Sku::new(format!("A{i:02}"))).collect(),
        channels: (0..channel_locations.len())
            .map(|i| Channel::new(format!("C{i}")))
            .collect(),
        locations: (0..locations)
            .map(|i| Location::new(format!("L{i}")))
            .collect(),
        backorders: Vec::new(),
        inbound: Vec::new(),
        items: vec![Item::default(); skus],
        channel_rows: channel_locations
            .iter()
            .map(|&location| ChannelRow {
                location: LocationId(location),
                accepts_backorders: false,
                priority: None,
                service_level: None,
            })
            .collect(),
        listings: Vec::new(),
        location_rows: vec![LocationRow::default(); locations as usize],
        suppliers: Vec::new(),
        calendar: Vec::new(),
        files: Vec::new(),
        elsewhere: Elsewhere::default(),
    }
}
