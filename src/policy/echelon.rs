//! Two stages: what the locations that a pool supplies hold, expect and will ask of it.
//!
//! The source plans its echelon (Clark & Scarf, 1960): its own stock and that of all it supplies, against the demand of all their channels over the
//! supplier's lead time and its review period, with one safety stock. A supplied location's stock counts up to what it can use in that time:
//! its demand, what the transfers need to have under way, and its own safety stock, which is a part of the echelon's. So no unit
//! of demand, stock or safety counts twice.

use super::basis::{Basis, four};
use super::paths::{PoolPaths, period_orders};
use crate::domain::LocationId;
use crate::supply::OpenOrder;

/// One supplied location with all that it supplies in turn.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    /// Position of its pool among the SKU's.
    pub(super) pool: usize,
    /// Its series, each with the days from the source's shelf to theirs.
    pub(super) series: Vec<(usize, f64)>,
    /// Units on hand less units owed; where the stock is not known, so many that its position is at its reorder point.
    pub(super) net: f64,
    pub(super) open_orders: Vec<OpenOrder>,
    /// Safety stock that it holds itself.
    pub(super) safety: f64,
    /// Units on its own shelf that nobody is waiting for, ≥ 0.
    pub(super) loose: f64,
    /// Its location, and those that it supplies, where nobody knows the stock.
    pub(super) unknown: Vec<LocationId>,
}

/// What a branch means to its source.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Draw {
    /// Units that it will ask for until the order after this one arrives.
    pub(super) units: f64,
    /// Units that it has beyond all it can use in that time.
    pub(super) excess: f64,
}

/// All branches of a pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Downstream {
    pub(super) branches: Vec<Branch>,
    /// In the order of `branches`.
    pub(super) draws: Vec<Draw>,
    /// Safety stock held in the branches.
    pub(super) safety: f64,
    /// Units that lie between the level on the echelon's scale and on the pool's own: in transfers, less what the branches hold.
    pub(super) shift: f64,
}

impl Downstream {
    pub(super) fn new(branches: Vec<Branch>) -> Self {
        Self {
            branches,
            ..Self::default()
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.branches.is_empty()
    }

    pub(super) fn series(&self) -> Vec<usize> {
        self.branches
            .iter()
            .flat_map(|b| b.series.iter().map(|s| s.0))
            .collect()
    }

    /// Counts the branches' stock and orders into the paths of the source, whose expected demand over the protection interval (all
    /// series) is `mean`, in units; a branch's order that comes within `in_time` days counts.
    pub(super) fn join(
        &mut self,
        basis: &Basis<'_>,
        paths: &mut PoolPaths,
        own: &[usize],
        mean: f64,
        in_time: f64,
    ) {
        let step = basis.forecast.step;
        let horizon = paths.supply.protected();
        let over = |i: usize| basis.forecast.series[i].mean(0, horizon);
        let whole: f64 = own.iter().copied().chain(self.series()).map(over).sum();
        let scale = if whole > 0.0 { mean / whole } else { 0.0 };
        let mut held = 0.0;
        for branch in &self.branches {
            let asked: f64 = branch.series.iter().map(|s| scale * over(s.0)).sum();
            let under_way: f64 = branch
                .series
                .iter()
                .map(|s| over(s.0) / horizon as f64 * s.1 / f64::from(step))
                .sum();
            let most = asked + under_way + branch.safety;
            let position = branch.net
                + branch
                    .open_orders
                    .iter()
                    .filter(|o| o.arrival.mean() <= in_time)
                    .map(|o| o.units)
                    .sum::<f64>();
            let excess = (position - most).max(0.0);
            self.draws.push(Draw {
                units: most - (position - excess),
                excess,
            });
            held += position - excess;
            self.safety += branch.safety;
            self.shift += under_way;
            paths.supply.net_stock += branch.net - excess - under_way;
            let orders = period_orders(
                &branch.open_orders,
                basis.tables.plan_day(),
                step,
                paths.seed,
            );
            paths.supply.open_orders.extend(orders);
        }
        self.shift -= held;
    }

    /// Units that all branches will ask for.
    pub(super) fn drawn(&self) -> f64 {
        self.draws.iter().map(|d| d.units).sum()
    }

    /// Units that could come back from each branch's shelf, whole and at most `needed` together; in the order of `branches`.
    pub(super) fn spare(&self, needed: f64, whole: bool) -> Vec<f64> {
        let mut left = needed;
        self.branches
            .iter()
            .zip(&self.draws)
            .map(|(branch, draw)| {
                let units = draw.excess.min(branch.loose).min(left).max(0.0);
                let units = if whole { units.floor() } else { four(units) };
                left -= units;
                units
            })
            .collect()
    }

    /// What is drawn from the source's shelf period by period, once what the branches have is used up.
    pub(super) fn draw_path(&self, basis: &Basis<'_>, periods: usize) -> Vec<f64> {
        let mut path = vec![0.0; periods];
        for branch in &self.branches {
            let here: f64 = branch.net + branch.open_orders.iter().map(|o| o.units).sum::<f64>()
                - branch.safety;
            let (mut cumulated, mut drawn) = (0.0, 0.0);
            for (t, slot) in path.iter_mut().enumerate() {
                cumulated += branch
                    .series
                    .iter()
                    .map(|s| basis.forecast.series[s.0].mean(t, t + 1))
                    .sum::<f64>();
                let asked = (cumulated - here).max(0.0);
                *slot += asked - drawn;
                drawn = asked;
            }
        }
        path
    }
}
