//! The reorder point: the level that the position must reach so that the protection interval is covered.

use super::loss_curve::LossCurve;
use crate::domain::ServiceMeasure;
use crate::forecast::distribution::Demand;

/// Demand up to the arrival of this order and up to that of the next, for one possible lead time.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Probability of this lead time.
    pub weight: f64,
    /// Periods of it.
    pub periods: usize,
    /// Demand over the lead time.
    pub lead: Demand,
    /// Demand over lead time + review period.
    pub whole: Demand,
}

/// Demand at its mean pace over the protection interval: the law of any number of periods, for what lasts longer than one interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// Expected units of a period.
    pub mean: f64,
    /// Variance ÷ mean of one period.
    pub dispersion: f64,
    /// Relative variance of the level, common to all periods.
    pub level_variance: f64,
    pub whole_units: bool,
}

impl Pace {
    /// Demand of `periods` periods.
    pub fn law(&self, periods: usize) -> Demand {
        let mean = self.mean * periods as f64;
        let variance = self.dispersion * mean + self.level_variance * mean * mean;
        Demand::moment_matched(mean, variance, self.whole_units)
    }

    /// The pace with its level known to be `factor` times the expected one.
    pub(super) fn known(&self, factor: f64) -> Self {
        Self {
            mean: self.mean * factor,
            level_variance: 0.0,
            ..*self
        }
    }
}

/// Demand over the protection interval with its lead times mixed.
#[derive(Clone, Debug)]
pub struct Protection {
    pub intervals: Vec<Interval>,
    pub pace: Pace,
    /// Periods between two reviews, ≥ 1.
    pub review: usize,
}

/// Levels tried when one is looked for: from 0, near `mean` + 2 `sd`, to a `resolution` in units.
pub(super) struct Search {
    pub(super) mean: f64,
    pub(super) sd: f64,
    pub(super) resolution: f64,
}

impl Search {
    /// The least level ≥ 0 whose service, which rises with it, reaches `target`; whole where the resolution is.
    pub(super) fn least(&self, target: f64, service: impl Fn(f64) -> f64) -> f64 {
        let mut low = 0.0;
        if service(low) >= target {
            return 0.0;
        }
        let mut high = (self.mean + 2.0 * self.sd).ceil();
        let mut tries = 0;
        while service(high) < target && tries < 60 {
            high += (self.sd * 2f64.powi(tries.min(20))).ceil();
            tries += 1;
        }
        while high - low > self.resolution {
            let mut middle = 0.5 * (low + high);
            if self.resolution >= 1.0 {
                middle = middle.floor();
            }
            // Beyond 2^53 floats have no single units between.
            if middle <= low || middle >= high {
                break;
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

impl Protection {
    /// Of demand at one pace: lead times (periods and probability), and the periods between two reviews.
    pub fn steady(pace: Pace, leads: &[(usize, f64)], review: usize) -> Self {
        let intervals = leads
            .iter()
            .map(|&(periods, weight)| Interval {
                weight,
                periods,
                lead: pace.law(periods),
                whole: pace.law(periods + review),
            })
            .collect();
        Self {
            intervals,
            pace,
            review,
        }
    }

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

    /// Losses of demand up to this order's arrival and up to the next one's, their lead times mixed.
    pub(super) fn curves(&self) -> (LossCurve, LossCurve) {
        let laws = |of: fn(&Interval) -> &Demand| {
            let laws: Vec<_> = self.intervals.iter().map(|i| (i.weight, of(i))).collect();
            LossCurve::new(&laws)
        };
        (laws(|i| &i.lead), laws(|i| &i.whole))
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
        if self.mean() <= 0.0 {
            return 0.0;
        }
        self.search().least(target, service)
    }

    /// Where a level is looked for.
    pub(super) fn search(&self) -> Search {
        let mean = self.mean();
        Search {
            mean,
            sd: self.variance().sqrt().max(0.5),
            resolution: if self.whole_units() {
                1.0
            } else {
                1e-4 * mean.max(1e-3)
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(dispersion: f64) -> Pace {
        Pace {
            mean: 2.0,
            dispersion,
            level_variance: 0.0,
            whole_units: true,
        }
    }

    fn protection(lead: f64, whole: f64, spread: f64) -> Protection {
        let law = |m: f64| Demand::moment_matched(m, spread * m, true);
        Protection {
            intervals: vec![Interval {
                weight: 1.0,
                periods: 10,
                lead: law(lead),
                whole: law(whole),
            }],
            pace: pace(spread),
            review: 7,
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
                    periods: (l / 2.0) as usize,
                    lead: Demand::moment_matched(l, 2.5 * l, true),
                    whole: Demand::moment_matched(w, 2.5 * w, true),
                })
                .collect(),
            pace: pace(2.5),
            review: 7,
        };
        assert!(wobbly.level(ServiceMeasure::Fill, 0.95) >= base);
    }

    fn poisson(weight: f64, lead: f64, whole: f64) -> Interval {
        Interval {
            weight,
            periods: lead as usize,
            lead: Demand::Poisson { mean: lead },
            whole: Demand::Poisson { mean: whole },
        }
    }

    /// Hadley & Whitin (1963), ch. 5, for Poisson demand of one a day: the sums of the definition, worked out apart.
    #[test]
    fn fill_and_cycle_are_the_sums_of_the_definition() {
        let one = Protection {
            intervals: vec![poisson(1.0, 14.0, 21.0)],
            pace: pace(1.0),
            review: 7,
        };
        assert!((one.fill(24.0) - 0.896_427_768_763_574).abs() < 1e-9);
        assert!((one.cycle(24.0) - 0.782_155_018_813_886).abs() < 1e-9);
        assert_eq!(one.level(ServiceMeasure::Fill, 0.95), 27.0);
        let two = Protection {
            intervals: vec![poisson(0.5, 7.0, 14.0), poisson(0.5, 21.0, 28.0)],
            pace: pace(1.0),
            review: 7,
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
                periods: 0,
                lead: Demand::Zero,
                whole: Demand::Gamma {
                    mean: 10.0,
                    variance: 10.0,
                },
            }],
            pace: pace(1.0),
            review: 7,
        };
        let level = kg.level(ServiceMeasure::Cycle, 0.95);
        assert!(kg.cycle(level) >= 0.95 && kg.cycle(level - 1.01e-3) < 0.95);
    }

    #[test]
    fn nobody_needs_no_stock_and_is_always_served() {
        let nobody = Protection {
            intervals: vec![Interval {
                weight: 1.0,
                periods: 10,
                lead: Demand::Zero,
                whole: Demand::Zero,
            }],
            pace: pace(1.0),
            review: 7,
        };
        for measure in [ServiceMeasure::Fill, ServiceMeasure::Cycle] {
            assert_eq!(nobody.level(measure, 0.99), 0.0);
        }
        assert_eq!(nobody.fill(0.0), 1.0);
        // A tenth of a unit a month is served nine times in ten by nothing at all.
        let seldom = Protection {
            intervals: vec![poisson(1.0, 0.0, 0.1)],
            pace: pace(1.0),
            review: 7,
        };
        assert_eq!(seldom.level(ServiceMeasure::Cycle, 0.9), 0.0);
        assert_eq!(seldom.level(ServiceMeasure::Cycle, 0.91), 1.0);
    }
}
