//! Stock that is counted within weeks, brought to the close of its week: where dates are days, a row of `stock` is the close of its own.

use super::checks::Flow;
use super::order::{key, runs, series_of};
use super::sales::SalesRows;
use super::stock::StockRows;
use super::weeks::{of_weeks, week_of};
use crate::domain::{
    ChannelId, Day, Finding, Grain, PurchaseLine, Severity, movements, sale_moves,
};

const WEEK: i32 = Grain::Week.days();
/// Rows that all carry first days of weeks are counts of those days where such counts fit sales and receipts with less than this share of the error
/// that closes of weeks have.
const FITS: f64 = 0.5;

/// What moves the stock of places, by (sku, location, day).
struct Ledger {
    rows: Vec<(u64, f64)>,
    locations: usize,
}

impl Ledger {
    fn new(mut rows: Vec<(u64, f64)>, locations: usize) -> Self {
        rows.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        Self { rows, locations }
    }

    /// Units of a place on the days `from..=to`, signed.
    fn between(&self, place: (u32, u32), from: i32, to: i32) -> f64 {
        let key = |day: i32| key(place.0, place.1, self.locations, day);
        let start = self.rows.partition_point(|r| r.0 < key(from));
        let rows = self.rows[start..].iter();
        rows.take_while(|r| r.0 <= key(to)).map(|r| r.1).sum()
    }
}

/// Both kinds of movement: those whose week alone is known, and those whose day is.
struct Moves {
    weekly: Ledger,
    dated: Ledger,
}

impl Moves {
    fn new(flow: &Flow<'_>, sales: &SalesRows, locations: usize) -> Self {
        let place = |channel: ChannelId| flow.channel_rows[channel].location;
        let sold = |k: usize| {
            let location = place(ChannelId(sales.channel[k])).0;
            let units = sale_moves(sales.units[k], sales.returned[k]);
            (key(sales.sku[k], location, locations, sales.date[k]), units)
        };
        let source = |line: &PurchaseLine| {
            line.transferred_from(flow.locations, flow.location_rows, flow.items)
        };
        let rows =
            |m: crate::domain::Movement| (key(m.sku.0, m.location.0, locations, m.day.0), m.units);
        let shipped = movements(flow.backorders, &[], place, source).map(rows);
        let dated = movements(&[], flow.inbound, place, source).map(rows);
        Self {
            weekly: Ledger::new(
                (0..sales.len()).map(sold).chain(shipped).collect(),
                locations,
            ),
            dated: Ledger::new(dated.collect(), locations),
        }
    }

    /// What moves a place's stock from the close of `day` to that of its week, which begins on `week`: of what is known by week, the part of its days.
    fn after(&self, place: (u32, u32), day: i32, week: i32) -> f64 {
        let left = week + WEEK - 1 - day;
        let weekly = self.weekly.between(place, week, week) * f64::from(left) / f64::from(WEEK);
        weekly + self.dated.between(place, day + 1, week + WEEK - 1)
    }

    /// Whether rows dated by first days of weeks are better explained as counts of those days than as closes of those weeks.
    fn first_days(&self, stock: &StockRows, has_inbound: bool) -> bool {
        let (mut weeks, mut days) = (0.0, 0.0);
        for k in 1..stock.len() {
            let change = stock.on_hand[k] - stock.on_hand[k - 1];
            let follows = series_of(stock.keys[k - 1]) == series_of(stock.keys[k])
                && stock.date[k] - stock.date[k - 1] == WEEK;
            // Without a table of receipts nothing explains a rise.
            if !follows || change.is_nan() || (change > 0.0 && !has_inbound) {
                continue;
            }
            let place = (stock.sku[k], stock.location[k]);
            let (before, week) = (stock.date[k - 1], stock.date[k]);
            let whole = self.weekly.between(place, week, week)
                + self.dated.between(place, week, week + WEEK - 1);
            let from_day = self.after(place, before, before)
                + self.weekly.between(place, week, week) / f64::from(WEEK)
                + self.dated.between(place, week, week);
            weeks += (change - whole).abs();
            days += (change - from_day).abs();
        }
        days < FITS * weeks
    }
}

/// Leaves one row a week, SKU and location: its last count, moved on to the close of the week by receipts and by the rest of the week's sales; the mean of the
/// known shares of selling time; a state where all rows have the same one. Weeks begin on the weekday of `as_of`.
///
/// A table whose dates are all first days of weeks is one of weeks, unless its changes say otherwise; a finding says how it was read.
pub(super) fn close_weeks(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &mut StockRows,
    as_of: Day,
    findings: &mut Vec<Finding>,
) {
    let moves = Moves::new(flow, sales, stock.locations);
    if of_weeks(&stock.date, as_of.0) {
        let first_days = moves.first_days(stock, flow.has_inbound);
        let code = if first_days {
            "stock_of_first_days"
        } else {
            "stock_of_weeks"
        };
        if stock.len() > 0 {
            findings.push(Finding::new(Severity::Notice, code).count(stock.len() as u64));
        }
        if !first_days {
            return;
        }
    }
    let weeks: Vec<u64> = (0..stock.len())
        .map(|k| {
            let week = week_of(stock.date[k], as_of.0);
            key(stock.sku[k], stock.location[k], stock.locations, week)
        })
        .collect();
    let mut kept = StockRows {
        locations: stock.locations,
        ..StockRows::default()
    };
    for (start, end) in runs(&weeks) {
        let counted = (start..end).rev().find(|&k| !stock.on_hand[k].is_nan());
        let last = counted.unwrap_or(end - 1);
        let (day, week) = (stock.date[last], week_of(stock.date[last], as_of.0));
        let shares = stock.fraction[start..end].iter().filter(|f| !f.is_nan());
        let state = stock.state[end - 1];
        let same = stock.state[start..end].iter().all(|&s| s == state);
        kept.keys.push(weeks[start]);
        kept.date.push(week);
        kept.sku.push(stock.sku[last]);
        kept.location.push(stock.location[last]);
        kept.on_hand.push(closing(
            stock.on_hand[last],
            moves.after((stock.sku[last], stock.location[last]), day, week),
        ));
        let known = shares.clone().count();
        kept.fraction.push(if known > 0 {
            shares.sum::<f64>() / known as f64
        } else {
            f64::NAN
        });
        kept.state.push(if same { state } else { -1 });
        kept.row.push(stock.row[last]);
    }
    *stock = kept;
}

/// Whole where the count is; what is sold was there.
fn closing(on_hand: f64, moved: f64) -> f64 {
    let moved = if on_hand.fract() == 0.0 {
        moved.round()
    } else {
        moved
    };
    if on_hand < 0.0 {
        on_hand + moved
    } else {
        (on_hand + moved).max(0.0)
    }
}
