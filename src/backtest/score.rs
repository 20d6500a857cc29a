//! Scores of predictive laws.

/// Probabilities that quantiles are scored at.
pub const QUANTILES: [f64; 6] = [0.1, 0.5, 0.8, 0.9, 0.95, 0.99];

/// Pinball loss of a quantile `q` of probability `p` when `y` came, units: p·(y − q) above it, (1 − p)·(q − y) below (Koenker &
/// Bassett, 1978).
///
/// ```
/// use restock::backtest::pinball;
/// assert_eq!(pinball(0.9, 10.0, 12.0), 0.9 * 2.0);
/// assert!((pinball(0.9, 10.0, 6.0) - 0.1 * 4.0).abs() < 1e-12);
/// ```
pub fn pinball(p: f64, q: f64, y: f64) -> f64 {
    if y >= q {
        p * (y - q)
    } else {
        (1.0 - p) * (q - y)
    }
}

/// Where an outcome fell in its law: P(Y < y) and P(Y ≤ y).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Fell {
    pub below: f64,
    pub at_most: f64,
}

impl Fell {
    /// Of an outcome among draws of its law, in ascending order.
    pub fn among(draws: &[f64], y: f64) -> Self {
        let n = draws.len().max(1) as f64;
        Self {
            below: draws.partition_point(|d| *d < y - 1e-9) as f64 / n,
            at_most: draws.partition_point(|d| *d <= y + 1e-9) as f64 / n,
        }
    }

    /// How much of the outcome counts as within the lower `p` of its law: the non-randomised probability integral transform (Czado,
    /// Gneiting & Held, 2009). Its mean is `p` for a law that is right, whole units and ends of stock included.
    ///
    /// ```
    /// use restock::backtest::Fell;
    /// let fell = Fell { below: 0.6, at_most: 1.0 };
    /// assert_eq!((fell.within(0.5), fell.within(0.8), fell.within(1.0)), (0.0, 0.5, 1.0));
    /// ```
    pub fn within(&self, p: f64) -> f64 {
        let width = self.at_most - self.below;
        if width > 1e-12 {
            // Rounded where binary halves would show.
            let share = (p - self.below) / width;
            ((share * 1e12).round() / 1e12).clamp(0.0, 1.0)
        } else {
            f64::from(u8::from(self.at_most <= p))
        }
    }
}

/// The quantile of draws in ascending order: the smallest that at least the share `p` does not exceed.
pub(super) fn of_draws(draws: &[f64], p: f64) -> f64 {
    let rank = (p * draws.len() as f64 - 1e-9).ceil().max(1.0) as usize;
    draws
        .get(rank.min(draws.len()).wrapping_sub(1))
        .copied()
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_draws_is_one_of_them() {
        let draws = [1.0, 2.0, 2.0, 5.0];
        assert_eq!(of_draws(&draws, 0.5), 2.0);
        assert_eq!(of_draws(&draws, 0.99), 5.0);
        assert_eq!(of_draws(&[], 0.5), 0.0);
        let fell = Fell::among(&draws, 2.0);
        assert_eq!((fell.below, fell.at_most), (0.25, 0.75));
    }

    #[test]
    fn a_law_that_is_right_is_covered_as_it_says() {
        // All outcomes of a law over 0..4, each as often as the law says.
        let draws: Vec<f64> = [0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 3.0, 3.0, 3.0].to_vec();
        for p in QUANTILES {
            let covered: f64 = draws
                .iter()
                .map(|&y| Fell::among(&draws, y).within(p))
                .sum::<f64>()
                / draws.len() as f64;
            assert!((covered - p).abs() < 1e-9, "{p} {covered}");
        }
    }
}
