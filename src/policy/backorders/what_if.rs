//! `backorder_what_if.csv`: letting customers wait instead of holding safety stock, for slow, new and many-variant items.
//!
//! Both sides use the policy's own laws. Today's reorder point is what the service target asks for in units served at once; who finds nothing
//! today is lost, but on channels that accept orders without stock already. With the capture θ a customer is kept when served at once or when
//! waiting: the least level that keeps the share of customers that the target serves at once is the other reorder point. What the
//! estimate of θ may be wrong by shows at the low end of its interval.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::evidence::Evidence;
use super::state::PoolState;
use crate::domain::{Band, ItemStatus, WhatIfRow, Worth};
use crate::policy::basis::four;
use crate::policy::lot_level::{self, CycleLaw};
use crate::policy::paths::{order_size, pool_paths, protection};
use crate::policy::target::service_target;
use crate::supply::waiting::{ENOUGH_LINES, Waiting};

/// An item that sells at most one unit a week at a location is slow.
const SLOW_PER_DAY: f64 = 1.0 / 7.0;
/// Items are new for so many days after launch.
const NEW_DAYS: i32 = 180;
/// Variants of one style that make it a style of many.
const MANY_VARIANTS: usize = 5;
/// Levels that are looked at between today's and none.
const LEVELS: f64 = 200.0;
/// Units below which freed stock is nothing.
const NOTHING: f64 = 0.5;
/// Units a year below which nobody more is kept.
const NOTHING_KEPT: f64 = 0.005;

