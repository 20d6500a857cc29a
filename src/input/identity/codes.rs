//! `codes`: what a channel, or any table, calls a SKU.

use std::collections::BTreeSet;

use super::alike::alike;
use super::meaning::{ByCode, Meaning, Places, Rules, channels_of};
use super::rows::names_sku;
use super::shelves;
use crate::domain::{Finding, Severity, Sku};
use crate::input::folder::RawTables;
use crate::input::problem::{Fault, Problems};
use crate::input::raw::{NO_CODE, RawTable};

/// Gives every row of the tables the SKU that its code means, in units of the SKU.
pub(super) fn apply(
    table: &RawTable,
    raw: &mut RawTables,
    problems: &mut Problems,
    findings: &mut Vec<Finding>,
) {
    let by_code = meanings(table, raw, problems);
    tell_unused(table, raw, &by_code, findings);
    translate(raw, &by_code);
}

/// Brings codes together that are certainly one SKU's, where exports are read as they lie there.
pub(super) fn bring_together(raw: &mut RawTables, findings: &mut Vec<Finding>) {
    let mut by_code = ByCode::new();
    let pairs = {
        let tables: Vec<&RawTable> = raw.all().collect();
        alike(tables.into_iter().filter(|t| t.has("sku")))
    };
    for pair in pairs.iter().filter(|pair| pair.doubt.is_none()) {
        by_code.entry(pair.code.clone()).or_default().anywhere = Some(Meaning {
            row: 0,
            sku: pair.sku.clone(),
            units: 1.0,
        });
    }
    let Some((code, of)) = by_code.first_key_value() else {
        return;
    };
    let sku = of.anywhere.as_ref().map_or("", |m| &m.sku);
    findings.push(
        Finding::new(Severity::Notice, "codes_brought_together")
            .count(by_code.len() as u64)
            .figure("count", by_code.len())
            .figure("code", code)
            .figure("sku", sku),
    );
    translate(raw, &by_code);
}

fn translate(raw: &mut RawTables, by_code: &ByCode) {
    let places = Places::of(raw, by_code);
    for table in raw.of_skus() {
        match table.spec.name {
            "items" => items(table, by_code, &places),
            _ => rows(table, by_code, &places),
        }
    }
    if let Some(sets) = &mut raw.sets {
        for column in ["set", "sku"] {
            sets.rename_all(column, |code| {
                places
                    .sku(code, by_code, &places.channels)
                    .map(|m| m.sku.clone())
            });
        }
    }
}

/// The rows of `codes`, checked.
fn meanings(table: &RawTable, raw: &RawTables, problems: &mut Problems) -> ByCode {
    let (code, sku) = (table.text("code", |t| t), table.text("sku", |t| t));
    let (channel, units) = (table.text("channel", |t| t), table.number("units"));
    let channels = channels_of(raw);
    let mut by_code = ByCode::new();
    for row in 0..table.rows() {
        let (Some(code), Some(sku)) = (code(row), sku(row)) else {
            continue;
        };
        let units = units(row).unwrap_or(1.0);
        if units <= 0.0 {
            let fault = Fault::new("units_not_positive");
            table.refuse(row, "units", &units.to_string(), fault, problems);
            continue;
        }
        if code == sku && units != 1.0 {
            let fault = Fault::new("code_is_its_sku").figure("units", units);
            table.refuse(row, "units", code, fault, problems);
            continue;
        }
        if let Some(channel) = channel(row).filter(|c| !channels.contains(*c)) {
            let known: Vec<&str> = channels.iter().map(String::as_str).collect();
            let fault = Fault::new("codes_unknown_channel").figure("channels", known.join(", "));
            table.refuse(row, "channel", channel, fault, problems);
            continue;
        }
        let meaning = Meaning {
            row,
            sku: sku.to_owned(),
            units,
        };
        let of = by_code.entry(code.to_owned()).or_default();
        let earlier = match channel(row) {
            None => of.anywhere.get_or_insert_with(|| meaning.clone()),
            Some(channel) => of
                .on
                .entry(channel.to_owned())
                .or_insert_with(|| meaning.clone()),
        };
        if !earlier.is(&meaning) {
            let fault = Fault::new("code_means_two")
                .figure("sku", sku)
                .figure("first", &earlier.sku)
                .figure(
                    "first_line",
                    table.place(earlier.row, None).line.unwrap_or(0),
                );
            table.refuse(row, "code", code, fault, problems);
        }
    }
    chains(table, &by_code, problems);
    by_code
}

