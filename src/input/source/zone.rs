//! The shop's calendar: told, or what its files say of it.

use std::collections::BTreeMap;

use super::find::Found;
use super::stage::{Block, Staged, offsets};
use super::stamp::NO_OFFSET;
use crate::config::Config;
use crate::domain::{Finding, Place, Severity};
use crate::input::parquet::Zone;

/// The zone whose calendar is the shop's.
#[derive(Clone, Debug, Default)]
pub(super) struct ShopZone {
    pub zone: Option<Zone>,
    /// Its name; empty where nothing says one.
    pub name: String,
    /// The configuration says it.
    pub told: bool,
}

/// The zone of the configuration; else the one that most rows are of by their marketplace or their system; else the offset of most stamps.
pub(super) fn shop_zone(
    config: &Config,
    blocks: &[(Block, Vec<Found>)],
    staged: &[Staged],
) -> ShopZone {
    if let Some(name) = &config.input.time_zone
        && let Some(zone) = Zone::of(name)
    {
        return ShopZone {
            zone: Some(zone),
            name: name.clone(),
            told: true,
        };
    }
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_offset: BTreeMap<i32, usize> = BTreeMap::new();
    for file in staged {
        let block = &blocks[file.block].0;
        if block.spec.name != "sales" {
            continue;
        }
        if let Some(name) = &block.rules.time_zone {
            *named.entry(name).or_default() += file.sheet.rows();
        }
        for (column, zones) in &file.layout.zones {
            let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
            for row in 0..file.sheet.rows() {
                *rows.entry(file.sheet.cell(row, column.kept)).or_default() += 1;
            }
            for (cell, rows) in rows {
                if let Some((_, zone)) = zones.iter().find(|(values, _)| values.hold(cell)) {
                    *named.entry(zone).or_default() += rows;
                }
            }
        }
        for stamp in file.stamps.iter().flatten() {
            if stamp.offset != NO_OFFSET && stamp.offset != 0 {
                *by_offset.entry(stamp.offset).or_default() += 1;
            }
        }
    }
    // The last of equal counts in the order of names: any, but always the same.
    let most = named.into_iter().max_by_key(|(_, rows)| *rows);
    if let Some((name, _)) = most
        && let Some(zone) = Zone::of(name)
    {
        return ShopZone {
            zone: Some(zone),
            name: name.to_owned(),
            told: false,
        };
    }
    match by_offset.into_iter().max_by_key(|(_, rows)| *rows) {
        Some((offset, _)) => ShopZone {
            zone: Some(Zone::Fixed(offset)),
            name: offset_name(offset),
            told: false,
        },
        None => ShopZone::default(),
    }
}

fn offset_name(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Says whose calendar counts where nothing tells it.
pub(super) fn tell(
    shop: &ShopZone,
    blocks: &[(Block, Vec<Found>)],
    staged: &[Staged],
    findings: &mut Vec<Finding>,
) {
    if shop.zone.is_some() {
        return;
    }
    let utc = staged
        .iter()
        .find(|file| blocks[file.block].0.spec.name == "sales" && offsets(file).1);
    if let Some(file) = utc {
        findings.push(
            Finding::new(Severity::Warning, "time_zone_unknown")
                .place(Place {
                    file: Some(file.file.clone()),
                    ..Place::default()
                })
                .figure("file", &file.file),
        );
    }
}
