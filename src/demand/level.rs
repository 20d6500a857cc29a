//! A level that moves (F7): discounted gamma–Poisson, forward and backward combined.

/// What one period says about the level: units `n` against exposure `e` (index × availability), with weight `w`.
///
/// `e = 0` or `w = 0` says nothing, and needs no special case.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    pub n: f64,
    pub e: f64,
    pub w: f64,
}

/// Gamma parameters of a level: mean `a / b` units per index period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    pub a: f64,
    pub b: f64,
}

impl Level {
    /// Mean of the level.
    pub fn mean(self) -> f64 {
        self.a / self.b
    }
}

/// Two-sided level of each period, written to `out`; `back` is scratch of the same length.
///
/// a ← δ·a + (1−δ)·a₀ + w·n and likewise b, once from each side; the two sides meet as a_f + a_b − a₀ with the period's
/// own evidence counted once. Long gaps fall back to the prior, which is what they should do.
pub fn two_sided(
    evidence: &[Evidence],
    prior: Level,
    delta: f64,
    back: &mut Vec<Level>,
    out: &mut Vec<Level>,
) {
    let pull = 1.0 - delta;
    let fade = |l: Level| Level {
        a: delta * l.a + pull * prior.a,
        b: delta * l.b + pull * prior.b,
    };
    back.clear();
    back.resize(evidence.len(), prior);
    out.clear();
    out.resize(evidence.len(), prior);
    // Each side is a chain of steps that wait for one another; the two together wait half as long.
    let (mut from_left, mut from_right) = (prior, prior);
    let left = evidence.iter().zip(out.iter_mut());
    let right = evidence.iter().zip(back.iter_mut()).rev();
    for ((x, so_far), (y, after)) in left.zip(right) {
        from_left = fade(from_left);
        from_left.a += x.w * x.n;
        from_left.b += x.w * x.e;
        *so_far = from_left;
        from_right = fade(from_right);
        *after = from_right; // before this period's own evidence
        from_right.a += y.w * y.n;
        from_right.b += y.w * y.e;
    }
    for (level, after) in out.iter_mut().zip(back.iter()) {
        level.a = level.a + after.a - prior.a;
        level.b = level.b + after.b - prior.b;
    }
}