/// The rows, best first.
pub(super) fn rows(
    states: &[PoolState<'_>],
    evidence: &Evidence,
    waiting: &Waiting,
) -> Vec<WhatIfRow> {
    let mut variants: BTreeMap<&str, usize> = BTreeMap::new();
    if let Some(state) = states.first() {
        for item in &state.basis.tables.items {
            if let Some(style) = item.variant_of.as_deref() {
                *variants.entry(style).or_default() += 1;
            }
        }
    }
    let mut rows: Vec<WhatIfRow> = states
        .par_iter()
        .filter_map(|state| {
            let candidate = candidate(state, &variants)?;
            compare(state, evidence, waiting, candidate)
        })
        .collect();
    let money = |m: Option<f64>| m.unwrap_or(f64::NEG_INFINITY);
    rows.sort_by(|a, b| {
        a.verdict
            .cmp(&b.verdict)
            .then(money(b.gain_per_year_low).total_cmp(&money(a.gain_per_year_low)))
            .then(money(b.gain_per_year).total_cmp(&money(a.gain_per_year)))
            .then(b.stock_freed.total_cmp(&a.stock_freed))
            .then_with(|| (&a.sku, &a.location).cmp(&(&b.sku, &b.location)))
    });
    for (rank, row) in (1..).zip(&mut rows) {
        row.rank = rank;
    }
    rows
}

/// Why an item may do without safety stock; `None` for all others.
fn candidate(state: &PoolState<'_>, variants: &BTreeMap<&str, usize>) -> Option<String> {
    let item = state.item();
    let as_of = state.as_of();
    let unreleased = item.launch.is_some_and(|d| d > as_of);
    if item.status == ItemStatus::Discontinued || unreleased || state.per_day() <= 0.0 {
        return None;
    }
    let mut kinds = Vec::new();
    if state.per_day() <= SLOW_PER_DAY {
        kinds.push("slow");
    }
    let launched = item.launch.is_some_and(|d| as_of - d <= NEW_DAYS);
    if item.status == ItemStatus::New || launched {
        kinds.push("new");
    }
    let style = item.variant_of.as_deref();
    if style.is_some_and(|s| variants.get(s).is_some_and(|&n| n >= MANY_VARIANTS)) {
        kinds.push("variants");
    }
    (!kinds.is_empty()).then(|| kinds.join(" + "))
}

/// Stock and service of a reorder level, by the policy's laws of demand.
struct Level {
    level: f64,
    fill: f64,
    /// Mean stock on hand between two arrivals: of what is there after the one and before the other.
    stock: f64,
    /// Mean days that a customer without stock waits (Little, 1961: backlog ÷ rate of waiting).
    wait: f64,
}

impl Level {
    fn of(law: &CycleLaw, level: f64, per_day: f64) -> Self {
        let fill = law.fill(level);
        let (mut stock, mut backlog) = (0.0, 0.0);
        for (above, chance) in law.above() {
            for curve in [&law.lead, &law.whole] {
                let short = curve.loss(level + above);
                stock += chance * 0.5 * (level + above - curve.mean() + short);
                backlog += chance * 0.5 * short;
            }
        }
        let rate = per_day * (1.0 - fill);
        Self {
            level,
            fill,
            stock: stock.max(0.0),
            wait: if rate > 0.0 { backlog / rate } else { 0.0 },
        }
    }
}

/// Who waits at a pool.
struct PoolCapture {
    /// Of all customers who find nothing, once all channels accept their orders.
    all: Band,
    /// Of them, those who wait on the channels that accept orders today.
    today: Band,
    units: f64,
}

/// Capture of a pool: its channels' by expected demand. Channels that never took orders without stock are believed no better than
/// the prior, and say so by their number of orders.
fn pool_capture(state: &PoolState<'_>, evidence: &Evidence) -> PoolCapture {
    let basis = state.basis;
    let (mut all, mut today) = (Band::default(), Band::default());
    let (mut units, mut total) = (0.0, 0.0);
    let add = |sum: &mut Band, weight: f64, band: Band| {
        sum.mean += weight * band.mean;
        sum.p10 += weight * band.p10;
        sum.p90 += weight * band.p90;
    };
    for (&i, row) in state.pool.members.iter().zip(&state.rows) {
        let weight = row.demand_per_day.max(1e-9);
        let capture = &evidence.by_channel[basis.panel.series[i].channel.at()];
        let band = capture.of_sku(state.pool.sku);
        add(&mut all, weight, band);
        if basis.panel.accepts_backorders[i] {
            add(&mut today, weight, band);
        }
        units += capture.units;
        total += weight;
    }
    let part = |band: Band| Band {
        mean: four(band.mean / total),
        p10: four(band.p10 / total),
        p90: four(band.p90 / total),
    };
    PoolCapture {
        all: part(all),
        today: part(today),
        units,
    }
}

/// A pool at today's level and at lower ones.
struct Comparison<'a> {
    state: &'a PoolState<'a>,
    evidence: &'a Evidence,
    waiting: &'a Waiting,
    law: CycleLaw,
    per_day: f64,
    now: Level,
    captures: PoolCapture,
    /// Units between two levels that are looked at.
    step: f64,
}

