//! The past replayed: what a rule would have ordered week by week, and what stock and lost sales would have come of it.

use std::collections::{BTreeMap, VecDeque};

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use super::censor::captured;
use super::known::{backorders, inbound};
use super::world::World;
use crate::config::Config;
use crate::demand::law::normal;
use crate::domain::{
    BackorderKind, BackorderLine, Day, Elsewhere, LocationId, PurchaseLine, ServiceMeasure, SkuId,
    Tables,
};
use crate::panel::PanelError;
use crate::plan::{self, PlanError};
use crate::policy;
use crate::policy::lot::round_order;

/// Days that the simple rules look back over.
const WINDOW: usize = 90;
/// Fill targets of the planner's curve.
pub(super) const TARGETS: [f64; 4] = [0.90, 0.95, 0.98, 0.99];
/// Targets of the simple rules: wider, so that their curves reach the planner's service.
pub(super) const SIMPLE_TARGETS: [f64; 9] = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999];
/// What last year's sales are multiplied by.
pub(super) const FACTORS: [f64; 6] = [0.75, 1.0, 1.25, 1.5, 2.0, 3.0];

/// Who orders.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rule {
    /// This program.
    Restock,
    /// Mean sales of days in stock × cover + z·σ·√(L + R).
    Velocity,
    /// Mean of all days' sales × (L + R) + z·σ·√(L + R): sales as demand.
    Textbook,
    /// What was sold in the same L + R days a year ago.
    LastYear,
}

impl Rule {
    pub const ALL: [Self; 4] = [
        Self::Restock,
        Self::Velocity,
        Self::Textbook,
        Self::LastYear,
    ];

    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restock => "restock",
            Self::Velocity => "in_stock_velocity",
            Self::Textbook => "textbook",
            Self::LastYear => "last_year",
        }
    }
}

/// How much a rule is asked to hold.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Setting {
    /// As the shop is configured: its own targets.
    Own,
    /// This service target for everything.
    Target(f64),
    /// This multiple of last year's sales.
    Factor(f64),
}

/// What came of one rule under one setting.
#[derive(Clone, PartialEq, Debug)]
pub struct Replay {
    pub rule: Rule,
    pub setting: Setting,
    /// Units in the measured weeks.
    pub demand: f64,
    /// Served at once.
    pub sold: f64,
    pub backordered: f64,
    pub lost: f64,
    /// sold ÷ demand.
    pub service: f64,
    /// Mean closing stock, units, and at cost where costs are known.
    pub stock: f64,
    pub stock_value: Option<f64>,
    /// Mean stock ÷ mean demand a day.
    pub stock_days: f64,
    /// Order lines placed.
    pub orders: u32,
    /// Holding, lost margin and waiting, of the places whose costs are known; `None` where none are.
    pub cost: Option<f64>,
    /// Over the whole replay: units at the start, received, shipped to waiting customers, sold, at the end.
    pub flow: Flow,
}

/// Units over a whole replay; `opening + received = sold + shipped + closing`.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Flow {
    pub opening: f64,
    pub received: f64,
    pub sold: f64,
    pub shipped: f64,
    pub closing: f64,
}

/// Replays the past under every rule and setting.
///
/// # Errors
/// When the planner's stages fail; see [`plan::prepare`].
pub(super) fn replay_all(world: &World, config: &Config) -> Result<Vec<Replay>, PlanError> {
    let mut runs = vec![(Rule::Restock, Setting::Own)];
    runs.extend(TARGETS.map(|t| (Rule::Restock, Setting::Target(t))));
    for rule in [Rule::Velocity, Rule::Textbook] {
        runs.extend(SIMPLE_TARGETS.map(|t| (rule, Setting::Target(t))));
    }
    let year = 364 / world.step as usize;
    if world.places.iter().any(|p| p.past_seen.len() > year) {
        runs.extend(FACTORS.map(|f| (Rule::LastYear, Setting::Factor(f))));
    }
    runs.par_iter()
        .map(|&(rule, setting)| Run::new(world).play(rule, setting, config))
        .collect()
}

/// A replay on its way.
struct Run<'w> {
    world: &'w World,
    stock: Vec<f64>,
    /// Units sold, by place, member and period.
    sold: Vec<Vec<Vec<f64>>>,
    seen: Vec<Vec<f64>>,
    closing: Vec<Vec<f64>>,
    orders: Vec<PurchaseLine>,
    /// Receipts to come, by place.
    due: Vec<Vec<(Day, f64)>>,
    backorders: Vec<BackorderLine>,
    /// Positions in `backorders` of what waits, by place.
    waiting: Vec<VecDeque<usize>>,
    last_review: Vec<Option<Day>>,
}

