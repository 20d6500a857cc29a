//! The input tables, as the shop's systems would export them.

use std::error::Error;
use std::fs::File;
use std::path::Path;

use polars::prelude::{Column, DataFrame, DataType, ParquetCompression, ParquetWriter};
use restock::domain::Day;

use super::calendar::{Entry, entries};
use super::catalogue::{CHANNELS, Item, LOCATIONS, OWN, SHOP, SUPPLIERS};
use super::styles::STYLES;
use super::world::World;
use super::{AS_OF, DAYS, FIRST};

type Done = Result<(), Box<dyn Error>>;

/// Weekday names as they stand in `suppliers.csv`.
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Writes all input tables.
pub fn write(folder: &Path, items: &[Item], world: &World) -> Done {
    sales(&folder.join("sales.csv"), items, world)?;
    stock(&folder.join("stock.parquet"), items, world)?;
    backorders(&folder.join("backorders.csv"), items, world)?;
    inbound(&folder.join("inbound.csv"), items, world)?;
    master(&folder.join("items.csv"), items)?;
    channels(&folder.join("channels.csv"))?;
    locations(&folder.join("locations.csv"))?;
    suppliers(&folder.join("suppliers.csv"))?;
    calendar(&folder.join("calendar.csv"))
}

/// A date, or an empty cell.
fn cell<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}

/// A number, or an empty cell for zero.
fn unless_zero(units: u32) -> String {
    cell((units > 0).then_some(units))
}

fn sales(path: &Path, items: &[Item], world: &World) -> Done {
    let calendar = entries();
    let mut out = csv::Writer::from_path(path)?;
    out.write_record([
        "date",
        "sku",
        "channel",
        "units",
        "price",
        "order_type",
        "returned_units",
    ])?;
    for t in 0..DAYS {
        let day = FIRST + t as i32;
        for (i, item) in items.iter().enumerate() {
            for (c, channel) in CHANNELS.iter().enumerate() {
                let (units, back) = (world.sold[i][c][t], world.returned[i][c][t]);
                if units == 0 && back == 0 {
                    continue;
                }
                out.write_record([
                    day.to_string(),
                    item.sku.clone(),
                    (*channel).to_owned(),
                    units.to_string(),
                    price(item, c, day, &calendar).to_string(),
                    String::new(),
                    unless_zero(back),
                ])?;
            }
            for special in world
                .specials
                .iter()
                .filter(|s| s.day == day && s.sku == item.sku)
            {
                let price = if special.order_type == "sample" {
                    0
                } else {
                    item.price * 65 / 100
                };
                out.write_record([
                    day.to_string(),
                    item.sku.clone(),
                    CHANNELS[OWN].to_owned(),
                    special.units.to_string(),
                    price.to_string(),
                    special.order_type.to_owned(),
                    String::new(),
                ])?;
            }
        }
    }
    Ok(out.flush()?)
}

/// The price of the day, after promotions, in whole yen.
fn price(item: &Item, channel: usize, day: Day, calendar: &[Entry]) -> u32 {
    let off: f64 = calendar
        .iter()
        .filter(|e| e.covers(item, channel, day))
        .map(|e| e.price)
        .product();
    (f64::from(item.price) * off).round() as u32
}

fn stock(path: &Path, items: &[Item], world: &World) -> Done {
    let (mut dates, mut skus, mut places, mut units) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (i, item) in items.iter().enumerate() {
        for (l, place) in LOCATIONS.iter().enumerate() {
            for (t, stock) in world.closing[i][l].iter().enumerate() {
                let day = FIRST + t as i32;
                let Some(stock) = *stock else { continue };
                // The store counts on Sundays only.
                let first = t == 0 || world.closing[i][l][t - 1].is_none();
                if l == SHOP && day.weekday() != 6 && !first {
                    continue;
                }
                dates.push(day.0);
                skus.push(item.sku.as_str());
                places.push(*place);
                units.push(i64::from(stock));
            }
        }
    }
    let columns = vec![
        Column::new("date".into(), dates).cast(&DataType::Date)?,
        Column::new("sku".into(), skus),
        Column::new("location".into(), places),
        Column::new("on_hand".into(), units),
    ];
    parquet(path, columns)
}

/// Writes one Parquet file, compressed, in one row group.
pub fn parquet(path: &Path, columns: Vec<Column>) -> Done {
    let mut frame = DataFrame::new_infer_height(columns)?;
    let rows = frame.height().max(1);
    ParquetWriter::new(File::create(path)?)
        .with_compression(ParquetCompression::Zstd(None))
        .with_row_group_size(Some(rows))
        .set_parallel(false)
        .finish(&mut frame)?;
    Ok(())
}

