//! The time of year of every period, asked of the calendar once and not in every pass over every series.

use crate::demand::DemandModel;
use crate::demand::annual::Between;
use crate::panel::Panel;

/// Days of a year, in the mean.
const YEAR_DAYS: f64 = 365.25;

/// Annual indices laid out over the periods of the history; period 0 begins at the model's origin.
pub struct Seasons {
    /// Day of the year, 0..366, of the middle of each period.
    pub year_day: Vec<usize>,
    /// Where it lies in the tables of SKUs.
    pub week: Vec<Between>,
    /// Years back from as-of, 0 the last, below `years`.
    pub year: Vec<usize>,
    /// Years that the annual indices are learnt from.
    pub years: usize,
    /// Annual index of each group and period.
    pub factors: Vec<Vec<f64>>,
}

impl Seasons {
    /// The indices of `demand` as they stand, which are learnt from `years` years.
    pub fn new(panel: &Panel, demand: &DemandModel, years: usize) -> Self {
        let step = panel.grain.days();
        let periods = ((panel.as_of - demand.origin) / step + 1).max(0);
        let days = (0..periods).map(|t| demand.origin + t * step);
        let year_day: Vec<usize> = days
            .clone()
            .map(|day| (day + step / 2).day_of_year())
            .collect();
        let back = |day| (f64::from(panel.as_of - day) / YEAR_DAYS).max(0.0) as usize;
        Self {
            week: year_day.iter().map(|d| Between::of(*d)).collect(),
            year: days
                .clone()
                .map(|day| back(day).min(years.saturating_sub(1)))
                .collect(),
            years,
            year_day,
            factors: demand
                .indices
                .iter()
                .map(|group| days.clone().map(|day| group.of_period(day, step)).collect())
                .collect(),
        }
    }
}
