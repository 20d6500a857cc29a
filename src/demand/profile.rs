//! Which share of a day's demand falls into the share of the day with stock.
//!
//! Shops record how long the shelf was stocked, not how busy those hours were. Where a shelf that starts the day with q units is
//! emptied by demand at time τ, the time itself tells: P(emptied before τ) = P(N(F(τ)) ≥ q), N negative binomial
//! with mean m·F(τ), F the cumulative selling profile. Conditional on an empty shelf by the evening, the likelihood of the recorded
//! times, given what was sold until then, is maximised over a family of profiles. On simulated shops it finds a uniform
//! profile where there is one and an S-shaped one where sales are slow at both ends of the day.

use statrs::function::beta::beta_reg;

use crate::domain::Day;

/// F(τ) = τ + a·(3τ² − 2τ³ − τ) + b·τ(1 − τ): `bell` slows both ends of the day, `early` moves demand to its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct SellingProfile {
    pub bell: f64,
    pub early: f64,
}

impl SellingProfile {
    /// Share of the day's demand within stocked share `tau`, both 0..=1.
    ///
    /// ```
    /// use restock::demand::SellingProfile;
    /// assert_eq!(SellingProfile::default().exposure(0.25), 0.25);
    /// ```
    pub fn exposure(self, tau: f64) -> f64 {
        let tau = tau.clamp(0.0, 1.0);
        let s = tau * tau * (3.0 - 2.0 * tau);
        (tau + self.bell * (s - tau) + self.early * tau * (1.0 - tau)).clamp(0.0, 1.0)
    }
}

/// The profile of each weekday, Monday first: people shop at other hours on a Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct SellingWeek(pub [SellingProfile; 7]);

impl SellingWeek {
    /// Share of the demand of `day` within its stocked share `tau`, both 0..=1.
    pub fn exposure(&self, day: Day, tau: f64) -> f64 {
        self.0[day.weekday()].exposure(tau)
    }
}

/// One day on which the shelf was emptied: all in the same units.
#[derive(Clone, Copy, Debug)]
pub struct EmptiedDay {
    /// 0 = Monday.
    pub weekday: usize,
    /// Units sold until then, > 0.
    pub sold: f64,
    /// Expected demand of the whole day, > 0.
    pub mean: f64,
    /// Recorded stocked share, 0 < τ < 1.
    pub tau: f64,
    /// Variance of the day's demand ÷ mean, from chance within the day and from day to day.
    pub noise: f64,
    /// Relative variance of the day's own effect.
    pub day_effect: f64,
}

/// Fewer days than this say nothing that the uniform profile does not.
const ENOUGH: usize = 300;
/// Standard deviation of the prior on both parameters: of all days around the uniform profile, and of a weekday around that of all days.
const PRIOR_SD: f64 = 0.5;
const WEEKDAY_SD: f64 = 0.25;
/// Half a step of the record's resolution (an hour of sixteen).
const HALF_STEP: f64 = 1.0 / 32.0;

/// The most likely profiles. With fewer than 300 days in all they are uniform.
pub fn fit(days: &[EmptiedDay]) -> SellingWeek {
    if days.len() < ENOUGH {
        return SellingWeek::default();
    }
    let all = most_likely(days, SellingProfile::default(), PRIOR_SD);
    SellingWeek(std::array::from_fn(|weekday| {
        let of_weekday = |d: &&EmptiedDay| d.weekday == weekday;
        let own: Vec<EmptiedDay> = days.iter().filter(of_weekday).copied().collect();
        most_likely(&own, all, WEEKDAY_SD)
    }))
}

/// The profile with the highest posterior, under a normal prior of this standard deviation around `usual`.
fn most_likely(days: &[EmptiedDay], usual: SellingProfile, sd: f64) -> SellingProfile {
    if days.is_empty() {
        return usual;
    }
    let mut best = (f64::NEG_INFINITY, usual);
    let mut centre = (usual.bell, usual.early);
    let mut step = (0.25, 0.15);
    for _ in 0..4 {
        for i in -2..=2 {
            for j in -2..=2 {
                let p = SellingProfile {
                    bell: (centre.0 + f64::from(i) * step.0).clamp(-0.9, 1.2),
                    early: (centre.1 + f64::from(j) * step.1).clamp(-0.9, 0.9),
                };
                let away = (p.bell - usual.bell).powi(2) + (p.early - usual.early).powi(2);
                let score = log_likelihood(days, p) - away / (2.0 * sd * sd);
                if score > best.0 {
                    best = (score, p);
                }
            }
        }
        centre = (best.1.bell, best.1.early);
        step = (step.0 * 0.45, step.1 * 0.45);
    }
    best.1
}

