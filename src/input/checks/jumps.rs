//! Stock that sales and receipts do not explain.

use super::{Flow, TOLD, more_findings, quantity};
use crate::domain::{
    ChannelId, Day, Finding, Grain, PurchaseLine, Severity, SkuId, movements, sale_moves,
};
use crate::input::order::{by_key, gather, key, runs, series_of};
use crate::input::sales::SalesRows;
use crate::input::stock::StockRows;

/// Units by which stock may differ from what is expected.
const JUMP_UNITS: f64 = 1.0;
/// … or this share of the stock, whichever is more.
const JUMP_SHARE: f64 = 0.1;
/// Receipts that must raise stock by the same multiple before it is taken for the size of a case; one where the item's order multiple says so.
const SAME_RECEIPTS: usize = 2;
/// Share of a case by which a multiple may miss a whole number.
const CASE_SLACK: f64 = 0.05;

/// Counts that two models of a record tell apart, from which on they are judged.
const JUDGED: u64 = 30;
/// Share of them that the right model explains to the unit, at least, and the wrong one, at most.
const RIGHT: f64 = 0.8;
const WRONG: f64 = 0.3;

/// What goes out of and comes into a location's stock, sorted by (sku, location, date).
pub(super) struct Movements {
    keys: Vec<u64>,
    units: Vec<f64>,
    /// What else moves a record that counts what is owed to customers as negative stock: orders, cancellations, no shipments.
    owed: Vec<f64>,
    received: Vec<f64>,
    sold: Vec<f64>,
}

/// What moved a stock within a period.
#[derive(Clone, Copy, Default)]
pub(super) struct Moved {
    pub units: f64,
    pub owed: f64,
    pub received: f64,
    pub sold: f64,
}

impl Movements {
    pub(super) fn new(flow: &Flow<'_>, sales: &SalesRows, locations: usize) -> Self {
        let place = |channel: ChannelId| flow.channel_rows[channel].location;
        let mut all = Self {
            keys: Vec::with_capacity(sales.len()),
            units: Vec::with_capacity(sales.len()),
            owed: Vec::with_capacity(sales.len()),
            received: Vec::with_capacity(sales.len()),
            sold: Vec::with_capacity(sales.len()),
        };
        for k in 0..sales.len() {
            let location = place(ChannelId(sales.channel[k])).0;
            let units = sale_moves(sales.units[k], sales.returned[k]);
            let moved = Moved {
                units,
                sold: sales.units[k],
                ..Moved::default()
            };
            all.push(key(sales.sku[k], location, locations, sales.date[k]), moved);
        }
        let source = |line: &PurchaseLine| {
            line.transferred_from(flow.locations, flow.location_rows, flow.items)
        };
        for m in movements(flow.backorders, flow.inbound, place, source) {
            let moved = Moved {
                units: m.units,
                received: m.units.max(0.0),
                ..Moved::default()
            };
            all.push(key(m.sku.0, m.location.0, locations, m.day.0), moved);
        }
        for line in flow.backorders {
            let events = [
                (Some(line.date), -line.units),
                (line.shipped, line.shipped_units),
                (line.cancelled, line.cancelled_units),
            ];
            for (day, owed) in events {
                let Some(day) = day else { continue };
                let moved = Moved {
                    owed,
                    ..Moved::default()
                };
                let location = place(line.channel).0;
                all.push(key(line.sku.0, location, locations, day.0), moved);
            }
        }
        match by_key(&all.keys) {
            Some(order) => Self {
                keys: gather(&all.keys, &order),
                units: gather(&all.units, &order),
                owed: gather(&all.owed, &order),
                received: gather(&all.received, &order),
                sold: gather(&all.sold, &order),
            },
            None => all,
        }
    }

    fn push(&mut self, key: u64, moved: Moved) {
        self.keys.push(key);
        self.units.push(moved.units);
        self.owed.push(moved.owed);
        self.received.push(moved.received);
        self.sold.push(moved.sold);
    }

    /// Puts `at` behind the key `last`.
    pub(super) fn skip(&self, last: u64, at: &mut usize) {
        while *at < self.keys.len() && self.keys[*at] <= last {
            *at += 1;
        }
    }