impl Comparison<'_> {
    /// So many steps below today's level.
    fn below(&self, steps: u32) -> Level {
        let level = (self.now.level - f64::from(steps) * self.step).max(0.0);
        Level::of(&self.law, level, self.per_day)
    }

    /// Share of those who wait so many days that cancel.
    fn cancelled(&self, wait: f64) -> f64 {
        let risk = self.waiting.known_risk(0, wait.round() as i32).0;
        risk.unwrap_or(0.0)
    }

    /// Share `theta` of customers who wait, at the wait of a level.
    fn captured(&self, l: &Level, theta: f64) -> f64 {
        let by_days = self.evidence.by_days(l.wait, ENOUGH_LINES as f64);
        (theta * by_days).clamp(0.0, 0.99)
    }

    /// Share of customers kept: served at once, or waiting.
    fn kept(&self, l: &Level, theta: f64) -> f64 {
        l.fill + self.captured(l, theta) * (1.0 - self.cancelled(l.wait)) * (1.0 - l.fill)
    }

    /// Units lost a year.
    fn lost(&self, l: &Level, theta: f64) -> f64 {
        self.per_day * 365.0 * (1.0 - self.kept(l, theta))
    }

    fn freed(&self, l: &Level) -> f64 {
        four((self.now.stock - l.stock).max(0.0))
    }

    /// Money a year. Who waits less willingly does so today as well.
    fn gain(&self, l: &Level, then: f64, today: f64) -> Option<f64> {
        let (holding, margin) = self.state.holding_per_year().zip(self.state.margin())?;
        let policy = &self.state.basis.config.policy;
        let day_of_waiting = policy.backorder_cost_per_unit_day.unwrap_or(0.0);
        let waiting_days = |l: &Level, theta: f64| {
            self.per_day * 365.0 * (1.0 - l.fill) * self.captured(l, theta) * l.wait
        };
        let more_lost = self.lost(l, then) - self.lost(&self.now, today);
        let more_waiting = waiting_days(l, then) - waiting_days(&self.now, today);
        Some(self.freed(l) * holding - more_lost * margin - day_of_waiting * more_waiting)
    }

    /// The lowest level that keeps as many customers as today's and lets nobody wait too long, by bisection on the steps down from
    /// today's: lower levels keep fewer, and let them wait longer. With its steps, and whether the wait is what stops it.
    fn lowest(&self) -> (Level, u32, bool) {
        let longest = f64::from(self.state.basis.config.backorders.max_wait_days);
        let (mut best, mut too_long) = (self.below(0), false);
        let (mut good, mut bad) = (0, (self.now.level / self.step).ceil() as u32 + 1);
        while bad - good > 1 {
            let middle = good + (bad - good) / 2;
            let next = self.below(middle);
            let kept = self.kept(&next, self.captures.all.mean) >= self.now.fill - 1e-9;
            if next.wait <= longest && kept {
                (good, best) = (middle, next);
            } else {
                bad = middle;
                too_long = next.wait > longest;
            }
        }
        (best, good, too_long)
    }

    /// The level that gains most, at most so many steps down, by trisection.
    fn most_gaining(&self, steps: u32) -> Level {
        let (then, today) = (self.captures.all.mean, self.captures.today.mean);
        let value = |l: &Level| self.gain(l, then, today).unwrap_or(0.0);
        let (mut high, mut low) = (0, steps);
        while low - high > 2 {
            let third = (low - high) / 3;
            if value(&self.below(high + third)) < value(&self.below(low - third)) {
                high += third;
            } else {
                low -= third;
            }
        }
        (high..=low)
            .map(|steps| self.below(steps))
            .max_by(|a, b| value(a).total_cmp(&value(b)))
            .filter(|l| value(l) > 0.0)
            .unwrap_or_else(|| self.below(0))
    }
}

/// What a verdict follows from.
struct Figures {
    /// Stock worth speaking of is freed.
    freed: bool,
    /// Fewer customers go away.
    kept: bool,
    waits_already: bool,
    /// The longest wait stands in the way.
    too_long: bool,
    /// Enough orders tell how many wait.
    enough: bool,
    /// Money a year, at the capture and at its low end; `None` without costs.
    gain: Option<(f64, f64)>,
}

/// The verdict, which says nothing but what the figures of the row say, and the code of its reason.
fn verdict(f: &Figures) -> (Worth, &'static str) {
    let no = if f.waits_already {
        "what_if_waits_already"
    } else if f.too_long {
        "what_if_wait_too_long"
    } else {
        "what_if_nothing_freed"
    };
    match f.gain {
        None if f.freed => (Worth::Unproven, "what_if_no_cost"),
        None if f.kept => (Worth::Unproven, "what_if_no_cost_kept"),
        None => (Worth::Unproven, "what_if_no_cost_none"),
        // However many wait, the wait is too long.
        Some((likely, _)) if likely <= 0.0 && f.too_long && !f.waits_already => (Worth::No, no),
        Some(_) if !f.enough && f.freed => (Worth::Unproven, "what_if_few_orders"),
        Some(_) if !f.enough && f.kept => (Worth::Unproven, "what_if_few_orders_kept"),
        Some(_) if !f.enough => (Worth::Unproven, "what_if_few_orders_none"),
        Some((likely, _)) if likely <= 0.0 && f.freed => (Worth::No, "what_if_costs_more"),
        Some((likely, low)) if likely > 0.0 && low <= 0.0 => (Worth::Unproven, "what_if_low_end"),
        Some((likely, _)) if likely > 0.0 && f.freed => (Worth::Yes, "what_if_worth_it"),
        Some((likely, _)) if likely > 0.0 => (Worth::Yes, "what_if_kept"),
        _ => (Worth::No, no),
    }
}

