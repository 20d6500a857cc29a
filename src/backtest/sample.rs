//! Which stock is looked at, and the classes that results are told by.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use crate::domain::{
    ChannelId, Checked, LocationId, Records, SalesFrame, SkuId, StockFrame, Tables,
};
use crate::panel::Panel;

/// Days that classes look back over.
const YEAR: i32 = 365;
/// Cumulated shares of value at which A and B end.
const ABC: [f64; 2] = [0.80, 0.95];
/// Units a day from which stock moves fast, and steadily.
const VELOCITY: [f64; 2] = [1.0, 1.0 / 7.0];
/// Shares of periods with a stockout up to which they are few, and some.
const STOCKOUTS: [f64; 2] = [0.05, 0.20];

/// What kind of stock it is. Words as they are written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Class {
    /// `A`, `B`, `C` by value sold: the first 80 %, the next 15 %, the rest.
    pub abc: &'static str,
    /// `fast` from one unit a day, `steady` from one a week, else `slow`.
    pub velocity: &'static str,
    /// `none`, `few` up to 5 % of the periods, `some` up to 20 %, else `many`.
    pub stockouts: &'static str,
}

/// One SKU at one location, with the channels that share its stock.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
    pub sku: SkuId,
    pub location: LocationId,
    pub class: Class,
}

/// The stock that is looked at.
#[derive(Clone, PartialEq, Debug)]
pub struct Sample {
    /// Sorted by (sku, location).
    pub places: Vec<Place>,
    /// How many there are in all.
    pub of: usize,
}

impl Sample {
    /// At most `most` places (0: all), as many of each ABC × velocity class as their share asks for, chosen by a hash of their names: the
    /// same from run to run, and hardly others when data are added.
    pub fn new(panel: &Panel, tables: &Tables, most: usize) -> Self {
        let all = classified(panel, tables);
        let of = all.len();
        if most == 0 || of <= most {
            return Self { places: all, of };
        }
        let mut strata: BTreeMap<(&str, &str), Vec<Place>> = BTreeMap::new();
        for place in all {
            strata
                .entry((place.class.abc, place.class.velocity))
                .or_default()
                .push(place);
        }
        let mut places = Vec::new();
        let (mut seen, mut taken) = (0, 0);
        for mut stratum in strata.into_values() {
            stratum.sort_by_key(|p| (name_hash(tables, p), p.sku, p.location));
            seen += stratum.len();
            // Shares are rounded along the cumulated sum, so that they add up to the whole.
            let until = (most * seen + of / 2) / of;
            stratum.truncate(until - taken);
            taken += stratum.len();
            places.extend(stratum);
        }
        places.sort_by_key(|p| (p.sku, p.location));
        Self { places, of }
    }

    /// The input with the rows of these places alone.
    ///
    /// # Errors
    /// When the frames do not have the columns that [`crate::domain`] promises.
    pub fn restrict(&self, input: &Checked) -> PolarsResult<Checked> {
        let Checked {
            tables, records, ..
        } = input;
        let kept: BTreeSet<(SkuId, LocationId)> =
            self.places.iter().map(|p| (p.sku, p.location)).collect();
        let location_of = |channel: ChannelId| tables.channel_rows[channel].location;
        let filtered = |frame: &DataFrame, place: &str, is_channel: bool| {
            let mask: BooleanChunked = frame
                .column("sku")?
                .u32()?
                .iter()
                .zip(frame.column(place)?.u32()?.iter())
                .map(|(sku, at)| {
                    Some(sku.zip(at).is_some_and(|(sku, at)| {
                        let location = if is_channel {
                            location_of(ChannelId(at))
                        } else {
                            LocationId(at)
                        };
                        kept.contains(&(SkuId(sku), location))
                    }))
                })
                .collect();
            frame.filter(&mask)
        };
        let records = Records {
            sales: SalesFrame(filtered(&records.sales.0, "channel", true)?),
            stock: match &records.stock {
                Some(stock) => Some(StockFrame(filtered(&stock.0, "location", false)?)),
                None => None,
            },
        };
        let tables = Tables {
            backorders: tables
                .backorders
                .iter()
                .filter(|l| kept.contains(&(l.sku, location_of(l.channel))))
                .cloned()
                .collect(),
            inbound: tables
                .inbound
                .iter()
                .filter(|l| kept.contains(&(l.sku, l.location)))
                .cloned()
                .collect(),
            ..tables.clone()
        };
        Ok(Checked {
            tables,
            records,
            findings: Vec::new(),
            kept: None,
        })
    }
}

/// All places that sold something in the last year, with their classes.
fn classified(panel: &Panel, tables: &Tables) -> Vec<Place> {
    struct Sums {
        units: f64,
        value: f64,
        days: f64,
        stockouts: f64,
        periods: f64,
    }
    let step = panel.grain.days();
    let mut sums: BTreeMap<(SkuId, LocationId), Sums> = BTreeMap::new();
    for (i, key) in panel.series.iter().enumerate() {
        let view = panel.view(i);
        let from = view.len().saturating_sub((YEAR / step) as usize);
        let item = &tables.items[key.sku];
        let worth = item.unit_cost.or(item.price).unwrap_or(1.0);
        let sum = sums.entry((key.sku, key.location)).or_insert(Sums {
            units: 0.0,
            value: 0.0,
            days: 0.0,
            stockouts: 0.0,
            periods: 0.0,
        });
        let units: f64 = (from..view.len())
            .map(|t| view.sold[t] + view.backordered[t])
            .sum();
        sum.units += units;
        sum.value += units * worth;
        sum.days = sum.days.max(((view.len() - from) as i32 * step).into());
        sum.periods += (view.len() - from) as f64;
        sum.stockouts += (from..view.len())
            .filter(|&t| view.availability[t].is_stockout())
            .count() as f64;
    }
    sums.retain(|_, s| s.units > 0.0);
    let total: f64 = sums.values().map(|s| s.value).sum();
    let mut order: Vec<(SkuId, LocationId)> = sums.keys().copied().collect();
    order.sort_by(|a, b| sums[b].value.total_cmp(&sums[a].value).then(a.cmp(b)));
    let mut before = 0.0;
    let mut places: Vec<Place> = order
        .into_iter()
        .map(|key| {
            let s = &sums[&key];
            let abc = match before {
                b if b < ABC[0] * total => "A",
                b if b < ABC[1] * total => "B",
                _ => "C",
            };
            before += s.value;
            let velocity = match s.units / s.days.max(1.0) {
                v if v >= VELOCITY[0] => "fast",
                v if v >= VELOCITY[1] => "steady",
                _ => "slow",
            };
            let stockouts = match s.stockouts / s.periods.max(1.0) {
                0.0 => "none",
                x if x <= STOCKOUTS[0] => "few",
                x if x <= STOCKOUTS[1] => "some",
                _ => "many",
            };
            Place {
                sku: key.0,
                location: key.1,
                class: Class {
                    abc,
                    velocity,
                    stockouts,
                },
            }
        })
        .collect();
    places.sort_by_key(|p| (p.sku, p.location));
    places
}

/// FNV-1a of the names.
fn name_hash(tables: &Tables, place: &Place) -> u64 {
    let names = [
        tables.skus[place.sku].as_str(),
        "\u{1}",
        tables.locations[place.location].as_str(),
    ];
    fnv(names.iter().flat_map(|n| n.bytes()))
}

/// FNV-1a.
pub(super) fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
