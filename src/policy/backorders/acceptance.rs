//! `backorder_policy.csv`: how many more customers may wait, until when, and why not.

use super::state::PoolState;
use crate::domain::{Acceptance, AcceptanceRow, Availability, Day, Finding, ItemStatus, Severity};
use crate::policy::basis::four;
use crate::supply::promise::{Promisable, steady_shares};
use crate::supply::share::proportional;
use crate::text::plain;

/// Promises hold in this share of the cases.
const SURE: f64 = 0.9;
/// Units that come within so many days are as good as there.
const SOON_DAYS: usize = 3;

/// What a pool can promise.
struct Promise {
    /// New orders that may wait.
    units: f64,
    /// Cumulative available-to-promise at the longest wait.
    at_limit: f64,
    arriving: f64,
    /// Days after as-of until one unit, and all of them, can be promised.
    first: Option<i32>,
    last: Option<i32>,
    /// Units that more likely than not can be promised within a few days.
    soon: f64,
}

fn promise(state: &PoolState<'_>, longest: usize) -> Promise {
    // The ledger of the waiting lines: they take the first units that are there, whatever day they were promised.
    let owed = [(1, state.owed)];
    let days = longest.max(SOON_DAYS);
    let possible = Promisable::new(state.on_hand, &state.cases, &owed, days);
    let arriving = Promisable::new(0.0, &state.cases, &[], days);
    let free = state.free_stock();
    let limit = longest.max(1);
    let at_limit = possible.units(limit, SURE);
    // What is on the shelf sells anyway; what comes on top may be promised.
    let beyond = |units: f64| {
        let units = (units - free).max(0.0);
        if state.whole_units {
            (units + 1e-9).floor()
        } else {
            four(units)
        }
    };
    let units = if longest == 0 { 0.0 } else { beyond(at_limit) };
    let least: f64 = if state.whole_units { 1.0 } else { 1e-4 };
    // Nothing ships before it is released.
    let released = state.item().launch.map_or(1, |day| day - state.as_of());
    // What can be promised never falls from day to day: the first day is found by halving.
    let days: Vec<usize> = (1..=limit).collect();
    let day = |wanted: f64| {
        if wanted <= 0.0 {
            return None;
        }
        let before = days.partition_point(|&d| beyond(possible.units(d, SURE)) < wanted);
        days.get(before).map(|&d| (d as i32).max(released))
    };
    Promise {
        units,
        at_limit: four(at_limit),
        arriving: four(arriving.units(limit, SURE)),
        first: day(least.min(units)),
        last: day(units),
        soon: beyond(possible.units(SOON_DAYS, 0.5)),
    }
}

/// The rows of a pool's channels, each with its position in the panel and the contradiction found, if there is one.
pub(super) fn rows(state: &PoolState<'_>) -> Vec<(usize, AcceptanceRow, Option<Finding>)> {
    let basis = state.basis;
    let longest = basis.config.backorders.max_wait_days;
    let promise = promise(state, longest as usize);
    let periods = (longest as i32 / basis.forecast.step).max(1) as usize;
    let open_to: Vec<bool> = state
        .pool
        .members
        .iter()
        .map(|&i| basis.panel.accepts_backorders[i] && !discontinued(state))
        .collect();
    // Those who will ask, by what they are expected to ask for; whatever is on its way.
    let weights: Vec<f64> = state
        .pool
        .members
        .iter()
        .zip(&open_to)
        .map(|(&i, &open)| {
            let capture = basis.model.own_capture[i];
            if open {
                1e-9 + capture * basis.forecast.series[i].mean(0, periods)
            } else {
                0.0
            }
        })
        .collect();
    let share = |units: f64| {
        if weights.iter().sum::<f64>() <= 0.0 {
            vec![0.0; weights.len()]
        } else if state.whole_units {
            steady_shares(units, &weights)
        } else {
            proportional(units, &weights)
        }
    };
    // What this plan's order brings beyond what is owed when it comes: who waits is served first, whatever comes later for them.
    let placed = &state.placed;
    let before = state.arrivals.iter().filter(|a| a.likely < placed.likely);
    let before: f64 = before.map(|a| a.units).sum();
    let beyond_order = (placed.own - (state.owed - state.on_hand - before).max(0.0)).max(0.0);
    let (shares, order_shares) = (share(promise.units), share(beyond_order));
    (0..state.pool.members.len())
        .map(|m| row(state, &promise, m, shares[m], order_shares[m]))
        .collect()
}

fn discontinued(state: &PoolState<'_>) -> bool {
    state.item().status == ItemStatus::Discontinued
}

/// (action, units, until, promise, reason)
type Decision = (
    Acceptance,
    Option<f64>,
    Option<Day>,
    Option<Day>,
    &'static str,
);

