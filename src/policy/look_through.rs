//! How much to order now, looking through what happens before the order arrives.
//!
//! Demand that meets an empty shelf while the order is under way is lost (or waits, where backorders are accepted) and does not come back, so
//! the position alone overstates the need. Stock is projected forward on many paths of daily demand through the known
//! receipts to the arrival of THIS order, truncated at zero; the quantity is then chosen for the interval which it covers: from its
//! arrival to that of the next order. Paths depend on the pool and on nothing else: the same demand meets every quantity, receipt and
//! target, so that more supply or a lower target can never call for more.

mod law;
mod levels;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

use self::law::PeriodLaw;
use self::levels::stratum_levels;
use crate::domain::ServiceMeasure;
use crate::forecast::LeadTime;

/// Paths simulated for each pool.
pub const PATHS: usize = 320;
/// Paths that share a level.
const PATHS_OF_LEVEL: usize = 20;
/// Long horizons are simulated in blocks of periods, at most so many.
pub(super) const BLOCKS: usize = 40;

/// Demand of one pool ahead of as-of.
#[derive(Clone, Debug)]
pub struct PoolDemand {
    /// Expected units of each period, the first after as-of first.
    pub mean: Vec<f64>,
    /// Variance ÷ mean of one period.
    pub dispersion: f64,
    /// Relative variance of the level, common to all periods.
    pub level_variance: f64,
    /// Share of customers who order without stock, 0..=1.
    pub capture: f64,
    pub whole_units: bool,
}

impl PoolDemand {
    /// Expected units of the next `periods` periods; beyond the known ones as in the last of them.
    pub fn means(&self, periods: usize) -> Vec<f64> {
        let last = self.mean.last().copied().unwrap_or(0.0);
        (0..periods)
            .map(|t| self.mean.get(t).copied().unwrap_or(last))
            .collect()
    }
}

/// An open purchase order. Lead times here are counted in periods after as-of; 1 = received in the first.
#[derive(Clone, Debug)]
pub struct OpenOrder {
    pub units: f64,
    pub arrival: LeadTime,
    /// Key of its random stream.
    pub key: u64,
}

/// Stock and supply of one pool.
#[derive(Clone, Debug)]
pub struct Supply {
    /// Units on hand less what is owed to backorders; may be negative.
    pub net_stock: f64,
    pub open_orders: Vec<OpenOrder>,
    /// Periods from as-of until this order is received.
    pub lead_time: LeadTime,
    /// Periods from the next review until the order that it decides is received.
    pub next_lead_time: LeadTime,
    /// Periods until the next order is placed, ≥ 1.
    pub review: usize,
}

impl Supply {
    /// Periods from as-of to the expected receipt of the next order, ≥ 1.
    pub fn protected(&self) -> usize {
        let next = self.next_lead_time.mean().round().max(0.0) as usize + self.review;
        next.max(self.lead_time.mean().round().max(0.0) as usize)
            .max(1)
    }

    /// Probability that the next order takes the same quantile of its lead time as this one. Were they independent, orders that follow each other
    /// within the spread of their lead times would cross; √12 sd is the width of a uniform law.
    fn lateness_shared(&self) -> f64 {
        let width = 12f64.sqrt() * self.lead_time.sd();
        if width > 0.0 {
            (1.0 - self.review as f64 / width).max(0.0)
        } else {
            0.0
        }
    }

    /// Periods from as-of to the receipts of this order and of the next, at two independent chances 0..1.
    fn receipts(&self, own: f64, next: f64) -> (usize, usize) {
        let shared = self.lateness_shared();
        let chance = if next < shared {
            own
        } else {
            (next - shared) / (1.0 - shared)
        };
        let arrive = self.lead_time.quantile(own).max(0) as usize;
        let next = self.next_lead_time.quantile(chance).max(0) as usize;
        (arrive, (next + self.review).max(arrive))
    }

