//! What the shop's records do not show: all demand, and what was planned.

use std::error::Error;
use std::path::Path;

use polars::prelude::{Column, DataType};
use restock::domain::Day;

use super::calendar::entries;
use super::catalogue::{CHANNELS, Item, LOCATION_OF, LOCATIONS, SUPPLIERS, WAREHOUSE};
use super::script::{Block, Mishap, script};
use super::tables::parquet;
use super::world::World;
use super::{AS_OF, DAYS, FIRST, index};

/// One row of `events.csv`; empty text where a column does not apply.
#[derive(Clone, Debug)]
pub struct Event {
    pub event: &'static str,
    pub sku: String,
    pub channel: &'static str,
    pub location: &'static str,
    pub supplier: &'static str,
    pub from: Day,
    pub to: Day,
    pub units: i64,
}

/// Writes `demand.parquet` and `events.csv`.
pub fn write(folder: &Path, items: &[Item], world: &World) -> Result<(), Box<dyn Error>> {
    demand(&folder.join("demand.parquet"), items, world)?;
    let mut out = csv::Writer::from_path(folder.join("events.csv"))?;
    out.write_record([
        "event", "sku", "channel", "location", "supplier", "from", "to", "units",
    ])?;
    for e in events(items, world) {
        let (from, to, units) = (e.from.to_string(), e.to.to_string(), e.units.to_string());
        out.write_record([
            e.event, &e.sku, e.channel, e.location, e.supplier, &from, &to, &units,
        ])?;
    }
    Ok(out.flush()?)
}

fn demand(path: &Path, items: &[Item], world: &World) -> Result<(), Box<dyn Error>> {
    let (mut skus, mut channels, mut dates) = (Vec::new(), Vec::new(), Vec::new());
    let (mut wanted, mut lost) = (Vec::new(), Vec::new());
    for (i, item) in items.iter().enumerate() {
        for (c, channel) in CHANNELS
            .iter()
            .enumerate()
            .filter(|&(c, _)| item.share[c] > 0.0)
        {
            for t in (0..DAYS).filter(|&t| item.listed(FIRST + t as i32)) {
                skus.push(item.sku.as_str());
                channels.push(*channel);
                dates.push(FIRST.0 + t as i32);
                wanted.push(i64::from(world.demand[i][c][t]));
                lost.push(i64::from(world.lost[i][c][t]));
            }
        }
    }
    let columns = vec![
        Column::new("sku".into(), skus),
        Column::new("channel".into(), channels),
        Column::new("date".into(), dates).cast(&DataType::Date)?,
        Column::new("demand".into(), wanted),
        Column::new("lost".into(), lost),
    ];
    parquet(path, columns)
}

/// Every planned event with the dates and units that came of it, by first day.
pub fn events(items: &[Item], world: &World) -> Vec<Event> {
    let script = script();
    let mut all = Vec::new();
    let (sku, first) = script.spike;
    let i = position(items, sku);
    let units: u32 = (0..4)
        .flat_map(|c| &world.demand[i][c][index(first) as usize..index(first) as usize + 4])
        .sum();
    all.push(event("social_spike", sku, first, first + 3, units.into()));
    for special in &world.specials {
        let kind = if special.order_type == "sample" {
            "sample"
        } else {
            "wholesale_order"
        };
        let row = event(
            kind,
            special.sku,
            special.day,
            special.day,
            special.units.into(),
        );
        all.push(Event {
            channel: "own",
            location: LOCATIONS[WAREHOUSE],
            ..row
        });
    }
    all.extend(
        items
            .iter()
            .enumerate()
            .flat_map(|(i, item)| life(i, item, world)),
    );
    for incident in &world.incidents {
        let sku = &items[incident.item].sku;
        let row = event(
            incident.event,
            sku,
            incident.from,
            incident.to,
            incident.units.into(),
        );
        all.push(placed(row, incident.location));
    }
    all.extend(
        script
            .blocks
            .iter()
            .filter_map(|block| shortage(block, items, world)),
    );
    for &(sku, from, mishap) in &script.mishaps {
        all.extend(delivery(sku, from, mishap, items, world));
    }
    let sku = script.limit.0;
    let coming = world
        .deliveries
        .iter()
        .filter(|d| items[d.item].sku == sku && d.supplier.is_some() && d.arrives > AS_OF);
    for d in coming {
        let row = event(
            "backlog_receipt",
            sku,
            d.ordered,
            d.expected,
            d.units.into(),
        );
        all.push(Event {
            supplier: SUPPLIERS[d.supplier.unwrap_or(0)].name,
            ..placed(row, d.location)
        });
    }
    for entry in entries() {
        if entry.name == "春節" {
            let row = event("supplier_holiday", "", entry.from, entry.to, 0);
            all.push(Event {
                supplier: entry.supplier,
                ..row
            });
        } else if entry.name == "店舗改装" {
            all.push(placed(
                event("store_closed", "", entry.from, entry.to, 0),
                2,
            ));
        }
    }
    all.sort_by(|a, b| (a.from, a.event, &a.sku).cmp(&(b.from, b.event, &b.sku)));
    all
}