/// What a channel does once its shelf is empty, with its `share` of what can be promised and of what this plan's order brings.
fn decide(
    state: &PoolState<'_>,
    promise: &Promise,
    accepts: bool,
    share: f64,
    order_share: f64,
) -> Decision {
    let config = &state.basis.config.backorders;
    let day = |d: Option<i32>| d.map(|d| state.as_of() + d);
    let ordered = state.released(state.placed.sure);
    // By the day that is promised: no order is accepted that would wait longer.
    let order_in_time = ordered - state.as_of() <= config.max_wait_days as i32;
    let stop = |code| -> Decision { (Acceptance::Stop, Some(0.0), None, None, code) };
    if discontinued(state) {
        stop("policy_discontinued")
    } else if !accepts {
        stop(if state.item().backorder_policy == Some(false) {
            "policy_item_forbids"
        } else {
            "policy_channel_forbids"
        })
    } else if share > 0.0 {
        (
            Acceptance::Accept,
            Some(share),
            day(promise.last),
            day(promise.first),
            if four(state.free_stock()) > 0.0 {
                "policy_accept_after_stock"
            } else {
                "policy_accept"
            },
        )
    } else if promise.units > 0.0 {
        stop("policy_other_channels")
    } else if order_share > 0.0 && order_in_time {
        (
            Acceptance::OrderFirst,
            Some(order_share),
            Some(ordered),
            Some(ordered),
            "policy_order_first",
        )
    } else if config.allow_without_arrival_date {
        (
            Acceptance::Accept,
            None,
            None,
            None,
            "policy_accept_without_date",
        )
    } else if state.owed - state.on_hand > 0.0 && state.owed - state.on_hand >= promise.arriving {
        stop("policy_oversold")
    } else if !state.arrivals.is_empty() || order_share > 0.0 {
        stop("policy_wait_too_long")
    } else {
        stop("policy_no_arrival_date")
    }
}

fn row(
    state: &PoolState<'_>,
    promise: &Promise,
    member: usize,
    share: f64,
    order_share: f64,
) -> (usize, AcceptanceRow, Option<Finding>) {
    let basis = state.basis;
    let config = &basis.config.backorders;
    let i = state.pool.members[member];
    let r = state.rows[member];
    let accepts = basis.panel.accepts_backorders[i];
    let free = four(state.free_stock());
    let next_arrival = state.next_arrival();
    let decision = decide(state, promise, accepts, share, order_share);
    let (mut action, accept_units, accept_until, promise_date, mut code) = decision;
    let channel_open = accepts && !discontinued(state);
    if free > 0.0 && action != Acceptance::Accept {
        // Nothing to decide as long as there is stock.
        action = Acceptance::Sell;
        code = if channel_open {
            "policy_sell"
        } else {
            "policy_sell_closed"
        };
    }
    let row = AcceptanceRow {
        sku: r.sku.clone(),
        name: r.name.clone(),
        channel: r.channel.clone(),
        location: r.location.clone(),
        action,
        accept_units,
        accept_until,
        promise_date,
        accepts_now: accepts,
        free_stock: free,
        owed_units: four(state.owed),
        on_order: four(state.on_order()),
        arriving_sure: promise.arriving,
        available_to_promise: promise.at_limit,
        next_arrival,
        max_wait_days: config.max_wait_days,
        order_now_units: four(state.placed.whole),
        named_units: state.placed.named,
        for_supplied_units: (state.placed.whole - state.placed.own).max(0.0),
        oversold_units: (state.owed - state.on_hand).max(0.0),
        lead_days: state.placed.days,
        reason_code: code,
    };
    let finding = contradiction(state, promise, &row, i);
    (i, row, finding)
}

/// What the shop's setting does that the figures contradict.
fn contradiction(
    state: &PoolState<'_>,
    promise: &Promise,
    row: &AcceptanceRow,
    i: usize,
) -> Option<Finding> {
    let basis = state.basis;
    let unreleased = state.item().launch.is_some_and(|d| d > state.as_of());
    if row.free_stock > 0.0 || state.pool.on_hand.is_none() || unreleased {
        return None;
    }
    let about = |severity, code| {
        Finding::new(severity, code)
            .sku(&row.sku)
            .channel(&row.channel)
            .location(&row.location)
    };
    let last = basis.panel.view(i).availability.last().copied();
    let is_closed = last == Some(Availability::Closed);
    if !discontinued(state) && promise.soon > 0.0 && (!row.accepts_now || is_closed) {
        // A channel that never takes orders without stock is not wrong to be closed; it only could be open.
        let severity = if row.accepts_now || state.item().backorder_policy == Some(false) {
            Severity::Warning
        } else {
            Severity::Notice
        };
        return Some(
            about(severity, "closed_though_units_arrive")
                .figure("units", plain(promise.soon))
                .figure(
                    "date",
                    row.next_arrival.map(|d| d.to_string()).unwrap_or_default(),
                ),
        );
    }
    let selling = row.accepts_now && !is_closed && last != Some(Availability::NotListed);
    let nothing_inbound = row.on_order <= 0.0;
    if selling
        && nothing_inbound
        && (discontinued(state) || !basis.config.backorders.allow_without_arrival_date)
    {
        return Some(
            about(Severity::Warning, "sells_at_zero_with_nothing_inbound")
                .figure("owed", plain(row.owed_units)),
        );
    }
    None
}
