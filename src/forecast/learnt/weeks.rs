//! The past in weeks that are counted back from as-of, as the learnt mean sees it.

use rayon::prelude::*;

use crate::demand::{DemandModel, EXCLUDED, ORDINARY};
use crate::domain::{Availability, Tables};
use crate::panel::Panel;

/// Weekly demand of some series; week 0 is the oldest of all, the last ends at as-of.
pub struct Weeks {
    pub count: usize,
    /// First week of each series.
    pub first: Vec<usize>,
    /// Units wanted, what was hidden with it and events taken out; `count` a series.
    demand: Vec<f32>,
    /// Whether a week showed all of its demand; `count` a series.
    pub seen: Vec<bool>,
    /// Day of the year, 0..366, of the middle of each week, and of a year of weeks to come.
    pub year_day: Vec<usize>,
}

/// Weeks after as-of whose time of year is known.
const COMING: usize = 60;

impl Weeks {
    /// Those of the series at `of`.
    pub fn of(panel: &Panel, tables: &Tables, model: &DemandModel, of: &[usize]) -> Self {
        let step = panel.grain.days();
        let a_week = (7 / step).max(1) as usize;
        let length = |i: usize| panel.range(i).len() / a_week;
        let count = of.iter().map(|&i| length(i)).max().unwrap_or(0);
        let each: Vec<(Vec<f32>, Vec<bool>)> = of
            .par_iter()
            .map(|&i| series(panel, tables, model, i, a_week, count))
            .collect();
        let (mut demand, mut seen) = (Vec::new(), Vec::new());
        for (own, open) in each {
            demand.extend(own);
            seen.extend(open);
        }
        let last_day = panel.as_of + (step - 1);
        let middle = |w: usize| (last_day + (7 * (w as i32 - count as i32 + 1) - 3)).day_of_year();
        Self {
            count,
            first: of.iter().map(|&i| count - length(i)).collect(),
            demand,
            seen,
            year_day: (0..count + COMING).map(middle).collect(),
        }
    }

    /// Weeks of series `s`, oldest first: units wanted.
    pub fn demand(&self, s: usize) -> &[f32] {
        &self.demand[s * self.count..][..self.count]
    }

    /// Whether each of its weeks showed all of its demand.
    pub fn open(&self, s: usize) -> &[bool] {
        &self.seen[s * self.count..][..self.count]
    }

    pub fn demand_at(&self, s: usize, week: usize) -> f32 {
        self.demand[s * self.count + week]
    }

    pub fn seen_at(&self, s: usize, week: usize) -> bool {
        self.seen[s * self.count + week]
    }
}

fn series(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    i: usize,
    a_week: usize,
    count: usize,
) -> (Vec<f32>, Vec<bool>) {
    let view = panel.view(i);
    let mut class = vec![ORDINARY; view.len()];
    model
        .events
        .mark(tables, panel.series[i], view.first, view.step, &mut class);
    let (mut demand, mut seen) = (vec![0.0f32; count], vec![false; count]);
    let start = panel.offsets[i];
    let whole = view.len() / a_week;
    for w in 0..whole {
        let from = view.len() - (whole - w) * a_week;
        let (mut units, mut open) = (0.0, true);
        for t in from..from + a_week {
            let mut wanted = view.sold[t] + view.backordered[t] + model.lost[start + t];
            if class[t] != ORDINARY {
                wanted /= model.event_of(i, class[t]).max(0.1);
                open &= class[t] != EXCLUDED;
            }
            open &= matches!(
                view.availability[t],
                Availability::InStock | Availability::Unknown
            );
            units += wanted;
        }
        let at = count - whole + w;
        (demand[at], seen[at]) = (units as f32, open);
    }
    (demand, seen)
}
