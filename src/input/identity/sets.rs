//! `sets`: what is sold as one and kept as parts. Its sales, orders and stock are those of its parts.

use std::collections::{BTreeMap, BTreeSet};

use super::known::{SetSold, SoldAs};
use super::rows::names_sku;
use super::shelves;
use crate::domain::{Day, Finding, Location, OrderType, Severity, Sku};
use crate::input::folder::RawTables;
use crate::input::problem::{Fault, Problems};
use crate::input::raw::{Becomes, NO_WORD, RawTable};

/// Share of the records of a set's stock that follow from its parts' from which on it is taken as computed from them.
const COMPUTED: f64 = 0.8;

/// Set → part → units.
type Parts = BTreeMap<String, BTreeMap<String, f64>>;

/// Makes every row of a set into rows of its parts.
pub(super) fn apply(
    table: &RawTable,
    raw: &mut RawTables,
    problems: &mut Problems,
    findings: &mut Vec<Finding>,
) -> Vec<SetSold> {
    let parts = read(table, raw, problems);
    if parts.is_empty() {
        return Vec::new();
    }
    tell_unused(table, raw, &parts, findings);
    let sold: Vec<SetSold> = parts
        .iter()
        .map(|(set, parts)| SetSold {
            set: set.clone(),
            parts: parts.iter().map(|(p, &k)| (p.clone(), k)).collect(),
            sales: sales_of(raw, set),
        })
        .collect();
    let weights = weights(raw.items.as_ref(), &parts);
    let rules: Vec<(&String, Vec<Becomes>)> = parts
        .iter()
        .map(|(set, of)| {
            let whole: f64 = of.iter().map(|(p, k)| weights[&(set, p)] * k).sum();
            let becomes = of.iter().map(|(part, &units)| Becomes {
                name: part.clone(),
                units,
                money: weights[&(set, part)] / whole,
            });
            (set, becomes.collect())
        })
        .collect();
    if let Some(stock) = &mut raw.stock {
        own_stock(stock, &parts, findings);
    }
    let tables = [
        Some(&mut raw.sales),
        raw.backorders.as_mut(),
        raw.inbound.as_mut(),
        raw.stock.as_mut(),
    ];
    for table in tables.into_iter().flatten() {
        explode(table, &rules);
    }
    sold
}

/// Tells of sets that no table names: a code mistyped here leaves its sales without parts.
fn tell_unused(table: &RawTable, raw: &RawTables, parts: &Parts, findings: &mut Vec<Finding>) {
    let set = table.text("set", |t| t);
    for name in parts.keys() {
        let tables = [
            Some(&raw.sales),
            raw.stock.as_ref(),
            raw.backorders.as_ref(),
            raw.items.as_ref(),
        ];
        if tables.into_iter().flatten().any(|t| names_sku(t, name)) {
            continue;
        }
        let row = (0..table.rows()).find(|&row| set(row) == Some(name));
        let mut place = table.place(row.unwrap_or(0), Some("set"));
        place.value = Some(name.clone());
        findings.push(
            Finding::new(Severity::Warning, "set_unused")
                .place(place)
                .figure("set", name),
        );
    }
}

