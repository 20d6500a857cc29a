//! How much to order now, looking through what happens before the order arrives.
//!
//! Demand that meets an empty shelf while the order is under way is lost (or waits, where backorders are accepted) and does not come back, so
//! the position alone overstates the need. Stock is projected forward on many paths of daily demand through the known
//! receipts to the arrival of THIS order, truncated at zero; the quantity is then chosen for the interval which it covers: from its
//! arrival to that of the next order. Paths depend on the pool and on nothing else: the same demand meets every quantity, receipt and
//! target, so that more supply or a lower target can never call for more.

use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_distr::{Distribution, Exp, Open01, Poisson, StandardNormal};
use rand_pcg::Pcg64Mcg;

use crate::domain::ServiceMeasure;
use crate::forecast::LeadTime;

/// Paths simulated for each pool.
pub const PATHS: usize = 320;
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
    let last = demand.mean.last().copied().unwrap_or(0.0);
    let means: Vec<f64> = (0..blocks)
        .map(|b| {
            (b * block..(b + 1) * block)
                .map(|t| demand.mean.get(t).copied().unwrap_or(last))
                .sum()
        })
        .collect();

    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let levels = stratified_levels(demand.level_variance, &mut rng);
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
    let mut receipts = vec![0.0; blocks + 1];
    let mut draws = Vec::with_capacity(blocks);
    for j in 0..PATHS {
        draws.clear();
        draws.extend(path_draws(&means, levels[j], demand));
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
        let mut covered_demand = 0.0;
        for t in 0..until {
            // Every path draws every block up to its end, whatever the supply.
            let d = draws[t].sample(demand.whole_units, &mut rng);
            if t < arrive {
                covered.lost_before +=
                    (1.0 - demand.capture) * (d - stock.max(0.0)).max(0.0) / PATHS as f64;
                stock = after_demand(stock, d, demand.capture);
                stock += receipts[t];
            } else {
                covered_demand += d;
                if t + 1 < until {
                    stock += receipts[t];
                }
            }
        }
        // The rest of the horizon is drawn too, so that the next path's stream does not depend on lead times.
        for draw in &draws[until..] {
            draw.sample(demand.whole_units, &mut rng);
        }
        covered.gap.push(covered_demand - stock);
        covered.demand.push(covered_demand);
    }
    covered
}

/// Demand of the next `periods` periods on `PATHS` paths, path by path: the law that [`simulate`] looks through, for checking it
/// against what came.
pub fn demand_paths(demand: &PoolDemand, periods: usize, seed: u64) -> Vec<Vec<f64>> {
    let last = demand.mean.last().copied().unwrap_or(0.0);
    let means: Vec<f64> = (0..periods)
        .map(|t| demand.mean.get(t).copied().unwrap_or(last))
        .collect();
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x6a09_e667_f3bc_c909);
    let levels = stratified_levels(demand.level_variance, &mut rng);
    levels
        .iter()
        .map(|&level| {
            path_draws(&means, level, demand)
                .map(|draw| draw.sample(demand.whole_units, &mut rng))
                .collect()
        })
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
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x9e37_79b9_7f4a_7c15);
    let levels = stratified_levels(demand.level_variance, &mut rng);
    let own = stratified(&mut rng);
    let arrivals: Vec<Vec<f64>> = supply
        .open_orders
        .iter()
        .map(|_| stratified(&mut rng))
        .collect();
    let last = demand.mean.last().copied().unwrap_or(0.0);
    let mut closing = vec![Vec::with_capacity(PATHS); periods];
    for j in 0..PATHS {
        let mut stock = supply.net_stock;
        let arrive = supply.lead_time.quantile(own[j]);
        for (t, slot) in closing.iter_mut().enumerate() {
            let mean = demand.mean.get(t).copied().unwrap_or(last);
            let d = Draw::new(mean * levels[j], demand.dispersion, demand.whole_units)
                .sample(demand.whole_units, &mut rng);
            stock = after_demand(stock, d, demand.capture);
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
    closing
        .into_iter()
        .map(|mut paths| {
            paths.sort_by(f64::total_cmp);
            let mean = paths.iter().sum::<f64>() / PATHS as f64;
            [mean, paths[PATHS / 10], paths[PATHS - 1 - PATHS / 10]]
        })
        .collect()
}

/// Net stock after a period's demand: what is on hand serves at once; of the rest the captured share waits (below zero), the other is lost.
fn after_demand(stock: f64, demand: f64, capture: f64) -> f64 {
    let short = demand - stock.max(0.0);
    if short <= 0.0 {
        stock - demand
    } else {
        stock.min(0.0) - capture * short
    }
}

/// Demand of one period on one path, ready to be drawn. Its constants take divisions and a root, which a path's periods work out
/// side by side before the first random number.
#[derive(Clone, Copy, Debug)]
enum Draw {
    Nothing,
    /// A Poisson count of this rate.
    Count(f64),
    /// A gamma quantity, or a Poisson count of a gamma rate.
    Gamma(GammaDraw),
}

/// A gamma law as `rand_distr` draws it, number for number (Marsaglia & Tsang 2000), with its constants at hand.
#[derive(Clone, Copy, Debug)]
struct GammaDraw {
    shape: f64,
    scale: f64,
    /// 1 ÷ shape where the shape is below 1, and the law of shape + 1 is drawn and shrunk.
    inverse: f64,
    c: f64,
    d: f64,
}

impl GammaDraw {
    fn new(shape: f64, scale: f64) -> Self {
        let small = shape < 1.0;
        let d = if small { shape + 1.0 } else { shape } - 1.0 / 3.0;
        Self {
            shape,
            scale,
            inverse: if small { 1.0 / shape } else { 0.0 },
            c: 1.0 / (9.0 * d).sqrt(),
            d,
        }
    }

    fn sample(&self, rng: &mut Pcg64Mcg) -> f64 {
        if self.shape < 1.0 {
            let u: f64 = Open01.sample(rng);
            let a = self.unscaled(rng);
            (a * u.powf(self.inverse) * self.d) * self.scale
        } else if self.shape == 1.0 {
            Exp::new(1.0 / self.scale).map_or(self.scale, |e| e.sample(rng))
        } else {
            self.unscaled(rng) * (self.d * self.scale)
        }
    }

    fn unscaled(&self, rng: &mut Pcg64Mcg) -> f64 {
        loop {
            let x: f64 = StandardNormal.sample(rng);
            let root = 1.0 + self.c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let u: f64 = Open01.sample(rng);
            let square = x * x;
            if u < 1.0 - 0.0331 * square * square
                || u.ln() < 0.5 * square + self.d * (1.0 - v + v.ln())
            {
                return v;
            }
        }
    }
}

impl Draw {
    /// The law of a period with this mean.
    fn new(mean: f64, dispersion: f64, whole: bool) -> Self {
        // Written so that a mean that is no number is no demand either.
        if !(mean > 0.0 && mean < f64::INFINITY) {
            return Self::Nothing;
        }
        let scale = if !whole {
            dispersion.max(1e-6)
        } else if dispersion > 1.000_1 {
            dispersion - 1.0
        } else {
            return Self::Count(mean);
        };
        Self::Gamma(GammaDraw::new(mean / scale, scale))
    }

    fn sample(&self, whole: bool, rng: &mut Pcg64Mcg) -> f64 {
        match self {
            Self::Nothing => 0.0,
            Self::Count(rate) => poisson(*rate, rng),
            Self::Gamma(law) if whole => poisson(law.sample(rng), rng),
            Self::Gamma(law) => law.sample(rng),
        }
    }
}

/// The draws of a path's periods.
fn path_draws<'a>(
    means: &'a [f64],
    level: f64,
    demand: &'a PoolDemand,
) -> impl Iterator<Item = Draw> + 'a {
    means
        .iter()
        .map(move |mean| Draw::new(mean * level, demand.dispersion, demand.whole_units))
}