    /// What moved from `at` on, up to and with the key `last`; `at` is put behind it.
    pub(super) fn until(&self, last: u64, at: &mut usize) -> Moved {
        let mut moved = Moved::default();
        while *at < self.keys.len() && self.keys[*at] <= last {
            moved.units += self.units[*at];
            moved.owed += self.owed[*at];
            moved.received += self.received[*at];
            moved.sold += self.sold[*at];
            *at += 1;
        }
        moved
    }
}

/// A closing stock that does not follow from the one before.
#[derive(Clone, Copy)]
struct Jump {
    at: usize,
    expected: f64,
    size: f64,
}

/// What one series shows.
#[derive(Default)]
struct Seen {
    jumps: Vec<Jump>,
    /// (row, units received, by what its stock rose), of all receipts.
    receipts: Vec<(usize, f64, f64)>,
}

/// Whether the record was counted before each day's trade: what moved on the day before explains nearly all of its changes, what moved on its own day
/// few.
pub(in crate::input) fn is_taken_before_trade(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &StockRows,
) -> bool {
    if flow.grain != Grain::Day {
        return false;
    }
    let moves = Movements::new(flow, sales, stock.locations);
    let (mut judged, mut at_close, mut at_opening) = (0u64, 0u64, 0u64);
    let mut at = 0;
    let mut before: Option<(u64, f64)> = None;
    for k in 0..stock.len() {
        let key = stock.keys[k];
        while at < moves.keys.len() && moves.keys[at] < key {
            at += 1;
        }
        let moved = moves.until(key, &mut at).units;
        if let Some((last, earlier)) = before
            && last + 1 == key
            && stock.date[k] > stock.date[k - 1]
            && moved != earlier
        {
            let change = stock.on_hand[k] - stock.on_hand[k - 1];
            if !change.is_nan() {
                judged += 1;
                at_close += u64::from((change - moved).abs() < 1e-6);
                at_opening += u64::from((change - earlier).abs() < 1e-6);
            }
        }
        before = Some((key, moved));
    }
    let share = |n: u64| n as f64 / judged as f64;
    judged >= JUDGED && share(at_opening) >= RIGHT && share(at_close) <= WRONG
}

/// Closing stock that is not the previous closing − sales − backorder shipments + receipts + returns − transfers to other
/// locations, on consecutive recorded periods.
pub(super) fn stock_jumps(
    flow: &Flow<'_>,
    sales: &SalesRows,
    stock: &StockRows,
    findings: &mut Vec<Finding>,
) {
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
    let series: Vec<u64> = stock.keys.iter().map(|&k| series_of(k)).collect();
    let mut told: Vec<(Vec<Jump>, usize)> = Vec::new();
    let mut at = 0;
    for (start, end) in runs(&series) {
        let mut seen = Seen::default();
        for k in (start + 1..end).filter(|&k| pairs(k)) {
            while at < moves.keys.len() && moves.keys[at] < stock.keys[k] {
                at += 1;
            }
            let moved = moves.until(stock.keys[k] + step as u64 - 1, &mut at);
            look_at(flow, stock, k, moved, &mut seen);
        }
        if let Some(cases) = in_cases(flow, stock, start, &mut seen) {
            findings.push(cases);
        }
        let worst = (0..seen.jumps.len()).max_by(|&a, &b| {
            let size = |k: usize| seen.jumps[k].size.abs();
            size(a).total_cmp(&size(b)).then(b.cmp(&a))
        });
        if let Some(worst) = worst {
            told.push((seen.jumps, worst));
        }
    }
    if told.len() > TOLD {
        // The largest are told; equal ones in the order of their names.
        told.sort_by(|(a, i), (b, j)| {
            let (a, b) = (a[*i], b[*j]);
            b.size.abs().total_cmp(&a.size.abs()).then(a.at.cmp(&b.at))
        });
        let rest = told.split_off(TOLD);
        findings.push(more_findings(
            Severity::Warning,
            "stock_jump",
            rest.len() as u64,
        ));
    }
    findings.extend(
        told.iter()
            .map(|(jumps, worst)| jump(flow, stock, jumps, *worst)),
    );
}

