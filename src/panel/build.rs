//! Builds the panel from the checked tables.

use std::collections::BTreeMap;

use polars::prelude::*;
use rayon::prelude::*;

use super::record;
use super::span::{Seen, list_series};
use super::{DayRecord, Movements, Panel, SeriesKey, classify};
use crate::domain::{
    Availability, BackorderKind, ChannelId, Day, Finding, ItemStatus, LocationId, OrderType,
    Records, SkuId, Tables,
};

/// Why no panel could be built.
#[derive(Debug, thiserror::Error)]
pub enum PanelError {
    /// The checked frames lack a column or have another type than promised.
    #[error("reading the checked tables: {0}")]
    Polars(#[from] PolarsError),
}

/// Units below which a shelf is empty.
const EMPTY: f64 = 1e-9;

type Columns<'a> = (&'a [i32], &'a [u32], &'a [u32]);

/// Contiguous key columns of a frame; `place` is `channel` or `location`.
fn keys<'a>(frame: &'a DataFrame, place: &str) -> PolarsResult<Columns<'a>> {
    Ok((
        frame.column("date")?.i32()?.cont_slice()?,
        frame.column("sku")?.u32()?.cont_slice()?,
        frame.column(place)?.u32()?.cont_slice()?,
    ))
}

/// All series, their periods, and what the records say about each period.
///
/// A run of days without a sale is called out where the probability that there was stock is at most `out_odds`.
/// `findings` receives what had to be assumed (rolled snapshots, series without a stock record). Also returns what moved the stock beside
/// regular sales.
///
/// # Errors
/// When the frames do not have the columns that [`crate::domain`] promises.
pub fn build(
    records: Records,
    tables: &Tables,
    out_odds: f64,
    findings: &mut Vec<Finding>,
) -> Result<(Panel, Movements), PanelError> {
    let step = tables.grain.days();
    let Records { sales, stock } = records;
    let (mut sales, mut stock) = (sales.0, stock.map(|s| s.0));
    sales.rechunk_mut();
    if let Some(stock) = stock.as_mut() {
        stock.rechunk_mut();
    }
    let mut movements = Movements::of(tables, &sales)?;

    let series: Vec<(SeriesKey, Seen)> = list_series(tables, &sales, stock.as_ref())?;
    let as_of = tables.as_of;
    let mut first = Vec::with_capacity(series.len());
    let mut offsets = vec![0usize];
    for (_, seen) in &series {
        // Periods are counted back from as-of, so that all series share one grid.
        let periods = (as_of.0 - seen.first).max(0) / step + 1;
        first.push(as_of + -(periods - 1) * step);
        offsets.push(offsets[offsets.len() - 1] + periods as usize);
    }
    let keys_list: Vec<SeriesKey> = series.iter().map(|(k, _)| *k).collect();
    let index: BTreeMap<(SkuId, ChannelId), usize> = keys_list
        .iter()
        .enumerate()
        .map(|(i, k)| ((k.sku, k.channel), i))
        .collect();
    let total = offsets[offsets.len() - 1];
    let position = |i: usize, day: i32| -> Option<usize> {
        let periods = (day - first[i].0).div_euclid(step);
        let at = offsets[i] as i64 + i64::from(periods);
        (periods >= 0 && (at as usize) < offsets[i + 1]).then_some(at as usize)
    };

    let mut sold = vec![0.0; total];
    {
        let (date, sku, channel) = keys(&sales, "channel")?;
        let units = sales.column("units")?.f64()?.cont_slice()?;
        let order_type = sales.column("order_type")?.i8()?.cont_slice()?;
        // Rows of one series mostly follow each other, so the last look-up is kept.
        let mut last = ((SkuId(u32::MAX), ChannelId(u32::MAX)), 0usize);
        for r in 0..date.len() {
            if order_type[r] != OrderType::Regular as i8 {
                continue;
            }
            let key = (SkuId(sku[r]), ChannelId(channel[r]));
            if key != last.0 {
                let Some(&i) = index.get(&key) else { continue };
                last = (key, i);
            }
            if let Some(at) = position(last.1, date[r]) {
                sold[at] += units[r];
            }
        }
    }
    let mut backordered = vec![0.0; total];
    for line in tables
        .backorders
        .iter()
        .filter(|l| l.kind == BackorderKind::Backorder)
    {
        if let Some(&i) = index.get(&(line.sku, line.channel))
            && let Some(at) = position(i, line.date.0)
        {
            backordered[at] += line.units;
        }
    }

    let accepts: Vec<bool> = keys_list
        .iter()
        .map(|k| {
            tables.items[k.sku]
                .backorder_policy
                .unwrap_or(tables.channel_rows[k.channel].accepts_backorders)
        })
        .collect();
    let mut panel = Panel {
        grain: tables.grain,
        as_of,
        whole_units: series.iter().map(|(_, s)| !s.fractional).collect(),
        pools: pools(&keys_list),
        series: keys_list,
        first,
        offsets,
        sold,
        backordered,
        closing: vec![f64::NAN; total],
        fraction: Vec::new(),
        in_odds: Vec::new(),
        reach: Vec::new(),
        availability: vec![Availability::Unknown; total],
        accepts_backorders: accepts,
    };
    let mut state = Vec::new();
    if let Some(stock) = &stock {
        lay_stock(stock, &mut panel, &mut movements, &mut state)?;
    }
    let worded = |panel: &Panel, at: usize| {
        state.get(at).is_some_and(|s| *s >= 0)
            || panel.fraction.get(at).is_some_and(|f| !f.is_nan())
    };
    let reading = record::read(&mut panel, &movements, worded);
    classify_all(&mut panel, &movements, &state);
    reading.judge(&mut panel, tables, out_odds, findings);
    doubt_fractions(&mut panel);
    doubt_empty_runs(&mut panel);
    close_listing(tables, &mut panel);
    super::listing::list(tables, &mut panel, findings);
    Ok((panel, movements))
}

