//! `backorders.csv`: what serves every open line, and when.

use super::state::PoolState;
use crate::config::Allocation;
use crate::domain::{BackorderKind, Cover, Day, Delivery, ExtraOrder, OpenLine};
use crate::policy::basis::four;
use crate::policy::lot::round_order;
use crate::supply::pegging::{Debt, Peg, Rule, peg};
use crate::supply::waiting::Waiting;

/// Days more that a line without a likely date is taken to wait, for its risk.
const NO_DATE_DAYS: i32 = 30;
/// Stock that lasts longer than this is as good as written off.
const UNSOLD_DAYS: f64 = 730.0;

/// What serves one line.
struct Served<'a> {
    pegs: &'a [Peg],
    /// Sorted days after as-of on which its covered units are there, case by case; cases in which they never are, are left out.
    days: Vec<i32>,
    cases: usize,
}

impl Served<'_> {
    /// Day by which the share `u` of the cases have it.
    fn day(&self, as_of: Day, u: f64) -> Option<Day> {
        let rank = ((u * self.cases as f64).ceil() as usize).max(1);
        self.days.get(rank - 1).map(|&d| as_of + d)
    }
}

/// Takes from the first inflows what was sold without stock and without a line to show for it.
fn less_oversold(inflows: &mut [f64], mut oversold: f64) {
    for units in inflows {
        let taken = units.min(oversold);
        *units -= taken;
        oversold -= taken;
    }
}

/// The open lines of a pool with what covers them.
pub(super) fn open_lines(state: &PoolState<'_>, waiting: &Waiting) -> Vec<OpenLine> {
    if state.lines.is_empty() {
        return Vec::new();
    }
    let tables = state.basis.tables;
    let rule = match state.basis.config.backorders.allocate_by {
        Allocation::PromiseDate => Rule::InOrder,
        Allocation::Channel => Rule::ProRata,
    };
    let debts: Vec<Debt> = state
        .lines
        .iter()
        .map(|&l| Debt {
            units: tables.backorders[l].open_units(),
            group: tables.backorders[l].channel.at(),
        })
        .collect();
    let oversold = (-state.on_hand).max(0.0);
    let mut inflows = vec![state.on_hand.max(0.0)];
    inflows.extend(state.arrivals.iter().map(|inbound| inbound.units));
    inflows.push(state.placed.own);
    less_oversold(&mut inflows, oversold);
    let pegs = peg(&debts, &inflows, rule);
    let known = inflows.len() - 1;
    let covered: Vec<f64> = pegs
        .iter()
        .map(|p| four(sum(p.iter().filter(|p| p.inflow < known))))
        .collect();

    let mut days: Vec<Vec<i32>> = vec![Vec::new(); debts.len()];
    for case in &state.cases {
        let mut arriving: Vec<(i32, f64)> = case.clone();
        arriving.sort_by_key(|r| r.0);
        // What is there ships on the next day, a receipt serves those who wait on the day it comes.
        let mut inflows = vec![state.on_hand.max(0.0)];
        inflows.extend(arriving.iter().map(|r| r.1));
        less_oversold(&mut inflows, oversold);
        for (line, pegs) in peg(&debts, &inflows, rule).iter().enumerate() {
            let mut got = 0.0;
            for p in pegs {
                got += p.units;
                if got >= covered[line] - 1e-9 {
                    days[line].push(if p.inflow == 0 {
                        1
                    } else {
                        arriving[p.inflow - 1].0
                    });
                    break;
                }
            }
        }
    }
    if state.cases.is_empty() {
        days.iter_mut().for_each(|d| d.push(1));
    }
    // What is preordered is not shipped before it is released.
    if let Some(launch) = state.item().launch {
        let released = launch - state.as_of();
        for days in &mut days {
            days.iter_mut().for_each(|d| *d = (*d).max(released));
        }
    }
    let cases = state.cases.len().max(1);
    let total = Totals::of(state, &covered);
    (0..debts.len())
        .map(|line| {
            days[line].sort_unstable();
            let served = Served {
                pegs: &pegs[line],
                days: std::mem::take(&mut days[line]),
                cases,
            };
            open_line(state, waiting, line, &served, covered[line], &total)
        })
        .collect()
}

fn sum<'p>(pegs: impl Iterator<Item = &'p Peg>) -> f64 {
    pegs.fold(0.0, |sum, p| sum + p.units)
}

/// What a pool owes, and what to do about what is short.
struct Totals {
    owed: f64,
    covered: f64,
    short: f64,
    extra: ExtraOrder,
    units: f64,
    surplus: f64,
}

