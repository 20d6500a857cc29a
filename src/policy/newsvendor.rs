//! One order for one season: Arrow, Harris & Marschak (1951); Snyder & Shen (2019), section 4.3.

use crate::forecast::distribution::Demand;

/// A level and what it costs on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Units.
    pub level: f64,
    /// Money.
    pub cost: f64,
}

/// The share of seasons that should end without a shortage: p/(p + h), for costs ≥ 0 per unit left (`holding`) and per unit short
/// (`shortage`). ½ where both are nothing.
///
/// ```
/// assert!((restock::policy::newsvendor::critical_ratio(0.18, 0.70) - 0.795_454_5).abs() < 1e-7);
/// ```
pub fn critical_ratio(holding: f64, shortage: f64) -> f64 {
    let sum = holding + shortage;
    if sum > 0.0 { shortage / sum } else { 0.5 }
}

/// h·E[(S − D)⁺] + p·E[(D − S)⁺].
pub fn cost(demand: &Demand, holding: f64, shortage: f64, level: f64) -> f64 {
    holding * (level - demand.mean()) + (holding + shortage) * demand.loss(level)
}

/// The level of least cost: the critical ratio's quantile (the smallest whole unit that reaches it for counts).
///
/// ```
/// use restock::forecast::distribution::Demand;
/// use restock::policy::newsvendor::optimum;
/// let normal = optimum(&Demand::Normal { mean: 50.0, sd: 8.0 }, 0.18, 0.70);
/// assert!((normal.level - 56.603_955_9).abs() < 1e-7 && (normal.cost - 1.997_605_2).abs() < 1e-7);
/// let poisson = optimum(&Demand::Poisson { mean: 50.0 }, 0.18, 0.70);
/// assert_eq!(poisson.level, 56.0);
/// assert!((poisson.cost - 1.797_235_2).abs() < 1e-7);
/// ```
pub fn optimum(demand: &Demand, holding: f64, shortage: f64) -> Level {
    let level = demand.quantile(critical_ratio(holding, shortage));
    Level {
        level,
        cost: cost(demand, holding, shortage, level),
    }
}
