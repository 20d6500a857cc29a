//! How much to order now, looking through what happens before the order arrives.
//!
//! Demand that meets an empty shelf while the order is under way is lost (or waits, where backorders are accepted) and does not come back, so
//! the position alone overstates the need. Stock is projected forward on many paths of daily demand through the known
//! receipts to the arrival of THIS order, truncated at zero; the quantity is then chosen for the interval which it covers: from its
//! arrival to that of the next order. Paths depend on the pool and on nothing else: the same demand meets every quantity, receipt and
//! target, so that more supply or a lower target can never call for more.

use std::sync::LazyLock;

use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_distr::{Distribution, Gamma, Poisson};
use rand_pcg::Pcg64Mcg;

use crate::domain::ServiceMeasure;
use crate::forecast::LeadTime;

/// Paths simulated for each pool.
pub const PATHS: usize = 320;
/// Paths that share a level.
const PATHS_OF_LEVEL: usize = 20;
/// Long horizons are simulated in blocks of periods, at most so many.
const BLOCKS: usize = 40;

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
    /// Periods until the next order is placed, ≥ 1.
    pub review: usize,
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
    let longest = supply.lead_time.points.last().map_or(0, |p| p.0.max(0)) as usize;
    let periods = longest + supply.review;
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
        let arrive = to_block(supply.lead_time.quantile(own[j]).max(0) as usize).min(blocks);
        let until = to_block(supply.lead_time.quantile(next[j]).max(0) as usize + supply.review)
            .min(blocks)
            .max(arrive);
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
fn daily_demand(demand: &PoolDemand, means: &[f64], rng: &mut Pcg64Mcg) -> Vec<f64> {
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
            let slots = stratum.iter_mut().skip(t).step_by(means.len());
            for (slot, even) in slots.zip(row) {
                let chance = even + shifts[t];
                *slot = law.at(chance - f64::from(u8::from(chance >= 1.0)), rng);
            }
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

/// Demand of one period at one level, from which chances are turned into units.
enum PeriodLaw<'a> {
    Nothing,
    Table(Table<'a>),
    Poisson(Poisson<f64>),
    Gamma { law: Gamma<f64>, whole: bool },
}

impl<'a> PeriodLaw<'a> {
    /// The law of a period with this mean; its table is written to `cells`.
    fn new(mean: f64, dispersion: f64, whole: bool, cells: &'a mut Vec<f64>) -> Self {
        // Written so that a mean that is no number is no demand either.
        if !(mean > 0.0 && mean < f64::INFINITY) {
            return Self::Nothing;
        }
        let dispersion = if whole && dispersion <= 1.000_1 {
            1.0
        } else {
            dispersion
        };
        if whole && Table::holds(mean, dispersion) {
            return Self::Table(Table::new(mean, dispersion, cells));
        }
        let scale = match (whole, dispersion > 1.0) {
            (false, _) => dispersion.max(1e-6),
            (true, true) => dispersion - 1.0,
            (true, false) => return Poisson::new(mean).map_or(Self::Nothing, Self::Poisson),
        };
        Gamma::new(mean / scale, scale).map_or(Self::Nothing, |law| Self::Gamma { law, whole })
    }

    /// Units at this chance, 0..1; where there is no table, a fresh draw.
    fn at(&mut self, chance: f64, rng: &mut Pcg64Mcg) -> f64 {
        match self {
            Self::Nothing => 0.0,
            Self::Table(table) => table.at(chance),
            Self::Poisson(law) => law.sample(rng),
            Self::Gamma { law, whole: false } => law.sample(rng),
            Self::Gamma { law, whole: true } => {
                Poisson::new(law.sample(rng)).map_or(0.0, |p| p.sample(rng))
            }
        }
    }
}

/// Longest table of a period's law; a law that needs more is drawn without one.
const LONGEST: usize = 256;

/// P(D ≤ n) for n = 0, 1, … of a negative binomial (Poisson at a dispersion of 1), as far as the chances have asked, by the recursion
/// p(n+1) = p(n)·(r+n)·q ÷ (n+1) with r = mean ÷ (dispersion − 1), q = 1 − 1 ÷ dispersion.
struct Table<'a> {
    cells: &'a mut Vec<f64>,
    /// Probability of the last cell's count, and of that and all below.
    p: f64,
    sum: f64,
    /// r·q = mean ÷ dispersion, without the division by zero that r has for Poisson.
    start: f64,
    q: f64,
}

