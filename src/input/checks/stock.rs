//! Doubtful rows of `stock`, and stock that sales and receipts do not explain.

use super::{Flow, TOLD, more_findings, quantity};
use crate::domain::{
    Availability, ChannelId, Day, Finding, PurchaseLine, Severity, movements, sale_moves,
};
use crate::input::order::{by_key, gather, key, runs, series_of};
use crate::input::sales::SalesRows;
use crate::input::stock::StockRows;

/// Units by which stock may differ from what is expected.
const JUMP_UNITS: f64 = 1.0;
/// … or this share of the stock, whichever is more.
const JUMP_SHARE: f64 = 0.1;

/// Checks the stock rows against the rest.
pub(in crate::input) fn stock_rows(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &StockRows,
    findings: &mut Vec<Finding>,
) {
    let series: Vec<u64> = stock.keys.iter().map(|&k| series_of(k)).collect();
    negative_stock(flow, stock, &series, findings);
    stock_jumps(flow, sales, stock, findings);
    sales_on_closed_days(flow, sales, stock, &series, findings);
    no_stock_records(flow, sales, stock, findings);
}

/// Tells that nothing is known about stock.
pub(in crate::input) fn no_stock(sales: &SalesRows, findings: &mut Vec<Finding>) {
    if sales.len() == 0 {
        return;
    }
    findings.push(Finding::new(Severity::Notice, "no_stock_table"));
}

fn negative_stock(flow: &Flow<'_>, stock: &StockRows, series: &[u64], findings: &mut Vec<Finding>) {
    for (start, end) in runs(series) {
        let days = (start..end).filter(|&k| stock.on_hand[k] < 0.0);
        let (Some(first), Some(last)) = (days.clone().next(), days.clone().next_back()) else {
            continue;
        };
        let lowest = days
            .clone()
            .map(|k| stock.on_hand[k])
            .fold(f64::INFINITY, f64::min);
        let count = days.count() as u64;
        let sku = &flow.skus[stock.sku[first] as usize];
        let location = &flow.locations[stock.location[first] as usize];
        let mut finding = Finding::new(Severity::Notice, "negative_stock")
            .sku(sku)
            .location(location)
            .between(Day(stock.date[first]), Day(stock.date[last]))
            .count(count)
            .figure("sku", sku)
            .figure("location", location)
            .figure("count", count)
            .figure("lowest", quantity(lowest));
        if let Some(table) = flow.stock_table {
            finding = finding.place(table.place(stock.row[first] as usize, Some("on_hand")));
        }
        findings.push(finding);
    }
}

/// What goes out of and comes into a location's stock, sorted by (sku, location, date).
struct Movements {
    keys: Vec<u64>,
    units: Vec<f64>,
}

impl Movements {
    fn new(flow: &Flow<'_>, sales: &SalesRows, locations: usize) -> Self {
        let place = |channel: ChannelId| flow.channel_rows[channel].location;
        let mut keys: Vec<u64> = Vec::with_capacity(sales.len());
        let mut units: Vec<f64> = Vec::with_capacity(sales.len());
        for k in 0..sales.len() {
            keys.push(key(
                sales.sku[k],
                place(ChannelId(sales.channel[k])).0,
                locations,
                sales.date[k],
            ));
            units.push(sale_moves(sales.units[k], sales.returned[k]));
        }
        let source = |line: &PurchaseLine| {
            line.transferred_from(flow.locations, flow.location_rows, flow.items)
        };
        for m in movements(flow.backorders, flow.inbound, place, source) {
            keys.push(key(m.sku.0, m.location.0, locations, m.day.0));
            units.push(m.units);
        }
        match by_key(&keys) {
            Some(order) => Self {
                keys: gather(&keys, &order),
                units: gather(&units, &order),
            },
            None => Self { keys, units },
        }
    }
}

/// The worst jump of a series.
#[derive(Clone, Copy)]
struct Jump {
    at: usize,
    /// Of the first and the last jump.
    span: (usize, usize),
    expected: f64,
    size: f64,
    count: u64,
}