    /// Units owed that neither stock nor any open order serves, ≥ 0.
    pub fn owed_beyond_supply(&self) -> f64 {
        let coming = self.open_orders.iter().fold(0.0, |sum, o| sum + o.units);
        (-(self.net_stock + coming)).max(0.0)
    }
}

/// What the interval that this order covers looks like, path by path.
#[derive(Clone, Debug)]
pub struct Covered {
    /// Demand of the interval less the stock it would find without this order; may be negative.
    gap: Vec<f64>,
    /// Demand of the interval.
    demand: Vec<f64>,
    /// Expected demand lost before this order arrives.
    pub lost_before: f64,
}

/// Simulates the paths of a pool.
pub fn simulate(demand: &PoolDemand, supply: &Supply, seed: u64) -> Covered {
    let next = supply.next_lead_time.longest() + supply.review;
    let periods = next.max(supply.lead_time.longest());
    let block = periods.div_ceil(BLOCKS).max(1);
    let blocks = periods.div_ceil(block);
    let to_block = |p: usize| p.div_ceil(block);
    let means: Vec<f64> = demand
        .means(blocks * block)
        .chunks_exact(block)
        .map(|periods| periods.iter().sum())
        .collect();

    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let own = stratified(&mut rng);
    let next = stratified(&mut rng);
    let arrivals: Vec<Vec<f64>> = supply
        .open_orders
        .iter()
        .map(|o| {
            let mut rng = Pcg64Mcg::seed_from_u64(o.key);
            (0..PATHS).map(|_| rng.random::<f64>()).collect()
        })
        .collect();

    let mut covered = Covered {
        gap: Vec::with_capacity(PATHS),
        demand: Vec::with_capacity(PATHS),
        lost_before: 0.0,
    };
    let draws = daily_demand(demand, &means, &mut rng);
    let mut receipts = vec![0.0; blocks + 1];
    for (j, path) in draws.chunks_exact(blocks).enumerate() {
        receipts.fill(0.0);
        for (order, chances) in supply.open_orders.iter().zip(&arrivals) {
            let at = order.arrival.quantile(chances[j]).max(1) as usize;
            let at = (to_block(at) - 1).min(blocks);
            receipts[at] += order.units;
        }
        let (arrive, until) = supply.receipts(own[j], next[j]);
        let (arrive, until) = (to_block(arrive).min(blocks), to_block(until).min(blocks));
        let mut stock = supply.net_stock;
        for (d, received) in path.iter().zip(&receipts).take(arrive) {
            covered.lost_before +=
                (1.0 - demand.capture) * (d - stock.max(0.0)).max(0.0) / PATHS as f64;
            stock = after_demand(stock, *d, demand.capture) + received;
        }
        // What arrives in the interval's last period comes too late for it.
        let in_time = receipts[arrive..until.max(arrive + 1) - 1]
            .iter()
            .sum::<f64>();
        let asked = path[arrive..until].iter().sum::<f64>();
        covered.gap.push(asked - (stock + in_time));
        covered.demand.push(asked);
    }
    covered
}

/// Demand of each path's periods, [path × period]. The paths share levels by strata, so that the law of a period is worked out once for the
/// paths of a stratum; within a period, their chances fill 0..1 evenly.
pub(super) fn daily_demand(demand: &PoolDemand, means: &[f64], rng: &mut Pcg64Mcg) -> Vec<f64> {
    let levels = stratum_levels(demand.level_variance);
    let shifts: Vec<f64> = means.iter().map(|_| rng.random()).collect();
    let mut draws = vec![0.0; PATHS * means.len()];
    let mut table = Vec::new();
    for (k, (stratum, level)) in draws
        .chunks_exact_mut(means.len() * PATHS_OF_LEVEL)
        .zip(levels)
        .enumerate()
    {
        for (t, mean) in means.iter().enumerate() {
            let mut law = PeriodLaw::new(
                mean * level,
                demand.dispersion,
                demand.whole_units,
                &mut table,
            );
            // Every horizon has at most `BLOCKS` periods that matter; a longer projection runs through them again with other shifts.
            let row = &EVEN[t % BLOCKS][k * PATHS_OF_LEVEL..(k + 1) * PATHS_OF_LEVEL];
            let mut chances = [0.0; PATHS_OF_LEVEL];
            for (chance, even) in chances.iter_mut().zip(row) {
                let turned = even + shifts[t];
                *chance = turned - f64::from(u8::from(turned >= 1.0));
            }
            let units = law.units(&chances, rng);
            let slots = stratum.iter_mut().skip(t).step_by(means.len());
            slots.zip(units).for_each(|(slot, n)| *slot = n);
        }
    }
    draws
}