impl<'a> Table<'a> {
    /// Standard deviations above the mean that must fit.
    const REACH: f64 = 8.0;
    /// 1 ÷ n: the recursion would otherwise wait for a division at every step.
    const RECIPROCALS: [f64; LONGEST + 1] = {
        let mut all = [0.0; LONGEST + 1];
        let mut n = 1;
        while n <= LONGEST {
            all[n] = 1.0 / n as f64;
            n += 1;
        }
        all
    };

    /// Whether the law fits; its mean is then below [`LONGEST`], and P(D = 0) ≥ e^−mean far from the smallest number.
    fn holds(mean: f64, dispersion: f64) -> bool {
        let reach = mean + Self::REACH * (dispersion * mean).sqrt() + Self::REACH * dispersion;
        reach < LONGEST as f64
    }

    fn new(mean: f64, dispersion: f64, cells: &'a mut Vec<f64>) -> Self {
        let none = if dispersion > 1.0 {
            (-mean / (dispersion - 1.0) * dispersion.ln()).exp()
        } else {
            (-mean).exp()
        };
        cells.clear();
        cells.push(none);
        Self {
            cells,
            p: none,
            sum: none,
            start: mean / dispersion,
            q: 1.0 - 1.0 / dispersion,
        }
    }

    /// The least n with P(D ≤ n) ≥ chance.
    fn at(&mut self, chance: f64) -> f64 {
        while self.sum < chance && self.cells.len() < LONGEST {
            let n = self.cells.len();
            self.p *= (self.start + (n - 1) as f64 * self.q) * Self::RECIPROCALS[n];
            self.sum += self.p;
            self.cells.push(self.sum);
        }
        /// Up to here it is quicker to step than to halve.
        const STEPS: usize = 8;
        let near = self.cells.len().min(STEPS);
        let n = match self.cells[..near].iter().position(|p| *p >= chance) {
            Some(n) => n,
            None => near + self.cells[near..].partition_point(|p| *p < chance),
        };
        n.min(self.cells.len() - 1) as f64
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

/// Gamma level factors of mean 1, one for each stratum of equal chance (cube-root normal: Wilson & Hilferty 1931).
fn stratum_levels(variance: f64) -> [f64; PATHS / PATHS_OF_LEVEL] {
    const STRATA: usize = PATHS / PATHS_OF_LEVEL;
    let mut levels = [1.0; STRATA];
    if variance < 1e-9 {
        return levels;
    }
    let spread = variance / 9.0;
    for (k, level) in levels.iter_mut().enumerate() {
        let z = crate::demand::law::normal::quantile((k as f64 + 0.5) / STRATA as f64);
        *level = (1.0 - spread + z * spread.sqrt()).max(0.0).powi(3);
    }
    let mean = levels.iter().sum::<f64>() / STRATA as f64;
    if mean > 0.0 {
        levels.iter_mut().for_each(|l| *l /= mean);
    }
    levels
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
                let allowed = (1.0 - target) * self.demand.iter().sum::<f64>();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::law::Counts;

    fn pool(mean: f64) -> PoolDemand {
        PoolDemand {
            mean: vec![mean; 40],
            dispersion: 1.5,
            level_variance: 0.05,
            capture: 0.0,
            whole_units: true,
        }
    }

    fn supply(net_stock: f64, open: &[(f64, i32)]) -> Supply {
        Supply {
            net_stock,
            open_orders: open
                .iter()
                .enumerate()
                .map(|(k, &(units, days))| OpenOrder {
                    units,
                    arrival: LeadTime::fixed(days),
                    key: k as u64,
                })
                .collect(),
            lead_time: LeadTime::fixed(10),
            review: 7,
        }
    }

    #[test]
    fn what_is_lost_while_waiting_is_not_ordered_again() {
        let empty = simulate(&pool(5.0), &supply(0.0, &[]), 1).quantity(ServiceMeasure::Fill, 0.95);
        // Seven days of five and some safety, not seventeen days.
        assert!((33.0..60.0).contains(&empty), "{empty}");
        let accepting = PoolDemand {
            capture: 1.0,
            ..pool(5.0)
        };
        let waits = simulate(&accepting, &supply(0.0, &[]), 1).quantity(ServiceMeasure::Fill, 0.95);
        assert!(waits > empty + 40.0, "{waits}");
    }

    #[test]
    fn a_confirmed_order_never_raises_the_need_and_a_receipt_past_the_need_never_lowers_it() {
        for seed in 0..5 {
            let need = |open: &[(f64, i32)]| {
                simulate(&pool(3.0), &supply(12.0, open), seed).quantity(ServiceMeasure::Fill, 0.95)
            };
            let without = need(&[]);
            // 17 days are protected: a receipt on the 30th is past the need, and as good as none.
            let past = need(&[(20.0, 30)]);
            assert!((past - without).abs() < 1e-6);
            for day in [1, 4, 8, 10, 13] {
                let with = need(&[(20.0, day)]);
                assert!(with <= past + 1e-6, "day {day}: {with} {past}");
            }
        }
    }

    #[test]
    fn a_higher_target_never_needs_less() {
        let covered = simulate(&pool(2.0), &supply(5.0, &[]), 3);
        for measure in [ServiceMeasure::Fill, ServiceMeasure::Cycle] {
            let mut before = f64::NEG_INFINITY;
            for target in [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999] {
                let q = covered.quantity(measure, target);
                assert!(q >= before);
                before = q;
            }
        }
    }

    #[test]
    fn the_paths_have_the_mean_and_the_variance_of_the_law() {
        for (mean, dispersion, whole) in [
            (0.05, 1.0, true),
            (0.4, 1.8, true),
            (6.0, 3.0, true),
            (30.0, 40.0, true),
            (400.0, 9.0, true),
            (2.5, 0.7, false),
        ] {
            let demand = PoolDemand {
                mean: vec![mean; 30],
                dispersion,
                level_variance: 0.0,
                capture: 0.0,
                whole_units: whole,
            };
            let mut rng = Pcg64Mcg::seed_from_u64(5);
            let draws = daily_demand(&demand, &demand.mean, &mut rng);
            let n = draws.len() as f64;
            let found = draws.iter().sum::<f64>() / n;
            let variance = draws.iter().map(|d| (d - found).powi(2)).sum::<f64>() / n;
            // Five standard errors of 9,600 independent draws; the variance's from the fourth moment of a negative binomial.
            let error = (dispersion * mean / n).sqrt();
            assert!((found - mean).abs() < 5.0 * error, "{mean}: {found}");
            let expected = dispersion * mean;
            let kurtosis = 3.0 + 6.0 * dispersion / mean + 1.0 / expected;
            let error = expected * ((kurtosis - 1.0) / n).sqrt();
            assert!(
                (variance - expected).abs() < 5.0 * error,
                "{mean}: {variance} {expected}"
            );
        }
    }

    #[test]
    fn a_higher_chance_or_a_higher_mean_never_draws_less() {
        let (mut low, mut high) = (Vec::new(), Vec::new());
        for (mean, dispersion) in [(0.2, 1.0), (1.5, 1.3), (8.0, 4.0)] {
            let mut lower = Table::new(mean, dispersion, &mut low);
            let mut higher = Table::new(mean * 1.1, dispersion, &mut high);
            let mut before = 0.0;
            for k in 0..1000 {
                let chance = f64::from(k) / 1000.0;
                let units = lower.at(chance);
                assert!(units >= before && higher.at(chance) >= units);
                before = units;
            }
        }
    }

    #[test]
    fn a_table_is_the_negative_binomial() {
        let mut cells = Vec::new();
        for (mean, dispersion) in [(0.3, 1.4), (5.0, 2.5), (20.0, 6.0)] {
            assert!(Table::holds(mean, dispersion));
            Table::new(mean, dispersion, &mut cells).at(0.999_999);
            let law = Counts::negative_binomial(mean, mean / (dispersion - 1.0));
            for (n, p) in cells.iter().enumerate() {
                assert!((p - law.cdf(n as f64)).abs() < 1e-12, "{mean} {n}");
            }
        }
    }

    #[test]
    fn the_quantity_reaches_its_target() {
        let covered = simulate(&pool(4.0), &supply(20.0, &[(10.0, 6)]), 9);
        let q = covered.quantity(ServiceMeasure::Fill, 0.97);
        assert!(covered.fill(q) >= 0.97 - 1e-6 && covered.fill(q - 1.0) < 0.97);
        let q = covered.quantity(ServiceMeasure::Cycle, 0.9);
        assert!(covered.cycle(q) >= 0.9 && covered.cycle(q - 1.0) < 0.95);
    }
}