/// The rows of `sets`, checked.
fn read(table: &RawTable, raw: &RawTables, problems: &mut Problems) -> Parts {
    let (set, part, units) = (
        table.text("set", |t| t),
        table.text("sku", |t| t),
        table.number("units"),
    );
    let sets: BTreeSet<&str> = (0..table.rows()).filter_map(&set).collect();
    let known = |sku: &str| {
        let tables = [
            Some(&raw.sales),
            raw.stock.as_ref(),
            raw.backorders.as_ref(),
            raw.inbound.as_ref(),
            raw.items.as_ref(),
        ];
        tables.into_iter().flatten().any(|t| names_sku(t, sku))
    };
    let mut parts = Parts::new();
    for row in 0..table.rows() {
        let (Some(set), Some(part), Some(units)) = (set(row), part(row), units(row)) else {
            continue;
        };
        if units <= 0.0 {
            let fault = Fault::new("units_not_positive");
            table.refuse(row, "units", &units.to_string(), fault, problems);
        } else if sets.contains(part) {
            let fault = Fault::new("set_of_sets").figure("set", set);
            table.refuse(row, "sku", part, fault, problems);
        } else if !known(part) {
            let fault = Fault::new("unknown_part").figure("set", set);
            table.refuse(row, "sku", part, fault, problems);
        } else if let Some(earlier) = parts
            .entry(set.to_owned())
            .or_default()
            .insert(part.to_owned(), units)
        {
            let fault = Fault::new("part_twice")
                .figure("set", set)
                .figure("units", units)
                .figure("first", earlier);
            table.refuse(row, "sku", part, fault, problems);
        }
    }
    parts
}

/// Units ordered of a set, by channel and day: regular sales and backorders.
pub(super) fn sales_of(raw: &RawTables, set: &str) -> Vec<SoldAs> {
    let mut days: BTreeMap<(String, Day), f64> = BTreeMap::new();
    for table in [Some(&raw.sales), raw.backorders.as_ref()]
        .into_iter()
        .flatten()
    {
        let Some(code) = table.names("sku").iter().position(|name| &**name == set) else {
            continue;
        };
        let (day, units) = (table.day("date"), table.number("units"));
        let channel = table.text("channel", str::to_owned);
        // Preorders are of another kind.
        let kind = if table.spec.name == "sales" {
            "order_type"
        } else {
            "kind"
        };
        let kind = table.word(kind);
        for row in 0..table.rows() {
            let regular = kind(row).is_none_or(|k| k == OrderType::Regular as u8);
            if table.codes("sku")[row] as usize == code
                && regular
                && let (Some(day), Some(units), Some(channel)) =
                    (day(row), units(row), channel(row))
            {
                *days.entry((channel, day)).or_default() += units;
            }
        }
    }
    days.into_iter()
        .map(|((channel, day), units)| SoldAs {
            channel,
            day,
            units,
        })
        .collect()
}

/// What one unit of a part is worth beside those of the others: by price, else by cost, else all alike.
fn weights<'p>(
    items: Option<&RawTable>,
    parts: &'p Parts,
) -> BTreeMap<(&'p String, &'p String), f64> {
    let money = |column: &str| -> BTreeMap<String, f64> {
        let Some(items) = items else {
            return BTreeMap::new();
        };
        let (sku, money) = (items.text("sku", str::to_owned), items.number(column));
        (0..items.rows())
            .filter_map(|row| Some((sku(row)?, money(row).filter(|m| *m > 0.0)?)))
            .collect()
    };
    let (price, cost) = (money("price"), money("unit_cost"));
    let mut out = BTreeMap::new();
    for (set, of) in parts {
        let known = [&price, &cost]
            .into_iter()
            .find(|money| of.keys().all(|part| money.contains_key(part)));
        for part in of.keys() {
            let weight = known.and_then(|money| money.get(part)).copied();
            out.insert((set, part), weight.unwrap_or(1.0));
        }
    }
    out
}

fn explode(table: &mut RawTable, rules: &[(&String, Vec<Becomes>)]) {
    let of_name: Vec<Option<usize>> = table
        .names("sku")
        .iter()
        .map(|name| {
            rules
                .binary_search_by(|(set, _)| set.as_str().cmp(name))
                .ok()
        })
        .collect();
    if of_name.iter().all(Option::is_none) {
        return;
    }
    let rules: Vec<Vec<Becomes>> = rules.iter().map(|(_, becomes)| becomes.clone()).collect();
    let was = table.rewrite(&rules, |table, row| {
        of_name[*table.codes("sku").get(row)? as usize]
    });
    if table.spec.name == "stock" {
        shelves::add_up(table, &was);
    }
}

