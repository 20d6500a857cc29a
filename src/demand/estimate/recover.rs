//! What every period hid, once the model stands.

use rayon::prelude::*;

use super::levels::{Given, Scratch, levels};
use super::seasons::Seasons;
use super::{CHUNK, PASSES};
use crate::demand::DemandModel;
use crate::demand::known::Known;
use crate::domain::{Availability, Tables};
use crate::panel::Panel;

impl DemandModel {
    /// Recovers the hidden units of all series.
    pub(super) fn recover(&mut self, panel: &Panel, tables: &Tables) {
        let total = panel.sold.len();
        let (mut lost, mut p10, mut p90) = (vec![0.0; total], vec![0.0; total], vec![0.0; total]);
        {
            let mut slots = Vec::with_capacity(panel.len());
            let (mut a, mut b, mut c) = (&mut lost[..], &mut p10[..], &mut p90[..]);
            for i in 0..panel.len() {
                let n = panel.range(i).len();
                let (x, y, z);
                (x, a) = a.split_at_mut(n);
                (y, b) = b.split_at_mut(n);
                (z, c) = c.split_at_mut(n);
                slots.push((i, x, y, z));
            }
            let seasons = Seasons::new(panel, self, 0);
            let given = Given::new(panel, tables, self, &seasons);
            slots
                .par_chunks_mut(CHUNK)
                .for_each_init(Scratch::default, |scratch, chunk| {
                    for (i, lost, p10, p90) in chunk {
                        recover_series(given, *i, scratch, [lost, p10, p90]);
                    }
                });
        }
        (self.lost, self.lost_p10, self.lost_p90) = (lost, p10, p90);
    }

    /// Fits the level of some series again and recovers what their periods hid, after the availability of some of their days
    /// changed. Everything that series share (indices, dispersion, capture) stays as it is.
    pub fn again(&mut self, panel: &Panel, tables: &Tables, series: &[usize]) {
        let mut scratch = Scratch::default();
        let seasons = Seasons::new(panel, self, 0);
        for &i in series {
            let mut fit = self.series[i];
            levels(
                Given::new(panel, tables, self, &seasons),
                i,
                &mut fit,
                PASSES,
                &mut scratch,
            );
            self.series[i] = fit;
            let range = panel.range(i);
            let n = range.len();
            let (mut lost, mut p10, mut p90) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
            let slots = [&mut lost[..], &mut p10[..], &mut p90[..]];
            let given = Given::new(panel, tables, self, &seasons);
            recover_series(given, i, &mut scratch, slots);
            self.lost[range.clone()].copy_from_slice(&lost);
            self.lost_p10[range.clone()].copy_from_slice(&p10);
            self.lost_p90[range].copy_from_slice(&p90);
        }
    }
}

/// Mean and 80 % band of what each period of series `i` hid, into three columns of its length.
fn recover_series(
    given: Given<'_>,
    i: usize,
    scratch: &mut Scratch,
    [lost, p10, p90]: [&mut [f64]; 3],
) {
    let Given {
        panel,
        demand: model,
        ..
    } = given;
    let view = panel.view(i);
    let hides = |t: usize| {
        let availability = view.availability[t];
        availability.is_stockout()
            || availability == Availability::ProbablyOut
            || view.reach(t) < 1.0
    };
    if !(0..view.len()).any(hides) {
        return;
    }
    let mut fit = model.series[i];
    levels(given, i, &mut fit, PASSES, scratch);
    let known = Known::new(model, &view, i);
    for t in 0..view.len() {
        if !hides(t) {
            continue;
        }
        let level = scratch.level[t];
        let mean = level.mean() * scratch.index[t];
        if mean <= 0.0 {
            continue;
        }
        let uncertain = (fit.dispersion / level.a.max(1e-9)).min(1.0);
        let law = fit.law(mean, view.whole_units, uncertain);
        let band = known.lost(&view, t, &law);
        (lost[t], p10[t], p90[t]) = (band.mean, band.p10, band.p90);
    }
}
