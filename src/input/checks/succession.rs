//! One code that takes over from another: the item was renamed, or replaced.

use std::collections::BTreeMap;

use super::{Flow, quantity};
use crate::domain::{CalendarEntry, CalendarKind, Day, Finding, ItemStatus, Severity, SkuId};
use crate::input::order::runs;
use crate::input::sales::SalesRows;
use crate::input::stock::StockRows;

/// Days after which a code that sold is quiet.
const QUIET_DAYS: i32 = 14;
/// Chance that a code that sells as before is so long without a sale, below which it has ended.
const BY_CHANCE: f64 = 1e-3;
/// Days that the new code may begin before the old one's last sale, and after it.
const BEGINS: std::ops::RangeInclusive<i32> = -3..=10;
/// Days by which rates are compared, at most.
const WINDOW: i32 = 56;
/// Days with sales from which on a code has a rate.
const SELLING_DAYS: usize = 10;
/// Times the other rate that one may be.
const TIMES: f64 = 1.6;

/// How one code sold.
#[derive(Clone, Debug)]
struct Life {
    sku: SkuId,
    first: i32,
    last: i32,
    channels: Vec<u32>,
    /// (day, units), by day.
    days: Vec<(i32, f64)>,
}

impl Life {
    /// Units a day between two days, and the days with sales.
    fn rate(&self, from: i32, to: i32) -> (f64, usize) {
        let within = || self.days.iter().filter(|d| (from..=to).contains(&d.0));
        let units: f64 = within().map(|d| d.1).sum();
        (units / f64::from(to - from + 1).max(1.0), within().count())
    }
}

/// An old code and the one that seems to take over from it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::input) struct Succession {
    pub old: SkuId,
    pub new: SkuId,
    old_last: Day,
    new_first: Day,
    old_rate: f64,
    new_rate: f64,
}

/// Codes that ended with goods on the shelf when another, on the same channels, began at about the same rate: one to one, and nothing in `items` or
/// `calendar` speaks against it.
pub(in crate::input) fn successions(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: Option<&StockRows>,
    calendar: &[CalendarEntry],
    as_of: Day,
) -> Vec<Succession> {
    let lives = lives(sales);
    let Some(begin) = sales.date.iter().min() else {
        return Vec::new();
    };
    let ended: Vec<&Life> = lives
        .iter()
        .filter(|life| {
            flow.items[life.sku].status == ItemStatus::Active
                && has_ended(life, as_of)
                && !is_excused(life, calendar, as_of)
                && !ran_out(flow, life, stock)
        })
        .collect();
    let begun: Vec<&Life> = lives
        .iter()
        .filter(|life| {
            flow.items[life.sku].status != ItemStatus::Discontinued
                && life.first - begin > WINDOW / 2
                && life.last > as_of.0 - QUIET_DAYS
        })
        .collect();
    let mut pairs: Vec<Succession> = Vec::new();
    for old in &ended {
        pairs.extend(
            begun
                .iter()
                .filter_map(|new| follows(flow, old, new, as_of)),
        );
    }
    let (mut olds, mut news): (BTreeMap<SkuId, u32>, BTreeMap<SkuId, u32>) = Default::default();
    for pair in &pairs {
        *olds.entry(pair.old).or_default() += 1;
        *news.entry(pair.new).or_default() += 1;
    }
    pairs.retain(|pair| olds[&pair.old] == 1 && news[&pair.new] == 1);
    pairs
}

/// Tells them.
pub(in crate::input) fn tell_successions(
    flow: &Flow<'_>,
    successions: &[Succession],
    findings: &mut Vec<Finding>,
) {
    for pair in successions {
        let (old, new) = (&flow.skus[pair.old.at()], &flow.skus[pair.new.at()]);
        findings.push(
            Finding::new(Severity::Warning, "probably_replaced")
                .sku(old)
                .between(pair.old_last, pair.new_first)
                .figure("old", old)
                .figure("new", new)
                .figure("last", pair.old_last)
                .figure("first", pair.new_first)
                .figure(
                    "old_rate",
                    quantity((pair.old_rate * 100.0).round() / 100.0),
                )
                .figure(
                    "new_rate",
                    quantity((pair.new_rate * 100.0).round() / 100.0),
                ),
        );
    }
}

