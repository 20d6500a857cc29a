//! Pooled indices: weekday and time of year; the sums of events (see `uplift`). A sparse series borrows them; it cannot find its own.

use crate::domain::{Day, Grain};

/// Relative variance that an index of the week or the year is allowed around its parent's, series against group and group against channel.
const OWN_VARIANCE: f64 = 0.02;
const GROUP_VARIANCE: f64 = 0.01;

/// Days in the table of the time of year (29 February has its own).
pub const YEAR: usize = 366;

/// Observed and expected units by weekday, day of year and event class.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    pub weekday: [[f64; 2]; 7],
    /// By year back from as-of and day of the year, [`YEAR`] a year; empty when the history is too short for an annual index.
    pub year: Vec<[f64; 2]>,
    pub event: Vec<[f64; 2]>,
}

impl Sums {
    /// Zero sums for `events` classes and `years` of an annual index.
    pub fn new(events: usize, years: usize) -> Self {
        Self {
            weekday: [[0.0; 2]; 7],
            year: vec![[0.0; 2]; years * YEAR],
            event: vec![[0.0; 2]; events],
        }
    }

    /// Adds another group's sums.
    pub fn add(&mut self, other: &Self) {
        let pairs = |a: &mut [[f64; 2]], b: &[[f64; 2]]| {
            for (x, y) in a.iter_mut().zip(b) {
                x[0] += y[0];
                x[1] += y[1];
            }
        };
        pairs(&mut self.weekday, &other.weekday);
        pairs(&mut self.year, &other.year);
        pairs(&mut self.event, &other.event);
    }
}

/// Multiplicative indices of one group, each with mean 1 over its cycle (events: relative to ordinary days).
#[derive(Clone, Debug)]
pub struct Indices {
    pub weekday: [f64; 7],
    /// Empty: no annual index.
    pub year: Vec<f64>,
    pub event: Vec<f64>,
}

impl Indices {
    /// All ones.
    pub fn flat(events: usize, annual: bool) -> Self {
        Self {
            weekday: [1.0; 7],
            year: if annual { vec![1.0; YEAR] } else { Vec::new() },
            event: vec![1.0; events],
        }
    }

    /// Empirical-Bayes update of the week: observed / expected, shrunk towards `parent` by how much data there is.
    ///
    /// `sums` hold observed units and the units expected under the level and the OTHER indices; `dispersion` is variance / mean of a period.
    /// The weight of the data is Σm / (Σm + φ/v), v the relative variance allowed around the parent. Year and events are the parent's.
    pub fn shrunk(sums: &Sums, parent: &Self, dispersion: f64, grain: Grain) -> Self {
        let prior = dispersion.max(1e-6) / GROUP_VARIANCE;
        let ratio = |s: [f64; 2], parent: f64| (s[0] + prior * parent) / (s[1] + prior);
        let mut weekday = [1.0; 7];
        if grain == Grain::Day {
            for (d, slot) in weekday.iter_mut().enumerate() {
                *slot = ratio(sums.weekday[d], parent.weekday[d]);
            }
            normalise(&mut weekday);
        }
        Self {
            weekday,
            year: parent.year.clone(),
            event: parent.event.clone(),
        }
    }

    /// Index of the time of year and the event, for a period of `step` days from `day`; the weekday is the series' own.
    pub fn of_period(&self, day: Day, step: i32) -> f64 {
        if self.year.is_empty() {
            1.0
        } else {
            self.of_day((day + step / 2).day_of_year())
        }
    }

    /// Index of the time of year on a day of it, 0..366, where there is one.
    pub fn of_day(&self, day_of_year: usize) -> f64 {
        self.year[day_of_year.min(YEAR - 1)]
    }
}

/// A series' own weekday index, shrunk towards its group's.
pub fn own_weekday(sums: &[[f64; 2]; 7], group: &[f64; 7], dispersion: f64) -> [f64; 7] {
    let prior = dispersion.max(1e-6) / OWN_VARIANCE;
    let mut own = [1.0; 7];
    for d in 0..7 {
        own[d] = (sums[d][0] + prior * group[d]) / (sums[d][1] + prior);
    }
    normalise(&mut own);
    own
}

/// Divides by the mean.
pub fn normalise(index: &mut [f64]) {
    let mean = index.iter().sum::<f64>() / index.len() as f64;
    if mean > 0.0 {
        for x in index {
            *x /= mean;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_data_an_index_is_its_parent_s() {
        let mut parent = Indices::flat(2, true);
        parent.weekday = [0.8, 0.8, 0.9, 1.0, 1.1, 1.3, 1.1];
        parent.event[1] = 1.6;
        let child = Indices::shrunk(&Sums::new(2, 1), &parent, 1.5, Grain::Day);
        for d in 0..7 {
            assert!((child.weekday[d] - parent.weekday[d]).abs() < 1e-12);
        }
        assert!((child.event[1] - 1.6).abs() < 1e-12);
    }

    #[test]
    fn plenty_of_data_finds_the_index_itself() {
        let mut sums = Sums::new(1, 0);
        for d in 0..7 {
            sums.weekday[d] = [if d == 5 { 2.0e6 } else { 1.0e6 }, 1.0e6];
        }
        let found = Indices::shrunk(&sums, &Indices::flat(1, false), 2.0, Grain::Day);
        assert!((found.weekday[5] / found.weekday[0] - 2.0).abs() < 1e-2);
        assert!((found.weekday.iter().sum::<f64>() - 7.0).abs() < 1e-12);
    }

    #[test]
    fn an_index_is_observed_over_expected_with_its_parent_beside_it() {
        // φ/v = 2 ÷ 0.02 for a series beside its group.
        let mut week = [[100.0, 100.0]; 7];
        week[5] = [250.0, 100.0];
        let own = own_weekday(&week, &[1.0; 7], 2.0);
        // (250 + 100)/200 = 1.75 beside six of 1, and a mean of 1 over the week.
        assert!((own[5] - 1.75 / (7.75 / 7.0)).abs() < 1e-12);
        assert!((own[0] - 1.0 / (7.75 / 7.0)).abs() < 1e-12);
    }

    #[test]
    fn weeks_have_no_weekday() {
        let mut sums = Sums::new(1, 0);
        sums.weekday[3] = [500.0, 100.0];
        let found = Indices::shrunk(&sums, &Indices::flat(1, false), 1.0, Grain::Week);
        assert_eq!(found.weekday, [1.0; 7]);
    }

    #[test]
    fn the_middle_of_a_period_says_its_time_of_year() {
        let mut year = Indices::flat(1, true);
        year.year = (0..YEAR).map(|d| d as f64).collect();
        let day = Day::from_ymd(2025, 3, 1).unwrap();
        let number = day.day_of_year() as f64;
        assert_eq!(year.of_period(day, 1), number);
        assert_eq!(year.of_period(day, 7), number + 3.0);
        assert_eq!(Indices::flat(1, false).of_period(day, 7), 1.0);
    }

    #[test]
    fn sums_of_groups_add_up() {
        let mut one = Sums::new(2, 1);
        let mut other = Sums::new(2, 1);
        for sums in [&mut one, &mut other] {
            sums.weekday[2] = [3.0, 4.0];
            sums.year[100] = [5.0, 6.0];
            sums.event[1] = [7.0, 8.0];
        }
        one.add(&other);
        assert_eq!(
            (one.weekday[2], one.year[100], one.event[1]),
            ([6.0, 8.0], [10.0, 12.0], [14.0, 16.0])
        );
        assert_eq!(one.weekday[0], [0.0; 2]);
    }
}