/// Notes what a row adds to what its series shows.
fn look_at(flow: &Flow<'_>, stock: &StockRows, k: usize, moved: Moved, seen: &mut Seen) {
    let (before, closing) = (stock.on_hand[k - 1], stock.on_hand[k]);
    let expected = before + moved.units;
    let size = closing - expected;
    if moved.received > 0.0 {
        seen.receipts
            .push((k, moved.received, size + moved.received));
    }
    let allowed = JUMP_UNITS.max(JUMP_SHARE * before.abs().max(closing.abs())) + 1e-9;
    // Without a table of receipts every delivery is a rise that nothing explains.
    if size.abs() <= allowed || (size > 0.0 && !flow.has_inbound) {
        return;
    }
    // Below zero a record may count what is owed: it falls with the order and does not fall with the shipment.
    let below = before < 0.0 || closing < 0.0;
    if below && (size - moved.owed).abs() <= allowed {
        return;
    }
    seen.jumps.push(Jump {
        at: k,
        expected,
        size,
    });
}

/// Told when the receipts of a series raise its stock by one multiple of what `inbound` says: it counts cases. Takes the jumps that this explains.
fn in_cases(flow: &Flow<'_>, stock: &StockRows, start: usize, seen: &mut Seen) -> Option<Finding> {
    let sku = SkuId(stock.sku[start]);
    let size = |&(_, received, rise): &(usize, f64, f64)| (rise / received).round();
    // Rises that one piece each would explain as well say nothing.
    let like = |receipt: &(usize, f64, f64), case: f64| {
        let (_, received, rise) = *receipt;
        let miss = |times: f64| (rise - times * received).abs();
        miss(case) <= (CASE_SLACK * case * received).max(JUMP_UNITS) && miss(1.0) > JUMP_UNITS
    };
    let case = seen.receipts.iter().map(size).find(|&case| {
        let same = seen.receipts.iter().filter(|r| like(r, case)).count();
        let stated = flow.items[sku].order_multiple == Some(case);
        case >= 2.0
            && same * 5 >= seen.receipts.len() * 4
            && (same >= SAME_RECEIPTS || (stated && same > 0))
    })?;
    let rows: Vec<usize> = seen
        .receipts
        .iter()
        .filter(|r| like(r, case))
        .map(|r| r.0)
        .collect();
    seen.jumps.retain(|jump| !rows.contains(&jump.at));
    let (name, place) = (
        &flow.skus[sku.at()],
        &flow.locations[stock.location[start] as usize],
    );
    Some(
        Finding::new(Severity::Warning, "received_in_cases")
            .sku(name)
            .location(place)
            .between(
                Day(stock.date[rows[0]]),
                Day(stock.date[rows[rows.len() - 1]]),
            )
            .count(rows.len() as u64)
            .figure("sku", name)
            .figure("location", place)
            .figure("case", case)
            .figure("count", rows.len())
            .figure("all", seen.receipts.len()),
    )
}

fn jump(flow: &Flow<'_>, stock: &StockRows, jumps: &[Jump], worst: usize) -> Finding {
    let (first, last) = (jumps[0].at, jumps[jumps.len() - 1].at);
    let k = jumps[worst].at;
    let sku = &flow.skus[stock.sku[k] as usize];
    let location = &flow.locations[stock.location[k] as usize];
    let finding = Finding::new(Severity::Warning, "stock_jump")
        .sku(sku)
        .location(location)
        // From the last count before the first jump to the last one.
        .between(Day(stock.date[first - 1]), Day(stock.date[last]))
        .count(jumps.len() as u64)
        .figure("sku", sku)
        .figure("location", location)
        .figure("count", jumps.len())
        .figure("date", Day(stock.date[k]))
        .figure("before", quantity(stock.on_hand[k - 1]))
        .figure("expected", quantity(jumps[worst].expected))
        .figure("recorded", quantity(stock.on_hand[k]));
    let Some(table) = flow.stock_table else {
        return finding;
    };
    let mut place = table.place(stock.row[k] as usize, Some("on_hand"));
    place.value = Some(quantity(stock.on_hand[k]));
    finding.place(place)
}
