//! How much to order now, looking through what happens before the order arrives.
//!
//! Demand that meets an empty shelf while the order is under way is lost (or waits, where backorders are accepted) and does not come back, so
//! the position alone overstates the need. Stock is projected forward on many paths of daily demand through the known
//! receipts to the arrival of THIS order, truncated at zero; the quantity is then chosen for the interval which it covers: from its
//! arrival to that of the next order. Paths depend on the pool and its lead times and on nothing else: the same demand meets every quantity,
//! receipt and target, so that more supply or a lower target can never call for more.

mod clock;
mod covered;
mod interval;
mod law;
mod levels;
mod points;
mod split;
#[cfg(test)]
mod tests;
mod timeline;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

use self::clock::{Clock, FREE_COORDINATE};
pub use self::covered::Covered;
use self::interval::Interval;
use self::law::PeriodLaw;
use self::levels::STRATA;
pub(super) use self::levels::stratum_levels;
use self::points::{POINTS, Points, apart};
use self::timeline::Timeline;
use crate::forecast::LeadTime;

/// Days by days: paths of a chart, of the cost measure and of the check against the past.
pub const PATHS: usize = 320;
/// Paths that share a level.
const PATHS_OF_LEVEL: usize = PATHS / STRATA;
/// Points of a decision that share a level.
const OF_LEVEL: usize = POINTS / STRATA;
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

/// The interval that an order placed now covers.
///
/// Points are drawn up to its receipt; what the interval after it asks for is known as a law for each point (conditional expectation).
pub fn simulate(demand: &PoolDemand, supply: &Supply, seed: u64) -> Covered {
    let points = Points::new(seed);
    let levels = stratum_levels(demand.level_variance);
    let level = |j: usize| levels[j / OF_LEVEL];
    let clock = Clock::new(supply);
    let before = clock.before(demand);
    let (arrive, until) = clock.receipts(supply, &points);
    let last = arrive.iter().copied().max().unwrap_or(0);
    // What comes by the end of each period before this order, by point.
    let mut receipts: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    let mut in_time = vec![0.0; POINTS];
    for order in &supply.open_orders {
        let chances = match order.arrival.points.len() {
            1 => vec![0.5; POINTS],
            _ => apart(order.key),
        };
        for (j, chance) in chances.into_iter().enumerate() {
            let at = clock.at(order.arrival.quantile(chance).max(1));
            if at < arrive[j] {
                receipts.entry(at).or_insert_with(|| vec![0.0; POINTS])[j] += order.units;
            } else if at == arrive[j] || at < until[j] {
                // What arrives in the interval's last period comes too late for it.
                in_time[j] += order.units;
            }
        }
    }
    let arrivals: BTreeSet<usize> = arrive.iter().copied().filter(|&t| t > 0).collect();
    let arrivals: Vec<usize> = arrivals.into_iter().collect();
    let shown: Vec<usize> = receipts.keys().copied().filter(|&t| t < last).collect();
    let timeline = Timeline {
        demand,
        levels: &levels,
        points: &points,
        before: &before,
    };
    let stretches = timeline.stretches(&arrivals, &shown, FREE_COORDINATE);
    let received: Vec<Option<&Vec<f64>>> = stretches.iter().map(|s| receipts.get(&s.end)).collect();
    let mut lost_before = 0.0;
    let mut stocks = in_time;
    for (j, slot) in stocks.iter_mut().enumerate() {
        let mut stock = supply.net_stock;
        let known = stretches.iter().zip(&received);
        for (stretch, received) in known.take_while(|(s, _)| s.end <= arrive[j]) {
            let asked = stretch.units[j];
            lost_before += (1.0 - demand.capture) * (asked - stock.max(0.0)).max(0.0);
            stock = after_demand(stock, asked, demand.capture);
            stock += received.map_or(0.0, |units| units[j]);
        }
        *slot += stock;
    }
    let means: Vec<f64> = (0..POINTS)
        .map(|j| (before[until[j]] - before[arrive[j]]) * level(j))
        .collect();
    let (interval, places) = Interval::new(&means, demand.dispersion, demand.whole_units);
    Covered::new(stocks, interval, places, lost_before / POINTS as f64)
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
            let units = law.units(&chances);
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
