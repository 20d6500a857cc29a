//! Time as the points count it: in periods, or in blocks of periods where the lead time is long.

use super::points::{POINTS, Points};
use super::{PoolDemand, Supply};

/// Blocks up to the latest receipt of this order, at most.
const LONGEST: usize = 64;
/// Days on which this order may be received, at most: more are read as quantiles of equal weight.
const ARRIVALS: usize = 16;
/// The first coordinate of the points that is not a lead time's.
pub const FREE_COORDINATE: usize = 2;

/// Blocks of periods after as-of.
pub struct Clock {
    block: usize,
    blocks: usize,
}

impl Clock {
    pub fn new(supply: &Supply) -> Self {
        let lead = supply.lead_time.longest();
        let next = supply.next_lead_time.longest() + supply.review;
        let block = lead.div_ceil(LONGEST).max(1);
        Self {
            block,
            blocks: next.max(lead).div_ceil(block),
        }
    }

    /// The block at whose end a period is over.
    pub fn at(&self, period: i32) -> usize {
        (period.max(0) as usize).div_ceil(self.block)
    }

    /// Expected units up to each block, the first 0.
    pub fn before(&self, demand: &PoolDemand) -> Vec<f64> {
        let means = demand.means(self.blocks * self.block);
        let mut sum = 0.0;
        let mut before = vec![0.0];
        for block in means.chunks_exact(self.block) {
            sum += block.iter().sum::<f64>();
            before.push(sum);
        }
        before
    }

    /// When this order and the next are received, by point.
    pub fn receipts(&self, supply: &Supply, points: &Points) -> (Vec<usize>, Vec<usize>) {
        let coarse = |chance: f64| {
            if supply.lead_time.points.len() <= ARRIVALS {
                return chance;
            }
            ((chance * ARRIVALS as f64).floor() + 0.5) / ARRIVALS as f64
        };
        (0..POINTS)
            .map(|j| {
                let own = coarse(points.chance(0, j));
                let (arrive, until) = supply.receipts(own, points.chance(1, j));
                (self.at(arrive as i32), self.at(until as i32))
            })
            .unzip()
    }
}