/// Chances of the paths, [period × path]: each row fills 0..1 evenly in an order of its own (Latin hypercube: McKay, Beckman & Conover 1979). A
/// pool's own stream turns each row by a shift of its own (Cranley & Patterson 1976), which keeps it even.
static EVEN: LazyLock<Vec<[f64; PATHS]>> = LazyLock::new(|| {
    let mut rng = Pcg64Mcg::seed_from_u64(0x5eed);
    (0..BLOCKS)
        .map(|_| {
            let mut row = std::array::from_fn(|j| (j as f64 + rng.random::<f64>()) / PATHS as f64);
            row.shuffle(&mut rng);
            row
        })
        .collect()
});

/// Demand of the next `periods` periods on `PATHS` paths, path by path: the law that [`simulate`] looks through, for checking it
/// against what came.
pub fn demand_paths(demand: &PoolDemand, periods: usize, seed: u64) -> Vec<Vec<f64>> {
    if periods == 0 {
        return vec![Vec::new(); PATHS];
    }
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x6a09_e667_f3bc_c909);
    daily_demand(demand, &demand.means(periods), &mut rng)
        .chunks_exact(periods)
        .map(<[f64]>::to_vec)
        .collect()
}

/// Stock of one coming period over the paths: mean, p10, p90.
pub type StockBand = [f64; 3];

/// Closing stock of the next `periods` periods with the known receipts and `quantity` ordered now.
pub fn project(
    demand: &PoolDemand,
    supply: &Supply,
    quantity: f64,
    periods: usize,
    seed: u64,
) -> Vec<StockBand> {
    if periods == 0 {
        return Vec::new();
    }
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x9e37_79b9_7f4a_7c15);
    let own = stratified(&mut rng);
    let arrivals: Vec<Vec<f64>> = supply
        .open_orders
        .iter()
        .map(|_| stratified(&mut rng))
        .collect();
    let mut closing = vec![Vec::with_capacity(PATHS); periods];
    let draws = daily_demand(demand, &demand.means(periods), &mut rng);
    for (j, path) in draws.chunks_exact(periods).enumerate() {
        let mut stock = supply.net_stock;
        let arrive = supply.lead_time.quantile(own[j]);
        for (t, (slot, d)) in closing.iter_mut().zip(path).enumerate() {
            stock = after_demand(stock, *d, demand.capture);
            let day = t as i32 + 1;
            for (order, draws) in supply.open_orders.iter().zip(&arrivals) {
                if order.arrival.quantile(draws[j]).max(1) == day {
                    stock += order.units;
                }
            }
            if arrive.max(1) == day {
                stock += quantity;
            }
            slot.push(stock);
        }
    }
    closing.into_iter().map(band).collect()
}

/// Mean, p10 and p90 of one figure of each path.
pub(super) fn band(mut paths: Vec<f64>) -> StockBand {
    paths.sort_by(f64::total_cmp);
    let mean = paths.iter().sum::<f64>() / PATHS as f64;
    [mean, paths[PATHS / 10], paths[PATHS - 1 - PATHS / 10]]
}