fn backorders(path: &Path, items: &[Item], world: &World) -> Done {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record([
        "order_id",
        "date",
        "sku",
        "channel",
        "units",
        "kind",
        "promised_date",
        "shipped_date",
        "shipped_units",
        "cancelled_date",
        "cancelled_units",
        "notified_date",
    ])?;
    for line in &world.backlog.lines {
        out.write_record([
            line.id.clone(),
            line.day.to_string(),
            items[line.item].sku.clone(),
            CHANNELS[line.channel].to_owned(),
            line.units.to_string(),
            if line.preorder {
                "preorder"
            } else {
                "backorder"
            }
            .to_owned(),
            cell(line.promised),
            cell(line.shipped.map(|s| s.0)),
            cell(line.shipped.map(|s| s.1)),
            cell(line.cancelled.map(|c| c.0)),
            cell(line.cancelled.map(|c| c.1)),
            cell(line.notified.filter(|&day| day <= AS_OF)),
        ])?;
    }
    Ok(out.flush()?)
}

fn inbound(path: &Path, items: &[Item], world: &World) -> Done {
    let mut rows: Vec<_> = world.deliveries.iter().collect();
    rows.sort_by_key(|d| (d.ordered, d.po.as_str(), d.item, d.arrives));
    let mut out = csv::Writer::from_path(path)?;
    out.write_record([
        "po_id",
        "sku",
        "location",
        "ordered_date",
        "units",
        "supplier",
        "expected_date",
        "received_date",
        "received_units",
    ])?;
    for row in rows {
        let here = row.arrives <= AS_OF;
        out.write_record([
            row.po.clone(),
            items[row.item].sku.clone(),
            LOCATIONS[row.location].to_owned(),
            row.ordered.to_string(),
            row.units.to_string(),
            row.supplier
                .map_or("warehouse", |s| SUPPLIERS[s].name)
                .to_owned(),
            row.expected.to_string(),
            cell(here.then_some(row.arrives)),
            cell(here.then_some(row.received)),
        ])?;
    }
    Ok(out.flush()?)
}

fn master(path: &Path, items: &[Item]) -> Done {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record([
        "sku",
        "name",
        "category",
        "variant_of",
        "supplier",
        "unit_cost",
        "price",
        "moq",
        "order_multiple",
        "service_level",
        "status",
        "launch_date",
        "similar_sku",
        "backorder_policy",
    ])?;
    for item in items {
        let variants = STYLES
            .iter()
            .any(|s| s.code == item.style && s.colours.len() * s.sizes.len() > 1);
        out.write_record([
            item.sku.clone(),
            item.name.clone(),
            item.category.to_owned(),
            if variants { item.style } else { "" }.to_owned(),
            SUPPLIERS[item.supplier].name.to_owned(),
            item.cost.to_string(),
            item.price.to_string(),
            item.moq.to_string(),
            item.multiple.to_string(),
            cell(item.service_level),
            item.status().to_owned(),
            cell(item.launch),
            cell(item.similar),
            if item.never_backordered { "false" } else { "" }.to_owned(),
        ])?;
    }
    Ok(out.flush()?)
}

fn channels(path: &Path) -> Done {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(["channel", "location", "accepts_backorders", "priority"])?;
    for row in [
        ["own", "warehouse", "true", "1"],
        ["rakuten", "warehouse", "true", "2"],
        ["amazon", "fba", "false", "3"],
        ["store", "store", "false", "4"],
    ] {
        out.write_record(row)?;
    }
    Ok(out.flush()?)
}

fn locations(path: &Path) -> Done {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(["location", "supplied_from", "transfer_days"])?;
    for row in [
        ["warehouse", "", ""],
        ["fba", "warehouse", "5"],
        ["store", "warehouse", "2"],
    ] {
        out.write_record(row)?;
    }
    Ok(out.flush()?)
}

fn suppliers(path: &Path) -> Done {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record([
        "supplier",
        "lead_time_days",
        "lead_time_sd",
        "review_days",
        "order_weekday",
        "min_amount",
        "calendar",
    ])?;
    for supplier in &SUPPLIERS {
        // A supplier that takes orders on several days has no fixed one.
        let weekday = match supplier.weekdays {
            [one] => WEEKDAYS[*one],
            _ => "",
        };
        out.write_record([
            supplier.name.to_owned(),
            supplier.lead.to_string(),
            supplier.lead_sd.to_string(),
            "7".to_owned(),
            weekday.to_owned(),
            supplier.min_amount.to_string(),
            supplier.calendar.to_owned(),
        ])?;
    }
    Ok(out.flush()?)
}

fn calendar(path: &Path) -> Done {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record([
        "from", "to", "kind", "name", "category", "channel", "supplier",
    ])?;
    for entry in entries() {
        out.write_record([
            entry.from.to_string(),
            entry.to.to_string(),
            entry.kind.to_owned(),
            entry.name.to_owned(),
            entry.category.to_owned(),
            entry.channel.to_owned(),
            entry.supplier.to_owned(),
        ])?;
    }
    Ok(out.flush()?)
}