fn log_likelihood(days: &[EmptiedDay], profile: SellingProfile) -> f64 {
    let of_day = |d: &EmptiedDay| {
        // In units of the noise a day's demand is a count.
        let q = (d.sold / d.noise).round().max(1.0);
        let mean = d.mean / d.noise;
        let k = 1.0 / d.day_effect;
        let emptied_by = |u: f64| {
            let m = mean * u;
            if m <= 0.0 {
                0.0
            } else {
                beta_reg(q, k, (m / (k + m)).clamp(0.0, 1.0))
            }
        };
        let by_evening = emptied_by(1.0).max(1e-12);
        let at = |t: f64| emptied_by(profile.exposure(t));
        let cell = (at(d.tau + HALF_STEP) - at(d.tau - HALF_STEP)) / by_evening;
        cell.max(1e-5).ln()
    };
    days.iter().map(of_day).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_distr::{Distribution, Gamma, Poisson};

    /// Days of a shop whose shelves are emptied; arrivals follow `profile`.
    fn simulate(profile: SellingProfile, days: usize) -> Vec<EmptiedDay> {
        let mut rng = rand_pcg::Pcg64::seed_from_u64(7);
        let (mean, k) = (8.0, 6.0);
        let effect = Gamma::new(k, 1.0 / k).unwrap();
        let mut out = Vec::new();
        while out.len() < days {
            let demand = Poisson::new(mean * effect.sample(&mut rng))
                .unwrap()
                .sample(&mut rng) as usize;
            let stock = rng.random_range(3..=10usize);
            if demand < stock {
                continue;
            }
            let mut shares: Vec<f64> = (0..demand).map(|_| rng.random::<f64>()).collect();
            shares.sort_by(f64::total_cmp);
            let share = shares[stock - 1];
            // The time at which the profile reaches that share, on the record's grid.
            let tau = (1..=16)
                .map(|h| f64::from(h) / 16.0)
                .find(|&t| profile.exposure(t) >= share)
                .unwrap_or(1.0);
            let tau = tau - HALF_STEP;
            out.push(EmptiedDay {
                weekday: out.len() % 7,
                sold: stock as f64,
                mean,
                tau,
                noise: 1.0,
                day_effect: 1.0 / k,
            });
        }
        out
    }

    #[test]
    fn a_uniform_day_is_found_uniform_and_a_slow_morning_and_evening_are_found_too() {
        let SellingWeek([flat, ..]) = fit(&simulate(SellingProfile::default(), 4000));
        let bell = SellingProfile {
            bell: 0.9,
            early: 0.0,
        };
        let SellingWeek([curved, ..]) = fit(&simulate(bell, 4000));
        for tau in [0.25, 0.5, 0.75] {
            assert!((flat.exposure(tau) - tau).abs() < 0.05, "{flat:?}");
            assert!(
                (curved.exposure(tau) - bell.exposure(tau)).abs() < 0.05,
                "{curved:?}"
            );
        }
    }

    #[test]
    fn a_sunday_with_other_hours_is_found_beside_the_days_that_are_alike() {
        let early = SellingProfile {
            bell: 0.0,
            early: 0.6,
        };
        let mut days = simulate(SellingProfile::default(), 7000);
        let sundays = simulate(early, 7000);
        for (day, sunday) in days.iter_mut().zip(sundays) {
            if day.weekday == 6 {
                *day = sunday;
            }
        }
        let found = fit(&days);
        let noon = found.0.map(|p| p.exposure(0.5));
        assert!(noon[..6].iter().all(|e| (e - 0.5).abs() < 0.05), "{noon:?}");
        assert!((noon[6] - early.exposure(0.5)).abs() < 0.05, "{noon:?}");
    }

    #[test]
    fn few_days_leave_the_uniform_profile() {
        assert_eq!(
            fit(&simulate(
                SellingProfile {
                    bell: 0.9,
                    early: 0.0
                },
                50
            )),
            SellingWeek::default()
        );
    }
}