fn lives(sales: &SalesRows) -> Vec<Life> {
    let mut lives: Vec<Life> = Vec::new();
    let series: Vec<u64> = sales.sku.iter().map(|&s| u64::from(s)).collect();
    for (start, end) in runs(&series) {
        let mut days: BTreeMap<i32, f64> = BTreeMap::new();
        let mut channels: Vec<u32> = Vec::new();
        for k in (start..end).filter(|&k| sales.units[k] > 0.0) {
            *days.entry(sales.date[k]).or_default() += sales.units[k];
            if channels.last() != Some(&sales.channel[k]) {
                channels.push(sales.channel[k]);
            }
        }
        if let (Some((&first, _)), Some((&last, _))) =
            (days.first_key_value(), days.last_key_value())
        {
            lives.push(Life {
                sku: SkuId(sales.sku[start]),
                first,
                last,
                channels,
                days: days.into_iter().collect(),
            });
        }
    }
    lives
}

/// Whether a code sold so often before that its silence is no chance.
fn has_ended(life: &Life, as_of: Day) -> bool {
    let silent = as_of.0 - life.last;
    let from = life.first.max(life.last - WINDOW + 1);
    let (_, selling) = life.rate(from, life.last);
    let share = selling as f64 / f64::from(life.last - from + 1);
    silent >= QUIET_DAYS
        && selling >= SELLING_DAYS
        && (1.0 - share).max(0.0).powi(silent) < BY_CHANCE
}

/// Whether the calendar says that its silence says nothing.
fn is_excused(life: &Life, calendar: &[CalendarEntry], as_of: Day) -> bool {
    calendar.iter().any(|entry| {
        entry.kind == CalendarKind::Exclude
            && entry.sku == Some(life.sku)
            && entry.to.0 > life.last
            && entry.from <= as_of
    })
}

/// Whether its shelves were empty when it last sold: then customers found nothing, and it may come back.
fn ran_out(flow: &Flow<'_>, life: &Life, stock: Option<&StockRows>) -> bool {
    let Some(stock) = stock else { return false };
    let mut known = false;
    for &channel in &life.channels {
        let location = flow.channel_rows[channel as usize].location;
        let Some(at) = stock.before(life.sku.0, location.0, life.last + 1) else {
            continue;
        };
        known = true;
        if stock.on_hand[at] > 0.0 {
            return false;
        }
    }
    known
}

fn follows(flow: &Flow<'_>, old: &Life, new: &Life, as_of: Day) -> Option<Succession> {
    if old.sku == new.sku
        || !BEGINS.contains(&(new.first - old.last))
        || old.channels != new.channels
    {
        return None;
    }
    let (was, is) = (&flow.items[old.sku], &flow.items[new.sku]);
    let differ = was.category.is_some() && is.category.is_some() && was.category != is.category;
    let dearer = was
        .price
        .zip(is.price)
        .is_some_and(|(a, b)| a > 2.0 * b || b > 2.0 * a);
    if differ || dearer {
        return None;
    }
    let from = old.first.max(old.last - WINDOW + 1);
    let (old_rate, _) = old.rate(from, old.last);
    let to = as_of.0.min(new.first + WINDOW - 1);
    let (new_rate, selling) = new.rate(new.first, to);
    let near = new_rate <= TIMES * old_rate && old_rate <= TIMES * new_rate;
    (near && selling >= SELLING_DAYS).then_some(Succession {
        old: old.sku,
        new: new.sku,
        old_last: Day(old.last),
        new_first: Day(new.first),
        old_rate,
        new_rate,
    })
}
