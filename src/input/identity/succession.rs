//! `items.replaces`: the successor has its predecessor's history, stock and open orders; the old code is not planned any more.

use std::collections::{BTreeMap, BTreeSet};

use super::known::Inherited;
use super::rows::names_sku;
use super::sets::sales_of;
use super::shelves;
use crate::domain::{Day, Finding, Severity, Sku};
use crate::input::folder::RawTables;
use crate::input::problem::{Fault, Problems};
use crate::input::raw::{Becomes, RawTable};

/// Slack for shares that add up to 1.
const SLACK: f64 = 1e-9;

/// One row of `items` that replaces another.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::input) struct Heir {
    pub new: String,
    pub old: String,
    /// Of the predecessor's demand, above 0 and at most 1.
    pub share: f64,
    /// From when; `None`: at once.
    pub from: Option<Day>,
    /// Whether it holds at as-of.
    pub holds: bool,
}

/// Gives the rows of codes that were replaced by as-of to their successors. Returns all successions of `items`.
pub(in crate::input) fn succeed(
    raw: &mut RawTables,
    as_of: Day,
    problems: &mut Problems,
) -> Vec<Heir> {
    let Some(items) = raw.items.take() else {
        return Vec::new();
    };
    let heirs = read(&items, raw, as_of, problems);
    raw.items = Some(items);
    if heirs.is_empty() || !problems.is_empty() {
        return heirs;
    }
    let mut by_old: BTreeMap<&str, Vec<&Heir>> = BTreeMap::new();
    for heir in heirs.iter().filter(|h| h.holds) {
        by_old.entry(&heir.old).or_default().push(heir);
    }
    let news: BTreeSet<&str> = heirs
        .iter()
        .filter(|h| h.holds)
        .map(|h| h.new.as_str())
        .collect();
    // Predecessors of predecessors first: what they leave goes on.
    let mut order: Vec<&str> = Vec::new();
    let mut left: BTreeSet<&str> = by_old.keys().copied().collect();
    while !left.is_empty() {
        let ready: Vec<&str> = left
            .iter()
            .copied()
            .filter(|old| {
                !news.contains(old)
                    || !heirs
                        .iter()
                        .any(|h| h.holds && h.new == **old && left.contains(&*h.old))
            })
            .collect();
        if ready.is_empty() {
            break;
        }
        for old in ready {
            left.remove(old);
            order.push(old);
        }
    }
    for old in order {
        let by: Vec<(String, f64)> = by_old[old]
            .iter()
            .map(|h| (h.new.clone(), h.share))
            .collect();
        let inherited = Inherited {
            old: old.to_owned(),
            sales: sales_of(raw, old),
            stock: raw
                .stock
                .as_ref()
                .map_or_else(BTreeMap::new, |s| last_counts(s, old, as_of)),
            by,
        };
        hand_over(raw, &inherited);
        raw.identity.replaced.push(inherited);
    }
    for heir in heirs.iter().filter(|h| !h.holds) {
        raw.findings.push(
            Finding::new(Severity::Notice, "replaces_later")
                .sku(&Sku::new(&heir.new))
                .figure("old", &heir.old)
                .figure("new", &heir.new)
                .figure(
                    "from",
                    heir.from.map_or_else(String::new, |d| d.to_string()),
                ),
        );
    }
    heirs
}

/// The successions of `items`, checked.
fn read(items: &RawTable, raw: &RawTables, as_of: Day, problems: &mut Problems) -> Vec<Heir> {
    let (new, old) = (items.text("sku", |t| t), items.text("replaces", |t| t));
    let (share, from) = (items.number("replaces_share"), items.day("replaces_from"));
    let launch = items.day("launch_date");
    let mut first_sales: BTreeMap<String, Day> = BTreeMap::new();
    let mut rows: Vec<(usize, Heir)> = Vec::new();
    for row in 0..items.rows() {
        let (Some(new), Some(old)) = (new(row), old(row)) else {
            continue;
        };
        let share = share(row).unwrap_or(1.0);
        if share <= 0.0 {
            continue;
        }
        let tables = [
            Some(&raw.sales),
            raw.stock.as_ref(),
            raw.backorders.as_ref(),
            raw.inbound.as_ref(),
            Some(items),
        ];
        if !tables.into_iter().flatten().any(|t| names_sku(t, old)) {
            let fault = Fault::new("unknown_replaced").figure("sku", new);
            items.refuse(row, "replaces", old, fault, problems);
            continue;
        }
        if first_sales.is_empty() {
            first_sales = firsts(&raw.sales);
        }
        let from = from(row)
            .or_else(|| launch(row))
            .or_else(|| first_sales.get(new).copied());
        rows.push((
            row,
            Heir {
                new: new.to_owned(),
                old: old.to_owned(),
                share,
                from,
                holds: from.is_none_or(|from| from <= as_of),
            },
        ));
    }
    let before: BTreeMap<&str, &str> = rows
        .iter()
        .map(|(_, h)| (h.new.as_str(), h.old.as_str()))
        .collect();
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for (row, heir) in &rows {
        let mut at = heir.old.as_str();
        for _ in 0..rows.len() {
            if at == heir.new {
                break;
            }
            let Some(next) = before.get(at) else { break };
            at = next;
        }
        if at == heir.new {
            let fault = Fault::new("replaces_itself").figure("sku", &heir.new);
            items.refuse(*row, "replaces", &heir.old, fault, problems);
        }
        let sum = sums.entry(&heir.old).or_default();
        *sum += heir.share;
        if *sum > 1.0 + SLACK {
            let sum = (*sum * 1e4).round() / 1e4;
            let fault = Fault::new("replaced_too_often").figure("sum", sum);
            items.refuse(*row, "replaces", &heir.old, fault, problems);
        }
    }
    rows.into_iter().map(|(_, heir)| heir).collect()
}