fn compare(
    state: &PoolState<'_>,
    evidence: &Evidence,
    waiting: &Waiting,
    candidate: String,
) -> Option<WhatIfRow> {
    let basis = state.basis;
    let review = state.rows.first()?.review_days;
    let (measure, target) = service_target(basis, state.pool.sku, &state.pool.members, review);
    let paths = pool_paths(basis, state.pool);
    let protection = protection(&paths);
    let size = order_size(basis, state.pool, paths.demand.whole_units);
    let mean = protection.mean();
    let per_day = state.per_day();
    let level = lot_level::level(&protection, &size, measure, target, paths.demand.capture);
    let law = CycleLaw::new(&protection, &size);
    let now = Level::of(&law, level.units(), per_day);
    let c = Comparison {
        state,
        evidence,
        waiting,
        step: if state.whole_units {
            (now.level / LEVELS).ceil().max(1.0)
        } else {
            (now.level / LEVELS).max(1e-6)
        },
        law,
        per_day,
        now,
        captures: pool_capture(state, evidence),
    };
    let (capture, today) = (c.captures.all, c.captures.today);
    let (mut best, steps, too_long) = c.lowest();
    // Where customers wait already, every unit less loses some of them.
    let waits_already = today.mean > 0.0;
    let likely = |l: &Level| c.gain(l, capture.mean, today.mean);
    if waits_already && likely(&best).is_some() {
        best = c.most_gaining(steps);
    }
    let freed = c.freed(&best);
    // Who would wait longer than the shop lets anybody wait is not accepted: nothing changes.
    let refused = !waits_already && best.wait > f64::from(basis.config.backorders.max_wait_days);
    let then = if refused { Band::default() } else { capture };
    let likely = c.gain(&best, then.mean, today.mean);
    let low = c.gain(&best, then.p10, today.p10);
    let (verdict, code) = verdict(&Figures {
        freed: freed >= NOTHING,
        kept: c.lost(&c.now, today.mean) - c.lost(&best, then.mean) > NOTHING_KEPT,
        waits_already,
        too_long: refused || (too_long && freed < NOTHING),
        enough: c.captures.units >= ENOUGH_LINES as f64,
        gain: likely.map(four).zip(low.map(four)),
    });
    let waits = |figure: f64| if refused { f64::NAN } else { figure };
    let item = state.item();
    Some(WhatIfRow {
        rank: 0,
        sku: basis.tables.skus[state.pool.sku].clone(),
        name: item.name.clone(),
        location: basis.tables.locations[state.pool.location].clone(),
        candidate,
        verdict,
        demand_per_day: four(per_day),
        capture,
        capture_n: c.captures.units.round() as u64,
        // Nobody waits where nobody is accepted.
        wait_days: waits(four(best.wait)),
        cancel_share: waits(four(c.cancelled(best.wait))),
        reorder_point_now: four(c.now.level),
        safety_stock_now: four(c.now.level - mean),
        reorder_point_waiting: four(best.level),
        safety_stock_waiting: four(best.level - mean),
        fill_now: four(c.now.fill),
        fill_waiting: four(best.fill),
        stock_freed: freed,
        cash_freed: item.unit_cost.map(|c| four(freed * c)),
        lost_now: four(c.lost(&c.now, today.mean)),
        lost_waiting: four(c.lost(&best, then.mean)),
        lost_waiting_low: four(c.lost(&best, then.p10)),
        gain_per_year: likely.map(four),
        gain_per_year_low: low.map(four),
        max_wait_days: basis.config.backorders.max_wait_days,
        reason_code: code,
        capture_now: today.mean,
    })
}