fn event(event: &'static str, sku: &str, from: Day, to: Day, units: i64) -> Event {
    Event {
        event,
        sku: sku.to_owned(),
        channel: "",
        location: "",
        supplier: "",
        from,
        to,
        units,
    }
}

/// The event at a location; where one channel alone sells from it, on that channel.
fn placed(event: Event, location: usize) -> Event {
    let mut there = (0..CHANNELS.len()).filter(|&c| LOCATION_OF[c] == location);
    let channel = match (there.next(), there.next()) {
        (Some(only), None) => CHANNELS[only],
        _ => "",
    };
    Event {
        channel,
        location: LOCATIONS[location],
        ..event
    }
}

fn position(items: &[Item], sku: &str) -> usize {
    items
        .iter()
        .position(|item| item.sku == sku)
        .expect("the script names items of the catalogue")
}

/// Preorders, launches and withdrawals.
fn life(i: usize, item: &Item, world: &World) -> Vec<Event> {
    let mut all = Vec::new();
    if let (Some(from), Some(launch)) = (item.preorders, item.launch) {
        let lines = world
            .backlog
            .lines
            .iter()
            .filter(|l| l.item == i && l.preorder);
        let units: u32 = lines.map(|l| l.units).sum();
        all.push(event(
            "preorder",
            &item.sku,
            from,
            (launch + -2).min(AS_OF),
            units.into(),
        ));
    }
    if let Some(launch) = item.launch {
        all.push(event("launch", &item.sku, launch, launch, 0));
    }
    if let Some(last) = item.last_order {
        all.push(event(
            "discontinued",
            &item.sku,
            last,
            item.withdrawn.unwrap_or(AS_OF),
            0,
        ));
    }
    all
}

/// The longest run of empty days that a block brought about.
fn shortage(block: &Block, items: &[Item], world: &World) -> Option<Event> {
    let i = position(items, block.sku);
    let closing = &world.closing[i][block.location];
    let (from, last) = (
        index(block.from) as usize,
        (index(block.to) + 75).min(DAYS as i32 - 1) as usize,
    );
    let mut longest: Option<(usize, usize)> = None;
    let mut begin = None;
    for (t, stock) in closing.iter().enumerate().take(last + 1).skip(from) {
        if stock.is_some_and(|stock| stock <= 0) {
            let start = *begin.get_or_insert(t);
            if longest.is_none_or(|(a, b)| t - start > b - a) {
                longest = Some((start, t));
            }
        } else {
            begin = None;
        }
    }
    let (a, b) = longest?;
    let units = match block.event {
        // What the warehouse holds while the location is empty.
        "misplaced" => world.closing[i][WAREHOUSE][b].unwrap_or(0).into(),
        "backlog" => world.backlog.open_units(i).into(),
        _ => (0..CHANNELS.len())
            .filter(|&c| LOCATION_OF[c] == block.location)
            .flat_map(|c| &world.lost[i][c][a..=b])
            .map(|&units| i64::from(units))
            .sum(),
    };
    let row = event(
        block.event,
        block.sku,
        FIRST + a as i32,
        FIRST + b as i32,
        units,
    );
    Some(placed(row, block.location))
}

/// A planned late, short or split delivery: from the expected to the last date.
fn delivery(sku: &str, from: Day, mishap: Mishap, items: &[Item], world: &World) -> Option<Event> {
    let parts: Vec<_> = world
        .deliveries
        .iter()
        .filter(|d| items[d.item].sku == sku && d.supplier.is_some() && d.ordered >= from)
        .collect();
    let first = parts.iter().map(|d| d.ordered).min()?;
    let order: Vec<_> = parts.into_iter().filter(|d| d.ordered == first).collect();
    let last = order.iter().map(|d| d.arrives).max()?;
    let head = order.first()?;
    let ordered: u32 = order.iter().map(|d| d.units).sum();
    let received: u32 = order.iter().map(|d| d.received).sum();
    let (name, units) = match mishap {
        Mishap::Late(_) => ("late_delivery", ordered),
        Mishap::Short(_) => ("short_delivery", ordered - received),
        Mishap::Parts(..) => ("partial_delivery", ordered),
    };
    let row = event(
        name,
        sku,
        head.expected.min(last),
        last.min(AS_OF),
        units.into(),
    );
    let supplier = head.supplier.map_or("", |s| SUPPLIERS[s].name);
    Some(Event {
        supplier,
        ..placed(row, head.location)
    })
}