impl Totals {
    fn of(state: &PoolState<'_>, covered: &[f64]) -> Self {
        let owed = four(state.owed);
        let covered = four(covered.iter().fold(0.0, |sum, units| sum + units));
        let short = four((owed - covered).max(0.0));
        let beyond = four((short - state.placed.own).max(0.0));
        let item = state.item();
        let units = four(round_order(
            beyond,
            item.moq.unwrap_or(0.0),
            state.multiple(),
        ));
        let surplus = four((units - beyond).max(0.0));
        let extra = if short <= 0.0 {
            ExtraOrder::NotNeeded
        } else if beyond <= 0.0 {
            ExtraOrder::InPlan
        } else {
            worth_ordering(state, beyond, surplus)
        };
        Self {
            owed,
            covered,
            short,
            extra,
            units,
            surplus,
        }
    }
}

/// Whether an order for `wanted` units that leaves `surplus` over pays: the margin of the waiting customers against holding the
/// surplus until it is sold, or losing it where nobody will buy it.
fn worth_ordering(state: &PoolState<'_>, wanted: f64, surplus: f64) -> ExtraOrder {
    use crate::domain::ItemStatus::Discontinued;
    if surplus <= 0.0 {
        return ExtraOrder::Order;
    }
    let per_day = if state.item().status == Discontinued {
        0.0
    } else {
        state.per_day()
    };
    let days = if per_day > 0.0 {
        surplus / per_day
    } else {
        f64::INFINITY
    };
    let Some((margin, cost)) = state.margin().zip(state.item().unit_cost) else {
        return ExtraOrder::Unknown;
    };
    let surplus_costs = if days > UNSOLD_DAYS {
        surplus * cost
    } else {
        // Held on average for half the time that it lasts.
        surplus * state.holding_per_year().unwrap_or(0.0) * days / 365.0 / 2.0
    };
    if surplus_costs > wanted * margin {
        ExtraOrder::Uneconomic
    } else {
        ExtraOrder::Order
    }
}

fn open_line(
    state: &PoolState<'_>,
    waiting: &Waiting,
    position: usize,
    served: &Served<'_>,
    covered: f64,
    total: &Totals,
) -> OpenLine {
    let tables = state.basis.tables;
    let as_of = state.as_of();
    let line = &tables.backorders[state.lines[position]];
    let open = four(line.open_units());
    let last = state.arrivals.len() + 1;
    let order_now = four(sum(served.pegs.iter().filter(|p| p.inflow == last)));
    let mut deliveries: Vec<Delivery> = Vec::new();
    for p in served.pegs {
        if p.inflow > 0 && p.inflow < last {
            deliveries.push(state.arrivals[p.inflow - 1].delivery.clone());
        }
    }
    deliveries.dedup();
    let covered_by = if !deliveries.is_empty() {
        Cover::Receipt
    } else if covered > 0.0 {
        Cover::Stock
    } else if order_now > 0.0 {
        Cover::OrderNow
    } else {
        Cover::Nothing
    };
    let day = |u| served.day(as_of, u).filter(|_| covered > 0.0);
    let (p50, p90) = (day(0.5), day(0.9));
    let ordered = state.released(state.placed.likely);
    let mut row = OpenLine {
        order_id: line.order_id.clone(),
        sku: tables.skus[line.sku].clone(),
        name: state.item().name.clone(),
        channel: tables.channels[line.channel].clone(),
        location: tables.locations[state.pool.location].clone(),
        kind: match line.kind {
            BackorderKind::Backorder => "backorder",
            BackorderKind::Preorder => "preorder",
        },
        date: line.date,
        units_open: open,
        promised_date: line.promised,
        priority: position as u32 + 1,
        covered_by,
        deliveries,
        covered_units: covered,
        ship_date_p50: p50,
        ship_date_p90: p90,
        cover_chance: (covered > 0.0).then(|| four(served.days.len() as f64 / served.cases as f64)),
        late_by: None,
        uncovered_units: four(open - covered),
        order_now_units: order_now,
        order_now_date: (order_now > 0.0).then_some(ordered),
        waited_days: tables.as_of - line.date,
        cancel_risk: None,
        cancel_risk_n: 0,
        notified_date: line.notified,
        owed_units: total.owed,
        owed_covered_units: total.covered,
        owed_short_units: total.short,
        extra_order: total.extra,
        extra_order_units: total.units,
        extra_order_surplus: total.surplus,
        moq: state.item().moq.unwrap_or(0.0),
        order_qty: state.placed.named,
    };
    row.late_by = line.promised.and_then(|promised| {
        let late = row.likely_date().unwrap_or(as_of) - promised;
        (late > 0).then_some(late)
    });
    if line.kind == BackorderKind::Backorder {
        let until = row
            .likely_date()
            .map_or(row.waited_days + NO_DATE_DAYS, |d| d - line.date);
        let (risk, n) = waiting.known_risk(row.waited_days, until);
        (row.cancel_risk, row.cancel_risk_n) = (risk.map(four), n);
    }
    row
}
