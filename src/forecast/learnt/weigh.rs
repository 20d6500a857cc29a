//! How much the learnt mean counts beside the levels': what it was worth in the weeks that it had not seen.

/// Upper ends, units a week, of the classes that are weighed apart; the last is open.
const CLASSES: [f64; 2] = [1.0, 4.0];
/// Shares tried. Two means that err apart err less together: never more than half.
const SHARES: [f64; 3] = [0.0, 0.25, 0.5];
/// Intervals that a class's own loss is weighed against that of all by.
const ALIKE: f64 = 500.0;
/// Least intervals to judge by.
const LEAST: usize = 200;

/// One interval of the past: its sum by the levels, by what was learnt before it, and as it was.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// Units a week.
    pub scale: f64,
    pub levels: f64,
    pub learnt: f64,
    pub demand: f64,
}

/// Weight of the learnt mean by class.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shares([f64; CLASSES.len() + 1]);

fn class(scale: f64) -> usize {
    CLASSES.partition_point(|end| *end <= scale)
}

impl Shares {
    /// Those with the least quasi-Poisson loss, each class's own beside that of all; none where the learnt mean was no better over all.
    pub fn of(judged: &[Judged]) -> Self {
        if judged.len() < LEAST {
            return Self::default();
        }
        let mut losses = [[0.0; SHARES.len()]; CLASSES.len() + 1];
        let mut counts = [0.0; CLASSES.len() + 1];
        for j in judged {
            let c = class(j.scale);
            counts[c] += 1.0;
            for (loss, share) in losses[c].iter_mut().zip(SHARES) {
                let mean = (share * j.learnt + (1.0 - share) * j.levels).max(1e-6);
                *loss += mean - j.demand * mean.ln();
            }
        }
        let total: [f64; SHARES.len()] =
            std::array::from_fn(|k| losses.iter().map(|l| l[k]).sum::<f64>());
        let best = |loss: &[f64; SHARES.len()]| {
            (0..SHARES.len())
                .min_by(|&a, &b| loss[a].total_cmp(&loss[b]))
                .unwrap_or(0)
        };
        if best(&total) == 0 {
            return Self::default();
        }
        let all = counts.iter().sum::<f64>();
        Self(std::array::from_fn(|c| {
            let with = ALIKE / all;
            let loss = std::array::from_fn(|k| losses[c][k] + with * total[k]);
            SHARES[best(&loss)]
        }))
    }

    /// Whether nothing counts anywhere.
    pub fn are_none(&self) -> bool {
        self.0.iter().all(|s| *s <= 0.0)
    }

    /// That of a series with so many units a week.
    pub fn of_scale(&self, scale: f64) -> f64 {
        self.0[class(scale)]
    }
}