impl<'w> Run<'w> {
    fn new(world: &'w World) -> Self {
        let n = world.places.len();
        let mut waiting = vec![VecDeque::new(); n];
        let backorders = backorders(&world.base.backorders, world.start);
        let place_of: BTreeMap<(SkuId, LocationId), usize> = (0..n)
            .map(|p| ((world.places[p].sku, world.places[p].location), p))
            .collect();
        for (b, line) in backorders.iter().enumerate() {
            let location = world.base.channel_rows[line.channel].location;
            if let Some(&p) = place_of.get(&(line.sku, location))
                && line.open_units() > 0.0
            {
                waiting[p].push_back(b);
            }
        }
        Self {
            world,
            stock: world.places.iter().map(|p| p.opening).collect(),
            sold: world
                .places
                .iter()
                .map(|p| vec![Vec::with_capacity(world.total); p.members.len()])
                .collect(),
            seen: vec![Vec::with_capacity(world.total); n],
            closing: vec![Vec::with_capacity(world.total); n],
            orders: Vec::new(),
            due: world.places.iter().map(|p| p.arrivals.clone()).collect(),
            backorders,
            waiting,
            last_review: vec![None; n],
        }
    }

    fn play(mut self, rule: Rule, setting: Setting, config: &Config) -> Result<Replay, PlanError> {
        let world = self.world;
        let n = world.places.len();
        let mut out = Replay {
            rule,
            setting,
            demand: 0.0,
            sold: 0.0,
            backordered: 0.0,
            lost: 0.0,
            service: 0.0,
            stock: 0.0,
            stock_value: None,
            stock_days: 0.0,
            orders: 0,
            cost: None,
            flow: Flow {
                opening: self.stock.iter().sum(),
                ..Flow::default()
            },
        };
        for t in 0..world.total {
            let today = world.start + t as i32 * world.step;
            if t % world.review == 0 {
                let asked = match rule {
                    Rule::Restock => self.planned(t, today, setting, config)?,
                    rule => (0..n).map(|p| self.simple(p, t, rule, setting)).collect(),
                };
                for (p, units) in asked.into_iter().enumerate() {
                    let place = &world.places[p];
                    let wait = place.review_days - world.step * world.review as i32 / 2;
                    if units <= 0.0 || self.last_review[p].is_some_and(|d| today - d < wait) {
                        continue;
                    }
                    self.last_review[p] = Some(today);
                    self.order(p, t, today, units);
                    out.orders += u32::from(t >= world.measured);
                }
            }
            for p in 0..n {
                self.trade(p, t, &mut out);
            }
        }
        out.flow.closing = self.stock.iter().sum();
        let periods = (world.total - world.measured).max(1) as f64;
        out.service = if out.demand > 0.0 {
            out.sold / out.demand
        } else {
            f64::NAN
        };
        out.stock /= periods;
        out.stock_value = out.stock_value.map(|v| v / periods);
        out.stock_days = out.stock / (out.demand / (periods * f64::from(world.step)));
        Ok(out)
    }

    fn order(&mut self, p: usize, t: usize, today: Day, units: f64) {
        let world = self.world;
        let place = &world.places[p];
        let today = today + world.rest();
        let lead = place.leads[t / world.review];
        self.due[p].push((today + lead, units));
        self.orders.push(PurchaseLine {
            po_id: format!("replay-{t}-{p}"),
            sku: place.sku,
            location: place.location,
            ordered: today,
            units,
            supplier: world.base.items[place.sku].supplier.clone(),
            expected: Some(today + place.lead_days.round() as i32),
            received: Some(today + lead),
            received_units: units,
            day_assumed: false,
        });
    }

