//! How likely a cycle should be served when a unit that it leaves over cannot be taken back at once.
//!
//! A newsvendor pays for a unit left over once, for one review period: P(no stockout) = r = cᵤ ÷ (cᵤ + cₒ). With a lead time the next orders
//! are placed before the cycle ends, and the first that can leave the unit out arrives K = ⌈L ÷ R⌉ + 1 cycles later. Until then the unit waits
//! for another cycle that would have run out. At the best level one more unit changes nothing, all later orders kept as they are (the envelope
//! theorem; the marginal analysis of lost sales in Zipkin, 2008, and Huh & Janakiraman, 2010):
//!
//! r · P(sold within K cycles) = (1 − r) · E[cycles until then, at most K].
//!
//! Were stockouts independent from cycle to cycle, this would be r again. But what one cycle leaves over stands before the next, whose order is
//! placed already, and an unknown level makes stockouts come together: the best service is lower.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::look_through::{BLOCKS, PATHS, PoolDemand, daily_demand};

/// Halvings of the interval that the service is looked for in.
const HALVINGS: usize = 14;
/// Services looked at.
const WITHIN: (f64, f64) = (0.01, 0.999);

/// The probability of a cycle without stockout that balances the costs of a critical ratio `ratio` (0..1). `lead` and `review` are in periods.
pub(super) fn cycle_service(
    demand: &PoolDemand,
    lead: usize,
    review: usize,
    ratio: f64,
    seed: u64,
) -> f64 {
    let review = review.max(1);
    let cycles = (lead.div_ceil(review) + 1).min(BLOCKS);
    let periods = demand.means(lead + cycles * review);
    let means: Vec<f64> = periods[lead..]
        .chunks_exact(review)
        .map(|cycle| cycle.iter().sum())
        .collect();
    if cycles == 1 || means.iter().sum::<f64>() <= 0.0 {
        return ratio;
    }
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0xbb67_ae85_84ca_a73b);
    let paths = daily_demand(demand, &means, &mut rng);
    let mut work = Work::default();
    // (service reached, gain of one more unit) at a service asked for; whole units reach more than was asked.
    let mut at = |target| {
        let unit = work.one_more_unit(&paths, cycles, target);
        (
            unit.service,
            ratio * unit.sold - (1.0 - ratio) * unit.carried,
        )
    };
    let (mut low, mut high) = WITHIN;
    let (mut below, mut above) = (at(low), at(high));
    if below.1 <= 0.0 || above.1 >= 0.0 {
        return ratio;
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        let found = at(middle);
        if found.1 > 0.0 {
            (low, below) = (middle, found);
        } else {
            (high, above) = (middle, found);
        }
    }
    let balanced = below.0 + (above.0 - below.0) * below.1 / (below.1 - above.1);
    // Of slow sellers the next whole unit reaches far more than was asked, up to every path: no quantile to order by.
    balanced.min(ratio)
}

/// One more unit in the first cycle.
struct Unit {
    /// Share of paths on which the first cycle does not run out without it.
    service: f64,
    /// Share of paths on which it sells.
    sold: f64,
    /// Cycles that it waits, on average.
    carried: f64,
}

#[derive(Default)]
struct Work {
    stock: Vec<f64>,
    gaps: Vec<f64>,
    waiting: Vec<bool>,
}

impl Work {
    /// Orders every cycle up to the service `target` of what its paths lack, and looks at one more unit in the first.
    fn one_more_unit(&mut self, paths: &[f64], cycles: usize, target: f64) -> Unit {
        self.stock.clear();
        self.stock.resize(PATHS, 0.0);
        self.waiting.clear();
        self.waiting.resize(PATHS, true);
        let (mut sold, mut carried, mut served) = (0, 0, 0);
        for cycle in 0..cycles {
            let asked = || paths.iter().skip(cycle).step_by(cycles);
            self.gaps.clear();
            self.gaps
                .extend(asked().zip(&self.stock).map(|(d, stock)| d - stock));
            let rank = ((target * PATHS as f64).ceil() as usize).clamp(1, PATHS) - 1;
            let mut order = self.gaps.clone();
            let ordered = order
                .select_nth_unstable_by(rank, f64::total_cmp)
                .1
                .max(0.0);
            let each = self.stock.iter_mut().zip(&self.gaps).zip(&mut self.waiting);
            for ((stock, gap), waiting) in each {
                *stock = (ordered - gap).max(0.0);
                if *waiting {
                    if *gap > ordered {
                        *waiting = false;
                        sold += 1;
                    } else {
                        carried += 1;
                        served += i32::from(cycle == 0);
                    }
                }
            }
        }
        let share = |n: i32| f64::from(n) / PATHS as f64;
        Unit {
            service: share(served),
            sold: share(sold),
            carried: share(carried),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(level_variance: f64) -> PoolDemand {
        PoolDemand {
            mean: vec![20.0; 10],
            dispersion: 2.0,
            level_variance,
            capture: 0.0,
            whole_units: true,
        }
    }

    #[test]
    fn with_a_known_level_the_service_is_a_little_below_the_critical_ratio() {
        for ratio in [0.7, 0.8333, 0.9] {
            let service = cycle_service(&demand(0.0), 2, 1, ratio, 7);
            assert!(
                service < ratio && service > ratio - 0.07,
                "{ratio}: {service}"
            );
        }
    }

    #[test]
    fn without_a_lead_time_a_leftover_is_taken_back_by_the_next_order() {
        assert_eq!(cycle_service(&demand(0.3), 0, 7, 0.9, 7), 0.9);
    }

    #[test]
    fn the_less_is_known_of_the_level_the_lower_is_the_best_service() {
        let mut before = 1.0;
        for variance in [0.0, 0.05, 0.2, 0.8] {
            let service = cycle_service(&demand(variance), 2, 1, 0.8333, 7);
            assert!(service < before, "{variance}: {service}");
            before = service;
        }
        assert!(before > 0.5, "{before}");
    }

    #[test]
    fn whole_units_of_a_slow_seller_never_ask_for_more_than_the_critical_ratio() {
        for mean in [0.001, 0.01, 0.1, 0.4] {
            for ratio in [0.6, 0.9, 0.98, 0.999] {
                let slow = PoolDemand {
                    mean: vec![mean; 60],
                    ..demand(0.5)
                };
                let service = cycle_service(&slow, 9, 7, ratio, 7);
                assert!(service <= ratio, "{mean} {ratio}: {service}");
            }
        }
    }

    #[test]
    fn a_higher_critical_ratio_never_asks_for_less() {
        let mut before = 0.0;
        for ratio in [0.5, 0.7, 0.8, 0.9, 0.97] {
            let service = cycle_service(&demand(0.1), 3, 1, ratio, 3);
            assert!(service > before);
            before = service;
        }
    }

    /// With a lead time of one review period the next order is placed already: its cycle, too, would have to run out.
    #[test]
    fn a_unit_that_cannot_be_taken_back_by_the_next_order_counts_for_two_cycles() {
        let service = cycle_service(&demand(0.0), 1, 1, 0.8333, 7);
        assert!(service < 0.8233, "{service}");
        let longer = cycle_service(&demand(0.0), 2, 1, 0.8333, 7);
        assert!(longer <= service, "{longer} {service}");
    }
}
