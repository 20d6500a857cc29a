//! The fitted model, and what it says about a period.

use super::annual::{Between, WEEKS};
use super::hidden::{BAND_WIDTH, PeriodLaw};
use super::known::Known;
use super::level::Evidence;
use super::season::Indices;
use super::{Dispersion, EXCLUDED, Events, ORDINARY, SellingWeek};
use crate::domain::Day;
use crate::panel::Panel;

/// What is known of one series after fitting.
#[derive(Clone, Copy, Debug)]
pub struct SeriesFit {
    /// Category × channel.
    pub group: u32,
    pub weekday: [f64; 7],
    /// Response to promotions relative to the group's.
    pub uplift: f64,
    /// Long-run level: units per period of index 1.
    pub level: f64,
    /// Variance ÷ mean of a period.
    pub dispersion: f64,
    /// Of which by chance within the period (1 for whole units) …
    pub noise: f64,
    /// … and, for fractional units, the relative variance of the period's own effect.
    pub effect: f64,
    /// Periods with exposure, discounted by nothing.
    pub exposure: f64,
    pub sums: Dispersion,
}

impl SeriesFit {
    /// Law of a period with this mean; `level_variance` is the level's relative variance.
    pub fn law(&self, mean: f64, whole: bool, level_variance: f64) -> PeriodLaw {
        let effect = if whole {
            ((self.dispersion - 1.0) / mean.max(1e-9)).max(0.0)
        } else {
            self.effect
        };
        PeriodLaw {
            mean,
            noise: self.noise,
            effect: effect + level_variance,
            whole,
        }
    }
}

/// The fitted model and the recovered past.
#[derive(Clone, Debug)]
pub struct DemandModel {
    pub events: Events,
    /// Indices of each group, by `SeriesFit::group`.
    pub indices: Vec<Indices>,
    pub series: Vec<SeriesFit>,
    /// When in the day demand comes, by weekday (Monday first).
    pub profile: SellingWeek,
    /// Variance of what partly stocked periods sell ÷ its model; 1 where none is recorded.
    pub distrust: f64,
    /// Share of customers who order without stock, by channel.
    pub capture: Vec<f64>,
    /// The same of each series: what its own orders tell, shrunk to its channel's.
    pub own_capture: Vec<f64>,
    /// Discount of the moving level, by channel.
    pub delta: Vec<f64>,
    /// Discount of the level that customers without stock are expected by, by channel.
    pub slow: Vec<f64>,
    /// What the days of a category had in common, by category and day from `origin`: weather, news, a holiday nobody listed. Mean about 1.
    pub shared: Vec<Vec<f64>>,
    /// First day of `shared`.
    pub origin: Day,
    /// Category of each series, as index into `shared`.
    pub category: Vec<u32>,
    /// What each SKU's own weeks of the year are beside its groups'; empty where the history is too short to tell.
    pub own_weeks: Vec<[f32; WEEKS]>,
    /// SKU of each series, as index into `own_weeks`.
    pub sku: Vec<u32>,
    /// Mean and 80 % band of the units lost in each period, in the panel's layout.
    pub lost: Vec<f64>,
    pub lost_p10: Vec<f64>,
    pub lost_p90: Vec<f64>,
}

impl DemandModel {
    /// Variance of what is not known of the units lost at a position of the panel, from its 80 % band.
    pub fn hidden_variance(&self, at: usize) -> f64 {
        ((self.lost_p90[at] - self.lost_p10[at]) / BAND_WIDTH).powi(2)
    }

    /// Index of a period of series `i`: weekday × time of year × event.
    pub fn index(&self, i: usize, class: u8, day: Day, step: i32) -> f64 {
        let fit = &self.series[i];
        let group = &self.indices[fit.group as usize];
        let week = if step == 1 {
            fit.weekday[day.weekday()]
        } else {
            1.0
        };
        let (season, own) = if group.year.is_empty() {
            (1.0, 1.0)
        } else {
            let when = (day + step / 2).day_of_year();
            (group.of_day(when), self.own_week(i, Between::of(when)))
        };
        week * season * own * self.event(fit, class)
    }

    /// What a time of the year is for the SKU of series `i` beside its group's.
    #[inline]
    pub(super) fn own_week(&self, i: usize, when: Between) -> f64 {
        if self.own_weeks.is_empty() {
            1.0
        } else {
            when.read(&self.own_weeks[self.sku[i] as usize])
        }
    }

