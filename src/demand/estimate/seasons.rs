//! The time of year of every period, asked of the calendar once and not in every pass over every series.

use crate::demand::DemandModel;
use crate::panel::Panel;

/// Annual indices laid out over the periods of the history; period 0 begins at the model's origin.
pub struct Seasons {
    /// Day of the year, 0..366, of the middle of each period.
    pub year_day: Vec<usize>,
    /// Annual index of each group and period.
    pub factors: Vec<Vec<f64>>,
}

impl Seasons {
    /// The indices of `demand` as they stand.
    pub fn new(panel: &Panel, demand: &DemandModel) -> Self {
        let step = panel.grain.days();
        let periods = ((panel.as_of - demand.origin) / step + 1).max(0);
        let days = (0..periods).map(|t| demand.origin + t * step);
        Self {
            year_day: days
                .clone()
                .map(|day| (day + step / 2).day_of_year())
                .collect(),
            factors: demand
                .indices
                .iter()
                .map(|group| days.clone().map(|day| group.of_period(day, step)).collect())
                .collect(),
        }
    }
}