/// Net stock after a period's demand: what is on hand serves at once; of the rest the captured share waits (below zero), the other is lost.
pub(super) fn after_demand(stock: f64, demand: f64, capture: f64) -> f64 {
    let short = demand - stock.max(0.0);
    if short <= 0.0 {
        stock - demand
    } else {
        stock.min(0.0) - capture * short
    }
}

/// One number in each of `PATHS` equal slices of 0..1, shuffled.
pub(super) fn stratified(rng: &mut Pcg64Mcg) -> Vec<f64> {
    let mut u: Vec<f64> = (0..PATHS)
        .map(|j| (j as f64 + 0.5) / PATHS as f64)
        .collect();
    u.shuffle(rng);
    u
}

impl Covered {
    /// Expected share of the interval's demand that is served at once when `quantity` is ordered.
    pub fn fill(&self, quantity: f64) -> f64 {
        let total: f64 = self.demand.iter().sum();
        if total > 0.0 {
            1.0 - self.short(quantity) / total
        } else {
            1.0
        }
    }

    /// Share of paths without a stockout in the interval.
    pub fn cycle(&self, quantity: f64) -> f64 {
        let covered = self.gap.iter().filter(|g| **g <= quantity + 1e-9).count();
        covered as f64 / self.gap.len() as f64
    }

    /// [`Self::quantity`] in whole units, chosen inside the decision: of the two neighbours the one whose service is closer to the
    /// target, so that a slow mover is neither always over nor always under it.
    pub fn whole_quantity(&self, measure: ServiceMeasure, target: f64) -> f64 {
        let exact = self.quantity(measure, target);
        let (below, above) = ((exact + 1e-6).floor(), (exact - 1e-6).ceil());
        let miss = |quantity| {
            let reached = if measure == ServiceMeasure::Fill {
                self.fill(quantity)
            } else {
                self.cycle(quantity)
            };
            (reached - target).abs()
        };
        if miss(below) < miss(above) {
            below
        } else {
            above
        }
    }

    /// Expected units of an order of `quantity` that are owed or sold before the next order arrives: E[min(quantity, gap⁺)].
    pub fn used(&self, quantity: f64) -> f64 {
        let used: f64 = self.gap.iter().map(|g| g.max(0.0).min(quantity)).sum();
        used / self.gap.len().max(1) as f64
    }

    /// Sum over the paths of units short.
    fn short(&self, quantity: f64) -> f64 {
        self.gap
            .iter()
            .zip(&self.demand)
            .map(|(g, d)| (g - quantity).clamp(0.0, *d))
            .sum()
    }

    /// The least quantity that reaches the target: share of units served for `Fill`, probability of a cycle without stockout for
    /// `Cycle` and (the critical ratio) for `Cost`. Negative when there is more than enough: how much could be missing.
    pub fn quantity(&self, measure: ServiceMeasure, target: f64) -> f64 {
        let mut gaps = self.gap.clone();
        gaps.sort_by(f64::total_cmp);
        let (Some(&least), Some(&most)) = (gaps.first(), gaps.last()) else {
            return 0.0;
        };
        match measure {
            ServiceMeasure::Cycle | ServiceMeasure::Cost => {
                let rank = (target * gaps.len() as f64 - 1e-9).ceil().max(1.0) as usize;
                gaps[rank.min(gaps.len()) - 1]
            }
            ServiceMeasure::Fill => {
                let asked = self.demand.iter().sum::<f64>();
                if asked <= 0.0 {
                    // Nobody is expected: nothing is short, and nothing is spare but what is there.
                    return least;
                }
                let allowed = (1.0 - target) * asked;
                let (mut low, mut high) = (least - 1.0, most);
                if self.short(low) <= allowed {
                    return low;
                }
                for _ in 0..60 {
                    let middle = 0.5 * (low + high);
                    if self.short(middle) <= allowed {
                        high = middle;
                    } else {
                        low = middle;
                    }
                    if high - low < 1e-6 * (1.0 + high.abs()) {
                        break;
                    }
                }
                high
            }
        }
    }
}