pub(super) fn pools(series: &[SeriesKey]) -> BTreeMap<(SkuId, LocationId), Vec<usize>> {
    let mut pools: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (i, key) in series.iter().enumerate() {
        pools.entry((key.sku, key.location)).or_default().push(i);
    }
    pools
}

/// Copies stock records to the series of their pool; the last of those that have none are kept as counts.
fn lay_stock(
    stock: &DataFrame,
    panel: &mut Panel,
    movements: &mut Movements,
    state: &mut Vec<i8>,
) -> PolarsResult<()> {
    let (date, sku, location) = keys(stock, "location")?;
    let on_hand = stock.column("on_hand")?.f64()?.cont_slice()?;
    let fraction = stock.column("in_stock_fraction")?.f64()?.cont_slice()?;
    let states = stock.column("state")?.i8()?.cont_slice()?;
    let total = panel.sold.len();
    if fraction.iter().any(|f| !f.is_nan()) {
        panel.fraction = vec![f32::NAN; total];
    }
    if states.iter().any(|&s| s >= 0) {
        *state = vec![-1; total];
    }
    let step = panel.grain.days();
    let none = Vec::new();
    let mut last = ((SkuId(u32::MAX), LocationId(u32::MAX)), &none);
    for r in 0..date.len() {
        let key = (SkuId(sku[r]), LocationId(location[r]));
        if key != last.0 {
            last = (key, panel.pools.get(&key).unwrap_or(&none));
        }
        if !on_hand[r].is_nan() {
            movements.counted.insert(key.1);
            if last.1.is_empty() {
                let count = movements.counts.entry(key).or_insert((Day(i32::MIN), 0.0));
                let close = Day(date[r]) + (step - 1);
                if close >= count.0 {
                    *count = (close, on_hand[r]);
                }
            }
        }
        for &i in last.1 {
            let t = (date[r] - panel.first[i].0).div_euclid(step);
            let at = panel.offsets[i] as i64 + i64::from(t);
            if t < 0 || at as usize >= panel.offsets[i + 1] {
                continue;
            }
            let at = at as usize;
            panel.closing[at] = on_hand[r];
            if let Some(slot) = panel.fraction.get_mut(at) {
                *slot = fraction[r] as f32;
            }
            if let Some(slot) = state.get_mut(at) {
                *slot = states[r];
            }
        }
    }
    Ok(())
}

/// A discontinued item is not listed after the last day on which it sold, was ordered or was there; a new one not before its launch.
fn close_listing(tables: &Tables, panel: &mut Panel) {
    let step = panel.grain.days();
    for i in 0..panel.len() {
        let item = &tables.items[panel.series[i].sku];
        let range = panel.range(i);
        if item.status == ItemStatus::Discontinued {
            let last = range.clone().rev().find(|&at| {
                panel.sold[at] > 0.0 || panel.backordered[at] > 0.0 || panel.closing[at] > 0.0
            });
            let from = last.map_or(range.start, |at| at + 1);
            panel.availability[from..range.end].fill(Availability::NotListed);
        }
        if let Some(launch) = item.launch {
            for at in range.clone() {
                if panel.first[i] + (at - range.start) as i32 * step < launch
                    && panel.sold[at] <= 0.0
                {
                    panel.availability[at] = Availability::NotListed;
                }
            }
        }
    }
}

