//! The demand of the interval that an order covers, as laws: what would be short of a stock is a known function of it, so that it is not drawn.

use crate::demand::law::Counts;
use crate::forecast::distribution::Demand;

/// Laws that are worked out; between two of them what is short is read linearly in the mean.
const TABLES: usize = 48;
/// Whole units that a law may spread over to be worked out unit by unit.
const UNITS: f64 = 3_000.0;
/// Levels at which a law of quantities, or of more units, is worked out.
const LEVELS: usize = 49;

/// One law: P(D > y) and E[(D − y)⁺] at levels y.
#[derive(Clone, Debug)]
struct Law {
    mean: f64,
    first: f64,
    step: f64,
    over: Vec<f64>,
    loss: Vec<f64>,
    by_unit: bool,
}

impl Law {
    fn new(mean: f64, dispersion: f64, whole: bool) -> Self {
        let sd = (dispersion * mean).sqrt();
        let (low, high) = ((mean - 9.0 * sd).max(0.0), mean + 9.0 * (sd + dispersion));
        if mean <= 0.0 || !mean.is_finite() {
            return Self {
                mean: 0.0,
                first: 0.0,
                step: 1.0,
                over: Vec::new(),
                loss: Vec::new(),
                by_unit: true,
            };
        }
        if whole && high - low <= UNITS {
            return Self::by_unit(mean, dispersion, low.floor(), high.ceil());
        }
        let law = Demand::moment_matched(mean, dispersion * mean, whole);
        let step = (high - low) / (LEVELS - 1) as f64;
        let tails = (0..LEVELS).map(|k| law.tails(low + k as f64 * step));
        let (over, loss) = tails.map(|t| (t.sf, t.loss)).unzip();
        Self {
            mean,
            first: low,
            step,
            over,
            loss,
            by_unit: false,
        }
    }

    /// From the mean outwards by the recursion of the law, then added up from the far end.
    fn by_unit(mean: f64, dispersion: f64, low: f64, high: f64) -> Self {
        let law = Counts::matched(mean, dispersion * mean);
        let length = (high - low) as usize + 1;
        let middle = (mean.floor() - low) as usize;
        let mut over = vec![0.0; length];
        over[middle] = law.pmf(mean.floor());
        for n in middle + 1..length {
            over[n] = over[n - 1] * law.ratio(low + (n - 1) as f64);
        }
        for n in (0..middle).rev() {
            over[n] = over[n + 1] / law.ratio(low + n as f64);
        }
        let mut loss = vec![0.0; length];
        let (mut above, mut short) = (0.0, 0.0);
        for n in (0..length).rev() {
            let p = over[n];
            short += above;
            (over[n], loss[n]) = (above, short);
            above += p;
        }
        Self {
            mean,
            first: low,
            step: 1.0,
            over,
            loss,
            by_unit: true,
        }
    }

    /// Its last level, beyond which nothing is short.
    fn last(&self) -> f64 {
        self.first + self.step * self.over.len().saturating_sub(1) as f64
    }

    /// Cell of a level within the table, and where in it (0..1).
    fn cell(&self, y: f64) -> Option<(usize, f64)> {
        let at = (y - self.first) / self.step;
        // Truncating is rounding down from 0 on, and NaN is no level.
        let k = at as usize;
        (at >= 0.0 && k + 1 < self.over.len()).then_some((k, at - k as f64))
    }

    /// E[(D − y)⁺].
    fn loss(&self, y: f64) -> f64 {
        if y < self.first {
            return self.mean - y;
        }
        let Some((k, t)) = self.cell(y) else {
            return 0.0;
        };
        if self.by_unit {
            return self.loss[k] - self.over[k] * t;
        }
        // Cubic through both ends, whose slopes are −P(D > y).
        let (a, b) = (self.loss[k], self.loss[k + 1]);
        let (da, db) = (-self.over[k] * self.step, -self.over[k + 1] * self.step);
        let s = 1.0 - t;
        a * s * s * (1.0 + 2.0 * t) + da * s * s * t + b * t * t * (1.0 + 2.0 * s) - db * t * t * s
    }

    /// P(D ≤ y).
    fn cdf(&self, y: f64) -> f64 {
        let y = y + 1e-9;
        if y < self.first || y < 0.0 {
            return 0.0;
        }
        match self.cell(y) {
            None => 1.0,
            Some((k, _)) if self.by_unit => 1.0 - self.over[k],
            Some((k, t)) => 1.0 - (1.0 - t) * self.over[k] - t * self.over[k + 1],
        }
    }
}

/// Which laws stand for one mean: a law and the next, with the weight of the latter.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    law: usize,
    next: f64,
}

/// The laws of an interval's demand for all means that occur.
#[derive(Clone, Debug)]
pub struct Interval {
    laws: Vec<Law>,
}