/// What is on record of a set itself: where it follows from the stock of its parts it is no stock of its own; else it stands ready, is sold before more
/// are made, and counts as stock of its parts. Words and shares of a set say nothing about its parts.
fn own_stock(stock: &mut RawTable, parts: &Parts, findings: &mut Vec<Finding>) {
    let (sku, location) = (stock.text("sku", |t| t), stock.text("location", |t| t));
    let (day, on_hand) = (stock.day("date"), stock.number("on_hand"));
    let of_set: Vec<Option<&str>> = {
        let named: Vec<Option<&str>> = stock
            .names("sku")
            .iter()
            .map(|name| parts.get_key_value(&**name).map(|(set, _)| set.as_str()))
            .collect();
        stock
            .codes("sku")
            .iter()
            .map(|&c| named[c as usize])
            .collect()
    };
    if of_set.iter().all(Option::is_none) {
        return;
    }
    let wanted: BTreeSet<&str> = parts
        .values()
        .flat_map(|of| of.keys().map(String::as_str))
        .collect();
    let mut shelf: BTreeMap<(&str, &str, Day), f64> = BTreeMap::new();
    for row in 0..stock.rows() {
        if let (Some(sku), Some(location), Some(day), Some(units)) =
            (sku(row), location(row), day(row), on_hand(row))
            && wanted.contains(sku)
        {
            shelf.insert((sku, location, day), units);
        }
    }
    // Set → records compared, those that follow, and the last one above 0.
    type Last<'s> = Option<(Day, &'s str, f64)>;
    let mut seen: BTreeMap<&str, (u64, u64, Last<'_>)> = BTreeMap::new();
    for (row, set) in of_set.iter().enumerate() {
        let (Some(set), Some(location), Some(day), Some(units)) =
            (*set, location(row), day(row), on_hand(row))
        else {
            continue;
        };
        let made = parts[set].iter().map(|(part, k)| {
            let units = shelf.get(&(part.as_str(), location, day))?;
            Some((units.max(0.0) / k + 1e-9).floor())
        });
        let made: Option<Vec<f64>> = made.collect();
        let (compared, follow, last) = seen.entry(set).or_default();
        if let Some(made) = made {
            let least = made.into_iter().fold(f64::INFINITY, f64::min);
            *compared += 1;
            *follow += u64::from((least - units).abs() < 1e-6);
        }
        if units > 0.0 && last.is_none_or(|l| l.0 <= day) {
            *last = Some((day, location, units));
        }
    }
    let mut dropped: BTreeSet<&str> = BTreeSet::new();
    for (&set, &(compared, follow, last)) in &seen {
        let Some((day, location, units)) = last else {
            continue;
        };
        let computed = compared > 0 && follow as f64 >= COMPUTED * compared as f64;
        if computed {
            dropped.insert(set);
        }
        let code = if computed {
            "set_stock_computed"
        } else {
            "set_with_stock"
        };
        findings.push(
            Finding::new(Severity::Notice, code)
                .sku(&Sku::new(set))
                .location(&Location::new(location))
                .figure("set", set)
                .figure("units", units)
                .figure("location", location)
                .figure("date", day),
        );
    }
    let keep: Vec<bool> = of_set
        .iter()
        .enumerate()
        .map(|(row, set)| set.is_none_or(|set| !dropped.contains(set) && on_hand(row).is_some()))
        .collect();
    let rows: Vec<usize> = (0..of_set.len())
        .filter(|&row| of_set[row].is_some())
        .collect();
    drop((sku, location, day, on_hand));
    for row in rows {
        if let Some(share) = stock
            .numbers_mut("in_stock_fraction")
            .and_then(|n| n.get_mut(row))
        {
            *share = f64::NAN;
        }
        if let Some(word) = stock.words_mut("state").and_then(|w| w.get_mut(row)) {
            *word = NO_WORD;
        }
    }
    stock.retain(&keep);
}
