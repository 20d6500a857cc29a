//! What a period could show of its demand: exposure, a lower bound, or the captured share.

use std::ops::Range;

use super::hidden::{PeriodLaw, censored, exposed};
use super::level::Evidence;
use super::{DemandModel, EXCLUDED, SellingWeek, SeriesFit};
use crate::domain::{Availability, Band, ChannelId};
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
    /// falls with its distrust and with how many fully stocked periods there are to rely on.
    pub(super) fn new(model: &DemandModel, view: &SeriesView<'_>, channel: ChannelId) -> Self {
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
            capture: model.capture[channel.at()],
            accepting: view.accepting(),
            partly,
        }
    }

    /// Share of the customers of period `t` without stock who placed an order: the channel's, 0 where none was accepted.
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
            Availability::InStock | Availability::Unknown => whole,
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
            Availability::InStock | Availability::Unknown | Availability::NotListed => {
                Band::default()
            }
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