    /// Factor of an event class for a series: what was learnt from its past, weighed with what is stated of a coming one.
    #[inline]
    pub(super) fn event(&self, fit: &SeriesFit, class: u8) -> f64 {
        if class == ORDINARY || class == EXCLUDED {
            return 1.0;
        }
        let like = self.events.like(class);
        let mut learnt = self.indices[fit.group as usize].event[usize::from(like)];
        if self.events.is_promotion(class) {
            learnt *= fit.uplift;
        }
        self.events
            .stated(class)
            .map_or(learnt, |stated| stated.weighed(learnt))
    }

    /// What the periods of series `i` say about the level: a function of period, event class, index and expected demand.
    pub fn evidence<'a>(
        &'a self,
        panel: &'a Panel,
        i: usize,
    ) -> impl Fn(usize, u8, f64, f64) -> Evidence + 'a {
        let view = panel.view(i);
        let start = panel.offsets[i];
        let known = Known::new(self, &view, i);
        let fit = &self.series[i];
        move |t, class, index, mean| {
            known.evidence(&view, t, class, index, mean, fit, || self.lost[start + t])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::demand::KnownTime;
    use crate::domain::CalendarKind;
    use crate::panel::small::{FIRST, on};

    fn model() -> DemandModel {
        let mut group = Indices::flat(3, true);
        group.year = (0..366).map(|d| 1.0 + d as f64 / 1000.0).collect();
        group.event = vec![1.0, 2.0, 0.5];
        DemandModel {
            events: Events::new(
                &[
                    on(CalendarKind::Promotion, "sale", 0, 0),
                    on(CalendarKind::Holiday, "rest", 0, 0),
                ],
                KnownTime {
                    first: FIRST,
                    as_of: FIRST + 89,
                    step: 1,
                },
            ),
            indices: vec![Indices::flat(3, false), group],
            series: vec![SeriesFit {
                group: 1,
                weekday: [0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3],
                uplift: 1.5,
                level: 4.0,
                dispersion: 3.0,
                noise: 0.5,
                effect: 0.1,
                exposure: 90.0,
                sums: Dispersion::default(),
            }],
            profile: SellingWeek::default(),
            distrust: 1.0,
            capture: vec![0.5],
            own_capture: vec![0.5],
            delta: vec![0.97],
            slow: vec![0.995],
            shared: vec![Vec::new()],
            origin: FIRST,
            category: vec![0],
            own_weeks: Vec::new(),
            sku: vec![0],
            lost: vec![2.0, 0.0],
            lost_p10: vec![1.0, 0.0],
            lost_p90: vec![1.0 + BAND_WIDTH * 3.0, 0.0],
        }
    }

    #[test]
    fn an_index_is_weekday_by_season_by_event() {
        let model = model();
        let tuesday = FIRST + 1;
        let season = 1.0 + tuesday.day_of_year() as f64 / 1000.0;
        let near =
            |got: f64, expected: f64| assert!((got - expected).abs() < 1e-12, "{got} {expected}");
        near(model.index(0, ORDINARY, tuesday, 1), 0.8 * season);
        near(model.index(0, EXCLUDED, tuesday, 1), 0.8 * season);
        // A promotion has the series' own response beside its group's, a holiday has not.
        near(model.index(0, 1, tuesday, 1), 0.8 * season * 2.0 * 1.5);
        near(model.index(0, 2, tuesday, 1), 0.8 * season * 0.5);
        // A week has no weekday, and the season of its middle.
        near(
            model.index(0, ORDINARY, FIRST, 7),
            1.0 + (FIRST + 3).day_of_year() as f64 / 1000.0,
        );
    }

    #[test]
    fn a_series_law_has_its_dispersion_in_whole_units_and_its_two_parts_in_others() {
        let fit = model().series[0];
        let whole = fit.law(8.0, true, 0.25);
        assert_eq!((whole.mean, whole.noise, whole.whole), (8.0, 0.5, true));
        assert!((whole.effect - (2.0 / 8.0 + 0.25)).abs() < 1e-12);
        let kg = fit.law(8.0, false, 0.25);
        assert!((kg.effect - 0.35).abs() < 1e-12 && !kg.whole);
        let narrow = SeriesFit {
            dispersion: 0.5,
            ..fit
        };
        assert_eq!(narrow.law(8.0, true, 0.0).effect, 0.0);
    }

    #[test]
    fn what_is_not_known_of_hidden_units_is_their_band() {
        assert!((model().hidden_variance(0) - 9.0).abs() < 1e-9);
        assert_eq!(model().hidden_variance(1), 0.0);
    }
}