    /// One period of one place: customers meet the shelf, then receipts come, then waiting orders are shipped from them.
    fn trade(&mut self, p: usize, t: usize, out: &mut Replay) {
        let world = self.world;
        let place = &world.places[p];
        let day = world.start + (t as i32 + 1) * world.step;
        let mut rng = Pcg64Mcg::seed_from_u64(place.key ^ (t as u64).wrapping_mul(0x9e37_79b9));
        let counts = t >= world.measured;
        let m = place.members.len();
        let mut left = self.stock[p].max(0.0);
        let (mut sold_all, mut taken_all, mut lost_all) = (0.0, 0.0, 0.0);
        for member in 0..m {
            self.sold[p][member].push(0.0);
        }
        for k in 0..m {
            // The channels come in turn to the shelf.
            let which = (k + t) % m;
            let member = &place.members[which];
            let demand = member.demand[t];
            let sold = demand.min(left);
            left -= sold;
            let short = demand - sold;
            let taken = if member.accepts && short > 0.0 {
                captured(short, member.capture, member.whole, &mut rng)
            } else {
                0.0
            };
            if taken > 0.0 {
                self.waiting[p].push_back(self.backorders.len());
                self.backorders.push(BackorderLine {
                    order_id: format!("replay-{t}-{p}-{which}"),
                    date: day,
                    sku: place.sku,
                    channel: member.channel,
                    units: taken,
                    kind: BackorderKind::Backorder,
                    promised: None,
                    shipped: None,
                    shipped_units: 0.0,
                    cancelled: None,
                    cancelled_units: 0.0,
                    notified: None,
                });
            }
            self.sold[p][which][t] = sold;
            sold_all += sold;
            taken_all += taken;
            lost_all += short - taken;
        }
        self.stock[p] -= sold_all;
        out.flow.sold += sold_all;
        for (_, units) in self.due[p].extract_if(.., |(due, _)| *due <= day + world.rest()) {
            self.stock[p] += units;
            out.flow.received += units;
        }
        let mut owed = 0.0;
        while let Some(&b) = self.waiting[p].front() {
            let line = &mut self.backorders[b];
            let units = line.open_units();
            if self.stock[p] < units - 1e-9 {
                break;
            }
            self.stock[p] -= units;
            out.flow.shipped += units;
            line.shipped = Some(day);
            line.shipped_units += units;
            self.waiting[p].pop_front();
        }
        for &b in &self.waiting[p] {
            owed += self.backorders[b].open_units();
        }
        self.seen[p].push(sold_all + taken_all);
        self.closing[p].push(self.stock[p]);
        if !counts {
            return;
        }
        let on_hand = self.stock[p].max(0.0);
        out.demand += sold_all + taken_all + lost_all;
        out.sold += sold_all;
        out.backordered += taken_all;
        out.lost += lost_all;
        out.stock += on_hand;
        if let Some(cost) = place.unit_cost {
            *out.stock_value.get_or_insert(0.0) += cost * on_hand;
        }
        if let Some(costs) = place.costs {
            let days = f64::from(world.step);
            *out.cost.get_or_insert(0.0) += costs.holding_day * days * on_hand
                + costs.lost * lost_all
                + costs.waiting_day * days * owed;
        }
    }

    /// What the planner asks for: its own stages, on what the shop would have on record at the close of `today`.
    fn planned(
        &self,
        t: usize,
        today: Day,
        setting: Setting,
        config: &Config,
    ) -> Result<Vec<f64>, PlanError> {
        let world = self.world;
        let mut records = world.records.clone();
        let mut base = Tables {
            as_of: today,
            backorders: self.backorders.clone(),
            inbound: inbound(&world.placed, today + world.rest()),
            ..world.base.clone()
        };
        base.inbound
            .extend(inbound(&self.orders, today + world.rest()));
        // What is replayed is the demand of parts, whole.
        base.elsewhere = Elsewhere::default();
        // Every place buys for itself here: transfers are not replayed, and a sample of the shop's orders says nothing about a supplier's minimum.
        base.location_rows
            .iter_mut()
            .for_each(|l| l.supplied_from = None);
        base.suppliers.iter_mut().for_each(|s| s.min_amount = None);
        for (p, place) in world.places.iter().enumerate() {
            for k in 0..t {
                let day = (world.start + (k as i32 + 1) * world.step).0;
                for (m, member) in place.members.iter().enumerate() {
                    records.sale(day, place.sku, member.channel, self.sold[p][m][k]);
                }
                let closing = self.closing[p][k];
                records.stock(day, (place.sku, place.location), closing, f64::NAN, -1);
            }
        }
        let mut config = config.clone();
        if let Setting::Target(target) = setting {
            config.policy.service_measure = ServiceMeasure::Fill;
            config.policy.service_level = target;
            base.items.iter_mut().for_each(|i| i.service_level = None);
            base.channel_rows
                .iter_mut()
                .for_each(|c| c.service_level = None);
        }
        let records = records.into_records().map_err(PanelError::from)?;
        let ready = plan::prepare(records, &base, &config, &mut Vec::new(), &mut |_| ())?;
        let basis = ready.basis(&base, &config);
        let orders = policy::decide(&basis, &ready.pools, None).orders;
        let asked: BTreeMap<(SkuId, LocationId), f64> = ready
            .pools
            .iter()
            .zip(&orders)
            .map(|(pool, order)| ((pool.sku, pool.location), order.bridge.quantity))
            .collect();
        Ok(world
            .places
            .iter()
            .map(|p| asked.get(&(p.sku, p.location)).copied().unwrap_or(0.0))
            .collect())
    }