/// Sums of one-step quasi log likelihoods n·ln m − m of the forward level, one for each δ, for choosing it.
pub fn one_step_scores<const N: usize>(
    evidence: &[Evidence],
    prior: Level,
    deltas: &[f64; N],
) -> [f64; N] {
    let (mut a, mut b) = ([prior.a; N], [prior.b; N]);
    let mut scores = [0.0; N];
    for x in evidence {
        let mut means = [0.0; N];
        for k in 0..N {
            let pull = 1.0 - deltas[k];
            a[k] = deltas[k] * a[k] + pull * prior.a;
            b[k] = deltas[k] * b[k] + pull * prior.b;
            means[k] = a[k] / b[k] * x.e;
            a[k] += x.w * x.n;
            b[k] += x.w * x.e;
        }
        if x.w > 0.0 {
            for (score, m) in scores.iter_mut().zip(means) {
                if m > 0.0 {
                    // Days without a sale, most of them, need no logarithm.
                    let seen = if x.n == 0.0 { 0.0 } else { x.n * m.ln() };
                    *score += x.w * (seen - m);
                }
            }
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(evidence: &[Evidence], delta: f64) -> Vec<f64> {
        let (mut back, mut out) = (Vec::new(), Vec::new());
        two_sided(
            evidence,
            Level { a: 5.0, b: 1.0 },
            delta,
            &mut back,
            &mut out,
        );
        out.iter().map(|l| l.mean()).collect()
    }

    #[test]
    fn a_period_without_exposure_changes_nothing() {
        let seen = |n| Evidence { n, e: 1.0, w: 1.0 };
        let closed = Evidence {
            n: 0.0,
            e: 0.0,
            w: 1.0,
        };
        let with = levels(&[seen(5.0), closed, seen(5.0)], 0.9);
        assert!(with.iter().all(|l| (l - 5.0).abs() < 1e-12), "{with:?}");
    }

    #[test]
    fn the_two_sided_level_of_a_reversed_history_is_reversed() {
        let mut x: Vec<Evidence> = [3.0, 9.0, 1.0, 4.0, 7.0]
            .iter()
            .map(|&n| Evidence { n, e: 1.0, w: 0.7 })
            .collect();
        let forward = levels(&x, 0.95);
        x.reverse();
        let mut backward = levels(&x, 0.95);
        backward.reverse();
        for (f, b) in forward.iter().zip(&backward) {
            assert!((f - b).abs() < 1e-12);
        }
    }

    #[test]
    fn without_discount_the_level_is_the_pooled_mean() {
        let x: Vec<Evidence> = [2.0, 4.0, 9.0]
            .iter()
            .map(|&n| Evidence { n, e: 1.0, w: 1.0 })
            .collect();
        for l in levels(&x, 1.0) {
            assert!((l - 20.0 / 4.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_discounted_level_is_worked_out_by_hand() {
        // δ = .9, prior 5 ÷ 1. From the left: a = .9·5 + .5 + 2 = 7, then .9·7 + .5 + 8 = 14.8; b = 2, then 2.9.
        // From the right, before its own evidence: a = 5, b = 1 at the second; .9·(5 + 8) + .5 = 12.2, .9·2 + .1 = 1.9 at the first.
        let x = [2.0, 8.0].map(|n| Evidence { n, e: 1.0, w: 1.0 });
        let (mut back, mut out) = (Vec::new(), Vec::new());
        two_sided(&x, Level { a: 5.0, b: 1.0 }, 0.9, &mut back, &mut out);
        let expected = [(7.0 + 12.2 - 5.0, 2.0 + 1.9 - 1.0), (14.8, 2.9)];
        for (level, (a, b)) in out.iter().zip(expected) {
            assert!(
                (level.a - a).abs() < 1e-12 && (level.b - b).abs() < 1e-12,
                "{level:?}"
            );
        }
        // A weight of half counts units and exposure by half.
        let x = [Evidence {
            n: 8.0,
            e: 2.0,
            w: 0.5,
        }];
        two_sided(&x, Level { a: 5.0, b: 1.0 }, 0.9, &mut back, &mut out);
        assert!((out[0].a - 9.0).abs() < 1e-12 && (out[0].b - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_discount_is_scored_by_its_forecasts_of_the_next_period() {
        // Before the first period 5 is expected, after it (.5·5 + .5·5 + 3) ÷ (1 + 2) with δ = .5, (5 + 3) ÷ 3 with δ = 1: of e = 2, then 1.
        let x = [
            Evidence {
                n: 3.0,
                e: 2.0,
                w: 1.0,
            },
            Evidence {
                n: 4.0,
                e: 1.0,
                w: 0.5,
            },
            Evidence {
                n: 0.0,
                e: 1.0,
                w: 0.0,
            },
        ];
        let prior = Level { a: 5.0, b: 1.0 };
        let [half, one] = one_step_scores(&x, prior, &[0.5, 1.0]);
        let first = 3.0 * 10f64.ln() - 10.0;
        let score = |m: f64| first + 0.5 * (4.0 * m.ln() - m);
        assert!((one - score(8.0 / 3.0)).abs() < 1e-12, "{one}");
        assert!(
            (half - score((0.5 * 8.0 + 2.5) / (0.5 * 3.0 + 0.5))).abs() < 1e-12,
            "{half}"
        );
        // A period that sold nothing costs what was expected of it.
        let none = [Evidence {
            n: 0.0,
            e: 1.0,
            w: 1.0,
        }];
        assert_eq!(one_step_scores(&none, prior, &[0.9]), [-5.0]);
    }
}
