//! What a period could show of its demand: exposure, a lower bound, or the captured share.

use std::ops::Range;

use super::hidden::{PeriodLaw, censored, exposed, probable};
use super::level::Evidence;
use super::{DemandModel, EXCLUDED, SellingWeek, SeriesFit};
use crate::domain::{Availability, Band};
use crate::panel::SeriesView;

/// With so many fully stocked periods, partly stocked ones begin to count less.
const FEW_FULL: f64 = 5.0;

/// What is assumed about exposure.
pub(super) struct Known {
    profile: SellingWeek,
    distrust: f64,
    capture: f64,
    /// Periods in which orders were accepted without stock.
    accepting: Range<usize>,
    /// Weight of partly stocked periods in the level, beside their exposure.
    partly: f64,
}

impl Known {
    /// Partly stocked periods were stocked out by their own demand more often than not, and their profile is a guess: a biased source. Its weight
    /// falls with its distrust and with how many fully stocked periods there are to rely on. `view` is that of series `i`.
    pub(super) fn new(model: &DemandModel, view: &SeriesView<'_>, i: usize) -> Self {
        let mut partly = 1.0;
        if !view.fraction.is_empty() {
            let full = view
                .availability
                .iter()
                .filter(|a| **a == Availability::InStock)
                .count();
            partly = 1.0 / (model.distrust * (full as f64 / FEW_FULL).max(1.0));
        }
        Self {
            profile: model.profile,
            distrust: model.distrust,
            capture: model.own_capture[i],
            accepting: view.accepting(),
            partly,
        }
    }

    /// Share of the customers of period `t` without stock who placed an order: the series', 0 where none was accepted.
    #[inline]
    pub(super) fn capture(&self, t: usize) -> f64 {
        if self.accepting.contains(&t) {
            self.capture
        } else {
            0.0
        }
    }

    /// What period `t` says about the level; `lost` tells what a day that sold out hid, where only its end is known.
    #[allow(clippy::too_many_arguments)] // one period's facts, all needed together
    #[inline]
    pub(super) fn evidence(
        &self,
        view: &SeriesView<'_>,
        t: usize,
        class: u8,
        index: f64,
        mean: f64,
        fit: &SeriesFit,
        lost: impl FnOnce() -> f64,
    ) -> Evidence {
        if class == EXCLUDED {
            return Evidence::default();
        }
        let seen = view.sold[t] + view.backordered[t];
        let whole = Evidence {
            n: seen,
            e: index,
            w: 1.0,
        };
        let partly = |e: f64, distrust: f64| {
            let law = fit.law(mean, view.whole_units, 0.0);
            let full = law.noise + law.effect * mean;
            let part = law.noise + law.effect * mean * e;
            Evidence {
                n: seen,
                e: index * e,
                w: full / (part * distrust),
            }
        };
        match view.availability[t] {
            Availability::InStock | Availability::Unknown if view.reach(t) < 1.0 => {
                let reach = view.reach(t) * view.in_odds(t).unwrap_or(1.0);
                partly(reach + self.capture(t) * (1.0 - reach), 1.0)
            }
            Availability::InStock => whole,
            // By the share of the day that probably had stock: nobody knows which one it was.
            Availability::Unknown | Availability::ProbablyOut => Evidence {
                e: index * view.in_odds(t).unwrap_or(1.0),
                ..whole
            },
            Availability::SoldOut => match view.fraction(t) {
                Some(tau) => {
                    let e = self.profile.exposure(view.day(t), tau);
                    partly(e + self.capture(t) * (1.0 - e), 1.0 / self.partly)
                }
                None => Evidence {
                    n: seen + lost(),
                    ..whole
                },
            },
            Availability::Backorder => partly(self.capture(t), 1.0),
            Availability::Closed | Availability::NotListed => Evidence::default(),
        }
    }