/// A Poisson count. Below a rate of 12 it is Knuth's product of uniform numbers, as in `rand_distr`, number for number; but e^−rate is
/// taken from its bracketing series where that decides, which for slow movers is nearly always.
fn poisson(rate: f64, rng: &mut Pcg64Mcg) -> f64 {
    /// Beyond it the bracket is too wide to be worth its while.
    const BRACKETED: f64 = 1.5;
    /// Far above the rounding of the series and of `exp`.
    const ROUNDING: f64 = 1e-12;
    if rate <= 0.0 || rate.is_nan() {
        return 0.0;
    }
    if rate >= 12.0 {
        return Poisson::new(rate).map_or(0.0, |p| p.sample(rng));
    }
    let mut p = rng.random::<f64>();
    let mut count = 0.0;
    if rate < BRACKETED {
        let square = rate * rate;
        let low = 1.0 - rate + square * (0.5 - rate / 6.0);
        let high = low + square * square / 24.0 + ROUNDING;
        while p > high {
            p *= rng.random::<f64>();
            count += 1.0;
        }
        if p < low - ROUNDING {
            return count;
        }
    }
    let none = (-rate).exp();
    while p > none {
        p *= rng.random::<f64>();
        count += 1.0;
    }
    count
}

/// One number in each of `PATHS` equal slices of 0..1, shuffled.
fn stratified(rng: &mut Pcg64Mcg) -> Vec<f64> {
    let mut u: Vec<f64> = (0..PATHS)
        .map(|j| (j as f64 + 0.5) / PATHS as f64)
        .collect();
    u.shuffle(rng);
    u
}

/// Gamma level factors of mean 1, one in each slice of probability (cube-root normal, Wilson & Hilferty 1931).
fn stratified_levels(variance: f64, rng: &mut Pcg64Mcg) -> Vec<f64> {
    let mut levels = stratified(rng);
    if variance < 1e-9 {
        levels.fill(1.0);
        return levels;
    }
    let spread = variance / 9.0;
    for u in &mut levels {
        let z = crate::demand::law::normal::quantile(*u);
        *u = (1.0 - spread + z * spread.sqrt()).max(0.0).powi(3);
    }
    let mean = levels.iter().sum::<f64>() / PATHS as f64;
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
    fn gamma_quantities_are_drawn_as_rand_distr_draws_them() {
        let mut ours = Pcg64Mcg::seed_from_u64(11);
        let mut theirs = ours.clone();
        for k in 0..200_000 {
            let shape = match k % 100 {
                0 => 1.0,
                _ => 9.0 * (f64::from(k) * 0.618_034).fract().powi(4) + 1e-6,
            };
            let scale = 0.01 + f64::from(k % 7);
            let expected = rand_distr::Gamma::new(shape, scale)
                .unwrap()
                .sample(&mut theirs);
            let got = GammaDraw::new(shape, scale).sample(&mut ours);
            assert_eq!(got.to_bits(), expected.to_bits(), "{shape} {scale}");
        }
        assert_eq!(ours, theirs);
    }

    #[test]
    fn counts_are_drawn_as_rand_distr_draws_them() {
        let mut ours = Pcg64Mcg::seed_from_u64(7);
        let mut theirs = ours.clone();
        for k in 1..200_000 {
            let rate = 13.0 * (f64::from(k) * 0.618_034).fract().powi(3) + 1e-9;
            let expected = Poisson::new(rate).unwrap().sample(&mut theirs);
            assert_eq!(poisson(rate, &mut ours), expected, "{rate}");
        }
        assert_eq!(ours, theirs);
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
