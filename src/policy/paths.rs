//! A pool's demand and supply in periods, as the simulated paths and the protection interval need them.

use super::basis::{Basis, following, pool_lead_time, pool_review_days};
use super::look_through::{OpenOrder as PeriodOrder, PoolDemand, Supply};
use super::lot_cycle::OrderSize;
use super::protection::{Interval, Pace, Protection};
use crate::domain::Day;
use crate::forecast::LeadTime;
use crate::forecast::distribution::Demand;
use crate::panel::Panel;
use crate::supply::{OpenOrder, Pool, source_of};

/// Lead times that the reorder point is mixed over, at most.
const LEAD_POINTS: usize = 7;

/// A stable number from figures, for keying random streams (FNV-1a). Streams are keyed by what a series is, not by what it is called.
fn key(parts: &[u64]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in parts.iter().flat_map(|part| part.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash
}

/// Key of a series' stream: its length, what it sold and when in it; no date, so that another year has the same stream.
fn series_key(panel: &Panel, i: usize) -> u64 {
    let view = panel.view(i);
    let (mut units, mut moment) = (0.0, 0.0);
    for (t, sold) in view.sold.iter().enumerate() {
        units += sold;
        moment += sold * (t + 1) as f64;
    }
    key(&[view.len() as u64, units.to_bits(), moment.to_bits()])
}

/// Whole periods for days, at least `least`.
pub(super) fn periods(days: i32, step: i32, least: i32) -> i32 {
    ((f64::from(days) / f64::from(step)).round() as i32).max(least)
}

/// The law of points in ascending order, neighbours on one day merged.
fn merged(points: impl Iterator<Item = (i32, f64)>) -> LeadTime {
    let mut law: Vec<(i32, f64)> = Vec::new();
    for (days, weight) in points {
        match law.last_mut() {
            Some(last) if last.0 == days => last.1 += weight,
            _ => law.push((days, weight)),
        }
    }
    LeadTime { points: law }
}

fn in_periods(law: &LeadTime, step: i32, least: i32) -> LeadTime {
    merged(
        law.points
            .iter()
            .map(|&(days, weight)| (periods(days, step, least), weight)),
    )
}

/// At most `LEAD_POINTS` points: quantiles of equal weight.
fn thinned(law: &LeadTime) -> LeadTime {
    if law.points.len() <= LEAD_POINTS {
        return law.clone();
    }
    let weight = 1.0 / LEAD_POINTS as f64;
    merged((0..LEAD_POINTS).map(|k| (law.quantile((k as f64 + 0.5) / LEAD_POINTS as f64), weight)))
}

/// The paths' view of a pool: its demand by period and its supply.
#[derive(Clone, Debug)]
pub struct PoolPaths {
    pub demand: PoolDemand,
    pub supply: Supply,
    pub seed: u64,
}

/// Demand and supply of a pool in periods, as the paths need them.
pub fn pool_paths(basis: &Basis<'_>, pool: &Pool) -> PoolPaths {
    paths_with(basis, pool, &[])
}

/// As [`pool_paths`], with the demand of `supplied` series that other locations serve from what this pool sends them.
pub(super) fn paths_with(basis: &Basis<'_>, pool: &Pool, supplied: &[usize]) -> PoolPaths {
    let step = basis.forecast.step;
    let supply = Supply {
        net_stock: pool.stock() - pool.open_backorders.iter().sum::<f64>(),
        open_orders: Vec::new(),
        lead_time: in_periods(&pool_lead_time(basis, pool), step, 0),
        next_lead_time: in_periods(&following(basis, pool).lead, step, 0),
        review: periods(pool_review_days(basis, pool) as i32, step, 1) as usize,
    };
    let series = || pool.members.iter().chain(supplied).copied();
    let longest = supply
        .lead_time
        .longest()
        .max(supply.next_lead_time.longest());
    let ahead = 2 * longest + supply.review + 1;
    let horizon = supply.protected();
    let mut mean = vec![0.0; ahead];
    let (mut noise, mut common, mut whole_mean, mut captured) = (0.0, 0.0, 0.0, 0.0);
    for i in series() {
        let f = &basis.forecast.series[i];
        for (t, slot) in mean.iter_mut().enumerate() {
            *slot += f.mean(t, t + 1);
        }
        let m = f.mean(0, horizon);
        // Channels are independent given their forecasts: their level errors add as variances.
        noise += f.dispersion * m;
        common += f.level_variance * m * m;
        whole_mean += m;
        if basis.panel.accepts_backorders[i] {
            captured += basis.model.own_capture[i] * m;
        }
    }
    let share = |x: f64| {
        if whole_mean > 0.0 {
            x / whole_mean
        } else {
            0.0
        }
    };
    // A sum, so that the order of the pool's channels does not matter.
    let seed = series().fold(0u64, |sum, i| sum.wrapping_add(series_key(basis.panel, i)));
    let seed = match basis.config.streams {
        0 => seed,
        other => key(&[seed, other]),
    };
    PoolPaths {
        demand: PoolDemand {
            mean,
            dispersion: share(noise).max(1e-6),
            level_variance: share(share(common)),
            capture: share(captured),
            whole_units: series().all(|i| basis.panel.whole_units[i]),
        },
        supply: Supply {
            open_orders: period_orders(&pool.open_orders, basis.tables.plan_day(), step, seed),
            ..supply
        },
        seed,
    }
}

/// What can be ordered for a pool: a supplier's least orders; transfers move single units.
pub(super) fn order_size(basis: &Basis<'_>, pool: &Pool, whole_units: bool) -> OrderSize {
    let units = OrderSize::units(whole_units);
    if source_of(basis.tables, pool.location).is_some() {
        return units;
    }
    let item = &basis.tables.items[pool.sku];
    OrderSize {
        moq: item.moq.unwrap_or(0.0),
        multiple: item
            .order_multiple
            .filter(|m| *m > 0.0)
            .unwrap_or(units.multiple),
        ..units
    }
}

/// Open orders with their arrivals in periods; their random streams are keyed by what they are, how far they are off and the pool's `seed`.
pub(super) fn period_orders(
    orders: &[OpenOrder],
    as_of: Day,
    step: i32,
    seed: u64,
) -> Vec<PeriodOrder> {
    orders
        .iter()
        .map(|o| PeriodOrder {
            units: o.units,
            arrival: in_periods(&o.arrival, step, 1),
            key: key(&[seed, (o.expected - as_of) as u64, o.units.to_bits()]),
        })
        .collect()
}

/// The points of two laws, each quantile of the one with the same of the other: (first, second, weight).
fn paired(first: &LeadTime, second: &LeadTime) -> Vec<(i32, i32, f64)> {
    let mut pairs = Vec::new();
    let (mut a, mut b) = (first.points.iter(), second.points.iter());
    let (mut left, mut right) = (a.next().copied(), b.next().copied());
    while let (Some((days, weight)), Some((other, of_other))) = (left, right) {
        let both = weight.min(of_other);
        if both > 0.0 {
            pairs.push((days, other, both));
        }
        // What rounding leaves over is no point of its own.
        let rest =
            |days: i32, weight: f64| (weight - both > 1e-12).then_some((days, weight - both));
        left = rest(days, weight).or_else(|| a.next().copied());
        right = rest(other, of_other).or_else(|| b.next().copied());
    }
    pairs
}

/// Demand over the protection interval of a pool, mixed over the lead times of this order and the next.
pub(super) fn protection(paths: &PoolPaths) -> Protection {
    let PoolPaths { demand, supply, .. } = paths;
    let next = supply.next_lead_time.longest() + supply.review;
    let means = demand.means(next.max(supply.lead_time.longest()));
    let law = |periods: usize| {
        let mean: f64 = means[..periods].iter().sum();
        let variance = demand.dispersion * mean + demand.level_variance * mean * mean;
        Demand::moment_matched(mean, variance, demand.whole_units)
    };
    let (own, next) = (thinned(&supply.lead_time), thinned(&supply.next_lead_time));
    let mut asked = (0.0, 0.0);
    let intervals: Vec<Interval> = paired(&own, &next)
        .into_iter()
        .map(|(lead, next, weight)| {
            let lead = lead.max(0) as usize;
            let periods = (next.max(0) as usize + supply.review).max(lead);
            let whole = law(periods);
            asked.0 += weight * whole.mean();
            asked.1 += weight * periods as f64;
            Interval {
                weight,
                periods: lead,
                lead: law(lead),
                whole,
            }
        })
        .collect();
    // Orders follow each other at the mean pace of the interval, whatever its first days are like.
    let (units, periods) = asked;
    Protection {
        intervals,
        pace: Pace {
            mean: if periods > 0.0 { units / periods } else { 0.0 },
            dispersion: demand.dispersion,
            level_variance: demand.level_variance,
            whole_units: demand.whole_units,
        },
        review: supply.review,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(days: std::ops::Range<i32>) -> LeadTime {
        let weight = 1.0 / days.len() as f64;
        LeadTime {
            points: days.map(|d| (d, weight)).collect(),
        }
    }

    #[test]
    fn seven_points_stand_for_the_middles_of_sevenths_of_a_lead_time() {
        let thin = thinned(&even(0..21));
        let days: Vec<i32> = thin.points.iter().map(|p| p.0).collect();
        assert_eq!(days, [1, 4, 7, 10, 13, 16, 19]);
        assert!((thin.mean() - 10.0).abs() < 1e-12);
        // Few points stay as they are, and those that fall on one day are one.
        assert_eq!(thinned(&even(3..10)), even(3..10));
        let narrow = LeadTime {
            points: [vec![(4, 0.001); 8], vec![(5, 0.992)]].concat(),
        };
        assert_eq!(thinned(&narrow).points.len(), 1);
        assert!((thinned(&narrow).points[0].1 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn days_become_the_nearest_whole_number_of_weeks() {
        assert_eq!(periods(10, 7, 0), 1);
        assert_eq!(periods(11, 7, 0), 2);
        assert_eq!(periods(3, 7, 1), 1);
        assert_eq!(periods(10, 1, 1), 10);
        let weeks = in_periods(&even(0..10), 7, 0);
        // 0 to 3 days, 4 to 9 days.
        assert_eq!(weeks.points.iter().map(|p| p.0).collect::<Vec<_>>(), [0, 1]);
        assert!((weeks.points[0].1 - 0.4).abs() < 1e-12);
        assert!((weeks.points[1].1 - 0.6).abs() < 1e-12);
    }

    #[test]
    fn two_lead_times_are_paired_quantile_by_quantile() {
        let law = |points: &[(i32, f64)]| LeadTime {
            points: points.to_vec(),
        };
        let own = law(&[(3, 0.25), (5, 0.75)]);
        assert_eq!(paired(&own, &own), [(3, 3, 0.25), (5, 5, 0.75)]);
        let next = law(&[(9, 0.5), (12, 0.5)]);
        assert_eq!(
            paired(&own, &next),
            [(3, 9, 0.25), (5, 9, 0.25), (5, 12, 0.5)]
        );
    }

    /// Fowler, Noll & Vo: the hash of nothing is the offset basis, that of eight zero bytes its product with the prime to the eighth.
    #[test]
    fn the_key_of_a_stream_is_fnv_1a() {
        assert_eq!(key(&[]), 0xcbf2_9ce4_8422_2325);
        let prime = 0x0100_0000_01b3u64;
        let zeros = (0..8).fold(0xcbf2_9ce4_8422_2325u64, |h, _| h.wrapping_mul(prime));
        assert_eq!(key(&[0]), zeros);
        assert_eq!(
            key(&[0x61]),
            (1..8).fold(0xaf63_dc4c_8601_ec8cu64, |h, _| h.wrapping_mul(prime))
        );
        assert_ne!(key(&[1, 2]), key(&[2, 1]));
    }

    /// 2, 3, 4, … units a period with twice that variance, the level known to a fifth; three or five periods until it comes, seven between orders.
    #[test]
    fn demand_until_the_next_arrival_is_mixed_over_the_lead_time() {
        let paths = PoolPaths {
            demand: PoolDemand {
                mean: (2..30).map(f64::from).collect(),
                dispersion: 2.0,
                level_variance: 0.04,
                capture: 0.0,
                whole_units: true,
            },
            supply: Supply {
                net_stock: 0.0,
                open_orders: Vec::new(),
                lead_time: LeadTime {
                    points: vec![(3, 0.25), (5, 0.75)],
                },
                next_lead_time: LeadTime {
                    points: vec![(3, 0.25), (5, 0.75)],
                },
                review: 7,
            },
            seed: 1,
        };
        let found = protection(&paths);
        let expected = [(0.25, 9.0, 65.0), (0.75, 20.0, 90.0)];
        assert_eq!(found.intervals.len(), 2);
        for (interval, (weight, lead, whole)) in found.intervals.iter().zip(expected) {
            assert!((interval.weight - weight).abs() < 1e-12);
            for (law, mean) in [(&interval.lead, lead), (&interval.whole, whole)] {
                assert!((law.mean() - mean).abs() < 1e-9, "{mean}");
                let variance = 2.0 * mean + 0.04 * mean * mean;
                assert!((law.variance() - variance).abs() < 1e-9, "{mean}");
                assert_eq!(law.name(), "negative_binomial");
            }
        }
    }
}
