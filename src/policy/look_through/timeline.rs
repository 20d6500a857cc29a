//! Demand up to the receipt of this order, in as few sums as matter: stock only changes its course where something is received.
//!
//! The demand of a stretch is drawn as one sum. Where a receipt falls within, the sum is divided by halving the stretch, half by half, down to the
//! receipt; every half has a coordinate of its own whether it is looked at or not. So a point's demand is one course of days,
//! of which more or less is shown, and a receipt more changes no course.

use std::collections::VecDeque;

use super::law::PeriodLaw;
use super::points::{POINTS, Points, of_strata};
use super::split::Split;
use super::{OF_LEVEL, PoolDemand};

/// Demand from the end of the stretch before to `end`, by point.
pub struct Stretch {
    pub end: usize,
    pub units: Vec<f64>,
}

/// What all stretches are drawn from.
pub struct Timeline<'a> {
    pub demand: &'a PoolDemand,
    /// Level factor of each stratum.
    pub levels: &'a [f64],
    pub points: &'a Points,
    /// Expected units up to each period, the first 0.
    pub before: &'a [f64],
}

impl Timeline<'_> {
    /// Stretches that end at each of `arrivals` and of `receipts` before the last of them (periods > 0, ascending). `coordinate` is the first that is
    /// free.
    pub fn stretches(
        &self,
        arrivals: &[usize],
        receipts: &[usize],
        coordinate: usize,
    ) -> Vec<Stretch> {
        let mut all = Vec::new();
        let halves = self.halves(arrivals, coordinate + arrivals.len());
        let mut from = 0;
        for (k, &end) in arrivals.iter().enumerate() {
            let units = self.sums(from, end, coordinate + k);
            self.show(from, end, units, receipts, &halves, &mut all);
            from = end;
        }
        all
    }

    fn mean(&self, from: usize, end: usize) -> f64 {
        self.before[end] - self.before[from]
    }

    /// Coordinate of each period in which a stretch is halved, coarse halves first.
    fn halves(&self, arrivals: &[usize], first: usize) -> Vec<usize> {
        let mut coordinates = vec![0; arrivals.last().map_or(0, |last| last + 1)];
        let mut next = first;
        let mut from = 0;
        let mut queue: VecDeque<(usize, usize)> = VecDeque::new();
        for &end in arrivals {
            queue.push_back((from, end));
            from = end;
        }
        while let Some((from, end)) = queue.pop_front() {
            if end - from >= 2 {
                let middle = (from + end) / 2;
                coordinates[middle] = next;
                next += 1;
                queue.extend([(from, middle), (middle, end)]);
            }
        }
        coordinates
    }

    /// Sums of a stretch.
    fn sums(&self, from: usize, end: usize, coordinate: usize) -> Vec<f64> {
        let mean = self.mean(from, end);
        let mut units = vec![0.0; POINTS];
        let mut cells = Vec::new();
        for (points, level) in of_strata().zip(self.levels) {
            let mut law = PeriodLaw::new(
                mean * level,
                self.demand.dispersion,
                self.demand.whole_units,
                &mut cells,
            );
            let first = points.start;
            let chances: [f64; OF_LEVEL] =
                std::array::from_fn(|j| self.points.chance(coordinate, first + j));
            units[points].copy_from_slice(&law.units(&chances));
        }
        units
    }

    /// Adds the stretch from `from` to `end`, divided at all `receipts` within it.
    fn show(
        &self,
        from: usize,
        end: usize,
        units: Vec<f64>,
        receipts: &[usize],
        halves: &[usize],
        all: &mut Vec<Stretch>,
    ) {
        if !receipts.iter().any(|&t| from < t && t < end) {
            all.push(Stretch { end, units });
            return;
        }
        let middle = (from + end) / 2;
        let (first, second) = (self.mean(from, middle), self.mean(middle, end));
        let mut before = vec![0.0; POINTS];
        let mut after = vec![0.0; POINTS];
        for (points, level) in of_strata().zip(self.levels) {
            let most = units[points.clone()].iter().copied().fold(0.0, f64::max);
            let split = Split::new(
                [first * level, second * level],
                self.demand.dispersion,
                self.demand.whole_units,
                most,
            );
            for j in points {
                before[j] = split.units(units[j], self.points.chance(halves[middle], j));
                after[j] = units[j] - before[j];
            }
        }
        self.show(from, middle, before, receipts, halves, all);
        self.show(middle, end, after, receipts, halves, all);
    }
}
