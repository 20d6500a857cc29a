//! The law of one period's demand, asked for many chances at once.

use crate::demand::law::{Counts, GammaLaw, normal};

/// Demand of one period or stretch at one level, from which chances are turned into units.
pub enum PeriodLaw<'a> {
    Nothing,
    Table(Table<'a>),
    /// Many units: the quantile by the first three moments (Cornish & Fisher 1938).
    Many {
        mean: f64,
        sd: f64,
        skew: f64,
    },
    /// Many units in few lots, too lopsided for that.
    Lopsided(Counts),
    /// Quantities: cube-root normal (Wilson & Hilferty 1931).
    Gamma {
        mean: f64,
        shape: f64,
    },
    /// Quantities too lopsided for that.
    LopsidedGamma(GammaLaw),
}

impl<'a> PeriodLaw<'a> {
    /// The law of a stretch with this mean; its table is written to `cells`.
    pub fn new(mean: f64, dispersion: f64, whole: bool, cells: &'a mut Vec<f64>) -> Self {
        // Written so that a mean that is no number is no demand either.
        if !(mean > 0.0 && mean < f64::INFINITY) {
            return Self::Nothing;
        }
        if !whole {
            let dispersion = dispersion.max(1e-9);
            let shape = mean / dispersion;
            return if shape >= 1.0 {
                Self::Gamma { mean, shape }
            } else {
                Self::LopsidedGamma(GammaLaw::matched(mean, dispersion * mean))
            };
        }
        let dispersion = if dispersion <= 1.000_1 {
            1.0
        } else {
            dispersion
        };
        if Table::holds(mean, dispersion) {
            return Self::Table(Table::new(mean, dispersion, cells));
        }
        let sd = (dispersion * mean).sqrt();
        // Third moment of a negative binomial: mean · φ · (2φ − 1).
        let skew = (2.0 * dispersion - 1.0) / sd;
        if skew <= 0.7 {
            Self::Many { mean, sd, skew }
        } else {
            Self::Lopsided(Counts::matched(mean, dispersion * mean))
        }
    }

    /// Units at these chances, 0..1.
    pub fn units<const N: usize>(&mut self, chances: &[f64; N]) -> [f64; N] {
        match self {
            Self::Nothing => [0.0; N],
            Self::Table(table) => table.units(chances),
            Self::Many { mean, sd, skew } => chances.map(|chance| {
                let z = normal::quantile(chance);
                (*mean + *sd * (z + *skew * (z * z - 1.0) / 6.0))
                    .round()
                    .max(0.0)
            }),
            Self::Lopsided(law) => chances.map(|chance| law.quantile(chance)),
            Self::Gamma { mean, shape } => {
                let spread = 1.0 / (9.0 * *shape);
                chances.map(|chance| {
                    let root = 1.0 - spread + normal::quantile(chance) * spread.sqrt();
                    *mean * root.max(0.0).powi(3)
                })
            }
            Self::LopsidedGamma(law) => chances.map(|chance| law.quantile(chance)),
        }
    }
}

/// Longest table of a law; e^−mean is far from the smallest number for all that it holds.
const LONGEST: usize = 640;

/// P(D ≤ n) for n = 0, 1, … of a negative binomial (Poisson at a dispersion of 1), as far as the chances have asked, by the recursion
/// p(n+1) = p(n)·(r+n)·q ÷ (n+1) with r = mean ÷ (dispersion − 1), q = 1 − 1 ÷ dispersion.
pub struct Table<'a> {
    cells: &'a mut Vec<f64>,
    /// Probability of the last cell's count, and of that and all below.
    p: f64,
    sum: f64,
    /// r·q = mean ÷ dispersion, without the division by zero that r has for Poisson.
    start: f64,
    q: f64,
}

impl<'a> Table<'a> {
    /// Standard deviations above the mean that must fit.
    const REACH: f64 = 8.0;
    /// 1 ÷ n: the recursion would otherwise wait for a division at every step.
    const RECIPROCALS: [f64; LONGEST + 1] = {
        let mut all = [0.0; LONGEST + 1];
        let mut n = 1;
        while n <= LONGEST {
            all[n] = 1.0 / n as f64;
            n += 1;
        }
        all
    };

    /// Whether the law fits; its mean is then below [`LONGEST`], and P(D = 0) ≥ e^−mean far from the smallest number.
    fn holds(mean: f64, dispersion: f64) -> bool {
        let reach = mean + Self::REACH * (dispersion * mean).sqrt() + Self::REACH * dispersion;
        reach < LONGEST as f64
    }

    fn new(mean: f64, dispersion: f64, cells: &'a mut Vec<f64>) -> Self {
        let none = if dispersion > 1.0 {
            (-mean / (dispersion - 1.0) * dispersion.ln()).exp()
        } else {
            (-mean).exp()
        };
        cells.clear();
        cells.push(none);
        Self {
            cells,
            p: none,
            sum: none,
            start: mean / dispersion,
            q: 1.0 - 1.0 / dispersion,
        }
    }

    /// For each chance the least n with P(D ≤ n) ≥ chance, which is the number of cells below the chance.
    fn units<const N: usize>(&mut self, chances: &[f64; N]) -> [f64; N] {
        let most = chances.iter().copied().fold(0.0, f64::max);
        while self.sum < most && self.cells.len() < LONGEST {
            let n = self.cells.len();
            self.p *= (self.start + (n - 1) as f64 * self.q) * Self::RECIPROCALS[n];
            self.sum += self.p;
            self.cells.push(self.sum);
        }
        /// Up to so many cells it is quicker to compare all, several chances at a time and without a branch, than to halve.
        const FEW: usize = 48;
        let last = (self.cells.len() - 1) as f64;
        if self.cells.len() > FEW {
            return chances.map(|c| (self.cells.partition_point(|p| *p < c) as f64).min(last));
        }
        let mut units = [0.0_f64; N];
        for p in &*self.cells {
            for (n, chance) in units.iter_mut().zip(chances) {
                *n += if p < chance { 1.0 } else { 0.0 };
            }
        }
        units.map(|n| n.min(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_chance_or_a_higher_mean_never_draws_less() {
        let (mut low, mut high) = (Vec::new(), Vec::new());
        for (mean, dispersion) in [(0.2, 1.0), (1.5, 1.3), (8.0, 4.0)] {
            let mut lower = Table::new(mean, dispersion, &mut low);
            let mut higher = Table::new(mean * 1.1, dispersion, &mut high);
            let mut before = 0.0;
            for k in 0..1000 {
                let chance = f64::from(k) / 1000.0;
                let [units] = lower.units(&[chance]);
                let [more] = higher.units(&[chance]);
                assert!(units >= before && more >= units);
                before = units;
            }
        }
    }

    #[test]
    fn a_table_is_the_negative_binomial() {
        let mut cells = Vec::new();
        for (mean, dispersion) in [(0.3, 1.4), (5.0, 2.5), (20.0, 6.0)] {
            assert!(Table::holds(mean, dispersion));
            Table::new(mean, dispersion, &mut cells).units(&[0.999_999]);
            let law = Counts::negative_binomial(mean, mean / (dispersion - 1.0));
            for (n, p) in cells.iter().enumerate() {
                assert!((p - law.cdf(n as f64)).abs() < 1e-12, "{mean} {n}");
            }
        }
    }
}