impl Interval {
    /// For these means (units, ≥ 0), each with its place. Few means have laws of their own; many lie between laws at even steps of √mean, in which
    /// the spread of a law of counts is even.
    pub fn new(means: &[f64], dispersion: f64, whole: bool) -> (Self, Vec<Place>) {
        let mut grid = means.to_vec();
        grid.sort_by(f64::total_cmp);
        grid.dedup_by(|b, a| *b - *a <= 1e-9 * (1.0 + a.abs()));
        if grid.len() > TABLES {
            let root = |mean: f64| mean.max(0.0).sqrt();
            let (low, high) = (root(grid[0]), root(grid[grid.len() - 1]));
            let step = (high - low) / (TABLES - 1) as f64;
            grid = (0..TABLES)
                .map(|k| (low + k as f64 * step).powi(2))
                .collect();
        }
        let dispersion = if whole {
            dispersion.max(1.0)
        } else {
            dispersion
        };
        let laws: Vec<Law> = grid
            .iter()
            .map(|&m| Law::new(m, dispersion, whole))
            .collect();
        let places = means
            .iter()
            .map(|&mean| {
                let law = grid.partition_point(|&m| m <= mean + 1e-9 * (1.0 + mean.abs()));
                let law = law.max(1) - 1;
                let next = match grid.get(law + 1) {
                    Some(above) => (mean - grid[law]) / (above - grid[law]),
                    None => 0.0,
                };
                Place {
                    law,
                    next: if next < 1e-6 { 0.0 } else { next.min(1.0) },
                }
            })
            .collect();
        (Self { laws }, places)
    }

    /// A figure of a law between two.
    fn at(&self, place: Place, figure: impl Fn(&Law) -> f64) -> f64 {
        let here = figure(&self.laws[place.law]);
        if place.next <= 0.0 {
            return here;
        }
        here + place.next * (figure(&self.laws[place.law + 1]) - here)
    }

    /// E[(D − y)⁺].
    pub fn loss(&self, place: Place, y: f64) -> f64 {
        self.at(place, |law| law.loss(y))
    }

    /// Expected units of the interval that a stock of `y` does not serve: of a debt, all.
    pub fn short(&self, place: Place, y: f64) -> f64 {
        self.loss(place, y.max(0.0))
    }

    /// P(D ≤ y).
    pub fn cdf(&self, place: Place, y: f64) -> f64 {
        self.at(place, |law| law.cdf(y))
    }

    /// A stock of which no law leaves anything short.
    pub fn most(&self) -> f64 {
        self.laws.iter().map(Law::last).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_say_what_the_laws_say() {
        for (mean, dispersion, whole) in [
            (0.4, 1.0, true),
            (12.0, 3.0, true),
            (900.0, 2.0, true),
            (250_000.0, 9.0, true),
            (7.5, 1.2, false),
        ] {
            let (interval, places) = Interval::new(&[mean], dispersion, whole);
            let law = Demand::moment_matched(mean, dispersion * mean, whole);
            let sd = law.variance().sqrt();
            for z in [-8.0, -2.0, -0.5, 0.0, 0.7, 1.9, 4.0] {
                let y = (mean + z * sd).max(0.0);
                let found = interval.loss(places[0], y);
                assert!(
                    (found - law.loss(y)).abs() < 2e-4 * sd,
                    "{mean} {y}: {found} {}",
                    law.loss(y)
                );
                let found = interval.cdf(places[0], y);
                assert!(
                    (found - law.tails(y).cdf).abs() < 0.01,
                    "{mean} {y}: {found}"
                );
            }
            assert!((interval.short(places[0], -3.0) - mean).abs() < 1e-9 * mean);
            assert!((interval.loss(places[0], -3.0) - mean - 3.0).abs() < 1e-9 * mean);
            assert!(interval.short(places[0], interval.most()) < 1e-9 * mean);
        }
    }

    #[test]
    fn between_two_laws_hardly_anything_is_missed() {
        let means: Vec<f64> = (0..400).map(|k| 10.0 + 0.2 * f64::from(k)).collect();
        let (interval, places) = Interval::new(&means, 1.5, true);
        for (mean, place) in means.iter().zip(places) {
            let law = Demand::moment_matched(*mean, 1.5 * mean, true);
            for z in [-1.0, 0.0, 1.0, 2.0] {
                let y = mean + z * law.variance().sqrt();
                let miss = interval.loss(place, y) - law.loss(y);
                assert!(
                    miss.abs() < 0.02 * law.variance().sqrt(),
                    "{mean} {z}: {miss}"
                );
            }
        }
    }

    #[test]
    fn nobody_is_expected_and_nothing_is_short() {
        let (interval, places) = Interval::new(&[0.0], 1.5, true);
        assert_eq!(interval.short(places[0], 0.0), 0.0);
        assert_eq!(interval.short(places[0], -4.0), 0.0);
        assert_eq!(interval.loss(places[0], -4.0), 4.0);
        assert_eq!(interval.cdf(places[0], -1.0), 0.0);
        assert_eq!(interval.cdf(places[0], 0.0), 1.0);
    }
}
