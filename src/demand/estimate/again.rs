//! A second look at a few series whose days turned out to be something else.

use super::{DemandModel, PASSES, Scratch, levels, recover_series};
use crate::domain::Tables;
use crate::panel::Panel;

impl DemandModel {
    /// Fits the level of some series again and recovers what their periods hid, after the availability of some of their days
    /// changed. Everything that series share (indices, dispersion, capture) stays as it is.
    pub fn again(&mut self, panel: &Panel, tables: &Tables, series: &[usize]) {
        let mut scratch = Scratch::default();
        for &i in series {
            let mut fit = self.series[i];
            levels(panel, tables, self, i, &mut fit, PASSES, &mut scratch);
            self.series[i] = fit;
            let range = panel.range(i);
            let n = range.len();
            let (mut lost, mut p10, mut p90) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
            let slots = [&mut lost[..], &mut p10[..], &mut p90[..]];
            recover_series(panel, tables, self, i, &mut scratch, slots);
            self.lost[range.clone()].copy_from_slice(&lost);
            self.lost_p10[range.clone()].copy_from_slice(&p10);
            self.lost_p90[range].copy_from_slice(&p90);
        }
    }
}