/// Units that were sold met stock: a fraction of 0 on such a day is wrong, and how much it should be is not known.
fn doubt_fractions(panel: &mut Panel) {
    for (fraction, sold) in panel.fraction.iter_mut().zip(&panel.sold) {
        if *fraction <= 0.0 && *sold > 0.0 {
            *fraction = f32::NAN;
        }
    }
}

/// A shelf that is recorded empty day after day and sells in between was not empty: its days without a sale, up to the last one with, tell nothing.
fn doubt_empty_runs(panel: &mut Panel) {
    let seen = &*panel;
    let doubted: Vec<usize> = (seen.pools.values().collect::<Vec<_>>())
        .into_par_iter()
        .flat_map_iter(|members| closed_in_doubt(seen, members))
        .collect();
    for at in doubted {
        panel.availability[at] = Availability::Unknown;
    }
}

/// Positions of the closed days of a pool's series that lie in a run of days with an empty record, before a sale of that run.
fn closed_in_doubt(panel: &Panel, members: &[usize]) -> Vec<usize> {
    let Some(&longest) = members.iter().min_by_key(|&&i| panel.first[i]) else {
        return Vec::new();
    };
    let closing = &panel.closing[panel.range(longest)];
    let days = |i: usize| (periods_before(panel, i, longest)..).zip(panel.range(i));
    // Days on which a member sold from what the record calls an empty shelf.
    let mut sells = vec![false; closing.len()];
    for (t, at) in members.iter().flat_map(|&i| days(i)) {
        sells[t] |= panel.sold[at] > 0.0 && panel.availability[at] == Availability::Unknown;
    }
    if !sells.contains(&true) {
        return Vec::new();
    }
    // Backwards: from the last sale of a run to its beginning.
    let mut doubted = vec![false; closing.len()];
    let mut sold_later = false;
    for t in (0..closing.len()).rev() {
        sold_later = closing[t].abs() < EMPTY && (sold_later || sells[t]);
        doubted[t] = sold_later;
    }
    let closed =
        |&(t, at): &(usize, usize)| doubted[t] && panel.availability[at] == Availability::Closed;
    let all = members.iter().flat_map(|&i| days(i));
    all.filter(closed).map(|(_, at)| at).collect()
}

/// Periods of series `longest` before the first of series `i`.
fn periods_before(panel: &Panel, i: usize, longest: usize) -> usize {
    ((panel.first[i] - panel.first[longest]) / panel.grain.days()) as usize
}

/// Classifies the periods of every pool's series.
fn classify_all(panel: &mut Panel, movements: &Movements, state: &[i8]) {
    let seen = &*panel;
    let pools: Vec<_> = seen.pools.iter().collect();
    let found: Vec<(usize, Vec<Availability>)> = pools
        .into_par_iter()
        .map(|(key, members)| classify_pool(seen, members, movements.received(key.0, key.1), state))
        .flatten_iter()
        .collect();
    for (i, days) in found {
        let range = panel.range(i);
        panel.availability[range].copy_from_slice(&days);
    }
}

/// Availability of the periods of each member of one pool.
fn classify_pool(
    panel: &Panel,
    members: &[usize],
    receipts: &[(Day, f64)],
    state: &[i8],
) -> Vec<(usize, Vec<Availability>)> {
    let Some(&longest) = members.iter().min_by_key(|&&i| panel.first[i]) else {
        return Vec::new();
    };
    let shift = |i: usize| periods_before(panel, i, longest);
    let mut pool_sold = vec![0.0; panel.range(longest).len()];
    for &i in members {
        for (t, at) in panel.range(i).enumerate() {
            pool_sold[shift(i) + t] += panel.sold[at];
        }
    }
    let mut received = vec![0.0; pool_sold.len()];
    for &(day, units) in receipts {
        let t = (day - panel.first[longest]).div_euclid(panel.grain.days());
        if let Some(slot) = usize::try_from(t).ok().and_then(|t| received.get_mut(t)) {
            *slot += units;
        }
    }
    let of = |i: usize| {
        let mut opening = f64::NAN;
        let accepting = panel.view(i).accepting();
        let days = panel.range(i).enumerate().map(|(t, at)| {
            let code = state.get(at).copied().unwrap_or(-1);
            let day = DayRecord {
                opening,
                closing: panel.closing[at],
                pool_sold: pool_sold[shift(i) + t],
                received: received[shift(i) + t],
                sold: panel.sold[at],
                backordered: panel.backordered[at],
                fraction: panel.fraction.get(at).map_or(f64::NAN, |&f| f64::from(f)),
                state: usize::try_from(code)
                    .ok()
                    .and_then(|c| Availability::ALL.get(c))
                    .copied(),
                accepts_backorders: accepting.contains(&t),
            };
            opening = panel.closing[at];
            classify(&day)
        });
        (i, days.collect())
    };
    members.iter().map(|&i| of(i)).collect()
}