    /// Units that period `t` hid, with their band.
    pub(super) fn lost(&self, view: &SeriesView<'_>, t: usize, law: &PeriodLaw) -> Band {
        match view.availability[t] {
            // Only what came through sets that were out is hidden.
            Availability::InStock | Availability::Unknown if view.reach(t) < 1.0 => exposed(
                law,
                view.sold[t],
                view.reach(t),
                view.backordered[t],
                self.capture(t),
                1.0,
            ),
            Availability::InStock | Availability::Unknown | Availability::NotListed => {
                Band::default()
            }
            Availability::ProbablyOut => probable(law, view.in_odds(t).unwrap_or(1.0)),
            Availability::SoldOut => match view.fraction(t) {
                Some(tau) => exposed(
                    law,
                    view.sold[t],
                    self.profile.exposure(view.day(t), tau),
                    view.backordered[t],
                    self.capture(t),
                    self.distrust,
                ),
                None => censored(law, view.sold[t], view.backordered[t], self.capture(t)),
            },
            Availability::Backorder => exposed(
                law,
                view.sold[t],
                0.0,
                view.backordered[t],
                self.capture(t),
                1.0,
            ),
            Availability::Closed => exposed(law, view.sold[t], 0.0, 0.0, 0.0, 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use super::super::{Dispersion, Events, Indices};
    use crate::domain::Day;
    use crate::panel::small::{Period, Shop, closed, open, sold_out, stocked, taking};

    const FIT: SeriesFit = SeriesFit {
        group: 0,
        weekday: [1.0; 7],
        uplift: 1.0,
        level: 5.0,
        dispersion: 2.0,
        noise: 1.0,
        effect: 0.1,
        exposure: 0.0,
        sums: Dispersion {
            squares: 0.0,
            means: 0.0,
            count: 0.0,
        },
    };

    /// A model of one channel with this distrust and capture; days are uniform.
    fn model(distrust: f64, capture: f64) -> DemandModel {
        DemandModel {
            events: Events::default(),
            indices: vec![Indices::flat(1, false)],
            series: vec![FIT],
            profile: SellingWeek::default(),
            distrust,
            capture: vec![capture],
            own_capture: vec![capture],
            delta: vec![0.97],
            slow: vec![0.995],
            shared: vec![Vec::new()],
            origin: Day(0),
            category: vec![0],
            own_weeks: Vec::new(),
            sku: vec![0],
            lost: Vec::new(),
            lost_p10: Vec::new(),
            lost_p90: Vec::new(),
        }
    }

    /// What the last of these periods says, at an index of 2 and a mean of 10; 3 units are lost where nothing else is known.
    fn said(periods: &[Period], model: &DemandModel, accepts: bool) -> Evidence {
        let mut shop = Shop::of(periods.iter().copied());
        shop.accepts_backorders = accepts;
        let panel = shop.panel();
        let view = panel.view(0);
        let known = Known::new(model, &view, 0);
        known.evidence(&view, periods.len() - 1, 0, 2.0, 10.0, &FIT, || 3.0)
    }

    #[track_caller]
    fn is(found: Evidence, n: f64, e: f64, w: f64) {
        let same = (found.n - n).abs() < 1e-12 && (found.e - e).abs() < 1e-7;
        assert!(same && (found.w - w).abs() < 1e-7, "{found:?}");
    }

    #[test]
    fn a_period_with_stock_shows_all_of_its_demand_and_a_closed_one_nothing() {
        let model = model(1.0, 0.5);
        is(said(&[open(4.0)], &model, true), 4.0, 2.0, 1.0);
        is(said(&[closed()], &model, true), 0.0, 0.0, 0.0);
        let seen = Period {
            backordered: 3.0,
            ..open(4.0)
        };
        is(said(&[seen], &model, true), 7.0, 2.0, 1.0);
    }

    /// Of an unrecorded day that had stock with probability .25 a quarter is seen, whether or not it is called out.
    #[test]
    fn an_unrecorded_period_counts_by_the_odds_that_it_had_stock() {
        let model = model(1.0, 0.5);
        for availability in [Availability::Unknown, Availability::ProbablyOut] {
            let mut panel = Shop::of([Period {
                availability,
                ..open(0.0)
            }])
            .panel();
            let of = |panel: &crate::panel::Panel| {
                let view = panel.view(0);
                let known = Known::new(&model, &view, 0);
                let law = FIT.law(10.0, true, 0.0);
                let evidence = known.evidence(&view, 0, 0, 2.0, 10.0, &FIT, || 3.0);
                (evidence, known.lost(&view, 0, &law).mean)
            };
            is(of(&panel).0, 0.0, 2.0, 1.0);
            panel.in_odds = vec![0.25];
            let (evidence, lost) = of(&panel);
            is(evidence, 0.0, 0.5, 1.0);
            let told = if availability == Availability::ProbablyOut {
                7.5
            } else {
                0.0
            };
            assert!((lost - told).abs() < 1e-6, "{lost}");
        }
    }

    #[test]
    fn a_period_that_sold_out_unseen_counts_with_what_it_hid() {
        is(
            said(&[sold_out(4.0)], &model(1.0, 0.5), false),
            7.0,
            2.0,
            1.0,
        );
    }

    /// Noise 1, effect (2 − 1)/10: the variance of a whole day of mean 10 is 1 + .1·10 = 2 a unit, of e of it 1 + e.
    #[test]
    fn a_part_of_a_day_weighs_by_its_variance_and_less_the_less_it_is_trusted() {
        let quarter = stocked(0.25, 2.0);
        is(
            said(&[quarter], &model(1.0, 0.5), false),
            2.0,
            0.5,
            2.0 / 1.25,
        );
        is(
            said(&[quarter], &model(4.0, 0.5), false),
            2.0,
            0.5,
            2.0 / 1.25 / 4.0,
        );
        // Ten full days are twice as many as five.
        let mut many = vec![open(5.0); 10];
        many.push(quarter);
        is(
            said(&many, &model(4.0, 0.5), false),
            2.0,
            0.5,
            2.0 / 1.25 / 8.0,
        );
        let mut few = vec![open(5.0); 5];
        few.push(quarter);
        is(
            said(&few, &model(4.0, 0.5), false),
            2.0,
            0.5,
            2.0 / 1.25 / 4.0,
        );
        // Of the rest of the day half ordered all the same.
        is(
            said(&[quarter], &model(1.0, 0.5), true),
            2.0,
            2.0 * 0.625,
            2.0 / 1.625,
        );
    }

    #[test]
    fn orders_without_stock_are_the_captured_share() {
        is(
            said(&[taking(3.0)], &model(4.0, 0.5), true),
            3.0,
            1.0,
            2.0 / 1.5,
        );
        // Where nobody is accepted any more, only the days from the first to the last order are.
        is(
            said(&[taking(3.0)], &model(4.0, 0.5), false),
            3.0,
            1.0,
            2.0 / 1.5,
        );
        is(
            said(&[taking(3.0), taking(0.0)], &model(4.0, 0.5), false),
            0.0,
            0.0,
            2.0,
        );
    }

    #[test]
    fn an_excluded_period_says_nothing() {
        let panel = Shop::of([open(4.0)]).panel();
        let model = model(1.0, 0.5);
        let view = panel.view(0);
        let known = Known::new(&model, &view, 0);
        let found = known.evidence(&view, 0, EXCLUDED, 2.0, 10.0, &FIT, || 3.0);
        is(found, 0.0, 0.0, 0.0);
    }

    #[test]
    fn what_a_period_hid_is_asked_of_the_law_of_its_kind() {
        let law = FIT.law(10.0, true, 0.0);
        let hid = |period: Period, accepts: bool| {
            let mut shop = Shop::of([period]);
            shop.accepts_backorders = accepts;
            let panel = shop.panel();
            let view = panel.view(0);
            let model = model(3.0, 0.5);
            Known::new(&model, &view, 0).lost(&view, 0, &law)
        };
        assert_eq!(hid(open(4.0), true), Band::default());
        assert_eq!(hid(closed(), true), exposed(&law, 0.0, 0.0, 0.0, 0.0, 1.0));
        assert_eq!(
            hid(taking(3.0), true),
            exposed(&law, 0.0, 0.0, 3.0, 0.5, 1.0)
        );
        assert_eq!(hid(sold_out(4.0), false), censored(&law, 4.0, 0.0, 0.0));
        assert_eq!(hid(sold_out(4.0), true), censored(&law, 4.0, 0.0, 0.5));
        let part = exposed(&law, 2.0, 0.25, 0.0, 0.0, 3.0);
        assert_eq!(hid(stocked(0.25, 2.0), false), part);
        assert_eq!(
            hid(stocked(0.25, 2.0), true),
            exposed(&law, 2.0, 0.25, 0.0, 0.5, 3.0)
        );
    }
}
