//! The levels of the paths: how far the true level may lie from the forecast.

use std::sync::LazyLock;

/// Levels that the paths have.
pub const STRATA: usize = 16;

/// Standardised errors of the level, one for each stratum of equal chance: the normal law's mean over the stratum, so that the outermost stand for
/// their ends too.
static ERRORS: LazyLock<[f64; STRATA]> = LazyLock::new(|| {
    use crate::demand::law::normal::quantile;
    const POINTS: usize = 64;
    std::array::from_fn(|k| {
        let within = |j: usize| (j as f64 + 0.5) / POINTS as f64;
        let sum: f64 = (0..POINTS)
            .map(|j| quantile((k as f64 + within(j)) / STRATA as f64))
            .sum();
        sum / POINTS as f64
    })
});

/// Gamma level factors of mean 1, one for each stratum (cube-root normal: Wilson & Hilferty 1931).
pub fn stratum_levels(variance: f64) -> [f64; STRATA] {
    let mut levels = [1.0; STRATA];
    if variance < 1e-9 {
        return levels;
    }
    let spread = variance / 9.0;
    for (level, z) in levels.iter_mut().zip(*ERRORS) {
        *level = (1.0 - spread + z * spread.sqrt()).max(0.0).powi(3);
    }
    let mean = levels.iter().sum::<f64>() / STRATA as f64;
    if mean > 0.0 {
        levels.iter_mut().for_each(|l| *l /= mean);
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_mean_one_and_about_the_variance_asked_for() {
        for variance in [0.01, 0.1, 0.4] {
            let levels = stratum_levels(variance);
            let n = STRATA as f64;
            let mean = levels.iter().sum::<f64>() / n;
            let found = levels.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / n;
            assert!((mean - 1.0).abs() < 1e-12);
            assert!((found / variance - 1.0).abs() < 0.2, "{variance}: {found}");
            assert!(levels.is_sorted());
        }
    }
}
