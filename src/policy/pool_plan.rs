//! One pool: its paths, its protection interval, its reorder point.

use std::sync::OnceLock;

use super::basis::{Basis, Following, YEAR_DAYS, following, pool_lead_time, pool_review_days};
use super::carried;
use super::echelon::Downstream;
use super::grant::Grant;
use super::look_through::{Covered, Supply, simulate};
use super::lot_cycle::OrderSize;
use super::lot_level::{self, Level};
use super::past::daily_variance;
use super::paths::{PoolPaths, order_size, paths_with, pool_paths, protection};
use super::protection::Protection;
use super::target::service_target;
use super::textbook;
use crate::config::Method;
use crate::domain::{Day, Item, ItemStatus, LocationId, PoolOrder, ServiceMeasure};
use crate::forecast::LeadTime;
use crate::supply::{Pool, source_of};

/// Days after as-of within which an open order counts into the position of a pool with this lead time and protection interval.
fn days_in_time(basis: &Basis<'_>, lead_days: &LeadTime, days: f64) -> f64 {
    match basis.config.policy.method {
        // Its level is for the whole interval, and no path looks at what comes within it.
        Method::Textbook => days,
        // What comes later is in the paths. A day either way is the supplier's, not the plan's.
        Method::Auto => lead_days.mean() + 1.0,
    }
}

/// Share of the usual demand below which a time is out of season.
const OUT_OF_SEASON: f64 = 0.01;

/// Days to the expected receipt of the next order.
fn protection_days(lead_days: &LeadTime, review_days: u32, next: &Following) -> f64 {
    (f64::from(review_days) + next.lead.mean()).max(lead_days.mean())
}

/// A pool with the order that is decided for it.
pub(super) type Planned<'a> = (PoolPlan<'a>, PoolOrder);

/// Reorder point and order at a position.
pub(super) struct Wanted {
    pub(super) reorder_point: f64,
    /// What waiting takes off it: what the paths need less than the level asks for.
    pub(super) reduction: f64,
    /// Whether an order is due whatever the need is: the least one.
    pub(super) due: bool,
}

impl Wanted {
    /// Receipts that may come late can call for more than the position says: they lift the level.
    fn at(level: f64, position: f64, need: f64) -> Self {
        let level = level.max(position + need);
        Self {
            reorder_point: level,
            reduction: (level - position - need).max(0.0),
            due: false,
        }
    }
}

/// What the decision for one pool is made from.
pub(super) struct PoolPlan<'a> {
    pub(super) basis: &'a Basis<'a>,
    pub(super) pool: &'a Pool,
    pub(super) paths: PoolPaths,
    pub(super) lead_days: LeadTime,
    pub(super) review_days: u32,
    /// The order that the next review decides.
    pub(super) next: Following,
    pub(super) measure: ServiceMeasure,
    pub(super) target: f64,
    pub(super) protection: Protection,
    /// Worked out when it is first asked for.
    level: OnceLock<Level>,
    /// What lost customers leave of the level that waiting ones would need, likewise.
    kept: OnceLock<f64>,
    pub(super) covered: Covered,
    pub(super) down: Downstream,
    /// An order other than the one that is asked for.
    pub(super) grant: Option<&'a Grant>,
}

impl<'a> PoolPlan<'a> {
    pub(super) fn new(
        basis: &'a Basis<'a>,
        pool: &'a Pool,
        mut down: Downstream,
        grant: Option<&'a Grant>,
    ) -> Self {
        let mut paths = paths_with(basis, pool, &down.series());
        let lead_days = pool_lead_time(basis, pool);
        let review_days = pool_review_days(basis, pool);
        let next = following(basis, pool);
        let series: Vec<usize> = pool.members.iter().copied().chain(down.series()).collect();
        let (mut measure, mut target) = service_target(basis, pool.sku, &series, review_days);
        if basis.config.policy.method == Method::Textbook {
            // z is the quantile of a cycle's service, whatever was asked for.
            measure = ServiceMeasure::Cycle;
        }
        let protection = protection(&paths);
        if !down.is_empty() {
            let mean = protection.mean();
            let days = protection_days(&lead_days, review_days, &next);
            let in_time = days_in_time(basis, &lead_days, days);
            down.join(basis, &mut paths, &pool.members, mean, in_time);
        }
        if measure == ServiceMeasure::Cost {
            let Supply {
                lead_time, review, ..
            } = &paths.supply;
            let lead = lead_time.mean().round().max(0.0) as usize;
            target = carried::cycle_service(&paths.demand, lead, *review, target, paths.seed);
        }
        let covered = simulate(&paths.demand, &paths.supply, paths.seed);
        Self {
            basis,
            pool,
            paths,
            lead_days,
            review_days,
            next,
            measure,
            target,
            protection,
            level: OnceLock::new(),
            kept: OnceLock::new(),
            covered,
            down,
            grant,
        }
    }