/// A SKU that is itself a code for another, on the same channel, is no SKU.
fn chains(table: &RawTable, by_code: &ByCode, problems: &mut Problems) {
    for (code, of) in by_code {
        let all = of.on.iter().map(|(channel, m)| (Some(channel), m));
        for (channel, meaning) in all.chain(of.anywhere.iter().map(|m| (None, m))) {
            if meaning.sku == *code {
                continue;
            }
            let Some(next) = by_code.get(&meaning.sku) else {
                continue;
            };
            let onward = match channel {
                Some(channel) => next.on.get(channel).or(next.anywhere.as_ref()),
                None => next.anywhere.as_ref().or_else(|| next.on.values().next()),
            };
            if let Some(onward) = onward.filter(|onward| onward.sku != meaning.sku) {
                let fault = Fault::new("code_chain")
                    .figure("code", code)
                    .figure("sku", &onward.sku)
                    .figure("line", table.place(onward.row, None).line.unwrap_or(0));
                table.refuse(meaning.row, "sku", &meaning.sku, fault, problems);
            }
        }
    }
}

/// Codes that no row of any table bears.
fn tell_unused(
    table: &RawTable,
    raw: &mut RawTables,
    by_code: &ByCode,
    findings: &mut Vec<Finding>,
) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for table in raw.of_skus() {
        let names = table.names("sku").iter();
        used.extend(
            names
                .filter(|n| by_code.contains_key(&***n))
                .map(ToString::to_string),
        );
    }
    for (code, of) in by_code {
        let first = of
            .anywhere
            .iter()
            .chain(of.on.values())
            .map(|m| (m.row, &m.sku))
            .min();
        let Some((row, sku)) = first.filter(|_| !used.contains(code)) else {
            continue;
        };
        let mut place = table.place(row, Some("code"));
        place.value = Some(code.clone());
        findings.push(
            Finding::new(Severity::Notice, "code_unused")
                .place(place)
                .sku(&Sku::new(sku))
                .figure("code", code)
                .figure("sku", sku),
        );
    }
}

/// Rows of a channel, else those at a location.
fn rows(table: &mut RawTable, by_code: &ByCode, places: &Places) {
    let place = if table.spec.name == "stock" || table.spec.name == "inbound" {
        "location"
    } else {
        "channel"
    };
    let none = Vec::new();
    let rules = Rules::of(table, by_code, place, |code, at| match at {
        Some(channel) if place == "channel" => {
            let of = by_code.get(code)?;
            of.on.get(channel).or(of.anywhere.as_ref())
        }
        Some(location) => {
            let channels = places.at.get(location).unwrap_or(&none);
            places.sku(code, by_code, channels)
        }
        None => places.sku(code, by_code, &places.channels),
    });
    if rules.rules.is_empty() {
        return;
    }
    let was = table.rewrite(&rules.rules, |table, row| {
        let sku = *table.codes("sku").get(row)?;
        let at = table.codes(place).get(row).copied().unwrap_or(NO_CODE);
        rules.of.get(&(sku, at)).copied()
    });
    if table.spec.name == "stock" {
        shelves::add_up(table, &was);
    }
}

/// One row a SKU: its own, else that of the first of its codes.
fn items(table: &mut RawTable, by_code: &ByCode, places: &Places) {
    let meaning = |code: &str| places.sku(code, by_code, &places.channels);
    table.rename_all("similar_sku", |code| meaning(code).map(|m| m.sku.clone()));
    table.rename_all("replaces", |code| meaning(code).map(|m| m.sku.clone()));
    let rules = Rules::of(table, by_code, "", |code, at| match at {
        None => meaning(code).filter(|m| m.sku != code),
        Some(_) => None,
    });
    if rules.rules.is_empty() {
        return;
    }
    let own: BTreeSet<String> = by_code
        .values()
        .flat_map(|of| of.on.values().chain(&of.anywhere))
        .map(|m| m.sku.clone())
        .filter(|sku| names_sku(table, sku))
        .collect();
    let was = table.rewrite(&rules.rules, |table, row| {
        let sku = *table.codes("sku").get(row)?;
        rules.of.get(&(sku, NO_CODE)).copied()
    });
    let sku = table.text("sku", str::to_owned);
    let mut taken: BTreeSet<String> = own;
    let keep: Vec<bool> = was
        .iter()
        .enumerate()
        .map(|(row, &was)| was == NO_CODE || sku(row).is_none_or(|sku| taken.insert(sku)))
        .collect();
    drop(sku);
    table.retain(&keep);
}