    /// What a simple rule asks for.
    fn simple(&self, p: usize, t: usize, rule: Rule, setting: Setting) -> f64 {
        let world = self.world;
        let place = &world.places[p];
        let cover = (place.lead_days + f64::from(place.review_days)) / f64::from(world.step);
        let owed: f64 = self.waiting[p]
            .iter()
            .map(|&b| self.backorders[b].open_units())
            .sum();
        let position = self.stock[p] + self.due[p].iter().map(|d| d.1).sum::<f64>() - owed;
        let level = match (rule, setting) {
            (Rule::LastYear, Setting::Factor(factor)) => factor * self.last_year(p, t, cover),
            (rule, Setting::Target(target)) => {
                let (mean, sd) = self.recent(p, t, rule == Rule::Velocity);
                mean * cover + normal::quantile(target) * sd * cover.sqrt()
            }
            _ => 0.0,
        };
        let need = level - position;
        if need <= 0.0 {
            return 0.0;
        }
        let need = if place.whole { need.ceil() } else { need };
        round_order(need, place.moq, place.multiple)
    }

    /// Mean and standard deviation of a period's sales in the last 90 days, of periods in stock alone or of all.
    fn recent(&self, p: usize, t: usize, in_stock: bool) -> (f64, f64) {
        let place = &self.world.places[p];
        let window = (WINDOW / self.world.step as usize).max(1);
        let past = place.past_seen.len();
        let end = past + t;
        let members = |k: usize| -> (f64, f64, f64) {
            if k < past {
                (
                    place.past_sold[k],
                    place.past_seen[k],
                    place.past_closing[k],
                )
            } else {
                let k = k - past;
                let sold = self.sold[p].iter().map(|m| m[k]).sum();
                (sold, self.seen[p][k], self.closing[p][k])
            }
        };
        let units: Vec<f64> = (end.saturating_sub(window)..end)
            .filter_map(|k| {
                let (sold, seen, closing) = members(k);
                if in_stock {
                    (closing > 0.0 || closing.is_nan() || sold > 0.0).then_some(sold)
                } else {
                    Some(seen)
                }
            })
            .collect();
        let n = units.len().max(1) as f64;
        let mean = units.iter().sum::<f64>() / n;
        let variance = units.iter().map(|u| (u - mean).powi(2)).sum::<f64>() / n;
        (mean, variance.sqrt())
    }

    /// Units seen in the same `cover` periods a year (52 weeks) ago.
    fn last_year(&self, p: usize, t: usize, cover: f64) -> f64 {
        let place = &self.world.places[p];
        let year = 364 / self.world.step as usize;
        let past = place.past_seen.len();
        let from = (past + t).saturating_sub(year);
        let to = (from + cover.round() as usize).min(past + t);
        (from..to)
            .map(|k| {
                if k < past {
                    place.past_seen[k]
                } else {
                    self.seen[p][k - past]
                }
            })
            .sum()
    }
}

/// Mean stock that a rule's curve needs for a service, by straight lines between its settings; `None` outside its reach.
pub fn stock_for(replays: &[Replay], rule: Rule, service: f64) -> Option<f64> {
    let mut curve: Vec<(f64, f64)> = replays
        .iter()
        .filter(|r| r.rule == rule && r.setting != Setting::Own)
        .map(|r| (r.service, r.stock))
        .collect();
    curve.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    curve.windows(2).find_map(|pair| {
        let [(s0, k0), (s1, k1)] = pair else {
            return None;
        };
        if service < *s0 || service > *s1 {
            return None;
        }
        let share = if s1 > s0 {
            (service - s0) / (s1 - s0)
        } else {
            0.0
        };
        Some(k0 + share * (k1 - k0))
    })
}