    pub(super) fn item(&self) -> &'a Item {
        &self.basis.tables.items[self.pool.sku]
    }

    /// The location that supplies the pool; `None`: a supplier.
    pub(super) fn source(&self) -> Option<LocationId> {
        source_of(self.basis.tables, self.pool.location)
    }

    /// Whether the item, neither new nor like another, never sold anywhere: nothing says that it will.
    pub(super) fn never_sold(&self) -> bool {
        let item = self.item();
        let tables = self.basis.tables;
        if item.status == ItemStatus::New || item.similar_sku.is_some() || item.launch.is_some() {
            return false;
        }
        let panel = self.basis.panel;
        let first = panel.series.partition_point(|k| k.sku < self.pool.sku);
        let behind = panel.series.partition_point(|k| k.sku <= self.pool.sku);
        let sold = |i: usize| {
            let view = panel.view(i);
            let any = |units: &[f64]| units.iter().any(|&u| u > 0.0);
            any(view.sold) || any(view.backordered)
        };
        !(first..behind).any(sold) && !tables.backorders.iter().any(|l| l.sku == self.pool.sku)
    }

    /// Whether the season is over before this order could sell: from its arrival to that of the next one less than a hundredth of what such a time
    /// takes in the mean of the coming year is expected, and nobody waits. What comes after is the next order's.
    pub(super) fn season_over(&self, owed: f64) -> bool {
        let forecast = self.basis.forecast;
        let in_periods = |days: f64| (days / f64::from(forecast.step)).round() as usize;
        let from = in_periods(self.lead_days.mean());
        let to = in_periods(self.days()).max(from + 1);
        let all = self.year();
        let (mut coming, mut year) = (0.0, 0.0);
        for i in self.series() {
            coming += forecast.series[i].mean(from, to);
            year += forecast.series[i].mean(0, all);
        }
        let usual = year * (to - from) as f64 / all as f64;
        owed <= 0.0 && coming < OUT_OF_SEASON * usual
    }

    /// Whether nothing says that an order would sell, and nobody waits for one.
    pub(super) fn unwanted(&self, owed: f64) -> bool {
        self.never_sold() || self.season_over(owed)
    }

    /// Whether units of the item can be ordered at all: not discontinued, stock known.
    pub(super) fn can_order(&self) -> bool {
        self.pool.on_hand.is_some() && self.item().status != ItemStatus::Discontinued
    }

    /// Days of the protection interval: to the receipt of the next order.
    pub(super) fn days(&self) -> f64 {
        protection_days(&self.lead_days, self.review_days, &self.next)
    }

    /// Units a day that the pool's order counts on.
    pub(super) fn per_day(&self, order: &PoolOrder) -> f64 {
        order.bridge.mean / self.days().max(1.0)
    }

    /// Days after as-of within which an open order counts into the position.
    pub(super) fn days_in_time(&self) -> f64 {
        days_in_time(self.basis, &self.lead_days, self.days())
    }

    /// Its own series and those that it supplies.
    pub(super) fn series(&self) -> impl Iterator<Item = usize> {
        let own: &'a [usize] = &self.pool.members;
        own.iter().copied().chain(self.down.series())
    }

    /// Name of the law that the reorder point is read from.
    pub(super) fn distribution(&self) -> &'static str {
        if self.basis.config.policy.method == Method::Textbook {
            return "normal";
        }
        let first = self.protection.intervals.first();
        first.map_or("none", |i| i.whole.name())
    }

    /// What can be ordered for it.
    pub(super) fn order_size(&self) -> OrderSize {
        order_size(self.basis, self.pool, self.paths.demand.whole_units)
    }

    /// Reorder point and need at this position, under the method chosen.
    pub(super) fn wanted(&self, position: f64) -> Wanted {
        let level = self.level();
        if self.basis.config.policy.method == Method::Textbook {
            return Wanted::at(level.units(), position, level.units() - position);
        }
        // A service target may leave coming demand unserved, never what is owed already.
        let owed = self.paths.supply.owed_beyond_supply();
        let lots = match level {
            Level::UpTo(level) => {
                let need = self.need(self.target);
                let need = if owed > 0.0 { need.max(owed) } else { need };
                return Wanted::at(level, position, need);
            }
            Level::Lots(lots) => lots,
        };
        // Below the level an order is due unless the paths do without one; above it, where receipts may come so late that the interval is served worse
        // than from the level itself.
        let served = self.served_without();
        let below = position <= lots.level + 1e-9 && served <= self.target + 1e-9;
        let late = served < lots.plain - 1e-9;
        let need = self.need(lots.need.clamp(0.0, 1.0));
        let due = below || late || owed > 0.0;
        let need = if due {
            need.max(owed).max(0.0)
        } else {
            need.min(lots.level - position).min(0.0)
        };
        Wanted {
            due,
            ..Wanted::at(lots.level, position, need)
        }
    }

    /// Units that the paths lack of a service; negative where they have more than enough.
    fn need(&self, service: f64) -> f64 {
        if self.paths.demand.whole_units {
            self.covered.whole_quantity(self.measure, service)
        } else {
            self.covered.quantity(self.measure, service)
        }
    }

    /// Service of the interval that an order placed now would cover, without it.
    fn served_without(&self) -> f64 {
        match self.measure {
            ServiceMeasure::Fill => self.covered.fill(0.0),
            ServiceMeasure::Cycle | ServiceMeasure::Cost => self.covered.cycle(0.0),
        }
    }

    /// The level that the position must reach.
    fn level(&self) -> Level {
        *self.level.get_or_init(|| {
            let series: Vec<usize> = self.series().collect();
            self.level_of(&self.protection, &series, &self.order_size())
        })
    }

    /// The level that the demand of some of its series would need of its own, in orders of `size`, units. What lost customers take off a level is taken
    /// off in the same proportion as here.
    pub(super) fn level_apart(
        &self,
        protection: &Protection,
        series: &[usize],
        size: &OrderSize,
    ) -> f64 {
        let textbook = self.basis.config.policy.method == Method::Textbook;
        if textbook || self.measure != ServiceMeasure::Fill {
            return self.level_of(protection, series, size).units();
        }
        let waiting = |protection: &Protection, size: &OrderSize| {
            lot_level::waiting_level(protection, size, self.measure, self.target)
        };
        let kept = self.kept.get_or_init(|| {
            let all = waiting(&self.protection, &self.order_size());
            if all > 0.0 {
                self.level().units() / all
            } else {
                1.0
            }
        });
        let level = kept * waiting(protection, size);
        if size.whole_units {
            (level - 1e-6).ceil()
        } else {
            level
        }
    }

    /// The level that the position must reach for the demand of these series, in orders of `size`.
    fn level_of(&self, protection: &Protection, series: &[usize], size: &OrderSize) -> Level {
        if self.basis.config.policy.method != Method::Textbook {
            let capture = self.paths.demand.capture;
            return lot_level::level(protection, size, self.measure, self.target, capture);
        }
        let sigma = series
            .iter()
            .map(|&i| daily_variance(self.basis, i))
            .sum::<f64>()
            .sqrt();
        // σ is that of the past's periods.
        let step = f64::from(self.basis.panel.grain.days());
        let safety = textbook::periodic_safety_stock(
            sigma,
            (self.days() - self.lead_days.mean()) / step,
            self.lead_days.mean() / step,
            self.target,
        );
        Level::UpTo(protection.mean() + safety)
    }

    /// How far a least order that lasts longer than a review period lowers the level, units.
    pub(super) fn carried_by_lots(&self, level: f64) -> f64 {
        if self.basis.config.policy.method == Method::Textbook || !self.order_size().lots() {
            return 0.0;
        }
        (self.protection.level(self.measure, self.target) - level).max(0.0)
    }

    /// Demand over the protection interval of some of the series alone.
    pub(super) fn protection_of(&self, series: &[usize]) -> Protection {
        let alone = Pool {
            members: series.to_vec(),
            ..self.pool.clone()
        };
        protection(&pool_paths(self.basis, &alone))
    }

    /// The first day whose expected closing stock is empty, known receipts counted, nothing ordered now.
    pub(super) fn first_stockout(&self) -> Option<Day> {
        let step = self.basis.forecast.step;
        let demand = self.shelf_demand((YEAR_DAYS / step) as usize);
        if demand.iter().sum::<f64>() <= 0.0 {
            return None;
        }
        let mut stock = self.pool.stock() - self.pool.open_backorders.iter().sum::<f64>();
        for (t, asked) in demand.into_iter().enumerate() {
            stock -= asked;
            if stock <= 0.0 {
                return Some(self.basis.tables.plan_day() + (t as i32 + 1) * step);
            }
            for (order, arrival) in self
                .pool
                .open_orders
                .iter()
                .zip(&self.paths.supply.open_orders)
            {
                if arrival.arrival.mean().round() as usize == t + 1 {
                    stock += order.units;
                }
            }
        }
        None
    }

    /// Expected demand on the pool's own shelf by period: its channels', and what is drawn for the locations that it supplies.
    fn shelf_demand(&self, periods: usize) -> Vec<f64> {
        if self.down.is_empty() {
            return self.paths.demand.means(periods);
        }
        let mut demand = self.down.draw_path(self.basis, periods);
        for &i in &self.pool.members {
            let forecast = &self.basis.forecast.series[i];
            for (t, slot) in demand.iter_mut().enumerate() {
                *slot += forecast.mean(t, t + 1);
            }
        }
        demand
    }
}