/// Closing stock that is not the previous closing − sales − backorder shipments + receipts + returns − transfers to other
/// locations, on consecutive recorded periods.
fn stock_jumps(flow: &Flow<'_>, sales: &SalesRows, stock: &StockRows, findings: &mut Vec<Finding>) {
    let step = flow.grain.days();
    let pairs = |k: usize| {
        series_of(stock.keys[k - 1]) == series_of(stock.keys[k])
            && stock.date[k] - stock.date[k - 1] == step
            && !stock.on_hand[k].is_nan()
            && !stock.on_hand[k - 1].is_nan()
    };
    if !(1..stock.len()).any(pairs) {
        return;
    }
    let moves = Movements::new(flow, sales, stock.locations);
    let mut jumps: Vec<Jump> = Vec::new();
    let mut at = 0;
    for k in 1..stock.len() {
        if !pairs(k) {
            continue;
        }
        let last = stock.keys[k] + step as u64 - 1;
        while at < moves.keys.len() && moves.keys[at] < stock.keys[k] {
            at += 1;
        }
        let mut moved = 0.0;
        while at < moves.keys.len() && moves.keys[at] <= last {
            moved += moves.units[at];
            at += 1;
        }
        let (before, closing) = (stock.on_hand[k - 1], stock.on_hand[k]);
        let expected = before + moved;
        let size = closing - expected;
        let allowed = JUMP_UNITS.max(JUMP_SHARE * before.abs().max(closing.abs()));
        // Without a table of receipts every delivery is a rise that nothing explains.
        if size.abs() <= allowed + 1e-9 || (size > 0.0 && !flow.has_inbound) {
            continue;
        }
        match jumps.last_mut() {
            Some(worst) if series_of(stock.keys[worst.at]) == series_of(stock.keys[k]) => {
                worst.count += 1;
                worst.span.1 = k;
                if size.abs() > worst.size.abs() {
                    *worst = Jump {
                        at: k,
                        span: worst.span,
                        expected,
                        size,
                        count: worst.count,
                    };
                }
            }
            _ => jumps.push(Jump {
                at: k,
                span: (k, k),
                expected,
                size,
                count: 1,
            }),
        }
    }
    if jumps.len() > TOLD {
        // The largest are told; equal ones in the order of their names.
        jumps.sort_by(|a, b| b.size.abs().total_cmp(&a.size.abs()).then(a.at.cmp(&b.at)));
        let rest = jumps.split_off(TOLD);
        findings.push(more_findings(
            Severity::Warning,
            "stock_jump",
            rest.len() as u64,
        ));
    }
    for jump in jumps {
        let k = jump.at;
        let sku = &flow.skus[stock.sku[k] as usize];
        let location = &flow.locations[stock.location[k] as usize];
        let day = Day(stock.date[k]);
        let mut finding = Finding::new(Severity::Warning, "stock_jump")
            .sku(sku)
            .location(location)
            // From the last count before the first jump to the last one.
            .between(
                Day(stock.date[jump.span.0 - 1]),
                Day(stock.date[jump.span.1]),
            )
            .count(jump.count)
            .figure("sku", sku)
            .figure("location", location)
            .figure("count", jump.count)
            .figure("date", day)
            .figure("before", quantity(stock.on_hand[k - 1]))
            .figure("expected", quantity(jump.expected))
            .figure("recorded", quantity(stock.on_hand[k]));
        if let Some(table) = flow.stock_table {
            let mut place = table.place(stock.row[k] as usize, Some("on_hand"));
            place.value = Some(quantity(stock.on_hand[k]));
            finding = finding.place(place);
        }
        findings.push(finding);
    }
}

/// Sales on days that the shop itself calls closed or not listed.
fn sales_on_closed_days(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &StockRows,
    series: &[u64],
    findings: &mut Vec<Finding>,
) {
    let closed = |k: usize| {
        stock.state[k] == Availability::Closed as i8
            || stock.state[k] == Availability::NotListed as i8
    };
    let mut at_location: Vec<Vec<u32>> = vec![Vec::new(); flow.locations.len()];
    for (row, channel) in flow.channel_rows.iter().zip(0u32..) {
        at_location[row.location.at()].push(channel);
    }
    for (start, end) in runs(series) {
        if !(start..end).any(closed) {
            continue;
        }
        let sku_code = stock.sku[start];
        for &channel in &at_location[stock.location[start] as usize] {
            let mut at = sales.on(sku_code, channel, 0).start;
            let (mut days, mut units) = (0u64, 0.0);
            let mut first: Option<usize> = None;
            let mut last = 0;
            for k in (start..end).filter(|&k| closed(k)) {
                let own = |at: usize| {
                    at < sales.len() && sales.sku[at] == sku_code && sales.channel[at] == channel
                };
                while own(at) && sales.date[at] < stock.date[k] {
                    at += 1;
                }
                let mut sold = 0.0;
                let mut seen = None;
                while own(at) && sales.date[at] == stock.date[k] {
                    if sales.units[at] > 0.0 {
                        sold += sales.units[at];
                        seen.get_or_insert(at);
                    }
                    at += 1;
                }
                if let Some(seen) = seen {
                    first.get_or_insert(seen);
                    last = seen;
                    days += 1;
                    units += sold;
                }
            }
            let Some(first) = first else { continue };
            let sku = &flow.skus[sku_code as usize];
            let name = &flow.channels[channel as usize];
            findings.push(
                Finding::new(Severity::Warning, "sales_on_closed_day")
                    .place(
                        flow.sales_table
                            .place(sales.row[first] as usize, Some("units")),
                    )
                    .sku(sku)
                    .channel(name)
                    .between(Day(sales.date[first]), Day(sales.date[last]))
                    .count(days)
                    .figure("sku", sku)
                    .figure("channel", name)
                    .figure("count", days)
                    .figure("units", quantity(units))
                    .figure("date", Day(sales.date[first])),
            );
        }
    }
}

/// Series that sell and have no stock record at all.
fn no_stock_records(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &StockRows,
    findings: &mut Vec<Finding>,
) {
    let series: Vec<u64> = sales.keys.iter().map(|&k| series_of(k)).collect();
    let mut count = 0u64;
    let mut first = None;
    for (start, _) in runs(&series) {
        let location = flow.channel_rows[sales.channel[start] as usize].location;
        if !stock.knows(sales.sku[start], location.0) {
            count += 1;
            first.get_or_insert(start);
        }
    }
    if let Some(k) = first {
        let sku = &flow.skus[sales.sku[k] as usize];
        let channel = &flow.channels[sales.channel[k] as usize];
        findings.push(
            Finding::new(Severity::Notice, "no_stock_record")
                .sku(sku)
                .channel(channel)
                .count(count)
                .figure("count", count)
                .figure("sku", sku)
                .figure("channel", channel),
        );
    }
}