/// The first day on which each SKU sold.
fn firsts(sales: &RawTable) -> BTreeMap<String, Day> {
    let mut first = vec![i32::MAX; sales.names("sku").len()];
    let units = sales.numbers("units");
    for ((&code, &day), &units) in sales.codes("sku").iter().zip(sales.days("date")).zip(units) {
        if units > 0.0 {
            first[code as usize] = first[code as usize].min(day);
        }
    }
    let names = sales.names("sku").iter().zip(first);
    names
        .filter(|(_, day)| *day < i32::MAX)
        .map(|(name, day)| (name.to_string(), Day(day)))
        .collect()
}

/// The last count of a code at each location.
fn last_counts(stock: &RawTable, sku: &str, as_of: Day) -> BTreeMap<String, f64> {
    let mut last: BTreeMap<String, (Day, f64)> = BTreeMap::new();
    let Some(code) = stock.names("sku").iter().position(|name| &**name == sku) else {
        return BTreeMap::new();
    };
    let (day, on_hand) = (stock.day("date"), stock.number("on_hand"));
    let location = stock.text("location", |t| t);
    for row in 0..stock.rows() {
        if stock.codes("sku")[row] as usize == code
            && let (Some(day), Some(units), Some(location)) =
                (day(row), on_hand(row), location(row))
            && day <= as_of
            && last.get(location).is_none_or(|l| l.0 <= day)
        {
            last.insert(location.to_owned(), (day, units));
        }
    }
    last.into_iter()
        .map(|(location, (_, units))| (location, units))
        .collect()
}

/// Gives the rows of a code to its successors; what none of them takes stays.
fn hand_over(raw: &mut RawTables, inherited: &Inherited) {
    let mut by = inherited.by.clone();
    let left = 1.0 - by.iter().map(|(_, share)| share).sum::<f64>();
    if left > SLACK {
        by.push((inherited.old.clone(), left));
    }
    let into = |shares: &[(String, f64)]| -> Vec<Vec<Becomes>> {
        vec![
            shares
                .iter()
                .map(|(name, share)| Becomes {
                    name: name.clone(),
                    units: *share,
                    money: 1.0,
                })
                .collect(),
        ]
    };
    // An order of a customer or a day of the calendar is not cut in parts.
    let most = by
        .iter()
        .take(inherited.by.len())
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    let whole: Vec<(String, f64)> = most
        .map(|(name, _)| (name.clone(), 1.0))
        .into_iter()
        .collect();
    for table in raw.of_skus() {
        let name = table.spec.name;
        if name == "items" {
            continue;
        }
        let Some(code) = table
            .names("sku")
            .iter()
            .position(|n| **n == *inherited.old)
        else {
            continue;
        };
        let is_old = |table: &RawTable, row: usize| {
            (table.codes("sku").get(row).copied() == Some(code as u32)).then_some(0)
        };
        match name {
            "backorders" | "calendar" => {
                table.rewrite(&into(&whole), is_old);
            }
            "sales" if by.len() > 1 => {
                let units: Vec<f64> = (0..table.rows())
                    .filter(|&row| is_old(table, row).is_some())
                    .map(|row| table.numbers("units")[row])
                    .collect();
                let was = table.rewrite(&into(&by), is_old);
                deal(table, &was, code as u32, &by, &units);
            }
            _ => {
                let was = table.rewrite(&into(&by), is_old);
                if name == "stock" {
                    shelves::add_up(table, &was);
                }
            }
        }
    }
}

/// Deals whole units out by shares: each to the one who is furthest behind its share on the channel. `units` are those of the rows before, `was` says which
/// rows there are now come from them: one for each share, in their order.
fn deal(table: &mut RawTable, was: &[u32], old: u32, by: &[(String, f64)], units: &[f64]) {
    let firsts: Vec<usize> = {
        let rows: Vec<usize> = (0..was.len()).filter(|&row| was[row] == old).collect();
        rows.chunks(by.len()).map(|rows| rows[0]).collect()
    };
    let mut order: Vec<usize> = (0..firsts.len()).collect();
    let (days, channels) = (table.days("date"), table.codes("channel"));
    order.sort_by(|&a, &b| {
        let key = |k: usize| (channels[firsts[k]], days[firsts[k]]);
        key(a).cmp(&key(b)).then(units[a].total_cmp(&units[b]))
    });
    let mut dealt: Vec<(usize, f64)> = Vec::new();
    let mut behind: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for k in order {
        if units[k].fract() != 0.0 {
            continue;
        }
        let behind = behind
            .entry(channels[firsts[k]])
            .or_insert_with(|| vec![0.0; by.len()]);
        let mut given: Vec<f64> = by
            .iter()
            .map(|(_, share)| (share * units[k]).floor())
            .collect();
        let mut left = units[k] - given.iter().sum::<f64>();
        for (behind, (given, (_, share))) in behind.iter_mut().zip(given.iter().zip(by)) {
            *behind += share * units[k] - given;
        }
        while left > 0.5 {
            let most =
                (0..by.len()).max_by(|&a, &b| behind[a].total_cmp(&behind[b]).then(b.cmp(&a)));
            let Some(most) = most else { break };
            given[most] += 1.0;
            behind[most] -= 1.0;
            left -= 1.0;
        }
        dealt.extend(
            given
                .into_iter()
                .enumerate()
                .map(|(j, units)| (firsts[k] + j, units)),
        );
    }
    if let Some(numbers) = table.numbers_mut("units") {
        for (row, units) in dealt {
            numbers[row] = units;
        }
    }
}
