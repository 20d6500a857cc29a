//! The chances of the points: a digital net, turned by a stream of the pool's own.

use std::sync::LazyLock;

use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

use super::OF_LEVEL;
use super::levels::STRATA;

/// Points that a decision looks at: a power of two, so that they are a net.
pub const POINTS: usize = 1024;
/// Coordinates that points have.
pub const COORDINATES: usize = 96;

/// Scrambled Sobol points (Sobol 1967; directions of Joe & Kuo 2008; Owen 1995 as in Burley 2020), [coordinate × point]: the first
/// coordinate orders the points, so that its upper digits are the stratum of the level, and is not stored.
static NET: LazyLock<Vec<[u32; POINTS]>> = LazyLock::new(|| {
    let digits = |point: u32, coordinate: u32| {
        // 24 digits that f32 holds exactly.
        (f64::from(sobol_burley::sample(point, coordinate, 0)) * f64::from(1 << 24)) as u32
    };
    let mut order: Vec<u32> = (0..POINTS as u32).collect();
    order.sort_by_key(|&point| digits(point, 0));
    (1..=COORDINATES as u32)
        .map(|coordinate| std::array::from_fn(|j| digits(order[j], coordinate)))
        .collect()
});

/// The points of one stream.
pub struct Points {
    shifts: Vec<u32>,
}

impl Points {
    /// A digital shift of each coordinate, which keeps the net a net.
    pub fn new(seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        Self {
            shifts: (0..COORDINATES).map(|_| rng.random::<u32>() >> 8).collect(),
        }
    }

    /// Chance 0 < u < 1 of point `j` in a coordinate.
    pub fn chance(&self, coordinate: usize, j: usize) -> f64 {
        let coordinate = coordinate % COORDINATES;
        let digits = NET[coordinate][j] ^ self.shifts[coordinate];
        (f64::from(digits) + 0.5) / f64::from(1 << 24)
    }
}

/// The points of each stratum.
pub fn of_strata() -> impl Iterator<Item = std::ops::Range<usize>> {
    (0..STRATA).map(|k| k * OF_LEVEL..(k + 1) * OF_LEVEL)
}

/// One chance in each of `POINTS` equal slices of 0..1, shuffled by a stream of its own: what an open order's arrival is drawn with, so that
/// no other order moves it.
pub fn apart(key: u64) -> Vec<f64> {
    let mut chances: Vec<f64> = (0..POINTS)
        .map(|j| (j as f64 + 0.5) / POINTS as f64)
        .collect();
    chances.shuffle(&mut Pcg64Mcg::seed_from_u64(key));
    chances
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_coordinate_fills_0_to_1_evenly_within_half_a_slice() {
        for seed in 0..3 {
            let points = Points::new(seed);
            for coordinate in 0..COORDINATES {
                let mut slices = [0; POINTS];
                for j in 0..POINTS {
                    slices[(points.chance(coordinate, j) * POINTS as f64) as usize] += 1;
                }
                assert!(slices.iter().all(|n| *n == 1), "{coordinate}");
            }
        }
    }

    #[test]
    fn within_each_level_the_first_coordinates_are_nearly_even() {
        let points = Points::new(9);
        let even = OF_LEVEL / 8;
        for coordinate in 0..8 {
            for stratum in of_strata() {
                let mut eighths = [0; 8];
                for j in stratum {
                    eighths[(points.chance(coordinate, j) * 8.0) as usize] += 1;
                }
                assert!(
                    eighths
                        .iter()
                        .all(|n| (even / 2..=even * 3 / 2).contains(n)),
                    "{coordinate} {eighths:?}"
                );
            }
        }
    }

    #[test]
    fn two_streams_have_other_chances() {
        let (a, b) = (Points::new(1), Points::new(2));
        let same = (0..POINTS).filter(|&j| (a.chance(0, j) - b.chance(0, j)).abs() < 1e-3);
        assert!(same.count() < 20);
    }
}
