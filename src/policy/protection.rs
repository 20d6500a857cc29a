//! The reorder point: the level that the position must reach so that the protection interval is covered.

use crate::domain::ServiceMeasure;
use crate::forecast::distribution::Demand;

/// Demand up to the arrival of this order and up to that of the next, for one possible lead time.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Probability of this lead time.
    pub weight: f64,
    /// Demand over the lead time.
    pub lead: Demand,
    /// Demand over lead time + review period.
    pub whole: Demand,
}

/// Demand over the protection interval with its lead times mixed.
#[derive(Clone, Debug)]
pub struct Protection {
    pub intervals: Vec<Interval>,
}

impl Protection {
    /// Expected demand over the protection interval.
    pub fn mean(&self) -> f64 {
        self.intervals
            .iter()
            .map(|i| i.weight * i.whole.mean())
            .sum()
    }

    /// Its variance, that of the lead time included.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.intervals
            .iter()
            .map(|i| i.weight * (i.whole.variance() + (i.whole.mean() - mean).powi(2)))
            .sum()
    }

    /// Whether demand is counted in whole units.
    fn whole_units(&self) -> bool {
        self.intervals.iter().all(|i| i.whole.whole_units())
    }

    /// Probability that the level lasts to the next order's arrival.
    pub fn cycle(&self, level: f64) -> f64 {
        self.intervals
            .iter()
            .map(|i| i.weight * i.whole.tails(level).cdf)
            .sum()
    }

    /// Share of the units asked for between the two arrivals that is served at once (exact, not the large-lot approximation):
    /// 1 − (E[(D_{L+R} − S)⁺] − E[(D_L − S)⁺]) / E[D_R] (Hadley & Whitin 1963, ch. 5).
    pub fn fill(&self, level: f64) -> f64 {
        let (mut short, mut asked) = (0.0, 0.0);
        for i in &self.intervals {
            short += i.weight * (i.whole.tails(level).loss - i.lead.tails(level).loss);
            asked += i.weight * (i.whole.mean() - i.lead.mean());
        }
        if asked > 0.0 {
            (1.0 - short / asked).clamp(0.0, 1.0)
        } else {
            1.0
        }
    }

    /// The least level (whole units for counts) whose service reaches `target`: `Fill` by [`Self::fill`], the others by [`Self::cycle`].
    pub fn level(&self, measure: ServiceMeasure, target: f64) -> f64 {
        let service = |level: f64| match measure {
            ServiceMeasure::Fill => self.fill(level),
            ServiceMeasure::Cycle | ServiceMeasure::Cost => self.cycle(level),
        };
        let mean = self.mean();
        if mean <= 0.0 {
            return 0.0;
        }
        let sd = self.variance().sqrt().max(0.5);
        let mut high = (mean + 2.0 * sd).ceil();
        let mut tries = 0;
        while service(high) < target && tries < 60 {
            high += (sd * 2f64.powi(tries.min(20))).ceil();
            tries += 1;
        }
        let mut low = 0.0;
        if service(low) >= target {
            return 0.0;
        }
        let resolution = if self.whole_units() {
            1.0
        } else {
            1e-4 * mean.max(1e-3)
        };
        while high - low > resolution {
            let mut middle = 0.5 * (low + high);
            if resolution >= 1.0 {
                middle = middle.floor();
            }
            if service(middle) >= target {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protection(lead: f64, whole: f64, spread: f64) -> Protection {
        let law = |m: f64| Demand::moment_matched(m, spread * m, true);
        Protection {
            intervals: vec![Interval {
                weight: 1.0,
                lead: law(lead),
                whole: law(whole),
            }],
        }
    }

    #[test]
    fn the_level_reaches_its_target_and_one_unit_less_does_not() {
        let p = protection(20.0, 34.0, 2.5);
        for (measure, target) in [(ServiceMeasure::Fill, 0.98), (ServiceMeasure::Cycle, 0.95)] {
            let level = p.level(measure, target);
            let service = |l| {
                if measure == ServiceMeasure::Fill {
                    p.fill(l)
                } else {
                    p.cycle(l)
                }
            };
            assert!(
                service(level) >= target && service(level - 1.0) < target,
                "{level}"
            );
        }
    }

    #[test]
    fn a_longer_or_more_variable_wait_or_a_higher_target_never_lowers_the_level() {
        let base = protection(20.0, 34.0, 2.5).level(ServiceMeasure::Fill, 0.95);
        assert!(protection(25.0, 39.0, 2.5).level(ServiceMeasure::Fill, 0.95) >= base);
        assert!(protection(20.0, 34.0, 4.0).level(ServiceMeasure::Fill, 0.95) >= base);
        assert!(protection(20.0, 34.0, 2.5).level(ServiceMeasure::Fill, 0.97) >= base);
        let wobbly = Protection {
            intervals: [(10.0, 24.0), (30.0, 44.0)]
                .iter()
                .map(|&(l, w)| Interval {
                    weight: 0.5,
                    lead: Demand::moment_matched(l, 2.5 * l, true),
                    whole: Demand::moment_matched(w, 2.5 * w, true),
                })
                .collect(),
        };
        assert!(wobbly.level(ServiceMeasure::Fill, 0.95) >= base);
    }

    fn poisson(weight: f64, lead: f64, whole: f64) -> Interval {
        Interval {
            weight,
            lead: Demand::Poisson { mean: lead },
            whole: Demand::Poisson { mean: whole },
        }
    }

    /// Hadley & Whitin (1963), ch. 5, for Poisson demand of one a day: the sums of the definition, worked out apart.
    #[test]
    fn fill_and_cycle_are_the_sums_of_the_definition() {
        let one = Protection {
            intervals: vec![poisson(1.0, 14.0, 21.0)],
        };
        assert!((one.fill(24.0) - 0.896_427_768_763_574).abs() < 1e-9);
        assert!((one.cycle(24.0) - 0.782_155_018_813_886).abs() < 1e-9);
        assert_eq!(one.level(ServiceMeasure::Fill, 0.95), 27.0);
        let two = Protection {
            intervals: vec![poisson(0.5, 7.0, 14.0), poisson(0.5, 21.0, 28.0)],
        };
        assert!((two.fill(24.0) - 0.720_139_280_242_983).abs() < 1e-9);
        assert!((two.mean() - 21.0).abs() < 1e-12);
        assert!((two.variance() - 70.0).abs() < 1e-9); // 21 within, 7² between
    }

    #[test]
    fn a_fractional_level_is_found_to_a_ten_thousandth_of_the_mean() {
        let kg = Protection {
            intervals: vec![Interval {
                weight: 1.0,
                lead: Demand::Zero,
                whole: Demand::Gamma {
                    mean: 10.0,
                    variance: 10.0,
                },
            }],
        };
        let level = kg.level(ServiceMeasure::Cycle, 0.95);
        assert!(kg.cycle(level) >= 0.95 && kg.cycle(level - 1.01e-3) < 0.95);
    }

    #[test]
    fn nobody_needs_no_stock_and_is_always_served() {
        let nobody = Protection {
            intervals: vec![Interval {
                weight: 1.0,
                lead: Demand::Zero,
                whole: Demand::Zero,
            }],
        };
        for measure in [ServiceMeasure::Fill, ServiceMeasure::Cycle] {
            assert_eq!(nobody.level(measure, 0.99), 0.0);
        }
        assert_eq!(nobody.fill(0.0), 1.0);
        // A tenth of a unit a month is served nine times in ten by nothing at all.
        let seldom = Protection {
            intervals: vec![poisson(1.0, 0.0, 0.1)],
        };
        assert_eq!(seldom.level(ServiceMeasure::Cycle, 0.9), 0.0);
        assert_eq!(seldom.level(ServiceMeasure::Cycle, 0.91), 1.0);
    }
}
